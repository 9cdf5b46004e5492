//! Voice and sounds: a tone for how something ended, and 支付宝到账十二元三角四分 from short recorded
//! clips that are joined in memory.
//!
//! A [`Speaker`] has its own thread and hands samples to an [`Output`]: the machine's sound server
//! or a player that is installed ([`Machine`]), or a fake one in tests. Where there is neither, it
//! is silent, and that is no fault.
//!
//! Invariants: asking to say something never waits for a device; a server or a player that hangs
//! is given up in bounded time; nothing is said twice because an output failed in the middle. What
//! may be said at all is not decided here.

mod clips;
mod machine;
mod player;
#[cfg(target_os = "linux")]
mod pulse;
mod queue;
mod render;
mod speaker;
mod tones;
mod words;

pub use machine::Machine;
pub use render::render;
pub use speaker::{Done, Speaker};
pub use tones::Tone;
pub use words::words;

use crate::domain::config::Language;
use crate::domain::{Fen, Wallet};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Samples a second, in every clip and tone.
pub const RATE: u32 = 16_000;

/// What is said at once: tones, then a voice; any of them may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Announcement {
    /// Short sounds, one after the other.
    pub tones: Vec<Tone>,
    /// And the voice after them.
    pub speech: Option<Speech>,
}

/// Money that came in, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speech {
    /// The voice's language.
    pub language: Language,
    /// 前一笔 comes first: it is not the payment that people are looking at.
    pub before: bool,
    /// 支付宝 or 微信; `None` says 收款到账.
    pub wallet: Option<Wallet>,
    /// What came in.
    pub amount: Fen,
}

/// Samples, 16 bits, one channel, [`RATE`] a second.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pcm(pub Vec<i16>);

impl Pcm {
    /// How long it takes to play.
    pub fn length(&self) -> Duration {
        let ms = (self.0.len() as u64).saturating_mul(1000) / u64::from(RATE);
        Duration::from_millis(ms)
    }

    /// As bytes, little endian.
    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|s| s.to_le_bytes()).collect()
    }
}

/// Where samples are made audible.
pub trait Output: Send + Sync {
    /// Is there anything to play on? Quick, and never an error.
    fn is_there(&self) -> bool;

    /// Plays to the end, or until `cancel` is set. Called on a thread that nothing waits for: one
    /// that takes too long is left alone, and nothing else is played until it has ended.
    fn play(&self, pcm: &Pcm, cancel: &AtomicBool) -> Result<(), NoSound>;
}

/// Whoever wants to know how the sound is. Called from the speaker's own thread: it must not block.
pub trait SoundSink: Send + Sync {
    /// There is something to play on, or there is nothing.
    fn sound(&self, there: bool);
}

/// Why nothing was heard, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSound {
    /// No sound server, no player.
    #[error("没有可用的声音服务，请打开系统声音或安装播放程序（pw-play、paplay 或 aplay）")]
    Nothing,
    /// It was found and did not take the samples. Its reason.
    #[error("声音服务无法使用：{0}，请检查系统声音")]
    Failed(String),
    /// It took them and failed before the end. Not repeated: half a sentence twice is worse.
    #[error("播放中断：{0}，请检查系统声音")]
    Cut(String),
    /// It did not come to an end in time.
    #[error("声音服务没有反应，请重新启动系统声音")]
    Hangs,
    /// Too much else was to be said.
    #[error("正在播报其他内容，请稍后再试")]
    Dropped,
}

#[cfg(test)]
mod tests;
