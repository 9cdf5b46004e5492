//! The provisioning file: settings, secrets and staff in one text (COUNTER), and config.toml,
//! which is the same without secrets and staff.

use super::error::{ConfigError, Problem};
use super::table::{self, Section};
use super::{Provider, Settings, check, devices, read};
use crate::domain::staff::{self, Role, Staff};
use secrecy::{ExposeSecret, SecretString};

const SETTINGS: [&str; 13] = [
    "shop", "gateway", "links", "payment", "customer", "scanner", "camera", "sound", "printer",
    "pole", "webhook", "refund", "lock",
];
const SCANNER: [&str; 5] = ["serial", "evdev", "hid", "baud", "terminator"];
const PRINTER: [&str; 7] = [
    "target", "width_mm", "chinese", "drawer", "auto", "head", "foot",
];
const SHOP: [&str; 5] = ["name", "till", "store_id", "language", "other_tills"];
const REFUND: [&str; 5] = [
    "once_only",
    "need_approval",
    "max_per_refund",
    "max_per_shift",
    "max_age_days",
];
const GATEWAY: [&str; 9] = [
    "provider",
    "servers",
    "app_id",
    "channels",
    "without_bill_timeout",
    "order_valid_min",
    "notify_url",
    "sandbox",
    "links",
];
const GATEWAY_SECRETS: [&str; 3] = ["app_secret", "master_secret", "test_secret"];
/// 聚宝's names for app_id and app_secret.
const GATEWAY_JUBAO: [&str; 2] = ["mch_id", "key"];
const PAYMENT: [&str; 13] = [
    "barcode_deadline_s",
    "qr_deadline_s",
    "link_deadline_s",
    "first_status_ms",
    "status_interval_ms",
    "earliest_revert_s",
    "guard_s",
    "bill_timeout_s",
    "expiry_margin_s",
    "witness_wait_s",
    "connect_timeout_s",
    "request_timeout_s",
    "max_amount",
];
const STAFF: [&str; 4] = ["id", "name", "role", "pin"];
/// More people than any shop has at one till.
const MOST_STAFF: usize = 200;

/// What the gateway's secrets are. They don't print and are wiped when dropped.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Signs payments (聚宝: key).
    pub app_secret: SecretString,
    /// Signs refunds. Without it this till can't refund.
    pub master_secret: Option<SecretString>,
    /// Sandbox pay links only.
    pub test_secret: Option<SecretString>,
}

/// A member of staff with the PIN as the file gives it.
#[derive(Debug, Clone)]
pub struct ProvisionedStaff {
    /// Without the PIN.
    pub staff: Staff,
    /// 4–12 digits.
    pub pin: SecretString,
}

/// A whole provisioning file, checked.
#[derive(Debug, Clone)]
pub struct Provisioning {
    /// For config.toml.
    pub settings: Settings,
    /// For the vault.
    pub secrets: Secrets,
    /// For the vault; at least one, ids unique.
    pub staff: Vec<ProvisionedStaff>,
}

impl Provisioning {
    /// Reads and checks the file. Its text holds secrets: the caller wipes it.
    pub fn parse(text: &str) -> Result<Provisioning, ConfigError> {
        let mut known = SETTINGS.to_vec();
        known.push("staff");
        let mut root = Section::new("", table::parse(text)?, &known)?;
        let mut gateway = gateway_section(&mut root)?;
        let provider = read::provider(&mut gateway)?;
        let secrets = secrets(&mut gateway, provider)?;
        let settings = settings(&mut root, gateway, provider)?;
        if settings.gateway.sandbox && secrets.test_secret.is_none() {
            let allowed = "沙箱密钥（sandbox = true 时必填）";
            return Err(ConfigError::missing("gateway.test_secret", allowed));
        }
        let staff = people(&mut root)?;
        let manager = staff.iter().any(|s| s.staff.role == Role::Manager);
        if secrets.master_secret.is_some() && !manager {
            return Err(ConfigError::new(
                "gateway.master_secret",
                Problem::NeedsManager,
            ));
        }
        Ok(Provisioning {
            settings,
            secrets,
            staff,
        })
    }
}

/// config.toml: settings alone.
pub(super) fn parse_settings(text: &str) -> Result<Settings, ConfigError> {
    let mut root = Section::new("", table::parse(text)?, &SETTINGS)?;
    let mut gateway = gateway_section(&mut root)?;
    let secret = GATEWAY_SECRETS.into_iter().chain(["key"]);
    if let Some(key) = secret.into_iter().find(|key| gateway.has(key)) {
        return Err(ConfigError::new(gateway.key(key), Problem::SecretHere));
    }
    let provider = read::provider(&mut gateway)?;
    settings(&mut root, gateway, provider)
}

fn gateway_section(root: &mut Section) -> Result<Section, ConfigError> {
    let known = [&GATEWAY[..], &GATEWAY_SECRETS, &GATEWAY_JUBAO].concat();
    need_section(root, "gateway", &known)
}

fn need_section(root: &mut Section, key: &str, known: &[&str]) -> Result<Section, ConfigError> {
    root.section(key, known)?
        .ok_or_else(|| ConfigError::missing(format!("[{key}]"), known.join("、")))
}

/// The keys of the other provider's shape are mistakes.
fn refuse_foreign(gateway: &Section, foreign: &[&str], allowed: &str) -> Result<(), ConfigError> {
    match foreign.iter().find(|key| gateway.has(key)) {
        Some(key) => Err(ConfigError::new(
            gateway.key(key),
            Problem::Unknown {
                allowed: allowed.to_owned(),
            },
        )),
        None => Ok(()),
    }
}

fn secrets(gateway: &mut Section, provider: Provider) -> Result<Secrets, ConfigError> {
    let app_secret_key = if provider == Provider::Jubao {
        let foreign = [&GATEWAY_SECRETS[..], &["app_id"]].concat();
        refuse_foreign(gateway, &foreign, "mch_id、key（provider = jubao）")?;
        "key"
    } else {
        refuse_foreign(gateway, &GATEWAY_JUBAO, "app_id、app_secret、master_secret")?;
        "app_secret"
    };
    let app_secret = gateway
        .secret(app_secret_key)?
        .ok_or_else(|| ConfigError::missing(gateway.key(app_secret_key), "网关给的密钥"))?;
    Ok(Secrets {
        app_secret,
        master_secret: gateway.secret("master_secret")?,
        test_secret: gateway.secret("test_secret")?,
    })
}

fn settings(
    root: &mut Section,
    mut gateway: Section,
    provider: Provider,
) -> Result<Settings, ConfigError> {
    let mut shop = need_section(root, "shop", &SHOP)?;
    let app_id_key = if provider == Provider::Jubao {
        "mch_id"
    } else {
        "app_id"
    };
    let mut links = root.section("links", &["return_url", "identity_id"])?;
    let mut payment = root.section("payment", &PAYMENT)?;
    let mut customer = root.section("customer", &["window", "at"])?;
    let mut scanner = root.section("scanner", &SCANNER)?;
    let mut camera = root.section("camera", &["source", "always"])?;
    let mut sound = root.section("sound", &["sounds", "voice", "volume"])?;
    let mut printer = root.section("printer", &PRINTER)?;
    let mut pole = root.section("pole", &["target", "protocol"])?;
    let mut webhook = root.section("webhook", &["listen", "legacy_sign"])?;
    let mut refund = root.section("refund", &REFUND)?;
    let mut lock = root.section("lock", &["idle_min"])?;
    let settings = Settings {
        shop: read::shop(&mut shop)?,
        gateway: read::gateway(&mut gateway, provider, app_id_key)?,
        links: links.as_mut().map_or(Ok(Default::default()), read::links)?,
        payment: payment
            .as_mut()
            .map_or(Ok(Default::default()), read::payment)?,
        customer: customer
            .as_mut()
            .map_or(Ok(Default::default()), devices::customer)?,
        scanner: scanner.as_mut().map(devices::scanner).transpose()?,
        camera: camera
            .as_mut()
            .map_or(Ok(Default::default()), devices::camera)?,
        sound: sound
            .as_mut()
            .map_or(Ok(Default::default()), devices::sound)?,
        printer: printer.as_mut().map(devices::printer).transpose()?,
        pole: pole.as_mut().map(devices::pole).transpose()?,
        webhook: webhook.as_mut().map(read::webhook).transpose()?,
        refund: refund
            .as_mut()
            .map_or(Ok(Default::default()), read::refund)?,
        lock: lock.as_mut().map_or(Ok(Default::default()), read::lock)?,
    };
    check::timing(&settings.payment.timing, &settings.gateway)?;
    check::links(&settings.gateway, &settings.links)?;
    Ok(settings)
}

fn people(root: &mut Section) -> Result<Vec<ProvisionedStaff>, ConfigError> {
    let mut sections = root.sections("staff", &STAFF, MOST_STAFF)?;
    if sections.is_empty() {
        let allowed = "至少一段 id、name、role、pin";
        return Err(ConfigError::missing("[[staff]]", allowed));
    }
    let staff: Vec<ProvisionedStaff> = sections.iter_mut().map(person).collect::<Result<_, _>>()?;
    for (at, person) in staff.iter().enumerate() {
        let same = |earlier: &ProvisionedStaff| earlier.staff.id == person.staff.id;
        if staff.iter().take(at).any(same) {
            let key = format!("staff[{}].id", at + 1);
            return Err(ConfigError::new(key, Problem::Twice));
        }
    }
    Ok(staff)
}

fn person(section: &mut Section) -> Result<ProvisionedStaff, ConfigError> {
    let allowed = "1 到 32 个字母、数字、- 或 _，如 \"1001\"";
    let id = section.need_text("id", allowed)?;
    if staff::check_id(&id).is_err() {
        return Err(ConfigError::value(section.key("id"), allowed));
    }
    let name = section.need_text("name", "姓名或称呼")?;
    let name = read::short(section.key("name"), name, read::NAME_CHARS)?;
    let words = [("cashier", Role::Cashier), ("manager", Role::Manager)];
    let role = read::need_word(section, "role", &words)?;
    let allowed = "4 到 12 位数字，用引号括起来";
    let pin = section
        .secret("pin")?
        .ok_or_else(|| ConfigError::missing(section.key("pin"), allowed))?;
    if staff::check_pin(pin.expose_secret()).is_err() {
        return Err(ConfigError::value(section.key("pin"), allowed));
    }
    Ok(ProvisionedStaff {
        staff: Staff { id, name, role },
        pin,
    })
}
