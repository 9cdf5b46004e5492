//! The connection pay uses: new, or opened at most 5 s ago while the amount was typed (FATE 1).
//!
//! Why not reqwest's pool: hyper-util sends a request again by itself when a *pooled* connection
//! turns out to be closed (`retry_canceled_requests`), and reqwest offers no switch for it
//! (`reqwest::retry::never` governs only its own, outer retries). FATE 1 forbids automatic retry
//! of any kind. hyper-util never does it on a connection that did not come from its pool. So the
//! pay client has no pool, and this layer under it hands out a connection that was opened ahead:
//! to hyper it is a fresh one, and what happens on it is final.

use hyper::rt::{Read, ReadBuf};
use std::any::Any;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tower_layer::Layer;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

tokio::task_local! {
    /// What the request in this task wants of its connection. The connector is polled in the
    /// task of its request, since there is no pool in between.
    static WANT: Want;
}

#[derive(Clone)]
enum Want {
    /// Open a connection, put it into the slot, send nothing.
    Fill(Arc<Slot>),
    /// Take the slot's connection, or open one.
    Take(Arc<Slot>),
}

/// One host's connection opened ahead. Its type is reqwest's own and can't be named.
pub(super) struct Slot {
    conn: Mutex<Option<(Box<dyn Any + Send>, Instant)>>,
    filling: tokio::sync::Mutex<()>,
    max_age: Duration,
}

impl Slot {
    pub fn new(max_age: Duration) -> Arc<Slot> {
        Arc::new(Slot {
            conn: Mutex::default(),
            filling: tokio::sync::Mutex::default(),
            max_age,
        })
    }

    /// Runs a pay request that may use the slot's connection.
    pub async fn take_for<F: Future>(self: &Arc<Slot>, request: F) -> F::Output {
        WANT.scope(Want::Take(self.clone()), request).await
    }

    /// Runs a request that only opens the connection: it always ends in a connect error. Nothing
    /// is done while another one fills, or while the held connection has half its time left.
    pub async fn fill_by<F: Future>(self: &Arc<Slot>, request: F) {
        let Ok(_filling) = self.filling.try_lock() else {
            return;
        };
        if self.age().is_some_and(|age| age < self.max_age / 2) {
            return;
        }
        WANT.scope(Want::Fill(self.clone()), request).await;
    }

    fn age(&self) -> Option<Duration> {
        let held = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|(_, opened)| opened.elapsed())
    }

    fn put<C: Send + 'static>(&self, conn: C) {
        let mut held = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some((Box::new(conn), Instant::now()));
    }

    /// The held connection, if it is young enough and still open.
    fn get<C: Read + Unpin + 'static>(&self) -> Option<C> {
        let mut held = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let (conn, opened) = held.take()?;
        let mut conn = *conn.downcast::<C>().ok()?;
        (opened.elapsed() < self.max_age && is_open(&mut conn)).then_some(conn)
    }
}

/// Open and silent. An end of file, an error or a byte that nobody asked for rules it out, while
/// nothing of the request has been written yet.
fn is_open<C: Read + Unpin>(conn: &mut C) -> bool {
    let mut byte = [0; 1];
    let mut buffer = ReadBuf::new(&mut byte);
    let mut context = Context::from_waker(Waker::noop());
    Pin::new(conn)
        .poll_read(&mut context, buffer.unfilled())
        .is_pending()
}

/// The layer for `ClientBuilder::connector_layer`.
#[derive(Clone, Copy)]
pub(super) struct WarmLayer;

impl<S> Layer<S> for WarmLayer {
    type Service = WarmConnector<S>;
    fn layer(&self, inner: S) -> WarmConnector<S> {
        WarmConnector { inner }
    }
}

/// Opens connections through `inner`, ahead of time where wanted.
#[derive(Clone)]
pub(super) struct WarmConnector<S> {
    inner: S,
}

/// What a filling request ends with.
#[derive(Debug, thiserror::Error)]
#[error("the connection was opened ahead and is held")]
struct Held;

impl<S, R> Service<R> for WarmConnector<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Read + Unpin + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        match WANT.try_with(Want::clone) {
            Ok(Want::Take(slot)) => match slot.get::<S::Response>() {
                Some(conn) => Box::pin(std::future::ready(Ok(conn))),
                None => Box::pin(self.inner.call(target)),
            },
            Ok(Want::Fill(slot)) => {
                let opening = self.inner.call(target);
                Box::pin(async move {
                    slot.put(opening.await?);
                    Err(Held.into())
                })
            }
            Err(_) => Box::pin(self.inner.call(target)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::rt::ReadBufCursor;

    /// A connection on which a read says this.
    struct Fake(Option<&'static [u8]>);

    impl Read for Fake {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            mut buffer: ReadBufCursor<'_>,
        ) -> Poll<std::io::Result<()>> {
            match self.0 {
                None => Poll::Pending,
                Some(bytes) => {
                    buffer.put_slice(bytes);
                    Poll::Ready(Ok(()))
                }
            }
        }
    }

    fn held(fake: Fake, max_age: Duration) -> Option<Fake> {
        let slot = Slot::new(max_age);
        slot.put(fake);
        let got = slot.get::<Fake>();
        assert!(slot.get::<Fake>().is_none(), "given out once");
        got
    }

    #[test]
    fn only_a_young_open_silent_connection_is_given_out_and_once() {
        let long = Duration::from_secs(60);
        assert!(held(Fake(None), long).is_some());
        assert!(
            held(Fake(Some(b"")), long).is_none(),
            "closed by the server"
        );
        assert!(
            held(Fake(Some(b"H")), long).is_none(),
            "bytes nobody asked for"
        );
        assert!(held(Fake(None), Duration::ZERO).is_none(), "too old");
    }

    #[tokio::test]
    async fn one_that_is_young_is_not_opened_again() {
        let slot = Slot::new(Duration::from_secs(60));
        slot.put(Fake(None));
        slot.fill_by(async { panic!("opened again") }).await;
        let old = Slot::new(Duration::ZERO);
        old.put(Fake(None));
        let mut renewed = false;
        old.fill_by(async { renewed = true }).await;
        assert!(renewed);
    }
}
