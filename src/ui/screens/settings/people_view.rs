//! How the staff's page looks.

use super::people::{Field, Form, Message, NAME, Problem, Purpose, State, actions};
use crate::domain::staff::Role;
use crate::domain::time::clock_hm;
use crate::till::service::{Person, Snapshot};
use crate::ui::screens::lock::dots;
use crate::ui::theme::Look;
use crate::ui::widgets::keyboard::keyboard;
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length};

/// The list, or the form.
pub(super) fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    match &state.form {
        Some(form) => editor(look, state, form),
        None => list(look, snapshot, state, now_ms),
    }
}

fn list<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let people = &snapshot.desk.people;
    let mut rows = Column::new();
    for (at, person) in people.iter().enumerate() {
        rows = rows.push(entry(look, person, at, at == state.row, now_ms));
        if at == state.row {
            rows = rows.push(choices(look, person));
        }
        rows = rows.push(widgets::line(look));
    }
    let chosen = state.row >= people.len();
    let add = widgets::press(
        look,
        Kind::Row { chosen },
        bold(w.staff_add(), look.label(), c.waiting.ink),
        Some(Message::Choose(people.len())),
    );
    rows = rows.push(add.width(Fill).padding(look.px(12.0)));
    column![
        widgets::list(look, rows).id(widgets::PAGE),
        said(look, state),
        plain(w.settings_how(), look.body(), c.quiet),
    ]
    .spacing(look.px(12.0))
    .into()
}

fn entry<'a>(
    look: Look,
    person: &'a Person,
    at: usize,
    chosen: bool,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let locked = person.locked_until_ms.filter(|until| *until > now_ms);
    let (state, ink) = match (person.disabled, locked) {
        (true, _) => (w.staff_disabled().to_owned(), c.quiet),
        (false, Some(until)) => (w.staff_locked(&clock_hm(until)), c.cancelling.ink),
        (false, None) => (String::new(), c.quiet),
    };
    let name_ink = if person.disabled { c.quiet } else { c.text };
    let cell = |text: String, ink, width| {
        container(one_line(plain(text, look.label(), ink))).width(Length::FillPortion(width))
    };
    let line = row![
        cell(person.staff.id.clone(), c.quiet, 2),
        cell(person.staff.name.clone(), name_ink, 3),
        cell(w.role(person.staff.role).to_owned(), c.quiet, 2),
        cell(state, ink, 3),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center);
    widgets::press(look, Kind::Row { chosen }, line, Some(Message::Choose(at)))
        .width(Fill)
        .padding(look.px(12.0))
        .into()
}

fn choices<'a>(look: Look, person: &Person) -> Element<'a, Message> {
    let w = look.words;
    let all = actions(person).into_iter().zip(["1", "2"]);
    let all = all.map(|(purpose, key)| {
        let word = match &purpose {
            Purpose::Add => w.staff_add(),
            Purpose::SetPin(_) => w.staff_set_pin(),
            Purpose::Enable(_) => w.staff_enable(),
            Purpose::Disable(_) => w.staff_disable(),
        };
        widgets::action(look, Kind::Outline, word, key, Message::Open(purpose))
    });
    container(Row::with_children(all).spacing(look.px(12.0)))
        .padding(look.px(12.0))
        .width(Fill)
        .style(move |_| widgets::filled(look.colors.chosen, iced::Border::default()))
        .into()
}

fn said<'a>(look: Look, state: &State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let line = match &state.said {
        None => return space::vertical().height(0.0).into(),
        Some(Ok(())) => return bold(w.staff_done(), look.body(), c.paid.ink).into(),
        Some(Err(Problem::Incomplete)) => w.staff_incomplete().to_owned(),
        Some(Err(Problem::PinsDiffer)) => w.staff_pins_differ().to_owned(),
        Some(Err(Problem::Said(said))) => w.said(said),
    };
    plain(line, look.body(), c.refused.ink).into()
}

fn editor<'a>(look: Look, state: &'a State, form: &'a Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (title, word, kind) = match &form.purpose {
        Purpose::Add => (w.staff_add().to_owned(), w.settings_save(), Kind::Primary),
        Purpose::SetPin(id) => (w.staff_for(id), w.settings_save(), Kind::Primary),
        Purpose::Enable(id) => (w.staff_enable_for(id), w.staff_enable(), Kind::Primary),
        Purpose::Disable(id) => (w.staff_disable_for(id), w.staff_disable(), Kind::Danger),
    };
    let mut fields = column![bold(title, look.sentence(), c.text)].spacing(look.px(8.0));
    for one in form.purpose.fields() {
        fields = fields.push(field(look, form, *one));
    }
    let fields = fields.push(said(look, state)).push(row![widgets::action(
        look,
        kind,
        word,
        "Enter",
        Message::Submit
    )]);
    let pad = matches!(form.field, Field::Pin | Field::Again);
    if pad {
        let pad = widgets::pin_pad(look, Message::Character, Message::Erase);
        return row![
            container(fields).width(Length::FillPortion(3)),
            container(pad)
                .width(Length::FillPortion(2))
                .max_height(look.px(360.0)),
        ]
        .spacing(look.px(24.0))
        .into();
    }
    let keys: Element<'a, Message> = match form.field {
        Field::Id | Field::Name if form.purpose == Purpose::Add => keyboard(
            look,
            form.shifted,
            Message::Character,
            Message::Shift,
            Message::Erase,
        ),
        _ => space::vertical().height(0.0).into(),
    };
    column![widgets::scroll(look, fields).height(Fill), keys]
        .spacing(look.px(12.0))
        .into()
}

fn field<'a>(look: Look, form: &'a Form, field: Field) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let focused = form.field == field;
    let well = |shown: Element<'a, Message>| {
        let width = Length::Fixed(look.px(320.0));
        widgets::well(look, shown, focused, width, Message::Focus(field))
    };
    let (name, input) = match field {
        Field::Id => (
            w.staff_id(),
            well(plain(form.id.as_str(), look.label(), c.text).into()),
        ),
        Field::Name => {
            let input = widgets::field(look, NAME, "", &form.name, Message::Name);
            (
                w.staff_name(),
                container(input).width(look.px(320.0)).into(),
            )
        }
        Field::Role => (w.staff_role(), roles(look, form, focused)),
        Field::Pin => (w.staff_new_pin(), well(dots(look, form.pin.len()))),
        Field::Again => (w.staff_pin_again(), well(dots(look, form.again.len()))),
    };
    row![
        container(plain(name, look.body(), c.quiet)).width(look.px(172.0)),
        input,
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center)
    .into()
}

fn roles<'a>(look: Look, form: &Form, focused: bool) -> Element<'a, Message> {
    let w = look.words;
    let pill =
        |role: Role| widgets::pill(look, w.role(role), form.role == role, Message::Role(role));
    let pills = row![pill(Role::Cashier), pill(Role::Manager)].spacing(look.px(8.0));
    let hint = if focused { "← →" } else { "" };
    row![pills, plain(hint, look.body(), look.colors.quiet)]
        .spacing(look.px(12.0))
        .align_y(Alignment::Center)
        .into()
}
