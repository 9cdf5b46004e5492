//! Network printers.

use super::fake::WELL;
use super::*;
use std::net::TcpListener;

/// A listener on loopback that is set up before it listens.
fn listener_with(set_up: impl FnOnce(&socket2::Socket)) -> TcpListener {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into()).unwrap();
    set_up(&socket);
    socket.into()
}

const QUESTION: [u8; 3] = [0x10, 0x04, 1];

#[test]
fn a_printer_that_is_well_prints_and_says_so_after_it() {
    let fake = Fake::on(Manner::default());
    let mut desk = Desk::start(&fake.target());
    assert_eq!(desk.print(7, SLIP), Ended::Printed);
    assert_eq!(desk.last_state(), Some(PrinterState::Ready));
    assert_eq!(fake.slips(), [SLIP]);
    let heard = fake.heard();
    assert_eq!(heard.len(), 1, "one connection");
    assert!(heard[0].starts_with(&QUESTION), "asked before");
    assert!(heard[0].ends_with(&[0x10, 0x04, 4]), "asked after");
    assert_eq!(desk.ends(7), 1);
}

#[test]
fn no_connection_is_held_or_made_when_nothing_is_to_be_done() {
    let fake = Fake::on(Manner::default());
    let mut desk = Desk::start(&fake.target());
    std::thread::sleep(ms(400));
    assert_eq!(fake.connections(), 0, "not looked at before the first job");
    assert_eq!(
        desk.last_state(),
        None,
        "nothing is said before something is known"
    );
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    eventually("it hangs up", || fake.is_alone());
    std::thread::sleep(ms(600));
    assert_eq!(fake.connections(), 1);
    desk.printer.look();
    eventually("it looks when it is asked to", || fake.connections() == 2);
    eventually("and hangs up", || fake.is_alone());
}

#[test]
fn a_mute_printer_is_used_without_its_word_and_asked_only_once() {
    let fake = Fake::on(Manner::mute());
    let mut desk = Desk::start(&fake.target());
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    let begun = Instant::now();
    assert_eq!(desk.print(2, SLIP), Ended::Printed);
    assert!(begun.elapsed() < ms(200), "{:?}", begun.elapsed());
    let first = [&QUESTION, SLIP].concat();
    assert_eq!(fake.heard(), [first, SLIP.to_vec()]);
}

#[test]
fn a_mute_printer_that_stays_open_has_printed_when_it_took_everything() {
    let manner = Manner {
        stays_open: true,
        ..Manner::mute()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert_eq!(fake.slips(), [SLIP]);
}

#[test]
fn a_listener_that_accepts_only_once_gets_the_job() {
    for manner in [Manner::default(), Manner::mute()] {
        let fake = Fake::on(Manner {
            once: true,
            ..manner
        });
        let mut desk = Desk::start(&fake.target());
        assert_eq!(desk.print(1, SLIP), Ended::Printed);
        assert_eq!(fake.slips(), [SLIP]);
    }
}

#[test]
fn a_listener_that_comes_back_and_accepts_only_once_gets_the_job_that_waits() {
    for manner in [Manner::default(), Manner::mute()] {
        let address = Fake::on(manner).off();
        let mut desk = Desk::start(&format!("tcp://{address}"));
        assert!(is_gone(&not_begun(desk.print(1, SLIP))));
        std::thread::sleep(ms(200));
        let fake = Fake::at(
            address,
            Manner {
                once: true,
                ..manner
            },
        );
        desk.until_able();
        assert_eq!(desk.print(1, SLIP), Ended::Printed);
        assert_eq!(fake.slips(), [SLIP]);
        assert_eq!(fake.connections(), 1);
        assert_eq!(desk.ends(1), 2, "once for each time it was handed over");
    }
}

#[test]
fn a_connection_that_was_kept_for_the_job_is_let_go_when_none_comes() {
    let address = Fake::on(Manner::default()).off();
    let mut desk = Desk::start(&format!("tcp://{address}"));
    not_begun(desk.print(1, SLIP));
    let fake = Fake::at(address, Manner::default());
    desk.until_able();
    eventually("it hangs up", || fake.connections() == 1 && fake.is_alone());
    std::thread::sleep(ms(400));
    assert_eq!(fake.connections(), 1, "and does not look again");
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
}

#[test]
fn a_connection_that_broke_after_the_first_byte_is_doubtful() {
    for limit in [1, SLIP.len() / 2, SLIP.len()] {
        for manner in [Manner::default(), Manner::mute()] {
            let manner = Manner {
                reset_after: Some(limit),
                ..manner
            };
            let fake = Fake::on(manner);
            let mut desk = Desk::start(&fake.target());
            let state = doubtful(desk.print(1, SLIP));
            assert!(is_gone(&state), "{state:?}");
            assert_eq!(desk.ends(1), 1);
            assert_eq!(fake.slips().len(), 1, "nothing is sent again by itself");
            eventually("it is seen to be well again", || {
                desk.last_state() == Some(PrinterState::Ready)
            });
        }
    }
}

#[test]
fn a_connection_that_broke_in_the_middle_of_a_long_slip_is_doubtful() {
    let manner = Manner {
        reset_after: Some(50_000),
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    doubtful(desk.print(1, &vec![b'x'; 400_000]));
}

#[test]
fn a_printer_that_takes_nothing_is_not_waited_for_for_ever() {
    let manner = Manner {
        never_reads: true,
        ..Manner::mute()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    let begun = Instant::now();
    let long = vec![b'x'; MOST_BYTES];
    doubtful(desk.print(1, &long));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// The write succeeds, since the system holds the rest back: that is not the printer's word.
#[test]
fn what_the_printers_network_never_acknowledged_is_doubtful() {
    let listener = listener_with(|socket| {
        socket.set_recv_buffer_size(2048).unwrap();
        socket.listen(4).unwrap();
    });
    let manner = Manner {
        never_reads: true,
        ..Manner::mute()
    };
    let fake = Fake::listening(listener, manner);
    let times = Times {
        close: ms(2500),
        ..quick()
    };
    let mut desk = Desk::with(&fake.target(), times);
    let state = doubtful(desk.print(1, &[b'x'; 9000]));
    assert!(
        is_gone(&state),
        "written, and never acknowledged: {state:?}"
    );
}

#[test]
fn dropping_the_printer_ends_it_while_a_write_hangs() {
    let manner = Manner {
        never_reads: true,
        ..Manner::mute()
    };
    let fake = Fake::on(manner);
    let times = Times {
        stall: Duration::from_secs(60),
        ..quick()
    };
    let desk = Desk::with(&fake.target(), times);
    assert!(desk.printer.print(1, vec![b'x'; MOST_BYTES]));
    eventually("it writes", || fake.connections() == 1);
    std::thread::sleep(ms(400));
    let Desk {
        printer, events, ..
    } = desk;
    let begun = Instant::now();
    assert!(printer.close(Duration::from_secs(3)));
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    let ended: Vec<Event> = events.try_iter().collect();
    let is = |event: &Event| matches!(event, Event::Ended(1, Ended::Doubtful(_)));
    assert_eq!(
        ended.iter().filter(|event| is(event)).count(),
        1,
        "{ended:?}"
    );
}

#[test]
fn a_printer_that_is_dropped_still_ends_the_job_in_hand() {
    let fake = Fake::on(Manner::default());
    let desk = Desk::start(&fake.target());
    assert!(desk.printer.print(1, SLIP.to_vec()));
    eventually("it prints", || !fake.slips().is_empty());
    assert!(desk.printer.close(PATIENCE));
    let ended: Vec<Event> = desk.events.iter().collect();
    assert!(
        ended.contains(&Event::Ended(1, Ended::Printed)),
        "{ended:?}"
    );
}

#[test]
fn a_printer_that_says_why_it_cant_gets_not_one_byte_of_the_job_and_later_all_of_it() {
    let rows = [
        (Manner::saying(4, 0x72), PrinterState::PaperOut),
        (Manner::saying(2, 0x32), PrinterState::PaperOut),
        (Manner::saying(2, 0x16), PrinterState::CoverOpen),
    ];
    for (manner, state) in rows {
        let fake = Fake::on(manner);
        let mut desk = Desk::start(&fake.target());
        assert_eq!(not_begun(desk.print(1, SLIP)), state);
        assert_eq!(desk.last_state(), Some(state));
        assert_eq!(fake.slips(), Vec::<Vec<u8>>::new());
        fake.behave(Manner::default());
        desk.until_able();
        assert_eq!(desk.print(1, SLIP), Ended::Printed);
        assert_eq!(fake.slips(), [SLIP]);
    }
}

#[test]
fn a_printer_that_is_offline_or_reports_an_error_is_a_fault_with_its_reason() {
    let cutter = Manner {
        answers: [Some(0x1a), Some(0x52), Some(0x1a), Some(0x12)],
        ..Manner::default()
    };
    for (manner, word) in [(Manner::saying(1, 0x1e), "脱机"), (cutter, "切刀")] {
        let fake = Fake::on(manner);
        let mut desk = Desk::start(&fake.target());
        let state = not_begun(desk.print(1, SLIP));
        assert!(state.to_string().contains(word), "{state}");
        assert_eq!(fake.slips(), Vec::<Vec<u8>>::new());
    }
}

#[test]
fn a_roll_near_its_end_prints_and_is_said() {
    let fake = Fake::on(Manner::saying(4, 0x1e));
    let mut desk = Desk::start(&fake.target());
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert_eq!(desk.last_state(), Some(PrinterState::PaperLow));
}

#[test]
fn what_goes_wrong_during_the_job_makes_it_doubtful() {
    let rows = [
        (
            [Some(0x1e), Some(0x32), Some(0x12), Some(0x72)],
            PrinterState::PaperOut,
        ),
        (
            [Some(0x1e), Some(0x16), Some(0x12), Some(0x12)],
            PrinterState::CoverOpen,
        ),
    ];
    for (answers, state) in rows {
        let manner = Manner {
            after: Some((SLIP.len() / 2, answers)),
            ..Manner::default()
        };
        let fake = Fake::on(manner);
        let mut desk = Desk::start(&fake.target());
        assert_eq!(doubtful(desk.print(1, SLIP)), state);
        assert_eq!(desk.last_state(), Some(state));
        fake.behave(Manner::default());
        desk.until_able();
        assert_eq!(fake.slips().len(), 1, "nothing is sent again by itself");
    }
}

#[test]
fn one_that_answered_and_is_silent_after_the_job_is_doubtful() {
    let manner = Manner {
        after: Some((1, [None; 4])),
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    let state = doubtful(desk.print(1, SLIP));
    assert!(state.to_string().contains("没有回答"), "{state}");
    // Silent from now on: not a byte of the next job.
    fake.behave(Manner::mute());
    not_begun(desk.print(2, SLIP));
    assert_eq!(fake.slips().len(), 1);
}

#[test]
fn one_that_is_offline_for_a_moment_after_the_job_has_printed_when_it_is_well_again() {
    let offline = [Some(0x1e), Some(0x12), Some(0x12), Some(0x12)];
    let manner = Manner {
        after: Some((1, offline)),
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    assert!(desk.printer.print(1, SLIP.to_vec()));
    eventually("it prints", || !fake.slips().is_empty());
    std::thread::sleep(ms(300));
    assert_eq!(desk.ends(1), 0);
    fake.behave(Manner::default());
    eventually("it ends", || desk.ends(1) == 1);
    assert!(
        desk.told.contains(&Event::Ended(1, Ended::Printed)),
        "{:?}",
        desk.told
    );
}

/// Printers that read the question only when they come to it: the answers are late, and none may
/// be taken for the answer to another. 0x16 as n = 2's answer would be an open cover.
#[test]
fn late_answers_are_not_mixed_up() {
    let manner = Manner {
        delay_after: ms(550),
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let times = Times {
        verdict: Duration::from_secs(8),
        ..quick()
    };
    let mut desk = Desk::with(&fake.target(), times);
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
}

#[test]
fn a_printer_that_answers_too_late_at_first_is_given_more_time_the_next_time() {
    let manner = Manner {
        delay: ms(320),
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    assert_eq!(desk.print(1, SLIP), Ended::Printed, "as a mute one");
    fake.behave(Manner {
        delay: ms(320),
        ..Manner::saying(4, 0x72)
    });
    assert_eq!(not_begun(desk.print(2, SLIP)), PrinterState::PaperOut);
}

#[test]
fn one_that_answers_only_whether_it_is_online_prints() {
    let manner = Manner {
        answers: [Some(0x12), None, None, None],
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let times = Times {
        verdict: Duration::from_secs(8),
        ..quick()
    };
    let mut desk = Desk::with(&fake.target(), times);
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    let begun = Instant::now();
    assert_eq!(desk.print(2, SLIP), Ended::Printed);
    assert!(begun.elapsed() < ms(1500), "{:?}", begun.elapsed());
}

#[test]
fn noise_is_no_answer() {
    let noise = [0xff, 0x00, 0x13, 0x11, 0x55];
    for answer in noise {
        let manner = Manner {
            answers: [Some(answer); 4],
            ..Manner::default()
        };
        let fake = Fake::on(manner);
        let mut desk = Desk::start(&fake.target());
        assert_eq!(desk.print(1, SLIP), Ended::Printed, "{answer:#04x}");
        assert_eq!(fake.slips(), [SLIP]);
    }
}

#[test]
fn one_that_gives_everything_back_is_a_mute_one() {
    let manner = Manner {
        echoes: true,
        ..Manner::mute()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    // Among these are bytes that look like answers.
    let slip: Vec<u8> = (0x20..0x7f).collect();
    for job in 1..4 {
        assert_eq!(desk.print(job, &slip), Ended::Printed);
    }
    assert_eq!(fake.slips().len(), 3);
}

#[test]
fn what_it_says_unasked_is_no_answer() {
    // An automatic status, and an old answer: no paper.
    let manner = Manner {
        greets: &[0x10, 0x00, 0x00, 0x0f, 0x72],
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    let ended = desk.print(1, SLIP);
    assert_eq!(ended, Ended::Printed);
}

#[test]
fn one_that_hangs_up_at_once_has_not_begun() {
    let manner = Manner {
        closes_at_once: true,
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let mut desk = Desk::start(&fake.target());
    for _ in 0..5 {
        assert!(is_gone(&not_begun(desk.print(1, SLIP))));
    }
    fake.behave(Manner::default());
    desk.until_able();
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
}

#[test]
fn a_name_that_leads_nowhere_is_gone_and_bounded() {
    let mut desk = Desk::start("tcp://printer.invalid:9100");
    let begun = Instant::now();
    assert!(is_gone(&not_begun(desk.print(1, SLIP))));
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[test]
fn one_job_at_a_time() {
    let fake = Fake::on(Manner::default());
    let mut desk = Desk::start(&fake.target());
    assert!(desk.printer.print(1, SLIP.to_vec()));
    assert!(!desk.printer.print(2, SLIP.to_vec()), "one is in hand");
    eventually("it ends", || desk.ends(1) == 1);
    assert_eq!(desk.print(3, SLIP), Ended::Printed);
    assert_eq!(desk.ends(2), 0, "nothing is told of what was not taken");
    assert_eq!(fake.slips().len(), 2);
}

#[test]
fn a_job_that_is_too_long_is_not_begun() {
    let fake = Fake::on(Manner::default());
    let mut desk = Desk::start(&fake.target());
    not_begun(desk.print(1, &vec![b'x'; MOST_BYTES + 1]));
    assert_eq!(fake.connections(), 0);
    assert_eq!(desk.print(2, SLIP), Ended::Printed);
}

#[test]
fn a_test_slip_and_the_drawer_answer_once_each_and_end_no_job() {
    let fake = Fake::on(Manner::default());
    let mut desk = Desk::start(&fake.target());
    let (reply, replies) = mpsc::channel();
    let its = reply.clone();
    desk.printer
        .raw(SLIP.to_vec(), move |ended| its.send(ended).unwrap());
    desk.printer.pulse(move |ended| reply.send(ended).unwrap());
    for _ in 0..2 {
        assert_eq!(replies.recv_timeout(PATIENCE).unwrap(), Ended::Printed);
    }
    assert!(replies.recv_timeout(PATIENCE).is_err(), "no third one");
    assert_eq!(fake.slips(), [SLIP.to_vec(), PULSE.to_vec()]);
    let ended = |event: &Event| matches!(event, Event::Ended(..));
    desk.last_state();
    assert!(!desk.told.iter().any(ended), "{:?}", desk.told);
}

#[test]
fn a_flood_of_tests_is_answered_each_once_and_bounded() {
    let fake = Fake::on(Manner::default());
    let desk = Desk::start(&fake.target());
    let (reply, replies) = mpsc::channel();
    for n in 0..50 {
        let reply = reply.clone();
        desk.printer.raw(SLIP.to_vec(), move |ended| {
            reply.send((n, ended)).unwrap();
        });
        desk.printer.look();
    }
    drop(reply);
    drop(desk.printer);
    let mut all: Vec<(i32, Ended)> = replies.iter().collect();
    all.sort_by_key(|(n, _)| *n);
    let numbers: Vec<i32> = all.iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
    assert!(fake.slips().len() <= MOST_ORDERS + 1);
}

#[test]
fn a_look_says_how_a_printer_is_and_prints_nothing() {
    let rows = [
        (Manner::default(), PrinterState::Ready),
        (Manner::mute(), PrinterState::Ready),
        (Manner::saying(4, 0x72), PrinterState::PaperOut),
        (Manner::saying(4, 0x1e), PrinterState::PaperLow),
        (Manner::saying(2, 0x16), PrinterState::CoverOpen),
    ];
    for (manner, state) in rows {
        let fake = Fake::on(manner);
        let begun = Instant::now();
        assert_eq!(check(&settings(&fake.target())), state);
        assert!(begun.elapsed() < Duration::from_secs(3));
        assert_eq!(fake.slips(), Vec::<Vec<u8>>::new());
    }
    let slow = Manner {
        answers: WELL,
        delay: ms(5000),
        ..Manner::default()
    };
    let fakes = [
        slow,
        Manner {
            stays_open: true,
            never_reads: true,
            ..slow
        },
    ]
    .map(Fake::on);
    for fake in &fakes {
        let begun = Instant::now();
        assert_eq!(check(&settings(&fake.target())), PrinterState::Ready);
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
    let address = Fake::on(Manner::default()).off();
    assert!(is_gone(&check(&settings(&format!("tcp://{address}")))));
    assert!(is_gone(&check(&settings("nonsense"))));
}

/// A listener whose queue is full answers no connection at all.
#[test]
fn a_host_that_does_not_answer_is_gone_within_the_time_and_a_drop_waits_for_none() {
    let listener = listener_with(|socket| socket.listen(0).unwrap());
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    for _ in 0..100 {
        match std::net::TcpStream::connect_timeout(&address, ms(100)) {
            Ok(stream) => held.push(stream),
            Err(_) => break,
        }
    }
    let times = Times {
        dial: ms(700),
        ..quick()
    };
    let mut desk = Desk::with(&format!("tcp://{address}"), times);
    let begun = Instant::now();
    assert!(is_gone(&not_begun(desk.print(1, SLIP))));
    assert!(begun.elapsed() > ms(600), "it was waited for");
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    drop(desk.printer);
    assert!(begun.elapsed() < ms(100), "{:?}", begun.elapsed());
}

#[test]
fn after_a_broken_job_the_next_one_gets_the_connection_that_found_the_printer_well() {
    let fake = Fake::on(Manner {
        reset_after: Some(SLIP.len() / 2),
        ..Manner::default()
    });
    let mut desk = Desk::start(&fake.target());
    doubtful(desk.print(1, SLIP));
    let address = fake.off();
    std::thread::sleep(ms(100));
    let once = Manner {
        once: true,
        ..Manner::default()
    };
    let fake = Fake::at(address, once);
    desk.until_able();
    assert_eq!(desk.print(2, SLIP), Ended::Printed);
    assert_eq!(fake.slips(), [SLIP]);
    assert_eq!(desk.ends(1), 1);
}

/// Each try is written into a ledger twice.
#[test]
fn one_that_looks_well_and_takes_no_job_is_tried_ever_less_often() {
    let manner = Manner {
        closes_at_once: true,
        ..Manner::default()
    };
    let fake = Fake::on(manner);
    let times = Times {
        idle: PATIENCE,
        ..quick()
    };
    let wait_after = |tries: u32| {
        fake.behave(manner);
        let mut desk = Desk::with(&fake.target(), times.clone());
        for _ in 0..tries {
            not_begun(desk.print(1, SLIP));
        }
        fake.behave(Manner::default());
        let begun = Instant::now();
        desk.until_able();
        assert_eq!(desk.print(1, SLIP), Ended::Printed);
        begun.elapsed()
    };
    assert!(wait_after(5) > times.waiting * 15);
    assert!(wait_after(1) < times.waiting * 15, "and soon at first");
}
