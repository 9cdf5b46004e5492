//! Ctrl+L: which pay link is shown for the amount. The first nine have a figure.

use crate::domain::Channel;
use crate::till::service::Snapshot;
use crate::ui::app::Message;
use crate::ui::screens::keys::page;
use crate::ui::screens::sale;
use crate::ui::screens::stage::Press;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, column, container, row, space};
use iced::{Alignment, Element, Fill, Padding};

/// Links that a figure chooses.
const WITH_FIGURE: usize = 9;

/// The link that this figure chooses.
pub fn chosen(snapshot: &Snapshot, figure: char) -> Option<Channel> {
    let at = usize::try_from(figure.to_digit(10)?).ok()?;
    let at = at.checked_sub(1).filter(|at| *at < WITH_FIGURE)?;
    snapshot.shop.links.get(at).copied()
}

/// The touch target on the sale screen.
pub fn button<'a>(look: Look) -> Element<'a, Press> {
    let inside = row![
        one_line(bold(look.words.pay_link(), look.label(), look.colors.text)),
        space::horizontal(),
        widgets::key_hint(look, Kind::Outline, "Ctrl+L"),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center)
    .height(Fill);
    widgets::press(look, Kind::Outline, inside, Some(Press::Links))
        .width(Fill)
        .height(look.px(52.0))
        .padding(Padding::from([0.0, look.px(16.0)]))
        .into()
}

/// The page.
pub fn view<'a>(look: Look, snapshot: &'a Snapshot) -> Element<'a, Message> {
    let w = look.words;
    let rows = snapshot.shop.links.iter().enumerate();
    let rows = Column::with_children(rows.map(|(at, channel)| choice(look, at, *channel)));
    let content = column![
        plain(w.links_hint(), look.body(), look.colors.quiet),
        rows.spacing(look.px(8.0)),
    ]
    .spacing(look.px(12.0));
    page(
        look,
        w.pay_link(),
        widgets::scroll(look, content).id(widgets::PAGE).into(),
    )
}

fn choice<'a>(look: Look, at: usize, channel: Channel) -> Element<'a, Message> {
    let c = look.colors;
    let figure = match at < WITH_FIGURE {
        true => (at + 1).to_string(),
        false => String::new(),
    };
    let inside = row![
        container(bold(figure, look.label(), c.quiet)).width(look.px(28.0)),
        one_line(bold(look.words.link_name(channel), look.label(), c.text)),
        space::horizontal(),
        one_line(plain(channel.name(), look.body(), c.quiet)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center)
    .height(Fill);
    let show = Message::Sale(sale::Message::ShowLink(channel));
    widgets::press(look, Kind::Outline, inside, Some(show))
        .width(Fill)
        .height(look.px(56.0))
        .padding(Padding::from([0.0, look.px(16.0)]))
        .into()
}
