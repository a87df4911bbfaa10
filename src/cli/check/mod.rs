//! `embargod check`: read the configuration, then try each part for real.
//!
//! Promises: one line for each part, whatever became of the others; every failure says what to do;
//! nothing is sent, no mail is read, no store is made or changed.

mod finding;
mod parts;

use std::io::Write;
use std::path::Path;

use clap::Args;

use self::finding::{Finding, Outcome, Trouble};
use super::Failure;
use super::run::runtime;
use crate::config::{ConfigError, Secrets, Settings, locate};
use crate::daemon::clock::Clock;

/// Read the configuration and try each part for real.
///
/// One line for each part: the configuration, the texts of letters, the store, the clock, commands by
/// mail where they are taken, the inbox and the outbox. Nothing is sent and no mail is read.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Try only what needs no server and no password
    #[arg(long)]
    offline: bool,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Checks every part.
///
/// # Errors
/// 2 for a wrong configuration or template, 1 where a part fails, 75 where only a server is away.
pub fn check(config: Option<&Path>, args: &CheckArgs, clock: &Clock) -> Result<(), Failure> {
    let secrets = if args.offline { Secrets::Skip } else { Secrets::Required };
    let settings = match locate(config).and_then(|file| Settings::load(&file, secrets)) {
        Ok(settings) => settings,
        Err(error) => return unreadable(error, args),
    };
    let mut findings = vec![
        parts::configuration(&settings, secrets),
        parts::templates(&settings),
        parts::store(&settings.store),
        parts::clock(&settings, clock.now()),
    ];
    let (commands, inbox, outbox) = runtime()?.block_on(async {
        tokio::join!(
            parts::commands(&settings),
            parts::inbox(&settings.inbox, secrets),
            parts::outbox(&settings.outbox, secrets)
        )
    });
    findings.extend(commands);
    findings.extend([inbox, outbox]);
    findings.extend(parts::canary(&settings));
    report(&findings, args)?;
    verdict(&findings)
}

/// Without a configuration there is nothing else to try; its error is the one line on stderr.
fn unreadable(error: ConfigError, args: &CheckArgs) -> Result<(), Failure> {
    if args.json {
        let finding =
            Finding::new("configuration", Outcome::Failed(Trouble::Wrong, error.to_string()));
        report(&[finding], args)?;
    }
    Err(error.into())
}

fn report(findings: &[Finding], args: &CheckArgs) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    if args.json {
        let document = serde_json::to_string_pretty(findings).map_err(anyhow::Error::from)?;
        writeln!(out, "{document}")?;
    } else {
        for finding in findings {
            writeln!(out, "{finding}")?;
        }
    }
    Ok(())
}

/// How the command ends: the trouble that a person has to see to first.
fn verdict(findings: &[Finding]) -> Result<(), Failure> {
    let failed: Vec<(Trouble, &str, &str)> = findings
        .iter()
        .filter_map(|finding| match &finding.outcome {
            Outcome::Failed(trouble, why) => Some((*trouble, finding.part, why.as_str())),
            Outcome::Fine(_) | Outcome::Skipped(_) => None,
        })
        .collect();
    let Some((worst, part, why)) = failed.iter().min_by_key(|(trouble, ..)| *trouble) else {
        return Ok(());
    };
    let names = failed.iter().map(|(_, part, _)| *part).collect::<Vec<_>>().join(", ");
    let summary = format!("{} of {} parts failed: {names}", failed.len(), findings.len());
    Err(match worst {
        Trouble::Wrong => Failure::Wrong(format!("{part}: {why}")),
        Trouble::Broken => {
            Failure::Failed(anyhow::anyhow!("{summary}; each line above says what to do"))
        }
        Trouble::Away => Failure::TryLater(summary),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(part: &'static str, trouble: Trouble) -> Finding {
        Finding::new(part, Outcome::Failed(trouble, "why".to_owned()))
    }

    #[test]
    fn the_worst_trouble_decides_how_the_command_ends() {
        let fine = Finding::new("clock", Outcome::Fine("now".to_owned()));
        let away = failed("inbox", Trouble::Away);
        let broken = failed("store", Trouble::Broken);
        let wrong = failed("templates", Trouble::Wrong);
        assert!(verdict(std::slice::from_ref(&fine)).is_ok());
        let ended = |findings: &[Finding]| verdict(findings).unwrap_err();
        assert!(matches!(ended(&[fine.clone(), away.clone()]), Failure::TryLater(_)));
        assert!(matches!(ended(&[away.clone(), broken.clone()]), Failure::Failed(_)));
        match ended(&[away, broken, wrong, fine]) {
            Failure::Wrong(text) => assert_eq!(text, "templates: why"),
            other => panic!("{other:?}"),
        }
    }
}
