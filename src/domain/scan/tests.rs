use super::*;
use crate::domain::config::Terminator;
use proptest::prelude::*;

const CODE: &str = "134567890123456789";
const ALIPAY: &str = "281234567890123456";

/// What was keyed, readable: typed characters as they are, `⏎`, `⇥`, `[scan]`, `!`.
fn show(keyed: &[Keyed]) -> String {
    keyed
        .iter()
        .map(|k| match k {
            Keyed::Typed(c) => c.to_string(),
            Keyed::Enter => "⏎".to_owned(),
            Keyed::Tab => "⇥".to_owned(),
            Keyed::Scan(text) => format!("[{}]", text.expose()),
            Keyed::Incomplete => "!".to_owned(),
        })
        .collect()
}

/// Plays keys (`⏎` Enter, `⇥` Tab, `⌫` another key, `~` a key repeat of the next character) each
/// so many ms after the one before, ticking whenever a tick is due, and lets silence fall.
fn play(keys: &[(&str, i64)]) -> String {
    let mut wedge = Wedge::new();
    let mut now = 1_000;
    let mut out = Vec::new();
    let run_to = |wedge: &mut Wedge, to: i64, out: &mut Vec<Keyed>| {
        while let Some(due) = wedge.due().filter(|due| *due < to) {
            out.extend(wedge.tick(due));
        }
    };
    for (text, apart_ms) in keys {
        let mut repeat = false;
        for c in text.chars() {
            if c == '~' {
                repeat = true;
                continue;
            }
            now += apart_ms;
            run_to(&mut wedge, now, &mut out);
            out.extend(match c {
                '⏎' => wedge.end(EndKey::Enter, now),
                '⇥' => wedge.end(EndKey::Tab, now),
                '⌫' => wedge.other(now),
                c => wedge.character(c, now, std::mem::take(&mut repeat)),
            });
        }
    }
    run_to(&mut wedge, now + 10_000, &mut out);
    assert_eq!(wedge.due(), None, "nothing is held for ever");
    show(&out)
}

#[test]
fn a_scan_ends_with_enter_tab_or_silence_and_types_nothing() {
    for apart_ms in [0, 1, 5, 20, 40] {
        let scan = format!("[{CODE}]");
        for end in ["⏎", "⇥", ""] {
            assert_eq!(
                play(&[(CODE, apart_ms), (end, apart_ms)]),
                scan,
                "{apart_ms} ms"
            );
        }
    }
}

#[test]
fn typing_comes_out_as_it_was_typed() {
    for apart_ms in [41, 60, 150, 1000] {
        assert_eq!(play(&[("12.50⏎", apart_ms)]), "12.50⏎", "{apart_ms} ms");
        assert_eq!(play(&[("12.5⌫0", apart_ms)]), "12.50", "{apart_ms} ms");
    }
    assert_eq!(
        play(&[("123", 20), ("⏎", 20)]),
        "123⏎",
        "Enter right behind fast digits"
    );
    assert_eq!(
        play(&[("12", 30), ("34", 60), ("56", 30), ("⏎", 200)]),
        "123456⏎"
    );
    assert_eq!(play(&[("⏎⏎", 10)]), "⏎⏎");
}

#[test]
fn a_typed_character_is_held_no_longer_than_120_ms() {
    let mut wedge = Wedge::new();
    assert_eq!(show(&wedge.character('7', 1_000, false)), "");
    assert_eq!(wedge.due(), Some(1_120));
    assert_eq!(show(&wedge.tick(1_119)), "");
    assert_eq!(show(&wedge.tick(1_120)), "7");
    assert_eq!(wedge.due(), None);
    // While a person goes on typing, one key behind.
    assert_eq!(show(&wedge.character('8', 2_000, false)), "");
    assert_eq!(show(&wedge.character('9', 2_060, false)), "");
    assert_eq!(show(&wedge.tick(2_101)), "8");
    assert_eq!(show(&wedge.end(EndKey::Enter, 2_110)), "9⏎");
}

#[test]
fn a_scans_first_keys_before_a_slow_frame_are_never_an_amount() {
    for code in [CODE, ALIPAY] {
        for head in 1..=3 {
            for stall_ms in [0, 40, 41, 60, 100, 119] {
                let late = [
                    ("5", 500),
                    (&code[..1], 500),
                    (&code[1..head], 5),
                    (&code[head..=head], stall_ms),
                    (&code[head + 1..], 5),
                    ("⏎", 5),
                ];
                assert_eq!(play(&late), format!("5[{code}]"), "{head} {stall_ms}");
            }
        }
    }
    // Without its 1 this could be an Alipay code: nothing is sent, nothing is an amount.
    let either = [("1", 500), ("30123456789012345", 60), ("⏎", 5)];
    assert_eq!(
        play(&[either[0], ("3", 60), (&either[1].0[1..], 5), ("⏎", 5)]),
        "!"
    );
}

#[test]
fn a_key_that_is_held_down_is_no_scanner() {
    assert_eq!(
        play(&[("0", 500), ("~0~0~0~0~0~0", 30), ("⏎", 80)]),
        "0000000⏎"
    );
    assert_eq!(
        play(&[
            ("1", 500),
            ("~1", 20),
            ("2", 20),
            ("3", 20),
            ("4", 20),
            ("⏎", 90)
        ]),
        "11234⏎"
    );
    let leaning = [(&CODE[..9], 5), ("~5", 5), (&CODE[9..], 5), ("⏎", 5)];
    assert_eq!(
        play(&leaning),
        "!",
        "whose characters are whose can't be told"
    );
}

#[test]
fn the_digits_of_a_pin_that_were_delivered_late_are_typing() {
    for (asked, typed) in [(true, 6), (false, 0)] {
        let mut wedge = Wedge::new();
        wedge.expect_pin(asked);
        let mut keyed = Vec::new();
        for at_ms in 0..6 {
            keyed.extend(wedge.character('0', at_ms, false));
        }
        keyed.extend(wedge.tick(1_000));
        let digits = keyed.iter().filter(|k| **k == Keyed::Typed('0')).count();
        assert_eq!(digits, typed, "{keyed:?}");
    }
    let mut wedge = Wedge::new();
    wedge.expect_pin(true);
    for (at_ms, c) in (0..).zip("285111122223333444".chars()) {
        let _ = wedge.character(c, at_ms, false);
    }
    let scan = wedge.tick(1_000);
    assert!(matches!(scan.as_slice(), [Keyed::Scan(_)]), "{scan:?}");
}

#[test]
fn an_amount_that_was_delivered_late_is_typing() {
    assert_eq!(play(&[("12.50", 0)]), "12.50");
    assert_eq!(play(&[("1234567.5", 3)]), "1234567.5");
    assert_eq!(play(&[("123456789", 3)]), "!", "no till takes so much");
    assert_eq!(play(&[("1234567890", 3)]), "[1234567890]", "ten are a scan");
    assert_eq!(
        play(&[("12.50⏎", 0)]),
        "!",
        "with Enter it is an incomplete scan"
    );
    assert_eq!(play(&[("1.2.3", 0)]), "!", "no amount");
    assert_eq!(play(&[("13AB", 0)]), "!");
    assert_eq!(play(&[("0000", 0)]), "!");
}

#[test]
fn fewer_than_ten_characters_are_an_incomplete_scan() {
    assert_eq!(play(&[("134567890⏎", 5)]), "!");
    assert_eq!(play(&[("1345⇥", 5)]), "!");
}

#[test]
fn scans_follow_each_other() {
    let two = format!("[{CODE}][{ALIPAY}]");
    assert_eq!(play(&[(CODE, 2), ("⏎", 2), (ALIPAY, 2), ("⏎", 2)]), two);
    assert_eq!(
        play(&[(CODE, 2), (ALIPAY, 2), ("", 0)]),
        format!("[{CODE}{ALIPAY}]")
    );
    let apart = [(CODE, 2), ("2", 120), (&ALIPAY[1..], 2), ("⏎", 2)];
    assert_eq!(play(&apart), two, "120 ms of silence end a scan");
    let hiccup = [
        (&CODE[..9], 2),
        (&CODE[9..10], 119),
        (&CODE[10..], 2),
        ("⏎", 2),
    ];
    assert_eq!(play(&hiccup), format!("[{CODE}]"));
}

#[test]
fn cr_lf_is_one_end() {
    assert_eq!(play(&[(CODE, 2), ("⏎⏎", 2)]), format!("[{CODE}]"));
    assert_eq!(play(&[(CODE, 2), ("\r\n", 2)]), format!("[{CODE}]"));
    assert_eq!(
        play(&[(CODE, 2), ("⏎", 2), ("⏎", 300)]),
        format!("[{CODE}]⏎"),
        "a person's Enter"
    );
    assert_eq!(play(&[(CODE, 2), ("⏎⏎⏎", 2)]), format!("[{CODE}]⏎"));
}

#[test]
fn a_digit_typed_right_before_a_scan_never_reaches_the_amount_from_the_scan() {
    // Held with the scan: the text is then no code that fits a wallet, and nothing is typed.
    let out = play(&[("5", 500), (CODE, 30), ("⏎", 5)]);
    assert_eq!(out, format!("[5{CODE}]"));
    let out = play(&[("5", 500), (CODE, 41), ("⏎", 41)]);
    assert_eq!(
        out,
        format!("5{CODE}⏎"),
        "a scanner slower than 40 ms is typing"
    );
    let out = play(&[("5", 500), (&CODE[..1], 60), (&CODE[1..], 5), ("⏎", 5)]);
    assert_eq!(out, format!("5[{CODE}]"));
}

#[test]
fn full_width_digits_are_folded() {
    assert_eq!(
        play(&[("１３４５６７８９０１２３４５６７８９", 2), ("⏎", 2)]),
        format!("[{CODE}]")
    );
    assert_eq!(play(&[("１２．５", 60)]), "12.5");
}

#[test]
fn an_endless_burst_is_dropped_and_said_once() {
    let endless = "7".repeat(100_000);
    assert_eq!(
        play(&[(&endless, 1), ("⏎", 1), (CODE, 2), ("⏎", 2)]),
        format!("![{CODE}]")
    );
    assert_eq!(play(&[(&endless, 1)]), "!");
}

#[test]
fn a_clock_that_goes_backwards_holds_nothing_for_ever() {
    let mut wedge = Wedge::new();
    wedge.character('1', 1_000_000, false);
    assert_eq!(show(&wedge.tick(10)), "");
    assert_eq!(wedge.due(), Some(130));
    assert_eq!(show(&wedge.tick(130)), "1");
    for (at, c) in CODE.chars().enumerate() {
        wedge.character(c, 500 - i64::try_from(at).unwrap(), false);
    }
    assert_eq!(show(&wedge.end(EndKey::Enter, 400)), format!("[{CODE}]"));
    wedge.character('1', i64::MAX, false);
    assert!(wedge.due().is_some());
    wedge.character('1', i64::MIN, false);
    assert_eq!(show(&wedge.tick(i64::MAX)), "11");
}

#[test]
fn nothing_prints_a_code() {
    let mut wedge = Wedge::new();
    for (at, c) in (0..).zip(CODE.chars()) {
        wedge.character(c, at, false);
        assert!(!format!("{wedge:?}").contains("34"));
    }
    let keyed = wedge.end(EndKey::Enter, 20);
    assert_eq!(
        format!("{keyed:?} {:?}", Keyed::Typed('5')),
        "[Scan(…)] Typed(…)"
    );
    let framed = Framer::new(Terminator::Auto).bytes(b"134567890123456789\r", 0);
    assert_eq!(format!("{framed:?}"), "[Scan(ScanString(…))]");
}

fn frames(framed: &[Framed]) -> String {
    framed
        .iter()
        .map(|f| match f {
            Framed::Scan(text) => format!("[{}]", text.expose()),
            Framed::Incomplete => "!".to_owned(),
        })
        .collect()
}

/// Reads at these moments, then long silence.
fn feed(terminator: Terminator, reads: &[(&[u8], i64)]) -> String {
    let mut framer = Framer::new(terminator);
    let mut out = Vec::new();
    let mut end = 0;
    for (bytes, at_ms) in reads {
        out.extend(framer.bytes(bytes, *at_ms));
        end = *at_ms;
    }
    out.extend(framer.tick(end + 10_000));
    assert_eq!(framer.due(), None);
    frames(&out)
}

fn auto(bytes: &[u8]) -> String {
    feed(Terminator::Auto, &[(bytes, 0)])
}

#[test]
fn any_usual_terminator_ends_a_code() {
    for end in ["\r", "\n", "\r\n", "\t", "\n\r", ""] {
        assert_eq!(
            auto(format!("{CODE}{end}").as_bytes()),
            format!("[{CODE}]"),
            "{end:?}"
        );
    }
    let glued = format!("{CODE}\r{ALIPAY}\n{CODE}\t{ALIPAY}\r\n{CODE}");
    assert_eq!(
        auto(glued.as_bytes()),
        format!("[{CODE}][{ALIPAY}][{CODE}][{ALIPAY}][{CODE}]")
    );
}

#[test]
fn a_set_terminator_is_the_only_one() {
    let table = [
        (Terminator::Cr, "\r"),
        (Terminator::Lf, "\n"),
        (Terminator::Crlf, "\r\n"),
        (Terminator::Tab, "\t"),
    ];
    for (terminator, end) in table {
        let two = format!("{CODE}{end}{ALIPAY}{end}");
        assert_eq!(
            feed(terminator, &[(two.as_bytes(), 0)]),
            format!("[{CODE}][{ALIPAY}]")
        );
        let cut = &[(&b"1345678901234"[..], 0), (two.as_bytes(), 1000)];
        assert_eq!(
            feed(terminator, cut),
            format!("![{CODE}][{ALIPAY}]"),
            "cut short, never glued"
        );
        assert_eq!(
            feed(terminator, &[(CODE.as_bytes(), 0)]),
            "!",
            "no end was seen"
        );
    }
    let crlf = feed(
        Terminator::Cr,
        &[(format!("{CODE}\r\n{ALIPAY}\r\n").as_bytes(), 0)],
    );
    assert_eq!(crlf, format!("[{CODE}][{ALIPAY}]"));
}

#[test]
fn silence_ends_a_code_where_nothing_is_set() {
    let mut framer = Framer::new(Terminator::Auto);
    assert_eq!(frames(&framer.bytes(&CODE.as_bytes()[..9], 1_000)), "");
    assert_eq!(frames(&framer.bytes(&CODE.as_bytes()[9..], 1_119)), "");
    assert_eq!(framer.due(), Some(1_239));
    assert_eq!(frames(&framer.tick(1_238)), "");
    assert_eq!(frames(&framer.tick(1_239)), format!("[{CODE}]"));
    assert_eq!(framer.due(), None, "no work while idle");
    framer.bytes(CODE.as_bytes(), 2_000);
    assert_eq!(
        frames(&framer.bytes(ALIPAY.as_bytes(), 2_120)),
        format!("[{CODE}]")
    );
}

#[test]
fn full_width_digits_come_in_either_encoding() {
    let wide = "１３４５６７８９０１２３４５６７８９";
    assert_eq!(auto(format!("{wide}\r").as_bytes()), format!("[{CODE}]"));
    let (gb, _, lacking) = encoding_rs::GB18030.encode(wide);
    assert!(!lacking);
    assert_eq!(auto(&[&gb, &b"\r"[..]].concat()), format!("[{CODE}]"));
}

#[test]
fn framing_characters_around_a_code_are_no_part_of_it() {
    for (before, after) in [
        ("\u{2}", "\u{3}"),
        ("\0\0", "\0"),
        ("  ", " "),
        ("\u{feff}", ""),
    ] {
        assert_eq!(
            auto(format!("{before}{CODE}{after}\r").as_bytes()),
            format!("[{CODE}]")
        );
    }
}

#[test]
fn a_garbled_code_is_never_a_scan() {
    for garbled in [
        &b"13456789\xff0123456789\r"[..],
        b"13456789\x000123456789\r",
        b"13456789\x1b0123456789\r",
    ] {
        assert_eq!(auto(garbled), "!");
    }
    assert_eq!(auto(b"\xff\xfe134567890123456789\r").replace('!', ""), "");
    assert_eq!(auto(b"134567890\r"), "!", "short");
}

#[test]
fn noise_on_the_line_is_not_worth_a_word() {
    for noise in [
        &b"\0"[..],
        b"\xff",
        b"\xff\xff\xfe",
        b"\r\n\r\n\t",
        b"",
        b"  \r",
    ] {
        assert_eq!(auto(noise), "");
    }
    assert_eq!(auto(b"\xff\xfe\xfd\xfc"), "!", "a wrong baud rate is");
}

#[test]
fn a_megabyte_of_garbage_is_said_once_and_the_next_code_is_read() {
    let mut seed = 1u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0] | 0x80
    };
    let garbage: Vec<u8> = (0..1_000_000).map(|_| noise()).collect();
    let lines: Vec<u8> = garbage
        .iter()
        .map(|b| if *b == 0x85 { b'\r' } else { *b })
        .collect();
    for garbage in [garbage, lines, vec![0; 1_000_000], vec![b'7'; 1_000_000]] {
        let mut framer = Framer::new(Terminator::Auto);
        let mut out = Vec::new();
        for read in garbage.chunks(777) {
            out.extend(framer.bytes(read, 5));
        }
        out.extend(framer.bytes(format!("\r{CODE}\r").as_bytes(), 6));
        assert_eq!(out.len(), 2, "one word for the garbage, and the code");
        assert_eq!(frames(&out), format!("![{CODE}]"));
    }
}

proptest! {
    #[test]
    fn where_reads_are_split_makes_no_difference(
        codes in proptest::collection::vec("[0-9０-９]{1,30}|[ -~]{0,20}|\\PC{0,12}", 0..8),
        end in proptest::sample::select(vec!["\r", "\n", "\r\n", "\t"]),
        cuts in proptest::collection::vec(1usize..9, 1..200),
        terminator in proptest::sample::select(vec![
            Terminator::Auto, Terminator::Cr, Terminator::Lf, Terminator::Crlf, Terminator::Tab,
        ]),
    ) {
        let stream: String = codes.iter().map(|code| format!("{code}{end}")).collect();
        let mut rest = stream.as_bytes();
        let mut reads: Vec<(&[u8], i64)> = Vec::new();
        for cut in cuts {
            let (read, after) = rest.split_at(cut.min(rest.len()));
            reads.push((read, 7));
            rest = after;
        }
        reads.push((rest, 7));
        prop_assert_eq!(feed(terminator, &reads), feed(terminator, &[(stream.as_bytes(), 7)]));
    }

    #[test]
    fn no_bytes_at_any_time_make_the_framer_panic(
        reads in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..300), any::<i64>()), 0..30),
    ) {
        let mut framer = Framer::new(Terminator::Auto);
        for (bytes, at_ms) in reads {
            for framed in framer.bytes(&bytes, at_ms) {
                if let Framed::Scan(text) = framed {
                    prop_assert!((SCAN_CHARS..=BURST_BYTES).contains(&text.expose().chars().count()));
                    prop_assert!(!text.expose().chars().any(char::is_control));
                }
            }
            framer.tick(at_ms.saturating_add(1));
        }
    }

    #[test]
    fn no_keys_at_any_time_make_the_wedge_panic_or_lose_an_enter_of_a_person(
        keys in proptest::collection::vec((any::<char>(), 0i64..200, any::<bool>(), 0u8..8), 0..80),
    ) {
        let mut wedge = Wedge::new();
        let mut now = 0;
        for (c, apart_ms, repeat, what) in keys {
            now += apart_ms;
            let keyed = match what {
                0 => wedge.end(EndKey::Enter, now),
                1 => wedge.end(EndKey::Tab, now),
                2 => wedge.other(now),
                3 => wedge.tick(now),
                _ => wedge.character(c, now, repeat),
            };
            prop_assert!(keyed.len() <= BURST_BYTES);
        }
        wedge.tick(now + SILENCE_MS);
        prop_assert_eq!(wedge.due(), None);
        let enter = wedge.end(EndKey::Enter, now + 10_000);
        prop_assert_eq!(show(&enter), "⏎");
    }

    #[test]
    fn a_scan_at_any_pace_never_types_a_digit(
        gaps in proptest::collection::vec(0i64..=40, 18),
        before in "[0-9]{0,3}",
    ) {
        let mut wedge = Wedge::new();
        let mut now = 0;
        let mut out = Vec::new();
        for c in before.chars() {
            now += 100;
            out.extend(wedge.character(c, now, false));
        }
        now += 100;
        for (c, gap) in CODE.chars().zip(gaps) {
            now += gap;
            out.extend(wedge.character(c, now, false));
        }
        out.extend(wedge.end(EndKey::Enter, now));
        prop_assert_eq!(show(&out), format!("{before}[{CODE}]"));
    }
}
