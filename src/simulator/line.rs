//! Connections that the gateway can drop without a word: a lost request or answer.
//!
//! Invariant: at most [`MAX_CONNECTIONS`] are open at once; further ones wait in the backlog.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

const MAX_CONNECTIONS: usize = 256;

const WHOLE: usize = 0;
const CUT: usize = usize::MAX;

/// Cuts one connection, at once or in the middle of the next answer.
#[derive(Clone, Default)]
pub(super) struct Scissors(Arc<AtomicUsize>);

impl Scissors {
    /// Nothing more is written: the connection closes at the next attempt.
    pub(super) fn cut(&self) {
        self.0.store(CUT, Ordering::Release);
    }

    /// The next answer (small enough for one write) lacks its last `bytes`; then it closes.
    pub(super) fn cut_tail(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Release);
    }
}

/// Plain, or under TLS once its first bytes were read: the handshake holds up nobody else.
enum Stream {
    Plain(TcpStream),
    Shaking(Box<Accept<TcpStream>>),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What axum reads from and writes to.
trait Io: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Io for T {}

impl Stream {
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Io>>> {
        if let Stream::Shaking(accept) = self {
            match Pin::new(accept.as_mut()).poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(stream)) => *self = Stream::Tls(Box::new(stream)),
            }
        }
        Poll::Ready(match self {
            Stream::Plain(stream) => Ok(Pin::new(stream)),
            Stream::Tls(stream) => Ok(Pin::new(stream.as_mut())),
            Stream::Shaking(_) => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

/// A connection that can be cut.
pub(super) struct Line {
    stream: Stream,
    scissors: Scissors,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Accepts [`Line`]s.
pub(super) struct Lines {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    permits: Arc<Semaphore>,
}

impl Lines {
    pub(super) fn new(listener: TcpListener, tls: Option<TlsAcceptor>) -> Lines {
        Lines {
            listener,
            tls,
            permits: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        // The semaphore is never closed.
        let permit = self.permits.clone().acquire_owned().await.ok();
        let (stream, addr) = Listener::accept(&mut self.listener).await;
        // Without it small answers wait for the delayed ACK. Where it fails they are only slow.
        let _ = stream.set_nodelay(true);
        let stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => Stream::Shaking(Box::new(tls.accept(stream))),
        };
        let line = Line {
            stream,
            scissors: Scissors::default(),
            _permit: permit,
        };
        (line, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Scissors {
        stream.io().scissors.clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.stream.poll_open(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(stream) => stream?.poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let tail = self.scissors.0.load(Ordering::Acquire);
        let kept = buf.len().saturating_sub(tail);
        if tail != WHOLE && kept == 0 {
            self.scissors.cut();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        match self.stream.poll_open(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(stream) => stream?.poll_write(cx, &buf[..kept]),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.poll_open(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(stream) => stream?.poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.poll_open(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(stream) => stream?.poll_shutdown(cx),
        }
    }
}
