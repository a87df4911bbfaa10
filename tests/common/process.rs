//! A server process that ends with the test that started it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// Starts a server that stays in the foreground.
    pub fn start(command: &mut Command) -> Self {
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| {
            panic!(
                "{} does not start: {error}; ./tests/run installs it",
                command.get_program().display()
            )
        }))
    }

    /// Panics if the server has ended.
    pub fn assert_alive(&mut self, log: impl FnOnce() -> String) {
        if let Some(status) = self.0.try_wait().unwrap() {
            panic!("the server ended with {status}; its log:\n{}", log());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that it ends its own children too.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(10) {
            if matches!(self.0.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
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
