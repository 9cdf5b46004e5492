//! The refunds in the engine's hands: taken up, stepped, woken, and left to the ledger when nobody
//! has to do anything about them.

use super::super::engine::Engine;
use super::record::Unwritten;
use crate::domain::refund::RefundState;
use crate::domain::{BillNo, Host, Now, Refund, RefundNo};
use crate::ledger::LedgerError;
use crate::payment::refund::{Action, Event, RefundCase, step};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A step can cause a few more (a send that never left); never many.
const FOLLOW_UPS: usize = 8;
/// One that ended stays on the screen for so long.
const JUST_NOW_MS: i64 = 5 * 60_000;

/// A refund in the engine's hands.
pub(in crate::till) struct HeldRefund {
    pub case: RefundCase,
    wake: Option<i64>,
    /// Grows with each round of questions: which host is asked.
    pub turn: u32,
    pub unwritten: VecDeque<Unwritten>,
    pub announce_later: bool,
    /// The approver's, for this refund alone: of one that a command ordered, while it runs.
    own_master: Option<SecretString>,
    /// Became terminal in this process, monotonic ms.
    ended: Option<i64>,
}

impl HeldRefund {
    /// It ended and that could not be written.
    pub fn is_unrecorded(&self) -> bool {
        !self.unwritten.is_empty() && self.case.refund.state.is_terminal()
    }

    /// Something goes on by itself: `settle` waits for it.
    pub fn is_open(&self) -> bool {
        let refund = &self.case.refund;
        // A request waits for a person.
        let goes_on = !refund.state.is_terminal() && refund.state != RefundState::Requested;
        goes_on || refund.look_ms.is_some() || !self.unwritten.is_empty()
    }
}

/// Everything about refunds that the engine keeps.
#[derive(Default)]
pub(in crate::till) struct Refunds {
    pub held: BTreeMap<RefundNo, HeldRefund>,
    /// Bills whose next refund is being prepared: one at a time (FATE 20).
    pub preparing: BTreeSet<BillNo>,
    /// Words about pre-refunds of the gateway, recorded and to be sent together.
    pub words: Vec<(RefundNo, Host)>,
    /// While a manager is signed in, and no longer.
    master: Option<SecretString>,
}

impl Refunds {
    /// Takes a refund into the engine's hands.
    pub fn hold(&mut self, case: RefundCase) {
        let held = HeldRefund {
            case,
            wake: None,
            turn: 0,
            unwritten: VecDeque::new(),
            announce_later: false,
            own_master: None,
            ended: None,
        };
        self.held.insert(held.case.refund.refund_no.clone(), held);
    }

    /// Gives a command's refund its approver's secret.
    pub fn entrust(&mut self, refund_no: &RefundNo, master: SecretString) {
        if let Some(held) = self.held.get_mut(refund_no) {
            held.own_master = Some(master);
        }
    }

    /// A manager who is signed in opened master_secret.
    pub fn can_sign(&self) -> bool {
        self.master.is_some()
    }

    /// What this refund may be signed with now.
    pub fn open_master(&self) -> Option<&SecretString> {
        self.master.as_ref()
    }

    /// What signs this refund, where it is open.
    pub fn master_for(&self, refund_no: &RefundNo) -> Option<&SecretString> {
        let own = self.held.get(refund_no).and_then(|h| h.own_master.as_ref());
        own.or(self.master.as_ref())
    }

    /// How many `settle` waits for.
    pub fn open(&self) -> usize {
        self.held.values().filter(|h| h.is_open()).count()
    }

    /// How many a person must look at.
    pub fn to_do(&self) -> usize {
        let wanted = |h: &&HeldRefund| h.case.refund.needs_someone() || h.is_unrecorded();
        self.held.values().filter(wanted).count()
    }

    /// A request ended in another way than by a step of its own.
    pub fn ended_as(&mut self, case: RefundCase, now: &Now) {
        if let Some(held) = self.held.get_mut(&case.refund.refund_no) {
            (held.case, held.ended, held.wake) = (case, Some(now.mono_ms), None);
        }
    }

    /// The refund of this bill that is under way, apart from the one of this number.
    pub fn in_flight(&self, bill_no: &BillNo, but: &str) -> Option<&Refund> {
        let refunds = self.held.values().map(|h| &h.case.refund);
        refunds
            .filter(|r| r.bill_no == *bill_no && r.refund_no.as_str() != but)
            .find(|r| !r.state.is_terminal())
    }

    /// A refund of this bill explains that its row says refunded: it is under way, or its end
    /// waits to be written.
    pub fn explain(&self, bill_no: &BillNo) -> bool {
        let sent = |state: RefundState| !state.is_terminal() && state != RefundState::Requested;
        let open = |h: &HeldRefund| sent(h.case.refund.state) || !h.unwritten.is_empty();
        let ours = |h: &&HeldRefund| h.case.refund.bill_no == *bill_no;
        self.held.values().filter(ours).any(open)
    }

    /// When the next one wakes up, monotonic ms.
    pub fn next_wake(&self) -> Option<i64> {
        self.held.values().filter_map(|h| h.wake).min()
    }
}

impl Engine {
    /// Who is signed in changed: a manager brings master_secret, everybody else ends it.
    pub(in crate::till) fn take_master(&mut self, master: Option<SecretString>) {
        self.refunds.master = master;
        if self.refunds.master.is_none() {
            return;
        }
        // What waited for a manager is asked about now, and may be sent again.
        let open = |h: &HeldRefund| !h.case.refund.state.is_terminal();
        let next = |h: &HeldRefund| match h.case.waits_for_manager() {
            true => Event::Hinted,
            false => Event::Tick,
        };
        let held = self.refunds.held.iter().filter(|(_, h)| open(h));
        let open: Vec<(RefundNo, Event)> = held.map(|(no, h)| (no.clone(), next(h))).collect();
        for (refund_no, event) in open {
            self.step_refund(&refund_no, event);
        }
    }

    /// Open refunds, due looks and to-dos, before the first sale (FATE: after a crash).
    pub(in crate::till) fn take_up_refunds(&mut self) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let mut refunds = self.ledger.books().open_refunds()?;
        refunds.extend(self.ledger.books().refunds_to_do()?);
        for refund in refunds {
            if !self.refunds.held.contains_key(&refund.refund_no) {
                let refund_no = refund.refund_no.clone();
                self.refunds.hold(RefundCase::resume(refund, &now));
                self.step_refund(&refund_no, Event::Restarted);
            }
        }
        Ok(())
    }

    /// Steps one refund and everything that follows at once from it.
    pub(in crate::till) fn step_refund(&mut self, refund_no: &RefundNo, event: Event) {
        let now = self.clock.now();
        let can_send = self.refunds.master_for(refund_no).is_some();
        let Some(held) = self.refunds.held.get_mut(refund_no) else {
            return;
        };
        held.wake = None;
        let was_terminal = held.case.refund.state.is_terminal();
        let (case, actions) = step(held.case.clone(), event, can_send, &now, &self.policy);
        held.case = case;
        if !was_terminal && held.case.refund.state.is_terminal() {
            held.ended = Some(now.mono_ms);
            held.own_master = None;
        }
        self.execute_refund(refund_no, actions);
        self.let_go_refunds();
    }

    /// Executes in order; a `Record` is durable before what follows it is sent.
    pub(super) fn execute_refund(&mut self, refund_no: &RefundNo, actions: Vec<Action>) {
        let mut follow_ups: VecDeque<Event> = VecDeque::new();
        for action in actions {
            match action {
                Action::Record {
                    what,
                    detail,
                    refund,
                } => self.record_refund(refund_no, what, detail, *refund),
                Action::WakeAt(at) => {
                    if let Some(held) = self.refunds.held.get_mut(refund_no) {
                        held.wake = Some(at);
                    }
                }
                Action::Send { host } => follow_ups.extend(self.send_refund(refund_no, host)),
                Action::LookUp { by } => self.look_up_refund(refund_no, by),
                Action::AskStatus => self.ask_refund_status(refund_no),
                Action::ReadBill => self.read_refunds_bill(refund_no),
                Action::Announce => self.announce_refund_or_wait(refund_no),
            }
        }
        for _ in 0..FOLLOW_UPS {
            let Some(event) = follow_ups.pop_front() else {
                break;
            };
            self.step_refund(refund_no, event);
        }
    }

    /// Wakes the refunds whose time has come.
    pub(in crate::till) fn fire_refund_wakes(&mut self) {
        let now = self.clock.now().mono_ms;
        let due = |h: &HeldRefund| h.wake.is_some_and(|at| now >= at);
        let held = self.refunds.held.iter().filter(|(_, h)| due(h));
        let due: Vec<RefundNo> = held.map(|(no, _)| no.clone()).collect();
        for refund_no in due {
            self.step_refund(&refund_no, Event::Tick);
        }
    }

    /// Refunds that nobody has to do anything about are left to the ledger; one that ended just
    /// now stays to be seen.
    pub(in crate::till) fn let_go_refunds(&mut self) {
        let now = self.clock.now().mono_ms;
        self.refunds.held.retain(|_, held| {
            held.is_open()
                || held.case.refund.needs_someone()
                || held.case.is_asking()
                || held.ended.is_some_and(|at| now - at < JUST_NOW_MS)
        });
    }
}
