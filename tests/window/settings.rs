//! F10 by keys alone and by touch alone: settings, staff, the connection test.

use super::counter::*;
use super::sample;
use iced::keyboard::key::Named;
use shouyin::domain::{Channel, Host};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::screens::settings::{self, Message as Settings};
use shouyin::ui::strings::Words;

fn manager() -> Counter {
    Counter::new(sample::managing(sample::snapshot(Stage::Idle)))
}

fn opened() -> Counter {
    let mut counter = manager();
    counter.press(Named::F10);
    assert!(matches!(counter.app.screen(), Screen::Settings(_)));
    counter
}

fn presses(counter: &mut Counter, key: Named, times: usize) {
    (0..times).for_each(|_| counter.press(key));
}

fn saved(counter: &mut Counter, result: Result<(), Said>) {
    counter.tell(Message::Settings(Settings::Saved(result)));
}

#[test]
fn a_cashier_opens_no_settings() {
    let mut counter = Counter::idle();
    counter.press(Named::F10);
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert_eq!(counter.app.toast(), Some("这一步需要店长"));
}

#[test]
fn a_setting_is_changed_by_keys_alone() {
    let mut counter = opened();
    presses(&mut counter, Named::Tab, 3);
    assert!(counter.reads("单笔收款上限（元）"));
    counter.press(Named::Enter);
    presses(&mut counter, Named::Backspace, 8);
    counter.typed("1234.5");
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert_eq!(asked.len(), 1, "a second Enter sends nothing: {asked:?}");
    assert!(
        asked[0].contains("payment.max_amount") && asked[0].contains("1234.5"),
        "{asked:?}"
    );
    saved(&mut counter, Ok(()));
    assert!(counter.reads("已保存"));
}

#[test]
fn a_refused_setting_keeps_what_was_typed_and_says_why() {
    let mut counter = opened();
    counter.press(Named::Enter);
    counter.typed("X");
    counter.press(Named::Enter);
    let why = "shop.name 不对：最多 64 个字符";
    saved(&mut counter, Err(Said::SettingWrong(why.to_owned())));
    assert!(counter.reads(why));
    counter.press(Named::Escape);
    assert!(
        matches!(counter.app.screen(), Screen::Settings(_)),
        "Esc leaves the setting only"
    );
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn a_word_and_the_channels_are_chosen_by_keys() {
    let mut counter = opened();
    presses(&mut counter, Named::ArrowDown, 2);
    counter.press(Named::Enter);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert!(
        asked[0].contains("shop.language") && asked[0].contains("\"en\""),
        "{asked:?}"
    );
    saved(&mut counter, Ok(()));
    counter.press(Named::Tab);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    counter.typed("1");
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert!(
        asked[0].contains("WX_SCAN, ALI_OFFLINE_QRCODE, WX_NATIVE\""),
        "{asked:?}"
    );
}

#[test]
fn a_setting_is_changed_by_touch_alone() {
    let mut counter = manager();
    counter.touch("设置");
    counter.touch("限额与锁定");
    counter.touch("单笔退款限额（元）");
    for digit in ["2", "0", "0", ".", "5"] {
        counter.touch(digit);
    }
    counter.touch("保存");
    let asked = counter.till.desk.taken();
    assert!(
        asked[0].contains("refund.max_per_refund") && asked[0].contains("200.5"),
        "{asked:?}"
    );
    saved(&mut counter, Ok(()));
    counter.touch("网关");
    counter.touch("回调地址");
    for key in ["h", "t", "Aa", "@", "Aa", "p"] {
        counter.touch(key);
    }
    counter.touch("保存");
    let asked = counter.till.desk.taken();
    assert!(asked[0].contains("ht@p"), "{asked:?}");
    saved(&mut counter, Ok(()));
    counter.touch("支付方式");
    counter.touch("2 WX_SCAN");
    counter.touch("保存");
    let asked = counter.till.desk.taken();
    assert!(
        asked[0].contains("\"ALI_SCAN, ALI_OFFLINE_QRCODE, WX_NATIVE\""),
        "{asked:?}"
    );
    saved(&mut counter, Ok(()));
    counter.touch("返回");
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn someone_is_added_by_keys_with_the_pin_typed_twice() {
    let mut counter = opened();
    presses(&mut counter, Named::Tab, 7);
    assert!(counter.reads("一号店长"));
    presses(&mut counter, Named::ArrowDown, 2);
    counter.press(Named::Enter);
    counter.typed("1009");
    counter.press(Named::Enter);
    counter.typed("新人");
    counter.press(Named::Enter);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    counter.typed("445566");
    counter.press(Named::Enter);
    counter.typed("445567");
    counter.press(Named::Enter);
    assert!(counter.reads("两次输入的 PIN 不一样"));
    assert!(counter.till.desk.taken().is_empty());
    counter.typed("445566");
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("1009") && asked[0].contains("新人") && asked[0].contains("Manager"));
    assert!(!asked[0].contains("445566"), "a PIN does not print");
    counter.tell(Message::Settings(settings::staff_changed(Ok(()))));
    assert!(counter.reads("员工已更新"));
}

#[test]
fn tab_goes_through_the_form_and_changes_no_role() {
    let mut counter = opened();
    presses(&mut counter, Named::Tab, 7);
    presses(&mut counter, Named::ArrowDown, 2);
    counter.press(Named::Enter);
    counter.typed("1009");
    counter.press(Named::Tab);
    counter.typed("新人");
    presses(&mut counter, Named::Tab, 2);
    counter.typed("445566");
    counter.press(Named::Tab);
    counter.typed("445566");
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert!(asked[0].contains("role: Cashier"), "{asked:?}");
    assert!(asked[0].contains("name: \"新人\""), "{asked:?}");
}

#[test]
fn someone_is_disabled_by_touch_after_a_question() {
    let mut counter = manager();
    counter.touch("设置");
    counter.touch("员工");
    counter.touch("一号收银员");
    counter.touch("停用");
    assert!(counter.till.desk.taken().is_empty(), "asked first");
    assert!(counter.reads("停用 1001？之后不能登录"));
    counter.touch("停用");
    let asked = counter.till.desk.taken();
    assert_eq!(asked, ["Disable { id: \"1001\" }"]);
    let refused = Err(Said::LastManager);
    counter.tell(Message::Settings(settings::staff_changed(refused)));
    assert!(counter.reads("最后一位店长不能停用"));
}

#[test]
fn a_scan_where_a_pin_is_asked_is_dropped() {
    let mut counter = opened();
    presses(&mut counter, Named::Tab, 7);
    counter.typed("1");
    counter.scan(ALIPAY_CODE, false);
    counter.typed("4455");
    counter.press(Named::Enter);
    counter.typed("4455");
    counter.press(Named::Enter);
    assert_eq!(
        counter.till.desk.taken(),
        ["SetPin { id: \"1001\", pin: Pin(…) }"]
    );
    assert_sent(&counter, &[], "no sale");
}

#[test]
fn the_customers_window_comes_and_goes_with_its_setting() {
    use shouyin::domain::config::CustomerWindow;
    let mut counter = manager();
    let before = counter.app.customer_window();
    assert!(before.is_some());
    let mut set = |window: CustomerWindow| {
        let mut settings = (*counter.snapshot.settings).clone();
        settings.customer.window = window;
        counter.snapshot.settings = std::sync::Arc::new(settings);
        counter.show(Stage::Idle);
        counter.app.customer_window()
    };
    assert_eq!(set(CustomerWindow::Off), None);
    let again = set(CustomerWindow::On);
    assert!(again.is_some() && again != before);
    assert_eq!(set(CustomerWindow::On), again, "unchanged stays");
}

fn checks() -> Vec<Check> {
    let host = Host("https://api.beecloud.cn".to_owned());
    let check = |what, grade, found| Check {
        host: host.clone(),
        what,
        grade,
        found,
    };
    let fine = Found::Fine { took_ms: 42 };
    let not_opened = Found::NotOpened {
        code: 3,
        detail: "CHANNEL_INVALID".to_owned(),
    };
    vec![
        check(Checked::Dns, Grade::Ok, fine.clone()),
        check(Checked::Tls, Grade::Ok, fine.clone()),
        check(
            Checked::Clock,
            Grade::Fail,
            Found::ClockOff { seconds: 3_610 },
        ),
        check(Checked::Signature, Grade::Ok, fine),
        check(Checked::Channel(Channel::WxScan), Grade::Fail, not_opened),
    ]
}

#[test]
fn the_connection_test_tells_apart_what_is_wrong() {
    let mut counter = opened();
    presses(&mut counter, Named::Tab, 8);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert_eq!(counter.till.desk.taken(), ["test_connection"], "once");
    assert!(counter.reads("正在测试…"));
    counter.tell(Message::Settings(Settings::Tested(Ok(checks()))));
    assert!(counter.reads("本机时钟相差 3610 秒，请校准系统时间"));
    assert!(counter.reads("WX_SCAN"));
}

#[test]
fn every_page_and_form_fits_at_every_size_in_both_languages() {
    for language in both_languages() {
        let mut snapshot = sample::managing(sample::snapshot(Stage::Idle));
        snapshot.shop.language = language;
        let w = Words::new(language);
        let mut counter = Counter::new(snapshot);
        counter.press(Named::F10);
        for tab in settings::Tab::ALL {
            counter.tell(Message::Settings(Settings::Turn(tab)));
            if tab == settings::Tab::Connection {
                counter.tell(Message::Settings(Settings::Tested(Ok(checks()))));
            }
            fits(&mut counter, tab.name(w));
            for key in tab.keys() {
                counter.tell(Message::Settings(Settings::Edit(key)));
                fits(&mut counter, key);
                counter.press(Named::Escape);
            }
        }
        counter.tell(Message::Settings(Settings::Turn(settings::Tab::Staff)));
        counter.typed("1");
        fits(&mut counter, "new PIN");
        counter.press(Named::Escape);
        presses(&mut counter, Named::ArrowDown, 2);
        counter.press(Named::Enter);
        for field in 0..5 {
            fits(&mut counter, &format!("new member, field {field}"));
            counter.press(Named::ArrowDown);
        }
    }
}

fn fits(counter: &mut Counter, what: &str) {
    for size in SIZES {
        let texts = counter.main_texts(size);
        super::looks::check_layout(&texts, size, &format!("{what} {size:?}"), true);
    }
}

/// Everything is set and connected.
pub fn equipped() -> Snapshot {
    let mut snapshot = sample::managing(sample::snapshot(Stage::Idle));
    let changes = [
        ("scanner.serial", "/dev/serial/by-id/usb-SCANNER-if00"),
        ("printer.target", "tcp://192.0.2.10:9100"),
        ("printer.drawer", "true"),
        ("pole.target", "serial:/dev/ttyUSB1?baud=9600"),
    ];
    let changes = changes.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = snapshot.settings.with_changes(&changes).unwrap();
    snapshot.settings = std::sync::Arc::new(settings);
    snapshot.health.printer = Some(DeviceHealth::Warn(
        "小票纸快用完了，请准备好新纸".to_owned(),
    ));
    snapshot.health.pole = Some(DeviceHealth::Gone("没有找到设备，请检查连接".to_owned()));
    snapshot.health.sound = Some(DeviceHealth::Ready);
    snapshot
}

pub fn at_tests(snapshot: Snapshot) -> Counter {
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F10);
    presses(&mut counter, Named::Tab, 6);
    assert!(counter.reads("请扫一个码"));
    counter
}

#[test]
fn a_device_is_tried_by_keys_once_at_a_time() {
    let mut counter = at_tests(equipped());
    assert!(
        counter.reads("小票纸快用完了，请准备好新纸") && counter.reads("没有找到设备，请检查连接")
    );
    presses(&mut counter, Named::ArrowDown, 2);
    presses(&mut counter, Named::Enter, 3);
    assert_eq!(counter.till.desk.taken(), ["test_device Printer"]);
    assert!(counter.reads("正在测试…"));
    let tried = |device, result| Message::Settings(Settings::Tried(device, result));
    counter.tell(tried(TestedDevice::Printer, Ok(())));
    assert!(counter.reads("测试小票已送出，请看纸上是否完整"));
    counter.press(Named::Enter);
    assert_eq!(counter.till.desk.taken(), ["test_device Printer"], "again");
    let away = Said::DeviceAway("缺纸，请装纸".to_owned());
    counter.tell(tried(TestedDevice::Printer, Err(away)));
    assert!(counter.reads("设备不可用：缺纸，请装纸"));
    counter.tell(tried(TestedDevice::Drawer, Ok(())));
    assert!(!counter.reads("已发出开箱信号，钱箱应已弹开"), "not asked");
}

#[test]
fn every_device_is_tried_by_touch_and_none_that_is_not_set() {
    let mut counter = Counter::new(equipped());
    counter.touch("设置");
    counter.touch("设备测试");
    counter.touch("测试");
    assert_eq!(counter.till.desk.taken(), ["test_device Scanner"]);
    let mut counter = at_tests(sample::managing(sample::snapshot(Stage::Idle)));
    assert!(counter.reads("键盘扫码枪不用设置"));
    counter.press(Named::Enter);
    presses(&mut counter, Named::ArrowDown, 2);
    counter.press(Named::Enter);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    presses(&mut counter, Named::ArrowDown, 2);
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty(), "nothing is set");
}

#[test]
fn a_scan_among_the_device_tests_is_masked_and_charges_nothing() {
    let mut counter = at_tests(equipped());
    counter.scan(ALIPAY_CODE, false);
    assert!(counter.reads("支付宝 · 18 位 · 2830…"));
    counter.scan("130123456789012345", false);
    assert!(counter.reads("微信 · 18 位 · 1301…"));
    counter.scan("SN-4711-ABCDEF", false);
    assert!(counter.reads("扫到了，不是付款码 · 14 个字符"));
    assert_sent(&counter, &[], "nothing is charged");
    let texts = counter.main_texts(SIZES[1]);
    assert!(!texts.iter().any(|(t, ..)| t.contains("4711")));
    let state = format!("{:?}", counter.app.screen());
    assert!(!state.contains("5159769400"), "no code is kept");
}

#[test]
fn naming_one_scanner_takes_the_others_away() {
    let mut counter = Counter::new(equipped());
    counter.press(Named::F10);
    counter.tell(Message::Settings(Settings::Edit("scanner.hid")));
    assert!(counter.reads("VID:PID（如 0c2e:0901）、/dev/hidraw0 或 auto；会清掉另外两种"));
    counter.tell(Message::Settings(Settings::Text("auto".to_owned())));
    counter.tell(Message::Settings(Settings::Save));
    let asked = counter.till.desk.taken();
    let told = |key: &str, value: &str| {
        let text = format!("key: \"{key}\", value: \"{value}\"");
        asked.iter().any(|line| line.contains(&text))
    };
    assert!(
        told("scanner.hid", "auto") && told("scanner.serial", ""),
        "{asked:?}"
    );
    let changes = [("scanner.hid", "auto"), ("scanner.serial", "")];
    let changes = changes.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = counter.snapshot.settings.with_changes(&changes).unwrap();
    assert_eq!(settings.typed("scanner.hid"), "auto");
}

#[test]
fn an_address_of_a_printer_is_typed_by_touch_alone() {
    let mut counter = manager();
    counter.touch("设置");
    counter.touch("打印");
    counter.touch("打印机");
    for key in ["f", "i", "l", "e", ":", "Aa", "/", "Aa", "a"] {
        counter.touch(key);
    }
    for key in ["Aa", "?", "=", "|", "Aa"] {
        counter.touch(key);
    }
    counter.touch("保存");
    let asked = counter.till.desk.taken();
    assert!(asked[0].contains("file:/a?=|"), "{asked:?}");
}

#[test]
fn settings_of_devices_read_as_people_say_them() {
    let mut counter = Counter::new(equipped());
    counter.press(Named::F10);
    counter.tell(Message::Settings(Settings::Turn(settings::Tab::Printer)));
    for text in ["58 mm", "GB18030（打印机字库）", "tcp://192.0.2.10:9100"] {
        assert!(counter.reads(text), "{text}");
    }
    counter.tell(Message::Settings(Settings::Turn(settings::Tab::Devices)));
    assert!(counter.reads("ESC/POS"));
}

#[test]
fn the_device_tests_fit_at_every_size_in_both_languages() {
    for language in both_languages() {
        let mut snapshot = equipped();
        snapshot.shop.language = language;
        let mut counter = Counter::new(snapshot);
        counter.press(Named::F10);
        counter.tell(Message::Settings(Settings::Turn(settings::Tab::Tests)));
        fits(&mut counter, "ready");
        let all = [
            TestedDevice::Scanner,
            TestedDevice::Camera,
            TestedDevice::Printer,
            TestedDevice::Drawer,
            TestedDevice::Sound,
            TestedDevice::Pole,
        ];
        for (at, device) in all.into_iter().enumerate() {
            counter.tell(Message::Settings(Settings::Try(device)));
            let away = Said::DeviceAway("连不上 192.0.2.10:9100，请检查电源和网线".to_owned());
            let result = if at % 2 == 0 { Ok(()) } else { Err(away) };
            counter.tell(Message::Settings(Settings::Tried(device, result)));
        }
        counter.scan(ALIPAY_CODE, false);
        fits(&mut counter, "tried");
        for tab in [settings::Tab::Devices, settings::Tab::Printer] {
            counter.tell(Message::Settings(Settings::Turn(tab)));
            fits(&mut counter, "set");
        }
    }
}
