//! A till's settings: what the provisioning file and config.toml hold (COUNTER: the provisioning
//! file). Reading and checking are pure; files and sealing are the till's and the vault's.

use super::{Channel, Fen, Host};
use serde::{Deserialize, Serialize};

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

/// How long everything takes: FATE's durations (`[payment]` of the file). All bounded off loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// FATE 4, seconds from *sent*.
    pub barcode_deadline_s: u32,
    /// FATE 4: the QR's time on the screen, seconds from *sent*.
    pub qr_deadline_s: u32,
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
    /// Where the gateway may call back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// Pay links only (never the offline API).
    #[serde(default)]
    pub sandbox: bool,
}

/// `[payment]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSettings {
    /// Durations.
    #[serde(flatten)]
    pub timing: Timing,
    /// No single sale above this.
    pub max_amount: Fen,
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
    /// Its place, physical pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<(i32, i32)>,
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

/// `[scanner]`: a serial scanner. A keyboard wedge needs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScannerSettings {
    /// Device path, best by id.
    pub serial: String,
    /// Bits per second.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// What ends a code. `auto`: CR, LF, CRLF, Tab or 120 ms of silence.
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

/// Everything a till is set up with, without secrets and staff: config.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// `[shop]`
    pub shop: Shop,
    /// `[gateway]`
    pub gateway: GatewaySettings,
    /// `[payment]`
    #[serde(default)]
    pub payment: PaymentSettings,
    /// `[customer]`
    #[serde(default)]
    pub customer: CustomerSettings,
    /// `[scanner]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanner: Option<ScannerSettings>,
}
