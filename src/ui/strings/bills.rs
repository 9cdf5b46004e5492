//! The bills' page in words: filters, pages, a bill's refunds and proofs, the export.

use super::{Words, phrases};
use crate::domain::Proof;
use crate::domain::bill::Settled;
use crate::domain::config::Language;
use crate::domain::refund::RefundState;

phrases! {
    days_yesterday: "昨天", "Yesterday";
    days_week: "7 天", "7 days";
    days_month: "30 天", "30 days";
    everyone: "所有人", "Everyone";
    page_of(n: usize): "第 {n} 页", "Page {n}";
    page_before: "上一页", "Newer";
    page_after: "下一页", "Older";
    no_more: "没有更早的了", "Nothing older";
    bills_hint: "Tab 筛选 · ↑↓ 选 · Enter 核对", "Tab filters · ↑↓ choose · Enter asks";
    all_days: "在所有日期里找", "Look in all days";
    handle_incident: "处理矛盾", "Settle it";
    refund_up_to(max: &str): "退款（可退 ¥ {max}）", "Refund (up to ¥ {max})";
    proof_line(proof: &str): "凭据：{proof}", "Proof: {proof}";
    taken_by(who: &str): "收银 {who}", "by {who}";
    settled_line(how: &str, by: &str, reason: &str): "{by}：{how} · {reason}", "{by}: {how} · {reason}";
    refunds_failed(why: &str): "退款读不出：{why}", "Refunds can't be read: {why}";
    story_failed(why: &str): "经过读不出：{why}", "The story can't be read: {why}";
    approved_by(who: &str): "{who} 批准", "approved by {who}";
    day_head(day: &str): "{day} · 净收", "{day} · net taken";

    export: "导出", "Export";
    export_title: "导出账单与退款", "Export bills and refunds";
    export_from: "从", "From";
    export_to: "到", "To";
    export_format: "文件格式", "Format";
    export_path: "存到", "Save as";
    export_csv: "CSV", "CSV";
    export_xlsx: "Excel", "Excel";
    export_go: "导出", "Export";
    export_busy: "正在写文件…", "Writing…";
    export_done(bills: u64, refunds: u64): "已导出 {bills} 笔账单、{refunds} 笔退款", "{bills} bills and {refunds} refunds were exported";
    export_bad_day: "日期要写成 2026-11-20", "Days look like 2026-11-20";
    export_order: "开始的日子晚于结束的日子", "The first day is after the last";
    export_no_path: "请写存到哪里", "Say where to save it";

    proof_pay: "付款回答", "the pay answer";
    proof_status: "状态查询", "a status query";
    proof_row: "网关账单", "the gateway's row";
    proof_refused: "网关拒绝", "the gateway refused it";
    proof_connect: "没有连上网关", "it was never sent";
    proof_reverted: "撤销已核实", "a verified revert";
    proof_no_witness: "撤销，没有第二证据", "a revert without a witness";
    proof_expired: "到期仍未付款", "unpaid when it expired";
    proof_unknown: "网关没有这笔账单", "the gateway has no such bill";

    settled_accepted: "认定已收款", "accepted as paid";
    settled_refunded: "已全部退款", "refunded whole";
    settled_disputed: "与网关交涉", "disputed";

    refund_sent: "已发出", "Sent";
    refund_processing: "处理中", "Processing";
    refund_unresolved: "结果未知", "Unknown";
    refund_succeeded: "已退款", "Refunded";
    refund_failed: "退款失败", "Failed";
    refund_refused: "没有退", "Refused";
    refund_not_sent: "没有发出", "Not sent";
}

impl Words {
    /// What ended a bill.
    pub fn proof(self, proof: Proof) -> &'static str {
        match proof {
            Proof::Pay => self.proof_pay(),
            Proof::Status => self.proof_status(),
            Proof::Row => self.proof_row(),
            Proof::Refused => self.proof_refused(),
            Proof::Connect => self.proof_connect(),
            Proof::Reverted => self.proof_reverted(),
            Proof::NoWitness => self.proof_no_witness(),
            Proof::Expired => self.proof_expired(),
            Proof::UnknownAtGateway => self.proof_unknown(),
        }
    }

    /// What a manager decided about a contradiction.
    pub fn settled(self, how: Settled) -> &'static str {
        match how {
            Settled::Accepted => self.settled_accepted(),
            Settled::Refunded => self.settled_refunded(),
            Settled::Disputed => self.settled_disputed(),
        }
    }

    /// Where a refund stands, in a bill's story. Not known is never said as failed.
    pub fn refund_stands(self, state: RefundState) -> &'static str {
        match state {
            RefundState::Sent => self.refund_sent(),
            RefundState::Processing => self.refund_processing(),
            RefundState::Unresolved => self.refund_unresolved(),
            RefundState::Succeeded => self.refund_succeeded(),
            RefundState::Failed => self.refund_failed(),
            RefundState::Refused => self.refund_refused(),
            RefundState::NotSent => self.refund_not_sent(),
        }
    }
}
