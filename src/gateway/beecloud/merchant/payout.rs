//! Payouts (000 §1.5): money from the merchant to a bank card or a wallet. There is no screen for
//! them, and nothing in the terminal reaches them.
//!
//! A payout gives money away: signed with master_secret, once on the wire. Its answer says that it
//! was started, never that it arrived.

use super::text::{self, is_alphanumeric, is_digits, length, web_url};
use super::{Call, Codes, Private, Told, Wrong};
use crate::domain::gateway::{Answer, Host};
use crate::domain::{BillNo, Fen};
use crate::gateway::beecloud::Client;
use crate::gateway::beecloud::answer::Body;
use crate::gateway::beecloud::request::{Params, Signer};
use crate::gateway::beecloud::validate::is_title;
use crate::gateway::transport::{Prepared, Via};
use secrecy::SecretString;
use serde_json::json;

/// A bank card's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardType {
    /// DE
    Debit,
    /// CR
    Credit,
}

/// Whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayoutAccount {
    /// P
    Person,
    /// C
    Company,
}

/// Which banks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankKind {
    /// P_DE
    PersonDebit,
    /// P_CR
    PersonCredit,
    /// C
    Company,
}

/// BC_TRANSFER: to a bank card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankPayout {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// total_fee.
    pub amount: Fen,
    /// 1 to 32 bytes in GBK.
    pub title: String,
    /// As `bc_transfer/banks` lists it, never shortened.
    pub bank_fullname: String,
    /// DE or CR.
    pub card_type: CardType,
    /// P or C.
    pub account: PayoutAccount,
    /// The card.
    pub account_no: Private,
    /// Its owner.
    pub account_name: Private,
    /// For the bank's own message.
    pub mobile: Option<Private>,
}

/// To a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalletPayout {
    /// ALI_TRANSFER: answers with a page where the merchant types the password.
    Alipay {
        /// 11 to 32 letters and digits.
        transfer_no: String,
        /// total_fee.
        amount: Fen,
        /// desc
        reason: String,
        /// The receiver's Alipay account.
        user_id: Private,
        /// Their name.
        user_name: Private,
        /// The payer's full name at Alipay.
        account_name: String,
    },
    /// WX_TRANSFER: has no notice; the answer is all there is.
    Wechat {
        /// 10 digits.
        transfer_no: String,
        /// At least 1 yuan.
        amount: Fen,
        /// desc
        reason: String,
        /// The receiver's openid.
        user_id: Private,
    },
}

const AMOUNT: Wrong = Wrong {
    field: "total_fee",
    rule: "金额至少要 1 分（微信至少 1 元）",
};

impl BankPayout {
    fn params(&self) -> Result<Params, Wrong> {
        if self.amount.0 < 1 {
            return Err(AMOUNT);
        }
        if !is_title(&self.title) {
            return Err(Wrong::new("title", "标题按 GBK 要有 1 到 32 个字节"));
        }
        length("bank_fullname", &self.bank_fullname, 4, 64, "银行全称")?;
        length(
            "account_name",
            self.account_name.expose(),
            1,
            64,
            "不能为空",
        )?;
        let number = self.account_no.expose();
        if !is_digits(number) || !(8..=32).contains(&number.len()) {
            return Err(Wrong::new("account_no", "8 到 32 位数字"));
        }
        let mut params = Params::from([
            ("bill_no", json!(self.bill_no.as_str())),
            ("total_fee", json!(self.amount.0)),
            ("title", json!(self.title)),
            // The documents know no other source.
            ("trade_source", json!("OUT_PC")),
            ("bank_fullname", json!(self.bank_fullname)),
            ("card_type", json!(self.card_type.name())),
            ("account_type", json!(self.account.name())),
            ("account_no", json!(number)),
            ("account_name", json!(self.account_name.expose())),
        ]);
        if let Some(mobile) = &self.mobile {
            if !is_digits(mobile.expose()) || mobile.expose().len() != 11 {
                return Err(Wrong::new("mobile", "11 位数字"));
            }
            params.insert("mobile", json!(mobile.expose()));
        }
        Ok(params)
    }
}

impl CardType {
    fn name(self) -> &'static str {
        match self {
            CardType::Debit => "DE",
            CardType::Credit => "CR",
        }
    }
}

impl PayoutAccount {
    fn name(self) -> &'static str {
        match self {
            PayoutAccount::Person => "P",
            PayoutAccount::Company => "C",
        }
    }
}

impl BankKind {
    fn name(self) -> &'static str {
        match self {
            BankKind::PersonDebit => "P_DE",
            BankKind::PersonCredit => "P_CR",
            BankKind::Company => "C",
        }
    }
}

impl WalletPayout {
    /// Alipay's goes to `/transfers`, WeChat's to `/transfer` (as the official clients do).
    fn path(&self) -> &'static str {
        match self {
            WalletPayout::Alipay { .. } => "/2/rest/transfers",
            WalletPayout::Wechat { .. } => "/2/rest/transfer",
        }
    }

    fn params(&self) -> Result<Params, Wrong> {
        let (channel, no, amount, reason, user) = match self {
            WalletPayout::Alipay {
                transfer_no,
                amount,
                reason,
                user_id,
                ..
            } => {
                let good = is_alphanumeric(transfer_no) && (11..=32).contains(&transfer_no.len());
                if !good {
                    return Err(Wrong::new("transfer_no", "11 到 32 位数字或字母"));
                }
                ("ALI_TRANSFER", transfer_no, *amount, reason, user_id)
            }
            WalletPayout::Wechat {
                transfer_no,
                amount,
                reason,
                user_id,
            } => {
                if !is_digits(transfer_no) || transfer_no.len() != 10 {
                    return Err(Wrong::new("transfer_no", "10 位数字"));
                }
                if amount.0 < 100 {
                    return Err(AMOUNT);
                }
                ("WX_TRANSFER", transfer_no, *amount, reason, user_id)
            }
        };
        if amount.0 < 1 {
            return Err(AMOUNT);
        }
        length("desc", reason, 1, 64, "不能为空，最多 64 个字符")?;
        length("channel_user_id", user.expose(), 1, 128, "不能为空")?;
        let mut params = Params::from([
            ("channel", json!(channel)),
            ("transfer_no", json!(no)),
            ("total_fee", json!(amount.0)),
            ("desc", json!(reason)),
            ("channel_user_id", json!(user.expose())),
        ]);
        if let WalletPayout::Alipay {
            user_name,
            account_name,
            ..
        } = self
        {
            length("channel_user_name", user_name.expose(), 1, 64, "不能为空")?;
            length("account_name", account_name, 1, 64, "不能为空")?;
            params.insert("channel_user_name", json!(user_name.expose()));
            params.insert("account_name", json!(account_name));
        }
        Ok(params)
    }
}

impl Signer<'_> {
    fn bank_payout(&self, payout: &BankPayout) -> Result<Prepared, Wrong> {
        Ok(self.post("/2/rest/bc_transfer".to_owned(), payout.params()?))
    }

    fn wallet_payout(&self, payout: &WalletPayout) -> Result<Prepared, Wrong> {
        Ok(self.post(payout.path().to_owned(), payout.params()?))
    }

    fn banks(&self, kind: BankKind) -> Prepared {
        let params = Params::from([("type", json!(kind.name()))]);
        self.get("/2/rest/bc_transfer/banks", params)
    }
}

impl Client {
    /// Starts a payout to a bank card; gives the gateway's id.
    pub async fn pay_out_to_bank(
        &self,
        host: &Host,
        payout: &BankPayout,
        master_secret: &SecretString,
        at_ms: i64,
    ) -> Answer<Told<String>> {
        let prepared = self.by_master(master_secret, at_ms).bank_payout(payout);
        let read = |body: &Body| {
            text::of(body, "id").and_then(|id| self.innocent(id, Some(master_secret)))
        };
        self.call(host, given_away(prepared), Some(master_secret), read)
            .await
    }

    /// Starts a payout to a wallet; for Alipay gives the page where the merchant confirms it.
    pub async fn pay_out_to_wallet(
        &self,
        host: &Host,
        payout: &WalletPayout,
        master_secret: &SecretString,
        at_ms: i64,
    ) -> Answer<Told<Option<String>>> {
        let prepared = self.by_master(master_secret, at_ms).wallet_payout(payout);
        let read = |body: &Body| match payout {
            WalletPayout::Alipay { .. } => text::of(body, "url")
                .filter(|url| web_url("url", url).is_ok())
                .and_then(|url| self.innocent(url, Some(master_secret)))
                .map(Some),
            WalletPayout::Wechat { .. } => Some(None),
        };
        self.call(host, given_away(prepared), Some(master_secret), read)
            .await
    }

    /// The full names of banks that take payouts.
    pub async fn payout_banks(
        &self,
        host: &Host,
        kind: BankKind,
        at_ms: i64,
    ) -> Answer<Told<Vec<String>>> {
        let call = Call {
            prepared: Ok(self.signer(at_ms).banks(kind)),
            via: Via::Query,
            codes: Codes::Common,
        };
        let read = |body: &Body| {
            let banks = body.get("bank_list").as_array()?;
            banks.iter().map(text::as_text).collect()
        };
        self.call(host, call, None, read).await
    }
}

fn given_away(prepared: Result<Prepared, Wrong>) -> Call {
    Call {
        prepared,
        via: Via::Once,
        codes: Codes::Common,
    }
}
