//! A folder that gets one `.prn` file a job: for tests, for printers behind other programs, for looking at bytes.
//!
//! A job is there whole or not at all: it is written as `job-NNNNNN.prn.part`, flushed to the disk, then renamed. The
//! `.part` file is the claim on the number, so two processes cannot take one name, and no file is ever overwritten.
//! Deliberately absent: making the folder (a wrong address must not litter), reading anything back.

use super::{blocking, to_the_end};
use crate::device;
use async_trait::async_trait;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A folder as a printer.
#[derive(Clone, Debug)]
pub struct FileLink {
    folder: PathBuf,
}

impl FileLink {
    /// A link to this folder. No I/O.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let folder = self.folder;
        let shown = folder.display().to_string();
        let key = {
            let folder = folder.clone();
            blocking(move || fs::canonicalize(&folder).unwrap_or(folder)).await
        };
        let _line = device::line(vec![format!("file {}", key.display())]).await;
        match blocking(move || write_job(&folder, &job)).await {
            Ok(name) => {
                tracing::debug!(file = %name.display(), "job written");
                SendOutcome::Sent(Evidence::BytesAccepted)
            }
            Err(e) => SendOutcome::NothingSent(format!("{shown}: {e}")),
        }
    }
}

#[async_trait]
impl PrinterLink for FileLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    /// A folder prints nothing, so at best it cannot tell.
    async fn state(&self) -> DeviceState {
        let folder = self.folder.clone();
        match blocking(move || is_folder(&folder)).await {
            Ok(()) => DeviceState::CannotTell,
            Err(e) => DeviceState::Unreachable(format!("{}: {e}", self.folder.display())),
        }
    }
}

fn is_folder(folder: &Path) -> io::Result<()> {
    if fs::metadata(folder)?.is_dir() {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::NotADirectory, "is a file; a folder is needed"))
    }
}

/// Writes one job under the next free number and gives the name. On an error nothing of it is left.
fn write_job(folder: &Path, job: &[u8]) -> io::Result<PathBuf> {
    is_folder(folder)?;
    let (name, part, file) = claim(folder)?;
    let written = fill(file, job).and_then(|()| fs::rename(&part, &name));
    if let Err(e) = written {
        let _ = fs::remove_file(&part);
        return Err(e);
    }
    sync_folder(folder);
    Ok(name)
}

fn fill(mut file: File, job: &[u8]) -> io::Result<()> {
    file.write_all(job)?;
    file.sync_all()
}

/// Takes the number after the highest one there is.
fn claim(folder: &Path) -> io::Result<(PathBuf, PathBuf, File)> {
    let mut number = 1 + fs::read_dir(folder)?.flatten().filter_map(|e| number_of(&e.file_name())).max().unwrap_or(0);
    loop {
        let name = folder.join(format!("job-{number:06}.prn"));
        let part = folder.join(format!("job-{number:06}.prn.part"));
        match OpenOptions::new().write(true).create_new(true).open(&part) {
            // Only the holder of the part file makes the name, so from here on it stays free.
            Ok(file) if !name.exists() => return Ok((name, part, file)),
            Ok(_) => fs::remove_file(&part)?,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
        number += 1;
    }
}

fn number_of(name: &std::ffi::OsStr) -> Option<u64> {
    let name = name.to_str()?;
    let name = name.strip_suffix(".part").unwrap_or(name);
    name.strip_prefix("job-")?.strip_suffix(".prn")?.parse().ok().filter(|n| *n < u64::MAX)
}

/// The rename itself is on the disk only when the folder is; elsewhere folders cannot be opened for that.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Ok(f) = File::open(folder)
    {
        let _ = f.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut all: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        all.sort();
        all
    }

    #[tokio::test]
    async fn each_job_is_one_new_file_with_all_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("job-000007.prn"), b"old").unwrap();
        let link = FileLink::new(dir.path());
        for job in [&b"one"[..], b"two"] {
            assert_eq!(link.send(job).await, SendOutcome::Sent(Evidence::BytesAccepted));
        }
        assert_eq!(names(dir.path()), ["job-000007.prn", "job-000008.prn", "job-000009.prn"], "no part is left");
        assert_eq!(fs::read(dir.path().join("job-000007.prn")).unwrap(), b"old", "nothing is overwritten");
        assert_eq!(fs::read(dir.path().join("job-000009.prn")).unwrap(), b"two", "in order");
    }

    #[tokio::test]
    async fn many_writers_never_share_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let jobs: Vec<_> = (0..20u8)
            .map(|n| {
                let folder = dir.path().to_owned();
                // Threads without the line: as if each were a process of its own.
                std::thread::spawn(move || write_job(&folder, &[n; 100]).unwrap())
            })
            .collect();
        let mut written: Vec<_> = jobs.into_iter().map(|j| j.join().unwrap()).collect();
        written.sort();
        written.dedup();
        assert_eq!(written.len(), 20, "twenty names");
        let mut seen: Vec<u8> = written.iter().map(|p| fs::read(p).unwrap()[0]).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..20).collect::<Vec<u8>>(), "and every job is there");
    }

    #[tokio::test]
    async fn what_is_no_folder_takes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, b"mine").unwrap();
        for wrong in [file.clone(), dir.path().join("missing")] {
            let link = FileLink::new(&wrong);
            assert!(matches!(link.send(b"x").await, SendOutcome::NothingSent(_)), "{}", wrong.display());
            assert!(matches!(link.state().await, DeviceState::Unreachable(_)), "{}", wrong.display());
        }
        assert_eq!(fs::read(&file).unwrap(), b"mine", "a file that is there stays as it is");
        assert_eq!(FileLink::new(dir.path()).state().await, DeviceState::CannotTell, "a folder is never ready");
    }
}
