//! A refund in the hands of this process: the durable [`Refund`] and what is only known here, which
//! a crash may lose without harm (FATE: after a crash, the file is the only memory).

use super::absent::Absent;
use super::plan::{BESIDE_SEND, REQUEST_LIMIT};
use super::pre::Decision;
use crate::domain::gateway::{
    Answer, Host, Listed, RefundOutcome, RefundRow, RefundStatusOutcome, RowOutcome,
};
use crate::domain::refund::{RefundAnswer, RefundChannel, RefundHappened, RefundState};
use crate::domain::time::{Day, Stamp};
use crate::domain::{BillNo, Fen, Now, Refund, RefundNo, Wallet};
use crate::payment::Policy;
use crate::payment::policy::ROUND_FIRST;
use std::collections::VecDeque;

/// What a look-up goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookBy {
    /// `/refunds?refund_no`.
    RefundNo,
    /// `/refunds?bill_no`, every page.
    BillNo,
}

/// What reaches a refund.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A send to one host ended. `next_host`: where it may go if nothing was sent.
    Answered {
        /// What came of it.
        answer: Answer<RefundOutcome>,
        /// The till names hosts.
        next_host: Option<Host>,
    },
    /// A look-up at `/refunds` ended; every row that was asked for is in it.
    LookedUp {
        /// What it went by.
        by: LookBy,
        /// What came of it.
        answer: Answer<Listed<Vec<RefundRow>>>,
    },
    /// `/refund/status` answered.
    StatusAnswered {
        /// What came of it.
        answer: Answer<RefundStatusOutcome>,
    },
    /// The bill's own row was read.
    BillRead {
        /// What came of it.
        answer: Answer<RowOutcome>,
    },
    /// Time passed.
    Tick,
    /// Ask now (a person, a webhook). With a manager signed in, a refund that the gateway is
    /// shown not to have may be sent again now, also where its answer was a code: so a sign-in
    /// hints only those that [`RefundCase::waits_for_manager`].
    Hinted,
    /// The process came up with this refund in the ledger.
    Restarted,
    /// A manager's word about the contradiction.
    Settled {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// A manager's word about a pre-refund. One that waits takes it; any other ignores it.
    Decided(Box<Decision>),
    /// Another number took this request's place, since its day was over (FATE 21).
    Renewed {
        /// The new one.
        by: RefundNo,
    },
}

/// What the till must do, in order. `Record` is durable before the next one runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Write the refund to the ledger. Where it became Succeeded, the till writes the bill's
    /// `refunded` in the same transaction.
    Record {
        /// The line of its story.
        what: RefundHappened,
        /// Cleaned text beside it.
        detail: Option<String>,
        /// The refund as it is now.
        refund: Box<Refund>,
    },
    /// Send it to this host, already recorded in the refund.
    Send {
        /// Where.
        host: Host,
    },
    /// Look it up at `/refunds`.
    LookUp {
        /// By what.
        by: LookBy,
    },
    /// Ask `/refund/status`.
    AskStatus,
    /// Read the bill's row.
    ReadBill,
    /// Come back with `Tick` at this monotonic time (it replaces any earlier wish).
    WakeAt(i64),
    /// Tell people: it ended, became unknown, or contradicts itself.
    Announce,
}

/// What a new refund needs (the till draws the number and names the host).
#[derive(Debug, Clone)]
pub struct NewRefund {
    /// Dated today, by gateway time in Shanghai (FATE 20).
    pub refund_no: RefundNo,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// refund_fee.
    pub fee: Fen,
    /// What the bill was paid.
    pub paid: Fen,
    /// As sent.
    pub channel: RefundChannel,
    /// As far as known.
    pub wallet: Option<Wallet>,
    /// refund_reason.
    pub reason: String,
    /// May be empty.
    pub operator: String,
    /// The manager.
    pub approver: String,
    /// I2.
    pub params_hash: String,
    /// Where it goes first.
    pub host: Host,
}

/// A question that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// `/refunds`.
    LookUp(LookBy),
    /// `/refund/status`.
    Status,
    /// The bill's row.
    Bill,
}

/// What only this process knows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    /// A send is under way.
    pub sending: bool,
    /// This step sends.
    pub send: bool,
    /// A question is under way.
    pub asking: Option<Ask>,
    /// When it was asked, monotonic ms.
    pub asked_at: i64,
    /// What this round still asks.
    pub queue: VecDeque<Ask>,
    /// When the next round begins, monotonic ms.
    pub round_at: i64,
    /// The interval of rounds, ms.
    pub interval: i64,
    /// When the rounds began, monotonic ms.
    pub rounds_since: i64,
    /// First sent, on this process' monotonic clock.
    pub sent_mono: i64,
    /// Became terminal, monotonic ms.
    pub ended: i64,
    /// The look is due, monotonic ms.
    pub look_due: i64,
    /// What speaks for the gateway not having it, since the last send was over.
    pub absent: Absent,
    /// Its row was read by this process, and is about this number, bill and fee (I9).
    pub matched: bool,
    /// What that row said when it was finished.
    pub row_said: Option<bool>,
    /// This round of looking got a well-formed answer.
    pub heard: bool,
    /// Nothing more is to be learned by looking.
    pub confirmed: bool,
    /// A person asked for this round.
    pub hinted: bool,
    /// master_secret was open at the last step.
    pub can_send: bool,
    /// The day of its number was today at the last step.
    pub on_its_day: bool,
}

/// No stamp counts as older than this (100 years): a wall clock may say anything.
const OLDEST: i64 = 100 * 366 * 86_400_000;

/// How long ago a stamp was taken, ms; never negative.
fn age_ms(stamp: &Stamp, now: &Now) -> i64 {
    let age = now.gateway_ms().saturating_sub(stamp.gateway_ms(now));
    age.clamp(0, OLDEST)
}

/// A refund and what this process knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundCase {
    /// What is in the ledger, or about to be.
    pub refund: Refund,
    pub(super) run: Run,
}

impl RefundCase {
    /// A new refund: recorded as *sent* before it leaves (I2).
    pub fn start(new: NewRefund, now: &Now, _policy: &Policy) -> (RefundCase, Vec<Action>) {
        let mut run = Run::new(now.mono_ms, now);
        (run.sending, run.send, run.can_send) = (true, true, true);
        run.round_at = now.mono_ms.saturating_add(BESIDE_SEND);
        let refund = new.recorded_as_sent(now);
        let mut case = RefundCase { refund, run };
        case.run.on_its_day = case.is_on_its_day(now);
        let actions = case.begin(RefundHappened::RefundStarted, now);
        (case, actions)
    }

    /// A refund from the file. Step it with `Event::Restarted` next.
    pub fn resume(refund: Refund, now: &Now) -> RefundCase {
        let ago = |stamp: &Stamp| now.mono_ms.saturating_sub(age_ms(stamp, now));
        let mut run = Run::new(ago(&refund.sent), now);
        run.round_at = now.mono_ms;
        if let Some(ended_ms) = refund.ended_ms {
            let age = now.wall_ms.saturating_sub(ended_ms).clamp(0, OLDEST);
            run.ended = now.mono_ms.saturating_sub(age);
        }
        RefundCase { refund, run }
    }

    /// A request is under way.
    pub fn is_asking(&self) -> bool {
        self.run.sending || self.run.asking.is_some()
    }

    /// The next automatic step, UTC ms by the wall clock.
    pub fn next_step_ms(&self, now: &Now) -> Option<i64> {
        let at = self.next_at()?;
        let wait = at.saturating_sub(now.mono_ms).max(0);
        Some(now.wall_ms.saturating_add(wait))
    }

    /// It waits for a manager to sign in: the gateway is shown not to have it, and only
    /// master_secret could send it again.
    pub fn waits_for_manager(&self) -> bool {
        let absent = self.is_sought() && self.run.absent.is_twice();
        let could = self.run.on_its_day && self.resends_by_itself();
        let could = could && !self.is_elsewheres();
        absent && could && !self.run.can_send && !self.run.sending
    }

    /// Nothing shows yet whether the gateway has it: look-ups that find nothing count.
    pub(super) fn is_sought(&self) -> bool {
        !self.refund.state.is_terminal() && self.refund.lost && !self.refund.seen
    }

    /// When the last send of an earlier process was over, at the latest: what it had handed to the
    /// network may still have been on its way when it died. Monotonic ms.
    pub(super) fn last_send_over(&self, now: &Now) -> i64 {
        let left = REQUEST_LIMIT.saturating_sub(age_ms(&self.refund.last_sent, now));
        now.mono_ms.saturating_add(left.max(0))
    }

    /// FATE 20, 21: a number is sent only on the day that it is dated.
    pub(super) fn is_on_its_day(&self, now: &Now) -> bool {
        self.refund.refund_no.is_of(Day::of(now.gateway_ms()))
    }
}

impl NewRefund {
    pub(super) fn recorded_as_sent(self, now: &Now) -> Refund {
        Refund {
            refund_no: self.refund_no,
            bill_no: self.bill_no,
            fee: self.fee,
            paid: self.paid,
            channel: self.channel,
            wallet: self.wallet,
            reason: self.reason,
            operator: self.operator,
            approver: self.approver,
            params_hash: self.params_hash,
            state: RefundState::Sent,
            host: self.host,
            sent: now.stamp(),
            last_sent: now.stamp(),
            sends: 1,
            answer: RefundAnswer::Pending,
            lost: false,
            seen: false,
            ended_ms: None,
            proof: None,
            look_ms: None,
            next_ms: None,
            incident: None,
            settled: None,
            pre: None,
        }
    }
}

impl Run {
    pub(super) fn new(sent_mono: i64, now: &Now) -> Run {
        Run {
            sending: false,
            send: false,
            asking: None,
            asked_at: now.mono_ms,
            queue: VecDeque::new(),
            round_at: i64::MAX,
            interval: ROUND_FIRST,
            rounds_since: now.mono_ms,
            sent_mono,
            ended: now.mono_ms,
            look_due: now.mono_ms,
            absent: Absent::default(),
            matched: false,
            row_said: None,
            heard: false,
            confirmed: false,
            hinted: false,
            can_send: false,
            on_its_day: false,
        }
    }

    /// A round has begun and is not over.
    pub fn round_is_open(&self) -> bool {
        self.asking.is_some() || !self.queue.is_empty()
    }
}
