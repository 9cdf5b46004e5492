//! What people do to the sale of the simulation, what kills the till, and what is true in the end.

use super::faults::Class;
use super::till::Attempt;
use shouyin::domain::bill::Qr;
use shouyin::domain::{Bill, Proof, Refund, State, Wallet};
use shouyin::payment::refund::{self, RefundCase};
use shouyin::payment::{Case, Event, sale};

use super::world::{HOUR, Next, World};

impl World {
    pub(super) fn drawn(&mut self, i: usize, shown: bool) {
        self.step(
            i,
            if shown {
                Event::QrShown
            } else {
                Event::QrUnshowable
            },
        );
        if self.up && self.attempts[i].durable.qr.was_shown() && self.rng.percent(75) {
            let at = self.clocks.t + self.rng.between(1_500, 179_000);
            self.at(at, None, Next::Scan(i));
        }
    }

    /// A customer points the phone at the screen.
    pub(super) fn scan(&mut self, i: usize) {
        let bill = &self.attempts[i].durable;
        let until = match &bill.qr {
            Qr::Shown { until_ms, .. } => *until_ms,
            _ => return,
        };
        let seen = self.up && self.clocks.now().gateway_ms() < until;
        if !seen || bill.state.is_terminal() {
            return;
        }
        let alipay = bill.wallet() == Some(Wallet::Alipay);
        let life = bill.bill_timeout_s.map(|s| i64::from(s) * 1_000);
        let bill_no = bill.bill_no.clone();
        let t = self.clocks.t;
        let pays = t + self.rng.between(0, 60_000) * self.rng.pick(&[0, 1, 1, 4]);
        let there = self.core.get_mut(&bill_no).expect("a code was answered");
        if let (true, Some(life)) = (alipay, life) {
            there.expires_at = t + life;
        }
        there.pay_at.get_or_insert(pays);
        self.say(|| format!("{i} scanned"));
    }

    pub(super) fn retry(&mut self) {
        if !self.up || self.attempts.len() >= 3 {
            return;
        }
        if self.rng.percent(12) {
            let (by, reason) = ("2001".to_owned(), "r".to_owned());
            for i in 0..self.attempts.len() {
                let (by, reason) = (by.clone(), reason.clone());
                self.step(i, Event::Released { by, reason });
            }
        }
        let free = sale::may_attempt(self.bills()).is_ok();
        if self.up && free {
            self.attempt();
        }
    }

    pub(super) fn manager(&mut self) {
        for i in 0..self.attempts.len() {
            let waits = self.attempts[i]
                .case
                .as_ref()
                .is_some_and(Case::waits_for_manager);
            if waits {
                self.tally.settled += 1;
                let (by, reason) = ("2001".to_owned(), "r".to_owned());
                self.step(i, Event::SettleAsked { by, reason });
            }
        }
    }

    pub(super) fn crash(&mut self) {
        self.say(|| "crash".to_owned());
        self.tally.crashes += 1;
        (self.up, self.clocks.offset, self.stage) = (false, None, None);
        self.epoch += 1;
        self.hosts.forget();
        self.desk.forget();
        for attempt in &mut self.attempts {
            (attempt.case, attempt.in_flight, attempt.wake_at) = (None, 0, None);
            attempt.crashed_open |= !attempt.durable.state.is_terminal();
        }
        let down = self.rng.between(200, 40_000) * self.rng.pick(&[1, 1, 1, 20]);
        self.at(self.clocks.t + down, None, Next::Start);
    }

    /// The next process takes up everything open and every look that is due.
    pub(super) fn start(&mut self) {
        self.up = true;
        self.clocks.zero = self.clocks.t - self.rng.between(1, 100_000);
        for i in 0..self.attempts.len() {
            let json = serde_json::to_string(&self.attempts[i].durable).unwrap();
            let bill: Bill = serde_json::from_str(&json).unwrap();
            assert_eq!(bill, self.attempts[i].durable);
            self.attempts[i].case = Some(Case::resume(bill, &self.clocks.now()));
        }
        for held in &mut self.desk.refunds {
            let json = serde_json::to_string(&held.durable).unwrap();
            let refund: Refund = serde_json::from_str(&json).unwrap();
            assert_eq!(refund, held.durable);
            held.case = Some(RefundCase::resume(refund, &self.clocks.now()));
        }
        for i in 0..self.attempts.len() {
            let bill = &self.attempts[i].durable;
            if self.up && (!bill.state.is_terminal() || bill.look.is_some()) {
                self.step(i, Event::Restarted);
            }
        }
        for r in 0..self.desk.refunds.len() {
            let refund = &self.desk.refunds[r].durable;
            if self.up && (!refund.state.is_terminal() || refund.look_ms.is_some()) {
                self.step_refund(r, refund::Event::Restarted);
            }
        }
        if self.up {
            self.find_paid_twice();
        }
    }

    /// A crash may have come between a second payment and its incident.
    pub(super) fn find_paid_twice(&mut self) {
        let paid = |a: &Attempt| a.durable.state == State::Paid;
        let unsaid = |a: &Attempt| paid(a) && a.durable.incident.is_none();
        if self.attempts.iter().filter(|a| paid(a)).count() > 1
            && let Some(i) = self.attempts.iter().rposition(unsaid)
        {
            self.paid_twice(i);
        }
    }

    /// What the till says against what the gateway holds.
    pub(super) fn check_end(&mut self) {
        let (t, mut kept) = (self.clocks.t + 20 * 24 * HOUR, 0);
        let mut explained = false;
        for i in 0..self.attempts.len() {
            let bill = self.attempts[i].durable.clone();
            let truth = self.core.truth(t, &bill.bill_no);
            assert!(bill.state.is_terminal(), "no end: {bill:?}");
            let proof = bill.proof.map_or("", Proof::name);
            let end = format!("{} {proof}", bill.state.name());
            *self.tally.ends.entry(end).or_default() += 1;
            let incident = bill.incident.is_some();
            explained |= incident;
            self.tally.incidents += u64::from(incident);
            kept += u64::from(truth.kept());
            // Refunds are no revert: they stand beside the bill, and have books of their own.
            let there = truth.paid_at.is_some() && truth.reverted_at.is_none();
            let right =
                (bill.state == State::Paid) == there || self.is_ended_as_refunded(&bill, &truth);
            if !right && incident {
                let paid = u64::from(bill.state == State::Paid);
                let lied = if paid == 1 { self.lies.0 } else { self.lies.1 };
                let beyond = self.class == Class::Beyond;
                assert!(lied || beyond, "nobody lied: {bill:?}, {truth:?}");
                self.tally.not_paid_after_all += paid;
                self.tally.paid_after_all += 1 - paid;
            }
            if !right && !incident {
                self.tally.wrong += 1;
                let beyond = self.class == Class::Beyond;
                assert!(beyond, "the till says {bill:?}, the gateway says {truth:?}");
            }
            let other = bill.state == State::Paid && self.amount_there.is_some();
            assert!(
                !other || incident,
                "I9: the row has another amount: {bill:?}"
            );
            assert!(!truth.exists || truth.amount == bill.amount);
        }
        let double = kept > 1 && !explained;
        assert!(
            !double || self.class == Class::Beyond,
            "I1: paid twice: {:?}",
            self.bills()
        );
    }
}
