//! The till's one thread: it takes commands, answers and wake-ups one at a time, steps bills and
//! executes what `payment` decided, in order. A `Record` is durable before the next action runs;
//! where it can't be written, nothing that rests on it is done (I2, I4).

use super::charge::{Show, is_undrawn};
use super::clock::Clock;
use super::counter::{Counter, FromPrinter};
use super::hook::Ear;
use super::hosts::Hosts;
use super::incident::Settling;
use super::open::OpenError;
use super::order::{PayOrder, PayRefused};
use super::publish::is_drawn;
use super::qr;
use super::reconcile::Reconciling;
use super::record::Unwritten;
use super::refund::Refunds;
use super::service::{Command, DeviceHealth, GatewayHealth, Notice, QrView, Question, Snapshot};
use super::service::{Said, ScanText};
use crate::domain::bill::{CloseReason, Qr};
use crate::domain::config::Settings;
use crate::domain::gateway::{
    Answer, PayOutcome, PayRequest, RevertOutcome, RowOutcome, StatusOutcome,
};
use crate::domain::practice::{Act, Customer, Network, RefundAct};
use crate::domain::shift::Shift;
use crate::domain::staff::Staff;
use crate::domain::{AuthCode, Bill, BillNo, Fen, Host, SaleId, State, Wallet};
use crate::gateway::Gateway;
use crate::ledger::{Entry, Ledger, LedgerError};
use crate::payment::{Action, Case, Event, Policy, sale, step};
use crate::vault::{MasterKey, Vault};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;
use tokio::sync::{broadcast, oneshot, watch};

/// A step can cause a few more (QR shown, a request that was never sent); never many.
const FOLLOW_UPS: usize = 32;
/// Inputs taken before the screen is told.
const BATCH: usize = 64;

/// What reaches the engine.
pub(super) enum Input {
    /// From a client.
    Command(Command),
    /// `shouyin pay`.
    Pay(Box<PayOrder>, oneshot::Sender<Result<BillNo, PayRefused>>),
    /// `shouyin pay` was interrupted.
    Cancel(BillNo),
    /// A request ended.
    Answered(BillNo, Reply),
    /// The scanner read something.
    Scanned(ScanText),
    /// The scanner read something broken.
    ScanBroken,
    /// The scanner of this start came or went.
    Scanner(u64, DeviceHealth),
    /// The printer, or who prepares slips for it, has something to tell.
    Printer(FromPrinter),
    /// A caller waits until the gateway's clock is known; dropping the sender lets it go on.
    AskTime(oneshot::Sender<()>),
    /// The answer that tells the gateway's clock.
    Timed(Answer<RowOutcome>),
    /// Something to be done on the engine's thread: a call of the manager's desk, or an answer that
    /// the desk waited for. Only the call is a person's.
    Visit(Box<dyn FnOnce(&mut Engine) + Send>),
    /// Something only the engine can tell. It changes nothing, and no screen is told.
    Look(Box<dyn FnOnce(&Engine) + Send>),
    /// Tests make the ledger fail.
    Ledger(Box<dyn FnOnce(&Ledger) + Send>),
    /// The end.
    Stop,
}

/// A request's end.
pub(super) enum Reply {
    Pay(Answer<PayOutcome>),
    Status(Answer<StatusOutcome>),
    Row(Answer<RowOutcome>),
    Revert(Answer<RevertOutcome>),
}

/// A bill in the engine's hands.
pub(super) struct Held {
    pub case: Case,
    wake: Option<i64>,
    pub request: Option<PayRequest>,
    /// Hosts that pay was handed to.
    pub tried: Vec<Host>,
    /// Grows with each round of questions: which host is asked.
    pub turn: u32,
    pub qr: Option<Arc<QrView>>,
    pub unwritten: VecDeque<Unwritten>,
    pub announce_later: bool,
    /// A command-line caller stands before it.
    pub followed: bool,
}

impl Held {
    pub fn unrecorded(&self) -> bool {
        !self.unwritten.is_empty() && self.case.bill.state.is_terminal()
    }
}

/// What is on the stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum OnStage {
    Idle,
    Amount {
        amount: Fen,
        sale: SaleId,
        another_by: Option<String>,
    },
    Bill(BillNo),
}

/// A charge that waits for the same-amount question (a code for at most 30 s).
pub(super) struct Asked {
    pub open: BillNo,
    pub amount: Fen,
    pub note: String,
    pub sale: SaleId,
    pub held: Option<(AuthCode, i64)>,
    pub show: Option<Show>,
}

/// The played customer.
pub(super) struct Practising {
    pub customer: Arc<dyn Customer>,
    pub wallet: Wallet,
    pub code: AuthCode,
    pub code_qr: Arc<QrView>,
    pub act: Act,
    pub network: Network,
    pub refund_act: RefundAct,
    pub refund_network: Network,
    pub planted: Vec<String>,
}

/// Everything the engine works with.
pub(super) struct Engine {
    pub ledger: Ledger,
    /// For readers beside it.
    pub ledger_path: PathBuf,
    pub vault: Vault,
    pub gateway: Arc<dyn Gateway>,
    pub runtime: tokio::runtime::Handle,
    pub settings: Arc<Settings>,
    pub policy: Policy,
    pub practice_mode: bool,
    pub practising: Option<Practising>,
    pub clock: Clock,
    pub hosts: Hosts,
    pub cases: BTreeMap<BillNo, Held>,
    pub refunds: Refunds,
    pub settling: Vec<Settling>,
    pub stage: OnStage,
    pub asked: Option<Asked>,
    /// The open one.
    pub shift: Option<Arc<Shift>>,
    pub reconciling: Option<Reconciling>,
    pub signed_in: Option<Staff>,
    pub last_code: Option<(String, i64)>,
    pub ledger_down: Option<String>,
    pub write_again: Option<i64>,
    pub gateway_health: GatewayHealth,
    pub latest: Vec<Bill>,
    pub totals: (u32, Fen),
    pub totals_day: Option<crate::domain::time::Day>,
    pub stale: bool,
    pub seq: u64,
    pub warmed: Option<i64>,
    pub time_waiters: Vec<oneshot::Sender<()>>,
    pub inbox: Receiver<Input>,
    pub outbox: Sender<Input>,
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    pub notices: broadcast::Sender<Notice>,
    pub pending: Arc<AtomicUsize>,
    /// The data directory.
    pub dir: PathBuf,
    /// Makes the gateway's client anew from changed settings; `None`: tests keep theirs.
    pub remake: Option<Remake>,
    pub counter: Counter,
    /// Hears the gateway's notices.
    pub ear: Arc<Ear>,
    /// Why they can't be heard, where they should be.
    pub no_webhook: Option<String>,
    /// Something may be otherwise than the last snapshot says.
    pub fresh: bool,
    /// The last command of a person, monotonic ms.
    pub active_ms: i64,
    /// While a manager is signed in: wraps master_secret for another one.
    pub master_key: Option<MasterKey>,
}

/// Makes a gateway's client from settings and secrets.
pub(super) type Remake =
    Box<dyn Fn(&Settings, &Vault) -> Result<Arc<dyn Gateway>, OpenError> + Send>;

impl Engine {
    /// Runs until `Stop`, or until every client is gone. Says when the first snapshot is out.
    pub fn run(mut self, ready: &Sender<()>) {
        self.publish();
        let _ = ready.send(());
        loop {
            let input = match self.next_wake() {
                None => self
                    .inbox
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => {
                    let wait = (at - self.clock.now().mono_ms).clamp(0, 86_400_000);
                    let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
                    self.inbox.recv_timeout(wait)
                }
            };
            match input {
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(input) => self.take(input),
                Err(RecvTimeoutError::Timeout) => self.fresh = true,
            }
            if !self.drain() {
                break;
            }
            let now_ms = self.clock.now().mono_ms;
            self.fresh |= self.next_wake().is_some_and(|at| now_ms >= at);
            self.fire_wakes();
            self.write_pending();
            if std::mem::take(&mut self.fresh) {
                self.publish();
            }
        }
        // The last chance for what waits.
        self.write_again = self.write_again.map(|_| i64::MIN);
        self.write_pending();
        self.finish_printing();
    }

    /// Takes what else has come in. False: stop.
    fn drain(&mut self) -> bool {
        for _ in 0..BATCH {
            match self.inbox.try_recv() {
                Ok(Input::Stop) => return false,
                Ok(input) => self.take(input),
                Err(_) => break,
            }
        }
        true
    }

    fn take(&mut self, input: Input) {
        self.fresh |= !matches!(input, Input::Look(_));
        match input {
            Input::Command(command) => {
                self.active();
                self.command(command);
            }
            Input::Pay(order, reply) => {
                let result = self.order(*order);
                let _ = reply.send(result);
            }
            Input::Cancel(bill_no) => self.step(&bill_no, Event::CancelAsked),
            Input::Answered(bill_no, reply) => self.answered(&bill_no, reply),
            Input::Scanned(text) => {
                let _ = self.notices.send(Notice::Scanned(text));
            }
            Input::ScanBroken => {
                let _ = self.notices.send(Notice::ScanBroken);
            }
            Input::Scanner(start, health) => self.scanner_is(start, health),
            Input::Printer(from) => self.hear_printer(from),
            Input::AskTime(waiter) => self.ask_time(Some(waiter)),
            Input::Timed(answer) => self.timed(&answer),
            Input::Visit(act) => act(self),
            Input::Look(ask) => ask(self),
            Input::Ledger(act) => act(&self.ledger),
            Input::Stop => {}
        }
    }

    /// Everything open, every due look and everything on the to-do list is taken up and listed
    /// before the first sale; nothing here waits for an answer (FATE: after a crash).
    pub fn take_up(&mut self) -> Result<(), LedgerError> {
        // First: a refund under way explains a bill whose row says refunded.
        self.take_up_refunds()?;
        let now = self.clock.now();
        self.shift = self.ledger.books().open_shift()?.map(Arc::new);
        let mut bills = self.ledger.open_bills()?;
        bills.extend(self.ledger.due_looks()?);
        bills.extend(self.ledger.to_do()?);
        for bill in bills {
            if !self.cases.contains_key(&bill.bill_no) {
                let bill_no = bill.bill_no.clone();
                self.hold(Case::resume(bill, &now));
                self.step(&bill_no, Event::Restarted);
            }
        }
        Ok(())
    }

    /// Takes a bill into the engine's hands.
    pub fn hold(&mut self, case: Case) {
        let held = Held {
            case,
            wake: None,
            request: None,
            tried: Vec::new(),
            turn: 0,
            qr: None,
            unwritten: VecDeque::new(),
            announce_later: false,
            followed: false,
        };
        self.cases.insert(held.case.bill.bill_no.clone(), held);
    }

    /// Starts a new bill: durable before a byte leaves (I2). An error means nothing was sent.
    pub fn start(
        &mut self,
        case: Case,
        actions: Vec<Action>,
        request: PayRequest,
    ) -> Result<(), LedgerError> {
        let bill_no = case.bill.bill_no.clone();
        let mut actions = VecDeque::from(actions);
        // `Case::start` begins with its record; whatever else comes is executed after it.
        if let Some(Action::Record { what, detail, bill }) = actions.pop_front() {
            self.write_in_shift(&[Entry::Bill(what, detail.as_deref(), &bill)])?;
            let _ = self.notices.send(Notice::Changed(bill));
        }
        self.hold(case);
        if let Some(held) = self.cases.get_mut(&bill_no) {
            held.request = Some(request);
        }
        self.plan_practice(&bill_no);
        self.execute(&bill_no, actions);
        Ok(())
    }

    /// Steps one bill and everything that follows at once from it.
    pub fn step(&mut self, bill_no: &BillNo, event: Event) {
        let now = self.clock.now();
        let Some(held) = self.cases.get_mut(bill_no) else {
            return;
        };
        let staged = self.stage == OnStage::Bill(bill_no.clone()) || held.followed;
        held.case.set_on_stage(staged);
        held.case.set_refunding(self.refunds.explain(bill_no));
        held.wake = None;
        let was = held.case.bill.state;
        let cancelled = event == Event::CancelAsked;
        let (mut case, mut actions) = step(held.case.clone(), event, &now, &self.policy);
        let became_paid = was != State::Paid && case.bill.state == State::Paid;
        if became_paid && let Some(other) = self.other_paid(&case.bill) {
            let (twice, more) = step(case, Event::OtherPaid { other }, &now, &self.policy);
            (case, actions) = (twice, in_one_record(actions, more));
        }
        if let Some(held) = self.cases.get_mut(bill_no) {
            held.case = case;
        }
        self.execute(bill_no, actions.into());
        self.take_off(bill_no);
        self.clear_undrawn(bill_no, cancelled);
        self.drop_stale_question();
        self.let_go();
    }

    /// The bill that the same-amount question is about has a result now: there is nothing to ask.
    fn drop_stale_question(&mut self) {
        let asks = |no: &BillNo| {
            let held = self.cases.get(no);
            held.is_some_and(|h| sale::asks_about(&h.case.bill))
        };
        if self.asked.as_ref().is_some_and(|asked| !asks(&asked.open)) {
            self.asked = None;
        }
    }

    /// A code that left the screen comes back only by 再次显示.
    fn take_off(&mut self, bill_no: &BillNo) {
        let now = self.clock.now();
        if let Some(held) = self.cases.get_mut(bill_no)
            && !matches!(held.case.bill.qr, Qr::Ready { .. })
            && !is_drawn(&held.case.bill, &now)
        {
            held.qr = None;
        }
    }

    /// A QR that was never drawn can't be paid: its bill goes on off the stage, and its sale is
    /// free at once (FATE 17), with its amount still there.
    fn clear_undrawn(&mut self, bill_no: &BillNo, cancelled: bool) {
        if self.stage != OnStage::Bill(bill_no.clone()) || !self.may_retry_stage() {
            return;
        }
        let undrawn = |b: &&Bill| !b.state.is_terminal() && is_undrawn(b);
        let Some(bill) = self.staged_bill().filter(undrawn) else {
            return;
        };
        let form = bill.closing.is_some_and(|c| c.why == CloseReason::OnlyForm);
        self.stage = OnStage::Amount {
            amount: bill.amount,
            sale: bill.sale.clone(),
            another_by: bill.another_by.clone(),
        };
        if !cancelled {
            self.say(match form {
                true => Said::LinkOnlyForm,
                false => Said::QrUnshowable,
            });
        }
    }

    /// Executes in order; a `Record` is durable before what follows it is sent.
    pub fn execute(&mut self, bill_no: &BillNo, actions: VecDeque<Action>) {
        let mut follow_ups: VecDeque<Event> = VecDeque::new();
        for action in actions {
            match action {
                Action::Record { what, detail, bill } => {
                    self.record(bill_no, what, detail, *bill);
                }
                Action::WakeAt(at) => {
                    if let Some(held) = self.cases.get_mut(bill_no) {
                        held.wake = Some(at);
                    }
                }
                Action::AskStatus { channel } => self.ask_status(bill_no, channel),
                Action::ReadRow => self.read_row(bill_no),
                Action::Announce => self.announce_or_wait(bill_no),
                Action::SendPay { host } => follow_ups.extend(self.send_pay(bill_no, host)),
                Action::SendRevert { channel } => {
                    follow_ups.extend(self.send_revert(bill_no, channel));
                }
                Action::ShowQr { code_url } => {
                    follow_ups.push_back(self.prepare_qr(bill_no, &code_url));
                }
            }
        }
        for _ in 0..FOLLOW_UPS {
            let Some(event) = follow_ups.pop_front() else {
                break;
            };
            let showing = event == Event::QrShown;
            self.step(bill_no, event);
            if showing {
                self.drop_unrecorded_qr(bill_no);
            }
        }
    }

    fn next_wake(&self) -> Option<i64> {
        let now = self.clock.now();
        let qr_off = self.cases.values().filter_map(|h| match &h.case.bill.qr {
            Qr::Shown { until_ms, .. } if h.qr.is_some() => {
                let left = until_ms - now.gateway_ms();
                (left > 0).then_some(now.mono_ms + left)
            }
            _ => None,
        });
        let code_held = self
            .asked
            .as_ref()
            .and_then(|a| a.held.as_ref().map(|(_, until)| *until));
        self.cases
            .values()
            .filter_map(|h| h.wake)
            .chain(self.refunds.next_wake())
            .chain(self.next_print_wake(&now))
            .chain(qr_off)
            .chain(self.write_again)
            .chain(code_held)
            .chain(self.midnight(&now))
            .chain(self.idle_lock_at())
            .chain(self.camera_wake_at())
            .min()
    }

    fn fire_wakes(&mut self) {
        let now = self.clock.now();
        let due: Vec<BillNo> = self
            .cases
            .iter()
            .filter(|(_, h)| h.wake.is_some_and(|at| now.mono_ms >= at))
            .map(|(no, _)| no.clone())
            .collect();
        for bill_no in due {
            self.step(&bill_no, Event::Tick);
        }
        self.lock_if_idle();
        self.fire_refund_wakes();
        self.fire_print_wakes();
        if let Some(asked) = &mut self.asked
            && asked
                .held
                .as_ref()
                .is_some_and(|(_, until)| now.mono_ms >= *until)
        {
            asked.held = None;
        }
    }

    /// Reads back the code; it is shown only if it is exactly code_url.
    fn prepare_qr(&mut self, bill_no: &BillNo, code_url: &str) -> Event {
        let written = !self.is_unwritten(bill_no);
        match qr::encode(code_url).filter(|_| written) {
            Some(view) => {
                if let Some(held) = self.cases.get_mut(bill_no) {
                    held.qr = Some(Arc::new(view));
                }
                Event::QrShown
            }
            None => Event::QrUnshowable,
        }
    }

    /// Says one line.
    pub fn say(&self, said: Said) {
        let _ = self.notices.send(Notice::Said(said));
    }

    /// Shows the same-amount question as clients see it.
    pub fn question_view(&self) -> Option<Question> {
        let asked = self.asked.as_ref()?;
        let open = self.view(&asked.open)?;
        Some(Question {
            open: Box::new(open),
            amount: asked.amount,
        })
    }
}

/// "Paid" and "paid twice" are one record: a crash between two would hide the second for ever.
fn in_one_record(mut first: Vec<Action>, second: Vec<Action>) -> Vec<Action> {
    let newest = second.iter().find_map(|action| match action {
        Action::Record { bill, .. } => Some(bill.clone()),
        _ => None,
    });
    for action in &mut first {
        if let (Action::Record { bill, .. }, Some(newest)) = (action, &newest) {
            bill.clone_from(newest);
        }
    }
    let new = |action: &Action| !matches!(action, Action::Record { .. } | Action::Announce);
    first.extend(second.into_iter().filter(new));
    first
}
