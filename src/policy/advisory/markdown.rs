//! The advisory as a page for people, in Markdown that needs no more than tables beside CommonMark.
//!
//! Promises: names and reasons are escaped; what maintainers wrote as Markdown (summary, workaround)
//! stands as they wrote it; a draft says so in its first line.

use super::missing::Missing;
use super::{Advisory, Affected, Fix, Format, Status};
use crate::domain::Timestamp;
use crate::domain::address::one_line;

/// Writes the page.
pub fn page(advisory: &Advisory) -> String {
    let missing = advisory.missing(Format::Markdown);
    let mut page = Page::default();
    let title = advisory.title.as_deref().map_or_else(|| "(no title yet)".to_owned(), escaped);
    match advisory.status(Format::Markdown) {
        Status::Final => page.block(&format!("# {title}")),
        Status::Draft => {
            page.block(&format!("# DRAFT, not for publication: {title}"));
            page.block(&warning(&missing));
        }
    }
    page.block(&overview(advisory));
    page.section("Summary", advisory.summary.as_deref().map(str::trim));
    page.section("Affected and fixed versions", versions(advisory).as_deref());
    page.section("Severity", severity(advisory).as_deref());
    page.section("Weakness", weaknesses(advisory).as_deref());
    page.section("Workaround", advisory.workaround.as_deref().map(str::trim));
    page.section(
        "Credit",
        list(advisory.credits.iter().map(|name| escaped_first(name))).as_deref(),
    );
    page.section("Timeline", timeline(advisory).as_deref());
    page.section(
        "References",
        list(advisory.references.iter().map(|url| format!("<{url}>"))).as_deref(),
    );
    page.section("Reporting", Some(&reporting(advisory)));
    page.text
}

/// Text in blocks, an empty line between two.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    fn block(&mut self, block: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(block.trim_end());
        self.text.push('\n');
    }

    fn section(&mut self, heading: &str, content: Option<&str>) {
        if let Some(content) = content.filter(|content| !content.is_empty()) {
            self.block(&format!("## {heading}"));
            self.block(content);
        }
    }
}

fn warning(missing: &[Missing]) -> String {
    let lines = missing.iter().map(|missing| format!("> - {}", escaped_but_code(&missing.words())));
    let lines: Vec<String> = lines.collect();
    format!("> Before this can be published:\n>\n{}", lines.join("\n"))
}

fn overview(advisory: &Advisory) -> String {
    let cve = advisory.cve.as_ref().map(|cve| {
        let cve = escaped(cve);
        format!("[{cve}](https://www.cve.org/CVERecord?id={cve})")
    });
    let severity = advisory.scores.first().map(|score| {
        format!("{} {} (CVSS {})", score.number(), score.word(), score.scale.number())
    });
    let packages: Vec<String> = advisory.packages.iter().map(|p| code(&p.name)).collect();
    let exploited = advisory.exploited.then(|| "this vulnerability is being exploited".to_owned());
    let rows = [
        ("Project", Some(escaped(&advisory.publisher.name))),
        ("Advisory", Some(advisory.case.to_string())),
        ("CVE", cve),
        ("Severity", severity),
        ("Package", (!packages.is_empty()).then(|| packages.join(", "))),
        ("Exploitation", exploited),
        ("Published", advisory.disclosed_at.map(day)),
    ];
    let mut table = "| | |\n| --- | --- |\n".to_owned();
    for (name, value) in rows {
        if let Some(value) = value {
            table.push_str(&format!("| {name} | {value} |\n"));
        }
    }
    table
}

/// What is affected, then what becomes of each line.
fn versions(advisory: &Advisory) -> Option<String> {
    let mut blocks = Vec::new();
    let stated = advisory.packages.iter().filter(|package| !package.spans.is_empty());
    let stated = stated.map(|package| format!("{}: {}", code(&package.name), spans(package)));
    blocks.extend(list(stated));
    if !advisory.lines.is_empty() {
        let mut table = "| Release line | Affected | Fixed in |\n| --- | --- | --- |\n".to_owned();
        for outcome in &advisory.lines {
            let affected = match (&outcome.affected, &outcome.fix) {
                (Some(versions), _) => code(versions),
                (None, Fix::NotNeeded) => "no".to_owned(),
                (None, _) => "yes".to_owned(),
            };
            let fix = match &outcome.fix {
                Fix::NotNeeded => "not affected".to_owned(),
                Fix::Pending => "not yet".to_owned(),
                Fix::Released { version, at } => format!("{} ({})", code(version), day(*at)),
                Fix::Refused { why } => format!("no fix: {}", escaped(why)),
            };
            table.push_str(&format!("| {} | {affected} | {fix} |\n", escaped(&outcome.line)));
        }
        blocks.push(table);
    }
    (!blocks.is_empty()).then(|| blocks.join("\n\n"))
}

fn spans(package: &Affected) -> String {
    let spans: Vec<String> = package.words.iter().map(|words| code(words)).collect();
    spans.join(" and ")
}

fn severity(advisory: &Advisory) -> Option<String> {
    list(advisory.scores.iter().map(|score| {
        let scale = score.scale.number();
        let (number, word) = (score.number(), score.word());
        format!("CVSS {scale}: {number} {word}, {}", code(&score.vector))
    }))
}

fn weaknesses(advisory: &Advisory) -> Option<String> {
    list(advisory.weaknesses.iter().map(|w| format!("[{}]({})", escaped(&w.words()), w.page())))
}

fn timeline(advisory: &Advisory) -> Option<String> {
    list(
        advisory
            .timeline
            .iter()
            .map(|step| format!("{}: {}", step.at.format("%Y-%m-%d"), escaped(&step.what.words()))),
    )
}

fn reporting(advisory: &Advisory) -> String {
    let publisher = &advisory.publisher;
    let name = escaped(&publisher.name);
    let address = escaped(publisher.address.as_str());
    match &publisher.policy {
        Some(policy) => format!(
            "Please report vulnerabilities in {name} to {address}, as described in the \
             [security policy]({policy})."
        ),
        None => format!("Please report vulnerabilities in {name} to {address}."),
    }
}

/// A list; `None` where it has no items.
fn list(items: impl Iterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.map(|item| format!("- {item}")).collect();
    (!items.is_empty()).then(|| items.join("\n"))
}

fn day(at: Timestamp) -> String {
    at.format("%-d %B %Y").to_string()
}

/// Text as it is to be read within a line, whatever is in it: no markup, no table cell, no HTML.
pub(in crate::policy) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The same where it stands first in a block, in which `1.` would begin a list and `#` a heading.
fn escaped_first(text: &str) -> String {
    let text = escaped(text);
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    match text.strip_prefix(&digits) {
        Some(rest) if rest.starts_with(['#', '+', '-', '.', ')', '=']) => {
            format!("{digits}\\{rest}")
        }
        _ => text,
    }
}

/// The same where backticks are ours.
fn escaped_but_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    // Around a span of code the white space stays, which would be none at the end of a line.
    let edge = |at_end: bool| if at_end { " " } else { "" };
    let words = |part: &str| {
        let (before, after) = (part.starts_with(' '), part.trim_end().len() < part.len());
        format!("{}{}{}", edge(before), escaped(part), edge(after))
    };
    parts.map(|(n, part)| if n % 2 == 0 { words(part) } else { code(part) }).collect()
}

/// Text in a code span: there only the backtick has a meaning, and in a table the bar.
fn code(text: &str) -> String {
    format!("`{}`", one_line(text).replace('`', "'").replace('|', "\\|"))
}
