//! A bill's story in words.

use super::Words;
use crate::domain::Bill;
use crate::domain::bill::Happened;
use crate::domain::config::Language;

impl Words {
    /// What happened, one line.
    pub fn happened(self, what: &Happened) -> &'static str {
        let (zh, en) = match what {
            Happened::Started => ("记录并发出", "Recorded and sent"),
            Happened::NextHost => ("没有连上，换一台服务器", "No connection, next server"),
            Happened::Answered => ("网关：已受理", "Gateway: accepted"),
            Happened::Lost => ("没有收到可用的回答", "No usable answer"),
            Happened::Refused => ("网关：拒绝", "Gateway: refused"),
            Happened::NotSent => ("没有发出", "Not sent"),
            Happened::FinalRefusal => ("钱包：拒绝", "Wallet: declined"),
            Happened::QrShown => ("收款码已核对并显示", "QR checked and shown"),
            Happened::QrUnshown => ("收款码没有显示", "QR not shown"),
            Happened::Asked => ("向网关查询", "Asked the gateway"),
            Happened::CancelAsked => ("收银员取消", "Cancelled by the cashier"),
            Happened::ClosingBegan => ("开始撤销", "Closing began"),
            Happened::RevertSent => ("撤销已发出", "Revert sent"),
            Happened::RevertAnswered => ("撤销有回答", "Revert answered"),
            Happened::GuardOver => ("守护时间已过", "Guard is over"),
            Happened::Watched => (
                "不能撤销，等它过期",
                "Can't be reverted, waiting for expiry",
            ),
            Happened::BecameUnresolved => ("结果未知，继续核对", "Unknown, asking on"),
            Happened::Paid => ("已收款", "Paid"),
            Happened::Reverted => ("已撤销", "Cancelled"),
            Happened::Expired => ("已过期", "Expired"),
            Happened::IncidentFound => ("发现矛盾，需要店长", "A contradiction, manager needed"),
            Happened::LookedAt => ("复查", "Looked at again"),
            Happened::Restarted => ("程序重新启动，继续跟进", "Restarted, going on"),
            Happened::HandedOver => ("已交货", "Handed over"),
            Happened::Released => ("店长解除锁定", "Released by a manager"),
            Happened::Settled => ("结清", "Settled"),
            Happened::Refunded => ("退款到账", "Refunded"),
        };
        self.pick(zh, en)
    }

    /// What was asked of the gateway at this moment, without secrets and without the code.
    pub fn request(self, what: Happened, bill: &Bill) -> Option<String> {
        match what {
            Happened::Started | Happened::NextHost => Some(self.pay_request(bill)),
            Happened::RevertSent => {
                let count = bill.reverts.map_or(1, |reverts| reverts.count);
                Some(match self.language() {
                    Language::Chinese => format!("REVERT · 第 {count} 次 · {}", bill.host),
                    Language::English => format!("REVERT · no. {count} · {}", bill.host),
                })
            }
            _ => None,
        }
    }

    fn pay_request(self, bill: &Bill) -> String {
        let mut parts = vec![
            bill.channel.to_string(),
            format!("¥ {}", bill.amount.grouped()),
            bill.title.clone(),
        ];
        parts.extend(bill.code_mask.clone());
        parts.extend(bill.bill_timeout_s.map(|s| format!("bill_timeout {s} s")));
        parts.push(bill.host.to_string());
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }
}
