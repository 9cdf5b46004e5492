//! The form of an export: days, kind of file, where. Managers only; the till holds it too.

use super::{Action, Message, State, is_manager};
use crate::domain::time::Day;
use crate::till::export_path::default_export_path;
use crate::till::service::{ExportFormat, ExportOrder, Exported, Said};
use crate::ui::app::{Context, Step};
use crate::ui::strings::Words;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, plain};
use iced::Element;
use iced::widget::{Row, column, row, space};
use std::path::PathBuf;

/// Fields, for focus.
pub const FROM: &str = "export-from";
/// The last day.
pub const TO: &str = "export-to";
/// Where.
pub const PATH: &str = "export-path";
const PATH_CHARS: usize = 400;
const DAY_CHARS: usize = 10;
const DAY_MS: i64 = 86_400_000;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The first day.
    From,
    /// The last day.
    To,
    /// CSV or Excel.
    Format,
    /// Where.
    Path,
}

const FIELDS: [Field; 4] = [Field::From, Field::To, Field::Format, Field::Path];

/// What can happen to it.
#[derive(Debug, Clone)]
pub enum Edit {
    /// The first day, as typed.
    From(String),
    /// The last day, as typed.
    To(String),
    /// So many days, the last of them today.
    Last(i64),
    /// Which kind of file.
    Format(ExportFormat),
    /// Where, as typed.
    Path(String),
}

/// What is typed, and what became of it.
#[derive(Debug)]
pub struct Export {
    from: String,
    to: String,
    format: ExportFormat,
    path: String,
    /// The path is the person's own: another day or kind does not change it.
    own_path: bool,
    field: Field,
    /// Its answer is awaited.
    number: Option<u64>,
    done: Option<Exported>,
}

impl Export {
    /// For one day.
    pub fn new(day: Day) -> Export {
        let mut export = Export {
            from: day.to_string(),
            to: day.to_string(),
            format: ExportFormat::Xlsx,
            path: String::new(),
            own_path: false,
            field: Field::Format,
            number: None,
            done: None,
        };
        export.propose();
        export
    }

    /// The proposed path follows days and kind, while they are days.
    fn propose(&mut self) {
        if self.own_path {
            return;
        }
        if let (Some(from), Some(to)) = (Day::parse(&self.from), Day::parse(&self.to)) {
            let path = default_export_path(from, to, self.format);
            self.path = path.display().to_string();
        }
    }

    /// One change.
    pub fn edit(&mut self, edit: Edit, now_ms: i64) {
        let cut = |text: String, most: usize| text.chars().take(most).collect::<String>();
        match edit {
            Edit::From(text) => {
                self.from = cut(text, DAY_CHARS);
                self.field = Field::From;
            }
            Edit::To(text) => {
                self.to = cut(text, DAY_CHARS);
                self.field = Field::To;
            }
            Edit::Last(days) => {
                let today = Day::of(now_ms).start_ms();
                let first = today.saturating_sub((days - 1) * DAY_MS);
                self.from = Day::of(first).to_string();
                self.to = Day::of(today).to_string();
            }
            Edit::Format(format) => self.format = format,
            Edit::Path(text) => {
                self.path = cut(text, PATH_CHARS);
                self.own_path = true;
                self.field = Field::Path;
            }
        }
        self.done = None;
        self.propose();
    }

    /// Tab goes from field to field; up and down turn a day or the kind of file.
    pub fn step(&mut self, step: Step) -> Vec<Action> {
        match step {
            Step::Left | Step::Right => {
                let at = FIELDS.iter().position(|f| *f == self.field).unwrap_or(0);
                let by = if step == Step::Right { 1 } else { 3 };
                self.field = FIELDS.get((at + by) % 4).copied().unwrap_or(Field::Format);
                vec![Action::Focus(self.focused())]
            }
            Step::Up | Step::Down => {
                self.turn(if step == Step::Up { 1 } else { -1 });
                Vec::new()
            }
        }
    }

    fn focused(&self) -> Option<&'static str> {
        match self.field {
            Field::From => Some(FROM),
            Field::To => Some(TO),
            Field::Path => Some(PATH),
            Field::Format => None,
        }
    }

    fn turn(&mut self, by: i64) {
        let turned = |text: &str| {
            let day = Day::parse(text)?;
            Some(Day::of(day.start_ms().saturating_add(by * DAY_MS)).to_string())
        };
        match self.field {
            Field::From => self.from = turned(&self.from).unwrap_or_else(|| self.from.clone()),
            Field::To => self.to = turned(&self.to).unwrap_or_else(|| self.to.clone()),
            Field::Format => {
                self.format = match self.format {
                    ExportFormat::Csv => ExportFormat::Xlsx,
                    ExportFormat::Xlsx => ExportFormat::Csv,
                };
            }
            Field::Path => return,
        }
        self.done = None;
        self.propose();
    }

    /// A scan that a field took: no path and no day.
    pub fn forget(&mut self, scanned: &str) {
        self.path = self.path.replace(scanned, "");
    }

    /// What to write; else what is wrong, in one line. Once a time.
    pub fn order(&mut self, number: u64, w: Words) -> Result<Option<ExportOrder>, String> {
        if self.number.is_some() {
            return Ok(None);
        }
        let day = |text: &str| Day::parse(text).ok_or_else(|| w.export_bad_day().to_owned());
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        if from > to {
            return Err(w.export_order().to_owned());
        }
        if self.path.trim().is_empty() {
            return Err(w.export_no_path().to_owned());
        }
        self.number = Some(number);
        self.done = None;
        Ok(Some(ExportOrder {
            from,
            to,
            format: self.format,
            path: PathBuf::from(self.path.trim()),
        }))
    }

    /// It was written, or was not; an answer to another order changes nothing.
    pub fn done(&mut self, number: u64, done: Result<Exported, Said>) {
        if self.number == Some(number) {
            self.number = None;
            self.done = done.ok();
        }
    }
}

impl State {
    /// Opens the form: a manager's.
    pub(super) fn open_export(&mut self, context: Context<'_>) -> Vec<Action> {
        if !is_manager(context.snapshot) {
            return vec![Action::NotAllowed];
        }
        let day = self.filters.days.day(context.now_ms);
        self.export = Some(Box::new(Export::new(day)));
        vec![Action::Focus(None)]
    }

    /// Enter in the form.
    pub(super) fn export_now(&mut self, context: Context<'_>) -> Vec<Action> {
        let w = Words::new(context.snapshot.shop.language);
        let number = self.export_number + 1;
        let Some(export) = &mut self.export else {
            return Vec::new();
        };
        match export.order(number, w) {
            Ok(Some(order)) => {
                self.export_number = number;
                vec![Action::Export(number, order)]
            }
            Ok(None) => Vec::new(),
            Err(line) => vec![Action::Say(line)],
        }
    }
}

/// The form, in the rail's place.
pub fn view<'a>(look: Look, export: &'a Export) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let edit = |edit: Edit| Message::Edit(edit);
    let label = |word: &'a str, field: Field| {
        let ink = if export.field == field {
            c.waiting.ink
        } else {
            c.quiet
        };
        plain(word, look.body(), ink)
    };
    let from = widgets::field(look, FROM, "", &export.from, move |t| edit(Edit::From(t)));
    let to = widgets::field(look, TO, "", &export.to, move |t| edit(Edit::To(t)));
    let path = widgets::field(look, PATH, "", &export.path, move |t| edit(Edit::Path(t)));
    let spans = [
        (w.filter_today(), 1),
        (w.days_week(), 7),
        (w.days_month(), 30),
    ];
    let spans =
        spans.map(|(word, days)| widgets::pill(look, word, false, Message::Edit(Edit::Last(days))));
    let kinds = [
        (w.export_xlsx(), ExportFormat::Xlsx),
        (w.export_csv(), ExportFormat::Csv),
    ];
    let kinds = kinds.map(|(word, format)| {
        let message = Message::Edit(Edit::Format(format));
        widgets::pill(look, word, export.format == format, message)
    });
    let gap = look.px(8.0);
    let form = column![
        bold(w.export_title(), look.label(), c.text),
        Row::with_children(spans).spacing(gap),
        row![
            column![label(w.export_from(), Field::From), from].spacing(look.px(4.0)),
            column![label(w.export_to(), Field::To), to].spacing(look.px(4.0)),
        ]
        .spacing(gap),
        label(w.export_format(), Field::Format),
        Row::with_children(kinds).spacing(gap),
        label(w.export_path(), Field::Path),
        path,
        outcome(look, export),
        space::vertical(),
        widgets::wide(
            look,
            Kind::Primary,
            w.export_go().into(),
            "Enter",
            Some(Message::Enter)
        ),
        widgets::wide(
            look,
            Kind::Key,
            w.back().into(),
            "Esc",
            Some(Message::LeaveExport)
        ),
    ];
    form.spacing(gap).into()
}

/// What became of it: counts, and where.
fn outcome<'a>(look: Look, export: &'a Export) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    match (&export.done, export.number) {
        (_, Some(_)) => plain(w.export_busy(), look.body(), c.quiet).into(),
        (Some(done), None) => column![
            plain(
                w.export_done(done.bills, done.refunds),
                look.body(),
                c.paid.ink
            ),
            plain(done.path.display().to_string(), look.body(), c.quiet),
        ]
        .into(),
        (None, None) => space::vertical().height(0.0).into(),
    }
}
