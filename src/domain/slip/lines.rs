//! Lines of a fixed width, where a Chinese character takes two columns.

/// The narrowest paper that can be written on.
const NARROWEST: usize = 16;

/// What is written so far.
#[derive(Debug)]
pub(super) struct Lines {
    columns: usize,
    lines: Vec<String>,
}

impl Lines {
    pub fn new(columns: usize) -> Lines {
        Lines {
            columns: columns.max(NARROWEST),
            lines: Vec::new(),
        }
    }

    pub fn done(self) -> Vec<String> {
        self.lines
    }

    pub fn rule(&mut self) {
        self.lines.push("-".repeat(self.columns));
    }

    /// From the left, broken where it is too long.
    pub fn left(&mut self, text: &str) {
        let wrapped = wrap(text, self.columns);
        self.lines.extend(wrapped);
    }

    /// In the middle.
    pub fn centred(&mut self, text: &str) {
        for line in wrap(text.trim(), self.columns) {
            let before = (self.columns - width(&line)) / 2;
            self.lines.push(format!("{}{line}", " ".repeat(before)));
        }
    }

    /// `what` at the left and `value` at the right; below each other where one line is too short.
    pub fn pair(&mut self, what: &str, value: &str) {
        let both = width(what) + width(value) + 1;
        if both <= self.columns {
            let gap = " ".repeat(self.columns - width(what) - width(value));
            return self.lines.push(format!("{what}{gap}{value}"));
        }
        self.left(what);
        for line in wrap(value.trim(), self.columns) {
            let before = self.columns - width(&line);
            self.lines.push(format!("{}{line}", " ".repeat(before)));
        }
    }

    /// A long word over as many lines as it needs, nothing left out.
    pub fn broken(&mut self, word: &str) {
        self.left(word);
    }
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Everything from the Hangul Jamo on is wide on a receipt printer, and nothing before it.
fn columns_of(c: char) -> usize {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => 0,
        '\u{1100}'.. => 2,
        _ => 1,
    }
}

/// Never empty; no line is wider than `columns`. Control characters are left out.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars().filter(|c| !c.is_control()) {
        let needed = columns_of(c);
        if used + needed > columns {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
        used += needed;
    }
    lines
}
