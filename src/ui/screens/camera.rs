//! F4: what the camera sees, large, in the stage's place, with the amount beside it; the small
//! preview on the stage while the camera is on by itself; and the veil under a picture that is
//! being dropped.
//!
//! Invariant: frames may show a payment code. One is held at a time, only while it is shown.

use super::sale;
use crate::domain::BillNo;
use crate::till::service::{CameraView, DeviceHealth, Snapshot, Stage};
use crate::ui::app;
use crate::ui::theme::{self, Look};
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::image::{self, Handle, Image};
use iced::widget::{column, container, row, space};
use iced::{Alignment, Border, Color, ContentFit, Element, Fill, Padding, window};
use std::path::PathBuf;
use std::sync::Arc;

/// The page closes by itself after this, ms: the till turns the camera off then.
pub const OPEN_MS: i64 = 60_000;
/// Pixels across of a frame on the page.
const LARGE: usize = 640;
/// The same in the stage's corner.
const SMALL: usize = 320;
/// Half the width of the outline, pixels of the frame.
const OUTLINE: i64 = 2;
/// The corners that say where to hold the code: their length, and their distance from the edge,
/// as parts of the frame's height.
const BRACKET: f32 = 0.14;
const INSET: f32 = 0.07;

/// What the window holds of the camera.
#[derive(Debug, Default)]
pub struct State {
    open: Option<Open>,
    picture: Option<Picture>,
    hovering: bool,
}

/// The page.
#[derive(Debug)]
struct Open {
    /// Monotonic ms.
    until_ms: i64,
    /// The till has turned the camera on since.
    was_on: bool,
    /// What was on the stage.
    bill: Option<BillNo>,
    /// For a page that searches.
    searches: bool,
}

/// A frame as it is drawn.
#[derive(Debug)]
struct Picture {
    handle: Handle,
    /// Which one, as the till counts.
    seq: u64,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// The newest frame; `None` when the camera went off.
    Frame(Option<Arc<CameraView>>),
    /// 关闭.
    Close,
    /// A file is held over this window.
    Hovered(window::Id),
    /// It was taken away again.
    Left,
    /// It was let go.
    Dropped(window::Id, PathBuf),
}

/// What decides which widgets there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown(bool, bool, bool);

impl State {
    /// The page is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Which frame is shown, as the till counts.
    pub fn frame(&self) -> Option<u64> {
        self.picture.as_ref().map(|picture| picture.seq)
    }

    /// What decides which widgets there are.
    pub fn shown(&self) -> Shown {
        Shown(self.open.is_some(), self.picture.is_some(), self.hovering)
    }

    /// Opens the page.
    pub fn open(&mut self, now_ms: i64, snapshot: &Snapshot, searches: bool) {
        self.picture = None;
        self.open = Some(Open {
            until_ms: now_ms.saturating_add(OPEN_MS),
            was_on: false,
            bill: on_stage(snapshot).cloned(),
            searches,
        });
    }

    /// Closes the page; false where it was not open.
    pub fn close(&mut self) -> bool {
        self.picture = None;
        self.open.take().is_some()
    }

    /// When the page closes by itself, monotonic ms.
    pub fn due(&self) -> Option<i64> {
        self.open.as_ref().map(|open| open.until_ms)
    }

    /// The page has no more to do: its time is over, the till turned the camera off, or another
    /// bill is on the stage.
    pub fn is_over(&mut self, now_ms: i64, snapshot: &Snapshot) -> bool {
        let Some(open) = &mut self.open else {
            return false;
        };
        let on = snapshot.health.camera.is_some();
        let went_off = open.was_on && !on;
        open.was_on |= on;
        went_off || now_ms >= open.until_ms || on_stage(snapshot) != open.bill.as_ref()
    }

    /// A new frame, or none any more.
    pub fn show(&mut self, view: Option<&CameraView>) {
        let most = if self.is_open() { LARGE } else { SMALL };
        self.picture = view.and_then(|view| Picture::of(view, most));
    }

    /// A file is held over the window, or not any more.
    pub fn hover(&mut self, hovering: bool) {
        self.hovering = hovering;
    }

    /// A file is held over the window.
    pub fn is_hovering(&self) -> bool {
        self.hovering
    }
}

fn on_stage(snapshot: &Snapshot) -> Option<&BillNo> {
    match &snapshot.stage {
        Stage::Bill(bill) => Some(&bill.bill_no),
        Stage::Idle | Stage::Amount { .. } => None,
    }
}

/// The camera is on by itself, and the stage shows what it sees.
pub fn is_by_itself(snapshot: &Snapshot) -> bool {
    let awaited = matches!(snapshot.stage, Stage::Amount { .. });
    awaited && snapshot.settings.camera.always && snapshot.health.camera.is_some()
}

impl Picture {
    /// With the brackets, and the found code outlined; at most so wide. A frame that is not what it
    /// says is none.
    fn of(view: &CameraView, most: usize) -> Option<Picture> {
        let step = view.width.div_ceil(most).max(1);
        let (width, height) = (view.width / step, view.height / step);
        let mut pixels = Vec::with_capacity(width * height * 4);
        for row in view.light.chunks_exact(view.width.max(1)).step_by(step) {
            let row = row.iter().step_by(step).take(width);
            pixels.extend(row.flat_map(|light| [*light, *light, *light, u8::MAX]));
        }
        pixels.truncate(width * height * 4);
        if width == 0 || pixels.len() < width * height * 4 {
            return None;
        }
        let mut canvas = Canvas {
            width: i64::try_from(width).ok()?,
            height: i64::try_from(height).ok()?,
            pixels,
        };
        canvas.brackets();
        if let Some(corners) = view.code {
            let by = 1.0 / step as f32;
            canvas.outline(corners.map(|(x, y)| (x * by, y * by)));
        }
        let side = |length: usize| u32::try_from(length).ok();
        Some(Picture {
            handle: Handle::from_rgba(side(width)?, side(height)?, canvas.pixels),
            seq: view.seq,
        })
    }
}

/// Lines are drawn into the frame's own pixels: so they can't lag behind it.
struct Canvas {
    width: i64,
    height: i64,
    pixels: Vec<u8>,
}

impl Canvas {
    fn dot(&mut self, (x, y): (f32, f32), half: i64, color: [u8; 4]) {
        let (x, y) = (x as i64, y as i64);
        for y in (y - half).max(0)..=(y + half).min(self.height - 1) {
            for x in (x - half).max(0)..=(x + half).min(self.width - 1) {
                let at = usize::try_from((y * self.width + x) * 4).unwrap_or(usize::MAX);
                let end = at.saturating_add(4);
                if let Some(pixel) = self.pixels.get_mut(at..end) {
                    pixel.copy_from_slice(&color);
                }
            }
        }
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), half: i64, color: Color) {
        let color = color.into_rgba8();
        // Corners are the reader's, and foreign: what is far outside is drawn at the frame's edge.
        let (width, height) = (self.width as f32, self.height as f32);
        let near = |(x, y): (f32, f32)| (x.clamp(0.0, width), y.clamp(0.0, height));
        let (from, to) = (near(from), near(to));
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let steps = length.ceil().max(1.0) as u32;
        for step in 0..=steps {
            let part = step as f32 / steps as f32;
            let at = (
                from.0 + (to.0 - from.0) * part,
                from.1 + (to.1 - from.1) * part,
            );
            self.dot(at, half, color);
        }
    }

    fn outline(&mut self, corners: [(f32, f32); 4]) {
        let [a, b, c, d] = corners;
        for (from, to) in [(a, b), (b, c), (c, d), (d, a)] {
            self.line(from, to, OUTLINE, theme::DARK.paid.ink);
        }
    }

    /// Where to hold the code.
    fn brackets(&mut self) {
        let (width, height) = (self.width as f32, self.height as f32);
        let (inset, length) = (height * INSET, height * BRACKET);
        let white = theme::LIGHT.on_tone;
        for (x, across) in [(inset, length), (width - 1.0 - inset, -length)] {
            for (y, down) in [(inset, length), (height - 1.0 - inset, -length)] {
                self.line((x, y), (x + across, y), 1, white);
                self.line((x, y), (x, y + down), 1, white);
            }
        }
    }
}

/// The page, in the stage's place.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    sale: &'a sale::State,
) -> Element<'a, app::Message> {
    let searches = state.open.as_ref().is_some_and(|open| open.searches);
    let close = widgets::action(
        look,
        Kind::Key,
        look.words.camera_close(),
        "Esc",
        app::Message::Camera(Message::Close),
    );
    let inside: Element<'a, app::Message> = if look.narrow {
        let room = look.stage_inner() - look.px(180.0);
        let head = row![words(look, snapshot, sale, searches, room), close];
        column![
            head.spacing(look.px(12.0)),
            preview(look, snapshot, state, look.stage_inner() + look.px(32.0)),
        ]
        .spacing(look.px(12.0))
        .into()
    } else {
        let room = look.px(320.0);
        let wide = look.stage_inner() + 80.0 - 2.0 * look.card() - room - look.px(32.0);
        let side = column![
            words(look, snapshot, sale, searches, room),
            plain(then(look, searches), look.label(), look.colors.quiet),
            space::vertical(),
            close,
        ];
        row![
            container(preview(look, snapshot, state, wide)).center_y(Fill),
            side.spacing(look.px(12.0)).width(room).height(Fill),
        ]
        .spacing(look.px(32.0))
        .into()
    };
    widgets::card(look, inside)
        .padding(look.card())
        .width(Fill)
        .height(Fill)
        .into()
}

fn then(look: Look, searches: bool) -> &'static str {
    match searches {
        true => look.words.camera_then_slip(),
        false => look.words.camera_then(),
    }
}

/// The amount and the one sentence.
fn words<'a>(
    look: Look,
    snapshot: &Snapshot,
    sale: &sale::State,
    searches: bool,
    room: f32,
) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    if searches {
        return column![bold(w.camera_place_slip(), look.sentence(), c.text)]
            .width(Fill)
            .into();
    }
    let amount = due(snapshot, sale);
    let (sentence, ink) = match (sale.digits().above(), &amount) {
        (Some(max), _) => (w.amount_too_large(&max.grouped()), c.refused.ink),
        (None, Some(_)) => (w.camera_place().to_owned(), c.text),
        (None, None) => (w.type_amount().to_owned(), c.text),
    };
    let figures = if amount.is_some() { c.text } else { c.quiet };
    let shown = amount.unwrap_or_else(|| "0.00".to_owned());
    let size = widgets::fitting(&shown, room - look.px(40.0), look.amount(), look.px(32.0));
    column![
        plain(w.amount_due(), look.label(), c.quiet),
        widgets::amount(look, shown, size, figures, c.quiet),
        bold(sentence, look.sentence(), ink),
    ]
    .spacing(look.px(4.0))
    .width(Fill)
    .into()
}

/// What the next scan pays; `None` where no amount is there yet.
fn due(snapshot: &Snapshot, sale: &sale::State) -> Option<String> {
    let typed = sale.digits();
    match &snapshot.stage {
        Stage::Amount { amount } => Some(amount.to_string()),
        _ if !typed.is_empty() => Some(typed.text().to_owned()),
        Stage::Bill(bill) if bill.may_retry => Some(bill.amount.grouped()),
        _ => None,
    }
}

/// The camera's picture in the shape of a camera's, or why there is none.
fn preview<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    width: f32,
) -> Element<'a, app::Message> {
    let c = look.colors;
    let inside: Element<'a, app::Message> = match (&state.picture, &snapshot.health.camera) {
        (_, Some(DeviceHealth::Gone(why))) => container(
            column![
                bold(look.words.camera_gone(), look.sentence(), c.on_tone),
                plain(why, look.label(), c.on_tone),
                plain(look.words.camera_instead(), look.body(), c.on_tone_quiet),
            ]
            .spacing(look.px(12.0))
            .max_width(look.px(420.0)),
        )
        .center(Fill)
        .into(),
        (Some(picture), _) => framed(picture),
        (None, _) => container(plain(look.words.camera_opening(), look.label(), c.on_tone))
            .center(Fill)
            .into(),
    };
    let radius = look.px(16.0);
    container(inside)
        .padding(look.px(8.0))
        .width(Fill)
        .height(Fill)
        .max_height(width * 0.75)
        .clip(true)
        .style(move |_| widgets::filled(c.qr_dark, Border::default().rounded(radius)))
        .into()
}

fn framed<'a, M: 'a>(picture: &Picture) -> Element<'a, M> {
    Image::new(picture.handle.clone())
        .content_fit(ContentFit::Contain)
        .filter_method(image::FilterMethod::Linear)
        .width(Fill)
        .height(Fill)
        .into()
}

/// On the stage, while the camera is on by itself: small, and said in words.
pub fn corner<'a, M: 'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
) -> Option<Element<'a, M>> {
    if !is_by_itself(snapshot) || look.low {
        return None;
    }
    let (c, w) = (look.colors, look.words);
    let gone = matches!(snapshot.health.camera, Some(DeviceHealth::Gone(_)));
    let (word, ink) = match gone {
        true => (w.camera_gone(), c.cancelling.ink),
        false => (w.camera_on(), c.paid.ink),
    };
    let (width, height) = (look.px(160.0), look.px(120.0));
    let seen: Element<'a, M> = match &state.picture {
        Some(picture) if !gone => framed(picture),
        _ => space::vertical().into(),
    };
    let radius = look.px(8.0);
    let seen = container(seen)
        .padding(look.px(4.0))
        .width(width)
        .height(height)
        .clip(true)
        .style(move |_| widgets::filled(c.qr_dark, Border::default().rounded(radius)));
    let words = column![
        one_line(plain(word, look.body(), ink)),
        one_line(plain(w.camera_larger(), look.body(), c.quiet)),
    ];
    let both = row![seen, words.spacing(look.px(4.0))]
        .spacing(look.px(12.0))
        .align_y(Alignment::Center);
    Some(container(both).center_y(Fill).into())
}

/// Over everything, while a file is held over the window.
pub fn veil<'a>(look: Look) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let inside = column![
        bold(w.drop_picture(), look.sentence(), c.text),
        plain(w.drop_picture_how(), look.body(), c.quiet),
    ]
    .spacing(look.px(8.0))
    .align_x(Alignment::Center);
    let card = widgets::edged(look, c.waiting.fill, 2.0, inside)
        .padding(Padding::from([look.px(32.0), look.px(48.0)]));
    container(card)
        .center(Fill)
        .style(move |_| widgets::filled(c.veil, Border::default()))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(width: usize, height: usize, code: Option<[(f32, f32); 4]>) -> CameraView {
        CameraView {
            seq: 1,
            width,
            height,
            light: vec![90; width * height],
            code,
        }
    }

    fn pixels(picture: &Picture) -> (u32, u32, Vec<u8>) {
        match &picture.handle {
            Handle::Rgba {
                width,
                height,
                pixels,
                ..
            } => (*width, *height, pixels.to_vec()),
            _ => panic!("pixels"),
        }
    }

    #[test]
    fn a_frame_is_grey_and_its_code_outlined_in_green() {
        let corners = [(20.0, 20.0), (60.0, 20.0), (60.0, 50.0), (20.0, 50.0)];
        let (width, height, drawn) =
            pixels(&Picture::of(&view(80, 60, Some(corners)), 640).unwrap());
        assert_eq!((width, height, drawn.len()), (80, 60, 80 * 60 * 4));
        let at = |x: usize, y: usize| drawn[(y * 80 + x) * 4..][..4].to_vec();
        assert_eq!(at(40, 35), [90, 90, 90, 255]);
        assert_eq!(at(40, 20), theme::DARK.paid.ink.into_rgba8());
        assert_eq!(at(20, 35), theme::DARK.paid.ink.into_rgba8());
    }

    #[test]
    fn the_corners_preview_is_small_and_a_strange_frame_is_none() {
        let (width, height, drawn) = pixels(&Picture::of(&view(641, 481, None), SMALL).unwrap());
        assert_eq!((width, height), (213, 160));
        assert_eq!(drawn.len(), 213 * 160 * 4);
        let mut short = view(80, 60, None);
        short.light.truncate(100);
        assert!(Picture::of(&short, LARGE).is_none());
        assert!(Picture::of(&view(0, 0, None), LARGE).is_none());
        let wild = [
            (f32::NAN, 1e30),
            (-1e30, 5.0),
            (1e9, -1e9),
            (f32::INFINITY, 0.0),
        ];
        assert!(Picture::of(&view(80, 60, Some(wild)), LARGE).is_some());
    }
}
