//! PulseAudio's own protocol over its socket; PipeWire serves the same one. A connection for each
//! announcement: a server that was started again in between is simply there again.
//!
//! Every read and write has a time, and the whole has one: a server that hangs is left.

use super::{NoSound, Pcm, RATE};
use pulseaudio::protocol::{
    self, AuthParams, AuthReply, ChannelMap, Command, CommandReply, CreatePlaybackStreamReply,
    PlaybackStreamParams, Prop, Props, SampleFormat, SampleSpec, SetClientNameReply,
    stream::BufferAttr,
};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest that one read waits before looking whether to go on.
const LOOK: Duration = Duration::from_millis(200);
/// The longest that a write waits.
const WRITE: Duration = Duration::from_secs(1);
/// For everything but the sound's own length. Less than the speaker's own patience.
const GRACE: Duration = Duration::from_secs(4);
/// A message of the server is a few hundred bytes.
const MOST_BYTES: usize = 64 * 1024;
/// Samples at once, in bytes.
const BLOCK: usize = 32 * 1024;
/// The server keeps this much ahead: a busy machine does not stutter, and a sound starts at once.
const AHEAD_MS: u32 = 400;

const AUTH: u32 = 0;
const NAME: u32 = 1;
const STREAM: u32 = 2;
const DRAIN: u32 = 3;

/// A server listens.
pub fn is_there() -> bool {
    pulseaudio::socket_path_from_env().is_some_and(|path| UnixStream::connect(path).is_ok())
}

/// Plays to the end. [`NoSound::Cut`] once the server had samples.
pub fn play(pcm: &Pcm, cancel: &AtomicBool) -> Result<(), NoSound> {
    let path = pulseaudio::socket_path_from_env().ok_or(NoSound::Nothing)?;
    let socket = UnixStream::connect(path).map_err(failed)?;
    play_on(socket, cookie(), pcm, GRACE, cancel)
}

/// What the server knows its users by; a server of the same user does without.
fn cookie() -> Vec<u8> {
    let path = pulseaudio::cookie_path_from_env();
    path.and_then(|path| std::fs::read(path).ok())
        .unwrap_or_default()
}

fn failed(why: impl std::fmt::Display) -> NoSound {
    NoSound::Failed(why.to_string())
}

/// Plays on a connection; the whole may take `grace` beyond the sound's own length.
pub fn play_on(
    socket: UnixStream,
    cookie: Vec<u8>,
    pcm: &Pcm,
    grace: Duration,
    cancel: &AtomicBool,
) -> Result<(), NoSound> {
    let mut server = Server {
        socket,
        received: Vec::new(),
        version: protocol::MAX_VERSION,
        until: Instant::now() + pcm.length() + grace,
    };
    server.greet(cookie, cancel)?;
    let stream = server.create(cancel)?;
    let cut = |why: NoSound| match why {
        NoSound::Failed(why) => NoSound::Cut(why),
        other => other,
    };
    server.feed(&stream, &pcm.bytes(), cancel).map_err(cut)
}

struct Server {
    socket: UnixStream,
    /// What was read and is no whole message yet.
    received: Vec<u8>,
    version: u16,
    until: Instant,
}

impl Server {
    fn greet(&mut self, cookie: Vec<u8>, cancel: &AtomicBool) -> Result<(), NoSound> {
        self.socket.set_read_timeout(Some(LOOK)).map_err(failed)?;
        self.socket.set_write_timeout(Some(WRITE)).map_err(failed)?;
        let auth = AuthParams {
            version: self.version,
            supports_shm: false,
            supports_memfd: false,
            cookie,
        };
        self.send(AUTH, &Command::Auth(auth))?;
        let reply: AuthReply = self.reply(cancel)?;
        self.version = self.version.min(reply.version);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, c"Shouyin");
        self.send(NAME, &Command::SetClientName(props))?;
        let _: SetClientNameReply = self.reply(cancel)?;
        Ok(())
    }

    /// The volume is the server's own for this program: who turned it down there meant it.
    fn create(&mut self, cancel: &AtomicBool) -> Result<CreatePlaybackStreamReply, NoSound> {
        let mut props = Props::new();
        props.set(Prop::MediaName, c"Shouyin");
        let params = PlaybackStreamParams {
            sample_spec: SampleSpec {
                format: SampleFormat::S16Le,
                channels: 1,
                sample_rate: RATE,
            },
            channel_map: ChannelMap::mono(),
            sink_name: Some(protocol::DEFAULT_SINK.to_owned()),
            buffer_attr: BufferAttr {
                target_length: RATE * 2 * AHEAD_MS / 1000,
                ..BufferAttr::default()
            },
            props,
            ..PlaybackStreamParams::default()
        };
        self.send(STREAM, &Command::CreatePlaybackStream(params))?;
        self.reply(cancel)
    }

    /// Hands over as much as the server asks for, then waits until it has played it.
    fn feed(
        &mut self,
        stream: &CreatePlaybackStreamReply,
        mut left: &[u8],
        cancel: &AtomicBool,
    ) -> Result<(), NoSound> {
        let mut wanted = stream.requested_bytes as usize;
        let mut draining = false;
        loop {
            while wanted > 0 && !left.is_empty() {
                let (block, rest) = left.split_at(wanted.min(left.len()).min(BLOCK));
                protocol::write_memblock(&mut self.socket, stream.channel, block, 0)
                    .map_err(failed)?;
                (left, wanted) = (rest, wanted - block.len());
            }
            if left.is_empty() && !draining {
                draining = true;
                self.send(DRAIN, &Command::DrainPlaybackStream(stream.channel))?;
            }
            let Some(message) = self.receive(cancel)? else {
                return Ok(());
            };
            let payload = message.get(protocol::DESCRIPTOR_SIZE..).unwrap_or_default();
            match Command::read_tag_prefixed(&mut Cursor::new(payload), self.version) {
                Ok((_, Command::Request(more))) if more.channel == stream.channel => {
                    wanted = wanted.saturating_add(more.length as usize);
                }
                Ok((DRAIN, Command::Reply)) => return Ok(()),
                Ok((_, Command::Error(why))) => return Err(failed(why)),
                Ok((_, Command::PlaybackStreamKilled(_))) => return Err(failed("stream killed")),
                // News that say nothing about this sound.
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn send(&mut self, seq: u32, command: &Command) -> Result<(), NoSound> {
        // Whole, in one write: a message in pieces would be one system call for each field.
        let mut message = Vec::new();
        protocol::write_command_message(&mut message, seq, command, self.version)
            .map_err(failed)?;
        self.socket.write_all(&message).map_err(failed)
    }

    fn reply<T: CommandReply>(&mut self, cancel: &AtomicBool) -> Result<T, NoSound> {
        let message = self.receive(cancel)?;
        let message = message.ok_or_else(|| failed("stopped"))?;
        let mut message = Cursor::new(message);
        let (_, reply) =
            protocol::read_reply_message(&mut message, self.version).map_err(failed)?;
        Ok(reply)
    }

    /// The next whole message with its head; `None`: the program ends.
    fn receive(&mut self, cancel: &AtomicBool) -> Result<Option<Vec<u8>>, NoSound> {
        loop {
            if let Some(message) = self.take_message()? {
                return Ok(Some(message));
            }
            if cancel.load(Ordering::Acquire) {
                return Ok(None);
            }
            if Instant::now() > self.until {
                return Err(NoSound::Hangs);
            }
            let mut bytes = [0; 4096];
            match self.socket.read(&mut bytes) {
                Ok(0) => return Err(failed(io::Error::from(io::ErrorKind::UnexpectedEof))),
                Ok(count) => self.received.extend(bytes.iter().take(count)),
                Err(error) if is_nothing_yet(&error) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    fn take_message(&mut self) -> Result<Option<Vec<u8>>, NoSound> {
        if self.received.len() < protocol::DESCRIPTOR_SIZE {
            return Ok(None);
        }
        let head = protocol::read_descriptor(&mut Cursor::new(&self.received)).map_err(failed)?;
        let length = (head.length as usize).saturating_add(protocol::DESCRIPTOR_SIZE);
        if length > MOST_BYTES {
            return Err(failed("message too large"));
        }
        if self.received.len() < length {
            return Ok(None);
        }
        let rest = self.received.split_off(length);
        Ok(Some(std::mem::replace(&mut self.received, rest)))
    }
}

fn is_nothing_yet(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}
