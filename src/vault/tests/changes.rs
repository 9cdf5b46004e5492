//! Adding, disabling and re-PINning staff.

use super::*;

const NEW_PIN: &str = "445566";

fn room() -> (tempfile::TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    let Provisioning { secrets, staff, .. } = provisioning();
    let place = DeviceKeyPlace::File;
    let vault = Vault::create_with(dir.path(), secrets, &staff, place, PinCost::CHEAP).unwrap();
    (dir, vault)
}

fn manager(id: &str) -> Staff {
    Staff {
        id: id.to_owned(),
        name: "二号店长".to_owned(),
        role: Role::Manager,
    }
}

#[test]
fn a_new_manager_opens_master_secret_also_after_a_restart() {
    let (dir, mut vault) = room();
    let boss = vault.sign_in("2001", MANAGER_PIN, NOW).unwrap();
    vault
        .add_staff(&manager("2009"), NEW_PIN, boss.master_key.as_ref())
        .unwrap();
    drop(vault);
    let mut vault = Vault::open(dir.path()).unwrap();
    let new = vault.sign_in("2009", NEW_PIN, NOW).unwrap();
    assert_eq!(new.master.unwrap().expose_secret(), MASTER);
    let text = std::fs::read_to_string(dir.path().join("vault.json")).unwrap();
    assert!(!text.contains(MASTER) && !text.contains(NEW_PIN));
}

#[test]
fn without_a_managers_key_no_manager_is_made() {
    let (_dir, mut vault) = room();
    let refused = vault.add_staff(&manager("2009"), NEW_PIN, None);
    assert!(matches!(refused, Err(VaultError::MasterSealed)));
    let refused = vault.set_pin("2001", NEW_PIN, None);
    assert!(matches!(refused, Err(VaultError::MasterSealed)));
    assert!(vault.sign_in("2001", MANAGER_PIN, NOW).is_ok(), "unchanged");
    assert_eq!(
        vault
            .people(NOW)
            .iter()
            .filter(|p| p.staff.id == "2009")
            .count(),
        0
    );
}

#[test]
fn a_new_pin_replaces_the_old_one_and_unlocks() {
    let (_dir, mut vault) = room();
    let boss = vault.sign_in("2001", MANAGER_PIN, NOW).unwrap();
    for _ in 0..MOST_WRONG {
        let _ = vault.sign_in("1001", "0000", NOW);
    }
    let locked = vault.people(NOW).into_iter().find(|p| p.staff.id == "1001");
    assert!(locked.unwrap().locked_until_ms.is_some());
    vault
        .set_pin("1001", NEW_PIN, boss.master_key.as_ref())
        .unwrap();
    assert!(vault.sign_in("1001", NEW_PIN, NOW).is_ok());
    assert!(vault.sign_in("1001", CASHIER_PIN, NOW).is_err());
    vault
        .set_pin("2001", NEW_PIN, boss.master_key.as_ref())
        .unwrap();
    let again = vault.sign_in("2001", NEW_PIN, NOW).unwrap();
    assert_eq!(again.master.unwrap().expose_secret(), MASTER);
}

#[test]
fn a_disabled_one_cannot_sign_in_until_enabled_with_a_new_pin() {
    let (dir, mut vault) = room();
    let boss = vault.sign_in("2001", MANAGER_PIN, NOW).unwrap();
    let key = boss.master_key.as_ref();
    vault.add_staff(&manager("2009"), NEW_PIN, key).unwrap();
    vault.disable_staff("2009").unwrap();
    assert!(vault.sign_in("2009", NEW_PIN, NOW).is_err());
    assert!(vault.staff().iter().all(|s| s.id != "2009"));
    let text = std::fs::read_to_string(dir.path().join("vault.json")).unwrap();
    let wraps = text.split("\"managers\"").nth(1).unwrap();
    assert!(
        !wraps.split(']').next().unwrap().contains("2009"),
        "its wrap is gone"
    );
    vault.set_pin("2009", "778899", key).unwrap();
    let back = vault.sign_in("2009", "778899", NOW).unwrap();
    assert!(back.master.is_some());
}

#[test]
fn the_last_manager_cannot_be_disabled() {
    let (_dir, mut vault) = room();
    let managers: Vec<String> = vault
        .staff()
        .into_iter()
        .filter(|s| s.role == Role::Manager)
        .map(|s| s.id)
        .collect();
    let (last, others) = managers.split_last().unwrap();
    for id in others {
        vault.disable_staff(id).unwrap();
    }
    assert!(matches!(
        vault.disable_staff(last),
        Err(VaultError::LastManager)
    ));
    assert!(vault.staff().iter().any(|s| s.id == *last));
}

#[test]
fn what_cannot_be_written_did_not_happen() {
    let (dir, mut vault) = room();
    let boss = vault.sign_in("2001", MANAGER_PIN, NOW).unwrap();
    // The folder is gone: no file can be written.
    let away = dir.path().with_extension("away");
    std::fs::rename(dir.path(), &away).unwrap();
    let key = boss.master_key.as_ref();
    assert!(vault.set_pin("1001", NEW_PIN, key).is_err());
    std::fs::rename(&away, dir.path()).unwrap();
    assert!(vault.sign_in("1001", CASHIER_PIN, NOW).is_ok());
}

#[test]
fn ids_names_and_pins_keep_their_rules() {
    let (_dir, mut vault) = room();
    let boss = vault.sign_in("2001", MANAGER_PIN, NOW).unwrap();
    let key = boss.master_key.as_ref();
    let mut add = |id: &str, name: &str, pin: &str| {
        let staff = Staff {
            id: id.to_owned(),
            name: name.to_owned(),
            role: Role::Cashier,
        };
        vault.add_staff(&staff, pin, key).map_err(|e| e.to_string())
    };
    assert!(add("", "甲", "1234").is_err());
    assert!(add("a b", "甲", "1234").is_err());
    assert!(add("1009", "", "1234").is_err());
    assert!(add("1009", "甲", "123").is_err());
    assert!(add("1009", "甲", "12345x").is_err());
    assert!(add("1001", "甲", "1234").is_err(), "taken");
    assert!(add("1009", "甲", "1234").is_ok());
}
