//! Mail programs: what each makes of a new mail and of an answer, and what it takes for a thread.
//!
//! Written from what these programs send, as far as it matters here: prefixes of subjects, fields of
//! threads, Message-IDs, how the answered mail is quoted, and what a mail tells of its author's
//! machine.

use std::fmt::Write as _;

use embargod::domain::mail::{Mail, MessageId};
use embargod::mail::read::read;

/// A mail program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Gmail in a browser.
    Gmail,
    /// Outlook with an Exchange server.
    Outlook,
    /// Outlook in German by POP, which names the answered mail and not its thread.
    OutlookInGerman,
    /// Apple Mail.
    AppleMail,
    /// Thunderbird.
    Thunderbird,
}

/// Somebody and the program they use.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub name: &'static str,
    pub address: &'static str,
    pub program: Program,
}

/// What no mail to a reporter may have of a maintainer's program.
pub const TRACES: [&str; 14] = [
    "thread-index",
    "thread-topic",
    "x-mailer",
    "user-agent",
    "autocrypt",
    "accept-language",
    "content-language",
    "organization:",
    "x-ms-",
    "x-originating-ip",
    "x-gm-",
    "x-google-",
    "x-uniform-type-identifier",
    "mac os x",
];

impl Person {
    /// A new mail.
    pub fn writes(&self, to: &str, subject: &str, text: &str, n: usize) -> String {
        self.mail(to, subject, text, n, None, "")
    }

    /// An answer to a mail as it lay in the mailbox; `more` are fields that the author adds.
    pub fn answers(&self, mail: &str, text: &str, n: usize, more: &str) -> String {
        let answered = read(mail.as_bytes(), mail.len() as u64);
        let to = answered.reply_to.first().or(answered.from.first()).unwrap().to_string();
        let subject = self.program.answering(&answered.subject);
        self.mail(&to, &subject, text, n, Some(&answered), more)
    }

    fn mail(
        &self,
        to: &str,
        subject: &str,
        text: &str,
        n: usize,
        answered: Option<&Mail>,
        more: &str,
    ) -> String {
        let Self { name, address, program } = self;
        let domain = address.split('@').nth(1).unwrap();
        let (id, fields) = program.fields(n, self, domain, subject);
        let thread = answered.map(|mail| program.thread(mail)).unwrap_or_default();
        let body = program.body(self, text, answered);
        format!(
            "From: {name} <{address}>\nTo: {to}\n{more}Subject: {subject}\n\
             Date: Mon, 23 Nov 2026 10:{:02}:00 +0100\nMessage-ID: <{id}>\n{thread}{fields}{body}",
            n % 60,
        )
    }
}

impl Program {
    fn answering(self, subject: &str) -> String {
        match self {
            // What has the prefix already gets no second one.
            Self::Gmail | Self::AppleMail | Self::Thunderbird => {
                let has_one = subject.to_lowercase().starts_with("re: ");
                if has_one { subject.to_owned() } else { format!("Re: {subject}") }
            }
            // A prefix is taken away, in whatever language, and the own one is put on.
            Self::Outlook => format!("RE: {}", without_prefix(subject)),
            Self::OutlookInGerman => format!("AW: {}", without_prefix(subject)),
        }
    }

    fn thread(self, answered: &Mail) -> String {
        let shown = |id: &MessageId| format!("<{}>", id.0);
        let parent = answered.message_id.as_ref().map(shown).unwrap();
        let mut ids: Vec<String> = match answered.references.as_slice() {
            [] => answered.in_reply_to.iter().map(shown).collect(),
            thread => thread.iter().map(shown).collect(),
        };
        ids.push(parent.clone());
        let references = match self {
            Self::OutlookInGerman => String::new(),
            Self::Gmail | Self::Outlook => format!("References: {}\n", ids.join(" ")),
            Self::AppleMail | Self::Thunderbird => format!("References: {}\n", ids.join("\n ")),
        };
        match self {
            Self::Outlook => format!("{references}In-Reply-To: {parent}\n"),
            _ => format!("In-Reply-To: {parent}\n{references}"),
        }
    }

    /// The right Message-ID, and the fields that only this program writes.
    fn fields(self, n: usize, person: &Person, domain: &str, subject: &str) -> (String, String) {
        let topic = without_prefix(subject);
        let Person { name, address, .. } = person;
        match self {
            Self::Gmail => (
                format!("CAJ+{n:04}{}Hq@mail.gmail.com", name.replace(' ', "")),
                "X-Gm-Message-State: AOJu0Yx1\nX-Google-Smtp-Source: AGHT+IF\n".to_owned(),
            ),
            Self::Outlook => (
                format!("AM0PR0{n:04}MB5A@AM0PR0{n:04}.eurprd.prod.{domain}"),
                format!(
                    "Thread-Topic: {topic}\nThread-Index: AQHZ2Dq5xM0dZ1vYb0iW5rKx7Q{n:04}==\n\
                     Accept-Language: en-GB, en-US\nContent-Language: en-GB\nX-MS-Has-Attach:\n\
                     X-MS-TNEF-Correlator:\nx-originating-ip: [192.0.2.7]\n"
                ),
            ),
            Self::OutlookInGerman => (
                format!("00{n:04}01dcb$5c1e$@{domain}"),
                format!(
                    "X-Mailer: Microsoft Outlook 16.0\n\
                     Thread-Index: AQJ{n:04}Kx7QdZ1vYb0iW5r==\nContent-Language: de\n"
                ),
            ),
            Self::AppleMail => (
                format!("0C7F{n:04}-5B1E-4C1A-9D1E-7A6B5C4D3E2F@{domain}"),
                "X-Mailer: Apple Mail (2.3826.400.131.1.6)\n\
                 X-Uniform-Type-Identifier: com.apple.mail-draft\n"
                    .to_owned(),
            ),
            Self::Thunderbird => (
                format!("5b1e4c1a-{n:04}-9d1e-7a6b-5c4d3e2f@{domain}"),
                format!(
                    "User-Agent: Mozilla Thunderbird\nContent-Language: en-GB\n\
                     Organization: Works of {name}\n\
                     Autocrypt: addr={address}; keydata=xsBNBFq5xM0BCADQ\n"
                ),
            ),
        }
    }

    fn body(self, person: &Person, text: &str, answered: Option<&Mail>) -> String {
        let quoted = answered.map(|mail| Quoted::of(mail, person)).unwrap_or_default();
        let Quoted { author, text: old, subject } = &quoted;
        let marked: String = old.lines().map(|line| format!("> {line}\n")).collect();
        let is_answer = answered.is_some();
        let only_if = |words: String| if is_answer { words } else { String::new() };
        match self {
            Self::Gmail => {
                let top = format!("On Mon, 23 Nov 2026 at 10:00, {author} wrote:");
                let plain = only_if(format!("\n{top}\n\n{marked}"));
                let html = only_if(format!(
                    "<br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" \
                     class=\"gmail_attr\">{}<br></div><blockquote class=\"gmail_quote\" \
                     style=\"margin:0px 0px 0px 0.8ex\">{}</blockquote></div>",
                    escaped(&top),
                    lines(old, "", "<br>")
                ));
                alternatives(
                    "000000000000a1b2c3",
                    &format!("{text}\n{plain}"),
                    &format!("<div dir=\"ltr\">{}</div>{html}", lines(text, "", "<br>")),
                )
            }
            Self::Outlook => {
                let head = [
                    ("From", author.as_str()),
                    ("Sent", "Monday, November 23, 2026 10:00 AM"),
                    ("To", person.name),
                    ("Subject", subject.as_str()),
                ];
                let plain: String = head.map(|(name, value)| format!("{name}: {value}\n")).concat();
                let html = head.map(|(name, value)| format!("<b>{name}:</b> {}", escaped(value)));
                let (open, close) = ("<p class=\"MsoNormal\">", "<o:p></o:p></p>");
                let html = format!(
                    "<div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm \
                     0cm 0cm\">{open}{}{close}</div></div>{}",
                    html.join("<br>"),
                    lines(old, open, close)
                );
                alternatives(
                    "_000_AM0PR0",
                    &format!("{text}\n\n{}", only_if(format!("{plain}\n{old}"))),
                    &format!(
                        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><body \
                         lang=\"EN-GB\"><div class=\"WordSection1\">{}{}</div></body></html>",
                        lines(text, open, close),
                        only_if(html)
                    ),
                )
            }
            Self::OutlookInGerman => {
                let head = format!(
                    "________________________________\nVon: {author}\nGesendet: Montag, 23. November 2026 \
                     10:00\nAn: {}\nBetreff: {subject}\n\n{old}",
                    person.name
                );
                format!(
                    "MIME-Version: 1.0\nContent-Type: text/plain; charset=\"utf-8\"\n\
                     Content-Transfer-Encoding: 8bit\n\n{text}\n\n{}",
                    only_if(head)
                )
            }
            Self::AppleMail => {
                let top = format!("On 23 Nov 2026, at 10:00, {author} wrote:");
                let plain = only_if(format!("\n> {top}\n> \n{marked}"));
                format!(
                    "Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3826.400.131.1.6\\))\n\
                     Content-Type: text/plain;\n\tcharset=utf-8\n\
                     Content-Transfer-Encoding: quoted-printable\n\n{}",
                    quoted_printable(&format!("{text}\n{plain}"))
                )
            }
            Self::Thunderbird => {
                let top = format!("On 23/11/2026 10:00, {author} wrote:");
                let plain = only_if(format!("\n{top}\n{marked}"));
                format!(
                    "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8; format=flowed\n\
                     Content-Transfer-Encoding: 8bit\n\n{text}\n{plain}\n-- \n{}\nWorks of {0}\n",
                    person.name
                )
            }
        }
    }

    /// Whether the program shows these mails as one thread.
    pub fn is_one_thread(self, mails: &[String]) -> Result<(), String> {
        match self {
            // Named ids, and one subject but for its prefixes.
            Self::Gmail => linked(mails).and_then(|()| one_subject(mails)),
            // The topic of the conversation, which is the subject without its prefix.
            Self::Outlook | Self::OutlookInGerman => one_subject(mails),
            // The ids that mails name, whether those were ever seen or not.
            Self::AppleMail | Self::Thunderbird => linked(mails),
        }
    }
}

/// Every mail but the first names a Message-ID that the mails before it are, or name.
pub fn linked(mails: &[String]) -> Result<(), String> {
    let mut known: Vec<MessageId> = Vec::new();
    for mail in mails {
        let mail = read(mail.as_bytes(), mail.len() as u64);
        let named: Vec<MessageId> = mail.references.into_iter().chain(mail.in_reply_to).collect();
        if !known.is_empty() && !named.iter().any(|id| known.contains(id)) {
            return Err(format!("{:?} names none of {known:?}, but {named:?}", mail.message_id));
        }
        known.extend(named);
        known.extend(mail.message_id);
    }
    Ok(())
}

fn one_subject(mails: &[String]) -> Result<(), String> {
    let subject = |mail: &String| topic(&read(mail.as_bytes(), mail.len() as u64).subject);
    let mut subjects: Vec<String> = mails.iter().map(subject).collect();
    subjects.dedup();
    if subjects.len() == 1 { Ok(()) } else { Err(format!("several subjects: {subjects:#?}")) }
}

/// A subject without all of its prefixes.
fn topic(subject: &str) -> String {
    let mut topic = subject;
    while without_prefix(topic) != topic {
        topic = without_prefix(topic);
    }
    topic.to_owned()
}

/// A prefix is one to three letters and a colon, as Exchange has it.
fn without_prefix(subject: &str) -> &str {
    match subject.split_once(": ") {
        Some((prefix, rest))
            if (1..=3).contains(&prefix.len()) && prefix.chars().all(char::is_alphabetic) =>
        {
            rest
        }
        _ => subject,
    }
}

/// What is quoted of an answered mail.
#[derive(Default)]
struct Quoted {
    author: String,
    subject: String,
    text: String,
}

impl Quoted {
    fn of(mail: &Mail, reader: &Person) -> Self {
        let mut text = String::new();
        for line in mail.text.text.lines() {
            // Programs shift what they quote, and repeat it in every later answer.
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
        let author = mail.from.first().unwrap();
        assert_ne!(author.address.as_str(), reader.address);
        Self { author: author.to_string(), subject: mail.subject.clone(), text }
    }
}

fn alternatives(boundary: &str, plain: &str, html: &str) -> String {
    format!(
        "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"{boundary}\"\n\n\
         --{boundary}\nContent-Type: text/plain; charset=\"UTF-8\"\n\
         Content-Transfer-Encoding: 8bit\n\n{plain}\n\
         --{boundary}\nContent-Type: text/html; charset=\"UTF-8\"\n\
         Content-Transfer-Encoding: quoted-printable\n\n{}\n--{boundary}--\n",
        quoted_printable(html)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text as HTML, each line between `open` and `close`.
fn lines(text: &str, open: &str, close: &str) -> String {
    let line = |line: &str| {
        let line = if line.is_empty() { "&nbsp;".to_owned() } else { escaped(line) };
        format!("{open}{line}{close}")
    };
    text.lines().map(line).collect()
}

/// RFC 2045 section 6.7, in lines of 76.
fn quoted_printable(text: &str) -> String {
    let mut encoded = String::new();
    for line in text.lines() {
        let mut column = 0;
        for byte in line.bytes() {
            let word = match byte {
                b' '..=b'~' if byte != b'=' => char::from(byte).to_string(),
                _ => format!("={byte:02X}"),
            };
            if column + word.len() > 75 {
                encoded.push_str("=\n");
                column = 0;
            }
            column += word.len();
            encoded.push_str(&word);
        }
        encoded.push('\n');
    }
    encoded
}
