//! The manager's desk of the simulation: who signs in, what is refunded here and elsewhere, and
//! what managers say about contradictions.

use super::desk_gate::{Ask, Said};
use super::faults::Rng;
use super::refunds::{For, Held};
use super::till::number_of;
use super::world::{AMOUNT, HOUR, Next, START_MS, World};
use shouyin::domain::bill::{IncidentKind, Settled};
use shouyin::domain::config::RefundSettings;
use shouyin::domain::gateway::{Listed, RefundRow, Row, RowOutcome};
use shouyin::domain::practice::RefundAct;
use shouyin::domain::refund::RefundChannel;
use shouyin::domain::time::Day;
use shouyin::domain::{Bill, Channel, Fen, Host, Refund, RefundNo, State, Wallet};
use shouyin::payment::Event as BillEvent;
use shouyin::payment::refund::balance::{Balance, alone_up_to, balance, second_manager};
use shouyin::payment::refund::{Action, Event, LookBy, NewRefund, RefundCase};
use shouyin::simulator::params::RefundParams;
use shouyin::simulator::{RefundPlan, RefundRowFault, Transport};

use super::world::MINUTE;

/// 2026-11-21 00:00 in Shanghai.
const MIDNIGHT_MS: i64 = START_MS + 14 * HOUR;
const DAY_MS: i64 = 24 * HOUR;

/// Something that will happen at the desk.
#[derive(Debug, Clone)]
pub enum DeskNext {
    Arrive(For, Host, i64, Box<Ask>),
    Deliver(For, Host, i64, Box<Said>, Option<i64>),
    Wake(usize, u64),
    Order,
    SignIn,
    SignOut,
    Elsewhere,
    Words,
    Hint,
    /// The wallets end what they still hold, or never will.
    WalletsEnd,
}

/// How much is wanted back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Part(i64),
    Rest,
    Whole,
    TooMuch(i64),
}

/// An order that is being prepared.
#[derive(Debug, Clone)]
pub struct Order {
    pub bill: usize,
    want: Want,
    by_command: bool,
    row: Option<RowOutcome>,
    /// What others had taken, as far as the rows that were read could show it (分).
    taken_elsewhere: Option<Fen>,
}

/// Everything about refunds that the simulated till and its people keep.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    pub signed_in: bool,
    pub refunds: Vec<Held>,
    pub orders: Vec<Order>,
    /// Attempts whose next refund is being prepared (FATE 20: one at a time).
    preparing: Vec<usize>,
    serial: u32,
    pub settings: RefundSettings,
    /// A repeated refund_no moves money a second time: only FATE 21 stands in the way.
    pub twice: bool,
    /// Some wallets take days.
    slow: bool,
    /// Nothing new happens from then on, gateway ms; 0: no desk.
    pub end_at: i64,
}

impl Desk {
    /// The process is gone; what was recorded stays.
    pub fn forget(&mut self) {
        self.signed_in = false;
        self.preparing.clear();
        self.refunds.iter_mut().for_each(Held::forget);
    }
}

/// When some sales begin: minutes before midnight in Shanghai.
pub fn before_midnight(rng: &mut Rng) -> i64 {
    MIDNIGHT_MS - rng.between(1_000, 10 * MINUTE)
}

fn settings(rng: &mut Rng, once_only: bool) -> RefundSettings {
    let limited = |rng: &mut Rng| rng.percent(25).then(|| Fen(rng.between(300, 3_000)));
    RefundSettings {
        once_only,
        need_approval: false,
        max_per_refund: limited(rng),
        max_per_shift: limited(rng),
        max_age_days: rng.percent(10).then_some(1),
    }
}

impl World {
    pub(super) fn plan_the_desk(&mut self, t: i64) {
        self.core.one_refund_a_bill = self.rng.percent(12);
        self.core.wechat_refunds_end_at_status = self.rng.percent(70);
        // The settings may say otherwise than the merchant's channel does.
        let once_only = match self.rng.percent(80) {
            true => self.core.one_refund_a_bill,
            false => self.rng.percent(50),
        };
        self.desk.settings = settings(&mut self.rng, once_only);
        self.desk.signed_in = self.rng.percent(50);
        self.desk.twice = self.rng.percent(40);
        self.desk.slow = self.rng.percent(12);
        let mut last = self.well_at;
        for _ in 0..self.rng.between(1, 7) {
            last = last.max(self.some_time(t, DeskNext::Order));
        }
        let happen = [
            (35, 2, DeskNext::Elsewhere),
            (60, 3, DeskNext::SignOut),
            (60, 2, DeskNext::SignIn),
            (70, 4, DeskNext::Words),
            (60, 4, DeskNext::Hint),
        ];
        for (percent, most, next) in happen {
            for _ in 0..self.rng.between(1, most) {
                if self.rng.percent(percent) {
                    last = last.max(self.some_time(t, next.clone()));
                }
            }
        }
        let rest = if self.desk.slow { 80 } else { 4 };
        if self.clocks.dates && self.rng.percent(30) {
            let by = self.rng.between(-4_000_000, 4_000_000);
            let at = t + self.rng.between(MINUTE, 15 * HOUR);
            self.at(at, None, Next::StepWall(by));
        }
        self.desk.end_at = last + rest * HOUR;
        let end_at = self.desk.end_at - 2 * HOUR;
        self.at(end_at, None, Next::Desk(DeskNext::WalletsEnd));
        let words = end_at + HOUR;
        self.at(words, None, Next::Desk(DeskNext::Words));
    }

    /// Some time of the sale, of its day, around midnight or on the next day.
    fn some_time(&mut self, t: i64, next: DeskNext) -> i64 {
        let rng = &mut self.rng;
        let at = match rng.below(20) {
            0..10 => t + rng.between(2_000, 10 * MINUTE),
            10..16 => t + rng.between(5 * MINUTE, HOUR),
            16..18 => t.max(MIDNIGHT_MS) + rng.between(-90_000, 90_000),
            18 => t + rng.between(HOUR, 8 * HOUR),
            _ => t + rng.between(8 * HOUR, 40 * HOUR),
        };
        self.at(at, None, Next::Desk(next));
        at
    }

    pub(super) fn desk_happens(&mut self, epoch: Option<u32>, next: DeskNext) {
        match next {
            DeskNext::Arrive(whom, host, stamp, ask) => {
                self.desk_arrive(epoch, whom, host, stamp, *ask);
            }
            DeskNext::Deliver(whom, host, took, said, date) => {
                self.desk_deliver(whom, host, took, *said, date);
            }
            DeskNext::Wake(r, wake) => {
                if self.desk.refunds[r].wake == wake {
                    self.step_refund(r, Event::Tick);
                }
            }
            DeskNext::Order => self.order(),
            DeskNext::SignIn => self.sign_in(),
            DeskNext::SignOut => self.desk.signed_in = false,
            DeskNext::Elsewhere => self.elsewhere(),
            DeskNext::Words => self.words(),
            DeskNext::Hint => {
                for r in 0..self.desk.refunds.len() {
                    self.step_refund(r, Event::Hinted);
                }
            }
            DeskNext::WalletsEnd => self.wallets_end(),
        }
    }

    fn sign_in(&mut self) {
        if !self.up || self.desk.signed_in {
            return;
        }
        self.desk.signed_in = true;
        let stays = self.rng.between(1_000, 20 * MINUTE);
        self.at(self.clocks.t + stays, None, Next::Desk(DeskNext::SignOut));
        for r in 0..self.desk.refunds.len() {
            let case = self.desk.refunds[r].case.as_ref();
            let Some(case) = case.filter(|c| !c.refund.state.is_terminal()) else {
                continue;
            };
            let event = match case.waits_for_manager() {
                true => Event::Hinted,
                false => Event::Tick,
            };
            self.step_refund(r, event);
        }
    }

    /// Somebody wants money back: of a bill that is paid, mostly.
    fn order(&mut self) {
        if !self.up || self.attempts.is_empty() {
            return;
        }
        let by_command = !self.desk.signed_in && self.rng.percent(20);
        if !self.desk.signed_in && !by_command {
            self.sign_in();
        }
        let any = self.rng.below(self.attempts.len() as i64) as usize;
        let worth = |b: &Bill| b.state == State::Paid || b.incident.is_some();
        let paid = self.attempts.iter().rposition(|a| worth(&a.durable));
        if paid.is_none() && self.clocks.t < self.well_at && self.rng.percent(70) {
            // Nothing to give back yet: they come again.
            let at = self.clocks.t + self.rng.between(MINUTE, 15 * MINUTE);
            return self.at(at, None, Next::Desk(DeskNext::Order));
        }
        let i = paid.filter(|_| self.rng.percent(85)).unwrap_or(any);
        if self.is_refunding(i) || self.desk.preparing.contains(&i) || !self.up {
            return;
        }
        let want = match self.rng.below(10) {
            0..4 => Want::Part(self.rng.between(1, 900)),
            4..6 => Want::Rest,
            6..9 => Want::Whole,
            _ => Want::TooMuch(self.rng.between(1, 5_000)),
        };
        self.say(|| format!("order {want:?} of {i}"));
        self.desk.preparing.push(i);
        self.desk.orders.push(Order {
            bill: i,
            want,
            by_command,
            row: None,
            taken_elsewhere: None,
        });
        self.tally.orders += 1;
        let bill_no = self.attempts[i].durable.bill_no.clone();
        let home = number_of(&self.attempts[i].durable.host);
        let to = self.hosts.route(home, self.clocks.t);
        let o = self.desk.orders.len() - 1;
        self.ask_desk(For::Order(o), to, Ask::Row(bill_no), 0);
    }

    /// What rows can show at this moment.
    pub(super) fn note_reading(&mut self, o: usize, ask: &Ask) {
        let Ask::LookUp(..) = ask else { return };
        let faults = &self.core.faults.refund;
        let there = matches!(
            faults.row,
            RefundRowFault::Truth | RefundRowFault::Twice | RefundRowFault::WithoutResult
        );
        let shows = there && faults.row_fee.is_none();
        let (t, lag) = (self.clocks.t, faults.row_lag_ms);
        let bill_no = self.attempts[self.desk.orders[o].bill]
            .durable
            .bill_no
            .clone();
        self.core.advance(t);
        let taken = self.taken_elsewhere(&bill_no, t, t - lag);
        self.desk.orders[o].taken_elsewhere = shows.then_some(taken);
    }

    /// First the row, then every refund, from one host; then it is placed.
    pub(super) fn order_answered(&mut self, o: usize, from: Host, said: Said) {
        let i = self.desk.orders[o].bill;
        match said {
            Said::Row(RowOutcome::NoAnswer(_)) => self.not_placed(o),
            Said::Row(row) => {
                self.desk.orders[o].row = Some(row);
                let bill_no = self.attempts[i].durable.bill_no.clone();
                let query = shouyin::simulator::core::RefundQuery {
                    limit: 50,
                    ..shouyin::simulator::core::RefundQuery::of_bill(&bill_no)
                };
                let ask = Ask::LookUp(LookBy::BillNo, Box::new(query));
                self.ask_desk(For::Order(o), Some(number_of(&from)), ask, 0);
            }
            Said::LookedUp(_, Listed::Here(rows)) => self.place(o, from, rows),
            Said::LookedUp(_, Listed::NoSuch) => self.place(o, from, Vec::new()),
            _ => self.not_placed(o),
        }
    }

    fn not_placed(&mut self, o: usize) {
        let i = self.desk.orders[o].bill;
        self.desk.preparing.retain(|p| *p != i);
        self.tally.not_placed += 1;
    }

    /// The gateway has just said how everything stands: the last checks, the number, the record,
    /// the request.
    fn place(&mut self, o: usize, from: Host, there: Vec<RefundRow>) {
        self.not_placed(o);
        let order = self.desk.orders[o].clone();
        let i = order.bill;
        let bill = self.attempts[i].durable.clone();
        let here: Vec<Refund> = self.refunds_here(i);
        let row = order.row.clone().unwrap();
        let once_only = self.desk.settings.once_only;
        let balance = match balance(Some(&bill), &row, &here, &there, once_only) {
            Ok(balance) => balance,
            Err(why) => return self.say(|| format!("blocked: {why:?}")),
        };
        self.check_balance(i, &balance);
        let RowOutcome::Row(row) = row else {
            panic!("a balance without a row");
        };
        let fee = match order.want {
            Want::Part(fen) => Fen(fen),
            Want::Rest => balance.refundable,
            Want::Whole => AMOUNT,
            Want::TooMuch(by) => Fen(AMOUNT.0 + by),
        };
        let allowed =
            fee <= balance.refundable && self.enough_managers(&order, fee, &balance, &row);
        if !allowed || (!order.by_command && !self.desk.signed_in) {
            return;
        }
        self.check_care(i, fee, order.taken_elsewhere);
        self.tally.not_placed -= 1;
        self.just_then(i);
        self.start_refund(order, fee, balance, &row, from);
    }

    pub(super) fn refunds_here(&self, i: usize) -> Vec<Refund> {
        let ours = self.desk.refunds.iter().filter(|r| r.bill == i);
        ours.map(|r| r.durable.clone()).collect()
    }

    fn enough_managers(&mut self, order: &Order, fee: Fen, balance: &Balance, row: &Row) -> bool {
        let taken = self.desk.refunds.iter().map(|r| &r.durable);
        let taken = taken.filter(|r| r.state.takes_balance()).map(|r| r.fee.0);
        let taken = Fen(taken.sum());
        let (created, now) = (row.create_time_ms, self.clocks.now().gateway_ms());
        let limits = &self.desk.settings;
        let over = second_manager(fee, balance, taken, created, now, limits);
        let alone = alone_up_to(balance, taken, created, now, limits);
        let within = alone.is_none_or(|most| fee <= most);
        assert_eq!(over.is_none(), within, "{alone:?} {over:?}");
        over.is_none() || (!order.by_command && self.rng.percent(60))
    }

    fn start_refund(&mut self, order: Order, fee: Fen, balance: Balance, row: &Row, from: Host) {
        let i = order.bill;
        let bill = self.attempts[i].durable.clone();
        self.desk.serial += 1;
        let now = self.clocks.now();
        let day = Day::of(now.gateway_ms()).compact();
        let number = format!("{day}01{:06}ABCD2345", self.desk.serial);
        let channel = bill.query_channel().or(row.sub_channel);
        let channel = channel.unwrap_or(bill.channel);
        let new = NewRefund {
            refund_no: RefundNo::parse(&number).unwrap(),
            bill_no: bill.bill_no,
            fee,
            paid: balance.paid,
            channel: refund_channel(channel),
            wallet: channel.wallet(),
            reason: "退货".into(),
            operator: "2001".into(),
            approver: "2001".into(),
            params_hash: "h".into(),
            host: from,
        };
        let (case, actions) = RefundCase::start(new, &now, &self.policy);
        if self.crashy && self.rng.below(1_000) < 12 {
            // Before it was recorded: nobody ever ordered it.
            return self.crash();
        }
        let mut actions = actions.into_iter();
        let Some(Action::Record { refund, .. }) = actions.next() else {
            panic!("I2: durable before a byte leaves");
        };
        assert_eq!(*refund, case.refund);
        let (plan, days_ms) = self.wallets_plan();
        let mut held = Held::new(i, *refund);
        (held.plan, held.days_ms) = (plan, days_ms);
        (held.case, held.own_master) = (Some(case), order.by_command);
        self.desk.refunds.push(held);
        let r = self.desk.refunds.len() - 1;
        self.say(|| format!("  r{r} ordered {fee} of {i} {number} {plan:?} {days_ms:?}"));
        if self.act_refund(r, actions.collect()) {
            self.check_refund_waits(r);
        }
    }

    fn wallets_plan(&mut self) -> (RefundPlan, Option<i64>) {
        let days = self.desk.slow && self.rng.percent(50);
        let days_ms = days.then(|| self.rng.between(HOUR, 3 * DAY_MS));
        let act = match self.rng.below(20) {
            _ if days => RefundAct::Pending,
            0..8 => RefundAct::AtOnce,
            8..12 => RefundAct::Pending,
            12 => RefundAct::Never,
            13..17 => RefundAct::Fail,
            _ => RefundAct::NoFunds,
        };
        let plan = RefundPlan {
            act: Some(act),
            network: None,
        };
        (plan, days_ms)
    }

    /// Between the reading and the request: somebody else was faster, or the line is cut; or it is
    /// cut right after it.
    fn just_then(&mut self, i: usize) {
        if self.rng.percent(10) {
            self.refund_elsewhere(i);
        }
        let t = self.clocks.t;
        // One that knows nothing of the bill is believed after 10 minutes: its outages don't add up.
        let apart = self.hosts.down.iter().all(|down| down.1 + 15 * MINUTE < t);
        if t >= self.well_at || (self.hosts.ignorant && !apart) {
            return;
        }
        let home = number_of(&self.attempts[i].durable.host);
        let all = self.rng.percent(40);
        let cut = match self.rng.below(10) {
            0 => (t, t + self.rng.between(1_000, 100_000)),
            1 | 2 => (
                t + self.rng.between(100, 3_000),
                t + self.rng.between(60_000, 500_000),
            ),
            _ => return,
        };
        for (host, down) in self.hosts.down.iter_mut().enumerate() {
            if all || host == home {
                *down = cut;
            }
        }
    }

    fn elsewhere(&mut self) {
        if self.attempts.is_empty() {
            return;
        }
        let i = self.rng.below(self.attempts.len() as i64) as usize;
        let open = !self.attempts[i].durable.state.is_terminal();
        if !open || self.rng.percent(20) {
            self.refund_elsewhere(i);
        }
    }

    /// Another till, or the merchant's console, refunds the same bill.
    fn refund_elsewhere(&mut self, i: usize) {
        let t = self.clocks.t;
        let bill_no = self.attempts[i].durable.bill_no.clone();
        self.desk.serial += 1;
        let day = Day::of(t).compact();
        let number = format!("{day}02{:06}ELSEWHERE", self.desk.serial);
        let fee = self
            .rng
            .pick(&[Fen(1), Fen(500), Fen(734), AMOUNT, Fen(1_000)]);
        let (plan, days_ms) = self.wallets_plan();
        let plan = RefundPlan {
            network: Some(Transport::Normal),
            ..plan
        };
        self.core.plan_refund(Some(&bill_no), plan);
        let params = RefundParams::new(number.clone(), bill_no, fee);
        let faults = std::mem::take(&mut self.core.faults);
        let result = self.core.refund(t, params).result;
        self.core.faults = faults;
        if let (Some(ms), Some(there)) = (days_ms, self.core.refund_mut(&number)) {
            there.finish_at = Some(t + ms);
        }
        self.tally.elsewhere += u64::from(matches!(result, Some(Ok(_))));
        self.say(|| format!("elsewhere {fee} of {i}: {result:?}"));
    }

    /// Managers say their word about contradictions, or wait, or refund them.
    fn words(&mut self) {
        self.manager();
        for i in 0..self.attempts.len() {
            let bill = &self.attempts[i].durable;
            let open = bill.incident.is_some() && bill.settlement.is_none();
            if !self.up || !open || !bill.state.is_terminal() {
                continue;
            }
            match self.rng.below(4) {
                0 => self.settle_bill(i, Settled::Disputed),
                1 | 2 => {
                    let home = number_of(&self.attempts[i].durable.host);
                    let to = self.hosts.route(home, self.clocks.t);
                    let ask = Ask::Row(self.attempts[i].durable.bill_no.clone());
                    self.ask_desk(For::Accept(i), to, ask, 0);
                }
                _ => {}
            }
        }
        for r in 0..self.desk.refunds.len() {
            let refund = &self.desk.refunds[r].durable;
            let open = refund.incident.is_some() && refund.settled.is_none();
            if open && self.rng.percent(50) {
                let (by, reason) = ("2001".to_owned(), "r".to_owned());
                self.step_refund(r, Event::Settled { by, reason });
            }
        }
    }

    fn settle_bill(&mut self, i: usize, how: Settled) {
        self.tally.words += 1;
        let (by, reason) = ("2001".to_owned(), "r".to_owned());
        self.step(i, BillEvent::IncidentSettled { how, by, reason });
    }

    /// Accepted as paid, on the row read at this moment and on nothing else.
    pub(super) fn accept(&mut self, i: usize, said: Said) {
        let bill = &self.attempts[i].durable;
        let open = bill.incident.is_some() && bill.settlement.is_none();
        if let Said::Row(RowOutcome::Row(row)) = said
            && open
            && acceptable(bill, &row)
        {
            self.settle_bill(i, Settled::Accepted);
        }
    }

    /// Days later the wallets end most of what they held back.
    fn wallets_end(&mut self) {
        let t = self.clocks.t;
        self.core.advance(t);
        let open = self.core.all_refunds().iter();
        let open = open.filter(|r| r.finish_at.is_none_or(|at| at > t));
        let numbers: Vec<String> = open.map(|r| r.refund_no.clone()).collect();
        for number in numbers {
            let (ends, succeeds) = (self.rng.percent(60), self.rng.percent(60));
            if let Some(there) = self.core.refund_mut(&number).filter(|_| ends) {
                (there.finish_at, there.succeeds) = (Some(t), succeeds);
            }
        }
    }

    /// Only refunds are left whose wallets still hold them.
    pub(super) fn only_wallets_are_awaited(&mut self) -> bool {
        let t = self.clocks.t;
        if self.desk.end_at == 0 || t < self.desk.end_at {
            return false;
        }
        let waits = |b: &Bill| !b.state.is_terminal() || b.look.is_some();
        for i in 0..self.attempts.len() {
            let bill = self.attempts[i].durable.clone();
            if waits(&bill) {
                return false;
            }
        }
        (0..self.desk.refunds.len()).all(|r| {
            let refund = self.desk.refunds[r].durable.clone();
            match refund.state.is_terminal() {
                true => refund.look_ms.is_none(),
                false => self.may_stay_open(&refund),
            }
        })
    }
}

fn refund_channel(channel: Channel) -> RefundChannel {
    match channel.wallet() {
        _ if channel.is_bc() => RefundChannel::Bc,
        Some(Wallet::Wechat) => RefundChannel::Wx,
        _ => RefundChannel::Ali,
    }
}

/// The money is there and stays: paid, not reverted, not refunded, and the amount is right, or
/// known to be the contradiction. A row that is silent on reverts says nothing about a bill that
/// was reverted.
fn acceptable(bill: &Bill, row: &Row) -> bool {
    let kind = bill.incident.as_ref().map(|i| &i.kind);
    let known = matches!(kind, Some(IncidentKind::Amount { there }) if *there == row.total_fee);
    let amount = row.amount_matches(bill.amount) || known;
    let stays = match bill.reverts {
        Some(_) => row.reverted == Some(false),
        None => row.reverted != Some(true),
    };
    row.paid && stays && row.refunded != Some(true) && amount
}
