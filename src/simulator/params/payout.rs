//! Payouts and the identity check (000 §1.5, §1.6). Names, cards, accounts and numbers are checked
//! here and go no further than the answer needs.

use super::online::is_digits;
use super::{Fields, MAX_INTEGER, bad_channel, bill_no, check_title, invalid, missing};
use crate::domain::Fen;
use crate::simulator::code::Refused;
use crate::simulator::core::{Identity, PAYOUT_BANKS, Payout};

/// desc: the documents name no limit.
const DESC_CHARS: usize = 64;

/// Which path was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletPath {
    /// `/2/rest/transfer`
    Transfer,
    /// `/2/rest/transfers`: Alipay's alone.
    Transfers,
}

impl<'a> Fields<'a> {
    fn fee(self) -> Result<Fen, Refused> {
        let fee = self.integer_in("total_fee", 1, MAX_INTEGER)?;
        fee.map(Fen).ok_or_else(|| missing("total_fee"))
    }

    fn one_of(self, key: &str, words: &[&str]) -> Result<&'a str, Refused> {
        let word = self.required_text(key)?;
        match words.contains(&word) {
            true => Ok(word),
            false => Err(invalid(key)),
        }
    }

    /// `POST /2/rest/bc_transfer`.
    pub fn bank_payout(self) -> Result<Payout, Refused> {
        let fee = self.fee()?;
        let number = bill_no(self.required_text("bill_no")?)?;
        check_title(self.required_text("title")?)?;
        self.one_of("trade_source", &["OUT_PC"])?;
        self.one_of("bank_fullname", &PAYOUT_BANKS)?;
        self.one_of("card_type", &["DE", "CR"])?;
        self.one_of("account_type", &["P", "C"])?;
        if !is_digits(self.required_text("account_no")?, 8, 32) {
            return Err(invalid("account_no"));
        }
        self.required_text("account_name")?;
        self.check_mobile()?;
        Ok(Payout {
            number: number.to_string(),
            fee,
            sub_channel: "BC_TRANSFER",
            optional: self.optional()?,
        })
    }

    /// `POST /2/rest/transfer` and `/2/rest/transfers`.
    pub fn wallet_payout(self, path: WalletPath) -> Result<Payout, Refused> {
        let channel = self.required_text("channel")?;
        let fee = self.fee()?;
        let number = self.required_text("transfer_no")?;
        let desc = self.required_text("desc")?;
        self.required_text("channel_user_id")?;
        if desc.chars().count() > DESC_CHARS {
            return Err(invalid("desc"));
        }
        let plain = number.bytes().all(|b| b.is_ascii_alphanumeric());
        let (sub_channel, fits, least) = match (channel, path) {
            ("ALI_TRANSFER", _) => {
                self.required_text("channel_user_name")?;
                self.required_text("account_name")?;
                let fits = plain && (11..=32).contains(&number.len());
                ("ALI_TRANSFER", fits, 1)
            }
            ("WX_TRANSFER", WalletPath::Transfer) => {
                ("WX_TRANSFER", is_digits(number, 10, 10), 100)
            }
            _ => return Err(bad_channel()),
        };
        if !fits {
            return Err(invalid("transfer_no"));
        }
        if fee < Fen(least) {
            return Err(invalid("total_fee"));
        }
        Ok(Payout {
            number: number.to_owned(),
            fee,
            sub_channel,
            optional: self.optional()?,
        })
    }

    /// `GET /2/rest/bc_transfer/banks`.
    pub fn bank_kind(self) -> Result<&'a str, Refused> {
        self.one_of("type", &["P_DE", "P_CR", "C"])
    }

    /// `POST /2/auth`: two, three or four factors.
    pub fn identity(self) -> Result<Identity<'a>, Refused> {
        self.required_text("name")?;
        let id_no = self.required_text("id_no")?;
        let card_no = self.text("card_no")?.filter(|t| !t.is_empty());
        let body = id_no.len().checked_sub(1).and_then(|n| id_no.get(..n));
        let shaped = match id_no.len() {
            15 => is_digits(id_no, 15, 15),
            18 => {
                body.is_some_and(|b| is_digits(b, 17, 17))
                    && id_no.ends_with(|c: char| c.is_ascii_digit() || matches!(c, 'X' | 'x'))
            }
            _ => false,
        };
        if !shaped {
            return Err(invalid("id_no"));
        }
        if card_no.is_some_and(|card| !is_digits(card, 12, 24)) {
            return Err(invalid("card_no"));
        }
        if self.check_mobile()? && card_no.is_none() {
            return Err(missing("card_no"));
        }
        Ok(Identity { id_no, card_no })
    }

    /// 11 digits, where there is one (an empty text is none, as the documents' own example has it).
    fn check_mobile(self) -> Result<bool, Refused> {
        match self.text("mobile")?.filter(|t| !t.is_empty()) {
            Some(mobile) if !is_digits(mobile, 11, 11) => Err(invalid("mobile")),
            mobile => Ok(mobile.is_some()),
        }
    }
}
