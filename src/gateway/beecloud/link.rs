//! Pay links as the till pays them: an online bill of a channel that is paid on a page, with what
//! that channel alone needs (004 §2, 000 §4.2.1).

use super::answer::Body;
use super::merchant::{OnlineAnswer, OnlineBill, OnlineChannel, QrPayMode, Wrong};
use super::request::{Params, Place};
use crate::domain::Channel;
use crate::domain::gateway::{LinkFields, Lost, PayOutcome, PayRequest};
use crate::gateway::Invalid;
use serde_json::Map;

/// Where online bills are sent.
pub(super) fn path(place: Place) -> String {
    format!("{}/bill", place.base())
}

/// The parameters of a pay link; `None` where the request is none.
pub(super) fn params(request: &PayRequest) -> Result<Option<Params>, Invalid> {
    let Some(fields) = &request.link else {
        return match request.channel.is_link() {
            true => Err(wrong_channel()),
            false => Ok(None),
        };
    };
    let bill = OnlineBill {
        bill_no: request.bill_no.clone(),
        amount: request.amount,
        title: request.title.clone(),
        channel: channel(request.channel, fields)?,
        bill_timeout_s: request.bill_timeout_s,
        notify_url: request.notify_url.clone(),
        buyer_id: None,
        optional: Map::new(),
        analysis: Map::new(),
        limit_credit: false,
    };
    Ok(Some(bill.params().map_err(invalid)?))
}

/// What was accepted (result_code 0): the link, or a form that no QR can show.
pub(super) fn accepted(body: &Body, request: &PayRequest) -> PayOutcome {
    let fields = request.link.clone().unwrap_or_default();
    let read = channel(request.channel, &fields).ok();
    match read.and_then(|channel| channel.read(body)) {
        Some(OnlineAnswer::CodeUrl(code_url) | OnlineAnswer::Url(code_url)) => PayOutcome::Code {
            code_url,
            gateway_no: None,
        },
        Some(OnlineAnswer::Html(_)) => PayOutcome::OnlyForm,
        _ => PayOutcome::Lost(Lost::Incomplete),
    }
}

/// The channel with its own fields; each takes only what the documents give it.
fn channel(channel: Channel, fields: &LinkFields) -> Result<OnlineChannel, Invalid> {
    let return_url = || fields.return_url.clone();
    let must_return = || {
        return_url().ok_or(Invalid::Field {
            field: "return_url",
            rule: "这个渠道必须有（设置 links.return_url）",
        })
    };
    Ok(match channel {
        Channel::AliWeb => OnlineChannel::AliWeb {
            return_url: must_return()?,
            show_url: None,
        },
        Channel::AliWap => OnlineChannel::AliWap {
            return_url: return_url(),
            use_app: None,
        },
        Channel::AliQrcode => OnlineChannel::AliQrcode {
            return_url: must_return()?,
            qr_pay_mode: QrPayMode::Mini,
        },
        Channel::YeeWap => OnlineChannel::YeeWap {
            identity_id: fields.identity_id.clone().ok_or(Invalid::Field {
                field: "identity_id",
                rule: "这个渠道必须有（设置 links.identity_id）",
            })?,
        },
        Channel::YeeWeb => OnlineChannel::YeeWeb,
        Channel::BdWap => OnlineChannel::BdWap,
        Channel::BdWeb => OnlineChannel::BdWeb,
        Channel::BcWxWap => OnlineChannel::BcWxWap {
            return_url: return_url(),
        },
        Channel::BcAliWeb => OnlineChannel::BcAliWeb {
            return_url: return_url(),
        },
        Channel::BcAliWap => OnlineChannel::BcAliWap {
            return_url: return_url(),
        },
        Channel::BcGateway => OnlineChannel::BcGateway {
            bank: None,
            return_url: return_url(),
        },
        Channel::UnWeb => OnlineChannel::UnWeb {
            return_url: must_return()?,
        },
        Channel::UnWap => OnlineChannel::UnWap {
            return_url: return_url(),
        },
        Channel::JdWap => OnlineChannel::JdWap {
            return_url: must_return()?,
        },
        Channel::JdWeb => OnlineChannel::JdWeb {
            return_url: must_return()?,
        },
        Channel::KuaiqianWap => OnlineChannel::KuaiqianWap,
        Channel::KuaiqianWeb => OnlineChannel::KuaiqianWeb,
        Channel::WxNative => OnlineChannel::WxNative,
        Channel::BcNative => OnlineChannel::BcNative,
        Channel::BcAliQrcode => OnlineChannel::BcAliQrcode,
        _ => return Err(wrong_channel()),
    })
}

fn wrong_channel() -> Invalid {
    Invalid::Field {
        field: "channel",
        rule: "这个渠道和付款方式不符",
    }
}

fn invalid(wrong: Wrong) -> Invalid {
    Invalid::Field {
        field: wrong.field,
        rule: wrong.rule,
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
