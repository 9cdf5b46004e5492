//! Starting payments: a scan, a QR, the next attempt of a sale, the same-amount question. Nothing
//! here sends anything before the bill is durable; every refusal is one plain line.

use super::engine::{Asked, Engine, OnStage};
use super::numbers;
use super::order::{How, PayOrder, PayRefused};
use super::service::{Said, ScanText};
use crate::domain::auth_code::{CodeError, CodeKind};
use crate::domain::bill::Qr;
use crate::domain::config::{Provider, title_for};
use crate::domain::gateway::{LinkFields, PayRequest};
use crate::domain::{AuthCode, Bill, BillNo, Channel, Fen, SaleId, State, Wallet};
use crate::gateway::beecloud::params_hash;
use crate::payment::{Case, NewBill, sale};

/// FATE 6: the same code within this long is a bounce of the scanner.
const BOUNCE_MS: i64 = 3_000;
/// COUNTER: a scanned code is held for the same-amount question this long at most.
const HOLD_CODE_MS: i64 = 30_000;

/// How a new attempt is paid.
pub(super) enum Pay {
    Code(AuthCode),
    Show(Show),
}

/// What is shown to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// A wallet's QR.
    Wallet(Wallet),
    /// A pay link of this channel.
    Link(Channel),
}

/// A new attempt, all questions answered.
struct Attempt {
    amount: Fen,
    note: String,
    sale: SaleId,
    another_by: Option<String>,
}

impl Engine {
    /// A scan with what the client has typed.
    pub(super) fn scan(&mut self, text: &ScanText, amount: Option<Fen>, note: String) {
        if let Err(said) = self.try_scan(text, amount, note) {
            self.say(said);
        }
    }

    fn try_scan(&mut self, text: &ScanText, amount: Option<Fen>, note: String) -> Result<(), Said> {
        self.may_charge()?;
        if self.stage_is_open() {
            return Err(Said::StageBusy);
        }
        self.codes_offered()?;
        let code = parse_code(text)?;
        let hash = self.check_code(&code)?;
        self.charge(Pay::Code(code), amount, note)?;
        self.last_code = Some((hash, self.clock.now().mono_ms));
        self.renew_practice_code(text);
        Ok(())
    }

    /// F2, F3, or a pay link.
    pub(super) fn show(&mut self, show: Show, amount: Option<Fen>, note: String) {
        if let Err(said) = self.try_show(show, amount, note) {
            self.say(said);
        }
    }

    fn try_show(&mut self, show: Show, amount: Option<Fen>, note: String) -> Result<(), Said> {
        self.may_charge()?;
        if let Some(bill) = self.staged_bill() {
            // The same key on the same sale shows the live QR again (FATE 17).
            let same = match show {
                Show::Wallet(wallet) => bill.wallet() == Some(wallet) && !bill.link,
                Show::Link(channel) => bill.channel == channel && bill.link,
            };
            let shown = same && bill.qr.was_shown();
            if shown && amount.is_none() && self.keeps_showing(&bill.bill_no.clone()) {
                return Ok(());
            }
        }
        if self.stage_is_open() {
            return Err(Said::StageBusy);
        }
        self.channel_of(show)?;
        self.charge(Pay::Show(show), amount, note)
    }

    /// The channel that shows it, where this merchant has one.
    fn channel_of(&self, show: Show) -> Result<Channel, Said> {
        match show {
            Show::Wallet(wallet) => {
                let channel = self.settings.qr_channel(wallet);
                channel.ok_or(Said::NoQrChannel(wallet))
            }
            Show::Link(channel) => {
                let has = self.settings.gateway.links.contains(&channel);
                has.then_some(channel).ok_or(Said::NoLinkChannel(channel))
            }
        }
    }

    /// The provider takes payment codes.
    fn codes_offered(&self) -> Result<(), Said> {
        match self.settings.gateway.provider {
            Provider::Jubao => Err(Said::CodesNotOffered),
            Provider::Beecloud | Provider::Juhepay => Ok(()),
        }
    }

    /// Someone is signed in and the ledger takes writes.
    fn may_charge(&self) -> Result<(), Said> {
        if self.signed_in.is_none() {
            return Err(Said::Locked);
        }
        self.ledger_writes()
    }

    pub(super) fn ledger_writes(&self) -> Result<(), Said> {
        match (&self.ledger_down, self.write_again) {
            (Some(why), Some(_)) => Err(Said::LedgerDown(why.clone())),
            _ => Ok(()),
        }
    }

    /// FATE 6, and the prefix must fit a channel of this merchant. Gives the code's hash.
    fn check_code(&mut self, code: &AuthCode) -> Result<String, Said> {
        let now = self.clock.now();
        let hash = self.vault.code_hash(code);
        if let Some((last, at)) = &self.last_code
            && *last == hash
            && now.mono_ms - at < BOUNCE_MS
        {
            return Err(Said::Bounce);
        }
        if code.kind() == CodeKind::UnionPay {
            return Err(Said::UnionPay);
        }
        if self.settings.channel_for(code).is_none() {
            return Err(Said::NoChannelForCode);
        }
        self.code_is_fresh(&hash)?;
        Ok(hash)
    }

    /// A code whose bill is open, paid, reverted or expired is never sent again.
    fn code_is_fresh(&self, hash: &str) -> Result<(), Said> {
        let held = self.cases.values().map(|h| &h.case.bill);
        let open = held.filter(|b| b.code_hash.as_deref() == Some(hash));
        if let Some(bill) = open.into_iter().find(|b| !sale::code_may_return(b)) {
            return Err(Said::CodeUsed(bill.bill_no.clone()));
        }
        let before = self
            .ledger
            .by_code(hash)
            .map_err(|e| Said::LedgerDown(e.to_string()))?;
        match before.iter().find(|b| !sale::code_may_return(b)) {
            Some(bill) => Err(Said::CodeUsed(bill.bill_no.clone())),
            None => Ok(()),
        }
    }

    fn charge(&mut self, pay: Pay, amount: Option<Fen>, note: String) -> Result<(), Said> {
        let attempt = match amount {
            Some(amount) => self.new_sale(amount, note)?,
            None => self.this_sale(note)?,
        };
        self.asked = None;
        if let Some(open) = self.same_amount(&attempt) {
            self.ask_same_amount(open, pay, attempt);
            return Ok(());
        }
        self.start_attempt(pay, attempt).map(|bill_no| {
            self.stage = OnStage::Bill(bill_no);
        })
    }

    /// The amount is typed: a new sale, or the one whose amount was confirmed.
    fn new_sale(&self, amount: Fen, note: String) -> Result<Attempt, Said> {
        self.check_amount(amount)?;
        if let OnStage::Amount {
            amount: confirmed,
            sale,
            another_by,
        } = &self.stage
            && *confirmed == amount
        {
            let (sale, another_by) = (sale.clone(), another_by.clone());
            return Ok(Attempt {
                amount,
                note,
                sale,
                another_by,
            });
        }
        Ok(Attempt {
            amount,
            note,
            sale: self.draw_sale()?,
            another_by: None,
        })
    }

    /// Nothing is typed: the sale on the stage gets its next attempt (FATE 18), or an amount is
    /// missing.
    fn this_sale(&self, note: String) -> Result<Attempt, Said> {
        match &self.stage {
            OnStage::Amount {
                amount,
                sale,
                another_by,
            } => Ok(Attempt {
                amount: *amount,
                note,
                sale: sale.clone(),
                another_by: another_by.clone(),
            }),
            OnStage::Bill(bill_no) => {
                let held = self.cases.get(bill_no).ok_or(Said::AmountMissing)?;
                let bill = &held.case.bill;
                let failed = matches!(bill.state, State::Refused | State::NotSent);
                if !failed && !self.may_retry_stage() {
                    return Err(Said::AmountMissing);
                }
                let note = if note.is_empty() {
                    bill.note.clone()
                } else {
                    note
                };
                Ok(Attempt {
                    amount: bill.amount,
                    note,
                    sale: bill.sale.clone(),
                    another_by: bill.another_by.clone(),
                })
            }
            OnStage::Idle => Err(Said::AmountMissing),
        }
    }

    /// The sale on the stage may have its next attempt: it failed, its QR was never drawn, or a
    /// manager released it (FATE 17, 18).
    pub(super) fn may_retry_stage(&self) -> bool {
        self.staged_bill().is_some_and(|bill| {
            let failed = matches!(bill.state, State::Refused | State::NotSent);
            let wanted = failed || is_undrawn(bill) || bill.release.is_some();
            wanted && self.sale_is_free(&bill.sale).is_ok()
        })
    }

    pub(super) fn check_amount(&self, amount: Fen) -> Result<(), Said> {
        let max = self.settings.payment.max_amount;
        if amount > max {
            return Err(Said::AmountTooLarge(max));
        }
        if amount <= Fen::ZERO {
            return Err(Said::AmountMissing);
        }
        Ok(())
    }

    fn draw_sale(&self) -> Result<SaleId, Said> {
        numbers::sale_id(self.clock.now().gateway_ms(), &self.settings.shop.till)
            .ok_or_else(|| Said::Text("系统给不出随机数，不能收款".to_owned()))
    }

    /// A bill of the same amount without a result, that nobody has spoken about yet.
    fn same_amount(&self, attempt: &Attempt) -> Option<BillNo> {
        if attempt.another_by.is_some() {
            return None;
        }
        self.open_with(attempt.amount, &attempt.sale)
    }

    pub(super) fn open_with(&self, amount: Fen, sale: &SaleId) -> Option<BillNo> {
        self.cases
            .values()
            .map(|h| &h.case.bill)
            .find(|b| b.amount == amount && b.sale != *sale && sale::asks_about(b))
            .map(|b| b.bill_no.clone())
    }

    fn ask_same_amount(&mut self, open: BillNo, pay: Pay, attempt: Attempt) {
        let until = self.clock.now().mono_ms + HOLD_CODE_MS;
        let Attempt {
            amount, note, sale, ..
        } = attempt;
        let (held, show) = match pay {
            Pay::Code(code) => (Some((code, until)), None),
            Pay::Show(show) => (None, Some(show)),
        };
        self.asked = Some(Asked {
            open,
            amount,
            note,
            sale,
            held,
            show,
        });
    }

    /// 1 or 2.
    pub(super) fn answer_question(&mut self, another: bool) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        let who = self
            .signed_in
            .as_ref()
            .map_or_else(String::new, |s| s.id.clone());
        let now = self.clock.now();
        let word = if another { "another" } else { "same" };
        let detail = serde_json::json!({ "open": asked.open, "answer": word, "by": who });
        if let Err(error) = self.note("same_amount_answered", &detail.to_string()) {
            self.say(Said::LedgerDown(error.to_string()));
            self.asked = Some(asked);
            return;
        }
        if !another {
            self.open(&asked.open);
            self.go_on_with_released(asked, now.mono_ms);
            return;
        }
        let attempt = Attempt {
            amount: asked.amount,
            note: asked.note,
            sale: asked.sale,
            another_by: Some(who),
        };
        let pay = match (asked.held, asked.show) {
            (Some((code, until)), _) if now.mono_ms < until => Pay::Code(code),
            (_, Some(show)) => Pay::Show(show),
            _ => {
                let Attempt {
                    amount,
                    sale,
                    another_by,
                    ..
                } = attempt;
                self.stage = OnStage::Amount {
                    amount,
                    sale,
                    another_by,
                };
                return;
            }
        };
        match self.start_attempt(pay, attempt) {
            Ok(bill_no) => self.stage = OnStage::Bill(bill_no),
            Err(said) => self.say(said),
        }
    }

    /// The same customer, and a manager released the lock: what was scanned or pressed is the next
    /// attempt of that sale.
    fn go_on_with_released(&mut self, asked: Asked, mono_ms: i64) {
        let pay = match (asked.held, asked.show) {
            (Some((code, until)), _) if mono_ms < until => Pay::Code(code),
            (_, Some(show)) => Pay::Show(show),
            _ => return,
        };
        if !self.may_retry_stage() {
            return;
        }
        if let Err(said) = self.charge(pay, None, asked.note) {
            self.say(said);
        }
    }

    /// I1: every earlier attempt is terminal and unpaid, or was never shown, or was released.
    fn sale_is_free(&self, sale: &SaleId) -> Result<(), Said> {
        let written = self
            .ledger
            .sale(sale)
            .map_err(|e| Said::LedgerDown(e.to_string()))?;
        let attempts: Vec<Bill> = written.iter().map(|b| self.newest(b)).collect();
        sale::may_attempt(&attempts).map_err(|locked| Said::SaleLocked(locked.by))
    }

    fn start_attempt(&mut self, pay: Pay, attempt: Attempt) -> Result<BillNo, Said> {
        self.ledger_writes()?;
        self.sale_is_free(&attempt.sale)?;
        let now = self.clock.now();
        let link = matches!(pay, Pay::Show(Show::Link(_)));
        let (channel, code) = match pay {
            Pay::Code(code) => {
                let channel = self.settings.channel_for(&code);
                (channel.ok_or(Said::NoChannelForCode)?, Some(code))
            }
            Pay::Show(show) => (self.channel_of(show)?, None),
        };
        let host = self
            .hosts
            .for_pay(&now)
            .ok_or_else(|| Said::Refused("设置里没有网关地址".to_owned()))?;
        let request = self.request(channel, code, link, &attempt)?;
        let new = NewBill {
            bill_no: request.bill_no.clone(),
            sale: attempt.sale,
            amount: attempt.amount,
            channel,
            link,
            title: request.title.clone(),
            note: attempt.note,
            operator: request.operator_id.clone().unwrap_or_default(),
            code_hash: request.auth_code.as_ref().map(|c| self.vault.code_hash(c)),
            code_mask: request.auth_code.as_ref().map(AuthCode::masked),
            params_hash: params_hash(&request),
            bill_timeout_s: request.bill_timeout_s.or(self.order_valid_s()),
            another_by: attempt.another_by,
            host,
        };
        let bill_no = new.bill_no.clone();
        let (case, actions) = Case::start(new, &now, &self.policy);
        self.start(case, actions, request)
            .map_err(|e| Said::LedgerDown(e.to_string()))?;
        Ok(bill_no)
    }

    fn request(
        &mut self,
        channel: Channel,
        code: Option<AuthCode>,
        link: bool,
        attempt: &Attempt,
    ) -> Result<PayRequest, Said> {
        let now = self.clock.now();
        let serial = self.ledger.next_serial(now.wall_ms);
        self.judge_write(&serial);
        let serial = serial.map_err(|e| Said::LedgerDown(e.to_string()))?;
        let shop = &self.settings.shop;
        let bill_no = numbers::bill_no(now.gateway_ms(), &shop.till, serial)
            .ok_or_else(|| Said::Text("系统给不出随机数，不能收款".to_owned()))?;
        let gateway = &self.settings.gateway;
        let request = PayRequest {
            bill_no,
            amount: attempt.amount,
            channel,
            title: title_for(&attempt.note, &shop.name),
            auth_code: code,
            bill_timeout_s: self.bill_timeout_s(channel, link),
            notify_url: gateway.notify_url.clone(),
            store_id: shop.store_id.clone(),
            terminal_id: None,
            operator_id: self.signed_in.as_ref().map(|s| s.id.clone()),
            link: link.then(|| self.link_fields()),
        };
        self.gateway
            .check(&request)
            .map_err(|e| Said::Refused(e.to_string()))?;
        Ok(request)
    }

    /// FATE 5. A link stays on the screen for longer than a QR: it can be paid for as long.
    fn bill_timeout_s(&self, channel: Channel, link: bool) -> Option<u32> {
        let untimed = self
            .settings
            .gateway
            .without_bill_timeout
            .contains(&channel);
        if untimed || !channel.takes_bill_timeout() {
            return None;
        }
        let timing = &self.settings.payment.timing;
        Some(match link {
            true => timing.bill_timeout_s.max(timing.link_deadline_s),
            false => timing.bill_timeout_s,
        })
    }

    fn link_fields(&self) -> LinkFields {
        let links = &self.settings.links;
        LinkFields {
            return_url: links.return_url.clone(),
            identity_id: links.identity_id.clone(),
        }
    }

    /// How long an order without bill_timeout can be paid, by the merchant's contract.
    fn order_valid_s(&self) -> Option<u32> {
        let minutes = self.settings.gateway.order_valid_min?;
        minutes.checked_mul(60)
    }

    fn stage_is_open(&self) -> bool {
        self.staged_bill().is_some_and(|b| !b.state.is_terminal()) && !self.may_retry_stage()
    }

    pub(super) fn staged_bill(&self) -> Option<&Bill> {
        match &self.stage {
            OnStage::Bill(no) => self.cases.get(no).map(|h| &h.case.bill),
            _ => None,
        }
    }

    /// `shouyin pay`: the same checks, with the answers given beforehand.
    pub(super) fn order(&mut self, order: PayOrder) -> Result<BillNo, PayRefused> {
        if let Some(sale) = &order.sale
            && let Some(bill_no) = self.follow_sale(sale)?
        {
            return Ok(bill_no);
        }
        self.ledger_writes()?;
        self.check_amount(order.amount)?;
        let pay = match order.how {
            How::Code(text) => {
                self.codes_offered()?;
                let code = parse_code(&text)?;
                self.check_code(&code)?;
                Pay::Code(code)
            }
            How::Qr(wallet) => Pay::Show(Show::Wallet(wallet)),
            How::Link(channel) => Pay::Show(Show::Link(channel)),
        };
        let sale = match order.sale {
            Some(sale) => sale,
            None => self.draw_sale()?,
        };
        if !order.another
            && let Some(open) = self.open_with(order.amount, &sale)
        {
            return Err(PayRefused::SameAmount(open));
        }
        let another_by = order.another.then(|| "--another".to_owned());
        let attempt = Attempt {
            amount: order.amount,
            note: order.note,
            sale,
            another_by,
        };
        let bill_no = self.start_attempt(pay, attempt)?;
        self.follow(&bill_no);
        Ok(bill_no)
    }

    /// While an attempt of this sale is open or paid, that bill is followed and nothing is sent.
    fn follow_sale(&mut self, sale: &SaleId) -> Result<Option<BillNo>, PayRefused> {
        let written = self
            .ledger
            .sale(sale)
            .map_err(|e| Said::LedgerDown(e.to_string()))?;
        let attempts: Vec<Bill> = written.iter().map(|b| self.newest(b)).collect();
        let paid = attempts.iter().find(|b| b.state == State::Paid);
        let open = || attempts.iter().rev().find(|b| !b.state.is_terminal());
        let Some(bill) = paid.or_else(open) else {
            return Ok(None);
        };
        let bill_no = bill.bill_no.clone();
        self.follow(&bill_no);
        Ok(Some(bill_no))
    }

    fn follow(&mut self, bill_no: &BillNo) {
        if let Some(held) = self.cases.get_mut(bill_no) {
            held.followed = true;
        }
    }
}

/// A QR bill that nobody can have seen.
pub(super) fn is_undrawn(bill: &Bill) -> bool {
    bill.channel.is_qr() && bill.qr == Qr::Unshown
}

fn parse_code(text: &ScanText) -> Result<AuthCode, Said> {
    AuthCode::parse(text.expose()).map_err(|error| match error {
        CodeError::Length | CodeError::Broken => Said::ScanIncomplete,
        CodeError::NotDigits => Said::NotAPaymentCode,
    })
}
