//! Pulling the plug: this test binary as a child that aborts at a named point, on a copy of a folder.

use std::path::Path;
use std::process::Stdio;
use url::Url;

/// What a child is told, and reads back with [`Child::here`].
pub struct Child {
    pub folder: std::path::PathBuf,
    pub market: Url,
    /// Names the round.
    pub run: String,
    /// A terminal session: a password costs a quarter of a second, and there are thousands of doors to pass.
    pub token: String,
}

impl Child {
    /// What this process was told, if it is a child.
    pub fn here() -> Option<Self> {
        let word = |name: &str| std::env::var(format!("WAYBILL_CHILD_{name}"));
        let folder = word("FOLDER").ok()?.into();
        let market = word("MARKET").unwrap().parse().unwrap();
        Some(Self { folder, market, run: word("RUN").unwrap(), token: word("TOKEN").unwrap() })
    }

    /// Runs `test` of this binary with the plug at `point`; whether it died there. Anything but that or a good end fails.
    pub async fn dies_at(&self, point: &str, test: &str) -> bool {
        let end = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env("WAYBILL_CHILD_FOLDER", &self.folder)
            .env("WAYBILL_CHILD_MARKET", self.market.as_str())
            .env("WAYBILL_CHILD_RUN", &self.run)
            .env("WAYBILL_CHILD_TOKEN", &self.token)
            .env("WAYBILL_KILL_AT", point)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .await
            .unwrap();
        use std::os::unix::process::ExitStatusExt;
        let aborted = end.status.signal() == Some(6);
        assert!(
            aborted || end.status.success(),
            "{}: aborts at its point or ends well: {}",
            self.run,
            String::from_utf8_lossy(&end.stderr)
        );
        aborted
    }
}

/// Copies a closed desk's files.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for e in std::fs::read_dir(from).unwrap().flatten() {
        if e.file_type().is_ok_and(|t| t.is_file()) {
            std::fs::copy(e.path(), to.join(e.file_name())).unwrap();
        }
    }
}
