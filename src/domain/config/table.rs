//! Reading one TOML section by hand: serde's own errors would repeat values, and some values
//! are secrets.

use super::error::{ConfigError, Problem};
use secrecy::SecretString;
use toml::{Table, Value};

/// How many characters of an unknown key are repeated in a message.
const KEY_SHOWN_CHARS: usize = 40;

/// Parses the whole text. The error names the line and repeats nothing of it.
pub(super) fn parse(text: &str) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes().get(..at).unwrap_or_default();
        let line = line.iter().filter(|b| **b == b'\n').count() + 1;
        ConfigError::new(format!("第 {line} 行"), Problem::Syntax)
    })
}

/// One section whose keys are all known.
pub(super) struct Section {
    path: String,
    table: Table,
}

impl Section {
    /// Refuses keys that are not in `known`, naming those that are.
    pub(super) fn new(
        path: impl Into<String>,
        table: Table,
        known: &[&str],
    ) -> Result<Self, ConfigError> {
        let path = path.into();
        if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
            let shown: String = key.chars().take(KEY_SHOWN_CHARS).collect();
            let shown: String = shown.chars().filter(|c| !c.is_control()).collect();
            let allowed = known.join("、");
            let problem = Problem::Unknown { allowed };
            return Err(ConfigError::new(join(&path, &shown), problem));
        }
        Ok(Section { path, table })
    }

    /// The key's full name, for messages.
    pub(super) fn key(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// The key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn wrong(&self, key: &str, expected: &'static str) -> ConfigError {
        ConfigError::new(self.key(key), Problem::Type { expected })
    }

    /// One line of text, trimmed; never empty.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        let text = match self.table.remove(key) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(_) => return Err(self.wrong(key, "用引号括起来的文字")),
        };
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(ConfigError::value(self.key(key), "一行不空的文字"));
        }
        Ok(Some(text))
    }

    /// As [`Section::text`], and it must be there.
    pub(super) fn need_text(&mut self, key: &str, allowed: &str) -> Result<String, ConfigError> {
        self.text(key)?
            .ok_or_else(|| ConfigError::missing(self.key(key), allowed))
    }

    /// A secret: its value is in no message.
    pub(super) fn secret(&mut self, key: &str) -> Result<Option<SecretString>, ConfigError> {
        let secret = match self.table.remove(key) {
            None => return Ok(None),
            Some(Value::String(text)) => SecretString::from(text),
            Some(_) => return Err(self.wrong(key, "用引号括起来的文字")),
        };
        // Also finds the … of a template that was not filled in.
        let text = secrecy::ExposeSecret::expose_secret(&secret);
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            let allowed = "引号里不空的字母、数字和半角符号，不含空格";
            return Err(ConfigError::value(self.key(key), allowed));
        }
        Ok(Some(secret))
    }

    /// true or false.
    pub(super) fn flag(&mut self, key: &str) -> Result<Option<bool>, ConfigError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(key, "true 或 false（不加引号）")),
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, key: &str) -> Result<Option<i64>, ConfigError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(key, "整数（不加引号）")),
        }
    }

    /// A list of texts, at most `most`.
    pub(super) fn texts(
        &mut self,
        key: &str,
        most: usize,
    ) -> Result<Option<Vec<String>>, ConfigError> {
        const EXPECTED: &str = "方括号里用引号括起来的文字，如 [\"A\", \"B\"]";
        let list = match self.table.remove(key) {
            None => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(self.wrong(key, EXPECTED)),
        };
        if list.len() > most {
            let allowed = format!("最多 {most} 项");
            return Err(ConfigError::value(self.key(key), allowed));
        }
        let text = |value| match value {
            Value::String(text) => Ok(text.trim().to_owned()),
            _ => Err(self.wrong(key, EXPECTED)),
        };
        list.into_iter()
            .map(text)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A section inside, or `None`.
    pub(super) fn section(
        &mut self,
        key: &str,
        known: &[&str],
    ) -> Result<Option<Section>, ConfigError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Section::new(self.key(key), table, known).map(Some),
            Some(_) => Err(self.wrong(key, "一个段落，如 [shop]")),
        }
    }

    /// The sections of `[[key]]`, at most `most`.
    pub(super) fn sections(
        &mut self,
        key: &str,
        known: &[&str],
        most: usize,
    ) -> Result<Vec<Section>, ConfigError> {
        const EXPECTED: &str = "若干段落，如 [[staff]]";
        let list = match self.table.remove(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(self.wrong(key, EXPECTED)),
        };
        if list.len() > most {
            let allowed = format!("最多 {most} 个");
            return Err(ConfigError::value(self.key(key), allowed));
        }
        let section = |(at, value)| match value {
            Value::Table(table) => {
                Section::new(format!("{}[{}]", self.key(key), at + 1), table, known)
            }
            _ => Err(self.wrong(key, EXPECTED)),
        };
        list.into_iter().enumerate().map(section).collect()
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
