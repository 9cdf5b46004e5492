//! 退款申请 in words: what a cashier asks for, what a manager decides, what became of each.
//!
//! Invariant: 已拒绝 and 没有退出 are said only of states that carry the proof (I3).

use super::{Words, phrases};
use crate::domain::config::Language;

phrases! {
    pre_title: "退款申请", "Refund requests";
    pre_setting: "收银员可以申请退款，店长审核", "Cashiers may request refunds, a manager decides";
    blocked_requested: "这张账单有一份退款申请在等店长审核，请先同意或拒绝", "A refund request of this bill waits: approve or deny it first";

    pre_requested: "等店长审核", "Waits for a manager";
    pre_denied: "已拒绝", "Denied";
    pre_waits: "还没有发出；店长登录后在 F6 退款申请里同意或拒绝", "Nothing was sent: a manager approves or denies it at F6";
    pre_denied_sentence: "店长没有同意，钱没有退出", "A manager said no: no money left";
    pre_renewed: "单号的日期已过，这份申请换了新单号继续；用这个单号什么也没有发出", "Its day was over: it goes on by a new number, and nothing was sent by this one";
    pre_doing: "等店长的决定", "a manager has to decide";

    pre_ask(amount: &str): "申请退款 ¥ {amount}", "Request ¥ {amount}";
    pre_ask_what: "申请退款", "Request a refund";
    pre_asked(amount: &str): "退款申请 ¥ {amount} 已记下，等店长审核；还没有退钱", "Request for ¥ {amount} recorded: a manager decides, nothing was refunded yet";

    pre_none: "没有在等的退款申请", "No refund request waits";
    pre_here: "本机的申请", "Asked for here";
    pre_there: "网关的预退款", "at the gateway";
    pre_loading: "正在问网关…", "Asking the gateway…";
    pre_not_loaded(why: &str): "别处的预退款没有问到：{why}", "Those made elsewhere are not known: {why}";
    pre_refresh: "刷新", "Refresh";
    pre_marked(count: usize, sum: &str): "已选 {count} 笔，合计 ¥ {sum}", "{count} chosen, ¥ {sum}";
    pre_agree: "同意", "Approve";
    pre_deny: "拒绝", "Deny";
    pre_agree_many(count: usize, sum: &str): "同意 {count} 笔，退给顾客 ¥ {sum}", "Approve {count}, refund ¥ {sum}";
    pre_deny_many(count: usize): "拒绝 {count} 笔", "Deny {count}";
    pre_reason_ok: "情况属实", "Verified";
    pre_reason_not_ours: "不是本店的商品", "Not our goods";
    pre_reason_used: "已使用，不能退", "Used, no return";
    pre_reason_why: "理由", "Reason";
    pre_sending: "正在核对…", "Checking…";
    pre_results: "结果", "Results";
    pre_taken: "网关已同意", "Approved";
    pre_page: "支付宝要商户输入支付密码：请用浏览器打开下面的网址，或用手机扫码。没有输入之前钱不会退出。", "Alipay wants the merchant's payment password: open this address in a browser, or scan the code. Until then no money leaves.";
    pre_no_page: "网址太长，画不出二维码；请复制网址", "The address is too long for a QR: copy it";
    pre_unknown: "结果未知，请勿再同意；本机会一直核对", "Result unknown: do not approve again, the till keeps asking";
    pre_waits_there(words: &str): "没有接受，仍在等审核：{words}", "Not taken, it still waits: {words}";
    pre_again: "再同意一次", "Approve again";
    pre_by(who: &str): "{who} 申请", "asked by {who}";
    pre_hint: "空格选多笔 · Enter 同意 · Del 拒绝 · F5 刷新", "Space marks · Enter approves · Del denies";
    pre_keys: "↑↓ 选，空格选多笔，←→ 选同意、拒绝、刷新，Enter 确定，Esc 返回", "↑↓ choose, Space marks many, ←→ approve, deny, refresh, Enter does it, Esc back";
    pre_rules: "同意之前先向网关核对余额；同意以后按退款的规矩走：先记下，只发一次，没有回答就一直核对。", "The balance is checked at the gateway first; then it goes as every refund: recorded, sent once, and looked up where no answer comes.";
    pre_waiting(count: usize): "{count} 份退款申请在等审核", "{count} refund requests wait";
    pre_open: "再按 F6 打开退款申请", "F6 again opens the refund requests";
    pre_one_line(tail: &str): "账单 …{tail}", "bill …{tail}";
    pre_is_gone: "网关上这笔预退款已经有结果，请刷新", "This pre-refund has its result at the gateway: refresh";
    pre_not_here_able: "这笔预退款的单号不合规则，请到网关的商户后台审核", "Its numbers don't follow the rules: decide it in the gateway's own console";
}
