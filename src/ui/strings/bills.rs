//! The bills' page in words: filters, pages, a bill's refunds and proofs, the export.

use super::{Words, phrases};
use crate::domain::config::Language;

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
}
