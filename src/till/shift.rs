//! Shifts: opened with a float, handed over, closed.

use super::engine::Engine;
use super::service::{Said, ShiftAct};
use crate::domain::shift::Shift;

impl Engine {
    pub(super) fn shift_act(&mut self, act: ShiftAct) -> Result<Shift, Said> {
        let _ = act;
        Err(Said::NoShift)
    }
}
