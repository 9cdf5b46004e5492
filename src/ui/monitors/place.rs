//! Where the windows belong, by the screens there are: pure, so that each unplugging can be read
//! as one line of a table.
//!
//! Invariant: the customer's window never fills the screen that the cashier's window is on.

use super::{Area, Monitor};
use crate::domain::config::{CustomerSettings, CustomerWindow};

/// The customer's window where it fills no screen, pixels.
pub const USUAL: (u32, u32) = (1024, 600);
/// A window of which less than this part lies on a screen can't be found by anybody.
const SEEN_PART: i64 = 8;

/// Where the customer's window belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// There is none.
    Nowhere,
    /// It fills this screen, without a frame.
    Fills(Area),
    /// A window to drag, with its upper left corner here.
    At((i32, i32)),
    /// A window to drag, wherever the desktop puts it.
    Anywhere,
}

/// What to do with the customer's window after something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it is where it belongs, or a person closed it there.
    Keep,
    /// Close it.
    Close,
    /// Close it where it is open, and open it there.
    Open(Place),
}

/// Where the customer's window belongs. `screens`: `None` where nobody says (Wayland). `cashiers`:
/// the cashier's window, where that is known.
pub fn belongs(
    screens: Option<&[Monitor]>,
    cashiers: Option<Area>,
    wish: &CustomerSettings,
) -> Place {
    let on = match wish.window {
        CustomerWindow::Off => return Place::Nowhere,
        CustomerWindow::Auto => false,
        CustomerWindow::On => true,
    };
    let Some(screens) = screens else {
        // Under Wayland no program may place its window; a person drags it.
        return match wish.at {
            Some(at) if on => Place::At(at),
            _ => Place::Anywhere,
        };
    };
    let own = cashiers_screen(screens, cashiers);
    // Mirrored screens show the same: the customer would see the cashier's.
    let apart = |m: &Monitor| own.is_none_or(|own| m.area.overlap(own.area) == 0);
    let wished = wish.at.and_then(|at| screen_at(screens, at));
    let second = screens.iter().find(|m| apart(m));
    if let Some(screen) = wished.filter(|m| apart(m)).or(second) {
        return Place::Fills(screen.area);
    }
    match wish.at.filter(|_| wished.is_some()) {
        _ if !on => Place::Nowhere,
        Some(at) => Place::At(at),
        None => Place::Anywhere,
    }
}

/// The remembered place is on no screen now: where the window is instead is not remembered, or
/// the screen would be forgotten while it is away.
pub fn stands_in(screens: Option<&[Monitor]>, wish: &CustomerSettings) -> bool {
    let away = |screens: &[Monitor]| wish.at.is_some_and(|at| screen_at(screens, at).is_none());
    screens.is_some_and(away)
}

/// From where it was put (`placed`) to where it belongs now. `lies`: where it really is, `None`
/// where it is not open.
pub fn step(placed: Place, lies: Option<Area>, wanted: Place, screens: Option<&[Monitor]>) -> Step {
    let lost = |lies| screens.is_some_and(|screens| !can_be_seen(screens, lies));
    match wanted {
        _ if wanted == placed && !lies.is_some_and(lost) => Step::Keep,
        Place::Nowhere => Step::Close,
        place => Step::Open(place),
    }
}

/// Where the cashier's window must go; `None` where it can be seen.
pub fn rescue(screens: &[Monitor], lies: Area) -> Option<Area> {
    let screen = cashiers_screen(screens, None)?.area;
    (!can_be_seen(screens, lies)).then(|| Area {
        width: lies.width.min(screen.width),
        height: lies.height.min(screen.height),
        ..screen
    })
}

/// Enough of it lies on one screen.
pub fn can_be_seen(screens: &[Monitor], area: Area) -> bool {
    screen_of(screens, area).is_some()
}

/// The cashier's screen: the one that the window is on, else the primary one, else the first.
pub fn cashiers_screen(screens: &[Monitor], window: Option<Area>) -> Option<&Monitor> {
    window
        .and_then(|area| screen_of(screens, area))
        .or_else(|| screens.iter().find(|m| m.primary))
        .or_else(|| screens.first())
}

fn screen_at(screens: &[Monitor], (x, y): (i32, i32)) -> Option<&Monitor> {
    let (width, height) = USUAL;
    let area = Area {
        x,
        y,
        width,
        height,
    };
    screen_of(screens, area)
}

/// The screen that most of it lies on; of equals the first.
fn screen_of(screens: &[Monitor], area: Area) -> Option<&Monitor> {
    let seen = |m: &&Monitor| m.area.overlap(area).saturating_mul(SEEN_PART) >= area.pixels();
    let most = |m: &&Monitor| std::cmp::Reverse(m.area.overlap(area));
    screens.iter().filter(seen).min_by_key(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use CustomerWindow::{Auto, Off, On};
    use Place::{Anywhere, At, Fills, Nowhere};

    const fn area(x: i32, y: i32, width: u32, height: u32) -> Area {
        Area {
            x,
            y,
            width,
            height,
        }
    }

    const fn screen(area: Area) -> Monitor {
        Monitor {
            area,
            primary: false,
        }
    }

    const L: Area = area(0, 0, 1366, 768);
    const R: Area = area(1366, 0, 1024, 600);
    const LEFT: Monitor = Monitor {
        area: L,
        primary: true,
    };
    const RIGHT: Monitor = screen(R);
    /// The cashier's window.
    const MAIN: Option<Area> = Some(area(0, 0, 1366, 768));
    const BOTH: Option<&[Monitor]> = Some(&[LEFT, RIGHT]);
    const ONE: Option<&[Monitor]> = Some(&[LEFT]);

    fn wish(window: CustomerWindow, at: Option<(i32, i32)>) -> CustomerSettings {
        CustomerSettings { window, at }
    }

    #[test]
    fn where_the_customers_window_belongs() {
        let mirror = [LEFT, screen(area(0, 0, 1024, 768))];
        let third = area(2390, 0, 800, 480);
        let three = [LEFT, RIGHT, screen(third)];
        let at = |x, y| Some((x, y));
        let table = [
            ("off", BOTH, MAIN, Off, None, Nowhere),
            ("auto fills the second", BOTH, MAIN, Auto, None, Fills(R)),
            (
                "before the main one is seen",
                BOTH,
                None,
                Auto,
                None,
                Fills(R),
            ),
            (
                "primary listed last",
                Some(&[RIGHT, LEFT][..]),
                None,
                Auto,
                None,
                Fills(R),
            ),
            (
                "no primary: the first is the cashier's",
                Some(&[screen(L), RIGHT][..]),
                None,
                Auto,
                None,
                Fills(R),
            ),
            ("auto, one screen", ONE, MAIN, Auto, None, Nowhere),
            ("no screen at all", Some(&[][..]), None, Auto, None, Nowhere),
            (
                "a mirrored screen is no second one",
                Some(&mirror[..]),
                MAIN,
                Auto,
                None,
                Nowhere,
            ),
            (
                "never over the cashier's window",
                BOTH,
                Some(R),
                Auto,
                None,
                Fills(L),
            ),
            (
                "not even where it was put",
                BOTH,
                Some(R),
                Auto,
                at(1366, 0),
                Fills(L),
            ),
            (
                "the wished screen of three",
                Some(&three[..]),
                MAIN,
                Auto,
                at(2390, 0),
                Fills(third),
            ),
            (
                "mostly on the second",
                BOTH,
                MAIN,
                Auto,
                at(1300, 10),
                Fills(R),
            ),
            (
                "auto ignores a place on the cashier's",
                BOTH,
                MAIN,
                Auto,
                at(0, 0),
                Fills(R),
            ),
            ("so does on", BOTH, MAIN, On, at(0, 0), Fills(R)),
            (
                "on, main on the wished one",
                BOTH,
                Some(R),
                On,
                at(1366, 0),
                Fills(L),
            ),
            ("on, its screen away", ONE, MAIN, On, at(1366, 0), Anywhere),
            (
                "auto, its screen away",
                ONE,
                MAIN,
                Auto,
                at(1366, 0),
                Nowhere,
            ),
            (
                "a place on no screen, two there",
                BOTH,
                MAIN,
                Auto,
                at(9000, 0),
                Fills(R),
            ),
            (
                "on, a place on no screen, two there",
                BOTH,
                MAIN,
                On,
                at(-5000, 0),
                Fills(R),
            ),
            (
                "on, one screen, dragged",
                ONE,
                MAIN,
                On,
                at(300, 90),
                At((300, 90)),
            ),
            ("on, one screen", ONE, MAIN, On, None, Anywhere),
            ("Wayland", None, MAIN, Auto, None, Anywhere),
            ("Wayland, on", None, MAIN, On, None, Anywhere),
            ("nobody says, on", None, None, On, at(7, 8), At((7, 8))),
        ];
        for (name, screens, main, window, at, expected) in table {
            let got = belongs(screens, main, &wish(window, at));
            assert_eq!(got, expected, "{name}");
            if let (Fills(filled), Some(main), Some(screens)) = (got, main, screens) {
                let own = cashiers_screen(screens, Some(main)).unwrap();
                assert_eq!(filled.overlap(own.area), 0, "{name}");
            }
        }
    }

    #[test]
    fn what_an_unplugging_does() {
        let lies = Some(area(300, 90, 1024, 600));
        let on_second = Some(area(1500, 20, 1024, 600));
        let table = [
            (
                "nothing changed",
                Fills(R),
                Some(R),
                Fills(R),
                BOTH,
                Step::Keep,
            ),
            (
                "unplugged, auto",
                Fills(R),
                Some(R),
                Nowhere,
                ONE,
                Step::Close,
            ),
            (
                "unplugged, on",
                Fills(R),
                Some(R),
                Anywhere,
                ONE,
                Step::Open(Anywhere),
            ),
            (
                "back again, auto",
                Nowhere,
                None,
                Fills(R),
                BOTH,
                Step::Open(Fills(R)),
            ),
            (
                "back again, on",
                Anywhere,
                lies,
                Fills(R),
                BOTH,
                Step::Open(Fills(R)),
            ),
            ("still away", Nowhere, None, Nowhere, ONE, Step::Keep),
            (
                "another size",
                Fills(R),
                Some(R),
                Fills(L),
                BOTH,
                Step::Open(Fills(L)),
            ),
            (
                "closed by a person: stays closed",
                Fills(R),
                None,
                Fills(R),
                BOTH,
                Step::Keep,
            ),
            (
                "dragged here, seen",
                Anywhere,
                lies,
                Anywhere,
                ONE,
                Step::Keep,
            ),
            (
                "dragged to the screen that went",
                Anywhere,
                on_second,
                Anywhere,
                ONE,
                Step::Open(Anywhere),
            ),
            (
                "Wayland knows no screens",
                Anywhere,
                on_second,
                Anywhere,
                None,
                Step::Keep,
            ),
        ];
        for (name, placed, lies, wanted, screens, expected) in table {
            assert_eq!(step(placed, lies, wanted, screens), expected, "{name}");
        }
    }

    #[test]
    fn a_window_that_stands_in_does_not_forget_the_screen() {
        assert!(stands_in(ONE, &wish(On, Some((1366, 0)))));
        assert!(!stands_in(BOTH, &wish(On, Some((1366, 0)))));
        assert!(!stands_in(ONE, &wish(On, Some((300, 90)))));
        assert!(!stands_in(ONE, &wish(On, None)));
        assert!(!stands_in(None, &wish(On, Some((1366, 0)))));
    }

    #[test]
    fn the_cashiers_window_comes_back_from_a_screen_that_went() {
        let small = [screen(area(0, 0, 1024, 600))];
        let gone = area(1366, 0, 1366, 768);
        assert_eq!(rescue(&small, gone), Some(area(0, 0, 1024, 600)));
        assert_eq!(rescue(&[LEFT], gone), Some(area(0, 0, 1366, 768)));
        assert_eq!(rescue(&[LEFT, RIGHT], gone), None);
        assert_eq!(rescue(&[LEFT], area(-200, 20, 1366, 768)), None, "in sight");
        assert_eq!(rescue(&[], gone), None, "nowhere to go");
    }
}
