//! The window's state and its one dispatcher. It holds no payment state: the latest snapshot is
//! the till's, and what is its own is typed digits, a note, which screen is open, and when the
//! stage last changed.
//!
//! Invariant: nothing here is lost with the window that the till does not hold, and nothing is
//! charged without a command that a person gave.

mod camera;
mod input;
mod lines;
mod links;
mod pages;
mod time;
mod view;
mod windows;

use super::clock::Clock;
use super::face::Face;
use super::screens::{
    bills, camera as camera_page, incident, lock, prerefund, queue, reconcile, refund, sale,
    settings, shift, slip, to_do,
};
use super::strings::Words;
use super::{Options, strings};
use crate::domain::scan::Wedge;
use crate::domain::{BillNo, RefundNo};
use crate::till::service::{Command, Notice, Said, Service, Snapshot, Stage, TestedDevice};
use iced::widget::operation::{self, AbsoluteOffset};
use iced::{Size, Subscription, Task, window};
use std::sync::Arc;

pub use input::{KeyPress, Step};
pub use lines::{TOAST_MS, Toast};
pub use pages::{Context, PageKey};
pub use windows::Happened;

/// Reverted and expired go away by themselves after this, ms (COUNTER).
pub const FADE_MS: i64 = 5_000;
/// The till is told this often at most that somebody is here, ms.
const ACTIVE_EVERY_MS: i64 = 15_000;
/// Enter is ignored for this long after the stage changes, ms (COUNTER).
pub const SETTLE_MS: i64 = 400;

/// Everything that can happen to the window.
#[derive(Debug, Clone)]
pub enum Message {
    /// The till's newest snapshot.
    Snapshot(Arc<Snapshot>),
    /// A moment.
    Noticed(Notice),
    /// A key, wherever the focus is.
    Key(KeyPress),
    /// Somebody touched the screen, or pressed a button of the mouse.
    Touched,
    /// The time that `next_wake_ms` named has come.
    Woke,
    /// A window has a size now.
    Sized(window::Id, Size),
    /// A window was closed, or asked to.
    Closed(window::Id),
    /// What else happened to a window, or to the screens.
    Window(Happened),
    /// A key of the key bar.
    Function(Function),
    /// Closes what is on top.
    CloseScreen,
    /// 另一位 (true) or 同一位.
    Answer(bool),
    /// The sale screen.
    Sale(sale::Message),
    /// F5.
    Bills(bills::Message),
    /// F7.
    ToDo(to_do::Message),
    /// F6.
    Refund(refund::Message),
    /// 退款申请.
    PreRefund(prerefund::Message),
    /// An incident.
    Incident(incident::Message),
    /// F8.
    Shift(shift::Message),
    /// 日结对账.
    Reconcile(reconcile::Message),
    /// F10.
    Settings(settings::Message),
    /// A slip on the screen.
    Slip(slip::Message),
    /// The print queue.
    Queue(queue::Message),
    /// A device's lamp was touched, or the count of all.
    Lamp(Option<TestedDevice>),
    /// The camera, and dropped pictures.
    Camera(camera_page::Message),
    /// Opens the refund form for this bill.
    OpenRefund(BillNo),
    /// Opens this bill's incident.
    OpenIncident(BillNo),
    /// Opens the reconciliation.
    OpenReconcile,
    /// Shows what became of this refund.
    ShowRefund(RefundNo),
    /// The lock screen.
    Lock(lock::Message),
    /// The practice panel and other plain commands.
    Send(Command),
    /// Opens the release form for this bill.
    Release(BillNo),
}

impl Message {
    /// A key or a touch, and nothing that came by itself.
    fn is_from_a_person(&self) -> bool {
        matches!(self, Message::Key(_) | Message::Touched)
    }
}

/// F1 to F11, Ctrl+P, Ctrl+L.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Function {
    Keys,
    Alipay,
    Wechat,
    Camera,
    Bills,
    Refund,
    ToDo,
    Shift,
    Lock,
    Settings,
    FullScreen,
    Print,
    Link,
}

/// What is open.
#[derive(Debug)]
pub enum Screen {
    /// The stage.
    Sale,
    /// F5.
    Bills(Box<bills::State>),
    /// F7.
    ToDo(to_do::State),
    /// F1.
    Keys,
    /// Ctrl+L: which pay link.
    Links,
    /// F6.
    Refund(Box<refund::State>),
    /// 退款申请, from F6 or F7.
    PreRefund(Box<prerefund::State>),
    /// An incident, from F7.
    Incident(Box<incident::State>),
    /// F8.
    Shift(Box<shift::State>),
    /// 日结对账, from F8 or F5.
    Reconcile(Box<reconcile::State>),
    /// F10.
    Settings(Box<settings::State>),
    /// A slip, over the page that opened it.
    Slip(Box<slip::State>, Box<Screen>),
    /// The print queue.
    Queue(queue::State),
}

/// The stage, as far as Enter and fading care: a bill with another face is another stage.
#[derive(Debug, Clone, PartialEq, Eq)]
enum StageKey {
    Free,
    Bill(BillNo, Face),
}

impl StageKey {
    fn of(stage: &Stage) -> StageKey {
        match stage {
            Stage::Idle | Stage::Amount { .. } => StageKey::Free,
            Stage::Bill(bill) => StageKey::Bill(bill.bill_no.clone(), Face::of(bill)),
        }
    }

    fn bill_no(&self) -> Option<&BillNo> {
        match self {
            StageKey::Free => None,
            StageKey::Bill(bill_no, _) => Some(bill_no),
        }
    }
}

/// A digit: on a page that asks for a PIN it changes only dots.
fn is_digit(message: &Message) -> bool {
    let digits = |text: &String| text.chars().all(|c| c.is_ascii_digit());
    matches!(message, Message::Key(press) if press.text.as_ref().is_some_and(digits))
}

/// The window.
pub struct App {
    service: Arc<dyn Service>,
    clock: Arc<dyn Clock>,
    options: Options,
    snapshot: Arc<Snapshot>,
    windows: windows::Windows,
    screen: Screen,
    sale: sale::State,
    lock: lock::State,
    camera: camera_page::State,
    wedge: Wedge,
    /// The focused text field took the last character.
    field_has_keys: bool,
    toast: Option<Toast>,
    stage: StageKey,
    stage_since_ms: i64,
    /// The stage that was already told to go away by itself.
    faded: bool,
    now_mono_ms: i64,
    now_wall_ms: i64,
    /// When the till was last told that somebody is here, monotonic ms.
    active_said_ms: i64,
    /// Grows when more than a few words of a window change: then it is painted whole.
    paint: u8,
    /// Refunds and settlements ordered from this window: an answer is told by its number.
    orders: u64,
}

impl App {
    /// The window of this till, and the task that opens it.
    pub fn new(
        service: Arc<dyn Service>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> (App, Task<Message>) {
        let snapshot = service.snapshots().borrow().clone();
        let (windows, open) = windows::Windows::open(&snapshot, &options, clock.mono_ms());
        let app = App {
            now_mono_ms: clock.mono_ms(),
            now_wall_ms: clock.wall_ms(),
            paint: 0,
            active_said_ms: clock.mono_ms(),
            orders: 0,
            stage: StageKey::of(&snapshot.stage),
            stage_since_ms: clock.mono_ms().saturating_sub(SETTLE_MS),
            faded: false,
            sale: sale::State::default(),
            lock: lock::State::for_staff(&snapshot.staff),
            camera: camera_page::State::default(),
            wedge: Wedge::default(),
            field_has_keys: false,
            toast: None,
            screen: Screen::Sale,
            windows,
            snapshot,
            service,
            clock,
            options,
        };
        (app, open)
    }

    /// The main window.
    pub fn main_window(&self) -> window::Id {
        self.windows.main
    }

    /// The customer's window, where there is one.
    pub fn customer_window(&self) -> Option<window::Id> {
        self.windows.customer
    }

    /// The typed amount, for tests and for reading aloud.
    pub fn typed(&self) -> &str {
        self.sale.digits().text()
    }

    /// The note, as typed.
    pub fn note(&self) -> &str {
        self.sale.note()
    }

    /// What is open.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The line that is shown now.
    pub fn toast(&self) -> Option<&str> {
        self.toast.as_ref().map(|t| t.text.as_str())
    }

    fn words(&self) -> Words {
        strings::Words::new(self.snapshot.shop.language)
    }

    fn is_releasing(&self) -> bool {
        matches!(&self.screen, Screen::ToDo(to_do) if to_do.is_releasing())
    }

    fn is_locked(&self) -> bool {
        self.snapshot.signed_in.is_none()
    }

    /// One message.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        self.now_mono_ms = self.clock.mono_ms();
        self.now_wall_ms = self.clock.wall_ms();
        if message.is_from_a_person() {
            self.active();
        }
        let before = self.painted();
        let in_place = match &message {
            Message::Woke | Message::Touched | Message::Window(_) | Message::Camera(_) => true,
            Message::Key(_) | Message::Sale(_) => matches!(self.screen, Screen::Sale),
            // A PIN's dots: painting the whole window for each could delay the keys behind it.
            Message::Lock(_) => self.is_locked(),
            _ => false,
        };
        let in_place = in_place || (self.is_releasing() && matches!(message, Message::Key(_)));
        let in_place = in_place || (self.page_asks_pin() && is_digit(&message));
        let task = self.dispatch(message);
        self.camera_follows();
        if !in_place || before != self.painted() {
            self.paint = self.paint.wrapping_add(1);
        }
        task
    }

    /// What decides which widgets there are, where messages mostly change words in place.
    fn painted(
        &self,
    ) -> (
        std::mem::Discriminant<Screen>,
        bool,
        bool,
        bool,
        camera_page::Shown,
    ) {
        let screen = std::mem::discriminant(&self.screen);
        (
            screen,
            self.is_releasing(),
            self.toast.is_some(),
            self.sale.digits().amount().is_some(),
            self.camera.shown(),
        )
    }

    /// The till locks by itself when nobody is here (every few seconds is enough to know).
    fn active(&mut self) {
        if self.now_mono_ms.saturating_sub(self.active_said_ms) >= ACTIVE_EVERY_MS {
            self.active_said_ms = self.now_mono_ms;
            self.service.send(Command::Active);
        }
    }

    fn dispatch(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Snapshot(snapshot) => self.take(snapshot),
            Message::Noticed(notice) => self.notice(&notice),
            Message::Key(key) => self.key(key),
            Message::Woke => self.wake(),
            Message::Touched => Task::none(),
            Message::Sized(id, size) => self.windows.sized(id, size),
            Message::Closed(id) => self.windows.closed(id),
            Message::Window(happened) => {
                let now = self.now_mono_ms;
                self.windows.happened(happened, &self.snapshot, now)
            }
            Message::Function(function) => self.function(function),
            Message::CloseScreen => self.close_screen(),
            Message::Answer(another) => self.answer(another),
            Message::Sale(message) => self.sale(message),
            Message::Bills(message) => self.bills(message),
            Message::ToDo(message) => self.on_to_do(message),
            Message::Lock(message) => self.lock(message),
            Message::Send(command) => {
                self.service.send(command);
                Task::none()
            }
            Message::Release(bill_no) => self.open_release(bill_no),
            Message::Refund(message) => self.refund(message),
            Message::PreRefund(message) => self.prerefund(message),
            Message::Incident(message) => self.incident(message),
            Message::Shift(message) => self.shift(message),
            Message::Reconcile(message) => self.reconcile(message),
            Message::Settings(message) => self.settings(message),
            Message::Slip(message) => self.slip(message),
            Message::Queue(message) => self.queue(message),
            Message::Lamp(device) => self.lamp(device),
            Message::Camera(message) => self.camera(message),
            Message::OpenRefund(bill_no) => self.open_refund(Some(bill_no)),
            Message::OpenIncident(bill_no) => self.open_incident(bill_no),
            Message::OpenReconcile => self.open_reconcile(),
            Message::ShowRefund(no) => self.show_refund(&no),
        }
    }

    /// Snapshots, notices, keys, window sizes, and one alarm for the next moment at which
    /// anything on the screen changes by itself. While nothing does, nothing runs.
    pub fn subscription(&self) -> Subscription<Message> {
        let mut all = vec![
            time::snapshots(Arc::clone(&self.service)),
            time::notices(Arc::clone(&self.service)),
            input::keys(),
            input::touches(),
            windows::events(),
        ];
        if let Some(at_ms) = self.next_wake_ms() {
            all.push(time::alarm(at_ms));
        }
        all.extend(self.camera_subscriptions());
        Subscription::batch(all)
    }

    fn take(&mut self, snapshot: Arc<Snapshot>) -> Task<Message> {
        if snapshot.seq < self.snapshot.seq {
            return Task::none();
        }
        let was = std::mem::replace(&mut self.snapshot, snapshot);
        let signed_in_before = was.signed_in.is_some();
        let stage = StageKey::of(&self.snapshot.stage);
        if stage != self.stage {
            let new_bill = stage.bill_no() != self.stage.bill_no();
            self.stage = stage;
            self.stage_since_ms = self.now_mono_ms;
            self.faded = false;
            self.sale.stage_changed(&self.snapshot.stage, new_bill);
            self.went_on();
        }
        self.question_followed(&was);
        if signed_in_before == self.is_locked() {
            self.went_on();
            self.lock = lock::State::for_staff(&self.snapshot.staff);
            self.screen = Screen::Sale;
            if self.is_locked() {
                self.sale.clear();
            }
        }
        if let Screen::ToDo(to_do) = &mut self.screen {
            to_do.keep_to(&self.snapshot);
        }
        let customer = match was.settings.customer != self.snapshot.settings.customer {
            true => self
                .windows
                .place_customer_anew(&self.snapshot, self.now_mono_ms),
            false => Task::none(),
        };
        Task::batch([customer, self.pages_follow(&was)])
    }

    /// What is open follows the till.
    fn pages_follow(&mut self, was: &Snapshot) -> Task<Message> {
        let bills_changed = was.latest != self.snapshot.latest
            || was.to_do != self.snapshot.to_do
            || was.in_progress != self.snapshot.in_progress;
        match self.screen.page() {
            Screen::Bills(_) if bills_changed => self.reload_bills(),
            _ => self.pages_keep_to(),
        }
    }

    fn notice(&mut self, notice: &Notice) -> Task<Message> {
        match notice {
            Notice::Said(said) => {
                self.sale.told(said);
                if matches!(
                    said,
                    Said::WrongPin { .. } | Said::PinLocked { .. } | Said::ManagerNeeded
                ) {
                    self.lock.forget_pin();
                    if let Screen::ToDo(to_do) = &mut self.screen {
                        to_do.forget_pin();
                    }
                }
                self.say(self.words().said(said));
                if matches!(said, Said::Released(_)) {
                    return self.close_form();
                }
            }
            Notice::Fate { bill, on_stage } if !on_stage => {
                let line = self.words().off_stage(Face::of(bill), bill.amount);
                self.announce(line, false);
            }
            Notice::Scanned(text) => return self.device_scanned(text.clone()),
            Notice::ScanBroken => return self.incomplete(),
            Notice::Refund(refund) => self.refund_notice(refund),
            Notice::Fate { .. }
            | Notice::Changed(_)
            | Notice::Unwritten(_)
            | Notice::RefundChanged(_) => {}
        }
        Task::none()
    }

    fn answer(&mut self, another: bool) -> Task<Message> {
        if self.snapshot.question.is_some() {
            self.service.send(Command::AnswerQuestion { another });
        }
        Task::none()
    }

    fn sale(&mut self, message: sale::Message) -> Task<Message> {
        self.went_on();
        if matches!(message, sale::Message::ShowLink(_)) {
            self.screen = Screen::Sale;
        }
        let context = sale::Context {
            snapshot: &self.snapshot,
            settled: self.now_mono_ms.saturating_sub(self.stage_since_ms) >= SETTLE_MS,
        };
        for action in self.sale.update(message, context) {
            match action {
                sale::Action::Send(command) => self.service.send(command),
                sale::Action::Say(said) => self.say(self.words().said(&said)),
            }
        }
        Task::none()
    }

    /// Scrolls a list to this row; some rows of what comes before stay in sight.
    fn follow(&self, list: &'static str, row_height: f32, row: usize) -> Task<Message> {
        let height = self.look(self.windows.main_size).px(row_height);
        let before = (144.0 / row_height) as usize;
        let y = row.saturating_sub(before) as f32 * height;
        operation::scroll_to(list, AbsoluteOffset { x: 0.0, y })
    }

    fn lock(&mut self, message: lock::Message) -> Task<Message> {
        if let lock::Action::Send(command) = self.lock.update(message) {
            self.service.send(command);
        }
        Task::none()
    }

    fn close_screen(&mut self) -> Task<Message> {
        if self.is_releasing() {
            return self.close_form();
        }
        if self.page_goes_back() {
            return Task::none();
        }
        if self.page_is_open() {
            return self.page_close();
        }
        self.screen = Screen::Sale;
        Task::none()
    }

    fn function(&mut self, function: Function) -> Task<Message> {
        if function == Function::FullScreen {
            return self
                .windows
                .toggle_full_screen(self.windows.main, self.now_mono_ms);
        }
        let words = self.words();
        if self.is_locked() {
            self.say(words.said(&Said::Locked));
            return Task::none();
        }
        if self.snapshot.question.is_some() && function != Function::Lock {
            return Task::none();
        }
        if function == Function::Camera && !self.snapshot.settings.takes_codes() {
            self.say(words.said(&Said::CodesNotOffered));
            return Task::none();
        }
        match function {
            Function::Alipay | Function::Wechat => {
                self.screen = Screen::Sale;
                let wallet = match function {
                    Function::Alipay => crate::domain::Wallet::Alipay,
                    _ => crate::domain::Wallet::Wechat,
                };
                return self.sale(sale::Message::ShowQr(wallet));
            }
            Function::Bills => return self.open_bills(),
            Function::ToDo => {
                let context = sale::Message::MoveOn;
                let task = self.sale(context);
                self.screen = Screen::ToDo(to_do::State::new(&self.snapshot));
                return task;
            }
            Function::Lock => {
                if matches!(self.snapshot.stage, Stage::Amount { .. }) {
                    self.service.send(Command::ClearAmount);
                }
                self.service.send(Command::Lock);
            }
            Function::Keys => self.screen = Screen::Keys,
            Function::Settings => return self.open_settings(),
            Function::Camera => self.toggle_camera(),
            Function::Refund => return self.open_refund(self.chosen_to_refund()),
            Function::Shift => return self.open_shift(),
            Function::Print => return self.print(),
            Function::Link => return self.open_links(),
            Function::FullScreen => {}
        }
        Task::none()
    }
}
