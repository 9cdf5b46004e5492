//! The devices' lamps in the top bar: which are set, how each is, and what its lamp says.
//!
//! Where all of them don't fit, those that need a look keep theirs and the others are counted.
//! A slip that waits is the printer's matter: its lamp is amber at most, never a payment's colour.

use crate::domain::config::Language;
use crate::domain::print::JobState;
use crate::till::service::{DeviceHealth, Health, PrintView, Snapshot, TestedDevice};
use crate::ui::app::Message;
use crate::ui::strings::Words;
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, one_line, plain};
use iced::widget::{container, row};
use iced::{Alignment, Color, Element, Fill};

/// What stands in the top bar, the one that needs people most often first.
const IN_ORDER: [TestedDevice; 5] = [
    TestedDevice::Printer,
    TestedDevice::Scanner,
    TestedDevice::Camera,
    TestedDevice::Sound,
    TestedDevice::Pole,
];
/// A reason is repeated in the bar up to this many ems; touching the lamp says all of it.
const REASON_EMS: f32 = 8.0;
/// The sign of a lamp and the gap behind it, in the design's pixels.
const SIGN: f32 = 24.0;
/// Between two lamps, in the design's pixels.
const GAP: f32 = 16.0;

/// How a device is; the drawer is the printer's.
pub fn health(health: &Health, device: TestedDevice) -> Option<&DeviceHealth> {
    match device {
        TestedDevice::Scanner => health.scanner.as_ref(),
        TestedDevice::Camera => health.camera.as_ref(),
        TestedDevice::Printer | TestedDevice::Drawer => health.printer.as_ref(),
        TestedDevice::Sound => health.sound.as_ref(),
        TestedDevice::Pole => health.pole.as_ref(),
    }
}

/// A printer is set, and has not been spoken to since the start: it is looked at with its first
/// slip.
fn is_unheard(snapshot: &Snapshot, device: TestedDevice) -> bool {
    device == TestedDevice::Printer && snapshot.print.there && snapshot.health.printer.is_none()
}

/// Slips that stand still: what waits while the printer prints goes by itself.
pub fn stuck_slips(snapshot: &Snapshot) -> Option<Slips> {
    let PrintView { jobs, .. } = &snapshot.print;
    let of = |state| jobs.iter().filter(|job| job.state == state).count();
    let ready = matches!(snapshot.health.printer, Some(DeviceHealth::Ready));
    let slips = Slips {
        doubtful: of(JobState::Doubtful),
        waiting: if ready { 0 } else { of(JobState::Waiting) },
    };
    (slips.doubtful + slips.waiting > 0).then_some(slips)
}

/// How many slips stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slips {
    /// Perhaps half printed: a person decides.
    pub doubtful: usize,
    /// Until the printer is ready.
    pub waiting: usize,
}

impl Slips {
    /// 1 张要确认 · 3 张等待
    pub fn line(self, w: Words) -> String {
        let doubtful = (self.doubtful > 0).then(|| w.slips_doubtful(self.doubtful));
        let waiting = (self.waiting > 0).then(|| w.slips_waiting(self.waiting));
        let both: Vec<String> = doubtful.into_iter().chain(waiting).collect();
        both.join(" · ")
    }
}

/// One lamp.
struct Lamp {
    device: Option<TestedDevice>,
    icon: Icon,
    ink: Color,
    word: String,
}

impl Lamp {
    fn of(look: Look, snapshot: &Snapshot, device: TestedDevice) -> Option<(Lamp, bool)> {
        let (c, w) = (look.colors, look.words);
        let slips = stuck_slips(snapshot).filter(|_| device == TestedDevice::Printer);
        let name = || w.device(device).to_owned();
        let (icon, ink, mut word) = match health(&snapshot.health, device) {
            None if !is_unheard(snapshot, device) => return None,
            None | Some(DeviceHealth::Ready) if slips.is_some() => {
                (Icon::Warning, c.cancelling.ink, name())
            }
            None => (Icon::Dot, c.quiet, name()),
            Some(DeviceHealth::Ready) => (Icon::Dot, c.paid.ink, name()),
            // The printer's trouble is read from afar; the others say it when they are touched.
            Some(DeviceHealth::Warn(why)) => {
                let short = brief(w, why).filter(|_| device == TestedDevice::Printer);
                let word = short.unwrap_or_else(|| w.device(device).to_owned());
                (Icon::Warning, c.cancelling.ink, word)
            }
            Some(DeviceHealth::Gone(why)) => {
                let short = brief(w, why).filter(|_| device == TestedDevice::Printer);
                let word = short.unwrap_or_else(|| w.device_away_short(device).to_owned());
                (Icon::Cross, c.cancelling.ink, word)
            }
        };
        if let Some(slips) = slips {
            word = format!("{word} · {}", slips.line(w));
        }
        let ready = icon == Icon::Dot;
        let device = Some(device);
        Some((
            Lamp {
                device,
                icon,
                ink,
                word,
            },
            ready,
        ))
    }

    /// How wide it is at most.
    fn width(&self, look: Look) -> f32 {
        widgets::ems(&self.word) * look.body() + look.px(SIGN + GAP)
    }

    fn view<'a>(self, look: Look) -> Element<'a, Message> {
        let inside = row![
            drawing::icon(self.icon, look.px(sign(self.icon)), self.ink),
            one_line(plain(self.word, look.body(), look.colors.text)),
        ]
        .spacing(look.px(8.0))
        .align_y(Alignment::Center);
        widgets::press(
            look,
            Kind::Row { chosen: false },
            container(inside).center_y(Fill),
            Some(Message::Lamp(self.device)),
        )
        .height(look.px(48.0))
        .into()
    }
}

fn sign(icon: Icon) -> f32 {
    if icon == Icon::Dot { 11.0 } else { 16.0 }
}

/// What a reason begins with, where that is short enough to stand in the bar. Devices give their
/// reasons in Chinese.
fn brief(w: Words, why: &str) -> Option<String> {
    let first = why.split(['，', '：', '；', '（', '。']);
    let first = first.map(str::trim).find(|part| !part.is_empty())?;
    (w.language() == Language::Chinese && widgets::ems(first) <= REASON_EMS)
        .then(|| first.to_owned())
}

/// The lamps of what is set, in at most this width.
pub fn view<'a>(look: Look, snapshot: &Snapshot, room: f32) -> Element<'a, Message> {
    let lamps = IN_ORDER.into_iter();
    let all: Vec<(Lamp, bool)> = lamps
        .filter_map(|device| Lamp::of(look, snapshot, device))
        .collect();
    let whole: f32 = all.iter().map(|(lamp, _)| lamp.width(look)).sum();
    let shown = if whole <= room {
        all.into_iter().map(|(lamp, _)| lamp).collect()
    } else {
        fewer(look, all, room)
    };
    let lamps = shown.into_iter().map(|lamp| lamp.view(look));
    row(lamps)
        .spacing(look.px(GAP))
        .align_y(Alignment::Center)
        .into()
}

/// One count for all, and a lamp for each that needs a look, as far as there is room.
fn fewer(look: Look, all: Vec<(Lamp, bool)>, room: f32) -> Vec<Lamp> {
    let c = look.colors;
    let ready = all.iter().filter(|(_, ready)| *ready).count();
    let good = ready == all.len();
    let count = Lamp {
        device: None,
        icon: if good { Icon::Dot } else { Icon::Warning },
        ink: if good { c.paid.ink } else { c.cancelling.ink },
        word: look.words.devices_count(ready, all.len()),
    };
    let mut left = room - count.width(look);
    let mut shown = vec![count];
    for (lamp, _) in all.into_iter().filter(|(_, ready)| !ready) {
        left -= lamp.width(look);
        // The first of them is what people come for.
        if left < 0.0 && shown.len() > 1 {
            break;
        }
        shown.push(lamp);
    }
    shown
}

/// A device's whole line: what it is, and why it can't be used.
pub fn line(w: Words, snapshot: &Snapshot, device: TestedDevice) -> Option<String> {
    let name = w.device(device);
    if is_unheard(snapshot, device) {
        return Some(w.device_unheard(name));
    }
    Some(match health(&snapshot.health, device)? {
        DeviceHealth::Ready => w.device_ready(name),
        DeviceHealth::Warn(why) | DeviceHealth::Gone(why) if why.starts_with(name) => why.clone(),
        DeviceHealth::Warn(why) => w.device_why(name, why),
        DeviceHealth::Gone(why) if why.is_empty() => {
            let away = w.device_away_short(device);
            format!("{away} · {}", w.device_comes_back())
        }
        DeviceHealth::Gone(why) => w.device_why(name, why),
    })
}

/// Every device that needs a look, in one line; that all are ready, where none does.
pub fn lines(w: Words, snapshot: &Snapshot) -> String {
    let ill = |device: &TestedDevice| {
        let health = health(&snapshot.health, *device);
        health.is_some_and(|health| *health != DeviceHealth::Ready)
    };
    let all: Vec<String> = IN_ORDER
        .into_iter()
        .filter(ill)
        .filter_map(|device| line(w, snapshot, device))
        .collect();
    if all.is_empty() {
        w.devices_all_ready().to_owned()
    } else {
        all.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_beginning_of_a_reason_stands_in_the_bar() {
        let zh = Words::new(Language::Chinese);
        let short = "打印机缺纸，请装纸，之后会自动继续";
        assert_eq!(brief(zh, short).as_deref(), Some("打印机缺纸"));
        assert_eq!(brief(zh, "连不上 192.0.2.10:9100，请检查网线"), None);
        assert_eq!(brief(zh, "127.0.0.1:9109 已断开"), None);
        assert_eq!(brief(zh, ""), None);
        assert_eq!(brief(Words::new(Language::English), short), None);
    }
}
