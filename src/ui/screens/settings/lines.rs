//! Which settings stand on which page, under which name.

use crate::domain::Channel;
use crate::domain::config::Provider;
use crate::domain::config::edit::{EDITABLE, Typed};
use crate::ui::strings::Words;

/// The pages of F10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// 店铺
    #[default]
    Shop,
    /// 网关
    Gateway,
    /// 收款时间
    Payment,
    /// 限额与锁定
    Limits,
    /// 设备与显示
    Devices,
    /// 打印
    Printer,
    /// 设备测试
    Tests,
    /// 员工
    Staff,
    /// 连接测试
    Connection,
}

impl Tab {
    /// Every page, in order.
    pub const ALL: [Tab; 9] = [
        Tab::Shop,
        Tab::Gateway,
        Tab::Payment,
        Tab::Limits,
        Tab::Devices,
        Tab::Printer,
        Tab::Tests,
        Tab::Staff,
        Tab::Connection,
    ];

    /// Its name.
    pub fn name(self, w: Words) -> &'static str {
        match self {
            Tab::Shop => w.settings_shop(),
            Tab::Gateway => w.settings_gateway(),
            Tab::Payment => w.settings_payment(),
            Tab::Limits => w.settings_limits(),
            Tab::Devices => w.settings_devices(),
            Tab::Printer => w.settings_printer(),
            Tab::Tests => w.settings_tests(),
            Tab::Staff => w.settings_staff(),
            Tab::Connection => w.settings_connection(),
        }
    }

    /// The one before or after.
    pub fn turned(self, forward: bool) -> Tab {
        let len = Tab::ALL.len();
        let at = Tab::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let to = if forward { at + 1 } else { at + len - 1 };
        Tab::ALL.get(to % len).copied().unwrap_or_default()
    }

    /// The settings on it.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Tab::Shop => &[
                "shop.name",
                "shop.store_id",
                "shop.language",
                "shop.other_tills",
            ],
            Tab::Gateway => &[
                "gateway.servers",
                "gateway.channels",
                "gateway.without_bill_timeout",
                "gateway.order_valid_min",
                "gateway.notify_url",
                "gateway.links",
                "links.return_url",
                "links.identity_id",
            ],
            Tab::Payment => &[
                "payment.barcode_deadline_s",
                "payment.qr_deadline_s",
                "payment.link_deadline_s",
                "payment.first_status_ms",
                "payment.status_interval_ms",
                "payment.earliest_revert_s",
                "payment.guard_s",
                "payment.bill_timeout_s",
                "payment.expiry_margin_s",
                "payment.witness_wait_s",
                "payment.connect_timeout_s",
                "payment.request_timeout_s",
            ],
            Tab::Limits => &[
                "payment.max_amount",
                "refund.max_per_refund",
                "refund.max_per_shift",
                "refund.max_age_days",
                "refund.once_only",
                "refund.need_approval",
                "lock.idle_min",
            ],
            Tab::Devices => &[
                "scanner.serial",
                "scanner.evdev",
                "scanner.hid",
                "scanner.baud",
                "scanner.terminator",
                "camera.source",
                "camera.always",
                "sound.sounds",
                "sound.voice",
                "sound.volume",
                "customer.window",
                "customer.at",
                "pole.target",
                "pole.protocol",
            ],
            Tab::Printer => &[
                "printer.target",
                "printer.width_mm",
                "printer.chinese",
                "printer.auto",
                "printer.drawer",
                "printer.head",
                "printer.foot",
            ],
            Tab::Tests | Tab::Staff | Tab::Connection => &[],
        }
    }
}

/// How a setting is typed.
pub fn typed(key: &str) -> Typed {
    let found = EDITABLE.iter().find(|(editable, _)| *editable == key);
    found.map_or(Typed::Text, |(_, typed)| *typed)
}

/// A setting's name.
pub fn name(w: Words, key: &str) -> &'static str {
    match key {
        "shop.name" => w.set_name(),
        "shop.store_id" => w.set_store(),
        "shop.language" => w.set_language(),
        "shop.other_tills" => w.other_tills(),
        "gateway.servers" => w.servers(),
        "gateway.channels" => w.set_channels(),
        "gateway.without_bill_timeout" => w.without_timeout(),
        "gateway.order_valid_min" => w.order_valid(),
        "gateway.notify_url" => w.set_notify(),
        "payment.barcode_deadline_s" => w.barcode_deadline(),
        "payment.qr_deadline_s" => w.qr_deadline(),
        "gateway.links" => w.set_links(),
        "links.return_url" => w.set_return_url(),
        "links.identity_id" => w.set_identity(),
        "payment.link_deadline_s" => w.link_deadline(),
        "payment.first_status_ms" => w.first_status(),
        "payment.status_interval_ms" => w.status_every(),
        "payment.earliest_revert_s" => w.earliest_revert(),
        "payment.guard_s" => w.guard(),
        "payment.bill_timeout_s" => w.bill_timeout(),
        "payment.expiry_margin_s" => w.expiry_margin(),
        "payment.witness_wait_s" => w.witness_wait(),
        "payment.connect_timeout_s" => w.connect_timeout(),
        "payment.request_timeout_s" => w.request_timeout(),
        "payment.max_amount" => w.max_amount(),
        "refund.max_per_refund" => w.refund_max(),
        "refund.max_per_shift" => w.refund_shift_max(),
        "refund.max_age_days" => w.refund_age(),
        "refund.once_only" => w.refund_once(),
        "refund.need_approval" => w.pre_setting(),
        "lock.idle_min" => w.idle_lock(),
        "scanner.serial" => w.scanner_serial(),
        "scanner.evdev" => w.scanner_evdev(),
        "scanner.hid" => w.scanner_hid(),
        "camera.source" => w.camera_source(),
        "camera.always" => w.camera_always(),
        "sound.sounds" => w.sound_sounds(),
        "sound.voice" => w.sound_voice(),
        "sound.volume" => w.sound_volume(),
        "printer.target" => w.printer_target(),
        "printer.width_mm" => w.printer_width(),
        "printer.chinese" => w.printer_chinese(),
        "printer.auto" => w.printer_auto(),
        "printer.drawer" => w.printer_drawer(),
        "printer.head" => w.printer_head(),
        "printer.foot" => w.printer_foot(),
        "pole.target" => w.pole_target(),
        "pole.protocol" => w.pole_protocol(),
        "scanner.baud" => w.scanner_baud(),
        "scanner.terminator" => w.scanner_end(),
        "customer.window" => w.customer_window_set(),
        "customer.at" => w.customer_at(),
        _ => "",
    }
}

/// What is worth knowing while it is changed.
pub fn hint(w: Words, key: &str) -> &'static str {
    match key {
        "gateway.channels" | "gateway.without_bill_timeout" => w.channels_hint(),
        "gateway.order_valid_min" => w.order_valid_hint(),
        "gateway.links" => w.links_set_hint(),
        "links.return_url" => w.return_url_hint(),
        "links.identity_id" => w.identity_hint(),
        "refund.max_per_refund" | "refund.max_per_shift" | "refund.max_age_days" => {
            w.refund_limit_hint()
        }
        _ => w.device_hint(key).unwrap_or(w.settings_empty()),
    }
}

/// A till has one scanner beside the wedge: naming one takes the other kinds away.
const SCANNERS: [&str; 3] = ["scanner.serial", "scanner.evdev", "scanner.hid"];

/// What goes when this setting is written.
pub fn instead_of(key: &'static str) -> impl Iterator<Item = &'static str> {
    let one = SCANNERS.contains(&key);
    let others = SCANNERS.into_iter().filter(move |other| *other != key);
    others.filter(move |_| one)
}

/// It means nothing while its device is not set.
fn needs_device(key: &str) -> bool {
    matches!(
        key,
        "scanner.baud"
            | "scanner.terminator"
            | "printer.width_mm"
            | "printer.chinese"
            | "printer.auto"
            | "printer.drawer"
            | "pole.protocol"
    )
}

/// A setting chosen from the channels.
pub fn is_channels(key: &str) -> bool {
    !channels_of(key, Provider::Beecloud).is_empty()
}

/// The channels of this provider that such a setting chooses from.
pub fn channels_of(key: &str, provider: Provider) -> Vec<Channel> {
    match (key, provider) {
        ("gateway.links", Provider::Jubao) => Vec::new(),
        ("gateway.links", _) => Channel::linkable().collect(),
        ("gateway.without_bill_timeout", Provider::Beecloud | Provider::Juhepay) => {
            [&Channel::ALL[..], &Channel::LINKS].concat()
        }
        ("gateway.channels" | "gateway.without_bill_timeout", _) => provider.channels().to_vec(),
        _ => Vec::new(),
    }
}

/// A value as the page shows it.
pub fn shown(w: Words, key: &str, value: &str) -> String {
    match (key, value) {
        (key, "") if needs_device(key) => w.set_needs_device().to_owned(),
        (_, "") => w.set_none().to_owned(),
        ("shop.language", "zh-CN") => "中文".to_owned(),
        ("shop.language", "en") => "English".to_owned(),
        (_, "true") => w.word_true().to_owned(),
        (_, "false") => w.word_false().to_owned(),
        ("printer.width_mm", mm) => w.paper_mm(mm),
        ("printer.chinese", "gb18030") => w.chinese_gb18030().to_owned(),
        ("printer.chinese", "raster") => w.chinese_raster().to_owned(),
        ("pole.protocol", "escpos") => "ESC/POS".to_owned(),
        ("pole.protocol", "cd5220") => "CD5220".to_owned(),
        ("scanner.terminator", "tab") => "Tab".to_owned(),
        ("scanner.terminator", "cr" | "lf" | "crlf") => value.to_uppercase(),
        ("camera.source" | "scanner.hid", "auto") => w.set_auto().to_owned(),
        ("customer.window" | "scanner.terminator", "auto") => w.set_auto().to_owned(),
        ("customer.window", "on") => w.set_on().to_owned(),
        ("customer.window", "off") => w.set_off().to_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::config::Language;

    #[test]
    fn every_setting_that_can_be_changed_stands_on_one_page_with_a_name() {
        for (key, _) in EDITABLE {
            let pages = Tab::ALL.iter().filter(|tab| tab.keys().contains(key));
            assert_eq!(pages.count(), 1, "{key}");
            for language in [Language::Chinese, Language::English] {
                assert!(!name(Words::new(language), key).is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn turning_pages_comes_round() {
        let mut tab = Tab::default();
        for _ in Tab::ALL {
            tab = tab.turned(true);
        }
        assert_eq!(tab, Tab::default());
        assert_eq!(tab.turned(false), Tab::Connection);
    }
}
