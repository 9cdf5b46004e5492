//! Requests and settings that this room's tests share.

use crate::domain::config::{GatewaySettings, Provider};
use crate::domain::gateway::{LinkFields, PayRequest, RefundRequest};
use crate::domain::refund::RefundChannel;
use crate::domain::{AuthCode, BillNo, Channel, Fen, Host, RefundNo, Wallet};

pub(in crate::gateway) fn bill_no() -> BillNo {
    BillNo::parse("20261120010000010ABCDEFG").unwrap()
}

/// A valid request of this channel; a QR channel has no code.
pub(in crate::gateway) fn pay_request(channel: Channel) -> PayRequest {
    let code = match channel.wallet() {
        Some(Wallet::Wechat) => "134567890123456789",
        _ => "281234567890123456",
    };
    PayRequest {
        bill_no: bill_no(),
        amount: Fen(1234),
        channel,
        title: "示例便利店".to_owned(),
        auth_code: channel.is_scan().then(|| AuthCode::parse(code).unwrap()),
        bill_timeout_s: Some(361),
        notify_url: None,
        store_id: None,
        terminal_id: None,
        operator_id: None,
        link: channel.is_link().then(link_fields),
    }
}

/// What every link's channel may need.
pub(in crate::gateway) fn link_fields() -> LinkFields {
    LinkFields {
        return_url: Some("https://shop.example/done".to_owned()),
        identity_id: Some("SHOP01".to_owned()),
    }
}

pub(in crate::gateway) fn qr_request(channel: Channel) -> PayRequest {
    assert!(channel.is_qr());
    pay_request(channel)
}

pub(in crate::gateway) fn refund_no() -> RefundNo {
    RefundNo::parse("2026112001000063K7Q2M4XD").unwrap()
}

/// A valid refund of a part of that bill.
pub(in crate::gateway) fn refund_request() -> RefundRequest {
    RefundRequest {
        refund_no: refund_no(),
        bill_no: bill_no(),
        fee: Fen(234),
        channel: RefundChannel::Ali,
        reason: "少了一份".to_owned(),
        operator_id: Some("9001".to_owned()),
        store_id: Some("SH_001".to_owned()),
    }
}

pub(in crate::gateway) fn settings(servers: &[&str]) -> GatewaySettings {
    GatewaySettings {
        provider: Provider::Beecloud,
        servers: servers.iter().map(|s| Host((*s).to_owned())).collect(),
        app_id: "0950c062-5e41-44e3-8f52-f89d8cf2b6eb".to_owned(),
        channels: Channel::ALL.to_vec(),
        without_bill_timeout: Vec::new(),
        order_valid_min: None,
        notify_url: None,
        sandbox: false,
        links: Channel::LINKS.to_vec(),
    }
}
