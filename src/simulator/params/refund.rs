//! Refund requests and the queries of refunds.

use super::{
    Endpoint, Fields, MAX_INTEGER, bad_channel, bill_no, invalid, is_query_channel, missing, page,
};
use crate::domain::time::Day;
use crate::domain::{BillNo, Fen};
use crate::simulator::channel::Parent;
use crate::simulator::code::Refused;
use crate::simulator::core::RefundQuery;

/// The channels of `/refund/status` (000 §4.4.5).
const STATUS_CHANNELS: [&str; 4] = ["WX", "YEE", "KUAIQIAN", "BD"];

/// A checked refund request.
#[derive(Debug, Clone)]
pub struct RefundParams {
    /// A day and 3 to 24 digits or letters; whether the day is today, time tells.
    pub refund_no: String,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// refund_fee (分), at least 1.
    pub fee: Fen,
    /// ALI, WX or BC; `None`: as the bill.
    pub channel: Option<Parent>,
    /// `optional` as JSON text; empty where there is none.
    pub optional: String,
    /// Which endpoint was asked.
    pub endpoint: Endpoint,
    /// Only recorded until somebody agrees.
    pub need_approval: bool,
    /// Where the merchant wants to be told.
    pub notify_url: Option<String>,
}

impl RefundParams {
    /// What every refund carries; the rest as if left out.
    pub fn new(refund_no: String, bill_no: BillNo, fee: Fen) -> RefundParams {
        RefundParams {
            refund_no,
            bill_no,
            fee,
            channel: None,
            optional: String::new(),
            endpoint: Endpoint::Offline,
            need_approval: false,
            notify_url: None,
        }
    }

    /// refund_no is dated this day (退款日期必须是发起退款的当天日期).
    pub fn is_of(&self, day: Day) -> bool {
        self.refund_no.get(..8) == Some(day.compact().as_str())
    }
}

impl<'a> Fields<'a> {
    /// The refund request (002 §6, 000 §4.3.3; online 004 §3, 000 §4.3.1).
    pub fn refund(self, endpoint: Endpoint) -> Result<RefundParams, Refused> {
        let refund_no = refund_no(self.required_text("refund_no")?)?;
        let bill_no = bill_no(self.required_text("bill_no")?)?;
        let fee = self.integer_in("refund_fee", 1, MAX_INTEGER)?;
        let fee = fee.ok_or_else(|| missing("refund_fee"))?;
        let online = endpoint == Endpoint::Online;
        let taken = |p: &Parent| match online {
            true => p.refunds_online(),
            false => p.refunds_offline(),
        };
        let channel = self.text("channel")?;
        let channel = channel.map(|name| Parent::parse(name).filter(taken).ok_or_else(bad_channel));
        let channel = channel.transpose()?;
        self.text("refund_reason")?;
        self.text("operator_id")?;
        self.short_text("store_id", 32)?;
        self.integer_in("refund_account", 0, 1)?;
        Ok(RefundParams {
            refund_no,
            bill_no,
            fee: Fen(fee),
            channel,
            optional: self.optional()?,
            endpoint,
            // Only the online endpoint has these two; elsewhere they are unknown keys.
            need_approval: online && self.boolean("need_approval")?.unwrap_or(false),
            notify_url: match online {
                true => self.notify_url()?,
                false => None,
            },
        })
    }

    /// The conditions of `/refunds` and `/refunds/count`.
    pub fn refund_query(self) -> Result<RefundQuery, Refused> {
        let (skip, limit) = page(self)?;
        Ok(RefundQuery {
            bill_no: self.text("bill_no")?.map(bill_no).transpose()?,
            refund_no: self.text("refund_no")?.map(refund_no).transpose()?,
            channel: self.query_channel()?,
            need_approval: self.boolean("need_approval")?,
            need_detail: self.boolean("need_detail")?.unwrap_or(false),
            start_time: self.integer_in("start_time", 0, i64::MAX)?,
            end_time: self.integer_in("end_time", 0, i64::MAX)?,
            skip,
            limit,
        })
    }

    /// The refund status request: refund_no, and a channel that has a status.
    pub fn refund_status(self) -> Result<(String, &'a str), Refused> {
        let channel = self.required_text("channel")?;
        let refund_no = refund_no(self.required_text("refund_no")?)?;
        if !STATUS_CHANNELS.contains(&channel) {
            return Err(bad_channel());
        }
        Ok((refund_no, channel))
    }

    /// A channel of a query: the documents' own list, and this counter's.
    pub(super) fn query_channel(self) -> Result<Option<String>, Refused> {
        let channel = self.text("channel")?;
        match channel {
            Some(name) if !is_query_channel(name) => Err(bad_channel()),
            name => Ok(name.map(str::to_owned)),
        }
    }
}

/// refund_no must be a day (8 digits) and 3 to 24 digits or letters other than 000.
fn refund_no(text: &str) -> Result<String, Refused> {
    let (day, serial) = text
        .split_at_checked(8)
        .ok_or_else(|| invalid("refund_no"))?;
    let ok = day.bytes().all(|b| b.is_ascii_digit())
        && (3..=24).contains(&serial.len())
        && serial.bytes().all(|b| b.is_ascii_alphanumeric())
        && serial != "000";
    ok.then(|| text.to_owned())
        .ok_or_else(|| invalid("refund_no"))
}
