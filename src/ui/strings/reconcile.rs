//! The reconciliation in words: what is compared, how they differ, and what to do about it.

use super::{Words, phrases};
use crate::domain::config::Language;
use crate::domain::reconcile::DifferenceKind;

phrases! {
    rec_title: "日结对账", "Reconcile";
    rec_intro: "把本机账本与网关逐笔核对：有差异的一笔一笔列出来，能证明的未知账单会结清。", "This ledger against the gateway, bill by bill: every difference is listed, and unknown bills that the gateway proves are settled.";
    rec_a_shift: "或者对一班", "Or one shift";
    rec_start: "开始对账", "Start";
    rec_again: "再对一次", "Once more";
    rec_go_on: "继续", "Go on";
    rec_stop: "取消", "Cancel";
    rec_running: "正在核对", "Comparing";
    rec_compared(n: u32): "已核对 {n} 笔", "{n} compared";
    rec_percent(n: u32): "{n}%", "{n}%";
    rec_cancelled: "已取消：核对到一半，可以接着来", "Cancelled half way: it can go on from here";
    rec_stopped(why: &str): "中断了：{why}", "Interrupted: {why}";
    rec_silent: "网关没有回答，可以从这里继续", "the gateway did not answer; it can go on from here";
    rec_other_running: "另一段时间正在对账", "Another time is being compared";
    rec_match: "对上了", "Everything matches";
    rec_match_line: "本机与网关一笔不差", "This till and the gateway agree on every bill";
    rec_differences(n: usize): "{n} 处差异", "Differences: {n}";
    rec_here: "本机", "Here";
    rec_there: "网关", "Gateway";
    rec_difference: "相差", "Difference";
    rec_net: "净额", "Net";
    rec_none: "没有", "none";
    rec_settled(n: usize): "按网关结清了 {n} 笔未知账单", "Unknown bills settled by the gateway: {n}";
    rec_elsewhere(n: u32, sum: &str): "另有 {n} 笔 ¥ {sum} 属于本店其他收银机", "{n} more, ¥ {sum}, are of the shop's other tills";
    rec_open_bill: "看账单", "The bill";
    rec_open_refund: "看退款", "Refund";
    rec_plant: "放入三处差异", "Plant three differences";
    rec_planted: "练习：放进去的差异", "Practice: what was planted";
    rec_bad_number: "这个单号本机不能打开，请在商户平台查", "This number can't be opened here: look at the merchant platform";
    rec_hint: "←→ 换一天 · ↑↓ 选 · Enter 执行 · Esc 返回", "←→ another day · ↑↓ choose · Enter does it · Esc back";
    rec_refund_no(no: &str): "退款 {no}", "refund {no}";

    kind_missing_here: "网关有，本机没有", "Only at the gateway";
    kind_missing_there: "本机有，网关没有", "Only here";
    kind_amount: "金额不符", "Amounts differ";
    kind_state: "状态不符", "States differ";
    kind_refund: "退款不符", "Refunds differ";
    fix_missing_here: "可能是另一台收银机的，或账本丢失过；核实是本店多收的，才按单号退款。", "Another till's, or a lost ledger's; refund it by its number only when you know that it was charged in error.";
    fix_missing_there: "网关没有这笔钱：先向网关核对，仍没有就联系网关，不要当作已到账。", "The gateway has no such money: ask it again, then contact it; don't count on it.";
    fix_amount: "以网关的金额为准：打开账单核对，由店长处理。", "The gateway's amount holds: open the bill, a manager settles it.";
    fix_state: "打开账单向网关核对；仍然不同，由店长处理。", "Open the bill and ask the gateway; if they still differ, a manager settles it.";
    fix_refund: "打开退款核对，弄清之前不要再退。", "Open it and check; don't refund again before it is clear.";

    side_paid: "已收款", "paid";
    side_unpaid: "未付款", "unpaid";
    side_reverted: "已撤销", "reverted";
    side_refunded: "已退款", "refunded";
    side_succeeded: "退款成功", "refunded";
    side_processing: "退款中", "refunding";
    side_failed: "退款失败", "refund failed";
    side_open: "未知", "unknown";
    side_expired: "已过期", "expired";
    side_refused: "被拒绝", "refused";
    side_not_sent: "没有发出", "not sent";
}

impl Words {
    /// A kind of difference.
    pub fn difference_kind(self, kind: DifferenceKind) -> &'static str {
        match kind {
            DifferenceKind::MissingHere => self.kind_missing_here(),
            DifferenceKind::MissingThere => self.kind_missing_there(),
            DifferenceKind::Amount => self.kind_amount(),
            DifferenceKind::State => self.kind_state(),
            DifferenceKind::Refund => self.kind_refund(),
        }
    }

    /// What to do about it.
    pub fn difference_fix(self, kind: DifferenceKind) -> &'static str {
        match kind {
            DifferenceKind::MissingHere => self.fix_missing_here(),
            DifferenceKind::MissingThere => self.fix_missing_there(),
            DifferenceKind::Amount => self.fix_amount(),
            DifferenceKind::State => self.fix_state(),
            DifferenceKind::Refund => self.fix_refund(),
        }
    }

    /// A side's state; a word that nobody knows is shown as it came.
    pub fn side_state(self, state: &str) -> String {
        let word = match state {
            "paid" => self.side_paid(),
            "unpaid" => self.side_unpaid(),
            "reverted" => self.side_reverted(),
            "refunded" => self.side_refunded(),
            "succeeded" => self.side_succeeded(),
            "processing" => self.side_processing(),
            "failed" => self.side_failed(),
            "sent" | "awaiting" | "closing" | "watching" | "unresolved" => self.side_open(),
            "expired" => self.side_expired(),
            "refused" => self.side_refused(),
            "not_sent" => self.side_not_sent(),
            other => return other.to_owned(),
        };
        word.to_owned()
    }
}
