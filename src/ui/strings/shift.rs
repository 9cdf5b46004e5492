//! The shift's page in words: opening, handing over, cash, closing, the slip.

use super::{Words, phrases};
use crate::domain::config::Language;

phrases! {
    shift_title(no: u32): "第 {no} 班", "Shift {no}";
    shift_since(time: &str): "{time} 开班", "since {time}";
    shift_holder(who: &str): "当班 {who}", "held by {who}";
    shift_float(amount: &str): "备用金 ¥ {amount}", "float ¥ {amount}";
    shift_net: "净收", "Net taken";
    shift_reading: "正在统计…", "Adding up…";
    shift_failed(why: &str): "统计失败：{why}", "The totals can't be read: {why}";
    shift_none_yet: "这一班还没有收款", "Nothing was paid in this shift yet";
    shift_actions: "可以做的", "What can be done";
    shift_earlier: "前几班", "Earlier shifts";
    shift_no_earlier: "还没有交过班", "No shift was closed yet";
    shift_hint: "↑↓ 选 · Enter 执行 · Esc 返回", "↑↓ choose · Enter does it · Esc back";
    shift_to_dos(n: u32): "还有 {n} 笔待处理", "Open to-dos: {n}";

    sum_paid: "收款", "Paid";
    sum_refunds: "退款", "Refunds";
    sum_reverts_apart: "撤销（不计入）", "Reverts (not counted)";
    sum_by_wallet: "按钱包", "By wallet";
    sum_by_cashier: "按收银员", "By cashier";
    sum_by_hour: "按小时", "By hour";
    sum_cash: "钱箱", "Cash drawer";
    sum_cash_in: "存入", "Put in";
    sum_cash_out: "取出", "Taken out";
    sum_float: "备用金", "Float";
    sum_expected: "应有现金", "Expected cash";
    sum_counted: "实点现金", "Counted cash";
    sum_difference: "相差", "Difference";
    sum_count(n: u32): "{n} 笔", "{n}x";
    sum_empty_day: "这一天没有收款", "Nothing was paid on this day";
    sum_command_line: "命令行", "command line";
    sum_nobody: "自动", "by itself";

    do_open: "开班", "Open the shift";
    do_hand_over: "交接", "Hand over";
    do_cash_in: "现金存入", "Put cash in";
    do_cash_out: "现金取出", "Take cash out";
    do_close: "交班", "Close the shift";
    do_reconcile: "日结对账", "Reconcile";

    open_title: "新的一班", "A new shift";
    open_sentence: "点一下钱箱里的备用金，输入金额", "Count the float in the drawer and type it";
    hand_title: "交接班", "Hand the shift over";
    hand_sentence: "点清现金，接班人输入自己的 PIN", "Count the cash; the next one types their own PIN";
    cash_in_title: "往钱箱存入现金", "Cash into the drawer";
    cash_out_title: "从钱箱取出现金", "Cash out of the drawer";
    cash_sentence: "只记钱箱里的现金，与扫码收款无关", "Only the drawer's cash; it has nothing to do with payments";
    close_title: "结束这一班", "End of the shift";
    close_sentence: "点清钱箱里的现金，输入实点金额", "Count the cash in the drawer and type it";
    close_exception(n: u32): "还有 {n} 笔待处理。要现在交班，需要店长签字；这些账单会继续跟进。", "Open to-dos: {n}. To close now a manager must sign; they are followed on.";

    field_float: "备用金", "Float";
    field_counted: "实点现金", "Counted cash";
    field_cash: "金额", "Amount";
    field_next: "接班人", "Who takes over";
    field_manager: "签字店长", "The manager who signs";
    field_reason: "原因", "Reason";
    field_pin: "PIN", "PIN";
    field_pin_of(who: &str): "{who} 的 PIN", "PIN of {who}";
    reason_other: "其他原因", "Another reason";
    cash_expected(amount: &str): "应有 ¥ {amount}", "Expected ¥ {amount}";
    cash_even: "相符", "It matches";
    cash_over(amount: &str): "多 ¥ {amount}", "¥ {amount} too much";
    cash_short(amount: &str): "少 ¥ {amount}", "¥ {amount} short";
    nobody_else: "没有其他人可以接班", "There is nobody else to take over";

    in_change: "补零钱", "Change";
    in_other: "其他收入", "Other income";
    in_correct: "更正", "Correction";
    out_bank: "交存银行", "To the bank";
    out_buy: "采购", "Purchase";
    out_correct: "更正", "Correction";
    close_follow: "已知情，继续跟进", "Known, followed on";
    close_left: "顾客已离开", "Customer left";

    ask_amount: "请输入金额；没有就输入 0", "Type the amount; 0 where there is none";
    ask_cash: "请输入金额", "Type the amount";
    ask_person: "请选人", "Choose who";
    ask_pin: "请输入 PIN", "Type the PIN";
    ask_reason: "请写明原因", "Give a reason";

    done_opened(no: u32): "第 {no} 班已开", "Shift {no} is open";
    done_handed(who: &str): "已交接给 {who}", "Handed over to {who}";
    done_cash(amount: &str): "已记下 ¥ {amount}", "¥ {amount} is written down";
    done_closed(no: u32): "第 {no} 班已交班", "Shift {no} is closed";

    slip_title(no: u32): "第 {no} 班 · 班次小票", "Shift {no} · slip";
    slip_opened: "开班", "Opened";
    slip_handed: "交接", "Handed over";
    slip_ended: "交班", "Closed";
    slip_to_do: "交班时待处理", "To-dos at the close";
    slip_signed: "店长签字", "Signed by";
    slip_chain(n: i64): "审计链 · 第 {n} 条", "Audit chain · event {n}";
    slip_reconcile: "与网关对账", "Reconcile this shift";
}
