//! The till's one thread: it takes commands, answers and wake-ups one at a time, steps bills and
//! executes what `payment` decided, in order. A `Record` is durable before the next action runs;
//! where it can't be written, nothing that rests on it is done (I2, I4).

use super::clock::Clock;
use super::hosts::Hosts;
use super::order::{PayOrder, PayRefused};
use super::service::{Command, DeviceHealth, GatewayHealth, Notice, Question, QrView, Snapshot};
use super::service::{Said, ScanText};
use super::qr;
use crate::domain::bill::{Happened, Qr};
use crate::domain::config::Settings;
use crate::domain::gateway::{
    Answer, Lost, PayOutcome, PayRequest, RevertOutcome, RowOutcome, StatusOutcome,
};
use crate::domain::practice::{Act, Customer, Network};
use crate::domain::staff::Staff;
use crate::domain::{AuthCode, Bill, BillNo, Fen, Host, Now, SaleId, State, Wallet};
use crate::gateway::Gateway;
use crate::ledger::Ledger;
use crate::payment::{Action, Case, Event, Policy, step};
use crate::vault::Vault;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;
use tokio::sync::{broadcast, oneshot, watch};

/// How often a failed write is tried again.
const WRITE_AGAIN_MS: i64 = 2_000;
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
    /// The serial scanner read something.
    Scanned(ScanText),
    /// The serial scanner read something broken.
    ScanBroken,
    /// The serial scanner came or went.
    Scanner(DeviceHealth),
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
    request: Option<PayRequest>,
    tried: Vec<Host>,
    pub qr: Option<Arc<QrView>>,
    unwritten: VecDeque<(Happened, Option<String>, Bill)>,
    announce_later: bool,
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
    Amount { amount: Fen, sale: SaleId, another_by: Option<String> },
    Bill(BillNo),
}

/// A charge that waits for the same-amount question (a code for at most 30 s).
pub(super) struct Asked {
    pub open: BillNo,
    pub amount: Fen,
    pub note: String,
    pub held: Option<(AuthCode, i64)>,
    pub qr: Option<Wallet>,
}

/// The played customer.
pub(super) struct Practising {
    pub customer: Arc<dyn Customer>,
    pub wallet: Wallet,
    pub code: AuthCode,
    pub code_qr: Arc<QrView>,
    pub act: Act,
    pub network: Network,
}

/// Everything the engine works with.
pub(super) struct Engine {
    pub ledger: Ledger,
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
    pub stage: OnStage,
    pub asked: Option<Asked>,
    pub signed_in: Option<Staff>,
    pub last_code: Option<(String, i64)>,
    pub ledger_down: Option<String>,
    pub write_again: Option<i64>,
    pub gateway_health: GatewayHealth,
    pub scanner: Option<DeviceHealth>,
    pub latest: Vec<Bill>,
    pub totals: (u32, Fen),
    pub totals_day: Option<crate::domain::time::Day>,
    pub stale: bool,
    pub seq: u64,
    pub warmed: Option<i64>,
    pub inbox: Receiver<Input>,
    pub outbox: Sender<Input>,
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    pub notices: broadcast::Sender<Notice>,
    pub pending: Arc<AtomicUsize>,
}

impl Engine {
    /// Runs until `Stop`, or until every client is gone. Says when the first snapshot is out.
    pub fn run(mut self, ready: &Sender<()>) {
        self.take_up();
        self.publish();
        let _ = ready.send(());
        loop {
            let input = match self.next_wake() {
                None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => {
                    let wait = (at - self.clock.now().mono_ms).clamp(0, 86_400_000);
                    let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
                    self.inbox.recv_timeout(wait)
                }
            };
            match input {
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(input) => self.take(input),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if !self.drain() {
                break;
            }
            self.fire_wakes();
            self.write_pending();
            self.publish();
        }
        self.write_pending();
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
        match input {
            Input::Command(command) => self.command(command),
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
            Input::Scanner(state) => self.scanner = Some(state),
            Input::Stop => {}
        }
    }

    /// Everything open, every due look and everything on the to-do list is taken up and listed
    /// before the first sale; nothing here waits for an answer (FATE: after a crash).
    fn take_up(&mut self) {
        let now = self.clock.now();
        let mut bills = Vec::new();
        for found in [self.ledger.open_bills(), self.ledger.due_looks(), self.ledger.to_do()] {
            match found {
                Ok(list) => bills.extend(list),
                Err(error) => self.ledger_down = Some(error.to_string()),
            }
        }
        for bill in bills {
            if !self.cases.contains_key(&bill.bill_no) {
                let bill_no = bill.bill_no.clone();
                self.hold(Case::resume(bill, &now));
                self.step(&bill_no, Event::Restarted);
            }
        }
        self.stale = true;
    }

    /// Takes a bill into the engine's hands.
    pub fn hold(&mut self, case: Case) {
        let held = Held {
            case,
            wake: None,
            request: None,
            tried: Vec::new(),
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
    ) -> Result<(), String> {
        let bill_no = case.bill.bill_no.clone();
        self.hold(case);
        if let Some(held) = self.cases.get_mut(&bill_no) {
            held.request = Some(request);
        }
        let first = actions.first().cloned();
        let Some(Action::Record { what, detail, bill }) = first else {
            self.cases.remove(&bill_no);
            return Err("nothing to record".to_owned());
        };
        if let Err(error) = self.write(what, detail.as_deref(), &bill) {
            self.cases.remove(&bill_no);
            return Err(error);
        }
        let _ = self.notices.send(Notice::Changed(bill));
        self.execute(&bill_no, actions.into_iter().skip(1).collect());
        Ok(())
    }

    /// Steps one bill and everything that follows at once from it.
    pub fn step(&mut self, bill_no: &BillNo, event: Event) {
        let now = self.clock.now();
        let Some(held) = self.cases.get_mut(bill_no) else { return };
        let staged = self.stage == OnStage::Bill(bill_no.clone()) || held.followed;
        held.case.set_on_stage(staged);
        held.wake = None;
        let was = held.case.bill.state;
        let (case, actions) = step(held.case.clone(), event, &now, &self.policy);
        held.case = case;
        let became_paid = was != State::Paid && held.case.bill.state == State::Paid;
        self.execute(bill_no, actions);
        if became_paid {
            self.find_double_payment(bill_no);
        }
        self.let_go();
    }

    fn execute(&mut self, bill_no: &BillNo, actions: Vec<Action>) {
        let mut failed = self.cases.get(bill_no).is_some_and(|h| !h.unwritten.is_empty());
        let mut follow_ups: VecDeque<Event> = VecDeque::new();
        for action in actions {
            match action {
                Action::Record { what, detail, bill } => {
                    failed |= !self.record(bill_no, what, detail, *bill);
                }
                Action::WakeAt(at) => {
                    if let Some(held) = self.cases.get_mut(bill_no) {
                        held.wake = Some(at);
                    }
                }
                Action::AskStatus { channel } => self.ask_status(bill_no, channel),
                Action::ReadRow => self.read_row(bill_no),
                Action::Announce => self.announce_or_wait(bill_no, failed),
                Action::SendPay { host } => follow_ups.extend(self.send_pay(bill_no, host, failed)),
                Action::SendRevert { channel } => {
                    follow_ups.extend(self.send_revert(bill_no, channel, failed));
                }
                Action::ShowQr { code_url } => {
                    follow_ups.push_back(self.prepare_qr(bill_no, &code_url, failed));
                }
            }
        }
        for _ in 0..FOLLOW_UPS {
            let Some(event) = follow_ups.pop_front() else { break };
            let showing = event == Event::QrShown;
            self.step(bill_no, event);
            if showing {
                self.drop_unrecorded_qr(bill_no);
            }
        }
    }

    /// Shown is durable before it is drawn (FATE 17): one that can't be written is not drawn.
    fn drop_unrecorded_qr(&mut self, bill_no: &BillNo) {
        let unwritten = self.cases.get(bill_no).is_some_and(|h| !h.unwritten.is_empty());
        if unwritten {
            if let Some(held) = self.cases.get_mut(bill_no) {
                held.qr = None;
            }
            self.step(bill_no, Event::CancelAsked);
        }
    }

    /// Writes a bill's change; where that fails it is kept in memory and tried again.
    fn record(
        &mut self,
        bill_no: &BillNo,
        what: Happened,
        detail: Option<String>,
        bill: Bill,
    ) -> bool {
        let waiting = self.cases.get(bill_no).is_some_and(|h| !h.unwritten.is_empty());
        let written = !waiting && self.write(what, detail.as_deref(), &bill).is_ok();
        let notice = match written {
            true => Notice::Changed(Box::new(bill.clone())),
            false => Notice::Unwritten(Box::new(bill.clone())),
        };
        let _ = self.notices.send(notice);
        if !written && let Some(held) = self.cases.get_mut(bill_no) {
            held.unwritten.push_back((what, detail, bill));
        }
        written
    }

    /// One durable write. A failure is shown and stops new payments.
    fn write(&mut self, what: Happened, detail: Option<&str>, bill: &Bill) -> Result<(), String> {
        self.stale = true;
        let at_ms = self.clock.now().wall_ms;
        match self.ledger.record(what, detail, bill, at_ms) {
            Ok(()) => {
                self.ledger_down = None;
                Ok(())
            }
            Err(error) => {
                tracing::error!(bill_no = %bill.bill_no, %error, "ledger write failed");
                let text = error.to_string();
                self.ledger_down = Some(text.clone());
                self.write_again = Some(self.clock.now().mono_ms + WRITE_AGAIN_MS);
                Err(text)
            }
        }
    }

    /// Tries again what could not be written, in order.
    pub fn write_pending(&mut self) {
        let now = self.clock.now();
        if self.write_again.is_none_or(|at| now.mono_ms < at) {
            return;
        }
        self.write_again = None;
        let waiting: Vec<BillNo> = self
            .cases
            .iter()
            .filter(|(_, h)| !h.unwritten.is_empty())
            .map(|(no, _)| no.clone())
            .collect();
        for bill_no in waiting {
            if !self.write_one_pending(&bill_no) {
                return;
            }
        }
        self.ledger_down = None;
        self.let_go();
    }

    fn write_one_pending(&mut self, bill_no: &BillNo) -> bool {
        while let Some((what, detail, bill)) =
            self.cases.get(bill_no).and_then(|h| h.unwritten.front().cloned())
        {
            if self.write(what, detail.as_deref(), &bill).is_err() {
                return false;
            }
            let _ = self.notices.send(Notice::Changed(Box::new(bill)));
            if let Some(held) = self.cases.get_mut(bill_no) {
                held.unwritten.pop_front();
            }
        }
        let announce = self.cases.get_mut(bill_no).is_some_and(|held| {
            std::mem::take(&mut held.announce_later)
        });
        if announce {
            self.announce(bill_no);
        }
        true
    }

    /// Success is durable before it is announced (I4).
    fn announce_or_wait(&mut self, bill_no: &BillNo, failed: bool) {
        if failed {
            if let Some(held) = self.cases.get_mut(bill_no) {
                held.announce_later = true;
            }
        } else {
            self.announce(bill_no);
        }
    }

    fn announce(&mut self, bill_no: &BillNo) {
        let on_stage = self.stage == OnStage::Bill(bill_no.clone());
        if let Some(bill) = self.view(bill_no) {
            let _ = self.notices.send(Notice::Fate { bill: Box::new(bill), on_stage });
        }
    }

    /// I1's last line: two paid attempts of one sale are an incident.
    fn find_double_payment(&mut self, bill_no: &BillNo) {
        let Some(sale) = self.cases.get(bill_no).map(|h| h.case.bill.sale.clone()) else { return };
        let others = self.ledger.sale(&sale).unwrap_or_default();
        let other = others.into_iter().find(|b| b.bill_no != *bill_no && b.state == State::Paid);
        if let Some(other) = other {
            self.step(bill_no, Event::OtherPaid { other: other.bill_no });
        }
    }

    /// Bills that nobody has to do anything about are left to the ledger.
    fn let_go(&mut self) {
        let stage = match &self.stage {
            OnStage::Bill(no) => Some(no.clone()),
            _ => None,
        };
        self.cases.retain(|no, held| {
            let bill = &held.case.bill;
            !bill.state.is_terminal()
                || bill.look.is_some()
                || bill.needs_someone()
                || held.case.is_asking()
                || !held.unwritten.is_empty()
                || stage.as_ref() == Some(no)
        });
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
        let code_held =
            self.asked.as_ref().and_then(|a| a.held.as_ref().map(|(_, until)| *until));
        self.cases
            .values()
            .filter_map(|h| h.wake)
            .chain(qr_off)
            .chain(self.write_again)
            .chain(code_held)
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
        if let Some(asked) = &mut self.asked
            && asked.held.as_ref().is_some_and(|(_, until)| now.mono_ms >= *until)
        {
            asked.held = None;
        }
    }

    /// Reads back the code; it is shown only if it is exactly code_url.
    fn prepare_qr(&mut self, bill_no: &BillNo, code_url: &str, failed: bool) -> Event {
        let view = if failed { None } else { qr::encode(code_url) };
        match view {
            Some(view) => {
                if let Some(held) = self.cases.get_mut(bill_no) {
                    held.qr = Some(Arc::new(view));
                }
                Event::QrShown
            }
            None => {
                self.say(Said::QrUnshowable);
                Event::QrUnshowable
            }
        }
    }

    /// Says one line.
    pub fn say(&self, said: Said) {
        let _ = self.notices.send(Notice::Said(said));
    }
}

// Requests.
impl Engine {
    fn send_pay(&mut self, bill_no: &BillNo, host: Host, failed: bool) -> Option<Event> {
        let at_ms = self.clock.now().gateway_ms();
        let held = self.cases.get_mut(bill_no)?;
        let request = held.request.clone().filter(|_| !failed);
        let Some(request) = request else {
            let outcome = PayOutcome::Unconnected { why: "本机账本写不进去".to_owned() };
            let answer = Answer { outcome, host, date_ms: None, took_ms: 0 };
            return Some(Event::PayAnswered { answer, next_host: None });
        };
        held.tried.push(host.clone());
        let (gateway, outbox, bill_no) =
            (Arc::clone(&self.gateway), self.outbox.clone(), bill_no.clone());
        self.runtime.spawn(async move {
            let answer = gateway.pay(&host, &request, at_ms).await;
            let _ = outbox.send(Input::Answered(bill_no, Reply::Pay(answer)));
        });
        None
    }

    fn send_revert(
        &mut self,
        bill_no: &BillNo,
        channel: Option<crate::domain::Channel>,
        failed: bool,
    ) -> Option<Event> {
        let (host, at_ms) = self.question(bill_no)?;
        if failed {
            // Not recorded, so not sent; the bill takes it as unanswered, which assumes nothing.
            let outcome = RevertOutcome::NoAnswer(Lost::Unreachable);
            let answer = Answer { outcome, host, date_ms: None, took_ms: 0 };
            return Some(Event::RevertAnswered { answer });
        }
        let (gateway, outbox, bill_no) =
            (Arc::clone(&self.gateway), self.outbox.clone(), bill_no.clone());
        self.runtime.spawn(async move {
            let answer = gateway.revert(&host, &bill_no, channel, at_ms).await;
            let _ = outbox.send(Input::Answered(bill_no, Reply::Revert(answer)));
        });
        None
    }

    fn ask_status(&mut self, bill_no: &BillNo, channel: Option<crate::domain::Channel>) {
        let Some((host, at_ms)) = self.question(bill_no) else { return };
        let (gateway, outbox, bill_no) =
            (Arc::clone(&self.gateway), self.outbox.clone(), bill_no.clone());
        self.runtime.spawn(async move {
            let answer = gateway.status(&host, &bill_no, channel, at_ms).await;
            let _ = outbox.send(Input::Answered(bill_no, Reply::Status(answer)));
        });
    }

    fn read_row(&mut self, bill_no: &BillNo) {
        let Some((host, at_ms)) = self.question(bill_no) else { return };
        let (gateway, outbox, bill_no) =
            (Arc::clone(&self.gateway), self.outbox.clone(), bill_no.clone());
        self.runtime.spawn(async move {
            let answer = gateway.row(&host, &bill_no, at_ms).await;
            let _ = outbox.send(Input::Answered(bill_no, Reply::Row(answer)));
        });
    }

    fn question(&self, bill_no: &BillNo) -> Option<(Host, i64)> {
        let held = self.cases.get(bill_no)?;
        let host = self.hosts.for_question(&held.case.bill, held.case.asked());
        Some((host, self.clock.now().gateway_ms()))
    }

    fn answered(&mut self, bill_no: &BillNo, reply: Reply) {
        let (heard, host, date_ms, took_ms) = match &reply {
            Reply::Pay(a) => {
                let lost = matches!(a.outcome, PayOutcome::Unconnected { .. })
                    || matches!(&a.outcome, PayOutcome::Lost(why) if is_silence(why));
                (!lost, a.host.clone(), a.date_ms, a.took_ms)
            }
            Reply::Status(a) => {
                let lost = matches!(&a.outcome, StatusOutcome::NoAnswer(why) if is_silence(why));
                (!lost, a.host.clone(), a.date_ms, a.took_ms)
            }
            Reply::Row(a) => {
                let lost = matches!(&a.outcome, RowOutcome::NoAnswer(why) if is_silence(why));
                (!lost, a.host.clone(), a.date_ms, a.took_ms)
            }
            Reply::Revert(a) => {
                let lost = matches!(&a.outcome, RevertOutcome::NoAnswer(why) if is_silence(why));
                (!lost, a.host.clone(), a.date_ms, a.took_ms)
            }
        };
        if let Some(date) = date_ms {
            self.clock.learn(date, i64::from(took_ms));
        }
        let now = self.clock.now();
        self.hosts.heard(&host, heard, &now);
        self.note_health(heard, took_ms, &now);
        let Some(pay_host) = self.cases.get(bill_no).map(|h| self.hosts.pay_host(&h.case.bill, &now))
        else {
            return;
        };
        let event = match reply {
            Reply::Pay(answer) => self.pay_event(bill_no, answer),
            Reply::Status(answer) => Event::StatusAnswered { answer, pay_host },
            Reply::Row(answer) => Event::RowRead { answer, pay_host },
            Reply::Revert(answer) => Event::RevertAnswered { answer },
        };
        self.step(bill_no, event);
    }

    /// Pay may try the next host only while nothing was sent (FATE 1). The code is wiped when no
    /// host will get it any more.
    fn pay_event(&mut self, bill_no: &BillNo, answer: Answer<PayOutcome>) -> Event {
        let mut next_host = None;
        if let Some(held) = self.cases.get_mut(bill_no) {
            if matches!(answer.outcome, PayOutcome::Unconnected { .. })
                && held.case.bill.state == State::Sent
            {
                next_host = self.hosts.next_for_pay(&held.tried);
            }
            if next_host.is_none() {
                held.request = None;
            }
        }
        Event::PayAnswered { answer, next_host }
    }

    fn note_health(&mut self, heard: bool, took_ms: u32, now: &Now) {
        self.gateway_health = match (heard, self.gateway_health) {
            (true, _) => GatewayHealth::Answered { latency_ms: took_ms, at_ms: now.wall_ms },
            (false, GatewayHealth::Silent { since_ms }) => GatewayHealth::Silent { since_ms },
            (false, _) => GatewayHealth::Silent { since_ms: now.wall_ms },
        };
    }

    /// Shows the same-amount question as clients see it.
    pub fn question_view(&self) -> Option<Question> {
        let asked = self.asked.as_ref()?;
        let open = self.view(&asked.open)?;
        Some(Question { open: Box::new(open), amount: asked.amount })
    }
}

/// The host gave nothing that a gateway says; a result code is an answer.
fn is_silence(why: &Lost) -> bool {
    !matches!(why, Lost::Code(_) | Lost::Incomplete)
}
