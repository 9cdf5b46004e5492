//! The scanner that is read from its device, as clients of the till see it. Its device is a pty.

use crate::harness::Shop;
use serialport::{SerialPort, TTYPort};
use shouyin::domain::{State, Wallet};
use shouyin::till::service::{Desk, DeviceHealth, Said, SettingChange, TestedDevice};
use shouyin::till::{Devices, Notice};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

crate::rules! {
    a_scanner_is_set_tried_replaced_and_taken_away_while_the_till_runs,
    a_flooding_scanner_delays_no_payment,
}

const CODE: &str = "134567890123456789";

/// A shop whose devices are used, with a manager at the till.
fn shop() -> Shop {
    let mut shop = Shop::desk(|_| {});
    shop.start_using(Devices {
        counter: true,
        ..Devices::default()
    });
    shop.sign_in("2001");
    shop
}

fn set(shop: &Shop, key: &str, value: &str) {
    let change = SettingChange {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let changed = shop.till().change_settings(vec![change]);
    shop.runtime.block_on(changed).unwrap();
}

fn test(shop: &Shop) -> Result<(), Said> {
    let tested = shop.till().test_device(TestedDevice::Scanner);
    shop.runtime.block_on(tested)
}

fn until_health(shop: &mut Shop, what: &str, fits: impl Fn(Option<&DeviceHealth>) -> bool) {
    shop.until(what, |s| fits(s.health.scanner.as_ref()).then_some(()));
}

fn is_ready(health: Option<&DeviceHealth>) -> bool {
    health == Some(&DeviceHealth::Ready)
}

fn scans(shop: &mut Shop) -> usize {
    let scanned = |n: &&Notice| matches!(n, Notice::Scanned(_) | Notice::ScanBroken);
    shop.heard().iter().filter(scanned).count()
}

fn a_scanner_is_set_tried_replaced_and_taken_away_while_the_till_runs() {
    let mut shop = shop();
    assert_eq!(shop.snapshot().health.scanner, None);
    let Err(Said::DeviceAway(why)) = test(&shop) else {
        panic!("nothing is there to be tried");
    };
    assert!(why.contains("键盘扫码枪不需要设置"), "{why}");

    let (mut scanner, till_end) = TTYPort::pair().unwrap();
    set(&shop, "scanner.serial", &till_end.name().unwrap());
    drop(till_end);
    until_health(&mut shop, "the scanner", is_ready);
    assert_eq!(test(&shop), Ok(()));
    scanner.write_all(format!("{CODE}\r").as_bytes()).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while scans(&mut shop) == 0 {
        assert!(Instant::now() < end, "the scan reached nobody");
        std::thread::sleep(Duration::from_millis(20));
    }

    // One change: the serial scanner is gone from the settings, too.
    set(&shop, "scanner.evdev", "/dev/input/by-id/none");
    until_health(
        &mut shop,
        "the other scanner",
        |health| matches!(health, Some(DeviceHealth::Gone(why)) if why.contains("by-id/none")),
    );
    assert!(matches!(test(&shop), Err(Said::DeviceAway(why)) if why.contains("没有找到")));
    set(&shop, "scanner.hid", "fffe:fffe");
    until_health(
        &mut shop,
        "the third scanner",
        |health| matches!(health, Some(DeviceHealth::Gone(why)) if why.contains("fffe:fffe")),
    );
    set(&shop, "scanner.hid", "");
    until_health(&mut shop, "no scanner", |health| health.is_none());
}

/// Thousands of scans a second: what reaches the engine stays what hands could scan, a payment
/// runs as ever beside it, and the top bar says what is wrong.
fn a_flooding_scanner_delays_no_payment() {
    let mut shop = shop();
    let (mut scanner, till_end) = TTYPort::pair().unwrap();
    set(&shop, "scanner.serial", &till_end.name().unwrap());
    drop(till_end);
    until_health(&mut shop, "the scanner", is_ready);

    let start = Instant::now();
    let (over, sent) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let flood = std::thread::spawn({
        let (over, sent) = (Arc::clone(&over), Arc::clone(&sent));
        move || {
            while !over.load(Ordering::Relaxed) && start.elapsed() < Duration::from_secs(60) {
                let at = sent.fetch_add(1, Ordering::Relaxed);
                scanner
                    .write_all(format!("13{at:016}\r").as_bytes())
                    .unwrap();
            }
            scanner
        }
    });
    until_health(&mut shop, "the warning", |health| {
        matches!(health, Some(DeviceHealth::Warn(_)))
    });
    for fen in [1_234, 1_235] {
        let bill_no = shop.charge(fen, Wallet::Alipay);
        shop.until_state(&bill_no, State::Paid);
    }
    // Long enough to be a flood.
    while sent.load(Ordering::Relaxed) < 2_000 {
        assert!(start.elapsed() < Duration::from_secs(50), "no flood");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (taken, seconds) = (scans(&mut shop), start.elapsed().as_secs());
    over.store(true, Ordering::Relaxed);
    let _scanner = flood.join().unwrap();
    let most = 8 + 4 * (seconds + 2);
    assert!(
        u64::try_from(taken).unwrap() <= most,
        "{taken} in {seconds} s"
    );
    assert!(taken >= 8, "{taken}");
}
