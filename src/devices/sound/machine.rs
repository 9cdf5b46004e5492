//! What this machine plays on: its sound server, or else a player that is installed.

use super::{NoSound, Output, Pcm, player};
use std::sync::atomic::AtomicBool;

/// This machine's sound. PulseAudio's protocol first (PipeWire speaks it too), then pw-play, paplay
/// and aplay.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Machine {
    /// What it would be played on: `PulseAudio`, or a player's name; `None`: there is nothing.
    pub fn found(&self) -> Option<String> {
        #[cfg(target_os = "linux")]
        if super::pulse::is_there() {
            return Some("PulseAudio".to_owned());
        }
        player::installed().into_iter().next().map(|p| p.name())
    }
}

impl Output for Machine {
    fn is_there(&self) -> bool {
        self.found().is_some()
    }

    fn play(&self, pcm: &Pcm, cancel: &AtomicBool) -> Result<(), NoSound> {
        #[cfg(target_os = "linux")]
        let first = super::pulse::play(pcm, cancel);
        #[cfg(not(target_os = "linux"))]
        let first = Err(NoSound::Nothing);
        match first {
            Ok(()) => Ok(()),
            // A part of it was heard.
            Err(cut @ NoSound::Cut(_)) => Err(cut),
            Err(why) => {
                let (players, dir) = (player::installed(), player::dir());
                match player::play(&players, &dir, pcm, player::GRACE, cancel) {
                    // The server's own reason says more than that there is no player either.
                    Err(NoSound::Nothing) => Err(why),
                    other => other,
                }
            }
        }
    }
}
