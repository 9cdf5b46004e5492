//! F4, the preview on the stage, and pictures that are dropped on the window.

use super::counter::*;
use super::looks::check_layout;
use super::sample;
use iced::keyboard::key::Named;
use iced::window;
use shouyin::domain::Fen;
use shouyin::till::service::*;
use shouyin::ui::app::{Function, Message, Screen};
use shouyin::ui::clock::Clock;
use shouyin::ui::screens::camera;
use shouyin::ui::strings::Words;
use std::path::PathBuf;
use std::sync::Arc;

const BILL: &str = "2026112001000063K7Q2M4XD";

fn frame(seq: u64) -> Arc<CameraView> {
    Arc::new(CameraView {
        seq,
        width: 640,
        height: 480,
        light: (0..640 * 480).map(|n| (n % 251) as u8).collect(),
        code: Some([
            (200.0, 100.0),
            (400.0, 100.0),
            (400.0, 300.0),
            (200.0, 300.0),
        ]),
    })
}

impl Counter {
    /// A frame comes as the subscription brings it.
    fn sees(&mut self, seq: u64) {
        self.tell(Message::Camera(camera::Message::Frame(Some(frame(seq)))));
    }

    fn health(&mut self, camera: Option<DeviceHealth>) {
        self.snapshot.health.camera = camera;
        self.snapshot.seq += 1;
        self.tell(Message::Snapshot(Arc::new(self.snapshot.clone())));
    }

    fn is_on(&self) -> bool {
        self.app.camera_is_open()
    }

    fn file(&mut self, message: fn(window::Id) -> camera::Message) {
        let main = self.app.main_window();
        self.tell(Message::Camera(message(main)));
    }

    fn device_reads(&mut self, text: &str) {
        let text = ScanText::new(text.to_owned());
        self.tell(Message::Noticed(Notice::Scanned(text)));
    }
}

fn dropped(id: window::Id) -> camera::Message {
    camera::Message::Dropped(id, PathBuf::from("code.png"))
}

fn words() -> Words {
    Words::new(shouyin::domain::config::Language::Chinese)
}

#[test]
fn f4_shows_what_the_camera_sees_beside_the_amount() {
    let mut counter = Counter::idle();
    counter.typed("12.34");
    counter.sent();
    counter.press(Named::F4);
    assert_sent(&counter, &["Camera(true)"], "F4");
    assert!(counter.is_on());
    assert!(counter.reads(words().camera_opening()));
    assert_eq!(counter.app.camera_frame(), None);
    counter.health(Some(DeviceHealth::Ready));
    counter.sees(1);
    assert_eq!(counter.app.camera_frame(), Some(1));
    assert!(counter.reads("12.34") && counter.reads(words().camera_place()));
    assert!(!counter.reads(words().camera_opening()));
    counter.sees(2);
    assert_eq!(counter.app.camera_frame(), Some(2));
    counter.press(Named::Escape);
    assert_sent(&counter, &["Camera(false)"], "Esc closes only the page");
    assert!(!counter.is_on());
    assert_eq!(counter.app.typed(), "12.34");
    assert_eq!(
        counter.app.camera_frame(),
        None,
        "no frame outlives its place"
    );
    // One that comes late.
    counter.sees(3);
    assert_eq!(counter.app.camera_frame(), None);
}

#[test]
fn f4_again_and_a_touch_close_it() {
    let mut counter = Counter::idle();
    counter.touch(words().key_camera());
    assert!(counter.is_on(), "the key bar opens it");
    counter.press(Named::F4);
    assert!(!counter.is_on());
    counter.press(Named::F4);
    counter.touch(words().camera_close());
    assert!(!counter.is_on());
    let sent = ["(true)", "(false)", "(true)", "(false)"];
    assert_sent(&counter, &sent, "on and off");
}

#[test]
fn a_found_code_is_the_payment_and_the_page_is_gone() {
    let mut counter = Counter::idle();
    counter.typed("12.34");
    counter.press(Named::F4);
    counter.health(Some(DeviceHealth::Ready));
    counter.sent();
    counter.device_reads(ALIPAY_CODE);
    assert_sent(
        &counter,
        &[
            "Camera(false)",
            "Scan { text: ScanText(…), amount: Some(Fen(1234))",
        ],
        "as a scanner's",
    );
    assert!(!counter.is_on());
}

#[test]
fn a_slip_in_sight_is_no_payment_code_and_is_no_word_either() {
    let mut counter = Counter::idle();
    counter.typed("12.34");
    counter.press(Named::F4);
    counter.sent();
    counter.device_reads(BILL);
    assert_sent(&counter, &[], "the page waits on");
    assert!(counter.is_on() && counter.app.toast().is_none());
    // Without the page it is a scanner's, and is said.
    counter.press(Named::F4);
    counter.sent();
    counter.device_reads(BILL);
    assert_sent(&counter, &["Scan"], "a scanner's");
}

#[test]
fn on_a_search_a_slips_number_is_looked_up() {
    let mut counter = Counter::idle();
    counter.press(Named::F5);
    counter.press(Named::F4);
    assert!(counter.is_on() && counter.reads(words().camera_place_slip()));
    let before = counter.till.searched.lock().unwrap().len();
    counter.device_reads(BILL);
    assert!(!counter.is_on());
    assert!(matches!(counter.app.screen(), Screen::Bills(_)));
    let searched = counter.till.searched.lock().unwrap();
    assert_eq!(searched.len(), before + 1);
    let query = format!("{:?}", searched.last());
    assert!(query.contains(BILL), "{query}");
}

#[test]
fn a_key_for_the_page_below_brings_it_back() {
    let mut counter = Counter::idle();
    counter.press(Named::F5);
    counter.press(Named::F4);
    counter.press(Named::ArrowDown);
    assert!(!counter.is_on());
    counter.press(Named::F4);
    counter.press(Named::F8);
    assert!(!counter.is_on(), "another page");
}

#[test]
fn digits_change_the_amount_below_the_page() {
    let mut counter = Counter::idle();
    counter.press(Named::F4);
    assert!(counter.reads(words().type_amount()));
    counter.typed("5");
    assert!(counter.is_on() && counter.reads("5"));
    counter.press(Named::Enter);
    assert!(counter.sent().iter().any(|s| s.contains("ConfirmAmount")));
    counter.show(Stage::Amount { amount: Fen(500) });
    assert!(counter.is_on() && counter.reads("5.00"));
}

#[test]
fn it_closes_by_itself() {
    let open = || {
        let mut counter = Counter::idle();
        counter.typed("5");
        counter.press(Named::F4);
        counter.health(Some(DeviceHealth::Ready));
        counter.sees(1);
        counter.sent();
        counter
    };
    let mut counter = open();
    counter.pass(camera::OPEN_MS - 1_000);
    assert!(counter.is_on());
    assert!(counter.app.next_wake_ms().unwrap() <= counter.clock.mono_ms() + 1_000);
    counter.pass(1_000);
    assert!(!counter.is_on(), "after a minute");
    assert_sent(&counter, &["Camera(false)"], "after a minute");

    let mut counter = open();
    counter.health(None);
    assert!(!counter.is_on(), "the till turned it off");

    let mut counter = open();
    counter.show(Stage::Bill(Box::new(sample::waiting())));
    assert!(!counter.is_on(), "a payment is on the stage");

    let mut counter = open();
    counter.snapshot.signed_in = None;
    counter.show(Stage::Idle);
    assert!(!counter.is_on(), "locked");
    assert_eq!(counter.app.camera_frame(), None);
}

#[test]
fn with_a_payment_in_progress_f4_says_so() {
    let mut counter = Counter::on("waiting");
    counter.press(Named::F4);
    assert!(!counter.is_on());
    assert_sent(&counter, &[], "nothing is turned on");
    assert_eq!(
        counter.app.toast(),
        Some(words().said(&Said::StageBusy).as_str())
    );
    // A refused one awaits its next attempt.
    let mut refused = Counter::on("refused");
    refused.press(Named::F4);
    assert!(refused.is_on() && refused.reads("128.50"));
}

#[test]
fn a_camera_that_is_away_says_why() {
    let mut counter = Counter::idle();
    counter.press(Named::F4);
    let why = "没有找到 /dev/video0，请接好设备或检查设置";
    counter.health(Some(DeviceHealth::Gone(why.to_owned())));
    assert!(counter.reads(why) && counter.reads(words().camera_gone()));
    assert!(counter.reads(words().camera_instead()));
    counter.health(Some(DeviceHealth::Ready));
    counter.sees(1);
    assert!(!counter.reads(why));
}

#[test]
fn by_itself_it_shows_a_small_preview_while_the_amount_is_awaited() {
    let mut counter = Counter::idle();
    let mut settings = (*counter.snapshot.settings).clone();
    settings.camera.always = true;
    counter.snapshot.settings = Arc::new(settings);
    counter.health(None);
    counter.sees(1);
    assert_eq!(counter.app.camera_frame(), None);
    counter.health(Some(DeviceHealth::Ready));
    counter.show(Stage::Amount { amount: Fen(500) });
    counter.sees(2);
    assert_eq!(counter.app.camera_frame(), Some(2));
    assert!(counter.reads(words().camera_on()) && !counter.is_on());
    // Larger and small again without waiting for the next frame.
    counter.till.camera.send_replace(Some(frame(3)));
    counter.press(Named::F4);
    assert_eq!(counter.app.camera_frame(), Some(3));
    counter.press(Named::Escape);
    assert_eq!(counter.app.camera_frame(), Some(3));
    counter.show(Stage::Idle);
    assert_eq!(counter.app.camera_frame(), None);
    assert!(!counter.reads(words().camera_on()));
}

#[test]
fn a_dropped_picture_is_read() {
    let mut counter = Counter::idle();
    counter.file(camera::Message::Hovered);
    assert!(counter.reads(words().drop_picture()));
    counter.tell(Message::Camera(camera::Message::Left));
    assert!(!counter.reads(words().drop_picture()));
    counter.file(camera::Message::Hovered);
    counter.file(dropped);
    assert_sent(&counter, &["ReadPicture(\"code.png\")"], "dropped");
    assert!(!counter.reads(words().drop_picture()));
    let elsewhere = window::Id::unique();
    counter.tell(Message::Camera(dropped(elsewhere)));
    assert_sent(&counter, &[], "another window's");
}

#[test]
fn where_a_pin_or_an_answer_is_asked_neither_counts() {
    let mut locked = sample::scene("lock").unwrap();
    locked.signed_in = None;
    let mut asked = sample::snapshot(Stage::Idle);
    asked.question = Some(Question {
        open: Box::new(sample::unresolved()),
        amount: Fen(500),
    });
    for snapshot in [locked, asked] {
        let mut counter = Counter::new(snapshot);
        counter.file(camera::Message::Hovered);
        assert!(!counter.reads(words().drop_picture()));
        counter.file(dropped);
        counter.tell(Message::Function(Function::Camera));
        assert!(!counter.is_on());
        assert_sent(&counter, &[], "dropped");
    }
}

#[test]
fn nothing_overlaps_or_is_cut_off() {
    let gone = DeviceHealth::Gone("没有权限打开 /dev/video0，请把当前用户加入 video 组".to_owned());
    for name in ["idle", "amount", "refused", "practice"] {
        for language in both_languages() {
            for health in [None, Some(DeviceHealth::Ready), Some(gone.clone())] {
                for page in [None, Some(Named::F5), Some(Named::F4)] {
                    let stage =
                        sample::scene(name).unwrap_or_else(|| sample::on_stage(sample::face(name)));
                    let mut snapshot = stage;
                    snapshot.shop.language = language;
                    let mut settings = (*snapshot.settings).clone();
                    settings.camera.always = true;
                    snapshot.settings = Arc::new(settings);
                    let mut counter = Counter::new(snapshot);
                    counter.health(health.clone());
                    if let Some(page) = page {
                        counter.press(page);
                    }
                    if page == Some(Named::F5) {
                        counter.press(Named::F4);
                    }
                    counter.sees(1);
                    for size in SIZES {
                        let what = format!("{name} {language:?} {size:?} {page:?} {health:?}");
                        check_layout(&counter.main_texts(size), size, &what, name == "practice");
                    }
                }
            }
        }
    }
}
