//! Shifts: who opens one and when, handing over, cash, closing with what is still open.

use crate::harness::{Shop, pin};
use crate::listing::{Asked, Listing, row};
use shouyin::domain::bill::{Happened, IncidentKind};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::shift::{Shift, ShiftReport};
use shouyin::domain::time::{Day, Stamp};
use shouyin::domain::{Bill, BillNo, Channel, Fen, Host, Proof, SaleId, State, Wallet};
use shouyin::ledger::{AuditKey, Ledger, Reader};
use shouyin::simulator::Options;
use shouyin::till::Command;
use shouyin::till::open::ledger_path;
use shouyin::till::service::{Desk, Said, ShiftAct};
use shouyin::till::wall_ms;
use shouyin::vault::Vault;
use std::sync::Arc;

crate::rules! {
    the_first_sale_opens_a_shift_without_a_float,
    one_shift_at_a_time_and_only_for_who_is_signed_in,
    the_next_one_signs_in_by_being_handed_over_to,
    a_closed_shift_holds_its_report_and_the_chains_head,
    open_to_dos_need_a_managers_signature,
    what_cannot_be_written_changes_nothing,
    a_proof_without_a_witness_is_looked_at_when_the_shift_closes,
}

fn shop() -> Shop {
    Shop::build(|_| {}, true, Options::default())
}

fn act(shop: &Shop, act: ShiftAct) -> Result<Shift, Said> {
    let done = shop.till().shift(act);
    shop.runtime.block_on(done)
}

fn open(shop: &Shop, float: i64) -> Result<Shift, Said> {
    act(shop, ShiftAct::Open { float: Fen(float) })
}

fn close(shop: &Shop, exception: Option<(&str, &str, &str)>) -> Result<Shift, Said> {
    let exception = exception.map(|(id, secret, why)| (id.to_owned(), pin(secret), why.to_owned()));
    let counted = Fen(20_000);
    act(shop, ShiftAct::Close { counted, exception })
}

fn report(shop: &Shop, no: Option<u32>) -> Option<(Shift, ShiftReport)> {
    let asked = shop.till().shift_report(no);
    shop.runtime.block_on(asked).unwrap()
}

fn shown(shop: &mut Shop) -> Option<Arc<Shift>> {
    shop.settle_commands();
    shop.snapshot().desk.shift.clone()
}

fn the_first_sale_opens_a_shift_without_a_float() {
    let mut shop = shop();
    assert_eq!(shown(&mut shop), None);
    let bill_no = shop.charge(1_000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    let shift = shown(&mut shop).unwrap();
    assert_eq!((shift.no, shift.opened_by.as_str()), (1, "1001"));
    assert_eq!((shift.float, shift.holder.as_str()), (Fen::ZERO, "1001"));
    assert_eq!(shift.opened_ms, shop.bill(&bill_no).sent.wall_ms);
    let second = shop.charge(500, Wallet::Wechat);
    shop.until_state(&second, State::Paid);
    let (same, report) = report(&shop, None).unwrap();
    assert_eq!(same, *shift, "one shift for both");
    assert_eq!((report.paid.count, report.paid.sum), (2, Fen(1_500)));
    assert_eq!(report.by_cashier.len(), 1);
    let asked = shop.till().day_report(Day::of(wall_ms()));
    assert_eq!(shop.runtime.block_on(asked).unwrap().paid.count, 2);
    // It is the same after a restart.
    shop.stop();
    shop.start();
    assert_eq!(shop.snapshot().desk.shift, Some(shift));
}

fn one_shift_at_a_time_and_only_for_who_is_signed_in() {
    let mut shop = shop();
    shop.send(Command::Lock);
    shop.settle_commands();
    assert_eq!(open(&shop, 0), Err(Said::Locked));
    shop.send(Command::SignIn {
        id: "1001".to_owned(),
        pin: pin("10011001"),
    });
    shop.settle_commands();
    assert_eq!(close(&shop, None), Err(Said::NoShift));
    let cash = |amount, reason: &str| ShiftAct::Cash {
        amount: Fen(amount),
        reason: reason.to_owned(),
    };
    assert_eq!(act(&shop, cash(1, "x")), Err(Said::NoShift));
    assert!(matches!(open(&shop, -1), Err(Said::Text(_))));
    let shift = open(&shop, 20_000).unwrap();
    assert_eq!((shift.no, shift.float), (1, Fen(20_000)));
    assert_eq!(open(&shop, 0), Err(Said::ShiftOpen));
    assert_eq!(act(&shop, cash(500, " ")), Err(Said::ReasonMissing));
    assert!(matches!(act(&shop, cash(0, "x")), Err(Said::Text(_))));
    act(&shop, cash(5_000, "找零")).unwrap();
    let shift = act(&shop, cash(-1_000, "买胶带")).unwrap();
    assert_eq!(shift.expected_cash(), Fen(24_000));
    assert_eq!(shown(&mut shop).as_deref(), Some(&shift));
}

fn the_next_one_signs_in_by_being_handed_over_to() {
    let mut shop = shop();
    open(&shop, 20_000).unwrap();
    let hand = |secret: &str| ShiftAct::HandOver {
        to: "2001".to_owned(),
        pin: pin(secret),
        counted: Fen(20_000),
    };
    assert!(matches!(
        act(&shop, hand("99999999")),
        Err(Said::WrongPin { .. })
    ));
    let before = shown(&mut shop).unwrap();
    assert_eq!((before.hands.len(), before.holder.as_str()), (0, "1001"));
    let shift = act(&shop, hand("20012001")).unwrap();
    let hand = &shift.hands[0];
    assert_eq!((hand.from.as_str(), hand.to.as_str()), ("1001", "2001"));
    assert_eq!(shift.holder, "2001");
    shown(&mut shop);
    let signed_in = shop.snapshot().signed_in.clone();
    assert_eq!(signed_in.map(|s| s.id).as_deref(), Some("2001"));
}

fn a_closed_shift_holds_its_report_and_the_chains_head() {
    let mut shop = shop();
    open(&shop, 20_000).unwrap();
    let bill_no = shop.charge(1_000, Wallet::Alipay);
    shop.until_bill(&bill_no, "its row", |b| {
        b.state == State::Paid && b.look.is_none()
    });
    let reader = Reader::open(&ledger_path(shop.dir.path())).unwrap();
    let head = reader.head().unwrap();
    let shift = close(&shop, None).unwrap();
    let closed = shift.closed.clone().unwrap();
    assert_eq!(closed.head_count, head.count);
    let hex: String = head.last.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(closed.head, hex);
    assert_eq!(
        (closed.counted, closed.exception.clone()),
        (Fen(20_000), None)
    );
    assert_eq!(
        (closed.report.paid.count, closed.report.paid.sum),
        (1, Fen(1_000))
    );
    assert_eq!(shown(&mut shop), None);
    let last = report(&shop, None).unwrap();
    assert_eq!(last, (shift.clone(), closed.report));
    assert_eq!(report(&shop, Some(1)).unwrap().0, shift);
    assert_eq!(report(&shop, Some(9)), None);
    // The next sale is the next shift's.
    let next = shop.charge(700, Wallet::Alipay);
    shop.until_state(&next, State::Paid);
    assert_eq!(shown(&mut shop).unwrap().no, 2);
    let newest = shop.till().shifts(10);
    let numbers: Vec<u32> = shop
        .runtime
        .block_on(newest)
        .unwrap()
        .iter()
        .map(|s| s.no)
        .collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(report(&shop, None).unwrap().1.paid.sum, Fen(700));
}

fn open_to_dos_need_a_managers_signature() {
    let mut shop = shop();
    shop.plan(Act::Never, Network::LoseAnswer);
    let bill_no = shop.charge(1_000, Wallet::Alipay);
    shop.until("a to-do", |s| (s.to_do.len() == 1).then_some(()));
    assert_eq!(close(&shop, None), Err(Said::ToDosOpen(1)));
    let why = "明早再查";
    let not_manager = close(&shop, Some(("1001", "10011001", why)));
    assert_eq!(not_manager, Err(Said::ManagerNeeded));
    let silent = close(&shop, Some(("2001", "20012001", "  ")));
    assert_eq!(silent, Err(Said::ReasonMissing));
    let wrong = close(&shop, Some(("2001", "00000000", why)));
    assert!(matches!(wrong, Err(Said::WrongPin { .. })));
    assert!(shown(&mut shop).is_some(), "still open");
    let shift = close(&shop, Some(("2001", "20012001", why))).unwrap();
    let closed = shift.closed.unwrap();
    let exception = closed.exception.unwrap();
    assert_eq!((exception.by.as_str(), exception.open), ("2001", 1));
    assert_eq!((exception.reason.as_str(), closed.report.to_do), (why, 1));
    let signed_in = shop.snapshot().signed_in.clone();
    assert_eq!(signed_in.unwrap().id, "1001", "signing is not signing in");
    shop.until_terminal(&bill_no);
}

fn what_cannot_be_written_changes_nothing() {
    let mut shop = shop();
    let shift = open(&shop, 20_000).unwrap();
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    let cash = || ShiftAct::Cash {
        amount: Fen(100),
        reason: "x".to_owned(),
    };
    assert!(matches!(act(&shop, cash()), Err(Said::LedgerDown(_))));
    assert!(matches!(close(&shop, None), Err(Said::LedgerDown(_))));
    let hand = ShiftAct::HandOver {
        to: "2001".to_owned(),
        pin: pin("20012001"),
        counted: Fen(1),
    };
    assert!(matches!(act(&shop, hand), Err(Said::LedgerDown(_))));
    assert_eq!(shown(&mut shop).as_deref(), Some(&shift));
    let signed_in = shop.snapshot().signed_in.clone();
    assert_eq!(signed_in.unwrap().id, "1001");
    shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
    assert_eq!(act(&shop, cash()).unwrap().cash.len(), 1);
}

fn a_proof_without_a_witness_is_looked_at_when_the_shift_closes() {
    let gateway = Listing::new();
    let mut shop = shop();
    shop.stop();
    let now = wall_ms();
    let mut bill = Bill::sent(
        BillNo::parse("2026112001000001K7Q2M4XD").unwrap(),
        SaleId("S1".to_owned()),
        Fen(1_000),
        Channel::AliScan,
        Host("http://127.0.0.1:9".to_owned()),
        Stamp {
            wall_ms: now,
            offset_ms: Some(0),
        },
    );
    (bill.state, bill.proof) = (State::Reverted, Some(Proof::NoWitness));
    // It ends in the shift that opens now.
    bill.ended_ms = Some(now + 60_000);
    let vault = Vault::open(shop.dir.path()).unwrap();
    let path = ledger_path(shop.dir.path());
    let mut ledger = Ledger::open(&path, AuditKey::new(vault.audit_key())).unwrap();
    ledger.record(Happened::Reverted, None, &bill, now).unwrap();
    drop(ledger);
    gateway.bills().push(row(bill.bill_no.as_str(), true, now));
    shop.start_with(Arc::<Listing>::clone(&gateway));
    open(&shop, 0).unwrap();
    let by_number = |asked: &Asked| matches!(asked, Asked::Row(_) | Asked::Status(_));
    let about_it = |gateway: &Listing| {
        let ours = |a: &Asked| {
            *a == Asked::Row(bill.bill_no.to_string())
                || *a == Asked::Status(bill.bill_no.to_string())
        };
        gateway
            .asked()
            .iter()
            .filter(|a| by_number(a) && ours(a))
            .count()
    };
    assert_eq!(about_it(&gateway), 0, "it has no time of its own");
    close(&shop, None).unwrap();
    let found = shop.until_bill(&bill.bill_no, "an incident", |b| b.incident.is_some());
    assert_eq!(found.incident.unwrap().kind, IncidentKind::PaidAfterAll);
    assert_eq!(found.state, State::Reverted, "terminal states stay");
    assert!(about_it(&gateway) > 0);
}
