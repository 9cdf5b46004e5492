//! The incident page: both witnesses, only the till's own choices, one settlement for one wish.

use super::counter::*;
use super::looks::check_layout;
use super::{desk_sample as desk, sample};
use iced::keyboard::key::Named;
use shouyin::domain::State;
use shouyin::domain::bill::{Settled, Settlement};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::face::Face;
use shouyin::ui::screens::incident::Message as Incident;
use shouyin::ui::strings::Words;

const ALL: [Choice; 4] = [
    Choice::Refund,
    Choice::Accept,
    Choice::EndByRow,
    Choice::Dispute,
];

fn snapshot() -> Snapshot {
    let mut snapshot = desk::two_managers(sample::snapshot(Stage::Idle));
    snapshot.to_do = vec![desk::contradicted()];
    snapshot
}

fn looking(witnesses: Witnesses) -> Counter {
    let mut counter = Counter::new(snapshot());
    counter.press(Named::F7);
    counter.press(Named::Enter);
    let no = desk::bill_no();
    assert_eq!(counter.till.desk.taken(), [format!("witnesses {no}")]);
    let answer = Ok(Box::new(witnesses));
    counter.tell(Message::Incident(Incident::Witnesses(no, answer)));
    counter.pass(500);
    counter
}

fn confirming() -> Counter {
    let mut counter = looking(desk::witnesses(vec![Choice::Accept]));
    counter.press(Named::Enter);
    counter.pass(500);
    counter
}

fn has(counter: &mut Counter, part: &str) -> bool {
    let texts = counter.main_texts(SIZES[1]);
    texts.iter().any(|(text, ..)| text.contains(part))
}

#[test]
fn both_witnesses_stand_side_by_side_with_what_they_contradict() {
    let mut counter = looking(desk::witnesses(ALL.into()));
    for text in ["本机", "网关", "已收款", "已付款", "2 次，说没有撤销", "是"] {
        assert!(counter.reads(text), "{text}");
    }
    assert!(has(&mut counter, "api.beecloud.cn"));
    for size in SIZES {
        let texts = counter.main_texts(size);
        let seen = |text: &str| {
            let found = texts.iter().find(|(t, ..)| t == text);
            found.and_then(|(_, _, seen)| seen.map(|s| (s.x, s.y)))
        };
        let (here, there) = (seen("已收款").unwrap(), seen("已付款").unwrap());
        assert!(here.0 < there.0 && here.1 == there.1, "side by side");
    }
    assert!(counter.reads("本机是已收款，网关却已退回"));
}

#[test]
fn only_what_the_till_offers_can_be_chosen() {
    for offered in ALL {
        let mut counter = looking(desk::witnesses(vec![offered]));
        let w = Words::new(shouyin::domain::config::Language::Chinese);
        for choice in ALL {
            let means = w.choice_means(choice);
            assert_eq!(counter.reads(means), choice == offered, "{choice:?}");
        }
    }
    let mut none = looking(desk::witnesses(Vec::new()));
    assert!(none.reads("现在没有可以做的决定；等网关的回答"));
    use shouyin::ui::screens::incident::Do;
    none.tell(Message::Incident(Incident::Do(Do::Choose(Choice::Accept))));
    assert!(!none.reads("店长决定"), "not by any message either");
}

#[test]
fn a_settlement_needs_pin_and_reason_and_goes_out_once_by_keys_alone() {
    let mut counter = confirming();
    assert!(counter.reads("店长决定"));
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty(), "no PIN yet");
    assert!(counter.reads("请输入店长的 PIN"));
    counter.scan(ALIPAY_CODE, false);
    counter.typed("000000");
    for _ in 0..3 {
        counter.press(Named::Enter);
    }
    let no = desk::bill_no();
    assert_eq!(
        counter.till.desk.taken(),
        [format!(
            "SettleOrder {{ bill_no: BillNo(\"{no}\"), choice: Accept, id: \"2001\", pin: Pin(…), reason: \"已与顾客核对\" }}"
        )]
    );
    let done = Ok(SettledAs::Recorded(Settled::Accepted));
    counter.tell(Message::Incident(Incident::Settled(1, done)));
    assert!(counter.reads("按网关认定已收款，已记录，不再待处理"));
    counter.pass(500);
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::ToDo(_)));
}

#[test]
fn a_settlement_works_by_touch_alone() {
    let mut counter = looking(desk::witnesses(vec![Choice::Accept, Choice::Dispute]));
    counter.touch("有争议");
    for word in ["已问过网关", "二号店长 2002", "1", "3", "5", "7"] {
        counter.touch(word);
    }
    counter.touch("确认：有争议");
    let asked = counter.till.desk.taken();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("choice: Dispute, id: \"2002\""));
    assert!(asked[0].contains("已问过网关"));
}

#[test]
fn another_manager_begins_with_an_empty_pin_here_too() {
    let mut counter = confirming();
    counter.touch("已与顾客核对");
    counter.typed("123456");
    counter.touch("二号店长 2002");
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty());
}

#[test]
fn a_refusal_is_said_and_nothing_is_called_settled() {
    let mut counter = confirming();
    counter.touch("已与顾客核对");
    counter.typed("000000");
    counter.press(Named::Enter);
    let refused = Err(Said::NotProven);
    counter.tell(Message::Incident(Incident::Settled(1, refused)));
    assert!(counter.reads("网关的账单不能证明，没有结清"));
    counter.till.desk.taken();
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty(), "the PIN is gone");
    counter.press(Named::Escape);
    assert!(counter.reads("双方的记录"));
}

#[test]
fn nothing_is_settled_while_a_revert_may_still_act() {
    let mut witnesses = desk::witnesses(vec![Choice::EndByRow]);
    witnesses.not_before_ms = Some(sample::now() + 92_000);
    let mut counter = looking(witnesses);
    assert!(has(&mut counter, "还要等 1:3"));
    counter.press(Named::Enter);
    assert!(!counter.reads("店长决定"));
    use shouyin::ui::clock::Clock;
    let wake = counter.app.next_wake_ms().unwrap() - counter.clock.mono_ms();
    assert!(wake <= 1_000, "it counts down");
    counter.pass(95_000);
    assert!(!has(&mut counter, "还要等"));
    counter.press(Named::Enter);
    assert!(counter.reads("店长决定"));
}

#[test]
fn refund_goes_to_the_form_with_everything_filled_in() {
    let mut counter = looking(desk::witnesses(vec![Choice::Refund]));
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::Refund(_)));
    let mut bill = desk::refundable();
    bill.here = Some(Box::new(desk::contradicted()));
    let no = bill.bill_no.clone();
    let answer = shouyin::ui::screens::refund::Message::Refundable(no, Ok(Box::new(bill)));
    counter.tell(Message::Refund(answer));
    assert!(counter.reads("退给顾客 ¥ 200.00"));
}

#[test]
fn the_stage_leads_to_both_witnesses_and_a_late_payment_to_its_refund() {
    let on_stage = |name| {
        let snapshot = sample::on_stage(sample::face(name));
        Counter::new(desk::managed(snapshot))
    };
    let no = sample::waiting().bill_no;
    let mut counter = on_stage("incident");
    counter.touch("双方记录");
    assert_eq!(counter.till.desk.taken(), [format!("witnesses {no}")]);
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::ToDo(_)));
    let mut counter = on_stage("late");
    counter.touch("退款");
    assert_eq!(counter.till.desk.taken(), [format!("refundable {no}")]);
}

#[test]
fn a_settled_contradiction_looks_as_it_was_settled() {
    let settled = |how| BillView {
        settlement: Some(Settlement {
            how,
            by: "2001".into(),
            reason: "已与顾客核对".into(),
            at_ms: sample::now(),
        }),
        ..desk::contradicted()
    };
    assert_eq!(Face::of(&desk::contradicted()), Face::Incident);
    assert_eq!(Face::of(&settled(Settled::Accepted)), Face::Paid);
    assert_eq!(Face::of(&settled(Settled::Disputed)), Face::Disputed);
    let w = Words::new(shouyin::domain::config::Language::Chinese);
    let unpaid = BillView {
        state: State::NotSent,
        ..settled(Settled::Disputed)
    };
    let word = w.word(Face::of(&unpaid));
    assert!(!word.contains("未扣款"), "{word}");
}

#[test]
fn no_part_of_the_page_overlaps_or_is_cut_off() {
    for language in both_languages() {
        for size in SIZES {
            let what = format!("{language:?} {size:?}");
            let mut snapshot = snapshot();
            snapshot.shop.language = language;
            let mut counter = Counter::new(snapshot);
            counter.tell(Message::OpenIncident(desk::bill_no()));
            check_layout(&counter.main_texts(size), size, &what, true);
            let answer = Ok(Box::new(desk::witnesses(ALL.into())));
            let no = desk::bill_no();
            counter.tell(Message::Incident(Incident::Witnesses(no, answer)));
            check_layout(&counter.main_texts(size), size, &what, true);
            counter.pass(500);
            counter.press(Named::ArrowDown);
            counter.press(Named::Enter);
            check_layout(&counter.main_texts(size), size, &what, false);
        }
    }
}
