//! How F10 looks: the pages at the left, what stands on one at the right.

use super::lines::{self, Tab, hint, is_channels, shown, typed};
use super::{Edit, FIELD, Line, Message, ROW, State, checks, devices, people_view};
use crate::domain::Channel;
use crate::domain::config::edit::Typed;
use crate::till::service::Snapshot;
use crate::ui::screens::keys::page;
use crate::ui::theme::Look;
use crate::ui::widgets::keyboard::keyboard;
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length};

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, crate::ui::app::Message> {
    let content = match state.tab {
        Tab::Staff => people_view::view(look, snapshot, &state.people, now_ms).map(Message::People),
        Tab::Connection => checks::view(look, &state.checks),
        Tab::Tests => devices::view(look, snapshot, &state.devices),
        tab => match &state.edit {
            Some(edit) => editor(look, edit, state),
            None => list(look, snapshot, state, tab),
        },
    };
    let inside = row![
        container(tabs(look, state.tab)).width(look.px(if look.narrow { 148.0 } else { 172.0 })),
        widgets::line_down(look),
        container(content).width(Fill).height(Fill),
    ]
    .spacing(look.px(24.0))
    .height(Fill);
    let inside: Element<'a, Message> = inside.into();
    page(
        look,
        look.words.key_settings(),
        inside.map(crate::ui::app::Message::Settings),
    )
}

fn tabs<'a>(look: Look, open: Tab) -> Element<'a, Message> {
    let c = look.colors;
    let tab = |tab: Tab| {
        let chosen = tab == open;
        let ink = if chosen { c.text } else { c.quiet };
        let name = tab.name(look.words);
        let word = if chosen {
            bold(name, look.body(), ink)
        } else {
            plain(name, look.body(), ink)
        };
        widgets::press(
            look,
            Kind::Row { chosen },
            container(one_line(word)).center_y(Fill),
            Some(Message::Turn(tab)),
        )
        .width(Fill)
        .height(look.px(48.0))
        .padding(iced::Padding::from([0.0, look.px(12.0)]))
        .into()
    };
    Column::with_children(Tab::ALL.map(tab))
        .spacing(look.px(2.0))
        .into()
}

fn list<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    tab: Tab,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut rows = Column::new();
    for (at, key) in tab.keys().iter().enumerate() {
        let value = snapshot.settings.typed(key);
        let chosen = at == state.row;
        rows = rows.push(entry(
            look,
            key,
            lines::name(w, key),
            shown(w, key, &value),
            chosen,
        ));
        rows = rows.push(widgets::line(look));
    }
    for (name, value) in fixed(look, snapshot, tab) {
        rows = rows.push(
            row![
                container(plain(name, look.body(), c.quiet)).width(Length::FillPortion(2)),
                plain(value, look.body(), c.quiet).width(Length::FillPortion(3)),
            ]
            .spacing(look.px(12.0))
            .padding(look.px(12.0)),
        );
    }
    column![
        widgets::list(look, rows).id(widgets::PAGE),
        said(look, state.said.as_ref()),
        plain(w.settings_how(), look.body(), c.quiet),
    ]
    .spacing(look.px(12.0))
    .into()
}

fn entry<'a>(
    look: Look,
    key: &'static str,
    name: &'a str,
    value: String,
    chosen: bool,
) -> Element<'a, Message> {
    let c = look.colors;
    widgets::press(
        look,
        Kind::Row { chosen },
        row![
            container(plain(name, look.body(), c.quiet)).width(Length::FillPortion(2)),
            plain(value, look.body(), c.text).width(Length::FillPortion(3)),
        ]
        .spacing(look.px(12.0))
        .align_y(Alignment::Center)
        .height(look.px(ROW - 1.0)),
        Some(Message::Edit(key)),
    )
    .width(Fill)
    .padding(iced::Padding::from([0.0, look.px(12.0)]))
    .into()
}

/// What belongs to the merchant's account or to the numbers of bills.
fn fixed(look: Look, snapshot: &Snapshot, tab: Tab) -> Vec<(&'static str, String)> {
    let (w, s) = (look.words, &snapshot.settings);
    let setup = |value: &str| format!("{value} · {}", w.settings_by_setup());
    match tab {
        Tab::Shop => vec![(w.set_till(), setup(&s.shop.till))],
        Tab::Gateway => vec![
            (w.set_provider(), setup(s.gateway.provider.name())),
            (w.set_app(), setup(&s.gateway.app_id)),
        ],
        _ => Vec::new(),
    }
}

fn said<'a>(look: Look, line: Option<&Line>) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    match line {
        None => space::vertical().height(0.0).into(),
        Some(Line::Saved) => bold(w.settings_saved(), look.body(), c.paid.ink).into(),
        Some(Line::Refused(said)) => plain(w.said(said), look.body(), c.refused.ink).into(),
    }
}

fn editor<'a>(look: Look, edit: &'a Edit, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let buttons = row![
        widgets::action(
            look,
            Kind::Primary,
            w.settings_save(),
            "Enter",
            Message::Save
        ),
        widgets::action(
            look,
            Kind::Outline,
            w.settings_cancel(),
            "Esc",
            Message::Close
        ),
    ]
    .spacing(look.px(12.0));
    column![
        bold(lines::name(w, edit.key), look.sentence(), c.text),
        input(look, edit),
        plain(hint(w, edit.key), look.body(), c.quiet),
        said(look, state.said.as_ref()),
        buttons,
        space::vertical(),
        touch(look, edit),
    ]
    .spacing(look.px(12.0))
    .into()
}

fn input<'a>(look: Look, edit: &'a Edit) -> Element<'a, Message> {
    let w = look.words;
    let words = edit.words();
    if !words.is_empty() {
        let pill = |word: &&'static str| {
            let chosen = *word == edit.text;
            widgets::pill(look, shown(w, edit.key, word), chosen, Message::Pick(word))
        };
        return wrapped(look, words.iter().map(pill).collect());
    }
    if is_channels(edit.key) {
        return channels(look, edit);
    }
    widgets::field(look, FIELD, w.settings_default(), &edit.text, Message::Text).into()
}

/// Every channel, with its place where it is used.
fn channels<'a>(look: Look, edit: &'a Edit) -> Element<'a, Message> {
    let used = edit.channels();
    let pill = |channel: &Channel| {
        let at = used.iter().position(|name| *name == channel.name());
        let line = match at {
            Some(at) => format!("{} {channel}", at + 1),
            None => channel.to_string(),
        };
        widgets::pill(look, line, at.is_some(), Message::Toggle(*channel))
    };
    wrapped(
        look,
        lines::channels_of(edit.key).iter().map(pill).collect(),
    )
}

fn wrapped<'a>(look: Look, all: Vec<Element<'a, Message>>) -> Element<'a, Message> {
    Row::with_children(all)
        .spacing(look.px(8.0))
        .wrap()
        .vertical_spacing(look.px(8.0))
        .into()
}

/// What is typed by touch.
fn touch<'a>(look: Look, edit: &Edit) -> Element<'a, Message> {
    let written = edit.words().is_empty() && !is_channels(edit.key);
    match typed(edit.key) {
        _ if !written => space::vertical().height(0.0).into(),
        Typed::Number | Typed::Yuan => {
            container(widgets::number_pad(look, Message::Type, Message::Erase))
                .width(look.px(320.0))
                .height(look.px(232.0))
                .into()
        }
        _ => keyboard(
            look,
            edit.shifted,
            Message::Type,
            Message::Shift,
            Message::Erase,
        ),
    }
}
