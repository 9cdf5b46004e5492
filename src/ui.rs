//! The window: a client of the till. It draws the latest snapshot, sends commands, and says
//! notices; screens of one file each, every word from `strings`, every colour from `theme`.
//!
//! Architecture invariant: it uses only `till`, `domain` and its own widgets, and holds no
//! payment state: typed digits, a note, which screen is open, the focus, the keys of a scan.
//! A slow frame, a panic in a view or a closed window loses nothing.

pub mod app;
pub mod clock;
pub mod customer;
pub mod digits;
pub mod face;
pub mod fonts;
pub mod monitors;
pub mod screens;
pub mod strings;
pub mod theme;
pub mod widgets;

use crate::till::service::Service;
use app::App;
use clock::{Clock, SystemClock};
use iced::{Program, Size};
use std::sync::Arc;

/// How the window looks at first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The dark palette.
    pub dark: bool,
    /// The main window fills its screen.
    pub full_screen: bool,
    /// The main window's size where it does not.
    pub size: Size,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            dark: false,
            full_screen: false,
            size: Size::new(1366.0, 768.0),
        }
    }
}

impl Options {
    /// As large as the cashier's screen where it is small, else the size the screens were drawn
    /// for; never larger than the screen.
    pub fn fitting() -> Options {
        let usual = Options::default();
        let Some(screen) = monitors::cashiers() else {
            return usual;
        };
        let (width, height) = (screen.area.width as f32, screen.area.height as f32);
        Options {
            size: Size::new(width, height),
            ..usual
        }
    }
}

/// The program, as `run` and the tests use it.
pub fn program(
    service: Arc<dyn Service>,
    clock: Arc<dyn Clock>,
    options: Options,
) -> iced::Daemon<impl Program<State = App, Message = app::Message, Theme = iced::Theme>> {
    iced::daemon(
        move || App::new(Arc::clone(&service), Arc::clone(&clock), options),
        App::update,
        App::view,
    )
    .title(App::title)
    .theme(|app: &App, _| Some(app.theme()))
    .style(App::style)
    .subscription(App::subscription)
    .settings(settings())
}

/// Fonts and what else every window of this program shares. Tests load the same.
pub fn settings() -> iced::Settings {
    iced::Settings {
        id: Some("shouyin".to_owned()),
        fonts: vec![fonts::regular_ttf().into(), fonts::bold_ttf().into()],
        default_font: theme::REGULAR,
        ..iced::Settings::default()
    }
}

/// There is a display to open windows on: winit would panic without one, and COUNTER wants one
/// line and exit code 2.
pub fn has_display() -> bool {
    monitors::has_display()
}

/// Opens the windows and returns when the main one is closed. What is in progress is the
/// till's: `main` decides how long the till goes on.
///
/// # Errors
/// Where there is no display, or no window can be opened.
pub fn run(service: Arc<dyn Service>, options: Options) -> iced::Result {
    program(service, Arc::new(SystemClock), options).run()
}
