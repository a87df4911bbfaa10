//! What a program did to its files, as `strace` saw it: every write and every sync, in order.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One call that the system finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    Create(PathBuf),
    Write {
        path: PathBuf,
        at: usize,
        data: Vec<u8>,
    },
    Truncate {
        path: PathBuf,
        to: usize,
    },
    /// What of a file was changed before the last `after` changes is on the disk now.
    Sync {
        path: PathBuf,
        after: usize,
    },
    Unlink(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
}

/// The system calls of a trace.
pub const CALLS: &str = "openat,close,lseek,write,pwrite64,ftruncate,fdatasync,fsync,unlink,rename";

/// An open file.
struct Open {
    path: PathBuf,
    at: usize,
}

#[derive(Default)]
struct Reader {
    open: HashMap<i64, Open>,
    /// Calls that have begun, by the thread that waits for them, and how many operations there were.
    begun: HashMap<String, (String, usize)>,
    ops: Vec<Op>,
}

/// Reads what `strace -f -xx` wrote.
pub fn read(trace: &str) -> Vec<Op> {
    let mut reader = Reader::default();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            let so_far = reader.ops.len();
            reader.begun.insert(thread.to_owned(), (begun.to_owned(), so_far));
        } else if let Some(rest) = call.strip_prefix("<... ") {
            let (_, rest) = rest.split_once(" resumed>").unwrap();
            let (begun, so_far) = reader.begun.remove(thread).unwrap();
            reader.take(&format!("{begun}{rest}"), so_far);
        } else {
            let so_far = reader.ops.len();
            reader.take(call, so_far);
        }
    }
    reader.ops
}

impl Reader {
    /// Takes one whole call in, which began after the first `so_far` operations.
    fn take(&mut self, call: &str, so_far: usize) {
        let Some((head, result)) = call.rsplit_once(" = ") else { return };
        let result = result.split(' ').next().unwrap().parse::<i64>();
        let (Some((name, arguments)), Ok(result)) = (head.split_once('('), result) else { return };
        if result < 0 {
            return;
        }
        let arguments = arguments.trim_end().strip_suffix(')').unwrap();
        let argument: Vec<&str> = arguments.split(", ").collect();
        let number = |n: usize| argument[n].parse::<i64>().unwrap();
        let place = |n: usize| usize::try_from(number(n)).unwrap();
        match name {
            "openat" => {
                let path = path(argument[1]);
                if argument[2].contains("O_CREAT") {
                    self.ops.push(Op::Create(path.clone()));
                }
                self.open.insert(result, Open { path, at: 0 });
            }
            "close" => drop(self.open.remove(&number(0))),
            "unlink" => self.ops.push(Op::Unlink(path(argument[0]))),
            "rename" => {
                let (from, to) = (path(argument[0]), path(argument[1]));
                self.ops.push(Op::Rename { from, to });
            }
            // A file that was open before the trace began is none of ours: a pipe, a terminal.
            _ if !self.open.contains_key(&number(0)) => {}
            "lseek" => {
                let at = usize::try_from(result).unwrap();
                self.open.get_mut(&number(0)).unwrap().at = at;
            }
            "write" => {
                let file = self.open.get_mut(&number(0)).unwrap();
                let data = bytes(argument[1]);
                assert_eq!(i64::try_from(data.len()), Ok(result), "a write was cut in the trace");
                let at = file.at;
                file.at += data.len();
                self.ops.push(Op::Write { path: file.path.clone(), at, data });
            }
            "pwrite64" => {
                let (path, data) = (self.open[&number(0)].path.clone(), bytes(argument[1]));
                assert_eq!(i64::try_from(data.len()), Ok(result), "a write was cut in the trace");
                self.ops.push(Op::Write { path, at: place(3), data });
            }
            "ftruncate" => {
                let path = self.open[&number(0)].path.clone();
                self.ops.push(Op::Truncate { path, to: place(1) });
            }
            "fdatasync" | "fsync" => {
                let path = self.open[&number(0)].path.clone();
                let after = self.ops.len() - so_far;
                self.ops.push(Op::Sync { path, after });
            }
            other => panic!("{other} was not asked for"),
        }
    }
}

/// `"\x61\x62"`.
fn bytes(quoted: &str) -> Vec<u8> {
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.unwrap_or_else(|| panic!("a text was cut in the trace: {quoted:.80}"));
    let digits = inner.as_bytes().chunks(4);
    digits.map(|x| u8::from_str_radix(std::str::from_utf8(&x[2..]).unwrap(), 16).unwrap()).collect()
}

fn path(quoted: &str) -> PathBuf {
    Path::new(OsStr::from_bytes(&bytes(quoted))).to_owned()
}
