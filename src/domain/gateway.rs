//! What a gateway can be asked and can answer, in types that keep *refused*, *not sent* and
//! *unknown* apart. The client (`gateway`) makes these, the rules (`payment`) read them.

use super::refund::{RefundChannel, RefundNo};
use super::{AuthCode, BillNo, Channel, Fen};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One gateway host, by its base URL as configured (`https://api.beecloud.cn`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Host(pub String);

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything a pay request carries beyond app_id, timestamp and app_sign.
#[derive(Debug, Clone)]
pub struct PayRequest {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// total_fee.
    pub amount: Fen,
    /// Decides the endpoint and what an answer must hold.
    pub channel: Channel,
    /// At most 32 bytes in GBK.
    pub title: String,
    /// For scan channels.
    pub auth_code: Option<AuthCode>,
    /// Seconds; `None` where the channel's switch is off.
    pub bill_timeout_s: Option<u32>,
    /// Where the gateway may call back.
    pub notify_url: Option<String>,
    /// ALI_SCAN only.
    pub store_id: Option<String>,
    /// ALI_SCAN only.
    pub terminal_id: Option<String>,
    /// Who took the payment.
    pub operator_id: Option<String>,
    /// It is a pay link: `POST /2/rest/bill`, with what its channel alone needs.
    pub link: Option<LinkFields>,
}

/// What pay links' channels need beyond the common fields (004 §2): each takes what is its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkFields {
    /// Where the customer's browser goes afterwards.
    pub return_url: Option<String>,
    /// YEE_WAP: who the cards are bound to.
    pub identity_id: Option<String>,
}

/// An answer together with who gave it and when by its own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was said.
    pub outcome: T,
    /// The host that was asked last (for pay: the one that may hold the bill).
    pub host: Host,
    /// The `Date` of the HTTP answer, UTC ms: only from TLS-verified or loopback hosts,
    /// also on answers that were no use otherwise.
    pub date_ms: Option<i64>,
    /// How long the request took, milliseconds. 0 where nothing was sent.
    pub took_ms: u32,
}

/// Why there was no usable answer. Never says anything about the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// Nothing came within the time limit.
    Timeout,
    /// The connection broke after the request's first byte may have left.
    Broken,
    /// No connection to any host (for status, revert and queries; pay says `Unconnected`).
    Unreachable,
    /// An HTTP status other than 200.
    Http(u16),
    /// Not the JSON that was expected: HTML, truncated, wrong types, too large.
    Unreadable,
    /// A result code that proves nothing (for pay: 7, 14, 15, 17 …).
    Code(i64),
    /// The answer lacked the typed field this channel needs, or spoke of another bill.
    Incomplete,
    /// This program stopped while the request was under way.
    Restarted,
}

/// What came of one pay request to one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayOutcome {
    /// result_code 0 and pay_result true.
    Paid {
        /// What SCAN and BC_SCAN turned out to be.
        channel_type: Option<Channel>,
    },
    /// Accepted, the customer has not paid yet: pay_result false, SCAN's channel_type alone,
    /// or a 7 whose detail says USERPAYING.
    Waiting {
        /// What SCAN and BC_SCAN turned out to be.
        channel_type: Option<Channel>,
    },
    /// Accepted, with the QR's content.
    Code {
        /// code_url (or qr_code).
        code_url: String,
        /// The gateway's own number, where the row is asked for by that.
        gateway_no: Option<String>,
    },
    /// Accepted, with a form for a browser alone: a pay link without anything to show.
    OnlyForm,
    /// Result codes 1 to 6: the gateway did not take the bill.
    Refused {
        /// 1 to 6.
        code: i64,
        /// err_detail or result_msg, cleaned for display.
        detail: String,
    },
    /// A 7 whose err_detail is a wallet's documented final refusal (FATE 13).
    FinalRefusal {
        /// The reason in the program's own terms.
        reason: Refusal,
        /// err_detail, cleaned for display.
        detail: String,
    },
    /// DNS, TCP, connect time-out or TLS failed: no byte of the request left.
    Unconnected {
        /// One line for the log and the screen.
        why: String,
    },
    /// Everything else: may or may not have been paid.
    Lost(Lost),
}

/// A wallet's final word on a payment code (FATE 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// NOTENOUGH, ACQ.BUYER_BALANCE_NOT_ENOUGH, 余额不足
    NotEnough,
    /// AUTHCODEEXPIRE, 付款码已过期
    CodeExpired,
    /// AUTH_CODE_INVALID, ACQ.PAYMENT_AUTH_CODE_INVALID
    CodeInvalid,
    /// NOTSUPORTCARD and card limits
    CardNotSupported,
    /// Everything else in the table: the wallet declined this customer.
    Declined,
}

/// What a status call said (FATE: answers to status).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusOutcome {
    /// 0 and pay_result true: a fact.
    Paid,
    /// 0 and pay_result false: a negative fact.
    NotPaid,
    /// 8: a negative fact.
    NoSuchBill,
    /// 1: clock or signature; counts for nothing.
    ClockOrKey,
    /// 3 or 5: ask again without channel.
    ChannelRefused,
    /// 2, 4, 6: a configuration alarm, no fact.
    Alarm {
        /// The result code.
        code: i64,
        /// Cleaned err_detail.
        detail: String,
    },
    /// Anything else.
    NoAnswer(Lost),
}

/// What a revert call said (FATE 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevertOutcome {
    /// 0 and revert_status true: a claim.
    Claimed,
    /// 0 and revert_status false, or 9.
    NotDone,
    /// 8: not known now, not reverted.
    NoSuchBill,
    /// 3 or 5: once more without channel, then not revertible.
    ChannelRefused,
    /// 2, 6, 10, or 7 with TRADE_CANCEL_TIME_OUT or SELLER_BALANCE_NOT_ENOUGH.
    NotRevertible {
        /// The result code.
        code: i64,
        /// Cleaned err_detail.
        detail: String,
    },
    /// 1: clock or signature; repeated.
    ClockOrKey,
    /// 11: money is going back; as unanswered.
    AlreadyRefunding,
    /// Anything else: as if never answered.
    NoAnswer(Lost),
}

/// The row of `GET /bills?bill_no` with our bill_no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// spay_result.
    pub paid: bool,
    /// revert_result; `None` where the field is missing or no bool.
    pub reverted: Option<bool>,
    /// refund_result; `None` where the field is missing or no bool.
    pub refunded: Option<bool>,
    /// total_fee, what was really paid (分).
    pub total_fee: Fen,
    /// bill_fee, the order's amount, where present (分).
    pub bill_fee: Option<Fen>,
    /// discount, where present (分).
    pub discount: Fen,
    /// The wallet's number, where present.
    pub trade_no: Option<String>,
    /// sub_channel, where it is one of ours.
    pub sub_channel: Option<Channel>,
    /// The gateway's id of the row.
    pub id: Option<String>,
    /// create_time, UTC ms, where present.
    pub create_time_ms: Option<i64>,
}

impl Row {
    /// The amount check (PROTOCOL 1): `bill_fee == amount`, or `total_fee + discount == amount`.
    pub fn amount_matches(&self, amount: Fen) -> bool {
        self.bill_fee == Some(amount)
            || self.total_fee.0.checked_add(self.discount.0) == Some(amount.0)
    }
}

/// What reading the row said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// A well-formed answer without our bill_no.
    Empty,
    /// Exactly one row with our bill_no.
    Row(Row),
    /// More than one row with our bill_no: an incident.
    Many(usize),
    /// No usable answer (result codes other than 0 included).
    NoAnswer(Lost),
}

/// How the host that received a bill's pay is doing, as far as the till knows: negative facts
/// from other hosts count only when it is gone (FATE: fact).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayHost {
    /// Still in the configured list.
    pub configured: bool,
    /// Milliseconds (monotonic) since it last answered while it was being asked in vain;
    /// 0 while it answers.
    pub dead_for_ms: i64,
    /// How many other hosts are configured.
    pub others: usize,
}

impl PayHost {
    /// The only or a living host.
    pub const ALIVE: PayHost = PayHost {
        configured: true,
        dead_for_ms: 0,
        others: 0,
    };
}

/// Everything a refund request carries beyond app_id, timestamp and app_sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Dated today in Shanghai.
    pub refund_no: RefundNo,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// refund_fee.
    pub fee: Fen,
    /// ALI, WX or BC.
    pub channel: RefundChannel,
    /// refund_reason; empty: not sent.
    pub reason: String,
    /// Staff id; at most 32 characters.
    pub operator_id: Option<String>,
    /// At most 32 characters.
    pub store_id: Option<String>,
}

/// What came of one send of a refund to one host (FATE 21, 22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// 0 with refund_result true.
    Done,
    /// 0 with refund_result false, missing or no bool.
    Processing,
    /// 1–6, 8, 9, 10, 12.
    Refused {
        /// The result code.
        code: i64,
        /// err_detail or result_msg, cleaned for display.
        detail: String,
    },
    /// Every other result code (7, 11, 13, 14, 15, 16 …): only a look-up tells.
    Unclear {
        /// The result code.
        code: i64,
        /// err_detail or result_msg, cleaned for display.
        detail: String,
    },
    /// A pre-refund's approval was taken: its row tells what becomes of it.
    Approved {
        /// Alipay: the page where the merchant types the password.
        page: Option<String>,
    },
    /// A pre-refund's denial was taken.
    Denied,
    /// result_map has the gateway's own words for this pre-refund instead of OK.
    NotApproved {
        /// Cleaned for display.
        detail: String,
    },
    /// DNS, TCP, connect time-out or TLS failed: no byte of the request left.
    Unconnected {
        /// One line.
        why: String,
    },
    /// Everything else: may or may not have been taken.
    Lost(Lost),
}

/// A manager's word about pre-refunds of one channel, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRequest {
    /// WX, ALI, BC, UN, …
    pub channel: String,
    /// The gateway's ids, not refund_no; 1 to [`ApprovalRequest::MOST`].
    pub ids: Vec<String>,
    /// They are refunded now; else they are not.
    pub agree: bool,
    /// deny_reason.
    pub reason: String,
}

impl ApprovalRequest {
    /// Ids of one request.
    pub const MOST: usize = 100;
}

/// One row of `/refunds?need_approval=true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreRefundRow {
    /// The gateway's id: its approval names it.
    pub id: String,
    /// As it stands there.
    pub channel: String,
    /// As every list has it.
    pub row: RefundRow,
}

/// What `/refund/status` said (WX only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStatusOutcome {
    /// SUCCESS.
    Success,
    /// PROCESSING.
    Processing,
    /// FAIL.
    Failed,
    /// 13: a negative fact, no proof.
    NoSuchRefund,
    /// 1: clock or signature; counts for nothing.
    ClockOrKey,
    /// 2 to 6: a configuration alarm, no fact.
    Alarm {
        /// The result code.
        code: i64,
        /// Cleaned err_detail.
        detail: String,
    },
    /// Anything else.
    NoAnswer(Lost),
}

/// One row of `/refunds`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRow {
    /// As it stands there; other programs' numbers need not follow our rule.
    pub refund_no: String,
    /// As it stands there.
    pub bill_no: String,
    /// refund_fee (分).
    pub fee: Fen,
    /// `finish`.
    pub finish: bool,
    /// `result`; `None` where missing or no bool.
    pub result: Option<bool>,
    /// WX, ALI or BC, where it is one of these.
    pub channel: Option<RefundChannel>,
    /// create_time, UTC ms, where present.
    pub create_time_ms: Option<i64>,
}

impl RefundRow {
    /// It took, or still may take, money from the bill (I6): anything but finished and failed.
    pub fn takes_balance(&self) -> bool {
        !(self.finish && self.result == Some(false))
    }

    /// Its state in one word.
    pub fn state_name(&self) -> &'static str {
        match (self.finish, self.result) {
            (true, Some(true)) => "succeeded",
            (true, Some(false)) => "failed",
            _ => "processing",
        }
    }
}

/// One row of `/bills` as a list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBill {
    /// As it stands there; other programs' numbers need not follow our rule.
    pub bill_no: String,
    /// The rest of it.
    pub row: Row,
}

/// Which rows of `/bills` or `/refunds`: all conditions hold together (PROTOCOL).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Of this bill.
    pub bill_no: Option<String>,
    /// This refund (`/refunds` only).
    pub refund_no: Option<RefundNo>,
    /// start_time: created at or after, UTC ms.
    pub from_ms: Option<i64>,
    /// end_time: created at or before, UTC ms.
    pub to_ms: Option<i64>,
    /// Left out from the beginning.
    pub skip: u32,
    /// At most this many; the gateway gives no more than 50.
    pub limit: u32,
}

impl ListQuery {
    /// The gateway's own limit of a page.
    pub const PAGE: u32 = 50;
}

/// What a list of rows, or a count, said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed<T> {
    /// Well-formed, every row readable.
    Here(T),
    /// 8 or 13: the gateway has none. A negative fact, no proof.
    NoSuch,
    /// No usable answer (other result codes, a row that can't be read).
    NoAnswer(Lost),
}

/// What asking a gateway host only to see whether it works said (the connection test).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// The name has no address.
    Dns(String),
    /// No TCP connection.
    Connect(String),
    /// The TLS handshake failed: certificate, clock, or something that is no TLS in between.
    Tls(String),
    /// It answered, with this result code (0 or 8: the signature and the channel are fine;
    /// 1: clock or signature; 3: the channel is not opened).
    Code {
        /// result_code.
        code: i64,
        /// Cleaned err_detail or result_msg.
        detail: String,
    },
    /// Something answered that is no such gateway, or nothing in time.
    NoAnswer(Lost),
}

impl Probe {
    /// Signature and channel are fine: OK, or no such bill.
    pub fn is_understood(&self) -> bool {
        self.is_code(&[0, 8])
    }

    /// APP_INVALID: the clock, or the signature.
    pub fn is_app_invalid(&self) -> bool {
        self.is_code(&[1])
    }

    /// The merchant can't use the channel: its parameters are missing, it is not opened, or its
    /// certificate is missing (PROTOCOL: result codes).
    pub fn refuses_channel(&self) -> bool {
        self.is_code(&[2, 3, 6])
    }

    fn is_code(&self, codes: &[i64]) -> bool {
        matches!(self, Probe::Code { code, .. } if codes.contains(code))
    }
}
