//! The camera in the till, with a folder of pictures in its place: when it is on, and what of what
//! it sees is a scan.

use crate::harness::{PATIENCE, Shop};
use shouyin::domain::{Fen, State, Wallet};
use shouyin::till::service::{
    CameraView, Desk, DeviceHealth, Said, ScanText, Service, TestedDevice,
};
use shouyin::till::{Command, Devices, Notice};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

crate::rules! {
    f4_shows_what_it_sees_and_one_code_is_one_scan,
    a_code_in_many_pictures_is_one_scan_and_another_is_another,
    posters_and_parcels_are_passed_over_without_a_word,
    a_slips_number_counts_by_hand_and_only_without_an_amount,
    by_itself_it_is_on_only_while_an_amount_is_confirmed,
    by_hand_it_goes_off_after_a_minute,
    locked_it_is_off_and_stays_off,
    a_camera_that_is_away_says_so_comes_back_and_delays_no_payment,
    a_setting_that_names_another_camera_counts_at_once,
    a_dropped_picture_is_read_as_a_scan,
    a_picture_is_not_read_while_locked,
    a_camera_is_tried_out_by_one_frame,
}

const CODE: &str = "134567890123456789";
const OTHER: &str = "286612345678901234";
const BILL: &str = "2026112001000063K7Q2M4XD";
const POSTERS: [&str; 4] = [
    "https://example.com/menu",
    "WIFI:S:shop;T:nopass;;",
    "SF1234567890123",
    "0112345678901231",
];

/// A shop whose camera is this folder.
struct Seeing {
    shop: Shop,
    folder: PathBuf,
    pictures: u32,
    view: tokio::sync::watch::Receiver<Option<Arc<CameraView>>>,
}

const COUNTER: Devices = Devices {
    counter: true,
    printer: false,
    font: None,
    sound: None,
};

impl Seeing {
    fn new(always: bool) -> Seeing {
        Seeing::of(Shop::open, always)
    }

    fn of(open: impl FnOnce() -> Shop, always: bool) -> Seeing {
        let mut shop = open();
        let folder = shop.dir.path().join("camera");
        std::fs::create_dir(&folder).unwrap();
        let path = shouyin::till::open::config_path(shop.dir.path());
        let settings = std::fs::read_to_string(&path).unwrap();
        let mut settings = shouyin::domain::config::Settings::parse(&settings).unwrap();
        settings.camera.source = format!("folder:{}", folder.display());
        settings.camera.always = always;
        std::fs::write(&path, settings.to_toml().unwrap()).unwrap();
        shop.start_using(COUNTER);
        let view = shop.till().camera();
        Seeing {
            shop,
            folder,
            pictures: 0,
            view,
        }
    }

    /// One more frame.
    fn sees(&mut self, text: &str) {
        self.pictures += 1;
        let name = format!("{:04}.png", self.pictures);
        // A file that is being written is no picture yet: it comes whole.
        let whole = self.shop.dir.path().join(&name);
        std::fs::write(&whole, code_png(text)).unwrap();
        std::fs::rename(whole, self.folder.join(name)).unwrap();
    }

    fn camera(&mut self, on: bool) {
        self.shop.send(Command::Camera(on));
        self.shop.settle_commands();
    }

    fn confirm(&mut self, fen: i64) {
        let (amount, note) = (Fen(fen), String::new());
        self.shop.send(Command::ConfirmAmount { amount, note });
        self.shop.settle_commands();
    }

    fn until_health(&mut self, what: &str, fits: impl Fn(Option<&DeviceHealth>) -> bool) {
        let fitting = |s: &shouyin::till::Snapshot| fits(s.health.camera.as_ref()).then_some(());
        self.shop.until(what, fitting);
    }

    fn until_ready(&mut self) {
        self.until_health("a camera", |h| h == Some(&DeviceHealth::Ready));
    }

    fn until_off(&mut self) {
        self.until_health("the camera is off", |h| h.is_none());
        assert!(self.view.borrow().is_none(), "and shows nothing");
    }

    /// Waits for a frame of the preview that is newer than this.
    fn until_frame(&mut self, after: u64) -> Arc<CameraView> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let shown = self.view.borrow().clone();
            if let Some(view) = shown.filter(|v| v.seq > after) {
                return view;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no frame");
    }

    /// Every scan so far.
    fn scans(&mut self) -> Vec<String> {
        let heard = self.shop.heard().iter().filter_map(|n| match n {
            Notice::Scanned(text) => Some(text.expose().to_owned()),
            _ => None,
        });
        heard.collect()
    }

    fn until_scans(&mut self, expected: &[&str]) {
        let end = Instant::now() + PATIENCE;
        while self.scans().len() < expected.len() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(self.scans(), expected);
    }

    /// Everything in the folder was looked at, and what follows from it was done. The picture that
    /// ends it is told by its size; the preview may pass over one that comes too soon.
    fn has_looked(&mut self) {
        let end = Instant::now() + PATIENCE;
        let is_last = |seeing: &Seeing| {
            let shown = seeing.view.borrow();
            shown.as_ref().is_some_and(|v| v.width > 200)
        };
        while !is_last(self) && Instant::now() < end {
            self.sees(&"nothing of ours ".repeat(8));
            std::thread::sleep(Duration::from_millis(300));
        }
        assert!(is_last(self), "it looks no more");
        // The next one is another one's end.
        while is_last(self) && Instant::now() < end {
            self.sees("nothing");
            std::thread::sleep(Duration::from_millis(100));
        }
        self.shop.settle_commands();
    }

    fn said(&mut self) -> Vec<Said> {
        let said = self.shop.heard().iter().filter_map(|n| match n {
            Notice::Said(said) => Some(said.clone()),
            _ => None,
        });
        said.collect()
    }
}

/// A QR of four pixels a module.
fn code_png(text: &str) -> Vec<u8> {
    let code = qrcode::QrCode::new(text).unwrap();
    let side = (code.width() + 8) * 4;
    let dark = |n: usize| {
        let x = (n % side / 4).checked_sub(4)?;
        let y = (n / side / 4).checked_sub(4)?;
        let inside = x < code.width() && y < code.width();
        inside.then(|| code[(x, y)] == qrcode::Color::Dark)
    };
    let light: Vec<u8> = (0..side * side)
        .map(|n| if dark(n) == Some(true) { 0 } else { 255 })
        .collect();
    let mut bytes = Vec::new();
    let size = u32::try_from(side).unwrap();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&light).unwrap();
    writer.finish().unwrap();
    bytes
}

fn f4_shows_what_it_sees_and_one_code_is_one_scan() {
    let mut seeing = Seeing::new(false);
    seeing.until_off();
    seeing.camera(true);
    seeing.until_ready();
    seeing.sees("nothing of ours");
    let empty = seeing.until_frame(0);
    assert_eq!(empty.light.len(), empty.width * empty.height);
    assert_eq!(empty.code, None, "what does not count is not outlined");
    seeing.sees(BILL);
    seeing.until_scans(&[BILL]);
    let shown = seeing.until_frame(empty.seq);
    let corners = shown.code.expect("the outline");
    let (width, height) = (shown.width as f32, shown.height as f32);
    let inside = |(x, y): &(f32, f32)| (0.0..=width).contains(x) && (0.0..=height).contains(y);
    assert!(corners.iter().all(inside), "{corners:?}");
    // The number of a slip leaves it on: whoever searches may take another one.
    seeing.sees(CODE);
    seeing.until_scans(&[BILL, CODE]);
    seeing.until_off();
    seeing.sees(OTHER);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(seeing.scans().len(), 2, "it is off");
}

fn a_code_in_many_pictures_is_one_scan_and_another_is_another() {
    let mut seeing = Seeing::new(true);
    seeing.confirm(1000);
    seeing.until_ready();
    for _ in 0..5 {
        seeing.sees(CODE);
    }
    seeing.until_scans(&[CODE]);
    seeing.sees(OTHER);
    seeing.sees(CODE);
    seeing.sees(OTHER);
    seeing.has_looked();
    assert_eq!(seeing.scans(), [CODE, OTHER]);
    // Out of sight for two seconds: it has come anew.
    std::thread::sleep(Duration::from_millis(2_100));
    seeing.sees(CODE);
    seeing.until_scans(&[CODE, OTHER, CODE]);
}

fn posters_and_parcels_are_passed_over_without_a_word() {
    for always in [false, true] {
        let mut seeing = Seeing::new(always);
        if always {
            seeing.confirm(1000);
        } else {
            seeing.camera(true);
        }
        seeing.until_ready();
        for poster in POSTERS {
            seeing.sees(poster);
        }
        seeing.has_looked();
        assert!(seeing.scans().is_empty() && seeing.said().is_empty());
        seeing.sees(CODE);
        seeing.until_scans(&[CODE]);
    }
}

fn a_slips_number_counts_by_hand_and_only_without_an_amount() {
    let mut seeing = Seeing::new(true);
    seeing.confirm(1000);
    seeing.until_ready();
    seeing.sees(BILL);
    seeing.has_looked();
    seeing.camera(true);
    seeing.sees(BILL);
    seeing.has_looked();
    assert!(seeing.scans().is_empty());
    seeing.shop.send(Command::ClearAmount);
    seeing.camera(true);
    seeing.sees(BILL);
    seeing.until_scans(&[BILL]);
}

fn by_itself_it_is_on_only_while_an_amount_is_confirmed() {
    let mut seeing = Seeing::new(true);
    seeing.sees(CODE);
    seeing.shop.settle_commands();
    seeing.until_off();
    assert!(seeing.scans().is_empty());
    seeing.confirm(1000);
    seeing.until_scans(&[CODE]);
    seeing.until_ready();
    seeing.shop.send(Command::ClearAmount);
    seeing.until_off();
    // A payment on the stage awaits no code.
    let text = seeing.shop.fresh_code(Wallet::Alipay);
    let bill_no = seeing.shop.staging(|shop| shop.scan(&text, Some(1000)));
    seeing.shop.until_state(&bill_no, State::Paid);
    seeing.until_off();
}

fn by_hand_it_goes_off_after_a_minute() {
    let mut seeing = Seeing::new(false);
    let asked = Instant::now();
    seeing.camera(true);
    seeing.until_ready();
    seeing.until_off();
    assert!(asked.elapsed() >= Duration::from_secs(60));
    // By Esc at once.
    seeing.camera(true);
    seeing.until_ready();
    seeing.camera(false);
    seeing.until_off();
}

fn locked_it_is_off_and_stays_off() {
    let mut seeing = Seeing::new(true);
    seeing.camera(true);
    seeing.until_ready();
    seeing.shop.send(Command::Lock);
    seeing.until_off();
    seeing.camera(true);
    seeing.shop.until_said("locked", |s| *s == Said::Locked);
    seeing.until_off();
    seeing.sees(CODE);
    seeing.shop.sign_in("1001");
    seeing.shop.settle_commands();
    seeing.until_off();
    assert!(seeing.scans().is_empty());
}

fn a_camera_that_is_away_says_so_comes_back_and_delays_no_payment() {
    let mut seeing = Seeing::new(true);
    for round in 0..2 {
        std::fs::remove_dir_all(&seeing.folder).unwrap();
        seeing.camera(true);
        let gone = |h: Option<&DeviceHealth>| matches!(h, Some(DeviceHealth::Gone(why)) if why.contains("camera"));
        seeing.until_health("a camera that is away", gone);
        let bill_no = seeing.shop.charge(1000 + round, Wallet::Wechat);
        seeing.shop.until_state(&bill_no, State::Paid);
        std::fs::create_dir(&seeing.folder).unwrap();
        seeing.camera(true);
        seeing.until_ready();
    }
    seeing.sees(CODE);
    seeing.until_scans(&[CODE]);
}

fn a_setting_that_names_another_camera_counts_at_once() {
    let mut seeing = Seeing::of(|| Shop::desk(|_| {}), false);
    seeing.shop.sign_in("2001");
    seeing.camera(true);
    seeing.until_ready();
    let another = seeing.shop.dir.path().join("another");
    std::fs::create_dir(&another).unwrap();
    std::fs::write(another.join("1.png"), code_png(CODE)).unwrap();
    let key = "camera.source".to_owned();
    let value = format!("folder:{}", another.display());
    let change = shouyin::till::service::SettingChange { key, value };
    let changed = seeing.shop.till().change_settings(vec![change]);
    seeing.shop.runtime.block_on(changed).unwrap();
    seeing.until_scans(&[CODE]);
}

fn dropped(seeing: &Seeing, name: &str, bytes: &[u8]) -> PathBuf {
    let path = seeing.shop.dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    seeing.shop.send(Command::ReadPicture(path.clone()));
    path
}

fn a_dropped_picture_is_read_as_a_scan() {
    let mut seeing = Seeing::new(false);
    dropped(&seeing, "a.png", &code_png(CODE));
    seeing.until_scans(&[CODE]);
    // A person chose it, so it is judged as a scanner's text is, whatever it says.
    dropped(&seeing, "b.png", &code_png(POSTERS[0]));
    seeing.until_scans(&[CODE, POSTERS[0]]);
    dropped(&seeing, "c.png", &blank_png());
    seeing
        .shop
        .until_said("no code", |s| *s == Said::NoCodeInPicture);
    let line = |s: &Said| matches!(s, Said::Text(line) if line.contains("图片"));
    dropped(&seeing, "d.png", b"no picture");
    seeing.shop.until_said("no picture", line);
    let folder = seeing.folder.clone();
    seeing.shop.send(Command::ReadPicture(folder));
    seeing.shop.until_said("no file", line);
    // Several at once: one is read, and the others are not taken for payments.
    let path = dropped(&seeing, "e.png", &code_png(OTHER));
    seeing.shop.send(Command::ReadPicture(path));
    seeing.shop.until_said("one at a time", line);
    seeing.until_scans(&[CODE, POSTERS[0], OTHER]);
    let text = ScanText::new(OTHER.to_owned());
    assert!(!format!("{:?}", Notice::Scanned(text)).contains(OTHER));
}

fn a_picture_is_not_read_while_locked() {
    let mut seeing = Seeing::new(false);
    dropped(&seeing, "a.png", &code_png(CODE));
    seeing.until_scans(&[CODE]);
    seeing.shop.send(Command::Lock);
    dropped(&seeing, "b.png", &code_png(OTHER));
    seeing.shop.until_said("locked", |s| *s == Said::Locked);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(seeing.scans(), [CODE]);
}

fn a_camera_is_tried_out_by_one_frame() {
    let mut seeing = Seeing::of(|| Shop::desk(|_| {}), false);
    let tried = |seeing: &Seeing| {
        let answer = seeing.shop.till().test_device(TestedDevice::Camera);
        seeing.shop.runtime.block_on(answer)
    };
    assert_eq!(tried(&seeing), Err(Said::Locked));
    seeing.shop.sign_in("2001");
    let away = |answer: Result<(), Said>, part: &str| matches!(answer, Err(Said::DeviceAway(why)) if why.contains(part));
    assert!(away(tried(&seeing), "3 秒"), "no frame came");
    seeing.until_off();
    seeing.sees(CODE);
    assert_eq!(tried(&seeing), Ok(()));
    seeing.until_off();
    assert!(seeing.scans().is_empty(), "trying it out scans nothing");
    std::fs::remove_dir_all(&seeing.folder).unwrap();
    let folder = seeing.folder.display().to_string();
    assert!(away(tried(&seeing), &folder), "it is away");
    seeing.until_off();
}

fn blank_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 200, 200);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[200; 40_000]).unwrap();
    writer.finish().unwrap();
    bytes
}
