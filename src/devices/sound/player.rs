//! A player that is installed: it is given a WAV file, which is wiped when it has ended.
//!
//! A file and not its standard input, since a player that hangs would fill the pipe and hang
//! whoever writes to it.

use super::{NoSound, Pcm, RATE};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a player may take beyond the sound's own length before it is killed. Less than the
/// speaker's own patience.
pub const GRACE: Duration = Duration::from_secs(3);
/// How often a running player is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Player {
    /// Its whole path.
    pub program: PathBuf,
    /// What comes before the file.
    pub args: &'static [&'static str],
}

impl Player {
    /// `aplay`.
    pub fn name(&self) -> String {
        let name = self.program.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// The players that are installed and have something to play on, best first.
pub fn installed() -> Vec<Player> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let pipewire = runtime.is_some_and(|dir| dir.join("pipewire-0").exists());
    // A server on this machine was spoken to directly; paplay reaches one elsewhere.
    let remote = std::env::var_os("PULSE_SERVER").is_some_and(|server| !server.is_empty());
    let card = std::fs::read_to_string("/proc/asound/cards").is_ok_and(|cards| has_card(&cards));
    let candidates: [(&str, &'static [&'static str], bool); 3] = [
        ("pw-play", &[], pipewire),
        ("paplay", &[], remote),
        ("aplay", &["-q"], card),
    ];
    let usable = candidates.into_iter().filter(|(_, _, usable)| *usable);
    let found = usable.filter_map(|(name, args, _)| {
        let program = find(&path, name)?;
        Some(Player { program, args })
    });
    found.collect()
}

/// The kernel lists cards as ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH`.
pub fn has_card(cards: &str) -> bool {
    cards.lines().any(|line| {
        let number = line.trim_start().split(' ').next().unwrap_or_default();
        number.parse::<u32>().is_ok()
    })
}

fn find(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// Where the file goes: memory, where there is a directory in it.
pub fn dir() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from)
}

/// Plays on the first of these that works, from a file in `dir`. One that failed in the middle is
/// not followed by another.
pub fn play(
    players: &[Player],
    dir: &Path,
    pcm: &Pcm,
    grace: Duration,
    cancel: &AtomicBool,
) -> Result<(), NoSound> {
    if players.is_empty() {
        return Err(NoSound::Nothing);
    }
    let failed = |error: io::Error| NoSound::Failed(error.to_string());
    let file = Wav::write(dir, pcm).map_err(failed)?;
    let length = pcm.length();
    let mut why = NoSound::Nothing;
    for player in players {
        match play_with(player, &file.0, (length, grace), cancel) {
            Err(NoSound::Failed(reason)) => why = NoSound::Failed(reason),
            other => return other,
        }
    }
    Err(why)
}

fn play_with(
    player: &Player,
    file: &Path,
    (length, grace): (Duration, Duration),
    cancel: &AtomicBool,
) -> Result<(), NoSound> {
    let failed = |why: &dyn std::fmt::Display| NoSound::Failed(format!("{} {why}", player.name()));
    let began = Instant::now();
    let child = Command::new(&player.program)
        .args(player.args)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    let mut child = Running(child);
    let status = loop {
        if let Some(status) = child.0.try_wait().map_err(|error| failed(&error))? {
            break status;
        }
        if cancel.load(Ordering::Acquire) {
            return Ok(());
        }
        if began.elapsed() > length + grace {
            return Err(NoSound::Hangs);
        }
        std::thread::sleep(LOOK);
    };
    judge(status, began.elapsed(), length, &player.name())
}

/// A player that gives up at once has played nothing, and another one may.
fn judge(status: ExitStatus, took: Duration, length: Duration, name: &str) -> Result<(), NoSound> {
    match status.success() {
        true => Ok(()),
        false if took < length / 2 => Err(NoSound::Failed(format!("{name} {status}"))),
        false => Err(NoSound::Cut(format!("{name} {status}"))),
    }
}

/// Killed and waited for, however this ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A sound as a file that is wiped when dropped.
struct Wav(PathBuf);

impl Wav {
    fn write(dir: &Path, pcm: &Pcm) -> io::Result<Wav> {
        let mut number = [0; 8];
        getrandom::fill(&mut number).map_err(io::Error::other)?;
        let name = format!("shouyin-{:016x}.wav", u64::from_le_bytes(number));
        let path = dir.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(&path)?;
        let wav = Wav(path);
        file.write_all(&header(pcm))?;
        file.write_all(&pcm.bytes())?;
        Ok(wav)
    }
}

impl Drop for Wav {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// RIFF, one channel of 16 bits.
fn header(pcm: &Pcm) -> Vec<u8> {
    let bytes = u32::try_from(pcm.0.len() * 2).unwrap_or(u32::MAX - 36);
    let mut out = b"RIFF".to_vec();
    out.extend((bytes + 36).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16_u32.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 2).to_le_bytes());
    out.extend(2_u16.to_le_bytes());
    out.extend(16_u16.to_le_bytes());
    out.extend(b"data");
    out.extend(bytes.to_le_bytes());
    out
}
