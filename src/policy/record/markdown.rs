//! The record as a page: plain text that is Markdown too.

use super::{Disclosed, Promise, Record, moment};
use crate::policy::advisory::escaped;

impl Record {
    /// The page.
    pub fn markdown(&self) -> String {
        let how = self.disposition.map_or("closed", |disposition| disposition.name());
        let mut page = format!(
            "# {}: {how}\n\nReceived {}, closed {}.\n",
            self.id,
            moment(&self.received_at),
            moment(&self.closed_at)
        );
        if let Some(disclosed) = &self.disclosed {
            page.push_str(&problem(disclosed));
        }
        if !self.promises.is_empty() {
            page.push_str("\n## Promises\n\n");
            page.extend(self.promises.iter().map(promise));
        }
        if !self.timeline.is_empty() {
            page.push_str("\n## Timeline\n\n");
        }
        for told in &self.timeline {
            let (at, what) = (moment(&told.at), escaped(&told.what));
            page.push_str(&format!("- {at} ({}): {what}\n", told.by));
        }
        page
    }
}

fn problem(disclosed: &Disclosed) -> String {
    let title = disclosed.title.as_deref().map_or("The problem".to_owned(), escaped);
    let mut text = format!("\n## {title}\n\nDisclosed {}.\n\n", moment(&disclosed.at));
    let mut fact = |name: &str, words: Vec<String>| {
        if !words.is_empty() {
            text.push_str(&format!("- {name}: {}\n", words.join(", ")));
        }
    };
    let all = |texts: &[String]| texts.iter().map(|text| escaped(text)).collect::<Vec<_>>();
    fact("number", disclosed.cve.iter().map(|cve| escaped(cve)).collect());
    fact("affected", all(&disclosed.affected));
    let releases = disclosed.releases.iter().map(|release| match &release.version {
        Some(version) => format!("{} ({})", escaped(&release.line), escaped(version)),
        None => format!("{} ({})", escaped(&release.line), release.outcome),
    });
    fact("fixed in", releases.collect());
    fact("credit", all(&disclosed.credits));
    text
}

fn promise(promise: &Promise) -> String {
    let by = moment(&promise.by);
    let kept = match (&promise.done_at, promise.kept) {
        (Some(at), true) => format!("kept, on {}", moment(at)),
        (Some(at), false) => format!("missed, done on {}", moment(at)),
        (None, _) => "missed".to_owned(),
    };
    format!("- {} by {by}: {kept}\n", promise.what)
}
