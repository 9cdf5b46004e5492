//! The shift's slip as lines of text for a receipt printer: everything the report says, and the
//! audit chain's head, so that a printed slip proves what the ledger held when the shift ended.
//!
//! Pure. A Chinese character is two columns wide; 58 mm of paper hold 32 columns, 80 mm hold 48.

mod lines;

use super::config::Language;
use super::shift::{Closed, Shift, ShiftReport, Tally};
use super::time::shanghai;
use super::{Fen, Wallet};
use lines::Lines;

/// The slip of a shift: the closed one's final count, or how an open one stands. `columns` is at
/// least 16.
pub fn shift_slip(
    shift: &Shift,
    report: &ShiftReport,
    shop: &str,
    till: &str,
    language: Language,
    columns: usize,
) -> Vec<String> {
    let mut slip = Slip {
        words: Words(language),
        lines: Lines::new(columns),
    };
    slip.head(shift, shop, till);
    slip.people(shift);
    slip.takings(report);
    slip.parts(report);
    slip.cash(shift);
    match &shift.closed {
        Some(closed) => slip.end(closed),
        None => slip.still_open(report.to_do),
    }
    slip.lines.done()
}

struct Slip {
    words: Words,
    lines: Lines,
}

impl Slip {
    fn head(&mut self, shift: &Shift, shop: &str, till: &str) {
        let words = self.words;
        self.lines.centred(shop);
        self.lines.centred(match shift.closed {
            Some(_) => words.of("交班单", "Shift report"),
            None => words.of("班次（未交班）", "Shift (still open)"),
        });
        self.lines.rule();
        self.lines
            .pair(words.of("班次", "Shift"), &shift.no.to_string());
        self.lines.pair(words.of("终端", "Till"), till);
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
            self.lines.pair(counted, &yuan(hand.counted));
        }
        if let Some(closed) = &shift.closed {
            self.moment(words.of("交班", "Closed"), closed.at_ms, &closed.by);
        }
    }

    fn moment(&mut self, what: &str, at_ms: i64, who: &str) {
        let at = shanghai(at_ms).strftime("%Y-%m-%d %H:%M:%S").to_string();
        self.lines.pair(what, &at);
        self.lines.pair("", self.words.who(who));
    }

    fn takings(&mut self, report: &ShiftReport) {
        let words = self.words;
        self.lines.rule();
        self.tally(words.of("收款", "Paid"), report.paid);
        self.tally(words.of("退款", "Refunds"), report.refunds);
        self.lines
            .pair(words.of("净收款", "Net"), &yuan(report.net()));
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
            self.lines.rule();
            self.lines.left(title);
        }
    }

    fn tally(&mut self, what: &str, tally: Tally) {
        let count = match self.words.0 {
            Language::Chinese => format!("{}笔", tally.count),
            Language::English => format!("x{}", tally.count),
        };
        self.lines
            .pair(what, &format!("{count} {:>10}", yuan(tally.sum)));
    }

    fn cash(&mut self, shift: &Shift) {
        let words = self.words;
        self.lines.rule();
        self.lines
            .pair(words.of("备用金", "Float"), &yuan(shift.float));
        let (put_in, taken_out) = shift.cash_in_out();
        self.lines
            .pair(words.of("现金存入", "Cash in"), &yuan(put_in));
        self.lines
            .pair(words.of("现金取出", "Cash out"), &yuan(taken_out));
        for cash in &shift.cash {
            let at = shanghai(cash.at_ms).strftime("%H:%M");
            let who = format!("  {at} {}", words.who(&cash.by));
            self.lines.pair(&who, &yuan(cash.amount));
            self.lines.left(&format!("  {}", cash.reason));
        }
        let expected = shift.expected_cash();
        self.lines
            .pair(words.of("应有现金", "Cash expected"), &yuan(expected));
        if let Some(closed) = &shift.closed {
            self.lines
                .pair(words.of("清点现金", "Cash counted"), &yuan(closed.counted));
            let difference = Fen(closed.counted.0.saturating_sub(expected.0));
            self.lines
                .pair(words.of("差额", "Difference"), &yuan(difference));
        }
    }

    fn still_open(&mut self, open: u32) {
        if open > 0 {
            self.lines.rule();
            let words = self.words.of("待处理", "To do");
            self.lines.pair(words, &open.to_string());
        }
    }

    fn end(&mut self, closed: &Closed) {
        let words = self.words;
        self.still_open(closed.report.to_do);
        if let Some(exception) = &closed.exception {
            let signed = words.of("店长签字", "Signed by manager");
            self.lines.pair(signed, &exception.by);
            self.lines.left(&format!("  {}", exception.reason));
        }
        self.lines.rule();
        let events = words.of("账本记录数", "Ledger events");
        self.lines.pair(events, &closed.head_count.to_string());
        self.lines.left(words.of("审计链", "Audit chain"));
        self.lines.broken(&closed.head);
    }
}

#[derive(Debug, Clone, Copy)]
struct Words(Language);

impl Words {
    fn of(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self.0 {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    fn wallet(self, wallet: Option<Wallet>) -> &'static str {
        match wallet {
            Some(Wallet::Alipay) => self.of("支付宝", "Alipay"),
            Some(Wallet::Wechat) => self.of("微信", "WeChat"),
            None => self.of("其他", "Other"),
        }
    }

    /// A staff id; nobody is the command line.
    fn who(self, id: &str) -> &str {
        match id.is_empty() {
            true => self.of("命令行", "command line"),
            false => id,
        }
    }
}

/// Yuan with its sign: a drawer can lack money.
fn yuan(amount: Fen) -> String {
    match amount.0 < 0 {
        true => format!("-{}", Fen(amount.0.saturating_neg()).grouped()),
        false => amount.grouped(),
    }
}

#[cfg(test)]
mod tests;
