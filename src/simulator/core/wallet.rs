//! What the wallets behind the gateway do: taking a payment code, refusing it, undoing a bill.

use super::super::bill::Bill;
use super::super::channel::Sub;
use super::super::code::{Code, Refused};
use super::super::faults::Faults;
use super::super::params::PayParams;
use super::super::sign::digest;
use super::{Core, Play};
use crate::domain::auth_code::CodeKind;
use crate::domain::practice::Act;
use crate::domain::time::Day;
use crate::domain::{AuthCode, Channel, Fen, Wallet};

const DAY_MS: i64 = 86_400_000;
/// Orders without bill_timeout end by themselves (FATE 14).
const ALIPAY_LIFE_MS: i64 = 15 * DAY_MS;
const WECHAT_LIFE_MS: i64 = DAY_MS;
/// How long a wallet undoes an order (PROTOCOL: time and transport).
const ALIPAY_REVERT_MS: i64 = DAY_MS;
const WECHAT_REVERT_MS: i64 = 7 * DAY_MS;

const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl Core {
    /// The bill before the wallet is asked.
    pub(super) fn new_bill(
        &mut self,
        now_ms: i64,
        params: &PayParams,
        faults: Option<Faults>,
    ) -> Result<Bill, Refused> {
        let code = params.auth_code.as_ref();
        if params.channel.is_scan() && code.is_none() {
            return Err(Refused::new(Code::MissParam, "auth_code"));
        }
        let channel = resolve(params.channel, code);
        let wallet = channel.wallet();
        let life_ms = match (params.bill_timeout_s, wallet) {
            (Some(s), _) => s.saturating_mul(1_000),
            (None, Wallet::Alipay) => ALIPAY_LIFE_MS,
            (None, Wallet::Wechat) => WECHAT_LIFE_MS,
        };
        Ok(Bill {
            bill_no: params.bill_no.clone(),
            id: self.rng.uuid(),
            asked: params.channel,
            channel,
            wallet,
            fee: params.total_fee,
            discount: Fen::ZERO,
            title: params.title.clone(),
            optional: params.optional.clone(),
            created_at: now_ms,
            expires_at: now_ms.saturating_add(life_ms),
            pay_at: None,
            paid_at: None,
            revert_at: None,
            reverted_at: None,
            refused: false,
            trade_no: self.trade_no(now_ms, wallet),
            code_url: channel.is_qr().then(|| self.code_url(wallet)),
            notify_url: params.notify_url.clone(),
            buyer_id: params.buyer_id.clone(),
            plant: None,
            faults,
        })
    }

    /// The wallet's final refusal of a payment code, if any. An accepted code is used up.
    pub(super) fn ask_wallet(
        &mut self,
        bill: &Bill,
        code: Option<&AuthCode>,
        play: Play,
    ) -> Option<Refused> {
        let code = code.filter(|_| bill.channel.is_scan())?;
        let other = code.kind().wallet().is_some_and(|w| w != bill.wallet);
        let digest = digest(code.expose());
        if other || code.kind() == CodeKind::UnionPay || self.used_codes.contains(&digest) {
            return Some(code_invalid(bill.wallet));
        }
        if play == Play::Act(Act::NoMoney) {
            return Some(not_enough(bill.wallet));
        }
        self.used_codes.insert(digest);
        None
    }

    pub(super) fn trade_no(&mut self, now_ms: i64, wallet: Wallet) -> String {
        match wallet {
            Wallet::Alipay => format!("{}{}", Day::of(now_ms).compact(), self.rng.digits(20)),
            Wallet::Wechat => format!("4200{}", self.rng.digits(24)),
        }
    }

    fn code_url(&mut self, wallet: Wallet) -> String {
        match wallet {
            Wallet::Alipay => format!("https://qr.alipay.com/bax{}", self.rng.text(LETTERS, 21)),
            Wallet::Wechat => format!("weixin://wxpay/bizpayurl?pr={}", self.rng.text(LETTERS, 9)),
        }
    }
}

/// What SCAN and BC_SCAN become. A prefix that names no wallet (the documents' own example) is
/// taken as Alipay's.
fn resolve(asked: Sub, code: Option<&AuthCode>) -> Sub {
    let wallet = code.and_then(|c| c.kind().wallet());
    let channel = match (asked.counter(), wallet.unwrap_or(Wallet::Alipay)) {
        (Some(Channel::Scan), Wallet::Alipay) => Channel::AliScan,
        (Some(Channel::Scan), Wallet::Wechat) => Channel::WxScan,
        (Some(Channel::BcScan), Wallet::Alipay) => Channel::BcAliScan,
        (Some(Channel::BcScan), Wallet::Wechat) => Channel::BcWxScan,
        _ => return asked,
    };
    Sub::Counter(channel)
}

fn code_invalid(wallet: Wallet) -> Refused {
    let detail = match wallet {
        Wallet::Alipay => "ACQ.PAYMENT_AUTH_CODE_INVALID:支付授权码无效",
        Wallet::Wechat => "AUTH_CODE_INVALID:请扫描微信支付被扫条码/二维码",
    };
    Refused::new(Code::ChannelError, detail)
}

/// The merchant's own balance does not cover a refund.
pub(super) fn no_funds(wallet: Wallet) -> Refused {
    let detail = match wallet {
        Wallet::Alipay => "ACQ.SELLER_BALANCE_NOT_ENOUGH:商户余额不足",
        Wallet::Wechat => "NOTENOUGH:商户余额不足，请充值后重新发起",
    };
    Refused::new(Code::ChannelError, detail)
}

fn not_enough(wallet: Wallet) -> Refused {
    let detail = match wallet {
        Wallet::Alipay => "ACQ.BUYER_BALANCE_NOT_ENOUGH:余额不足",
        Wallet::Wechat => "NOTENOUGH:余额不足",
    };
    Refused::new(Code::ChannelError, detail)
}

/// Undoes a bill as the wallet does: true when it is undone (again), false when it can't be:
/// what was refunded in part, or is being `refunded`, is not given back a second time.
pub(super) fn undo(
    bill: &mut Bill,
    now_ms: i64,
    certificate: bool,
    refunded: bool,
) -> Result<bool, Refused> {
    let age_ms = now_ms.saturating_sub(bill.created_at);
    match bill.wallet {
        Wallet::Wechat if !certificate => {
            return Err(Refused::new(Code::CertFileError, "证书错误"));
        }
        Wallet::Wechat if age_ms > WECHAT_REVERT_MS => {
            return Err(Refused::new(
                Code::ChannelError,
                "REVERSE_EXPIRE:订单无法撤销",
            ));
        }
        Wallet::Alipay if age_ms > ALIPAY_REVERT_MS => {
            let detail = "ACQ.TRADE_CANCEL_TIME_OUT:超过撤销时间";
            return Err(Refused::new(Code::ChannelError, detail));
        }
        Wallet::Alipay | Wallet::Wechat => {}
    }
    if refunded {
        return Ok(false);
    }
    bill.revert(now_ms);
    Ok(true)
}
