//! Practice: what becomes of the next refund at the gateway, and on its way there.

use crate::domain::practice::{Network, RefundAct};
use crate::till::service::{Command, Practice};
use crate::ui::app::Message;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, bold, plain};
use iced::widget::{Row, column};
use iced::{Element, Fill, Padding};

const ACTS: [RefundAct; 5] = [
    RefundAct::AtOnce,
    RefundAct::Pending,
    RefundAct::Never,
    RefundAct::Fail,
    RefundAct::NoFunds,
];
const NETWORKS: [Network; 7] = [
    Network::Normal,
    Network::LoseAnswer,
    Network::LoseRequest,
    Network::Slow,
    Network::BadGateway,
    Network::Html,
    Network::Truncate,
];

/// The panel.
pub fn view<'a>(look: Look, panel: &'a Practice) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let plan = |act, network| Message::Send(Command::PracticeRefund { act, network });
    let acts = ACTS.map(|act| {
        let chosen = panel.refund_act == act;
        widgets::pill(
            look,
            w.refund_act(act),
            chosen,
            plan(act, panel.refund_network),
        )
    });
    let networks = NETWORKS.map(|network| {
        let chosen = panel.refund_network == network;
        widgets::pill(
            look,
            w.network(network),
            chosen,
            plan(panel.refund_act, network),
        )
    });
    let inside = column![
        bold(w.refund_practice(), look.body(), c.text),
        plain(w.refund_practice_next(), look.body(), c.quiet),
        pills(look, acts.into()),
        plain(w.network_will(), look.body(), c.quiet),
        pills(look, networks.into()),
    ]
    .spacing(look.px(8.0))
    .padding(Padding::from([look.px(10.0), look.px(14.0)]));
    widgets::edged(look, c.practice, 2.0, inside)
        .padding(2)
        .width(Fill)
        .into()
}

fn pills<'a>(look: Look, all: Vec<Element<'a, Message>>) -> Element<'a, Message> {
    Row::with_children(all)
        .spacing(look.px(if look.narrow { 6.0 } else { 8.0 }))
        .wrap()
        .vertical_spacing(look.px(6.0))
        .into()
}
