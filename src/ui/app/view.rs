//! Which screen is drawn in which window.

use super::{App, Function, Message, Screen};
use crate::domain::print::Printed;
use crate::ui::customer;
use crate::ui::screens::{
    bars, bills, camera, incident, keys, links, lock, prerefund, question, queue, rail, reconcile,
    refund, sale, settings, shift, slip, stage, to_do,
};
use crate::ui::theme::{self, Look, Palette};
use iced::widget::{Stack, column, container, row};
use iced::{Border, Element, Fill, Size, Theme, window};

impl App {
    /// What this window shows.
    pub fn view(&self, window: window::Id) -> Element<'_, Message> {
        if Some(window) == self.windows.customer {
            let size = self.windows.customer_size;
            let look = self.look(size);
            return customer::view(look, &self.snapshot, self.now_wall_ms, size);
        }
        self.main()
    }

    /// The window's title (COUNTER).
    pub fn title(&self, window: window::Id) -> String {
        if Some(window) == self.windows.customer {
            "Shouyin customer".to_owned()
        } else {
            let shop = &self.snapshot.shop;
            format!("Shouyin – {} {}", shop.name, shop.till)
        }
    }

    /// iced's own theme, for what the widgets do not style themselves.
    pub fn theme(&self) -> Theme {
        let c = self.palette();
        Theme::custom(
            "Shouyin",
            iced::theme::Palette {
                background: c.ground,
                text: c.text,
                primary: c.waiting.fill,
                success: c.paid.fill,
                warning: c.cancelling.fill,
                danger: c.refused.fill,
            },
        )
    }

    /// The colour behind everything. Nobody sees it: the windows' own ground lies over it. But
    /// iced's software renderer paints a window whole when it changes, and only then: its
    /// damage tracking (0.14.1) was seen to leave parts of a replaced page unpainted.
    pub fn style(&self, _theme: &Theme) -> iced::theme::Style {
        let c = self.palette();
        let step = f32::from(self.paint) / f32::from(u8::MAX) / 255.0;
        iced::theme::Style {
            background_color: iced::Color {
                b: c.ground.b - step,
                ..c.ground
            },
            text_color: c.text,
        }
    }

    fn palette(&self) -> &'static Palette {
        if self.options.dark {
            &theme::DARK
        } else {
            &theme::LIGHT
        }
    }

    pub(super) fn look(&self, size: Size) -> Look {
        Look::new(self.palette(), self.words(), size)
    }

    fn main(&self) -> Element<'_, Message> {
        let look = self.look(self.windows.main_size);
        let now = self.now_wall_ms;
        let snapshot = &*self.snapshot;
        let mut page = column![];
        if snapshot.shop.practice {
            page = page.push(bars::strip(look, look.words.practice_strip()));
        } else if snapshot.shop.sandbox {
            page = page.push(bars::strip(look, look.words.sandbox_strip()));
        }
        // A line takes the top bar's place, where nothing can be pressed: it never hides an
        // amount, a sentence or a button.
        page = page.push(match &self.toast {
            Some(toast) => bars::toast(look, &toast.text),
            None => bars::top(look, snapshot, now),
        });
        if let Some(banners) = bars::banners(look, snapshot) {
            page = page.push(banners);
        }
        let page = page
            .push(
                container(self.body(look))
                    .padding(look.px(16.0))
                    .height(Fill),
            )
            .push(bars::keys(look, snapshot));
        let ground = look.colors.ground;
        let page = container(page)
            .width(Fill)
            .height(Fill)
            .style(move |_| crate::ui::widgets::filled(ground, Border::default()));
        let mut layers = Stack::new().push(page);
        if let Some(asked) = &snapshot.question
            && !self.is_locked()
        {
            layers = layers.push(question::view(look, asked, now));
        }
        if self.camera.is_hovering() {
            layers = layers.push(camera::veil(look));
        }
        layers.width(Fill).height(Fill).into()
    }

    fn body(&self, look: Look) -> Element<'_, Message> {
        let (snapshot, now) = (&*self.snapshot, self.now_wall_ms);
        if self.is_locked() {
            return lock::view(look, snapshot, &self.lock).map(Message::Lock);
        }
        let page: Element<'_, Message> = match &self.screen {
            _ if self.camera.is_open() => camera::view(look, snapshot, &self.camera, &self.sale),
            Screen::Bills(state) => {
                return bills::view(look, snapshot, state, now).map(Message::Bills);
            }
            Screen::Sale => {
                let corner = camera::corner(look, snapshot, &self.camera);
                stage::view(look, snapshot, &self.sale, corner, now).map(pressed)
            }
            Screen::ToDo(state) => to_do::view(look, snapshot, state, now).map(Message::ToDo),
            Screen::Keys => keys::view(look),
            Screen::Links => links::view(look, snapshot),
            Screen::Refund(state) => return refund::view(look, snapshot, state, now),
            Screen::PreRefund(state) => return prerefund::view(look, snapshot, state, now),
            Screen::Incident(state) => return incident::view(look, snapshot, state, now),
            Screen::Shift(state) => return shift::view(look, snapshot, state, now),
            Screen::Reconcile(state) => return reconcile::view(look, snapshot, state, now),
            Screen::Settings(state) => return settings::view(look, snapshot, state, now),
            Screen::Slip(state, _) => return slip::view(look, snapshot, state),
            Screen::Queue(state) => queue::view(look, snapshot, state),
        };
        row![
            container(page).width(Fill).height(Fill),
            rail::view(look, snapshot, now),
        ]
        .spacing(look.px(16.0))
        .into()
    }
}

fn pressed(press: stage::Press) -> Message {
    match press {
        stage::Press::Sale(message) => Message::Sale(message),
        stage::Press::Links => Message::Function(Function::Link),
        stage::Press::Release(bill_no) => Message::Release(bill_no),
        stage::Press::Witnesses(bill_no) => Message::OpenIncident(bill_no),
        stage::Press::Refund(bill_no) => Message::OpenRefund(bill_no),
        stage::Press::Slip(bill_no) => Message::Slip(slip::Message::Open(Printed::Sale(bill_no))),
    }
}

/// The sale's own message, where a screen needs it.
impl From<sale::Message> for Message {
    fn from(message: sale::Message) -> Self {
        Message::Sale(message)
    }
}
