//! The slips that go with money: a sale's and a refund's.

use super::SlipContext;
use super::words::Words;
use super::writer::Writer;
use crate::domain::auth_code::without_codes;
use crate::domain::bill::Settled;
use crate::domain::print::Slip;
use crate::domain::refund::RefundState;
use crate::domain::{Bill, Fen, Refund, State};

/// What stands in the place of digits that could be a payment code (I12).
const HIDDEN: &str = "…";

/// A sale's slip. `None` for a bill that does not count as paid, or whose money went back by
/// itself: a receipt is never given for money that is not here (I3, I4).
pub fn sale_slip(bill: &Bill, context: &SlipContext<'_>) -> Option<Slip> {
    if !bill.counts_as_paid() {
        return None;
    }
    let words = Words(context.language);
    let mut slip = Writer::new(*context);
    slip.begin();
    slip.head();
    slip.strong(words.of("收款凭证", "Payment receipt"));
    slip.rule();
    slip.large(&words.price(bill.amount));
    slip.pair_strong(words.of("状态", "State"), state(bill, words));
    slip.pair(words.of("付款方式", "Paid by"), words.wallet(bill.wallet()));
    slip.moment(words.of("收款时间", "Paid at"), paid_ms(bill));
    slip.pair(words.of("终端", "Till"), context.till);
    slip.pair(words.of("收银员", "Cashier"), words.who(&bill.operator));
    if !bill.note.is_empty() {
        let note = without_codes(&bill.note, HIDDEN);
        slip.pair(words.of("备注", "Note"), &note);
    }
    slip.pair(words.of("渠道", "Channel"), bill.channel.name());
    if let Some(mask) = &bill.code_mask {
        slip.pair(words.of("付款码", "Code"), &without_codes(mask, HIDDEN));
    }
    if let Some(trade_no) = &bill.trade_no {
        slip.pair(words.of("交易号", "Trade"), trade_no);
    }
    slip.pair(words.of("单号", "Bill"), bill.bill_no.as_str());
    if bill.refunded > Fen::ZERO {
        let refunded = words.price(bill.refunded);
        slip.pair_strong(words.of("已退款", "Refunded"), &refunded);
    }
    slip.printed();
    slip.codes(bill.bill_no.as_str());
    slip.rule();
    slip.foot();
    slip.end();
    Some(slip.done())
}

/// When the money came: the end of a paid bill. One that ended otherwise and was accepted by a manager
/// was paid at a time that nobody knows; it was sent then.
fn paid_ms(bill: &Bill) -> i64 {
    let ended_ms = bill.ended_ms.filter(|_| bill.state == State::Paid);
    ended_ms.unwrap_or(bill.sent.wall_ms)
}

fn state(bill: &Bill, words: Words) -> &'static str {
    let accepted = |how| how == Settled::Accepted;
    match bill
        .settlement
        .as_ref()
        .map(|s| s.how)
        .is_some_and(accepted)
    {
        true => words.of("已收款 · 店长确认", "PAID (manager)"),
        false => words.of("已收款", "PAID"),
    }
}

/// A refund's slip; `bill` is its bill where it is here, and is left aside where it is another's.
/// `None` unless the money is proven to have gone back.
pub fn refund_slip(
    refund: &Refund,
    bill: Option<&Bill>,
    context: &SlipContext<'_>,
) -> Option<Slip> {
    if refund.state != RefundState::Succeeded {
        return None;
    }
    let bill = bill.filter(|bill| bill.bill_no == refund.bill_no);
    let words = Words(context.language);
    let mut slip = Writer::new(*context);
    slip.begin();
    slip.head();
    slip.strong(words.of("退款凭证", "Refund receipt"));
    slip.rule();
    slip.large(&words.price(refund.fee));
    slip.pair_strong(words.of("状态", "State"), words.of("已退款", "REFUNDED"));
    let wallet = refund.wallet.or_else(|| bill.and_then(Bill::wallet));
    slip.pair(words.of("退回", "Back to"), words.wallet(wallet));
    let ended_ms = refund.ended_ms.unwrap_or(refund.sent.wall_ms);
    slip.moment(words.of("退款时间", "Refunded"), ended_ms);
    slip.pair(words.of("原收款", "Was paid"), &words.price(refund.paid));
    if let Some(bill) = bill {
        slip.moment(words.of("收款时间", "Paid at"), paid_ms(bill));
    }
    slip.pair(words.of("终端", "Till"), context.till);
    slip.pair(words.of("经手人", "By"), words.who(&refund.operator));
    slip.pair(
        words.of("批准人", "Approved by"),
        words.who(&refund.approver),
    );
    if !refund.reason.is_empty() {
        let reason = without_codes(&refund.reason, HIDDEN);
        slip.pair(words.of("原因", "Reason"), &reason);
    }
    let refund_no = refund.refund_no.as_str();
    slip.pair(words.of("退款单号", "Refund"), refund_no);
    slip.pair(words.of("原单号", "Bill"), refund.bill_no.as_str());
    slip.printed();
    slip.codes(refund.bill_no.as_str());
    slip.rule();
    slip.foot();
    slip.end();
    Some(slip.done())
}
