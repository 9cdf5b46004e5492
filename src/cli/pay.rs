//! `shouyin pay`: one sale without a window. SIGINT and SIGTERM cancel and undo; the command ends
//! when the bill is terminal, or Watching or Unresolved (the next start goes on with it).
//!
//! It prints only what is in the ledger (I4): a state that could not be written is said on
//! standard error, and never as paid.

use super::bills::Line;
use super::signals::Interrupt;
use super::{Exit, Failure, Home, Outcome, PayArgs};
use super::{print_line, running, runtime, warn_line};
use crate::domain::bill::{CloseReason, IncidentKind, LookFor, PayAnswer, Qr};
use crate::domain::gateway::Refusal;
use crate::domain::{Bill, BillNo, Channel, Fen, SaleId, State, Wallet};
use crate::till::service::{Said, ScanText};
use crate::till::{How, Notice, PayOrder, PayRefused, Service, Till};
use std::io::BufRead;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

/// How long a paid bill's row is waited for before the command ends (I9: the next start reads it
/// otherwise).
const ROW_WAIT: Duration = Duration::from_secs(3);
/// How long an end that can't be written is tried before the command ends without it.
const WRITE_WAIT: Duration = Duration::from_secs(10);
/// No payment code is longer; more is not read.
const LONGEST_LINE: u64 = 4096;

pub(super) fn run(home: &Home, args: PayArgs, wait: Duration) -> Outcome {
    check(&args)?;
    home.must_choose()?;
    let order = order(&args)?;
    let runtime = runtime()?;
    let interrupt = Interrupt::catch(&runtime)?;
    let running = running::open(home, &runtime, wait, false)?;
    let outcome = runtime.block_on(sell(&running.till, order, args.json, interrupt));
    running.close(&runtime);
    outcome
}

/// What is wrong with the call itself, before anything is read or opened.
fn check(args: &PayArgs) -> Result<(), Failure> {
    amount(args)?;
    if let Some(id) = &args.sale
        && (id.is_empty() || id.chars().count() > 64 || id.chars().any(char::is_control))
    {
        return Err(Failure::wrong("--sale 要是 1 到 64 个字符的单号"));
    }
    let link = args.link.as_deref().map(link).transpose()?;
    match (args.qr.as_deref(), args.code_from.as_deref(), link) {
        (Some("ali" | "wx"), None, None) | (None, Some("-"), None) | (None, None, Some(_)) => {
            Ok(())
        }
        _ => Err(Failure::wrong(
            "要写 --code-from -、--qr ali、--qr wx 或 --link 渠道 其中一个",
        )),
    }
}

fn link(name: &str) -> Result<Channel, Failure> {
    let found = Channel::linkable().find(|channel| channel.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = Channel::linkable().map(Channel::name).collect();
        Failure::wrong(format!("--link：要是 {} 其中一个", names.join("、")))
    })
}

fn amount(args: &PayArgs) -> Result<Fen, Failure> {
    Fen::parse_yuan(&args.amount).map_err(|e| Failure::wrong(format!("--amount：{e}")))
}

fn order(args: &PayArgs) -> Result<PayOrder, Failure> {
    let how = match (args.qr.as_deref(), args.link.as_deref()) {
        (_, Some(name)) => How::Link(link(name)?),
        (Some("ali"), None) => How::Qr(Wallet::Alipay),
        (Some(_), None) => How::Qr(Wallet::Wechat),
        (None, None) => How::Code(read_code()?),
    };
    Ok(PayOrder {
        amount: amount(args)?,
        how,
        sale: args.sale.clone().map(SaleId),
        another: args.another,
        note: args.note.clone(),
    })
}

fn read_code() -> Result<ScanText, Failure> {
    let mut line = zeroize::Zeroizing::new(String::new());
    let stdin = std::io::stdin().lock();
    std::io::Read::take(stdin, LONGEST_LINE)
        .read_line(&mut line)
        .map_err(|e| Failure::wrong(format!("读不了付款码：{e}")))?;
    Ok(ScanText::new(line.trim().to_owned()))
}

/// Starts or follows one bill, to its end or until it can't be waited for.
async fn sell(till: &Till, order: PayOrder, json: bool, mut interrupt: Interrupt) -> Outcome {
    let mut notices = till.notices();
    let bill_no = till.order(order).await.map_err(refused)?;
    let mut follower = Follower {
        bill_no,
        json,
        last: None,
        unwritten_since: None,
    };
    if let Some(exit) = follower.catch_up(till, &mut notices)? {
        return Ok(finish(till, &mut notices, &mut follower, exit).await);
    }
    let mut cancelled = false;
    loop {
        tokio::select! {
            () = interrupt.came(), if !cancelled => {
                cancelled = true;
                till.cancel(follower.bill_no.clone());
            }
            () = follower.written_or_given_up() => return Err(follower.gave_up()),
            notice = notices.recv() => {
                let seen = match notice {
                    Ok(notice) => follower.take(notice),
                    Err(RecvError::Lagged(_)) => follower.look_up(till)?,
                    Err(RecvError::Closed) => return Err(stopped()),
                };
                if let Some(exit) = seen {
                    return Ok(finish(till, &mut notices, &mut follower, exit).await);
                }
            }
        }
    }
}

fn stopped() -> Failure {
    Failure::new(
        Exit::Unknown,
        "收银程序停止了：请勿再次收款，下次启动会接着核对",
    )
}

/// A paid bill's row is read before the process ends, where that is quick.
async fn finish(
    till: &Till,
    notices: &mut Receiver<Notice>,
    follower: &mut Follower,
    exit: Exit,
) -> Exit {
    let checked = async {
        let mut look = follower.find(till).ok().flatten().and_then(|b| b.look);
        while look.is_some_and(|l| l.look_for == LookFor::PaidRow) {
            match notices.recv().await {
                Ok(Notice::Changed(bill)) if follower.is_ours(&bill) => {
                    look = bill.look;
                    follower.saw(&bill);
                }
                Err(RecvError::Closed) => return,
                _ => {}
            }
        }
    };
    let _ = tokio::time::timeout(ROW_WAIT, checked).await;
    exit
}

/// What was printed last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    state: State,
    incident: Option<IncidentKind>,
}

/// Prints each state once, as it comes.
struct Follower {
    bill_no: BillNo,
    json: bool,
    last: Option<Shown>,
    unwritten_since: Option<Instant>,
}

impl Follower {
    fn is_ours(&self, bill: &Bill) -> bool {
        self.bill_no == bill.bill_no
    }

    fn find(&self, till: &Till) -> Result<Option<Bill>, Failure> {
        till.bill(&self.bill_no)
            .map_err(|e| Failure::new(Exit::Unknown, e))
    }

    /// What was recorded before we listened: every notice, or the bill as it stands where an
    /// earlier sale is followed.
    fn catch_up(
        &mut self,
        till: &Till,
        notices: &mut Receiver<Notice>,
    ) -> Result<Option<Exit>, Failure> {
        loop {
            match notices.try_recv() {
                Ok(notice) => {
                    if let Some(exit) = self.take(notice) {
                        return Ok(Some(exit));
                    }
                }
                Err(TryRecvError::Empty) if self.last.is_some() => return Ok(None),
                Err(TryRecvError::Empty | TryRecvError::Lagged(_)) => return self.look_up(till),
                Err(TryRecvError::Closed) => return Err(stopped()),
            }
        }
    }

    fn look_up(&mut self, till: &Till) -> Result<Option<Exit>, Failure> {
        let bill = self.find(till)?;
        Ok(bill.and_then(|bill| self.saw(&bill)))
    }

    fn take(&mut self, notice: Notice) -> Option<Exit> {
        match notice {
            Notice::Changed(bill) => self.saw(&bill),
            Notice::Unwritten(bill) => {
                self.unwritten(&bill);
                None
            }
            _ => None,
        }
    }

    /// Prints what is new. Gives the exit code once the command is over.
    fn saw(&mut self, bill: &Bill) -> Option<Exit> {
        // A code that is here and not drawn yet: the next record says whether it is.
        let undrawn = matches!(bill.qr, Qr::Ready { .. }) && bill.state == State::Awaiting;
        if !self.is_ours(bill) || undrawn {
            return None;
        }
        self.unwritten_since = None;
        let incident = bill.incident.as_ref().map(|i| i.kind.clone());
        let now = Shown {
            state: bill.state,
            incident,
        };
        // A notice may be older than what was looked up: states only go forward.
        let older = self
            .last
            .as_ref()
            .is_some_and(|l| rank(now.state) < rank(l.state));
        if self.last.as_ref() != Some(&now) && !older {
            print_line(&match self.json {
                true => Line::with_code(bill).json(),
                false => format!("{} {} {}", bill.state.name(), bill.bill_no, bill.amount),
            });
            if let Some(kind) = &now.incident {
                warn_line(&format!("{} 需要店长处理：{kind}", bill.bill_no));
            }
            if let Some(why) = why_not(bill) {
                warn_line(&why);
            }
            self.last = Some(now);
        }
        ends(bill.state)
    }

    /// An end that is not in the ledger is not printed as one; it is tried again for a while.
    fn unwritten(&mut self, bill: &Bill) {
        let ours = self.is_ours(bill) && ends(bill.state).is_some();
        if !ours || self.unwritten_since.is_some() {
            return;
        }
        self.unwritten_since = Some(Instant::now());
        let what = if bill.state == State::Paid {
            "网关已收款"
        } else {
            "已有结果"
        };
        warn_line(&format!(
            "{what} · 本机未能记录：{} {}，请腾出磁盘空间，程序还在重写",
            bill.bill_no, bill.amount
        ));
    }

    /// Ends when what could not be written has been tried long enough; never otherwise.
    async fn written_or_given_up(&self) {
        match self.unwritten_since {
            Some(since) => tokio::time::sleep_until(since + WRITE_WAIT).await,
            None => std::future::pending().await,
        }
    }

    fn gave_up(&self) -> Failure {
        let bill_no = &self.bill_no;
        let line = format!(
            "{bill_no} 的结果本机写不进账本：请勿再次收款，腾出磁盘空间后运行 shouyin settle"
        );
        Failure::new(Exit::Unknown, line)
    }
}

/// Why a bill was not charged or not shown, and what to do, where the answer to pay says so.
fn why_not(bill: &Bill) -> Option<String> {
    let form = bill.closing.is_some_and(|c| c.why == CloseReason::OnlyForm);
    if form && bill.state == State::Watching {
        let channel = bill.channel;
        return Some(format!(
            "{channel} 只返回网页表单，不能做成二维码：没有显示过，可以换一种方式收款"
        ));
    }
    if !matches!(bill.state, State::Refused | State::NotSent) {
        return None;
    }
    let advice = |reason: &Refusal| match reason {
        Refusal::NotEnough => "余额不足：请顾客换一种付款方式",
        Refusal::CodeExpired | Refusal::CodeInvalid => "付款码已失效：请顾客刷新付款码",
        Refusal::CardNotSupported => "这张卡不能付：请顾客换一张卡",
        Refusal::Declined => "钱包拒绝了这笔付款：请顾客换一种付款方式",
    };
    match &bill.pay {
        PayAnswer::Refused { code: 1, detail } => Some(format!(
            "未扣款：网关不接受签名（1 {detail}），请运行 shouyin doctor 检查密钥和时钟"
        )),
        PayAnswer::Refused { code, detail } => Some(format!("未扣款：网关拒绝（{code} {detail}）")),
        PayAnswer::Final { reason, detail } => {
            Some(format!("未扣款：{}（{detail}）", advice(reason)))
        }
        PayAnswer::Unconnected { why } => Some(format!("未扣款：{why}")),
        PayAnswer::Lost { .. } => Some("未扣款：网关没有收到这笔请求，可以再收一次".to_owned()),
        PayAnswer::Pending | PayAnswer::Answered { .. } => None,
    }
}

/// The exit code of a state that ends the command.
fn ends(state: State) -> Option<Exit> {
    match state {
        State::Paid => Some(Exit::Done),
        State::Watching | State::Unresolved => Some(Exit::Unknown),
        state if state.is_terminal() => Some(Exit::No),
        _ => None,
    }
}

fn rank(state: State) -> u8 {
    match state {
        State::Sent => 0,
        State::Awaiting => 1,
        State::Closing => 2,
        State::Watching | State::Unresolved => 3,
        _ => 4,
    }
}

fn refused(refused: PayRefused) -> Failure {
    match refused {
        PayRefused::SameAmount(bill_no) => Failure::wrong(format!(
            "同样金额的 {bill_no} 还没有结果：是另一位顾客请加 --another，否则等它的结果"
        )),
        PayRefused::Said(Said::Stopped) => stopped(),
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
        Said::CodesNotOffered => {
            "聚宝 Pay 不收付款码，没有发出任何请求：请用 --qr ali 或 --qr wx".to_owned()
        }
        Said::NoChannelForCode => "设置里没有能收这个付款码的渠道".to_owned(),
        Said::NoQrChannel(_) => "设置里没有这个钱包的收款码渠道".to_owned(),
        Said::NoLinkChannel(channel) => {
            format!("设置里没有付款链接 {channel}：写进 gateway.links")
        }
        Said::CodeUsed(no) => format!("这个付款码已用于账单 {no}：请顾客刷新付款码"),
        Said::Bounce => "刚刚扫过这个付款码".to_owned(),
        Said::SaleLocked(no) => format!("这笔销售的账单 {no} 还可能被付款：等它有结果再收"),
        Said::LedgerDown(why) => format!("本机账本写不进去，没有收款：{why}"),
        Said::Refused(why) | Said::Text(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_till_that_stopped_before_it_answered_is_not_known_and_never_not_charged() {
        let failure = refused(PayRefused::Said(Said::Stopped));
        assert_eq!(failure.exit, Exit::Unknown);
    }
}
