//! What a client of the till sees and says: snapshots, notices, commands.
//!
//! A snapshot is whole: a client that draws the latest one is never wrong. Notices are moments
//! (a sound, one line that fades); losing one loses nothing.

mod counter;
mod desk;
mod health;
mod prerefund;
mod shop;

pub use counter::*;
pub use desk::*;
pub use health::*;
pub use prerefund::*;
pub use shop::*;

use crate::domain::bill::{CloseReason, Incident, LookFor, PayAnswer, Settlement};
use crate::domain::config::Settings;
use crate::domain::practice::{Act, Network, RefundAct};
use crate::domain::print::Printed;
use crate::domain::query::{Query, StoryLine};
use crate::domain::refund::{Blocked, OverLimit};
use crate::domain::staff::Staff;
use crate::domain::{AuthCode, Bill, BillNo, Channel, Fen, Proof, SaleId, State, Wallet};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin as StdPin;
use std::sync::Arc;

/// A boxed future, so that `Service` can be used as an object.
pub type BoxFuture<'a, T> = StdPin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a client asks the till to do. None of them blocks; the result is seen in the snapshot
/// or said in a notice.
#[derive(Debug, Clone)]
pub enum Command {
    /// Sign in by id and PIN.
    SignIn {
        /// Staff id.
        id: String,
        /// Wiped after use.
        pin: Pin,
    },
    /// F9: nobody is signed in; payments in progress go on.
    Lock,
    /// A key or a touch: the till does not lock by itself yet. Sent at most every few seconds.
    Active,
    /// Enter on the sale screen: the amount is complete. The customer window shows it.
    ConfirmAmount {
        /// What the customer owes.
        amount: Fen,
        /// May be empty.
        note: String,
    },
    /// The amount is not complete any more (a digit, Backspace, Esc).
    ClearAmount,
    /// A payment code was scanned. `amount` as typed; `None` where nothing is typed: then a
    /// refused or not sent bill on the stage gets its next attempt, else the till says that an
    /// amount is missing.
    Scan {
        /// Raw text of the scan; the till checks it (Debug never prints it).
        text: ScanText,
        /// As typed.
        amount: Option<Fen>,
        /// May be empty.
        note: String,
    },
    /// F2, F3. `amount` as for `Scan`.
    ShowQr {
        /// Whose QR.
        wallet: Wallet,
        /// As typed.
        amount: Option<Fen>,
        /// May be empty.
        note: String,
    },
    /// A pay link. `amount` as for `Scan`.
    ShowLink {
        /// One of the shop's links.
        channel: Channel,
        /// As typed.
        amount: Option<Fen>,
        /// May be empty.
        note: String,
    },
    /// 1 (true) or 2 (false) to the same-amount question.
    AnswerQuestion {
        /// 另一位.
        another: bool,
    },
    /// Esc: undo this payment safely.
    Cancel(BillNo),
    /// Enter: free the stage; the bill goes on in the rail. Also dismisses a result.
    ServeNext,
    /// Ask the gateway now.
    AskNow(BillNo),
    /// Put this bill on the stage (F7 + Enter).
    Open(BillNo),
    /// 再次显示: the live QR of a bill that is off the screen.
    ShowAgain(BillNo),
    /// 已交货 for a bill that was paid late.
    HandedOver(BillNo),
    /// A manager releases the lock on a Watching or Unresolved bill (FATE 18).
    Release {
        /// Which.
        bill_no: BillNo,
        /// The manager's id.
        id: String,
        /// Wiped after use.
        pin: Pin,
        /// Why.
        reason: String,
    },
    /// Prints a slip; one that was printed before is marked 重打.
    Print(Printed),
    /// Ctrl+P: the last slip again, marked 重打.
    PrintLast,
    /// A doubtful slip again, marked 重打; the doubtful one is over with it.
    PrintAgain(u64),
    /// Lets a waiting or doubtful slip go.
    PrintDrop(u64),
    /// F4: the camera on or off.
    Camera(bool),
    /// A picture that was dropped on the window: read as the camera reads.
    ReadPicture(PathBuf),
    /// A person moved the customer's window there: it comes back to this place.
    CustomerAt(i32, i32),
    /// Practice: what the next customer (or this bill's) and the network will do.
    Practice {
        /// What the customer does.
        act: Act,
        /// What the network does.
        network: Network,
    },
    /// Practice: a fresh code of this wallet.
    PracticeCode(Wallet),
    /// Practice: what becomes of the next refund.
    PracticeRefund {
        /// At the gateway.
        act: RefundAct,
        /// On the way.
        network: Network,
    },
    /// Practice: plants three differences for reconciliation to find.
    PracticePlant,
    /// Practice: 扫这个码, as if the scanner had read the panel's code.
    PracticeScan {
        /// As typed.
        amount: Option<Fen>,
        /// May be empty.
        note: String,
    },
}

/// A PIN on its way to the vault: wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(zeroize::Zeroizing<String>);

impl Pin {
    /// Takes the typed text.
    pub fn new(text: String) -> Self {
        Pin(zeroize::Zeroizing::new(text))
    }
    /// For the vault only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// The raw text of a scan: may be a payment code, so it is wiped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanText(zeroize::Zeroizing<String>);

impl ScanText {
    /// Takes what the framing gave.
    pub fn new(text: String) -> Self {
        ScanText(zeroize::Zeroizing::new(text))
    }
    /// For the till only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&AuthCode> for ScanText {
    fn from(code: &AuthCode) -> Self {
        ScanText::new(code.expose().to_owned())
    }
}

impl std::fmt::Debug for ScanText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScanText(…)")
    }
}

/// Everything a screen shows, at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Grows by one each time.
    pub seq: u64,
    /// When it was taken, UTC ms by the local wall clock. Countdown times are on the same clock.
    pub at_ms: i64,
    /// Shop and till.
    pub shop: ShopView,
    /// Who is signed in; `None` is locked.
    pub signed_in: Option<Staff>,
    /// Names of those who may sign in (for the lock screen).
    pub staff: Vec<Staff>,
    /// What is connected.
    pub health: Health,
    /// The stage.
    pub stage: Stage,
    /// 进行中, oldest first; the bill on the stage is not in it.
    pub in_progress: Vec<BillView>,
    /// 待处理: what is unknown or contradicts itself before what waits for 已交货, each oldest first.
    pub to_do: Vec<BillView>,
    /// 最近, newest first, at most 12.
    pub latest: Vec<BillView>,
    /// Today in Shanghai.
    pub today: Totals,
    /// The same-amount question, while it is asked.
    pub question: Option<Question>,
    /// The practice panel; `None` in live mode.
    pub practice: Option<Practice>,
    /// The manager's desk.
    pub desk: DeskView,
    /// The print queue.
    pub print: PrintView,
    /// For the settings screen.
    pub settings: Arc<Settings>,
}

impl Snapshot {
    /// Before the till has spoken: a locked screen without a shop.
    pub fn empty() -> Snapshot {
        let settings = Settings::practice(crate::domain::Host(String::new()));
        Snapshot {
            seq: 0,
            at_ms: 0,
            shop: ShopView {
                name: settings.shop.name.clone(),
                till: settings.shop.till.clone(),
                language: settings.shop.language,
                practice: false,
                qr_alipay: false,
                qr_wechat: false,
                links: Vec::new(),
                sandbox: false,
                max_amount: settings.payment.max_amount,
            },
            signed_in: None,
            staff: Vec::new(),
            health: Health::default(),
            stage: Stage::Idle,
            in_progress: Vec::new(),
            to_do: Vec::new(),
            latest: Vec::new(),
            today: Totals::default(),
            question: None,
            practice: None,
            desk: DeskView::default(),
            print: PrintView::default(),
            settings: Arc::new(settings),
        }
    }
}

/// What fills the stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// The amount is being typed (the client holds the digits).
    Idle,
    /// The amount is complete: scanner, camera and customer window wait for the customer.
    Amount {
        /// What the customer owes.
        amount: Fen,
    },
    /// A bill.
    Bill(Box<BillView>),
}

/// A bill as screens show it.
#[derive(Debug, Clone, PartialEq)]
pub struct BillView {
    /// The number.
    pub bill_no: BillNo,
    /// Its sale.
    pub sale: SaleId,
    /// What the customer owes.
    pub amount: Fen,
    /// As sent.
    pub channel: Channel,
    /// A pay link.
    pub link: bool,
    /// As far as known.
    pub wallet: Option<Wallet>,
    /// May be empty.
    pub note: String,
    /// Where it stands.
    pub state: State,
    /// What ended it.
    pub proof: Option<Proof>,
    /// The money was there and went back.
    pub returned: bool,
    /// Paid late and not handed over yet.
    pub late: bool,
    /// A contradiction.
    pub incident: Option<Incident>,
    /// A manager's word about it.
    pub settlement: Option<Settlement>,
    /// How pay was answered: the reason of a refusal, or of not knowing.
    pub pay: PayAnswer,
    /// Open and its pay was never answered (violet).
    pub unanswered: bool,
    /// Why it is being closed.
    pub closing: Option<CloseReason>,
    /// Created (sent), UTC ms.
    pub sent_ms: i64,
    /// Became terminal, UTC ms.
    pub ended_ms: Option<i64>,
    /// The countdown's end, UTC ms, while waiting.
    pub deadline_ms: Option<i64>,
    /// The countdown's whole length, ms.
    pub countdown_ms: Option<i64>,
    /// How often the gateway was asked since pay.
    pub asked: u32,
    /// The next automatic step, UTC ms.
    pub next_at_ms: Option<i64>,
    /// What that is.
    pub next: NextStep,
    /// Watching: until when it may still be paid, UTC ms.
    pub payable_until_ms: Option<i64>,
    /// A due look at a terminal bill.
    pub look: Option<LookFor>,
    /// The QR to draw: only codes that were read back and recorded as shown.
    pub qr: Option<Arc<QrView>>,
    /// 再次显示 is possible.
    pub can_show_again: bool,
    /// The gateway's err_detail or alarm, cleaned.
    pub detail: Option<String>,
    /// The network took it and it can't be written here (I4): 网关已收款 · 本机未能记录.
    pub unrecorded: bool,
    /// The sale's next attempt is allowed (FATE 18).
    pub may_retry: bool,
    /// Successful refunds.
    pub refunded: Fen,
    /// Who took it.
    pub operator: String,
    /// A manager released the lock on its sale.
    pub released: bool,
}

/// What the till will do next with a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NextStep {
    /// Nothing.
    #[default]
    Nothing,
    /// A request is under way.
    Asking,
    /// Ask status or row.
    Ask,
    /// Wait until a revert is allowed.
    Revert,
    /// Check what a revert did.
    Verify,
    /// Wait until it can no longer be paid.
    Expire,
    /// Only a manager can end it (FATE 11).
    Manager,
}

/// A QR that was read back: `modules[y * width + x]`, true is dark, without the quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrView {
    /// Modules on a side.
    pub width: usize,
    /// Row by row.
    pub modules: Vec<bool>,
}

/// Today's sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Paid bills.
    pub count: u32,
    /// Their sum, less refunds.
    pub sum: Fen,
}

/// 刚才那一笔还没有结果，这是另一位顾客吗？
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The bill that has no result yet.
    pub open: Box<BillView>,
    /// The amount that is asked about.
    pub amount: Fen,
}

/// The practice panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Practice {
    /// Whose code.
    pub wallet: Wallet,
    /// A played code, so it may be shown: digits.
    pub code: String,
    /// The same as a QR.
    pub code_qr: Arc<QrView>,
    /// What the customer will do.
    pub act: Act,
    /// What the network will do.
    pub network: Network,
    /// What becomes of the next refund.
    pub refund_act: RefundAct,
    /// What the network does to it.
    pub refund_network: Network,
    /// bill_no of the differences that were planted last.
    pub planted: Vec<String>,
}

/// A moment: a sound, a voice, a line that fades.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A payment ended or needs someone. Sounds and voice follow it.
    Fate {
        /// The bill as it is now.
        bill: Box<BillView>,
        /// On the stage; else it is announced as 前一笔.
        on_stage: bool,
    },
    /// A refund ended, became unknown, or contradicts itself.
    Refund(Box<RefundView>),
    /// A refund's change was written. For clients that follow one refund.
    RefundChanged(Box<crate::domain::Refund>),
    /// One plain line that says what and what to do. Nothing was sent.
    Said(Said),
    /// A bill's change was written. For clients that follow one bill.
    Changed(Box<Bill>),
    /// A bill changed and that could not be written (yet).
    Unwritten(Box<Bill>),
    /// A scanner read this from its device; the client treats it as it treats its own bursts.
    Scanned(ScanText),
    /// A scanner read something broken (扫码不完整).
    ScanBroken,
}

/// The till's one-liners. The strings are the window's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A scan without an amount.
    AmountMissing,
    /// Over `max_amount`.
    AmountTooLarge(Fen),
    /// 扫码不完整.
    ScanIncomplete,
    /// Not digits.
    NotAPaymentCode,
    /// 云闪付: no offline channel takes it.
    UnionPay,
    /// The prefix fits no channel of this merchant.
    NoChannelForCode,
    /// The merchant has no QR channel for this wallet.
    NoQrChannel(Wallet),
    /// The settings name no pay link of this channel.
    NoLinkChannel(Channel),
    /// The pay link was answered with a form for a browser alone: there is nothing to show.
    LinkOnlyForm,
    /// A pay link's bill is refunded at the gateway's console.
    LinkRefund,
    /// The code was used for this bill (FATE 6).
    CodeUsed(BillNo),
    /// The same code within 3 s.
    Bounce,
    /// A scan while a payment is in progress on the stage: nothing was sent.
    StageBusy,
    /// An earlier attempt of this sale may still be paid (FATE 18).
    SaleLocked(BillNo),
    /// Disk full, read-only, failed fsync: no new payment is taken.
    LedgerDown(String),
    /// Nobody is signed in.
    Locked,
    /// Wrong id or PIN; tries left before the lock, where few.
    WrongPin {
        /// Tries left.
        left: u32,
    },
    /// Too many wrong PINs, until (UTC ms).
    PinLocked {
        /// UTC ms.
        until_ms: i64,
    },
    /// Only a manager may.
    NotAllowed,
    /// The PIN's owner is no manager.
    ManagerNeeded,
    /// The QR did not read back; it is not shown.
    QrUnshowable,
    /// The lock was released.
    Released(BillNo),
    /// Nothing of this bill can be refunded now.
    RefundBlocked(Blocked),
    /// More than can be refunded.
    RefundTooMuch(Fen),
    /// It is decided already, or can't be decided now: look again.
    PreRefundGone,
    /// A pre-refund of another program whose numbers don't follow the rules.
    PreRefundNumbers,
    /// No amount, or no reason.
    RefundIncomplete,
    /// Another manager than the one who is signed in must approve.
    SecondManager(OverLimit),
    /// This till has no master_secret.
    NoMasterSecret,
    /// The provider (聚宝) has no refunds.
    RefundsNotOffered,
    /// The provider (聚宝) has no lists: nothing can be compared.
    ListsNotOffered,
    /// The provider (聚宝) takes no payment codes.
    CodesNotOffered,
    /// A reason is missing.
    ReasonMissing,
    /// The gateway did not answer: nothing was changed.
    GatewaySilent,
    /// The row does not prove it: nothing was settled.
    NotProven,
    /// FATE 11: not before this, UTC ms.
    TooEarly {
        /// UTC ms.
        until_ms: i64,
    },
    /// There is nothing to settle.
    NothingToSettle,
    /// A shift is open already.
    ShiftOpen,
    /// No shift is open.
    NoShift,
    /// So many to-dos are open: a manager must sign the exception.
    ToDosOpen(u32),
    /// A reconciliation is running already.
    ReconcileRunning,
    /// The settings' first mistake, one line.
    SettingWrong(String),
    /// The last manager can't be disabled.
    LastManager,
    /// The till locked by itself.
    LockedByItself,
    /// The till has stopped. What was asked for may have been done: the ledger says.
    Stopped,
    /// 已交货 was recorded.
    HandedOverRecorded(BillNo),
    /// The settings name a gateway that can't be used (one line).
    Refused(String),
    /// No code was found in the picture.
    NoCodeInPicture,
    /// No printer is set.
    NoPrinter,
    /// Nothing was printed yet that could be printed again.
    NothingPrinted,
    /// This has no slip (not paid, not refunded).
    NoSlip,
    /// A slip is in the queue; the printer is away.
    SlipWaits,
    /// The printer has this slip now: it can't be let go.
    SlipSending,
    /// The slip of this job may be half printed: it waits for a person.
    SlipDoubtful(u64),
    /// The device is not set or not there; one line.
    DeviceAway(String),
    /// Something else that has words already (errors of files, devices).
    Text(String),
}

/// The till as its clients see it.
pub trait Service: Desk + Send + Sync {
    /// Sends a command; never blocks.
    fn send(&self, command: Command);
    /// The latest snapshot, and every later one.
    fn snapshots(&self) -> tokio::sync::watch::Receiver<Arc<Snapshot>>;
    /// Notices from now on.
    fn notices(&self) -> tokio::sync::broadcast::Receiver<Notice>;
    /// What the camera sees, while it is on.
    fn camera(&self) -> tokio::sync::watch::Receiver<Option<Arc<CameraView>>>;
    /// Searches the ledger, newest first.
    fn search(&self, query: Query) -> BoxFuture<'static, Result<Vec<BillView>, String>>;
    /// One bill's story, oldest first.
    fn story(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Vec<StoryLine>, String>>;
}
