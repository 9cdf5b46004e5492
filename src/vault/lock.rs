//! One till per data directory: the file `lock`, held through the operating system, so that a
//! crash leaves nothing behind to clean up.

use super::file;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two tries while waiting.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// The directory is this process's until this is dropped.
#[derive(Debug)]
pub struct DirLock {
    file: File,
}

/// Why the directory is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("另一个收银程序正在使用这个数据目录，请先关闭它，或加 --wait 秒数 等待")]
    Taken,
    /// The lock file can't be opened or locked.
    #[error("无法锁定数据目录：{0}")]
    Io(#[from] io::Error),
}

impl DirLock {
    /// Takes the lock of `dir`, which is made where it is missing, waiting at most `wait`.
    pub fn take(dir: &Path, wait: Duration) -> Result<DirLock, LockError> {
        file::make_dir(dir).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(dir.join("lock"))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(DirLock { file }),
                Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = wait.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(LockError::Taken);
            }
            std::thread::sleep(left.min(TRY_AGAIN));
        }
    }
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // Closing would do it too, unless a child process inherited the file.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_till_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("till");
        let first = DirLock::take(&data, Duration::ZERO).unwrap();
        assert!(matches!(
            DirLock::take(&data, Duration::ZERO),
            Err(LockError::Taken)
        ));
        let started = std::time::Instant::now();
        assert!(matches!(
            DirLock::take(&data, Duration::from_millis(120)),
            Err(LockError::Taken)
        ));
        assert!(started.elapsed() >= Duration::from_millis(120));
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| DirLock::take(&data, Duration::from_secs(20)));
            drop(first);
            waiting.join().unwrap()
        });
        let second = waiting.unwrap();
        drop(second);
        DirLock::take(&data, Duration::ZERO).unwrap();
    }
}
