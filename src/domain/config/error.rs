//! What is wrong with a provisioning file or config.toml, in one plain line.

use std::fmt;

/// One mistake: which key, what is wrong, what is allowed. Never holds a secret's value nor a
/// line of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}：{problem}")]
pub struct ConfigError {
    /// `gateway.servers`, `staff[2].pin` …
    pub key: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Not TOML.
    Syntax,
    /// Not there.
    Missing {
        /// What belongs there.
        allowed: String,
    },
    /// No such key.
    Unknown {
        /// The keys there are.
        allowed: String,
    },
    /// Another type of value.
    Type {
        /// What it must be.
        expected: &'static str,
    },
    /// Not among what is allowed.
    Value {
        /// What is.
        allowed: String,
    },
    /// The same thing twice.
    Twice,
    /// A secret where none may be.
    SecretHere,
    /// master_secret without a manager to seal it for (DESIGN: secrets).
    NeedsManager,
    /// Understood, but this version can't run it.
    NotYet {
        /// What it can run.
        allowed: &'static str,
    },
    /// The settings could not be written as TOML.
    Unwritable,
}

impl ConfigError {
    pub(super) fn new(key: impl Into<String>, problem: Problem) -> Self {
        let key = key.into();
        ConfigError { key, problem }
    }

    pub(super) fn value(key: impl Into<String>, allowed: impl Into<String>) -> Self {
        let allowed = allowed.into();
        ConfigError::new(key, Problem::Value { allowed })
    }

    pub(super) fn missing(key: impl Into<String>, allowed: impl Into<String>) -> Self {
        let allowed = allowed.into();
        ConfigError::new(key, Problem::Missing { allowed })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Syntax => {
                f.write_str("不是正确的 TOML，请检查这一行的引号、等号和括号，以及有没有重复的键")
            }
            Problem::Missing { allowed } => write!(f, "缺少这一项；应为 {allowed}"),
            Problem::Unknown { allowed } => write!(f, "不认识这个键；可用的有 {allowed}"),
            Problem::Type { expected } => write!(f, "类型不对；应为 {expected}"),
            Problem::Value { allowed } => write!(f, "不能这样写；应为 {allowed}"),
            Problem::Twice => f.write_str("重复了；每一个只能出现一次"),
            Problem::SecretHere => {
                f.write_str("密钥不能写在 config.toml 里；请用 shouyin setup --from 文件 封存")
            }
            Problem::NeedsManager => f.write_str(
                "有退款密钥却没有店长；请加一个 role = \"manager\" 的 [[staff]]，或去掉 master_secret",
            ),
            Problem::NotYet { allowed } => {
                write!(f, "写法正确，但这个版本还不能运行它；现在可用 {allowed}")
            }
            Problem::Unwritable => f.write_str("无法写成 TOML"),
        }
    }
}
