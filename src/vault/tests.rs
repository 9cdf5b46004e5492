use super::*;
use crate::domain::config::Provisioning;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use zeroize::Zeroizing;

mod changes;
mod tamper;

const APP: &str = "seed-app-secret-5f1c";
const MASTER: &str = "seed-master-secret-9a2e";
const TEST: &str = "seed-test-secret-77d0";
const CASHIER_PIN: &str = "135790";
const MANAGER_PIN: &str = "864209753";
const NOW: i64 = 1_790_000_000_000;

/// A keyring in memory; `None` is one that can't be reached.
#[derive(Default)]
struct Memory(Mutex<Option<BTreeMap<String, String>>>);

impl Memory {
    fn working() -> Self {
        Memory(Mutex::new(Some(BTreeMap::new())))
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut BTreeMap<String, String>) -> Option<T>,
    ) -> Result<T, String> {
        let mut held = self.0.lock().unwrap();
        let map = held.as_mut().ok_or("no keyring")?;
        work(map).ok_or_else(|| "no entry".to_owned())
    }

    fn entries(&self) -> usize {
        self.with(|map| Some(map.len())).unwrap_or(0)
    }
}

impl Keyring for Memory {
    fn set(&self, name: &str, secret: &str) -> Result<(), String> {
        self.with(|map| {
            map.insert(name.to_owned(), secret.to_owned());
            Some(())
        })
    }
    fn get(&self, name: &str) -> Result<Zeroizing<String>, String> {
        self.with(|map| map.get(name).cloned().map(Zeroizing::new))
    }
    fn delete(&self, name: &str) -> Result<(), String> {
        self.with(|map| map.remove(name).map(drop))
    }
}

fn provisioning() -> Provisioning {
    let text = format!(
        r#"
        [shop]
        name = "示例便利店"
        till = "01"
        [gateway]
        provider = "beecloud"
        servers = ["https://api.beecloud.cn"]
        app_id = "app-0001"
        app_secret = "{APP}"
        master_secret = "{MASTER}"
        sandbox = true
        test_secret = "{TEST}"
        channels = ["ALI_SCAN", "WX_SCAN"]
        [[staff]]
        id = "1001"
        name = "一号收银员"
        role = "cashier"
        pin = "{CASHIER_PIN}"
        [[staff]]
        id = "2001"
        name = "店长"
        role = "manager"
        pin = "{MANAGER_PIN}"
        [[staff]]
        id = "2002"
        name = "副店长"
        role = "manager"
        pin = "000000"
        "#
    );
    Provisioning::parse(&text).unwrap()
}

fn create_in(dir: &Path, place: DeviceKeyPlace, keyring: &Memory) -> Result<Vault, VaultError> {
    let Provisioning { secrets, staff, .. } = provisioning();
    Vault::create_in(dir, &secrets, &staff, place, PinCost::CHEAP, keyring)
}

fn create(dir: &Path) -> Vault {
    create_in(dir, DeviceKeyPlace::File, &Memory::default()).unwrap()
}

fn open(dir: &Path) -> Result<Vault, VaultError> {
    Vault::open_in(dir, &Memory::default())
}

fn temp() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn left(result: Result<SignedIn, SignInError>) -> u32 {
    match result {
        Err(SignInError::Wrong { left }) => left,
        other => panic!("{other:?}"),
    }
}

fn locked_until(result: Result<SignedIn, SignInError>) -> i64 {
    match result {
        Err(SignInError::LockedUntil { until_ms }) => until_ms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_till_starts_alone_and_has_what_it_needs_to_take_payments() {
    let dir = temp();
    let made = create(dir.path());
    let vault = open(dir.path()).unwrap();
    assert_eq!(vault.app_secret().expose_secret(), APP);
    assert_eq!(vault.test_secret().unwrap().expose_secret(), TEST);
    assert_eq!(vault.audit_key(), made.audit_key());
    assert_ne!(vault.audit_key(), vault.code_key.bytes());
    assert!(vault.has_master());
    let ids: Vec<String> = vault.staff().into_iter().map(|s| s.id).collect();
    assert_eq!(ids, ["1001", "2001", "2002"]);
}

#[test]
fn master_secret_opens_for_managers_only() {
    let dir = temp();
    create(dir.path());
    let mut vault = open(dir.path()).unwrap();
    let cashier = vault.sign_in("1001", CASHIER_PIN, NOW).unwrap();
    assert_eq!(cashier.staff.role, Role::Cashier);
    assert!(cashier.master.is_none());
    for (id, pin) in [("2001", MANAGER_PIN), ("2002", "000000")] {
        let manager = vault.sign_in(id, pin, NOW).unwrap();
        assert_eq!(manager.master.unwrap().expose_secret(), MASTER);
    }
}

#[test]
fn the_device_key_alone_never_opens_master_secret() {
    let dir = temp();
    let vault = create(dir.path());
    let device_key = device_key::load(dir.path(), DeviceKeyPlace::File, "", &OsKeyring).unwrap();
    let keys = Derived::from(&device_key);
    let master = vault.document.master.as_ref().unwrap();
    let app_key = vault
        .document
        .app
        .key
        .open_key(&keys.app, &vault.document.label("app key"));
    for key in [
        &device_key,
        &keys.app,
        &keys.mac,
        &keys.pin,
        &app_key.unwrap(),
    ] {
        assert!(
            master
                .secret
                .open_text(key, &vault.document.label("master_secret"))
                .is_err()
        );
        for manager in &master.managers {
            let label = vault.document.label(&document::manager_label(&manager.id));
            assert!(manager.key.open_key(key, &label).is_err());
        }
    }
    // Nor the PIN with another machine's device key.
    let other = Derived::from(&Key::random().unwrap());
    let member = &vault.document.staff[1];
    let pin = PinKeys::derive(
        &other.pin,
        PinCost::CHEAP,
        "2001",
        MANAGER_PIN,
        &member.salt,
    )
    .unwrap();
    assert!(!pin.verifier_is(&member.verifier));
    assert!(vault.document.open_master("2001", &pin).is_err());
}

#[test]
fn a_till_without_master_secret_can_not_refund() {
    let dir = temp();
    let Provisioning {
        mut secrets, staff, ..
    } = provisioning();
    secrets.master_secret = None;
    let place = DeviceKeyPlace::File;
    let mut vault = Vault::create_with(dir.path(), secrets, &staff, place, PinCost::CHEAP).unwrap();
    assert!(!vault.has_master());
    assert!(
        vault
            .sign_in("2001", MANAGER_PIN, NOW)
            .unwrap()
            .master
            .is_none()
    );
}

#[test]
fn staff_that_can_not_be_are_refused() {
    let dir = temp();
    let Provisioning { secrets, staff, .. } = provisioning();
    let make = |staff: &[ProvisionedStaff]| {
        Vault::create_with(
            dir.path(),
            secrets.clone(),
            staff,
            DeviceKeyPlace::File,
            PinCost::CHEAP,
        )
    };
    assert!(matches!(make(&[]), Err(VaultError::NoStaff)));
    assert!(matches!(make(&staff[..1]), Err(VaultError::NeedsManager)));
    let twice = [staff[1].clone(), staff[1].clone()];
    assert!(matches!(make(&twice), Err(VaultError::StaffTwice)));
    assert!(
        matches!(open(dir.path()), Err(VaultError::Missing)),
        "nothing was written"
    );
}

#[test]
fn no_secret_is_in_any_file_nor_printed() {
    let dir = temp();
    let mut vault = create(dir.path());
    let signed_in = vault.sign_in("2001", MANAGER_PIN, NOW).unwrap();
    left(vault.sign_in("1001", "531979", NOW));
    let mut seen = format!("{vault:?} {signed_in:?} {:#?}", vault.document);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        seen += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    let keys = [vault.audit_key(), vault.code_key.bytes()].map(|key| seal::hex(key));
    let plain = [APP, MASTER, TEST, CASHIER_PIN, MANAGER_PIN, "531979"];
    for secret in plain.into_iter().chain(keys.iter().map(String::as_str)) {
        assert!(!seen.contains(secret), "{secret}");
        assert!(!seen.contains(&seal::hex(secret.as_bytes())), "{secret}");
    }
}

#[test]
fn ten_wrong_pins_lock_for_half_an_hour_over_restarts() {
    let dir = temp();
    create(dir.path());
    for wrong in 1..MOST_WRONG {
        let mut vault = open(dir.path()).unwrap();
        assert_eq!(
            left(vault.sign_in("2001", "999999", NOW)),
            MOST_WRONG - wrong
        );
    }
    let until = NOW + LOCKED_MS;
    assert_eq!(
        locked_until(open(dir.path()).unwrap().sign_in("2001", "999999", NOW)),
        until
    );
    let mut vault = open(dir.path()).unwrap();
    assert_eq!(
        locked_until(vault.sign_in("2001", MANAGER_PIN, until - 1)),
        until,
        "even the right one"
    );
    assert!(
        vault.sign_in("1001", CASHIER_PIN, NOW).is_ok(),
        "others are not locked"
    );
    assert!(vault.sign_in("2001", MANAGER_PIN, until).is_ok());
    assert_eq!(left(vault.sign_in("2001", "999999", until)), MOST_WRONG - 1);
}

#[test]
fn a_lock_that_is_over_begins_a_new_count() {
    let dir = temp();
    let mut vault = create(dir.path());
    for _ in 0..MOST_WRONG {
        let _ = vault.sign_in("1001", "0", NOW);
    }
    assert_eq!(
        left(vault.sign_in("1001", "0", NOW + LOCKED_MS)),
        MOST_WRONG - 1
    );
}

#[test]
fn the_right_pin_clears_the_count() {
    let dir = temp();
    let mut vault = create(dir.path());
    for _ in 1..MOST_WRONG {
        left(vault.sign_in("1001", "0000", NOW));
    }
    vault.sign_in("1001", CASHIER_PIN, NOW).unwrap();
    let mut vault = open(dir.path()).unwrap();
    assert_eq!(left(vault.sign_in("1001", "0000", NOW)), MOST_WRONG - 1);
}

#[test]
fn unknown_ids_share_one_count_and_lock_nobody_else() {
    let dir = temp();
    let mut vault = create(dir.path());
    for wrong in 1..MOST_WRONG {
        let id = format!("9{wrong:03}");
        assert_eq!(
            left(vault.sign_in(&id, CASHIER_PIN, NOW)),
            MOST_WRONG - wrong
        );
    }
    assert_eq!(locked_until(vault.sign_in("", "", NOW)), NOW + LOCKED_MS);
    let mut vault = open(dir.path()).unwrap();
    locked_until(vault.sign_in("1001 ", CASHIER_PIN, NOW));
    assert!(vault.sign_in("1001", CASHIER_PIN, NOW).is_ok());
}

#[test]
fn a_clock_set_back_makes_no_lock_longer() {
    let dir = temp();
    let mut vault = create(dir.path());
    for _ in 0..MOST_WRONG {
        let _ = vault.sign_in("1001", "0", NOW);
    }
    let before = NOW - 86_400_000;
    assert_eq!(
        locked_until(vault.sign_in("1001", CASHIER_PIN, before)),
        before + LOCKED_MS
    );
}

#[test]
fn a_wrong_pin_that_can_not_be_counted_is_not_answered() {
    let dir = temp();
    let inner = dir.path().join("till");
    let mut vault = create(&inner);
    std::fs::rename(&inner, dir.path().join("moved")).unwrap();
    let answer = vault.sign_in("1001", "0000", NOW);
    assert!(
        matches!(answer, Err(SignInError::Vault(VaultError::Io { .. }))),
        "{answer:?}"
    );
    assert!(
        vault.sign_in("2001", MANAGER_PIN, NOW).is_ok(),
        "the right one needs no disk"
    );
}

#[test]
fn a_second_provisioning_replaces_all_but_the_audit_and_code_keys() {
    let dir = temp();
    let first = create(dir.path());
    let code = AuthCode::parse("134567890123456789").unwrap();
    let Provisioning {
        mut secrets,
        mut staff,
        ..
    } = provisioning();
    secrets.app_secret = SecretString::from("another-app-secret");
    secrets.master_secret = None;
    staff.truncate(1);
    staff[0].pin = SecretString::from("4321");
    Vault::create_with(
        dir.path(),
        secrets,
        &staff,
        DeviceKeyPlace::File,
        PinCost::CHEAP,
    )
    .unwrap();
    let mut second = open(dir.path()).unwrap();
    assert_eq!(second.audit_key(), first.audit_key());
    assert_eq!(second.code_hash(&code), first.code_hash(&code));
    assert_eq!(second.app_secret().expose_secret(), "another-app-secret");
    assert!(!second.has_master());
    assert_eq!(second.staff().len(), 1);
    assert_eq!(
        first.opens_signed_in_as(),
        None,
        "a till with a manager opens locked"
    );
    assert_eq!(second.opens_signed_in_as().unwrap().id, "1001");
    left(second.sign_in("1001", CASHIER_PIN, NOW));
    assert!(second.sign_in("1001", "4321", NOW).is_ok());
}

#[test]
fn a_code_hash_is_keyed_and_says_nothing_about_the_code() {
    let (one, two) = (temp(), temp());
    let (one, two) = (create(one.path()), create(two.path()));
    let code = AuthCode::parse("134567890123456789").unwrap();
    let other = AuthCode::parse("134567890123456780").unwrap();
    assert_eq!(one.code_hash(&code), one.code_hash(&code));
    assert_ne!(one.code_hash(&code), one.code_hash(&other));
    assert_ne!(one.code_hash(&code), two.code_hash(&code));
    assert_eq!(one.code_hash(&code).len(), 64);
}

#[cfg(unix)]
#[test]
fn files_are_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = temp();
    let data = dir.path().join("a/till");
    create(&data);
    let _lock = DirLock::take(&data, Duration::ZERO).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let key = data.join("device.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    open(&data).unwrap();
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_crash_while_writing_leaves_the_old_vault_whole() {
    let dir = temp();
    let vault = create(dir.path());
    // What a crash between the temporary file and its renaming leaves.
    std::fs::write(dir.path().join("vault.json.new"), "{\"mac\":\"12").unwrap();
    std::fs::write(dir.path().join("device.key.new"), "ab").unwrap();
    let mut opened = open(dir.path()).unwrap();
    assert_eq!(opened.audit_key(), vault.audit_key());
    left(opened.sign_in("1001", "0000", NOW));
    assert!(!dir.path().join("vault.json.new").exists());
    open(dir.path()).unwrap();
}

#[test]
fn a_provisioning_that_was_cut_off_before_its_vault_can_be_repeated() {
    let dir = temp();
    for left_behind in ["", "00", &"ab".repeat(32)] {
        std::fs::write(dir.path().join("device.key"), left_behind).unwrap();
        let _ = std::fs::remove_file(dir.path().join("vault.json"));
        create(dir.path());
        open(dir.path()).unwrap();
    }
}

#[test]
fn the_keyring_can_hold_the_device_key_instead() {
    let (dir, keyring) = (temp(), Memory::working());
    let first = create_in(dir.path(), DeviceKeyPlace::File, &keyring).unwrap();
    let key_file = dir.path().join("device.key");
    let moved = create_in(dir.path(), DeviceKeyPlace::Keyring, &keyring).unwrap();
    assert_eq!(moved.audit_key(), first.audit_key());
    assert_eq!(moved.device_key_place(), DeviceKeyPlace::Keyring);
    assert!(!key_file.exists());
    assert_eq!(keyring.entries(), 1);
    assert_eq!(
        Vault::open_in(dir.path(), &keyring).unwrap().audit_key(),
        first.audit_key()
    );
    assert!(
        matches!(open(dir.path()), Err(VaultError::Keyring(_))),
        "a keyring that is away"
    );
    create_in(dir.path(), DeviceKeyPlace::File, &keyring).unwrap();
    assert!(key_file.exists());
    assert_eq!(keyring.entries(), 0);
    assert_eq!(open(dir.path()).unwrap().audit_key(), first.audit_key());
}

#[test]
fn a_keyring_that_can_not_be_reached_is_one_line_and_seals_nothing() {
    let dir = temp();
    let error = create_in(dir.path(), DeviceKeyPlace::Keyring, &Memory::default()).unwrap_err();
    let line = error.to_string();
    assert!(line.contains("钥匙串") && !line.contains('\n'), "{line}");
    assert!(!dir.path().join("vault.json").exists());
}

#[test]
fn the_standard_cost_is_owasps() {
    const { assert!(PinCost::STANDARD.memory_kib >= 19 * 1024 && PinCost::STANDARD.passes >= 2) };
    let dir = temp();
    let Provisioning {
        secrets, mut staff, ..
    } = provisioning();
    staff.remove(2);
    let mut vault = Vault::create(dir.path(), secrets, &staff, DeviceKeyPlace::File).unwrap();
    assert_eq!(vault.document.cost, PinCost::STANDARD);
    assert!(
        vault
            .sign_in("2001", MANAGER_PIN, NOW)
            .unwrap()
            .master
            .is_some()
    );
}
