//! The pole display: the amount, and nothing about another customer. It follows the stage, as the
//! customer's window does, and is told only what changed.

use crate::devices::pole::{Pole as Display, PoleSink, PoleText, Says};
use crate::devices::{DeviceState, Gone};
use crate::domain::State;
use crate::domain::bill::Settled;
use crate::till::desk_calls::Reply;
use crate::till::engine::{Engine, Input};
use crate::till::service::{BillView, DeviceHealth, Said, Snapshot, Stage};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

/// The display's thread and what it shows.
#[derive(Default)]
pub(in crate::till) struct Pole {
    display: Option<Display>,
    /// How it is; `None` where none is set.
    pub health: Option<DeviceHealth>,
    /// What it was told last.
    told: PoleText,
    /// Which display tells: what an earlier one still says is not about this one.
    turn: u64,
}

impl Engine {
    /// A display never stops the till: the customer's window still shows everything.
    pub(super) fn start_pole(&mut self) {
        let pole = &mut self.counter.pole;
        pole.display = None;
        pole.health = None;
        pole.turn += 1;
        let Some(settings) = self
            .settings
            .pole
            .clone()
            .filter(|_| self.counter.used.counter)
        else {
            return;
        };
        let sink = Sink {
            outbox: Mutex::new(self.outbox.clone()),
            turn: pole.turn,
        };
        pole.display = Display::start(settings, Arc::new(sink))
            .inspect_err(|error| tracing::error!(%error, "no pole display"))
            .ok();
        if let Some(display) = &pole.display {
            display.show(pole.told);
        }
    }

    /// Called with each snapshot: shows it what changed for the customer.
    pub(in crate::till) fn show_on_pole(&mut self, snapshot: &Snapshot) {
        let pole = &mut self.counter.pole;
        let text = text_for(&snapshot.stage);
        if text == pole.told {
            return;
        }
        pole.told = text;
        if let Some(display) = &pole.display {
            display.show(text);
        }
    }

    pub(super) fn test_pole(&mut self, reply: Reply<Result<(), Said>>) {
        let Some(display) = &self.counter.pole.display else {
            let why = "没有设置客显，请先填写客显的连接".to_owned();
            let _ = reply.send(Err(Said::DeviceAway(why)));
            return;
        };
        display.try_out(Box::new(move |tried| {
            let away = |gone: Gone| Said::DeviceAway(gone.to_string());
            let _ = reply.send(tried.map_err(away));
        }));
    }
}

/// What the customer reads while this is on the stage.
fn text_for(stage: &Stage) -> PoleText {
    match stage {
        Stage::Idle => PoleText::Blank,
        Stage::Amount { amount } => PoleText::Amount(*amount, Says::ShowCode),
        Stage::Bill(bill) => PoleText::Amount(bill.amount, says(bill)),
    }
}

/// "Paid" and "not paid" only where that is proven, recorded and uncontradicted (I3, I4, I8).
fn says(bill: &BillView) -> Says {
    if bill.unrecorded {
        return Says::Wait;
    }
    if bill.incident.is_some() {
        return match bill.settlement.as_ref().map(|settled| settled.how) {
            Some(Settled::Accepted) => Says::Paid,
            Some(Settled::Refunded) if bill.state == State::Paid => Says::Paid,
            Some(Settled::Refunded) => Says::Cancelled,
            None | Some(Settled::Disputed) => Says::Wait,
        };
    }
    match bill.state {
        State::Paid => Says::Paid,
        State::Refused | State::NotSent => Says::NotPaid,
        State::Reverted | State::Expired => Says::Cancelled,
        _ if bill.unanswered => Says::Wait,
        State::Sent | State::Awaiting if bill.qr.is_some() => Says::Scan,
        State::Sent | State::Awaiting => Says::Confirm,
        State::Closing | State::Watching | State::Unresolved => Says::Wait,
    }
}

/// How the display is goes to the engine's inbox.
struct Sink {
    outbox: Mutex<Sender<Input>>,
    turn: u64,
}

impl PoleSink for Sink {
    fn state(&self, state: DeviceState) {
        let health = match state {
            DeviceState::Ready => DeviceHealth::Ready,
            DeviceState::Gone(why) => DeviceHealth::Gone(why.to_string()),
        };
        let turn = self.turn;
        let told = Input::Visit(Box::new(move |engine: &mut Engine| {
            let pole = &mut engine.counter.pole;
            if pole.turn == turn {
                pole.health = Some(health);
            }
        }));
        if let Ok(outbox) = self.outbox.lock() {
            let _ = outbox.send(told);
        }
    }
}

#[cfg(test)]
mod tests;
