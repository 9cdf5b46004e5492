//! The manager's desk as its clients see it: refunds, incidents, shifts, reconciliation, staff,
//! settings. What takes a moment is asked and answered; how it goes on is in the snapshot.

use super::{BillView, BoxFuture, Pin, Said, SlipPicture, TestedDevice};
use super::{DecideOrder, Decided, RefundAsk, Waiting};
use crate::domain::bill::Settled;
use crate::domain::gateway::Row;
use crate::domain::print::Printed;
use crate::domain::query::RefundLine;
use crate::domain::reconcile::{Run, Scope};
use crate::domain::refund::{PreRefund, RefundIncident, RefundProof, RefundState};
use crate::domain::shift::{Shift, ShiftReport};
use crate::domain::staff::Role;
use crate::domain::time::Day;
use crate::domain::{Bill, BillNo, Channel, Fen, Host, Refund, RefundNo, Wallet};
use std::path::PathBuf;
use std::sync::Arc;

/// A refund as screens show it.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundView {
    /// The number.
    pub refund_no: RefundNo,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// What goes back.
    pub fee: Fen,
    /// As far as known.
    pub wallet: Option<Wallet>,
    /// refund_reason.
    pub reason: String,
    /// Who was signed in; empty for the command line.
    pub operator: String,
    /// The manager.
    pub approver: String,
    /// Where it stands.
    pub state: RefundState,
    /// What ended it.
    pub proof: Option<RefundProof>,
    /// A send went without a usable answer.
    pub lost: bool,
    /// Recorded, UTC ms.
    pub sent_ms: i64,
    /// Became terminal, UTC ms.
    pub ended_ms: Option<i64>,
    /// The next automatic step, UTC ms.
    pub next_at_ms: Option<i64>,
    /// A request is under way.
    pub asking: bool,
    /// The gateway is shown not to have it: it is sent again once a manager signs in.
    pub waits_for_manager: bool,
    /// result_code of the newest answer, where it was none of success.
    pub code: Option<i64>,
    /// The gateway's own words, cleaned.
    pub detail: Option<String>,
    /// A contradiction that nobody settled yet.
    pub incident: Option<RefundIncident>,
    /// It came to nothing, and nobody said yet that they know.
    pub unheard: bool,
    /// It changed and that could not be written.
    pub unrecorded: bool,
    /// It waits, or waited, for a manager's word.
    pub pre: Option<PreRefund>,
}

/// A bill that a refund was asked for, from this ledger or from the gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Refundable {
    /// The number.
    pub bill_no: BillNo,
    /// This ledger has it.
    pub here: Option<Box<BillView>>,
    /// As far as known.
    pub wallet: Option<Wallet>,
    /// As far as known.
    pub channel: Option<Channel>,
    /// When it was created, UTC ms, where known.
    pub created_ms: Option<i64>,
    /// What was paid, and what is left of it; else why nothing can be refunded now.
    pub balance: Result<BalanceView, Said>,
    /// This ledger's refunds of it, oldest first.
    pub refunds: Vec<RefundView>,
    /// Refunds of it that were made elsewhere: number, fee, state in one word.
    pub elsewhere: Vec<(String, Fen, &'static str)>,
}

/// What was paid and what is left of it (I6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceView {
    /// What was paid.
    pub paid: Fen,
    /// Successful refunds, here and elsewhere.
    pub refunded: Fen,
    /// Refunds that are not finished.
    pub unfinished: Fen,
    /// What can be refunded now.
    pub refundable: Fen,
    /// Above this, and for this bill's age, another manager must approve; `None`: no limit.
    pub alone_up_to: Option<Fen>,
}

/// A refund that a person ordered.
#[derive(Debug, Clone)]
pub struct RefundOrder {
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// How much.
    pub fee: Fen,
    /// Why; not empty.
    pub reason: String,
    /// The approving manager's id.
    pub approver: String,
    /// The approver's PIN: it opens master_secret.
    pub pin: Pin,
}

/// A refund was started and is under way.
pub type Ordered = Result<RefundNo, Said>;

/// Both witnesses of a contradiction, side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Witnesses {
    /// This ledger's bill.
    pub here: Box<Bill>,
    /// The gateway's row, read just now.
    pub there: Witness,
    /// From which host, when (UTC ms).
    pub host: Host,
    /// UTC ms.
    pub at_ms: i64,
    /// Nothing is settled before this (FATE 11: one guard after the last revert), UTC ms.
    pub not_before_ms: Option<i64>,
    /// What a manager may decide now.
    pub choices: Vec<Choice>,
}

/// What the gateway's row said.
#[derive(Debug, Clone, PartialEq)]
pub enum Witness {
    /// No row with this number.
    Empty,
    /// The row.
    Row(Box<Row>),
    /// More than one.
    Many(usize),
    /// No usable answer.
    Silent,
}

/// What a manager can do about a contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Goes to the refund form with the whole amount.
    Refund,
    /// Accept as paid, on the row read at that moment.
    Accept,
    /// FATE 11: end a contradicted claim by the row read at that moment.
    EndByRow,
    /// Dispute it with the gateway.
    Dispute,
}

/// A manager's word about a bill's contradiction.
#[derive(Debug, Clone)]
pub struct SettleOrder {
    /// Which.
    pub bill_no: BillNo,
    /// What.
    pub choice: Choice,
    /// The manager's id.
    pub id: String,
    /// Wiped after use.
    pub pin: Pin,
    /// Why; not empty.
    pub reason: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledAs {
    /// Recorded beside the bill.
    Recorded(Settled),
    /// The machine ended the bill by the row (FATE 11).
    Ended(crate::domain::State),
}

/// What is done with the shift.
#[derive(Debug, Clone)]
pub enum ShiftAct {
    /// Opens one with this float.
    Open {
        /// Cash in the drawer.
        float: Fen,
    },
    /// Hands it over: the next cashier signs in by it.
    HandOver {
        /// Staff id.
        to: String,
        /// Theirs; wiped after use.
        pin: Pin,
        /// Cash counted.
        counted: Fen,
    },
    /// Puts cash in (positive) or takes it out (negative).
    Cash {
        /// Not zero.
        amount: Fen,
        /// Not empty.
        reason: String,
    },
    /// Closes it.
    Close {
        /// Cash counted.
        counted: Fen,
        /// With open to-dos: a manager's id, PIN and reason.
        exception: Option<(String, Pin, String)>,
    },
}

/// A reconciliation as screens show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReconcileView {
    /// How far it is, and what it found.
    pub run: Run,
    /// How far the time is compared, 0 to 1000.
    pub permille: u32,
    /// How it goes.
    pub progress: ReconcileProgress,
}

/// How a reconciliation goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReconcileProgress {
    /// Asking.
    Running,
    /// Everything was compared.
    Finished,
    /// A person stopped it; it goes on where it was when it is started again.
    Cancelled,
    /// The gateway did not answer; it goes on where it was when it is started again.
    Stopped(Said),
}

/// The file of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// UTF-8 with BOM.
    Csv,
    /// Excel.
    Xlsx,
}

/// What is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOrder {
    /// First day, in Shanghai.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Kind of file.
    pub format: ExportFormat,
    /// Where; an existing file is replaced whole or not at all.
    pub path: PathBuf,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Lines.
    pub bills: u64,
    /// Lines.
    pub refunds: u64,
    /// Where.
    pub path: PathBuf,
}

pub use crate::vault::Person;

/// A change of the staff, by the manager who is signed in.
#[derive(Debug, Clone)]
pub enum StaffChange {
    /// A new one.
    Add {
        /// 1 to 32 letters, digits, - or _.
        id: String,
        /// Not empty.
        name: String,
        /// What they may do.
        role: Role,
        /// 4 to 12 digits.
        pin: Pin,
    },
    /// May not sign in any more. The last manager can't be disabled.
    Disable {
        /// Who.
        id: String,
    },
    /// May sign in again, with a new PIN (a manager's way to master_secret is made anew).
    Enable {
        /// Who.
        id: String,
        /// 4 to 12 digits.
        pin: Pin,
    },
    /// A new PIN.
    SetPin {
        /// Who.
        id: String,
        /// 4 to 12 digits.
        pin: Pin,
    },
}

/// One changed setting: its key as in the provisioning file (`payment.barcode_deadline_s`), and
/// its new value as people type it (`60`, `true`, `50000.00`, `a, b, c` for lists; empty: the
/// default, or gone).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// `section.key`.
    pub key: String,
    /// As typed.
    pub value: String,
}

/// One line of the connection test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which host.
    pub host: Host,
    /// What was tested.
    pub what: Checked,
    /// How it went.
    pub grade: Grade,
    /// What was found.
    pub found: Found,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// As it should be, after so many milliseconds.
    Fine {
        /// How long the request took.
        took_ms: u32,
    },
    /// The name has no address; the system's reason.
    NoAddress(String),
    /// No TCP connection; the system's reason.
    NoConnection(String),
    /// TLS: certificate, clock, or something that is no TLS in between.
    TlsFailed(String),
    /// Plain HTTP to this machine: there is no TLS.
    NoTls,
    /// Local clock minus gateway time.
    ClockOff {
        /// Seconds.
        seconds: i64,
    },
    /// No answer carried a `Date`.
    NoDate,
    /// Code 1 although the clock is right.
    BadSignature,
    /// Code 2, 3 or 6: the merchant has not opened it, or not wholly.
    NotOpened {
        /// result_code.
        code: i64,
        /// The gateway's words, cleaned.
        detail: String,
    },
    /// Another code.
    Code {
        /// result_code.
        code: i64,
        /// The gateway's words, cleaned.
        detail: String,
    },
    /// Something answered that is no gateway, or nothing in time.
    Silent,
}

/// What the connection test tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The name has an address.
    Dns,
    /// TCP and TLS.
    Tls,
    /// The clock.
    Clock,
    /// app_id and app_secret.
    Signature,
    /// A channel that is not opened.
    Channel(Channel),
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// As it should.
    Ok,
    /// Worth knowing.
    Warn,
    /// It does not work.
    Fail,
}

/// The manager's desk. Who may do what is the till's to decide, by who is signed in and by the
/// PIN that an order carries; every refusal is a [`Said`] and changes nothing.
pub trait Desk: Send + Sync {
    /// What can be refunded of this bill, by the gateway and the ledger now. A bill that this
    /// ledger doesn't have is fetched from the gateway.
    fn refundable(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Refundable, Said>>;
    /// Orders a refund. Ends when it is recorded and on its way, or refused with nothing sent.
    fn refund(&self, order: RefundOrder) -> BoxFuture<'static, Ordered>;
    /// A cashier asks for a refund: recorded for a manager's word, and nothing is sent.
    fn request_refund(&self, ask: RefundAsk) -> BoxFuture<'static, Ordered>;
    /// Pre-refunds that were made elsewhere and wait; the gateway is asked now.
    fn waiting_refunds(&self) -> BoxFuture<'static, Result<Waiting, Said>>;
    /// A manager's word about one or many. Ends when each is recorded and on its way, or refused.
    fn decide_refunds(&self, order: DecideOrder) -> BoxFuture<'static, Result<Vec<Decided>, Said>>;
    /// This ledger's refunds of a bill, oldest first.
    fn refunds_of(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Vec<RefundView>, String>>;
    /// One refund's story, oldest first.
    fn refund_story(&self, no: RefundNo) -> BoxFuture<'static, Result<Vec<RefundLine>, String>>;
    /// Asks the gateway about this refund now (a manager signed in lets it be sent again).
    fn ask_refund(&self, refund_no: RefundNo);
    /// A manager's word about a refund's contradiction.
    fn settle_refund(
        &self,
        no: RefundNo,
        id: String,
        pin: Pin,
        reason: String,
    ) -> BoxFuture<'static, Result<(), Said>>;
    /// Both witnesses of a bill's contradiction; the gateway is asked now.
    fn witnesses(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Witnesses, Said>>;
    /// Settles it. The row is read again at that moment.
    fn settle(&self, order: SettleOrder) -> BoxFuture<'static, Result<SettledAs, Said>>;
    /// Opens, hands over, closes. Gives the shift as it is afterwards.
    fn shift(&self, act: ShiftAct) -> BoxFuture<'static, Result<Shift, Said>>;
    /// A shift and what was taken in it so far; `None`: the open one, or the last.
    fn shift_report(
        &self,
        no: Option<u32>,
    ) -> BoxFuture<'static, Result<Option<(Shift, ShiftReport)>, String>>;
    /// The newest shifts, newest first.
    fn shifts(&self, most: u32) -> BoxFuture<'static, Result<Vec<Shift>, String>>;
    /// What was taken on a day in Shanghai (by when it became paid).
    fn day_report(&self, day: Day) -> BoxFuture<'static, Result<ShiftReport, String>>;
    /// Starts a reconciliation, or goes on with an interrupted one. It is in the snapshot.
    fn reconcile(&self, scope: Scope) -> BoxFuture<'static, Result<(), Said>>;
    /// Stops it.
    fn cancel_reconcile(&self);
    /// Writes the file.
    fn export(&self, order: ExportOrder) -> BoxFuture<'static, Result<Exported, Said>>;
    /// Changes the staff.
    fn change_staff(&self, change: StaffChange) -> BoxFuture<'static, Result<(), Said>>;
    /// Changes settings, all or none. Each is checked; the first mistake is named.
    fn change_settings(&self, changes: Vec<SettingChange>) -> BoxFuture<'static, Result<(), Said>>;
    /// A slip as it would be printed.
    fn slip(&self, what: Printed) -> BoxFuture<'static, Result<SlipPicture, Said>>;
    /// Tries a device: a test slip, the drawer's pulse, a spoken sentence, a frame, a shown amount.
    fn test_device(&self, device: TestedDevice) -> BoxFuture<'static, Result<(), Said>>;
    /// Tries every host and every channel.
    fn test_connection(&self) -> BoxFuture<'static, Result<Vec<Check>, Said>>;
}

/// What the manager's desk adds to a snapshot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeskView {
    /// Refunds that are open, contradict themselves, or ended just now; oldest first.
    pub refunds: Vec<RefundView>,
    /// The open shift.
    pub shift: Option<Arc<Shift>>,
    /// The running or last reconciliation of this process.
    pub reconcile: Option<Arc<ReconcileView>>,
    /// Everyone, for managers; empty while none is signed in.
    pub people: Vec<Person>,
    /// This till can refund (it has a master_secret, and its gateway refunds).
    pub can_refund: bool,
    /// Refunds a person must look at: counted into 待处理.
    pub refunds_to_do: u32,
}

/// The view of a refund from the ledger that nobody works on.
pub fn refund_view(refund: &Refund) -> RefundView {
    use crate::domain::refund::RefundAnswer;
    let code = match &refund.answer {
        RefundAnswer::Refused { code, .. } | RefundAnswer::Unclear { code, .. } => Some(*code),
        _ => None,
    };
    RefundView {
        refund_no: refund.refund_no.clone(),
        bill_no: refund.bill_no.clone(),
        fee: refund.fee,
        wallet: refund.wallet,
        reason: refund.reason.clone(),
        operator: refund.operator.clone(),
        approver: refund.approver.clone(),
        state: refund.state,
        proof: refund.proof,
        lost: refund.lost,
        sent_ms: refund.sent.wall_ms,
        ended_ms: refund.ended_ms,
        next_at_ms: refund.next_ms,
        asking: false,
        waits_for_manager: false,
        code,
        detail: refund.detail(),
        unheard: refund.is_unheard(),
        incident: refund.incident.clone().filter(|_| refund.settled.is_none()),
        unrecorded: false,
        pre: refund.pre.clone(),
    }
}
