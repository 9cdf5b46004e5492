//! F10: the settings to look at. No secret is among them.

use super::keys::page;
use crate::domain::config::{CustomerWindow, Settings};
use crate::till::service::Snapshot;
use crate::ui::app::{Context, PageKey, Step};
use crate::ui::theme::Look;
use crate::ui::widgets::{self, bold, plain};
use iced::widget::{Column, column, container, row};
use iced::{Element, Fill};

type Group = (&'static str, Vec<(&'static str, String)>);

/// What is on the page.
#[derive(Debug, Default)]
pub struct State {}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, where no text field took it.
    Key(PageKey),
    /// Back.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Scrolls the page.
    Scroll(Step),
    /// Back to the sale.
    Close,
}

impl State {
    /// Opens it.
    pub fn open(context: Context<'_>) -> (State, Vec<Action>) {
        let _ = context;
        (State::default(), Vec::new())
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let _ = context;
        match message {
            Message::Key(PageKey::Step(step)) => vec![Action::Scroll(step)],
            Message::Key(PageKey::Enter) | Message::Close => vec![Action::Close],
            Message::Key(_) => Vec::new(),
        }
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        let _ = context;
        Vec::new()
    }

    /// Keys are a PIN's now: a scan is dropped.
    pub fn asks_pin(&self) -> bool {
        false
    }
}

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, crate::ui::app::Message> {
    let _ = (state, now_ms);
    let settings = &snapshot.settings;
    let (c, w) = (look.colors, look.words);
    let mut all = Column::new().spacing(look.px(20.0));
    for (title, values) in groups(look, settings) {
        let mut group = column![bold(title, look.label(), c.text)].spacing(look.px(6.0));
        for (name, value) in values {
            group = group.push(row![
                container(plain(name, look.body(), c.quiet)).width(look.px(180.0)),
                plain(value, look.body(), c.text).width(Fill),
            ]);
        }
        all = all.push(group);
    }
    let inside = column![
        plain(w.settings_hint(), look.body(), c.quiet),
        widgets::scroll(look, all).id(widgets::PAGE),
    ]
    .spacing(look.px(16.0));
    page(look, w.settings_title(), inside.into())
}

fn groups(look: Look, s: &Settings) -> Vec<Group> {
    let w = look.words;
    let none = || w.set_none().to_owned();
    let list = |items: Vec<String>| items.join("、");
    let t = s.payment.timing;
    let customer = match s.customer.window {
        CustomerWindow::Auto => w.set_auto(),
        CustomerWindow::On => w.set_on(),
        CustomerWindow::Off => w.set_off(),
    };
    vec![
        (
            w.set_shop(),
            vec![
                (w.set_name(), s.shop.name.clone()),
                (w.set_till(), s.shop.till.clone()),
                (w.set_store(), s.shop.store_id.clone().unwrap_or_else(none)),
                (w.set_language(), w.language_name().to_owned()),
            ],
        ),
        (
            w.set_gateway(),
            vec![
                (w.set_provider(), format!("{:?}", s.gateway.provider)),
                (
                    w.set_servers(),
                    list(s.gateway.servers.iter().map(ToString::to_string).collect()),
                ),
                (w.set_app(), s.gateway.app_id.clone()),
                (
                    w.set_channels(),
                    list(s.gateway.channels.iter().map(ToString::to_string).collect()),
                ),
                (
                    w.set_notify(),
                    s.gateway.notify_url.clone().unwrap_or_else(none),
                ),
            ],
        ),
        (
            w.set_payment(),
            vec![
                (w.set_barcode(), w.seconds(t.barcode_deadline_s)),
                (w.set_qr(), w.seconds(t.qr_deadline_s)),
                (w.set_status(), format!("{} ms", t.status_interval_ms)),
                (w.set_guard(), w.seconds(t.guard_s)),
                (w.set_bill_timeout(), w.seconds(t.bill_timeout_s)),
                (w.set_max(), format!("¥ {}", s.payment.max_amount.grouped())),
            ],
        ),
        (
            w.set_devices(),
            vec![
                (w.set_customer(), customer.to_owned()),
                (
                    w.set_scanner(),
                    s.scanner.as_ref().map_or_else(none, |scanner| {
                        format!("{} · {}", scanner.serial, scanner.baud)
                    }),
                ),
            ],
        ),
    ]
}
