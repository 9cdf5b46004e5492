//! `shouyin simulator --tls`: its two lines, and the certificate that a client is given.

use crate::shop::{Running, shouyin};

#[test]
fn tls_says_its_address_and_its_certificate() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("gateway.pem");
    let listen = [
        "simulator",
        "--listen",
        "127.0.0.1:0",
        "--tls",
        "--tls-cert",
    ];
    let mut args: Vec<&str> = listen.to_vec();
    args.push(file.to_str().unwrap());
    let running = Running::start(shouyin(&args), None);
    let said = running.until("sha256 ");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("https://127.0.0.1:"), "{said}");
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!pem.contains("PRIVATE"));
}
