//! Changing single settings.

use crate::domain::config::edit::EDITABLE;
use crate::domain::config::{Language, Settings};
use crate::domain::{Channel, Fen, Host};

fn settings() -> Settings {
    Settings::practice(Host("http://127.0.0.1:8080".into()))
}

fn change(key: &str, value: &str) -> Result<Settings, String> {
    let changes = [(key.to_owned(), value.to_owned())];
    settings().with_changes(&changes).map_err(|e| e.to_string())
}

#[test]
fn every_setting_that_can_be_changed_keeps_what_it_was_typed_as() {
    for (key, _) in EDITABLE {
        let typed = settings().typed(key);
        if !typed.is_empty() {
            let same = change(key, &typed).unwrap_or_else(|e| panic!("{key} = {typed}: {e}"));
            assert_eq!(same, settings(), "{key}");
        }
    }
}

#[test]
fn a_change_is_seen_in_the_settings() {
    assert_eq!(change("shop.name", "新店").unwrap().shop.name, "新店");
    assert_eq!(
        change("shop.language", "en").unwrap().shop.language,
        Language::English
    );
    let channels = change("gateway.channels", "WX_SCAN， ALI_SCAN")
        .unwrap()
        .gateway
        .channels;
    assert_eq!(channels, [Channel::WxScan, Channel::AliScan]);
    let max = change("payment.max_amount", "1234.5")
        .unwrap()
        .payment
        .max_amount;
    assert_eq!(max, Fen(123_450));
    let limit = change("refund.max_per_refund", "200")
        .unwrap()
        .refund
        .max_per_refund;
    assert_eq!(limit, Some(Fen(20_000)));
    assert!(change("refund.once_only", "true").unwrap().refund.once_only);
    assert_eq!(change("lock.idle_min", "0").unwrap().lock.idle_min, 0);
    let scanner = change("scanner.serial", "/dev/ttyACM0")
        .unwrap()
        .scanner
        .unwrap();
    assert_eq!(
        (scanner.serial.as_deref(), scanner.baud),
        (Some("/dev/ttyACM0"), 9600)
    );
}

#[test]
fn empty_is_the_default_or_takes_it_away() {
    let changes = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        settings().with_changes(&pairs).unwrap()
    };
    let with = changes(&[("scanner.serial", "/dev/x"), ("scanner.baud", "19200")]);
    assert_eq!(with.scanner.as_ref().unwrap().baud, 19_200);
    let gone = with
        .with_changes(&[("scanner.serial".into(), String::new())])
        .unwrap();
    assert_eq!(gone.scanner, None);
    let timing = changes(&[("payment.guard_s", "")]).payment.timing;
    assert_eq!(timing.guard_s, 120);
}

#[test]
fn choosing_another_kind_of_scanner_replaces_the_one_before() {
    let change = |from: &Settings, pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        from.with_changes(&pairs).map(|settings| settings.scanner)
    };
    let mut till = settings();
    let input = "/dev/input/by-id/usb-x-event-kbd";
    for (key, value) in [
        ("scanner.serial", "/dev/ttyACM0"),
        ("scanner.evdev", input),
        ("scanner.hid", "0c2e:0b61"),
        ("scanner.serial", "/dev/ttyACM1"),
    ] {
        let scanner = change(&till, &[("scanner.baud", "19200"), (key, value)]).unwrap();
        till.scanner = scanner.clone();
        let scanner = scanner.unwrap();
        let set = [&scanner.serial, &scanner.evdev, &scanner.hid];
        let set: Vec<_> = set.into_iter().flatten().collect();
        assert_eq!(set, [value], "{key}");
        assert_eq!(scanner.baud, 19_200, "the rest stays");
    }
    // A form that sends every field: the empty ones take away, two at once are a mistake.
    let form = [
        ("scanner.serial", ""),
        ("scanner.evdev", input),
        ("scanner.hid", ""),
    ];
    let scanner = change(&till, &form).unwrap().unwrap();
    assert_eq!(
        (scanner.serial, scanner.evdev.as_deref()),
        (None, Some(input))
    );
    let two = [("scanner.evdev", input), ("scanner.hid", "auto")];
    let error = change(&till, &two).unwrap_err().to_string();
    assert!(error.contains("[scanner]"), "{error}");
    let gone = change(&till, &[("scanner.serial", "")]).unwrap();
    assert_eq!(gone, None);
}

#[test]
fn a_scanners_device_is_checked() {
    for (key, good, bad) in [
        (
            "scanner.evdev",
            &["/dev/input/event3"][..],
            &["event3", "auto"][..],
        ),
        (
            "scanner.hid",
            &["auto", "/dev/hidraw0", "0c2e:0B61", "5e0:1"],
            &[
                "Auto",
                "hidraw0",
                "0c2e",
                "0c2e:",
                "0c2e:0b61x",
                "+1:2",
                "00c2e:0b61",
            ],
        ),
    ] {
        for value in good {
            change(key, value).unwrap_or_else(|e| panic!("{key} = {value}: {e}"));
        }
        for value in bad {
            let error = change(key, value).unwrap_err();
            assert!(
                error.contains(key) && !error.contains('\n'),
                "{value}: {error}"
            );
        }
    }
}

#[test]
fn a_mistake_names_its_key_and_nothing_is_changed() {
    for (key, value) in [
        ("payment.guard_s", "soon"),
        ("payment.max_amount", "viel"),
        ("gateway.servers", ""),
        ("gateway.servers", "http://example.com"),
        ("gateway.channels", "ALI_SCAM"),
        ("refund.max_age_days", "0"),
        ("refund.once_only", "ja"),
        ("lock.idle_min", "-1"),
        ("customer.at", "oben"),
        ("shop.other_tills", "01"),
        ("gateway.app_id", "x"),
        ("gateway.master_secret", "x"),
        ("nothing", "x"),
    ] {
        let error = change(key, value).unwrap_err();
        let section = key.split('.').next().unwrap();
        assert!(error.contains(section), "{key}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn the_bounds_of_times_hold_off_loopback() {
    let live = change("gateway.servers", "https://api.example.com").unwrap();
    let change = |key: &str, value: &str| live.with_changes(&[(key.into(), value.into())]);
    assert!(change("payment.guard_s", "30").is_err());
    assert!(change("payment.guard_s", "180").is_ok());
    assert!(change("payment.barcode_deadline_s", "10").is_err());
}
