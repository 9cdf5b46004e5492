//! What is said, what it sounds like, and that nothing waits for it.

mod player;
#[cfg(target_os = "linux")]
mod pulse;
mod render;
mod speaker;
mod words;

use super::*;

/// Money from Alipay, on the stage.
fn speech(fen: i64, language: Language) -> Speech {
    Speech {
        language,
        before: false,
        wallet: Some(Wallet::Alipay),
        amount: Fen(fen),
    }
}
