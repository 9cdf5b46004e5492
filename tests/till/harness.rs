//! A shop: a provisioned directory, a gateway, and a till that is opened, dropped and opened again.

use secrecy::SecretString;
use shouyin::devices::sound::{NoSound, Output, Pcm};
use shouyin::domain::bill::PayAnswer;
use shouyin::domain::config::{ProvisionedStaff, Secrets, Settings, Timing};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::staff::{Role, Staff};
use shouyin::domain::{Bill, BillNo, Fen, Host, Proof, State, Wallet};
use shouyin::gateway::Gateway;
use shouyin::ledger::Ledger;
use shouyin::simulator::core::Play;
use shouyin::simulator::{Faults, Options, Plan, Running, Simulator, Transport, Truth};
use shouyin::till::open::config_path;
use shouyin::till::service::{BillView, Pin, Said, ScanText, Stage};
use shouyin::till::{Command, Devices, Notice, OpenError, Opening, Service, Snapshot, Till};
use shouyin::vault::{DeviceKeyPlace, PinCost, Vault};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, watch};

/// Nothing that is waited for takes longer, on however busy a machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// FATE's durations as short as loopback allows.
pub fn quick() -> Timing {
    Timing {
        barcode_deadline_s: 5,
        qr_deadline_s: 6,
        link_deadline_s: 6,
        first_status_ms: 50,
        status_interval_ms: 100,
        earliest_revert_s: 1,
        guard_s: 2,
        bill_timeout_s: 10,
        expiry_margin_s: 1,
        witness_wait_s: 1,
        connect_timeout_s: 3,
        request_timeout_s: 5,
    }
}

/// Tests play nothing on the machine that they run on.
pub struct NoMachine;

impl Output for NoMachine {
    fn is_there(&self) -> bool {
        false
    }

    fn play(&self, _: &Pcm, _: &AtomicBool) -> Result<(), NoSound> {
        Err(NoSound::Nothing)
    }
}

/// A shop with its gateway.
pub struct Shop {
    pub dir: tempfile::TempDir,
    pub sim: Running,
    pub runtime: Runtime,
    till: Option<Arc<Till>>,
    snapshots: Option<watch::Receiver<Arc<Snapshot>>>,
    notices: Option<broadcast::Receiver<Notice>>,
    heard: Vec<Notice>,
    practice: bool,
    pub devices: Devices,
}

impl Shop {
    /// Opens with one cashier, who is signed in.
    pub fn open() -> Shop {
        Shop::with(|_| {})
    }

    /// With changed settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Shop {
        Shop::build(change, false, Options::default())
    }

    pub fn build(change: impl FnOnce(&mut Settings), practice: bool, options: Options) -> Shop {
        let managers: &[&str] = if practice { &["2001"] } else { &[] };
        Shop::staffed(change, practice, options, managers)
    }

    /// Opens locked, with cashier 1001, two managers 2001 and 2002, and a master_secret.
    pub fn desk(change: impl FnOnce(&mut Settings)) -> Shop {
        Shop::staffed(change, false, Options::default(), &["2001", "2002"])
    }

    /// As [`Shop::with`], with devices.
    pub fn with_devices(change: impl FnOnce(&mut Settings), devices: Devices) -> Shop {
        Shop::furnished(change, false, Options::default(), &[], devices)
    }

    /// As [`Shop::desk`], with devices.
    pub fn desk_with_devices(change: impl FnOnce(&mut Settings), devices: Devices) -> Shop {
        let managers = &["2001", "2002"];
        Shop::furnished(change, false, Options::default(), managers, devices)
    }

    fn staffed(
        change: impl FnOnce(&mut Settings),
        practice: bool,
        options: Options,
        managers: &[&str],
    ) -> Shop {
        Shop::furnished(change, practice, options, managers, Devices::default())
    }

    fn furnished(
        change: impl FnOnce(&mut Settings),
        practice: bool,
        options: Options,
        managers: &[&str],
        devices: Devices,
    ) -> Shop {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let sim = runtime.block_on(Simulator::start(listen, options)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::practice(Host(sim.base_url()));
        settings.payment.timing = quick();
        change(&mut settings);
        provision(dir.path(), &settings, managers);
        let mut shop = Shop {
            dir,
            sim,
            runtime,
            till: None,
            snapshots: None,
            notices: None,
            heard: Vec::new(),
            practice,
            devices,
        };
        shop.start();
        shop
    }

    /// The program starts (again).
    pub fn start(&mut self) {
        let till = self.try_open().unwrap();
        self.take(till);
    }

    /// Starts with a scripted gateway.
    pub fn start_with(&mut self, gateway: Arc<dyn Gateway>) {
        let till = Till::open_with(self.opening(), gateway).unwrap();
        self.take(till);
    }

    /// Starts again, with devices.
    pub fn start_using(&mut self, devices: shouyin::till::Devices) {
        self.stop();
        self.devices = devices;
        self.start();
    }

    fn take(&mut self, till: Till) {
        self.snapshots = Some(till.snapshots());
        self.notices = Some(till.notices());
        self.heard.clear();
        self.till = Some(Arc::new(till));
    }

    pub fn try_open(&self) -> Result<Till, OpenError> {
        Till::open(self.opening())
    }

    fn opening(&self) -> Opening {
        Opening {
            dir: self.dir.path().to_owned(),
            wait: Duration::ZERO,
            practice: self.practice.then(|| self.sim.customer()),
            devices: Devices {
                sound: Some(self.devices.sound.unwrap_or(&NoMachine)),
                ..self.devices
            },
        }
    }

    /// The program ends; the gateway goes on.
    pub fn stop(&mut self) {
        self.till = None;
        self.snapshots = None;
        self.notices = None;
    }

    /// Signs in; a PIN is the id twice.
    pub fn sign_in(&mut self, id: &str) {
        self.send(Command::SignIn {
            id: id.to_owned(),
            pin: pin(&id.repeat(2)),
        });
        self.until("signed in", |s| {
            let who = s.signed_in.as_ref();
            who.filter(|who| who.id == id).map(|_| ())
        });
    }

    pub fn till(&self) -> &Till {
        self.till.as_ref().unwrap()
    }

    /// For what runs beside it.
    pub fn shared(&self) -> Arc<Till> {
        Arc::clone(self.till.as_ref().unwrap())
    }

    pub fn send(&self, command: Command) {
        self.till().send(command);
    }

    /// What the next customer and the network do.
    pub fn plan(&self, act: Act, network: Network) {
        self.plan_faults(act, network, |_| {});
    }

    pub fn plan_faults(&self, act: Act, network: Network, change: impl FnOnce(&mut Faults)) {
        let mut faults = Faults::default();
        change(&mut faults);
        let plan = Plan {
            play: Some(Play::Act(act)),
            network: Some(Transport::from(network)),
            faults: Some(faults),
        };
        self.sim.core().plan(None, plan);
    }

    /// Changes the faults of a bill that the gateway holds.
    pub fn faults(&self, bill_no: &BillNo, change: impl FnOnce(&mut Faults)) {
        let mut core = self.sim.core();
        let bill = core.get_mut(bill_no).expect("the gateway holds the bill");
        change(bill.faults.get_or_insert_default());
    }

    /// The customer of this bill pays now.
    pub fn pay_now(&self, bill_no: &BillNo) {
        let now_ms = self.sim.face().now_ms();
        let mut core = self.sim.core();
        core.play(now_ms, Some(bill_no), Some(Act::Pay), None);
    }

    /// What really happened.
    pub fn truth(&self, bill_no: &BillNo) -> Truth {
        let now_ms = self.sim.face().now_ms();
        self.sim.core().truth(now_ms, bill_no)
    }

    /// How many bills reached the gateway.
    pub fn arrived(&self) -> usize {
        self.sim.core().bill_nos().len()
    }

    pub fn fresh_code(&self, wallet: Wallet) -> ScanText {
        ScanText::from(&self.sim.core().fresh_code(wallet))
    }

    /// Scans a fresh code for this amount; gives the bill that fills the stage then.
    pub fn charge(&mut self, fen: i64, wallet: Wallet) -> BillNo {
        let text = self.fresh_code(wallet);
        self.staging(|shop| shop.scan(&text, Some(fen)))
    }

    /// Shows a QR for this amount; gives the bill that fills the stage then.
    pub fn charge_qr(&mut self, fen: i64, wallet: Wallet) -> BillNo {
        self.staging(|shop| shop.show_qr(wallet, Some(fen)))
    }

    /// Does something that puts another bill on the stage.
    pub fn staging(&mut self, act: impl FnOnce(&Shop)) -> BillNo {
        let before = on_stage(&self.snapshot()).map(|b| b.bill_no.clone());
        act(self);
        self.until("another bill on the stage", |s| {
            let staged = on_stage(s).map(|b| b.bill_no.clone());
            staged.filter(|no| Some(no) != before.as_ref())
        })
    }

    /// Scans again and again, as somebody would whose scans bounce (FATE 6).
    pub fn scan_until_started(&mut self, text: &ScanText) -> BillNo {
        let before = on_stage(&self.snapshot()).map(|b| b.bill_no.clone());
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            self.scan(text, None);
            self.settle_commands();
            let staged = on_stage(&self.snapshot()).map(|b| b.bill_no.clone());
            if let Some(started) = staged.filter(|no| Some(no) != before.as_ref()) {
                return started;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the scan never started a payment");
    }

    pub fn scan(&self, text: &ScanText, fen: Option<i64>) {
        self.send(Command::Scan {
            text: text.clone(),
            amount: fen.map(Fen),
            note: String::new(),
        });
    }

    pub fn show_qr(&self, wallet: Wallet, fen: Option<i64>) {
        self.send(Command::ShowQr {
            wallet,
            amount: fen.map(Fen),
            note: String::new(),
        });
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.as_ref().unwrap().borrow().clone()
    }

    /// Waits for a snapshot that answers.
    pub fn until<T>(&mut self, what: &str, mut found: impl FnMut(&Snapshot) -> Option<T>) -> T {
        let mut snapshots = self.snapshots.clone().unwrap();
        let wait = async {
            loop {
                let snapshot = snapshots.borrow_and_update().clone();
                if let Some(found) = found(&snapshot) {
                    return found;
                }
                snapshots.changed().await.expect("the till runs");
            }
        };
        let result = self
            .runtime
            .block_on(async { tokio::time::timeout(PATIENCE, wait).await });
        result.unwrap_or_else(|_| panic!("waited in vain for {what}: {:#?}", self.snapshot()))
    }

    /// Waits until the ledger's bill is so.
    pub fn until_bill(
        &mut self,
        bill_no: &BillNo,
        what: &str,
        fits: impl Fn(&Bill) -> bool,
    ) -> Bill {
        let end = Instant::now() + PATIENCE;
        let mut snapshots = self.snapshots.clone().unwrap();
        loop {
            snapshots.borrow_and_update();
            let bill = self.bill(bill_no);
            if fits(&bill) {
                self.caught_up();
                return bill;
            }
            let left = end.saturating_duration_since(Instant::now());
            let changed = async { tokio::time::timeout(left, snapshots.changed()).await };
            if self.runtime.block_on(changed).is_err() {
                panic!("waited in vain for {what}: {bill:#?}");
            }
        }
    }

    pub fn until_state(&mut self, bill_no: &BillNo, state: State) -> Bill {
        self.until_bill(bill_no, state.name(), |b| b.state == state)
    }

    pub fn until_terminal(&mut self, bill_no: &BillNo) -> Bill {
        self.until_bill(bill_no, "an end", |b| b.state.is_terminal())
    }

    /// The bill as it is in the file.
    pub fn bill(&self, bill_no: &BillNo) -> Bill {
        self.till()
            .bill(bill_no)
            .unwrap()
            .expect("a bill in the ledger")
    }

    /// Everything said so far.
    pub fn heard(&mut self) -> &[Notice] {
        let notices = self.notices.as_mut().unwrap();
        while let Ok(notice) = notices.try_recv() {
            self.heard.push(notice);
        }
        &self.heard
    }

    /// Waits until the till says so. What it said before that is done with.
    pub fn until_said(&mut self, what: &str, fits: impl Fn(&Said) -> bool) -> Said {
        let end = Instant::now() + PATIENCE;
        loop {
            let fitting = |n: &Notice| matches!(n, Notice::Said(said) if fits(said));
            if let Some(at) = self.heard().iter().position(fitting) {
                let mut after = self.heard.split_off(at + 1);
                let Some(Notice::Said(said)) = self.heard.pop() else {
                    panic!("it was there");
                };
                self.heard.retain(|n| !matches!(n, Notice::Said(_)));
                self.heard.append(&mut after);
                return said;
            }
            let left = end.saturating_duration_since(Instant::now());
            let notices = self.notices.as_mut().unwrap();
            let next = async { tokio::time::timeout(left, notices.recv()).await };
            match self.runtime.block_on(next) {
                Ok(Ok(notice)) => self.heard.push(notice),
                Ok(Err(_)) => {}
                Err(_) => panic!("waited in vain for {what}: {:#?}", self.heard),
            }
        }
    }

    /// How often this bill's end was announced in this state, and whether on the stage.
    pub fn announced(&mut self, bill_no: &BillNo, state: State) -> Vec<bool> {
        let fates = self.heard().iter().filter_map(|n| match n {
            Notice::Fate { bill, on_stage } if bill.bill_no == *bill_no => {
                Some((bill.state, *on_stage))
            }
            _ => None,
        });
        fates
            .filter(|(s, _)| *s == state)
            .map(|(_, on)| on)
            .collect()
    }

    /// Every state that clients were told of this bill, in order.
    pub fn states_told(&mut self, bill_no: &BillNo) -> Vec<State> {
        let mut states: Vec<State> = Vec::new();
        for notice in self.heard() {
            if let Notice::Changed(bill) = notice
                && bill.bill_no == *bill_no
                && states.last() != Some(&bill.state)
            {
                states.push(bill.state);
            }
        }
        states
    }

    /// The till has done all that follows from what the ledger shows: a record is seen in the file
    /// before what rests on it was said.
    fn caught_up(&self) {
        let (done, is_done) = std::sync::mpsc::channel();
        self.with_ledger(move |_| {
            let _ = done.send(());
        });
        let _ = is_done.recv_timeout(PATIENCE);
    }

    /// Everything sent before has gone through, and the snapshot shows it.
    pub fn settle_commands(&mut self) {
        self.caught_up();
        let seq = self.snapshot().seq;
        self.with_ledger(|_| {});
        self.until("the next snapshot", |s| (s.seq > seq).then_some(()));
    }

    pub fn with_ledger(&self, act: impl FnOnce(&Ledger) + Send + 'static) {
        self.till().with_ledger(act);
    }

    /// Clients were never told that this bill ended unpaid.
    pub fn never_said_unpaid(&mut self, bill_no: &BillNo) {
        let states = self.states_told(bill_no);
        let unpaid = |s: &State| s.is_terminal() && *s != State::Paid;
        assert!(!states.iter().any(unpaid), "{states:?}");
    }
}

/// The bill on the stage.
pub fn on_stage(snapshot: &Snapshot) -> Option<&BillView> {
    match &snapshot.stage {
        Stage::Bill(bill) => Some(bill),
        Stage::Idle | Stage::Amount { .. } => None,
    }
}

pub fn is_listed(list: &[BillView], bill_no: &BillNo) -> bool {
    list.iter().any(|b| b.bill_no == *bill_no)
}

pub fn pin(text: &str) -> Pin {
    Pin::new(text.to_owned())
}

/// Not charged may be said only with one of these behind it (I3).
pub fn assert_proven(bill: &Bill) {
    let fits = match bill.state {
        State::Refused => matches!(bill.proof, Some(Proof::Refused)),
        State::NotSent => matches!(bill.proof, Some(Proof::Connect | Proof::UnknownAtGateway)),
        State::Reverted => matches!(bill.proof, Some(Proof::Reverted | Proof::NoWitness)),
        State::Expired => matches!(bill.proof, Some(Proof::Expired)),
        State::Paid => matches!(bill.proof, Some(Proof::Pay | Proof::Status | Proof::Row)),
        _ => bill.proof.is_none(),
    };
    assert!(fits, "{bill:#?}");
}

pub fn is_lost(bill: &Bill) -> bool {
    matches!(bill.pay, PayAnswer::Lost { .. })
}

fn provision(dir: &Path, settings: &Settings, managers: &[&str]) {
    std::fs::write(config_path(dir), settings.to_toml().unwrap()).unwrap();
    let secrets = Secrets {
        app_secret: SecretString::from("practice-app"),
        master_secret: (managers.len() > 1).then(|| SecretString::from("practice-master")),
        test_secret: None,
    };
    let person = |id: &str, role| ProvisionedStaff {
        staff: Staff {
            id: id.to_owned(),
            name: id.to_owned(),
            role,
        },
        pin: SecretString::from(id.repeat(2)),
    };
    let mut staff = vec![person("1001", Role::Cashier)];
    staff.extend(managers.iter().map(|id| person(id, Role::Manager)));
    let place = DeviceKeyPlace::File;
    Vault::create_with(dir, secrets, &staff, place, PinCost::CHEAP).unwrap();
}
