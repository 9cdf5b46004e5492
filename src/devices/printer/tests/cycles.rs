//! Off and on, and off in the middle: it comes back by itself, and each job ends exactly once.

use super::*;

fn slip(job: u64) -> Vec<u8> {
    format!("slip {job}\n").into_bytes()
}

#[test]
fn a_hundred_times_off_and_on_it_comes_back_by_itself_and_each_slip_is_printed_once() {
    let times = Times {
        settle: ms(20),
        poll: ms(5),
        waiting: ms(15),
        ..quick()
    };
    let mut address = Fake::on(Manner::default()).off();
    let mut desk = Desk::with(&format!("tcp://{address}"), times);
    for job in 1..=100 {
        assert!(is_gone(&not_begun(desk.print(job, &slip(job)))), "off");
        let fake = Fake::at(address, Manner::default());
        desk.until_able();
        assert_eq!(desk.print(job, &slip(job)), Ended::Printed);
        assert_eq!(fake.slips(), [slip(job)]);
        assert_eq!(desk.ends(job), 2, "once for each time it was handed over");
        address = fake.off();
    }
}

#[test]
fn switched_off_in_the_middle_a_job_ends_once_and_is_never_taken_for_printed() {
    let times = Times {
        settle: ms(20),
        poll: ms(5),
        ..quick()
    };
    let long = vec![b'x'; 200_000];
    for job in 1..=20 {
        // Before the first byte, after some, after many.
        let limit = usize::try_from(job * job * 400).unwrap();
        let fake = Fake::on(Manner {
            reset_after: Some(limit),
            ..Manner::default()
        });
        let mut desk = Desk::with(&fake.target(), times.clone());
        doubtful(desk.print(job, &long));
        fake.behave(Manner::default());
        let next = slip(job);
        let mut ended = desk.print(job + 1000, &next);
        while ended != Ended::Printed {
            not_begun(ended);
            desk.until_able();
            ended = desk.print(job + 1000, &next);
        }
        assert_eq!(desk.ends(job), 1);
        let printed = fake.slips().into_iter().filter(|slip| *slip == next);
        assert_eq!(printed.count(), 1);
    }
}
