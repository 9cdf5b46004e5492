//! `shouyin pay`: one sale without a window. SIGINT and SIGTERM cancel and undo; the command ends
//! when the bill is terminal, or Watching or Unresolved (the next start goes on with it).

use super::bills::Line;
use super::{Exit, Failure, Home, Outcome, PayArgs, practice, print_line, runtime, warn_line};
use crate::domain::{Bill, BillNo, Fen, SaleId, State, Wallet};
use crate::till::service::{Said, ScanText};
use crate::till::{How, Notice, Opening, PayOrder, PayRefused, Service, Till};
use std::io::BufRead;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// How long a paid bill's row is waited for before the command ends (I9: the next start reads it
/// otherwise).
const ROW_WAIT: Duration = Duration::from_secs(3);
/// No payment code is longer; more is not read.
const LONGEST_LINE: u64 = 4096;

pub(super) fn run(home: &Home, args: PayArgs, wait: Duration) -> Outcome {
    let order = order(&args)?;
    home.must_choose()?;
    let runtime = runtime()?;
    let simulator = match home.is_live() {
        true => None,
        false => Some(practice::start(home, &runtime)?),
    };
    let till = Till::open(Opening {
        dir: home.reading_dir(),
        wait,
        practice: simulator.as_ref().map(crate::simulator::Running::customer),
        devices: false,
    })?;
    let outcome = runtime.block_on(sell(&till, order, args.json));
    drop(till);
    drop(simulator);
    outcome
}

fn order(args: &PayArgs) -> Result<PayOrder, Failure> {
    let amount =
        Fen::parse_yuan(&args.amount).map_err(|e| Failure::wrong(format!("--amount：{e}")))?;
    let sale = match &args.sale {
        Some(id)
            if id.is_empty() || id.chars().count() > 64 || id.chars().any(char::is_control) =>
        {
            return Err(Failure::wrong("--sale 要是 1 到 64 个字符的单号"));
        }
        sale => sale.clone().map(SaleId),
    };
    let how = match (args.qr.as_deref(), args.code_from.as_deref()) {
        (Some("ali"), None) => How::Qr(Wallet::Alipay),
        (Some("wx"), None) => How::Qr(Wallet::Wechat),
        (None, Some("-")) => How::Code(read_code()?),
        _ => {
            return Err(Failure::wrong(
                "要写 --code-from - 或 --qr ali 或 --qr wx 其中一个",
            ));
        }
    };
    Ok(PayOrder {
        amount,
        how,
        sale,
        another: args.another,
        note: args.note.clone(),
    })
}

fn read_code() -> Result<ScanText, Failure> {
    let mut line = String::new();
    let stdin = std::io::stdin().lock();
    std::io::Read::take(stdin, LONGEST_LINE)
        .read_line(&mut line)
        .map_err(|e| Failure::wrong(format!("读不了付款码：{e}")))?;
    let code = ScanText::new(line.trim().to_owned());
    zeroize::Zeroize::zeroize(&mut line);
    Ok(code)
}

async fn sell(till: &Till, order: PayOrder, json: bool) -> Outcome {
    let mut notices = till.notices();
    let bill_no = till.order(order).await.map_err(refused)?;
    let mut follower = Follower {
        bill_no,
        json,
        last: None,
    };
    let first = till.bill(&follower.bill_no).map_err(Failure::no)?;
    let mut interrupt = Box::pin(interrupted());
    let mut cancelled = false;
    if let Some(bill) = first
        && let Some(exit) = follower.saw(&bill)
    {
        return Ok(finish(till, &mut notices, &follower, exit).await);
    }
    loop {
        tokio::select! {
            () = &mut interrupt, if !cancelled => {
                cancelled = true;
                till.cancel(follower.bill_no.clone());
            }
            notice = notices.recv() => {
                let bill = match notice {
                    Ok(Notice::Changed(bill)) => *bill,
                    Ok(Notice::Unwritten(bill)) => { follower.unwritten(&bill); continue }
                    Ok(_) => continue,
                    Err(RecvError::Lagged(_)) => match till.bill(&follower.bill_no) {
                        Ok(Some(bill)) => bill,
                        _ => continue,
                    },
                    Err(RecvError::Closed) => return Err(Failure::new(Exit::Unknown, "收银程序停止了：下次启动会接着核对")),
                };
                if let Some(exit) = follower.saw(&bill) {
                    return Ok(finish(till, &mut notices, &follower, exit).await);
                }
            }
        }
    }
}

/// A paid bill's row is read before the process ends, where that is quick.
async fn finish(
    till: &Till,
    notices: &mut tokio::sync::broadcast::Receiver<Notice>,
    follower: &Follower,
    exit: Exit,
) -> Exit {
    let checked = async {
        let mut look = till
            .bill(&follower.bill_no)
            .ok()
            .flatten()
            .and_then(|b| b.look);
        while look.is_some_and(|l| l.look_for == crate::domain::bill::LookFor::PaidRow) {
            match notices.recv().await {
                Ok(Notice::Changed(bill)) if bill.bill_no == follower.bill_no => look = bill.look,
                Err(RecvError::Closed) => return,
                _ => {}
            }
        }
    };
    let _ = tokio::time::timeout(ROW_WAIT, checked).await;
    exit
}

/// Prints each state as it comes.
struct Follower {
    bill_no: BillNo,
    json: bool,
    last: Option<(State, bool)>,
}

impl Follower {
    /// Prints what is new. Gives the exit code once the command is over.
    fn saw(&mut self, bill: &Bill) -> Option<Exit> {
        if bill.bill_no != self.bill_no {
            return None;
        }
        let shown = (bill.state, bill.qr.was_shown());
        if self.last != Some(shown) {
            self.last = Some(shown);
            print_line(&match self.json {
                true => Line::with_code(bill).json(),
                false => format!("{} {} {}", bill.state.name(), bill.bill_no, bill.amount),
            });
        }
        match bill.state {
            State::Paid => Some(Exit::Done),
            State::Watching | State::Unresolved => Some(Exit::Unknown),
            state if state.is_terminal() => Some(Exit::No),
            _ => None,
        }
    }

    fn unwritten(&self, bill: &Bill) {
        if bill.bill_no == self.bill_no && bill.state == State::Paid {
            warn_line("网关已收款 · 本机未能记录：请腾出磁盘空间，程序会接着写");
        }
    }
}

/// SIGINT or SIGTERM.
pub(super) async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn refused(refused: PayRefused) -> Failure {
    match refused {
        PayRefused::SameAmount(bill_no) => Failure::wrong(format!(
            "同样金额的 {bill_no} 还没有结果：是另一位顾客请加 --another，否则等它的结果"
        )),
        PayRefused::Said(said) => Failure::new(exit_of(&said), words(&said)),
    }
}

fn exit_of(said: &Said) -> Exit {
    match said {
        Said::LedgerDown(_) | Said::Text(_) => Exit::No,
        _ => Exit::Wrong,
    }
}

fn words(said: &Said) -> String {
    match said {
        Said::AmountMissing => "没有金额：请写 --amount".to_owned(),
        Said::AmountTooLarge(max) => format!("金额超过上限 {max}"),
        Said::ScanIncomplete => "付款码不完整：请重新扫描，没有发出任何请求".to_owned(),
        Said::NotAPaymentCode => "这不是付款码（只能是数字）：没有发出任何请求".to_owned(),
        Said::UnionPay => "云闪付的付款码不能在这里收：请顾客用支付宝或微信".to_owned(),
        Said::NoChannelForCode => "设置里没有能收这个付款码的渠道".to_owned(),
        Said::NoQrChannel(_) => "设置里没有这个钱包的收款码渠道".to_owned(),
        Said::CodeUsed(no) => format!("这个付款码已用于账单 {no}：请顾客刷新付款码"),
        Said::Bounce => "刚刚扫过这个付款码".to_owned(),
        Said::SaleLocked(no) => format!("这笔销售的账单 {no} 还可能被付款：等它有结果再收"),
        Said::LedgerDown(why) => format!("本机账本写不进去，没有收款：{why}"),
        Said::Refused(why) | Said::Text(why) => why.clone(),
        other => format!("{other:?}"),
    }
}
