//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file: under another name in the same folder, which no reader takes for complete, then synced and
/// renamed. `fill` says whether the file is wanted after all; if not, or if it fails, nothing changes. What an
/// earlier process left behind under that name is overwritten.
///
/// The folder is synced too. Windows knows no such thing: there a file may be missing after a loss of power, though never
/// half-written.
pub(crate) fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<bool>,
) -> io::Result<bool> {
    let temporary = temporary(path)?;
    let written = write(&temporary, fill).and_then(|wanted| {
        if wanted {
            fs::rename(&temporary, path)?;
            sync_folder(path)?;
        }
        Ok(wanted)
    });
    if !matches!(written, Ok(true)) {
        // what stays behind is overwritten by the next attempt
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write(temporary: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<bool>) -> io::Result<bool> {
    let mut file = BufWriter::new(File::create(temporary)?);
    let wanted = fill(&mut file)?;
    if wanted {
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    }
    Ok(wanted)
}

/// The name under which a file is written.
fn temporary(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(path.with_file_name(format!(".{}.tmp", name.to_string_lossy())))
}

/// Makes renames within the folder of `path` durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        // a name alone is in the folder at hand
        #[cfg(unix)]
        Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
        #[cfg(unix)]
        Some(folder) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Moves a file into another folder of the same file system.
pub(crate) fn move_whole(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)?;
    sync_folder(from)
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_named_without_a_folder_is_in_the_folder_at_hand() {
        assert!(sync_folder(Path::new("shop.csv")).is_ok());
    }

    #[test]
    fn a_file_is_there_whole_or_as_it_was_and_leftovers_do_no_harm() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x.csv");
        let names = || fs::read_dir(place.path()).unwrap().count();
        // a process died between writing and renaming
        fs::write(place.path().join(".x.csv.tmp"), "half of someth").unwrap();
        assert!(write_whole(&path, |file| file.write_all(b"one").map(|()| true)).unwrap());
        assert_eq!((fs::read(&path).unwrap(), names()), (b"one".to_vec(), 1));
        let failed = write_whole(&path, |file| {
            file.write_all(b"two")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert!(!write_whole(&path, |file| file.write_all(b"two").map(|()| false)).unwrap());
        assert_eq!((fs::read(&path).unwrap(), names()), (b"one".to_vec(), 1));
    }
}
