//! How the refund page looks: the search, what stands in the way, what became of it; the column
//! at its right with what happens next, and the keypad.

use super::find::Find;
use super::outcome::{Do, Outcome};
use super::{Field, Form, LIST, Message, ROW, SEARCH_FIELD, Stage, State, Stopped, form_view};
use crate::domain::time::{Day, clock_hm, clock_hms};
use crate::domain::{Fen, State as BillState};
use crate::till::service::{BillView, Snapshot};
use crate::ui::app;
use crate::ui::face::{Face, RefundFace};
use crate::ui::screens::{
    approval, icon, practice_refund, prerefund, refund_icon, refund_tone, tone, who,
};
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
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
        Stage::Find => find(look, &state.find, now_ms),
        Stage::Asking(bill_no) => card(
            look,
            column![
                head(look),
                plain(bill_no.as_str(), look.label(), look.colors.quiet),
                bold(look.words.refund_asking(), look.label(), look.colors.text),
            ],
        ),
        Stage::Stopped(stopped) => stopped_card(look, snapshot, stopped, now_ms),
        Stage::Form(form) => card(
            look,
            form_view::view(look, snapshot, form, head(look), now_ms),
        ),
        Stage::Outcome(outcome) => result(look, snapshot, outcome, now_ms),
    };
    row![
        container(left.map(app::Message::Refund))
            .width(Fill)
            .height(Fill),
        side(look, snapshot, state),
    ]
    .spacing(look.px(16.0))
    .into()
}

fn card<'a>(look: Look, inside: Column<'a, Message>) -> Element<'a, Message> {
    let inside = inside.spacing(look.px(if look.narrow { 10.0 } else { 12.0 }));
    widgets::card(look, inside)
        .padding(look.px(24.0))
        .width(Fill)
        .height(Fill)
        .into()
}

/// The title and the way back.
fn head<'a>(look: Look) -> Element<'a, Message> {
    let c = look.colors;
    let back = row![
        one_line(plain(look.words.back(), look.body(), c.text)),
        widgets::key_hint(look, Kind::Outline, "Esc"),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    row![
        bold(look.words.refund_title(), look.sentence(), c.text),
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

fn find<'a>(look: Look, find: &'a Find, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let search = widgets::field(
        look,
        SEARCH_FIELD,
        w.refund_find_hint(),
        find.text(),
        Message::Search,
    );
    let title = match find.text().is_empty() {
        true => w.refund_find_today(),
        false => w.refund_find_found(),
    };
    let mut rows = Column::new();
    for (at, bill) in find.bills().iter().enumerate() {
        let chosen = find.chosen() == Some(at);
        rows = rows
            .push(bill_row(look, bill, chosen, now_ms))
            .push(widgets::line(look));
    }
    if let Some(bill_no) = find.elsewhere() {
        let number = plain(bill_no.as_str().to_owned(), look.body(), c.quiet);
        let ask = column![
            bold(w.refund_not_here(), look.label(), c.waiting.ink),
            number
        ];
        rows = rows.push(
            widgets::press(
                look,
                Kind::OutlineChosen,
                row![
                    ask.width(Fill),
                    widgets::key_hint(look, Kind::Outline, "Enter")
                ]
                .align_y(Alignment::Center),
                Some(Message::Choose(bill_no)),
            )
            .width(Fill)
            .padding(look.px(12.0)),
        );
    } else if find.bills().is_empty() {
        let line = empty_line(look, find);
        rows = rows.push(container(plain(line, look.label(), c.quiet)).padding(look.px(12.0)));
    }
    let mut inside = column![head(look), search];
    if find.was_code() {
        inside = inside.push(plain(w.refund_scanned_code(), look.body(), c.refused.ink));
    }
    inside = inside
        .push(plain(title, look.body(), c.quiet))
        .push(widgets::list(look, rows).id(LIST));
    card(look, inside)
}

fn empty_line(look: Look, find: &Find) -> String {
    let w = look.words;
    match (find.failed(), find.is_searching()) {
        (Some(why), _) => w.search_failed(why),
        (None, true) => w.searching().to_owned(),
        (None, false) if find.text().is_empty() => w.refund_find_none().to_owned(),
        (None, false) => w.refund_not_found().to_owned(),
    }
}

/// Shares of the columns: time, bill, way, amount, state.
const SHARES: [u16; 5] = [10, 21, 17, 14, 22];

fn bill_row<'a>(look: Look, bill: &'a BillView, chosen: bool, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let day = Day::of(bill.sent_ms);
    let time = match day == Day::of(now_ms) {
        true => clock_hm(bill.sent_ms),
        false => day.to_string().get(5..).unwrap_or_default().to_owned(),
    };
    let body = |text: String, ink| Element::from(one_line(plain(text, look.body(), ink)));
    let (word, ink) = match (bill.state, bill.refunded > Fen::ZERO) {
        (BillState::Paid, true) => (
            format!("{} {}", w.refund_refunded(), bill.refunded.grouped()),
            c.undone.ink,
        ),
        _ => (w.short(face).to_owned(), tone(look, face).ink),
    };
    let state = row![
        drawing::icon(icon(face), look.px(16.0), tone(look, face).ink),
        one_line(plain(word, look.body(), ink)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center);
    let amount = one_line(bold(bill.amount.grouped(), look.body(), c.text));
    let cells: [Element<'a, Message>; 5] = [
        body(time, c.quiet),
        body(format!("…{}", bill.bill_no.tail()), c.text),
        body(w.wallet(bill.wallet).to_owned(), c.quiet),
        amount.into(),
        state.into(),
    ];
    let mut line = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
    for (i, (cell, share)) in cells.into_iter().zip(SHARES).enumerate() {
        let cell = container(cell).clip(true);
        let width = Length::FillPortion(share);
        line = line.push(match i {
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
        line.height(look.px(ROW - 1.0)),
        Some(Message::Choose(bill.bill_no.clone())),
    )
    .width(Fill)
    .padding(Padding::from([0.0, look.px(8.0)]))
    .into()
}

fn stopped_card<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    stopped: &'a Stopped,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut inside = column![head(look),];
    inside = match &stopped.bill {
        None => inside.push(plain(stopped.bill_no.as_str(), look.label(), c.quiet)),
        Some(bill) => inside.push(form_view::earlier(look, snapshot, bill, now_ms)),
    };
    let again = widgets::action(
        look,
        Kind::Primary,
        w.refund_ask_again(),
        "Enter",
        Message::Choose(stopped.bill_no.clone()),
    );
    card(
        look,
        inside
            .push(bold(w.refund_blocked(), look.sentence(), c.cancelling.ink))
            .push(plain(w.said(&stopped.why), look.label(), c.text))
            .push(space::vertical())
            .push(again),
    )
}

/// What became of it, on its state's colour.
fn result<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    outcome: &'a Outcome,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = outcome.face();
    let word = w.refund_word(face);
    let size = widgets::fitting(
        word,
        look.stage_inner() - look.word() - look.px(16.0),
        look.word(),
        look.px(28.0),
    );
    let head = row![
        drawing::icon(refund_icon(face), (size * 0.8).round(), c.on_tone),
        bold(word, size, c.on_tone),
    ]
    .spacing(look.px(16.0))
    .align_y(Alignment::Center);
    let sentence = match outcome.last() {
        Some(refund) => w.refund_sentence(refund),
        None => w.refund_waits_answer().to_owned(),
    };
    let sentence = match face {
        RefundFace::Unknown | RefundFace::Incident => {
            widgets::strong(&sentence, look.sentence(), c.on_tone)
        }
        _ => plain(sentence, look.sentence(), c.on_tone),
    };
    let figures = outcome.fee().grouped();
    let room = look.stage_inner() - look.px(70.0);
    let most = look.px(if look.narrow || look.low { 72.0 } else { 96.0 });
    let size = widgets::fitting(&figures, room, most, look.px(48.0));
    let inside = column![
        column![head, sentence].spacing(look.px(8.0)),
        widgets::amount(look, figures, size, c.on_tone, c.on_tone_quiet),
        facts(look, snapshot, outcome, now_ms),
        page(look, outcome),
        space::vertical(),
        buttons(look, outcome),
    ]
    .spacing(look.px(12.0));
    widgets::toned(look, refund_tone(look, face).fill, inside)
        .padding(Padding::from([look.px(28.0), look.px(40.0)]))
        .width(Fill)
        .height(Fill)
        .into()
}

fn facts<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    outcome: &'a Outcome,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut facts = Vec::new();
    if let Some(refund) = outcome.last() {
        if !refund.state.is_terminal() || refund.incident.is_some() {
            facts.push((w.label_doing(), w.refund_doing(refund, now_ms)));
        }
        let refused = outcome.face() == RefundFace::NotRefunded;
        let why = w.refund_why(refund).filter(|_| !refused);
        let ended_well = outcome.face() == RefundFace::Refunded;
        facts.extend(
            why.filter(|_| !ended_well)
                .map(|why| (w.refund_label_why(), why)),
        );
        let detail = refund.detail.clone().filter(|_| !ended_well);
        facts.extend(detail.map(|said| (w.label_gateway(), said)));
        if let Some(pre) = refund.pre.as_ref().filter(|pre| !pre.by.is_empty()) {
            facts.push((w.pre_title(), w.pre_by(who(snapshot, &pre.by))));
        }
        if !refund.approver.is_empty() {
            let approver = who(snapshot, &refund.approver).to_owned();
            facts.push((w.refund_label_approver(), approver));
        }
        facts.push((w.refund_label_reason(), refund.reason.clone()));
    }
    facts.push((w.refund_label_no(), outcome.refund_no().to_string()));
    facts.push((w.label_bill(), outcome.bill_no().to_string()));
    let label_width = look.px(if look.narrow { 120.0 } else { 160.0 });
    let size = if look.narrow {
        look.body()
    } else {
        look.label()
    };
    let rows = facts.into_iter().map(|(label, value)| {
        row![
            container(plain(label, size, c.on_tone_quiet)).width(label_width),
            plain(value, size, c.on_tone).width(Fill),
        ]
        .into()
    });
    Column::with_children(rows).spacing(look.px(6.0)).into()
}

/// Alipay wants the merchant's password: its page, as text and as a code.
fn page<'a>(look: Look, outcome: &'a Outcome) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let Some(address) = outcome.page() else {
        return space::vertical().height(0).into();
    };
    let mut inside = row![].spacing(look.px(16.0)).align_y(Alignment::Center);
    if let Some(code) = outcome.page_code() {
        let side = look.px(if look.narrow || look.low {
            140.0
        } else {
            180.0
        });
        inside = inside.push(drawing::qr(code, side, c.on_tone, c.text));
    }
    let lines = column![
        plain(w.pre_page(), look.body(), c.on_tone),
        plain(address, look.body(), c.on_tone),
    ];
    inside.push(lines.spacing(look.px(6.0)).width(Fill)).into()
}

fn buttons<'a>(look: Look, outcome: &'a Outcome) -> Element<'a, Message> {
    let w = look.words;
    let chosen = outcome.action();
    let all = outcome.actions().into_iter().map(|what| {
        let word = match what {
            Do::Ask => w.refund_ask_now(),
            Do::Finish => w.refund_finish(),
            Do::Again if outcome.face() == RefundFace::Refunded => w.refund_another(),
            Do::Again => w.refund_try_again(),
            Do::ToDo => w.refund_settle(),
            Do::Slip => w.slip(),
        };
        let (kind, key) = match what == chosen {
            true => (Kind::OnToneMain, "Enter"),
            false => (Kind::OnTone, ""),
        };
        widgets::action(look, kind, word, key, Message::Do(what))
    });
    Row::with_children(all)
        .spacing(look.px(12.0))
        .wrap()
        .vertical_spacing(look.px(12.0))
        .into()
}

/// The column at the right: what happens next, over the keypad; in practice the panel takes
/// their place, and stands under a result's story.
fn side<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, app::Message> {
    let result = matches!(state.stage, Stage::Outcome(_));
    let practice = snapshot.practice.as_ref();
    let panel = practice.filter(|_| result || state.panel);
    let words = match &state.stage {
        Stage::Form(form) => after(look, form),
        Stage::Outcome(outcome) => story(look, outcome),
        _ => how(look, snapshot),
    };
    let words = widgets::card(look, words)
        .padding(look.px(16.0))
        .width(Fill);
    let mut column = column![];
    if result {
        column = column.push(words.height(Fill));
    } else if panel.is_none() {
        column = column.push(words);
    }
    if let (Some(practice), false) = (practice, result) {
        column = column.push(toggle(look, practice, state.panel));
    }
    column = match panel {
        Some(practice) => column.push(practice_refund::view(look, practice)),
        None if result => column,
        None => column.push(keypad(look, state).map(app::Message::Refund)),
    };
    column
        .spacing(look.px(12.0))
        .width(look.rail())
        .height(Fill)
        .into()
}

fn toggle<'a>(
    look: Look,
    practice: &'a crate::till::service::Practice,
    open: bool,
) -> Element<'a, app::Message> {
    let w = look.words;
    let word = match open {
        true => w.refund_practice_keypad().to_owned(),
        false => w.refund_practice_plan(
            w.refund_act(practice.refund_act),
            w.network(practice.refund_network),
        ),
    };
    let edge = look.colors.practice;
    let inside = widgets::wide(
        look,
        Kind::Row { chosen: false },
        word,
        "",
        Some(app::Message::Refund(Message::Panel)),
    );
    widgets::edged(look, edge, 2.0, inside).padding(2).into()
}

fn keypad<'a>(look: Look, state: &'a State) -> Element<'a, Message> {
    let point = match &state.stage {
        Stage::Form(form) => form.field() != Field::Pin,
        _ => true,
    };
    let pad = approval::pad(look, point, Message::Pad, Message::Erase);
    widgets::card(look, pad)
        .padding(look.px(12.0))
        .width(Fill)
        .height(Fill)
        .into()
}

fn how<'a>(look: Look, snapshot: &Snapshot) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let line = |text| plain(text, look.body(), c.quiet);
    let mut all = column![];
    if prerefund::may(snapshot).is_ok() {
        let waiting = prerefund::waiting_here(snapshot).count();
        let word = match waiting {
            0 => w.pre_title().to_owned(),
            waiting => w.pre_waiting(waiting),
        };
        let kind = match waiting {
            0 => Kind::Outline,
            _ => Kind::OutlineChosen,
        };
        all = all.push(widgets::wide(
            look,
            kind,
            word,
            "F6",
            Some(app::Message::PreRefund(prerefund::Message::Open)),
        ));
    }
    let lines = column![
        bold(w.refund_how(), look.body(), c.text),
        line(w.refund_find_hint()),
        line(w.refund_how_elsewhere()),
        line(w.refund_how_keys()),
    ]
    .spacing(look.px(8.0));
    all.push(lines).spacing(look.px(8.0)).into()
}

/// 退款之后: what happens, and what is left.
fn after<'a>(look: Look, form: &'a Form) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let line = |text: String| plain(text, look.body(), c.quiet);
    let before = form.balance().refundable;
    let left = match form.amount().amount() {
        Some(fee) => {
            let left = Fen(before.0.saturating_sub(fee.0).max(0));
            format!("¥ {} → ¥ {}", before.grouped(), left.grouped())
        }
        None => format!("¥ {}", before.grouped()),
    };
    column![
        bold(w.refund_after(), look.body(), c.text),
        line(w.refund_goes_to(form.bill().wallet)),
        line(match form.asks() {
            true => w.pre_waits().to_owned(),
            false => w.refund_after_once().to_owned(),
        }),
        row![
            one_line(line(w.refund_left_label().to_owned())),
            bold(left, look.body(), c.text),
        ]
        .spacing(look.px(8.0)),
    ]
    .spacing(look.px(8.0))
    .into()
}

fn story<'a>(look: Look, outcome: &'a Outcome) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let mut lines = Column::new().spacing(look.px(8.0));
    for line in outcome.story() {
        let mut what = column![plain(w.refund_happened(line.what), look.body(), c.text)];
        if let Some(detail) = &line.detail {
            what = what.push(plain(detail.as_str(), look.body(), c.quiet));
        }
        let time = one_line(plain(clock_hms(line.at_ms), look.body(), c.quiet));
        lines = lines.push(
            row![container(time).width(look.px(76.0)), what.width(Fill)].spacing(look.px(8.0)),
        );
    }
    let mut inside = column![bold(w.refund_story_title(), look.body(), c.text)];
    if let (Some(left), RefundFace::Refunded) = (outcome.left(), outcome.face()) {
        let label = one_line(plain(w.refund_left_label(), look.body(), c.quiet));
        let left = one_line(bold(format!("¥ {}", left.grouped()), look.body(), c.text));
        inside = inside.push(row![label, left].spacing(look.px(8.0)));
    }
    inside
        .push(widgets::scroll(look, lines).anchor_bottom())
        .spacing(look.px(8.0))
        .into()
}
