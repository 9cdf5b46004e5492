//! A form of the shift's page, with its keypad in the rail's place.

use super::form::{Field, Form, Kind};
use super::{Message, REASON, State};
use crate::domain::Fen;
use crate::till::service::Snapshot;
use crate::ui::screens::{lock, report};
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind as Style, bold, one_line, pad, plain};
use iced::widget::{Column, Row, column, container, row};
use iced::{Alignment, Element, Fill, Length};

/// The form's card and the keypad's.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    form: &'a Form,
) -> Element<'a, Message> {
    let fields = fields(look, snapshot, form);
    let mut inside = column![head(look, form)].spacing(look.px(12.0));
    if form.kind() == Kind::Open {
        inside = inside
            .push(fields)
            .push(buttons(look, form, Message::Close))
            .push(earlier(look, snapshot, state));
    } else {
        inside = inside
            .push(widgets::list(look, fields))
            .push(buttons(look, form, Message::Back));
    }
    let left = widgets::card(look, inside)
        .padding(look.card())
        .width(Fill)
        .height(Fill);
    let keypad = pad::number_pad(look, Message::Digit, Message::Erase);
    let right = widgets::card(look, keypad)
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill);
    row![left, right].spacing(look.px(16.0)).into()
}

fn head<'a>(look: Look, form: &Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (title, sentence) = match form.kind() {
        Kind::Open => (w.open_title(), w.open_sentence()),
        Kind::HandOver => (w.hand_title(), w.hand_sentence()),
        Kind::CashIn => (w.cash_in_title(), w.cash_sentence()),
        Kind::CashOut => (w.cash_out_title(), w.cash_sentence()),
        Kind::Close => (w.close_title(), w.close_sentence()),
    };
    column![
        bold(title, look.sentence(), c.text),
        plain(sentence, look.body(), c.quiet),
    ]
    .spacing(look.px(4.0))
    .into()
}

fn fields<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Element<'a, Message> {
    let mut all = Column::new().spacing(look.px(12.0)).width(Fill);
    if form.kind() == Kind::HandOver {
        all = all.push(people(look, snapshot, form));
    }
    all = all.push(amount(look, snapshot, form));
    if form.kind() == Kind::HandOver {
        all = all.push(pin(look, snapshot, form));
    }
    if form.to_dos() > 0 {
        let line = look.words.close_exception(form.to_dos());
        all = all.push(plain(line, look.body(), look.colors.unknown.ink));
        let manager = people(look, snapshot, form);
        all = all.push(
            row![
                container(manager).width(Length::FillPortion(3)),
                container(pin(look, snapshot, form)).width(Length::FillPortion(2)),
            ]
            .spacing(look.px(16.0)),
        );
    }
    if form.fields().contains(&Field::Reason) {
        all = all.push(reason(look, form));
    }
    all.into()
}

/// The name of a field; blue where it has the keys, with what the arrows do.
fn label<'a>(look: Look, form: &Form, field: Field, word: String) -> Element<'a, Message> {
    let focused = form.field() == field;
    let ink = if focused {
        look.colors.waiting.ink
    } else {
        look.colors.quiet
    };
    let mut line = row![one_line(plain(word, look.body(), ink))]
        .spacing(look.px(8.0))
        .align_y(Alignment::Center);
    let turns = matches!(field, Field::Person | Field::Reason);
    if focused && turns {
        line = line.push(one_line(plain("↑↓", look.body(), ink)));
    }
    line.into()
}

fn amount<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Element<'a, Message> {
    let w = look.words;
    let word = match form.kind() {
        Kind::Open => w.field_float(),
        Kind::HandOver | Kind::Close => w.field_counted(),
        Kind::CashIn | Kind::CashOut => w.field_cash(),
    };
    let focused = form.field() == Field::Amount;
    let well = pad::amount_well(look, form.typed(), focused, Message::Focus(Field::Amount));
    let mut line = row![container(container(well).max_width(look.px(480.0))).width(Fill)]
        .spacing(look.px(24.0))
        .align_y(Alignment::Center);
    let counts = matches!(form.kind(), Kind::HandOver | Kind::Close);
    if let Some(shift) = snapshot.desk.shift.as_ref().filter(|_| counts) {
        let expected = shift.expected_cash();
        line = line.push(container(counted(look, form, expected)).width(Fill));
    }
    column![label(look, form, Field::Amount, word.to_owned()), line]
        .spacing(look.px(4.0))
        .into()
}

/// What must be in the drawer, and how far the count is from it.
fn counted<'a>(look: Look, form: &Form, expected: Fen) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let line = one_line(plain(
        w.cash_expected(&expected.grouped()),
        look.body(),
        c.quiet,
    ));
    let mut inside = column![line].spacing(look.px(4.0));
    if form.has_amount() {
        let off = form.amount().0.saturating_sub(expected.0);
        let by = Fen(off.saturating_abs()).grouped();
        let (icon, word, tone) = match off {
            0 => (Icon::Check, w.cash_even().to_owned(), c.paid),
            1.. => (Icon::Warning, w.cash_over(&by), c.cancelling),
            _ => (Icon::Warning, w.cash_short(&by), c.refused),
        };
        inside = inside.push(
            row![
                drawing::icon(icon, look.px(20.0), tone.ink),
                one_line(bold(word, look.label(), tone.ink)),
            ]
            .spacing(look.px(8.0))
            .align_y(Alignment::Center),
        );
    }
    inside.into()
}

fn people<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Element<'a, Message> {
    let w = look.words;
    let word = match form.kind() {
        Kind::HandOver => w.field_next(),
        _ => w.field_manager(),
    };
    let all = form.people(snapshot);
    if all.is_empty() {
        return plain(w.nobody_else(), look.body(), look.colors.cancelling.ink).into();
    }
    let pills = all.into_iter().map(|one| {
        let chosen = form.person() == Some(one.id.as_str());
        let line = format!("{} {}", one.name, one.id);
        widgets::pill(look, line, chosen, Message::Person(one.id.clone()))
    });
    let pills = Row::with_children(pills)
        .spacing(look.px(8.0))
        .wrap()
        .vertical_spacing(look.px(8.0));
    column![label(look, form, Field::Person, word.to_owned()), pills]
        .spacing(look.px(4.0))
        .into()
}

fn pin<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Element<'a, Message> {
    let w = look.words;
    let word = match form.person().filter(|_| form.kind() == Kind::HandOver) {
        Some(id) => w.field_pin_of(report::name(&snapshot.staff, id)),
        None => w.field_pin().to_owned(),
    };
    let well = widgets::well(
        look,
        lock::dots(look, form.pin_len()),
        form.field() == Field::Pin,
        Length::Fill,
        Message::Focus(Field::Pin),
    );
    column![
        label(look, form, Field::Pin, word),
        container(well).max_width(look.px(320.0)),
    ]
    .spacing(look.px(4.0))
    .into()
}

fn reason<'a>(look: Look, form: &'a Form) -> Element<'a, Message> {
    let w = look.words;
    let mut line = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
    for reason in form.reasons(w) {
        let chosen = form.reason() == reason;
        let message = Message::Reason(reason.to_owned());
        line = line.push(widgets::pill(look, reason, chosen, message));
    }
    let field = widgets::field(
        look,
        REASON,
        w.reason_other(),
        form.reason(),
        Message::Reason,
    );
    column![
        label(look, form, Field::Reason, w.field_reason().to_owned()),
        line.push(container(field).width(Fill)),
    ]
    .spacing(look.px(4.0))
    .into()
}

fn submit<'a>(look: Look, form: &Form) -> Element<'a, Message> {
    let w = look.words;
    let word = match form.kind() {
        Kind::Open => w.do_open(),
        Kind::HandOver => w.do_hand_over(),
        Kind::CashIn => w.do_cash_in(),
        Kind::CashOut => w.do_cash_out(),
        Kind::Close => w.do_close(),
    };
    widgets::action(look, Style::Primary, word, "Enter", Message::Submit)
}

fn buttons<'a>(look: Look, form: &Form, back: Message) -> Element<'a, Message> {
    let back = widgets::action(look, Style::Key, look.words.back(), "Esc", back);
    row![submit(look, form), back].spacing(look.px(12.0)).into()
}

/// Under the form that opens a shift: the ones before.
fn earlier<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let w = look.words;
    let entries = state.entries(snapshot);
    let mut list = Column::new();
    for (at, entry) in entries.into_iter().enumerate() {
        list = list.push(super::view::entry(look, snapshot, state, at, entry));
    }
    let none = state.earlier.is_empty();
    if none && !super::is_manager(snapshot) {
        list = list.push(plain(w.shift_no_earlier(), look.body(), look.colors.quiet));
    }
    column![
        bold(w.shift_earlier(), look.body(), look.colors.quiet),
        widgets::list(look, list).id(super::LIST),
    ]
    .spacing(look.px(12.0))
    .height(Fill)
    .into()
}
