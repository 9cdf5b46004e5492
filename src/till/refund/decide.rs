//! A manager's word about pre-refunds, one or many: PIN and reason once, everything asked of the
//! gateway just before (FATE 20), each word recorded before it is sent (I2). What was asked for
//! here goes on as every refund does; what was made elsewhere gets its word by `approve`, all of one
//! channel in one request.

use super::super::desk::reason_of;
use super::super::desk_calls::Reply;
use super::super::engine::Engine;
use super::super::service::{DecideOrder, Decided, Request, Said};
use super::order::Standing;
use super::read::Found;
use crate::domain::gateway::PreRefundRow;
use crate::domain::refund::{Blocked, ManagersWord, PreRefund, PreRefundId, RefundChannel};
use crate::domain::{BillNo, Fen, Host, Refund, RefundNo, Wallet};
use crate::gateway::beecloud::refund_params_hash;
use crate::ledger::Entry;
use crate::payment::refund::{Action, Decision, Event, NewRefund, RefundCase, step};
use crate::vault::{Deed, may};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// One of an order's requests, on its way.
struct Item {
    request: Request,
    bill_no: Option<BillNo>,
    /// The gateway must be asked first: money goes back, or it must hear a no.
    asks: bool,
    /// What the gateway said; `None` where it was not asked, or gave no usable answer.
    found: Option<Found>,
    refused: Option<Said>,
}

/// Where the answer of an order goes.
type DecidedReply = Reply<Result<Vec<Decided>, Said>>;

/// An order while the gateway is asked about each bill of it.
struct Deciding {
    word: ManagersWord,
    items: Mutex<Vec<Item>>,
    left: AtomicUsize,
    reply: Mutex<Option<DecidedReply>>,
}

impl Engine {
    /// Answers when every word is recorded and on its way, or refused with nothing sent.
    pub(in crate::till) fn decide_refunds(&mut self, order: DecideOrder, reply: DecidedReply) {
        let word = match self.word_of(&order) {
            Ok(word) => word,
            Err(said) => {
                let _ = reply.send(Err(said));
                return;
            }
        };
        let requests = order.requests.into_iter();
        let items: Vec<Item> = requests.map(|r| self.item_of(r, word.agree)).collect();
        let asks: Vec<(usize, BillNo)> = items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.refused.is_none() && item.asks)
            .filter_map(|(at, item)| Some((at, item.bill_no.clone()?)))
            .collect();
        let deciding = Arc::new(Deciding {
            word,
            items: Mutex::new(items),
            left: AtomicUsize::new(asks.len()),
            reply: Mutex::new(Some(reply)),
        });
        if asks.is_empty() {
            return self.decide_all(&deciding);
        }
        for (at, bill_no) in asks {
            let deciding = Arc::clone(&deciding);
            self.read_gateway(&bill_no, true, move |engine, found| {
                let mut items = deciding
                    .items
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                if let Some(item) = items.get_mut(at) {
                    item.found = found;
                }
                drop(items);
                if deciding.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    engine.decide_all(&deciding);
                }
            });
        }
    }

    /// Who decides, and why; the PIN last, since checking it takes time on purpose.
    fn word_of(&mut self, order: &DecideOrder) -> Result<ManagersWord, Said> {
        let signed_in = self.allowed(Deed::Refund)?.id;
        self.refunds_offered()?;
        let reason = reason_of(&order.reason)?;
        if order.requests.is_empty() || order.requests.len() > DecideOrder::MOST {
            return Err(Said::RefundIncomplete);
        }
        self.ledger_writes()?;
        let approver = self.who_has_pin(&order.approver, &order.pin, "refund_refused")?;
        if !may(approver.staff.role, Deed::Refund) {
            return Err(Said::ManagerNeeded);
        }
        if approver.master.is_none() || !self.refunds.can_sign() {
            return Err(Said::NoMasterSecret);
        }
        Ok(ManagersWord {
            agree: order.agree,
            by: approver.staff.id,
            signed_in,
            reason,
            at_ms: self.clock.now().wall_ms,
        })
    }

    fn item_of(&mut self, request: Request, agree: bool) -> Item {
        let bill_no = match &request {
            Request::Here(no) => self.bill_of_request(no),
            Request::There(row) => match BillNo::parse(&row.row.bill_no) {
                Some(bill_no) if RefundNo::parse(&row.row.refund_no).is_some() => Ok(bill_no),
                _ => Err(Said::PreRefundNumbers),
            },
        };
        let (bill_no, refused) = match bill_no {
            Ok(bill_no) => (Some(bill_no), None),
            Err(said) => (None, Some(said)),
        };
        let mut item = Item {
            // A cashier's request that is denied concerns nobody else.
            asks: agree || self.is_there(&request),
            request,
            bill_no,
            found: None,
            refused,
        };
        if item.refused.is_none() && item.asks {
            item.refused = self.prepare(&item).err();
        }
        item
    }

    /// The gateway has it already.
    fn is_there(&self, request: &Request) -> bool {
        match request {
            Request::There(_) => true,
            Request::Here(no) => {
                let held = self.refunds.held.get(no);
                held.is_some_and(|h| h.case.refund.there().is_some())
            }
        }
    }

    /// One at a time of each bill (FATE 20), from here on.
    fn prepare(&mut self, item: &Item) -> Result<(), Said> {
        let Some(bill_no) = &item.bill_no else {
            return Ok(());
        };
        self.none_in_flight_but(bill_no, item.request.number())?;
        self.refunds.preparing.insert(bill_no.clone());
        Ok(())
    }

    fn bill_of_request(&mut self, no: &RefundNo) -> Result<BillNo, Said> {
        self.fetch_refund(no)?;
        let held = self.refunds.held.get(no).ok_or(Said::PreRefundGone)?;
        Ok(held.case.refund.bill_no.clone())
    }

    /// Everything is known: each word in its turn, so that a limit counts what went before it; then
    /// the words for the gateway, together.
    fn decide_all(&mut self, deciding: &Deciding) {
        let mut items = deciding
            .items
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let items = std::mem::take(&mut *items);
        let mut decided = Vec::with_capacity(items.len());
        for item in &items {
            if item.refused.is_none()
                && item.asks
                && let Some(bill_no) = &item.bill_no
            {
                self.refunds.preparing.remove(bill_no);
            }
        }
        for item in items {
            let number = item.request.number().to_owned();
            let result = self.decide_one(item, &deciding.word);
            decided.push(Decided { number, result });
        }
        self.send_words();
        self.let_go_refunds();
        let mut reply = deciding
            .reply
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = reply.take() {
            let _ = reply.send(Ok(decided));
        }
    }

    fn decide_one(&mut self, item: Item, word: &ManagersWord) -> Result<RefundNo, Said> {
        if let Some(said) = item.refused {
            return Err(said);
        }
        if self.allowed(Deed::Refund)?.id != word.signed_in || !self.refunds.can_sign() {
            // Somebody else stands at the till by now.
            return Err(Said::Locked);
        }
        self.ledger_writes()?;
        match item.request {
            Request::Here(no) => self.decide_here(&no, word, item.found),
            Request::There(row) => self.decide_there(&row, word, item.found),
        }
    }

    /// One that this ledger holds: a cashier's request, or one made elsewhere that had a word
    /// before.
    fn decide_here(
        &mut self,
        no: &RefundNo,
        word: &ManagersWord,
        found: Option<Found>,
    ) -> Result<RefundNo, Said> {
        self.fetch_refund(no)?;
        let now = self.clock.now();
        let held = self.refunds.held.get(no).ok_or(Said::PreRefundGone)?;
        if !held.case.takes_word(word.agree, &now) {
            return Err(Said::PreRefundGone);
        }
        let refund = held.case.refund.clone();
        if !word.agree && refund.there().is_none() {
            let (host, paid) = (refund.host.clone(), refund.paid);
            return self.give_word(&refund, word, host, paid);
        }
        let renew = held.case.must_be_renewed(&now);
        if let Some(found) = found.as_ref().filter(|_| refund.there().is_some()) {
            still_waits(found, &refund)?;
        }
        let host = host_of(found.as_ref())?;
        let paid = self.check_word(&refund, word, found)?;
        match renew {
            true => self.renew(&refund, word, host, paid),
            false => self.give_word(&refund, word, host, paid),
        }
    }

    /// One that the gateway listed.
    fn decide_there(
        &mut self,
        row: &PreRefundRow,
        word: &ManagersWord,
        found: Option<Found>,
    ) -> Result<RefundNo, Said> {
        let refund_no = RefundNo::parse(&row.row.refund_no).ok_or(Said::PreRefundNumbers)?;
        if self.fetch_refund(&refund_no)? {
            let held = self.refunds.held.get(&refund_no);
            let known = held.and_then(|h| h.case.refund.there());
            return match known.is_some_and(|id| id.id == row.id) {
                true => self.decide_here(&refund_no, word, found),
                false => Err(Said::PreRefundGone),
            };
        }
        let bill_no = BillNo::parse(&row.row.bill_no).ok_or(Said::PreRefundNumbers)?;
        let now = self.clock.now();
        let mut new = NewRefund {
            refund_no: refund_no.clone(),
            bill_no,
            fee: row.row.fee,
            paid: row.row.fee,
            // What is none of ours is proven by its row, as BC is.
            channel: RefundChannel::parse(&row.channel).unwrap_or(RefundChannel::Bc),
            wallet: None,
            reason: word.reason.clone(),
            operator: word.signed_in.clone(),
            approver: word.by.clone(),
            params_hash: String::new(),
            host: host_of(found.as_ref())?,
        };
        let pre = PreRefund {
            by: String::new(),
            at_ms: row.row.create_time_ms.unwrap_or(now.wall_ms),
            there: Some(PreRefundId {
                id: row.id.clone(),
                channel: row.channel.clone(),
            }),
            word: Some(word.clone()),
            page: None,
        };
        let asked = RefundCase::with_word(new.clone(), pre.clone(), &now)
            .0
            .refund;
        if let Some(found) = &found {
            still_waits(found, &asked)?;
        }
        new.wallet = self.wallet_of(&asked, found.as_ref());
        new.paid = self.check_word(&asked, word, found)?;
        new.params_hash = refund_params_hash(&self.new_refund_request(&new));
        let (case, actions) = RefundCase::with_word(new, pre, &now);
        self.begin_refund(case, actions, None)?;
        Ok(refund_no)
    }

    fn wallet_of(&self, refund: &Refund, found: Option<&Found>) -> Option<Wallet> {
        let but = Some(refund.refund_no.as_str());
        let standing = self.standing(&refund.bill_no, found.cloned(), but);
        standing.ok().and_then(|s| s.wallet())
    }

    /// I6 and the limits, by what the gateway has just said. What the bill was paid.
    fn check_word(
        &mut self,
        refund: &Refund,
        word: &ManagersWord,
        found: Option<Found>,
    ) -> Result<Fen, Said> {
        if !word.agree {
            return Ok(refund.paid);
        }
        let but = Some(refund.refund_no.as_str());
        let standing: Standing = self.standing(&refund.bill_no, found, but)?;
        let balance = standing.balance.clone().map_err(Said::RefundBlocked)?;
        if refund.fee > balance.refundable {
            return Err(Said::RefundTooMuch(balance.refundable));
        }
        let alone = word.by == word.signed_in;
        self.enough_managers(refund.fee, alone, &balance, &standing)?;
        Ok(balance.paid)
    }

    /// The word, recorded and (where the gateway must hear it) on its way.
    fn give_word(
        &mut self,
        refund: &Refund,
        word: &ManagersWord,
        host: Host,
        paid: Fen,
    ) -> Result<RefundNo, Said> {
        let no = &refund.refund_no;
        let mut asked = refund.clone();
        asked.approver.clone_from(&word.by);
        let params_hash = refund_params_hash(&self.refund_request(&asked));
        let decision = Decision {
            word: word.clone(),
            host,
            paid,
            params_hash,
        };
        self.step_refund(no, Event::Decided(Box::new(decision)));
        match &self.ledger_down {
            // Not recorded, so not sent.
            Some(why) if self.refund_is_unwritten(no) => Err(Said::LedgerDown(why.clone())),
            _ => Ok(no.clone()),
        }
    }

    /// FATE 20, 21: the day of its number is over and nothing was sent by it. The old number ends
    /// and the new one begins in one transaction.
    fn renew(
        &mut self,
        refund: &Refund,
        word: &ManagersWord,
        host: Host,
        paid: Fen,
    ) -> Result<RefundNo, Said> {
        let refund_no = self.draw_refund_no()?;
        let mut new = NewRefund {
            refund_no: refund_no.clone(),
            bill_no: refund.bill_no.clone(),
            fee: refund.fee,
            paid,
            channel: refund.channel,
            wallet: refund.wallet,
            reason: refund.reason.clone(),
            operator: refund.operator.clone(),
            approver: word.by.clone(),
            params_hash: String::new(),
            host,
        };
        new.params_hash = refund_params_hash(&self.new_refund_request(&new));
        let pre = refund.pre.clone().map(|pre| PreRefund {
            word: Some(word.clone()),
            ..pre
        });
        let pre = pre.ok_or(Said::PreRefundGone)?;
        let held = self.refunds.held.get(&refund.refund_no);
        let old = held.map(|h| h.case.clone()).ok_or(Said::PreRefundGone)?;
        let now = self.clock.now();
        let renewed = Event::Renewed {
            by: refund_no.clone(),
        };
        let (old, ended) = step(old, renewed, true, &now, &self.policy);
        let (case, begun) = RefundCase::with_word(new, pre, &now);
        self.write_renewal(&ended, &begun)?;
        self.refunds.ended_as(old, &now);
        self.refunds.hold(case);
        let rest = begun.into_iter().skip(1).collect();
        self.execute_refund(&refund_no, rest);
        Ok(refund_no)
    }

    fn write_renewal(&mut self, ended: &[Action], begun: &[Action]) -> Result<(), Said> {
        let records: Vec<Entry<'_>> = [ended.first(), begun.first()]
            .into_iter()
            .flatten()
            .filter_map(|action| match action {
                Action::Record {
                    what,
                    detail,
                    refund,
                } => Some(Entry::Refund(*what, detail.as_deref(), refund)),
                _ => None,
            })
            .collect();
        self.stale = true;
        let written = self.write_in_shift(&records);
        self.judge_write(&written);
        written.map_err(|e| Said::LedgerDown(e.to_string()))
    }
}

/// A look at `/refunds` just before the word: still this bill, this fee, and unfinished.
fn still_waits(found: &Found, refund: &Refund) -> Result<(), Said> {
    let ours = found.refunds.iter().find(|row| {
        let same = row.refund_no == refund.refund_no.as_str();
        same && row.bill_no == refund.bill_no.as_str() && row.fee == refund.fee
    });
    match ours {
        Some(row) if !row.finish => Ok(()),
        _ => Err(Said::PreRefundGone),
    }
}

fn host_of(found: Option<&Found>) -> Result<Host, Said> {
    let host = found.map(|found| found.host.clone());
    host.ok_or(Said::RefundBlocked(Blocked::NoAnswer))
}
