//! How an incident looks: two columns, what contradicts what, the choices; then the form.

use super::{
    Confirming, Do, Field, LIST, Line, Looking, Message, REASON_FIELD, Stage, State, reasons,
};
use crate::domain::time::{Day, clock_hms};
use crate::domain::{Bill, Fen};
use crate::till::service::{Snapshot, Witness, Witnesses};
use crate::ui::app;
use crate::ui::screens::approval::{self, Focus};
use crate::ui::screens::spaced;
use crate::ui::screens::{countdown, rail};
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Border, Element, Fill, Length, Padding};

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let number = plain(state.bill_no.as_str(), look.body(), c.quiet);
    let title = match &state.stage {
        Stage::Confirming(_) => w.incident_confirm_title(),
        _ => w.incident_title(),
    };
    let again: Element<'a, Message> = match &state.stage {
        Stage::Looking(looking) => choice(look, looking, Do::Again, now_ms),
        _ => space::horizontal().width(0).into(),
    };
    let head = head(look, title, again);
    let inside: Column<'a, Message> = match &state.stage {
        Stage::Asking => {
            column![
                head,
                number,
                bold(w.incident_asking(), look.label(), c.text)
            ]
        }
        Stage::Failed(said) => column![
            head,
            number,
            plain(w.said(said), look.label(), c.text),
            space::vertical(),
            widgets::action(
                look,
                Kind::Primary,
                w.choice_again(),
                "Enter",
                Message::Do(Do::Again)
            ),
        ],
        Stage::Looking(looking) => {
            let read = asked(look, state, &looking.witnesses);
            column![head, read, side_by_side(look, looking, now_ms)]
        }
        Stage::Confirming(form) => confirm(look, snapshot, form, head),
        Stage::Done(how) => column![
            head,
            number,
            bold(w.settled_as(*how), look.label(), c.paid.ink),
            space::vertical(),
            widgets::action(
                look,
                Kind::Primary,
                w.incident_done(),
                "Enter",
                Message::Close
            ),
        ],
    };
    let card = widgets::card(look, inside.spacing(look.px(12.0)))
        .padding(look.px(24.0))
        .width(Fill)
        .height(Fill);
    let right: Element<'a, app::Message> = match &state.stage {
        Stage::Confirming(form) => meaning(look, form).map(app::Message::Incident),
        _ => rail::view(look, snapshot, now_ms),
    };
    row![Element::from(card).map(app::Message::Incident), right]
        .spacing(look.px(16.0))
        .into()
}

fn head<'a>(look: Look, title: &'a str, again: Element<'a, Message>) -> Element<'a, Message> {
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
        again,
        widgets::press(
            look,
            Kind::Key,
            container(back).center_y(Fill),
            Some(Message::Back)
        )
        .height(look.px(48.0))
        .padding(Padding::from([0.0, look.px(16.0)])),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center)
    .into()
}

/// Which bill, and where and when the gateway's side was read.
fn asked<'a>(look: Look, state: &'a State, witnesses: &'a Witnesses) -> Element<'a, Message> {
    let host = witnesses.host.0.as_str();
    let host = host.split("://").last().unwrap_or(host);
    let w = look.words;
    let read = format!(
        "{} · {} {} · {host}",
        spaced(state.bill_no.as_str()),
        w.incident_asked(),
        clock_hms(witnesses.at_ms)
    );
    plain(read, look.body(), look.colors.quiet).into()
}

fn side_by_side<'a>(look: Look, looking: &'a Looking, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let witnesses = &looking.witnesses;
    let (mut ours, mut theirs) = (here(look, &witnesses.here), there(look, witnesses));
    let rows = ours.len().max(theirs.len());
    // Equally high, whoever has more to say.
    ours.resize(rows, ("", String::new()));
    theirs.resize(rows, ("", String::new()));
    let columns = row![
        witness(look, w.incident_here(), ours),
        witness(look, w.incident_there(), theirs),
    ]
    .spacing(look.px(12.0));
    let mut choices = Column::new().spacing(look.px(8.0));
    if witnesses.choices.is_empty() {
        choices = choices.push(plain(w.choice_none(), look.body(), c.quiet));
    }
    for pair in witnesses.choices.chunks(2) {
        let pair = pair.iter().map(|one| {
            container(choice(look, looking, Do::Choose(*one), now_ms))
                .width(Length::FillPortion(1))
                .into()
        });
        choices = choices.push(Row::with_children(pair).spacing(look.px(8.0)));
    }
    let inside = column![
        columns,
        bold(sentence(look, witnesses), look.body(), c.unknown.ink),
        choices,
    ]
    .spacing(look.px(12.0));
    widgets::list(look, inside).id(LIST).into()
}

type Fact = (&'static str, String);

fn witness<'a>(look: Look, title: &'a str, facts: Vec<Fact>) -> Element<'a, Message> {
    let c = look.colors;
    let label_width = look.px(if look.narrow { 80.0 } else { 88.0 });
    let rows = facts.into_iter().map(|(label, value)| {
        row![
            container(one_line(plain(label, look.body(), c.quiet))).width(label_width),
            plain(value, look.body(), c.text).width(Fill),
        ]
        .spacing(look.px(4.0))
        .into()
    });
    let inside = column![
        bold(title, look.label(), c.text),
        Column::with_children(rows).spacing(look.px(2.0)),
    ]
    .spacing(look.px(4.0));
    let radius = look.px(12.0);
    container(inside)
        .padding(look.px(12.0))
        .width(Length::FillPortion(1))
        .style(move |_| widgets::filled(c.key, Border::default().rounded(radius)))
        .into()
}

fn money(amount: Fen) -> String {
    format!("¥ {}", amount.grouped())
}

fn moment(at_ms: i64) -> String {
    let day = Day::of(at_ms).to_string();
    format!("{} {}", day.get(5..).unwrap_or(&day), clock_hms(at_ms))
}

fn here(look: Look, bill: &Bill) -> Vec<Fact> {
    let w = look.words;
    let refunded = match bill.refunded {
        Fen::ZERO => w.incident_nothing().to_owned(),
        some => money(some),
    };
    let ended = bill
        .ended_ms
        .map_or_else(|| w.incident_nothing().to_owned(), moment);
    vec![
        (w.incident_state(), w.bill_state(bill.state).to_owned()),
        (w.incident_amount_label(), money(bill.amount)),
        (w.incident_proof(), w.proof(bill.proof).to_owned()),
        (w.incident_reverted(), w.reverts(bill.reverts.as_ref())),
        (w.incident_refunded(), refunded),
        (w.incident_made(), moment(bill.sent.wall_ms)),
        (w.incident_ended(), ended),
    ]
}

fn there(look: Look, witnesses: &Witnesses) -> Vec<Fact> {
    let w = look.words;
    let mut facts = vec![(w.incident_state(), w.witness(&witnesses.there))];
    if let Witness::Row(row) = &witnesses.there {
        let trade = match &row.trade_no {
            Some(no) => no.clone(),
            None => w.incident_no_trade().to_owned(),
        };
        let made = row
            .create_time_ms
            .map_or_else(|| w.incident_not_said().to_owned(), moment);
        facts.extend([
            (w.incident_amount_label(), money(row.total_fee)),
            (w.incident_trade(), trade),
            (w.incident_reverted(), w.flag(row.reverted).to_owned()),
            (w.incident_refunded(), w.flag(row.refunded).to_owned()),
            (w.incident_made(), made),
        ]);
    }
    facts
}

/// What contradicts what, in one sentence.
fn sentence(look: Look, witnesses: &Witnesses) -> String {
    let w = look.words;
    let claimed = witnesses.here.reverts.is_some_and(|r| r.claimed);
    match (&witnesses.here.incident, &witnesses.there) {
        (Some(incident), _) => w.contradiction(incident),
        (None, Witness::Row(row)) if row.reverted == Some(true) || row.refunded == Some(true) => {
            w.incident_given_back_row().to_owned()
        }
        (None, Witness::Row(row)) if row.paid && claimed => w.incident_claim_row().to_owned(),
        _ => w.incident_open().to_owned(),
    }
}

fn choice<'a>(look: Look, looking: &'a Looking, what: Do, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let wait = looking.wait_ms(what, now_ms);
    let (word, means) = match (what, wait) {
        (Do::Again, _) => (w.choice_again(), None),
        (Do::Choose(choice), None) => (w.choice(choice), Some(w.choice_means(choice).to_owned())),
        (Do::Choose(choice), Some(left)) => {
            let left = countdown(now_ms.saturating_add(left), now_ms);
            (w.choice(choice), Some(w.choice_wait(&left)))
        }
    };
    let chosen = looking.actions().get(looking.at) == Some(&what);
    let kind = match chosen {
        true => Kind::OutlineChosen,
        false => Kind::Outline,
    };
    let ink = if wait.is_some() { c.quiet } else { c.text };
    let mut text = column![bold(word, look.body(), ink)];
    if let Some(means) = means {
        text = text
            .push(plain(means, look.body(), c.quiet).width(Fill))
            .width(Fill);
    }
    let mut inside = row![text].spacing(look.px(12.0)).align_y(Alignment::Center);
    if what == Do::Again {
        inside = inside.height(Fill);
    }
    if chosen {
        inside = inside.push(widgets::key_hint(look, kind, "Enter"));
    }
    let message = wait.is_none().then_some(Message::Do(what));
    let button = widgets::press(look, kind, inside, message)
        .padding(Padding::from([look.px(10.0), look.px(16.0)]));
    match what {
        Do::Again => button.height(look.px(48.0)).into(),
        // Three lines in a wide window, four in a narrow one: equally high side by side.
        Do::Choose(_) => button
            .width(Fill)
            .height(look.px(if look.narrow { 106.0 } else { 84.0 }))
            .into(),
    }
}

fn labelled<'a>(
    look: Look,
    label: &'a str,
    marked: bool,
    field: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    let width = look.px(if look.narrow { 84.0 } else { 108.0 });
    let label = plain(label, look.body(), look.colors.quiet);
    widgets::labelled(look, label, width, marked, field)
}

/// The form of one choice.
fn confirm<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    form: &'a Confirming,
    head: Element<'a, Message>,
) -> Column<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let bill = &form.looking.witnesses.here;
    let what = format!("{} · …{}", money(bill.amount), bill.bill_no.tail());
    let pills = reasons(w).map(|reason| {
        let chosen = form.reason == reason;
        widgets::pill(look, reason, chosen, Message::Reason(reason))
    });
    let pills = Row::with_children(pills)
        .spacing(look.px(8.0))
        .wrap()
        .vertical_spacing(look.px(8.0));
    let text = widgets::field(
        look,
        REASON_FIELD,
        w.reason_hint(),
        &form.reason,
        Message::Write,
    );
    let focus = match form.field {
        Field::Approver => Focus::Manager,
        Field::Pin => Focus::Pin,
        _ => Focus::Elsewhere,
    };
    let approver = approval::view(
        look,
        snapshot,
        &form.approval,
        focus,
        Message::Approver,
        Message::Focus(Field::Pin),
    );
    let fields = column![
        bold(w.choice(form.choice), look.label(), c.unknown.ink),
        plain(what, look.label(), c.text),
        plain(
            sentence(look, &form.looking.witnesses),
            look.body(),
            c.quiet
        ),
        labelled(look, w.refund_reason(), form.field == Field::Reasons, pills),
        labelled(look, "", false, text),
        labelled(look, w.release_manager(), focus == Focus::Manager, approver),
    ]
    .spacing(look.px(12.0));
    column![
        head,
        widgets::list(look, fields),
        row![button(look, form), line(look, form)]
            .spacing(look.px(16.0))
            .align_y(Alignment::Center),
    ]
}

fn button<'a>(look: Look, form: &'a Confirming) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    if form.sending.is_none() {
        let word = w.incident_confirm(w.choice(form.choice));
        return widgets::action(look, Kind::Primary, word, "Enter", Message::Submit);
    }
    let word = one_line(bold(w.refund_checking(), look.label(), c.quiet));
    widgets::press(
        look,
        Kind::Key,
        container(word).center_y(Fill),
        None::<Message>,
    )
    .height(look.px(64.0))
    .padding(Padding::from([0.0, look.px(28.0)]))
    .into()
}

fn line<'a>(look: Look, form: &'a Confirming) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let text = match &form.line {
        Some(Line::Said(said)) => w.said(said),
        Some(Line::PinMissing) => w.refund_pin_missing().to_owned(),
        None => return space::horizontal().into(),
    };
    plain(text, look.body(), c.refused.ink).width(Fill).into()
}

/// What the choice means, over the keypad of the PIN.
fn meaning<'a>(look: Look, form: &'a Confirming) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let words = column![
        bold(w.choice(form.choice), look.body(), c.text),
        plain(w.choice_means(form.choice), look.body(), c.quiet),
    ]
    .spacing(look.px(8.0));
    let words = widgets::card(look, words)
        .padding(look.px(16.0))
        .width(Fill);
    let pad = approval::pad(look, false, Message::Pad, Message::Erase);
    let pad = widgets::card(look, pad)
        .padding(look.px(12.0))
        .width(Fill)
        .height(Fill);
    column![words, pad]
        .spacing(look.px(12.0))
        .width(look.rail())
        .height(Fill)
        .into()
}
