//! What always holds about money that goes back, and what is true in the end: the till's books
//! against the gateway's.

use super::faults::Class;
use super::world::{HOUR, MINUTE, World};
use shouyin::domain::bill::{IncidentKind, Settled};
use shouyin::domain::refund::{RefundIncidentKind, RefundProof, RefundState};
use shouyin::domain::time::Day;
use shouyin::domain::{Bill, Fen, Refund, State};
use shouyin::payment::refund::balance::Balance;
use shouyin::simulator::Truth;
use std::collections::BTreeSet;

impl World {
    pub(super) fn is_promised(&self) -> bool {
        self.class == Class::Promised
    }

    /// I6 at the gateway, after every event: nothing is given back that was not paid.
    pub(super) fn check_money(&mut self) {
        let t = self.clocks.t;
        if self.desk.end_at == 0 || self.core.all_refunds().is_empty() {
            return;
        }
        for i in 0..self.attempts.len() {
            let bill_no = self.attempts[i].durable.bill_no.clone();
            let truth = self.core.truth(t, &bill_no);
            let paid = truth.paid_at.map_or(0, |_| truth.amount.0);
            let reverted = truth.reverted_at.map_or(0, |_| paid);
            let back = truth.refunded.0 + truth.refunding.0 + reverted;
            let beyond = !self.is_promised();
            assert!(back <= paid || beyond, "I6: {back} of {paid}: {truth:?}");
        }
    }

    /// What a balance may say at all.
    pub(super) fn check_balance(&self, i: usize, balance: &Balance) {
        let bill = &self.attempts[i].durable;
        assert!(!self.is_refunding(i), "FATE 20: one in flight");
        assert!(bill.state.is_terminal(), "its fate is open: {bill:?}");
        let taken = balance.refunded.0 + balance.unfinished.0;
        assert_eq!(balance.refundable.0, balance.paid.0 - taken);
        assert!(balance.refundable > Fen::ZERO && balance.paid <= bill.amount);
        assert!(balance.refunded >= bill.refunded, "known here: {balance:?}");
    }

    /// I6 by the till's own care, before the gateway's: what it is about to send is covered by what
    /// it could know. Nobody forgives it a refund because the gateway would have said 12.
    pub(super) fn check_care(&mut self, i: usize, fee: Fen, elsewhere: Option<Fen>) {
        let t = self.clocks.t;
        let Some(elsewhere) = elsewhere.filter(|_| self.is_promised()) else {
            return;
        };
        let bill_no = self.attempts[i].durable.bill_no.clone();
        let truth = self.core.truth(t, &bill_no);
        let mut ours = 0;
        for refund in self.refunds_here(i) {
            let rows = self.rows_of(refund.refund_no.as_str(), t);
            let taking = rows.iter().filter(|r| r.takes(t));
            ours += taking.map(|r| r.fee.0).sum::<i64>();
        }
        let taken = ours + elsewhere.0;
        assert!(
            truth.paid_at.is_none() || taken + fee.0 <= truth.amount.0,
            "I6: {fee} although {taken} went back of {truth:?}"
        );
    }

    /// I7, I8, and one refund in flight a bill, at every record.
    pub(super) fn check_record(&self, old: &Refund, new: &Refund) {
        let same = (&old.refund_no, &old.bill_no, old.fee, old.channel);
        assert_eq!(
            same,
            (&new.refund_no, &new.bill_no, new.fee, new.channel),
            "I7"
        );
        assert_eq!(new.state.is_terminal(), new.proof.is_some(), "I3");
        if old.state.is_terminal() {
            assert_eq!((old.state, old.proof), (new.state, new.proof), "I8");
            assert_eq!(old.ended_ms, new.ended_ms, "I8");
            assert_eq!((old.sends, old.sent), (new.sends, new.sent), "I8");
        }
        assert!(
            old.incident.is_none() || new.incident.is_some(),
            "it stands"
        );
    }

    pub(super) fn check_refund_step(&mut self, r: usize, before: &Refund) {
        self.check_refund_waits(r);
        let refund = self.desk.refunds[r].durable.clone();
        if refund.state != before.state {
            self.check_fate(&refund);
        }
        let i = self.desk.refunds[r].bill;
        let open = self
            .desk
            .refunds
            .iter()
            .filter(|h| h.bill == i && h.is_open());
        assert!(open.count() <= 1, "FATE 20: one in flight");
        self.check_sum(i);
    }

    /// I5.
    pub(super) fn check_refund_waits(&self, r: usize) {
        let held = &self.desk.refunds[r];
        let case = held.case.as_ref().unwrap();
        let refund = &case.refund;
        assert_eq!(*refund, held.durable, "every change is durable");
        let waits = held.is_open() || refund.look_ms.is_some();
        let next = held.in_flight > 0 || held.wake_at.is_some();
        assert!(!waits || next, "I5: nothing will ever happen: {refund:?}");
        assert_eq!(waits, refund.next_ms.is_some(), "I5: {refund:?}");
        assert!(!case.is_asking() || held.in_flight > 0, "{refund:?}");
    }

    /// I3: what is said of a refund is what the gateway holds.
    fn check_fate(&mut self, refund: &Refund) {
        let t = self.clocks.t;
        if !self.is_promised() {
            return;
        }
        let rows = self.rows_of(refund.refund_no.as_str(), t);
        let results: Vec<Option<bool>> = rows.iter().map(|row| row.result(t)).collect();
        match refund.state {
            RefundState::Succeeded => assert_eq!(results, [Some(true)], "{refund:?}"),
            RefundState::Failed => assert_eq!(results, [Some(false)], "{refund:?}"),
            RefundState::Refused | RefundState::NotSent => {
                assert!(results.is_empty(), "I3: {refund:?} is {results:?}");
            }
            _ => {}
        }
    }

    /// The bill's `refunded` is the sum of its successes, at every moment.
    fn check_sum(&self, i: usize) {
        let bill = &self.attempts[i].durable;
        let done = self.desk.refunds.iter().filter(|r| r.bill == i);
        let done = done.filter(|r| r.durable.state == RefundState::Succeeded);
        let sum: i64 = done.map(|r| r.durable.fee.0).sum();
        assert_eq!(bill.refunded.0, sum, "recorded together: {bill:?}");
    }

    /// The wallet never finished it, or it contradicts itself and somebody must look.
    pub(super) fn may_stay_open(&mut self, refund: &Refund) -> bool {
        let t = self.clocks.t;
        let rows = self.rows_of(refund.refund_no.as_str(), t);
        let unfinished = rows.iter().any(|row| row.result(t).is_none());
        unfinished
            || (!self.is_promised() && refund.incident.is_some())
    }

    /// Every refund's fate, and the sums.
    pub(super) fn check_refunds_end(&mut self) {
        let t = self.clocks.t;
        let mut numbers = BTreeSet::new();
        for r in 0..self.desk.refunds.len() {
            let refund = self.desk.refunds[r].durable.clone();
            assert!(
                numbers.insert(refund.refund_no.clone()),
                "I7: one number an order"
            );
            let proof = refund.proof.map_or("", RefundProof::name);
            let end = format!("{} {proof}", refund.state.name());
            *self.tally.refund_ends.entry(end).or_default() += 1;
            self.tally.refund_incidents += u64::from(refund.incident.is_some());
            let open = !refund.state.is_terminal();
            assert!(!open || self.may_stay_open(&refund), "no end: {refund:?}");
            self.check_refund_end(r, &refund);
            self.check_fate(&refund);
        }
        for i in 0..self.attempts.len() {
            self.check_sum(i);
            self.check_sums_there(i, t);
        }
    }

    /// Beyond what can be detected: wrong, but a look found out, or it is counted.
    fn check_refund_end(&mut self, r: usize, refund: &Refund) {
        let t = self.clocks.t;
        let ended_at = self.desk.refunds[r].ended_at;
        let day = Day::of(ended_at.unwrap_or(t));
        self.tally.over_midnight += u64::from(!refund.refund_no.is_of(day));
        let kind = refund.incident.as_ref().map(|i| &i.kind);
        let after_all = matches!(
            kind,
            Some(RefundIncidentKind::SucceededAfterAll | RefundIncidentKind::FailedAfterAll)
        );
        assert!(!after_all || !self.is_promised(), "nobody lied: {refund:?}");
        let rows = self.rows_of(refund.refund_no.as_str(), t);
        for row in &rows {
            let same = (row.bill_no.as_str(), row.fee);
            assert_eq!(same, (refund.bill_no.as_str(), refund.fee), "I7");
        }
        assert!(rows.len() <= 1 || !self.is_promised(), "I7: {rows:?}");
        let took = rows.iter().any(|row| row.takes(t));
        let here = refund.state.takes_balance();
        if took != here && kind.is_none() {
            self.tally.refunds_wrong += 1;
        }
        self.tally.refunds_found_out += u64::from(after_all);
        // The gateway tells the truth again when it is looked at: then it is found out.
        let look = match refund.proof {
            Some(RefundProof::Refused) => Some(10 * MINUTE),
            Some(RefundProof::UnknownAtGateway) => Some(2 * HOUR),
            _ => None,
        };
        let looked = look.zip(ended_at).map(|(after, at)| after + at);
        let hidden = took && kind.is_none() && looked.is_some_and(|at| at >= self.well_at);
        assert!(!hidden, "no look found out: {refund:?}, {rows:?}");
    }

    /// FATE 11: a contradicted bill whose row says refunded is ended by a manager as given back.
    /// Where somebody else refunded only a part of it meanwhile, the rest is still there: an
    /// incident says so.
    pub(super) fn is_ended_as_refunded(&mut self, bill: &Bill, truth: &Truth) -> bool {
        let said = bill.incident.as_ref().map(|i| &i.kind);
        let said = matches!(said, Some(IncidentKind::RefundedThere { .. }));
        let ended = bill.state == State::Reverted && bill.returned && said;
        let ended = ended && truth.refunded > Fen::ZERO;
        self.tally.ended_as_refunded += u64::from(ended);
        ended
    }

    /// paid − refunded here and there is what the gateway holds.
    fn check_sums_there(&mut self, i: usize, t: i64) {
        let bill = self.attempts[i].durable.clone();
        let truth = self.core.truth(t, &bill.bill_no);
        let elsewhere = self.core.refunds_of(&bill.bill_no);
        let ours: BTreeSet<String> = self.desk.refunds.iter().map(|r| r.number()).collect();
        let elsewhere = elsewhere.filter(|r| !ours.contains(&r.refund_no));
        let done = elsewhere.filter(|r| r.result(t) == Some(true));
        let elsewhere: i64 = done.map(|r| r.fee.0).sum();
        let open = self.is_refunding(i);
        let right = truth.refunded.0 == bill.refunded.0 + elsewhere;
        assert!(
            right || open || !self.is_promised(),
            "{} here and {elsewhere} elsewhere: {truth:?}",
            bill.refunded
        );
        let accepted = bill.settlement.as_ref().map(|s| s.how) == Some(Settled::Accepted);
        if accepted && bill.state != State::Paid && self.is_promised() {
            let there = truth.paid_at.is_some() && truth.reverted_at.is_none();
            assert!(there, "accepted on a row: {bill:?}, {truth:?}");
        }
    }
}
