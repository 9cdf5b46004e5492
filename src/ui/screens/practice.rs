//! 模拟顾客: the panel that plays the customer and the network in practice mode.

use crate::domain::Wallet;
use crate::domain::practice::{Act, Network};
use crate::till::service::{Command, Practice};
use crate::ui::app::Message;
use crate::ui::screens::sale;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Row, column, container, row, space};
use iced::{Element, Fill};

const ACTS: [Act; 5] = [Act::Pay, Act::Password, Act::Late, Act::Never, Act::NoMoney];
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
    let gap = look.px(if look.narrow { 6.0 } else { 8.0 });
    let acts = ACTS.map(|act| {
        let network = panel.network;
        let message = Message::Send(Command::Practice { act, network });
        widgets::pill(look, w.act(act), panel.act == act, message)
    });
    let networks = NETWORKS.map(|network| {
        let act = panel.act;
        let message = Message::Send(Command::Practice { act, network });
        widgets::pill(look, w.network(network), panel.network == network, message)
    });
    let pills = |all: Vec<Element<'a, Message>>| {
        Row::with_children(all)
            .spacing(gap)
            .wrap()
            .vertical_spacing(gap)
    };
    let scan = widgets::press(
        look,
        Kind::Primary,
        container(bold(w.scan_this(), look.label(), c.on_tone)).center(Fill),
        Some(Message::Sale(sale::Message::PracticeScan)),
    )
    .width(Fill)
    .height(look.px(56.0));
    let label = |word| plain(word, look.body(), c.quiet);
    let inside = column![
        row![
            bold(w.practice_customer(), look.body(), c.text),
            space::horizontal(),
            one_line(plain(w.practice_staff_short(), look.hint(), c.quiet)),
        ]
        .align_y(iced::Alignment::Center),
        code(look, panel),
        scan,
        label(w.customer_will()),
        pills(acts.into()),
        label(w.network_will()),
        pills(networks.into()),
    ]
    .spacing(look.px(8.0))
    .padding(look.px(if look.narrow { 14.0 } else { 16.0 }));
    widgets::edged(look, c.practice, 2.0, widgets::scroll(look, inside))
        .padding(2)
        .width(Fill)
        .height(Fill)
        .into()
}

fn code<'a>(look: Look, panel: &'a Practice) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let wallet = |wallet, word| {
        let message = Message::Send(Command::PracticeCode(wallet));
        widgets::pill(look, word, panel.wallet == wallet, message)
    };
    let wallets = row![
        wallet(Wallet::Alipay, w.alipay()),
        wallet(Wallet::Wechat, w.wechat()),
    ]
    .spacing(look.px(8.0));
    let side = look.px(if look.narrow { 116.0 } else { 132.0 });
    let digits = grouped(&panel.code)
        .into_iter()
        .fold(column![], |lines, line| {
            lines.push(one_line(bold(line, look.body(), c.text)))
        });
    row![
        drawing::qr(panel.code_qr.clone(), side, c.qr_light, c.qr_dark),
        column![
            wallets,
            one_line(plain(w.payment_code(), look.body(), c.quiet)),
            digits,
        ]
        .spacing(look.px(4.0)),
    ]
    .spacing(look.px(if look.narrow { 10.0 } else { 16.0 }))
    .into()
}

/// `2830 2435` over `1597 6940 02`: two lines of groups of four.
fn grouped(code: &str) -> Vec<String> {
    let digits: Vec<char> = code.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
    let half = groups.len() / 2;
    let (head, tail) = groups.split_at_checked(half).unwrap_or((&groups, &[]));
    [head.join(" "), tail.join(" ")]
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_shown_in_groups_of_four() {
        assert_eq!(
            super::grouped("283024351597694002"),
            ["2830 2435", "1597 6940 02"]
        );
    }
}
