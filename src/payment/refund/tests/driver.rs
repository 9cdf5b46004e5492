//! A till on a virtual clock: answers are scripted, every action is checked.

use crate::domain::gateway::{
    Answer, Host, Listed, Lost, RefundOutcome, RefundRow, RefundStatusOutcome, Row, RowOutcome,
};
use crate::domain::refund::{
    RefundChannel, RefundHappened, RefundIncidentKind, RefundProof, RefundState,
};
use crate::domain::time::Day;
use crate::domain::{BillNo, Fen, Now, Refund, RefundNo};
use crate::payment::Policy;
use crate::payment::refund::{Action, Event, LookBy, NewRefund, RefundCase, step};

/// 2026-11-20 10:00 in Shanghai.
pub const START_MS: i64 = 1_795_140_000_000;
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
pub const NUMBER: &str = "2026112001000063K7Q2M4XD";
pub const BILL: &str = "2026112001000001ABCD2345";
/// More steps than any test needs: a loop without progress ends here.
const MAX_STEPS: usize = 60_000;

/// What was sent, in order, with the milliseconds since the refund began.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    Refund(Host),
    LookUp(LookBy),
    Status,
    Bill,
}

/// Empty look-ups by the test's own books: begun, ended.
type Empties = Vec<(i64, i64)>;

/// One refund under test.
pub struct Drive {
    pub case: RefundCase,
    pub now: Now,
    pub policy: Policy,
    /// master_secret is open.
    pub can_send: bool,
    /// What the ledger holds: survives a crash.
    pub durable: Refund,
    pub story: Vec<RefundHappened>,
    /// Every line of the ledger.
    pub lines: Vec<Refund>,
    pub sending: bool,
    pub asking: Option<Sent>,
    pub wake: Option<i64>,
    pub log: Vec<(i64, Sent)>,
    pub announced: usize,
    /// What `run` answers.
    pub listed: Listed<Vec<RefundRow>>,
    pub of_bill: Listed<Vec<RefundRow>>,
    pub status: RefundStatusOutcome,
    pub bill: RowOutcome,
    pub sent: RefundOutcome,
    /// Who answers.
    pub host: Host,
    by_number: Empties,
    by_bill: Empties,
    over_at: Option<i64>,
    asked_at: i64,
    there: bool,
    unconnected: bool,
    born: i64,
    steps: usize,
}

pub fn host(name: &str) -> Host {
    Host(format!("https://{name}.example"))
}

pub fn row(finish: bool, result: Option<bool>) -> RefundRow {
    RefundRow {
        refund_no: NUMBER.into(),
        bill_no: BILL.into(),
        fee: Fen(500),
        finish,
        result,
        channel: None,
        create_time_ms: None,
    }
}

pub fn other_row(finish: bool, result: Option<bool>) -> RefundRow {
    let refund_no = "2026112002000001AAAA2222".into();
    RefundRow {
        refund_no,
        ..row(finish, result)
    }
}

pub fn bill_row(refunded: Option<bool>) -> RowOutcome {
    RowOutcome::Row(Row {
        paid: true,
        reverted: Some(false),
        refunded,
        total_fee: Fen(1234),
        bill_fee: None,
        discount: Fen(0),
        trade_no: None,
        sub_channel: None,
        id: None,
        create_time_ms: None,
    })
}

pub fn empty() -> Listed<Vec<RefundRow>> {
    Listed::Here(Vec::new())
}
pub fn succeeded() -> Listed<Vec<RefundRow>> {
    Listed::Here(vec![row(true, Some(true))])
}
pub fn failed() -> Listed<Vec<RefundRow>> {
    Listed::Here(vec![row(true, Some(false))])
}
pub fn unfinished() -> Listed<Vec<RefundRow>> {
    Listed::Here(vec![row(false, None)])
}
pub fn silent<T>() -> Listed<T> {
    Listed::NoAnswer(Lost::Timeout)
}
pub fn lost() -> RefundOutcome {
    RefundOutcome::Lost(Lost::Timeout)
}
pub fn refused(code: i64) -> RefundOutcome {
    let detail = "no".into();
    RefundOutcome::Refused { code, detail }
}
pub fn unclear(code: i64) -> RefundOutcome {
    let detail = "?".into();
    RefundOutcome::Unclear { code, detail }
}
pub fn unconnected() -> RefundOutcome {
    RefundOutcome::Unconnected { why: "dns".into() }
}
pub fn no_status() -> RefundStatusOutcome {
    RefundStatusOutcome::NoAnswer(Lost::Timeout)
}

pub fn new_refund(channel: RefundChannel) -> NewRefund {
    NewRefund {
        refund_no: RefundNo::parse(NUMBER).unwrap(),
        bill_no: BillNo::parse(BILL).unwrap(),
        fee: Fen(500),
        paid: Fen(1234),
        channel,
        wallet: None,
        reason: "退货".into(),
        operator: "1001".into(),
        approver: "2001".into(),
        params_hash: "h".into(),
        host: host("a"),
    }
}

pub fn clock(wall_ms: i64) -> Now {
    Now {
        mono_ms: 5_000_000,
        wall_ms,
        offset_ms: Some(0),
    }
}

impl Drive {
    pub fn start(channel: RefundChannel) -> Drive {
        Drive::at(new_refund(channel), clock(START_MS))
    }

    /// A refund whose only send went without an answer for 30 s.
    pub fn lost(channel: RefundChannel) -> Drive {
        let mut d = Drive::start(channel);
        d.pass(30_000);
        d.answered(lost());
        d
    }

    pub fn at(new: NewRefund, now: Now) -> Drive {
        let (case, actions) = RefundCase::start(new, &now, &Policy::default());
        Drive::of(case, actions, now)
    }

    pub fn of(case: RefundCase, actions: Vec<Action>, now: Now) -> Drive {
        let policy = Policy::default();
        assert!(
            matches!(actions.first(), Some(Action::Record { .. })),
            "durable before a byte leaves (I2)"
        );
        let mut drive = Drive {
            durable: case.refund.clone(),
            case,
            now,
            policy,
            can_send: true,
            story: Vec::new(),
            lines: Vec::new(),
            sending: false,
            asking: None,
            wake: None,
            log: Vec::new(),
            announced: 0,
            listed: empty(),
            of_bill: empty(),
            status: RefundStatusOutcome::Processing,
            bill: bill_row(Some(false)),
            sent: lost(),
            host: host("a"),
            by_number: Vec::new(),
            by_bill: Vec::new(),
            over_at: None,
            asked_at: 0,
            there: false,
            unconnected: false,
            born: now.mono_ms,
            steps: 0,
        };
        drive.apply(actions, None);
        drive
    }

    /// Milliseconds since the refund began.
    pub fn t(&self) -> i64 {
        self.now.mono_ms - self.born
    }

    pub fn state(&self) -> RefundState {
        self.case.refund.state
    }

    pub fn end(&self) -> (RefundState, Option<RefundProof>) {
        (self.case.refund.state, self.case.refund.proof)
    }

    pub fn incident(&self) -> Option<RefundIncidentKind> {
        self.case.refund.incident.clone().map(|i| i.kind)
    }

    /// How often a request like this was sent.
    pub fn count(&self, fits: impl Fn(&Sent) -> bool) -> usize {
        self.log.iter().filter(|(_, s)| fits(s)).count()
    }

    pub fn sends(&self) -> usize {
        self.count(|s| matches!(s, Sent::Refund(_)))
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

    pub fn answer<T>(&self, outcome: T) -> Answer<T> {
        Answer {
            outcome,
            host: self.host.clone(),
            date_ms: None,
            took_ms: 50,
        }
    }

    pub fn answered(&mut self, outcome: RefundOutcome) {
        self.answered_then(outcome, None);
    }

    pub fn answered_then(&mut self, outcome: RefundOutcome, next_host: Option<Host>) {
        assert!(self.sending, "no send is under way");
        self.sending = false;
        self.over_at = Some(self.now.mono_ms);
        self.unconnected = matches!(outcome, RefundOutcome::Unconnected { .. });
        self.there |= matches!(outcome, RefundOutcome::Done | RefundOutcome::Processing);
        let answer = self.answer(outcome);
        self.event(Event::Answered { answer, next_host });
    }

    /// Answers the question under way.
    pub fn reply(&mut self) {
        let asking = self.asking.take().expect("a question is under way");
        let event = match asking {
            Sent::LookUp(by) => {
                let outcome = match by {
                    LookBy::RefundNo => self.listed.clone(),
                    LookBy::BillNo => self.of_bill.clone(),
                };
                self.note(by, &outcome);
                let answer = self.answer(outcome);
                Event::LookedUp { by, answer }
            }
            Sent::Status => Event::StatusAnswered {
                answer: self.answer(self.status.clone()),
            },
            _ => Event::BillRead {
                answer: self.answer(self.bill.clone()),
            },
        };
        self.event(event);
    }

    /// The test's own books of what FATE 21 rests on.
    fn note(&mut self, by: LookBy, outcome: &Listed<Vec<RefundRow>>) {
        let Listed::Here(rows) = outcome else { return };
        let number = self.case.refund.refund_no.as_str();
        let ours = rows.iter().any(|r| r.refund_no == number);
        self.there |= ours;
        let after = self.over_at.is_some_and(|over| self.asked_at >= over);
        let times = (self.asked_at, self.now.mono_ms);
        match by {
            LookBy::RefundNo if rows.is_empty() && after => self.by_number.push(times),
            LookBy::BillNo if !ours && after => self.by_bill.push(times),
            _ => {}
        }
    }

    /// One step, with everything checked that always holds.
    pub fn event(&mut self, event: Event) {
        self.steps += 1;
        assert!(self.steps < MAX_STEPS, "no progress: {:?}", self.tail());
        let before = self.case.refund.clone();
        let case = self.case.clone();
        let (case, actions) = step(case, event, self.can_send, &self.now, &self.policy);
        self.case = case;
        self.apply(actions, Some(before));
    }

    fn tail(&self) -> &[(i64, Sent)] {
        &self.log[self.log.len().saturating_sub(12)..]
    }

    fn apply(&mut self, actions: Vec<Action>, before: Option<Refund>) {
        assert!(actions.len() <= 5, "bounded: {actions:?}");
        let mut recorded = before.as_ref() == Some(&self.case.refund);
        self.wake = None;
        for action in actions {
            match &action {
                Action::Record { .. } | Action::WakeAt(_) => {}
                _ => assert!(recorded, "{action:?} before the record it rests on"),
            }
            recorded |= matches!(action, Action::Record { .. });
            self.act(action);
        }
        assert_eq!(self.durable, self.case.refund, "every change is recorded");
        self.check(before);
    }

    fn act(&mut self, action: Action) {
        let t = self.t();
        match action {
            Action::Record { what, refund, .. } => {
                self.durable = *refund;
                self.lines.push(self.durable.clone());
                self.story.push(what);
            }
            Action::Send { host } => {
                self.check_send(&host);
                self.sending = true;
                self.over_at = None;
                self.by_number.clear();
                self.by_bill.clear();
                self.log.push((t, Sent::Refund(host)));
            }
            Action::LookUp { by } => self.ask(Sent::LookUp(by)),
            Action::AskStatus => self.ask(Sent::Status),
            Action::ReadBill => self.ask(Sent::Bill),
            Action::WakeAt(at) => self.wake = Some(at),
            Action::Announce => self.announced += 1,
        }
    }

    fn ask(&mut self, what: Sent) {
        assert_eq!(self.asking, None, "one question at a time");
        self.asked_at = self.now.mono_ms;
        self.log.push((self.t(), what.clone()));
        self.asking = Some(what);
    }

    /// FATE 20, 21: what must hold whenever it leaves.
    fn check_send(&self, host: &Host) {
        let refund = &self.durable;
        assert!(!self.sending, "one send at a time");
        assert_eq!(refund.host, *host, "the host is durable");
        assert!(self.can_send, "nobody could sign it");
        if refund.there().is_some() {
            let word = refund.pre.as_ref().and_then(|pre| pre.word.as_ref());
            assert!(word.is_some(), "only a manager's word goes there");
            return;
        }
        let asked = refund.pre.as_ref().map(|pre| pre.word.as_ref());
        assert!(asked.is_none_or(|word| word.is_some_and(|w| w.agree)));
        let today = Day::of(self.now.gateway_ms());
        assert!(refund.refund_no.is_of(today), "sent on its day only");
        if refund.sends == 1 {
            let again = self
                .log
                .iter()
                .any(|(_, s)| *s == Sent::Refund(host.clone()));
            assert!(!again, "to a host once");
            assert!(
                self.log.is_empty() || self.unconnected,
                "to another only unsent"
            );
            return;
        }
        assert!(
            refund.lost && !self.there,
            "only what is lost is sent again"
        );
        assert!(apart(&self.by_number, MINUTE), "{:?}", self.by_number);
    }

    fn check(&self, before: Option<Refund>) {
        let refund = &self.case.refund;
        let open = !refund.state.is_terminal();
        let here = refund.state == RefundState::Requested && refund.there().is_none();
        let waits = (open && !here) || refund.look_ms.is_some();
        assert!(!here || refund.needs_someone(), "I5: a person must look");
        if waits && self.asking.is_none() && !self.sending {
            assert!(
                self.wake.is_some(),
                "I5: nothing will ever happen: {refund:?}"
            );
        }
        assert_eq!(waits, refund.next_ms.is_some(), "I5: {refund:?}");
        assert_eq!(waits, self.case.next_step_ms(&self.now).is_some());
        assert_eq!(refund.state.is_terminal(), refund.proof.is_some(), "I3");
        assert_eq!(self.case.is_asking(), self.sending || self.asking.is_some());
        assert_eq!(refund.refund_no, self.durable.refund_no, "I7");
        let Some(before) = before else { return };
        if refund.state != before.state {
            self.check_end();
        }
        if before.state.is_terminal() {
            let mut same = refund.clone();
            (same.incident, same.settled) = (before.incident.clone(), before.settled.clone());
            (same.look_ms, same.next_ms) = (before.look_ms, before.next_ms);
            assert_eq!(same, before, "I8: terminal never changes");
        }
        assert!(before.incident.is_none() || refund.incident.is_some());
    }

    /// I3: *not sent* has its proof by the test's own books.
    fn check_end(&self) {
        if self.end() != (RefundState::NotSent, Some(RefundProof::UnknownAtGateway)) {
            return;
        }
        assert!(!self.there, "something was there");
        assert!(apart(&self.by_number, 10 * MINUTE), "{:?}", self.by_number);
        assert!(apart(&self.by_bill, 10 * MINUTE), "{:?}", self.by_bill);
        assert!(matches!(self.bill, RowOutcome::Row(_)), "{:?}", self.bill);
    }

    /// Time runs to the next wish to wake; wakes.
    pub fn tick(&mut self) {
        let at = self.wake.expect("a wish to wake");
        self.pass((at - self.now.mono_ms).max(0));
        self.event(Event::Tick);
    }

    /// Runs until this holds, or until `t` (ms since the refund began): every question is answered
    /// after 50 ms, every send after 30 s.
    pub fn run(&mut self, t: i64, until: impl Fn(&Drive) -> bool) {
        let from = self.log.len();
        while !until(self) && self.t() < t {
            let left = t - self.t();
            if self.asking.is_some() {
                self.pass(50);
                self.reply();
            } else if self.sending {
                self.pass(30_000);
                self.answered(self.sent.clone());
            } else {
                match self.wake {
                    Some(at) if at - self.now.mono_ms <= left => self.tick(),
                    _ => self.pass(left),
                }
            }
        }
        let times: Vec<i64> = self.log[from..].iter().map(|(t, _)| *t).collect();
        let hammers = times.windows(12).any(|w| w[11] - w[0] < 1_500);
        assert!(!hammers, "the gateway is hammered: {:?}", self.tail());
    }

    /// Runs until `t` (ms since the refund began).
    pub fn run_to(&mut self, t: i64) {
        self.run(t, |_| false);
    }

    /// Runs until the refund is terminal.
    pub fn until_ended(&mut self) {
        self.run(self.t() + 3 * DAY, |d| d.state().is_terminal());
        assert!(self.state().is_terminal(), "still {:?}", self.case.refund);
    }

    /// Runs until it is sent for the `n`th time.
    pub fn until_sent(&mut self, n: usize) {
        self.run(self.t() + HOUR, |d| d.sends() == n);
        assert_eq!(self.sends(), n, "{:?}", self.tail());
    }

    /// The process dies now; the next one starts after `ms` with what the ledger holds.
    pub fn crash(&mut self, ms: i64) {
        self.resume(self.durable.clone(), ms);
    }

    /// The same, with an older line of the ledger (it died before a later record).
    pub fn resume(&mut self, refund: Refund, ms: i64) {
        self.pass(ms);
        let json = serde_json::to_string(&refund).unwrap();
        let read: Refund = serde_json::from_str(&json).unwrap();
        assert_eq!(read, refund, "the ledger gives back what it took");
        let shift = 1_000 - self.now.mono_ms;
        self.now.mono_ms += shift;
        self.born += shift;
        self.durable = read.clone();
        self.case = RefundCase::resume(read, &self.now);
        (self.sending, self.asking) = (false, None);
        (self.over_at, self.unconnected) = (Some(self.now.mono_ms), false);
        self.by_number.clear();
        self.by_bill.clear();
        self.event(Event::Restarted);
    }
}

/// Two of them stand so far apart: the second began that long after the first had ended.
fn apart(empties: &[(i64, i64)], ms: i64) -> bool {
    let last = empties.last().map_or(i64::MIN, |(began, _)| *began);
    empties
        .iter()
        .any(|(_, ended)| last.saturating_sub(*ended) >= ms)
}
