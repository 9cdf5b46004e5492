//! The axum face: PROTOCOL's endpoints, the played customer, and the network's faults.
//!
//! Every answer carries a `Date` of gateway time. A request body of more than 64 KiB is refused.
//! Nothing of a request is logged but its operation and result code.

mod merchant;
mod notify;
mod practice;

pub(super) use notify::run as send_notices;

use super::code::{Code, Refused};
use super::core::Core;
use super::faults::{Reply, Transport};
use super::line::Scissors;
use super::params::Endpoint;
use super::rest::{self, Answer};
use crate::domain::BillNo;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

const MAX_BODY: usize = 64 * 1024;
const MAX_HUGE: usize = 64 * 1024 * 1024;
const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "<html><head><title>WiFi</title></head><body>请登录网络</body></html>";

/// What all requests share: the ledger, and how wrong the gateway's clock is.
pub struct Face {
    core: Mutex<Core>,
    /// What the sandbox's paths speak to.
    sandbox: Mutex<Core>,
    /// Wakes the sender of notices.
    kick: Notify,
    clock_offset_ms: AtomicI64,
    /// Locked while it is written.
    memory: Option<Mutex<PathBuf>>,
}

impl Face {
    /// A face whose gateway time is the local clock plus `clock_offset_ms`.
    pub fn new(core: Core, clock_offset_ms: i64) -> Face {
        Face {
            sandbox: Mutex::new(core.sandbox()),
            kick: Notify::new(),
            core: Mutex::new(core),
            clock_offset_ms: AtomicI64::new(clock_offset_ms),
            memory: None,
        }
    }

    /// A face that keeps its ledger in this file and takes up what is there. A file that can't be
    /// read is practice that is forgotten, no error.
    pub fn keeping(self, memory: PathBuf) -> Face {
        let kept = std::fs::read(&memory).ok();
        if let Some(kept) = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            self.core().remember(kept);
        }
        Face {
            memory: Some(Mutex::new(memory)),
            ..self
        }
    }

    /// Writes the ledger to its file, where it has one.
    pub(super) fn keep(&self) {
        let Some(path) = &self.memory else { return };
        let path = path.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = self.core().memory();
        let fresh = path.with_extension("new");
        let written = serde_json::to_vec(&memory)
            .map_err(std::io::Error::other)
            .and_then(|bytes| std::fs::write(&fresh, bytes))
            .and_then(|()| std::fs::rename(&fresh, &*path));
        if let Err(error) = written {
            tracing::warn!(%error, "the practice gateway could not keep its ledger");
        }
    }

    /// The ledger. Never held across an await.
    pub fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox's ledger. Never held across an await, nor together with the other.
    pub fn sandbox(&self) -> MutexGuard<'_, Core> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger that holds this bill, or else the real one.
    fn of(&self, bill_no: Option<&BillNo>) -> MutexGuard<'_, Core> {
        let sandbox = self.sandbox();
        match bill_no.is_some_and(|no| sandbox.get(no).is_some()) {
            true => sandbox,
            false => {
                drop(sandbox);
                self.core()
            }
        }
    }

    /// Something happened that may have to be told to the merchant.
    async fn kicked(&self) {
        self.kick.notified().await;
    }

    /// Gateway time, UTC ms.
    pub fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        ms.saturating_add(self.clock_offset_ms.load(Ordering::Acquire))
    }

    /// From now on gateway time is the local clock plus this.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.clock_offset_ms.store(offset_ms, Ordering::Release);
    }

    fn date(&self) -> Option<HeaderValue> {
        let now_ms = u64::try_from(self.now_ms()).ok()?;
        let now = UNIX_EPOCH.checked_add(Duration::from_millis(now_ms))?;
        HeaderValue::from_str(&httpdate::fmt_http_date(now)).ok()
    }
}

type Shared = State<Arc<Face>>;
type Cut = ConnectInfo<Scissors>;

/// All paths.
pub fn router(face: Arc<Face>) -> Router {
    Router::new()
        .route("/2/rest/offline/bill", post(pay_offline))
        .route("/2/rest/offline/bill/status", post(status))
        .route("/2/rest/offline/bill/{bill_no}", post(revert))
        .route("/2/rest/bills", get(bills))
        .route("/2/rest/bills/count", get(count))
        .route("/2/rest/bill/{id}", get(bill))
        .route("/2/rest/offline/refund", post(refund))
        .route("/2/rest/refunds", get(refunds))
        .route("/2/rest/refunds/count", get(refund_count))
        .route("/2/rest/refund/status", get(refund_status))
        .route("/2/rest/refund/{id}", get(refund_by_id))
        .merge(merchant::router())
        .route("/index.php", post(jubao))
        .route("/_customer", post(practice::customer))
        .route("/_refund", post(practice::refund))
        .route("/_plant", post(practice::plant))
        .route("/_notify", post(practice::notify))
        .route("/_truth", get(practice::truth))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::map_response_with_state(
            face.clone(),
            dated,
        ))
        .with_state(face)
}

async fn dated(State(face): Shared, mut response: Response) -> Response {
    face.keep();
    if face.core().watches() {
        face.kick.notify_one();
    }
    if let Some(date) = face.date() {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

async fn pay_offline(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "pay", |core, now_ms, body| {
        rest::pay(core, now_ms, Endpoint::Offline, body)
    })
    .await
}

async fn status(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "status", rest::status).await
}

async fn revert(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    Path(bill_no): Path<String>,
    request: Request,
) -> Response {
    posted(&face, cut, request, "revert", |core, now_ms, body| {
        rest::revert(core, now_ms, &bill_no, body)
    })
    .await
}

async fn bills(State(face): Shared, ConnectInfo(cut): Cut, RawQuery(query): RawQuery) -> Response {
    asked(&face, cut, query.as_deref(), "bills", rest::bills).await
}

async fn count(State(face): Shared, ConnectInfo(cut): Cut, RawQuery(query): RawQuery) -> Response {
    asked(&face, cut, query.as_deref(), "count", rest::count).await
}

async fn bill(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    asked(
        &face,
        cut,
        query.as_deref(),
        "bill",
        |core, now_ms, para| rest::bill(core, now_ms, &id, para),
    )
    .await
}

async fn refund(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "refund", rest::refund).await
}

async fn refunds(State(face): Shared, ConnectInfo(cut): Cut, RawQuery(q): RawQuery) -> Response {
    asked(&face, cut, q.as_deref(), "refunds", rest::refunds).await
}

async fn refund_count(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.as_deref();
    asked(&face, cut, query, "refund count", rest::refund_count).await
}

async fn refund_status(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.as_deref();
    asked(&face, cut, query, "refund status", rest::refund_status).await
}

async fn refund_by_id(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let by_id = |core: &mut Core, now_ms, para: &Value| rest::refund_by_id(core, now_ms, &id, para);
    asked(&face, cut, query.as_deref(), "one refund", by_id).await
}

/// 聚宝: one address, the operation in the query.
async fn jubao(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let operation = match query.as_deref().unwrap_or("") {
        "_m=pay_gateway&_a=apply_pay" => super::jubao::apply_pay,
        "_m=payment&_a=query" => super::jubao::query,
        _ => {
            let unknown = serde_json::json!({ "ret": 404, "msg": "接口地址错误" });
            return answer(StatusCode::OK, &unknown);
        }
    };
    let body = match json_body(request).await {
        Ok(body) => body,
        Err((status, _)) => {
            let unread = serde_json::json!({ "ret": 4001, "msg": "请求数据格式错误" });
            return answer(status, &unread);
        }
    };
    let said = operation(&mut face.core(), face.now_ms(), &body);
    tracing::debug!(operation = "jubao", transport = ?said.transport, "simulator");
    carry(said.value, said.transport, cut).await
}

/// Which ledger an operation speaks to.
type Book = for<'a> fn(&'a Face) -> MutexGuard<'a, Core>;

/// A POST with a JSON body.
async fn posted(
    face: &Face,
    cut: Scissors,
    request: Request,
    name: &str,
    operation: impl FnOnce(&mut Core, i64, &Value) -> Answer,
) -> Response {
    posted_to(Face::core, face, cut, request, name, operation).await
}

async fn posted_to(
    book: Book,
    face: &Face,
    cut: Scissors,
    request: Request,
    name: &str,
    operation: impl FnOnce(&mut Core, i64, &Value) -> Answer,
) -> Response {
    let body = match json_body(request).await {
        Ok(body) => body,
        Err((status, refused)) => return answer(status, &rest::render(Err(refused))),
    };
    let reply = operation(&mut book(face), face.now_ms(), &body);
    deliver(reply, cut, name).await
}

/// A GET with `para`.
async fn asked(
    face: &Face,
    cut: Scissors,
    raw_query: Option<&str>,
    name: &str,
    operation: impl FnOnce(&mut Core, i64, &Value) -> Answer,
) -> Response {
    asked_of(Face::core, face, cut, raw_query, name, operation).await
}

async fn asked_of(
    book: Book,
    face: &Face,
    cut: Scissors,
    raw_query: Option<&str>,
    name: &str,
    operation: impl FnOnce(&mut Core, i64, &Value) -> Answer,
) -> Response {
    let reply = match rest::para(raw_query) {
        Ok(para) => operation(&mut book(face), face.now_ms(), &para),
        Err(refused) => Reply::normal(Err(refused)),
    };
    deliver(reply, cut, name).await
}

async fn json_body(request: Request) -> Result<Value, (StatusCode, Refused)> {
    let refused = |status, detail: &str| (status, Refused::new(Code::ParamInvalid, detail));
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "Content-Type不是application/json";
        return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let bytes = to_bytes(request.into_body(), MAX_BODY)
        .await
        .map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE, "请求过大"))?;
    serde_json::from_slice(&bytes).map_err(|_| refused(StatusCode::OK, "请求不是JSON"))
}

/// The answer, with what the network does to it.
async fn deliver(reply: Answer, cut: Scissors, name: &str) -> Response {
    let transport = reply.transport;
    let value = reply.result.map(rest::render);
    let code = value.as_ref().and_then(|v| v["result_code"].as_i64());
    tracing::debug!(operation = name, ?code, ?transport, "simulator");
    carry(value, transport, cut).await
}

/// What the network does to an answer; `None`: nothing comes back.
async fn carry(value: Option<Value>, transport: Transport, cut: Scissors) -> Response {
    let Some(value) = value else {
        cut.cut();
        return answer(StatusCode::OK, &Value::Null);
    };
    match transport {
        Transport::Normal => answer(StatusCode::OK, &value),
        Transport::Slow { ms } => {
            tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0))).await;
            answer(StatusCode::OK, &value)
        }
        Transport::LoseAnswer | Transport::LoseRequest | Transport::ActLater { .. } => {
            cut.cut();
            answer(StatusCode::OK, &Value::Null)
        }
        Transport::BadGateway => page(StatusCode::BAD_GATEWAY, "<h1>502 Bad Gateway</h1>"),
        Transport::Html => page(StatusCode::OK, HTML),
        Transport::Truncate => {
            cut.cut_tail(value.to_string().len() / 2);
            answer(StatusCode::OK, &value)
        }
        Transport::Garbage => raw(StatusCode::OK, JSON, Body::from("{\"result_code\":]")),
        Transport::Huge { bytes } => {
            let spaces = " ".repeat(bytes.min(MAX_HUGE));
            raw(StatusCode::OK, JSON, Body::from(format!("{value}{spaces}")))
        }
    }
}

fn raw(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn answer(status: StatusCode, value: &Value) -> Response {
    raw(status, JSON, Body::from(value.to_string()))
}

fn page(status: StatusCode, html: &'static str) -> Response {
    raw(status, "text/html;charset=UTF-8", Body::from(html))
}

async fn not_found() -> Response {
    let refused = Refused::new(Code::ParamInvalid, "没有这个地址");
    answer(StatusCode::NOT_FOUND, &rest::render(Err(refused)))
}

async fn wrong_method() -> Response {
    let refused = Refused::new(Code::ParamInvalid, "请求方法不对");
    answer(StatusCode::METHOD_NOT_ALLOWED, &rest::render(Err(refused)))
}

#[cfg(test)]
mod tests;
