//! What was taken, as screens show it: the chart by hour and wallet, and the same in words.

use crate::domain::shift::{HourTally, ShiftReport, Tally};
use crate::domain::staff::Staff;
use crate::domain::time::{Day, shanghai};
use crate::domain::{Fen, Wallet};
use crate::ui::theme::Look;
use crate::ui::widgets::chart::{self, Bar, Ink};
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{bold, one_line, plain};
use iced::widget::{Column, row, space};
use iced::{Alignment, Color, Element};

const HOUR_MS: i64 = 3_600_000;
/// A chart has at least so many hours, so that one busy hour is not one wide block.
const FEWEST_HOURS: i64 = 12;
/// And at most so many: a shift that was left open for longer shows its newest week.
const MOST_HOURS: i64 = 168;

/// ¥ and an amount that may be below zero.
pub fn money(amount: Fen) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    format!("¥ {sign}{}", Fen(amount.0.saturating_abs()).grouped())
}

/// A difference: with its sign.
pub fn signed(amount: Fen) -> String {
    let sign = match amount.0 {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", Fen(amount.0.saturating_abs()).grouped())
}

/// The name of a staff id; the id where nobody has it any more.
pub fn name<'a>(staff: &'a [Staff], id: &'a str) -> &'a str {
    let found = staff.iter().find(|one| one.id == id);
    found.map_or(id, |one| one.name.as_str())
}

/// A wallet's colour; `None` where it never became known.
pub fn color(look: Look, wallet: Option<Wallet>) -> Color {
    match wallet {
        Some(Wallet::Alipay) => look.colors.alipay.fill,
        Some(Wallet::Wechat) => look.colors.wechat.fill,
        None => look.colors.undone.fill,
    }
}

/// The first and the last hour of the chart, UTC ms.
fn hours(report: &ShiftReport) -> Option<(i64, i64)> {
    let first = report.by_hour.iter().map(|hour| hour.from_ms).min()?;
    let last = report.by_hour.iter().map(|hour| hour.from_ms).max()?;
    let wide = (FEWEST_HOURS - 1) * HOUR_MS;
    let evening = Day::of(last).end_ms().saturating_sub(HOUR_MS);
    let last = last.max(first.saturating_add(wide).min(evening));
    let first = first.min(last.saturating_sub(wide));
    Some((first.max(last - (MOST_HOURS - 1) * HOUR_MS), last))
}

const WALLETS: [Option<Wallet>; 3] = [Some(Wallet::Alipay), Some(Wallet::Wechat), None];

fn bar(look: Look, hours: &[HourTally], from_ms: i64) -> Bar {
    let sum = |wallet| {
        let here = |h: &&HourTally| h.from_ms == from_ms && h.wallet == wallet;
        hours
            .iter()
            .filter(here)
            .map(|h| h.tally.sum.0)
            .sum::<i64>()
    };
    Bar {
        name: shanghai(from_ms).strftime("%H").to_string(),
        parts: WALLETS
            .iter()
            .map(|wallet| (sum(*wallet) as f32, color(look, *wallet)))
            .collect(),
    }
}

/// The largest hour's sum.
fn tallest(report: &ShiftReport) -> Fen {
    let of = |from_ms: i64| {
        let same = report.by_hour.iter().filter(|h| h.from_ms == from_ms);
        same.map(|h| h.tally.sum.0).sum::<i64>()
    };
    Fen(report
        .by_hour
        .iter()
        .map(|h| of(h.from_ms))
        .max()
        .unwrap_or(0))
}

/// The chart by hour and wallet; `None` where nothing was paid.
pub fn by_hour<'a, M: 'a>(look: Look, report: &ShiftReport, height: f32) -> Option<Element<'a, M>> {
    let (first, last) = hours(report)?;
    let count = (last - first) / HOUR_MS;
    let bars = (0..=count).map(|i| bar(look, &report.by_hour, first + i * HOUR_MS));
    let c = look.colors;
    let ink = Ink {
        text: c.text,
        quiet: c.quiet,
        line: c.line,
        size: look.hint(),
    };
    let most = money(tallest(report));
    Some(chart::bars(bars.collect(), most, height, ink))
}

/// A word, how many, and how much, on one line.
pub fn line<'a, M: 'a>(look: Look, word: String, tally: Tally) -> Element<'a, M> {
    let c = look.colors;
    row![
        one_line(plain(word, look.body(), c.text)),
        space::horizontal(),
        one_line(plain(
            look.words.sum_count(tally.count),
            look.body(),
            c.quiet
        )),
        one_line(bold(money(tally.sum), look.body(), c.text)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center)
    .into()
}

/// What each wallet took, with the chart's colours.
pub fn by_wallet<'a, M: 'a>(look: Look, report: &ShiftReport) -> Element<'a, M> {
    let lines = report.by_wallet.iter().map(|(wallet, tally)| {
        let dot = drawing::icon(Icon::Dot, look.px(12.0), color(look, *wallet));
        let word = look.words.wallet(*wallet).to_owned();
        row![dot, line(look, word, *tally)]
            .spacing(look.px(8.0))
            .align_y(Alignment::Center)
            .into()
    });
    Column::with_children(lines).spacing(look.px(8.0)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_moment;

    fn at(hour: i64) -> i64 {
        parse_moment("2026-11-20").unwrap_or(0) + hour * HOUR_MS
    }

    fn report(hours: &[i64]) -> ShiftReport {
        let one = |hour: &i64| HourTally {
            from_ms: at(*hour),
            wallet: Some(Wallet::Alipay),
            tally: Tally {
                count: 1,
                sum: Fen(100),
            },
        };
        ShiftReport {
            by_hour: hours.iter().map(one).collect(),
            ..ShiftReport::default()
        }
    }

    #[test]
    fn a_chart_has_twelve_hours_or_more_and_stays_in_its_day() {
        for (hours_paid, from, to) in [
            (vec![9], 9, 20),
            (vec![9, 14], 9, 20),
            (vec![20], 12, 23),
            (vec![0, 23], 0, 23),
            (vec![22, 25], 22, 33),
        ] {
            let (first, last) = hours(&report(&hours_paid)).unwrap();
            assert_eq!((first, last), (at(from), at(to)), "{hours_paid:?}");
        }
        assert_eq!(hours(&report(&[])), None);
        let (first, last) = hours(&report(&[0, 1_000])).unwrap();
        assert_eq!((last - first) / HOUR_MS, MOST_HOURS - 1);
    }

    #[test]
    fn amounts_below_zero_keep_their_sign_and_their_decimals() {
        assert_eq!(money(Fen(-105)), "¥ -1.05");
        assert_eq!(money(Fen(421_830)), "¥ 4,218.30");
        assert_eq!(signed(Fen(-5)), "-0.05");
        assert_eq!(signed(Fen(1_200)), "+12.00");
        assert_eq!(signed(Fen(0)), "0.00");
    }
}
