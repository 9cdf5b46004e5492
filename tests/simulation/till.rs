//! What the till knows and keeps: its clocks, its hosts, and what it wrote down.

use super::faults::Rng;
use shouyin::domain::gateway::PayHost;
use shouyin::domain::{Bill, Host, Now};
use shouyin::payment::Case;

pub const HOSTS: usize = 3;

pub fn host(n: usize) -> Host {
    Host(["https://a", "https://b", "https://c"][n].to_owned())
}

pub fn number_of(host: &Host) -> usize {
    (0..HOSTS).find(|n| super::till::host(*n) == *host).unwrap()
}

/// The clocks of the machine, right or wrong. `t` is gateway time, the truth.
#[derive(Debug, Clone)]
pub struct Clocks {
    pub t: i64,
    /// The monotonic clock's zero, in gateway ms.
    pub zero: i64,
    /// The wall clock minus the truth.
    pub wall_error: i64,
    pub offset: Option<i64>,
    /// Answers carry a Date.
    pub dates: bool,
}

impl Clocks {
    pub fn now(&self) -> Now {
        Now {
            mono_ms: self.t - self.zero,
            wall_ms: self.t + self.wall_error,
            offset_ms: self.offset,
        }
    }

    /// A Date has whole seconds; the till learns from quick answers.
    pub fn learn(&mut self, date: i64, took_ms: i64) {
        if took_ms < 2_000 {
            self.offset = Some(date + 500 - (self.t + self.wall_error));
        }
    }
}

/// The hosts, all in front of the same gateway.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// When each can't be reached, gateway ms.
    pub down: [(i64, i64); HOSTS],
    /// Hosts that did not receive the pay know nothing of the bill.
    pub ignorant: bool,
    /// Asked in vain since (this process).
    vain: [Option<i64>; HOSTS],
    turn: usize,
}

impl Hosts {
    pub fn new(rng: &mut Rng, t: i64) -> Hosts {
        let ignorant = rng.percent(25);
        // FATE believes the others after 10 minutes; ignorant ones must be back before.
        let longest = if ignorant { 500_000 } else { 2_400_000 };
        let mut down = [(0, 0); HOSTS];
        for outage in &mut down {
            if rng.percent(12) {
                let from = t + rng.between(-5_000, 120_000);
                *outage = (from, from + rng.between(1_000, longest));
            }
        }
        if rng.percent(6) {
            // The shop's own line is cut.
            let from = t + rng.between(-20_000, 60_000);
            down = [(from, from + rng.between(1_000, longest)); HOSTS];
        }
        Hosts {
            down,
            ignorant,
            vain: [None; HOSTS],
            turn: 0,
        }
    }

    pub fn reachable(&self, n: usize, t: i64) -> bool {
        let (from, to) = self.down[n];
        !(from..to).contains(&t)
    }

    /// Where a question about a bill of host `n` goes: there, else to the others by turns.
    pub fn route(&mut self, n: usize, t: i64) -> Option<usize> {
        if self.reachable(n, t) {
            return Some(n);
        }
        self.vain[n].get_or_insert(t);
        self.turn += 1;
        let others = [(n + 1) % HOSTS, (n + 2) % HOSTS];
        let turn = self.turn % 2;
        [others[turn], others[1 - turn]]
            .into_iter()
            .find(|o| self.reachable(*o, t))
    }

    pub fn answered(&mut self, n: usize) {
        self.vain[n] = None;
    }

    pub fn pay_host(&self, n: usize, t: i64) -> PayHost {
        PayHost {
            configured: true,
            dead_for_ms: self.vain[n].map_or(0, |since| t - since),
            others: HOSTS - 1,
        }
    }

    pub fn forget(&mut self) {
        self.vain = [None; HOSTS];
    }
}

/// One bill of the sale.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub durable: Bill,
    pub case: Option<Case>,
    /// The wish to wake that counts.
    pub wake: u64,
    pub wake_at: Option<i64>,
    /// Requests of this process that will be answered.
    pub in_flight: u32,
    /// Where pay went, in order, by all processes.
    pub paid_to: Vec<Host>,
    pub unconnected: bool,
    pub crashed_open: bool,
}
