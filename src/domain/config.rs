//! A till's settings: what the provisioning file and config.toml hold (COUNTER: the provisioning
//! file). Reading and checking are pure; files and sealing are the till's and the vault's.
//!
//! Invariant: no secret is ever part of [`Settings`] (I12), so that config.toml can't hold one.
//! A mistake is one plain line that names the key, what is wrong and what is allowed, and it
//! never repeats a secret or a line of the file.

mod check;
mod devices;
pub mod edit;
mod error;
mod links;
mod provision;
mod read;
mod table;
mod target;
mod title;

pub use check::is_loopback;
pub use devices::HidName;
pub use error::{ConfigError, Problem};
pub use links::LinkSettings;
pub use provision::{ProvisionedStaff, Provisioning, Secrets};
pub use target::Target;
pub use title::title_for;

use super::auth_code::CodeKind;
use super::{AuthCode, Channel, Fen, Host, Wallet};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// 中文
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English
    #[serde(rename = "en")]
    English,
}

/// The gateway's protocol family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// BeeCloud.
    Beecloud,
    /// 聚合支付: the same protocol on another host.
    Juhepay,
    /// 聚宝 Pay.
    Jubao,
}

impl Provider {
    /// The word of the provisioning file.
    pub fn name(self) -> &'static str {
        match self {
            Provider::Beecloud => "beecloud",
            Provider::Juhepay => "juhepay",
            Provider::Jubao => "jubao",
        }
    }

    /// The channels that it has.
    pub fn channels(self) -> &'static [Channel] {
        match self {
            Provider::Jubao => &Channel::JUBAO,
            Provider::Beecloud | Provider::Juhepay => &Channel::ALL,
        }
    }
}

/// How long everything takes: FATE's durations (`[payment]` of the file). All bounded off loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// FATE 4, seconds from *sent*.
    pub barcode_deadline_s: u32,
    /// FATE 4: the QR's time on the screen, seconds from *sent*.
    pub qr_deadline_s: u32,
    /// A pay link's time on the screen, seconds from *sent*.
    pub link_deadline_s: u32,
    /// FATE 3, milliseconds after the answer or the loss.
    pub first_status_ms: u32,
    /// FATE 3, milliseconds.
    pub status_interval_ms: u32,
    /// FATE 4, seconds from *sent*.
    pub earliest_revert_s: u32,
    /// FATE: guard, seconds from *sent*.
    pub guard_s: u32,
    /// FATE 5, seconds.
    pub bill_timeout_s: u32,
    /// FATE 14, seconds.
    pub expiry_margin_s: u32,
    /// FATE 10, the wait without a witness, seconds.
    pub witness_wait_s: u32,
    /// TCP and TLS together, seconds.
    pub connect_timeout_s: u32,
    /// The whole request, seconds.
    pub request_timeout_s: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            barcode_deadline_s: 60,
            qr_deadline_s: 180,
            link_deadline_s: 900,
            first_status_ms: 2000,
            status_interval_ms: 3000,
            earliest_revert_s: 15,
            guard_s: 120,
            bill_timeout_s: 361,
            expiry_margin_s: 120,
            witness_wait_s: 30,
            connect_timeout_s: 5,
            request_timeout_s: 30,
        }
    }
}

/// `[shop]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// As shown.
    pub name: String,
    /// 2 to 4 letters or digits; part of every bill_no.
    pub till: String,
    /// At most 32 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// Language of the screens.
    #[serde(default)]
    pub language: Language,
    /// The `till` of the merchant's other tills: their bills at the gateway are no difference in
    /// this till's reconciliation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_tills: Vec<String>,
}

/// `[refund]`: limits above which another manager must approve, and what the channel allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefundSettings {
    /// The merchant's channel allows one successful refund a bill.
    pub once_only: bool,
    /// A cashier may ask for a refund; a manager agrees or not.
    pub need_approval: bool,
    /// A single refund above this needs another manager. In the file as text in yuan.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_yuan_or_none",
        deserialize_with = "from_yuan_or_none"
    )]
    pub max_per_refund: Option<Fen>,
    /// A refund that brings the shift's refunds above this needs another manager.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_yuan_or_none",
        deserialize_with = "from_yuan_or_none"
    )]
    pub max_per_shift: Option<Fen>,
    /// A bill older than so many days needs another manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
}

fn as_yuan_or_none<S: Serializer>(amount: &Option<Fen>, out: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => as_yuan(amount, out),
        None => out.serialize_none(),
    }
}

fn from_yuan_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Fen>, D::Error> {
    from_yuan(from).map(Some)
}

/// `[lock]`: when the till locks by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LockSettings {
    /// Minutes without a key or a touch; 0: never. A till with one cashier and no manager never
    /// locks by itself: it opens signed in.
    pub idle_min: u32,
}

impl Default for LockSettings {
    fn default() -> Self {
        LockSettings { idle_min: 10 }
    }
}

/// `[gateway]` without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySettings {
    /// The protocol family.
    pub provider: Provider,
    /// Base URLs, by preference; http:// only to loopback.
    pub servers: Vec<Host>,
    /// The merchant's application at the gateway (聚宝: mch_id).
    pub app_id: String,
    /// Channels the merchant has, by preference.
    pub channels: Vec<Channel>,
    /// Channels whose pay carries no bill_timeout (FATE 5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_bill_timeout: Vec<Channel>,
    /// How long an order that was sent without bill_timeout (聚宝 has none) can still be paid, in
    /// minutes, by the merchant's contract. Without it the longest is assumed (FATE 14): 24 hours
    /// for WeChat, 15 days for Alipay. Set too short, a bill could be called expired that is paid
    /// afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_valid_min: Option<u32>,
    /// Where the gateway may call back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// The platform's test environment, which has pay links alone: such a till takes no other
    /// payment and gives nothing back.
    #[serde(default)]
    pub sandbox: bool,
    /// Pay links that the merchant has, in the order in which they are offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Channel>,
}

/// `[payment]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSettings {
    /// Durations.
    #[serde(flatten)]
    pub timing: Timing,
    /// No single sale above this. In the file as text in yuan: `"50000.00"`.
    #[serde(serialize_with = "as_yuan", deserialize_with = "from_yuan")]
    pub max_amount: Fen,
}

fn as_yuan<S: Serializer>(amount: &Fen, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(amount)
}

fn from_yuan<'de, D: Deserializer<'de>>(from: D) -> Result<Fen, D::Error> {
    let text = String::deserialize(from)?;
    Fen::parse_yuan(&text).map_err(D::Error::custom)
}

impl Default for PaymentSettings {
    fn default() -> Self {
        PaymentSettings {
            timing: Timing::default(),
            max_amount: Fen(5_000_000),
        }
    }
}

/// `[customer]`: the customer's window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerSettings {
    /// auto: full screen on the second screen where there is one.
    pub window: CustomerWindow,
    /// Its place, physical pixels. In the file as text: `"1366,0"`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_place",
        deserialize_with = "from_place"
    )]
    pub at: Option<(i32, i32)>,
}

fn as_place<S: Serializer>(place: &Option<(i32, i32)>, out: S) -> Result<S::Ok, S::Error> {
    match place {
        Some((x, y)) => out.collect_str(&format_args!("{x},{y}")),
        None => out.serialize_none(),
    }
}

fn from_place<'de, D: Deserializer<'de>>(from: D) -> Result<Option<(i32, i32)>, D::Error> {
    let text = String::deserialize(from)?;
    let place = check::place(&text).ok_or_else(|| D::Error::custom("not a place like 1366,0"))?;
    Ok(Some(place))
}

/// Whether there is a customer's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomerWindow {
    /// Where there is a second screen.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// `[scanner]`: a scanner that is read straight from its device; exactly one of `serial`, `evdev`
/// and `hid`. A keyboard wedge that types into the window needs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScannerSettings {
    /// A serial scanner's path, best by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// A keyboard wedge's input device, taken for this program alone (Linux):
    /// `/dev/input/by-id/usb-…-event-kbd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evdev: Option<String>,
    /// A HID-POS scanner: `VID:PID` in hexadecimal, a `/dev/hidraw…` path, or `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hid: Option<String>,
    /// A serial line's bits per second.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// What ends a code on a serial line. `auto`: CR, LF, CRLF, Tab or 120 ms of silence, as for
    /// `evdev` and `hid` always.
    #[serde(default)]
    pub terminator: Terminator,
}

fn default_baud() -> u32 {
    9600
}

/// What ends a code on a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Terminator {
    #[default]
    Auto,
    Cr,
    Lf,
    Crlf,
    Tab,
}

/// `[camera]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CameraSettings {
    /// `auto`: the first that is found; a device path; `folder:PATH`: pictures that stand for one.
    pub source: String,
    /// Looks for a code whenever an amount is confirmed, without F4.
    pub always: bool,
}

impl Default for CameraSettings {
    fn default() -> Self {
        CameraSettings {
            source: "auto".to_owned(),
            always: false,
        }
    }
}

/// `[sound]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoundSettings {
    /// Short sounds for paid, refused and unknown.
    pub sounds: bool,
    /// 支付宝到账….
    pub voice: bool,
    /// 0 to 100.
    pub volume: u32,
}

impl Default for SoundSettings {
    fn default() -> Self {
        SoundSettings {
            sounds: true,
            voice: true,
            volume: 80,
        }
    }
}

/// `[pole]`: a small customer display on a serial line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoleSettings {
    /// As a printer's: `serial:PATH?baud=9600`, `device:PATH` or `file:PATH`.
    pub target: String,
    /// Its command set.
    #[serde(default)]
    pub protocol: PoleProtocol,
}

/// A pole display's command set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PoleProtocol {
    /// ESC Q A: one number of up to 8 digits.
    #[default]
    Escpos,
    /// CD5220: two lines of 20 characters.
    Cd5220,
}

/// `[printer]`: the receipt printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterSettings {
    /// `tcp://HOST:PORT`, `serial:PATH?baud=9600`, `device:PATH` or `file:PATH`: a [`Target`].
    pub target: String,
    /// Paper, millimetres: 58 or 80.
    #[serde(default = "default_width_mm")]
    pub width_mm: u32,
    /// How Chinese is printed.
    #[serde(default)]
    pub chinese: PrinterChinese,
    /// A cash drawer hangs on the printer: it opens with every sale's slip, not with reprints.
    #[serde(default)]
    pub drawer: bool,
    /// A slip for every sale and refund by itself; else only when somebody asks.
    #[serde(default = "yes")]
    pub auto: bool,
    /// Lines above the slip, under the shop's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub head: Vec<String>,
    /// Lines under the slip.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foot: Vec<String>,
}

fn yes() -> bool {
    true
}

fn default_width_mm() -> u32 {
    58
}

/// How Chinese is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrinterChinese {
    /// The printer has the font.
    #[default]
    Gb18030,
    /// As a picture.
    Raster,
}

/// `[webhook]`: the listener for the gateway's notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// Address and port.
    pub listen: std::net::SocketAddr,
    /// The platform's older signature (`sign`, over neither number nor amount) counts where the
    /// newer one is absent.
    #[serde(default)]
    pub legacy_sign: bool,
}

/// Everything a till is set up with, without secrets and staff: config.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `[shop]`
    pub shop: Shop,
    /// `[gateway]`
    pub gateway: GatewaySettings,
    /// `[links]`
    #[serde(default, skip_serializing_if = "LinkSettings::is_empty")]
    pub links: LinkSettings,
    /// `[payment]`
    #[serde(default)]
    pub payment: PaymentSettings,
    /// `[customer]`
    #[serde(default)]
    pub customer: CustomerSettings,
    /// `[scanner]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanner: Option<ScannerSettings>,
    /// `[camera]`
    #[serde(default)]
    pub camera: CameraSettings,
    /// `[sound]`
    #[serde(default)]
    pub sound: SoundSettings,
    /// `[printer]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printer: Option<PrinterSettings>,
    /// `[pole]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pole: Option<PoleSettings>,
    /// `[webhook]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookSettings>,
    /// `[refund]`
    #[serde(default)]
    pub refund: RefundSettings,
    /// `[lock]`
    #[serde(default)]
    pub lock: LockSettings,
}

impl Settings {
    /// Reads config.toml. The same rules as for the provisioning file, and no secret may be in it.
    pub fn parse(text: &str) -> Result<Settings, ConfigError> {
        provision::parse_settings(text)
    }

    /// config.toml as [`Settings::parse`] reads it.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        let unwritable = || ConfigError::new("config.toml", Problem::Unwritable);
        let mut root = toml::Table::try_from(self).map_err(|_| unwritable())?;
        if self.gateway.provider == Provider::Jubao {
            // 聚宝 calls it so, and so does the provisioning file.
            let gateway = root.get_mut("gateway").and_then(toml::Value::as_table_mut);
            if let Some(gateway) = gateway
                && let Some(id) = gateway.remove("app_id")
            {
                gateway.insert("mch_id".to_owned(), id);
            }
        }
        toml::to_string(&root).map_err(|_| unwritable())
    }

    /// What a first start opens: the embedded gateway on loopback (COUNTER: in practice mode).
    pub fn practice(server: Host) -> Settings {
        Settings {
            shop: Shop {
                name: "示例便利店".to_owned(),
                till: "01".to_owned(),
                store_id: None,
                language: Language::Chinese,
                other_tills: Vec::new(),
            },
            gateway: GatewaySettings {
                provider: Provider::Beecloud,
                servers: vec![server],
                app_id: "practice".to_owned(),
                channels: vec![
                    Channel::AliScan,
                    Channel::WxScan,
                    Channel::AliOfflineQrcode,
                    Channel::WxNative,
                ],
                without_bill_timeout: Vec::new(),
                order_valid_min: None,
                notify_url: None,
                sandbox: false,
                links: vec![Channel::AliWap, Channel::BcWxWap],
            },
            links: LinkSettings::default(),
            payment: PaymentSettings::default(),
            customer: CustomerSettings::default(),
            scanner: None,
            camera: CameraSettings::default(),
            sound: SoundSettings::default(),
            printer: None,
            pole: None,
            webhook: None,
            refund: RefundSettings::default(),
            lock: LockSettings::default(),
        }
    }

    /// The channel that takes this payment code: the first, by the merchant's preference, that
    /// fits its prefix. An unknown prefix goes to SCAN or BC_SCAN, 云闪付 to none (PROTOCOL:
    /// payment codes).
    pub fn channel_for(&self, code: &AuthCode) -> Option<Channel> {
        let kind = code.kind();
        let fits = |channel: &&Channel| match kind {
            CodeKind::UnionPay => false,
            CodeKind::Unknown => channel.is_unified(),
            CodeKind::Alipay | CodeKind::Wechat => {
                channel.is_scan() && (channel.is_unified() || channel.wallet() == kind.wallet())
            }
        };
        self.gateway.channels.iter().find(fits).copied()
    }

    /// A payment code can be scanned here: some channel takes one.
    pub fn takes_codes(&self) -> bool {
        self.gateway
            .channels
            .iter()
            .any(|channel| channel.is_scan())
    }

    /// The channel that shows this wallet's QR, by the merchant's preference.
    pub fn qr_channel(&self, wallet: Wallet) -> Option<Channel> {
        let fits = |channel: &&Channel| channel.is_qr() && channel.wallet() == Some(wallet);
        self.gateway.channels.iter().find(fits).copied()
    }
}

#[cfg(test)]
mod tests;
