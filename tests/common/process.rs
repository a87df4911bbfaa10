//! A server process that ends with the test that started it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// A file with the number of the process to stop, where that is not the child itself.
    pid_file: Option<PathBuf>,
}

impl Server {
    /// Starts a server that stays in the foreground.
    pub fn start(command: &mut Command) -> Self {
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!(
                "{} does not start: {error}; ./tests/run installs it",
                command.get_program().display()
            )
        });
        Self { child, pid_file: None }
    }

    /// Starts a server by a script, which waits for it; the server writes its number to a file.
    pub fn start_by_script(command: &mut Command, pid_file: PathBuf) -> Self {
        let mut server = Self::start(command);
        server.pid_file = Some(pid_file);
        server
    }

    /// Panics if the server has ended.
    pub fn assert_alive(&mut self, log: impl FnOnce() -> String) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the server ended with {status}; its log:\n{}", log());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that it ends its own children too.
        let own = self.child.id().to_string();
        let written = self.pid_file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let pid = written.map_or(own, |text| text.trim().to_owned());
        let _ = Command::new("kill").arg(pid).status();
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    id("-u") == "0"
}

/// What `id` says of the user that runs the tests.
pub fn id(option: &str) -> String {
    let output = Command::new("id").arg(option).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
