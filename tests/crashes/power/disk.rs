//! A disk that loses its power: what was synced is there, of the rest nobody knows.
//!
//! The strictest reading of POSIX: a write lasts once its file was synced; a new or removed name
//! lasts once its folder was. Writes that were not synced may have reached the disk each for itself,
//! in any order, sector by sector.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use super::trace::Op;
use crate::Chance;

/// What a disk writes at once or not at all.
const SECTOR: usize = 512;

/// How much of what was not synced is lost.
#[derive(Debug, Clone, Copy)]
pub enum Loss {
    All,
    /// Some of it, by chance.
    Some(u64),
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, data: Vec<u8> },
    Truncate { to: usize },
}

#[derive(Debug, Default)]
struct File {
    /// What is on the disk.
    synced: Vec<u8>,
    /// Since then, each with the number of the operation.
    pending: VecDeque<(usize, Change)>,
    /// Whether its name is on the disk, and whether it is there at all.
    name_synced: bool,
    there: bool,
}

#[derive(Debug, Default)]
pub struct Disk {
    files: BTreeMap<PathBuf, File>,
    operations: usize,
    /// Files that were renamed into their place.
    pub renamed: Vec<PathBuf>,
}

impl Disk {
    pub fn does(&mut self, op: &Op) {
        let now = self.operations;
        self.operations += 1;
        match op {
            Op::Create(path) => self.files.entry(path.clone()).or_default().there = true,
            Op::Write { path, at, data } => {
                let change = Change::Write { at: *at, data: data.clone() };
                self.files.entry(path.clone()).or_default().pending.push_back((now, change));
            }
            Op::Truncate { path, to } => {
                let change = Change::Truncate { to: *to };
                self.files.entry(path.clone()).or_default().pending.push_back((now, change));
            }
            Op::Sync { path, after } => {
                let began = now - after;
                let folder = self.files.iter_mut().filter(|(file, _)| file.parent() == Some(path));
                for (_, file) in folder {
                    file.name_synced = file.there;
                }
                let Some(file) = self.files.get_mut(path) else { return };
                while file.pending.front().is_some_and(|(at, _)| *at < began) {
                    let (_, change) = file.pending.pop_front().unwrap();
                    apply(&mut file.synced, &change);
                }
            }
            Op::Unlink(path) => {
                if let Some(file) = self.files.get_mut(path) {
                    file.there = false;
                }
            }
            Op::Rename { to, .. } => self.renamed.push(to.clone()),
        }
    }

    /// Puts what would be found of the store after a loss of power into `folder`.
    pub fn power_is_lost(&self, loss: Loss, store: &Path, folder: &Path) {
        let mut chance = match loss {
            Loss::All => None,
            Loss::Some(seed) => Some(Chance(seed)),
        };
        let mut happened = || chance.as_mut().is_some_and(|chance| chance.below(2) == 0);
        for (path, file) in &self.files {
            let name = path.file_name().unwrap().to_str().unwrap();
            let of_the_store = name.starts_with(store.file_name().unwrap().to_str().unwrap());
            // The index of the log is shared memory, and lasts for nobody.
            if !of_the_store || name.ends_with("-shm") || name.ends_with(".lock") {
                continue;
            }
            // A name made or removed since the folder was synced: as it was, or by chance as it is.
            let renewed = file.there != file.name_synced && happened();
            let there = if renewed { file.there } else { file.name_synced };
            if !there {
                continue;
            }
            let mut content = file.synced.clone();
            for (_, change) in &file.pending {
                match change {
                    Change::Truncate { .. } => {
                        if happened() {
                            apply(&mut content, change);
                        }
                    }
                    Change::Write { at, data } => {
                        for (n, sector) in data.chunks(SECTOR).enumerate() {
                            if happened() {
                                let at = at + n * SECTOR;
                                apply(&mut content, &Change::Write { at, data: sector.to_vec() });
                            }
                        }
                    }
                }
            }
            fs::write(folder.join(name), content).unwrap();
        }
    }
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { at, data } => {
            let end = at + data.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*at..end].copy_from_slice(data);
        }
        Change::Truncate { to } => content.resize(*to, 0),
    }
}
