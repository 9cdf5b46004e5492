//! F5: the ledger's bills. Search by the last digits, an amount, a time or a scanned slip; pills
//! for the state; the story of the chosen one; Enter asks the gateway about it.
//!
//! Invariant: an answer is shown only for the search that asked for it.

use super::{icon, tone};
use crate::domain::query::{Query, StoryLine};
use crate::domain::time::{Day, clock_hms};
use crate::domain::{BillNo, Fen, State as BillState};
use crate::till::service::{BillView, Command};
use crate::ui::app::Step;
use crate::ui::face::Face;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length, Padding};

/// The search field, for focus.
pub const SEARCH_FIELD: &str = "search";
/// The list, for scrolling.
pub const LIST: &str = "bills";
/// A row with its line, in the design's pixels.
pub const ROW: f32 = 48.0;
/// Rows of a search.
const LIMIT: u32 = 60;
const SEARCH_CHARS: usize = 40;

/// What is searched, found and chosen.
#[derive(Debug, Default)]
pub struct State {
    search: String,
    filter: Filter,
    /// Of the newest search.
    number: u64,
    /// The newest search was for an amount, after the digits ended no bill's number.
    as_amount: bool,
    searching: bool,
    found: Vec<BillView>,
    failed: Option<String>,
    chosen: Option<BillNo>,
    story: Vec<StoryLine>,
}

/// The pills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// 今天
    #[default]
    Today,
    /// 全部
    All,
    /// 已收款
    Paid,
    /// 未知: open and not known.
    Unknown,
    /// 已退款
    Refunded,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// The field's text.
    SearchChanged(String),
    /// A character while the field has no focus.
    Character(char),
    /// Takes one away, while the field has no focus.
    Backspace,
    /// A pill.
    Filter(Filter),
    /// The answer to a search.
    Found(u64, Result<Vec<BillView>, String>),
    /// A row was touched.
    Choose(BillNo),
    /// Its story.
    Read(BillNo, Result<Vec<StoryLine>, String>),
    /// Arrows.
    Step(Step),
    /// Asks the gateway about the chosen bill.
    Enter,
    /// Puts the chosen bill on the stage.
    Open,
    /// Back.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// For the till.
    Send(Command),
    /// Searches.
    Search(u64, Query),
    /// Reads a story.
    Read(BillNo),
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
    /// Back to the sale.
    Close,
}

impl State {
    /// Opens with today's bills.
    pub fn open(now_ms: i64) -> (State, Vec<Action>) {
        let mut state = State::default();
        let actions = state.reload(now_ms);
        (state, actions)
    }

    /// Searches again: something changed.
    pub fn reload(&mut self, now_ms: i64) -> Vec<Action> {
        let query = query(&self.search, self.filter, now_ms);
        self.as_amount = false;
        let mut actions = vec![self.ask(query)];
        actions.extend(self.chosen.clone().map(Action::Read));
        actions
    }

    fn ask(&mut self, query: Query) -> Action {
        self.number += 1;
        self.searching = true;
        Action::Search(self.number, query)
    }

    /// `17` ends no bill's number: then it is ¥ 17.00.
    fn again_as_amount(&mut self, now_ms: i64) -> Option<Action> {
        let mut query = query(&self.search, self.filter, now_ms);
        let digits = query.tail.take()?;
        if self.as_amount || !digits.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        query.amount = Some(Fen::parse_yuan(&digits).ok()?);
        self.as_amount = true;
        Some(self.ask(query))
    }

    /// One message.
    pub fn update(&mut self, message: Message, now_ms: i64) -> Vec<Action> {
        match message {
            Message::SearchChanged(text) => {
                self.search = text.chars().take(SEARCH_CHARS).collect();
                self.reload(now_ms)
            }
            Message::Character(c) if self.search.chars().count() < SEARCH_CHARS => {
                self.search.push(c);
                self.reload(now_ms)
            }
            Message::Character(_) => Vec::new(),
            Message::Backspace => {
                self.search.pop();
                self.reload(now_ms)
            }
            Message::Filter(filter) => {
                self.filter = filter;
                self.reload(now_ms)
            }
            Message::Found(number, found) => self.found(number, found, now_ms),
            Message::Choose(bill_no) => self.choose(Some(bill_no)),
            Message::Read(bill_no, story) => {
                if self.chosen.as_ref() == Some(&bill_no) {
                    self.story = story.unwrap_or_default();
                }
                Vec::new()
            }
            Message::Step(step) => self.step(step),
            Message::Enter => match &self.chosen {
                Some(bill_no) => vec![Action::Send(Command::AskNow(bill_no.clone()))],
                None => self.step(Step::Down),
            },
            Message::Open => match &self.chosen {
                Some(bill_no) => {
                    vec![Action::Send(Command::Open(bill_no.clone())), Action::Close]
                }
                None => Vec::new(),
            },
            Message::Close => vec![Action::Close],
        }
    }

    fn found(
        &mut self,
        number: u64,
        found: Result<Vec<BillView>, String>,
        now_ms: i64,
    ) -> Vec<Action> {
        if number != self.number {
            return Vec::new();
        }
        self.searching = false;
        match found {
            Ok(bills) => {
                self.failed = None;
                self.found = bills;
                self.found.retain(|bill| self.filter.holds(bill));
                if self.found.is_empty()
                    && let Some(again) = self.again_as_amount(now_ms)
                {
                    return vec![again];
                }
            }
            Err(why) => self.failed = Some(why),
        }
        let there = |no: &BillNo| self.found.iter().any(|b| b.bill_no == *no);
        match &self.chosen {
            Some(no) if !there(no) => self.choose(None),
            _ => Vec::new(),
        }
    }

    fn choose(&mut self, bill_no: Option<BillNo>) -> Vec<Action> {
        self.story.clear();
        self.chosen = bill_no;
        self.chosen.clone().map(Action::Read).into_iter().collect()
    }

    fn step(&mut self, step: Step) -> Vec<Action> {
        let at = self
            .found
            .iter()
            .position(|b| Some(&b.bill_no) == self.chosen.as_ref());
        let to = match (at, step) {
            (Some(i), Step::Up) => i.saturating_sub(1),
            (Some(i), Step::Down) => (i + 1).min(self.found.len().saturating_sub(1)),
            (None, Step::Down) => 0,
            _ => return Vec::new(),
        };
        let bill_no = self.found.get(to).map(|b| b.bill_no.clone());
        let mut actions = self.choose(bill_no);
        actions.push(Action::Follow(to));
        actions
    }

    fn chosen_bill(&self) -> Option<&BillView> {
        self.found
            .iter()
            .find(|b| Some(&b.bill_no) == self.chosen.as_ref())
    }
}

impl Filter {
    /// What the ledger can't tell apart: of the open bills, only the unanswered are unknown.
    fn holds(self, bill: &BillView) -> bool {
        self != Filter::Unknown || !Face::of(bill).is_waiting()
    }
}

/// What a text means: `12.30` an amount, `14:22` a minute of today, `2026-11-20` a day, anything
/// else the end of a number.
fn query(text: &str, filter: Filter, now_ms: i64) -> Query {
    let today = Day::of(now_ms);
    let mut query = Query {
        limit: LIMIT,
        ..Query::default()
    };
    match filter {
        Filter::Today => query.from_ms = Some(today.start_ms()),
        Filter::All => {}
        Filter::Paid => query.states = vec![BillState::Paid],
        Filter::Unknown => {
            query.states = vec![
                BillState::Sent,
                BillState::Awaiting,
                BillState::Closing,
                BillState::Watching,
                BillState::Unresolved,
            ];
        }
        Filter::Refunded => query.refunded = true,
    }
    let text = text.trim().trim_start_matches(['…', '¥', '￥']).trim();
    if let Some(minute) = minute_of(text, today) {
        query.from_ms = Some(minute);
        query.to_ms = Some(minute.saturating_add(60_000));
    } else if let Some(day) = Day::parse(text) {
        query.from_ms = Some(day.start_ms());
        query.to_ms = Some(day.end_ms());
    } else if text.contains('.') {
        query.amount = Fen::parse_yuan(text).ok();
    } else if !text.is_empty() {
        let tail: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        query.tail = Some(tail.to_ascii_uppercase());
    }
    query
}

fn minute_of(text: &str, today: Day) -> Option<i64> {
    let (hour, minute) = text.split_once([':', '：'])?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute);
    fits.then(|| today.start_ms() + (hour * 60 + minute) * 60_000)
}

/// The list, with the chosen bill's story in the rail's place.
pub fn view<'a>(look: Look, state: &'a State) -> Element<'a, Message> {
    let w = look.words;
    let search = widgets::field(
        look,
        SEARCH_FIELD,
        w.search_hint(),
        &state.search,
        Message::SearchChanged,
    );
    let filters = [
        (Filter::Today, w.filter_today()),
        (Filter::All, w.filter_all()),
        (Filter::Paid, w.filter_paid()),
        (Filter::Unknown, w.filter_unknown()),
        (Filter::Refunded, w.filter_refunded()),
    ];
    let filters = filters.map(|(filter, word)| {
        widgets::pill(look, word, state.filter == filter, Message::Filter(filter))
    });
    let filters = Row::with_children(filters).spacing(look.px(8.0));
    let top: Element<'a, Message> = if look.narrow {
        column![search, filters].spacing(look.px(8.0)).into()
    } else {
        row![search, filters]
            .spacing(look.px(12.0))
            .align_y(Alignment::Center)
            .into()
    };
    let inside = column![top, table(look, state)].spacing(look.px(12.0));
    let list = widgets::card(look, inside)
        .padding(look.px(24.0))
        .width(Fill)
        .height(Fill);
    let story = widgets::card(look, story(look, state))
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill);
    row![list, story].spacing(look.px(16.0)).into()
}

/// Shares of the columns: time, bill, way, amount, refunded, state.
const SHARES: [u16; 6] = [9, 14, 13, 11, 9, 14];
/// The same where a bill's number hardly fits.
const SHARES_NARROW: [u16; 6] = [63, 128, 102, 80, 60, 129];

fn cells<'a>(look: Look, cells: [Element<'a, Message>; 6]) -> Row<'a, Message> {
    let mut line = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
    let shares = if look.narrow { SHARES_NARROW } else { SHARES };
    for (i, (cell, share)) in cells.into_iter().zip(shares).enumerate() {
        let cell = container(cell).clip(true);
        let width = Length::FillPortion(share);
        line = line.push(match i {
            3 | 4 => cell.align_right(width),
            5 => cell
                .width(width)
                .padding(iced::padding::left(look.px(12.0))),
            _ => cell.width(width),
        });
    }
    line
}

fn table<'a>(look: Look, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let label = |word| Element::from(one_line(plain(word, look.body(), c.quiet)));
    let head = cells(
        look,
        [
            label(w.column_time()),
            label(w.column_bill()),
            label(w.column_way()),
            label(w.column_amount()),
            label(w.column_refunded()),
            label(w.column_state()),
        ],
    )
    .padding(Padding {
        right: look.px(8.0) + widgets::list_edge(look),
        ..Padding::from(look.px(8.0))
    });
    let mut rows = Column::new();
    for bill in &state.found {
        let chosen = state.chosen.as_ref() == Some(&bill.bill_no);
        rows = rows
            .push(entry(look, bill, chosen))
            .push(widgets::line(look));
    }
    let empty = match (&state.failed, state.searching) {
        (Some(why), _) => Some(w.search_failed(why)),
        (None, true) if state.found.is_empty() => Some(w.searching().to_owned()),
        (None, false) if state.found.is_empty() => Some(w.no_bills().to_owned()),
        _ => None,
    };
    if let Some(line) = empty {
        rows = rows.push(container(plain(line, look.label(), c.quiet)).padding(look.px(24.0)));
    }
    if state.found.len() >= LIMIT as usize {
        let line = plain(w.only_newest(state.found.len()), look.body(), c.quiet);
        rows = rows.push(container(line).padding(look.px(12.0)));
    }
    column![
        head,
        widgets::line(look),
        widgets::list(look, rows).id(LIST)
    ]
    .into()
}

fn entry<'a>(look: Look, bill: &'a BillView, chosen: bool) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let body = |text: String, ink| Element::from(one_line(plain(text, look.body(), ink)));
    let refunded = if bill.refunded == Fen::ZERO {
        String::new()
    } else {
        bill.refunded.grouped()
    };
    let tail = bill.bill_no.tail();
    let (serial, random) = tail
        .split_at_checked(tail.len().saturating_sub(8))
        .unwrap_or(("", tail));
    let way = format!("{} {}", w.wallet(bill.wallet), w.way(bill.channel));
    let state = row![
        drawing::icon(icon(face), look.px(16.0), tone(look, face).ink),
        one_line(plain(w.short(face), look.body(), tone(look, face).ink)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center);
    let inside = cells(
        look,
        [
            body(clock_hms(bill.sent_ms), c.text),
            body(format!("…{serial} {random}"), c.text),
            body(way, c.quiet),
            one_line(bold(bill.amount.grouped(), look.body(), c.text)).into(),
            body(refunded, c.text),
            state.into(),
        ],
    )
    .height(look.px(47.0));
    widgets::press(
        look,
        Kind::Row { chosen },
        inside,
        Some(Message::Choose(bill.bill_no.clone())),
    )
    .width(Fill)
    .padding(Padding::from([0.0, look.px(8.0)]))
    .into()
}

fn story<'a>(look: Look, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let Some(bill) = state.chosen_bill() else {
        return plain(w.story_hint(), look.body(), c.quiet).into();
    };
    let face = Face::of(bill);
    let ink = tone(look, face).ink;
    let head = row![
        one_line(bold(
            format!("¥ {}", bill.amount.grouped()),
            look.body(),
            c.text
        )),
        space::horizontal(),
        drawing::icon(icon(face), look.px(16.0), ink),
        one_line(bold(w.short(face), look.body(), ink)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center);
    let what = format!("{} {}", w.wallet(bill.wallet), w.way(bill.channel));
    let mut lines = Column::new().spacing(look.px(10.0));
    for line in &state.story {
        lines = lines.push(story_line(look, line));
    }
    column![
        head,
        plain(w.word(face), look.body(), ink),
        plain(what, look.body(), c.quiet),
        plain(bill.bill_no.as_str(), look.body(), c.quiet),
        widgets::line(look),
        // The newest line is what a live query adds.
        widgets::scroll(look, lines).anchor_bottom(),
        widgets::wide(
            look,
            Kind::Outline,
            w.ask_gateway().into(),
            "Enter",
            Some(Message::Enter)
        ),
        widgets::wide(
            look,
            Kind::Outline,
            w.put_on_stage().into(),
            "",
            Some(Message::Open)
        ),
        widgets::wide(
            look,
            Kind::Outline,
            w.back().into(),
            "Esc",
            Some(Message::Close)
        ),
    ]
    .spacing(look.px(8.0))
    .into()
}

fn story_line<'a>(look: Look, line: &'a StoryLine) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut what = column![plain(w.happened(&line.what), look.body(), c.text)].width(Fill);
    if let Some(detail) = &line.detail {
        what = what.push(plain(detail.as_str(), look.body(), c.quiet));
    }
    row![
        container(one_line(plain(clock_hms(line.at_ms), look.body(), c.quiet)))
            .width(look.px(76.0)),
        what,
    ]
    .spacing(look.px(8.0))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_an_amount_a_time_a_day_or_the_end_of_a_number() {
        let now = crate::domain::time::parse_moment("2026-11-20T06:00:00Z").unwrap();
        let q = |text| query(text, Filter::All, now);
        assert_eq!(q("12.30").amount, Some(Fen(1230)));
        assert_eq!(q("¥ 5.").amount, Some(Fen(500)));
        assert_eq!(q("y6rc").tail.as_deref(), Some("Y6RC"));
        assert_eq!(q("000059 Y6RC").tail.as_deref(), Some("000059Y6RC"));
        let minute = q("14:22");
        assert_eq!(clock_hms(minute.from_ms.unwrap()), "14:22:00");
        assert_eq!(q("2026-11-19").to_ms, Some(Day::of(now).start_ms()));
        assert_eq!(q("25:00").tail.as_deref(), Some("25:00"));
    }

    #[test]
    fn an_overtaken_search_is_not_shown() {
        let (mut state, _) = State::open(0);
        state.update(Message::SearchChanged("1".into()), 0);
        state.update(Message::Found(1, Err("late".into())), 0);
        assert!(state.failed.is_none());
        assert!(state.searching);
    }
}
