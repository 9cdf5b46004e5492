//! Devices at the counter: scanners and the camera; printer, cash drawer and voice come behind small traits
//! of their own. Each has a thread of its own ([`keeper`]).
//!
//! Architecture invariant: none of them knows about payments. A device hands on what it read and
//! how it is; it never decides what that means, and what it read is never printed or kept (I12).

pub mod camera;
pub mod keeper;
pub mod pole;
pub mod printer;
pub mod scanner;
pub mod slip;
pub mod sound;

use crate::domain::scan::Framed;
use std::fmt;

/// How a device is. It comes back by itself: nobody has to do anything but plug it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceState {
    /// Open and read.
    Ready,
    /// Not there.
    Gone(Gone),
}

/// Why a device is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// No such path: not plugged in, or the setting names another device.
    Missing(String),
    /// Another program has it.
    Busy(String),
    /// This user may not open it.
    Forbidden(String),
    /// It was there and went away.
    Unplugged(String),
    /// It can't be opened or read. The system's reason.
    Broken(String, String),
}

/// Nobody but root may open these until a rule says so.
const HIDRAW_RULE: &str = "添加 udev 规则 KERNEL==\"hidraw*\", GROUP=\"input\", MODE=\"0660\"，\
                           并把当前用户加入 input 组";

/// One plain line: what is wrong and what to do.
impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gone::Missing(path) => write!(f, "没有找到 {path}，请接好设备或检查设置"),
            Gone::Busy(path) => write!(f, "{path} 被别的程序占用，请关闭那个程序"),
            Gone::Forbidden(path) => {
                write!(f, "没有权限打开 {path}，请")?;
                match path {
                    path if path.starts_with("/dev/hidraw") => f.write_str(HIDRAW_RULE)?,
                    path if path.starts_with("/dev/video") => {
                        f.write_str("把当前用户加入 video 组")?
                    }
                    path if path.starts_with("/dev/input/") => {
                        f.write_str("把当前用户加入 input 组")?;
                    }
                    _ => f.write_str("把当前用户加入 dialout 组")?,
                }
                Ok(())
            }
            Gone::Unplugged(path) => write!(f, "{path} 已断开，接好后会自动恢复"),
            Gone::Broken(path, why) => write!(f, "{path} 无法使用：{why}"),
        }
    }
}

/// Whoever wants what a scanner reads. Called from the scanner's own thread: it must not block.
pub trait ScanSink: Send + Sync {
    /// Something was scanned.
    fn scanned(&self, framed: Framed);
    /// The scanner's state changed.
    fn state(&self, state: DeviceState);
}

/// Why a device could not be started at all.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The system gave no thread.
    #[error("无法启动设备线程：{0}")]
    Thread(#[from] std::io::Error),
}
