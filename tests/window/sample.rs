//! A till that is not there: canned snapshots, and a record of the commands it was sent. Shared
//! by the window's tests and the demo.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic)]

use shouyin::domain::bill::{CloseReason, Incident, IncidentKind, PayAnswer};
use shouyin::domain::config::{Language, Settings};
use shouyin::domain::gateway::{Lost, Refusal};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::query::{Query, StoryLine};
use shouyin::domain::staff::{Role, Staff};
use shouyin::domain::time::{Stamp, parse_moment};
use shouyin::domain::{BillNo, Channel, Fen, Proof, SaleId, State, Wallet};
use shouyin::till::service::*;
use std::sync::{Arc, Mutex};
use tokio::sync::{broadcast, watch};

/// 2026-11-20 14:32:00 in Shanghai.
pub fn now() -> i64 {
    parse_moment("2026-11-20T06:32:00Z").unwrap_or(0)
}

/// Records commands; shows what it is told to show.
pub struct FakeTill {
    pub commands: Mutex<Vec<Command>>,
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    pub notices: broadcast::Sender<Notice>,
    pub camera: watch::Sender<Option<Arc<CameraView>>>,
    pub bills: Vec<BillView>,
    pub searched: Mutex<Vec<Query>>,
    pub desk: crate::fake_desk::Answers,
}

impl FakeTill {
    pub fn new(snapshot: Snapshot) -> Arc<FakeTill> {
        Arc::new(FakeTill {
            commands: Mutex::new(Vec::new()),
            bills: latest(),
            searched: Mutex::default(),
            desk: Default::default(),
            snapshots: watch::channel(Arc::new(snapshot)).0,
            notices: broadcast::channel(16).0,
            camera: watch::Sender::new(None),
        })
    }

    /// The commands since the last call, as Debug prints them (no code, no PIN).
    pub fn sent(&self) -> Vec<String> {
        let mut commands = self.commands.lock().unwrap();
        commands.drain(..).map(|c| format!("{c:?}")).collect()
    }
}

impl Service for FakeTill {
    fn send(&self, command: Command) {
        self.commands.lock().unwrap().push(command);
    }
    fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.subscribe()
    }
    fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }
    fn camera(&self) -> watch::Receiver<Option<Arc<CameraView>>> {
        self.camera.subscribe()
    }
    fn search(&self, query: Query) -> BoxFuture<'static, Result<Vec<BillView>, String>> {
        self.searched.lock().unwrap().push(query);
        let bills = self.bills.clone();
        Box::pin(async move { Ok(bills) })
    }
    fn story(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Vec<StoryLine>, String>> {
        let lines = story(&bill_no);
        Box::pin(async move { Ok(lines) })
    }
}

pub fn bill_no(serial: u32, random: &str) -> BillNo {
    BillNo::parse(&format!("2026112001{serial:06}{random}")).unwrap()
}

/// A waiting WeChat scan of 128.50.
pub fn waiting() -> BillView {
    BillView {
        bill_no: bill_no(63, "K7Q2M4XD"),
        sale: SaleId("S63".into()),
        amount: Fen(12850),
        channel: Channel::WxScan,
        link: false,
        wallet: Some(Wallet::Wechat),
        note: String::new(),
        state: State::Awaiting,
        proof: None,
        returned: false,
        late: false,
        incident: None,
        settlement: None,
        pay: PayAnswer::Answered {
            at: Stamp {
                wall_ms: now() - 18_000,
                offset_ms: None,
            },
        },
        unanswered: false,
        closing: None,
        sent_ms: now() - 19_000,
        ended_ms: None,
        deadline_ms: Some(now() + 41_000),
        countdown_ms: Some(60_000),
        asked: 5,
        next_at_ms: Some(now() + 2_000),
        next: NextStep::Ask,
        payable_until_ms: None,
        look: None,
        qr: None,
        can_show_again: false,
        detail: None,
        unrecorded: false,
        may_retry: false,
        refunded: Fen(0),
        operator: "1001".into(),
        released: false,
    }
}

pub fn ended(state: State, proof: Proof) -> BillView {
    BillView {
        state,
        proof: Some(proof),
        ended_ms: Some(now() - 16_900),
        deadline_ms: None,
        countdown_ms: None,
        next_at_ms: None,
        next: NextStep::Nothing,
        may_retry: true,
        ..waiting()
    }
}

pub fn unresolved() -> BillView {
    BillView {
        state: State::Unresolved,
        pay: PayAnswer::Lost { why: Lost::Timeout },
        unanswered: true,
        wallet: Some(Wallet::Alipay),
        channel: Channel::AliScan,
        asked: 3,
        next_at_ms: Some(now() + 12_000),
        deadline_ms: None,
        closing: Some(CloseReason::Deadline),
        ..waiting()
    }
}

pub fn qr() -> Arc<QrView> {
    let code = qrcode::QrCode::new(b"https://qr.alipay.com/bax00000000000000demo").unwrap();
    Arc::new(QrView {
        width: code.width(),
        modules: code
            .to_colors()
            .iter()
            .map(|c| *c == qrcode::Color::Dark)
            .collect(),
    })
}

pub fn showing_qr() -> BillView {
    BillView {
        channel: Channel::AliOfflineQrcode,
        wallet: Some(Wallet::Alipay),
        qr: Some(qr()),
        deadline_ms: Some(now() + 112_000),
        countdown_ms: Some(180_000),
        ..waiting()
    }
}

/// Every face of the stage, by name.
pub fn faces() -> Vec<(&'static str, BillView)> {
    let incident = |kind| Some(Incident { kind, at_ms: now() });
    vec![
        ("waiting", waiting()),
        (
            "pending",
            BillView {
                state: State::Sent,
                pay: PayAnswer::Pending,
                ..waiting()
            },
        ),
        ("qr", showing_qr()),
        (
            "cancelling",
            BillView {
                state: State::Closing,
                closing: Some(CloseReason::Deadline),
                next: NextStep::Revert,
                deadline_ms: None,
                ..waiting()
            },
        ),
        ("paid", ended(State::Paid, Proof::Status)),
        (
            "late",
            BillView {
                late: true,
                note: "两箱矿泉水".into(),
                ..ended(State::Paid, Proof::Status)
            },
        ),
        (
            "refused",
            BillView {
                pay: PayAnswer::Final {
                    reason: Refusal::NotEnough,
                    detail: "NOTENOUGH 余额不足".into(),
                },
                ..ended(State::Refused, Proof::Refused)
            },
        ),
        (
            "not_sent",
            BillView {
                pay: PayAnswer::Unconnected {
                    why: "connect timed out after 5 s".into(),
                },
                ..ended(State::NotSent, Proof::Connect)
            },
        ),
        ("reverted", ended(State::Reverted, Proof::Reverted)),
        (
            "returned",
            BillView {
                returned: true,
                ..ended(State::Reverted, Proof::Reverted)
            },
        ),
        ("no_witness", ended(State::Reverted, Proof::NoWitness)),
        ("expired", ended(State::Expired, Proof::Expired)),
        (
            "unanswered",
            BillView {
                pay: PayAnswer::Lost {
                    why: Lost::Http(502),
                },
                unanswered: true,
                ..waiting()
            },
        ),
        (
            "unanswered_closing",
            BillView {
                state: State::Closing,
                pay: PayAnswer::Lost { why: Lost::Timeout },
                unanswered: true,
                closing: Some(CloseReason::Deadline),
                next: NextStep::Verify,
                ..waiting()
            },
        ),
        ("unresolved", unresolved()),
        (
            "watching",
            BillView {
                state: State::Watching,
                channel: Channel::WxNative,
                closing: Some(CloseReason::Cancelled),
                next: NextStep::Expire,
                next_at_ms: Some(now() + 400_000),
                payable_until_ms: Some(now() + 380_000),
                can_show_again: true,
                deadline_ms: None,
                ..waiting()
            },
        ),
        (
            "incident",
            BillView {
                incident: incident(IncidentKind::Amount { there: Fen(12800) }),
                ..ended(State::Paid, Proof::Status)
            },
        ),
        (
            "unrecorded",
            BillView {
                unrecorded: true,
                ..waiting()
            },
        ),
    ]
}

pub fn face(name: &str) -> BillView {
    let found = faces().into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("no face {name}")).1
}

pub fn latest() -> Vec<BillView> {
    let row = |serial, random, minutes: i64, fen, wallet, state, proof| BillView {
        bill_no: bill_no(serial, random),
        amount: Fen(fen),
        wallet: Some(wallet),
        channel: match wallet {
            Wallet::Alipay => Channel::AliScan,
            Wallet::Wechat => Channel::WxScan,
        },
        sent_ms: now() - minutes * 60_000 - 7_000,
        ended_ms: Some(now() - minutes * 60_000),
        ..ended(state, proof)
    };
    use Wallet::{Alipay, Wechat};
    vec![
        row(62, "P4WE1A2B", 1, 1200, Alipay, State::Paid, Proof::Pay),
        row(
            61,
            "H8QZ7C3D",
            4,
            8800,
            Wechat,
            State::Reverted,
            Proof::Reverted,
        ),
        row(60, "B2NM5E4F", 7, 650, Wechat, State::Paid, Proof::Pay),
        BillView {
            refunded: Fen(3000),
            ..row(
                59,
                "Y6RC9G5H",
                10,
                23_000,
                Alipay,
                State::Paid,
                Proof::Status,
            )
        },
        row(
            58,
            "D1KV2J6K",
            12,
            1580,
            Wechat,
            State::Refused,
            Proof::Refused,
        ),
        row(57, "S5JT4L7M", 17, 4200, Alipay, State::Paid, Proof::Pay),
        row(
            56,
            "G3LX6N8P",
            21,
            990,
            Wechat,
            State::Expired,
            Proof::Expired,
        ),
        row(55, "N7FU8Q9R", 24, 6120, Alipay, State::Paid, Proof::Pay),
    ]
}

pub fn story(bill_no: &BillNo) -> Vec<StoryLine> {
    use shouyin::domain::Host;
    use shouyin::domain::bill::{Bill, Happened};
    let bill = |state| Bill {
        title: "示例便利店".into(),
        operator: "1001".into(),
        bill_timeout_s: Some(361),
        state,
        ..Bill::sent(
            bill_no.clone(),
            SaleId("S".into()),
            Fen(23_000),
            Channel::AliScan,
            Host("https://api.beecloud.cn".into()),
            Stamp {
                wall_ms: now(),
                offset_ms: None,
            },
        )
    };
    let line = |at: i64, what, detail: Option<&str>, state| StoryLine {
        at_ms: now() - 600_000 + at,
        what,
        detail: detail.map(str::to_owned),
        bill: bill(state),
    };
    vec![
        line(0, Happened::Started, None, State::Sent),
        line(
            1_000,
            Happened::Answered,
            Some("USERPAYING"),
            State::Awaiting,
        ),
        line(4_000, Happened::Asked, None, State::Awaiting),
        line(7_000, Happened::Paid, Some("金额相符"), State::Paid),
    ]
}

pub fn settings() -> Settings {
    serde_json::from_str(
        r#"{"shop":{"name":"示例便利店","till":"01","store_id":"SH_001","language":"zh-CN"},
        "gateway":{"provider":"beecloud","servers":["https://api.beecloud.cn"],"app_id":"demo-app",
        "channels":["ALI_SCAN","WX_SCAN","ALI_OFFLINE_QRCODE","WX_NATIVE"]},
        "customer":{"window":"on"}}"#,
    )
    .unwrap()
}

pub fn staff() -> Vec<Staff> {
    let one = |id: &str, name: &str, role| Staff {
        id: id.into(),
        name: name.into(),
        role,
    };
    vec![
        one("1001", "一号收银员", Role::Cashier),
        one("2001", "一号店长", Role::Manager),
    ]
}

pub fn snapshot(stage: Stage) -> Snapshot {
    Snapshot {
        seq: 1,
        at_ms: now(),
        shop: ShopView {
            name: "示例便利店".into(),
            till: "01".into(),
            language: Language::Chinese,
            practice: false,
            qr_alipay: true,
            qr_wechat: true,
            links: Vec::new(),
            sandbox: false,
            max_amount: Fen(5_000_000),
        },
        signed_in: staff().into_iter().next(),
        staff: staff(),
        health: Health {
            gateway: GatewayHealth::Answered {
                latency_ms: 42,
                at_ms: now() - 3_000,
            },
            scanner: Some(DeviceHealth::Ready),
            printer: None,
            camera: None,
            sound: None,
            pole: None,
            ..Health::default()
        },
        stage,
        in_progress: Vec::new(),
        to_do: Vec::new(),
        latest: latest(),
        today: Totals {
            count: 63,
            sum: Fen(421_830),
        },
        question: None,
        practice: None,
        desk: DeskView::default(),
        print: PrintView::default(),
        settings: Arc::new(settings()),
    }
}

/// A manager is signed in.
pub fn managing(mut snapshot: Snapshot) -> Snapshot {
    snapshot.signed_in = staff().into_iter().nth(1);
    let person = |staff| Person {
        staff,
        disabled: false,
        locked_until_ms: None,
    };
    snapshot.desk.people = staff().into_iter().map(person).collect();
    snapshot.desk.can_refund = true;
    snapshot
}

pub fn on_stage(bill: BillView) -> Snapshot {
    snapshot(Stage::Bill(Box::new(bill)))
}

/// Practice mode: the panel and the strip.
pub fn practising(mut snapshot: Snapshot) -> Snapshot {
    snapshot.shop.practice = true;
    snapshot.practice = Some(Practice {
        wallet: Wallet::Alipay,
        code: "283024351597694002".into(),
        code_qr: qr(),
        act: Act::Pay,
        network: Network::Normal,
        refund_act: Default::default(),
        refund_network: Default::default(),
        planted: Vec::new(),
    });
    snapshot
}

/// One bill in progress and three to do.
pub fn busy(mut snapshot: Snapshot) -> Snapshot {
    let mut other = waiting();
    other.bill_no = bill_no(70, "AAAA1111");
    other.amount = Fen(3600);
    snapshot.in_progress = vec![other];
    let mut late = face("late");
    late.bill_no = bill_no(66, "LLLL2222");
    let mut watching = face("watching");
    watching.bill_no = bill_no(65, "WWWW3333");
    let mut open = unresolved();
    open.bill_no = bill_no(64, "UUUU4444");
    snapshot.to_do = vec![open, watching, late];
    snapshot
}

/// The same-amount question.
pub fn asking(mut snapshot: Snapshot) -> Snapshot {
    snapshot.question = Some(Question {
        open: Box::new(unresolved()),
        amount: Fen(12850),
    });
    snapshot
}

/// A scene of the demo.
pub fn scene(name: &str) -> Option<Snapshot> {
    Some(match name {
        "idle" => snapshot(Stage::Idle),
        "amount" => snapshot(Stage::Amount { amount: Fen(12850) }),
        "practice" => practising(snapshot(Stage::Idle)),
        "practice_busy" => practising(busy(snapshot(Stage::Idle))),
        "busy" => busy(snapshot(Stage::Idle)),
        "question" => asking(snapshot(Stage::Idle)),
        "lock" => Snapshot {
            signed_in: None,
            ..practising(busy(snapshot(Stage::Idle)))
        },
        "trouble" => {
            let mut trouble = snapshot(Stage::Idle);
            trouble.health.ledger = Some("磁盘已满".into());
            trouble.health.clock_off_s = Some(3600);
            trouble.health.gateway = GatewayHealth::Silent {
                since_ms: now() - 95_000,
            };
            trouble.health.scanner = Some(DeviceHealth::Gone("unplugged".into()));
            trouble
        }
        name => on_stage(faces().into_iter().find(|(n, _)| *n == name)?.1),
    })
}
