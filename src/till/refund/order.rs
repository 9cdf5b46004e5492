//! What can be refunded of a bill, and ordering it. Everything is asked of the gateway just before
//! (FATE 20), the number is drawn last so that it is dated right, and nothing leaves before the
//! refund is durable (I2). Every refusal is one plain line, and nothing was sent.

use super::super::desk::reason_of;
use super::super::desk_calls::Reply;
use super::super::engine::Engine;
use super::super::numbers;
use super::super::service::{BalanceView, RefundOrder, Refundable, Said};
use super::read::Found;
use crate::domain::gateway::{RefundRow, Row, RowOutcome};
use crate::domain::refund::{Blocked, RefundChannel};
use crate::domain::{Bill, BillNo, Channel, Fen, Refund, RefundNo, Wallet};
use crate::gateway::beecloud::refund_params_hash;
use crate::payment::refund::balance::{Balance, alone_up_to, balance, second_manager};
use crate::payment::refund::{NewRefund, RefundCase};
use crate::vault::{Deed, may};
use secrecy::SecretString;

/// Where an order comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::till) enum By {
    /// The window: a manager is signed in.
    Window,
    /// `shouyin refund`: nobody is, the approver's PIN is all there is.
    Command,
}

/// An order whose PIN was right.
struct Wanted {
    bill_no: BillNo,
    fee: Fen,
    reason: String,
    by: By,
    /// Who is signed in; empty for a command.
    operator: String,
    approver: String,
    /// The approver's, of a command; the window's refunds are signed with that of the manager who
    /// is signed in when they are sent.
    master: Option<SecretString>,
}

/// What the gateway and the ledger say together.
pub(super) struct Standing {
    bill: Option<Bill>,
    here: Vec<Refund>,
    there: Vec<RefundRow>,
    row: Option<Row>,
    pub balance: Result<Balance, Blocked>,
}

impl Engine {
    /// F6: what was paid, what went back, and what is left.
    pub(in crate::till) fn refundable(
        &mut self,
        bill_no: BillNo,
        reply: Reply<Result<Refundable, Said>>,
    ) {
        let allowed = self.may_ask_refund();
        let allowed = allowed.and_then(|_| self.refunds_offered());
        if let Err(said) = allowed {
            let _ = reply.send(Err(said));
            return;
        }
        let asked = bill_no.clone();
        self.read_gateway(&asked, true, move |engine, found| {
            let _ = reply.send(engine.describe_refundable(bill_no, found));
        });
    }

    fn describe_refundable(
        &mut self,
        bill_no: BillNo,
        found: Option<Found>,
    ) -> Result<Refundable, Said> {
        self.may_ask_refund()?;
        let standing = self.standing(&bill_no, found, None)?;
        let now = self.clock.now();
        let ours = |row: &&RefundRow| {
            let is_it = |r: &Refund| r.refund_no.as_str() == row.refund_no;
            standing.here.iter().any(is_it)
        };
        let elsewhere = standing.there.iter().filter(|row| !ours(row));
        let balance = match &standing.balance {
            Ok(balance) => match standing.no_link() {
                Ok(()) => Ok(self.balance_view(balance, &standing)?),
                Err(said) => Err(said),
            },
            Err(blocked) => Err(Said::RefundBlocked(blocked.clone())),
        };
        Ok(Refundable {
            here: self.view(&bill_no).map(Box::new),
            wallet: standing.wallet(),
            channel: standing.channel(),
            created_ms: standing.created_ms(),
            balance,
            refunds: standing
                .here
                .iter()
                .map(|r| self.view_of_refund(r, &now))
                .collect(),
            elsewhere: elsewhere
                .map(|r| (r.refund_no.clone(), r.fee, r.state_name()))
                .collect(),
            bill_no,
        })
    }

    fn balance_view(&self, balance: &Balance, standing: &Standing) -> Result<BalanceView, Said> {
        let taken = self.refunded_in_shift()?;
        let (created, now) = (standing.created_ms(), self.clock.now().gateway_ms());
        let limits = &self.settings.refund;
        Ok(BalanceView {
            paid: balance.paid,
            refunded: balance.refunded,
            unfinished: balance.unfinished,
            refundable: balance.refundable,
            alone_up_to: alone_up_to(balance, taken, created, now, limits),
        })
    }

    /// Orders a refund. Answers when it is recorded and on its way, or refused with nothing sent.
    pub(in crate::till) fn order_refund(
        &mut self,
        order: RefundOrder,
        by: By,
        reply: Reply<Result<RefundNo, Said>>,
    ) {
        let wanted = match self.approved(order, by) {
            Ok(wanted) => wanted,
            Err(said) => {
                let _ = reply.send(Err(said));
                return;
            }
        };
        let bill_no = wanted.bill_no.clone();
        self.refunds.preparing.insert(bill_no.clone());
        let asked = bill_no.clone();
        self.read_gateway(&asked, true, move |engine, found| {
            engine.refunds.preparing.remove(&bill_no);
            let _ = reply.send(engine.place_refund(wanted, found));
        });
    }

    /// Who may, and whether it is whole; the PIN last, since checking it takes time on purpose.
    fn approved(&mut self, order: RefundOrder, by: By) -> Result<Wanted, Said> {
        let operator = match by {
            By::Window => self.allowed(Deed::Refund)?.id,
            By::Command => String::new(),
        };
        self.refunds_offered()?;
        let reason = reason_of(&order.reason).map_err(|_| Said::RefundIncomplete)?;
        if order.fee <= Fen::ZERO {
            return Err(Said::RefundIncomplete);
        }
        self.ledger_writes()?;
        self.none_in_flight(&order.bill_no)?;
        let approver = self.who_has_pin(&order.approver, &order.pin, "refund_refused")?;
        if !may(approver.staff.role, Deed::Refund) {
            return Err(Said::ManagerNeeded);
        }
        let master = approver.master.ok_or(Said::NoMasterSecret)?;
        Ok(Wanted {
            bill_no: order.bill_no,
            fee: order.fee,
            reason,
            by,
            operator,
            approver: approver.staff.id,
            master: Some(master).filter(|_| by == By::Command),
        })
    }

    pub(super) fn refunds_offered(&self) -> Result<(), Said> {
        if !self.gateway.can_refund() {
            return Err(Said::RefundsNotOffered);
        }
        match self.vault.has_master() {
            true => Ok(()),
            false => Err(Said::NoMasterSecret),
        }
    }

    /// One refund in flight a bill (I6), from the first key of its preparation on.
    pub(super) fn none_in_flight(&self, bill_no: &BillNo) -> Result<(), Said> {
        self.none_in_flight_but(bill_no, "")
    }

    /// The same beside the one that is decided about.
    pub(super) fn none_in_flight_but(&self, bill_no: &BillNo, but: &str) -> Result<(), Said> {
        let preparing = self.refunds.preparing.contains(bill_no);
        let preparing = preparing.then(|| Blocked::InFlight(bill_no.as_str().to_owned()));
        let under_way = || self.refunds.in_flight(bill_no, but).map(Refund::blocks);
        match preparing.or_else(under_way) {
            Some(blocked) => Err(Said::RefundBlocked(blocked)),
            None => Ok(()),
        }
    }

    /// The gateway has just said how everything stands: the last checks, the number, the record,
    /// the request.
    fn place_refund(&mut self, wanted: Wanted, found: Option<Found>) -> Result<RefundNo, Said> {
        if wanted.by == By::Window && self.allowed(Deed::Refund)?.id != wanted.operator {
            // Somebody else stands at the till by now.
            return Err(Said::Locked);
        }
        if wanted.master.is_none() && !self.refunds.can_sign() {
            return Err(Said::NoMasterSecret);
        }
        self.ledger_writes()?;
        self.none_in_flight(&wanted.bill_no)?;
        let host = found.as_ref().map(|f| f.host.clone());
        let standing = self.standing(&wanted.bill_no, found, None)?;
        let balance = standing.balance.clone().map_err(Said::RefundBlocked)?;
        standing.no_link()?;
        if wanted.fee > balance.refundable {
            return Err(Said::RefundTooMuch(balance.refundable));
        }
        let alone = wanted.by == By::Command || wanted.approver == wanted.operator;
        self.enough_managers(wanted.fee, alone, &balance, &standing)?;
        let channel = standing.refund_channel().ok_or_else(no_channel)?;
        let host = host.ok_or(Said::RefundBlocked(Blocked::NoAnswer))?;
        let new = NewRefund {
            refund_no: self.draw_refund_no()?,
            bill_no: wanted.bill_no.clone(),
            fee: wanted.fee,
            paid: balance.paid,
            channel,
            wallet: standing.wallet(),
            reason: wanted.reason.clone(),
            operator: wanted.operator.clone(),
            approver: wanted.approver.clone(),
            params_hash: String::new(),
            host,
        };
        self.start_refund(new, wanted)
    }

    /// Above a limit somebody else must agree; a command has nobody else.
    pub(super) fn enough_managers(
        &self,
        fee: Fen,
        alone: bool,
        balance: &Balance,
        standing: &Standing,
    ) -> Result<(), Said> {
        let taken = self.refunded_in_shift()?;
        let (created, now) = (standing.created_ms(), self.clock.now().gateway_ms());
        let limits = &self.settings.refund;
        let over = second_manager(fee, balance, taken, created, now, limits);
        match over {
            Some(over) if alone => Err(Said::SecondManager(over)),
            _ => Ok(()),
        }
    }

    /// Durable before a byte leaves. Where it can't be written nothing is sent.
    fn start_refund(&mut self, mut new: NewRefund, wanted: Wanted) -> Result<RefundNo, Said> {
        let now = self.clock.now();
        let refund_no = new.refund_no.clone();
        let request = self.new_refund_request(&new);
        let invalid = |e: crate::gateway::Invalid| Said::Refused(e.to_string());
        self.gateway.check_refund(&request).map_err(invalid)?;
        new.params_hash = refund_params_hash(&request);
        let (case, actions) = RefundCase::start(new, &now, &self.policy);
        self.begin_refund(case, actions, wanted.master)?;
        Ok(refund_no)
    }

    pub(super) fn draw_refund_no(&mut self) -> Result<RefundNo, Said> {
        let serial = self.ledger.next_serial(self.clock.now().wall_ms);
        self.judge_write(&serial);
        let serial = serial.map_err(|e| Said::LedgerDown(e.to_string()))?;
        let till = &self.settings.shop.till;
        numbers::refund_no(self.clock.now().gateway_ms(), till, serial)
            .ok_or_else(|| Said::Text("系统给不出随机数，不能退款".to_owned()))
    }

    /// `but`: a refund that is decided about, and so not in its own way.
    pub(super) fn standing(
        &self,
        bill_no: &BillNo,
        mut found: Option<Found>,
        but: Option<&str>,
    ) -> Result<Standing, Said> {
        let bill = match self.cases.get(bill_no) {
            Some(held) => Some(held.case.bill.clone()),
            None => {
                let bill = self.ledger.bill(bill_no);
                bill.map_err(|e| Said::LedgerDown(e.to_string()))?
            }
        };
        let mut here = self.refunds_now(bill_no)?;
        here.retain(|refund| Some(refund.refund_no.as_str()) != but);
        if let Some(found) = &mut found {
            found
                .refunds
                .retain(|row| Some(row.refund_no.as_str()) != but);
        }
        let Some(found) = found else {
            return Ok(Standing {
                bill,
                here,
                there: Vec::new(),
                row: None,
                balance: Err(Blocked::NoAnswer),
            });
        };
        let once_only = self.settings.refund.once_only;
        let balance = balance(bill.as_ref(), &found.row, &here, &found.refunds, once_only);
        let row = match found.row {
            RowOutcome::Row(row) => Some(row),
            _ => None,
        };
        Ok(Standing {
            bill,
            here,
            there: found.refunds,
            row,
            balance,
        })
    }

    /// What this shift's refunds took together; without an open shift, the next one's; 0 is where
    /// they are before there was any.
    fn refunded_in_shift(&self) -> Result<Fen, Said> {
        let books = self.ledger.books();
        let no = match books.open_shift() {
            Ok(Some(shift)) => Ok(shift.no),
            Ok(None) => books
                .shifts(1)
                .map(|s| s.first().map_or(0, |last| last.no.saturating_add(1))),
            Err(error) => Err(error),
        };
        no.and_then(|no| books.refunded_in_shift(no))
            .map_err(|e| Said::LedgerDown(e.to_string()))
    }
}

impl Standing {
    /// The channel that the money came by, as far as known.
    fn channel(&self) -> Option<Channel> {
        let answered = self.bill.as_ref().and_then(Bill::query_channel);
        let row = self.row.as_ref().and_then(|r| r.sub_channel);
        answered
            .or(row)
            .or_else(|| self.bill.as_ref().map(|b| b.channel))
    }

    /// The offline refund knows no channel that is a pay link alone, and the online one may want
    /// the merchant's password on a page of the wallet's (004 §3).
    fn no_link(&self) -> Result<(), Said> {
        match self.channel().is_some_and(Channel::is_link) {
            true => Err(Said::LinkRefund),
            false => Ok(()),
        }
    }

    pub fn wallet(&self) -> Option<Wallet> {
        self.channel().and_then(Channel::wallet)
    }

    pub fn refund_channel(&self) -> Option<RefundChannel> {
        let known = self.channel().and_then(refund_channel);
        known.or_else(|| self.there.iter().find_map(|r| r.channel))
    }

    fn created_ms(&self) -> Option<i64> {
        let here = self.bill.as_ref().map(|b| b.sent.wall_ms);
        here.or_else(|| self.row.as_ref().and_then(|r| r.create_time_ms))
    }
}

/// PROTOCOL: channels at a counter. `None` for SCAN, as long as nothing says what it was.
fn refund_channel(channel: Channel) -> Option<RefundChannel> {
    match channel.wallet() {
        _ if channel.is_bc() => Some(RefundChannel::Bc),
        Some(Wallet::Alipay) => Some(RefundChannel::Ali),
        Some(Wallet::Wechat) => Some(RefundChannel::Wx),
        None => None,
    }
}

pub(super) fn no_channel() -> Said {
    let line = "网关没有说这张账单走的是哪个渠道，这里退不了：请到网关的商户后台退款";
    Said::Text(line.to_owned())
}
