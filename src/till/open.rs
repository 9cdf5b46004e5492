//! Opening a till: its directory, its lock, its parts; and the handle its clients hold.

use super::clock::Clock;
use super::counter::{Counter, Devices, FromPrinter};
use super::engine::{Engine, Input, OnStage, Practising, Remake};
use super::hook::Ear;
use super::hosts::Hosts;
use super::order::{PayOrder, PayRefused};
use super::qr;
use super::refund::Refunds;
use super::service::{
    BillView, BoxFuture, CameraView, Command, GatewayHealth, Notice, Said, Service, Snapshot,
};
use super::view::of_bill;
use crate::domain::config::{Provider, Settings};
use crate::domain::practice::{Act, Customer, Network, RefundAct};
use crate::domain::query::{Query, StoryLine};
use crate::domain::{BillNo, Fen, Refund, RefundNo, Wallet};
use crate::gateway::{Gateway, GatewayError, beecloud, jubao};
use crate::ledger::{AuditKey, Ledger, LedgerError, Reader};
use crate::payment::Policy;
use crate::vault::{DirLock, LockError, Vault, VaultError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{broadcast, oneshot, watch};

/// Why a till can't be opened: one line that says what and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program has the directory (exit code 4).
    #[error("这个数据目录正被另一个收银程序使用：{0}。请先关闭它，或用 --wait 等待")]
    Taken(PathBuf),
    /// config.toml.
    #[error("读写不了 {path}：{why}")]
    Config {
        /// Which file.
        path: PathBuf,
        /// One line.
        why: String,
    },
    /// Secrets and staff.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The gateway's settings.
    #[error("{0}")]
    Gateway(String),
    /// The directory itself.
    #[error("用不了数据目录 {path}：{why}")]
    Directory {
        /// Which.
        path: PathBuf,
        /// One line.
        why: std::io::Error,
    },
}

/// What a till is opened with.
pub struct Opening {
    /// DIR, or DIR/practice.
    pub dir: PathBuf,
    /// How long to wait for the directory's lock.
    pub wait: Duration,
    /// The played customer: practice mode.
    pub practice: Option<Arc<dyn Customer>>,
    /// Which devices it uses.
    pub devices: Devices,
}

/// A running till. Dropping it stops its threads; what is open goes on at the next start.
pub struct Till {
    outbox: Sender<Input>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
    camera: watch::Receiver<Option<Arc<CameraView>>>,
    ear: Arc<Ear>,
    reader: Arc<Mutex<Option<Reader>>>,
    ledger_path: PathBuf,
    runtime: Option<tokio::runtime::Runtime>,
    thread: Option<JoinHandle<()>>,
    settings: Arc<Settings>,
    pending: Arc<AtomicUsize>,
    _lock: DirLock,
}

/// A payment waits no longer than this for the gateway's clock.
const CLOCK_WAIT: Duration = Duration::from_secs(2);

/// The ledger of a directory.
pub fn ledger_path(dir: &Path) -> PathBuf {
    dir.join("ledger.db")
}

/// The settings of a directory.
pub fn config_path(dir: &Path) -> PathBuf {
    dir.join("config.toml")
}

/// Reads config.toml.
pub fn read_settings(dir: &Path) -> Result<Settings, OpenError> {
    let path = config_path(dir);
    let text = std::fs::read_to_string(&path).map_err(|why| OpenError::Config {
        path: path.clone(),
        why: why.to_string(),
    })?;
    Settings::parse(&text).map_err(|why| OpenError::Config {
        path,
        why: why.to_string(),
    })
}

/// Writes config.toml, whole or not at all.
///
/// # Errors
///
/// Where the file can't be written; the old one stands then.
pub fn write_settings(dir: &Path, settings: &Settings) -> Result<(), OpenError> {
    let path = config_path(dir);
    let failed = |why: String| OpenError::Config {
        path: path.clone(),
        why,
    };
    let text = settings.to_toml().map_err(|e| failed(e.to_string()))?;
    let write = || {
        let fresh = dir.join("config.toml.new");
        let mut file = std::fs::File::create(&fresh)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&fresh, &path)?;
        #[cfg(unix)]
        std::fs::File::open(dir)?.sync_all()?;
        Ok::<(), std::io::Error>(())
    };
    write().map_err(|e| failed(e.to_string()))
}

/// Takes the directory's lock.
pub fn take_lock(dir: &Path, wait: Duration) -> Result<DirLock, OpenError> {
    DirLock::take(dir, wait).map_err(|error| match error {
        LockError::Taken => OpenError::Taken(dir.to_owned()),
        LockError::Io(why) => OpenError::Directory {
            path: dir.to_owned(),
            why,
        },
    })
}

impl Till {
    /// Opens the till of a provisioned directory: takes the lock, reads settings and secrets,
    /// opens the ledger, takes up what is open, and starts.
    pub fn open(opening: Opening) -> Result<Till, OpenError> {
        Till::open_to(opening, client, Some(Box::new(client)))
    }

    /// As [`Till::open`], with another gateway in the client's place.
    pub fn open_with(opening: Opening, gateway: Arc<dyn Gateway>) -> Result<Till, OpenError> {
        Till::open_to(opening, |_, _| Ok(gateway), None)
    }

    fn open_to(
        opening: Opening,
        gateway: impl FnOnce(&Settings, &Vault) -> Result<Arc<dyn Gateway>, OpenError>,
        remake: Option<Remake>,
    ) -> Result<Till, OpenError> {
        let lock = take_lock(&opening.dir, opening.wait)?;
        let settings = Arc::new(read_settings(&opening.dir)?);
        let vault = Vault::open(&opening.dir)?;
        let path = ledger_path(&opening.dir);
        let ledger = Ledger::open(&path, AuditKey::new(vault.audit_key()))?;
        let runtime = runtime(&opening.dir)?;
        let (outbox, inbox) = std::sync::mpsc::channel();
        let (notices, _) = broadcast::channel(1024);
        let pending = Arc::new(AtomicUsize::new(0));
        let (sender, snapshots) = watch::channel(Arc::new(Snapshot::empty()));
        let parts = Parts {
            gateway: gateway(&settings, &vault)?,
            remake,
            runtime: runtime.handle().clone(),
            inbox,
            outbox: outbox.clone(),
            snapshots: sender,
            notices: notices.clone(),
            pending: Arc::clone(&pending),
            settings: Arc::clone(&settings),
            vault,
            ledger,
        };
        let engine = engine(opening, parts);
        let camera = engine.counter.watching.view.subscribe();
        let ear = Arc::clone(&engine.ear);
        let thread = start(engine)?;
        Ok(Till {
            outbox,
            snapshots,
            notices,
            camera,
            ear,
            reader: Arc::new(Mutex::new(None)),
            ledger_path: path,
            runtime: Some(runtime),
            thread: Some(thread),
            settings,
            pending,
            _lock: lock,
        })
    }

    /// `shouyin pay`: starts or follows a sale.
    pub async fn order(&self, order: PayOrder) -> Result<BillNo, PayRefused> {
        // A command's first request would be its payment: it is signed by the gateway's clock.
        let (waiter, known) = oneshot::channel();
        let _ = self.outbox.send(Input::AskTime(waiter));
        let _ = tokio::time::timeout(CLOCK_WAIT, known).await;
        let (reply, answer) = oneshot::channel();
        let gone = || PayRefused::Said(Said::Stopped);
        self.outbox
            .send(Input::Pay(Box::new(order), reply))
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Cancels and undoes a bill that `order` started, whoever is signed in.
    pub fn cancel(&self, bill_no: BillNo) {
        let _ = self.outbox.send(Input::Cancel(bill_no));
    }

    /// Waits until nothing can be printed any more (all slips are out, or the printer is away), at
    /// most this long.
    pub async fn printed(&self, most: Duration) {
        let (waiter, printed) = oneshot::channel();
        let _ = self.outbox.send(Input::Printer(FromPrinter::Wait(waiter)));
        let _ = tokio::time::timeout(most, printed).await;
    }

    /// How many bills and refunds are open or due a look. 0: nothing is left to settle.
    pub fn pending(&self) -> usize {
        self.pending.load(Ordering::Acquire)
    }

    /// For tests: does something to the ledger on the engine's thread (a full disk, a read-only
    /// file).
    #[doc(hidden)]
    pub fn with_ledger(&self, act: impl FnOnce(&Ledger) + Send + 'static) {
        let _ = self.outbox.send(Input::Ledger(Box::new(act)));
    }

    pub(super) fn ledger_path(&self) -> &Path {
        &self.ledger_path
    }

    /// For tests: so much time passes at once.
    #[doc(hidden)]
    pub fn skip_time(&self, ms: i64) {
        let skip = move |engine: &mut Engine| engine.clock.skip(ms);
        let _ = self.outbox.send(Input::Visit(Box::new(skip)));
    }

    pub(super) fn outbox(&self) -> &Sender<Input> {
        &self.outbox
    }

    pub(super) fn ear(&self) -> &Arc<Ear> {
        &self.ear
    }

    /// Notices should be listened for and can't be: screens say why, and everything goes on.
    pub fn say_no_webhook(&self, why: String) {
        let tell = move |engine: &mut Engine| engine.no_webhook = Some(why);
        let _ = self.outbox.send(Input::Visit(Box::new(tell)));
    }

    /// The settings it was opened with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One bill from the ledger.
    pub fn bill(&self, bill_no: &BillNo) -> Result<Option<crate::domain::Bill>, LedgerError> {
        Reader::open(&self.ledger_path)?.bill(bill_no)
    }

    /// One refund from the ledger.
    pub fn refund_in_ledger(&self, no: &RefundNo) -> Result<Option<Refund>, LedgerError> {
        Reader::open(&self.ledger_path)?.books().refund(no)
    }
}

/// What an engine is made of.
struct Parts {
    settings: Arc<Settings>,
    vault: Vault,
    ledger: Ledger,
    gateway: Arc<dyn Gateway>,
    remake: Option<Remake>,
    runtime: tokio::runtime::Handle,
    inbox: Receiver<Input>,
    outbox: Sender<Input>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
    pending: Arc<AtomicUsize>,
}

/// An engine that has not begun.
fn engine(opening: Opening, parts: Parts) -> Engine {
    let Parts {
        settings,
        vault,
        ledger,
        gateway,
        remake,
        runtime,
        inbox,
        outbox,
        snapshots,
        notices,
        pending,
    } = parts;
    Engine {
        counter: Counter::new(opening.devices),
        ear: Arc::new(Ear::new(&opening.dir, Arc::clone(&gateway), &settings)),
        no_webhook: None,
        fresh: false,
        hosts: Hosts::new(settings.gateway.servers.clone()),
        policy: Policy::from(&settings.payment.timing),
        practice_mode: opening.practice.is_some(),
        practising: opening.practice.and_then(practising),
        clock: Clock::default(),
        cases: BTreeMap::new(),
        refunds: Refunds::default(),
        settling: Vec::new(),
        stage: OnStage::Idle,
        asked: None,
        shift: None,
        reconciling: None,
        signed_in: None,
        last_code: None,
        ledger_down: None,
        write_again: None,
        gateway_health: GatewayHealth::Unasked,
        latest: Vec::new(),
        totals: (0, Fen::ZERO),
        totals_day: None,
        stale: true,
        seq: 0,
        warmed: None,
        time_waiters: Vec::new(),
        inbox,
        outbox,
        pending,
        snapshots,
        notices,
        runtime,
        settings,
        ledger_path: ledger_path(&opening.dir),
        dir: opening.dir,
        active_ms: 0,
        master_key: None,
        ledger,
        vault,
        gateway,
        remake,
    }
}

/// The engine on its own thread; the first snapshot is whole before anybody sees it.
fn start(mut engine: Engine) -> Result<JoinHandle<()>, OpenError> {
    let dir = engine.dir.clone();
    engine.sign_in_at_start();
    engine.take_up()?;
    engine.start_devices();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("till".to_owned())
        .spawn(move || {
            let run = std::panic::AssertUnwindSafe(|| engine.run(&ready));
            if std::panic::catch_unwind(run).is_err() {
                // A till that no longer works must not look alive: the next start takes up
                // everything from the ledger.
                tracing::error!("the till's thread panicked");
                std::process::abort();
            }
        })
        .map_err(|why| OpenError::Directory { path: dir, why })?;
    let _ = is_ready.recv();
    Ok(thread)
}

fn client(settings: &Settings, vault: &Vault) -> Result<Arc<dyn Gateway>, OpenError> {
    gateway_client(settings, vault).map_err(|e| OpenError::Gateway(e.to_string()))
}

/// The client of the provider that is set. Sends nothing.
///
/// # Errors
/// What is missing or wrong in the settings, or TLS that can't be set up.
pub fn gateway_client(
    settings: &Settings,
    vault: &Vault,
) -> Result<Arc<dyn Gateway>, GatewayError> {
    let (gateway, timing) = (&settings.gateway, &settings.payment.timing);
    let secret = match gateway.sandbox {
        true => vault.test_secret().ok_or(GatewayError::NoTestSecret)?,
        false => vault.app_secret(),
    };
    let secret = secret.clone();
    Ok(match gateway.provider {
        Provider::Jubao => Arc::new(jubao::Client::new(gateway, timing, secret)?),
        Provider::Beecloud | Provider::Juhepay => {
            Arc::new(beecloud::Client::new(gateway, timing, secret)?)
        }
    })
}

fn runtime(dir: &Path) -> Result<tokio::runtime::Runtime, OpenError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("till-net")
        .enable_all()
        .build()
        .map_err(|why| OpenError::Directory {
            path: dir.to_owned(),
            why,
        })
}

fn practising(customer: Arc<dyn Customer>) -> Option<Practising> {
    let wallet = Wallet::Alipay;
    let code = customer.fresh_code(wallet);
    let code_qr = Arc::new(qr::encode(code.expose())?);
    let (act, network) = (Act::default(), Network::default());
    Some(Practising {
        customer,
        wallet,
        code,
        code_qr,
        act,
        network,
        refund_act: RefundAct::default(),
        refund_network: Network::default(),
        planted: Vec::new(),
    })
}

impl Service for Till {
    fn send(&self, command: Command) {
        let _ = self.outbox.send(Input::Command(command));
    }

    fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    fn camera(&self) -> watch::Receiver<Option<Arc<CameraView>>> {
        self.camera.clone()
    }

    fn search(&self, query: Query) -> BoxFuture<'static, Result<Vec<BillView>, String>> {
        self.read(move |reader| Ok(reader.search(&query)?.iter().map(of_bill).collect()))
    }

    fn story(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Vec<StoryLine>, String>> {
        self.read(move |reader| reader.story(&bill_no))
    }
}

impl Till {
    /// Reads the ledger on its own connection, off the engine's thread.
    pub(super) fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Reader) -> Result<T, LedgerError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, String>> {
        let (reader, path) = (Arc::clone(&self.reader), self.ledger_path.clone());
        let handle = self.runtime.as_ref().map(|r| r.handle().clone());
        Box::pin(async move {
            let Some(handle) = handle else {
                return Err("收银程序已停止".to_owned());
            };
            let task = handle.spawn_blocking(move || {
                let mut kept = reader.lock().map_err(|_| "账本读取出错".to_owned())?;
                let opened = match kept.take() {
                    Some(reader) => reader,
                    None => Reader::open(&path).map_err(|e| e.to_string())?,
                };
                let result = ask(&opened).map_err(|e| e.to_string());
                if result.is_ok() {
                    *kept = Some(opened);
                }
                result
            });
            task.await.map_err(|e| e.to_string())?
        })
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        let _ = self.outbox.send(Input::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
