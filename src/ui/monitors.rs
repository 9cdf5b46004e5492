//! What iced does not know of the X server: which screens there are (RandR), and whether
//! anybody gives a window the keys: a kiosk often runs no window manager.

pub mod changes;
pub mod place;

use place::cashiers_screen;
use std::sync::OnceLock;
use std::time::Duration;
use x11rb::connection::Connection;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, ConnectionExt as _, InputFocus, MapState, PropMode, StackMode,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

const FOCUS_TRIES: usize = 40;
const FOCUS_PAUSE: Duration = Duration::from_millis(50);

/// A rectangle of the desktop, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Area {
    /// How many pixels both have.
    pub fn overlap(self, other: Area) -> i64 {
        let along = |a: i32, a_length: u32, b: i32, b_length: u32| {
            let (a, b) = (i64::from(a), i64::from(b));
            let end = (a + i64::from(a_length)).min(b + i64::from(b_length));
            (end - a.max(b)).max(0)
        };
        along(self.x, self.width, other.x, other.width).saturating_mul(along(
            self.y,
            self.height,
            other.y,
            other.height,
        ))
    }

    /// How many pixels it has.
    pub fn pixels(self) -> i64 {
        i64::from(self.width).saturating_mul(i64::from(self.height))
    }
}

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Monitor {
    /// Where it is on the desktop.
    pub area: Area,
    /// Where the desktop's own things are.
    pub primary: bool,
}

/// The screens there are; `None` where nobody says.
pub fn screens() -> Option<Vec<Monitor>> {
    // Under Wayland the X server's answer is about XWayland, where our windows are not.
    if is_wayland() { None } else { ask() }
}

fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
}

/// Whether a window can be opened at all. winit panics where it can't, so it is asked before.
pub fn has_display() -> bool {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    let wayland = || {
        let name = set("WAYLAND_DISPLAY")?;
        let socket = std::path::Path::new(&set("XDG_RUNTIME_DIR")?).join(name);
        socket.exists().then_some(())
    };
    let x11 = cfg!(all(unix, not(target_os = "macos")));
    !x11 || set("WAYLAND_SOCKET").is_some() || wayland().is_some() || self::x11().is_some()
}

/// Where no window manager runs, gives this window the keys once it can be seen. Does nothing
/// where one runs, or without X.
pub async fn focus_without_manager(window: u64) {
    for _ in 0..FOCUS_TRIES {
        match try_focus(window) {
            Some(false) => tokio::time::sleep(FOCUS_PAUSE).await,
            Some(true) | None => return,
        }
    }
}

/// `Some(false)`: not yet to be seen.
fn try_focus(window: u64) -> Option<bool> {
    let window = u32::try_from(window).ok()?;
    if is_wayland() {
        return None;
    }
    let (connection, screen) = x11()?;
    let root = connection.setup().roots.get(*screen)?.root;
    let name = b"_NET_SUPPORTING_WM_CHECK";
    let check = connection.intern_atom(false, name).ok()?.reply().ok()?.atom;
    let manager = connection
        .get_property(false, root, check, AtomEnum::WINDOW, 0, 1)
        .ok()?
        .reply()
        .ok()?;
    if manager.value_len > 0 {
        return None;
    }
    let attributes = connection
        .get_window_attributes(window)
        .ok()?
        .reply()
        .ok()?;
    if attributes.map_state != MapState::VIEWABLE {
        return Some(false);
    }
    connection
        .set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)
        .ok()?
        .check()
        .ok()?;
    Some(true)
}

/// One connection for as long as the program runs. A bare X server resets itself when its last
/// client goes, and a window opened just then would find nobody.
fn x11() -> Option<&'static (RustConnection, usize)> {
    static X11: OnceLock<Option<(RustConnection, usize)>> = OnceLock::new();
    X11.get_or_init(|| x11rb::connect(None).ok()).as_ref()
}

/// The cashier's screen: the primary one, else the first. `None` where nobody says.
pub fn cashiers() -> Option<Monitor> {
    cashiers_screen(&ask()?, None).copied()
}

fn ask() -> Option<Vec<Monitor>> {
    let (connection, screen) = x11()?;
    let root = connection.setup().roots.get(*screen)?.root;
    let reply = connection
        .randr_get_monitors(root, true)
        .ok()?
        .reply()
        .ok()?;
    let monitors = reply.monitors.iter().map(|m| Monitor {
        area: Area {
            x: m.x.into(),
            y: m.y.into(),
            width: m.width.into(),
            height: m.height.into(),
        },
        primary: m.primary,
    });
    Some(monitors.collect())
}

/// Before a window is shown: the window manager gives it no keys when it comes (EWMH: a user time
/// of 0). Does nothing without X.
pub async fn never_take_keys(window: u64) {
    let _ = no_user_time(window);
}

fn no_user_time(window: u64) -> Option<()> {
    let window = u32::try_from(window).ok()?;
    let (connection, _) = x11().filter(|_| !is_wayland())?;
    let name = b"_NET_WM_USER_TIME";
    let time = connection.intern_atom(false, name).ok()?.reply().ok()?.atom;
    connection
        .change_property32(PropMode::REPLACE, window, time, AtomEnum::CARDINAL, &[0])
        .ok()?
        .check()
        .ok()
}

/// Puts a window under all others. Does nothing without X.
pub async fn lower(window: u64) {
    let _ = put_below(window);
}

fn put_below(window: u64) -> Option<()> {
    let window = u32::try_from(window).ok()?;
    let (connection, _) = x11().filter(|_| !is_wayland())?;
    let below = ConfigureWindowAux::new().stack_mode(StackMode::BELOW);
    connection
        .configure_window(window, &below)
        .ok()?
        .check()
        .ok()
}
