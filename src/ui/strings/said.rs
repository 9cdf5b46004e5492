//! The till's one-liners in words: what happened and what to do.

use super::{Words, phrases};
use crate::domain::config::Language;
use crate::domain::refund::Blocked;
use crate::domain::time::clock_hm;
use crate::till::service::Said;

phrases! {
    amount_missing: "请先输入金额，再扫付款码", "Type the amount first, then scan";
    amount_too_large(max: &str): "单笔最多 ¥ {max}，请检查金额", "At most ¥ {max} a sale: check the amount";
    scan_incomplete: "扫码不完整，没有发出，请重新扫描", "Incomplete scan, nothing was sent: scan again";
    not_a_payment_code: "扫到的不是付款码，没有发出，请让顾客打开付款码", "That is no payment code, nothing was sent: ask for the payment code";
    union_pay: "这是云闪付的码，这里不能收；请顾客用支付宝或微信", "That is a UnionPay code, which can't be taken here: ask for Alipay or WeChat";
    no_channel_for_code: "本店没有开通这种付款码，没有发出；请换支付宝或微信", "This shop can't take that code, nothing was sent: ask for another wallet";
    no_qr_channel(wallet: &str): "本店没有开通{wallet}收款码，请扫顾客的付款码", "This shop has no {wallet} QR: scan the customer's code";
    no_link_channel(channel: &str): "设置里没有付款链接 {channel}（gateway.links）", "The settings have no pay link {channel} (gateway.links)";
    link_only_form: "这个渠道只返回网页表单，不能做成二维码；没有显示过，可以换一种方式收款", "This channel answers with a web form alone, which can't be a QR; nothing was shown, take the payment another way";
    link_refund: "付款链接的账单要到网关的商户后台退款（支付宝还要在那里输入密码）", "A pay link is refunded at the gateway's console (Alipay asks for the password there)";
    code_used(bill: &str): "这个付款码已用于 …{bill}，没有发出；请顾客刷新付款码", "This code was used for …{bill}, nothing was sent: ask for a fresh code";
    bounce: "同一个码刚刚扫过，没有重复发出", "The same code was just scanned: nothing was sent twice";
    stage_busy: "正在收款，没有发出；先按 Enter 收下一位，或按 Esc 取消", "A payment is in progress, nothing was sent: Enter serves the next, Esc cancels";
    sale_locked(bill: &str): "上一次 …{bill} 还可能付成，不能再收；按 F7 查看", "…{bill} may still be paid, so this sale can't be charged again: see F7";
    ledger_down_said(why: &str): "账本不能写入（{why}），没有发出；请腾出磁盘空间或检查硬盘", "The ledger can't be written ({why}), nothing was sent: free space or check the disk";
    locked_said: "请先登录", "Sign in first";
    wrong_pin: "工号或 PIN 不对", "Wrong id or PIN";
    wrong_pin_left(left: u32): "工号或 PIN 不对，还可以试 {left} 次", "Wrong id or PIN, {left} tries left";
    pin_locked(until: &str): "错误次数太多，{until} 后再试", "Too many tries: again after {until}";
    not_allowed: "这一步需要店长", "Only a manager may do that";
    manager_needed: "这个 PIN 不是店长的", "That PIN is not a manager's";
    qr_unshowable: "收款码读回不符，没有显示；请重试或扫付款码", "The QR did not read back right and is not shown: try again, or scan";
    released(bill: &str): "…{bill} 已解除锁定，可以重新收款", "…{bill} is released: the sale can be charged again";
    no_amount_or_reason: "请填写退款金额和原因", "Fill in amount and reason";
    refund_too_much(max: &str): "最多还能退 ¥ {max}", "At most ¥ {max} can be refunded";
    over_per_refund(max: &str): "单笔退款超过 ¥ {max}，请另一位店长确认", "A refund above ¥ {max} needs another manager";
    over_per_shift(max: &str): "本班退款合计超过 ¥ {max}，请另一位店长确认", "Refunds above ¥ {max} a shift need another manager";
    over_age(days: u32): "账单超过 {days} 天，请另一位店长确认", "A bill older than {days} days needs another manager";
    no_master_secret: "本机没有退款密钥，不能退款", "This till has no refund secret and can't refund";
    refunds_not_offered: "聚宝 Pay 不支持退款，请在聚宝商户后台退款", "Jubao Pay has no refunds: refund in its merchant console";
    lists_not_offered: "聚宝 Pay 没有账单列表，不能对账，请在聚宝商户后台核对", "Jubao Pay has no lists to reconcile with: compare in its merchant console";
    codes_not_offered: "聚宝 Pay 不收付款码，没有发出；请按 F2 / F3 出示收款码", "Jubao Pay takes no payment codes, nothing was sent: F2 / F3 shows a QR";
    reason_missing: "请写明原因", "A reason is needed";
    gateway_silent_said: "网关没有回答，什么都没有改变，请再试", "The gateway did not answer and nothing was changed: try again";
    not_proven: "网关的账单不能证明，没有结清", "The gateway's row does not prove it: nothing was settled";
    too_early(until: &str): "{until} 之后才能结清", "This can be settled after {until}";
    nothing_to_settle: "这一笔没有需要处理的", "There is nothing to settle";
    shift_open_said: "已经有一个班次开着", "A shift is open already";
    no_shift: "没有开着的班次", "No shift is open";
    to_dos_open(count: u32): "还有 {count} 笔待处理，需要店长签字才能交班", "{count} to-dos are open: a manager must sign";
    reconcile_running: "对账正在进行", "A reconciliation is running";
    last_manager: "最后一位店长不能停用", "The last manager can't be disabled";
    locked_by_itself: "长时间没有操作，已自动锁定", "Locked after a while without use";
    till_stopped: "收银程序已停止：刚才的操作可能已经生效，请重新打开后核对", "The till has stopped: what was asked for may have been done, open it again and check";
    blocked_no_such_bill: "网关没有这张账单，请核对单号", "The gateway has no such bill: check the number";
    blocked_no_answer: "网关没有回答，退款没有发出，请再试", "The gateway did not answer, nothing was refunded: try again";
    blocked_contradicted: "网关有多条同号账单，不能退款，请联系网关", "The gateway has several bills of this number: contact it";
    blocked_not_paid: "这张账单没有付款，不用退款", "This bill was not paid: there is nothing to refund";
    blocked_reverted: "这张账单已撤销，款已原路退回", "This bill was reverted: the money went back already";
    blocked_in_flight(no: &str): "退款 …{no} 还没有结果，等它结束再退", "Refund …{no} has no result yet: wait for it";
    blocked_once_only: "这个渠道一张账单只能退一次，已经退过了", "This channel refunds a bill once, and it was refunded";
    blocked_nothing_left: "已经全部退完", "Everything was refunded already";
    no_code_in_picture: "图片里没有找到付款码", "No payment code was found in the picture";
    no_printer: "没有设置打印机：店长在 F10 打印页设置", "No printer is set: a manager sets one at F10";
    nothing_printed: "还没有可以重打的小票", "There is no slip to print again";
    no_slip: "这一笔没有小票", "There is no slip for this";
    slip_waits: "打印机未就绪，小票排队等待，恢复后自动打印", "The printer is away: the slip waits and prints by itself";
    slip_sending: "这张小票正在打印，现在不能放弃", "This slip is being printed and can't be dropped now";
    slip_doubtful: "有一张小票可能没有打完整，请到打印队列里重打或放弃", "A slip may be half printed: print it again or drop it in the print queue";
    device_away(why: &str): "设备不可用：{why}", "The device can't be used: {why}";
    handed_over_said(bill: &str): "…{bill} 已记为已交货", "…{bill} is marked as handed over";
}

impl Words {
    /// One plain line.
    pub fn said(self, said: &Said) -> String {
        match said {
            Said::AmountMissing => self.amount_missing().to_owned(),
            Said::AmountTooLarge(max) => self.amount_too_large(&max.grouped()),
            Said::ScanIncomplete => self.scan_incomplete().to_owned(),
            Said::NotAPaymentCode => self.not_a_payment_code().to_owned(),
            Said::UnionPay => self.union_pay().to_owned(),
            Said::NoChannelForCode => self.no_channel_for_code().to_owned(),
            Said::NoQrChannel(wallet) => self.no_qr_channel(self.wallet(Some(*wallet))),
            Said::NoLinkChannel(channel) => self.no_link_channel(channel.name()),
            Said::LinkOnlyForm => self.link_only_form().to_owned(),
            Said::LinkRefund => self.link_refund().to_owned(),
            Said::CodeUsed(bill) => self.code_used(bill.tail()),
            Said::Bounce => self.bounce().to_owned(),
            Said::StageBusy => self.stage_busy().to_owned(),
            Said::SaleLocked(bill) => self.sale_locked(bill.tail()),
            Said::LedgerDown(why) => self.ledger_down_said(why),
            Said::Locked => self.locked_said().to_owned(),
            Said::WrongPin { left: 0 } => self.wrong_pin().to_owned(),
            Said::WrongPin { left } => self.wrong_pin_left(*left),
            Said::PinLocked { until_ms } => self.pin_locked(&clock_hm(*until_ms)),
            Said::NotAllowed => self.not_allowed().to_owned(),
            Said::ManagerNeeded => self.manager_needed().to_owned(),
            Said::QrUnshowable => self.qr_unshowable().to_owned(),
            Said::Released(bill) => self.released(bill.tail()),
            Said::HandedOverRecorded(bill) => self.handed_over_said(bill.tail()),
            Said::RefundBlocked(blocked) => self.blocked(blocked),
            Said::PreRefundGone => self.pre_is_gone().to_owned(),
            Said::PreRefundNumbers => self.pre_not_here_able().to_owned(),
            Said::RefundTooMuch(max) => self.refund_too_much(&max.grouped()),
            Said::RefundIncomplete => self.no_amount_or_reason().to_owned(),
            Said::SecondManager(over) => self.over_limit(over),
            Said::NoMasterSecret => self.no_master_secret().to_owned(),
            Said::RefundsNotOffered => self.refunds_not_offered().to_owned(),
            Said::ListsNotOffered => self.lists_not_offered().to_owned(),
            Said::CodesNotOffered => self.codes_not_offered().to_owned(),
            Said::ReasonMissing => self.reason_missing().to_owned(),
            Said::GatewaySilent => self.gateway_silent_said().to_owned(),
            Said::NotProven => self.not_proven().to_owned(),
            Said::TooEarly { until_ms } => self.too_early(&clock_hm(*until_ms)),
            Said::NothingToSettle => self.nothing_to_settle().to_owned(),
            Said::ShiftOpen => self.shift_open_said().to_owned(),
            Said::NoShift => self.no_shift().to_owned(),
            Said::ToDosOpen(count) => self.to_dos_open(*count),
            Said::ReconcileRunning => self.reconcile_running().to_owned(),
            Said::LastManager => self.last_manager().to_owned(),
            Said::LockedByItself => self.locked_by_itself().to_owned(),
            Said::Stopped => self.till_stopped().to_owned(),
            Said::NoCodeInPicture => self.no_code_in_picture().to_owned(),
            Said::NoPrinter => self.no_printer().to_owned(),
            Said::NothingPrinted => self.nothing_printed().to_owned(),
            Said::NoSlip => self.no_slip().to_owned(),
            Said::SlipWaits => self.slip_waits().to_owned(),
            Said::SlipSending => self.slip_sending().to_owned(),
            Said::SlipDoubtful(_) => self.slip_doubtful().to_owned(),
            Said::DeviceAway(why) => self.device_away(why),
            Said::SettingWrong(text) | Said::Refused(text) | Said::Text(text) => text.clone(),
        }
    }

    /// Why nothing can be refunded.
    pub fn blocked(self, blocked: &Blocked) -> String {
        match blocked {
            Blocked::NoSuchBill => self.blocked_no_such_bill().to_owned(),
            Blocked::NoAnswer => self.blocked_no_answer().to_owned(),
            Blocked::Contradicted => self.blocked_contradicted().to_owned(),
            Blocked::NotPaid => self.blocked_not_paid().to_owned(),
            Blocked::Reverted => self.blocked_reverted().to_owned(),
            Blocked::InFlight(no) => {
                let tail = no.get(no.len().saturating_sub(10)..).unwrap_or(no);
                self.blocked_in_flight(tail)
            }
            Blocked::Requested(_) => self.blocked_requested().to_owned(),
            Blocked::OnceOnly => self.blocked_once_only().to_owned(),
            Blocked::NothingLeft => self.blocked_nothing_left().to_owned(),
        }
    }
}
