//! A till and a gateway in one, on a virtual clock: answers are scripted, every action is checked.

use crate::domain::bill::{Incident, IncidentKind, RevertAnswer};
use crate::domain::gateway::{
    Answer, Host, Lost, PayHost, PayOutcome, RevertOutcome, Row, RowOutcome, StatusOutcome,
};
use crate::domain::{Bill, BillNo, Channel, Fen, Now, Proof, SaleId, State};
use crate::payment::{Action, Case, Event, NewBill, Policy, step};

/// 2026-11-20 10:00 in Shanghai.
pub const START_MS: i64 = 1_795_140_000_000;
/// More steps than any test needs: a loop without progress ends here.
const MAX_STEPS: usize = 20_000;

/// What was sent, in order, with the milliseconds since the bill began.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    Pay(Host),
    Status(Option<Channel>),
    Row,
    Revert(Option<Channel>),
    Show,
}

/// A request that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    Status,
    Row,
    Revert,
}

/// One bill under test.
pub struct Drive {
    pub case: Case,
    pub now: Now,
    pub policy: Policy,
    /// What the ledger holds: survives a crash.
    pub durable: Bill,
    pub records: usize,
    pub paying: bool,
    pub asking: Option<Asking>,
    pub wake: Option<i64>,
    pub log: Vec<(i64, Sent)>,
    pub announced: usize,
    /// What `run` answers.
    pub status: StatusOutcome,
    pub row: RowOutcome,
    pub revert: RevertOutcome,
    /// Answers carry a Date.
    pub dated: bool,
    pub host: Host,
    pub pay_host: PayHost,
    /// The answer to the last question, by what FATE calls it.
    latest: Option<bool>,
    fresh_negative: bool,
    unconnected: bool,
    born: i64,
    began_mono: i64,
    steps: usize,
    crashed: bool,
}

pub fn host(name: &str) -> Host {
    Host(format!("https://{name}.example"))
}

pub fn row(paid: bool, reverted: Option<bool>) -> Row {
    Row {
        paid,
        reverted,
        refunded: Some(false),
        total_fee: Fen(1234),
        bill_fee: None,
        discount: Fen(0),
        trade_no: None,
        sub_channel: None,
        id: None,
        create_time_ms: None,
    }
}

pub fn unpaid() -> RowOutcome {
    RowOutcome::Row(row(false, Some(false)))
}
pub fn paid() -> RowOutcome {
    RowOutcome::Row(row(true, Some(false)))
}
pub fn reverted() -> RowOutcome {
    RowOutcome::Row(row(false, Some(true)))
}
pub fn silent_row() -> RowOutcome {
    RowOutcome::NoAnswer(Lost::Timeout)
}
pub fn silent_status() -> StatusOutcome {
    StatusOutcome::NoAnswer(Lost::Timeout)
}
pub fn waiting() -> PayOutcome {
    PayOutcome::Waiting { channel_type: None }
}
pub fn paid_at_once() -> PayOutcome {
    PayOutcome::Paid { channel_type: None }
}
pub fn lost() -> PayOutcome {
    PayOutcome::Lost(Lost::Timeout)
}
pub fn code() -> PayOutcome {
    PayOutcome::Code {
        code_url: "https://qr.example/1".into(),
        gateway_no: None,
    }
}
pub fn final_refusal() -> PayOutcome {
    PayOutcome::FinalRefusal {
        reason: crate::domain::gateway::Refusal::NotEnough,
        detail: "NOTENOUGH".into(),
    }
}

pub fn new_bill(channel: Channel) -> NewBill {
    NewBill {
        bill_no: BillNo::parse("2026112001000001ABCD2345").unwrap(),
        sale: SaleId("S1".into()),
        amount: Fen(1234),
        channel,
        link: channel.is_link(),
        title: "店".into(),
        note: String::new(),
        operator: String::new(),
        code_hash: None,
        code_mask: None,
        params_hash: "h".into(),
        bill_timeout_s: Some(361),
        another_by: None,
        host: host("a"),
    }
}

impl Drive {
    pub fn start(channel: Channel) -> Drive {
        Drive::with(new_bill(channel), |_| {})
    }

    pub fn with(new: NewBill, set: impl Fn(&mut Now)) -> Drive {
        let mut now = Now {
            mono_ms: 5_000_000,
            wall_ms: START_MS,
            offset_ms: Some(0),
        };
        set(&mut now);
        let policy = Policy::default();
        let (mut case, actions) = Case::start(new, &now, &policy);
        case.set_on_stage(true);
        let mut drive = Drive {
            durable: case.bill.clone(),
            case,
            now,
            policy,
            records: 0,
            paying: false,
            asking: None,
            wake: None,
            log: Vec::new(),
            announced: 0,
            status: StatusOutcome::NotPaid,
            row: unpaid(),
            revert: RevertOutcome::Claimed,
            dated: true,
            host: host("a"),
            pay_host: PayHost::ALIVE,
            latest: None,
            fresh_negative: false,
            unconnected: false,
            born: now.mono_ms,
            began_mono: now.mono_ms,
            steps: 0,
            crashed: false,
        };
        assert!(
            matches!(actions.first(), Some(Action::Record { .. })),
            "durable before a byte leaves"
        );
        drive.apply(actions, None);
        drive
    }

    /// A bill whose pay was answered with "not yet", after 300 ms.
    pub fn awaiting(channel: Channel) -> Drive {
        let mut d = Drive::start(channel);
        d.pass(300);
        d.pay(if channel.is_qr() { code() } else { waiting() });
        if channel.is_qr() {
            d.event(Event::QrShown);
        }
        d
    }

    /// Milliseconds since the bill began.
    pub fn t(&self) -> i64 {
        self.now.mono_ms - self.born
    }

    pub fn state(&self) -> State {
        self.case.bill.state
    }

    pub fn proof(&self) -> Option<Proof> {
        self.case.bill.proof
    }

    pub fn incident(&self) -> Option<IncidentKind> {
        let incident: Option<Incident> = self.case.bill.incident.clone();
        incident.map(|i| i.kind)
    }

    /// How often a request like this was sent.
    pub fn count(&self, fits: impl Fn(&Sent) -> bool) -> usize {
        self.log.iter().filter(|(_, s)| fits(s)).count()
    }

    pub fn reverts(&self) -> usize {
        self.count(|s| matches!(s, Sent::Revert(_)))
    }

    /// When requests like this were sent.
    pub fn times(&self, fits: impl Fn(&Sent) -> bool) -> Vec<i64> {
        let fit = self.log.iter().filter(|(_, s)| fits(s));
        fit.map(|(t, _)| *t).collect()
    }

    /// Only time passes; nobody is woken.
    pub fn pass(&mut self, ms: i64) {
        self.now.mono_ms += ms;
        self.now.wall_ms += ms;
    }

    pub fn date(&self) -> Option<i64> {
        let gateway = START_MS + (self.now.mono_ms - self.began_mono);
        self.dated.then_some(gateway / 1000 * 1000)
    }

    pub fn answer<T>(&self, outcome: T) -> Answer<T> {
        Answer {
            outcome,
            host: self.host.clone(),
            date_ms: self.date(),
            took_ms: 50,
        }
    }

    pub fn pay(&mut self, outcome: PayOutcome) {
        self.pay_then(outcome, None);
    }

    pub fn pay_then(&mut self, outcome: PayOutcome, next_host: Option<Host>) {
        assert!(self.paying, "no pay is under way");
        self.paying = false;
        self.unconnected = matches!(outcome, PayOutcome::Unconnected { .. });
        if matches!(outcome, PayOutcome::Paid { .. }) {
            self.latest = Some(true);
        }
        let answer = self.answer(outcome);
        self.event(Event::PayAnswered { answer, next_host });
    }

    pub fn status(&mut self, outcome: StatusOutcome) {
        assert_eq!(self.asking, Some(Asking::Status), "{:?}", self.log);
        self.asking = None;
        match outcome {
            StatusOutcome::Paid => self.latest = Some(true),
            StatusOutcome::NotPaid | StatusOutcome::NoSuchBill if self.believed() => {
                self.latest = Some(false);
                self.fresh_negative = true;
            }
            _ => {}
        }
        let answer = self.answer(outcome);
        let pay_host = self.pay_host;
        self.event(Event::StatusAnswered { answer, pay_host });
    }

    pub fn row(&mut self, outcome: RowOutcome) {
        assert_eq!(self.asking, Some(Asking::Row), "{:?}", self.log);
        self.asking = None;
        match &outcome {
            RowOutcome::Row(row) if row.paid && row.reverted != Some(true) => {
                self.latest = Some(true);
            }
            RowOutcome::Row(_) | RowOutcome::Empty if self.believed() => {
                self.latest = Some(false);
                self.fresh_negative = true;
            }
            _ => {}
        }
        let answer = self.answer(outcome);
        let pay_host = self.pay_host;
        self.event(Event::RowRead { answer, pay_host });
    }

    fn believed(&self) -> bool {
        self.host == self.case.bill.host || self.pay_host != PayHost::ALIVE
    }

    pub fn revert(&mut self, outcome: RevertOutcome) {
        assert_eq!(self.asking, Some(Asking::Revert), "{:?}", self.log);
        self.asking = None;
        let answer = self.answer(outcome);
        self.event(Event::RevertAnswered { answer });
    }

    /// One step, with everything checked that always holds.
    pub fn event(&mut self, event: Event) {
        self.steps += 1;
        assert!(self.steps < MAX_STEPS, "no progress: {:?}", self.tail());
        let before = self.case.bill.clone();
        let (case, actions) = step(self.case.clone(), event, &self.now, &self.policy);
        self.case = case;
        self.apply(actions, Some(before));
        self.fresh_negative = false;
    }

    fn tail(&self) -> &[(i64, Sent)] {
        &self.log[self.log.len().saturating_sub(12)..]
    }

    fn apply(&mut self, actions: Vec<Action>, before: Option<Bill>) {
        assert!(actions.len() <= 6, "bounded: {actions:?}");
        let changed = before.as_ref() != Some(&self.case.bill);
        let mut recorded = !changed;
        self.wake = None;
        for action in actions {
            match &action {
                Action::Record { .. } | Action::WakeAt(_) => {}
                _ => assert!(recorded, "{action:?} before the record it rests on"),
            }
            recorded |= matches!(action, Action::Record { .. });
            self.act(action);
        }
        assert_eq!(self.durable, self.case.bill, "every change is recorded");
        self.check(before);
    }

    fn act(&mut self, action: Action) {
        let t = self.t();
        match action {
            Action::Record { bill, .. } => {
                self.durable = *bill;
                self.records += 1;
            }
            Action::SendPay { host } => {
                let again = self.log.iter().any(|(_, s)| *s == Sent::Pay(host.clone()));
                assert!(!again, "pay goes to a host once");
                let first = !self.log.iter().any(|(_, s)| matches!(s, Sent::Pay(_)));
                assert!(first || self.unconnected, "to another host only unsent");
                assert_eq!(self.durable.host, host, "the host is durable");
                self.paying = true;
                self.log.push((t, Sent::Pay(host)));
            }
            Action::AskStatus { channel } => {
                assert_eq!(self.asking, None, "one question at a time");
                self.asking = Some(Asking::Status);
                self.log.push((t, Sent::Status(channel)));
            }
            Action::ReadRow => {
                assert_eq!(self.asking, None, "one question at a time");
                self.asking = Some(Asking::Row);
                self.log.push((t, Sent::Row));
            }
            Action::SendRevert { channel } => self.check_revert(channel),
            Action::ShowQr { .. } => self.log.push((t, Sent::Show)),
            Action::WakeAt(at) => {
                assert!(at > self.now.mono_ms, "a wish to wake in the past");
                self.wake = Some(at);
            }
            Action::Announce => self.announced += 1,
        }
    }

    /// FATE 7, at every single revert.
    fn check_revert(&mut self, channel: Option<Channel>) {
        assert_eq!(self.asking, None, "one question at a time");
        let reverts = self.durable.reverts.expect("the record holds the revert");
        assert_eq!(reverts.last, self.now.stamp(), "recorded before it is sent");
        assert_eq!(reverts.answer, RevertAnswer::Unanswered);
        assert_eq!(self.latest, Some(false), "the latest typed fact is paid");
        assert!(self.fresh_negative, "not right after a not-paid fact");
        assert!(matches!(self.state(), State::Closing | State::Unresolved));
        let is_final = matches!(
            self.case.bill.pay,
            crate::domain::bill::PayAnswer::Final { .. }
        );
        let sent = self.times(|s| matches!(s, Sent::Pay(_))).pop().unwrap_or(0);
        // After a crash the file's stamp is all there is: as good as the clocks are now.
        let age = match self.crashed {
            true => i64::MAX,
            false => self.t() - sent,
        };
        assert!(is_final || age >= self.policy.earliest_revert, "at {age}");
        self.asking = Some(Asking::Revert);
        self.log.push((self.t(), Sent::Revert(channel)));
    }

    fn check(&self, before: Option<Bill>) {
        let bill = &self.case.bill;
        let open = !bill.state.is_terminal() || bill.look.is_some();
        if open && self.asking.is_none() && !self.paying {
            assert!(
                self.wake.is_some(),
                "I5: nothing will ever happen: {bill:?}"
            );
        }
        assert_eq!(bill.state.is_terminal(), bill.proof.is_some());
        let Some(before) = before.filter(|b| b.state.is_terminal()) else {
            return;
        };
        let mut same = bill.clone();
        same.incident = before.incident.clone();
        same.look = before.look;
        same.next_ms = before.next_ms;
        same.handed_over = before.handed_over;
        same.settlement = before.settlement.clone();
        same.refunded = before.refunded;
        assert_eq!(same, before, "I8: terminal never changes");
        let replaced = before.settlement.is_some() && bill.settlement.is_none();
        assert!(before.incident.is_none() || before.incident == bill.incident || replaced);
    }

    /// Time runs to the next wish to wake; wakes.
    pub fn tick(&mut self) {
        let at = self.wake.expect("a wish to wake");
        self.pass((at - self.now.mono_ms).max(0));
        self.event(Event::Tick);
    }

    /// Answers what is asked with what the drive is set to.
    fn reply(&mut self, asking: Asking) {
        self.pass(50);
        match asking {
            Asking::Status => self.status(self.status.clone()),
            Asking::Row => self.row(self.row.clone()),
            Asking::Revert => self.revert(self.revert.clone()),
        }
    }

    /// Runs until this holds, or until `t` (ms since the bill began).
    pub fn run(&mut self, t: i64, until: impl Fn(&Drive) -> bool) {
        let from = self.log.len();
        self.run_on(t, until);
        let times: Vec<i64> = self.log[from..].iter().map(|(t, _)| *t).collect();
        let hammers = times.windows(12).any(|w| w[11] - w[0] < 1_500);
        assert!(!hammers, "the gateway is hammered: {:?}", self.tail());
    }

    fn run_on(&mut self, t: i64, until: impl Fn(&Drive) -> bool) {
        while !until(self) && self.t() < t {
            if let Some(asking) = self.asking {
                self.reply(asking);
                continue;
            }
            let left = t - self.t();
            match self.wake {
                Some(at) if at - self.now.mono_ms <= left => self.tick(),
                _ => return self.pass(left),
            }
        }
    }

    /// Runs until `t` (ms since the bill began).
    pub fn run_to(&mut self, t: i64) {
        self.run(t, |_| false);
    }

    /// Runs until this request is under way.
    pub fn until_asking(&mut self, asking: Asking) {
        self.run(self.t() + 3_600_000, |d| d.asking == Some(asking));
        assert_eq!(self.asking, Some(asking), "never asked: {:?}", self.tail());
    }

    /// Runs until the bill is terminal.
    pub fn until_ended(&mut self) {
        self.run(self.t() + 2 * 86_400_000, |d| d.state().is_terminal());
        assert!(self.state().is_terminal(), "still {:?}", self.case.bill);
    }

    /// The process dies now; the next one starts after `ms` with what the ledger holds.
    pub fn crash(&mut self, ms: i64) {
        self.pass(ms);
        let json = serde_json::to_string(&self.durable).unwrap();
        let bill: Bill = serde_json::from_str(&json).unwrap();
        assert_eq!(bill, self.durable, "the ledger gives back what it took");
        let shift = 1_000 - self.now.mono_ms;
        self.now.mono_ms += shift;
        self.born += shift;
        self.began_mono += shift;
        self.case = Case::resume(bill, &self.now);
        (self.paying, self.asking, self.latest) = (false, None, None);
        self.crashed = true;
        self.event(Event::Restarted);
    }
}
