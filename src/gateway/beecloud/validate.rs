//! The server's own rules for a pay request, checked before anything is recorded or sent
//! (PROTOCOL: validation before sending). bill_no and auth_code hold their rules by type.

use crate::domain::gateway::PayRequest;
use crate::gateway::Invalid;

/// title: 1 to 32 bytes in GBK.
const TITLE_MAX_BYTES: usize = 32;
/// store_id, terminal_id and operator_id.
const ID_MAX_CHARS: usize = 32;

/// Says whether this request may be sent, and otherwise the first field that forbids it.
pub fn validate(request: &PayRequest) -> Result<(), Invalid> {
    if request.amount.0 < 1 {
        return Err(Invalid::Amount);
    }
    if !is_title(&request.title) {
        return Err(Invalid::Title);
    }
    match (request.channel.is_scan(), &request.auth_code) {
        (true, None) => return Err(Invalid::AuthCodeMissing),
        (false, Some(_)) => return Err(Invalid::AuthCodeUnexpected),
        _ => {}
    }
    if !request.notify_url.as_deref().is_none_or(is_web_url) {
        return Err(Invalid::NotifyUrl);
    }
    if request.bill_timeout_s == Some(0) {
        return Err(Invalid::BillTimeout);
    }
    if !fits_id(&request.store_id) {
        return Err(Invalid::StoreId);
    }
    if !fits_id(&request.terminal_id) {
        return Err(Invalid::TerminalId);
    }
    Ok(())
}

/// title: 1 to 32 bytes in GBK.
pub(super) fn is_title(title: &str) -> bool {
    (1..=TITLE_MAX_BYTES).contains(&gbk_len(title))
}

/// store_id, terminal_id, operator_id: at most 32 characters.
pub(super) fn fits_id(id: &Option<String>) -> bool {
    id.as_ref()
        .is_none_or(|t| t.chars().count() <= ID_MAX_CHARS)
}

fn is_web_url(url: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
}

/// Cuts a note or a shop's name to what fits into title: no control characters, at most 32 bytes
/// in GBK. Empty stays empty.
pub fn fit_title(text: &str) -> String {
    let mut left = TITLE_MAX_BYTES;
    text.trim()
        .chars()
        .filter(|c| !c.is_control())
        .take_while(|c| {
            let len = gbk_char_len(*c);
            let fits = len <= left;
            left = left.saturating_sub(len);
            fits
        })
        .collect()
}

/// Length in GBK, bytes.
fn gbk_len(text: &str) -> usize {
    text.chars().map(gbk_char_len).sum()
}

/// What GBK can't write counts as GB18030's 4 bytes, the most that any server will make of it.
fn gbk_char_len(c: char) -> usize {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
    if unmappable { 4 } else { bytes.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Channel, Fen};
    use crate::gateway::beecloud::samples::{pay_request, qr_request};

    #[test]
    fn every_rule_before_sending_names_its_field() {
        let scan = || pay_request(Channel::AliScan);
        assert_eq!(validate(&scan()), Ok(()));
        assert_eq!(validate(&qr_request(Channel::WxNative)), Ok(()));
        let cases: Vec<(PayRequest, Invalid)> = vec![
            (
                PayRequest {
                    amount: Fen(0),
                    ..scan()
                },
                Invalid::Amount,
            ),
            (
                PayRequest {
                    amount: Fen(-5),
                    ..scan()
                },
                Invalid::Amount,
            ),
            (
                PayRequest {
                    title: String::new(),
                    ..scan()
                },
                Invalid::Title,
            ),
            (
                PayRequest {
                    title: "汉".repeat(17),
                    ..scan()
                },
                Invalid::Title,
            ),
            (
                PayRequest {
                    title: "a".repeat(33),
                    ..scan()
                },
                Invalid::Title,
            ),
            (
                PayRequest {
                    auth_code: None,
                    ..scan()
                },
                Invalid::AuthCodeMissing,
            ),
            (
                PayRequest {
                    channel: Channel::WxNative,
                    ..scan()
                },
                Invalid::AuthCodeUnexpected,
            ),
            (
                PayRequest {
                    notify_url: Some("ftp://x".into()),
                    ..scan()
                },
                Invalid::NotifyUrl,
            ),
            (
                PayRequest {
                    notify_url: Some("https://".into()),
                    ..scan()
                },
                Invalid::NotifyUrl,
            ),
            (
                PayRequest {
                    bill_timeout_s: Some(0),
                    ..scan()
                },
                Invalid::BillTimeout,
            ),
            (
                PayRequest {
                    store_id: Some("s".repeat(33)),
                    ..scan()
                },
                Invalid::StoreId,
            ),
            (
                PayRequest {
                    terminal_id: Some("t".repeat(33)),
                    ..scan()
                },
                Invalid::TerminalId,
            ),
        ];
        for (request, invalid) in cases {
            assert_eq!(validate(&request), Err(invalid), "{request:?}");
        }
    }

    #[test]
    fn a_title_is_measured_in_gbk() {
        for (title, bytes) in [("汉字", 4), ("aé", 3), ("€", 1), ("😀", 4), ("ａ", 2)] {
            assert_eq!(gbk_len(title), bytes, "{title}");
        }
        let exact = PayRequest {
            title: "汉".repeat(16),
            ..pay_request(Channel::AliScan)
        };
        assert_eq!(validate(&exact), Ok(()));
    }

    #[test]
    fn a_title_is_cut_between_characters() {
        assert_eq!(fit_title(&"汉".repeat(40)), "汉".repeat(16));
        assert_eq!(
            fit_title(&format!("a{}", "汉".repeat(40))),
            format!("a{}", "汉".repeat(15))
        );
        assert_eq!(fit_title(" 早餐\n两份 "), "早餐两份");
        assert_eq!(fit_title("\u{1}"), "");
    }

    proptest::proptest! {
        #[test]
        fn a_fitted_title_is_always_valid(text in ".*") {
            proptest::prop_assert!(gbk_len(&fit_title(&text)) <= TITLE_MAX_BYTES);
        }
    }
}
