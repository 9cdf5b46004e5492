//! Refunds in words: the form, a refund's state, what the terminal does about it, and every
//! result code as a person can use it.
//!
//! Invariant: 未退款 and 退款失败 are said only of states that carry the proof (I3); while
//! nothing proves either way it is 结果未知 and 请勿再退一次.

use super::{Words, phrases};
use crate::domain::bill::{Settled, Settlement};
use crate::domain::config::Language;
use crate::domain::practice::RefundAct;
use crate::domain::refund::{
    OverLimit, RefundHappened, RefundIncidentKind, RefundProof, RefundState,
};
use crate::domain::time::clock_hm;
use crate::domain::{Fen, Wallet};
use crate::till::service::RefundView;
use crate::ui::face::RefundFace;

phrases! {
    // Find the bill
    refund_title: "退款", "Refund";
    refund_find_hint: "扫小票或顾客账单里的商户单号，或输入后几位、金额", "Scan the number on a receipt or in the customer's app, or type last digits or amount";
    refund_find_today: "今天收的款", "Paid today";
    refund_find_found: "找到的账单", "Bills found";
    refund_find_none: "今天还没有可退的账单；更早的请输入单号或金额", "Nothing paid today; search for earlier bills by number or amount";
    refund_not_found: "没有找到；输入完整单号可以向网关查询", "Not found; a whole number can be asked at the gateway";
    refund_not_here: "本机没有这张账单，向网关查询", "Not on this till: ask the gateway";
    refund_scanned_code: "扫到的是付款码，不是单号；请扫小票或顾客账单里的商户单号", "That was a payment code: scan the number on the receipt or in the customer's bill";
    refund_asking: "正在向网关核对这张账单…", "Checking this bill at the gateway…";
    refund_how: "怎么找到账单", "How to find it";
    refund_how_keys: "↑↓ 选账单，Enter 打开，Esc 返回", "↑↓ bill, Enter opens, Esc back";
    refund_how_elsewhere: "别的收银台的账单：输入完整单号", "Bills of other tills: by their whole number";
    refund_blocked: "现在不能退", "Can't be refunded now";
    refund_ask_again: "再问一次", "Ask again";

    // The form
    refund_paid: "已收", "Paid";
    refund_refunded: "已退", "Refunded";
    refund_none_yet: "还没有退过", "none so far";
    refund_amount: "退款金额", "Refund";
    refund_most(max: &str): "最多 ¥ {max}", "at most ¥ {max}";
    refund_all: "全部", "All";
    refund_reason: "原因", "Reason";
    refund_reason_goods: "顾客退货", "Returned";
    refund_reason_over: "多收", "Overcharged";
    refund_reason_twice: "重复付款", "Paid twice";
    refund_reason_faulty: "商品问题", "Faulty";
    refund_reason_other: "其他…", "Other…";
    refund_other_hint: "写明原因", "Why";
    refund_approver: "店长确认", "Manager";
    refund_give(amount: &str): "退给顾客 ¥ {amount}", "Refund ¥ {amount}";
    refund_give_what: "退给顾客", "Refund";
    refund_checking: "正在核对…", "Checking…";
    refund_after: "退款之后", "Afterwards";
    refund_after_wallet(wallet: &str): "钱原路退回顾客的{wallet}。", "The money goes back to the customer's {wallet}.";
    refund_after_unknown: "钱原路退回顾客的钱包。", "The money goes back to the customer's wallet.";
    refund_after_once: "退款单号先记下再发出；没有回答时用同一个单号核对，不会退两次。", "The number is recorded before it is sent; without an answer the same number is checked, so it is never refunded twice.";
    refund_left_label: "可退余额", "Refundable";
    refund_pin_missing: "请输入店长的 PIN", "Type the manager's PIN";
    refund_second_above(max: &str): "超过 ¥ {max} 要由另一位店长确认", "Above ¥ {max} another manager must approve";
    refund_second: "这笔退款要由另一位店长确认", "Another manager must approve this refund";
    refund_no_second: "要由另一位店长确认，但没有第二位店长", "Another manager must approve, and there is none";
    refund_elsewhere: "在别处退", "made elsewhere";
    refund_all_key: "A", "A";

    // States
    refund_sent: "已发出", "Sent";
    refund_processing: "处理中", "Processing";
    refund_unknown: "结果未知", "Result unknown";
    refund_done_word: "已退款", "Refunded";
    refund_failed: "退款失败", "Refund failed";
    refund_not: "未退款", "Not refunded";
    refund_incident: "需要店长处理", "A manager is needed";
    refund_unrecorded: "有变化 · 本机未能记录", "Changed · not recorded here";
    refund_short_unknown: "退款未知", "Refund unknown";
    refund_short_processing: "退款中", "Refunding";
    refund_short_incident: "退款矛盾", "Refund conflict";

    refund_waits_answer: "正在等网关的回答", "Waiting for the gateway's answer";
    refund_taken: "网关已受理，款会原路退回；快则几秒，慢则几天", "The gateway took it; the money arrives in seconds, or days";
    refund_do_not_again: "请勿再退一次", "Do not refund it again";
    refund_waits_manager: "请勿再退一次；请店长登录后自动再发", "Do not refund it again; it is sent again once a manager signs in";
    refund_arrived(wallet: &str): "款已原路退回顾客的{wallet}", "The money went back to the customer's {wallet}";
    refund_wallet_said_no: "钱包说没有退成，钱还在店里；可以再退", "The wallet says it did not go through; the money is still here: refund again";
    refund_not_connected: "没有连上网关，没有发出；请检查网络后再退", "No connection, nothing was sent: check the network and refund again";
    refund_unknown_there: "网关没有这笔退款，钱没有退出；可以再退", "The gateway has no such refund and no money left: refund again";
    refund_not_taken: "网关没有受理这笔退款，钱没有退出", "The gateway did not take this refund: no money left";
    refund_note_it: "请先记下退款单号，并检查磁盘", "Note the refund's number and check the disk";

    refund_doing_wait: "等网关回答", "waiting for the answer";
    refund_doing_look: "用同一个单号向网关核对", "checking the same number at the gateway";
    refund_doing_processing: "等钱包办完，定时查看", "waiting for the wallet, looking from time to time";
    refund_doing_manager: "网关没有这笔退款，等店长登录后用同一个单号再发", "the gateway does not have it; sent again by its number once a manager signs in";
    refund_doing_incident: "等店长核对并结清", "a manager has to look and settle it";
    refund_doing_nothing: "没有待做的步骤", "nothing is due";

    refund_label_no: "退款单号", "Refund no.";
    refund_label_approver: "店长", "Manager";
    refund_label_reason: "退款原因", "For";
    refund_label_why: "为什么", "Why";
    refund_why_lost: "退款请求已发出，没有收到可用的回答", "the request was sent, no usable answer came";
    refund_story_title: "经过", "What happened";
    refund_finish: "完成", "Done";
    refund_ask_now: "立即核对", "Ask now";
    refund_another: "再退一部分", "Refund more";
    refund_try_again: "重新退款", "Refund again";
    refund_settle: "结清", "Settle";
    refund_off_page(word: &str, amount: &str): "退款 ¥ {amount}：{word}", "Refund ¥ {amount}: {word}";

    // Contradictions
    refund_bill_unpaid: "本机记为已收款，网关说这笔账单没有付款", "Paid here, and the gateway says the bill was not paid";
    refund_mismatch(bill: &str, fee: &str): "网关上同号的退款是另一张账单 {bill}、金额 ¥ {fee}", "The gateway's refund of this number is for bill {bill}, ¥ {fee}";
    refund_rows(count: usize): "网关有 {count} 条同号退款", "The gateway has {count} refunds of this number";
    refund_after_all: "本机已证明没有退出，网关后来又说已退款", "Proven not refunded, yet the gateway now says refunded";
    refund_failed_after_all: "本机记为已退款，网关说退款失败", "Refunded here, and the gateway says it failed";

    // Practice
    refund_practice: "模拟退款", "Practice refunds";
    refund_practice_next: "下一笔退款会", "The next refund will";
    refund_practice_plan(act: &str, network: &str): "模拟：{act} · {network}", "Practice: {act} · {network}";
    refund_practice_keypad: "返回键盘", "Back to the keypad";

    keys_refund_do: "退款（店长）：按单号、金额找账单；A 全部；Enter 逐项确认", "refund (manager): bill by number or amount; A all; Enter confirms each";
}

impl Words {
    /// The word of a refund's state.
    pub fn refund_word(self, face: RefundFace) -> &'static str {
        match face {
            RefundFace::Sent => self.refund_sent(),
            RefundFace::Processing => self.refund_processing(),
            RefundFace::Unknown => self.refund_unknown(),
            RefundFace::Refunded => self.refund_done_word(),
            RefundFace::Failed => self.refund_failed(),
            RefundFace::NotRefunded => self.refund_not(),
            RefundFace::Incident => self.refund_incident(),
            RefundFace::Unrecorded => self.refund_unrecorded(),
            RefundFace::Requested => self.pre_requested(),
            RefundFace::Denied => self.pre_denied(),
        }
    }

    /// The same beside bills, where it must say that it is about a refund.
    pub fn refund_short(self, face: RefundFace) -> &'static str {
        match face {
            RefundFace::Sent | RefundFace::Processing => self.refund_short_processing(),
            RefundFace::Unknown => self.refund_short_unknown(),
            RefundFace::Incident | RefundFace::Unrecorded => self.refund_short_incident(),
            RefundFace::Requested => self.pre_title(),
            ended => self.refund_word(ended),
        }
    }

    /// The word of a state of another program's refund (`succeeded`, `failed`, else open).
    pub fn refund_state_name(self, name: &str) -> &'static str {
        match RefundState::parse(name) {
            Some(RefundState::Succeeded) => self.refund_done_word(),
            Some(RefundState::Failed) => self.refund_failed(),
            Some(RefundState::Refused | RefundState::NotSent) => self.refund_not(),
            Some(RefundState::Denied) => self.pre_denied(),
            Some(RefundState::Requested) => self.pre_requested(),
            _ => self.refund_processing(),
        }
    }

    /// The one sentence: what became of the money, or what not to do.
    pub fn refund_sentence(self, refund: &RefundView) -> String {
        match RefundFace::of(refund) {
            RefundFace::Sent => self.refund_waits_answer().to_owned(),
            RefundFace::Processing => self.refund_taken().to_owned(),
            RefundFace::Unknown if refund.waits_for_manager => {
                self.refund_waits_manager().to_owned()
            }
            RefundFace::Unknown => self.refund_do_not_again().to_owned(),
            RefundFace::Refunded => self.refund_arrived(self.wallet(refund.wallet)),
            RefundFace::Failed => self.refund_wallet_said_no().to_owned(),
            RefundFace::NotRefunded => self.refund_refusal(refund),
            RefundFace::Incident => refund
                .incident
                .as_ref()
                .map_or_else(String::new, |i| self.refund_contradiction(&i.kind)),
            RefundFace::Unrecorded => self.refund_note_it().to_owned(),
            RefundFace::Requested => self.pre_waits().to_owned(),
            RefundFace::Denied => self.pre_denied_sentence().to_owned(),
        }
    }

    fn refund_refusal(self, refund: &RefundView) -> String {
        match (refund.proof, refund.code) {
            (Some(RefundProof::UnknownAtGateway), _) => self.refund_unknown_there().to_owned(),
            (Some(RefundProof::Renewed), _) => self.pre_renewed().to_owned(),
            (Some(RefundProof::Connect), _) => self.refund_not_connected().to_owned(),
            (_, Some(code)) => self.refund_code(code, refund.detail.as_deref()),
            (_, None) => self.refund_not_taken().to_owned(),
        }
    }

    /// What the gateway's result code means for a refund, and what to do. It says nothing about
    /// whether the money went back: the state does (FATE 21, 22).
    pub fn refund_code(self, code: i64, detail: Option<&str>) -> String {
        let (zh, en) = match code {
            1 => (
                "应用号、签名或时间不对；请校准本机时间，再检查密钥",
                "App id, signature or clock is wrong: set the clock, then check the secrets",
            ),
            2 => (
                "商户在网关平台上没有配好这个渠道；请联系网关",
                "This channel is not set up at the gateway: contact it",
            ),
            3 => (
                "这个渠道没有开通退款；请联系网关",
                "This channel can't refund here: contact the gateway",
            ),
            4 | 5 => (
                "网关说退款请求的参数不对；请把退款单号告诉技术支持",
                "The gateway rejects the request's fields: give the refund's number to support",
            ),
            6 => (
                "商户证书有问题；请店主在网关平台上重新上传证书",
                "The merchant certificate is wrong: upload it again at the gateway",
            ),
            7 => return self.refund_channel_error(detail).to_owned(),
            8 => (
                "网关没有这张账单；请核对单号",
                "The gateway has no such bill: check the number",
            ),
            9 => (
                "网关说这张账单没有付款成功",
                "The gateway says this bill was not paid",
            ),
            10 => (
                "已超过可以退款的期限；请店主用别的方式退给顾客",
                "Too long ago to be refunded: give the money back another way",
            ),
            11 => (
                "这张账单正在退款；等它结束",
                "This bill is being refunded already: wait for it",
            ),
            12 => (
                "退款金额超过可退余额；请核对已经退过多少",
                "More than is left of the bill: check what was refunded already",
            ),
            13 => (
                "网关还查不到这笔退款；这不能证明没有退",
                "The gateway does not list this refund yet, which proves nothing",
            ),
            14 => (
                "网关内部出错，不知道有没有退",
                "The gateway failed inside: it may have refunded",
            ),
            15 => (
                "网关连不上钱包，不知道有没有退",
                "The gateway lost the wallet: it may have refunded",
            ),
            16 => (
                "网关上已有同样的预退款在等审核",
                "The same refund waits for approval at the gateway",
            ),
            _ => return self.refund_code_other(code),
        };
        self.pick(zh, en).to_owned()
    }

    fn refund_code_other(self, code: i64) -> String {
        let (before, after) = (
            self.pick("网关说 ", "The gateway said "),
            self.pick("，不能证明有没有退", ", which proves nothing"),
        );
        format!("{before}{code}{after}")
    }

    /// 7 on a refund is the merchant's side (FATE 22): the shop's own account at the wallet. It
    /// proves nothing, so it does not say that the refund may be ordered again: the state does.
    fn refund_channel_error(self, detail: Option<&str>) -> &'static str {
        let short = detail.is_some_and(|d| {
            let d = d.to_ascii_uppercase();
            ["余额不足", "NOTENOUGH", "NOT_ENOUGH", "BALANCE"]
                .iter()
                .any(|word| d.contains(word))
        });
        match short {
            true => self.pick(
                "商户余额不足：店里的钱包账户钱不够，请店主充值",
                "The shop's own wallet account lacks funds: the owner must top it up",
            ),
            false => self.pick(
                "钱包说渠道出错；多半是商户余额不足，请店主查看并充值",
                "The wallet reports an error; most often the shop's account lacks funds: top it up",
            ),
        }
    }

    /// What contradicts what.
    pub fn refund_contradiction(self, kind: &RefundIncidentKind) -> String {
        match kind {
            RefundIncidentKind::BillUnpaidThere => self.refund_bill_unpaid().to_owned(),
            RefundIncidentKind::Mismatch { bill_no, fee } => {
                self.refund_mismatch(bill_no, &fee.grouped())
            }
            RefundIncidentKind::Rows { count } => self.refund_rows(*count),
            RefundIncidentKind::SucceededAfterAll => self.refund_after_all().to_owned(),
            RefundIncidentKind::FailedAfterAll => self.refund_failed_after_all().to_owned(),
        }
    }

    /// What the terminal is doing about a refund, and when it tries next (I5).
    pub fn refund_doing(self, refund: &RefundView, now_ms: i64) -> String {
        let what = match RefundFace::of(refund) {
            RefundFace::Sent => self.refund_doing_wait(),
            RefundFace::Processing => self.refund_doing_processing(),
            RefundFace::Unknown if refund.waits_for_manager => self.refund_doing_manager(),
            RefundFace::Unknown => self.refund_doing_look(),
            RefundFace::Incident => self.refund_doing_incident(),
            RefundFace::Requested => self.pre_doing(),
            _ => self.refund_doing_nothing(),
        };
        self.joined(what.to_owned(), self.refund_when(refund, now_ms))
    }

    /// When it tries next.
    pub fn refund_when(self, refund: &RefundView, now_ms: i64) -> Option<String> {
        self.when_at(refund.asking, refund.next_at_ms, now_ms)
    }

    /// The same for the rail.
    pub fn refund_when_short(self, refund: &RefundView, now_ms: i64) -> Option<String> {
        self.when_at_short(refund.asking, refund.next_at_ms, now_ms)
    }

    /// Why an open refund is not finished, where the gateway or the network said anything.
    pub fn refund_why(self, refund: &RefundView) -> Option<String> {
        match refund.code {
            Some(code) => Some(self.refund_code(code, refund.detail.as_deref())),
            None if refund.lost => Some(self.refund_why_lost().to_owned()),
            None => None,
        }
    }

    /// One refund in one line: `¥ 30.00（14:40 一号店长，已退款）`.
    pub fn refund_line(self, refund: &RefundView, approver: &str) -> String {
        let word = self.refund_word(RefundFace::of(refund));
        let at = clock_hm(refund.ended_ms.unwrap_or(refund.sent_ms));
        self.bracketed(refund.fee, &format!("{at} {approver}"), word)
    }

    /// A refund that another till or the platform made.
    pub fn refund_line_elsewhere(self, fee: Fen, state: &str) -> String {
        let word = self.refund_state_name(state);
        self.bracketed(fee, self.refund_elsewhere(), word)
    }

    fn bracketed(self, fee: Fen, what: &str, word: &str) -> String {
        let fee = fee.grouped();
        let (open, comma, close) = (
            self.pick("（", " ("),
            self.pick("，", ", "),
            self.pick("）", ")"),
        );
        format!("¥ {fee}{open}{what}{comma}{word}{close}")
    }

    /// Where the money goes.
    pub fn refund_goes_to(self, wallet: Option<Wallet>) -> String {
        match wallet {
            Some(_) => self.refund_after_wallet(self.wallet(wallet)),
            None => self.refund_after_unknown().to_owned(),
        }
    }

    /// What needs another manager.
    pub fn over_limit(self, over: &OverLimit) -> String {
        match over {
            OverLimit::PerRefund(max) => self.over_per_refund(&max.grouped()),
            OverLimit::PerShift(max) => self.over_per_shift(&max.grouped()),
            OverLimit::Age(days) => self.over_age(*days),
        }
    }

    /// What was decided about a contradiction.
    pub fn settled(self, how: Settled) -> &'static str {
        match how {
            Settled::Accepted => self.pick("按网关认定已收款", "Accepted as paid"),
            Settled::Refunded => self.pick("已全部退款", "Refunded whole"),
            Settled::Disputed => self.pick("与网关争议中", "Disputed"),
        }
    }

    /// A manager's word about a contradiction in one line.
    pub fn settlement(self, settlement: &Settlement, by: &str) -> String {
        let how = self.settled(settlement.how);
        let at = clock_hm(settlement.at_ms);
        format!("{how} · {at} {by} · {}", settlement.reason)
    }

    /// A line of a refund's story.
    pub fn refund_happened(self, what: RefundHappened) -> &'static str {
        let (zh, en) = match what {
            RefundHappened::RefundStarted => ("记录并发出", "Recorded and sent"),
            RefundHappened::RefundNextHost => {
                ("没有连上，换一台服务器", "No connection, next server")
            }
            RefundHappened::RefundSentAgain => ("用同一个单号再发", "Sent again, same number"),
            RefundHappened::RefundAnswered => ("网关：有回答", "Gateway: answered"),
            RefundHappened::RefundLost => ("没有收到可用的回答", "No usable answer"),
            RefundHappened::RefundProcessing => ("网关：处理中", "Gateway: processing"),
            RefundHappened::RefundBecameUnresolved => ("结果未知，继续核对", "Unknown, looking on"),
            RefundHappened::RefundSucceeded => ("已退款", "Refunded"),
            RefundHappened::RefundFailed => ("钱包：退款失败", "Wallet: failed"),
            RefundHappened::RefundRefused => ("网关：拒绝", "Gateway: refused"),
            RefundHappened::RefundNotSent => ("没有退出", "Not refunded"),
            RefundHappened::RefundLookedUp => ("向网关查询", "Looked up"),
            RefundHappened::RefundIncidentFound => {
                ("发现矛盾，需要店长", "A contradiction, manager needed")
            }
            RefundHappened::RefundRestarted => ("程序重新启动，继续跟进", "Restarted, going on"),
            RefundHappened::RefundSettled => ("店长结清", "Settled by a manager"),
            RefundHappened::RefundRequested => {
                ("申请退款，等店长审核", "Asked for, a manager decides")
            }
            RefundHappened::RefundApproved => {
                ("店长同意，记录并发出", "Approved, recorded and sent")
            }
            RefundHappened::RefundDenialSent => {
                ("店长拒绝，记录并告诉网关", "Denied, recorded and sent")
            }
            RefundHappened::RefundDenied => ("已拒绝", "Denied"),
            RefundHappened::RefundWaitsAgain => {
                ("网关没有接受，仍在等审核", "Not taken, waits again")
            }
            RefundHappened::RefundRenewed => {
                ("单号日期已过，换新单号", "Its day was over, a new number")
            }
        };
        self.pick(zh, en)
    }

    /// What becomes of the next practice refund.
    pub fn refund_act(self, act: RefundAct) -> &'static str {
        let (zh, en) = match act {
            RefundAct::AtOnce => ("立即到账", "At once"),
            RefundAct::Pending => ("处理中", "Pending"),
            RefundAct::Never => ("一直处理中", "For ever"),
            RefundAct::Fail => ("退款失败", "Fail"),
            RefundAct::NoFunds => ("商户余额不足", "No funds"),
        };
        self.pick(zh, en)
    }
}
