//! Where things are kept (COUNTER): DIR, and DIR/practice with the same.

use super::{Exit, Failure};
use std::path::{Path, PathBuf};

/// The data directory and which mode was asked for.
#[derive(Debug, Clone)]
pub struct Home {
    dir: PathBuf,
    practice: bool,
}

impl Home {
    /// `--data-dir`, else SHOUYIN_DATA_DIR, else the platform's.
    pub(super) fn locate(data_dir: Option<PathBuf>, practice: bool) -> Result<Home, Failure> {
        if data_dir
            .as_ref()
            .is_some_and(|dir| dir.as_os_str().is_empty())
        {
            return Err(Failure::wrong("--data-dir 是空的：请写数据目录"));
        }
        let from_env = || std::env::var_os("SHOUYIN_DATA_DIR").filter(|v| !v.is_empty());
        let platform =
            || directories::ProjectDirs::from("", "", "shouyin").map(|d| d.data_dir().to_owned());
        let dir = data_dir
            .or_else(|| from_env().map(PathBuf::from))
            .or_else(platform)
            .ok_or_else(|| Failure::wrong("不知道数据目录在哪里：请用 --data-dir 指定"))?;
        let dir = std::path::absolute(&dir).unwrap_or(dir);
        Ok(Home { dir, practice })
    }

    /// DIR.
    pub fn live(&self) -> &Path {
        &self.dir
    }

    /// DIR/practice.
    pub fn practice_dir(&self) -> PathBuf {
        self.dir.join("practice")
    }

    /// `--practice` was given.
    pub fn asked_for_practice(&self) -> bool {
        self.practice
    }

    /// config.toml makes it live.
    pub fn is_live(&self) -> bool {
        !self.practice && crate::till::open::config_path(&self.dir).exists()
    }

    /// Where the terminal and the reading commands look: practice without config.toml.
    pub fn reading_dir(&self) -> PathBuf {
        if self.is_live() {
            self.dir.clone()
        } else {
            self.practice_dir()
        }
    }

    /// pay, settle and their kin don't fall back to practice.
    pub(super) fn must_choose(&self) -> Result<(), Failure> {
        if self.practice || self.is_live() {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Wrong,
            "这个数据目录还没有设置（没有 config.toml）：请先运行 shouyin setup，练习请加 --practice",
        ))
    }
}
