use super::*;

#[test]
fn what_is_no_hid_pos_scanner_is_said_in_one_line() {
    let open = |name: &str| Pos::new(name).open().map(|opened| opened.name);
    for (name, word) in [
        ("/nowhere/hidraw0", "没有"),
        ("/dev/hidraw-none", "没有找到"),
        ("/dev/null", "不是 hidraw"),
        ("fffe:fffe", "没有找到 fffe:fffe"),
    ] {
        let line = open(name).unwrap_err().to_string();
        assert!(
            line.contains(word) && !line.contains('\n'),
            "{name}: {line}"
        );
    }
    let forbidden = Gone::Forbidden("/dev/hidraw0".into()).to_string();
    assert!(
        forbidden.contains("udev") && !forbidden.contains('\n'),
        "{forbidden}"
    );
}
