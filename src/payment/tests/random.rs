//! Random lives: answers, silence, lies, jumps in time, crashes and people in any order keep the
//! invariants. The driver checks I5, I7, I8 and the order of actions at every step.

use super::driver::*;
use crate::domain::bill::PayAnswer;
use crate::domain::gateway::{Lost, PayHost, PayOutcome, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{Channel, Proof, State};
use crate::payment::Event;
use proptest::prelude::*;

/// One thing that happens to a bill.
#[derive(Debug, Clone)]
enum Act {
    /// The hanging pay, or else the question under way, is answered after so many ms.
    Answer(i64, Box<Said>),
    /// Time runs to the next wake.
    Wake,
    /// Time passes unnoticed (a machine that sleeps).
    Sleep(i64),
    Wall(i64),
    Learn(Option<i64>),
    Crash(i64),
    Person(u8),
    Host(u8, i64),
}

#[derive(Debug, Clone)]
struct Said {
    pay: PayOutcome,
    status: StatusOutcome,
    row: RowOutcome,
    revert: RevertOutcome,
    dated: bool,
}

fn pays() -> impl Strategy<Value = PayOutcome> {
    let why = || "x".to_owned();
    prop_oneof![
        3 => Just(waiting()),
        2 => Just(lost()),
        1 => Just(code()),
        1 => Just(PayOutcome::OnlyForm),
        1 => Just(final_refusal()),
        1 => Just(PayOutcome::Unconnected { why: why() }),
        1 => Just(PayOutcome::Refused { code: 5, detail: why() }),
        1 => Just(paid_at_once()),
    ]
}

fn statuses() -> impl Strategy<Value = StatusOutcome> {
    prop_oneof![
        8 => Just(StatusOutcome::NotPaid),
        1 => Just(StatusOutcome::Paid),
        2 => Just(StatusOutcome::NoSuchBill),
        1 => Just(StatusOutcome::ClockOrKey),
        1 => Just(StatusOutcome::ChannelRefused),
        1 => Just(StatusOutcome::Alarm { code: 6, detail: String::new() }),
        3 => Just(silent_status()),
    ]
}

fn rows() -> impl Strategy<Value = RowOutcome> {
    let flag = prop_oneof![Just(None), Just(Some(false)), Just(Some(true))];
    let one = (prop::bool::weighted(0.2), flag.clone(), flag).prop_map(|(paid, rev, refunded)| {
        let mut row = row(paid, rev);
        row.refunded = refunded;
        RowOutcome::Row(row)
    });
    prop_oneof![
        4 => one,
        4 => Just(unpaid()),
        4 => Just(RowOutcome::Empty),
        1 => Just(RowOutcome::Many(2)),
        3 => Just(silent_row()),
    ]
}

fn revert_answers() -> impl Strategy<Value = RevertOutcome> {
    prop_oneof![
        4 => Just(RevertOutcome::Claimed),
        3 => Just(RevertOutcome::NotDone),
        1 => Just(RevertOutcome::NoSuchBill),
        1 => Just(RevertOutcome::ChannelRefused),
        1 => Just(RevertOutcome::NotRevertible { code: 6, detail: String::new() }),
        1 => Just(RevertOutcome::ClockOrKey),
        1 => Just(RevertOutcome::AlreadyRefunding),
        3 => Just(RevertOutcome::NoAnswer(Lost::Timeout)),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let dated = prop::bool::weighted(0.8);
    (pays(), statuses(), rows(), revert_answers(), dated).prop_map(
        |(pay, status, row, revert, dated)| Said {
            pay,
            status,
            row,
            revert,
            dated,
        },
    )
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        24 => (0i64..4_000, said()).prop_map(|(ms, s)| Act::Answer(ms, Box::new(s))),
        16 => Just(Act::Wake),
        1 => (0i64..400_000).prop_map(Act::Sleep),
        1 => (-4_000_000i64..4_000_000).prop_map(Act::Wall),
        1 => prop::option::of(-4_000_000i64..4_000_000).prop_map(Act::Learn),
        1 => (0i64..200_000).prop_map(Act::Crash),
        2 => (0u8..9).prop_map(Act::Person),
        1 => (0u8..3, 0i64..1_200_000).prop_map(|(h, ms)| Act::Host(h, ms)),
    ]
}

/// What was really said, by the test's own books: a proof must be able to point at it.
#[derive(Default)]
struct Books {
    not_paid: usize,
    empty: usize,
    reverted: usize,
    typed_revert: usize,
    claims: usize,
}

impl Books {
    fn note(&mut self, d: &Drive, said: &Said) {
        match d.asking {
            Some(Asking::Status) => {
                let not = matches!(
                    said.status,
                    StatusOutcome::NotPaid | StatusOutcome::NoSuchBill
                );
                self.not_paid += usize::from(not);
            }
            Some(Asking::Row) => match &said.row {
                RowOutcome::Row(row) if row.reverted == Some(true) => self.reverted += 1,
                RowOutcome::Row(row) if !row.paid => self.not_paid += 1,
                RowOutcome::Empty => self.empty += 1,
                _ => {}
            },
            Some(Asking::Revert) => {
                let silent = matches!(said.revert, RevertOutcome::NoAnswer(_));
                self.typed_revert += usize::from(!silent);
                self.claims += usize::from(said.revert == RevertOutcome::Claimed);
            }
            None => {}
        }
    }

    /// I3: a negative end has a proof that what was said allows.
    fn allow(&self, d: &Drive) {
        let bill = &d.case.bill;
        let negatives = self.not_paid + self.empty;
        match (bill.state, bill.proof) {
            (State::Paid, Some(Proof::Pay | Proof::Status | Proof::Row)) => {}
            (State::Refused, Some(Proof::Refused)) => match &bill.pay {
                PayAnswer::Refused { code, .. } => assert!((1..=6).contains(code)),
                PayAnswer::Final { .. } => {
                    assert!(self.typed_revert > 0 && self.not_paid > 0 && !bill.paid_seen);
                }
                other => panic!("refused on {other:?}"),
            },
            (State::NotSent, Some(Proof::Connect)) => {
                assert!(matches!(bill.pay, PayAnswer::Unconnected { .. }));
            }
            (State::NotSent, Some(Proof::UnknownAtGateway)) => {
                assert!(self.empty >= 2 && self.not_paid > 0 && bill.guard_over);
                assert!(!bill.is_answered() && !bill.row_seen && !bill.paid_seen);
            }
            (State::Reverted, Some(Proof::NoWitness)) => {
                assert!(self.claims >= 2 && self.not_paid >= 2 && bill.guard_over);
                assert!(!bill.paid_seen && !bill.channel.is_bc());
            }
            // A manager may end it on a refunded row.
            (State::Reverted, Some(Proof::Reverted)) => {
                assert!(self.reverted > 0 || bill.returned);
            }
            (State::Expired, Some(Proof::Expired)) => assert!(negatives >= 2),
            other => panic!("no such end: {other:?}"),
        }
    }
}

fn person(n: u8) -> Event {
    let (by, reason) = ("2001".to_owned(), "r".to_owned());
    match n {
        0 => Event::CancelAsked,
        1 => Event::QrShown,
        2 => Event::QrUnshowable,
        3 => Event::QrShownAgain,
        4 => Event::Hinted,
        5 => Event::HandedOver,
        6 => Event::Released { by, reason },
        7 => Event::SettleAsked { by, reason },
        _ => Event::Tick,
    }
}

fn answer(d: &mut Drive, ms: i64, said: Said, books: &mut Books) {
    d.pass(ms);
    d.dated = said.dated;
    // Another host's word may not count: the books bound what could have.
    books.note(d, &said);
    match d.asking {
        _ if d.paying && (d.asking.is_none() || ms % 3 == 0) => {
            let next = (ms % 2 == 0 && d.count(|s| matches!(s, Sent::Pay(_))) < 3)
                .then(|| host(["b", "c"][d.count(|s| matches!(s, Sent::Pay(_))) - 1]));
            d.pay_then(said.pay, next);
        }
        Some(Asking::Status) => d.status(said.status),
        Some(Asking::Row) => d.row(said.row),
        Some(Asking::Revert) => d.revert(said.revert),
        None => {}
    }
}

fn act(d: &mut Drive, act: Act, books: &mut Books) {
    match act {
        Act::Answer(ms, said) => answer(d, ms, *said, books),
        Act::Wake if d.wake.is_some() => d.tick(),
        Act::Wake => {}
        Act::Sleep(ms) => d.pass(ms),
        Act::Wall(ms) => d.now.wall_ms += ms,
        Act::Learn(offset) => d.now.offset_ms = offset,
        Act::Crash(ms) => d.crash(ms),
        Act::Person(n) => d.event(person(n)),
        Act::Host(n, dead_for_ms) => {
            d.host = host(["a", "b", "c"][usize::from(n)]);
            d.pay_host = PayHost {
                configured: dead_for_ms % 5 != 0,
                dead_for_ms,
                others: 2,
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_life_keeps_the_invariants(
        channel in prop::sample::select(Channel::every().collect::<Vec<_>>()),
        list in prop::collection::vec(acts(), 1..160),
    ) {
        let mut d = Drive::start(channel);
        let mut books = Books::default();
        for one in list {
            act(&mut d, one, &mut books);
            if d.state().is_terminal() {
                books.allow(&d);
            }
        }
    }

    /// With the faults ended every bill ends by itself, except those FATE 11 leaves to a manager.
    #[test]
    fn any_life_ends_once_the_gateway_is_well(
        channel in prop::sample::select(Channel::every().collect::<Vec<_>>()),
        list in prop::collection::vec(acts(), 1..80),
        kept in any::<bool>(),
    ) {
        let mut d = Drive::start(channel);
        let mut books = Books::default();
        for one in list {
            act(&mut d, one, &mut books);
        }
        if d.paying {
            d.pay(lost());
        }
        d.host = d.case.bill.host.clone();
        d.pay_host = PayHost::ALIVE;
        d.dated = true;
        let offset = d.date().unwrap_or(0) - d.now.wall_ms;
        d.now.offset_ms = Some(offset);
        d.status = if kept { StatusOutcome::Paid } else { StatusOutcome::NotPaid };
        d.row = if kept { paid() } else { unpaid() };
        d.revert = RevertOutcome::NotDone;
        d.run(d.t() + 40 * 86_400_000, |d| d.state().is_terminal() || d.case.waits_for_manager());
        let over = d.state().is_terminal() || d.case.waits_for_manager();
        prop_assert!(over, "{:?}", d.case.bill);
    }
}
