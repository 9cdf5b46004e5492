//! The listener over real sockets: everything that a stranger can do to it is bounded, and none of
//! it costs a payment anything.

use crate::harness::{PATIENCE, Shop};
use crate::webhook::{forged, notice};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{BillNo, State, Wallet};
use shouyin::till::Command;
use shouyin::webhook::Webhook;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

crate::rules! {
    a_notice_over_http_counts_once_and_its_connection_is_closed,
    what_is_no_notice_is_refused_and_nothing_is_read_for_ever,
    whoever_holds_every_connection_and_says_nothing_is_cut,
    a_port_that_is_taken_is_one_line_and_changes_nothing,
    it_ends_with_the_till_whatever_is_under_way,
    a_flood_of_forged_notices_costs_payments_nothing,
}

fn listening(shop: &Shop) -> Webhook {
    let any = "127.0.0.1:0".parse().unwrap();
    Webhook::start(any, shop.shared()).unwrap()
}

fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn post(body: &str) -> String {
    let length = body.len();
    format!("POST /any/path HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Everything that comes back until the connection is closed.
fn answer(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    // Bytes that were sent and not read there may break the connection after the answer.
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

fn ask(addr: SocketAddr, request: &[u8]) -> String {
    let mut stream = connect(addr);
    let _ = stream.write_all(request);
    answer(&mut stream)
}

#[track_caller]
fn is(said: &str, status: u16, word: &str) {
    assert!(said.contains(&format!(" {status} ")), "{said}");
    assert!(said.ends_with(&format!("\r\n\r\n{word}")), "{said}");
}

fn waiting_bill(shop: &mut Shop, fen: i64) -> BillNo {
    shop.plan(Act::Never, Network::Normal);
    shop.send(Command::ServeNext);
    let bill_no = shop.charge(fen, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    bill_no
}

fn desk() -> Shop {
    let mut shop = Shop::desk(|s| s.payment.timing.barcode_deadline_s = 60);
    shop.sign_in("2001");
    shop
}

fn a_notice_over_http_counts_once_and_its_connection_is_closed() {
    let mut shop = desk();
    let webhook = listening(&shop);
    let bill_no = waiting_bill(&mut shop, 1000);
    let body = notice("PAY", bill_no.as_str(), 1000).to_string();
    is(
        &ask(
            webhook.addr(),
            post(&forged(bill_no.as_str(), 1000).to_string()).as_bytes(),
        ),
        400,
        "fail",
    );
    assert_eq!(shop.bill(&bill_no).state, State::Awaiting);
    shop.pay_now(&bill_no);
    let said = ask(webhook.addr(), post(&body).as_bytes());
    is(&said, 200, "success");
    assert!(said.to_lowercase().contains("connection: close"), "{said}");
    assert_eq!(shop.bill(&bill_no).state, State::Paid);
    // Again, by HTTP/1.0, in pieces, and in chunks.
    let old = format!(
        "POST / HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    is(&ask(webhook.addr(), old.as_bytes()), 200, "success");
    let mut slowly = connect(webhook.addr());
    for piece in post(&body).as_bytes().chunks(97) {
        slowly.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    is(&answer(&mut slowly), 200, "success");
    let (head, tail) = body.split_at(20);
    let chunks = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{head}\r\n{:x}\r\n{tail}\r\n0\r\n\r\n",
        head.len(),
        tail.len()
    );
    is(&ask(webhook.addr(), chunks.as_bytes()), 200, "success");
    // Two in one go: one notice a connection.
    let twice = format!("{0}{0}", post(&body));
    assert_eq!(
        ask(webhook.addr(), twice.as_bytes())
            .matches("success")
            .count(),
        1
    );
    shop.until("counted once", |s| (s.today.count == 1).then_some(()));
}

fn what_is_no_notice_is_refused_and_nothing_is_read_for_ever() {
    let shop = desk();
    let webhook = listening(&shop);
    let addr = webhook.addr();
    is(
        &ask(addr, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        405,
        "fail",
    );
    is(
        &ask(
            addr,
            b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        ),
        405,
        "fail",
    );
    is(&ask(addr, post("").as_bytes()), 400, "fail");
    is(&ask(addr, post("[]").as_bytes()), 400, "fail");
    is(
        &ask(addr, post(&"x".repeat(64 * 1024)).as_bytes()),
        400,
        "fail",
    );
    let long = ask(addr, post(&"x".repeat(64 * 1024 + 1)).as_bytes());
    assert!(long.is_empty() || long.contains(" 413 "), "{long}");
    let nonsense = ask(addr, b"\x16\x03\x01 TLS to a plain port\r\n\r\n");
    assert!(!nonsense.contains(" 200 "), "{nonsense}");
    let mut header = b"POST / HTTP/1.1\r\nX: ".to_vec();
    header.resize(2 << 20, b'a');
    let endless = ask(addr, &header);
    assert!(!endless.contains(" 200 "), "{endless}");
    // A body that never ends: cut after its 64 KiB, long before it stops sending.
    let mut stream = connect(addr);
    let begin = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(begin).unwrap();
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    let most: usize = 256 << 20;
    let mut sent = 0;
    while sent < most && stream.write_all(chunk.as_bytes()).is_ok() {
        sent += chunk.len();
    }
    assert!(sent < most, "it read on and on");
    is(&ask(addr, post("{}").as_bytes()), 400, "fail");
}

fn whoever_holds_every_connection_and_says_nothing_is_cut() {
    let mut shop = desk();
    let webhook = listening(&shop);
    let bill_no = waiting_bill(&mut shop, 1000);
    shop.pay_now(&bill_no);
    shop.until_state(&bill_no, State::Paid);
    // More than are open at once; some say nothing, some begin and stop.
    let holders: Vec<TcpStream> = (0..80)
        .map(|n| {
            let mut stream = connect(webhook.addr());
            if n % 2 == 0 {
                stream.write_all(b"POST / HTTP/1.1\r\nContent-Le").unwrap();
            }
            stream
        })
        .collect();
    // A payment goes on meanwhile, and the notice gets its turn.
    let next = waiting_bill(&mut shop, 2000);
    shop.pay_now(&next);
    shop.until_state(&next, State::Paid);
    let body = notice("PAY", bill_no.as_str(), 1000).to_string();
    is(&ask(webhook.addr(), post(&body).as_bytes()), 200, "success");
    // One that drips byte after byte is cut as well.
    let mut dripping = connect(webhook.addr());
    let began = Instant::now();
    let cut = loop {
        match dripping.write_all(b"P") {
            Err(error) => break error.kind(),
            Ok(()) if began.elapsed() > PATIENCE => panic!("it drips for ever"),
            Ok(()) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    assert!(
        matches!(
            cut,
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
        ),
        "{cut:?}"
    );
    drop(holders);
}

fn a_port_that_is_taken_is_one_line_and_changes_nothing() {
    let mut shop = desk();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = Webhook::start(taken.local_addr().unwrap(), shop.shared()).unwrap_err();
    let line = error.to_string();
    assert_eq!(line.lines().count(), 1);
    assert!(line.contains("webhook.listen"), "{line}");
    shop.till().say_no_webhook(line.clone());
    shop.until("it on the screen", |s| {
        (s.health.webhook.as_ref() == Some(&line)).then_some(())
    });
    let bill_no = waiting_bill(&mut shop, 1000);
    shop.pay_now(&bill_no);
    shop.until_state(&bill_no, State::Paid);
}

fn it_ends_with_the_till_whatever_is_under_way() {
    let mut shop = desk();
    let webhook = listening(&shop);
    let addr = webhook.addr();
    let bill_no = waiting_bill(&mut shop, 1000);
    // A notice that waits for its answer, and a connection that says nothing.
    let mut lying = connect(addr);
    let body = notice("PAY", bill_no.as_str(), 1000).to_string();
    lying.write_all(post(&body).as_bytes()).unwrap();
    let silent = connect(addr);
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    drop(webhook);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    assert!(!answer(&mut lying).contains("success"));
    assert!(TcpStream::connect(addr).is_err(), "nobody listens");
    drop(silent);
    shop.stop();
    shop.start();
    assert_eq!(shop.bill(&bill_no).bill_no, bill_no);
}

const FLOOD: usize = 10_000;
const SALES: usize = 150;

/// How long each of these sales took, from the scan to the ledger.
fn sales(shop: &mut Shop, fen: i64) -> Vec<Duration> {
    let sale = |n| {
        shop.plan(Act::Pay, Network::Normal);
        shop.send(Command::ServeNext);
        let began = Instant::now();
        let bill_no = shop.charge(fen + n, Wallet::Alipay);
        shop.until_state(&bill_no, State::Paid);
        began.elapsed()
    };
    let mut took: Vec<Duration> = (0..SALES)
        .map(|n| i64::try_from(n).unwrap())
        .map(sale)
        .collect();
    took.sort();
    took
}

/// Forged notices from many connections until there were enough, and as long as `more` says.
fn flood(addr: SocketAddr, bodies: Vec<String>, more: &Arc<AtomicBool>) -> Arc<AtomicUsize> {
    let sent = Arc::new(AtomicUsize::new(0));
    for n in 0..64 {
        let (bodies, sent, more) = (bodies.clone(), Arc::clone(&sent), Arc::clone(more));
        std::thread::spawn(move || {
            let mut at = n;
            while sent.load(Ordering::Relaxed) < FLOOD || more.load(Ordering::Relaxed) {
                at += 1;
                let said = ask(addr, post(&bodies[at % bodies.len()]).as_bytes());
                assert!(!said.contains("success"), "{said}");
                if said.contains(" 400 ") {
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    sent
}

fn a_flood_of_forged_notices_costs_payments_nothing() {
    let mut shop = desk();
    let webhook = listening(&shop);
    let known = waiting_bill(&mut shop, 77);
    let quiet = sales(&mut shop, 1000);
    shop.send(Command::ServeNext);
    // Numbers that nobody has, the right number with a wrong signature or amount, no JSON at all.
    let unknown = "20261120010000010ABCDEFG";
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(16_000));
    let bodies = vec![
        forged(unknown, 1000).to_string(),
        notice("PAY", unknown, 1000).to_string(),
        forged(known.as_str(), 77).to_string(),
        notice("PAY", known.as_str(), 78).to_string(),
        "{".to_owned(),
        large,
    ];
    let more = Arc::new(AtomicBool::new(true));
    let sent = flood(webhook.addr(), bodies, &more);
    while sent.load(Ordering::Relaxed) < FLOOD / 10 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let flooded = sales(&mut shop, 2000);
    more.store(false, Ordering::Relaxed);
    let end = Instant::now() + 2 * PATIENCE;
    while sent.load(Ordering::Relaxed) < FLOOD {
        assert!(
            Instant::now() < end,
            "{} answered",
            sent.load(Ordering::Relaxed)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let middle = |took: &[Duration]| took[took.len() / 2];
    eprintln!(
        "{SALES} sales: median {:?} without, {:?} beside {} forged notices",
        middle(&quiet),
        middle(&flooded),
        sent.load(Ordering::Relaxed)
    );
    let all = u32::try_from(2 * SALES).unwrap();
    shop.until("every sale", |s| (s.today.count == all).then_some(()));
    assert_eq!(
        shop.bill(&known).state,
        State::Awaiting,
        "none of them was believed"
    );
    // With nothing else to do the till does nothing for them: no snapshot, no question.
    shop.send(Command::Cancel(known.clone()));
    shop.until_terminal(&known);
    shop.until_bill(&known, "nothing due", |b| b.look.is_none());
    shop.send(Command::ServeNext);
    let rest = |shop: &mut Shop| {
        let end = Instant::now() + PATIENCE;
        loop {
            let seq = shop.snapshot().seq;
            std::thread::sleep(Duration::from_millis(700));
            match shop.snapshot().seq == seq {
                true => return seq,
                false => assert!(Instant::now() < end, "it never rests"),
            }
        }
    };
    let before = rest(&mut shop);
    for n in 0..300 {
        let body = match n % 2 {
            0 => forged(unknown, 1000),
            _ => forged(known.as_str(), 77),
        };
        is(
            &ask(webhook.addr(), post(&body.to_string()).as_bytes()),
            400,
            "fail",
        );
    }
    assert_eq!(shop.snapshot().seq, before, "no screen was drawn for them");
}
