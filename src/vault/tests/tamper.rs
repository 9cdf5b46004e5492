//! Changed, torn and foreign files.

use super::*;
use serde_json::Value;

/// Every value in the file, by its path.
fn leaves(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(k, v)| leaves(v, format!("{path}/{k}"), out)),
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(i, v)| leaves(v, format!("{path}/{i}"), out));
        }
        _ => out.push(path),
    }
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Null => Value::from(1),
        Value::Bool(b) => Value::from(!b),
        Value::Number(n) => Value::from(n.as_i64().unwrap() + 1),
        Value::String(s) if s == "cashier" => Value::from("manager"),
        Value::String(s) if s == "manager" => Value::from("cashier"),
        Value::String(s) if s == "file" => Value::from("keyring"),
        // The last character, to another one that is allowed there.
        Value::String(s) => {
            let last = s.chars().last().unwrap();
            let new = if last == '0' { '1' } else { '0' };
            Value::from(format!("{}{new}", &s[..s.len() - last.len_utf8()]))
        }
        other => other.clone(),
    }
}

#[test]
fn a_change_to_any_field_is_refused_in_plain_words() {
    let dir = temp();
    create(dir.path());
    let path = dir.path().join("vault.json");
    let whole: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut all = Vec::new();
    leaves(&whole, String::new(), &mut all);
    assert!(all.len() > 40, "{all:?}");
    for leaf in all {
        let mut changed_file = whole.clone();
        let place = changed_file.pointer_mut(&leaf).unwrap();
        *place = changed(place);
        std::fs::write(&path, serde_json::to_vec(&changed_file).unwrap()).unwrap();
        let error = open(dir.path()).map(|_| ()).expect_err(&leaf);
        let line = error.to_string();
        assert!(
            !line.contains('\n') && !line.contains("expected"),
            "{leaf}: {line}"
        );
        let Provisioning { secrets, staff, .. } = provisioning();
        let again = Vault::create_in(
            dir.path(),
            &secrets,
            &staff,
            DeviceKeyPlace::File,
            PinCost::CHEAP,
            &Memory::default(),
        );
        assert!(again.is_err(), "{leaf}: the audit key would be lost");
    }
    std::fs::write(&path, serde_json::to_vec(&whole).unwrap()).unwrap();
    open(dir.path()).unwrap();
}

#[test]
fn moved_removed_and_added_parts_are_refused() {
    let dir = temp();
    create(dir.path());
    let path = dir.path().join("vault.json");
    let whole: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let tampers: [fn(&mut Value); 6] = [
        |v| v["vault"]["staff"].as_array_mut().unwrap().truncate(1),
        |v| v["vault"]["staff"].as_array_mut().unwrap().swap(0, 1),
        |v| v["vault"]["master"] = Value::Null,
        |v| v["vault"]["app"]["audit_key"] = v["vault"]["app"]["code_key"].clone(),
        |v| v["vault"]["extra"] = Value::from(1),
        |v| v["vault"]["version"] = Value::from(2),
    ];
    for (at, tamper) in tampers.into_iter().enumerate() {
        let mut file = whole.clone();
        tamper(&mut file);
        std::fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
        assert!(open(dir.path()).is_err(), "{at}");
    }
}

#[test]
fn a_torn_or_foreign_vault_file_never_panics() {
    let dir = temp();
    create(dir.path());
    let path = dir.path().join("vault.json");
    let whole = std::fs::read(&path).unwrap();
    for cut in (0..whole.len() - 2).step_by(61) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        assert!(
            matches!(open(dir.path()), Err(VaultError::Unreadable)),
            "{cut}"
        );
    }
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "\u{0}",
        "{\"mac\":\"\",\"vault\":{\"version\":9}}",
    ] {
        std::fs::write(&path, text).unwrap();
        assert!(open(dir.path()).is_err(), "{text}");
    }
}

#[test]
fn another_or_no_device_key_is_said_plainly() {
    let (ours, theirs) = (temp(), temp());
    create(ours.path());
    create(theirs.path());
    let key = ours.path().join("device.key");
    let own = std::fs::read(&key).unwrap();
    std::fs::copy(theirs.path().join("device.key"), &key).unwrap();
    assert!(matches!(open(ours.path()), Err(VaultError::WrongDeviceKey)));
    for broken in [&b""[..], b"zz", &own[..63], b"\xff"] {
        std::fs::write(&key, broken).unwrap();
        assert!(matches!(
            open(ours.path()),
            Err(VaultError::BrokenDeviceKey)
        ));
    }
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(open(ours.path()), Err(VaultError::NoDeviceKey)));
    std::fs::write(&key, [&own[..], b"\n"].concat()).unwrap();
    open(ours.path()).unwrap();
}
