//! Changing single settings as people type them. The result is read again by the rules of the
//! provisioning file, so a change can't make a till that setup would refuse.

use super::error::{ConfigError, Problem};
use super::{Settings, table};
use toml::{Table, Value};

/// How a setting is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// One line.
    Text,
    /// Whole number.
    Number,
    /// Yuan, as in 50000.00.
    Yuan,
    /// true or false.
    Flag,
    /// Separated by commas.
    List,
    /// Separated by `|`: lines of text.
    Lines,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// What can be changed while a till runs: `section.key`. What belongs to the merchant's account
/// or to the numbers of bills (app_id, secrets, provider, the till's number) is setup's alone.
pub const EDITABLE: &[(&str, Typed)] = &[
    ("shop.name", Typed::Text),
    ("shop.store_id", Typed::Text),
    ("shop.language", Typed::Word(&["zh-CN", "en"])),
    ("shop.other_tills", Typed::List),
    ("gateway.servers", Typed::List),
    ("gateway.channels", Typed::List),
    ("gateway.without_bill_timeout", Typed::List),
    ("gateway.order_valid_min", Typed::Number),
    ("gateway.notify_url", Typed::Text),
    ("gateway.links", Typed::List),
    ("links.return_url", Typed::Text),
    ("links.identity_id", Typed::Text),
    ("payment.barcode_deadline_s", Typed::Number),
    ("payment.qr_deadline_s", Typed::Number),
    ("payment.link_deadline_s", Typed::Number),
    ("payment.first_status_ms", Typed::Number),
    ("payment.status_interval_ms", Typed::Number),
    ("payment.earliest_revert_s", Typed::Number),
    ("payment.guard_s", Typed::Number),
    ("payment.bill_timeout_s", Typed::Number),
    ("payment.expiry_margin_s", Typed::Number),
    ("payment.witness_wait_s", Typed::Number),
    ("payment.connect_timeout_s", Typed::Number),
    ("payment.request_timeout_s", Typed::Number),
    ("payment.max_amount", Typed::Yuan),
    ("refund.once_only", Typed::Flag),
    ("refund.need_approval", Typed::Flag),
    ("refund.max_per_refund", Typed::Yuan),
    ("refund.max_per_shift", Typed::Yuan),
    ("refund.max_age_days", Typed::Number),
    ("lock.idle_min", Typed::Number),
    ("scanner.serial", Typed::Text),
    ("scanner.evdev", Typed::Text),
    ("scanner.hid", Typed::Text),
    ("scanner.baud", Typed::Number),
    (
        "scanner.terminator",
        Typed::Word(&["auto", "cr", "lf", "crlf", "tab"]),
    ),
    ("camera.source", Typed::Text),
    ("camera.always", Typed::Flag),
    ("sound.sounds", Typed::Flag),
    ("sound.voice", Typed::Flag),
    ("sound.volume", Typed::Number),
    ("printer.target", Typed::Text),
    ("printer.width_mm", Typed::Word(&["58", "80"])),
    ("printer.chinese", Typed::Word(&["gb18030", "raster"])),
    ("printer.drawer", Typed::Flag),
    ("printer.auto", Typed::Flag),
    ("printer.head", Typed::Lines),
    ("printer.foot", Typed::Lines),
    ("pole.target", Typed::Text),
    ("pole.protocol", Typed::Word(&["escpos", "cd5220"])),
    ("customer.window", Typed::Word(&["auto", "on", "off"])),
    ("customer.at", Typed::Text),
];

/// Of these only one is set: setting one takes the others away.
const ONE_OF: (&str, [&str; 3]) = ("scanner", ["serial", "evdev", "hid"]);

/// Sections that are there or not: without one of these keys they are not.
const WHOLE: [(&str, &[&str]); 3] = [
    ("scanner", &["serial", "evdev", "hid"]),
    ("printer", &["target"]),
    ("pole", &["target"]),
];

impl Settings {
    /// The settings with these changes, `(section.key, value)`; an empty value is the default, or
    /// takes it away. All of them or none.
    ///
    /// # Errors
    ///
    /// The first mistake, with its key and what is allowed.
    pub fn with_changes(&self, changes: &[(String, String)]) -> Result<Settings, ConfigError> {
        let mut root = table::parse(&self.to_toml()?)?;
        for (key, value) in changes {
            change(&mut root, key, value.trim())?;
            clear_others(&mut root, key, changes);
        }
        for (section, keys) in WHOLE {
            let has = |t: &Table| keys.iter().any(|key| t.contains_key(*key));
            let empty = |v: &Value| v.as_table().is_some_and(|t| !has(t));
            if root.get(section).is_some_and(empty) {
                root.remove(section);
            }
        }
        let text = toml::to_string(&root)
            .map_err(|_| ConfigError::new("config.toml", Problem::Unwritable))?;
        Settings::parse(&text)
    }

    /// A setting as people type it; empty where it is not set.
    pub fn typed(&self, key: &str) -> String {
        let root = self.to_toml().and_then(|text| table::parse(&text));
        let Ok(root) = root else {
            return String::new();
        };
        let (section, name) = key.split_once('.').unwrap_or((key, ""));
        let value = root.get(section).and_then(|section| section.get(name));
        let lines = EDITABLE.contains(&(key, Typed::Lines));
        value
            .map(|value| as_typed(value, lines))
            .unwrap_or_default()
    }
}

/// What a person chooses replaces what was chosen before; what is set in the same go stays, and
/// is judged with the rest.
fn clear_others(root: &mut Table, key: &str, changes: &[(String, String)]) {
    let (section, names) = ONE_OF;
    let name = key.split_once('.').filter(|(of, _)| *of == section);
    let Some((_, name)) = name.filter(|(_, name)| names.contains(name)) else {
        return;
    };
    let Some(Value::Table(table)) = root.get_mut(section) else {
        return;
    };
    let set_too = |other: &str| {
        let is = |key: &str| key.split_once('.') == Some((section, other));
        changes
            .iter()
            .any(|(key, value)| is(key) && !value.trim().is_empty())
    };
    if table.contains_key(name) {
        table.retain(|other, _| other == name || !names.contains(&other) || set_too(other));
    }
}

fn as_typed(value: &Value, lines: bool) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| as_typed(item, lines)).collect();
            items.join(if lines { " | " } else { ", " })
        }
        other => other.to_string(),
    }
}

fn change(root: &mut Table, key: &str, value: &str) -> Result<(), ConfigError> {
    let known = EDITABLE.iter().find(|(editable, _)| *editable == key);
    let (Some((_, typed)), Some((section, name))) = (known, key.split_once('.')) else {
        let allowed = "只能用 shouyin setup 改".to_owned();
        return Err(ConfigError::new(key, Problem::Unknown { allowed }));
    };
    if value.is_empty() {
        if let Some(Value::Table(section)) = root.get_mut(section) {
            section.remove(name);
        }
        return Ok(());
    }
    let value = parse(key, value, *typed)?;
    let section = root
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(name.to_owned(), value);
    }
    Ok(())
}

fn parse(key: &str, text: &str, typed: Typed) -> Result<Value, ConfigError> {
    let wrong = |allowed: String| ConfigError::value(key, allowed);
    match typed {
        Typed::Text | Typed::Yuan => Ok(Value::String(text.to_owned())),
        Typed::Number => match text.parse::<i64>() {
            Ok(number) => Ok(Value::Integer(number)),
            Err(_) => Err(wrong("整数".to_owned())),
        },
        Typed::Flag => match text {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(wrong("true、false".to_owned())),
        },
        Typed::List => {
            let items = text.split([',', '，', '、', ' ']).map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            Ok(Value::Array(
                items.map(|item| Value::String(item.to_owned())).collect(),
            ))
        }
        Typed::Lines => {
            let items = text.split(['|', '｜']).map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            Ok(Value::Array(
                items.map(|item| Value::String(item.to_owned())).collect(),
            ))
        }
        Typed::Word(words) => match words.contains(&text) {
            true if text.bytes().all(|b| b.is_ascii_digit()) => text
                .parse()
                .map(Value::Integer)
                .map_err(|_| wrong(words.join("、"))),
            true => Ok(Value::String(text.to_owned())),
            false => Err(wrong(words.join("、"))),
        },
    }
}
