//! What a 7 (CHANNEL_ERROR) says: the table of the wallets' documented final refusals (FATE 13).
//!
//! It must never take "maybe" for "no": every code in the detail must be known, and all must
//! agree. What is not in the table is unknown, and so is anything that speaks of the merchant.
//! A wrong *final* is still caught, since `payment` closes such a bill by revert and status.

use crate::domain::gateway::Refusal;

/// What the err_detail of a 7 means for a scanned bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// USERPAYING: the customer is typing the password.
    Paying,
    /// The wallet's last word.
    Final(Refusal),
    /// Proves nothing.
    Unknown,
}

use Refusal::{CardNotSupported, CodeExpired, CodeInvalid, Declined, NotEnough};

/// WeChat micropay (付款码支付, v2 and v3), err_code: the documented answers that end the attempt
/// on the customer's side. Deliberately absent: SYSTEMERROR, BANKERROR, ORDERPAID,
/// OUT_TRADE_NO_USED, ORDERREVERSED, ORDERCLOSED, BUYER_MISMATCH (another request of this number
/// may live), RULELIMIT, NOAUTH and every other one of the merchant's.
const WECHAT: &[(&str, Refusal)] = &[
    ("NOTENOUGH", NotEnough),
    ("AUTHCODEEXPIRE", CodeExpired),
    ("AUTH_CODE_EXPIRE", CodeExpired),
    ("AUTH_CODE_EXPIRED", CodeExpired),
    ("AUTH_CODE_INVALID", CodeInvalid),
    ("AUTH_CODE_ERROR", CodeInvalid),
    ("NOTSUPORTCARD", CardNotSupported),
    ("NOTSUPPORTCARD", CardNotSupported),
    ("TRADE_ERROR", Declined),
    ("ACCOUNTERROR", Declined),
    ("ACCOUNT_ERROR", Declined),
];

/// Alipay trade.pay, sub_code (with ACQ., and without it as the older interface wrote them).
/// Deliberately absent: SYSTEM_ERROR, TRADE_HAS_SUCCESS, TRADE_HAS_CLOSE, TRADE_BUYER_NOT_MATCH,
/// CONTEXT_INCONSISTENT, and the seller's limits and permissions.
const ALIPAY: &[(&str, Refusal)] = &[
    ("BUYER_BALANCE_NOT_ENOUGH", NotEnough),
    ("BUYER_BANKCARD_BALANCE_NOT_ENOUGH", NotEnough),
    ("PAYMENT_AUTH_CODE_INVALID", CodeInvalid),
    ("SOUNDWAVE_PARSER_FAIL", CodeInvalid),
    ("NO_PAYMENT_INSTRUMENTS_AVAILABLE", CardNotSupported),
    ("ERROR_BALANCE_PAYMENT_DISABLE", Declined),
    ("BUYER_SELLER_EQUAL", Declined),
    ("BUYER_ENABLE_STATUS_FORBID", Declined),
    ("PULL_MOBILE_CASHIER_FAIL", Declined),
    ("MOBILE_PAYMENT_SWITCH_OFF", Declined),
    ("USER_FACE_PAYMENT_SWITCH_OFF", Declined),
    ("PAYMENT_FAIL", Declined),
    ("PAYMENT_REQUEST_HAS_RISK", Declined),
    ("BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", Declined),
    ("BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", Declined),
    ("ERROR_BUYER_CERTIFY_LEVEL_LIMIT", Declined),
];

/// The wallets' sentences for the same, where no code comes with them.
const PHRASES: &[(&str, Refusal)] = &[
    ("余额不足", NotEnough),
    ("付款码已过期", CodeExpired),
    ("付款码过期", CodeExpired),
    ("付款码已失效", CodeExpired),
    ("二维码已过期", CodeExpired),
    ("条码已过期", CodeExpired),
    ("授权码已过期", CodeExpired),
    ("付款码无效", CodeInvalid),
    ("授权码无效", CodeInvalid),
    ("请扫描微信支付被扫条码", CodeInvalid),
    ("不支持卡类型", CardNotSupported),
    ("该卡不支持当前支付", CardNotSupported),
];

/// Whose funds or rights are meant: never the customer's final refusal.
const MERCHANT: &[&str] = &[
    "商户",
    "商家",
    "收款方",
    "收款人",
    "收款账",
    "卖家",
    "merchant",
];

/// Words, in small letters, after which the money may still move or may have moved.
const DOUBT: &[&str] = &[
    "系统错误",
    "系统繁忙",
    "系统异常",
    "银行系统",
    "重复",
    "已支付",
    "支付成功",
    "已成功",
    "处理中",
    "支付中",
    "超时",
    "稍后",
    "查询",
    "支付密码",
    "输入密码",
    "未知",
    "仅限使用一次",
    "已使用",
    "已被使用",
    "已扣款",
    "systemerror",
    "bankerror",
    "orderpaid",
    "has_success",
    "unknow",
    "system error",
    "internal error",
    "timeout",
    "time out",
    "busy",
];

/// Codes that say nothing by themselves: the envelope's own words, the channels' names and
/// Alipay's "business failed".
const NEUTRAL: &[&str] = &[
    "FAIL",
    "CHANNEL_ERROR",
    "40004",
    "ALI_SCAN",
    "WX_SCAN",
    "BC_ALI_SCAN",
    "BC_WX_SCAN",
    "SCAN",
    "BC_SCAN",
];

/// Not revertible (FATE 9).
const NOT_REVERTIBLE: &[&str] = &["TRADE_CANCEL_TIME_OUT", "SELLER_BALANCE_NOT_ENOUGH"];

/// Reads the err_detail of a pay's 7.
pub(super) fn read_pay(detail: &str) -> Verdict {
    let mut verdict = None;
    for code in codes(detail) {
        let one = match lookup(code) {
            Some(reason) => Verdict::Final(reason),
            None if code == "USERPAYING" => Verdict::Paying,
            None => return Verdict::Unknown,
        };
        match (verdict, one) {
            (None, _) => verdict = Some(one),
            // Two codes for the same end: the first one names it.
            (Some(Verdict::Final(_)), Verdict::Final(_)) => {}
            (Some(v), one) if v == one => {}
            _ => return Verdict::Unknown,
        }
    }
    let phrase = PHRASES.iter().find(|(text, _)| detail.contains(text));
    match (verdict, phrase) {
        (Some(Verdict::Paying), None) => Verdict::Paying,
        (Some(Verdict::Final(reason)), _) | (None, Some(&(_, reason))) if is_plain(detail) => {
            Verdict::Final(reason)
        }
        _ => Verdict::Unknown,
    }
}

/// The err_detail of a revert's 7 says that it can't be reverted.
pub(super) fn is_not_revertible(detail: &str) -> bool {
    let mut found = false;
    for code in codes(detail) {
        if !NOT_REVERTIBLE.contains(&bare(code)) {
            return false;
        }
        found = true;
    }
    found
}

fn is_plain(detail: &str) -> bool {
    let lower = detail.to_lowercase();
    !MERCHANT
        .iter()
        .chain(DOUBT)
        .any(|word| lower.contains(word))
}

fn lookup(code: &str) -> Option<Refusal> {
    let find = |table: &[(&str, Refusal)], name: &str| {
        let row = table.iter().find(|(n, _)| *n == name);
        row.map(|(_, reason)| *reason)
    };
    find(WECHAT, code).or_else(|| find(ALIPAY, bare(code)))
}

/// The whole tokens that can be a wallet's code: at least four characters of A–Z, digits, `_`
/// and `.`, or Alipay's five digits. Shorter capitals (APP, ID) and plain numbers are words.
fn codes(detail: &str) -> impl Iterator<Item = &str> {
    detail
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .map(|token| token.trim_matches(['.', '-']))
        .filter(|token| is_code(token) && !NEUTRAL.contains(token))
}

/// A part in capitals is enough (aop.ACQ.SYSTEM_ERROR). 20000 (service unavailable) and 10003 (in
/// process) are Alipay's numbers for "maybe".
fn is_code(token: &str) -> bool {
    let capitals = |part: &str| {
        part.len() >= 4
            && part.bytes().any(|b| b.is_ascii_uppercase())
            && !part.bytes().any(|b| b.is_ascii_lowercase())
    };
    token.split('.').any(capitals) || matches!(token, "20000" | "10003")
}

/// Alipay's codes with the prefixes that interfaces put before them.
fn bare(code: &str) -> &str {
    let code = code.strip_prefix("aop.").unwrap_or(code);
    code.strip_prefix("ACQ.").unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_final_refusals_are_final() {
        for (detail, reason) in [
            ("NOTENOUGH", NotEnough),
            ("NOTENOUGH:余额不足", NotEnough),
            (
                "err_code: NOTENOUGH, err_code_des: 用户余额不足，请换卡支付",
                NotEnough,
            ),
            (
                "用户帐号余额不足，请用户充值或更换支付卡后再支付",
                NotEnough,
            ),
            ("ACQ.BUYER_BALANCE_NOT_ENOUGH", NotEnough),
            (
                "40004 Business Failed ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH 用户银行卡余额不足",
                NotEnough,
            ),
            ("AUTHCODEEXPIRE", CodeExpired),
            ("二维码已过期，请用户在微信上刷新后再试", CodeExpired),
            ("付款码已过期", CodeExpired),
            (
                "[AUTH_CODE_INVALID] 请扫描微信支付被扫条码/二维码",
                CodeInvalid,
            ),
            (
                "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款，如再次收款失败，请联系管理员处理。[SOUNDWAVE_PARSER_FAIL]",
                CodeInvalid,
            ),
            ("ACQ.PAYMENT_AUTH_CODE_INVALID.", CodeInvalid),
            (
                "NOTSUPORTCARD 该卡不支持当前支付，提示用户换卡支付或绑新卡支付",
                CardNotSupported,
            ),
            ("TRADE_ERROR", Declined),
            ("ACQ.PAYMENT_REQUEST_HAS_RISK", Declined),
            ("NOTENOUGH AUTHCODEEXPIRE", NotEnough),
            ("WX_SCAN FAIL NOTENOUGH", NotEnough),
        ] {
            assert_eq!(read_pay(detail), Verdict::Final(reason), "{detail}");
        }
        for (code, reason) in WECHAT.iter().chain(ALIPAY) {
            assert_eq!(read_pay(code), Verdict::Final(*reason), "{code}");
        }
        for (code, reason) in ALIPAY {
            assert_eq!(read_pay(&format!("ACQ.{code}")), Verdict::Final(*reason));
        }
    }

    #[test]
    fn what_may_still_move_money_is_never_final() {
        for detail in [
            "",
            "支付失败",
            "notenough",
            "XNOTENOUGH",
            "NOTENOUGH_X",
            "NOT-NOTENOUGH",
            "NOTENOUGHNOTENOUGH",
            "SYSTEMERROR",
            "BANKERROR",
            "ORDERPAID",
            "TRADE_HAS_SUCCESS",
            "ACQ.TRADE_HAS_SUCCESS",
            "ACQ.SYSTEM_ERROR",
            "订单号重复",
            "OUT_TRADE_NO_USED",
            "NOTENOUGH SYSTEMERROR",
            "SYSTEMERROR NOTENOUGH",
            "NOTENOUGH USERPAYING",
            "NOTENOUGH SOMETHING_NEW",
            "NOTENOUGH 20000",
            "NOTENOUGH aop.ACQ.SYSTEM_ERROR",
            "NOTENOUGH isp.unknow-error",
            "NOTENOUGH (SystemError)",
            "AUTH_CODE_INVALID 付款码已扣款",
            "NOTENOUGH 系统繁忙，请稍后再试",
            "余额不足 订单已支付",
            "AUTH_CODE_ERROR 每个二维码仅限使用一次，请刷新再试",
            "商户余额不足",
            "NOTENOUGH 商户账户余额不足",
            "商家余额不足",
            "收款方余额不足",
            "余额不足 (merchant account)",
            "ACQ.SELLER_BALANCE_NOT_ENOUGH 余额不足",
            "ACQ.BEYOND_PAY_RESTRICTION",
        ] {
            assert_eq!(read_pay(detail), Verdict::Unknown, "{detail}");
        }
    }

    #[test]
    fn userpaying_waits_unless_another_code_contradicts() {
        assert_eq!(read_pay("USERPAYING"), Verdict::Paying);
        assert_eq!(read_pay("USERPAYING 需要用户输入支付密码"), Verdict::Paying);
        assert_eq!(read_pay("USERPAYING SYSTEMERROR"), Verdict::Unknown);
        assert_eq!(read_pay("USERPAYING 余额不足"), Verdict::Unknown);
    }

    #[test]
    fn a_revert_is_given_up_only_for_two_documented_reasons() {
        for detail in [
            "TRADE_CANCEL_TIME_OUT",
            "ACQ.TRADE_CANCEL_TIME_OUT 超过撤销时间",
            "ACQ.SELLER_BALANCE_NOT_ENOUGH",
            "40004 SELLER_BALANCE_NOT_ENOUGH 商户的可退金额不足",
        ] {
            assert!(is_not_revertible(detail), "{detail}");
        }
        for detail in [
            "",
            "SYSTEMERROR",
            "SELLER_BALANCE_NOT_ENOUGH SYSTEMERROR",
            "余额不足",
            "XTRADE_CANCEL_TIME_OUT",
        ] {
            assert!(!is_not_revertible(detail), "{detail}");
        }
    }

    fn any_doubt() -> impl proptest::strategy::Strategy<Value = &'static str> {
        let codes = [
            "SYSTEMERROR",
            "BANKERROR",
            "ORDERPAID",
            "TRADE_HAS_SUCCESS",
            "OUT_TRADE_NO_USED",
        ];
        let words = MERCHANT.iter().chain(DOUBT).copied();
        proptest::sample::select(codes.into_iter().chain(words).collect::<Vec<_>>())
    }

    fn any_final() -> impl proptest::strategy::Strategy<Value = &'static str> {
        let rows = WECHAT.iter().chain(ALIPAY).chain(PHRASES);
        proptest::sample::select(rows.map(|(text, _)| *text).collect::<Vec<_>>())
    }

    proptest::proptest! {
        #[test]
        fn no_doubt_is_ever_outvoted(
            doubt in any_doubt(), end in any_final(), noise in "[ -~汉，]{0,12}", first: bool,
        ) {
            let (a, b) = if first { (doubt, end) } else { (end, doubt) };
            let detail = format!("{a} {noise} {b}");
            proptest::prop_assert_eq!(read_pay(&detail), Verdict::Unknown, "{}", detail);
        }
    }
}
