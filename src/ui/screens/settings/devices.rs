//! F10, 设备测试: how each device is, and trying it out.
//!
//! Invariants: a device is tried once at a time; a scan on this page charges nothing, and no more
//! of it is kept than its first four characters and its length (I12).

use super::{Action, Message};
use crate::domain::AuthCode;
use crate::domain::config::Settings;
use crate::till::service::{DeviceHealth, Said, ScanText, Snapshot, TestedDevice};
use crate::ui::app::{Context, Step};
use crate::ui::screens::lamps;
use crate::ui::strings::Words;
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, column, container, row, space};
use iced::{Alignment, Color, Element, Fill};

/// The page's rows.
const ALL: [TestedDevice; 6] = [
    TestedDevice::Scanner,
    TestedDevice::Camera,
    TestedDevice::Printer,
    TestedDevice::Drawer,
    TestedDevice::Sound,
    TestedDevice::Pole,
];
/// So much of a scanned text is shown, characters.
const SHOWN: usize = 4;

/// What was tried.
#[derive(Debug, Default)]
pub(super) struct State {
    row: usize,
    tried: Vec<(TestedDevice, Trial)>,
    scan: Option<Scan>,
}

/// One trial.
#[derive(Debug, PartialEq, Eq)]
enum Trial {
    Running,
    Done(Result<(), Said>),
}

/// What is kept of a scan.
#[derive(Debug, PartialEq, Eq)]
enum Scan {
    Code {
        kind: crate::domain::auth_code::CodeKind,
        first: String,
        length: usize,
    },
    Other {
        length: usize,
    },
}

impl State {
    pub fn step(&mut self, step: Step) {
        self.row = match step {
            Step::Up | Step::Left => self.row.saturating_sub(1),
            Step::Down | Step::Right => (self.row + 1).min(ALL.len() - 1),
        };
    }

    pub fn enter(&mut self, context: Context<'_>) -> Vec<Action> {
        let device = ALL.get(self.row).copied();
        device.map_or_else(Vec::new, |device| self.start(device, context))
    }

    /// Tries it, where it is set and not being tried already.
    pub fn start(&mut self, device: TestedDevice, context: Context<'_>) -> Vec<Action> {
        let row = ALL.iter().position(|one| *one == device);
        self.row = row.unwrap_or(self.row);
        if device == TestedDevice::Scanner {
            self.scan = None;
        }
        let running = self.trial(device) == Some(&Trial::Running);
        if running || unset(device, &context.snapshot.settings).is_some() {
            return Vec::new();
        }
        self.keep(device, Trial::Running);
        vec![Action::Try(device)]
    }

    /// What became of it.
    pub fn tried(&mut self, device: TestedDevice, result: Result<(), Said>) {
        if self.trial(device) == Some(&Trial::Running) {
            self.keep(device, Trial::Done(result));
        }
    }

    /// A scan on this page: how it came through, and nothing that could be charged.
    pub fn scanned(&mut self, text: &ScanText) {
        let text = text.expose();
        let length = text.chars().count();
        self.scan = Some(match AuthCode::parse(text) {
            Ok(code) => Scan::Code {
                kind: code.kind(),
                first: text.chars().take(SHOWN).collect(),
                length,
            },
            Err(_) => Scan::Other { length },
        });
    }

    fn trial(&self, device: TestedDevice) -> Option<&Trial> {
        let mut tried = self.tried.iter();
        tried.find(|(of, _)| *of == device).map(|(_, trial)| trial)
    }

    fn keep(&mut self, device: TestedDevice, trial: Trial) {
        self.tried.retain(|(of, _)| *of != device);
        self.tried.push((device, trial));
    }
}

/// Why there is nothing to try.
enum Unset {
    /// It is off here.
    Sound,
    /// The page Printing names it.
    Printing,
    /// The page Devices names it.
    Devices,
    /// Only the wedge, which has no device of its own.
    Wedge,
}

fn unset(device: TestedDevice, settings: &Settings) -> Option<Unset> {
    let printer = settings.printer.as_ref();
    let (set, why) = match device {
        TestedDevice::Scanner => (settings.scanner.is_some(), Unset::Wedge),
        TestedDevice::Camera => (true, Unset::Devices),
        TestedDevice::Printer => (printer.is_some(), Unset::Printing),
        TestedDevice::Drawer => (printer.is_some_and(|p| p.drawer), Unset::Printing),
        TestedDevice::Sound => (settings.sound.sounds || settings.sound.voice, Unset::Sound),
        TestedDevice::Pole => (settings.pole.is_some(), Unset::Devices),
    };
    (!set).then_some(why)
}

/// The page.
pub(super) fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
) -> Element<'a, Message> {
    let mut rows = Column::new();
    for (at, device) in ALL.into_iter().enumerate() {
        rows = rows
            .push(device_row(look, snapshot, state, device, at == state.row))
            .push(widgets::line(look));
    }
    column![
        widgets::list(look, rows).id(widgets::PAGE),
        plain(look.words.tests_hint(), look.body(), look.colors.quiet),
    ]
    .spacing(look.px(12.0))
    .into()
}

fn device_row<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    device: TestedDevice,
    chosen: bool,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (icon, ink, now) = standing(look, snapshot, device);
    let mut told = column![plain(now, look.body(), ink)].spacing(look.px(2.0));
    for (line, ink) in results(look, state, device) {
        told = told.push(plain(line, look.body(), ink));
    }
    let free =
        unset(device, &snapshot.settings).is_none() && state.trial(device) != Some(&Trial::Running);
    let key = if chosen { "Enter" } else { "" };
    let button: Element<'a, Message> = match free {
        true => test(look, device, chosen, key),
        // As high as the others.
        false => space::vertical().height(look.px(48.0)).into(),
    };
    let name = bold(w.device(device), look.body(), c.text);
    let inside = row![
        drawing::icon(icon, look.px(18.0), ink),
        container(one_line(name)).width(look.px(72.0)),
        told.width(Fill),
        button,
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center);
    let ground = match chosen {
        true => c.chosen,
        false => Color::TRANSPARENT,
    };
    container(inside)
        .padding(iced::Padding::from([look.px(6.0), look.px(12.0)]))
        .center_y(iced::Shrink)
        .width(Fill)
        .style(move |_| widgets::filled(ground, iced::Border::default()))
        .into()
}

fn test<'a>(look: Look, device: TestedDevice, chosen: bool, key: &'a str) -> Element<'a, Message> {
    let kind = match chosen {
        true => Kind::OutlineChosen,
        false => Kind::Outline,
    };
    let mut inside = row![one_line(plain(
        look.words.test_now(),
        look.body(),
        kind.ink(look)
    ))]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    if !key.is_empty() {
        inside = inside.push(widgets::key_hint(look, kind, key));
    }
    let message = Some(Message::Try(device));
    widgets::press(look, kind, container(inside).center_y(Fill), message)
        .height(look.px(48.0))
        .padding(iced::Padding::from([0.0, look.px(16.0)]))
        .into()
}

/// How it is now.
fn standing(look: Look, snapshot: &Snapshot, device: TestedDevice) -> (Icon, Color, String) {
    let (c, w) = (look.colors, look.words);
    let quiet = |line: &str| (Icon::Ring, c.quiet, line.to_owned());
    if let Some(why) = unset(device, &snapshot.settings) {
        return quiet(match why {
            Unset::Sound => w.test_off(),
            Unset::Printing => w.test_unset_printer(),
            Unset::Devices => w.test_unset(),
            Unset::Wedge => w.test_wedge(),
        });
    }
    match lamps::health(&snapshot.health, device) {
        None => quiet(without_health(w, device)),
        // Its paper is no matter of the drawer's.
        Some(DeviceHealth::Ready | DeviceHealth::Warn(_)) if device == TestedDevice::Drawer => {
            (Icon::Dot, c.paid.ink, w.test_drawer_on_printer().to_owned())
        }
        Some(DeviceHealth::Ready) => (Icon::Dot, c.paid.ink, w.test_ready().to_owned()),
        Some(DeviceHealth::Warn(why)) => (Icon::Warning, c.cancelling.ink, why.clone()),
        Some(DeviceHealth::Gone(why)) if why.is_empty() => {
            let away = w.device_away_short(device).to_owned();
            (Icon::Cross, c.cancelling.ink, away)
        }
        Some(DeviceHealth::Gone(why)) => (Icon::Cross, c.cancelling.ink, why.clone()),
    }
}

fn without_health(w: Words, device: TestedDevice) -> &'static str {
    match device {
        TestedDevice::Camera => w.test_camera_off(),
        TestedDevice::Sound => w.test_no_sound(),
        _ => w.test_connecting(),
    }
}

/// What the trials said.
fn results(look: Look, state: &State, device: TestedDevice) -> Vec<(String, Color)> {
    let (c, w) = (look.colors, look.words);
    let mut all = Vec::new();
    match state.trial(device) {
        None => {}
        Some(Trial::Running) => all.push((w.test_running().to_owned(), c.waiting.ink)),
        Some(Trial::Done(Ok(()))) => {
            all.push((w.device_tried(device).to_owned(), c.paid.ink));
        }
        Some(Trial::Done(Err(said))) => all.push((w.said(said), c.refused.ink)),
    }
    if device == TestedDevice::Scanner {
        all.push(match &state.scan {
            None => (w.test_scan_now().to_owned(), c.text),
            Some(Scan::Code {
                kind,
                first,
                length,
            }) => {
                let line = w.test_scanned(w.code_kind(*kind), first, *length);
                (line, c.paid.ink)
            }
            Some(Scan::Other { length }) => (w.test_scanned_other(*length), c.cancelling.ink),
        });
    }
    all
}
