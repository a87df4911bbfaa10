//! What will be published: facts, credit, and whether similar problems were looked for.

use std::str::FromStr;

use cvss::Cvss;
use url::Url;

use super::{Asked, Done, Refusal, one_line, words};
use crate::domain::advisory::Advisory;
use crate::domain::event::Change;
use crate::policy::scope::Cwe;

/// The code was searched for similar problems.
pub(super) fn audit(asked: &Asked<'_>, text: &str) -> Result<Done, Refusal> {
    asked.change(Change::Audited { text: words(text, "what was found")?.to_owned() })
}

/// Somebody is to be named.
pub(super) fn credit(asked: &Asked<'_>, name: &str) -> Result<Done, Refusal> {
    asked.change(Change::Credited { name: one_line(name, "the name")? })
}

/// States facts, each checked.
pub(super) fn describe(asked: &Asked<'_>, facts: &Advisory) -> Result<Done, Refusal> {
    let Advisory { title, summary, workaround, cvss, cwe, cve, references } = facts;
    let facts = Advisory {
        title: title.as_deref().map(|text| one_line(text, "the title")).transpose()?,
        summary: summary
            .as_deref()
            .map(|text| words(text, "the summary").map(str::to_owned))
            .transpose()?,
        workaround: workaround
            .as_deref()
            .map(|text| words(text, "the workaround").map(str::to_owned))
            .transpose()?,
        cvss: cvss.iter().map(|text| vector(text)).collect::<Result<_, _>>()?,
        cwe: cwe.as_deref().map(weakness).transpose()?,
        cve: cve.as_deref().map(number).transpose()?,
        references: references.iter().map(|page| reference(page)).collect::<Result<_, _>>()?,
    };
    if facts == Advisory::default() {
        return Err(Refusal::NothingSaid { what: "the description" });
    }
    asked.change(Change::Described { facts })
}

/// A CVSS vector in its canonical form.
fn vector(text: &str) -> Result<String, Refusal> {
    let refused = |why: String| Refusal::NoFact {
        what: "a CVSS vector of version 3.0, 3.1 or 4.0",
        value: text.to_owned(),
        why,
    };
    // Some metrics of version 4.0 have values of both cases: `U:Clear`.
    let read = Cvss::from_str(text.trim()).or_else(|_| Cvss::from_str(&text.trim().to_uppercase()));
    match read {
        Ok(vector @ (Cvss::CvssV30(_) | Cvss::CvssV31(_) | Cvss::CvssV40(_))) => {
            Ok(vector.to_string())
        }
        Ok(_) => Err(refused("its version is not known here".to_owned())),
        Err(error) => Err(refused(error.to_string())),
    }
}

fn weakness(text: &str) -> Result<String, Refusal> {
    let read = text.parse::<Cwe>().map_err(|_| Refusal::NoFact {
        what: "a CWE number",
        value: text.to_owned(),
        why: "it has the form CWE-79".to_owned(),
    })?;
    Ok(read.to_string())
}

/// `CVE-2026-12345`: a year, and four digits or more without a sign.
fn number(text: &str) -> Result<String, Refusal> {
    let upper = text.trim().to_uppercase();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let sound = upper.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(
        |(year, number)| {
            year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
        },
    );
    if sound {
        return Ok(upper);
    }
    let why = "it has the form CVE-2026-12345".to_owned();
    Err(Refusal::NoFact { what: "a CVE number", value: text.to_owned(), why })
}

fn reference(text: &str) -> Result<String, Refusal> {
    let refused = || Refusal::NoFact {
        what: "a reference",
        value: text.to_owned(),
        why: "it has to begin with https:// or http://, without a password".to_owned(),
    };
    let url = Url::parse(text.trim()).map_err(|_| refused())?;
    let sound = matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none();
    if sound { Ok(url.to_string()) } else { Err(refused()) }
}
