//! The identity check (000 §1.6): two, three or four factors. `POST /2/auth`.

use super::text::length;
use super::{Call, Codes, Private, Told, Wrong};
use crate::domain::gateway::{Answer, Host};
use crate::gateway::beecloud::Client;
use crate::gateway::beecloud::answer::Body;
use crate::gateway::beecloud::request::{Params, Signer};
use crate::gateway::detail::clean;
use crate::gateway::transport::{Prepared, Via};
use serde_json::{Value, json};

/// Whom to check. With a card: three factors; with a mobile number too: four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// As on the identity card.
    pub name: Private,
    /// 18 characters (15 on old cards).
    pub id_no: Private,
    /// Bank card.
    pub card_no: Option<Private>,
    /// Known to the bank; needs a card.
    pub mobile: Option<Private>,
}

/// What the check said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// auth_result: only a JSON `true` is a yes.
    pub fits: bool,
    /// auth_msg, cleaned.
    pub message: String,
}

impl Identity {
    fn params(&self) -> Result<Params, Wrong> {
        length("name", self.name.expose(), 1, 64, "不能为空")?;
        if !is_id_no(self.id_no.expose()) {
            return Err(Wrong::new("id_no", "15 或 18 位身份证号"));
        }
        let mut params = Params::from([
            ("name", json!(self.name.expose())),
            ("id_no", json!(self.id_no.expose())),
        ]);
        let digits = |text: &str, from, to| {
            super::text::is_digits(text) && (from..=to).contains(&text.len())
        };
        if let Some(card) = &self.card_no {
            if !digits(card.expose(), 12, 24) {
                return Err(Wrong::new("card_no", "12 到 24 位数字"));
            }
            params.insert("card_no", json!(card.expose()));
        }
        if let Some(mobile) = &self.mobile {
            if self.card_no.is_none() || !digits(mobile.expose(), 11, 11) {
                return Err(Wrong::new("mobile", "11 位数字，要和 card_no 一起"));
            }
            params.insert("mobile", json!(mobile.expose()));
        }
        Ok(params)
    }

    fn hides(&self, text: &str) -> String {
        let known = [
            Some(&self.name),
            Some(&self.id_no),
            self.card_no.as_ref(),
            self.mobile.as_ref(),
        ];
        known
            .into_iter()
            .flatten()
            .fold(text.to_owned(), |text, hidden| {
                text.replace(hidden.expose(), "…")
            })
    }
}

fn is_id_no(text: &str) -> bool {
    let (body, last) = match text.len() {
        15 => (text, '0'),
        18 => (
            text.get(..17).unwrap_or(""),
            text.chars().last().unwrap_or(' '),
        ),
        _ => return false,
    };
    super::text::is_digits(body) && (last.is_ascii_digit() || matches!(last, 'X' | 'x'))
}

impl Signer<'_> {
    fn identity(&self, identity: &Identity) -> Result<Prepared, Wrong> {
        Ok(self.post("/2/auth".to_owned(), identity.params()?))
    }
}

impl Client {
    /// Asks whether name, number, card and mobile belong together. Each call may cost money.
    pub async fn check_identity(
        &self,
        host: &Host,
        identity: &Identity,
        at_ms: i64,
    ) -> Answer<Told<Checked>> {
        let call = Call {
            prepared: self.signer(at_ms).identity(identity),
            via: Via::Once,
            codes: Codes::Common,
        };
        let read = |body: &Body| match body.get("auth_result") {
            Value::Bool(fits) => {
                let said = body.get("auth_msg").as_str().unwrap_or("");
                Some(Checked {
                    fits: *fits,
                    message: clean(&identity.hides(said), None, &self.app_secret),
                })
            }
            _ => None,
        };
        let mut answer = self.call(host, call, None, read).await;
        // err_detail may echo what was asked.
        if let Told::Refused { detail, .. } | Told::Unclear { detail, .. } = &mut answer.outcome {
            *detail = identity.hides(detail);
        }
        answer
    }
}

#[cfg(test)]
impl Signer<'_> {
    pub(super) fn identity_for_test(&self, identity: &Identity) -> Result<Prepared, Wrong> {
        self.identity(identity)
    }
}
