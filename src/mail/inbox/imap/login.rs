//! From nothing to an opened folder.

use std::time::Duration;

use async_imap::Client;
use async_imap::error::Error as ImapError;
use async_imap::imap_proto::{Response, ResponseCode, Status};
use tokio::time::timeout;

use super::Account;
use super::answer::{capability_names, said};
use super::guarded::guarded;
use super::metered::Metered;
use super::names::quoted_folder;
use super::session::{Session, broken};
use crate::domain::address::displayable;
use crate::mail::inbox::{InboxError, Patience, Step};
use crate::mail::tls::{self, Security};

/// What a server may send before the login.
const BEFORE_LOGIN: u64 = 256 * 1024;

/// Connects, logs in and opens the folder for reading only.
pub(super) async fn open(account: &Account, patience: Patience) -> Result<Session, InboxError> {
    let stream = tls::connect(&account.server, patience.connect).await?;
    let mut client = Client::new(Metered::new(stream, BEFORE_LOGIN));
    let mut offers = greeting(&mut client, patience.answer).await?;
    if account.server.security == Security::StartTls {
        client = start_tls(client, &offers, account, patience).await?;
        // What was offered in plain text may be an attacker's offer (RFC 9051 section 6.2.1).
        offers.clear();
    }
    let mut session = login(client, &offers, account, patience).await?;
    session.run(Step::Login, "CAPABILITY").await?;
    examine(&mut session, &account.folder).await?;
    Ok(session)
}

/// Reads the server's first line: what it can do, if it says so.
async fn greeting(
    client: &mut Client<Metered>,
    after: Duration,
) -> Result<Vec<String>, InboxError> {
    let step = Step::Greeting;
    let first = match guarded(step, timeout(after, client.read_response())).await? {
        Ok(Ok(Some(first))) => first,
        Ok(Ok(None)) => {
            return Err(InboxError::Greeting { said: "closed before a first line".to_owned() });
        }
        Ok(Err(error)) => return Err(broken(step, error)),
        Err(_) => return Err(InboxError::TimedOut { step, after }),
    };
    match first.parsed() {
        Response::Data { status: Status::Ok, outcome } => Ok(match &outcome.code {
            Some(ResponseCode::Capabilities(names)) => capability_names(names),
            _ => Vec::new(),
        }),
        // PREAUTH leaves no room for STARTTLS, and is how an attacker would talk us out of it
        // (RFC 9051 section 11.1).
        Response::Data { status: Status::PreAuth, .. } => {
            Err(InboxError::Greeting { said: "it takes us for logged in already".to_owned() })
        }
        Response::Data { outcome, .. } => Err(InboxError::Greeting { said: said(outcome) }),
        _ => Err(InboxError::Unintelligible { step }),
    }
}

async fn start_tls(
    mut client: Client<Metered>,
    offers: &[String],
    account: &Account,
    patience: Patience,
) -> Result<Client<Metered>, InboxError> {
    if !offers.is_empty() && !offers.iter().any(|name| name == "STARTTLS") {
        return Err(InboxError::StartTls { said: "it does not offer STARTTLS".to_owned() });
    }
    let step = Step::StartTls;
    let agreeing = client.run_command_and_check_ok("STARTTLS", None);
    match guarded(step, timeout(patience.answer, agreeing)).await? {
        Ok(Ok(())) => {}
        Ok(Err(ImapError::No(text) | ImapError::Bad(text))) => {
            return Err(InboxError::StartTls { said: reason(&text) });
        }
        Ok(Err(error)) => return Err(lost(step, error)),
        Err(_) => return Err(InboxError::TimedOut { step, after: patience.answer }),
    }
    let stream = client.into_inner().into_inner();
    let stream = tls::upgrade(stream, &account.server, patience.connect).await?;
    Ok(Client::new(Metered::new(stream, BEFORE_LOGIN)))
}

async fn login(
    client: Client<Metered>,
    offers: &[String],
    account: &Account,
    patience: Patience,
) -> Result<Session, InboxError> {
    let step = Step::Login;
    let offered = |name: &str| offers.iter().any(|offer| offer == name);
    if offered("LOGINDISABLED") && !offered("AUTH=PLAIN") {
        let said = "it takes no password on this connection".to_owned();
        return Err(InboxError::Login { said });
    }
    let (user, password) = (account.user.as_str(), account.password.expose());
    // LOGIN is understood everywhere, but carries ASCII only (RFC 9051 section 4.3).
    let ascii = user.is_ascii() && password.is_ascii();
    let result = if ascii && !offered("LOGINDISABLED") {
        guarded(step, timeout(patience.answer, client.login(user, password))).await?
    } else {
        let response = format!("\0{user}\0{password}");
        let proving = client.authenticate("PLAIN", Plain(response));
        guarded(step, timeout(patience.answer, proving)).await?
    };
    match result {
        Ok(Ok(session)) => Ok(Session::new(session, patience)),
        Ok(Err((ImapError::No(text) | ImapError::Bad(text), _))) => {
            Err(InboxError::Login { said: reason(&without(password, text)) })
        }
        Ok(Err((ImapError::Validate(_), _))) => {
            let said = "user or password holds a line break".to_owned();
            Err(InboxError::Login { said })
        }
        Ok(Err((error, _))) => Err(lost(step, error)),
        Err(_) => Err(InboxError::TimedOut { step, after: patience.answer }),
    }
}

/// SASL PLAIN (RFC 4616). The one answer is the whole of it.
struct Plain(String);

impl async_imap::Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        std::mem::take(&mut self.0)
    }
}

/// Opens the folder so that nothing in it can change: EXAMINE, not SELECT, which would take the
/// mails' \Recent away.
async fn examine(session: &mut Session, folder: &str) -> Result<(), InboxError> {
    let fails = |said: String| InboxError::Folder { folder: folder.to_owned(), said };
    let name = quoted_folder(folder)
        .ok_or_else(|| fails("a folder's name has no control characters".to_owned()))?;
    match session.run(Step::Folder, &format!("EXAMINE {name}")).await {
        Ok(()) if session.uid_validity == 0 => {
            // RFC 9051 makes it an obligation, RFC 3501 left it open: without it no mail can be
            // known again.
            Err(fails("the server gives its mails no lasting numbers (UIDVALIDITY)".to_owned()))
        }
        Ok(()) => {
            session.news = false;
            Ok(())
        }
        Err(InboxError::Refused { said, .. }) => Err(fails(said)),
        Err(error) => Err(error),
    }
}

fn lost(step: Step, error: ImapError) -> InboxError {
    match error {
        ImapError::Io(error) => broken(step, error),
        ImapError::ConnectionLost => {
            broken(step, std::io::Error::from(std::io::ErrorKind::UnexpectedEof))
        }
        _ => InboxError::Unintelligible { step },
    }
}

/// The server's words out of async-imap's `code: None, info: Some("…")`.
fn reason(text: &str) -> String {
    let words = text
        .split_once("info: Some(\"")
        .and_then(|(_, rest)| rest.rsplit_once("\")"))
        .map_or("no reason given", |(words, _)| words);
    displayable(words)
}

/// A server's words without a secret, however it was quoted on its way there and back.
fn without(secret: &str, text: String) -> String {
    if secret.is_empty() {
        return text;
    }
    let quoted = secret.replace('\\', r"\\").replace('"', r#"\""#);
    let shown = [quoted.as_str(), secret].map(|form| form.escape_debug().to_string());
    let forms = shown.iter().map(String::as_str).chain([quoted.as_str(), secret]);
    forms.fold(text, |text, form| text.replace(form, "…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_left_out_in_every_form_it_may_come_back_in() {
        let secret = r#"quo"te\back"#;
        for said in [secret.to_owned(), r#"quo\"te\\back"#.to_owned()] {
            let text =
                format!("code: None, info: {:?}", Some(format!("bad LOGIN \"ada\" \"{said}\"")));
            let shown = reason(&without(secret, text));
            assert!(shown.starts_with("bad LOGIN"), "{shown}");
            assert!(!shown.contains("quo") && !shown.contains("back"), "{shown}");
        }
        assert_eq!(without("", "text".to_owned()), "text");
    }
}
