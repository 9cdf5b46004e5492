//! What is printed: slips as their elements, and the jobs of the print queue.
//!
//! Pure. A slip says what stands on it, not how a printer is told: paper, columns and commands are
//! the device's. Invariant of the queue: a job is sent at most once by itself. One whose bytes may
//! have reached the paper and that was not seen to end is [`JobState::Doubtful`], and only a person
//! prints it again, as a new job that is marked 重打.

use super::{BillNo, RefundNo};
use serde::{Deserialize, Serialize};

/// A slip, from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slip {
    /// Its parts.
    pub parts: Vec<Part>,
}

/// One part of a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text, broken where the paper ends.
    Text {
        /// No control characters count in it.
        text: String,
        /// Where on the line.
        align: Align,
        /// Twice as wide and high.
        large: bool,
        /// Printed darker.
        bold: bool,
    },
    /// A name at the left and its value at the right; below each other where they don't fit.
    Pair {
        /// At the left.
        name: String,
        /// At the right.
        value: String,
        /// Twice as high.
        bold: bool,
    },
    /// A line across the paper.
    Rule,
    /// An empty line.
    Gap,
    /// A number as Code 128, with its characters below.
    Bars(String),
    /// A text as QR.
    Qr(String),
}

/// Where a text stands on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// From the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// To the right.
    Right,
}

/// What a slip is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Printed {
    /// A bill that counts as paid.
    Sale(BillNo),
    /// A refund that succeeded.
    Refund(RefundNo),
    /// A shift, open or closed.
    Shift(u32),
}

/// A job of the print queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintJob {
    /// 1, 2, 3 … in this ledger.
    pub no: u64,
    /// What it prints. The slip is made from the ledger when it is sent.
    pub what: Printed,
    /// Marked 重打: a slip of it was printed, or may have been.
    pub again: bool,
    /// Staff id of who asked; empty: by itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// When it was put into the queue, UTC ms.
    pub made_ms: i64,
    /// Where it stands.
    pub state: JobState,
    /// When it came to that, UTC ms.
    pub at_ms: i64,
}

/// Where a job of the print queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// In the queue; nothing was sent. It is printed by itself when the printer can.
    Waiting,
    /// Recorded before the first byte is sent.
    Sending,
    /// The printer took all of it.
    Printed,
    /// Bytes were sent and its end was not seen (power, paper, cable): perhaps half of it is on the
    /// paper. It waits for a person.
    Doubtful,
    /// A person let it go, or printed it again.
    Dropped,
}

impl JobState {
    /// Nobody and nothing has to do anything with it.
    pub fn is_over(self) -> bool {
        matches!(self, JobState::Printed | JobState::Dropped)
    }
}
