//! One sale: a till, a gateway, a customer, and everything that goes wrong between them.

use super::faults::{Class, Rng, channel, draw, wrong_amount};
use super::gate::{Outcome, Request};
use super::till::{Attempt, Clocks, HOSTS, Hosts, host, number_of};
use shouyin::domain::bill::{Qr, RevertAnswer};
use shouyin::domain::gateway::{Answer, PayOutcome};
use shouyin::domain::practice::Act;
use shouyin::domain::{Bill, BillNo, Channel, Fen, Host, Proof, SaleId, State, Wallet};
use shouyin::payment::{Action, Case, Event, NewBill, Policy, sale, step};
use shouyin::simulator::core::{Plan, Play};
use shouyin::simulator::params::PayParams;
use shouyin::simulator::{Core, Faults, Merchant};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const START_MS: i64 = 1_795_140_000_000;
const AMOUNT: Fen = Fen(1_234);
const MAX_EVENTS: usize = 80_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Something that will happen.
#[derive(Debug, Clone)]
enum Next {
    Arrive(usize, Host, i64, Box<Request>),
    Deliver(usize, Host, i64, Box<Outcome>, Option<i64>),
    Wake(usize, u64),
    Drawn(usize, bool),
    Scan(usize),
    Cancel(usize),
    Hint(usize),
    Retry,
    Manager,
    ServeNext,
    Faults,
    Well,
    StepWall(i64),
    Start,
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
    pub wrong: u64,
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
        for (end, n) in &other.ends {
            *self.ends.entry(end.clone()).or_default() += n;
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
    }
}

pub struct World {
    rng: Rng,
    class: Class,
    core: Core,
    clocks: Clocks,
    hosts: Hosts,
    policy: Policy,
    attempts: Vec<Attempt>,
    queue: BinaryHeap<Reverse<(i64, u64)>>,
    nexts: BTreeMap<u64, (Option<u32>, Next)>,
    serial: u64,
    /// The process; everything that belongs to an earlier one is dropped.
    epoch: u32,
    up: bool,
    crashy: bool,
    stage: Option<usize>,
    amount_there: Option<Fen>,
    well_at: i64,
    tally: Tally,
    last: Vec<String>,
}

impl World {
    /// Plays one sale to its end and checks it against the gateway's ledger.
    pub fn play(seed: u64, class: Class) -> Tally {
        let mut world = World::new(seed, class);
        world.attempt();
        world.run();
        world.check_end();
        world.tally
    }

    fn new(seed: u64, class: Class) -> World {
        let mut rng = Rng(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xA5A5);
        let t = START_MS;
        let dates = rng.percent(92);
        let wrong = dates && rng.percent(25);
        let wall_error = if wrong {
            rng.between(-7_200_000, 7_200_000)
        } else {
            rng.between(-300, 300)
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
        let well_at = t + rng.between(20_000, 40 * MINUTE);
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
            well_at,
            tally: Tally {
                sales: 1,
                ..Tally::default()
            },
            last: Vec::new(),
        };
        world.plan_the_day(t);
        world
    }

    fn plan_the_day(&mut self, t: i64) {
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
            self.at(at, None, Next::ServeNext);
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

    fn at(&mut self, at: i64, epoch: Option<u32>, next: Next) {
        self.serial += 1;
        self.queue
            .push(Reverse((at.max(self.clocks.t), self.serial)));
        self.nexts.insert(self.serial, (epoch, next));
    }

    /// For this process only.
    fn soon(&mut self, ms: i64, next: Next) {
        self.at(self.clocks.t + ms, Some(self.epoch), next);
    }

    fn say(&mut self, text: impl FnOnce() -> String) {
        if std::env::var_os("SHOUYIN_SIM_SEED").is_some() {
            let line = format!("{:>9} {}", self.clocks.t - START_MS, text());
            eprintln!("{line}");
            self.last.push(line);
        }
    }

    fn run(&mut self) {
        while let Some(Reverse((at, serial))) = self.queue.pop() {
            let (epoch, next) = self.nexts.remove(&serial).unwrap();
            // Wishes to wake of ended processes, and times after everything is over.
            if epoch.is_some_and(|e| e != self.epoch || !self.up)
                && !matches!(next, Next::Arrive(..))
            {
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
        }
    }

    /// Long after the faults ended and the last bill can expire.
    fn horizon(&self) -> i64 {
        let untimed = self
            .attempts
            .iter()
            .any(|a| a.durable.bill_timeout_s.is_none());
        self.well_at + if untimed { 17 * 24 * HOUR } else { 30 * HOUR }
    }

    fn bills(&self) -> Vec<&Bill> {
        self.attempts.iter().map(|a| &a.durable).collect()
    }

    fn happen(&mut self, epoch: Option<u32>, next: Next) {
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
            Next::ServeNext => self.stage = None,
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
        }
    }

    fn faults(&mut self) {
        if self.clocks.t >= self.well_at {
            return;
        }
        self.core.faults = draw(&mut self.rng, self.class);
        self.core.faults.witness_amount = self.amount_there;
        let faults = self.core.faults.clone();
        self.say(|| format!("{faults:?}"));
        let at = self.clocks.t + self.rng.between(5_000, 300_000);
        self.at(at, None, Next::Faults);
    }

    // The till.

    fn attempt(&mut self) {
        let n = self.attempts.len();
        let channel = channel(&mut self.rng);
        let bill_no = BillNo::parse(&format!("2026112001{n:06}ABCD2345")).unwrap();
        let timed = !self.rng.percent(1);
        let new = NewBill {
            bill_no: bill_no.clone(),
            sale: SaleId("S".into()),
            amount: AMOUNT,
            channel,
            title: "店".into(),
            note: String::new(),
            operator: String::new(),
            code_hash: None,
            code_mask: None,
            params_hash: String::new(),
            bill_timeout_s: timed.then_some(361),
            another_by: None,
            host: host(0),
        };
        self.customer(&bill_no, channel);
        let (case, actions) = Case::start(new, &self.clocks.now(), &self.policy);
        self.attempts.push(Attempt {
            durable: case.bill.clone(),
            case: Some(case),
            wake: 0,
            wake_at: None,
            in_flight: 0,
            paid_to: Vec::new(),
            unconnected: false,
            crashed_open: false,
        });
        self.tally.attempts += 1;
        self.stage = Some(n);
        self.say(|| format!("attempt {n} {channel}"));
        if self.rng.percent(25) {
            let at = self.clocks.t + self.rng.between(500, 190_000);
            self.at(at, None, Next::Cancel(n));
        }
        if self.rng.percent(15) {
            let at = self.clocks.t + self.rng.between(500, 900_000);
            self.at(at, None, Next::Hint(n));
        }
        self.act(n, actions);
    }

    /// What the customer with the payment code will do.
    fn customer(&mut self, bill_no: &BillNo, channel: Channel) {
        let t = self.clocks.t;
        let play = match self.rng.below(100) {
            _ if channel.is_qr() => Play::Act(Act::Never),
            0..38 => Play::Act(Act::Pay),
            38..58 => Play::At(t + self.rng.between(3_000, 25_000)),
            58..72 => Play::At(t + self.rng.between(45_000, 75_000)),
            72..82 => Play::At(t + self.rng.between(75_000, 360_000)),
            82..90 => Play::Act(Act::NoMoney),
            _ => Play::Act(Act::Never),
        };
        let plan = Plan {
            play: Some(play),
            network: None,
            faults: None,
        };
        self.core.plan(Some(bill_no), plan);
    }

    fn step(&mut self, i: usize, event: Event) {
        let Some(mut case) = self.attempts[i].case.take().filter(|_| self.up) else {
            return;
        };
        let tag = format!("{event:?}");
        case.set_on_stage(self.stage == Some(i));
        let before = case.bill.state;
        let (case, actions) = step(case, event, &self.clocks.now(), &self.policy);
        let state = case.bill.state;
        assert!(actions.len() <= 6);
        assert_eq!(state.is_terminal(), case.bill.proof.is_some());
        self.say(|| format!("{i} {} -> {state:?} {tag}", before.name()));
        self.attempts[i].case = Some(case);
        if !self.act(i, actions) {
            return;
        }
        self.check_next_step(i);
        if state == State::Paid && before != State::Paid {
            self.paid_twice(i);
        }
    }

    /// I5.
    fn check_next_step(&self, i: usize) {
        let attempt = &self.attempts[i];
        let bill = &attempt.case.as_ref().unwrap().bill;
        assert_eq!(*bill, attempt.durable, "every change is durable");
        let open = !bill.state.is_terminal() || bill.look.is_some();
        let next = attempt.in_flight > 0 || attempt.wake_at.is_some();
        assert!(!open || next, "nothing will ever happen: {bill:?}");
    }

    /// FATE 18: the till tells the later one.
    fn paid_twice(&mut self, i: usize) {
        let other = (0..self.attempts.len())
            .find(|j| *j != i && self.attempts[*j].durable.state == State::Paid);
        if let Some(j) = other {
            let other = self.attempts[j].durable.bill_no.clone();
            self.step(i, Event::OtherPaid { other });
        }
    }

    /// Executes actions in order; false if the process died between two of them.
    fn act(&mut self, i: usize, actions: Vec<Action>) -> bool {
        for action in actions {
            if self.crashy && self.rng.below(1_000) < 6 {
                self.crash();
                return false;
            }
            self.one(i, action);
        }
        true
    }

    fn one(&mut self, i: usize, action: Action) {
        match action {
            Action::Record { bill, .. } => self.record(i, *bill),
            Action::SendPay { host } => self.send_pay(i, host),
            Action::AskStatus { channel } => self.send(i, Request::Status(channel)),
            Action::ReadRow => self.send(i, Request::Row),
            Action::SendRevert { channel } => {
                let reverts = self.attempts[i]
                    .durable
                    .reverts
                    .expect("recorded before it is sent");
                assert_eq!(reverts.last, self.clocks.now().stamp());
                assert_eq!(reverts.answer, RevertAnswer::Unanswered);
                self.send(i, Request::Revert(channel));
            }
            Action::ShowQr { .. } => {
                let shown = !self.rng.percent(4);
                self.soon(30, Next::Drawn(i, shown));
            }
            Action::WakeAt(mono) => {
                assert!(
                    mono > self.clocks.now().mono_ms,
                    "a wish to wake in the past"
                );
                self.attempts[i].wake += 1;
                self.attempts[i].wake_at = Some(mono);
                let wake = self.attempts[i].wake;
                self.at(
                    mono + self.clocks.zero,
                    Some(self.epoch),
                    Next::Wake(i, wake),
                );
            }
            Action::Announce => {
                let attempt = &self.attempts[i];
                let said = attempt.case.as_ref().unwrap().bill.state;
                assert_eq!(attempt.durable.state, said, "I4: durable before it is said");
            }
        }
    }

    fn record(&mut self, i: usize, bill: Bill) {
        let old = &self.attempts[i].durable;
        if old.state.is_terminal() {
            assert_eq!((old.state, old.proof), (bill.state, bill.proof), "I8");
            assert!(
                old.incident.is_none() || old.incident == bill.incident,
                "I8"
            );
        }
        self.attempts[i].durable = bill;
    }

    fn send_pay(&mut self, i: usize, to: Host) {
        let attempt = &mut self.attempts[i];
        let bill = &attempt.durable;
        assert_eq!(
            (bill.state, &bill.host),
            (State::Sent, &to),
            "I2: durable before a byte leaves"
        );
        assert!(
            !attempt.paid_to.contains(&to),
            "I7: pay goes to a host once"
        );
        assert!(
            attempt.paid_to.is_empty() || attempt.unconnected,
            "I7: nothing was sent"
        );
        attempt.unconnected = false;
        attempt.paid_to.push(to.clone());
        let wallet = match bill.channel.wallet() {
            Some(wallet) => wallet,
            None => [Wallet::Alipay, Wallet::Wechat][self.serial as usize % 2],
        };
        let mut params = PayParams::new(bill.bill_no.clone(), bill.channel, bill.amount);
        params.bill_timeout_s = bill.bill_timeout_s.map(i64::from);
        params.auth_code = bill.channel.is_scan().then(|| self.core.fresh_code(wallet));
        self.send_to(i, Some(number_of(&to)), Request::Pay(Box::new(params)), 0);
    }

    fn send(&mut self, i: usize, request: Request) {
        let home = number_of(&self.attempts[i].durable.host);
        let to = self.hosts.route(home, self.clocks.t);
        let waited = if to == Some(home) { 0 } else { 5_000 };
        self.send_to(i, to, request, waited);
    }

    fn send_to(&mut self, i: usize, to: Option<usize>, request: Request, waited: i64) {
        self.attempts[i].in_flight += 1;
        let name = host(to.unwrap_or(0));
        let reached = to.filter(|n| self.hosts.reachable(*n, self.clocks.t));
        if reached.is_none() {
            let outcome = Box::new(request.unreachable());
            let after = self.rng.between(20, 5_000);
            self.soon(after, Next::Deliver(i, name, after, outcome, None));
            return;
        }
        let stamp = self.clocks.now().gateway_ms();
        let way = waited + self.rng.between(10, 300);
        self.soon(
            way,
            Next::Arrive(i, name, stamp + waited, Box::new(request)),
        );
    }

    // The gateway.

    fn arrive(&mut self, epoch: Option<u32>, i: usize, to: Host, stamp: i64, request: Request) {
        let t = self.clocks.t;
        let bill = &self.attempts[i].durable;
        let foreign = to != bill.host && !matches!(request, Request::Pay(_));
        let bill_no = bill.bill_no.clone();
        if matches!(request, Request::Pay(_)) {
            assert!(bill.sent.wall_ms != 0, "I2: the intent is durable");
        }
        let (outcome, after, dated) = if foreign && self.hosts.ignorant {
            (request.ignorant(), 100, true)
        } else {
            request.arrive(&mut self.core, &bill_no, t, stamp, &mut self.rng)
        };
        let date = (dated && self.clocks.dates).then_some(t / 1_000 * 1_000);
        // A process that died since then does not get the answer.
        let next = Next::Deliver(i, to, after, Box::new(outcome), date);
        self.at(t + after, epoch, next);
    }

    fn deliver(&mut self, i: usize, from: Host, took: i64, outcome: Outcome, date: Option<i64>) {
        if let Some(date) = date {
            self.clocks.learn(date, took);
            self.hosts.answered(number_of(&from));
        }
        let t = self.clocks.t;
        let home = number_of(&self.attempts[i].durable.host);
        self.attempts[i].in_flight -= 1;
        let pay_host = self.hosts.pay_host(home, t);
        let answered = |host: Host| (host, date, took as u32);
        let (host, date_ms, took_ms) = answered(from);
        macro_rules! answer {
            ($outcome:expr) => {
                Answer {
                    outcome: $outcome,
                    host,
                    date_ms,
                    took_ms,
                }
            };
        }
        let event = match outcome {
            Outcome::Pay(outcome) => {
                self.attempts[i].unconnected = matches!(outcome, PayOutcome::Unconnected { .. });
                let next = self.attempts[i].paid_to.len();
                Event::PayAnswered {
                    answer: answer!(outcome),
                    next_host: (next < HOSTS).then(|| super::till::host(next)),
                }
            }
            Outcome::Status(outcome) => Event::StatusAnswered {
                answer: answer!(outcome),
                pay_host,
            },
            Outcome::Row(outcome) => Event::RowRead {
                answer: answer!(outcome),
                pay_host,
            },
            Outcome::Revert(outcome) => Event::RevertAnswered {
                answer: answer!(outcome),
            },
        };
        self.step(i, event);
    }

    // People.

    fn drawn(&mut self, i: usize, shown: bool) {
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
    fn scan(&mut self, i: usize) {
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

    fn retry(&mut self) {
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

    fn manager(&mut self) {
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

    // Crashes.

    fn crash(&mut self) {
        self.say(|| "crash".to_owned());
        self.tally.crashes += 1;
        (self.up, self.clocks.offset, self.stage) = (false, None, None);
        self.epoch += 1;
        self.hosts.forget();
        for attempt in &mut self.attempts {
            (attempt.case, attempt.in_flight, attempt.wake_at) = (None, 0, None);
            attempt.crashed_open |= !attempt.durable.state.is_terminal();
        }
        let down = self.rng.between(200, 40_000) * self.rng.pick(&[1, 1, 1, 20]);
        self.at(self.clocks.t + down, None, Next::Start);
    }

    /// The next process takes up everything open and every look that is due.
    fn start(&mut self) {
        self.up = true;
        self.clocks.zero = self.clocks.t - self.rng.between(1, 100_000);
        for i in 0..self.attempts.len() {
            let json = serde_json::to_string(&self.attempts[i].durable).unwrap();
            let bill: Bill = serde_json::from_str(&json).unwrap();
            assert_eq!(bill, self.attempts[i].durable);
            self.attempts[i].case = Some(Case::resume(bill, &self.clocks.now()));
        }
        for i in 0..self.attempts.len() {
            let bill = &self.attempts[i].durable;
            if self.up && (!bill.state.is_terminal() || bill.look.is_some()) {
                self.step(i, Event::Restarted);
            }
        }
    }

    // The end.

    /// What the till says against what the gateway holds.
    fn check_end(&mut self) {
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
            let right = (bill.state == State::Paid) == truth.kept();
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
