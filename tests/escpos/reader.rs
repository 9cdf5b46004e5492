//! Reads ESC/POS as a receipt printer does, from the command reference and without the program's
//! own code: lines of text, bars, QR, pictures, feeds, cuts, the drawer. A command that it does not
//! know, a control byte in a text, a line wider than the paper or a code half told is an error, so
//! that a wrong byte is found.
//!
//! Included by tests with `#[path]`.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;

const NUL: u8 = 0x00;
const LF: u8 = 0x0a;
const DLE: u8 = 0x10;
const ESC: u8 = 0x1b;
const FS: u8 = 0x1c;
const GS: u8 = 0x1d;

/// What a printer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// So many zeros: ignored.
    Zeros(usize),
    /// ESC @
    Reset,
    /// A printed line.
    Line(Line),
    /// GS k 73: Code 128.
    Bars {
        text: String,
        /// As it was told: `{B` and `{C` with their characters.
        told: String,
        modules: usize,
        module: u8,
        height: u8,
        /// The characters are printed below.
        below: bool,
    },
    /// GS ( k, cn = 49
    Qr {
        text: String,
        level: char,
        module: u8,
    },
    /// GS v 0
    Bitmap {
        width: usize,
        height: usize,
        dots: Vec<bool>,
    },
    /// ESC d
    Feed(u8),
    /// GS V 66
    Cut(u8),
    /// ESC p
    Drawer { pin: u8, on_ms: u32, off_ms: u32 },
}

/// A printed line and how it was printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub text: String,
    /// 0 left, 1 centre, 2 right.
    pub align: u8,
    pub wide: u8,
    pub high: u8,
    pub bold: bool,
}

impl Line {
    /// Columns of 12 dots.
    pub fn columns(&self) -> usize {
        let one = |c: char| if (' '..='~').contains(&c) { 1 } else { 2 };
        self.text.chars().map(one).sum::<usize>() * usize::from(self.wide)
    }
}

/// Reads a whole job for paper of so many columns (32 or 48).
pub fn read(bytes: &[u8], columns: usize) -> Result<Vec<Item>, String> {
    // These are obeyed as they arrive, even inside the data of another command.
    for (at, two) in bytes.windows(2).enumerate() {
        if two[0] == DLE && [0x04, 0x05, 0x14].contains(&two[1]) {
            return Err(format!("a real-time command at byte {at}"));
        }
    }
    let mut reader = Reader::new(bytes, columns, true);
    reader.run()?;
    if !reader.line.is_empty() {
        return Err("a line without its end".to_owned());
    }
    if reader.set != Set::default() {
        return Err(format!("left set: {:?}", reader.set));
    }
    Ok(reader.items)
}

/// Reads what arrives after a broken job, as printers do: what it does not know is passed over.
pub fn read_after_a_break(bytes: &[u8], columns: usize) -> Vec<Item> {
    let mut reader = Reader::new(bytes, columns, false);
    let _ = reader.run();
    reader.items
}

/// The lines' texts.
pub fn texts(items: &[Item]) -> Vec<String> {
    let of = |item: &Item| match item {
        Item::Line(line) => Some(line.text.clone()),
        _ => None,
    };
    items.iter().filter_map(of).collect()
}

/// All pictures below each other: width, height, dots.
pub fn bitmap(items: &[Item]) -> (usize, usize, Vec<bool>) {
    let (mut across, mut down, mut all) = (0, 0, Vec::new());
    for item in items {
        if let Item::Bitmap {
            width,
            height,
            dots,
        } = item
        {
            across = *width;
            down += height;
            all.extend(dots);
        }
    }
    (across, down, all)
}

/// One item a line, for people.
pub fn annotated(items: &[Item]) -> String {
    let mut out = String::new();
    for item in items {
        match item {
            Item::Zeros(n) => writeln!(out, "zeros   {n}"),
            Item::Reset => writeln!(out, "reset"),
            Item::Line(l) => {
                let align = ["left", "centre", "right"][usize::from(l.align)];
                let bold = if l.bold { " bold" } else { "" };
                writeln!(out, "line    {align} {}x{}{bold} |{}|", l.wide, l.high, l.text)
            }
            Item::Bars {
                text,
                told,
                modules,
                module,
                height,
                below,
            } => writeln!(
                out,
                "bars    {text} as {told}: {modules} modules of {module} dots, {height} high, text below: {below}"
            ),
            Item::Qr {
                text,
                level,
                module,
            } => writeln!(out, "qr      {text} level {level}, modules of {module} dots"),
            Item::Bitmap { width, height, .. } => writeln!(out, "bitmap  {width} x {height}"),
            Item::Feed(n) => writeln!(out, "feed    {n}"),
            Item::Cut(n) => writeln!(out, "cut     {n}"),
            Item::Drawer { pin, on_ms, off_ms } => {
                writeln!(out, "drawer  pin {pin}, {on_ms} ms on, {off_ms} ms off")
            }
        }
        .unwrap();
    }
    out
}

/// How the printer is set. The height, width and place of bars stay as they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Set {
    align: u8,
    wide: u8,
    high: u8,
    /// Width and height of Chinese characters (FS !).
    chinese_size: (u8, u8),
    bold: bool,
    chinese: bool,
}

impl Default for Set {
    fn default() -> Set {
        Set {
            align: 0,
            wide: 1,
            high: 1,
            chinese_size: (1, 1),
            bold: false,
            chinese: false,
        }
    }
}

/// How codes are set.
#[derive(Default)]
struct Codes {
    below: bool,
    font_a: bool,
    height: u8,
    module: u8,
    qr_model: u8,
    qr_module: u8,
    qr_level: u8,
    qr_text: Option<String>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    columns: usize,
    strict: bool,
    set: Set,
    codes: Codes,
    /// What stands in the line's buffer, and whether Chinese is in it.
    line: String,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], columns: usize, strict: bool) -> Reader<'a> {
        Reader {
            bytes,
            at: 0,
            columns,
            strict,
            set: Set::default(),
            codes: Codes::default(),
            line: String::new(),
            items: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), String> {
        while self.at < self.bytes.len() {
            let at = self.at;
            if let Err(why) = self.step() {
                if self.strict {
                    let end = (at + 8).min(self.bytes.len());
                    return Err(format!("{why} at byte {at}: {:02x?}", &self.bytes[at..end]));
                }
                self.at = self.at.max(at + 1);
            }
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, String> {
        let byte = self.bytes.get(self.at).copied().ok_or("cut off")?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        let bytes = self.bytes.get(self.at..self.at + n);
        self.at = (self.at + n).min(self.bytes.len());
        bytes.ok_or_else(|| "cut off".to_owned())
    }

    /// Two bytes, the low one first.
    fn word(&mut self) -> Result<usize, String> {
        Ok(usize::from(self.byte()?) + 256 * usize::from(self.byte()?))
    }

    /// Only between lines: a printer would print what stands in the line first, or ignore this.
    fn between_lines(&self, what: &str) -> Result<(), String> {
        match self.strict && !self.line.is_empty() {
            true => Err(format!("{what} in a line")),
            false => Ok(()),
        }
    }

    fn step(&mut self) -> Result<(), String> {
        match self.byte()? {
            NUL => {
                match self.items.last_mut() {
                    Some(Item::Zeros(n)) => *n += 1,
                    _ => self.items.push(Item::Zeros(1)),
                }
                Ok(())
            }
            LF => self.line_ends(),
            ESC => self.esc(),
            FS => self.fs(),
            GS => self.gs(),
            c @ 0x20..=0x7e => {
                self.line.push(char::from(c));
                Ok(())
            }
            high @ 0x81..=0xfe if self.set.chinese => self.chinese(high),
            other => Err(format!("byte {other:#04x} in a text")),
        }
    }

    fn chinese(&mut self, high: u8) -> Result<(), String> {
        let low = self.byte()?;
        if !(0x40..=0xfe).contains(&low) || low == 0x7f {
            return Err(format!("{high:02x} {low:02x} is no character of two bytes"));
        }
        let two = [high, low];
        let (text, _, wrong) = encoding_rs::GB18030.decode(&two);
        if wrong || text.chars().count() != 1 {
            return Err(format!("{two:02x?} is no character"));
        }
        if self.set.chinese_size != (self.set.wide, self.set.high) {
            return Err("Chinese and ASCII of different sizes".to_owned());
        }
        self.line.push_str(&text);
        Ok(())
    }

    fn line_ends(&mut self) -> Result<(), String> {
        let line = Line {
            text: std::mem::take(&mut self.line),
            align: self.set.align,
            wide: self.set.wide,
            high: self.set.high,
            bold: self.set.bold,
        };
        if self.strict && self.set.chinese {
            return Err("a line ends in Chinese mode".to_owned());
        }
        if line.columns() > self.columns {
            return Err(format!("{line:?} is wider than the paper"));
        }
        self.items.push(Item::Line(line));
        Ok(())
    }

    fn esc(&mut self) -> Result<(), String> {
        match self.byte()? {
            b'@' => {
                self.line.clear();
                self.set = Set::default();
                self.codes = Codes::default();
                self.items.push(Item::Reset);
            }
            b'a' => {
                self.between_lines("ESC a")?;
                self.set.align = match self.byte()? {
                    n @ 0..=2 => n,
                    n => return Err(format!("ESC a {n}")),
                };
            }
            b'E' => {
                self.set.bold = match self.byte()? {
                    n @ 0..=1 => n == 1,
                    n => return Err(format!("ESC E {n}")),
                };
            }
            b'd' => {
                self.between_lines("ESC d")?;
                let n = self.byte()?;
                self.items.push(Item::Feed(n));
            }
            b'p' => {
                let (pin, on, off) = (self.byte()?, self.byte()?, self.byte()?);
                if pin > 1 || off < on {
                    return Err(format!("ESC p {pin} {on} {off}"));
                }
                self.items.push(Item::Drawer {
                    pin: if pin == 0 { 2 } else { 5 },
                    on_ms: u32::from(on) * 2,
                    off_ms: u32::from(off) * 2,
                });
            }
            c => return Err(format!("unknown ESC {c:#04x}")),
        }
        Ok(())
    }

    fn fs(&mut self) -> Result<(), String> {
        match self.byte()? {
            b'&' => self.set.chinese = true,
            b'.' => self.set.chinese = false,
            b'!' => {
                let n = self.byte()?;
                if n & !0x0c != 0 {
                    return Err(format!("FS ! {n}"));
                }
                self.set.chinese_size = (1 + (n >> 2 & 1), 1 + (n >> 3 & 1));
            }
            c => return Err(format!("unknown FS {c:#04x}")),
        }
        Ok(())
    }

    fn gs(&mut self) -> Result<(), String> {
        match self.byte()? {
            b'!' => {
                let n = self.byte()?;
                if n & 0x88 != 0 {
                    return Err(format!("GS ! {n}"));
                }
                (self.set.wide, self.set.high) = (1 + (n >> 4), 1 + (n & 7));
            }
            b'H' => self.codes.below = self.byte()? == 2,
            b'f' => self.codes.font_a = self.byte()? == 0,
            b'h' => self.codes.height = self.byte()?,
            b'w' => {
                self.codes.module = match self.byte()? {
                    n @ 2..=6 => n,
                    n => return Err(format!("GS w {n}")),
                };
            }
            b'k' => return self.bars(),
            b'(' => return self.qr(),
            b'v' => return self.bitmap(),
            b'V' => {
                self.between_lines("GS V")?;
                if self.byte()? != 66 {
                    return Err("GS V that is not 66".to_owned());
                }
                let n = self.byte()?;
                self.items.push(Item::Cut(n));
            }
            c => return Err(format!("unknown GS {c:#04x}")),
        }
        Ok(())
    }

    fn bars(&mut self) -> Result<(), String> {
        self.between_lines("GS k")?;
        if self.byte()? != 73 {
            return Err("GS k that is not Code 128".to_owned());
        }
        let n = usize::from(self.byte()?);
        let data = self.take(n)?;
        let (text, told, symbols) = code128(data)?;
        let modules = symbols * 11 + 35;
        let codes = &self.codes;
        if codes.module == 0 || codes.height == 0 || !codes.font_a {
            return Err("bars whose size or font was never told".to_owned());
        }
        if modules * usize::from(codes.module) > self.columns * 12 {
            return Err(format!(
                "bars of {modules} modules are wider than the paper"
            ));
        }
        self.items.push(Item::Bars {
            text,
            told,
            modules,
            module: codes.module,
            height: codes.height,
            below: codes.below,
        });
        Ok(())
    }

    /// GS ( k pL pH cn fn …
    fn qr(&mut self) -> Result<(), String> {
        self.between_lines("GS ( k")?;
        if self.byte()? != b'k' {
            return Err("GS ( that is not k".to_owned());
        }
        let n = self.word()?;
        match self.take(n)? {
            [49, 65, model @ 49..=50, 0] => self.codes.qr_model = *model,
            [49, 67, module @ 1..=16] => self.codes.qr_module = *module,
            [49, 69, level @ 48..=51] => self.codes.qr_level = *level,
            [49, 80, 48, text @ ..] if !text.is_empty() => {
                let text = std::str::from_utf8(text).map_err(|e| e.to_string())?;
                if text.chars().any(char::is_control) {
                    return Err("a control character in a QR".to_owned());
                }
                self.codes.qr_text = Some(text.to_owned());
            }
            [49, 81, 48] => {
                let text = self.codes.qr_text.clone();
                let codes = &self.codes;
                if codes.qr_model != 50 || codes.qr_module == 0 || codes.qr_level == 0 {
                    return Err("a QR whose model, size or level was never told".to_owned());
                }
                self.items.push(Item::Qr {
                    text: text.ok_or("a QR without a text")?,
                    level: char::from(b"LMQH"[usize::from(codes.qr_level - 48)]),
                    module: codes.qr_module,
                });
            }
            other => return Err(format!("unknown GS ( k {other:02x?}")),
        }
        Ok(())
    }

    /// GS v 0 m xL xH yL yH d…
    fn bitmap(&mut self) -> Result<(), String> {
        self.between_lines("GS v 0")?;
        let (zero, mode) = (self.byte()?, self.byte()?);
        let (across, height) = (self.word()?, self.word()?);
        if zero != b'0' || mode != 0 || across == 0 || height == 0 {
            return Err(format!("GS v {zero} {mode} {across} {height}"));
        }
        if self.strict && (across * 8 > self.columns * 12 || across * height > 4096) {
            return Err(format!(
                "a picture of {across} bytes by {height} is too large"
            ));
        }
        let data = self.take(across * height)?;
        let dots = data
            .iter()
            .flat_map(|b| (0..8).map(move |i| b << i & 0x80 != 0));
        self.items.push(Item::Bitmap {
            width: across * 8,
            height,
            dots: dots.collect(),
        });
        Ok(())
    }
}

/// The text, how it was told, and how many symbols it takes with its changes of the set.
fn code128(data: &[u8]) -> Result<(String, String, usize), String> {
    let (mut text, mut told, mut symbols) = (String::new(), String::new(), 0);
    let mut set = 0;
    let mut rest = data;
    loop {
        match (set, rest) {
            (_, [b'{', to @ (b'B' | b'C'), more @ ..]) => {
                // The first is the start, which is counted with check and stop.
                symbols += usize::from(set != 0);
                write!(told, "{{{}", char::from(*to)).unwrap();
                (set, rest) = (*to, more);
            }
            (b'B', [b'{', b'{', more @ ..]) => {
                symbols += 1;
                text.push('{');
                told.push_str("{{");
                rest = more;
            }
            (b'B', [c @ (0x20..=0x7a | 0x7c..=0x7e), more @ ..]) => {
                symbols += 1;
                text.push(char::from(*c));
                told.push(char::from(*c));
                rest = more;
            }
            (b'C', [pair @ 0..=99, more @ ..]) => {
                symbols += 1;
                write!(text, "{pair:02}").unwrap();
                write!(told, "{pair:02}").unwrap();
                rest = more;
            }
            (b'B' | b'C', []) if !text.is_empty() => return Ok((text, told, symbols)),
            _ => return Err(format!("Code 128 data {data:02x?}")),
        }
    }
}
