//! Connections that are few and short: a client that holds one and says nothing is cut.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// Open at once; further ones wait in the backlog.
const MAX_CONNECTIONS: usize = 64;
/// A whole notice is here by then.
const ARRIVES: Duration = Duration::from_secs(5);
/// The whole life of a connection whose notice is here: longer than the till's patience with it.
const LIFE: Duration = Duration::from_secs(20);
/// After the system refused a connection (too many files).
const PAUSE: Duration = Duration::from_millis(200);

/// A connection with an end.
pub(super) struct Line {
    stream: TcpStream,
    began: Instant,
    end: Pin<Box<Sleep>>,
    arrived: Arrived,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Whether a connection's notice is here, whole.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrived(Arc<AtomicBool>);

impl Arrived {
    /// It is: the connection may wait for its answer.
    pub fn whole(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Lines>> for Arrived {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().arrived.clone()
    }
}

/// Accepts [`Line`]s.
pub(super) struct Lines {
    listener: TcpListener,
    permits: Arc<Semaphore>,
}

impl Lines {
    pub fn new(listener: TcpListener) -> Lines {
        Lines {
            listener,
            permits: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((stream, addr)) => {
                    let began = Instant::now();
                    let line = Line {
                        stream,
                        began,
                        end: Box::pin(sleep_until(began + ARRIVES)),
                        arrived: Arrived::default(),
                        _permit: permit,
                    };
                    return (line, addr);
                }
                Err(_) => sleep(PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Line {
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let last = self.began + LIFE;
        if self.arrived.0.load(Ordering::Acquire) && self.end.deadline() < last {
            self.end.as_mut().reset(last);
        }
        self.end.as_mut().poll(context).is_ready()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
