//! A shift's slip: the closed one's final count, or how an open one stands.

use super::SlipContext;
use super::words::Words;
use super::writer::Writer;
use crate::domain::Fen;
use crate::domain::config::Language;
use crate::domain::print::Slip;
use crate::domain::shift::{Closed, Shift, ShiftReport, Tally};
use crate::domain::time::shanghai;

/// The slip of a shift: the closed one's final count, or how an open one stands. It stays in the
/// shop, so the customers' lines (head and foot) are not on it.
pub fn shift_slip(shift: &Shift, report: &ShiftReport, context: &SlipContext<'_>) -> Slip {
    let mut slip = ShiftSlip {
        words: Words(context.language),
        to: Writer::new(*context),
    };
    slip.head(shift, context.till);
    slip.people(shift);
    slip.takings(report);
    slip.parts(report);
    slip.cash(shift);
    match &shift.closed {
        Some(closed) => slip.end(closed),
        None => slip.still_open(report.to_do),
    }
    slip.to.rule();
    slip.to.printed();
    slip.to.end();
    slip.to.done()
}

struct ShiftSlip<'a> {
    words: Words,
    to: Writer<'a>,
}

impl ShiftSlip<'_> {
    fn head(&mut self, shift: &Shift, till: &str) {
        let words = self.words;
        self.to.begin();
        self.to.strong(match shift.closed {
            Some(_) => words.of("交班单", "Shift report"),
            None => words.of("班次（未交班）", "Shift (still open)"),
        });
        self.to.rule();
        self.to
            .pair(words.of("班次", "Shift"), &shift.no.to_string());
        self.to.pair(words.of("终端", "Till"), till);
    }

    fn people(&mut self, shift: &Shift) {
        let words = self.words;
        self.moment(
            words.of("开班", "Opened"),
            shift.opened_ms,
            &shift.opened_by,
        );
        for hand in &shift.hands {
            let who = format!("{} > {}", words.who(&hand.from), words.who(&hand.to));
            self.moment(words.of("交接", "Handed over"), hand.at_ms, &who);
            let counted = words.of("  清点现金", "  cash counted");
            self.to.pair(counted, &yuan(hand.counted));
        }
        if let Some(closed) = &shift.closed {
            self.moment(words.of("交班", "Closed"), closed.at_ms, &closed.by);
        }
    }

    fn moment(&mut self, what: &str, at_ms: i64, who: &str) {
        self.to.moment(what, at_ms);
        self.to.pair("", self.words.who(who));
    }

    fn takings(&mut self, report: &ShiftReport) {
        let words = self.words;
        self.to.rule();
        self.tally(words.of("收款", "Paid"), report.paid);
        self.tally(words.of("退款", "Refunds"), report.refunds);
        self.to.pair(words.of("净收款", "Net"), &yuan(report.net()));
        // Reverted bills were never counted as paid.
        self.tally(
            words.of("撤销（未计入）", "Reverted (not counted)"),
            report.reverts,
        );
    }

    fn parts(&mut self, report: &ShiftReport) {
        let words = self.words;
        self.title(words.of("按钱包", "By wallet"), report.by_wallet.is_empty());
        for (wallet, tally) in &report.by_wallet {
            self.tally(words.wallet(*wallet), *tally);
        }
        self.title(
            words.of("按收银员", "By cashier"),
            report.by_cashier.is_empty(),
        );
        for (cashier, tally) in &report.by_cashier {
            self.tally(words.who(cashier), *tally);
        }
        self.title(words.of("按小时", "By hour"), report.by_hour.is_empty());
        for hour in &report.by_hour {
            let from = shanghai(hour.from_ms).strftime("%m-%d %H:00");
            self.tally(&format!("{from} {}", words.wallet(hour.wallet)), hour.tally);
        }
    }

    fn title(&mut self, title: &str, empty: bool) {
        if !empty {
            self.to.rule();
            self.to.left(title);
        }
    }

    fn tally(&mut self, what: &str, tally: Tally) {
        let count = match self.words.0 {
            Language::Chinese => format!("{}笔", tally.count),
            Language::English => format!("x{}", tally.count),
        };
        self.to
            .pair(what, &format!("{count} {:>10}", yuan(tally.sum)));
    }

    fn cash(&mut self, shift: &Shift) {
        let words = self.words;
        self.to.rule();
        self.to
            .pair(words.of("备用金", "Float"), &yuan(shift.float));
        let (put_in, taken_out) = shift.cash_in_out();
        self.to.pair(words.of("现金存入", "Cash in"), &yuan(put_in));
        self.to
            .pair(words.of("现金取出", "Cash out"), &yuan(taken_out));
        for cash in &shift.cash {
            let at = shanghai(cash.at_ms).strftime("%H:%M");
            let who = format!("  {at} {}", words.who(&cash.by));
            self.to.pair(&who, &yuan(cash.amount));
            self.to.left(&format!("  {}", cash.reason));
        }
        let expected = shift.expected_cash();
        self.to
            .pair(words.of("应有现金", "Cash expected"), &yuan(expected));
        if let Some(closed) = &shift.closed {
            self.to
                .pair(words.of("清点现金", "Cash counted"), &yuan(closed.counted));
            let difference = Fen(closed.counted.0.saturating_sub(expected.0));
            self.to
                .pair(words.of("差额", "Difference"), &yuan(difference));
        }
    }

    fn still_open(&mut self, open: u32) {
        if open > 0 {
            self.to.rule();
            let words = self.words.of("待处理", "To do");
            self.to.pair(words, &open.to_string());
        }
    }

    fn end(&mut self, closed: &Closed) {
        let words = self.words;
        self.still_open(closed.report.to_do);
        if let Some(exception) = &closed.exception {
            let signed = words.of("店长签字", "Signed by manager");
            self.to.pair(signed, &exception.by);
            self.to.left(&format!("  {}", exception.reason));
        }
        self.to.rule();
        let events = words.of("账本记录数", "Ledger events");
        self.to.pair(events, &closed.head_count.to_string());
        self.to.left(words.of("审计链", "Audit chain"));
        self.to.left(&closed.head);
    }
}

/// Yuan with its sign: a drawer can lack money.
fn yuan(amount: Fen) -> String {
    match amount.0 < 0 {
        true => format!("-{}", Fen(amount.0.saturating_neg()).grouped()),
        false => amount.grouped(),
    }
}
