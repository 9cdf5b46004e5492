//! The two windows: the cashier's, which ends the program when it closes, and the customer's.

use super::{Message, Options};
use crate::domain::config::CustomerWindow;
use crate::till::service::Snapshot;
use crate::ui::monitors;
use iced::window::{self, Mode, Position, Settings};
use iced::{Event, Point, Size, Subscription, Task, event};

/// Which windows there are, and how large.
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) main: window::Id,
    pub(super) customer: Option<window::Id>,
    pub(super) main_size: Size,
    pub(super) customer_size: Size,
    full_screen: bool,
    customer_full_screen: bool,
}

const CUSTOMER_SIZE: Size = Size::new(1024.0, 600.0);
/// Below this a touch target could not be 48 px any more.
const SMALLEST: Size = Size::new(960.0, 640.0);

impl Windows {
    /// Opens what the settings say.
    pub(super) fn open(snapshot: &Snapshot, options: &Options) -> (Windows, Task<Message>) {
        let (main, main_task) = window::open(Settings {
            size: options.size,
            min_size: Some(SMALLEST),
            fullscreen: options.full_screen,
            exit_on_close_request: false,
            ..named()
        });
        let (customer, customer_task) = match customer_place(snapshot) {
            Some(settings) => {
                let (id, task) = window::open(settings);
                (Some(id), task.discard())
            }
            None => (None, Task::none()),
        };
        let windows = Windows {
            main,
            customer,
            main_size: options.size,
            customer_size: CUSTOMER_SIZE,
            full_screen: options.full_screen,
            customer_full_screen: false,
        };
        let focus = window::raw_id::<Message>(main)
            .then(|raw| Task::future(monitors::focus_without_manager(raw)))
            .discard();
        // The customer's window comes first: the cashier's then lies on top and has the keys.
        let tasks = Task::batch([
            customer_task,
            main_task.discard(),
            window::gain_focus(main),
            focus,
        ]);
        (windows, tasks)
    }

    /// The settings of the customer's window changed: it goes where they say now.
    pub(super) fn place_customer_anew(&mut self, snapshot: &Snapshot) -> Task<Message> {
        let close = match self.customer.take() {
            Some(id) => window::close(id),
            None => Task::none(),
        };
        let Some(settings) = customer_place(snapshot) else {
            return close;
        };
        let (id, open) = window::open(settings);
        self.customer = Some(id);
        self.customer_full_screen = false;
        Task::batch([close, open.discard(), window::gain_focus(self.main)])
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
            self.customer = None;
        }
        Task::none()
    }

    /// F11: of the window that has the keys.
    pub(super) fn toggle_full_screen(&mut self, id: window::Id) -> Task<Message> {
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
        window::set_mode(id, mode)
    }
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

/// Where the customer's window goes; `None` where there is none.
fn customer_place(snapshot: &Snapshot) -> Option<Settings> {
    let wish = &snapshot.settings.customer;
    let settings = |position, size| Settings {
        position,
        size,
        ..named()
    };
    let at = |(x, y): (i32, i32)| Position::Specific(Point::new(x as f32, y as f32));
    let drag = settings(Position::Default, CUSTOMER_SIZE);
    if wish.window == CustomerWindow::Off {
        return None;
    }
    let second = match monitors::find(wish.at) {
        monitors::Found::Second(screen) => {
            let size = Size::new(screen.width as f32, screen.height as f32);
            let mut placed = settings(at((screen.x, screen.y)), size);
            // It fills the screen by its size and has no frame. Asked for full screen, winit would
            // move it to the first output, over the cashier's.
            placed.decorations = false;
            return Some(placed);
        }
        monitors::Found::One => false,
        // Wayland: no program may place its window; a person drags it.
        monitors::Found::Unknown => true,
    };
    match (wish.window, wish.at) {
        (CustomerWindow::On, Some(place)) => Some(settings(at(place), CUSTOMER_SIZE)),
        (CustomerWindow::On, None) => Some(drag),
        _ => second.then_some(drag),
    }
}

/// Sizes and closings of every window.
pub(super) fn events() -> Subscription<Message> {
    event::listen_with(|event, _, id| match event {
        Event::Window(window::Event::Opened { size, .. } | window::Event::Resized(size)) => {
            Some(Message::Sized(id, size))
        }
        Event::Window(window::Event::CloseRequested | window::Event::Closed) => {
            Some(Message::Closed(id))
        }
        _ => None,
    })
}
