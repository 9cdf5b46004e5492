//! The till's refunds in the simulation: each one's steps, its actions in order, its requests, and
//! what always holds between them.

use super::desk_gate::{Ask, Said};
use super::till::{host, number_of};
use super::world::{Next, World};
use shouyin::domain::gateway::{Answer, Listed, RefundOutcome, RefundStatusOutcome};
use shouyin::domain::refund::{RefundChannel, RefundState};
use shouyin::domain::time::Day;
use shouyin::domain::{BillNo, Fen, Host, Refund};
use shouyin::payment::refund::{Action, Event, LookBy, RefundCase, step};
use shouyin::payment::{self, Event as BillEvent};
use shouyin::simulator::RefundPlan;
use shouyin::simulator::channel::Parent;
use shouyin::simulator::core::RefundQuery;
use shouyin::simulator::params::RefundParams;

use super::desk::DeskNext;

/// Whom a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// This refund.
    Refund(usize),
    /// This order, before it is placed.
    Order(usize),
    /// A manager who wants to accept this bill's contradiction.
    Accept(usize),
}

/// One refund of this till.
#[derive(Debug, Clone)]
pub struct Held {
    /// Of which attempt.
    pub bill: usize,
    /// What the ledger holds.
    pub durable: Refund,
    pub case: Option<RefundCase>,
    /// The wish to wake that counts.
    pub wake: u64,
    pub wake_at: Option<i64>,
    pub sending: bool,
    /// Requests of this process that will be answered.
    pub in_flight: u32,
    /// Where this send went while nothing left.
    pub tried: Vec<Host>,
    /// A command's own master_secret, while the process lives.
    pub own_master: bool,
    /// What will become of it, and after how many ms the wallet finishes, where that takes days.
    pub plan: RefundPlan,
    pub days_ms: Option<i64>,
    /// An answer that took it, or a row of it, arrived: it is there.
    pub there: bool,
    /// When it became terminal, gateway ms.
    pub ended_at: Option<i64>,
}

impl Held {
    pub fn new(bill: usize, durable: Refund) -> Held {
        Held {
            bill,
            durable,
            case: None,
            wake: 0,
            wake_at: None,
            sending: false,
            in_flight: 0,
            tried: Vec::new(),
            own_master: false,
            plan: RefundPlan::default(),
            days_ms: None,
            there: false,
            ended_at: None,
        }
    }

    pub fn is_open(&self) -> bool {
        !self.durable.state.is_terminal()
    }

    pub fn number(&self) -> String {
        self.durable.refund_no.as_str().to_owned()
    }

    /// The process is gone.
    pub fn forget(&mut self) {
        (self.case, self.wake_at, self.in_flight) = (None, None, 0);
        (self.sending, self.own_master) = (false, false);
        self.tried.clear();
    }
}

/// The word of a refund's request.
fn parent(channel: RefundChannel) -> Parent {
    match channel {
        RefundChannel::Ali => Parent::Ali,
        RefundChannel::Wx => Parent::Wx,
        RefundChannel::Bc => Parent::Bc,
    }
}

impl World {
    /// A refund of this attempt is under way.
    pub(super) fn is_refunding(&self, i: usize) -> bool {
        self.desk.refunds.iter().any(|r| r.bill == i && r.is_open())
    }

    pub(super) fn can_send(&self, r: usize) -> bool {
        self.desk.signed_in || self.desk.refunds[r].own_master
    }

    pub(super) fn step_refund(&mut self, r: usize, event: Event) {
        let Some(case) = self.desk.refunds[r].case.take().filter(|_| self.up) else {
            return;
        };
        let (now, can_send) = (self.clocks.now(), self.can_send(r));
        let before = case.refund.clone();
        let tag = format!("{event:?}");
        let (case, actions) = step(case, event, can_send, &now, &self.policy);
        let state = case.refund.state;
        assert!(actions.len() <= 5, "bounded: {actions:?}");
        self.say(|| format!("  r{r} {} -> {} {tag}", before.state.name(), state.name()));
        let held = &mut self.desk.refunds[r];
        (held.wake_at, held.wake) = (None, held.wake + 1);
        held.own_master &= !state.is_terminal();
        held.case = Some(case);
        if self.act_refund(r, actions) {
            self.check_refund_step(r, &before);
        }
    }

    /// Executes actions in order; false if the process died between two of them.
    pub(super) fn act_refund(&mut self, r: usize, actions: Vec<Action>) -> bool {
        for action in actions {
            if self.crashy && self.rng.below(1_000) < 12 {
                self.crash();
            }
            if !self.up {
                return false;
            }
            self.one_refund(r, action);
        }
        self.up
    }

    fn one_refund(&mut self, r: usize, action: Action) {
        match action {
            Action::Record { refund, .. } => self.record_refund(r, *refund),
            Action::Send { host } => self.send_refund(r, host),
            Action::LookUp { by } => {
                let query = self.look_up_query(r, by);
                self.ask_about_refund(r, Ask::LookUp(by, Box::new(query)));
            }
            Action::AskStatus => {
                let number = self.desk.refunds[r].number();
                self.ask_about_refund(r, Ask::Status(number));
            }
            Action::ReadBill => {
                let bill_no = self.desk.refunds[r].durable.bill_no.clone();
                self.ask_about_refund(r, Ask::Row(bill_no));
            }
            Action::WakeAt(mono) => {
                let held = &mut self.desk.refunds[r];
                held.wake_at = Some(mono);
                let wake = DeskNext::Wake(r, held.wake);
                self.at(mono + self.clocks.zero, Some(self.epoch), Next::Desk(wake));
            }
            Action::Announce => {
                let held = &self.desk.refunds[r];
                let said = &held.case.as_ref().unwrap().refund;
                assert_eq!(held.durable, *said, "I4: durable before it is said");
            }
        }
    }

    fn look_up_query(&self, r: usize, by: LookBy) -> RefundQuery {
        let refund = &self.desk.refunds[r].durable;
        let query = match by {
            LookBy::RefundNo => RefundQuery::one(refund.refund_no.as_str()),
            LookBy::BillNo => RefundQuery::of_bill(&refund.bill_no),
        };
        RefundQuery { limit: 50, ..query }
    }

    /// Written down; a success together with its bill, in one transaction.
    fn record_refund(&mut self, r: usize, refund: Refund) {
        let old = &self.desk.refunds[r].durable;
        self.check_record(old, &refund);
        let succeeds = old.state != refund.state && refund.state == RefundState::Succeeded;
        let held = &mut self.desk.refunds[r];
        if refund.state.is_terminal() {
            held.ended_at.get_or_insert(self.clocks.t);
        }
        held.durable = refund;
        if succeeds {
            self.given_back(r);
        }
    }

    fn given_back(&mut self, r: usize) {
        let (i, refund) = (
            self.desk.refunds[r].bill,
            self.desk.refunds[r].durable.clone(),
        );
        let mut case = self.attempts[i].case.take().unwrap();
        case.set_refunding(self.is_refunding(i));
        let event = BillEvent::Refunded {
            fee: refund.fee,
            by: refund.approver,
            reason: refund.reason,
        };
        let (case, actions) = payment::step(case, event, &self.clocks.now(), &self.policy);
        self.attempts[i].case = Some(case);
        let mut rest = Vec::new();
        let mut written = false;
        for action in actions {
            match action {
                payment::Action::Record { bill, .. } if !written => {
                    written = true;
                    self.record(i, *bill);
                }
                other => rest.push(other),
            }
        }
        assert!(written, "the bill's refunded goes with the refund");
        if self.act(i, rest) {
            self.check_next_step(i);
        }
    }

    fn send_refund(&mut self, r: usize, to: Host) {
        self.check_send(r, &to);
        let held = &mut self.desk.refunds[r];
        held.sending = true;
        held.tried.push(to.clone());
        let refund = held.durable.clone();
        let mut params = RefundParams::new(
            refund.refund_no.as_str().to_owned(),
            refund.bill_no,
            refund.fee,
        );
        params.channel = Some(parent(refund.channel));
        self.tally.refund_sends += 1;
        self.tally.refund_resends += u64::from(refund.sends > 1);
        let ask = Ask::Refund(Box::new(params));
        self.ask_desk(For::Refund(r), Some(number_of(&to)), ask, 0);
    }

    /// FATE 20, 21: what must hold whenever it leaves.
    fn check_send(&mut self, r: usize, to: &Host) {
        let t = self.clocks.t;
        let held = &self.desk.refunds[r];
        let refund = held.durable.clone();
        assert!(!held.sending, "one send at a time");
        assert!(held.is_open(), "{refund:?}");
        assert_eq!(refund.host, *to, "I2: the host is durable");
        let today = Day::of(self.clocks.now().gateway_ms());
        assert!(refund.refund_no.is_of(today), "I7: sent on its day only");
        assert!(self.can_send(r), "nobody could sign it");
        assert!(!held.there, "I7: known to be there: {refund:?}");
        if refund.sends == 1 {
            assert!(!held.tried.contains(to), "to a host once");
        } else {
            assert!(refund.lost && !refund.seen, "{refund:?}");
        }
        // With rows that lag less than a minute nothing is there that a look-up did not find.
        if self.desk.twice && refund.sends > 1 && self.is_promised() {
            let there = self.rows_of(refund.refund_no.as_str(), t).len();
            assert_eq!(
                there, 0,
                "FATE 21: sent again although it is there: {refund:?}"
            );
        }
    }

    /// A question about a refund goes to the host that received it, else to the others by turns.
    fn ask_about_refund(&mut self, r: usize, ask: Ask) {
        let home = number_of(&self.desk.refunds[r].durable.host);
        let to = self.hosts.route(home, self.clocks.t);
        let waited = if to == Some(home) { 0 } else { 5_000 };
        self.ask_desk(For::Refund(r), to, ask, waited);
    }

    pub(super) fn ask_desk(&mut self, whom: For, to: Option<usize>, ask: Ask, waited: i64) {
        if let For::Refund(r) = whom {
            self.desk.refunds[r].in_flight += 1;
        }
        let name = host(to.unwrap_or(0));
        let reached = to.filter(|n| self.hosts.reachable(*n, self.clocks.t));
        if reached.is_none() {
            let said = Box::new(ask.unreachable());
            let after = self.rng.between(20, 5_000);
            self.soon(
                after,
                Next::Desk(DeskNext::Deliver(whom, name, after, said, None)),
            );
            return;
        }
        let stamp = self.clocks.now().gateway_ms() + waited;
        let way = waited + self.rng.between(10, 300);
        let next = DeskNext::Arrive(whom, name, stamp, Box::new(ask));
        self.soon(way, Next::Desk(next));
    }

    pub(super) fn desk_arrive(
        &mut self,
        epoch: Option<u32>,
        whom: For,
        to: Host,
        stamp: i64,
        ask: Ask,
    ) {
        let t = self.clocks.t;
        let i = self.bill_of(whom);
        let foreign = to != self.attempts[i].durable.host;
        let (said, after, dated) = if foreign && self.hosts.ignorant {
            (ask.ignorant(), 100, true)
        } else {
            self.plan_refund(whom, &ask);
            if let For::Order(o) = whom {
                self.note_reading(o, &ask);
            }
            let arrived = ask.arrive(&mut self.core, t, stamp, &mut self.rng);
            self.let_it_take_days(whom);
            arrived
        };
        self.say(|| format!("  {whom:?} {said:?} in {after} ms"));
        let date = (dated && self.clocks.dates).then_some(t / 1_000 * 1_000);
        let next = DeskNext::Deliver(whom, to, after, Box::new(said), date);
        self.at(t + after, epoch, Next::Desk(next));
    }

    pub(super) fn bill_of(&self, whom: For) -> usize {
        match whom {
            For::Refund(r) => self.desk.refunds[r].bill,
            For::Order(o) => self.desk.orders[o].bill,
            For::Accept(i) => i,
        }
    }

    /// What the wallet will make of it.
    fn plan_refund(&mut self, whom: For, ask: &Ask) {
        if let (For::Refund(r), Ask::Refund(params)) = (whom, ask) {
            let plan = self.desk.refunds[r].plan;
            self.core.plan_refund(Some(&params.bill_no), plan);
        }
    }

    fn let_it_take_days(&mut self, whom: For) {
        let For::Refund(r) = whom else { return };
        let held = &self.desk.refunds[r];
        let (number, t) = (held.number(), self.clocks.t);
        if let (Some(ms), Some(there)) = (held.days_ms, self.core.refund_mut(&number))
            && there.created_at == t
        {
            there.finish_at = Some(t + ms);
        }
    }

    pub(super) fn desk_deliver(
        &mut self,
        whom: For,
        from: Host,
        took: i64,
        said: Said,
        date: Option<i64>,
    ) {
        if let Some(date) = date {
            self.clocks.learn(date, took);
            self.hosts.answered(number_of(&from));
        }
        match whom {
            For::Refund(r) => self.refund_answered(r, from, took, said, date),
            For::Order(o) => self.order_answered(o, from, said),
            For::Accept(i) => self.accept(i, said),
        }
    }

    fn refund_answered(
        &mut self,
        r: usize,
        from: Host,
        took: i64,
        said: Said,
        date_ms: Option<i64>,
    ) {
        self.desk.refunds[r].in_flight -= 1;
        macro_rules! answer {
            ($outcome:expr) => {
                Answer {
                    outcome: $outcome,
                    host: from,
                    date_ms,
                    took_ms: took as u32,
                }
            };
        }
        let event = match said {
            Said::Refund(outcome) => {
                self.sent(r, &outcome);
                let answer = answer!(outcome);
                // As the till: to the host that said how the bill stands, and to no other.
                let next_host = None;
                Event::Answered { answer, next_host }
            }
            Said::LookedUp(by, rows) => Event::LookedUp {
                by,
                answer: answer!(rows),
            },
            Said::Status(status) => Event::StatusAnswered {
                answer: answer!(status),
            },
            Said::Row(row) => Event::BillRead {
                answer: answer!(row),
            },
        };
        self.desk.refunds[r].there |= self.shows_ours(r, &event);
        let differs = self.differs(r, &event);
        self.step_refund(r, event);
        let incident = self.desk.refunds[r].durable.incident.is_some();
        assert!(!differs || incident || !self.up, "I9: another refund's row");
    }

    /// The gateway has shown that it holds something under our number.
    fn shows_ours(&self, r: usize, event: &Event) -> bool {
        let number = self.desk.refunds[r].number();
        match event {
            Event::LookedUp { answer, .. } => match &answer.outcome {
                Listed::Here(rows) => rows.iter().any(|row| row.refund_no == number),
                _ => false,
            },
            Event::StatusAnswered { answer } => matches!(
                answer.outcome,
                RefundStatusOutcome::Success
                    | RefundStatusOutcome::Processing
                    | RefundStatusOutcome::Failed
            ),
            _ => false,
        }
    }

    /// The rows under our number are about something else, or are more than one (FATE 22).
    fn differs(&self, r: usize, event: &Event) -> bool {
        let refund = &self.desk.refunds[r].durable;
        let Event::LookedUp { answer, .. } = event else {
            return false;
        };
        let Listed::Here(rows) = &answer.outcome else {
            return false;
        };
        let number = refund.refund_no.as_str();
        let ours: Vec<_> = rows.iter().filter(|row| row.refund_no == number).collect();
        let same = |bill_no: &str, fee| (bill_no, fee) == (refund.bill_no.as_str(), refund.fee);
        ours.len() > 1 || ours.iter().any(|row| !same(&row.bill_no, row.fee))
    }

    /// A send is over: where it may go if nothing left.
    fn sent(&mut self, r: usize, outcome: &RefundOutcome) {
        let held = &mut self.desk.refunds[r];
        held.sending = false;
        held.tried.clear();
        held.there |= matches!(outcome, RefundOutcome::Done | RefundOutcome::Processing);
        if let RefundOutcome::Refused { code, .. } | RefundOutcome::Unclear { code, .. } = outcome {
            *self.tally.refund_codes.entry(*code).or_default() += 1;
        }
    }

    /// The refunds that the gateway holds under this number.
    pub(super) fn rows_of(&mut self, number: &str, t: i64) -> Vec<shouyin::simulator::Refund> {
        self.core.advance(t);
        let all = self.core.all_refunds().iter();
        all.filter(|r| r.refund_no == number).cloned().collect()
    }

    /// What the gateway holds of a bill's refunds that this till did not make (分): successful or
    /// unfinished, as of `t`, made by `until`.
    pub(super) fn taken_elsewhere(&self, bill_no: &BillNo, t: i64, until: i64) -> Fen {
        let ours = |number: &str| self.desk.refunds.iter().any(|r| r.number() == number);
        let theirs = self.core.refunds_of(bill_no);
        let theirs = theirs.filter(|r| r.takes(t) && r.created_at <= until);
        Fen(theirs
            .filter(|r| !ours(&r.refund_no))
            .map(|r| r.fee.0)
            .sum())
    }
}
