//! `shouyin refund`: one refund without a window. The approver's PIN comes on standard input; the
//! till and its table of who may do what are the window's. What was sent can't be called back:
//! SIGINT and SIGTERM only end the command, and the next start goes on with the refund.
//!
//! It prints only what is in the ledger (I4), and never says that nothing was refunded without a
//! proof (I3).

use super::signals::Interrupt;
use super::{Exit, Failure, Home, Outcome, RefundArgs};
use super::{print_line, running, runtime, warn_line};
use crate::domain::refund::{Blocked, OverLimit, RefundState};
use crate::domain::{BillNo, Fen, Refund, RefundNo};
use crate::till::service::{Pin, RefundOrder, RefundView, Said};
use crate::till::{Notice, Service, Till};
use serde::Serialize;
use std::io::BufRead;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// A refund that the gateway took, or whose answer was lost, is waited for this long; then the
/// next start, or `settle`, goes on with it.
const FOLLOW: Duration = Duration::from_secs(20);
/// A send may take this long before that.
const SEND: Duration = Duration::from_secs(45);
/// How long a success's row is waited for before the command ends (I9).
const ROW_WAIT: Duration = Duration::from_secs(3);
/// No PIN is longer; more is not read.
const LONGEST_LINE: u64 = 256;

/// One line of `refund --json` (COUNTER).
#[derive(Debug, Serialize)]
struct Line<'a> {
    refund_no: &'a str,
    bill_no: &'a str,
    refund_fee: i64,
    state: &'a str,
    proof: Option<&'a str>,
    next_at: Option<i64>,
}

impl<'a> Line<'a> {
    fn of(refund: &'a Refund) -> Line<'a> {
        Line {
            refund_no: refund.refund_no.as_str(),
            bill_no: refund.bill_no.as_str(),
            refund_fee: refund.fee.0,
            state: refund.state.name(),
            proof: refund.proof.map(|p| p.name()),
            next_at: match refund.state.is_terminal() {
                true => refund.look_ms,
                false => refund.next_ms,
            },
        }
    }
}

pub(super) fn run(home: &Home, args: &RefundArgs, wait: Duration) -> Outcome {
    let (bill_no, fee) = check(args)?;
    home.must_choose()?;
    let order = RefundOrder {
        bill_no,
        fee,
        reason: args.reason.trim().to_owned(),
        approver: args.approver.clone(),
        pin: read_pin()?,
    };
    let runtime = runtime()?;
    let interrupt = Interrupt::catch(&runtime)?;
    let running = running::open(home, &runtime, wait, false)?;
    let outcome = runtime.block_on(refund(&running.till, order, args.json, interrupt));
    running.close(&runtime);
    outcome
}

/// What is wrong with the call itself, before anything is read or opened.
fn check(args: &RefundArgs) -> Result<(BillNo, Fen), Failure> {
    let bill_no = BillNo::parse(&args.bill_no)
        .ok_or_else(|| Failure::wrong("--bill-no 是 8 到 32 位数字或字母"))?;
    let fee =
        Fen::parse_yuan(&args.amount).map_err(|e| Failure::wrong(format!("--amount：{e}")))?;
    if fee <= Fen::ZERO {
        return Err(Failure::wrong("--amount：退款金额至少 0.01"));
    }
    if args.reason.trim().is_empty() {
        return Err(Failure::wrong("--reason 是空的：请写明退款原因"));
    }
    Ok((bill_no, fee))
}

fn read_pin() -> Result<Pin, Failure> {
    let mut line = zeroize::Zeroizing::new(String::new());
    let stdin = std::io::stdin().lock();
    std::io::Read::take(stdin, LONGEST_LINE)
        .read_line(&mut line)
        .map_err(|e| Failure::wrong(format!("读不了密码：{e}")))?;
    let pin = line.trim();
    if pin.is_empty() {
        return Err(Failure::wrong(
            "没有密码：请在标准输入的一行里给出店长的密码",
        ));
    }
    Ok(Pin::new(pin.to_owned()))
}

/// Orders one refund and follows it, to its end or until it can't be waited for.
async fn refund(till: &Till, order: RefundOrder, json: bool, mut interrupt: Interrupt) -> Outcome {
    let mut notices = till.notices();
    let refund_no = tokio::select! {
        ordered = till.refund_by_command(order) => ordered.map_err(|said| refused(&said))?,
        () = interrupt.came() => return Err(interrupted(None)),
    };
    let mut follower = Follower::new(refund_no, json);
    loop {
        let until = follower.until;
        tokio::select! {
            // What was said is printed before anything else ends the command.
            biased;
            notice = notices.recv() => {
                let seen = match notice {
                    Ok(Notice::RefundChanged(refund)) => follower.saw(&refund),
                    Ok(_) => None,
                    Err(RecvError::Lagged(_)) => follower.look_up(till)?,
                    Err(RecvError::Closed) => return Err(stopped()),
                };
                if let Some(exit) = seen {
                    follower.finish(&mut notices, exit).await;
                    return Ok(exit);
                }
            }
            () = interrupt.came() => return Err(interrupted(Some(&follower.refund_no))),
            () = tokio::time::sleep_until(until) => {
                warn_line(&follower.left_behind(till));
                return Ok(Exit::Unknown);
            }
        }
    }
}

fn stopped() -> Failure {
    let line = "收银程序停止了：退款可能已经发出，请勿再退；运行 shouyin settle 会接着核对";
    Failure::new(Exit::Unknown, line)
}

fn interrupted(refund_no: Option<&RefundNo>) -> Failure {
    let line = match refund_no {
        Some(no) => format!("退款 {no} 已经发出，不能撤回；运行 shouyin settle 会接着核对"),
        None => "已中断：退款可能已经发出，不能撤回；运行 shouyin settle 会接着核对".to_owned(),
    };
    Failure::new(Exit::Unknown, line)
}

/// Prints each state once, as it comes.
struct Follower {
    refund_no: RefundNo,
    json: bool,
    last: Option<RefundState>,
    /// It is not waited for any longer.
    until: Instant,
    /// A due look is left.
    looking: bool,
}

impl Follower {
    fn new(refund_no: RefundNo, json: bool) -> Follower {
        Follower {
            refund_no,
            json,
            last: None,
            until: Instant::now() + SEND + FOLLOW,
            looking: false,
        }
    }

    fn look_up(&mut self, till: &Till) -> Result<Option<Exit>, Failure> {
        let refund = till.refund_in_ledger(&self.refund_no);
        let refund = refund.map_err(|e| Failure::new(Exit::Unknown, e))?;
        Ok(refund.and_then(|refund| self.saw(&refund)))
    }

    /// Not waited for any longer: what is known, and what to do.
    fn left_behind(&self, till: &Till) -> String {
        let no = &self.refund_no;
        let snapshot = till.snapshots().borrow().clone();
        let unrecorded = |r: &RefundView| r.refund_no == *no && r.unrecorded;
        match snapshot.desk.refunds.iter().any(unrecorded) {
            true => format!(
                "退款 {no} 的结果本机写不进账本：请勿再退，腾出磁盘空间后运行 shouyin settle"
            ),
            false => {
                format!("退款 {no} 还没有结果：请勿再退；运行 shouyin settle 会接着核对")
            }
        }
    }

    /// Prints what is new. Gives the exit code once the command is over.
    fn saw(&mut self, refund: &Refund) -> Option<Exit> {
        if refund.refund_no != self.refund_no {
            return None;
        }
        self.looking = refund.look_ms.is_some();
        if self.last != Some(refund.state) {
            print_line(&match self.json {
                true => serde_json::to_string(&Line::of(refund)).unwrap_or_default(),
                false => format!(
                    "{} {} {}",
                    refund.state.name(),
                    refund.refund_no,
                    refund.fee
                ),
            });
            if let Some(why) = why_not(refund) {
                warn_line(&why);
            }
            self.last = Some(refund.state);
        }
        if refund.lost || refund.state == RefundState::Processing {
            self.until = self.until.min(Instant::now() + FOLLOW);
        }
        ends(refund.state)
    }

    /// A success's row is read before the process ends, where that is quick.
    async fn finish(&mut self, notices: &mut Receiver<Notice>, exit: Exit) {
        let looked = async {
            while exit == Exit::Done && self.looking {
                match notices.recv().await {
                    Ok(Notice::RefundChanged(refund)) => {
                        self.saw(&refund);
                    }
                    Err(RecvError::Closed) => return,
                    _ => {}
                }
            }
        };
        let _ = tokio::time::timeout(ROW_WAIT, looked).await;
    }
}

/// The exit code of a state that ends the command.
fn ends(state: RefundState) -> Option<Exit> {
    match state {
        RefundState::Succeeded => Some(Exit::Done),
        RefundState::Unresolved => Some(Exit::Unknown),
        state if state.is_terminal() => Some(Exit::No),
        _ => None,
    }
}

/// Why nothing was refunded, or is not known, and what to do.
fn why_not(refund: &Refund) -> Option<String> {
    let no = &refund.refund_no;
    let detail = refund.detail().unwrap_or_default();
    match refund.state {
        RefundState::Failed => Some(format!(
            "退款 {no} 失败，钱没有退出（{detail}）：可以再退一次，或用别的方式退给顾客"
        )),
        RefundState::Refused => Some(format!("没有退款：网关拒绝（{detail}）")),
        RefundState::NotSent => Some(format!("没有退款：网关没有收到（{detail}），可以再退一次")),
        RefundState::Unresolved => Some(format!(
            "退款 {no} 结果未知：请勿再退；运行 shouyin settle 会接着核对"
        )),
        _ => None,
    }
}

fn refused(said: &Said) -> Failure {
    match said {
        Said::Stopped => stopped(),
        said => Failure::no(words(said)),
    }
}

fn words(said: &Said) -> String {
    match said {
        Said::RefundBlocked(blocked) => format!("没有退款：{}", blocked_words(blocked)),
        Said::RefundTooMuch(max) => format!("没有退款：这张账单最多还能退 {max}"),
        Said::RefundIncomplete => "没有退款：请写明金额和原因".to_owned(),
        Said::SecondManager(over) => format!(
            "没有退款：{}，要另一位店长确认，请在收银窗口里退",
            over_words(over)
        ),
        Said::ManagerNeeded | Said::NotAllowed => {
            "没有退款：--approver 不是店长，只有店长可以退款".to_owned()
        }
        Said::WrongPin { left } => {
            format!("没有退款：编号或密码不对，还可以试 {left} 次")
        }
        Said::PinLocked { .. } => "没有退款：密码错误次数太多，请 30 分钟后再试".to_owned(),
        Said::NoMasterSecret => {
            "没有退款：这台收银机没有退款密钥（master_secret），请用 setup 加上".to_owned()
        }
        Said::LinkRefund => {
            "没有退款：付款链接的账单要到网关的商户后台退（支付宝还要在那里输入密码）".to_owned()
        }
        Said::RefundsNotOffered => "没有退款：聚宝 Pay 不支持退款，请在聚宝商户后台退款".to_owned(),
        Said::LedgerDown(why) => format!("没有退款：本机账本写不进去：{why}"),
        Said::Refused(why) | Said::Text(why) => format!("没有退款：{why}"),
        other => format!("没有退款：{other:?}"),
    }
}

fn blocked_words(blocked: &Blocked) -> String {
    match blocked {
        Blocked::NoSuchBill => "网关没有这张账单，请核对单号".to_owned(),
        Blocked::NoAnswer => "网关没有回答账单和退款的情况，请稍后再试".to_owned(),
        Blocked::Contradicted => "网关有多条同号账单，请联系网关".to_owned(),
        Blocked::NotPaid => "这张账单没有付款".to_owned(),
        Blocked::Reverted => "这张账单已撤销，款已原路退回".to_owned(),
        Blocked::InFlight(no) => format!("退款 {no} 还没有结果，等它结束再退"),
        Blocked::Requested(no) => {
            format!("退款申请 {no} 在等店长审核，请先在收银窗口里同意或拒绝")
        }
        Blocked::OnceOnly => "这个渠道一张账单只能退一次，已经退过了".to_owned(),
        Blocked::NothingLeft => "已经全部退完".to_owned(),
    }
}

fn over_words(over: &OverLimit) -> String {
    match over {
        OverLimit::PerRefund(max) => format!("单笔退款超过 {max}"),
        OverLimit::PerShift(max) => format!("本班退款合计超过 {max}"),
        OverLimit::Age(days) => format!("账单超过 {days} 天"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_till_that_stopped_before_it_answered_is_not_known_and_never_not_refunded() {
        assert_eq!(refused(&Said::Stopped).exit, Exit::Unknown);
        assert_eq!(refused(&Said::RefundsNotOffered).exit, Exit::No);
    }
}
