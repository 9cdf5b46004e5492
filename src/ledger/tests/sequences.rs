//! Any sequence of entries: the tables are what the events say, and a part that fails leaves
//! nothing.

use super::books::{a_refund, a_run, a_shift, closed};
use super::*;
use crate::domain::refund::RefundState;
use crate::domain::shift::ShiftReport;
use proptest::prelude::*;
use std::collections::HashMap;

/// One step of a shop's day.
#[derive(Debug, Clone)]
enum Step {
    Bill(u32, State, bool, i64),
    Refund(u32, RefundState, bool),
    OpenShift,
    MoveCash,
    CloseShift,
    Run(Option<u32>, i64),
    Note,
}

fn some_step() -> impl Strategy<Value = Step> {
    let state = prop::sample::select(&State::ALL[..]);
    let refund = prop::sample::select(&RefundState::ALL[..]);
    prop_oneof![
        4 => (1_u32..8, state, any::<bool>(), 0_i64..9)
            .prop_map(|(n, state, accepted, ms)| Step::Bill(n, state, accepted, ms)),
        3 => (1_u32..6, refund, any::<bool>())
            .prop_map(|(n, state, look)| Step::Refund(n, state, look)),
        1 => Just(Step::OpenShift),
        1 => Just(Step::MoveCash),
        1 => Just(Step::CloseShift),
        1 => (prop::option::of(1_u32..3), 0_i64..9).prop_map(|(no, ms)| Step::Run(no, ms)),
        1 => Just(Step::Note),
    ]
}

/// What a step writes.
enum Owned {
    Bill(Box<Bill>),
    Refund(Box<Refund>),
    Shift(ShiftHappened, Shift),
    Run(Run),
    Note,
}

impl Owned {
    fn entry(&self) -> Entry<'_> {
        match self {
            Owned::Bill(bill) => Entry::Bill(Happened::Asked, None, bill),
            Owned::Refund(refund) => Entry::Refund(RefundHappened::RefundAnswered, None, refund),
            Owned::Shift(what, shift) => Entry::Shift(*what, shift),
            Owned::Run(run) => Entry::Run(run),
            Owned::Note => Entry::Note("sign_in", "1001"),
        }
    }
}

/// What was done so far.
#[derive(Default)]
struct Shop {
    /// Opened so far.
    shifts: u32,
    /// The last of them is open.
    open: bool,
    /// Terminal states never change (I8).
    bills: HashMap<u32, State>,
    refunds: HashMap<u32, RefundState>,
}

impl Shop {
    fn owned(&mut self, step: &Step) -> Option<Owned> {
        Some(match *step {
            Step::Bill(n, state, accepted, ms) => {
                let over = self.bills.get(&n).filter(|s| s.is_terminal());
                let state = over.copied().unwrap_or(state);
                self.bills.insert(n, state);
                Owned::Bill(Box::new(Bill {
                    settlement: accepted.then(|| settlement(Settled::Accepted, T0 + ms)),
                    refunded: Fen(ms % 2),
                    returned: ms == 0,
                    ..in_state(n, state)
                }))
            }
            Step::Refund(n, state, look) => {
                let over = self.refunds.get(&n).filter(|s| s.is_terminal());
                let state = over.copied().unwrap_or(state);
                self.refunds.insert(n, state);
                Owned::Refund(Box::new(Refund {
                    state,
                    ended_ms: state.is_terminal().then_some(T0 + 7),
                    look_ms: look.then_some(T0 + 9),
                    ..a_refund(n, n)
                }))
            }
            Step::OpenShift if !self.open => {
                self.shifts += 1;
                self.open = true;
                Owned::Shift(ShiftHappened::ShiftOpened, a_shift(self.shifts))
            }
            Step::MoveCash if self.open => {
                Owned::Shift(ShiftHappened::ShiftCashMoved, a_shift(self.shifts))
            }
            Step::CloseShift if self.open => {
                self.open = false;
                let shift = closed(self.shifts, ShiftReport::default());
                Owned::Shift(ShiftHappened::ShiftClosed, shift)
            }
            Step::OpenShift | Step::MoveCash | Step::CloseShift => return None,
            Step::Run(no, ms) => Owned::Run(a_run(no, T0 + ms)),
            Step::Note => Owned::Note,
        })
    }

    fn all(&mut self, steps: &[Step]) -> Vec<Owned> {
        steps.iter().filter_map(|step| self.owned(step)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_rebuild_is_what_the_file_holds_after_anything(
        parts in prop::collection::vec(prop::collection::vec(some_step(), 0..6), 1..20),
    ) {
        let mut room = Room::new();
        let mut shop = Shop::default();
        let mut reports = Vec::new();
        for part in &parts {
            let all = shop.all(part);
            let entries: Vec<Entry<'_>> = all.iter().map(Owned::entry).collect();
            room.ledger.write(&entries, T0).unwrap();
            for (no, report) in (1_u32..).zip(&reports) {
                let mut now = room.ledger.books().shift_report(no).unwrap();
                now.to_do = 0;
                prop_assert_eq!(&now, report, "shift {} changed after it was closed", no);
            }
            let over = shop.shifts - u32::from(shop.open);
            for no in reports.len() as u32 + 1..=over {
                let mut report = room.ledger.books().shift_report(no).unwrap();
                report.to_do = 0;
                reports.push(report);
            }
        }
        let head = room.ledger.head().unwrap();
        // Every row and column, compared with the rebuild.
        prop_assert_eq!(room.verify(), Ok(head.count));
        // Every bill that ever counted is in exactly one shift (0: before there was any).
        let counted: u32 = (0..=shop.shifts + 1)
            .map(|no| room.ledger.books().shift_report(no).unwrap().paid.count)
            .sum();
        let ever = room.ledger.books().report_between(i64::MIN, i64::MAX).unwrap();
        prop_assert_eq!(counted, ever.paid.count);
    }

    /// Killed before the commit, or refused in the middle: nothing of it is there.
    #[test]
    fn entries_are_written_whole_or_not_at_all(
        steps in prop::collection::vec(some_step(), 1..9),
        at in any::<prop::sample::Index>(),
    ) {
        let mut room = Room::filled();
        let all = Shop::default().all(&steps);
        let bad = a_shift(99);
        let mut entries: Vec<Entry<'_>> = all.iter().map(Owned::entry).collect();
        let at = at.index(entries.len() + 1);
        entries.insert(at, Entry::Shift(ShiftHappened::ShiftOpened, &bad));
        let before = room.ledger.head().unwrap();
        prop_assert!(room.ledger.write(&entries, T0).is_err());
        prop_assert_eq!(room.ledger.head().unwrap(), before);
        prop_assert_eq!(room.verify(), Ok(before.count));
        entries.remove(at);
        room.ledger.write(&entries, T0).unwrap();
        prop_assert_eq!(room.verify(), Ok(before.count + entries.len() as i64));
    }
}

#[test]
fn a_full_disk_leaves_nothing_of_a_refund_and_its_bill() {
    let mut room = Room::filled();
    room.ledger.limit_pages(Some(1)).unwrap();
    let mut failed = None;
    for n in 1..400 {
        let refund = a_refund(n, n);
        let bill = Bill {
            note: "字".repeat(300),
            ..a_bill(1_000 + n)
        };
        let entries = [
            Entry::Refund(RefundHappened::RefundStarted, None, &refund),
            Entry::Bill(Happened::Started, None, &bill),
        ];
        let before = room.ledger.head().unwrap();
        if let Err(error) = room.ledger.write(&entries, T0) {
            assert_eq!(room.ledger.head().unwrap(), before);
            failed = Some((n, error));
            break;
        }
    }
    let (n, error) = failed.unwrap();
    assert_eq!(error, LedgerError::Full);
    let refund = a_refund(n, n);
    assert_eq!(room.ledger.books().refund(&refund.refund_no), Ok(None));
    assert_eq!(room.ledger.bill(&no(1_000 + n)), Ok(None));
    assert_eq!(
        room.ledger.books().open_refunds().unwrap().len(),
        n as usize - 1
    );
    assert!(room.verify().is_ok());
    room.ledger.limit_pages(None).unwrap();
    let entry = Entry::Refund(RefundHappened::RefundStarted, None, &refund);
    room.ledger.write(&[entry], T0).unwrap();
    assert!(room.verify().is_ok());
}

/// What a power cut leaves: the file and its WAL as they are now, without the shared memory.
fn cut(of: &TempDir) -> (TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        std::fs::copy(of.path().join(name), dir.path().join(name)).unwrap();
    }
    let ledger = Ledger::open(&dir.path().join("ledger.db"), key()).unwrap();
    (dir, ledger)
}

#[test]
fn killed_before_the_commit_nothing_of_a_refund_its_bill_and_its_shift_is_there() {
    let mut room = Room::filled();
    let before = room.ledger.head().unwrap();
    // A cache of one page spills the transaction into the WAL before it is committed.
    let small = "PRAGMA cache_size = 1";
    room.ledger.conn.execute_batch(small).unwrap();
    let tx = begin(&mut room.ledger.conn).unwrap();
    let shift = a_shift(1);
    let opened = Entry::Shift(ShiftHappened::ShiftOpened, &shift);
    append_entry(&tx, &key(), T0, &opened).unwrap();
    for n in 1..60 {
        let (refund, bill) = (a_refund(n, n), a_bill(100 + n));
        for entry in [
            Entry::Refund(RefundHappened::RefundStarted, None, &refund),
            Entry::Bill(Happened::Started, None, &bill),
        ] {
            append_entry(&tx, &key(), T0, &entry).unwrap();
        }
    }
    let wal = room.dir.path().join("ledger.db-wal");
    assert!(wal.metadata().unwrap().len() > 150_000, "spilled");
    let (dir, ledger) = cut(&room.dir);
    drop(tx);
    assert_eq!(ledger.head().unwrap(), before);
    assert_eq!(ledger.books().open_shift(), Ok(None));
    assert_eq!(ledger.books().open_refunds(), Ok(Vec::new()));
    assert_eq!(ledger.bill(&no(101)), Ok(None));
    let verified = audit::verify(&dir.path().join("ledger.db"), &key());
    assert_eq!(verified.map(|v| v.events), Ok(before.count));
}

#[test]
fn what_was_written_is_there_after_a_power_cut() {
    let mut room = Room::filled();
    let (refund, shift, run) = (a_refund(1, 1), a_shift(1), a_run(None, T0));
    let entries = [
        Entry::Shift(ShiftHappened::ShiftOpened, &shift),
        Entry::Refund(RefundHappened::RefundStarted, None, &refund),
        Entry::Run(&run),
    ];
    room.ledger.write(&entries, T0).unwrap();
    let (dir, ledger) = cut(&room.dir);
    let books = ledger.books();
    assert_eq!(books.refund(&refund.refund_no), Ok(Some(refund)));
    assert_eq!(books.open_shift(), Ok(Some(shift)));
    assert_eq!(books.run(&run.scope), Ok(Some(run.clone())));
    assert!(audit::verify(&dir.path().join("ledger.db"), &key()).is_ok());
}
