//! The memory of a program and everything it started.

use std::{fs, io};

/// A process as the kernel names it: at most 15 characters.
pub struct Process {
    pub id: u32,
    pub name: String,
    parent: u32,
}

/// Process `root` and everything below it.
pub fn tree(root: u32) -> Vec<Process> {
    let ids = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let (mut tree, mut others): (Vec<_>, Vec<_>) = ids.filter_map(running).partition(|process| process.id == root);
    let mut seen = 0;
    while let Some(parent) = tree.get(seen).map(|process| process.id) {
        let (children, rest) = others.into_iter().partition(|process| process.parent == parent);
        tree.extend::<Vec<_>>(children);
        others = rest;
        seen += 1;
    }
    tree
}

/// Whether the process runs: an ended one that nobody has waited for does not.
pub fn runs(id: u32) -> bool {
    running(id).is_some()
}

fn running(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // `ID (NAME) STATE PARENT …`, where NAME may hold anything.
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let mut rest = rest.split_whitespace();
    let (state, parent) = (rest.next()?, rest.next()?.parse().ok()?);
    (state != "Z" && state != "X").then(|| Process { id, name: name.to_owned(), parent })
}

/// Its proportional set size in KiB: what it shares with others counts in parts. 0 when it has just ended.
pub fn pss_of(process: &Process) -> io::Result<f64> {
    let read = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.id));
    let pss = |rollup: &str| {
        rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB")?.trim().parse().ok())
    };
    match read.map(|rollup| pss(&rollup)) {
        Ok(Some(kib)) => Ok(kib),
        _ if !runs(process.id) => Ok(0.0),
        Ok(None) => Err(io::Error::other("smaps_rollup has no Pss line")),
        Err(error) => Err(error),
    }
}
