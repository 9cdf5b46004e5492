//! The times' bounds, and what counts as loopback.

use super::*;

#[test]
fn times_are_free_above_zero_on_loopback_only() {
    let bounded = [
        ("first_status_ms = 2000", "first_status_ms", 1000, 5000),
        (
            "status_interval_ms = 3000",
            "status_interval_ms",
            2000,
            10_000,
        ),
        ("barcode_deadline_s = 60", "barcode_deadline_s", 30, 120),
        ("qr_deadline_s = 180", "qr_deadline_s", 60, 300),
    ];
    for (from, key, least, most) in bounded {
        for (value, good) in [
            (least - 1, false),
            (least, true),
            (most, true),
            (most + 1, false),
        ] {
            let text = with(from, &format!("{key} = {value}"));
            assert_eq!(Provisioning::parse(&text).is_ok(), good, "{key} = {value}");
        }
    }
    for (from, key, least) in [
        ("earliest_revert_s = 15", "earliest_revert_s", 15),
        ("guard_s = 120", "guard_s", 120),
        ("bill_timeout_s = 361", "bill_timeout_s", 361),
    ] {
        for (value, good) in [(least - 1, false), (least, true), (least + 1, true)] {
            let text = with(from, &format!("{key} = {value}"));
            assert_eq!(Provisioning::parse(&text).is_ok(), good, "{key} = {value}");
            let home = text.replace("https://api.beecloud.cn", "http://127.0.0.1:8080");
            assert!(
                Provisioning::parse(&home).is_ok(),
                "{key} = {value} on loopback"
            );
        }
        let zero = with(from, &format!("{key} = 0"));
        let home = zero.replace("https://api.beecloud.cn", "http://localhost");
        assert!(mistake(&home).starts_with(&format!("payment.{key}：")));
    }
    let mixed = with("first_status_ms = 2000", "first_status_ms = 50").replace(
        "[\"https://api.beecloud.cn\"]",
        "[\"http://127.0.0.1:1\", \"https://api.beecloud.cn\"]",
    );
    assert!(mistake(&mixed).starts_with("payment.first_status_ms："));
}

#[test]
fn a_revert_must_be_allowed_before_the_deadline_off_loopback() {
    let text = with("earliest_revert_s = 15", "earliest_revert_s = 61");
    assert!(mistake(&text).starts_with("payment.earliest_revert_s："));
}

#[test]
fn loopback_is_told_apart_from_what_looks_like_it() {
    let host = |text: &str| is_loopback(&Host(text.into()));
    for home in [
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:9",
        "https://127.9.9.9",
    ] {
        assert!(host(home), "{home}");
    }
    for away in [
        "http://127.0.0.1.evil.cn",
        "http://localhost.cn",
        "https://10.0.0.1",
        "127.0.0.1",
        "",
    ] {
        assert!(!host(away), "{away}");
    }
}
