//! What iced does not know of the X server: which screens there are (RandR), and whether
//! anybody gives a window the keys: a kiosk often runs no window manager.

use std::sync::OnceLock;
use std::time::Duration;
use x11rb::connection::Connection;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, InputFocus, MapState};
use x11rb::rust_connection::RustConnection;

const FOCUS_TRIES: usize = 40;
const FOCUS_PAUSE: Duration = Duration::from_millis(50);

/// A screen, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Monitor {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Where the desktop's own things are.
    pub primary: bool,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A screen for the customer.
    Second(Monitor),
    /// There is one screen.
    One,
    /// Nobody says (Wayland).
    Unknown,
}

/// The customer's screen: the one that holds `at`, else the first that is not the cashier's.
pub fn find(at: Option<(i32, i32)>) -> Found {
    // Under Wayland the X server's answer is about XWayland, where our windows are not.
    if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) {
        return Found::Unknown;
    }
    match ask() {
        Some(monitors) => choose(&monitors, at),
        None => Found::Unknown,
    }
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
    if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) {
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
    let monitors = ask()?;
    let primary = monitors.iter().find(|m| m.primary);
    primary.or_else(|| monitors.first()).copied()
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
        x: m.x.into(),
        y: m.y.into(),
        width: m.width.into(),
        height: m.height.into(),
        primary: m.primary,
    });
    Some(monitors.collect())
}

fn choose(monitors: &[Monitor], at: Option<(i32, i32)>) -> Found {
    let holds = |m: &Monitor, (x, y): (i32, i32)| {
        let inside = |p: i32, from: i32, length: u32| {
            p >= from && i64::from(p) < i64::from(from) + i64::from(length)
        };
        inside(x, m.x, m.width) && inside(y, m.y, m.height)
    };
    // Where none is marked primary, the first one listed is the cashier's.
    let cashiers = monitors.iter().position(|m| m.primary).unwrap_or(0);
    let others = monitors
        .iter()
        .enumerate()
        .filter(|(i, m)| *i != cashiers && !same_place(m, monitors.get(cashiers)))
        .map(|(_, m)| m);
    let second = match at {
        Some(place) => others.clone().find(|m| holds(m, place)),
        None => others.clone().next(),
    };
    second.map_or(Found::One, |m| Found::Second(*m))
}

/// Mirrored screens show the same: the customer would see the cashier's.
fn same_place(a: &Monitor, b: Option<&Monitor>) -> bool {
    b.is_some_and(|b| a.x == b.x && a.y == b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Monitor = Monitor {
        x: 0,
        y: 0,
        width: 1366,
        height: 768,
        primary: true,
    };
    const RIGHT: Monitor = Monitor {
        x: 1366,
        y: 0,
        width: 1024,
        height: 600,
        primary: false,
    };

    #[test]
    fn the_customer_gets_the_screen_that_is_not_the_cashiers() {
        assert_eq!(choose(&[LEFT, RIGHT], None), Found::Second(RIGHT));
        assert_eq!(choose(&[RIGHT, LEFT], None), Found::Second(RIGHT));
        assert_eq!(choose(&[LEFT], None), Found::One);
        assert_eq!(choose(&[], None), Found::One);
        assert_eq!(
            choose(&[LEFT, RIGHT], Some((1366, 0))),
            Found::Second(RIGHT)
        );
        assert_eq!(choose(&[LEFT, RIGHT], Some((0, 0))), Found::One);
    }

    #[test]
    fn a_mirrored_screen_is_no_second_screen() {
        let mirror = Monitor {
            primary: false,
            ..LEFT
        };
        assert_eq!(choose(&[LEFT, mirror], None), Found::One);
    }
}
