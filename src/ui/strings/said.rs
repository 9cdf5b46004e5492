//! The till's one-liners in words: what happened and what to do.

use super::{Words, phrases};
use crate::domain::config::Language;
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
            Said::Refused(text) | Said::Text(text) => text.clone(),
        }
    }
}
