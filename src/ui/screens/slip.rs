//! A slip on the screen before it is printed: its picture as it comes out of the printer, 打印 and
//! the way back to where it was opened.
//!
//! Invariant: printing is asked for once a visit; the page closes with it.

use super::lamps;
use crate::domain::print::Printed;
use crate::till::service::{DeviceHealth, Said, SlipPicture, Snapshot, TestedDevice};
use crate::ui::app;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, plain};
use iced::widget::image::{FilterMethod, Handle};
use iced::widget::{column, container, image, row, space};
use iced::{Border, Element, Fill};

/// The longest picture that is drawn, dots: some metres of paper, far above any slip.
const MOST_DOTS: usize = 12_000_000;
/// The paper's edge around the dots, in the design's pixels.
const EDGE: f32 = 16.0;

/// What is shown.
#[derive(Debug)]
pub struct State {
    what: Printed,
    paper: Paper,
}

/// How far the picture is.
#[derive(Debug)]
enum Paper {
    /// Asked for.
    Asked,
    /// Drawn: one pixel a dot.
    Drawn(Handle, f32, f32),
    /// There is none, and why.
    Refused(Said),
    /// Not a picture that can be drawn.
    Unshowable,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows this slip, over what is open.
    Open(Printed),
    /// Its picture.
    Drawn(Printed, Result<SlipPicture, Said>),
    /// Prints it.
    Print,
    /// Back.
    Close,
}

impl State {
    /// This slip, before its picture is there.
    pub fn new(what: Printed) -> State {
        State {
            what,
            paper: Paper::Asked,
        }
    }

    /// Which slip.
    pub fn what(&self) -> &Printed {
        &self.what
    }

    /// The picture came. One of another slip is not this one's.
    pub fn take(&mut self, of: &Printed, picture: Result<SlipPicture, Said>) {
        if *of != self.what {
            return;
        }
        self.paper = match picture {
            Ok(picture) => draw(&picture).unwrap_or(Paper::Unshowable),
            Err(said) => Paper::Refused(said),
        };
    }

    /// There is a slip to print: without one the till would only refuse.
    pub fn can_print(&self, snapshot: &Snapshot) -> bool {
        snapshot.print.there && !matches!(self.paper, Paper::Refused(Said::NoSlip))
    }
}

/// Black dots on white paper; `None` where the picture is not what it says it is.
fn draw(picture: &SlipPicture) -> Option<Paper> {
    let SlipPicture { width, height, .. } = *picture;
    let dots = width.checked_mul(height)?;
    if dots == 0 || dots > MOST_DOTS || picture.dots.len() != dots {
        return None;
    }
    let mut pixels = Vec::with_capacity(dots.checked_mul(4)?);
    for dot in &picture.dots {
        let light = if *dot { 0 } else { 255 };
        pixels.extend([light, light, light, 255]);
    }
    let (across, down) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let handle = Handle::from_rgba(across, down, pixels);
    Some(Paper::Drawn(handle, width as f32, height as f32))
}

/// The page, with what it is about beside it.
pub fn view<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let shown: Element<'a, Message> = match &state.paper {
        Paper::Asked => plain(w.slip_drawing(), look.label(), c.quiet).into(),
        Paper::Refused(said) => plain(w.said(said), look.label(), c.cancelling.ink).into(),
        Paper::Unshowable => plain(w.slip_unshowable(), look.label(), c.cancelling.ink).into(),
        Paper::Drawn(handle, width, height) => paper(look, handle, *width, *height),
    };
    let left = widgets::card(look, shown)
        .padding(look.px(8.0))
        .width(Fill)
        .height(Fill);
    let page: Element<'a, Message> = row![left, side(look, snapshot, state)]
        .spacing(look.px(16.0))
        .into();
    page.map(app::Message::Slip)
}

/// The paper on its ground. A dot is a whole number of pixels, so that every edge is sharp.
fn paper<'a>(look: Look, handle: &Handle, width: f32, height: f32) -> Element<'a, Message> {
    let c = look.colors;
    let dot = look.scale.round().max(1.0);
    let dots = image(handle.clone())
        .filter_method(FilterMethod::Nearest)
        .width(width * dot)
        .height(height * dot);
    let edge = c.line;
    let sheet = container(dots)
        .padding(look.px(EDGE))
        .style(move |_| widgets::filled(c.qr_light, Border::default().width(1.0).color(edge)));
    let ground = container(sheet).center_x(Fill).padding(look.px(16.0));
    container(widgets::scroll_in_margin(look, ground).id(widgets::PAGE))
        .width(Fill)
        .height(Fill)
        .style(move |_| {
            let border = Border::default().rounded(look.px(10.0));
            widgets::filled(c.key, border)
        })
        .into()
}

fn side<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let number = match &state.what {
        Printed::Sale(no) => no.to_string(),
        Printed::Refund(no) => no.to_string(),
        Printed::Shift(no) => w.shift_title(*no),
    };
    let mut all = column![
        bold(w.slip_title_of(&state.what), look.sentence(), c.text),
        plain(number, look.body(), c.quiet),
        plain(w.slip_as_printed(), look.body(), c.quiet),
    ];
    if let Some(trouble) = trouble(look, snapshot) {
        all = all.push(plain(trouble, look.body(), c.cancelling.ink));
    }
    all = all.push(space::vertical());
    let print = state.can_print(snapshot).then_some(Message::Print);
    let kind = match print {
        Some(_) => Kind::Primary,
        None => Kind::Outline,
    };
    all = all
        .push(widgets::wide(
            look,
            kind,
            w.slip_print().into(),
            "Enter",
            print,
        ))
        .push(widgets::wide(
            look,
            Kind::Key,
            w.back().into(),
            "Esc",
            Some(Message::Close),
        ));
    widgets::card(look, all.spacing(look.px(12.0)))
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill)
        .into()
}

/// Why it may not come out at once.
fn trouble(look: Look, snapshot: &Snapshot) -> Option<String> {
    let w = look.words;
    if !snapshot.print.there {
        return Some(w.no_printer().to_owned());
    }
    match &snapshot.health.printer {
        Some(DeviceHealth::Ready) | None => None,
        Some(_) => lamps::line(w, snapshot, TestedDevice::Printer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_not_what_it_says_is_not_drawn() {
        let picture = |width, height, dots: usize| SlipPicture {
            width,
            height,
            dots: vec![true; dots],
        };
        assert!(draw(&picture(2, 3, 6)).is_some());
        assert!(draw(&picture(2, 3, 5)).is_none());
        assert!(draw(&picture(0, 3, 0)).is_none());
        assert!(draw(&picture(usize::MAX, 2, 1)).is_none());
    }
}
