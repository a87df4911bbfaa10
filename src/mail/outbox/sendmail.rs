//! A sendmail-compatible command as outbox.
//!
//! Relies on the exit statuses of sysexits.h. Promises: the command gets the mail on its standard
//! input with local line ends and the recipient as an argument behind `--`, never through a shell,
//! and does not outlive its deadline. It gets no envelope id: the options for one mean other things
//! to Exim, so that a notice is tied by the mail that it encloses.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::fault::{Fault, Step};
use super::local_lines;
use crate::domain::outgoing::Delivery;

/// A command that takes mail.
#[derive(Debug)]
pub struct Sendmail {
    command: PathBuf,
}

impl Sendmail {
    /// The command at this path.
    pub fn new(command: PathBuf) -> Self {
        Self { command }
    }

    /// Runs the command once.
    pub async fn send(
        &self,
        from: Option<lettre::Address>,
        to: &lettre::Address,
        bytes: &[u8],
        deadline: Duration,
    ) -> Delivery {
        // `<>` is the null sender for sendmail, Postfix, Exim and OpenSMTPD alike.
        let from = from.map_or_else(|| "<>".to_owned(), |address| address.to_string());
        let spawned = Command::new(&self.command)
            .args(["-i", "-f", &from, "--", to.as_ref()])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => return Delivery::Away(self.says(error)),
        };
        let stdin = child.stdin.take();
        let content = local_lines(bytes);
        let feed = async move {
            if let Some(mut stdin) = stdin {
                // A command that stops reading explains itself by its exit status.
                let _ = stdin.write_all(&content).await;
                let _ = stdin.shutdown().await;
            }
        };
        let run = async { tokio::join!(feed, child.wait_with_output()).1 };
        match timeout(deadline, run).await {
            Err(_) => Delivery::Unknown(self.says("stopped: it took too long")),
            Ok(Err(error)) => Delivery::Unknown(self.says(error)),
            Ok(Ok(output)) => self.outcome(&output),
        }
    }

    /// Whether there is a program at the path.
    pub async fn check(&self) -> Result<(), Fault> {
        use std::os::unix::fs::PermissionsExt;

        let wrong = |why: &str| Fault::new(Step::Command, self.says(why));
        let found = tokio::fs::metadata(&self.command).await;
        let found = found.map_err(|error| wrong(&error.to_string()))?;
        if !found.is_file() || found.permissions().mode() & 0o111 == 0 {
            return Err(wrong("is not a program; `sendmail:PATH` has to name one"));
        }
        Ok(())
    }

    /// What an exit status means for the mail.
    fn outcome(&self, output: &Output) -> Delivery {
        let words = String::from_utf8_lossy(&output.stderr);
        let words = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        match output.status.code() {
            Some(0) => Delivery::Accepted(self.says("accepted")),
            // EX_DATAERR, EX_NOUSER, EX_NOHOST: about this mail or its recipient.
            Some(code @ (65 | 67 | 68)) => {
                Delivery::Refused(self.says(format!("exit status {code} {words}")))
            }
            // EX_TEMPFAIL, and everything that is wrong with the machine or its configuration.
            Some(code) => Delivery::Deferred(self.says(format!("exit status {code} {words}"))),
            None => Delivery::Unknown(self.says(format!("killed {words}"))),
        }
    }

    fn says(&self, what: impl std::fmt::Display) -> String {
        format!("{}: {what}", self.command.display())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The stub of `fixtures/outbox`, under a name of its own in a folder of its own. A link and not
    /// a copy: a program that was just written can be busy while another test forks.
    fn command(behaviour: &str) -> (tempfile::TempDir, Sendmail) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sendmail");
        let stub = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/outbox/sendmail");
        std::os::unix::fs::symlink(stub, &path).unwrap();
        fs::write(folder.path().join("behaviour"), behaviour).unwrap();
        (folder, Sendmail::new(path))
    }

    async fn send(sendmail: &Sendmail, deadline: Duration) -> Delivery {
        let to = "-finder@example.net".parse().unwrap();
        sendmail.send(None, &to, b"A: b\r\n\r\n.\r\nhello\r\n", deadline).await
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_command_gets_the_envelope_as_arguments_and_the_mail_as_input() {
        let (folder, sendmail) = command("exit 0");
        assert!(matches!(send(&sendmail, LONG).await, Delivery::Accepted(_)));
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("arguments"), "-i\n-f\n<>\n--\n-finder@example.net\n");
        assert_eq!(read("mail"), "A: b\n\n.\nhello\n");
    }

    #[tokio::test]
    async fn the_exit_status_says_whether_to_try_again() {
        for (status, again) in
            [(65, false), (67, false), (68, false), (64, true), (75, true), (1, true)]
        {
            let (_folder, sendmail) = command(&format!("echo 'because' >&2; exit {status}"));
            match send(&sendmail, LONG).await {
                Delivery::Deferred(why) => {
                    assert!(again && why.contains("because"), "{status} {why}")
                }
                Delivery::Refused(why) => {
                    assert!(!again && why.contains("because"), "{status} {why}")
                }
                other => panic!("{status}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_stopped_and_may_have_taken_the_mail() {
        let (_folder, sendmail) = command("exec sleep 1000");
        let delivery = send(&sendmail, Duration::from_millis(200)).await;
        assert!(matches!(delivery, Delivery::Unknown(_)), "{delivery:?}");
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_is_away_and_fails_the_check() {
        let sendmail = Sendmail::new("/nonexistent/sendmail".into());
        assert!(matches!(send(&sendmail, LONG).await, Delivery::Away(_)));
        assert_eq!(sendmail.check().await.unwrap_err().step, Step::Command);
        let (_folder, sound) = command("exit 0");
        sound.check().await.unwrap();
    }
}
