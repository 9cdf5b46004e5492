//! The camera's page over what is open, and pictures that are dropped on the window.
//!
//! The till turns the camera on and off and says what was read; what is read goes where a
//! scanner's scan goes. Where a PIN is asked neither the camera nor a dropped picture counts.

use super::{App, Message, Screen};
use crate::domain::AuthCode;
use crate::till::service::{Command, Said, ScanText, Service, Stage};
use crate::ui::screens::camera;
use iced::futures::stream;
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::{Event, Subscription, Task, event, window};
use std::sync::Arc;
use std::time::Duration;

/// Between two frames on the screen.
const FRAME: Duration = Duration::from_millis(66);

impl App {
    /// What the camera and dropped pictures brought.
    pub(super) fn camera(&mut self, message: camera::Message) -> Task<Message> {
        match message {
            camera::Message::Frame(view) if self.shows_camera() => {
                self.camera.show(view.as_deref())
            }
            camera::Message::Frame(_) => {}
            camera::Message::Close => self.close_camera(),
            camera::Message::Hovered(id) => {
                self.camera
                    .hover(id == self.main_window() && self.takes_pictures());
            }
            camera::Message::Left => self.camera.hover(false),
            camera::Message::Dropped(id, path) => {
                self.camera.hover(false);
                if id == self.main_window() && self.takes_pictures() {
                    self.service.send(Command::ReadPicture(path));
                }
            }
        }
        Task::none()
    }

    /// F4: opens the page, or closes it.
    pub(super) fn toggle_camera(&mut self) {
        if self.camera.is_open() {
            return self.close_camera();
        }
        // Where a PIN is asked nothing that is read would count.
        if !self.takes_pictures() {
            return;
        }
        let searches = matches!(self.screen, Screen::Bills(_) | Screen::Refund(_));
        if !searches {
            self.screen = Screen::Sale;
        }
        let busy = match &self.snapshot.stage {
            Stage::Bill(bill) => !bill.state.is_terminal() && !bill.may_retry,
            Stage::Idle | Stage::Amount { .. } => false,
        };
        if busy && !searches {
            return self.say(self.words().said(&Said::StageBusy));
        }
        self.camera.open(self.now_mono_ms, &self.snapshot, searches);
        self.service.send(Command::Camera(true));
        self.show_newest();
    }

    pub(super) fn close_camera(&mut self) {
        if self.camera.close() {
            self.service.send(Command::Camera(false));
            self.show_newest();
        }
    }

    /// A camera that is on by itself has shown this frame in the other place already.
    fn show_newest(&mut self) {
        if self.shows_camera() {
            let newest = self.service.camera().borrow().clone();
            self.camera.show(newest.as_deref());
        }
    }

    /// After every message: a page that has no more to do goes, and no frame outlives its place.
    pub(super) fn camera_follows(&mut self) {
        let searches = matches!(self.screen, Screen::Bills(_) | Screen::Refund(_));
        let belongs = searches || matches!(self.screen, Screen::Sale);
        let over = self.camera.is_over(self.now_mono_ms, &self.snapshot);
        if over || !belongs || !self.takes_pictures() {
            self.close_camera();
        }
        if !self.takes_pictures() {
            self.camera.hover(false);
        }
        if !self.shows_camera() {
            self.camera.show(None);
        }
    }

    /// A scan would count here: nobody is asked for a PIN, and no question is open.
    fn takes_pictures(&self) -> bool {
        !self.pin_asked() && self.snapshot.question.is_none()
    }

    /// Frames are on the screen now.
    pub(super) fn shows_camera(&self) -> bool {
        let corner = matches!(self.screen, Screen::Sale) && camera::is_by_itself(&self.snapshot);
        self.camera.is_open() || (corner && !self.is_locked())
    }

    /// Which frame is on the screen, as the till counts; for tests.
    pub fn camera_frame(&self) -> Option<u64> {
        self.camera.frame()
    }

    /// The camera's page is open.
    pub fn camera_is_open(&self) -> bool {
        self.camera.is_open()
    }

    /// A key for the page below the camera's: that one comes back first.
    pub(super) fn camera_makes_room(&mut self, key: &Key) {
        let of_camera = matches!(key, Key::Named(Named::F4 | Named::Escape));
        if !of_camera && !matches!(self.screen, Screen::Sale) {
            self.close_camera();
        }
    }

    /// A device read this. While the camera waits for a payment code, a slip that lies in its sight
    /// is no answer.
    pub(super) fn device_scanned(&mut self, text: ScanText) -> Task<Message> {
        let for_payment = self.camera.is_open() && matches!(self.screen, Screen::Sale);
        if for_payment && AuthCode::parse(text.expose()).is_err() {
            return Task::none();
        }
        self.scanned(text, false)
    }

    pub(super) fn camera_subscriptions(&self) -> Vec<Subscription<Message>> {
        let mut all = vec![files()];
        if self.shows_camera() {
            all.push(frames(Arc::clone(&self.service)));
        }
        all
    }
}

/// The newest frame, at most fifteen a second; those between are skipped.
fn frames(service: Arc<dyn Service>) -> Subscription<Message> {
    Subscription::run_with(super::time::Till(service, "camera"), |till| {
        let mut receiver = till.0.camera();
        receiver.mark_changed();
        stream::unfold(receiver, |mut receiver| async move {
            receiver.changed().await.ok()?;
            let latest = receiver.borrow_and_update().clone();
            tokio::time::sleep(FRAME).await;
            Some((Message::Camera(camera::Message::Frame(latest)), receiver))
        })
    })
}

/// Files over the windows (under X11, Windows and macOS; winit has none of it for Wayland).
fn files() -> Subscription<Message> {
    event::listen_with(|event, _, id| {
        let Event::Window(event) = event else {
            return None;
        };
        Some(Message::Camera(match event {
            window::Event::FileHovered(_) => camera::Message::Hovered(id),
            window::Event::FilesHoveredLeft => camera::Message::Left,
            window::Event::FileDropped(path) => camera::Message::Dropped(id, path),
            _ => return None,
        }))
    })
}
