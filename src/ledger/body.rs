//! What an event's body holds, as canonical JSON, and what is left out of it to keep it small.
//!
//! A bill is written whole after every event that changed it, so a million bills are some millions
//! of bodies: fields at their defaults are left out, and reading puts them back. An event that left
//! its bill as it was (asked, and no news) says only that. Refunds are written likewise; shifts,
//! reconciliations and jobs of the print queue are whole in each of their events.

use super::error::LedgerError;
use crate::domain::print::PrintJob;
use crate::domain::reconcile::Run;
use crate::domain::shift::Shift;
use crate::domain::{Bill, Refund, RefundNo};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event's body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    /// Cleaned detail, never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The bill after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill: Option<Bill>,
    /// The bill is as after its previous event, and not written again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same: bool,
    /// Serials set aside so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<i64>,
    /// The refund after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<Refund>,
    /// This refund is as after its previous event, and not written again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_refund: Option<RefundNo>,
    /// The shift after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<Shift>,
    /// The reconciliation as far as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// The job of the print queue after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print_job: Option<PrintJob>,
}

impl Body {
    /// The refund it is about, where it is about one.
    pub(super) fn refund_no(&self) -> Option<&RefundNo> {
        let written = self.refund.as_ref().map(|refund| &refund.refund_no);
        written.or(self.same_refund.as_ref())
    }

    /// The canonical JSON. What would not be read back as it is, is refused here, before the
    /// money moves, rather than found after a crash.
    pub(super) fn encode(&self) -> Result<String, LedgerError> {
        let mut value = serde_json::to_value(self).map_err(unwritable)?;
        for of in ["bill", "refund"] {
            if let Some(Value::Object(fields)) = value.get_mut(of) {
                fields.retain(|name, value| !is_default(name, value));
            }
        }
        let text = value.to_string();
        let back: Body = serde_json::from_str(&text).map_err(unwritable)?;
        if &back == self {
            Ok(text)
        } else {
            Err(LedgerError::Unwritable {
                why: "读回后不一致".to_owned(),
            })
        }
    }

    /// Reads it; `seq` is for the error.
    pub(super) fn decode(text: &str, seq: i64) -> Result<Body, LedgerError> {
        serde_json::from_str(text)
            .map_err(|error| LedgerError::corrupt(format!("event {seq}: {error}")))
    }
}

fn unwritable(error: serde_json::Error) -> LedgerError {
    LedgerError::Unwritable {
        why: error.to_string(),
    }
}

/// The fields of a bill or refund that `domain` reads back by `serde(default)`.
fn is_default(name: &str, value: &Value) -> bool {
    match value {
        Value::Bool(false) => true,
        Value::Number(number) => name == "refunded" && number.as_i64() == Some(0),
        Value::String(text) => matches!(
            (name, text.as_str()),
            ("pay" | "answer", "pending") | ("qr", "none")
        ),
        _ => false,
    }
}

/// The word of an event, as its column `kind` has it.
pub(super) fn kind_of(what: &impl Serialize) -> Result<String, LedgerError> {
    match serde_json::to_value(what).map_err(unwritable)? {
        Value::String(word) => Ok(word),
        _ => Err(LedgerError::Unwritable {
            why: "kind".to_owned(),
        }),
    }
}

/// What happened, by its word; `seq` is for the error.
pub(super) fn what_of<T: DeserializeOwned>(kind: String, seq: i64) -> Result<T, LedgerError> {
    serde_json::from_value(Value::String(kind))
        .map_err(|error| LedgerError::corrupt(format!("event {seq}: {error}")))
}
