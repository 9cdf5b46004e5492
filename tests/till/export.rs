//! Export from the window: who may, and that nothing is left out at the edges of what is read at
//! once.

use crate::harness::{Shop, pin};
use shouyin::domain::bill::Happened;
use shouyin::domain::time::{Day, Stamp};
use shouyin::domain::{Bill, BillNo, Channel, Fen, Host, SaleId, State};
use shouyin::ledger::{AuditKey, Ledger};
use shouyin::simulator::Options;
use shouyin::till::Command;
use shouyin::till::open::ledger_path;
use shouyin::till::service::{Desk, ExportFormat, ExportOrder, Exported, Said};
use shouyin::vault::Vault;
use std::collections::BTreeSet;

crate::rules! {
    only_a_manager_exports_and_every_bill_of_the_days_is_in_it_once,
}

fn bill(n: usize, wall_ms: i64) -> Bill {
    let mut bill = Bill::sent(
        BillNo::parse(&format!("2026110101{n:06}K7Q2M4XD")).unwrap(),
        SaleId(format!("S{n}")),
        Fen(n as i64 + 1),
        Channel::AliScan,
        Host("http://127.0.0.1:9".to_owned()),
        Stamp {
            wall_ms,
            offset_ms: None,
        },
    );
    bill.state = State::Refused;
    bill.ended_ms = Some(wall_ms);
    bill
}

fn export(shop: &Shop, order: &ExportOrder) -> Result<Exported, Said> {
    let done = shop.till().export(order.clone());
    shop.runtime.block_on(done)
}

fn only_a_manager_exports_and_every_bill_of_the_days_is_in_it_once() {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    shop.stop();
    let (from, to) = (
        Day::parse("2026-11-01").unwrap(),
        Day::parse("2026-11-02").unwrap(),
    );
    // Many in the same millisecond, the first and the last of the days, and one on each side.
    let mut bills: Vec<Bill> = (0..1_200)
        .map(|n| bill(n, from.start_ms() + (n as i64) / 400))
        .collect();
    bills.push(bill(1_200, to.end_ms() - 1));
    bills.push(bill(1_201, to.end_ms()));
    bills.push(bill(1_202, from.start_ms() - 1));
    let vault = Vault::open(shop.dir.path()).unwrap();
    let path = ledger_path(shop.dir.path());
    let mut ledger = Ledger::open(&path, AuditKey::new(vault.audit_key())).unwrap();
    let entries = bills
        .iter()
        .map(|b| (Happened::Refused, None, b, b.sent.wall_ms));
    ledger.record_all(entries).unwrap();
    drop(ledger);
    shop.start();
    let order = ExportOrder {
        from,
        to,
        format: ExportFormat::Csv,
        path: shop.dir.path().join("out.csv"),
    };
    assert_eq!(export(&shop, &order), Err(Said::NotAllowed));
    shop.send(Command::Lock);
    shop.settle_commands();
    assert_eq!(export(&shop, &order), Err(Said::Locked));
    assert!(!order.path.exists());
    shop.send(Command::SignIn {
        id: "2001".to_owned(),
        pin: pin("20012001"),
    });
    shop.settle_commands();
    let exported = export(&shop, &order).unwrap();
    assert_eq!((exported.bills, exported.refunds), (1_201, 0));
    let text = std::fs::read_to_string(&order.path).unwrap();
    let column = |line: &str| line.split(',').nth(1).unwrap().to_owned();
    let numbers: BTreeSet<String> = text.lines().skip(1).map(column).collect();
    let expected = bills.iter().take(1_201).map(|b| b.bill_no.to_string());
    assert_eq!(numbers, expected.collect());
    assert_eq!(text.lines().count(), 1_202);
    let nowhere = ExportOrder {
        path: shop.dir.path().join("missing/out.xlsx"),
        format: ExportFormat::Xlsx,
        ..order
    };
    assert!(matches!(export(&shop, &nowhere), Err(Said::Text(_))));
}
