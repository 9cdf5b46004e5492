//! The paths that no counter uses every minute: online payments and their refunds, members, payouts,
//! identity checks, and the sandbox.

use super::{Cut, Face, Shared, asked, asked_of, posted, posted_to};
use crate::simulator::core::Core;
use crate::simulator::params::{Endpoint, WalletPath};
use crate::simulator::rest::{self, Answer};
use axum::Router;
use axum::extract::{ConnectInfo, Path, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::{get, post, put};
use serde_json::Value;
use std::sync::Arc;

pub(super) fn router() -> Router<Arc<Face>> {
    Router::new()
        .route("/2/rest/bill", post(pay))
        .route("/2/rest/refund", post(refund).put(decide))
        .route("/2/rest/user", post(user))
        .route("/2/rest/users", post(users).get(users_listed))
        .route("/2/rest/history_bills", put(history))
        .route("/2/rest/bc_transfer", post(bc_transfer))
        .route("/2/rest/bc_transfer/banks", get(banks))
        .route("/2/rest/transfer", post(transfer))
        .route("/2/rest/transfers", post(transfers))
        .route("/2/auth", post(identity))
        .route("/2/rest/sandbox/bill", post(sandbox_pay))
        .route("/2/rest/sandbox/bills", get(sandbox_bills))
        .route("/2/rest/sandbox/bills/count", get(sandbox_count))
        .route("/2/rest/sandbox/bill/{id}", get(sandbox_bill))
}

fn pay_online(core: &mut Core, now_ms: i64, body: &Value) -> Answer {
    rest::pay(core, now_ms, Endpoint::Online, body)
}

async fn pay(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "pay", pay_online).await
}

async fn refund(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "refund", rest::online_refund).await
}

async fn decide(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "approval", rest::decide).await
}

async fn user(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "member", rest::user).await
}

async fn users(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "members", rest::users).await
}

async fn users_listed(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    RawQuery(query): RawQuery,
) -> Response {
    asked(
        &face,
        cut,
        query.as_deref(),
        "member list",
        rest::users_listed,
    )
    .await
}

async fn history(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "history", rest::history_bills).await
}

async fn bc_transfer(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "payout", rest::bc_transfer).await
}

async fn banks(State(face): Shared, ConnectInfo(cut): Cut, RawQuery(query): RawQuery) -> Response {
    asked(&face, cut, query.as_deref(), "banks", rest::banks).await
}

async fn transfer(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    let one = |core: &mut Core, now_ms, body: &Value| {
        rest::transfer(core, now_ms, WalletPath::Transfer, body)
    };
    posted(&face, cut, request, "payout", one).await
}

async fn transfers(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    let one = |core: &mut Core, now_ms, body: &Value| {
        rest::transfer(core, now_ms, WalletPath::Transfers, body)
    };
    posted(&face, cut, request, "payout", one).await
}

async fn identity(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted(&face, cut, request, "identity", rest::identity).await
}

async fn sandbox_pay(State(face): Shared, ConnectInfo(cut): Cut, request: Request) -> Response {
    posted_to(
        Face::sandbox,
        &face,
        cut,
        request,
        "sandbox pay",
        pay_online,
    )
    .await
}

async fn sandbox_bills(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.as_deref();
    asked_of(
        Face::sandbox,
        &face,
        cut,
        query,
        "sandbox bills",
        rest::bills,
    )
    .await
}

async fn sandbox_count(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.as_deref();
    asked_of(
        Face::sandbox,
        &face,
        cut,
        query,
        "sandbox count",
        rest::count,
    )
    .await
}

async fn sandbox_bill(
    State(face): Shared,
    ConnectInfo(cut): Cut,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let one = |core: &mut Core, now_ms, para: &Value| rest::bill(core, now_ms, &id, para);
    asked_of(
        Face::sandbox,
        &face,
        cut,
        query.as_deref(),
        "sandbox bill",
        one,
    )
    .await
}
