//! The camera: which one, when it is on, and what of what it sees counts as a scan.
//!
//! It is on by hand (F4: until it found a payment code, Esc, or a minute), where the setting says
//! so while an amount is confirmed, and while it is being tried out; never while nobody is signed
//! in. A camera sees posters and parcels by chance, so only two kinds of text count: payment
//! codes, and, by hand and with no amount confirmed, the numbers of bills as slips carry them. All
//! else is passed over without a word. What counts goes to the clients as a scanner's scan does.
//!
//! Invariants: nothing on the engine's thread waits for the camera, also not to end it; a code
//! that stays in sight is one scan, not one a frame; what was seen is never kept (I12).

mod eye;
mod picture;
mod source;

use crate::devices::DeviceState;
use crate::devices::camera::Camera;
use crate::domain::AuthCode;
use crate::domain::scan::Framed;
use crate::till::desk_calls::Reply;
use crate::till::engine::{Engine, Input, OnStage};
use crate::till::service::{CameraView, DeviceHealth, Notice, Said, ScanText};
use eye::{Eye, Kind, Memory};
use source::Device;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;

/// F4 turns it on for so long, ms.
const BY_HAND_MS: i64 = 60_000;
/// A camera that is tried out shows a frame within this, ms.
const TEST_MS: i64 = 3_000;
/// A picture that takes longer (a file on a dead network) is given up, ms.
const PICTURE_MS: i64 = 10_000;
/// Callers that wait for one test.
const MOST_TESTERS: usize = 8;

/// What a camera in the engine's hands sees with.
struct On {
    /// `None`: the system gave no thread for it.
    camera: Option<Camera>,
    eye: Arc<Eye>,
    health: DeviceHealth,
}

/// Callers that wait for a frame.
struct Test {
    until_ms: i64,
    callers: Vec<Reply<Result<(), Said>>>,
}

/// The camera's thread and what it sees.
pub(in crate::till) struct Watching {
    pub view: watch::Sender<Option<Arc<CameraView>>>,
    on: Option<On>,
    /// Tells a camera from those before it: what an older one still sends counts no more.
    turn: u64,
    memory: Arc<Memory>,
    device: Device,
    /// Monotonic ms.
    by_hand_until: Option<i64>,
    test: Option<Test>,
    /// The picture that is being read: its number, and until when it is waited for.
    picture: Option<(u64, i64)>,
    pictures: u64,
}

impl Default for Watching {
    fn default() -> Self {
        Watching {
            view: watch::Sender::new(None),
            on: None,
            turn: 0,
            memory: Arc::default(),
            device: Device::default(),
            by_hand_until: None,
            test: None,
            picture: None,
            pictures: 0,
        }
    }
}

impl Watching {
    fn turn_off(&mut self) {
        let Some(on) = self.on.take() else { return };
        on.eye.close();
        self.view.send_replace(None);
        if let Some(camera) = on.camera {
            let_go(camera);
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.turn_off();
    }
}

/// Ends a camera on a thread of its own: a driver may take its time, and nobody waits for it. Only
/// where the system gives no thread it is waited for here.
fn let_go(camera: Camera) {
    let end = std::thread::Builder::new().name("camera end".to_owned());
    let _ = end.spawn(move || drop(camera));
}

impl Engine {
    /// The settings name this camera from now on. It is opened when it is wanted.
    pub(super) fn start_camera(&mut self) {
        self.counter.watching.turn_off();
    }

    /// F4.
    pub(in crate::till) fn camera(&mut self, on: bool) {
        if !on {
            self.counter.watching.by_hand_until = None;
        } else if self.signed_in.is_none() {
            self.say(Said::Locked);
        } else {
            let until_ms = self.clock.now().mono_ms.saturating_add(BY_HAND_MS);
            self.counter.watching.by_hand_until = Some(until_ms);
            // Whoever presses it wants what is in sight now to be read.
            self.counter.watching.memory.forget();
        }
    }

    /// When the camera is to be looked after next, monotonic ms.
    pub(in crate::till) fn camera_wake_at(&self) -> Option<i64> {
        let watching = &self.counter.watching;
        let test = watching.test.as_ref().map(|test| test.until_ms);
        watching.by_hand_until.into_iter().chain(test).min()
    }

    /// The camera, while it is on.
    pub(in crate::till) fn camera_health(&self) -> Option<DeviceHealth> {
        let on = self.counter.watching.on.as_ref();
        on.map(|on| on.health.clone())
    }

    /// Turns it on or off as things stand now. Called before every snapshot.
    pub(in crate::till) fn keep_camera(&mut self) {
        let now_ms = self.clock.now().mono_ms;
        let locked = self.signed_in.is_none();
        let watching = &mut self.counter.watching;
        if watching
            .by_hand_until
            .is_some_and(|at| locked || at <= now_ms)
        {
            watching.by_hand_until = None;
        }
        if watching.test.as_ref().is_some_and(|t| t.until_ms <= now_ms) {
            self.end_test(false);
        }
        let wanted = self.wants_codes() || self.counter.watching.test.is_some();
        let wanted = wanted && self.counter.used.counter;
        match (wanted, self.counter.watching.on.is_some()) {
            (true, false) => self.turn_camera_on(),
            (false, true) => self.counter.watching.turn_off(),
            _ => {}
        }
    }

    /// What the camera finds is a scan now.
    fn wants_codes(&self) -> bool {
        let awaited = matches!(self.stage, OnStage::Amount { .. });
        let by_itself = self.settings.camera.always && awaited;
        let by_hand = self.counter.watching.by_hand_until.is_some();
        self.signed_in.is_some() && (by_hand || by_itself)
    }

    fn turn_camera_on(&mut self) {
        let watching = &mut self.counter.watching;
        watching.turn += 1;
        let eye = Arc::new(Eye::new(
            watching.turn,
            watching.view.clone(),
            self.outbox.clone(),
            Arc::clone(&watching.memory),
        ));
        eye.asked.store(watching.test.is_some(), Ordering::Release);
        let frames = source::open(&self.settings.camera.source, &watching.device);
        let (camera, health) = match Camera::start(frames, eye.clone()) {
            Ok(camera) => (
                Some(camera),
                DeviceHealth::Warn("正在打开摄像头".to_owned()),
            ),
            Err(error) => (None, DeviceHealth::Gone(error.to_string())),
        };
        watching.on = Some(On {
            camera,
            eye,
            health,
        });
    }

    /// The camera that is on now; `None` where it was turned off since.
    fn this_camera(&mut self, turn: u64) -> Option<&mut On> {
        let on = self.counter.watching.on.as_mut();
        on.filter(|on| on.eye.turn == turn)
    }

    fn camera_is(&mut self, turn: u64, state: DeviceState) {
        if let Some(on) = self.this_camera(turn) {
            on.health = match state {
                DeviceState::Ready => DeviceHealth::Ready,
                DeviceState::Gone(why) => DeviceHealth::Gone(why.to_string()),
            };
        }
    }

    fn camera_showed(&mut self, turn: u64) {
        if self.this_camera(turn).is_some() {
            self.end_test(true);
        }
    }

    /// A code came into sight.
    fn camera_found(&mut self, turn: u64, kind: Kind, text: ScanText) {
        if self.this_camera(turn).is_none() || !self.wants_codes() {
            return;
        }
        let by_hand = self.counter.watching.by_hand_until.is_some();
        let counts = match kind {
            Kind::Payment => true,
            // A prefix that names no wallet may be a parcel's number. A person who holds it into
            // the camera's frame means it, where this merchant has a channel for such codes.
            Kind::Digits => by_hand && self.has_channel_for(&text),
            Kind::Number => by_hand && !matches!(self.stage, OnStage::Amount { .. }),
        };
        if !counts {
            return;
        }
        if kind != Kind::Number {
            self.counter.watching.by_hand_until = None;
        }
        let _ = self.notices.send(Notice::Scanned(text));
    }

    fn has_channel_for(&self, text: &ScanText) -> bool {
        let code = AuthCode::parse(text.expose()).ok();
        code.is_some_and(|code| self.settings.channel_for(&code).is_some())
    }

    /// A picture that a person dropped on the window. One at a time: it is read beside the engine,
    /// and what it says comes back as a scan.
    pub(in crate::till) fn read_picture(&mut self, path: PathBuf) {
        let now_ms = self.clock.now().mono_ms;
        if self.signed_in.is_none() {
            return self.say(Said::Locked);
        }
        let watching = &mut self.counter.watching;
        if watching.picture.is_some_and(|(_, until)| now_ms < until) {
            return self.say(Said::Text("正在识别上一张图片，请稍候再拖入".to_owned()));
        }
        watching.pictures += 1;
        let turn = watching.pictures;
        watching.picture = Some((turn, now_ms.saturating_add(PICTURE_MS)));
        let outbox = self.outbox.clone();
        let read = move || {
            let read = picture::read(&path);
            let _ = outbox.send(Input::Visit(Box::new(move |e| e.picture_read(turn, read))));
        };
        let thread = std::thread::Builder::new().name("picture".to_owned());
        if let Err(error) = thread.spawn(read) {
            self.counter.watching.picture = None;
            self.say(Said::Text(format!("系统忙，没有读图片：{error}")));
        }
    }

    fn picture_read(&mut self, turn: u64, read: Result<Option<Framed>, String>) {
        if self
            .counter
            .watching
            .picture
            .is_none_or(|(no, _)| no != turn)
        {
            return;
        }
        self.counter.watching.picture = None;
        if self.signed_in.is_none() {
            return;
        }
        match read {
            Ok(Some(Framed::Scan(text))) => {
                let text = ScanText::new(text.expose().to_owned());
                let _ = self.notices.send(Notice::Scanned(text));
            }
            Ok(Some(Framed::Incomplete)) => {
                let _ = self.notices.send(Notice::ScanBroken);
            }
            Ok(None) => self.say(Said::NoCodeInPicture),
            Err(line) => self.say(Said::Text(line)),
        }
    }

    pub(super) fn test_camera(&mut self, reply: Reply<Result<(), Said>>) {
        if !self.counter.used.counter {
            let _ = reply.send(Err(Said::DeviceAway("这里不使用摄像头".to_owned())));
            return;
        }
        let until_ms = self.clock.now().mono_ms.saturating_add(TEST_MS);
        let watching = &mut self.counter.watching;
        let test = watching.test.get_or_insert(Test {
            until_ms,
            callers: Vec::new(),
        });
        if test.callers.len() < MOST_TESTERS {
            test.callers.push(reply);
        }
        if let Some(on) = &watching.on {
            on.eye.asked.store(true, Ordering::Release);
        }
    }

    fn end_test(&mut self, shown: bool) {
        let watching = &mut self.counter.watching;
        let Some(test) = watching.test.take() else {
            return;
        };
        let why = match watching.on.as_ref().map(|on| &on.health) {
            Some(DeviceHealth::Gone(why)) => why.clone(),
            _ => "摄像头 3 秒内没有画面，请检查连线和镜头盖".to_owned(),
        };
        for caller in test.callers {
            let _ = caller.send(match shown {
                true => Ok(()),
                false => Err(Said::DeviceAway(why.clone())),
            });
        }
    }
}
