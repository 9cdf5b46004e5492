//! FATE: after a crash. The file is the only memory, and the machine may die between any two steps.

use super::driver::*;
use crate::domain::gateway::{Listed, Lost, RefundOutcome, RefundStatusOutcome};
use crate::domain::refund::{
    RefundAnswer, RefundChannel, RefundHappened, RefundProof, RefundState,
};
use crate::payment::refund::LookBy;

#[test]
fn after_a_crash_sent_goes_on_as_lost_and_is_not_sent_again_by_itself() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.crash(3_000);
    let why = Lost::Restarted;
    assert_eq!(d.case.refund.answer, RefundAnswer::Lost { why });
    assert!(d.case.refund.lost);
    assert_eq!(d.story.last(), Some(&RefundHappened::RefundRestarted));
    assert_eq!(
        d.asking,
        Some(Sent::LookUp(LookBy::RefundNo)),
        "asked at once"
    );
    assert_eq!(d.sends(), 1);
}

#[test]
fn after_a_crash_what_was_on_its_way_may_still_arrive_before_look_ups_count() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.crash(1_000);
    d.until_sent(2);
    assert!(d.t() >= 30_000 + MINUTE, "{}", d.t());
}

#[test]
fn after_a_crash_a_refusal_to_the_next_send_is_no_proof() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.crash(1_000);
    d.until_sent(2);
    d.answered(refused(12));
    assert!(!d.state().is_terminal());
}

#[test]
fn after_a_crash_facts_are_counted_anew() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.can_send = false;
    for _ in 0..4 {
        d.run_to(d.t() + 9 * MINUTE);
        d.crash(1_000);
        assert!(!d.case.waits_for_manager());
    }
    assert_eq!(d.state(), RefundState::Unresolved);
    d.until_ended();
    let proof = Some(RefundProof::UnknownAtGateway);
    assert_eq!(d.end(), (RefundState::NotSent, proof));
}

#[test]
fn after_a_crash_a_resend_recorded_without_an_answer_is_lost() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.until_sent(2);
    assert_eq!(d.durable.answer, RefundAnswer::Pending);
    d.crash(1_000);
    assert_eq!((d.durable.sends, d.sends()), (2, 2));
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(d.sends(), 2);
}

#[test]
fn fate_22_processing_over_a_restart() {
    for channel in [RefundChannel::Ali, RefundChannel::Wx] {
        let mut d = Drive::start(channel);
        d.answered(RefundOutcome::Processing);
        d.listed = unfinished();
        for _ in 0..5 {
            d.crash(DAY);
            assert_eq!(d.state(), RefundState::Processing);
            assert!(d.asking.is_some(), "asked at once");
            d.run_to(d.t() + HOUR);
        }
        assert_eq!((d.state(), d.sends()), (RefundState::Processing, 1));
        (d.listed, d.status) = (succeeded(), RefundStatusOutcome::Success);
        d.until_ended();
        assert_eq!(d.state(), RefundState::Succeeded);
    }
}

#[test]
fn after_a_crash_a_minute_that_passed_is_unresolved_at_once() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.crash(10 * MINUTE);
    assert_eq!((d.state(), d.announced), (RefundState::Unresolved, 1));
}

#[test]
fn after_a_crash_absurd_stamps_neither_panic_nor_stall() {
    for wall_ms in [i64::MIN, -1, 0, i64::MAX] {
        let mut open = Drive::lost(RefundChannel::Ali);
        let mut done = Drive::start(RefundChannel::Ali);
        done.answered(RefundOutcome::Done);
        for d in [&mut open, &mut done] {
            (d.durable.sent.wall_ms, d.durable.last_sent.wall_ms) = (wall_ms, wall_ms);
            d.durable.ended_ms = d.durable.ended_ms.map(|_| wall_ms);
            d.durable.look_ms = d.durable.look_ms.map(|_| wall_ms);
            d.crash(1_000);
            d.run_to(d.t() + DAY);
        }
        assert_eq!(done.case.refund.look_ms, None, "the look ends");
        assert_eq!(open.state(), RefundState::NotSent);
    }
}

#[test]
fn after_a_crash_an_ended_refund_without_a_look_is_left_alone() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(unconnected());
    let lines = d.lines.len();
    d.crash(1_000);
    assert_eq!(
        (d.wake, d.asking.clone(), d.lines.len()),
        (None, None, lines)
    );
}

/// What the gateway holds once everything has arrived, and how it goes on.
struct World {
    channel: RefundChannel,
    first: RefundOutcome,
    listed: Listed<Vec<crate::domain::gateway::RefundRow>>,
    status: RefundStatusOutcome,
    /// The money went back there.
    refunded: bool,
}

impl World {
    fn set(&self, d: &mut Drive) {
        (d.listed, d.status) = (self.listed.clone(), self.status.clone());
        d.of_bill = self.listed.clone();
        d.bill = bill_row(Some(self.refunded));
        d.sent = lost();
    }
}

fn worlds() -> Vec<World> {
    let of = |channel, first: RefundOutcome, listed, refunded| World {
        channel,
        first,
        listed,
        status: match refunded {
            true => RefundStatusOutcome::Success,
            false => RefundStatusOutcome::Failed,
        },
        refunded,
    };
    let (ali, wx) = (RefundChannel::Ali, RefundChannel::Wx);
    let mut all = Vec::new();
    for first in [lost(), unclear(7), unclear(11)] {
        all.push(of(ali, first.clone(), succeeded(), true));
        all.push(of(ali, first.clone(), failed(), false));
        all.push(of(ali, first.clone(), empty(), false));
        all.push(of(wx, first.clone(), succeeded(), true));
        all.push(of(wx, first, empty(), false));
    }
    for first in [RefundOutcome::Done, RefundOutcome::Processing] {
        all.push(of(ali, first.clone(), succeeded(), true));
        all.push(of(wx, first, succeeded(), true));
    }
    all.push(of(ali, RefundOutcome::Processing, failed(), false));
    all.push(of(wx, RefundOutcome::Processing, failed(), false));
    all.push(of(ali, refused(12), empty(), false));
    all.push(of(ali, refused(9), empty(), false));
    all
}

#[test]
fn a_restart_between_every_two_steps_comes_to_the_same_end() {
    for (n, world) in worlds().into_iter().enumerate() {
        let mut d = Drive::start(world.channel);
        world.set(&mut d);
        d.pass(2_000);
        d.answered(world.first.clone());
        d.run_to(3 * HOUR);
        assert_eq!(
            d.state() == RefundState::Succeeded,
            world.refunded,
            "world {n}"
        );
        for (line, refund) in d.lines.iter().enumerate() {
            let mut again = Drive::start(world.channel);
            world.set(&mut again);
            again.run_to(10_000);
            (again.sending, again.asking) = (false, None);
            again.resume(refund.clone(), 500);
            again.run_to(again.t() + 3 * HOUR);
            let end = again.state();
            assert!(end.is_terminal(), "world {n}, line {line}: {end:?}");
            let refunded = end == RefundState::Succeeded;
            assert_eq!(refunded, world.refunded, "world {n}, line {line}: {end:?}");
            assert!(again.sends() <= 3, "world {n}, line {line}");
        }
    }
}
