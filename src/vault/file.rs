//! Files that are there whole or not at all, and only for this user.

use super::error::VaultError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// No file of the vault is larger, bytes.
const MOST_BYTES: u64 = 4 << 20;

fn io_error(file: &'static str) -> impl Fn(io::Error) -> VaultError {
    move |error| VaultError::Io { file, error }
}

/// Makes the data directory, for this user only (0700), where it is missing.
pub(super) fn make_dir(dir: &Path) -> Result<(), VaultError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(io_error("数据目录"))
}

/// A file's bytes, wiped after use; `None` where it isn't there.
pub(super) fn read(
    dir: &Path,
    name: &'static str,
) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, VaultError> {
    let file = match File::open(dir.join(name)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(name)(error)),
    };
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    file.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(io_error(name))?;
    Ok(Some(bytes))
}

/// Writes beside it (0600), forces it to the disk, and puts it in place in one step: a crash at
/// any moment leaves the old file or the new one whole.
pub(super) fn replace(dir: &Path, name: &'static str, bytes: &[u8]) -> Result<(), VaultError> {
    let fresh = dir.join(format!("{name}.new"));
    let target = dir.join(name);
    let write = || {
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, &target)?;
        sync_dir(dir)
    };
    write().map_err(io_error(name)).inspect_err(|_| {
        let _ = fs::remove_file(&fresh);
    })
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// A restored backup may be readable by others: it is made this user's alone again.
#[cfg(unix)]
pub(super) fn tighten(dir: &Path, name: &'static str) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600));
}

#[cfg(not(unix))]
pub(super) fn tighten(_dir: &Path, _name: &'static str) {}
