//! One command, measured: wall clock, CPU and peak memory. The bench starts itself anew around the
//! command, since the system tells a process only the sum of all its children.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

const ASKED: &str = "--measure";

/// What a command took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From start to end.
    pub wall: Duration,
    /// User and system time.
    pub cpu: Duration,
    /// Peak resident memory in KiB.
    pub peak: u64,
    /// Mails that it worked off.
    pub mails: usize,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:6.0} mails/s  {:5.2} s  {:5.2} s CPU  {:3} MiB",
            f64::from(u32::try_from(self.mails).unwrap()) / self.wall.as_secs_f64(),
            self.wall.as_secs_f64(),
            self.cpu.as_secs_f64(),
            self.peak / 1024
        )
    }
}

/// Runs a command and measures it. Panics where it fails.
pub fn measure(command: &Command, mails: usize) -> Cost {
    let mut around = Command::new(std::env::current_exe().unwrap());
    around.arg(ASKED).arg(command.get_program()).args(command.get_args());
    let output = around.stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [status, wall, cpu, peak] = figures[..] else { panic!("{text}") };
    assert_eq!(status, 0, "{:?} failed", command.get_program());
    Cost { wall: Duration::from_micros(wall), cpu: Duration::from_micros(cpu), peak, mails }
}

/// Whether this process was started to measure; then it has done so.
pub fn was_asked(arguments: &[String]) -> bool {
    let Some((ASKED, [program, rest @ ..])) =
        arguments.split_first().map(|(first, rest)| (first.as_str(), rest))
    else {
        return false;
    };
    let start = Instant::now();
    let status = Command::new(program).args(rest).stdout(Stdio::null()).status().unwrap();
    let wall = start.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let cpu = [usage.user_time(), usage.system_time()]
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec())
        .iter()
        .sum::<i64>();
    println!("{} {} {cpu} {}", status.code().unwrap_or(99), wall.as_micros(), usage.max_rss());
    true
}
