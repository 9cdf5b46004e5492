//! A bill in the hands of this process: the durable [`Bill`] and what is only known here, which a
//! crash may lose without harm (FATE: after a crash, the file is the only memory).

use super::facts::{Fact, Facts};
use super::policy::Policy;
use crate::domain::bill::{Happened, RevertAnswer, Settled};
use crate::domain::gateway::{
    Answer, Host, PayHost, PayOutcome, RevertOutcome, RowOutcome, StatusOutcome,
};
use crate::domain::time::Stamp;
use crate::domain::{Bill, BillNo, Channel, Fen, Now, SaleId};
use std::collections::VecDeque;

/// What reaches a bill.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The pay request to one host ended. `next_host`: where it may go if nothing was sent.
    PayAnswered {
        /// What came of it.
        answer: Answer<PayOutcome>,
        /// The till names hosts.
        next_host: Option<Host>,
    },
    /// A status call ended.
    StatusAnswered {
        /// What came of it.
        answer: Answer<StatusOutcome>,
        /// How the host that holds the bill is doing.
        pay_host: PayHost,
    },
    /// The row was read, or not.
    RowRead {
        /// What came of it.
        answer: Answer<RowOutcome>,
        /// How the host that holds the bill is doing.
        pay_host: PayHost,
    },
    /// A revert call ended.
    RevertAnswered {
        /// What came of it.
        answer: Answer<RevertOutcome>,
    },
    /// Time passed: a wake-up that was asked for, or any other moment.
    Tick,
    /// The cashier cancels.
    CancelAsked,
    /// The code read back as code_url and is about to be drawn (FATE 17).
    QrShown,
    /// The code did not read back: never drawn.
    QrUnshowable,
    /// A code that was shown is drawn again.
    QrShownAgain,
    /// Someone knows more (a webhook, a person): ask now.
    Hinted,
    /// The process came up with this bill in the ledger.
    Restarted,
    /// A person handed the goods over for a late payment (FATE 19).
    HandedOver,
    /// A manager released the lock (FATE 18).
    Released {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Another attempt of the same sale is paid too (I1's last line: an incident).
    OtherPaid {
        /// The other one.
        other: BillNo,
    },
    /// A manager ends a contradicted claim on the row as it is now (FATE 11).
    SettleAsked {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// A refund of this bill succeeded. Whether it could is the balance's business.
    Refunded {
        /// What went back.
        fee: Fen,
        /// The approver: an open contradiction is settled once everything went back.
        by: String,
        /// refund_reason.
        reason: String,
    },
    /// A manager's word about the contradiction. *Accepted* only after the till read a row that
    /// is paid, not reverted and not refunded.
    IncidentSettled {
        /// What was decided.
        how: Settled,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// What the till must do, in order. `Record` is durable before the next one runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Write the bill to the ledger.
    Record {
        /// The line of its story.
        what: Happened,
        /// Cleaned text beside it.
        detail: Option<String>,
        /// The bill as it is now.
        bill: Box<Bill>,
    },
    /// Send pay to this host, at most once.
    SendPay {
        /// Already recorded in the bill.
        host: Host,
    },
    /// Ask status.
    AskStatus {
        /// Named in the request.
        channel: Option<Channel>,
    },
    /// Read the row.
    ReadRow,
    /// Send a revert.
    SendRevert {
        /// Named in the request.
        channel: Option<Channel>,
    },
    /// Encode and read back this code, then say `QrShown` or `QrUnshowable`.
    ShowQr {
        /// As answered.
        code_url: String,
    },
    /// Come back with `Tick` at this monotonic time (it replaces any earlier wish).
    WakeAt(i64),
    /// Tell people: it ended, became unknown, or contradicts itself.
    Announce,
}

/// A question that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Status.
    Status,
    /// The row.
    Row,
    /// A revert.
    Revert,
}

/// What a new bill needs (the till draws the number and names the host).
#[derive(Debug, Clone)]
pub struct NewBill {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// Its sale.
    pub sale: SaleId,
    /// total_fee.
    pub amount: Fen,
    /// As sent.
    pub channel: Channel,
    /// It is a pay link.
    pub link: bool,
    /// As sent.
    pub title: String,
    /// May be empty.
    pub note: String,
    /// May be empty.
    pub operator: String,
    /// Keyed hash of the payment code.
    pub code_hash: Option<String>,
    /// Its first and last two digits.
    pub code_mask: Option<String>,
    /// I2.
    pub params_hash: String,
    /// FATE 5.
    pub bill_timeout_s: Option<u32>,
    /// Who said "another customer".
    pub another_by: Option<String>,
    /// Where pay goes first.
    pub host: Host,
}

/// What only this process knows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    /// Pay is under way.
    pub paying: bool,
    /// Status, row or revert is under way.
    pub asking: Option<Ask>,
    /// What this round still asks.
    pub queue: VecDeque<Ask>,
    /// The row was asked in this round: it is not asked again because status is silent.
    pub row_asked: bool,
    /// Status was asked once more in this round for FATE 12.
    pub status_again: bool,
    /// When the next round begins, monotonic ms.
    pub round_at: i64,
    /// The interval of unresolved rounds, ms.
    pub interval: i64,
    /// When unresolved (or watching, or looking) began, monotonic ms.
    pub rounds_since: i64,
    /// Sent, on this process' monotonic clock (before its zero for a bill of an earlier one).
    pub sent_mono: i64,
    /// The bill's other moments.
    pub marks: Marks,
    /// A revert is not sent again before this, monotonic ms.
    pub revert_at: i64,
    /// What may still have acted unseen before the revert that is under way.
    pub unspent_before: Option<(Stamp, i64)>,
    /// How often the last reverts were denied or unanswered in a row.
    pub revert_tries: u32,
    /// What was learned, oldest first.
    pub facts: Facts,
    /// Status is asked without channel (answered 3 or 5).
    pub status_plain: bool,
    /// Revert is asked without channel (answered 3 or 5).
    pub revert_plain: bool,
    /// Requests sent since pay.
    pub asked: u32,
    /// The bill is in front of the cashier.
    pub on_stage: bool,
    /// The bill was taken up from the file.
    pub recovered: bool,
    /// A refund of ours is open.
    pub refunding: bool,
    /// A manager waits for the row.
    pub settle: Option<(String, String)>,
    /// What the look of this round found.
    pub look: super::look::Found,
}

/// Moments of a bill on this process' monotonic clock: its timers don't follow a wall clock that
/// is set. Meaningful only where the bill has the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    /// Closing began.
    pub closing: i64,
    /// The first revert was sent.
    pub first_revert: i64,
    /// The last revert was sent.
    pub last_revert: i64,
    /// The latest revert that may still act unseen was sent.
    pub unspent: i64,
    /// It became terminal.
    pub ended: i64,
    /// The look is due.
    pub look_due: i64,
}

impl Marks {
    fn new(mono_ms: i64) -> Marks {
        Marks {
            closing: mono_ms,
            first_revert: mono_ms,
            last_revert: mono_ms,
            unspent: mono_ms,
            ended: mono_ms,
            look_due: mono_ms,
        }
    }

    /// Of a bill from the file, by the age of its stamps.
    fn of(bill: &Bill, now: &Now) -> Marks {
        let mut marks = Marks::new(now.mono_ms);
        let ago = |stamp: &Stamp| now.mono_ms.saturating_sub(age_ms(stamp, now));
        if let Some(closing) = &bill.closing {
            marks.closing = ago(&closing.began);
        }
        if let Some(reverts) = &bill.reverts {
            marks.first_revert = ago(&reverts.first);
            marks.last_revert = ago(&reverts.last);
            marks.unspent = reverts.unspent.as_ref().map_or(now.mono_ms, ago);
        }
        if let Some(ended_ms) = bill.ended_ms {
            let age = now.wall_ms.saturating_sub(ended_ms).clamp(0, OLDEST);
            marks.ended = now.mono_ms.saturating_sub(age);
        }
        marks
    }
}

/// No stamp counts as older than this (100 years): a wall clock may say anything.
const OLDEST: i64 = 100 * 366 * 86_400_000;

/// How long ago a stamp was taken, ms; never negative.
fn age_ms(stamp: &Stamp, now: &Now) -> i64 {
    let age = now.gateway_ms().saturating_sub(stamp.gateway_ms(now));
    age.clamp(0, OLDEST)
}

/// A bill and what this process knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What is in the ledger, or about to be.
    pub bill: Bill,
    pub(super) run: Run,
}

impl Case {
    /// A new bill: recorded as *sent* before pay leaves (I2).
    pub fn start(new: NewBill, now: &Now, policy: &Policy) -> (Case, Vec<Action>) {
        let bill = Bill {
            link: new.link,
            title: new.title,
            note: new.note,
            operator: new.operator,
            code_hash: new.code_hash,
            code_mask: new.code_mask,
            params_hash: new.params_hash,
            bill_timeout_s: new.bill_timeout_s,
            another_by: new.another_by,
            ..Bill::sent(
                new.bill_no,
                new.sale,
                new.amount,
                new.channel,
                new.host,
                now.stamp(),
            )
        };
        let mut case = Case {
            bill,
            run: Run::new(now.mono_ms, now),
        };
        case.run.paying = true;
        case.run.round_at = match case.bill.channel.is_scan() {
            true => now.mono_ms + super::policy::ASK_BESIDE_PAY,
            false => i64::MAX,
        };
        // I5: a till that dies here leaves a bill that says when it is looked at.
        case.bill.next_ms = case.next_step_ms(now, policy);
        let mut actions = vec![
            Action::Record {
                what: Happened::Started,
                detail: None,
                bill: Box::new(case.bill.clone()),
            },
            Action::SendPay {
                host: case.bill.host.clone(),
            },
        ];
        actions.extend(case.plan(now, policy));
        (case, actions)
    }

    /// A bill from the file. Step it with `Event::Restarted` next.
    pub fn resume(bill: Bill, now: &Now) -> Case {
        let sent_mono = now.mono_ms.saturating_sub(age_ms(&bill.sent, now));
        let mut run = Run::new(sent_mono, now);
        run.marks = Marks::of(&bill, now);
        run.recovered = true;
        run.round_at = now.mono_ms;
        if let Some(reverts) = &bill.reverts {
            // Only what the file says is known: a claim or a denial, at the time of the revert.
            let at = run.marks.last_revert;
            let mut fact = |kind| {
                run.facts.push(Fact {
                    kind,
                    at,
                    after_guard: false,
                    date_ms: None,
                });
            };
            if reverts.claimed {
                fact(super::facts::Kind::Claim);
            }
            if reverts.answer != RevertAnswer::Unanswered {
                fact(super::facts::Kind::RevertTyped);
            }
        }
        Case { bill, run }
    }

    /// Whether the cashier has this bill in front of them; the till says so before stepping.
    pub fn set_on_stage(&mut self, on_stage: bool) {
        self.run.on_stage = on_stage;
    }

    /// Whether a refund of ours is open; the till says so before stepping. It explains a row that
    /// says refunded.
    pub fn set_refunding(&mut self, refunding: bool) {
        self.run.refunding = refunding;
    }

    /// How often the gateway was asked since pay.
    pub fn asked(&self) -> u32 {
        self.run.asked
    }

    /// A request is under way.
    pub fn is_asking(&self) -> bool {
        self.run.asking.is_some() || self.run.paying
    }

    /// When the next round begins, or an open bill's deadline comes first: monotonic ms, if either
    /// is planned.
    pub fn next_round(&self, policy: &Policy) -> Option<i64> {
        let round = (self.run.round_at != i64::MAX).then_some(self.run.round_at);
        round.into_iter().chain(self.next_change(policy)).min()
    }

    /// When following ends, UTC ms by the wall clock.
    pub fn deadline_ms(&self, policy: &Policy) -> i64 {
        let length = policy.waited(&self.bill);
        self.bill.sent.wall_ms.saturating_add(length)
    }
}

impl Run {
    fn new(sent_mono: i64, now: &Now) -> Run {
        Run {
            paying: false,
            asking: None,
            queue: VecDeque::new(),
            row_asked: false,
            status_again: false,
            round_at: i64::MAX,
            interval: super::policy::ROUND_FIRST,
            rounds_since: now.mono_ms,
            sent_mono,
            marks: Marks::new(now.mono_ms),
            revert_at: i64::MIN,
            unspent_before: None,
            revert_tries: 0,
            facts: Facts::default(),
            status_plain: false,
            revert_plain: false,
            asked: 0,
            on_stage: false,
            recovered: false,
            refunding: false,
            settle: None,
            look: super::look::Found::default(),
        }
    }
}
