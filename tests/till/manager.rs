//! What only a manager does while the till runs: staff and settings.

use crate::harness::{Shop, pin};
use shouyin::domain::staff::Role;
use shouyin::domain::{Fen, Wallet};
use shouyin::simulator::{Code, Options, StatusFault};
use shouyin::till::Command;
use shouyin::till::service::{Checked, Desk, Found, Grade, Said, SettingChange, StaffChange};

crate::rules! {
    a_manager_adds_disables_and_repins_staff_and_a_cashier_does_not,
    the_last_manager_stays_and_one_who_disables_themself_is_signed_out,
    a_changed_setting_is_used_at_once_and_after_a_restart,
    a_setting_that_can_not_be_is_said_with_its_key_and_changes_nothing,
    a_cashier_changes_no_setting,
    the_connection_test_tells_a_signature_from_a_channel,
    what_was_typed_for_an_id_that_nobody_has_is_written_nowhere,
}

fn shop() -> Shop {
    Shop::build(|_| {}, true, Options::default())
}

fn sign_in(shop: &mut Shop, id: &str, typed: &str) {
    shop.send(Command::SignIn {
        id: id.to_owned(),
        pin: pin(typed),
    });
    shop.until("signed in", |s| {
        s.signed_in
            .as_ref()
            .filter(|staff| staff.id == id)
            .map(|_| ())
    });
}

fn change_staff(shop: &Shop, change: StaffChange) -> Result<(), Said> {
    shop.runtime.block_on(shop.till().change_staff(change))
}

fn change(shop: &Shop, pairs: &[(&str, &str)]) -> Result<(), Said> {
    let changes = pairs.iter().map(|(key, value)| SettingChange {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    });
    shop.runtime
        .block_on(shop.till().change_settings(changes.collect()))
}

fn add(id: &str, role: Role) -> StaffChange {
    StaffChange::Add {
        id: id.to_owned(),
        name: format!("员工 {id}"),
        role,
        pin: pin("445566"),
    }
}

fn a_manager_adds_disables_and_repins_staff_and_a_cashier_does_not() {
    let mut shop = shop();
    assert_eq!(
        change_staff(&shop, add("1009", Role::Cashier)),
        Err(Said::NotAllowed)
    );
    assert!(
        shop.snapshot().desk.people.is_empty(),
        "a cashier sees none of it"
    );
    sign_in(&mut shop, "2001", "20012001");
    change_staff(&shop, add("1009", Role::Cashier)).unwrap();
    shop.until("listed", |s| {
        s.desk
            .people
            .iter()
            .any(|p| p.staff.id == "1009")
            .then_some(())
    });
    sign_in(&mut shop, "1009", "445566");
    assert_eq!(
        change_staff(&shop, add("1010", Role::Cashier)),
        Err(Said::NotAllowed)
    );
    sign_in(&mut shop, "2001", "20012001");
    let id = "1009".to_owned();
    change_staff(
        &shop,
        StaffChange::SetPin {
            id: id.clone(),
            pin: pin("778899"),
        },
    )
    .unwrap();
    sign_in(&mut shop, "1009", "778899");
    sign_in(&mut shop, "2001", "20012001");
    change_staff(&shop, StaffChange::Disable { id: id.clone() }).unwrap();
    shop.send(Command::SignIn {
        id: id.clone(),
        pin: pin("778899"),
    });
    shop.until_said("not any more", |s| matches!(s, Said::WrongPin { .. }));
    shop.stop();
    shop.start();
    let staff = shop.snapshot().staff.clone();
    assert!(staff.iter().all(|s| s.id != id), "{staff:?}");
}

fn the_last_manager_stays_and_one_who_disables_themself_is_signed_out() {
    let mut shop = shop();
    sign_in(&mut shop, "2001", "20012001");
    let disable = |id: &str| StaffChange::Disable { id: id.to_owned() };
    assert_eq!(change_staff(&shop, disable("2001")), Err(Said::LastManager));
    change_staff(&shop, add("2002", Role::Manager)).unwrap();
    change_staff(&shop, disable("2001")).unwrap();
    shop.until("signed out", |s| s.signed_in.is_none().then_some(()));
    sign_in(&mut shop, "2002", "445566");
    assert_eq!(change_staff(&shop, disable("2002")), Err(Said::LastManager));
}

fn a_changed_setting_is_used_at_once_and_after_a_restart() {
    let mut shop = shop();
    sign_in(&mut shop, "2001", "20012001");
    change(
        &shop,
        &[("payment.max_amount", "5.00"), ("shop.name", "新店")],
    )
    .unwrap();
    shop.until("the new name", |s| (s.shop.name == "新店").then_some(()));
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, Some(501));
    let said = shop.until_said("too large", |s| matches!(s, Said::AmountTooLarge(_)));
    assert_eq!(said, Said::AmountTooLarge(Fen(500)));
    shop.stop();
    shop.start();
    assert_eq!(shop.snapshot().shop.name, "新店");
    assert_eq!(shop.snapshot().shop.max_amount, Fen(500));
}

fn a_setting_that_can_not_be_is_said_with_its_key_and_changes_nothing() {
    let mut shop = shop();
    sign_in(&mut shop, "2001", "20012001");
    let config = shop.dir.path().join("config.toml");
    let before = std::fs::read_to_string(&config).unwrap();
    for (key, value) in [
        ("payment.guard_s", "bald"),
        ("gateway.servers", "http://shop.example"),
        ("gateway.app_id", "other"),
        ("refund.max_per_refund", "-1"),
    ] {
        let refused = change(&shop, &[("shop.name", "新店"), (key, value)]);
        let Err(Said::SettingWrong(line)) = refused else {
            panic!("{key}: {refused:?}");
        };
        assert!(line.contains(key), "{line}");
    }
    assert_eq!(std::fs::read_to_string(&config).unwrap(), before);
    shop.settle_commands();
    assert_ne!(shop.snapshot().shop.name, "新店");
}

fn a_cashier_changes_no_setting() {
    let shop = shop();
    let refused = change(&shop, &[("shop.name", "新店")]);
    assert_eq!(refused, Err(Said::NotAllowed));
    let refused = shop.runtime.block_on(shop.till().test_connection());
    assert_eq!(refused, Err(Said::NotAllowed));
}

fn the_connection_test_tells_a_signature_from_a_channel() {
    let mut shop = shop();
    sign_in(&mut shop, "2001", "20012001");
    let test = |shop: &Shop| {
        let checks = shop.runtime.block_on(shop.till().test_connection());
        checks.unwrap()
    };
    let fine = test(&shop);
    assert!(fine.iter().all(|c| c.grade == Grade::Ok), "{fine:#?}");
    let asked = fine
        .iter()
        .filter(|c| matches!(c.what, Checked::Channel(_)));
    assert_eq!(
        asked.count(),
        shop.till().settings().tested_channels().len()
    );
    shop.sim.core().faults.status = StatusFault::Fails(Code::PayFactorNotSet);
    let not_opened = test(&shop);
    let channel = not_opened.iter().find(|c| c.grade == Grade::Fail).unwrap();
    assert!(matches!(channel.what, Checked::Channel(_)), "{channel:?}");
    assert!(matches!(channel.found, Found::NotOpened { code: 2, .. }));
    shop.sim.core().merchant.app_secret = "another".to_owned();
    let refused = test(&shop);
    let last = refused.last().unwrap();
    assert_eq!(
        (last.what, &last.found),
        (Checked::Signature, &Found::BadSignature),
        "and no channel is asked about"
    );
    assert_eq!(shop.arrived(), 0, "no money was asked for");
}

fn what_was_typed_for_an_id_that_nobody_has_is_written_nowhere() {
    let mut shop = shop();
    let refused = |shop: &mut Shop, id: &str| {
        shop.send(Command::SignIn {
            id: id.to_owned(),
            pin: pin("999999"),
        });
        shop.until_said("refused", |s| matches!(s, Said::WrongPin { .. }));
    };
    let (code, id) = ("286612345678901234", "1001");
    refused(&mut shop, code);
    refused(&mut shop, id);
    shop.stop();
    let mut notes = String::new();
    for file in ["ledger.db", "ledger.db-wal"] {
        let bytes = std::fs::read(shop.dir.path().join(file)).unwrap_or_default();
        notes += &String::from_utf8_lossy(&bytes);
    }
    assert!(notes.contains("sign_in_refused"), "it is recorded");
    assert!(notes.contains(&format!(r#"\"id\":\"{id}\""#)), "of whom");
    assert!(!notes.contains(code), "a scanned code is not");
}
