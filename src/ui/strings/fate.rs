//! A bill's state in words: COUNTER's table, and what the terminal is doing about it.
//!
//! Invariant: 未扣款 is said only for faces that carry the proof (I3); a revert without a witness
//! says 若已付款会原路退回 (FATE 11).

use super::{Words, phrases};
use crate::domain::Fen;
use crate::domain::bill::{CloseReason, Incident, IncidentKind, PayAnswer};
use crate::domain::config::Language;
use crate::domain::gateway::{Lost, Refusal};
use crate::domain::time::{clock_hm, clock_hms};
use crate::till::service::{BillView, NextStep};
use crate::ui::face::{Face, Undone};

phrases! {
    paid: "已收款", "Paid";
    waiting: "等待顾客付款", "Waiting for the customer";
    waiting_scan: "等待顾客扫码", "Waiting for the customer to scan";
    cancelling: "正在撤销", "Cancelling";
    not_charged: "未扣款", "Not charged";
    undone: "已撤销 · 未扣款", "Cancelled · not charged";
    undone_returned: "已撤销 · 款已原路退回", "Cancelled · money returned";
    undone_no_witness: "已撤销；若已付款会原路退回", "Cancelled; if paid, it will be returned";
    unknown: "结果未知", "Result unknown";
    watching: "二维码已收起", "QR put away";
    unrevertible: "无法撤销", "Can't be undone";
    incident: "需要店长处理", "A manager is needed";
    disputed: "与网关争议中", "Disputed with the gateway";
    disputed_short: "争议中", "Disputed";
    unrecorded: "网关已收款 · 本机未能记录", "Paid at the gateway · not recorded here";
    reverted_short: "已撤销", "Cancelled";
    expired_short: "已过期", "Expired";
    unknown_short: "未知", "Unknown";
    watching_short: "码已收起", "QR put away";
    waiting_short: "等待中", "Waiting";
    incident_short: "需处理", "Manager";
    unrecorded_short: "未记录", "Unrecorded";
    refunded_short: "已退款", "Refunded";
    late_short: "待交货", "Hand over";

    do_not_charge: "请勿再次收款", "Do not charge again";
    hands_off: "请勿交货，请勿再次收款", "Do not hand over, do not charge again";
    handing_over: "请先记下此单，并叫店长", "Note this bill and call the manager";
    customer_confirms: "顾客正在手机上确认付款", "the customer confirms on the phone";
    submitting: "正在提交", "sending";
    making_qr: "正在取收款码", "fetching the QR";
    last_look: "收款码已收起，正在做最后核对", "the QR is put away, one last check";
    late_sentence: "迟到的付款：请核对后交货", "A late payment: check, then hand over";
    hand_goods: "请交货", "hand over the goods";
    expired_sentence: "二维码已过期，不能再付款", "The QR has expired and can't be paid";
    next_customer: "可以收下一位", "Ready for the next customer";
    watch_until(time: &str): "请勿再次收款；{time} 前仍可能付成", "Do not charge again: it may still be paid until {time}";
    watch_until_jubao(time: &str): "聚宝 Pay 不能撤销，请勿再次收款；{time} 前仍可能付成", "Jubao Pay has no revert: do not charge again, it may still be paid until {time}";

    previous(word: &str, amount: &str): "前一笔：{word} ¥ {amount}", "Previous bill: {word} ¥ {amount}";

    step_submitted: "已提交", "Sent";
    step_confirm: "顾客确认", "Customer confirms";
    step_arrived: "到账", "Money arrives";

    label_doing: "正在做", "Doing";
    label_reason: "原因", "Reason";
    label_bill: "单号", "Bill";
    label_took: "用时", "Took";
    label_gateway: "网关说", "Gateway";
    label_note: "备注", "Note";
    took(seconds: &str): "{seconds} 秒", "{seconds} s";

    doing_close: "最后一次查询 → 撤销 → 核对撤销结果", "last query → revert → verify";
    doing_asking(n: u32): "向网关核对（第 {n} 次）", "asking the gateway (time {n})";
    doing_revert: "等到可以撤销时撤销", "will revert as soon as allowed";
    doing_verify: "核对撤销结果", "verifying the revert";
    doing_expire: "等到不能再付款为止", "waiting until it can't be paid";
    doing_manager: "需要店长核对并决定", "a manager has to decide";
    doing_nothing: "没有待做的步骤", "nothing is due";
    again_in(seconds: i64): "{seconds} 秒后再问", "asks again in {seconds} s";
    again_at(time: &str): "{time} 再问", "asks again at {time}";
    again_in_short(seconds: i64): "{seconds} 秒后再问", "in {seconds} s";
    again_at_short(time: &str): "{time} 再问", "at {time}";
    asking_now: "正在问", "asking now";

    why_deadline: "顾客没有在规定时间内付款", "the customer took too long";
    why_cancelled: "收银员取消", "cancelled by the cashier";
    why_final: "钱包已拒绝", "the wallet declined";
    why_unshowable: "收款码不能显示", "the QR could not be shown";
    why_only_form: "这个渠道只返回网页表单，不能做成二维码", "this channel answers with a web form alone, which can't be a QR";

    refused_not_enough: "余额不足，请顾客换一种付款方式", "Not enough money: ask for another way to pay";
    refused_expired: "付款码已过期，请顾客刷新付款码再扫", "The code has expired: ask for a fresh one";
    refused_invalid: "付款码无效，请顾客打开付款码再扫", "The code is not valid: ask for the payment code";
    refused_card: "这张卡不支持，请顾客换一张卡或一种方式", "That card is not supported: ask for another";
    refused_declined: "钱包拒绝了这笔付款，请换一种付款方式", "The wallet declined: ask for another way to pay";
    refused_gateway: "网关没有受理，请换付款码或改用现金，并告诉店长", "The gateway did not take it: try another code or cash, and tell the manager";
    not_sent_network: "没有连上网关，没有发出；请检查网络后再扫，或改用现金", "No connection, nothing was sent: check the network and scan again, or take cash";
    not_sent_unknown: "网关没有这一笔，没有扣款；可以重新扫码", "The gateway has no such bill, nothing was charged: scan again";

    lost_no_answer: "付款请求已发出，没有收到回答", "the payment request was sent, no answer came";
    lost_broken: "付款请求发出后连接断开", "the connection broke after the request was sent";
    lost_http(code: u16): "网关出错（HTTP {code}），不知道有没有收款", "the gateway failed (HTTP {code}): it may have charged";
    lost_unreadable: "网关的回答看不懂，不知道有没有收款", "the gateway's answer is unreadable: it may have charged";
    lost_code(code: i64): "网关说 {code}，不能证明有没有收款", "the gateway said {code}, which proves nothing";
    lost_restarted: "收款途中程序重新启动", "the program restarted during the payment";
    unresolved_reason: "网关的回答还不能证明有没有收款", "the gateway's answers prove nothing yet";

    incident_amount(there: &str): "金额不符：网关记的是 ¥ {there}", "The amounts differ: the gateway has ¥ {there}";
    incident_row: "当时说已支付，网关账上却没有支付", "It was called paid, but the gateway's books say unpaid";
    incident_rows(count: usize): "网关有 {count} 笔同号账单", "The gateway has {count} bills with this number";
    incident_paid_after_all: "已证明未扣款，网关后来却说已支付", "Proven not charged, yet the gateway now says paid";
    incident_given_back: "本机是已收款，网关却已退回", "Paid here, but the gateway gave it back";
    incident_twice(other: &str): "同一笔买卖付了两次，另一笔 …{other}", "This sale was paid twice, the other is …{other}";
    released_sentence: "店长已解除锁定：扫码或按 F2 / F3 重新收款", "Released by a manager: scan, or F2 / F3, charges again";
    incident_refunded_there(by: &str): "在别处退过款，可能只退了一部分；店长 {by} 已按退回结清", "Refunded elsewhere, perhaps in part; manager {by} ended it as given back";
    incident_claim(by: &str): "店长 {by} 认定已收款，与撤销结果矛盾", "Manager {by} accepted it as paid, against the revert's answer";
}

impl Words {
    /// The word of a state.
    pub fn word(self, face: Face) -> &'static str {
        match face {
            Face::Waiting => self.waiting(),
            Face::ShowingQr => self.waiting_scan(),
            Face::Cancelling => self.cancelling(),
            Face::Paid => self.paid(),
            Face::Refused | Face::NotSent => self.not_charged(),
            Face::Reverted(Undone::NotCharged) | Face::Expired => self.undone(),
            Face::Reverted(Undone::Returned) => self.undone_returned(),
            Face::Reverted(Undone::NoWitness) => self.undone_no_witness(),
            Face::Unknown => self.unknown(),
            Face::Watching => self.watching(),
            Face::Unrevertible => self.unrevertible(),
            Face::Incident => self.incident(),
            Face::Disputed => self.disputed(),
            Face::Unrecorded => self.unrecorded(),
        }
    }

    /// The word for a list's column.
    pub fn short(self, face: Face) -> &'static str {
        match face {
            Face::Waiting | Face::ShowingQr => self.waiting_short(),
            Face::Cancelling => self.cancelling(),
            Face::Paid => self.paid(),
            Face::Refused | Face::NotSent => self.not_charged(),
            Face::Reverted(_) => self.reverted_short(),
            Face::Expired => self.expired_short(),
            Face::Unknown => self.unknown_short(),
            Face::Watching => self.watching_short(),
            Face::Unrevertible => self.unrevertible(),
            Face::Incident => self.incident_short(),
            Face::Disputed => self.disputed_short(),
            Face::Unrecorded => self.unrecorded_short(),
        }
    }

    /// The one sentence: what to do, or what the customer is doing.
    pub fn sentence(self, face: Face, bill: &BillView) -> String {
        let wallet = self.payer(bill);
        let with_wallet = |what: &str| format!("{wallet} · {what}");
        match face {
            Face::Waiting if matches!(bill.pay, PayAnswer::Pending) && bill.channel.is_qr() => {
                with_wallet(self.making_qr())
            }
            Face::Waiting if matches!(bill.pay, PayAnswer::Pending) => {
                with_wallet(self.submitting())
            }
            Face::Waiting if bill.channel.is_qr() => with_wallet(self.last_look()),
            Face::Waiting => with_wallet(self.customer_confirms()),
            Face::ShowingQr => self.waiting_scan().to_owned(),
            Face::Paid if bill.late => with_wallet(self.late_sentence()),
            Face::Paid => wallet.to_owned(),
            Face::Cancelling => self.do_not_charge().to_owned(),
            Face::Refused => self.refusal(&bill.pay).to_owned(),
            Face::NotSent => self.not_sent(&bill.pay).to_owned(),
            Face::Reverted(_) => with_wallet(self.next_customer()),
            Face::Expired => self.expired_sentence().to_owned(),
            Face::Unknown | Face::Watching | Face::Unrevertible if bill.may_retry => {
                self.released_sentence().to_owned()
            }
            Face::Unknown => self.hands_off().to_owned(),
            Face::Watching | Face::Unrevertible => {
                bill.payable_until_ms
                    .map_or(self.do_not_charge().to_owned(), |at| {
                        let at = clock_hms(at);
                        match bill.channel.is_jubao() {
                            true => self.watch_until_jubao(&at),
                            false => self.watch_until(&at),
                        }
                    })
            }
            Face::Incident | Face::Disputed => bill
                .incident
                .as_ref()
                .map_or_else(String::new, |incident| self.contradiction(incident)),
            Face::Unrecorded => self.handing_over().to_owned(),
        }
    }

    /// A bill that ended off the stage: never the plain phrase.
    pub fn off_stage(self, face: Face, amount: Fen) -> String {
        self.previous(self.word(face), &amount.grouped())
    }

    /// What contradicts what.
    pub fn contradiction(self, incident: &Incident) -> String {
        match &incident.kind {
            IncidentKind::Amount { there } => self.incident_amount(&there.grouped()),
            IncidentKind::RowUnpaid => self.incident_row().to_owned(),
            IncidentKind::Rows { count } => self.incident_rows(*count),
            IncidentKind::PaidAfterAll => self.incident_paid_after_all().to_owned(),
            IncidentKind::GivenBack => self.incident_given_back().to_owned(),
            IncidentKind::PaidTwice { other } => self.incident_twice(other.tail()),
            IncidentKind::RefundedThere { by, .. } => self.incident_refunded_there(by),
            IncidentKind::ClaimContradicted { by, .. } => self.incident_claim(by),
        }
    }

    fn refusal(self, pay: &PayAnswer) -> &'static str {
        match pay {
            PayAnswer::Final { reason, .. } => match reason {
                Refusal::NotEnough => self.refused_not_enough(),
                Refusal::CodeExpired => self.refused_expired(),
                Refusal::CodeInvalid => self.refused_invalid(),
                Refusal::CardNotSupported => self.refused_card(),
                Refusal::Declined => self.refused_declined(),
            },
            _ => self.refused_gateway(),
        }
    }

    fn not_sent(self, pay: &PayAnswer) -> &'static str {
        match pay {
            PayAnswer::Unconnected { .. } => self.not_sent_network(),
            _ => self.not_sent_unknown(),
        }
    }

    /// Why a bill is violet or being closed.
    pub fn reason(self, bill: &BillView) -> Option<String> {
        if let PayAnswer::Lost { why } = &bill.pay {
            return Some(self.lost(why));
        }
        match bill.closing {
            Some(CloseReason::FinalRefusal) => Some(self.refusal(&bill.pay).to_owned()),
            Some(CloseReason::Deadline) => Some(self.why_deadline().to_owned()),
            Some(CloseReason::Cancelled) => Some(self.why_cancelled().to_owned()),
            Some(CloseReason::Unshowable) => Some(self.why_unshowable().to_owned()),
            Some(CloseReason::OnlyForm) => Some(self.why_only_form().to_owned()),
            None => {
                matches!(Face::of(bill), Face::Unknown).then(|| self.unresolved_reason().to_owned())
            }
        }
    }

    fn lost(self, why: &Lost) -> String {
        match why {
            Lost::Timeout | Lost::Unreachable | Lost::Incomplete => {
                self.lost_no_answer().to_owned()
            }
            Lost::Broken => self.lost_broken().to_owned(),
            Lost::Http(code) => self.lost_http(*code),
            Lost::Unreadable => self.lost_unreadable().to_owned(),
            Lost::Code(code) => self.lost_code(*code),
            Lost::Restarted => self.lost_restarted().to_owned(),
        }
    }

    /// What the terminal is doing about it, and when it tries next (I5).
    pub fn doing(self, bill: &BillView, now_ms: i64) -> String {
        let what = match bill.next {
            NextStep::Nothing => self.doing_nothing().to_owned(),
            NextStep::Asking | NextStep::Ask => self.doing_asking(bill.asked.max(1)),
            NextStep::Revert => self.doing_revert().to_owned(),
            NextStep::Verify => self.doing_verify().to_owned(),
            NextStep::Expire => self.doing_expire().to_owned(),
            NextStep::Manager => self.doing_manager().to_owned(),
        };
        self.joined(what, self.when(bill, now_ms))
    }

    /// What is done, and when.
    pub(super) fn joined(self, what: String, when: Option<String>) -> String {
        match (when, self.language()) {
            (Some(when), Language::Chinese) => format!("{what}，{when}"),
            (Some(when), Language::English) => format!("{what}, {when}"),
            (None, _) => what,
        }
    }

    /// When it tries next: seconds under a minute (the only part that ticks), else the time.
    pub fn when(self, bill: &BillView, now_ms: i64) -> Option<String> {
        self.when_at(bill.next == NextStep::Asking, bill.next_at_ms, now_ms)
    }

    /// The same for the rail, where there is little room.
    pub fn when_short(self, bill: &BillView, now_ms: i64) -> Option<String> {
        self.when_at_short(bill.next == NextStep::Asking, bill.next_at_ms, now_ms)
    }

    /// When a step is that is under way, or due at this UTC ms.
    pub(super) fn when_at(self, asking: bool, at: Option<i64>, now_ms: i64) -> Option<String> {
        Some(match Next::of(asking, at, now_ms)? {
            Next::Now => self.asking_now().to_owned(),
            Next::In(seconds) => self.again_in(seconds),
            Next::At(ms) => self.again_at(&clock_hms(ms)),
        })
    }

    pub(super) fn when_at_short(
        self,
        asking: bool,
        at: Option<i64>,
        now_ms: i64,
    ) -> Option<String> {
        Some(match Next::of(asking, at, now_ms)? {
            Next::Now => self.asking_now().to_owned(),
            Next::In(seconds) => self.again_in_short(seconds),
            Next::At(ms) => self.again_at_short(&clock_hm(ms)),
        })
    }
}

/// When the next automatic step is.
enum Next {
    Now,
    /// Seconds.
    In(i64),
    /// UTC ms.
    At(i64),
}

impl Next {
    fn of(asking: bool, at: Option<i64>, now_ms: i64) -> Option<Next> {
        if asking {
            return Some(Next::Now);
        }
        let at = at?;
        Some(match at.saturating_sub(now_ms) {
            ..=0 => Next::Now,
            left_ms @ ..=60_000 => Next::In(left_ms.saturating_add(999) / 1000),
            _ => Next::At(at),
        })
    }
}
