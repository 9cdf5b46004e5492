//! One sale: a till, a gateway, a customer, and everything that goes wrong between them.

use super::desk::{Desk, DeskNext, before_midnight};
use super::faults::{Class, Rng, draw, lies_paid, lies_unpaid, wrong_amount};
use super::gate::{Outcome, Request};
use super::till::{Attempt, Clocks, HOSTS, Hosts};
use shouyin::domain::{Bill, Fen, Host};
use shouyin::payment::{Event, Policy};
use shouyin::simulator::{Core, Faults, Merchant};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

pub const START_MS: i64 = 1_795_140_000_000;
pub const AMOUNT: Fen = Fen(1_234);
const MAX_EVENTS: usize = 80_000;
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// Something that will happen.
#[derive(Debug, Clone)]
pub enum Next {
    Arrive(usize, Host, i64, Box<Request>),
    Deliver(usize, Host, i64, Box<Outcome>, Option<i64>),
    Wake(usize, u64),
    Drawn(usize, bool),
    Scan(usize),
    Cancel(usize),
    Hint(usize),
    Retry,
    Manager,
    ServeAnother,
    Faults,
    Well,
    StepWall(i64),
    Start,
    Desk(DeskNext),
}

/// What many sales came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub sales: u64,
    pub attempts: u64,
    pub crashes: u64,
    pub events: u64,
    pub incidents: u64,
    pub settled: u64,
    pub ends: BTreeMap<String, u64>,
    /// Not what the gateway holds, and nothing says so.
    pub wrong: u64,
    /// Said paid, not held, found by a look: an incident.
    pub not_paid_after_all: u64,
    /// Said not charged, held, found by a look: an incident.
    pub paid_after_all: u64,
    pub orders: u64,
    /// Blocked, too much, not approved, or given up.
    pub not_placed: u64,
    pub elsewhere: u64,
    /// By FATE 11, on a refund that somebody else made.
    pub ended_as_refunded: u64,
    pub words: u64,
    pub refund_sends: u64,
    pub refund_resends: u64,
    pub refund_ends: BTreeMap<String, u64>,
    /// What sends were answered with.
    pub refund_codes: BTreeMap<i64, u64>,
    /// Ended on another day than the one they are dated.
    pub over_midnight: u64,
    pub refund_incidents: u64,
    /// Ended otherwise than the gateway holds it, found by a look: an incident.
    pub refunds_found_out: u64,
    /// And nothing says so.
    pub refunds_wrong: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.sales += other.sales;
        self.attempts += other.attempts;
        self.crashes += other.crashes;
        self.events += other.events;
        self.incidents += other.incidents;
        self.settled += other.settled;
        self.wrong += other.wrong;
        self.not_paid_after_all += other.not_paid_after_all;
        self.paid_after_all += other.paid_after_all;
        self.orders += other.orders;
        self.not_placed += other.not_placed;
        self.elsewhere += other.elsewhere;
        self.ended_as_refunded += other.ended_as_refunded;
        self.words += other.words;
        self.refund_sends += other.refund_sends;
        self.refund_resends += other.refund_resends;
        self.over_midnight += other.over_midnight;
        self.refund_incidents += other.refund_incidents;
        self.refunds_found_out += other.refunds_found_out;
        self.refunds_wrong += other.refunds_wrong;
        for (end, n) in &other.ends {
            *self.ends.entry(end.clone()).or_default() += n;
        }
        for (end, n) in &other.refund_ends {
            *self.refund_ends.entry(end.clone()).or_default() += n;
        }
        for (code, n) in &other.refund_codes {
            *self.refund_codes.entry(*code).or_default() += n;
        }
    }

    /// Every end is reached: a simulation that plays only sunny days proves nothing.
    pub fn is_lively(&self) {
        for end in [
            "paid pay",
            "paid status",
            "paid row",
            "refused refused",
            "not_sent connect",
            "not_sent unknown_at_gateway",
            "reverted reverted",
            "reverted no_witness",
            "expired expired",
        ] {
            let n = self.ends.get(end).copied().unwrap_or(0);
            assert!(
                n * 2_000 > self.sales,
                "{end} was reached {n} times: {self:?}"
            );
        }
        assert!(self.crashes * 20 > self.sales && self.attempts > self.sales);
        self.desk_is_lively();
    }

    fn desk_is_lively(&self) {
        for end in [
            "succeeded answer",
            "succeeded row",
            "succeeded status",
            "failed row",
            "failed status",
            "refused refused",
            "not_sent unknown_at_gateway",
            "not_sent connect",
            "processing ",
        ] {
            let n = self.refund_ends.get(end).copied().unwrap_or(0);
            assert!(n * 4_000 > self.sales, "{end} came {n} times: {self:?}");
        }
        let raced = |code| self.refund_codes.get(&code).copied().unwrap_or(0);
        assert!(
            raced(11) * 4_000 > self.sales && raced(12) * 4_000 > self.sales,
            "{self:?}"
        );
        let some = [
            self.refund_resends * 20,
            self.elsewhere,
            self.words,
            self.refund_incidents * 10,
            self.over_midnight * 10,
        ];
        assert!(some.iter().all(|n| n * 100 > self.sales), "{self:?}");
    }
}

pub struct World {
    pub rng: Rng,
    pub class: Class,
    pub core: Core,
    pub clocks: Clocks,
    pub hosts: Hosts,
    pub policy: Policy,
    pub attempts: Vec<Attempt>,
    pub queue: BinaryHeap<Reverse<(i64, u64)>>,
    pub nexts: BTreeMap<u64, (Option<u32>, Next)>,
    pub serial: u64,
    /// The process; everything that belongs to an earlier one is dropped.
    pub epoch: u32,
    pub up: bool,
    pub crashy: bool,
    pub stage: Option<usize>,
    pub amount_there: Option<Fen>,
    /// The gateway may have said paid, or unpaid, against the truth.
    pub lies: (bool, bool),
    pub well_at: i64,
    /// Refunds, and who orders them.
    pub desk: Desk,
    pub tally: Tally,
    pub last: Vec<String>,
}

impl World {
    /// Plays one sale to its end and checks it against the gateway's ledger.
    pub fn play(seed: u64, class: Class) -> Tally {
        let mut world = World::new(seed, class);
        world.attempt();
        world.run();
        world.check_end();
        world.check_refunds_end();
        world.tally
    }

    pub(super) fn new(seed: u64, class: Class) -> World {
        let mut rng = Rng(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xA5A5);
        let (with_desk, late) = (rng.percent(50), rng.percent(40));
        let t = match with_desk && late {
            true => before_midnight(&mut rng),
            false => START_MS,
        };
        let dates = rng.percent(92);
        let wall_error = match rng.below(100) {
            0..25 if dates => rng.between(-7_200_000, 7_200_000),
            25..50 => rng.between(-200_000, 200_000),
            _ => rng.between(-300, 300),
        };
        let known = rng.percent(60);
        let clocks = Clocks {
            t,
            zero: t - rng.between(1, 1_000_000),
            wall_error,
            offset: (dates && known).then_some(-wall_error),
            dates,
        };
        let mut core = Core::new(Merchant::default(), rng.next());
        core.wechat_certificate = rng.percent(90);
        let hosts = Hosts::new(&mut rng, t);
        let long = with_desk && rng.percent(15);
        let well_at = t + rng.between(20_000, if long { 26 * HOUR } else { 40 * MINUTE });
        let (crashy, amount_there) = (rng.percent(40), wrong_amount(&mut rng));
        let mut world = World {
            rng,
            class,
            core,
            clocks,
            hosts,
            policy: Policy::default(),
            attempts: Vec::new(),
            queue: BinaryHeap::new(),
            nexts: BTreeMap::new(),
            serial: 0,
            epoch: 0,
            up: true,
            crashy,
            stage: None,
            amount_there,
            lies: (false, false),
            well_at,
            desk: Desk::default(),
            tally: Tally {
                sales: 1,
                ..Tally::default()
            },
            last: Vec::new(),
        };
        if with_desk {
            world.plan_the_desk(t);
        }
        world.plan_the_day(t);
        world
    }

    pub(super) fn plan_the_day(&mut self, t: i64) {
        self.core.faults.witness_amount = self.amount_there;
        if self.rng.percent(75) {
            self.faults();
        }
        self.at(self.well_at, None, Next::Well);
        let mut step_at = t;
        while self.clocks.dates && self.rng.percent(12) && step_at < self.well_at {
            step_at += self.rng.between(1_000, 200_000);
            let by = self.rng.between(-4_000_000, 4_000_000);
            self.at(step_at, None, Next::StepWall(by));
        }
        if self.rng.percent(20) {
            let at = t + self.rng.between(1_000, 60_000);
            self.at(at, None, Next::ServeAnother);
        }
        let mut at = t;
        for _ in 0..6 {
            at += self.rng.between(5_000, 90_000);
            self.at(at, None, Next::Retry);
        }
        for minutes in [20, 40, 60] {
            self.at(self.well_at + minutes * MINUTE, None, Next::Manager);
        }
    }

    pub(super) fn at(&mut self, at: i64, epoch: Option<u32>, next: Next) {
        self.serial += 1;
        self.queue
            .push(Reverse((at.max(self.clocks.t), self.serial)));
        self.nexts.insert(self.serial, (epoch, next));
    }

    /// For this process only.
    pub(super) fn soon(&mut self, ms: i64, next: Next) {
        self.at(self.clocks.t + ms, Some(self.epoch), next);
    }

    pub(super) fn say(&mut self, text: impl FnOnce() -> String) {
        if std::env::var_os("SHOUYIN_SIM_SEED").is_some() {
            let line = format!("{:>9} {}", self.clocks.t - START_MS, text());
            eprintln!("{line}");
            self.last.push(line);
        }
    }

    pub(super) fn run(&mut self) {
        while let Some(Reverse((at, serial))) = self.queue.pop() {
            let (epoch, next) = self.nexts.remove(&serial).unwrap();
            // Wishes to wake of ended processes, and times after everything is over.
            let on_its_way = matches!(next, Next::Arrive(..) | Next::Desk(DeskNext::Arrive(..)));
            if epoch.is_some_and(|e| e != self.epoch || !self.up) && !on_its_way {
                continue;
            }
            self.clocks.t = at;
            self.tally.events += 1;
            assert!(
                self.tally.events < MAX_EVENTS as u64,
                "no end: {:?}",
                self.bills()
            );
            assert!(
                at < self.horizon(),
                "after days of health still open: {:?}",
                self.bills()
            );
            self.happen(epoch, next);
            self.check_money();
            if self.only_wallets_are_awaited() {
                break;
            }
        }
    }

    /// Long after the faults ended and the last bill can expire.
    pub(super) fn horizon(&self) -> i64 {
        let untimed = self
            .attempts
            .iter()
            .any(|a| a.durable.bill_timeout_s.is_none());
        let bills = self.well_at + if untimed { 17 * 24 * HOUR } else { 30 * HOUR };
        bills.max(self.desk.end_at + 30 * HOUR)
    }

    pub(super) fn bills(&self) -> Vec<&Bill> {
        self.attempts.iter().map(|a| &a.durable).collect()
    }

    pub(super) fn happen(&mut self, epoch: Option<u32>, next: Next) {
        match next {
            Next::Arrive(i, host, stamp, request) => self.arrive(epoch, i, host, stamp, *request),
            Next::Deliver(i, host, took, outcome, date) => {
                self.deliver(i, host, took, *outcome, date)
            }
            Next::Wake(i, wake) => {
                if self.attempts[i].wake == wake {
                    self.attempts[i].wake_at = None;
                    self.step(i, Event::Tick);
                }
            }
            Next::Drawn(i, shown) => self.drawn(i, shown),
            Next::Scan(i) => self.scan(i),
            Next::Cancel(i) => self.step(i, Event::CancelAsked),
            Next::Hint(i) => self.step(i, Event::Hinted),
            Next::Retry => self.retry(),
            Next::Manager => self.manager(),
            Next::ServeAnother => self.stage = None,
            Next::Faults => self.faults(),
            Next::Well => {
                self.core.faults = Faults {
                    witness_amount: self.amount_there,
                    ..Faults::default()
                };
                self.hosts.down = [(0, 0); HOSTS];
                self.crashy = false;
                self.say(|| "all is well".to_owned());
            }
            Next::StepWall(by) => self.clocks.wall_error += by,
            Next::Start => self.start(),
            Next::Desk(next) => self.desk_happens(epoch, next),
        }
    }

    pub(super) fn faults(&mut self) {
        if self.clocks.t >= self.well_at {
            return;
        }
        self.core.faults = draw(&mut self.rng, self.class, self.desk.twice);
        self.lies.0 |= lies_paid(&self.core.faults);
        self.lies.1 |= lies_unpaid(&self.core.faults);
        self.core.faults.witness_amount = self.amount_there;
        let faults = self.core.faults.clone();
        self.say(|| format!("{faults:?}"));
        let at = self.clocks.t + self.rng.between(5_000, 300_000);
        self.at(at, None, Next::Faults);
    }
}
