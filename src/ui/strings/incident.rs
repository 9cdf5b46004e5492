//! An incident in words: what each witness says, and what each decision means.
//!
//! Invariant: no phrase calls a bill paid that the gateway's row does not (I3, FATE 11).

use super::{Words, phrases};
use crate::domain::bill::{RevertAnswer, Reverts};
use crate::domain::config::Language;
use crate::domain::gateway::Row;
use crate::domain::{Proof, State};
use crate::till::service::{Choice, SettledAs, Witness};

phrases! {
    incident_title: "双方的记录", "Both witnesses";
    incident_here: "本机", "This till";
    incident_there: "网关", "Gateway";
    incident_asking: "正在向网关读取这张账单…", "Reading this bill at the gateway…";
    incident_state: "状态", "State";
    incident_amount_label: "金额", "Amount";
    incident_proof: "凭证", "Proof";
    incident_made: "创建", "Created";
    incident_ended: "结束", "Ended";
    incident_reverted: "撤销", "Reverted";
    incident_refunded: "退款", "Refunded";
    incident_asked: "网关读取于", "Gateway read at";
    incident_yes: "是", "yes";
    incident_no: "否", "no";
    incident_not_said: "没有说", "not said";
    incident_nothing: "没有", "none";
    incident_row_paid: "已付款", "Paid";
    incident_row_unpaid: "未付款", "Not paid";
    incident_row_empty: "没有这张账单", "No such bill";
    incident_row_many(count: usize): "{count} 条同号账单", "{count} bills of this number";
    incident_row_silent: "没有可用的回答", "No usable answer";
    incident_trade: "钱包单号", "Wallet no.";
    incident_no_trade: "没有", "none";
    incident_claim_row: "撤销得到肯定的回答，网关的账单却仍是已付款", "The revert was answered yes, yet the gateway's row still says paid";
    incident_open: "还没有什么能证明它的结果", "Nothing proves its outcome yet";
    incident_given_back_row: "网关的账单已撤销或已退款", "The gateway's row is reverted or refunded";

    choice_refund: "退款", "Refund";
    choice_refund_means: "把钱原路退给顾客；退完以后不再待处理", "Give the money back; then it leaves the list";
    choice_accept: "按网关认定已收款", "Accept as paid";
    choice_accept_means: "钱在店里、货已交；到时再读一次网关的账单，必须是已付款、未撤销、未退款", "The money is here and the goods are gone; the row is read again and must be paid, not reverted, not refunded";
    choice_end: "按网关结清", "Settle by the gateway";
    choice_end_means: "到时再读一次网关的账单：已付款就记为已收款，已撤销或退款就记为已撤销", "The row is read again: paid becomes paid, reverted or refunded becomes cancelled";
    choice_dispute: "有争议", "Dispute";
    choice_dispute_means: "不认可网关的记录，由店主向网关申诉；账单留下记号", "The owner takes it up with the gateway; the bill keeps a mark";
    choice_again: "再读一次", "Read again";
    choice_none: "现在没有可以做的决定；等网关的回答", "Nothing can be decided now: wait for the gateway";
    choice_wait(left: &str): "还要等 {left}：撤销可能还在生效", "Wait {left}: the revert may still act";
    incident_confirm_title: "店长决定", "A manager decides";
    incident_confirm(choice: &str): "确认：{choice}", "Confirm: {choice}";
    incident_reason_checked: "已与顾客核对", "Checked with the customer";
    incident_reason_wallet: "钱包账单为准", "By the wallet's statement";
    incident_reason_gateway: "已问过网关", "The gateway was asked";
    incident_recorded: "已记录，不再待处理", "Recorded; it left the to-do list";
    incident_ended_as(word: &str): "已按网关结清：{word}", "Settled by the gateway: {word}";
    incident_done: "完成", "Done";
    do_witnesses: "双方记录", "Both witnesses";
    do_refund: "退款", "Refund";
    do_look: "查看", "Look";
    settle_refund_title: "店长结清退款", "A manager settles the refund";
    settle_refund_warning: "结清只记下已经核对过；退款的状态不变。", "Settling only records that it was looked into; the refund's state stays.";
}

impl Words {
    /// A bill's state as the ledger has it.
    pub fn bill_state(self, state: State) -> &'static str {
        match state {
            State::Sent | State::Awaiting => self.waiting_short(),
            State::Closing => self.cancelling(),
            State::Watching => self.watching_short(),
            State::Unresolved => self.unknown(),
            State::Paid => self.paid(),
            State::Refused | State::NotSent => self.not_charged(),
            State::Reverted => self.reverted_short(),
            State::Expired => self.expired_short(),
        }
    }

    /// What proved it.
    pub fn proof(self, proof: Option<Proof>) -> &'static str {
        let (zh, en) = match proof {
            None => ("还没有", "none yet"),
            Some(Proof::Pay) => ("付款的回答", "the pay answer"),
            Some(Proof::Status) => ("状态查询", "a status query"),
            Some(Proof::Row) => ("网关账单", "the gateway's row"),
            Some(Proof::Refused) => ("网关拒绝", "refused"),
            Some(Proof::Connect) => ("没有发出", "never sent"),
            Some(Proof::Reverted) => ("撤销并核对", "reverted, verified"),
            Some(Proof::NoWitness) => ("撤销，无旁证", "reverted, no witness"),
            Some(Proof::Expired) => ("已过期并核对", "expired, verified"),
            Some(Proof::UnknownAtGateway) => ("网关没有这一笔", "unknown there"),
        };
        self.pick(zh, en)
    }

    /// What was reverted, and how that was answered.
    pub fn reverts(self, reverts: Option<&Reverts>) -> String {
        let Some(reverts) = reverts else {
            return self.incident_nothing().to_owned();
        };
        let (zh, en) = match reverts.answer {
            RevertAnswer::Unanswered => ("没有回答", "no answer"),
            RevertAnswer::Claimed => ("说已撤销", "said yes"),
            RevertAnswer::Denied => ("说没有撤销", "said no"),
        };
        let count = reverts.count;
        match self.language() {
            Language::Chinese => format!("{count} 次，{zh}"),
            Language::English => format!("{count} ×, {en}"),
        }
    }

    /// A flag of the row.
    pub fn flag(self, flag: Option<bool>) -> &'static str {
        match flag {
            Some(true) => self.incident_yes(),
            Some(false) => self.incident_no(),
            None => self.incident_not_said(),
        }
    }

    /// What the gateway's row says in a word.
    pub fn witness(self, witness: &Witness) -> String {
        match witness {
            Witness::Empty => self.incident_row_empty().to_owned(),
            Witness::Row(row) => self.row_paid(row).to_owned(),
            Witness::Many(count) => self.incident_row_many(*count),
            Witness::Silent => self.incident_row_silent().to_owned(),
        }
    }

    fn row_paid(self, row: &Row) -> &'static str {
        match row.paid {
            true => self.incident_row_paid(),
            false => self.incident_row_unpaid(),
        }
    }

    /// A decision.
    pub fn choice(self, choice: Choice) -> &'static str {
        match choice {
            Choice::Refund => self.choice_refund(),
            Choice::Accept => self.choice_accept(),
            Choice::EndByRow => self.choice_end(),
            Choice::Dispute => self.choice_dispute(),
        }
    }

    /// What it means.
    pub fn choice_means(self, choice: Choice) -> &'static str {
        match choice {
            Choice::Refund => self.choice_refund_means(),
            Choice::Accept => self.choice_accept_means(),
            Choice::EndByRow => self.choice_end_means(),
            Choice::Dispute => self.choice_dispute_means(),
        }
    }

    /// What became of it.
    pub fn settled_as(self, how: SettledAs) -> String {
        match how {
            SettledAs::Recorded(how) => {
                let how = self.settled(how);
                self.joined(how.to_owned(), Some(self.incident_recorded().to_owned()))
            }
            SettledAs::Ended(state) => self.incident_ended_as(self.bill_state(state)),
        }
    }
}
