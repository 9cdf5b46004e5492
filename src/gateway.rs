//! Speaks to a payment gateway: the trait the till uses, and one folder for each provider.
//!
//! Architecture invariant: a call is one request to one host, at most once on the wire. Nothing
//! here decides what an answer means for a bill (that is `payment`) or which host comes next
//! (that is `till`), and nothing here retries. *Refused*, *not sent* and *unknown* are different
//! variants of the outcome types, and whatever can't be read as one of the documents' answers is
//! unknown. Only this room names reqwest. No secret and no payment code in a log, an error or a
//! `Debug` (I12).

use crate::domain::gateway::{
    Answer, ApprovalRequest, Host, ListQuery, Listed, ListedBill, Lost, PayOutcome, PayRequest,
    PreRefundRow, Probe, RefundOutcome, RefundRequest, RefundRow, RefundStatusOutcome,
    RevertOutcome, RowOutcome, StatusOutcome,
};
use crate::domain::{BillNo, Channel, RefundNo};
use notice::{Claim, Noticed};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

pub mod beecloud;
mod detail;
pub mod jubao;
pub mod notice;
mod strict_json;
mod transport;
mod warm;
mod why;

/// A boxed future, so that `Gateway` can be used as an object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A payment gateway as the till sees it. `at_ms` is gateway time, UTC milliseconds: it signs.
pub trait Gateway: Send + Sync + 'static {
    /// The configured hosts, by preference.
    fn hosts(&self) -> &[Host];

    /// Checks a pay request by the server's own rules (PROTOCOL: validation before sending), for
    /// the till to ask before it records anything.
    fn check(&self, request: &PayRequest) -> Result<(), Invalid>;

    /// Sends a pay request, once (I7). Only after `Unconnected` may another host be asked: then
    /// provably no byte of it left. An invalid request is never sent and ends as `Unconnected`.
    fn pay<'a>(
        &'a self,
        host: &'a Host,
        request: &'a PayRequest,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<PayOutcome>>;

    /// Asks for a bill's status (PROTOCOL: status).
    fn status<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<StatusOutcome>>;

    /// Asks the gateway to undo a bill (PROTOCOL: revert). Idempotent there.
    fn revert<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RevertOutcome>>;

    /// Reads the bill's row by its number (PROTOCOL: bills).
    fn row<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>>;

    /// As [`Gateway::row`], by the gateway's own number where it asks for that and it is known
    /// (聚宝: order_sn).
    fn row_by_number<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        gateway_no: Option<&'a str>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        let _ = gateway_no;
        self.row(host, bill_no, at_ms)
    }

    /// Reads one bill by the gateway's id. The answer must carry `bill_no` (I9).
    fn bill_by_id<'a>(
        &'a self,
        host: &'a Host,
        id: &'a str,
        bill_no: &'a BillNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>>;

    /// Reads what this gateway called back with, and checks its signature where that needs no
    /// master_secret. `legacy`: the older signature counts too.
    fn read_notice(&self, body: &[u8], legacy: bool) -> Noticed {
        let _ = (body, legacy);
        Noticed::Unreadable
    }

    /// Checks the signature of a notice that [`Gateway::read_notice`] could not check, in constant
    /// time.
    fn is_notice_signed(&self, claim: &Claim, master_secret: &SecretString) -> bool {
        let _ = (claim, master_secret);
        false
    }

    /// What the gateway wants to hear after the commit.
    fn notice_word(&self) -> &'static str {
        "success"
    }

    /// Opens a connection for the next pay while the amount is being typed (FATE 1). Errors are
    /// ignored, no byte of a request is sent. It serves for 5 s; calling it again renews it.
    fn warm<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, ()>;

    /// This provider has refunds, lists and counts. Where it has not, nothing below is offered,
    /// and every call ends without a byte sent.
    fn can_refund(&self) -> bool {
        false
    }

    /// Checks a refund request by the server's own rules (PROTOCOL: validation before sending),
    /// for the till to ask before it records anything. The date is the caller's to check.
    fn check_refund(&self, request: &RefundRequest) -> Result<(), Invalid> {
        let _ = request;
        Err(Invalid::NoRefunds)
    }

    /// Sends a refund request, once, signed with master_secret (PROTOCOL: refund, offline). Only
    /// after `Unconnected` may another host be asked. An invalid request is never sent and ends as
    /// `Unconnected`.
    fn refund<'a>(
        &'a self,
        host: &'a Host,
        request: &'a RefundRequest,
        master_secret: &'a SecretString,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RefundOutcome>> {
        let _ = (request, master_secret, at_ms);
        let why = Invalid::NoRefunds.to_string();
        nothing(host, RefundOutcome::Unconnected { why })
    }

    /// Asks how a WeChat refund stands (PROTOCOL: refund status; channel WX).
    fn refund_status<'a>(
        &'a self,
        host: &'a Host,
        refund_no: &'a RefundNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RefundStatusOutcome>> {
        let _ = (refund_no, at_ms);
        nothing(host, RefundStatusOutcome::NoAnswer(Lost::Unreachable))
    }

    /// Reads one page of `/refunds`: every row, or no answer. A limit outside 1..=50 is not sent and
    /// ends as Incomplete, since a page cut in silence would look like the last one.
    fn refunds<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<RefundRow>>>> {
        let _ = (query, at_ms);
        nothing(host, Listed::NoAnswer(Lost::Unreachable))
    }

    /// Reads one page of the pre-refunds that wait for a word (`/refunds?need_approval=true`), at
    /// most [`ListQuery::PAGE`] rows after `skip`: every row, or no answer.
    fn waiting_refunds<'a>(
        &'a self,
        host: &'a Host,
        skip: u32,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<PreRefundRow>>>> {
        let _ = (skip, at_ms);
        nothing(host, Listed::NoAnswer(Lost::Unreachable))
    }

    /// Sends a manager's word about pre-refunds, once, signed with master_secret (PROTOCOL: approve
    /// pre-refunds): what came of it for each id that was named.
    fn approve<'a>(
        &'a self,
        host: &'a Host,
        request: &'a ApprovalRequest,
        master_secret: &'a SecretString,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<BTreeMap<String, RefundOutcome>>> {
        let _ = (master_secret, at_ms);
        let why = Invalid::NoRefunds.to_string();
        let unsent = |id: &String| (id.clone(), RefundOutcome::Unconnected { why: why.clone() });
        nothing(host, request.ids.iter().map(unsent).collect())
    }

    /// Counts rows of `/refunds` (skip and limit are ignored).
    fn refunds_count<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<u32>>> {
        let _ = (query, at_ms);
        nothing(host, Listed::NoAnswer(Lost::Unreachable))
    }

    /// Reads one page of `/bills`, by the same rules.
    fn bills<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<ListedBill>>>> {
        let _ = (query, at_ms);
        nothing(host, Listed::NoAnswer(Lost::Unreachable))
    }

    /// Counts rows of `/bills` (skip and limit are ignored).
    fn bills_count<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<u32>>> {
        let _ = (query, at_ms);
        nothing(host, Listed::NoAnswer(Lost::Unreachable))
    }

    /// Asks the status of a bill that nobody has, to tell apart DNS, TCP, TLS, clock, signature
    /// and a channel that is not opened (the connection test). `None`: no channel is named.
    fn probe<'a>(
        &'a self,
        host: &'a Host,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Probe>> {
        let _ = (channel, at_ms);
        nothing(host, Probe::NoAnswer(Lost::Unreachable))
    }
}

/// What stands for a request that was never sent.
fn nothing<'a, T: Send + 'a>(host: &Host, outcome: T) -> BoxFuture<'a, Answer<T>> {
    let answer = Answer {
        outcome,
        host: host.clone(),
        date_ms: None,
        took_ms: 0,
    };
    Box::pin(async move { answer })
}

/// Why a client can't be made from these settings: says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The host list is empty.
    #[error("gateway.servers 是空的：请至少填写一个网关地址")]
    NoHost,
    /// Not a plain base URL.
    #[error("网关地址 {0} 不对：要写成 https://主机名")]
    BadHost(String),
    /// Plain http to another machine.
    #[error("网关地址 {0} 没有加密：http:// 只能用于本机，请改为 https://")]
    PlainHttp(String),
    /// No app_id.
    #[error("gateway.app_id 是空的：请填写网关的应用编号")]
    NoAppId,
    /// No app_secret.
    #[error("gateway.app_secret 是空的：请重新运行 setup")]
    NoSecret,
    /// sandbox without test_secret.
    #[error("测试模式没有沙箱密钥（test_secret）：请重新运行 setup")]
    NoTestSecret,
    /// The other providers speak another protocol.
    #[error("gateway.provider 和这个网关的协议不符")]
    OtherProvider,
    /// TLS or the resolver could not be set up (most often: no CA certificates installed).
    #[error("加密连接无法准备（{0}）：请检查系统的根证书")]
    Tls(String),
}

/// Why a pay request must not be sent: the field and its rule (PROTOCOL: validation before
/// sending). Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// total_fee
    #[error("total_fee：金额至少要 1 分")]
    Amount,
    /// title
    #[error("title：标题按 GBK 要有 1 到 32 个字节（16 个汉字）")]
    Title,
    /// auth_code missing on a scan channel.
    #[error("auth_code：扫码支付要有付款码")]
    AuthCodeMissing,
    /// auth_code on a QR channel.
    #[error("auth_code：二维码支付不带付款码")]
    AuthCodeUnexpected,
    /// notify_url
    #[error("notify_url：要以 http:// 或 https:// 开头")]
    NotifyUrl,
    /// bill_timeout
    #[error("bill_timeout：要大于 0 秒")]
    BillTimeout,
    /// store_id
    #[error("store_id：最多 32 个字符")]
    StoreId,
    /// terminal_id
    #[error("terminal_id：最多 32 个字符")]
    TerminalId,
    /// operator_id
    #[error("operator_id：最多 32 个字符")]
    OperatorId,
    /// refund_fee
    #[error("refund_fee：退款金额至少要 1 分")]
    RefundFee,
    /// The provider has no refunds.
    #[error("这个网关不能退款")]
    NoRefunds,
    /// What a pay link's channel alone needs.
    #[error("{field}：{rule}")]
    Field {
        /// The documents' name.
        field: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// The platform's test environment has pay links alone.
    #[error("测试模式（sandbox）只有付款链接：扫码、收款码没有测试环境，没有发出")]
    Sandbox,
}
