//! What the customer sees, from the till's side: where the window was put, and the pole display.

use crate::harness::{PATIENCE, Shop};
use shouyin::domain::config::{CustomerWindow, PoleProtocol, PoleSettings, Settings};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{Fen, State, Wallet};
use shouyin::simulator::Options;
use shouyin::till::open::read_settings;
use shouyin::till::service::DeviceHealth;
use shouyin::till::{Command, Devices, Opening, Service, Till};
use std::time::{Duration, Instant};

crate::rules! {
    a_cashier_who_moves_the_customers_window_finds_it_there_next_time,
    a_window_can_be_moved_while_nobody_is_signed_in,
    a_place_that_can_not_be_written_stops_nothing,
    the_pole_display_follows_the_stage_and_says_nothing_of_other_bills,
}

fn on(settings: &mut Settings) {
    settings.customer.window = CustomerWindow::On;
}

fn a_cashier_who_moves_the_customers_window_finds_it_there_next_time() {
    let mut shop = Shop::with(on);
    let kept = |shop: &Shop| read_settings(shop.dir.path()).unwrap().customer;
    assert_eq!(kept(&shop).at, None);
    shop.send(Command::CustomerAt(1400, -20));
    shop.until("the place", |s| {
        (s.settings.customer.at == Some((1400, -20))).then_some(())
    });
    let customer = kept(&shop);
    assert_eq!(customer.at, Some((1400, -20)));
    assert_eq!(customer.window, CustomerWindow::On, "nothing else changed");
    // Payments go on as if nothing had happened, and the next start knows the place.
    let bill_no = shop.charge(1234, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    shop.stop();
    shop.start();
    assert_eq!(shop.snapshot().settings.customer.at, Some((1400, -20)));
}

fn a_window_can_be_moved_while_nobody_is_signed_in() {
    let mut shop = Shop::build(on, true, Options::default());
    shop.send(Command::Lock);
    shop.until("locked", |s| s.signed_in.is_none().then_some(()));
    shop.send(Command::CustomerAt(5, 6));
    shop.until("the place", |s| {
        (s.settings.customer.at == Some((5, 6))).then_some(())
    });
}

fn a_place_that_can_not_be_written_stops_nothing() {
    let mut shop = Shop::with(on);
    // Far outside what the settings allow.
    shop.send(Command::CustomerAt(i32::MAX, 0));
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    shop.send(Command::CustomerAt(7, 8));
    shop.settle_commands();
    assert_eq!(shop.snapshot().settings.customer.at, None);
    shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
    shop.until("the ledger is well", |s| {
        s.health.ledger.is_none().then_some(())
    });
    shop.plan(Act::Pay, Network::Normal);
    let bill_no = shop.charge(500, Wallet::Wechat);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert_eq!(bill.amount, Fen(500));
    assert_eq!(read_settings(shop.dir.path()).unwrap().customer.at, None);
}

/// What the display reads at last, and what it never read: another customer's amount.
fn the_pole_display_follows_the_stage_and_says_nothing_of_other_bills() {
    let pole = tempfile::tempdir().unwrap();
    let file = pole.path().join("pole");
    let target = format!("file:{}", file.display());
    let mut shop = Shop::with(|s| {
        s.sound.sounds = false;
        s.sound.voice = false;
        s.pole = Some(PoleSettings {
            target,
            protocol: PoleProtocol::Cd5220,
        });
    });
    shop.stop();
    let devices = Devices {
        counter: true,
        ..Devices::default()
    };
    let till = Till::open(Opening {
        dir: shop.dir.path().to_owned(),
        wait: PATIENCE,
        practice: None,
        devices,
    })
    .unwrap();
    let read = || std::fs::read_to_string(&file).unwrap_or_default();
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let started = Instant::now();
        while !done() {
            assert!(started.elapsed() < PATIENCE, "{what}: {:?}", read());
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let snapshots = till.snapshots();
    let ready = Some(DeviceHealth::Ready);
    until("ready", &|| snapshots.borrow().health.pole == ready);
    // A bill that goes on off the stage.
    shop.plan(Act::Never, Network::Normal);
    let scan = |fen: i64| {
        let (text, amount) = (shop.fresh_code(Wallet::Alipay), Some(Fen(fen)));
        let note = String::new();
        till.send(Command::Scan { text, amount, note });
    };
    scan(7700);
    until("the first customer", &|| {
        read().ends_with("CONFIRM ON PHONE    \r")
    });
    till.send(Command::ServeNext);
    until("cleared for the next one", &|| read().ends_with('\u{c}'));
    let before = read().len();
    let (amount, note) = (Fen(1234), String::new());
    till.send(Command::ConfirmAmount { amount, note });
    until("the amount", &|| read().ends_with("SHOW PAYMENT CODE   \r"));
    scan(1234);
    until("paid", &|| read().ends_with("PAID                \r"));
    let second = read().split_off(before);
    assert!(second.contains("TOTAL          12.34\r"), "{second:?}");
    assert!(!second.contains("77.00"), "{second:?}");
    drop(till);
    until("cleared at the end", &|| read().ends_with('\u{c}'));
}
