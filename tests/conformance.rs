//! The simulator against the documents: one table a section, driven over HTTP by a client that
//! shares nothing with the program. Sections are those of `000` (聚合支付) and `004` (BeeCloud).
//! `both.rs` drives it with the program's own client: both sides, written apart, together.

// Helpers of tests may give up like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "conformance/both.rs"]
mod both;
#[path = "conformance/client.rs"]
mod client;
#[path = "conformance/foreign.rs"]
mod foreign;
#[path = "conformance/members.rs"]
mod members;
#[path = "conformance/notices.rs"]
mod notices;
#[path = "conformance/offline.rs"]
mod offline;
#[path = "conformance/pay.rs"]
mod pay;
#[path = "conformance/payout.rs"]
mod payout;
#[path = "conformance/prerefund.rs"]
mod prerefund;
