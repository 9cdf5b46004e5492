//! The clock is an hour off (FATE: gateway time).

use crate::harness::{Shop, quick};
use shouyin::domain::{Fen, State, Wallet};
use shouyin::simulator::Options;
use shouyin::till::{Command, How, PayOrder, Service};

crate::rules! {
    with_the_clock_an_hour_off_payments_work_and_the_banner_shows,
    a_command_pays_with_the_clock_an_hour_off,
    a_clock_that_is_set_right_or_wrong_while_a_bill_is_open_changes_nothing,
}

const HOUR_MS: i64 = 3_600_000;

fn an_hour_off(offset_ms: i64) -> Shop {
    let options = Options {
        clock_offset_ms: offset_ms,
        ..Options::default()
    };
    Shop::build(|s| s.payment.timing = quick(), false, options)
}

fn with_the_clock_an_hour_off_payments_work_and_the_banner_shows() {
    for offset_ms in [HOUR_MS, -HOUR_MS] {
        let mut shop = an_hour_off(offset_ms);
        let (amount, note) = (Fen(1000), String::new());
        shop.send(Command::ConfirmAmount { amount, note });
        let off = shop.until("the banner", |s| s.health.clock_off_s);
        assert!((off + offset_ms / 1000).abs() <= 2, "{off}");
        let bill_no = shop.charge(1000, Wallet::Alipay);
        shop.until_state(&bill_no, State::Paid);
        // Undone too: every request is signed by the gateway's clock.
        let never = shouyin::domain::practice::Act::Never;
        shop.plan(never, Default::default());
        let bill_no = shop.charge(2000, Wallet::Alipay);
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(bill.state, State::Reverted);
    }
}

fn a_command_pays_with_the_clock_an_hour_off() {
    let mut shop = an_hour_off(HOUR_MS);
    let order = PayOrder {
        amount: Fen(1000),
        how: How::Code(shop.fresh_code(Wallet::Wechat)),
        sale: None,
        another: false,
        note: String::new(),
    };
    let bill_no = shop.runtime.block_on(shop.till().order(order)).unwrap();
    shop.until_state(&bill_no, State::Paid);
}

fn a_clock_that_is_set_right_or_wrong_while_a_bill_is_open_changes_nothing() {
    let mut shop = Shop::open();
    shop.plan(shouyin::domain::practice::Act::Never, Default::default());
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.sim.face().set_clock_offset_ms(HOUR_MS);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(bill.state, State::Reverted);
    assert!(shop.truth(&bill_no).reverted_at.is_some());
    assert!(
        shop.till()
            .snapshots()
            .borrow()
            .health
            .clock_off_s
            .is_some()
    );
}
