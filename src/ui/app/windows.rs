//! The two windows: the cashier's, which ends the program when it closes, and the customer's,
//! which follows the screens: it closes or steps back when its screen is unplugged, and fills it
//! again when it is back.
//!
//! Invariant: the customer's window never takes the keys, and never covers the cashier's.

use super::{App, Message, Options};
use crate::till::service::{Command, Snapshot};
use crate::ui::monitors::{
    self, Area, Monitor, changes,
    place::{self, Place, Step},
};
use iced::window::{self, Mode, Position, Settings};
use iced::{Event, Point, Size, Subscription, Task, event};

/// What happened to a window or to the screens.
#[derive(Debug, Clone)]
pub enum Happened {
    /// It is open: its size, and its place where that is known.
    Opened(window::Id, Size, Option<Point>),
    /// It was moved, by whomever.
    Moved(window::Id, Point),
    /// So many physical pixels are one of its own.
    Scaled(window::Id, f32),
    /// It has the keys, or has them no more.
    Focused(window::Id, bool),
    /// These are the screens now.
    Screens(Vec<Monitor>),
}

/// A window lies still when it was not moved for so long, ms.
const STILL_MS: i64 = 1_000;
/// Moves so soon after the program (or an unplugged screen) moved a window are no person's, ms.
const OWN_MOVES_MS: i64 = 1_000;

/// Where a window lies.
#[derive(Debug, Clone, Copy)]
struct Lies {
    /// In its own pixels.
    at: Option<Point>,
    /// Physical pixels of one of its own.
    scale: f32,
}

impl Lies {
    const UNKNOWN: Lies = Lies {
        at: None,
        scale: 1.0,
    };

    fn area(self, size: Size) -> Option<Area> {
        let at = self.at?;
        Some(Area {
            x: (at.x * self.scale).round() as i32,
            y: (at.y * self.scale).round() as i32,
            width: (size.width * self.scale).round() as u32,
            height: (size.height * self.scale).round() as u32,
        })
    }
}

/// How a window opens, in physical pixels.
#[derive(Debug, Clone, Copy)]
struct Opens {
    /// `None`: wherever the desktop puts it.
    at: Option<(i32, i32)>,
    size: Size,
}

/// Which windows there are, where, and how large.
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) main: window::Id,
    pub(super) customer: Option<window::Id>,
    pub(super) main_size: Size,
    pub(super) customer_size: Size,
    full_screen: bool,
    customer_full_screen: bool,
    /// The keys are the cashier's: they stay so when the customer's window opens.
    main_has_keys: bool,
    /// `None` where nobody says.
    screens: Option<Vec<Monitor>>,
    main_lies: Lies,
    customer_lies: Lies,
    /// Where the cashier's window lay still.
    main_still: Option<Area>,
    /// The cashier's window was moved: when it will have lain still, monotonic ms.
    main_still_ms: Option<i64>,
    /// Where the cashier's window was before its screen was unplugged.
    main_home: Option<Area>,
    /// How the cashier's window opens, until its scale is known.
    main_opens: Option<Opens>,
    /// Where the customer's window was put, by the settings and the screens.
    placed: Place,
    /// Its screen is away: where it is meanwhile is not remembered.
    stands_in: bool,
    own_moves_until_ms: i64,
    /// A person moved the customer's window: when it will have lain still, monotonic ms.
    moved_ms: Option<i64>,
    /// The place that the till was told last.
    told: Option<(i32, i32)>,
}

const CUSTOMER_SIZE: Size = Size::new(place::USUAL.0 as f32, place::USUAL.1 as f32);
/// Below this a touch target could not be 48 px any more.
const SMALLEST: Size = Size::new(960.0, 640.0);

impl Windows {
    /// Opens what the settings say.
    pub(super) fn open(
        snapshot: &Snapshot,
        options: &Options,
        now_ms: i64,
    ) -> (Windows, Task<Message>) {
        let screens = monitors::screens();
        let wish = &snapshot.settings.customer;
        let own = screens
            .as_deref()
            .and_then(|s| place::cashiers_screen(s, None));
        let opens_at = own.map(|m| (m.area.x, m.area.y)).filter(|at| *at != (0, 0));
        let (main, main_task) = window::open(Settings {
            size: options.size,
            min_size: Some(SMALLEST),
            fullscreen: options.full_screen,
            exit_on_close_request: false,
            position: opens_at.map_or(Position::Default, at),
            ..named()
        });
        let mut windows = Windows {
            main,
            customer: None,
            main_size: options.size,
            customer_size: CUSTOMER_SIZE,
            full_screen: options.full_screen,
            customer_full_screen: false,
            main_has_keys: false,
            main_lies: Lies::UNKNOWN,
            customer_lies: Lies::UNKNOWN,
            main_still: None,
            main_still_ms: None,
            main_home: None,
            main_opens: Some(Opens {
                at: opens_at,
                size: options.size,
            }),
            placed: Place::Nowhere,
            stands_in: place::stands_in(screens.as_deref(), wish),
            own_moves_until_ms: now_ms,
            moved_ms: None,
            told: None,
            screens,
        };
        let belongs = place::belongs(windows.screens.as_deref(), None, wish);
        let customer_task = windows.open_customer(belongs, now_ms);
        let focus = window::raw_id::<Message>(main)
            .then(|raw| Task::future(monitors::focus_without_manager(raw)))
            .discard();
        // The customer's window comes first: the cashier's then lies on top and has the keys.
        let tasks = Task::batch([
            customer_task,
            main_task.then(scale_of),
            window::gain_focus(main),
            focus,
        ]);
        (windows, tasks)
    }

    /// Opens the customer's window there, without the keys.
    fn open_customer(&mut self, belongs: Place, now_ms: i64) -> Task<Message> {
        self.placed = belongs;
        self.customer_full_screen = false;
        self.customer_lies = Lies::UNKNOWN;
        self.program_moves(now_ms);
        let Some(settings) = settings_for(belongs) else {
            return Task::none();
        };
        let (id, open) = window::open(settings);
        self.customer = Some(id);
        let keys = match self.main_has_keys {
            true => window::gain_focus(self.main),
            false => Task::none(),
        };
        // It is shown only after the window manager can read that it wants no keys.
        let show = open
            .then(window::raw_id::<Message>)
            .then(|raw| Task::future(monitors::never_take_keys(raw)))
            .then(move |()| {
                let shown = window::set_mode(id, Mode::Windowed).chain(scale_of(id));
                match belongs {
                    Place::Fills(_) => shown,
                    _ => shown.chain(under_all_others(id)),
                }
            });
        show.chain(keys)
    }

    fn close_customer(&mut self) -> Task<Message> {
        self.moved_ms = None;
        self.customer.take().map_or_else(Task::none, window::close)
    }

    /// The settings of the customer's window changed: it goes where they say now.
    pub(super) fn place_customer_anew(
        &mut self,
        snapshot: &Snapshot,
        now_ms: i64,
    ) -> Task<Message> {
        let wish = &snapshot.settings.customer;
        let wanted = self.belongs(snapshot);
        if wish.at.is_some() && self.told.take() == wish.at {
            // A person put it there: there it is.
            if matches!(wanted, Place::At(_)) {
                self.placed = wanted;
            }
            return Task::none();
        }
        let close = self.close_customer();
        let open = self.open_customer(wanted, now_ms);
        self.stands_in = place::stands_in(self.screens.as_deref(), wish);
        Task::batch([close, open])
    }

    fn belongs(&self, snapshot: &Snapshot) -> Place {
        let own = self.main_lies.area(self.main_size);
        place::belongs(self.screens.as_deref(), own, &snapshot.settings.customer)
    }

    /// Moves of these moments are the program's own.
    fn program_moves(&mut self, now_ms: i64) {
        self.own_moves_until_ms = now_ms.saturating_add(OWN_MOVES_MS);
        self.moved_ms = None;
    }

    /// What happened to a window or to the screens.
    pub(super) fn happened(
        &mut self,
        happened: Happened,
        snapshot: &Snapshot,
        now_ms: i64,
    ) -> Task<Message> {
        match happened {
            Happened::Opened(id, size, at) => {
                if Some(id) == self.customer {
                    self.customer_lies.at = at;
                    self.program_moves(now_ms);
                } else if id == self.main {
                    self.main_lies.at = at;
                    self.main_still_ms = Some(now_ms.saturating_add(STILL_MS));
                }
                self.sized(id, size)
            }
            Happened::Moved(id, at) => {
                self.moved(id, at, now_ms);
                Task::none()
            }
            Happened::Scaled(id, scale) => self.scaled(id, scale, now_ms),
            Happened::Focused(id, has_keys) => {
                if id == self.main {
                    self.main_has_keys = has_keys;
                }
                Task::none()
            }
            Happened::Screens(screens) => self.screens_changed(screens, snapshot, now_ms),
        }
    }

    fn moved(&mut self, id: window::Id, at: Point, now_ms: i64) {
        let still_ms = Some(now_ms.saturating_add(STILL_MS));
        if id == self.main {
            self.main_lies.at = Some(at);
            self.main_still_ms = still_ms;
        } else if Some(id) == self.customer {
            self.customer_lies.at = Some(at);
            if now_ms >= self.own_moves_until_ms {
                self.moved_ms = still_ms;
            }
        }
    }

    /// A window's place was given in physical pixels, and iced takes its own.
    fn scaled(&mut self, id: window::Id, scale: f32, now_ms: i64) -> Task<Message> {
        let usual = (scale - 1.0).abs() < f32::EPSILON;
        if id == self.main {
            self.main_lies.scale = scale;
            let Some(opens) = self.main_opens.take().filter(|_| !usual) else {
                return Task::none();
            };
            let at = opens.at.map(|(x, y)| unscaled(x, y, scale));
            return Task::batch([
                window::resize(id, opens.size * (1.0 / scale)),
                at.map_or_else(Task::none, |at| window::move_to(id, at)),
            ]);
        }
        if Some(id) != self.customer {
            return Task::none();
        }
        self.customer_lies.scale = scale;
        match self.placed {
            Place::Fills(screen) if !usual => {
                self.program_moves(now_ms);
                move_into(id, screen, scale)
            }
            Place::At((x, y)) if !usual && now_ms < self.own_moves_until_ms => {
                self.program_moves(now_ms);
                window::move_to(id, unscaled(x, y, scale))
            }
            _ => Task::none(),
        }
    }

    fn screens_changed(
        &mut self,
        screens: Vec<Monitor>,
        snapshot: &Snapshot,
        now_ms: i64,
    ) -> Task<Message> {
        let main = self.bring_main_back(&screens, now_ms);
        self.screens = Some(screens);
        // The desktop itself moves windows when a screen goes.
        self.program_moves(now_ms);
        Task::batch([main, self.follow_screens(snapshot, now_ms)])
    }

    /// The cashier's window leaves a screen that is gone, and goes home when that is back.
    fn bring_main_back(&mut self, screens: &[Monitor], now_ms: i64) -> Task<Message> {
        let seen = |area| place::can_be_seen(screens, area);
        if let Some(home) = self.main_home.filter(|home| seen(*home)) {
            self.main_home = None;
            return self.move_main(home, now_ms);
        }
        if let Some(still) = self.main_still.filter(|still| !seen(*still)) {
            // The desktop may have moved it already: where it belongs is kept all the same.
            self.main_home.get_or_insert(still);
        }
        let lies = self.main_lies.area(self.main_size);
        match lies.and_then(|lies| place::rescue(screens, lies)) {
            Some(area) => self.move_main(area, now_ms),
            None => Task::none(),
        }
    }

    fn move_main(&mut self, area: Area, now_ms: i64) -> Task<Message> {
        let scale = self.main_lies.scale;
        self.main_lies.at = Some(unscaled(area.x, area.y, scale));
        self.main_still = Some(area);
        self.main_still_ms = Some(now_ms.saturating_add(STILL_MS));
        let moving = move_into(self.main, area, scale);
        match self.full_screen {
            false => moving,
            true => window::set_mode(self.main, Mode::Windowed)
                .chain(moving)
                .chain(window::set_mode(self.main, Mode::Fullscreen)),
        }
    }

    /// The customer's window goes where it belongs by the screens there are.
    fn follow_screens(&mut self, snapshot: &Snapshot, now_ms: i64) -> Task<Message> {
        let wanted = self.belongs(snapshot);
        let lies = self.customer_lies.area(self.customer_size);
        let lies = lies.filter(|_| self.customer.is_some());
        let step = place::step(self.placed, lies, wanted, self.screens.as_deref());
        if step == Step::Keep {
            return Task::none();
        }
        self.stands_in = match (self.placed, wanted) {
            (_, Place::Fills(_)) => false,
            (Place::Fills(_), _) => true,
            _ => {
                let wish = &snapshot.settings.customer;
                self.stands_in || place::stands_in(self.screens.as_deref(), wish)
            }
        };
        let close = self.close_customer();
        match step {
            Step::Open(place) => Task::batch([close, self.open_customer(place, now_ms)]),
            Step::Close | Step::Keep => {
                self.placed = Place::Nowhere;
                close
            }
        }
    }

    /// When a window that was moved will have lain still, monotonic ms.
    pub(super) fn due_ms(&self) -> Option<i64> {
        self.moved_ms.into_iter().chain(self.main_still_ms).min()
    }

    /// Does what has become due. A place to remember, where a person put the customer's window.
    fn wake(&mut self, snapshot: &Snapshot, now_ms: i64) -> (Option<(i32, i32)>, Task<Message>) {
        let mut task = Task::none();
        if self.main_still_ms.take_if(|due| *due <= now_ms).is_some() {
            self.main_still = self.main_lies.area(self.main_size);
            task = self.follow_screens(snapshot, now_ms);
        }
        if self.moved_ms.take_if(|due| *due <= now_ms).is_none() || self.stands_in {
            return (None, task);
        }
        let area = self.customer_lies.area(self.customer_size);
        let at = area.map(|area| (area.x, area.y));
        let new = at.filter(|_| at != snapshot.settings.customer.at);
        if new.is_some() {
            self.told = new;
        }
        (new, task)
    }

    pub(super) fn sized(&mut self, id: window::Id, size: Size) -> Task<Message> {
        if id == self.main {
            self.main_size = size;
        } else if Some(id) == self.customer {
            self.customer_size = size;
        }
        Task::none()
    }

    /// Closing the main window ends the program; what the till does is not the window's affair.
    pub(super) fn closed(&mut self, id: window::Id) -> Task<Message> {
        if id == self.main {
            return iced::exit();
        }
        if Some(id) == self.customer {
            return self.close_customer();
        }
        Task::none()
    }

    /// F11: of the window that has the keys.
    pub(super) fn toggle_full_screen(&mut self, id: window::Id, now_ms: i64) -> Task<Message> {
        let (id, full) = if Some(id) == self.customer {
            (id, &mut self.customer_full_screen)
        } else {
            (self.main, &mut self.full_screen)
        };
        *full = !*full;
        let mode = if *full {
            Mode::Fullscreen
        } else {
            Mode::Windowed
        };
        self.program_moves(now_ms);
        window::set_mode(id, mode)
    }
}

impl App {
    /// Windows that were moved and lie still now.
    pub(super) fn wake_windows(&mut self) -> Task<Message> {
        let (moved, task) = self.windows.wake(&self.snapshot, self.now_mono_ms);
        if let Some((x, y)) = moved {
            self.service.send(Command::CustomerAt(x, y));
        }
        task
    }
}

fn scale_of(id: window::Id) -> Task<Message> {
    window::scale_factor(id).map(move |scale| Message::Window(Happened::Scaled(id, scale)))
}

/// It can be dragged out from there.
fn under_all_others(id: window::Id) -> Task<Message> {
    window::raw_id::<Message>(id)
        .then(|raw| Task::future(monitors::lower(raw)))
        .discard()
}

fn unscaled(x: i32, y: i32, scale: f32) -> Point {
    Point::new(x as f32 / scale, y as f32 / scale)
}

fn move_into(id: window::Id, area: Area, scale: f32) -> Task<Message> {
    let size = Size::new(area.width as f32 / scale, area.height as f32 / scale);
    Task::batch([
        window::move_to(id, unscaled(area.x, area.y, scale)),
        window::resize(id, size),
    ])
}

/// What a desktop knows the program by: WM_CLASS under X11, the application id under Wayland.
fn named() -> Settings {
    #[cfg_attr(not(target_os = "linux"), allow(unused_mut))]
    let mut settings = Settings::default();
    #[cfg(target_os = "linux")]
    {
        settings.platform_specific.application_id = "shouyin".to_owned();
    }
    settings
}

fn at((x, y): (i32, i32)) -> Position {
    Position::Specific(Point::new(x as f32, y as f32))
}

/// The customer's window there; `None` where there is none.
fn settings_for(belongs: Place) -> Option<Settings> {
    let settings = |position, size| Settings {
        position,
        size,
        visible: false,
        ..named()
    };
    match belongs {
        Place::Nowhere => None,
        Place::Fills(screen) => {
            let size = Size::new(screen.width as f32, screen.height as f32);
            // It fills the screen by its size and has no frame. Asked for full screen, winit would
            // move it to the first output, over the cashier's.
            Some(Settings {
                decorations: false,
                ..settings(at((screen.x, screen.y)), size)
            })
        }
        Place::At(corner) => Some(settings(at(corner), CUSTOMER_SIZE)),
        Place::Anywhere => Some(settings(Position::Default, CUSTOMER_SIZE)),
    }
}

/// What happens to every window, and the screens that come and go.
pub(super) fn events() -> Subscription<Message> {
    let windows = event::listen_with(|event, _, id| {
        let Event::Window(event) = event else {
            return None;
        };
        let happened = match event {
            window::Event::Resized(size) => return Some(Message::Sized(id, size)),
            window::Event::CloseRequested | window::Event::Closed => {
                return Some(Message::Closed(id));
            }
            window::Event::Opened { size, position } => Happened::Opened(id, size, position),
            window::Event::Moved(at) => Happened::Moved(id, at),
            window::Event::Rescaled(scale) => Happened::Scaled(id, scale),
            window::Event::Focused => Happened::Focused(id, true),
            window::Event::Unfocused => Happened::Focused(id, false),
            _ => return None,
        };
        Some(Message::Window(happened))
    });
    let screens = changes::screens().map(|screens| Message::Window(Happened::Screens(screens)));
    Subscription::batch([windows, screens])
}
