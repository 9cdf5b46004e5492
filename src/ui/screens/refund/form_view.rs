//! How the refund's form looks: labels at the left, one row for each thing that is asked, and
//! the button that sends it.

use super::{FORM, Field, Form, Line, Message, REASON_FIELD, Reason};
use crate::domain::time::{Day, clock_hm};
use crate::till::service::{Refundable, Snapshot};
use crate::ui::screens::approval::{self, Focus};
use crate::ui::screens::spaced;
use crate::ui::screens::who;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Padding};

/// The form under its head.
pub(super) fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    form: &'a Form,
    head: Element<'a, Message>,
    now_ms: i64,
) -> Column<'a, Message> {
    let w = look.words;
    let mut fields = column![
        earlier(look, snapshot, form.bill(), now_ms),
        labelled(look, most(look, form), false, amount(look, form)),
        labelled(
            look,
            label(look, w.refund_reason()),
            form.field() == Field::Reason,
            reasons(look, form)
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
        fields = fields.push(labelled(
            look,
            space::horizontal().into(),
            false,
            text.into(),
        ));
    }
    if form.asks() {
        return column![
            head,
            widgets::list(look, fields).id(FORM),
            row![button(look, form), said(look, form)]
                .spacing(look.px(16.0))
                .align_y(Alignment::Center),
        ];
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
    let fields = fields.push(labelled(
        look,
        label(look, w.refund_approver()),
        focus == Focus::Manager,
        approver,
    ));
    column![
        head,
        widgets::list(look, fields).id(FORM),
        row![button(look, form), said(look, form)]
            .spacing(look.px(16.0))
            .align_y(Alignment::Center),
    ]
}

fn label<'a>(look: Look, word: &'a str) -> Element<'a, Message> {
    plain(word, look.body(), look.colors.quiet).into()
}

fn labelled<'a>(
    look: Look,
    label: Element<'a, Message>,
    marked: bool,
    field: Element<'a, Message>,
) -> Element<'a, Message> {
    let width = look.px(if look.narrow { 112.0 } else { 132.0 });
    widgets::labelled(look, label, width, marked, field)
}

/// The bill, what was paid, what went back already.
pub(super) fn earlier<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    bill: &'a Refundable,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let size = if look.narrow {
        look.body()
    } else {
        look.label()
    };
    let fact = |word, value: Element<'a, Message>| labelled(look, label(look, word), false, value);
    let mut what = vec![spaced(bill.bill_no.as_str())];
    what.extend(bill.created_ms.map(|at| moment(look, at, now_ms)));
    let way = bill.channel.map_or("", |channel| w.way(channel));
    let wallet = format!("{} {way}", w.wallet(bill.wallet));
    what.push(wallet.trim_end().to_owned());
    let mut rows = column![fact(
        w.label_bill(),
        plain(what.join(" · "), size, c.text).into()
    )];
    if let Ok(balance) = &bill.balance {
        let paid = bold(format!("¥ {}", balance.paid.grouped()), size, c.text);
        rows = rows.push(fact(w.refund_paid(), paid.into()));
    }
    let here = bill.refunds.iter().map(|refund| {
        let approver = who(snapshot, &refund.approver);
        w.refund_line(refund, approver)
    });
    let elsewhere = bill
        .elsewhere
        .iter()
        .map(|(_, fee, state)| w.refund_line_elsewhere(*fee, state));
    let mut lines: Vec<String> = here.chain(elsewhere).collect();
    if lines.is_empty() {
        lines.push(w.refund_none_yet().to_owned());
    }
    for (i, line) in lines.into_iter().enumerate() {
        let word = if i == 0 { w.refund_refunded() } else { "" };
        rows = rows.push(fact(word, plain(line, size, c.text).into()));
    }
    rows.spacing(look.px(4.0)).into()
}

/// Today only the time.
fn moment(look: Look, at_ms: i64, now_ms: i64) -> String {
    if Day::of(at_ms) == Day::of(now_ms) {
        return format!("{} {}", look.words.filter_today(), clock_hm(at_ms));
    }
    let day = Day::of(at_ms).to_string();
    format!("{} {}", day.get(5..).unwrap_or(&day), clock_hm(at_ms))
}

fn most<'a>(look: Look, form: &'a Form) -> Element<'a, Message> {
    let w = look.words;
    let max = form.balance().refundable.grouped();
    column![
        label(look, w.refund_amount()),
        plain(w.refund_most(&max), look.hint(), look.colors.quiet),
    ]
    .into()
}

fn amount<'a>(look: Look, form: &'a Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let typed = form.amount();
    let (shown, ink) = match typed.is_empty() {
        true => ("0.00".to_owned(), c.quiet),
        false => (typed.text().to_owned(), c.text),
    };
    let size = look.px(if look.narrow { 36.0 } else { 44.0 });
    let figures = widgets::amount(look, shown, size, ink, c.quiet);
    let well = widgets::well_high(
        look,
        figures,
        form.field() == Field::Amount,
        look.px(if look.narrow { 64.0 } else { 72.0 }),
        Message::Focus(Field::Amount),
    );
    let all = row![
        one_line(plain(w.refund_all(), look.body(), c.text)),
        widgets::key_hint(look, Kind::Outline, w.refund_all_key()),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    let all = widgets::press(
        look,
        Kind::Outline,
        container(all).center_y(Fill),
        Some(Message::All),
    )
    .height(look.px(if look.narrow { 64.0 } else { 72.0 }))
    .padding(Padding::from([0.0, look.px(20.0)]));
    row![well, all].spacing(look.px(12.0)).into()
}

fn reasons<'a>(look: Look, form: &'a Form) -> Element<'a, Message> {
    let all = Reason::ALL.map(|reason| {
        let chosen = form.reason() == reason;
        widgets::pill(
            look,
            reason.word(look.words),
            chosen,
            Message::Reason(reason),
        )
    });
    let pills = Row::with_children(all)
        .spacing(look.px(if look.narrow { 6.0 } else { 8.0 }))
        .wrap()
        .vertical_spacing(look.px(8.0));
    pills.into()
}

fn button<'a>(look: Look, form: &'a Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    if form.is_sending() {
        let word = one_line(bold(w.refund_checking(), look.label(), c.quiet));
        let inside = container(word).center_y(Fill);
        return widgets::press(look, Kind::Key, inside, None::<Message>)
            .height(look.px(64.0))
            .padding(Padding::from([0.0, look.px(28.0)]))
            .into();
    }
    let word = match form.amount().amount() {
        Some(fee) if form.asks() => w.pre_ask(&fee.grouped()),
        None if form.asks() => w.pre_ask_what().to_owned(),
        Some(fee) => w.refund_give(&fee.grouped()),
        None => w.refund_give_what().to_owned(),
    };
    let kind = match form.asks() {
        true => Kind::Primary,
        false => Kind::Danger,
    };
    widgets::action(look, kind, word, "Enter", Message::Submit)
}

/// What is missing, was refused, or needs another manager.
fn said<'a>(look: Look, form: &'a Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (text, ink) = match form.line() {
        Some(Line::Said(said)) => (w.said(said), c.refused.ink),
        Some(Line::PinMissing) => (w.refund_pin_missing().to_owned(), c.refused.ink),
        Some(Line::NoSecond) => (w.refund_no_second().to_owned(), c.refused.ink),
        Some(Line::Second(max)) if max.0 > 0 => {
            (w.refund_second_above(&max.grouped()), c.cancelling.ink)
        }
        Some(Line::Second(_)) => (w.refund_second().to_owned(), c.cancelling.ink),
        None => return space::horizontal().into(),
    };
    plain(text, look.body(), ink).width(Fill).into()
}
