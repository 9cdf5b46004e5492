//! Starting and stopping the simulator; the played customer of `domain`.

use super::SimulatorError;
use super::core::{Core, Merchant};
use super::http::{self, Face};
use super::line::{Lines, Scissors};
use super::tls::{self, Certificate};
use crate::domain::practice::{Act, Customer, Network, RefundAct};
use crate::domain::{AuthCode, BillNo, Wallet};
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How the simulator starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose requests are taken: practice, practice-app, practice-master.
    pub merchant: Merchant,
    /// What customers do unless told otherwise.
    pub act: Act,
    /// Multiplies the delays of customers and of a slow network.
    pub delay_factor: f64,
    /// The gateway's clock: the local one plus this.
    pub clock_offset_ms: i64,
    /// For ids, QRs and codes; `None`: another one at each start, so that codes don't repeat.
    pub seed: Option<u64>,
    /// Keeps the ledger in this file over a restart.
    pub memory: Option<PathBuf>,
    /// https with a certificate that is made now.
    pub tls: bool,
    /// Where notices go that no request gave an address for: `http://` on loopback.
    pub webhook: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            merchant: Merchant::default(),
            act: Act::Pay,
            delay_factor: 1.0,
            clock_offset_ms: 0,
            seed: None,
            memory: None,
            tls: false,
            webhook: None,
        }
    }
}

/// Starts gateways.
pub struct Simulator;

impl Simulator {
    /// Listens on `listen` (port 0: any) inside the current tokio runtime and returns at once.
    ///
    /// Errors: not a loopback address; the port can't be had.
    pub async fn start(listen: SocketAddr, options: Options) -> Result<Running, SimulatorError> {
        let seed = options.seed.unwrap_or_else(random_seed);
        let mut core = Core::new(options.merchant, seed);
        core.default_act = options.act;
        core.delay_factor = options.delay_factor;
        core.webhook = options.webhook;
        let face = Face::new(core, options.clock_offset_ms);
        let face = Arc::new(match options.memory {
            Some(path) => face.keeping(path),
            None => face,
        });
        let tls = options.tls.then(tls::fresh).transpose()?;
        Simulator::serve(listen, face, tls).await
    }

    /// Like [`Simulator::start`], with the ledger of a gateway that ran before ([`Running::face`]).
    pub async fn resume(listen: SocketAddr, face: Arc<Face>) -> Result<Running, SimulatorError> {
        Simulator::serve(listen, face, None).await
    }

    async fn serve(
        listen: SocketAddr,
        face: Arc<Face>,
        tls: Option<(Certificate, TlsAcceptor)>,
    ) -> Result<Running, SimulatorError> {
        if !listen.ip().is_loopback() {
            return Err(SimulatorError::NotLoopback(listen));
        }
        let failed = |source| SimulatorError::Listen {
            addr: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let service = http::router(face.clone()).into_make_service_with_connect_info::<Scissors>();
        let (certificate, acceptor) = tls.unzip();
        let sender = tokio::spawn(http::send_notices(face.clone()));
        tokio::spawn(async move {
            let server = axum::serve(Lines::new(listener, acceptor), service);
            let stopped = async move {
                // Dropped or sent: both mean stop.
                let _ = stopped.await;
            };
            if let Err(error) = server.with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "the simulator ended");
            }
        });
        Ok(Running {
            face,
            addr,
            certificate,
            _stop: stop,
            sender,
        })
    }
}

/// A running gateway. It stops listening when this is dropped; answers under way are finished.
pub struct Running {
    face: Arc<Face>,
    addr: SocketAddr,
    certificate: Option<Certificate>,
    _stop: oneshot::Sender<()>,
    sender: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl Running {
    /// `http://127.0.0.1:PORT`, or `https://`.
    pub fn base_url(&self) -> String {
        match self.certificate {
            Some(_) => format!("https://{}", self.addr),
            None => format!("http://{}", self.addr),
        }
    }

    /// What a client has to trust, where it speaks TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The ledger, for tests: set faults, read the truth. Don't hold it across an await.
    pub fn core(&self) -> MutexGuard<'_, Core> {
        self.face.core()
    }

    /// Ledger and clock, which outlive this gateway's connections.
    pub fn face(&self) -> Arc<Face> {
        self.face.clone()
    }

    /// The played customer, for the practice panel.
    pub fn customer(&self) -> Arc<dyn Customer> {
        self.face.clone()
    }
}

impl Customer for Running {
    fn plan(&self, bill_no: Option<&BillNo>, act: Act, network: Network) {
        self.face.plan(bill_no, act, network);
    }

    fn fresh_code(&self, wallet: Wallet) -> AuthCode {
        self.face.fresh_code(wallet)
    }

    fn plan_refund(&self, act: RefundAct, network: Network) {
        self.face.plan_refund(act, network);
    }

    fn plant_differences(&self) -> Vec<String> {
        self.face.plant_differences()
    }
}

impl Customer for Face {
    fn plan(&self, bill_no: Option<&BillNo>, act: Act, network: Network) {
        let now_ms = self.now_ms();
        self.core().play(now_ms, bill_no, Some(act), Some(network));
    }

    fn fresh_code(&self, wallet: Wallet) -> AuthCode {
        self.core().fresh_code(wallet)
    }

    fn plan_refund(&self, act: RefundAct, network: Network) {
        self.core().plan_refunds(act, network);
    }

    fn plant_differences(&self) -> Vec<String> {
        let now_ms = self.now_ms();
        let planted = self.core().plant_three(now_ms);
        // No request follows that would keep them.
        self.keep();
        planted.into_iter().map(String::from).collect()
    }
}

/// The standard library seeds its hash maps from the system's random numbers; no more is needed
/// for codes that only have to differ from those of the last start.
fn random_seed() -> u64 {
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}
