//! The till of the simulation: its attempts, its steps, its actions in order, its requests.

use super::faults::channel;
use super::gate::{Outcome, Request};
use super::till::{Attempt, HOSTS, host, number_of};
use shouyin::domain::bill::RevertAnswer;
use shouyin::domain::gateway::{Answer, PayOutcome};
use shouyin::domain::practice::Act;
use shouyin::domain::{Bill, BillNo, Channel, Host, SaleId, State, Wallet};
use shouyin::payment::{Action, Case, Event, NewBill, step};
use shouyin::simulator::core::{Plan, Play};
use shouyin::simulator::params::PayParams;

use super::world::{AMOUNT, Next, World};

impl World {
    pub(super) fn attempt(&mut self) {
        let n = self.attempts.len();
        let channel = channel(&mut self.rng);
        let bill_no = BillNo::parse(&format!("2026112001{n:06}ABCD2345")).unwrap();
        let timed = !self.rng.percent(1);
        let new = NewBill {
            bill_no: bill_no.clone(),
            sale: SaleId("S".into()),
            amount: AMOUNT,
            channel,
            link: channel.is_link(),
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
    pub(super) fn customer(&mut self, bill_no: &BillNo, channel: Channel) {
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

    pub(super) fn step(&mut self, i: usize, event: Event) {
        let Some(mut case) = self.attempts[i].case.take().filter(|_| self.up) else {
            return;
        };
        let tag = format!("{event:?}");
        case.set_on_stage(self.stage == Some(i));
        case.set_refunding(self.is_refunding(i));
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
    pub(super) fn check_next_step(&self, i: usize) {
        let attempt = &self.attempts[i];
        let bill = &attempt.case.as_ref().unwrap().bill;
        assert_eq!(*bill, attempt.durable, "every change is durable");
        let open = !bill.state.is_terminal() || bill.look.is_some();
        let next = attempt.in_flight > 0 || attempt.wake_at.is_some();
        assert!(!open || next, "nothing will ever happen: {bill:?}");
    }

    /// FATE 18: the till tells the later one.
    pub(super) fn paid_twice(&mut self, i: usize) {
        let other = (0..self.attempts.len())
            .find(|j| *j != i && self.attempts[*j].durable.state == State::Paid);
        if let Some(j) = other {
            let other = self.attempts[j].durable.bill_no.clone();
            self.step(i, Event::OtherPaid { other });
        }
    }

    /// Executes actions in order; false if the process died between two of them.
    pub(super) fn act(&mut self, i: usize, actions: Vec<Action>) -> bool {
        for action in actions {
            if self.crashy && self.rng.below(1_000) < 6 {
                self.crash();
                return false;
            }
            self.one(i, action);
        }
        true
    }

    pub(super) fn one(&mut self, i: usize, action: Action) {
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

    pub(super) fn record(&mut self, i: usize, bill: Bill) {
        let old = &self.attempts[i].durable;
        if old.state.is_terminal() {
            assert_eq!((old.state, old.proof), (bill.state, bill.proof), "I8");
            assert!(
                old.incident.is_none()
                    || old.incident == bill.incident
                    || (old.settlement.is_some() && bill.incident.is_some()),
                "I8"
            );
        }
        self.attempts[i].durable = bill;
    }

    pub(super) fn send_pay(&mut self, i: usize, to: Host) {
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

    pub(super) fn send(&mut self, i: usize, request: Request) {
        let home = number_of(&self.attempts[i].durable.host);
        let to = self.hosts.route(home, self.clocks.t);
        let waited = if to == Some(home) { 0 } else { 5_000 };
        self.send_to(i, to, request, waited);
    }

    pub(super) fn send_to(&mut self, i: usize, to: Option<usize>, request: Request, waited: i64) {
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

    pub(super) fn arrive(
        &mut self,
        epoch: Option<u32>,
        i: usize,
        to: Host,
        stamp: i64,
        request: Request,
    ) {
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

    pub(super) fn deliver(
        &mut self,
        i: usize,
        from: Host,
        took: i64,
        outcome: Outcome,
        date: Option<i64>,
    ) {
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
}
