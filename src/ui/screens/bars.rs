//! The top bar, the practice strip, the banners and the key bar. Views of the snapshot.

use crate::domain::time::clock_hm;
use crate::till::service::{GatewayHealth, Snapshot};
use crate::ui::app::{Function, Message};
use crate::ui::screens::{lamps, refund};
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain, strong};
use iced::widget::{Column, Row, column, container, row};
use iced::{Alignment, Border, Color, Element, Fill, Padding};

/// 练习模式, or the test environment, across the whole window.
pub fn strip<'a>(look: Look, words: &'a str) -> Element<'a, Message> {
    let c = look.colors;
    container(bold(words, look.body(), c.on_practice))
        .center_x(Fill)
        .center_y(look.px(32.0))
        .style(move |_| widgets::filled(c.practice, Border::default()))
        .into()
}

/// What the shop's name keeps of the bar, in the design's pixels.
const NAME: f32 = 180.0;

/// Shop, till, what is connected, who, when.
pub fn top<'a>(look: Look, snapshot: &'a Snapshot, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let shop = &snapshot.shop;
    let till = w.till(&shop.till);
    let who = match &snapshot.signed_in {
        Some(staff) => staff.name.as_str(),
        None => w.nobody(),
    };
    let time = clock_hm(now_ms);
    let (ink, word) = gateway(look, snapshot, now_ms);
    let gap = look.px(if look.narrow { 16.0 } else { 24.0 });
    let wide = |text: &str, size: f32| widgets::ems(text) * size;
    // The gateway has its sign and the gap behind it.
    let rest = wide(&word, look.body()) + look.px(19.0);
    let rest = rest + wide(who, look.body()) + wide(&time, look.label()) + 4.0 * gap;
    let name = wide(&shop.name, look.label()).min(look.px(NAME));
    let name = match look.narrow {
        true => name,
        false => name + wide(&till, look.body()) + gap,
    };
    let room = look.width - look.px(48.0) - rest - name;
    let right = row![
        lamp(look, ink, word),
        lamps::view(look, snapshot, room),
        one_line(plain(who, look.body(), c.quiet)),
        one_line(bold(time, look.label(), c.text)),
    ]
    .spacing(gap)
    .align_y(Alignment::Center);
    let mut left = row![shop_name(look, &shop.name)]
        .spacing(gap)
        .align_y(Alignment::Center);
    if !look.narrow {
        left = left.push(one_line(plain(till, look.body(), c.quiet)));
    }
    let bar = row![container(left).width(Fill).clip(true), right]
        .spacing(gap)
        .align_y(Alignment::Center)
        .height(look.px(55.0))
        .padding(Padding::from([0.0, look.px(24.0)]));
    column![
        container(bar).style(move |_| widgets::filled(c.surface, Border::default())),
        widgets::line(look),
    ]
    .into()
}

/// The shop's name, as much of it as there is room for.
fn shop_name<'a>(look: Look, name: &'a str) -> Element<'a, Message> {
    let size = look.label();
    let long = widgets::ems(name) * size > look.px(NAME);
    if !long {
        return one_line(strong(name, size, look.colors.text)).into();
    }
    container(iced::widget::responsive(move |room| {
        let mut shown = name.to_owned();
        while widgets::ems(&shown) * size > room.width && shown.pop().is_some() {}
        if shown.len() < name.len() {
            shown.pop();
            shown.push('…');
        }
        container(one_line(strong(&shown, size, look.colors.text)))
            .center_y(Fill)
            .into()
    }))
    .width(Fill)
    .height(Fill)
    .into()
}

fn lamp<'a>(look: Look, color: Color, word: String) -> Element<'a, Message> {
    row![
        drawing::icon(Icon::Dot, look.px(11.0), color),
        one_line(plain(word, look.body(), look.colors.text)),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center)
    .into()
}

/// Its lamp's colour and words.
fn gateway(look: Look, snapshot: &Snapshot, now_ms: i64) -> (Color, String) {
    let (c, w) = (look.colors, look.words);
    match snapshot.health.gateway {
        GatewayHealth::Unasked => (c.quiet, w.gateway().to_owned()),
        GatewayHealth::Answered { latency_ms, at_ms } => {
            let ago = w.ago(now_ms.saturating_sub(at_ms));
            let line = format!("{} · {ago}", w.gateway_latency(latency_ms));
            (c.paid.ink, line)
        }
        GatewayHealth::Silent { since_ms } => {
            let ago = w.ago(now_ms.saturating_sub(since_ms));
            let line = format!("{} · {ago}", w.gateway_silent());
            (c.refused.ink, line)
        }
    }
}

/// What stands in the way of taking payments, one line each.
pub fn banners<'a>(look: Look, snapshot: &Snapshot) -> Option<Element<'a, Message>> {
    let (c, w) = (look.colors, look.words);
    let health = &snapshot.health;
    let mut lines = Vec::new();
    if let Some(why) = &health.ledger {
        lines.push((w.ledger_down(why), c.refused.fill));
    }
    if let Some(seconds) = health.clock_off_s {
        lines.push((w.clock_off(seconds), c.cancelling.fill));
    }
    if let Some(alarm) = &health.alarm {
        lines.push((w.gateway_alarm(alarm), c.cancelling.fill));
    }
    if let Some(why) = &health.webhook {
        lines.push((w.no_webhook(why), c.cancelling.fill));
    }
    if lines.is_empty() {
        return None;
    }
    let banner = |(line, fill): (String, Color)| {
        container(plain(line, look.body(), c.on_tone))
            .width(Fill)
            .padding(Padding::from([look.px(6.0), look.px(24.0)]))
            .style(move |_| widgets::filled(fill, Border::default()))
            .into()
    };
    Some(Column::with_children(lines.into_iter().map(banner)).into())
}

/// F1 to F10: the list of keys and the row of touch targets.
pub fn keys<'a>(look: Look, snapshot: &Snapshot) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let all = [
        ("F1", w.key_keys(), Function::Keys, true),
        (
            "F2",
            w.alipay_qr(),
            Function::Alipay,
            snapshot.shop.qr_alipay,
        ),
        (
            "F3",
            w.wechat_qr(),
            Function::Wechat,
            snapshot.shop.qr_wechat,
        ),
        (
            "F4",
            w.key_camera(),
            Function::Camera,
            snapshot.settings.takes_codes(),
        ),
        ("F5", w.key_bills(), Function::Bills, true),
        (
            "F6",
            w.key_refund(),
            Function::Refund,
            refund::may(snapshot).is_ok(),
        ),
        ("F7", w.key_to_do(), Function::ToDo, true),
        ("F8", w.key_shift(), Function::Shift, true),
        ("F9", w.key_lock(), Function::Lock, true),
        ("F10", w.key_settings(), Function::Settings, true),
    ];
    let keys = all.into_iter().map(|(key, word, function, available)| {
        let ink = if available {
            c.text
        } else {
            Color { a: 0.6, ..c.quiet }
        };
        let mut inside = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
        if !look.narrow {
            inside = inside.push(one_line(plain(
                key,
                look.hint(),
                Color {
                    a: ink.a,
                    ..c.quiet
                },
            )));
        }
        let inside = inside.push(one_line(plain(word, look.body(), ink)));
        widgets::press(
            look,
            Kind::Key,
            container(inside).center(Fill).clip(true),
            Some(Message::Function(function)),
        )
        .width(Fill)
        .height(look.px(48.0))
        .into()
    });
    let bar = Row::with_children(keys)
        .spacing(look.px(if look.narrow { 5.0 } else { 8.0 }))
        .padding(Padding::from([
            look.px(7.0),
            look.px(if look.narrow { 8.0 } else { 16.0 }),
        ]));
    column![
        widgets::line(look),
        container(bar).style(move |_| widgets::filled(c.surface, Border::default())),
    ]
    .into()
}

/// The line that fades, in the top bar's place. It is not laid over the bar: iced's software
/// renderer (0.14.1) was seen to paint edges of what lies below.
pub fn toast<'a>(look: Look, line: &'a str) -> Element<'a, Message> {
    let c = look.colors;
    let room = look.width - look.px(48.0);
    let size = widgets::fitting(line, room, look.label(), look.body());
    container(plain(line, size, c.on_pill))
        .center_x(Fill)
        .center_y(look.px(56.0))
        .padding(Padding::from([0.0, look.px(24.0)]))
        .style(move |_| widgets::filled(c.pill, Border::default()))
        .into()
}
