//! One conversation with a submission server: greeting, TLS, login, then mail after mail.

use std::fmt;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::{Duration, Instant, timeout, timeout_at};

use super::super::fault::{Fault, Step};
use super::reply::{Refusal, words};
use super::wire::Wire;
use crate::domain::outgoing::Delivery;
use crate::domain::secret::Secret;
use crate::mail::tls::{self, Security, Server};

/// How to begin a conversation.
#[derive(Debug)]
pub struct Beginning {
    /// The server.
    pub server: Server,
    /// Login name and password.
    pub login: Option<(String, Secret)>,
    /// Our name in EHLO.
    pub hello: String,
    /// For name, TCP and TLS.
    pub connect: Duration,
    /// For greeting, EHLO and login.
    pub converse: Duration,
}

/// A conversation in which the next command may be MAIL.
pub struct Session {
    connection: AsyncSmtpConnection,
    commands: Commands,
    notices: Notices,
    /// When the last answer came.
    pub used_at: Instant,
}

/// One mail as a server gets it.
#[derive(Debug, Clone)]
pub struct Parcel<'a> {
    /// MAIL FROM; `None` is the null sender.
    pub from: Option<lettre::Address>,
    /// RCPT TO.
    pub to: lettre::Address,
    /// What a notice about the mail calls it: its Message-ID.
    pub envelope_id: &'a str,
    /// The mail, before dot-stuffing.
    pub bytes: &'a [u8],
}

/// How a server takes the commands of one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commands {
    /// MAIL, RCPT and DATA in one go (RFC 2920).
    Together,
    /// Each after the answer to the one before.
    OneByOne,
}

/// What a server lets us ask of the notices that it sends about a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notices {
    /// That they name the mail, and enclose its header only (RFC 3461).
    Named,
    /// Nothing.
    AsTheyCome,
}

impl Notices {
    /// The parameters of MAIL.
    fn parameters(self, envelope_id: &str) -> Vec<MailParameter> {
        // RFC 3461 section 4.4: an ENVID of more than a hundred characters is an error.
        if self == Self::AsTheyCome || envelope_id.len() > 100 {
            return Vec::new();
        }
        let parameter = |keyword: &str, value: &str| MailParameter::Other {
            keyword: keyword.to_owned(),
            value: Some(value.to_owned()),
        };
        vec![parameter("RET", "HDRS"), parameter("ENVID", envelope_id)]
    }
}

/// How far an attempt came.
#[derive(Debug)]
pub enum Attempt {
    /// There is an outcome for the mail.
    Outcome(Delivery),
    /// The conversation broke before the mail was begun: says nothing about the mail.
    Broken(String),
}

/// The commands before the mail itself, for messages.
#[derive(Debug, Clone, Copy)]
enum Envelope {
    Mail,
    Rcpt,
    Data,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("commands", &self.commands).finish_non_exhaustive()
    }
}

impl Beginning {
    /// Connects, greets, encrypts and logs in.
    pub async fn begin(&self) -> Result<Session, Fault> {
        let stream = tls::connect(&self.server, self.connect).await?;
        let late = |_| Fault::new(Step::Hello, self.late());
        let stream = match self.server.security {
            Security::Tls | Security::Plain => Wire::given(stream),
            Security::StartTls => {
                let plain =
                    timeout(self.converse, self.ask_for_tls(stream)).await.map_err(late)??;
                Wire::greeted(tls::upgrade(plain, &self.server, self.connect).await?)
            }
        };
        timeout(self.converse, self.introduce(stream)).await.map_err(late)?
    }

    /// What it may be that the server does not answer.
    fn late(&self) -> &'static str {
        match self.server.security {
            Security::Tls => "no answer in time; the server may be overloaded",
            Security::StartTls | Security::Plain => {
                "no answer in time; where the port speaks TLS from the first byte, `server` has to be smtps://"
            }
        }
    }

    fn client(&self) -> ClientId {
        ClientId::Domain(self.hello.chars().filter(char::is_ascii_graphic).collect())
    }

    async fn converse(&self, wire: Wire) -> Result<AsyncSmtpConnection, Fault> {
        AsyncSmtpConnection::connect_with_transport(Box::new(wire), &self.client())
            .await
            .map_err(|error| Fault::new(Step::Hello, words(&error)))
    }

    /// Says STARTTLS, and gives back the bare stream when the server agrees.
    async fn ask_for_tls(&self, stream: tls::Stream) -> Result<tls::Stream, Fault> {
        let (wire, back) = Wire::lent(stream);
        let mut connection = self.converse(wire).await?;
        if !connection.server_info().supports_feature(Extension::StartTls) {
            let why = "the server does not offer it; try smtps://, or somebody on the way hides it";
            return Err(Fault::new(Step::StartTls, why));
        }
        let asked = connection.command(Starttls).await;
        drop(connection);
        asked.map_err(|error| Fault::new(Step::StartTls, words(&error)))?;
        back.await.map_err(|lost| Fault::new(Step::StartTls, lost.to_string()))
    }

    /// EHLO and login.
    async fn introduce(&self, wire: Wire) -> Result<Session, Fault> {
        let mut connection = self.converse(wire).await?;
        // lettre keeps of EHLO's answer only what it uses itself, so it is asked for once more: a
        // round trip that PIPELINING pays back with the first mail. OpenSMTPD says 503 to that, and
        // is then spoken to without extensions.
        let offers = match connection.command(Ehlo::new(self.client())).await {
            Ok(offers) => Some(offers),
            Err(refused) if refused.is_permanent() => None,
            Err(error) => return Err(Fault::new(Step::Hello, words(&error))),
        };
        let offered = |name: &str| {
            let mut lines = offers.iter().flat_map(|offers| offers.message());
            lines.any(|line| line.eq_ignore_ascii_case(name))
        };
        let commands = if offered("PIPELINING") { Commands::Together } else { Commands::OneByOne };
        let notices = if offered("DSN") { Notices::Named } else { Notices::AsTheyCome };
        if let Some((user, password)) = &self.login {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(
                |error| {
                    let why = format!("{}; check `user` and `password_file`", words(&error));
                    Fault::new(Step::Login, why)
                },
            )?;
        }
        Ok(Session { connection, commands, notices, used_at: Instant::now() })
    }
}

impl Session {
    /// Sends one mail. The session may be used again only after [`Delivery::Accepted`].
    pub async fn send(&mut self, parcel: Parcel<'_>, deadline: Duration) -> Attempt {
        let Parcel { from, to, envelope_id, bytes } = parcel;
        let end = Instant::now().checked_add(deadline).unwrap_or_else(Instant::now);
        let mail = Mail::new(from, self.notices.parameters(envelope_id));
        match timeout_at(end, self.envelope(mail, Rcpt::new(to, Vec::new()))).await {
            Err(_) => {
                let why = "no answer to MAIL, RCPT or DATA in time".to_owned();
                return Attempt::Outcome(Delivery::Away(why));
            }
            Ok(Err((_, Refusal::Lost(why)))) => return Attempt::Broken(why),
            Ok(Err((at, Refusal::Away(why)))) => {
                return Attempt::Broken(format!("{}: {why}", at.name()));
            }
            Ok(Err((at, Refusal::NotNow(why)))) => {
                return Attempt::Outcome(Delivery::Deferred(format!("{}: {why}", at.name())));
            }
            Ok(Err((at, Refusal::Never(why)))) => {
                return Attempt::Outcome(Delivery::Refused(format!("{}: {why}", at.name())));
            }
            Ok(Ok(())) => {}
        }
        step!("send.envelope-taken");
        // lettre ends the last line itself.
        let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let answer = timeout_at(end, self.connection.message(bytes)).await;
        step!("send.answered");
        self.used_at = Instant::now();
        Attempt::Outcome(match answer {
            Err(_) => Delivery::Unknown("no answer to the mail's last dot in time".to_owned()),
            Ok(Ok(response)) => Delivery::Accepted(line_of(&response)),
            Ok(Err(error)) => match Refusal::of(&error) {
                Refusal::Lost(why) => Delivery::Unknown(format!("after the mail: {why}")),
                Refusal::Away(why) => Delivery::Away(format!("after the mail: {why}")),
                Refusal::NotNow(why) => Delivery::Deferred(format!("after the mail: {why}")),
                Refusal::Never(why) => Delivery::Refused(format!("after the mail: {why}")),
            },
        })
    }

    /// MAIL, RCPT and DATA.
    async fn envelope(&mut self, mail: Mail, rcpt: Rcpt) -> Result<(), (Envelope, Refusal)> {
        let at = |at: Envelope| move |error| (at, Refusal::of(&error));
        let connection = &mut self.connection;
        let go = match self.commands {
            Commands::OneByOne => {
                connection.command(mail).await.map_err(at(Envelope::Mail))?;
                connection.command(rcpt).await.map_err(at(Envelope::Rcpt))?;
                connection.command(Data).await
            }
            Commands::Together => {
                let all = format!("{mail}{rcpt}{Data}");
                connection.command(all).await.map_err(at(Envelope::Mail))?;
                connection.read_response().await.map_err(at(Envelope::Rcpt))?;
                connection.read_response().await
            }
        };
        match go {
            Ok(response) if response.has_code(354) => Ok(()),
            Ok(response) => {
                let why = format!("expected 354, got {}", line_of(&response));
                Err((Envelope::Data, Refusal::NotNow(why)))
            }
            Err(error) => Err(at(Envelope::Data)(error)),
        }
    }

    /// Says goodbye.
    pub async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(1), self.connection.command(Quit)).await;
    }
}

impl Envelope {
    fn name(self) -> &'static str {
        match self {
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
        }
    }
}

/// A server's answer on one line.
fn line_of(response: &Response) -> String {
    format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" "))
}
