//! Which host is asked. Pay goes to another host only while nothing was sent; everything else
//! prefers the host that received the pay, since only that one's denials count (FATE: fact).

use crate::domain::gateway::PayHost;
use crate::domain::{Bill, Host, Now};
use std::collections::BTreeMap;

/// A host that failed is passed over by new payments for this long.
const PASS_OVER_MS: i64 = 60_000;
/// A host that nobody asked for so long is not known to have been dead all the while. Every
/// second round of a slow bill (5 minutes) still asks its own host.
const FORGET_MS: i64 = 11 * 60_000;

/// How the hosts are doing.
#[derive(Debug, Default)]
pub struct Hosts {
    list: Vec<Host>,
    /// Since when a host has been asked in vain, and when it last failed (monotonic ms).
    silent: BTreeMap<Host, Silence>,
}

#[derive(Debug, Clone, Copy)]
struct Silence {
    since_ms: i64,
    last_ms: i64,
}

impl Hosts {
    /// The configured list, by preference.
    pub fn new(list: Vec<Host>) -> Self {
        Hosts {
            list,
            silent: BTreeMap::new(),
        }
    }

    /// Another list; what is known about a host that stays is kept.
    pub fn relist(&mut self, list: Vec<Host>) {
        self.list = list;
    }

    /// A typed answer came from this host, or none did.
    pub fn heard(&mut self, host: &Host, answered: bool, now: &Now) {
        if answered {
            self.silent.remove(host);
            return;
        }
        let before = self
            .silent
            .get(host)
            .filter(|s| now.mono_ms - s.last_ms < FORGET_MS);
        let silence = Silence {
            since_ms: before.map_or(now.mono_ms, |s| s.since_ms),
            last_ms: now.mono_ms,
        };
        self.silent.insert(host.clone(), silence);
    }

    /// Where a new payment goes: the first host that did not fail just now.
    pub fn for_pay(&self, now: &Now) -> Option<Host> {
        let fine = |h: &&Host| {
            self.silent
                .get(*h)
                .is_none_or(|s| now.mono_ms - s.last_ms > PASS_OVER_MS)
        };
        self.list
            .iter()
            .find(fine)
            .or_else(|| self.list.first())
            .cloned()
    }

    /// Where pay goes next after no byte left for any of `tried`.
    pub fn next_for_pay(&self, tried: &[Host]) -> Option<Host> {
        self.list.iter().find(|h| !tried.contains(h)).cloned()
    }

    /// Where a bill is asked about in this turn (a round of questions): its own host; while that
    /// one is silent, every second turn goes to another one (its successes count).
    pub fn for_question(&self, bill: &Bill, turn: u32) -> Host {
        self.for_question_about(&bill.host, turn)
    }

    /// As [`Hosts::for_question`], of anything that this host received.
    pub fn for_question_about(&self, pay_host: &Host, turn: u32) -> Host {
        let own = self.list.contains(pay_host);
        if own && !self.silent.contains_key(pay_host) {
            return pay_host.clone();
        }
        let others: Vec<&Host> = self.list.iter().filter(|h| *h != pay_host).collect();
        let turn = turn as usize;
        if own && (turn.is_multiple_of(2) || others.is_empty()) {
            return pay_host.clone();
        }
        let i = (turn / 2) % others.len().max(1);
        others
            .get(i)
            .map_or_else(|| pay_host.clone(), |h| (*h).clone())
    }

    /// Every host, each to be asked once: the one that received the bill, then those that did not
    /// fail just now.
    pub fn in_order(&self, first: Option<&Host>, now: &Now) -> Vec<Host> {
        let rank = |host: &&Host| {
            let failed = self.silent.get(*host);
            let failed = failed.is_some_and(|s| now.mono_ms - s.last_ms <= PASS_OVER_MS);
            (failed, Some(*host) != first)
        };
        let mut hosts: Vec<&Host> = self.list.iter().collect();
        hosts.sort_by_key(rank);
        hosts.into_iter().cloned().collect()
    }

    /// How the host that received this bill's pay is doing.
    pub fn pay_host(&self, bill: &Bill) -> PayHost {
        self.pay_host_named(&bill.host)
    }

    fn pay_host_named(&self, host: &Host) -> PayHost {
        PayHost {
            configured: self.list.contains(host),
            dead_for_ms: self.silent.get(host).map_or(0, |s| s.last_ms - s.since_ms),
            others: self.list.iter().filter(|h| *h != host).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: i64) -> Now {
        Now {
            mono_ms,
            wall_ms: 0,
            offset_ms: None,
        }
    }

    #[test]
    fn a_host_that_just_failed_is_passed_over_and_comes_back() {
        let (a, b) = (Host("https://a".into()), Host("https://b".into()));
        let mut hosts = Hosts::new(vec![a.clone(), b.clone()]);
        assert_eq!(hosts.for_pay(&at(0)), Some(a.clone()));
        hosts.heard(&a, false, &at(0));
        assert_eq!(hosts.for_pay(&at(1000)), Some(b.clone()));
        hosts.heard(&b, false, &at(1000));
        assert_eq!(
            hosts.for_pay(&at(2000)),
            Some(a.clone()),
            "all failed: the preferred one"
        );
        assert_eq!(hosts.for_pay(&at(70_000)), Some(a.clone()));
        assert_eq!(
            hosts.next_for_pay(std::slice::from_ref(&a)),
            Some(b.clone())
        );
        assert_eq!(hosts.next_for_pay(&[a, b]), None);
    }

    #[test]
    fn a_host_is_dead_for_as_long_as_it_was_asked_in_vain_and_no_longer() {
        let minute = 60_000;
        let (a, b) = (Host("https://a".into()), Host("https://b".into()));
        let mut hosts = Hosts::new(vec![a.clone(), b.clone()]);
        let dead_for = |hosts: &Hosts| hosts.pay_host_named(&a).dead_for_ms;
        hosts.heard(&a, false, &at(0));
        assert_eq!(dead_for(&hosts), 0, "one failure is no time");
        hosts.heard(&a, false, &at(5 * minute));
        hosts.heard(&a, false, &at(10 * minute));
        assert_eq!(dead_for(&hosts), 10 * minute);
        hosts.heard(&a, true, &at(11 * minute));
        assert_eq!(dead_for(&hosts), 0);
        // Nobody asked for half an hour: nobody knows.
        hosts.heard(&a, false, &at(20 * minute));
        hosts.heard(&a, false, &at(50 * minute));
        assert_eq!(dead_for(&hosts), 0);
        assert_eq!(
            hosts.pay_host_named(&b),
            PayHost {
                others: 1,
                ..PayHost::ALIVE
            }
        );
    }

    #[test]
    fn every_host_is_asked_once_the_bills_own_first_and_silent_ones_last() {
        let (a, b, c) = (
            Host("https://a".into()),
            Host("https://b".into()),
            Host("https://c".into()),
        );
        let mut hosts = Hosts::new(vec![a.clone(), b.clone(), c.clone()]);
        let own_first = [b.clone(), a.clone(), c.clone()];
        assert_eq!(hosts.in_order(Some(&b), &at(0)), own_first);
        hosts.heard(&b, false, &at(0));
        assert_eq!(hosts.in_order(Some(&b), &at(1)), [a.clone(), c, b]);
        let gone = Host("https://gone".into());
        assert_eq!(hosts.in_order(Some(&gone), &at(1)).first(), Some(&a));
    }

    #[test]
    fn a_whole_turn_goes_to_one_host_and_every_second_one_to_the_bills_own() {
        let (a, b, c) = (
            Host("https://a".into()),
            Host("https://b".into()),
            Host("https://c".into()),
        );
        let mut hosts = Hosts::new(vec![a.clone(), b.clone(), c.clone()]);
        assert_eq!(hosts.for_question_about(&a, 1), a);
        hosts.heard(&a, false, &at(0));
        let turns: Vec<Host> = (0..6)
            .map(|turn| hosts.for_question_about(&a, turn))
            .collect();
        assert_eq!(
            turns,
            [a.clone(), b.clone(), a.clone(), c.clone(), a, b.clone()]
        );
        let gone = Host("https://gone".into());
        assert_ne!(
            hosts.for_question_about(&gone, 0),
            gone,
            "no longer configured"
        );
    }
}
