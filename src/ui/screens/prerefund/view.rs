//! How 退款申请 looks: the list with what can be done, the form, the result of each.

use super::{Do, Field, Form, LIST, Message, REASON_FIELD, ROW, Reason, Row as Line};
use super::{Stage, State, There};
use crate::domain::time::{Day, clock_hm};
use crate::till::service::{Decided, Snapshot};
use crate::ui::app;
use crate::ui::face::RefundFace;
use crate::ui::screens::approval::{self, Focus};
use crate::ui::screens::{refund_icon, refund_tone, spaced, who};
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length, Padding};

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, app::Message> {
    let left = match &state.stage {
        Stage::List => list(look, snapshot, state, now_ms),
        Stage::Form(form) => card(look, form_view(look, snapshot, form)),
        Stage::Results(results) => card(look, results_view(look, snapshot, results)),
    };
    let side = side(look, state);
    row![
        container(left).width(Fill).height(Fill),
        container(side).width(look.rail()).height(Fill),
    ]
    .spacing(look.px(16.0))
    .height(Fill)
    .into()
}

fn card<'a>(look: Look, inside: Column<'a, Message>) -> Element<'a, app::Message> {
    let inside = inside.spacing(look.px(if look.narrow { 10.0 } else { 12.0 }));
    let card: Element<'a, Message> = widgets::card(look, inside)
        .padding(look.px(24.0))
        .width(Fill)
        .height(Fill)
        .into();
    card.map(app::Message::PreRefund)
}

/// The title and the way back.
fn head<'a>(look: Look, title: &'a str) -> Element<'a, Message> {
    let c = look.colors;
    let back = row![
        one_line(plain(look.words.back(), look.body(), c.text)),
        widgets::key_hint(look, Kind::Outline, "Esc"),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    row![
        bold(title, look.sentence(), c.text),
        space::horizontal(),
        widgets::press(
            look,
            Kind::Key,
            container(back).center_y(Fill),
            Some(Message::Back)
        )
        .height(look.px(48.0))
        .padding(Padding::from([0.0, look.px(16.0)])),
    ]
    .align_y(Alignment::Center)
    .into()
}

fn list<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let rows = state.rows(snapshot);
    let mut lines = Column::new();
    for line in &rows {
        lines = lines
            .push(line_view(look, snapshot, state, line, now_ms))
            .push(widgets::line(look));
    }
    if rows.is_empty() && !matches!(state.there, There::Asking) {
        let none = plain(w.pre_none(), look.label(), c.quiet);
        lines = lines.push(container(none).padding(look.px(12.0)));
    }
    let mut inside = column![head(look, w.pre_title())];
    match &state.there {
        There::Asking => inside = inside.push(plain(w.pre_loading(), look.body(), c.quiet)),
        There::Failed(said) => {
            let why = w.pre_not_loaded(&w.said(said));
            inside = inside.push(plain(why, look.body(), c.cancelling.ink));
        }
        There::Listed(_) => {}
    }
    let wanted = state.wanted(snapshot);
    let sum = wanted
        .iter()
        .map(|row| row.fee.0)
        .fold(0, i64::saturating_add);
    let sum = crate::domain::Fen(sum).grouped();
    let chosen = plain(w.pre_marked(wanted.len(), &sum), look.body(), c.quiet);
    inside = inside
        .push(widgets::list(look, lines).id(LIST))
        .push(chosen)
        .push(actions(look, state));
    card(look, inside)
}

fn actions<'a>(look: Look, state: &State) -> Element<'a, Message> {
    let w = look.words;
    let all = Do::ALL.into_iter().enumerate().map(|(at, what)| {
        let word = match what {
            Do::Agree => w.pre_agree(),
            Do::Deny => w.pre_deny(),
            Do::Refresh => w.pre_refresh(),
        };
        let chosen = at == state.action;
        let kind = match (what, chosen) {
            (Do::Agree, _) => Kind::Danger,
            (_, true) => Kind::OutlineChosen,
            _ => Kind::Outline,
        };
        let key = if chosen { "Enter" } else { "" };
        widgets::action(look, kind, word, key, Message::Do(what))
    });
    Row::with_children(all)
        .spacing(look.px(12.0))
        .wrap()
        .vertical_spacing(look.px(12.0))
        .into()
}

/// Shares of the columns: mark, time and who, bill, amount, state.
const SHARES: [u16; 5] = [5, 26, 29, 16, 24];

fn line_view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    line: &Line<'a>,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let marked = state.marked.contains(line.number);
    let chosen = state.chosen.as_deref() == Some(line.number);
    // Long words go over two lines rather than being cut.
    let body = |text: String, ink| Element::from(plain(text, look.body(), ink));
    let mark: Element<'a, Message> = match marked {
        true => drawing::icon(Icon::Check, look.px(20.0), c.waiting.ink),
        false => space::horizontal().width(look.px(20.0)).into(),
    };
    let asked_by = line.here.and_then(|refund| refund.pre.as_ref());
    let by = match asked_by.filter(|pre| !pre.by.is_empty()) {
        Some(pre) => w.pre_by(who(snapshot, &pre.by)),
        None => w.pre_there().to_owned(),
    };
    let when = line.at_ms.map_or_else(String::new, |at| moment(at, now_ms));
    let tail = line.bill_no.get(line.bill_no.len().saturating_sub(10)..);
    let tail = w.pre_one_line(tail.unwrap_or(line.bill_no));
    let why = line.here.map_or("", |refund| refund.reason.as_str());
    let face = line.here.map_or(RefundFace::Requested, RefundFace::of);
    let ink = refund_tone(look, face).ink;
    let said = line.here.and_then(|refund| refund.detail.clone());
    let mut standing = column![body(w.refund_word(face).to_owned(), ink)];
    if let Some(said) = said {
        standing = standing.push(body(said, c.quiet));
    }
    let two = |first: Element<'a, Message>, second: Element<'a, Message>| -> Element<'a, Message> {
        column![first, second].into()
    };
    let cells: [Element<'a, Message>; 5] = [
        mark,
        two(body(when, c.text), body(by, c.quiet)),
        two(body(tail, c.text), body(why.to_owned(), c.quiet)),
        one_line(bold(line.fee.grouped(), look.label(), c.text)).into(),
        standing.into(),
    ];
    let mut cols = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
    for (i, (cell, share)) in cells.into_iter().zip(SHARES).enumerate() {
        let cell = container(cell).clip(true);
        let width = Length::FillPortion(share);
        cols = cols.push(match i {
            3 => cell.align_right(width),
            4 => cell
                .width(width)
                .padding(iced::padding::left(look.px(12.0))),
            _ => cell.width(width),
        });
    }
    widgets::press(
        look,
        Kind::Row { chosen },
        cols.height(look.px(ROW - 1.0)),
        Some(Message::Choose(line.number.to_owned())),
    )
    .width(Fill)
    .padding(Padding::from([0.0, look.px(8.0)]))
    .into()
}

fn moment(at_ms: i64, now_ms: i64) -> String {
    let day = Day::of(at_ms);
    match day == Day::of(now_ms) {
        true => clock_hm(at_ms),
        false => {
            let day = day.to_string();
            format!("{} {}", day.get(5..).unwrap_or(&day), clock_hm(at_ms))
        }
    }
}

fn labelled<'a>(
    look: Look,
    word: &'a str,
    marked: bool,
    field: Element<'a, Message>,
) -> Element<'a, Message> {
    let label: Element<'a, Message> = plain(word, look.body(), look.colors.quiet).into();
    let width = look.px(if look.narrow { 112.0 } else { 132.0 });
    widgets::labelled(look, label, width, marked, field)
}

fn form_view<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Column<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let sum = form.sum().grouped();
    let what = match form.agree() {
        true => w.pre_agree_many(form.count(), &sum),
        false => w.pre_deny_many(form.count()),
    };
    let pills = Reason::all(form.agree()).iter().map(|reason| {
        let chosen = form.reason() == *reason;
        widgets::pill(look, reason.word(w), chosen, Message::Reason(*reason))
    });
    let pills = Row::with_children(pills)
        .spacing(look.px(8.0))
        .wrap()
        .vertical_spacing(look.px(8.0));
    let mut fields = column![
        bold(w.pre_marked(form.count(), &sum), look.label(), c.text),
        labelled(
            look,
            w.pre_reason_why(),
            form.field() == Field::Reason,
            pills.into()
        ),
    ]
    .spacing(look.px(12.0));
    if form.reason() == Reason::Other {
        let text = widgets::field(
            look,
            REASON_FIELD,
            w.refund_other_hint(),
            form.other(),
            Message::Other,
        );
        fields = fields.push(labelled(look, "", false, text.into()));
    }
    let focus = match form.field() {
        Field::Approver => Focus::Manager,
        Field::Pin => Focus::Pin,
        _ => Focus::Elsewhere,
    };
    let approver = approval::view(
        look,
        snapshot,
        form.approval(),
        focus,
        Message::Approver,
        Message::Focus(Field::Pin),
    );
    let manager = labelled(look, w.refund_approver(), focus == Focus::Manager, approver);
    let said = form.line(w).unwrap_or_default();
    column![
        head(look, w.pre_title()),
        widgets::list(look, fields.push(manager)),
        row![
            button(look, form, what),
            plain(said, look.body(), c.refused.ink).width(Fill),
        ]
        .spacing(look.px(16.0))
        .align_y(Alignment::Center),
    ]
}

fn button<'a>(look: Look, form: &Form, what: String) -> Element<'a, Message> {
    if form.sending().is_some() {
        let word = bold(look.words.pre_sending(), look.label(), look.colors.quiet);
        let inside = container(one_line(word)).center_y(Fill);
        return widgets::press(look, Kind::Key, inside, None::<Message>)
            .height(look.px(64.0))
            .padding(Padding::from([0.0, look.px(28.0)]))
            .into();
    }
    let kind = match form.agree() {
        true => Kind::Danger,
        false => Kind::Primary,
    };
    widgets::action(look, kind, what, "Enter", Message::Submit)
}

/// Row by row: the till's own state of each, or why nothing was sent.
fn results_view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    results: &'a [Decided],
) -> Column<'a, Message> {
    let w = look.words;
    let mut lines = Column::new();
    for decided in results {
        lines = lines
            .push(result_line(look, snapshot, decided))
            .push(widgets::line(look));
    }
    column![
        head(look, w.pre_results()),
        widgets::list(look, lines).id(LIST),
        widgets::action(
            look,
            Kind::Primary,
            w.refund_finish(),
            "Enter",
            Message::Back
        ),
    ]
}

fn result_line<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    decided: &'a Decided,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let number = one_line(plain(spaced(&decided.number), look.body(), c.quiet));
    let no = match &decided.result {
        Ok(no) => no,
        Err(said) => {
            let why = plain(w.said(said), look.label(), c.refused.ink);
            return container(column![why, number])
                .padding(look.px(12.0))
                .into();
        }
    };
    let refund = snapshot.desk.refunds.iter().find(|r| r.refund_no == *no);
    let Some(refund) = refund else {
        let word = plain(w.pre_sending(), look.label(), c.quiet);
        return container(column![word, number])
            .padding(look.px(12.0))
            .into();
    };
    let face = RefundFace::of(refund);
    let there = refund.pre.as_ref().is_some_and(|pre| pre.there.is_some());
    let page = refund.pre.as_ref().and_then(|pre| pre.page.as_deref());
    let sentence = match face {
        RefundFace::Requested => w.pre_waits_there(refund.detail.as_deref().unwrap_or_default()),
        RefundFace::Unknown if there => w.pre_unknown().to_owned(),
        RefundFace::Processing if page.is_some() => w.pre_page().to_owned(),
        _ => w.refund_sentence(refund),
    };
    let ink = refund_tone(look, face).ink;
    let word = match (face, there) {
        (RefundFace::Processing, true) => w.pre_taken(),
        _ => w.refund_word(face),
    };
    let title = row![
        drawing::icon(refund_icon(face), look.px(20.0), ink),
        one_line(bold(
            format!("¥ {}", refund.fee.grouped()),
            look.label(),
            c.text
        )),
        one_line(bold(word, look.label(), ink)),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    let mut inside = column![title, plain(sentence, look.body(), c.text)];
    if let Some(page) = page {
        inside = inside.push(plain(page, look.body(), c.waiting.ink));
    }
    widgets::press(
        look,
        Kind::Row { chosen: false },
        inside.push(number).spacing(look.px(2.0)).width(Fill),
        Some(Message::Show(no.clone())),
    )
    .width(Fill)
    .padding(look.px(12.0))
    .into()
}

fn side<'a>(look: Look, state: &State) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let line = |text| plain(text, look.body(), c.quiet);
    let words = column![line(w.pre_rules()), line(w.pre_keys())].spacing(look.px(8.0));
    let words: Element<'a, Message> = widgets::card(look, words)
        .padding(look.px(16.0))
        .width(Fill)
        .into();
    let mut all = column![words].spacing(look.px(12.0));
    if matches!(state.stage, Stage::Form(_)) {
        let pad = approval::pad(look, false, Message::Pad, Message::Erase);
        all = all.push(
            widgets::card(look, pad)
                .padding(look.px(12.0))
                .width(Fill)
                .height(Fill),
        );
    }
    Element::from(all).map(app::Message::PreRefund)
}
