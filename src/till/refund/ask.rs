//! A cashier asks for a refund (`[refund] need_approval`): checked at the gateway as every refund
//! is, recorded, and not sent. Only a manager's word moves it.

use super::super::desk::reason_of;
use super::super::desk_calls::Reply;
use super::super::engine::Engine;
use super::super::service::{RefundAsk, Said};
use super::read::Found;
use crate::domain::refund::{Blocked, PreRefund};
use crate::domain::staff::Staff;
use crate::domain::{Fen, RefundNo};
use crate::gateway::beecloud::refund_params_hash;
use crate::payment::refund::{Action, NewRefund, RefundCase};
use crate::vault::Deed;
use secrecy::SecretString;

impl Engine {
    /// Who may open the refund's form: a manager, and a cashier where the shop lets them ask.
    pub(super) fn may_ask_refund(&self) -> Result<Staff, Said> {
        match self.settings.refund.need_approval {
            true => self.allowed(Deed::RequestRefund),
            false => self.allowed(Deed::Refund),
        }
    }

    /// Answers when the request is recorded, or refused.
    pub(in crate::till) fn request_refund(
        &mut self,
        ask: RefundAsk,
        reply: Reply<Result<RefundNo, Said>>,
    ) {
        let asked = self.check_request(ask);
        let (ask, operator) = match asked {
            Ok(asked) => asked,
            Err(said) => {
                let _ = reply.send(Err(said));
                return;
            }
        };
        let bill_no = ask.bill_no.clone();
        self.refunds.preparing.insert(bill_no.clone());
        let of = bill_no.clone();
        self.read_gateway(&of, true, move |engine, found| {
            engine.refunds.preparing.remove(&bill_no);
            let _ = reply.send(engine.place_request(ask, operator, found));
        });
    }

    fn check_request(&mut self, ask: RefundAsk) -> Result<(RefundAsk, String), Said> {
        let operator = self.allowed(Deed::RequestRefund)?.id;
        if !self.settings.refund.need_approval {
            return Err(Said::NotAllowed);
        }
        self.refunds_offered()?;
        let reason = reason_of(&ask.reason).map_err(|_| Said::RefundIncomplete)?;
        if ask.fee <= Fen::ZERO {
            return Err(Said::RefundIncomplete);
        }
        self.ledger_writes()?;
        self.none_in_flight(&ask.bill_no)?;
        Ok((RefundAsk { reason, ..ask }, operator))
    }

    fn place_request(
        &mut self,
        ask: RefundAsk,
        operator: String,
        found: Option<Found>,
    ) -> Result<RefundNo, Said> {
        if self.may_ask_refund()?.id != operator {
            // Somebody else stands at the till by now.
            return Err(Said::Locked);
        }
        self.ledger_writes()?;
        self.none_in_flight(&ask.bill_no)?;
        let host = found.as_ref().map(|f| f.host.clone());
        let standing = self.standing(&ask.bill_no, found, None)?;
        let balance = standing.balance.clone().map_err(Said::RefundBlocked)?;
        if ask.fee > balance.refundable {
            return Err(Said::RefundTooMuch(balance.refundable));
        }
        let channel = standing.refund_channel().ok_or_else(super::no_channel)?;
        let mut new = NewRefund {
            refund_no: self.draw_refund_no()?,
            bill_no: ask.bill_no,
            fee: ask.fee,
            paid: balance.paid,
            channel,
            wallet: standing.wallet(),
            reason: ask.reason,
            operator: operator.clone(),
            approver: String::new(),
            params_hash: String::new(),
            host: host.ok_or(Said::RefundBlocked(Blocked::NoAnswer))?,
        };
        let request = self.new_refund_request(&new);
        let invalid = |e: crate::gateway::Invalid| Said::Refused(e.to_string());
        self.gateway.check_refund(&request).map_err(invalid)?;
        new.params_hash = refund_params_hash(&request);
        let now = self.clock.now();
        let pre = PreRefund {
            by: operator,
            at_ms: now.wall_ms,
            there: None,
            word: None,
            page: None,
        };
        let refund_no = new.refund_no.clone();
        let (case, actions) = RefundCase::request(new, pre, &now);
        self.begin_refund(case, actions, None)?;
        Ok(refund_no)
    }

    /// A refund whose first record is written, or which does not begin: the record comes first
    /// among its actions, and the rest is executed after it.
    pub(super) fn begin_refund(
        &mut self,
        case: RefundCase,
        actions: Vec<Action>,
        master: Option<SecretString>,
    ) -> Result<(), Said> {
        let refund_no = case.refund.refund_no.clone();
        let mut actions = actions.into_iter();
        if let Some(Action::Record {
            what,
            detail,
            refund,
        }) = actions.next()
        {
            let written = self.write_refund(what, detail.as_deref(), &refund);
            written.map_err(|e| Said::LedgerDown(e.to_string()))?;
        }
        self.refunds.hold(case);
        if let Some(master) = master {
            self.refunds.entrust(&refund_no, master);
        }
        self.execute_refund(&refund_no, actions.collect());
        Ok(())
    }
}
