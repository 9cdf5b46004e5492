//! 模拟顾客: the panel that plays the customer and the network in practice mode.

use crate::domain::Wallet;
use crate::domain::practice::{Act, Network};
use crate::till::service::{Command, Practice};
use crate::ui::app::Message;
use crate::ui::screens::sale;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Padding};

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

/// How much of the panel the rail has room for; everything that acts stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// The code large, and a label over each choice.
    Full,
    /// The code large, no labels.
    Bare,
    /// The code small.
    Small,
}

/// The least height of each, in the design's pixels, as the columns below add up.
const FULL: f32 = 518.0;
const BARE: f32 = 441.0;

impl Fit {
    fn of(look: Look, height: f32) -> Fit {
        if height >= look.px(FULL) {
            Fit::Full
        } else if height >= look.px(BARE) {
            Fit::Bare
        } else {
            Fit::Small
        }
    }
}

/// The panel, as much of it as fits beside what is open; without a code where none is taken.
pub fn view<'a>(look: Look, panel: &'a Practice, takes_codes: bool) -> Element<'a, Message> {
    let inside = iced::widget::responsive(move |size| {
        let fit = Fit::of(look, size.height);
        widgets::scroll_in_margin(look, inside(look, panel, fit, takes_codes)).into()
    });
    widgets::edged(look, look.colors.practice, 2.0, inside)
        .padding(2)
        .width(Fill)
        .height(Fill)
        .into()
}

fn inside<'a>(
    look: Look,
    panel: &'a Practice,
    fit: Fit,
    takes_codes: bool,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let scan = widgets::press(
        look,
        Kind::Primary,
        container(bold(w.scan_this(), look.label(), c.on_tone)).center(Fill),
        Some(Message::Sale(sale::Message::PracticeScan)),
    )
    .width(Fill)
    .height(look.px(if fit == Fit::Full { 56.0 } else { 48.0 }));
    let label = |word| plain(word, look.body(), c.quiet);
    let staff = if look.narrow {
        w.practice_staff_narrow()
    } else {
        w.practice_staff_short()
    };
    let head = row![
        bold(w.practice_customer(), look.body(), c.text),
        space::horizontal(),
        one_line(plain(staff, look.hint(), c.quiet)),
    ]
    .align_y(Alignment::Center);
    let mut inside = column![head];
    if takes_codes {
        inside = inside.push(code(look, panel, fit)).push(scan);
    }
    if fit == Fit::Full {
        inside = inside.push(label(w.customer_will()));
    }
    inside = inside.push(acts(look, panel));
    inside = inside.push(if fit == Fit::Full {
        label(w.network_will()).into()
    } else {
        widgets::line(look)
    });
    let sides = look.px(if look.narrow { 14.0 } else { 16.0 });
    inside
        .push(networks(look, panel))
        .spacing(look.px(if fit == Fit::Full { 8.0 } else { 6.0 }))
        .padding(Padding::from([look.px(10.0), sides]))
        .into()
}

fn acts<'a>(look: Look, panel: &'a Practice) -> Element<'a, Message> {
    let all = ACTS.map(|act| {
        let network = panel.network;
        let message = Message::Send(Command::Practice { act, network });
        widgets::pill(look, look.words.act(act), panel.act == act, message)
    });
    pills(look, all.into())
}

fn networks<'a>(look: Look, panel: &'a Practice) -> Element<'a, Message> {
    let all = NETWORKS.map(|network| {
        let act = panel.act;
        let message = Message::Send(Command::Practice { act, network });
        let chosen = panel.network == network;
        widgets::pill(look, look.words.network(network), chosen, message)
    });
    pills(look, all.into())
}

fn pills<'a>(look: Look, all: Vec<Element<'a, Message>>) -> Element<'a, Message> {
    Row::with_children(all)
        .spacing(look.px(if look.narrow { 6.0 } else { 8.0 }))
        .wrap()
        .vertical_spacing(look.px(6.0))
        .into()
}

fn code<'a>(look: Look, panel: &'a Practice, fit: Fit) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let pills = Look {
        narrow: look.narrow || fit == Fit::Small,
        ..look
    };
    let wallet = |wallet, word| {
        let message = Message::Send(Command::PracticeCode(wallet));
        widgets::pill(pills, word, panel.wallet == wallet, message)
    };
    let wallets = row![
        wallet(Wallet::Alipay, w.alipay()),
        wallet(Wallet::Wechat, w.wechat()),
    ]
    .spacing(look.px(if look.narrow { 6.0 } else { 8.0 }));
    // Whole pixels a module (29 with the quiet zone): four, three or two.
    let qr = |design: f32| {
        let side = look.px(design);
        drawing::qr(panel.code_qr.clone(), side, c.qr_light, c.qr_dark)
    };
    let digits = |size| {
        grouped(&panel.code)
            .into_iter()
            .fold(column![], |lines, line| {
                lines.push(one_line(bold(line, size, c.text)))
            })
    };
    if fit == Fit::Small {
        let mut small = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
        if !look.narrow {
            small = small.push(qr(58.0));
        }
        return small
            .push(digits(look.body()).width(Fill))
            .push(wallets)
            .into();
    }
    let size = if look.narrow {
        look.body()
    } else {
        look.label()
    };
    let side = column![wallets, digits(size)].spacing(look.px(8.0));
    row![qr(if look.narrow { 87.0 } else { 116.0 }), side]
        .spacing(look.px(if look.narrow { 10.0 } else { 16.0 }))
        .align_y(Alignment::Center)
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
