//! Rules for single fields, and reading single fields of answers.

use super::Wrong;
use crate::gateway::beecloud::answer::Body;
use serde_json::Value;

/// An answer's text: not empty, and no longer than anybody needs.
const LONGEST: usize = 8 * 1024;

/// `from..=to` characters.
pub(super) fn length(
    field: &'static str,
    text: &str,
    from: usize,
    to: usize,
    rule: &'static str,
) -> Result<(), Wrong> {
    match (from..=to).contains(&text.chars().count()) {
        true => Ok(()),
        false => Err(Wrong::new(field, rule)),
    }
}

/// ASCII letters and digits only.
pub(super) fn is_alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// ASCII digits only.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Starts with http:// or https:// and goes on.
pub(super) fn web_url(field: &'static str, url: &str) -> Result<(), Wrong> {
    let goes_on = |scheme: &str| url.len() > scheme.len() && url.starts_with(scheme);
    match goes_on("http://") || goes_on("https://") {
        true => Ok(()),
        false => Err(Wrong::new(field, "要以 http:// 或 https:// 开头")),
    }
}

/// A return_url: the channels cut it at `#`, `,` and `?`.
pub(super) fn return_url(url: &str) -> Result<(), Wrong> {
    web_url("return_url", url)?;
    match url.contains(['#', ',', '?']) {
        true => Err(Wrong::new("return_url", "中间不能有 #、,、? 等字符")),
        false => Ok(()),
    }
}

/// A field of an answer that must be a text.
pub(super) fn of(body: &Body, name: &str) -> Option<String> {
    as_text(body.get(name))
}

/// A text that is not empty.
pub(super) fn as_text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (1..=LONGEST).contains(&text.len()).then(|| text.to_owned())
}
