//! F10, 连接测试: what every host said, and what to do about it.

use super::{Checks, Message};
use crate::till::service::{Check, Grade};
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, column, container, row, space};
use iced::{Alignment, Element, Fill, Length};

/// The page.
pub(super) fn view<'a>(look: Look, checks: &'a Checks) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let result: Element<'a, Message> = match checks {
        Checks::None => space::vertical().into(),
        Checks::Running => column![
            plain(w.connection_running(), look.label(), c.quiet),
            space::vertical()
        ]
        .into(),
        Checks::Refused(said) => column![
            plain(w.said(said), look.label(), c.refused.ink),
            space::vertical()
        ]
        .into(),
        Checks::Done(checks) => widgets::list(look, lines(look, checks))
            .id(widgets::PAGE)
            .into(),
    };
    column![
        plain(w.connection_hint(), look.body(), c.quiet),
        row![widgets::action(
            look,
            Kind::Primary,
            w.connection_start(),
            "Enter",
            Message::Test
        )],
        result,
    ]
    .spacing(look.px(16.0))
    .into()
}

fn lines<'a>(look: Look, checks: &'a [Check]) -> Element<'a, Message> {
    let c = look.colors;
    let mut all = Column::new().spacing(look.px(4.0));
    let mut host = None;
    for check in checks {
        if host != Some(&check.host) {
            host = Some(&check.host);
            let name = bold(check.host.to_string(), look.label(), c.text);
            all = all.push(container(one_line(name)).padding(look.px(8.0)));
        }
        all = all.push(line(look, check));
    }
    all.into()
}

fn line<'a>(look: Look, check: &'a Check) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (icon, ink) = match check.grade {
        Grade::Ok => (Icon::Check, c.paid.ink),
        Grade::Warn => (Icon::Warning, c.cancelling.ink),
        Grade::Fail => (Icon::Cross, c.refused.ink),
    };
    let text_ink = if check.grade == Grade::Ok {
        c.quiet
    } else {
        ink
    };
    row![
        drawing::icon(icon, look.px(20.0), ink),
        container(one_line(plain(w.checked(check.what), look.body(), c.text)))
            .width(Length::FillPortion(2)),
        plain(w.found(check), look.body(), text_ink).width(Length::FillPortion(5)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center)
    .padding(look.px(8.0))
    .width(Fill)
    .into()
}
