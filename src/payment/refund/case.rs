//! A refund in the hands of this process.

use crate::domain::gateway::{
    Answer, Host, Listed, RefundOutcome, RefundRow, RefundStatusOutcome, RowOutcome,
};
use crate::domain::refund::{RefundChannel, RefundHappened};
use crate::domain::{BillNo, Fen, Now, Refund, RefundNo, Wallet};
use crate::payment::Policy;

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
    /// shown not to have may be sent again now.
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

/// A refund and what this process knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundCase {
    /// What is in the ledger, or about to be.
    pub refund: Refund,
}

impl RefundCase {
    /// A new refund: recorded as *sent* before it leaves (I2).
    pub fn start(new: NewRefund, now: &Now, policy: &Policy) -> (RefundCase, Vec<Action>) {
        let _ = policy;
        let refund = Refund {
            refund_no: new.refund_no,
            bill_no: new.bill_no,
            fee: new.fee,
            paid: new.paid,
            channel: new.channel,
            wallet: new.wallet,
            reason: new.reason,
            operator: new.operator,
            approver: new.approver,
            params_hash: new.params_hash,
            state: crate::domain::refund::RefundState::Sent,
            host: new.host,
            sent: now.stamp(),
            last_sent: now.stamp(),
            sends: 1,
            answer: crate::domain::refund::RefundAnswer::Pending,
            lost: false,
            seen: false,
            ended_ms: None,
            proof: None,
            look_ms: None,
            next_ms: None,
            incident: None,
            settled: None,
        };
        let host = refund.host.clone();
        let actions = vec![
            Action::Record {
                what: RefundHappened::RefundStarted,
                detail: None,
                refund: Box::new(refund.clone()),
            },
            Action::Send { host },
        ];
        (RefundCase { refund }, actions)
    }

    /// A refund from the file. Step it with `Event::Restarted` next.
    pub fn resume(refund: Refund, now: &Now) -> RefundCase {
        let _ = now;
        RefundCase { refund }
    }

    /// A request is under way.
    pub fn is_asking(&self) -> bool {
        false
    }

    /// The next automatic step, UTC ms by the wall clock.
    pub fn next_step_ms(&self, now: &Now) -> Option<i64> {
        let _ = now;
        self.refund.next_ms
    }

    /// It waits for a manager to sign in: the gateway is shown not to have it, and only
    /// master_secret could send it again.
    pub fn waits_for_manager(&self) -> bool {
        false
    }
}

/// Takes one event. `can_send`: master_secret is open and this refund may be signed. The actions
/// are executed in order.
pub fn step(
    case: RefundCase,
    event: Event,
    can_send: bool,
    now: &Now,
    policy: &Policy,
) -> (RefundCase, Vec<Action>) {
    let _ = (event, can_send, now, policy);
    (case, Vec::new())
}
