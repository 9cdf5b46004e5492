//! `shouyin bills`: reads the ledger, beside a running till if there is one.

use super::{BillsArgs, Exit, Failure, Home, Outcome, print};
use crate::domain::time::{parse_moment, shanghai};
use crate::domain::{Bill, BillNo, State};
use crate::ledger::{Filter, LedgerError, Reader};
use crate::till::open::ledger_path;
use serde::Serialize;
use std::io::Write;
use std::ops::ControlFlow;

/// One line of `bills --json` and `pay --json` (COUNTER).
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    bill_no: &'a str,
    sale: &'a str,
    amount: i64,
    channel: &'a str,
    state: &'a str,
    created_at: i64,
    ended_at: Option<i64>,
    returned: bool,
    proof: Option<&'a str>,
    refunded: i64,
    incident: Option<String>,
    next_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_url: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(super) fn of(bill: &'a Bill) -> Line<'a> {
        let due = match bill.state.is_terminal() {
            true => bill.look.map(|l| l.due_ms),
            false => bill.next_ms,
        };
        Line {
            bill_no: bill.bill_no.as_str(),
            sale: &bill.sale.0,
            amount: bill.amount.0,
            channel: bill.channel.name(),
            state: bill.state.name(),
            created_at: bill.sent.wall_ms,
            ended_at: bill.ended_ms,
            returned: bill.returned,
            proof: bill.proof.map(crate::domain::Proof::name),
            refunded: bill.refunded.0,
            incident: bill.incident.as_ref().map(|i| i.kind.to_string()),
            next_at: due,
            code_url: None,
        }
    }

    /// With the QR's content, for `pay`.
    pub(super) fn with_code(bill: &'a Bill) -> Line<'a> {
        let shown = bill.qr.was_shown().then(|| bill.qr.code_url()).flatten();
        Line {
            code_url: shown,
            ..Line::of(bill)
        }
    }

    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

pub(super) fn run(home: &Home, args: &BillsArgs) -> Outcome {
    let filter = Filter {
        state: parse(
            args.state.as_deref(),
            State::parse,
            "--state 要是 sent、awaiting、closing、watching、unresolved、paid、refused、not_sent、reverted、expired 之一",
        )?,
        since_ms: parse(
            args.since.as_deref(),
            parse_moment,
            "--since 要写成 2026-11-20 或 2026-11-20T08:00:00+08:00",
        )?,
        bill_no: parse(
            args.bill_no.as_deref(),
            BillNo::parse,
            "--bill-no 是 8 到 32 位数字或字母",
        )?,
    };
    let reader = match Reader::open(&ledger_path(&home.reading_dir())) {
        Ok(reader) => reader,
        // A till that never took a payment has no bills.
        Err(LedgerError::Missing) => return Ok(Exit::Done),
        Err(error) => return Err(Failure::no(error)),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let print_one = |bill: Bill| {
        let line = if args.json {
            Line::of(&bill).json()
        } else {
            plain(&bill)
        };
        match writeln!(out, "{line}") {
            Ok(()) => ControlFlow::Continue(()),
            // A closed pipe: whoever reads has enough.
            Err(_) => ControlFlow::Break(()),
        }
    };
    reader.bills(&filter, print_one).map_err(Failure::no)?;
    let _ = out.flush();
    print("");
    Ok(Exit::Done)
}

fn parse<T>(
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    allowed: &str,
) -> Result<Option<T>, Failure> {
    match text {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| Failure::wrong(allowed)),
    }
}

fn plain(bill: &Bill) -> String {
    let at = shanghai(bill.sent.wall_ms)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string();
    let proof = bill.proof.map_or("-", crate::domain::Proof::name);
    let mut line = format!(
        "{at} {} {:>10} {:<18} {:<10} {proof}",
        bill.bill_no,
        bill.amount.to_string(),
        bill.channel.name(),
        bill.state.name(),
    );
    if let Some(incident) = &bill.incident {
        line.push_str(&format!(" ! {}", incident.kind));
    }
    line
}
