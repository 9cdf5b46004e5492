//! HID-POS scanners' input reports as text, by their report descriptor (HID 1.11, 6.2.2; HID Point
//! of Sale Usage Tables 1.02, 3). Pure, and safe with any bytes: both come from the device.

/// Usages, page and id: a scanner, a badge reader …; what was scanned; how much of it; whether
/// the next report goes on with it.
const BARCODE_PAGE: u16 = 0x8c;
const DECODED: (u16, u16) = (BARCODE_PAGE, 0xfe);
const CONTINUED: (u16, u16) = (BARCODE_PAGE, 0xff);
const BYTE_COUNT: (u16, u16) = (0x01, 0x3b);

/// No report is longer, in bytes.
const LONGEST: usize = 4096;
/// Collections and pushed states go no deeper.
const DEEPEST: usize = 16;
/// More usages of one field than any real device names.
const MOST_USAGES: usize = 256;

/// Where things are where no descriptor says: the id, a length, three characters of the AIM
/// symbology identifier, the data, and in the last of 64 bytes whether more comes.
const USUAL: Layout = Layout {
    id: None,
    length: Some(1),
    data: (5, 56),
    continued: Some(63 * 8),
    usual: true,
};

/// Where things are in one input report; bytes from its beginning (the id's byte included).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    id: Option<u8>,
    /// The byte that holds the number of bytes in use.
    length: Option<usize>,
    /// First byte and number of bytes.
    data: (usize, usize),
    /// The bit that says that the next report goes on.
    continued: Option<usize>,
    /// Guessed: other reports are told apart by their AIM identifier.
    usual: bool,
}

/// What a report said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// A scan or a part of one.
    pub data: &'a [u8],
    /// Nothing more belongs to it. Else the next report, or silence, ends it.
    pub last: bool,
}

/// How a scanner's reports are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reports(Layout);

impl Reports {
    /// Reads the descriptor; empty where the system has none. `None`: it is no HID-POS scanner
    /// (a keyboard wedge, say).
    pub fn new(descriptor: &[u8]) -> Option<Reports> {
        if descriptor.is_empty() {
            return Some(Reports(USUAL));
        }
        let mut parser = Parser::default();
        parser.run(descriptor);
        let found = parser.found;
        parser.is_scanner.then(|| Reports(found.unwrap_or(USUAL)))
    }

    /// What was scanned; `None` where the report is about something else, or empty.
    pub fn read<'a>(&self, report: &'a [u8]) -> Option<Piece<'a>> {
        let Reports(layout) = self;
        if layout.id.is_some_and(|id| report.first() != Some(&id)) {
            return None;
        }
        if layout.usual && !matches!(report.get(2), Some(b']' | 0)) {
            return None;
        }
        let (from, room) = layout.data;
        let to = from.saturating_add(room).min(report.len());
        let field = report.get(from..to)?;
        let used = match layout.length {
            Some(at) => usize::from(*report.get(at)?).min(field.len()),
            None => {
                let end = field.iter().rposition(|byte| *byte != 0);
                end.map_or(0, |last| last + 1)
            }
        };
        let data = field.get(..used).filter(|data| !data.is_empty())?;
        let more = layout.continued.and_then(|bit| {
            let byte = report.get(bit / 8)?;
            Some(byte >> (bit % 8) & 1 == 1)
        });
        // Where no bit says it, a report that is not full is the last one.
        let last = more.map_or(used < room, |more| !more);
        Some(Piece { data, last })
    }
}

/// The descriptor's state that Push and Pop keep.
#[derive(Debug, Clone, Copy, Default)]
struct Global {
    page: u16,
    /// Bits of a field.
    size: usize,
    /// Fields.
    count: usize,
    id: Option<u8>,
}

#[derive(Default)]
struct Parser {
    global: Global,
    pushed: Vec<Global>,
    usages: Vec<(u16, u16)>,
    usage_min: Option<(u16, u16)>,
    /// Bits of each report so far.
    lengths: Vec<(Option<u8>, usize)>,
    is_scanner: bool,
    /// What is known of the report with the data, and of the report that is being read.
    found: Option<Layout>,
    length: Option<(Option<u8>, usize)>,
    continued: Option<(Option<u8>, usize)>,
}

impl Parser {
    fn run(&mut self, mut rest: &[u8]) {
        // Each turn takes at least one byte.
        while let Some((prefix, after)) = rest.split_first() {
            let size = match prefix & 3 {
                3 => 4,
                size => usize::from(size),
            };
            if *prefix == 0xfe {
                let skip = after.first().map_or(0, |size| usize::from(*size) + 2);
                rest = after.get(skip..).unwrap_or_default();
                continue;
            }
            let Some((data, next)) = after.split_at_checked(size) else {
                break;
            };
            let value = data
                .iter()
                .rev()
                .fold(0, |sum: u32, byte| sum << 8 | u32::from(*byte));
            self.item(prefix & 0xfc, value, size == 4);
            rest = next;
        }
        self.complete();
    }

    fn item(&mut self, tag: u8, value: u32, long: bool) {
        let low = value as u16;
        match tag {
            0x04 => self.global.page = low,
            0x74 => self.global.size = within(value, LONGEST * 8),
            0x84 => self.global.id = Some(value as u8),
            0x94 => self.global.count = within(value, LONGEST * 8),
            0xa4 if self.pushed.len() < DEEPEST => self.pushed.push(self.global),
            0xb4 => self.global = self.pushed.pop().unwrap_or(self.global),
            0x08 | 0x18 | 0x28 => {
                let page = if long {
                    (value >> 16) as u16
                } else {
                    self.global.page
                };
                self.usage(tag, (page, low));
            }
            0xa0 => {
                self.is_scanner |= self.usages.iter().any(|(page, _)| *page == BARCODE_PAGE);
                self.clear();
            }
            0x80 => {
                self.input();
                self.clear();
            }
            0x90 | 0xb0 | 0xc0 => self.clear(),
            _ => {}
        }
    }

    fn usage(&mut self, tag: u8, usage: (u16, u16)) {
        match (tag, self.usage_min) {
            (0x08, _) => self.add(usage),
            (0x18, _) => self.usage_min = Some(usage),
            (_, Some((page, from))) => {
                self.usage_min = None;
                for id in (from..=usage.1).take(MOST_USAGES) {
                    self.add((page, id));
                }
            }
            (_, None) => {}
        }
    }

    fn add(&mut self, usage: (u16, u16)) {
        if self.usages.len() < MOST_USAGES {
            self.usages.push(usage);
        }
    }

    fn clear(&mut self) {
        self.usages.clear();
        self.usage_min = None;
    }

    /// Fields of an input report: the n-th has the n-th usage, those behind the last usage the last.
    fn input(&mut self) {
        let Global {
            size, count, id, ..
        } = self.global;
        let start = self.so_far(id);
        let mut at = start;
        for index in 0..count {
            if size == 0 || at >= LONGEST * 8 {
                break;
            }
            let usage = self.usages.get(index).or(self.usages.last()).copied();
            match usage {
                Some(DECODED) if size == 8 && at.is_multiple_of(8) => self.decoded(id, at / 8),
                Some(BYTE_COUNT) if size == 8 && at.is_multiple_of(8) => {
                    note(&mut self.length, self.found, id, at / 8);
                }
                Some(CONTINUED) if size > 0 => note(&mut self.continued, self.found, id, at),
                _ => {}
            }
            at = at.saturating_add(size);
        }
        let end = start.saturating_add(size.saturating_mul(count));
        if let Some((_, length)) = self.lengths.iter_mut().find(|(of, _)| *of == id) {
            *length = end;
        }
    }

    /// Bits of the report with this id so far. Its first byte is the id, where it has one.
    fn so_far(&mut self, id: Option<u8>) -> usize {
        if let Some((_, length)) = self.lengths.iter().find(|(of, _)| *of == id) {
            return *length;
        }
        let start = if id.is_some() { 8 } else { 0 };
        if self.lengths.len() < MOST_USAGES {
            self.lengths.push((id, start));
        }
        start
    }

    /// One byte of decoded data: the first one found, or one right behind what was found.
    fn decoded(&mut self, id: Option<u8>, at: usize) {
        match &mut self.found {
            Some(layout) if layout.id == id && layout.data.0 + layout.data.1 == at => {
                layout.data.1 += 1;
            }
            Some(_) => {}
            None => {
                self.found = Some(Layout {
                    id,
                    length: None,
                    data: (at, 1),
                    continued: None,
                    usual: false,
                });
            }
        }
    }

    fn complete(&mut self) {
        if let Some(layout) = &mut self.found {
            let of = layout.id;
            layout.length = self.length.filter(|(id, _)| *id == of).map(|(_, at)| at);
            layout.continued = self.continued.filter(|(id, _)| *id == of).map(|(_, at)| at);
        }
    }
}

/// Keeps the first one of each report, and nothing of others once the data's report is known.
fn note(slot: &mut Option<(Option<u8>, usize)>, found: Option<Layout>, id: Option<u8>, at: usize) {
    let wanted = found.is_none_or(|layout| layout.id == id);
    if wanted && slot.is_none_or(|(of, _)| of != id) {
        *slot = Some((id, at));
    }
}

fn within(value: u32, most: usize) -> usize {
    usize::try_from(value).unwrap_or(most).min(most)
}

#[cfg(test)]
mod tests;
