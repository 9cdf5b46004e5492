//! The listener for the gateway's notices (PROTOCOL 2), where `[webhook]` is set: served by the
//! window and by `settle`, on a thread and a runtime of its own, so that a flood costs payments
//! nothing.
//!
//! It hands each notice to the till and says what the till answers. Everything is bounded:
//! connections and their time, one notice a connection, its body. It knows no secret and keeps
//! nothing.

mod line;

use crate::till::Till;
use crate::till::hook::Heard;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use line::{Arrived, Lines};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A notice with its message_detail is a few KiB.
const MAX_BODY: usize = 64 * 1024;
/// Who says nothing that counts waits for so long: with the bound on connections it bounds how
/// many of them a second cost this machine anything.
const REFUSED_AFTER: Duration = Duration::from_millis(50);

/// Why there is no listener: one line that says what and what to do.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address can't be had.
    #[error("webhook.listen：不能在 {addr} 上接收通知（{source}），请换一个端口")]
    Listen {
        /// Where it should have listened.
        addr: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The system gave no thread.
    #[error("无法启动通知线程：{0}")]
    Thread(std::io::Error),
}

/// A running listener. It ends when dropped; notices under way are told to come again.
#[derive(Debug)]
pub struct Webhook {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Webhook {
    /// Listens on `addr` (port 0: any).
    ///
    /// # Errors
    /// Where the address can't be had, or there is no thread.
    pub fn start(addr: SocketAddr, till: Arc<Till>) -> Result<Webhook, WebhookError> {
        let failed = |source| WebhookError::Listen { addr, source };
        let listener = std::net::TcpListener::bind(addr).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(WebhookError::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("webhook".to_owned())
            .spawn(move || runtime.block_on(serve(listener, till, stopped)))
            .map_err(WebhookError::Thread)?;
        Ok(Webhook {
            addr,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, till: Arc<Till>, stopped: oneshot::Receiver<()>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "no webhook"),
    };
    let router = Router::new().fallback(notice).with_state(till);
    let service = router.into_make_service_with_connect_info::<Arrived>();
    let serving = async { axum::serve(Lines::new(listener), service).await };
    tokio::select! {
        ended = serving => if let Err(error) = ended {
            tracing::error!(%error, "the webhook ended");
        },
        _ = stopped => {}
    }
}

/// Any path: the merchant's console names one, and what stands before this listener may change it.
async fn notice(
    State(till): State<Arc<Till>>,
    ConnectInfo(arrived): ConnectInfo<Arrived>,
    request: Request,
) -> Response {
    if request.method() != axum::http::Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED).await;
    }
    let Ok(body) = to_bytes(request.into_body(), MAX_BODY).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE).await;
    };
    arrived.whole();
    match till.hear(body.to_vec()).await {
        // The literal word alone ends the gateway's repeats.
        Heard::Done(word) => said(StatusCode::OK, word),
        Heard::NotYet => said(StatusCode::SERVICE_UNAVAILABLE, "fail"),
        Heard::Refused => refused(StatusCode::BAD_REQUEST).await,
    }
}

async fn refused(status: StatusCode) -> Response {
    tokio::time::sleep(REFUSED_AFTER).await;
    said(status, "fail")
}

/// One notice a connection: none is kept open by somebody who has nothing to say.
fn said(status: StatusCode, word: &'static str) -> Response {
    let mut response = Response::new(Body::from(word));
    *response.status_mut() = status;
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}
