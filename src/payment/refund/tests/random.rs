//! Random lives: any order of answers, losses, crashes and refunds made elsewhere, and any sequence
//! of refunds that the balance allows. The driver checks I5, I7, I8 and the order of actions.

use super::driver::*;
use super::model::{Gateway, PAID, Request, Verdict, Wallet};
use crate::domain::gateway::{Listed, RefundOutcome};
use crate::domain::refund::{RefundChannel, RefundState};
use crate::domain::time::Day;
use crate::domain::{Bill, BillNo, Channel, Fen, Now, Proof, Refund, RefundNo, SaleId, State};
use crate::payment::refund::balance::balance;
use crate::payment::refund::{Event, LookBy, NewRefund};
use proptest::prelude::*;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Act {
    /// A refund is ordered, of so many thousandths of what is left.
    Order(i64),
    /// The send under way ends.
    Deliver(Delivery),
    /// The question under way is answered after so many ms; 0: honestly, 1: not, 2: 13 for nothing.
    Reply(i64, u8),
    Wake,
    Sleep(i64),
    Wall(i64),
    Learn(Option<i64>),
    /// The process dies, and comes up so much later; what it sent may arrive.
    Crash(i64, Delivery),
    /// master_secret is opened or sealed.
    Sign(bool),
    Hint,
    /// Another till refunds so many thousandths of what is left.
    Elsewhere(i64, bool),
    Finish(bool),
}

#[derive(Debug, Clone)]
struct Delivery {
    verdict: Verdict,
    /// It arrives after so many ms; not at all.
    arrives: Option<i64>,
    /// Its answer arrives too.
    answered: bool,
    lag: i64,
}

struct World {
    gateway: Gateway,
    /// The refund that is under way, or was last.
    d: Option<Drive>,
    here: Vec<Refund>,
    bill: Bill,
    now: Now,
    /// The world's time when `d` began.
    base: i64,
    serial: u32,
}

impl World {
    fn new(channel: RefundChannel, checks: bool) -> World {
        let bill_no = BillNo::parse(BILL).unwrap();
        let now = clock(START_MS);
        let sale = SaleId("S1".into());
        let mut bill = Bill::sent(
            bill_no,
            sale,
            Fen(PAID),
            Channel::AliScan,
            host("a"),
            now.stamp(),
        );
        (bill.state, bill.proof) = (State::Paid, Some(Proof::Pay));
        World {
            gateway: Gateway::new(channel, checks),
            d: None,
            here: Vec::new(),
            bill,
            now,
            base: 0,
            serial: 0,
        }
    }

    fn t(&self) -> i64 {
        self.base + self.d.as_ref().map_or(0, Drive::t)
    }

    fn is_open(&self) -> bool {
        self.d.as_ref().is_some_and(|d| !d.state().is_terminal())
    }

    /// Everything this ledger holds.
    fn refunds(&self) -> Vec<Refund> {
        let last = self.d.as_ref().map(|d| d.durable.clone());
        self.here.iter().cloned().chain(last).collect()
    }

    fn order(&mut self, permille: i64) {
        let t = self.t();
        self.gateway.pass(t);
        let here = self.refunds();
        let done = here.iter().filter(|r| r.state == RefundState::Succeeded);
        self.bill.refunded = Fen(done.map(|r| r.fee.0).sum());
        let rows = self.gateway.rows(None, t);
        let row = self.gateway.bill();
        let Ok(left) = balance(Some(&self.bill), &row, &here, &rows, false) else {
            return;
        };
        assert!(!self.is_open(), "one refund in flight a bill");
        if let Some(d) = self.d.take() {
            self.base += d.t();
            self.now = d.now;
            self.here.push(d.durable);
        }
        self.serial += 1;
        let day = Day::of(self.now.gateway_ms()).compact();
        let number = format!("{day}01{:06}ABCD2345", self.serial);
        let new = NewRefund {
            refund_no: RefundNo::parse(&number).unwrap(),
            fee: Fen(1 + (left.refundable.0 - 1) * permille / 1000),
            ..new_refund(self.gateway.channel)
        };
        self.d = Some(Drive::at(new, self.now));
    }

    /// The request under way, as the network treats it.
    fn request(&self, delivery: &Delivery) -> Option<Request> {
        let d = self.d.as_ref().filter(|d| d.sending)?;
        Some(Request {
            number: d.durable.refund_no.as_str().to_owned(),
            fee: d.durable.fee.0,
            verdict: delivery.verdict,
            lag: delivery.lag,
        })
    }

    fn deliver(&mut self, delivery: &Delivery) {
        let Some(request) = self.request(delivery) else {
            return;
        };
        let t = self.t();
        let outcome = match (delivery.arrives, delivery.answered) {
            (None, true) => unconnected(),
            (Some(ms), true) => {
                self.pass(ms);
                self.gateway.arrive(request, t + ms)
            }
            (arrives, false) => {
                let coming = arrives.map(|ms| (t + ms, request));
                self.gateway.coming.extend(coming);
                self.pass(30_000);
                lost()
            }
        };
        self.answered(outcome);
    }

    fn answered(&mut self, outcome: RefundOutcome) {
        let Some(d) = &mut self.d else { return };
        // Signed out meanwhile: nothing goes to the next host.
        let first = d.sends() == 1;
        let next = (first && d.can_send).then(|| host("b"));
        let said = match outcome {
            // WX: true and false mean the same.
            RefundOutcome::Done if d.t() % 2 == 0 && d.durable.channel == RefundChannel::Wx => {
                RefundOutcome::Processing
            }
            other => other,
        };
        d.host = d.durable.host.clone();
        d.answered_then(said, next);
    }

    fn reply(&mut self, ms: i64, how: u8) {
        self.pass(ms);
        let t = self.t();
        let Some(d) = &mut self.d else { return };
        let number = d.durable.refund_no.as_str().to_owned();
        let by = match d.asking {
            Some(Sent::LookUp(LookBy::RefundNo)) => Some(number.as_str()),
            _ => None,
        };
        let rows = self.gateway.rows(by, t);
        d.listed = match how {
            1 => silent(),
            2 if rows.is_empty() => Listed::NoSuch,
            _ => Listed::Here(rows),
        };
        d.of_bill = d.listed.clone();
        d.status = match how {
            1 => no_status(),
            _ => self.gateway.status(&number),
        };
        d.bill = match how {
            1 => {
                crate::domain::gateway::RowOutcome::NoAnswer(crate::domain::gateway::Lost::Timeout)
            }
            _ => self.gateway.bill(),
        };
        d.host = d.durable.host.clone();
        if d.asking.is_some() {
            d.reply();
        }
    }

    fn pass(&mut self, ms: i64) {
        match &mut self.d {
            Some(d) => d.pass(ms),
            None => {
                self.base += ms;
                self.now.mono_ms += ms;
                self.now.wall_ms += ms;
            }
        }
        let t = self.t();
        self.gateway.pass(t);
    }

    fn clocks(&mut self, set: impl Fn(&mut Now)) {
        match &mut self.d {
            Some(d) => set(&mut d.now),
            None => set(&mut self.now),
        }
    }

    fn crash(&mut self, ms: i64, delivery: &Delivery) {
        if let (Some(request), Some(after)) = (self.request(delivery), delivery.arrives) {
            self.gateway.coming.push((self.t() + after, request));
        }
        if let Some(d) = &mut self.d {
            d.crash(ms);
        }
        self.pass(0);
    }

    fn elsewhere(&mut self, permille: i64, finished: bool, only_idle: bool) {
        self.pass(0);
        let left = PAID - self.gateway.taken();
        if left <= 0 || (only_idle && (self.is_open() || !self.gateway.coming.is_empty())) {
            return;
        }
        self.serial += 1;
        self.gateway.held.push(super::model::Held {
            number: format!("elsewhere{}", self.serial),
            fee: 1 + (left - 1) * permille / 1000,
            wallet: match finished {
                true => Wallet::Refunded,
                false => Wallet::Pending,
            },
            visible_at: 0,
        });
    }

    fn act(&mut self, act: Act, only_idle: bool) {
        match act {
            Act::Order(permille) => self.order(permille),
            Act::Deliver(delivery) => self.deliver(&delivery),
            Act::Reply(ms, how) => self.reply(ms, how),
            Act::Wake => {
                if let Some(d) = self.d.as_mut().filter(|d| d.wake.is_some()) {
                    d.tick();
                }
            }
            Act::Sleep(ms) => self.pass(ms),
            Act::Wall(ms) => self.clocks(|now| now.wall_ms += ms),
            Act::Learn(offset) => self.clocks(|now| now.offset_ms = offset),
            Act::Crash(ms, delivery) => self.crash(ms, &delivery),
            Act::Sign(open) => {
                if let Some(d) = &mut self.d {
                    d.can_send = open;
                }
            }
            Act::Hint => {
                if let Some(d) = &mut self.d {
                    d.event(Event::Hinted);
                }
            }
            Act::Elsewhere(permille, finished) => self.elsewhere(permille, finished, only_idle),
            Act::Finish(refunded) => self.gateway.finish(refunded),
        }
        self.pass(0);
        self.check();
    }

    fn check(&self) {
        // I6: whatever happened, the truth is never beyond what was paid.
        let taken = self.gateway.taken();
        assert!(taken <= PAID, "{taken} of {PAID}: {:?}", self.gateway.held);
        for refund in self.refunds() {
            let number = refund.refund_no.as_str();
            let there = self.gateway.find(number).map(|h| h.wallet);
            match refund.state {
                RefundState::Succeeded => assert_eq!(there, Some(Wallet::Refunded)),
                RefundState::Failed => assert_eq!(there, Some(Wallet::Failed)),
                // I3: never called "not refunded" while the gateway has it, or may yet get it.
                RefundState::Refused | RefundState::NotSent => {
                    let coming = self.gateway.coming.iter().any(|(_, r)| r.number == number);
                    assert!(!coming && there.is_none(), "{refund:?} is {there:?}");
                }
                _ => {}
            }
        }
        // I7: one number an order.
        let ours = |h: &&super::model::Held| !h.number.starts_with("elsewhere");
        let numbers: Vec<&str> = self
            .gateway
            .held
            .iter()
            .filter(ours)
            .map(|h| h.number.as_str())
            .collect();
        assert!(numbers.len() <= self.refunds().len());
    }
}

fn deliveries() -> impl Strategy<Value = Delivery> {
    let verdict = prop_oneof![
        4 => Just(Verdict::Takes(Wallet::Refunded)),
        4 => Just(Verdict::Takes(Wallet::Pending)),
        1 => Just(Verdict::Refuses(5)),
        1 => Just(Verdict::Refuses(9)),
        1 => Just(Verdict::Fails(7)),
        1 => Just(Verdict::Fails(14)),
    ];
    let arrives = prop::option::weighted(0.7, 0i64..30_000);
    (verdict, arrives, prop::bool::weighted(0.4), 0i64..59_000).prop_map(
        |(verdict, arrives, answered, lag)| Delivery {
            verdict,
            arrives,
            answered,
            lag,
        },
    )
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0i64..=1000).prop_map(Act::Order),
        8 => deliveries().prop_map(Act::Deliver),
        24 => (0i64..4_000, prop_oneof![8 => Just(0u8), 2 => Just(1), 1 => Just(2)])
            .prop_map(|(ms, how)| Act::Reply(ms, how)),
        24 => Just(Act::Wake),
        2 => (0i64..900_000).prop_map(Act::Sleep),
        1 => (0i64..3 * DAY).prop_map(Act::Sleep),
        1 => (-4_000_000i64..4_000_000).prop_map(Act::Wall),
        1 => prop::option::of(-4_000_000i64..4_000_000).prop_map(Act::Learn),
        2 => (0i64..200_000, deliveries()).prop_map(|(ms, d)| Act::Crash(ms, d)),
        2 => any::<bool>().prop_map(Act::Sign),
        2 => Just(Act::Hint),
        2 => (0i64..600, any::<bool>()).prop_map(|(p, f)| Act::Elsewhere(p, f)),
        3 => any::<bool>().prop_map(Act::Finish),
    ]
}

fn channels() -> impl Strategy<Value = RefundChannel> {
    prop::sample::select(vec![
        RefundChannel::Ali,
        RefundChannel::Wx,
        RefundChannel::Bc,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The gateway does not check the balance: only our own care keeps I6. Others refund while
    /// none of ours is under way, since between reading and sending nobody could know.
    #[test]
    fn i6_refunds_never_exceed_what_was_paid(
        channel in channels(),
        list in prop::collection::vec(acts(), 1..200),
    ) {
        let mut world = World::new(channel, false);
        for one in list {
            world.act(one, true);
        }
    }

    /// Others refund at any moment; the gateway answers 12 where it must.
    #[test]
    fn any_life_keeps_the_invariants(
        channel in channels(),
        list in prop::collection::vec(acts(), 1..200),
    ) {
        let mut world = World::new(channel, true);
        for one in list {
            world.act(one, false);
        }
    }

    /// With the faults ended every refund ends by itself.
    #[test]
    fn any_life_ends_once_the_gateway_is_well(
        channel in channels(),
        list in prop::collection::vec(acts(), 1..80),
        refunded in any::<bool>(),
    ) {
        let mut world = World::new(channel, true);
        world.act(Act::Order(300), false);
        for one in list {
            world.act(one, false);
        }
        let well = Delivery {
            verdict: Verdict::Takes(Wallet::Refunded),
            arrives: Some(100),
            answered: true,
            lag: 1_000,
        };
        let mut steps = 0;
        while world.is_open() && steps < 2_000 {
            steps += 1;
            while world.gateway.held.iter().any(|h| h.wallet == Wallet::Pending) {
                world.gateway.finish(refunded);
            }
            let d = world.d.as_ref().unwrap();
            let act = match (d.sending, d.asking.is_some()) {
                (true, _) => Act::Deliver(well.clone()),
                (_, true) => Act::Reply(50, 0),
                _ => Act::Wake,
            };
            world.act(act, false);
        }
        prop_assert!(!world.is_open(), "{:?}", world.d.map(|d| d.case));
    }
}
