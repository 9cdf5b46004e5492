//! A bill or a refund as a line of cells.

use crate::domain::time::shanghai;
use crate::domain::{Bill, Fen, Refund, Wallet};

/// Which list a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bill,
    Refund,
}

impl Kind {
    /// As the `kind` column says it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bill => "bill",
            Kind::Refund => "refund",
        }
    }

    /// The columns that its lines fill, as indexes of [`COLUMNS`].
    pub fn columns(self) -> &'static [usize] {
        match self {
            Kind::Bill => &[1, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17],
            Kind::Refund => &[1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 17],
        }
    }
}

/// Every column. Amounts are yuan, times Asia/Shanghai; `note` is a bill's note and a refund's
/// reason.
pub(super) const COLUMNS: [&str; 18] = [
    "kind",
    "bill_no",
    "refund_no",
    "time",
    "amount",
    "refund_fee",
    "channel",
    "wallet",
    "state",
    "proof",
    "operator",
    "approver",
    "note",
    "sale",
    "returned",
    "refunded",
    "trade_no",
    "incident",
];

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Empty,
    /// Never a formula: see [`text`].
    Text(String),
    /// A number with two decimals.
    Yuan(Fen),
}

/// One line, in the order of [`COLUMNS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub kind: Kind,
    pub cells: [Cell; COLUMNS.len()],
}

pub(super) fn bill(bill: &Bill) -> Line {
    let incident = bill.incident.as_ref().map(|i| i.kind.to_string());
    Line {
        kind: Kind::Bill,
        cells: [
            text(Kind::Bill.name()),
            text(bill.bill_no.as_str()),
            Cell::Empty,
            time(bill.sent.wall_ms),
            Cell::Yuan(bill.amount),
            Cell::Empty,
            text(bill.channel.name()),
            wallet(bill.wallet()),
            text(bill.state.name()),
            text(bill.proof.map_or("", |p| p.name())),
            text(&bill.operator),
            Cell::Empty,
            text(&bill.note),
            text(&bill.sale.0),
            text(if bill.returned { "true" } else { "false" }),
            Cell::Yuan(bill.refunded),
            text(bill.trade_no.as_deref().unwrap_or_default()),
            text(&incident.unwrap_or_default()),
        ],
    }
}

pub(super) fn refund(refund: &Refund) -> Line {
    let incident = refund.incident.as_ref().map(|i| i.kind.to_string());
    Line {
        kind: Kind::Refund,
        cells: [
            text(Kind::Refund.name()),
            text(refund.bill_no.as_str()),
            text(refund.refund_no.as_str()),
            time(refund.sent.wall_ms),
            Cell::Empty,
            Cell::Yuan(refund.fee),
            text(refund.channel.name()),
            wallet(refund.wallet),
            text(refund.state.name()),
            text(refund.proof.map_or("", |p| p.name())),
            text(&refund.operator),
            text(&refund.approver),
            text(&refund.reason),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            text(&incident.unwrap_or_default()),
        ],
    }
}

fn time(utc_ms: i64) -> Cell {
    let at = shanghai(utc_ms).strftime("%Y-%m-%d %H:%M:%S");
    Cell::Text(at.to_string())
}

fn wallet(wallet: Option<Wallet>) -> Cell {
    text(match wallet {
        Some(Wallet::Alipay) => "alipay",
        Some(Wallet::Wechat) => "wechat",
        None => "",
    })
}

/// What a spreadsheet would take for a formula gets an apostrophe before it. Full-width signs
/// count as their narrow ones there, and leading spaces are dropped.
pub(super) fn text(text: &str) -> Cell {
    const BEGIN: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let formula = text.trim_start_matches(' ').starts_with(BEGIN);
    match (text.is_empty(), formula) {
        (true, _) => Cell::Empty,
        (_, true) => Cell::Text(format!("'{text}")),
        (_, false) => Cell::Text(text.to_owned()),
    }
}
