//! `shouyin reconcile`: a day against the gateway, one difference a line.
//!
//! It asks for no PIN: it only reads, and settles what the gateway's own rows prove, as `settle`
//! does for whoever owns the directory. Changing anything by a person's word is not offered here.

use super::export::day;
use super::signals::Interrupt;
use super::{Exit, Failure, Home, Outcome, ReconcileArgs, print_line, running, runtime, warn_line};
use crate::domain::reconcile::{Difference, Run, Scope, Sums};
use crate::till::service::{ReconcileProgress, ReconcileView, Said};
use crate::till::{Service, Till};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn run(home: &Home, args: &ReconcileArgs, wait: Duration) -> Outcome {
    let scope = Scope::day(day("--day", &args.day)?);
    home.must_choose()?;
    let runtime = runtime()?;
    let interrupt = Interrupt::catch(&runtime)?;
    let running = running::open(home, &runtime, wait, false)?;
    let outcome = runtime.block_on(compare(&running.till, scope, interrupt));
    running.close(&runtime);
    let view = outcome?;
    for difference in &view.run.differences {
        print_line(&match args.json {
            true => Line::of(difference).json(),
            false => plain(difference),
        });
    }
    ended(&view, &args.day)
}

/// Runs it to its end, or until a signal stops it.
async fn compare(
    till: &Till,
    scope: Scope,
    mut interrupt: Interrupt,
) -> Result<Arc<ReconcileView>, Failure> {
    let mut snapshots = till.snapshots();
    let started = till.reconcile_as_owner(scope).await;
    // 1 would say that there are differences.
    started.map_err(|said| Failure::new(Exit::Unknown, words(&said)))?;
    loop {
        let view = snapshots.borrow_and_update().desk.reconcile.clone();
        if let Some(view) = view.filter(|v| v.progress != ReconcileProgress::Running) {
            return Ok(view);
        }
        tokio::select! {
            () = interrupt.came() => till.cancel_reconcile_as_owner(),
            changed = snapshots.changed() => {
                changed.map_err(|_| Failure::new(Exit::Unknown, "收银程序停止了，请再试"))?;
            }
        }
    }
}

/// One line on standard error, however it ended.
fn ended(view: &ReconcileView, day: &str) -> Outcome {
    let unfinished = |why: &str| {
        let line = format!("{day} 没有对完：{why}；再运行一次会接着对");
        Err(Failure::new(Exit::Unknown, line))
    };
    match &view.progress {
        ReconcileProgress::Finished => {
            warn_line(&summary(day, &view.run));
            match view.run.differences.is_empty() {
                true => Ok(Exit::Done),
                false => Ok(Exit::No),
            }
        }
        ReconcileProgress::Stopped(said) => unfinished(&words(said)),
        ReconcileProgress::Cancelled | ReconcileProgress::Running => unfinished("已停下"),
    }
}

fn words(said: &Said) -> String {
    match said {
        Said::GatewaySilent => "网关没有回答".to_owned(),
        Said::ReconcileRunning => "对账正在进行".to_owned(),
        Said::Stopped => "收银程序停止了".to_owned(),
        Said::ListsNotOffered => "聚宝 Pay 没有账单列表，不能对账：请在聚宝商户后台核对".to_owned(),
        Said::LedgerDown(why) => format!("本机账本写不进去：{why}"),
        Said::Refused(why) | Said::Text(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

/// One line of `reconcile --json` (COUNTER).
#[derive(Debug, Serialize)]
struct Line<'a> {
    kind: &'static str,
    bill_no: &'a str,
    refund_no: Option<&'a str>,
    here: Option<String>,
    there: Option<String>,
}

impl<'a> Line<'a> {
    fn of(difference: &'a Difference) -> Line<'a> {
        Line {
            kind: difference.kind.name(),
            bill_no: &difference.bill_no,
            refund_no: difference.refund_no.as_deref(),
            here: difference.here.as_ref().map(ToString::to_string),
            there: difference.there.as_ref().map(ToString::to_string),
        }
    }

    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn plain(difference: &Difference) -> String {
    let line = Line::of(difference);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    format!(
        "{} {} {} {} {}",
        line.kind,
        line.bill_no,
        line.refund_no.unwrap_or("-"),
        or_none(line.here),
        or_none(line.there)
    )
}

fn summary(day: &str, run: &Run) -> String {
    let sums = |sums: &Sums| {
        let (paid, refunds) = (sums.paid, sums.refunds);
        format!(
            "收款 {} 笔 {}、退款 {} 笔 {}",
            paid.count, paid.sum, refunds.count, refunds.sum
        )
    };
    format!(
        "{day} 比对 {} 笔；本机{}；网关{}；其他终端 {} 笔 {}；由此了结 {} 笔；差异 {} 处",
        run.compared,
        sums(&run.here),
        sums(&run.there),
        run.elsewhere.count,
        run.elsewhere.sum,
        run.settled.len(),
        run.differences.len()
    )
}
