//! PulseAudio's protocol against a server at the other end of a socket pair.

use super::super::pulse::play_on;
use super::super::render;
use super::*;
use pulseaudio::protocol::{
    self, AuthReply, Command, CreatePlaybackStreamReply, MAX_VERSION, PulseError, Request,
    SetClientNameReply,
};
use std::io::{Cursor, Read};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;
use std::time::Instant;

/// How far the server goes before it does nothing more (`Hangs`) or hangs up.
#[derive(Clone, Copy, PartialEq)]
enum Server {
    Whole,
    Hangs,
    RefusesStream,
    LeavesAfter(usize),
}

/// What the server was handed.
#[derive(Default)]
struct Got {
    samples: Vec<u8>,
    /// No more was sent than was asked for.
    ahead: bool,
}

fn serve(mut socket: UnixStream, does: Server) -> Got {
    let mut got = Got::default();
    let mut asked = 0;
    while let Ok(head) = protocol::read_descriptor(&mut socket) {
        let mut payload = vec![0; head.length as usize];
        socket.read_exact(&mut payload).unwrap();
        if head.channel != u32::MAX {
            assert_eq!(head.channel, 7);
            got.samples.extend(payload);
            got.ahead |= got.samples.len() > asked;
            if let Server::LeavesAfter(bytes) = does
                && got.samples.len() >= bytes
            {
                return got;
            }
            // More, a little at a time, among news that nobody needs.
            let more = Request {
                channel: 7,
                length: 3000,
            };
            asked += 3000;
            say(&mut socket, &Command::Started(7));
            say(&mut socket, &Command::Request(more));
            continue;
        }
        if does == Server::Hangs {
            continue;
        }
        let read = Command::read_tag_prefixed(&mut Cursor::new(payload), MAX_VERSION);
        let (seq, command) = read.unwrap();
        match command {
            Command::Auth(_) => {
                let version = MAX_VERSION;
                let reply = AuthReply {
                    version,
                    ..AuthReply::default()
                };
                protocol::write_reply_message(&mut socket, seq, &reply, MAX_VERSION).unwrap();
            }
            Command::SetClientName(_) => {
                let reply = SetClientNameReply { client_id: 1 };
                protocol::write_reply_message(&mut socket, seq, &reply, MAX_VERSION).unwrap();
            }
            Command::CreatePlaybackStream(_) if does == Server::RefusesStream => {
                let no = Command::Error(PulseError::NoEntity);
                protocol::write_command_message(&mut socket, seq, &no, MAX_VERSION).unwrap();
            }
            Command::CreatePlaybackStream(params) => {
                assert_eq!(params.sample_spec.sample_rate, RATE);
                asked += 4000;
                let reply = CreatePlaybackStreamReply {
                    channel: 7,
                    requested_bytes: 4000,
                    ..CreatePlaybackStreamReply::default()
                };
                protocol::write_reply_message(&mut socket, seq, &reply, MAX_VERSION).unwrap();
            }
            Command::DrainPlaybackStream(7) => {
                protocol::write_ack_message(&mut socket, seq).unwrap();
            }
            other => panic!("not expected: {other:?}"),
        }
    }
    got
}

fn say(socket: &mut UnixStream, command: &Command) {
    let _ = protocol::write_command_message(socket, u32::MAX, command, MAX_VERSION);
}

fn sound() -> Pcm {
    let tones = vec![Tone::Paid];
    let speech = None;
    render(&Announcement { tones, speech }, 100)
}

fn play(does: Server, cancel: bool) -> (Result<(), NoSound>, Got) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server: JoinHandle<Got> = std::thread::spawn(move || serve(theirs, does));
    let grace = match does {
        Server::Hangs => Duration::from_millis(50),
        _ => Duration::from_secs(30),
    };
    let result = play_on(ours, Vec::new(), &sound(), grace, &AtomicBool::new(cancel));
    (result, server.join().unwrap())
}

#[test]
fn every_sample_is_handed_over_as_fast_as_the_server_asks() {
    let (result, got) = play(Server::Whole, false);
    assert_eq!(result, Ok(()));
    assert_eq!(got.samples, sound().bytes());
    assert!(!got.ahead);
}

#[test]
fn a_server_that_never_answers_is_left() {
    let began = Instant::now();
    let (result, _) = play(Server::Hangs, false);
    assert_eq!(result, Err(NoSound::Hangs));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_server_without_anything_to_play_on_has_taken_nothing() {
    let (result, got) = play(Server::RefusesStream, false);
    assert!(matches!(result, Err(NoSound::Failed(_))), "{result:?}");
    assert!(got.samples.is_empty());
}

#[test]
fn a_server_that_dies_in_the_middle_is_not_followed_by_another_voice() {
    let (result, got) = play(Server::LeavesAfter(6000), false);
    assert!(matches!(result, Err(NoSound::Cut(_))), "{result:?}");
    assert!(got.samples.len() < sound().bytes().len());
}

#[test]
fn the_end_of_the_program_ends_it() {
    let (result, _) = play(Server::Hangs, true);
    assert!(result.is_err(), "it was not played: {result:?}");
}
