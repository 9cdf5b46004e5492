//! Commands of the people at the till, apart from charging: signing in, the stage, the to-do list,
//! the played customer. Who may do what is the vault's table, asked here and not only in the window.

use super::charge::Show;
use super::engine::{Engine, OnStage};
use super::qr;
use super::service::{Command, Pin, Said, ScanText};
use crate::domain::auth_code::without_codes;
use crate::domain::practice::{Act, Network, RefundAct};
use crate::domain::staff::{Role, Staff};
use crate::domain::{BillNo, Fen, State, Wallet};
use crate::payment::{Case, Event};
use crate::vault::{Deed, SignInError, SignedIn, may};
use std::sync::Arc;

/// A reason is no longer than this, characters.
const REASON_CHARS: usize = 200;
/// A warm connection serves for this long (FATE 1: new or used within 5 s).
const WARM_MS: i64 = 4_000;

impl Engine {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::SignIn { id, pin } => self.sign_in(&id, &pin),
            Command::Lock => self.lock(),
            Command::Active => {}
            Command::ConfirmAmount { amount, .. } => self.confirm(amount),
            Command::ClearAmount => self.clear_amount(),
            Command::Scan { text, amount, note } => self.scan(&text, amount, note),
            Command::ShowQr {
                wallet,
                amount,
                note,
            } => self.show(Show::Wallet(wallet), amount, note),
            Command::ShowLink {
                channel,
                amount,
                note,
            } => self.show(Show::Link(channel), amount, note),
            Command::AnswerQuestion { another } => self.answer_question(another),
            Command::Cancel(bill_no) => self.when(Deed::Cancel, |e| {
                e.step(&bill_no, Event::CancelAsked);
            }),
            Command::ServeNext => self.serve_next(),
            Command::AskNow(bill_no) => self.ask_now(&bill_no),
            Command::Open(bill_no) => self.open(&bill_no),
            Command::ShowAgain(bill_no) => self.when(Deed::ShowQr, |e| e.show_again(&bill_no)),
            Command::HandedOver(bill_no) => self.when(Deed::HandOver, |e| e.handed_over(&bill_no)),
            Command::Release {
                bill_no,
                id,
                pin,
                reason,
            } => {
                self.release(&bill_no, &id, &pin, reason);
            }
            Command::Print(what) => self.print(what),
            Command::PrintLast => self.print_last(),
            Command::PrintAgain(no) => self.print_again(no),
            Command::PrintDrop(no) => self.print_drop(no),
            // There is nothing that it could read for.
            Command::Camera(true) if !self.settings.takes_codes() => {
                self.say(Said::CodesNotOffered);
            }
            Command::Camera(on) => self.camera(on),
            Command::ReadPicture(path) => self.read_picture(path),
            Command::CustomerAt(x, y) => self.customer_at(x, y),
            Command::Practice { act, network } => self.practise(act, network),
            Command::PracticeCode(wallet) => self.practice_code(wallet),
            Command::PracticeRefund { act, network } => self.practise_refund(act, network),
            Command::PracticePlant => self.practice_plant(),
            Command::PracticeScan { amount, note } => self.practice_scan(amount, note),
        }
    }

    /// The person signed in may do this; else why not.
    pub(super) fn allowed(&self, deed: Deed) -> Result<Staff, Said> {
        let staff = self.signed_in.as_ref().ok_or(Said::Locked)?;
        match may(staff.role, deed) {
            true => Ok(staff.clone()),
            false => Err(Said::NotAllowed),
        }
    }

    /// A person was here.
    pub(super) fn active(&mut self) {
        self.active_ms = self.clock.now().mono_ms;
    }

    /// When the till locks by itself, monotonic ms.
    pub(super) fn idle_lock_at(&self) -> Option<i64> {
        let locks = self.signed_in.is_some() && self.vault.opens_signed_in_as().is_none();
        locks.then(|| idle_at(self.active_ms, self.settings.lock.idle_min))?
    }

    pub(super) fn lock_if_idle(&mut self) {
        let now = self.clock.now();
        if self.idle_lock_at().is_some_and(|at| now.mono_ms >= at) {
            self.lock();
            self.say(Said::LockedByItself);
        }
    }

    /// Does it where the person signed in may.
    fn when(&mut self, deed: Deed, act: impl FnOnce(&mut Self)) {
        match self.allowed(deed) {
            Ok(_) => act(self),
            Err(said) => self.say(said),
        }
    }

    fn sign_in(&mut self, id: &str, pin: &Pin) {
        match self.who_has_pin(id, pin, "sign_in_refused") {
            Ok(signed_in) => {
                self.note_id("signed_in", &signed_in.staff.id);
                self.signs_in(signed_in);
            }
            Err(said) => self.say(said),
        }
    }

    /// Somebody stands at the till from now on; master_secret is open while that is a manager.
    pub(super) fn signs_in(&mut self, signed_in: SignedIn) {
        let refunds = may(signed_in.staff.role, Deed::Refund);
        self.master_key = signed_in.master_key;
        self.signed_in = Some(signed_in.staff);
        self.take_master(signed_in.master.filter(|_| refunds));
    }

    /// Whose PIN this is, signed in or not. A wrong one is noted under `refused`.
    pub(super) fn who_has_pin(
        &mut self,
        id: &str,
        pin: &Pin,
        refused: &str,
    ) -> Result<SignedIn, Said> {
        let now = self.clock.now();
        let signed_in = self.vault.sign_in(id, pin.expose(), now.wall_ms);
        signed_in.map_err(|error| {
            // What is nobody's id may be a PIN, or a payment code that was scanned into the field.
            let people = self.vault.people(now.wall_ms);
            let is_somebody = people.iter().any(|p| p.staff.id == id);
            self.note_id(refused, if is_somebody { id } else { "" });
            sign_in_said(&error)
        })
    }

    pub(super) fn lock(&mut self) {
        self.master_key = None;
        if let Some(staff) = self.signed_in.take() {
            self.note_id("locked", &staff.id);
        }
        self.take_master(None);
        self.asked = None;
        if !matches!(self.stage, OnStage::Bill(_)) {
            self.stage = OnStage::Idle;
        }
    }

    /// Who did what. Losing such a line stops nobody; the ledger's health says so.
    pub(super) fn note_id(&mut self, kind: &str, id: &str) {
        let _ = self.note(kind, &serde_json::json!({ "id": id }).to_string());
    }

    /// Enter with an amount: the same-amount question is asked now, before anything is scanned.
    fn confirm(&mut self, amount: Fen) {
        if self.signed_in.is_none() {
            return self.say(Said::Locked);
        }
        if let Err(said) = self.check_amount(amount) {
            return self.say(said);
        }
        self.warm();
        if let OnStage::Amount {
            amount: confirmed, ..
        } = &self.stage
            && *confirmed == amount
        {
            return;
        }
        let till = self.settings.shop.till.clone();
        let Some(sale) = super::numbers::sale_id(self.clock.now().gateway_ms(), &till) else {
            return self.say(Said::Text("系统给不出随机数，不能收款".to_owned()));
        };
        self.asked = None;
        if let Some(open) = self.open_with(amount, &sale) {
            self.asked = Some(super::engine::Asked {
                open,
                amount,
                note: String::new(),
                sale,
                held: None,
                show: None,
            });
        } else {
            self.stage = OnStage::Amount {
                amount,
                sale,
                another_by: None,
            };
        }
    }

    /// The amount is being written again: a connection is opened meanwhile (FATE 1).
    fn clear_amount(&mut self) {
        self.asked = None;
        if matches!(self.stage, OnStage::Amount { .. }) {
            self.stage = OnStage::Idle;
        }
        self.warm();
    }

    fn warm(&mut self) {
        let now = self.clock.now();
        if self.warmed.is_some_and(|at| now.mono_ms - at < WARM_MS) {
            return;
        }
        self.warmed = Some(now.mono_ms);
        self.ask_time(None);
        if let Some(host) = self.hosts.for_pay(&now) {
            let gateway = Arc::clone(&self.gateway);
            self.runtime.spawn(async move { gateway.warm(&host).await });
        }
    }

    fn serve_next(&mut self) {
        self.asked = None;
        self.stage = OnStage::Idle;
    }

    /// Enter on an unknown bill, or a live query of any bill.
    fn ask_now(&mut self, bill_no: &BillNo) {
        if self.fetch(bill_no) {
            self.step(bill_no, Event::Hinted);
        }
    }

    /// Puts a bill on the stage; one that is there and open goes on in the rail.
    pub(super) fn open(&mut self, bill_no: &BillNo) {
        self.asked = None;
        if self.fetch(bill_no) {
            self.stage = OnStage::Bill(bill_no.clone());
        }
    }

    /// The bill is in the engine's hands, from the ledger if need be.
    pub(super) fn fetch(&mut self, bill_no: &BillNo) -> bool {
        if self.cases.contains_key(bill_no) {
            return true;
        }
        match self.ledger.bill(bill_no) {
            Ok(Some(bill)) => {
                let now = self.clock.now();
                self.hold(Case::resume(bill, &now));
                true
            }
            Ok(None) => false,
            Err(error) => {
                self.say(Said::Text(error.to_string()));
                false
            }
        }
    }

    /// 再次显示: the code is encoded and read back anew, and recorded as shown before it is drawn.
    pub(super) fn show_again(&mut self, bill_no: &BillNo) {
        let now = self.clock.now();
        let live = self.cases.get(bill_no).map(|h| &h.case);
        let live = live.filter(|case| case.can_show_again(&now, &self.policy));
        let code = live.and_then(|case| case.bill.qr.code_url());
        let Some(view) = code.and_then(qr::encode) else {
            return;
        };
        self.step(bill_no, Event::QrShownAgain);
        if self.is_unwritten(bill_no) {
            return;
        }
        if let Some(held) = self.cases.get_mut(bill_no) {
            held.qr = Some(Arc::new(view));
            self.stage = OnStage::Bill(bill_no.clone());
        }
    }

    /// The bill's code is on the screen, or comes back to it.
    pub(super) fn keeps_showing(&mut self, bill_no: &BillNo) -> bool {
        let drawn = |e: &Engine| e.cases.get(bill_no).is_some_and(|h| h.qr.is_some());
        if !drawn(self) {
            self.show_again(bill_no);
        }
        drawn(self)
    }

    fn handed_over(&mut self, bill_no: &BillNo) {
        if !self.fetch(bill_no) {
            return;
        }
        let late = self.cases.get(bill_no).map(|h| &h.case.bill);
        if late.is_some_and(|b| b.state == State::Paid && !b.handed_over) {
            self.step(bill_no, Event::HandedOver);
            self.say_if_written(bill_no, Said::HandedOverRecorded(bill_no.clone()));
        }
    }

    fn say_if_written(&self, bill_no: &BillNo, said: Said) {
        match &self.ledger_down {
            Some(why) if self.is_unwritten(bill_no) => self.say(Said::LedgerDown(why.clone())),
            _ => self.say(said),
        }
    }

    /// FATE 18: a manager, with PIN and reason.
    fn release(&mut self, bill_no: &BillNo, id: &str, pin: &Pin, reason: String) {
        let manager = match self.who_has_pin(id, pin, "release_refused") {
            Ok(signed_in) => signed_in.staff,
            Err(said) => return self.say(said),
        };
        if !may(manager.role, Deed::ReleaseLock) {
            return self.say(Said::ManagerNeeded);
        }
        let reason = match reason_of(&reason) {
            Ok(reason) => reason,
            Err(said) => return self.say(said),
        };
        let by = manager.id;
        self.step(bill_no, Event::Released { by, reason });
        let held = self.cases.get(bill_no);
        if held.is_some_and(|h| h.case.bill.release.is_some()) {
            self.say_if_written(bill_no, Said::Released(bill_no.clone()));
        } else {
            self.say(Said::Text("这一笔不需要放行".to_owned()));
        }
    }

    // The played customer.

    fn practise(&mut self, act: Act, network: Network) {
        let staged = match &self.stage {
            OnStage::Bill(no) => Some(no.clone()),
            _ => None,
        };
        let Some(practising) = &mut self.practising else {
            return;
        };
        let changed = practising.act != act;
        practising.act = act;
        practising.network = network;
        let open = staged.filter(|no| {
            self.cases
                .get(no)
                .is_some_and(|h| !h.case.bill.state.is_terminal())
        });
        // A bill that waits follows a new wish at once; the next one takes it when it starts.
        if let (Some(bill_no), true) = (open, changed) {
            practising.customer.plan(Some(&bill_no), act, network);
        }
    }

    /// What the panel wishes for the bill that starts now. The panel's plainest wish leaves the
    /// word to whoever plays the customer from outside.
    pub(super) fn plan_practice(&self, bill_no: &BillNo) {
        let plain = (Act::default(), Network::default());
        if let Some(practising) = &self.practising
            && (practising.act, practising.network) != plain
        {
            let (act, network) = (practising.act, practising.network);
            practising.customer.plan(Some(bill_no), act, network);
        }
    }

    pub(super) fn practice_code(&mut self, wallet: Wallet) {
        let Some(practising) = &mut self.practising else {
            return;
        };
        let code = practising.customer.fresh_code(wallet);
        if let Some(view) = qr::encode(code.expose()) {
            practising.wallet = wallet;
            practising.code_qr = Arc::new(view);
            practising.code = code;
        }
    }

    fn practise_refund(&mut self, act: RefundAct, network: Network) {
        if let Some(practising) = &mut self.practising {
            practising.refund_act = act;
            practising.refund_network = network;
            practising.customer.plan_refund(act, network);
        }
    }

    fn practice_plant(&mut self) {
        if let Some(practising) = &mut self.practising {
            practising.planted = practising.customer.plant_differences();
        }
    }

    fn practice_scan(&mut self, amount: Option<Fen>, note: String) {
        let Some(practising) = &self.practising else {
            return;
        };
        let (text, wallet) = (ScanText::from(&practising.code), practising.wallet);
        self.scan(&text, amount, note);
        self.practice_code(wallet);
    }

    /// The panel's code was scanned by a scanner: the next customer has another one.
    pub(super) fn renew_practice_code(&mut self, scanned: &ScanText) {
        let panel = self.practising.as_ref();
        let used = panel.filter(|p| p.code.expose() == scanned.expose());
        if let Some(wallet) = used.map(|p| p.wallet) {
            self.practice_code(wallet);
        }
    }

    /// With one cashier and no manager the terminal opens signed in; practice does too.
    pub(super) fn sign_in_at_start(&mut self) {
        let first_cashier = || {
            let staff = self.vault.staff();
            staff.into_iter().find(|s| s.role == Role::Cashier)
        };
        self.signed_in = match self.practice_mode {
            true => first_cashier(),
            false => self.vault.opens_signed_in_as(),
        };
    }
}

/// What a person gives as a reason: it is there, it is short, and nothing of it may be a payment
/// code that was scanned into its field (I12).
pub(super) fn reason_of(text: &str) -> Result<String, Said> {
    let kept = without_codes(text, "");
    let kept: String = kept.trim().chars().take(REASON_CHARS).collect();
    match kept.is_empty() {
        true => Err(Said::ReasonMissing),
        false => Ok(kept),
    }
}

/// So long after the last key or touch; 0 minutes: never. A till that opens signed in is not
/// asked: locking it would protect nothing.
fn idle_at(active_ms: i64, idle_min: u32) -> Option<i64> {
    let idle_ms = i64::from(idle_min).saturating_mul(60_000);
    (idle_ms > 0).then(|| active_ms.saturating_add(idle_ms))
}

fn sign_in_said(error: &SignInError) -> Said {
    match error {
        SignInError::Wrong { left } => Said::WrongPin { left: *left },
        SignInError::LockedUntil { until_ms } => Said::PinLocked {
            until_ms: *until_ms,
        },
        other => Said::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{REASON_CHARS, Said, idle_at, reason_of};

    #[test]
    fn a_reason_is_there_and_short_and_holds_no_payment_code() {
        let code = "286612345678901234";
        assert_eq!(reason_of(&format!(" 破损{code} ")), Ok("破损".to_owned()));
        assert_eq!(reason_of(code), Err(Said::ReasonMissing));
        assert_eq!(reason_of(" "), Err(Said::ReasonMissing));
        let kept = reason_of(&"长".repeat(REASON_CHARS + 1));
        assert_eq!(kept, Ok("长".repeat(REASON_CHARS)));
    }

    #[test]
    fn a_till_locks_so_many_minutes_after_the_last_touch_and_never_at_zero() {
        assert_eq!(idle_at(5_000, 10), Some(605_000));
        assert_eq!(idle_at(5_000, 0), None);
    }
}
