//! Screens that come and go: RandR's events, read on a thread and a connection of their own.
//!
//! Nothing runs while nothing changes: the thread sleeps in its read. It ends when nobody listens
//! any more.

use super::{Monitor, ask, is_wayland};
use iced::Subscription;
use iced::futures::stream::{self, BoxStream, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::randr::{ConnectionExt as _, NotifyMask};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, EventMask, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// One plug is a burst of events: the screens are asked for when it is over.
const BURST: Duration = Duration::from_millis(200);
/// A burst is never waited for longer than so many times that.
const BURSTS: usize = 10;

/// The screens, now and after each change. Says nothing under Wayland, and without RandR.
pub fn screens() -> Subscription<Vec<Monitor>> {
    if is_wayland() {
        return Subscription::none();
    }
    Subscription::run(listen)
}

fn listen() -> BoxStream<'static, Vec<Monitor>> {
    stream::unfold(None::<(Listening, Vec<Monitor>)>, |state| async move {
        let Some((mut listening, before)) = state else {
            let listening = Listening::start()?;
            let screens = ask()?;
            return Some((screens.clone(), Some((listening, screens))));
        };
        loop {
            listening.changed().await?;
            let screens = ask()?;
            if screens != before {
                return Some((screens.clone(), Some((listening, screens))));
            }
        }
    })
    .boxed()
}

/// The thread that reads, ended by dropping this.
struct Listening {
    connection: Arc<RustConnection>,
    /// Never shown: its end is what wakes the thread for the last time.
    window: Window,
    changes: Receiver<()>,
}

impl Listening {
    /// `None` where there is no X or no RandR.
    fn start() -> Option<Listening> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        connection.randr_query_version(1, 5).ok()?.reply().ok()?;
        let mask = NotifyMask::SCREEN_CHANGE
            | NotifyMask::CRTC_CHANGE
            | NotifyMask::OUTPUT_CHANGE
            | NotifyMask::RESOURCE_CHANGE;
        connection.randr_select_input(root, mask).ok()?;
        // A monitor that was set by hand (xrandr --setmonitor) is told only by this one.
        let structure = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        let selected = connection.change_window_attributes(root, &structure);
        selected.ok()?.check().ok()?;
        let window = connection.generate_id().ok()?;
        let structure = CreateWindowAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        let class = WindowClass::INPUT_ONLY;
        let created =
            connection.create_window(0, window, root, -1, -1, 1, 1, 0, class, 0, &structure);
        created.ok()?.check().ok()?;
        let connection = Arc::new(connection);
        let (sender, changes) = channel(1);
        let reading = Arc::clone(&connection);
        std::thread::Builder::new()
            .name("screens".to_owned())
            .spawn(move || read(&reading, window, &sender))
            .ok()?;
        Some(Listening {
            connection,
            window,
            changes,
        })
    }

    /// Waits until a change is over; `None`: the display is gone.
    async fn changed(&mut self) -> Option<()> {
        self.changes.recv().await?;
        for _ in 0..BURSTS {
            tokio::time::sleep(BURST).await;
            match self.changes.try_recv() {
                Ok(()) => {}
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return None,
            }
        }
        Some(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.connection.destroy_window(self.window);
        let _ = self.connection.flush();
    }
}

fn read(connection: &RustConnection, own: Window, changes: &Sender<()>) {
    while let Ok(event) = connection.wait_for_event() {
        match event {
            Event::DestroyNotify(gone) if gone.window == own => return,
            Event::RandrScreenChangeNotify(_)
            | Event::RandrNotify(_)
            | Event::ConfigureNotify(_) => {
                // Full: a change is told already and not yet asked about.
                let _ = changes.try_send(());
            }
            _ => {}
        }
    }
}
