//! `shouyin`: the terminal itself.

use super::{Failure, Home, Outcome};
use std::time::Duration;

pub(super) fn run(_home: &Home, _wait: Duration) -> Outcome {
    Err(Failure::wrong("no window yet"))
}
