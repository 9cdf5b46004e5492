use super::*;
use crate::domain::staff::Role;
use proptest::prelude::*;
use secrecy::ExposeSecret;

mod channels;
mod edit;
mod links;
mod times;

/// COUNTER's file, word by word, with secrets that can be searched for.
const FILE: &str = r#"
[shop]
name = "示例便利店"
till = "01"                # 2 to 4 letters or digits; part of every bill_no
store_id = "SH_001"        # optional
language = "zh-CN"         # zh-CN | en
[gateway]
provider = "beecloud"      # beecloud | juhepay | jubao
servers = ["https://api.beecloud.cn"]   # http:// only to loopback
app_id = "app-0001"
app_secret = "seed-app-secret-77aa"
master_secret = "seed-master-secret-88bb"
channels = ["ALI_SCAN", "WX_SCAN", "ALI_OFFLINE_QRCODE", "WX_NATIVE"]
[payment]                  # all optional
barcode_deadline_s = 60
qr_deadline_s = 180
first_status_ms = 2000
status_interval_ms = 3000
earliest_revert_s = 15
guard_s = 120
bill_timeout_s = 361
expiry_margin_s = 120
witness_wait_s = 30        # FATE 10, the wait without a witness
connect_timeout_s = 5
request_timeout_s = 30
max_amount = "50000.00"
[customer]                 # optional
window = "auto"            # auto | on | off
at = "1366,0"
[scanner]                  # optional; a keyboard wedge needs nothing
serial = "/dev/serial/by-id/usb-scanner"
baud = 9600
[printer]                  # optional
target = "tcp://192.0.2.10:9100"   # or serial:PATH?baud=9600, device:PATH, file:PATH
width_mm = 58              # 58 | 80
chinese = "gb18030"        # gb18030 | raster
drawer = false
[webhook]                  # optional
listen = "127.0.0.1:8787"
[[staff]]
id = "1001"
name = "一号收银员"
role = "cashier"           # cashier | manager
pin = "135790"
[[staff]]
id = "2001"
name = "店长"
role = "manager"
pin = "24680246"
"#;

const SECRETS: [&str; 4] = [
    "seed-app-secret-77aa",
    "seed-master-secret-88bb",
    "135790",
    "24680246",
];

/// FILE with one place changed; the place must be there.
fn with(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    FILE.replacen(from, to, 1)
}

fn mistake(text: &str) -> String {
    Provisioning::parse(text).expect_err(text).to_string()
}

#[test]
fn the_documents_file_is_read_whole() {
    let read = Provisioning::parse(FILE).unwrap();
    let s = &read.settings;
    assert_eq!(s.shop.name, "示例便利店");
    assert_eq!(s.shop.store_id.as_deref(), Some("SH_001"));
    assert_eq!(s.gateway.servers, [Host("https://api.beecloud.cn".into())]);
    assert_eq!(s.gateway.channels.len(), 4);
    assert_eq!(
        s.payment,
        PaymentSettings::default(),
        "the file gives the defaults"
    );
    assert_eq!(s.payment.max_amount, Fen(5_000_000));
    assert_eq!(s.customer.at, Some((1366, 0)));
    assert_eq!(s.scanner.as_ref().unwrap().terminator, Terminator::Auto);
    assert_eq!(s.printer.as_ref().unwrap().width_mm, 58);
    assert_eq!(s.webhook.as_ref().unwrap().listen.port(), 8787);
    assert_eq!(read.secrets.app_secret.expose_secret(), SECRETS[0]);
    let master = read.secrets.master_secret.as_ref().unwrap();
    assert_eq!(master.expose_secret(), SECRETS[1]);
    assert_eq!(read.staff.len(), 2);
    assert_eq!(read.staff[1].staff.role, Role::Manager);
    assert_eq!(read.staff[0].pin.expose_secret(), "135790");
}

#[test]
fn a_file_from_another_editor_is_read_alike() {
    let read = |text: &str| Provisioning::parse(text).unwrap().settings;
    assert_eq!(
        read(&format!("\u{feff}{FILE}")),
        read(FILE),
        "a byte order mark"
    );
    assert_eq!(read(&FILE.replace('\n', "\r\n")), read(FILE));
}

#[test]
fn the_smallest_file_is_enough() {
    let text = r#"
        [shop]
        name = "店"
        till = "A1"
        [gateway]
        provider = "juhepay"
        servers = ["https://payapi.juhe.cn/"]
        app_id = "a"
        app_secret = "b"
        channels = ["SCAN"]
        [[staff]]
        id = "1"
        name = "甲"
        role = "cashier"
        pin = "0000"
    "#;
    let s = Provisioning::parse(text).unwrap().settings;
    assert_eq!(s.gateway.servers, [Host("https://payapi.juhe.cn".into())]);
    assert_eq!(s.payment, PaymentSettings::default());
    assert_eq!((s.scanner, s.printer, s.webhook), (None, None, None));
}

#[test]
fn config_toml_round_trips_and_holds_no_secret() {
    let settings = Provisioning::parse(FILE).unwrap().settings;
    let text = settings.to_toml().unwrap();
    assert_eq!(Settings::parse(&text).unwrap(), settings, "{text}");
    assert!(text.contains("max_amount = \"50000.00\""), "{text}");
    assert!(text.contains("at = \"1366,0\""), "{text}");
    for secret in SECRETS {
        assert!(!text.contains(secret));
    }
    assert_eq!(
        toml::from_str::<Settings>(&text).unwrap(),
        settings,
        "serde reads it alike"
    );
}

#[test]
fn config_toml_refuses_secrets_and_staff() {
    let error = Settings::parse(FILE).unwrap_err();
    assert_eq!(error.key, "staff");
    let text = FILE.split("[[staff]]").next().unwrap();
    let error = Settings::parse(text).unwrap_err();
    assert_eq!(error.key, "gateway.app_secret");
    assert_eq!(error.problem, Problem::SecretHere);
}

#[test]
fn nothing_prints_a_secret() {
    let read = Provisioning::parse(FILE).unwrap();
    for printed in [format!("{read:?}"), format!("{read:#?}")] {
        for secret in SECRETS {
            assert!(!printed.contains(secret));
        }
    }
}

#[test]
fn every_mistake_names_its_key_in_one_line() {
    let table: &[(&str, &str, &str, &str)] = &[
        ("till = \"01\"", "till = \"1\"", "shop.till", "2 到 4"),
        ("till = \"01\"", "till = \"00001\"", "shop.till", "2 到 4"),
        ("till = \"01\"", "till = \"店1\"", "shop.till", "2 到 4"),
        ("till = \"01\"", "till = 1", "shop.till", "引号"),
        ("till = \"01\"", "", "shop.till", "缺少"),
        ("name = \"示例便利店\"", "name = \" \"", "shop.name", "不空"),
        ("[shop]", "[shops]", "shops", "shop"),
        (
            "\"SH_001\"",
            "\"123456789012345678901234567890123\"",
            "shop.store_id",
            "32",
        ),
        (
            "\"zh-CN\"         #",
            "\"fr\" #",
            "shop.language",
            "zh-CN、en",
        ),
        (
            "\"beecloud\"      #",
            "\"stripe\" #",
            "gateway.provider",
            "juhepay",
        ),
        (
            "\"https://api.beecloud.cn\"",
            "",
            "gateway.servers",
            "至少一个",
        ),
        (
            "https://api.beecloud.cn",
            "http://api.beecloud.cn",
            "gateway.servers",
            "本机",
        ),
        (
            "https://api.beecloud.cn",
            "http://127.0.0.1.evil.cn",
            "gateway.servers",
            "本机",
        ),
        (
            "https://api.beecloud.cn",
            "http://127.0.0.1@evil.cn",
            "gateway.servers",
            "https",
        ),
        (
            "https://api.beecloud.cn",
            "ftp://api.beecloud.cn",
            "gateway.servers",
            "https",
        ),
        (
            "https://api.beecloud.cn",
            "https://api.beecloud.cn/2/rest",
            "gateway.servers",
            "路径",
        ),
        (
            "\"https://api.beecloud.cn\"",
            "\"https://a.cn\",\"https://A.cn:443/\"",
            "gateway.servers",
            "重复",
        ),
        (
            "app_id = \"app-0001\"",
            "app_id = \"\"",
            "gateway.app_id",
            "不空",
        ),
        (
            "app_id = \"app-0001\"",
            "app_idd = \"x\"",
            "gateway.app_idd",
            "app_id",
        ),
        ("seed-app-secret-77aa", "…", "gateway.app_secret", "引号里"),
        (
            "app_secret = \"seed-app-secret-77aa\"",
            "",
            "gateway.app_secret",
            "缺少",
        ),
        (
            "\"ALI_SCAN\", ",
            "\"ALISCAN\", ",
            "gateway.channels",
            "ALI_SCAN",
        ),
        (
            "\"ALI_SCAN\", ",
            "\"WX_SCAN\", ",
            "gateway.channels",
            "重复",
        ),
        (
            "[\"ALI_SCAN\", \"WX_SCAN\", \"ALI_OFFLINE_QRCODE\", \"WX_NATIVE\"]",
            "[]",
            "gateway.channels",
            "缺少",
        ),
        ("guard_s = 120", "guard_s = 119", "payment.guard_s", "120"),
        ("guard_s = 120", "guard_s = -1", "payment.guard_s", "整数"),
        (
            "guard_s = 120",
            "guard_s = \"120\"",
            "payment.guard_s",
            "整数",
        ),
        (
            "guard_s = 120",
            "guard_s = 120.5",
            "payment.guard_s",
            "整数",
        ),
        (
            "guard_s = 120",
            "gaurd_s = 120",
            "payment.gaurd_s",
            "guard_s",
        ),
        ("\"50000.00\"", "50000.00", "payment.max_amount", "引号"),
        ("\"50000.00\"", "\"50,000\"", "payment.max_amount", "元"),
        ("\"50000.00\"", "\"0\"", "payment.max_amount", "元"),
        (
            "window = \"auto\"",
            "window = \"yes\"",
            "customer.window",
            "auto、on、off",
        ),
        ("\"1366,0\"", "\"1366\"", "customer.at", "1366,0"),
        ("baud = 9600\n", "baud = 1\n", "scanner.baud", "300"),
        (
            "baud = 9600\n",
            "terminator = \"enter\"\n",
            "scanner.terminator",
            "crlf",
        ),
        (
            "\"tcp://192.0.2.10:9100\"",
            "\"192.0.2.10\"",
            "printer.target",
            "tcp://",
        ),
        (
            "\"tcp://192.0.2.10:9100\"",
            "\"serial:/dev/tty?baud=x\"",
            "printer.target",
            "serial:",
        ),
        (
            "width_mm = 58",
            "width_mm = 57",
            "printer.width_mm",
            "58、80",
        ),
        (
            "\"gb18030\"        #",
            "\"utf8\" #",
            "printer.chinese",
            "raster",
        ),
        (
            "drawer = false",
            "drawer = \"no\"",
            "printer.drawer",
            "true",
        ),
        (
            "\"127.0.0.1:8787\"",
            "\"8787\"",
            "webhook.listen",
            "127.0.0.1:8787",
        ),
        ("id = \"2001\"", "id = \"1001\"", "staff[2].id", "重复"),
        ("id = \"2001\"", "id = \"店长\"", "staff[2].id", "字母"),
        (
            "role = \"manager\"",
            "role = \"boss\"",
            "staff[2].role",
            "cashier、manager",
        ),
        (
            "role = \"manager\"",
            "role = \"cashier\"",
            "gateway.master_secret",
            "店长",
        ),
        (
            "pin = \"24680246\"",
            "pin = \"246\"",
            "staff[2].pin",
            "4 到 12",
        ),
        (
            "pin = \"24680246\"",
            "pin = \"2468024680246\"",
            "staff[2].pin",
            "4 到 12",
        ),
        (
            "pin = \"24680246\"",
            "pin = \"24a80246\"",
            "staff[2].pin",
            "4 到 12",
        ),
        (
            "pin = \"24680246\"",
            "pin = 24680246",
            "staff[2].pin",
            "引号",
        ),
        ("pin = \"24680246\"", "", "staff[2].pin", "缺少"),
        (
            "pin = \"24680246\"",
            "pin = \"24680246\"\nnick = \"x\"",
            "staff[2].nick",
            "id、name",
        ),
        (
            "[[staff]]\nid = \"2001\"",
            "[staff2]\nid = \"2001\"",
            "staff2",
            "staff",
        ),
        (
            "app_id = \"app-0001\"",
            "app_id = \"app-0001\"\nsandbox = true",
            "gateway.test_secret",
            "缺少",
        ),
        (
            "app_id = \"app-0001\"",
            "app_id = \"app-0001\"\nmch_id = \"1\"",
            "gateway.mch_id",
            "app_id",
        ),
        (
            "app_id = \"app-0001\"",
            "app_id = \"a\"\nnotify_url = \"x\"",
            "gateway.notify_url",
            "http",
        ),
    ];
    for (from, to, key, says) in table {
        let line = mistake(&with(from, to));
        assert!(line.starts_with(&format!("{key}：")), "{to}: {line}");
        assert!(line.contains(says), "{to}: {line}");
        assert!(!line.contains('\n'), "{line}");
        for secret in SECRETS {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

#[test]
fn a_file_without_staff_or_with_nothing_is_refused() {
    assert!(mistake(FILE.split("[[staff]]").next().unwrap()).starts_with("[[staff]]："));
    assert!(mistake("").starts_with("[gateway]："));
    assert!(mistake("staff = 1\n[gateway]").starts_with("gateway.provider："));
}

#[test]
fn broken_toml_names_the_line_and_repeats_nothing() {
    let broken = with("\"seed-app-secret-77aa\"", "\"seed-app-secret-77aa");
    let line = mistake(&broken);
    assert!(line.starts_with("第 11 行："), "{line}");
    assert!(!line.contains("seed") && !line.contains('\n'), "{line}");
    let twice = with("[payment]", "app_secret = \"seed-other\"\n[payment]");
    assert!(!mistake(&twice).contains("seed"));
}

#[test]
fn sandbox_and_its_secret_are_kept() {
    let text = with(
        "app_id = \"app-0001\"",
        "app_id = \"a\"\nsandbox = true\ntest_secret = \"t\"",
    );
    let read = Provisioning::parse(&text).unwrap();
    assert!(read.settings.gateway.sandbox);
    assert_eq!(read.secrets.test_secret.unwrap().expose_secret(), "t");
}

#[test]
fn jubao_has_its_own_keys_and_channels() {
    let jubao = FILE
        .replace("\"beecloud\"", "\"jubao\"")
        .replace("app_id =", "mch_id =")
        .replace("app_secret =", "key =")
        .replace("master_secret = \"seed-master-secret-88bb\"", "");
    let line = mistake(&jubao);
    assert!(
        line.starts_with("gateway.channels：") && line.contains("JUBAO_ALI_WAP"),
        "BeeCloud's channels are no channels of it: {line}"
    );
    let channels = jubao.find("channels = ").unwrap();
    let end = channels + jubao[channels..].find('\n').unwrap();
    let without = format!("{}{}", &jubao[..channels], &jubao[end..]);
    let read = Provisioning::parse(&without).unwrap();
    assert_eq!(read.settings.gateway.channels, Channel::JUBAO);
    assert_eq!(read.settings.gateway.app_id, "app-0001");
    let config = read.settings.to_toml().unwrap();
    assert!(config.contains("mch_id = \"app-0001\""), "{config}");
    assert_eq!(Settings::parse(&config).unwrap(), read.settings);
    let line = mistake(&without.replace("mch_id = ", "mch = "));
    assert!(line.starts_with("gateway.mch："), "{line}");
    let line = mistake(&without.replace("mch_id = \"app-0001\"", ""));
    assert!(line.starts_with("gateway.mch_id："), "{line}");
    let line = mistake(&FILE.replace("\"ALI_SCAN\"", "\"JUBAO_ALI_WAP\""));
    assert!(line.starts_with("gateway.channels："), "{line}");
}

proptest! {
    #[test]
    fn no_text_panics_or_leaks(at in 0usize..FILE.len(), junk in ".{0,6}") {
        let cut = (0..=at).rev().find(|i| FILE.is_char_boundary(*i)).unwrap_or(0);
        let text = format!("{}{junk}{}", &FILE[..cut], &FILE[cut..]);
        if let Err(error) = Provisioning::parse(&text) {
            let line = error.to_string();
            prop_assert!(!line.contains('\n'));
            prop_assert!(!line.contains("seed-app") && !line.contains("seed-master"));
        }
    }
}
