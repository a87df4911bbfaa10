//! Whether one mail holds several reports: numbered headings ("Vulnerability 2"), or a second set
//! of steps with a second title. A suggestion to split, never a rejection.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrases::Phrases;
use super::report::{Line, Report, Setting, excerpt};
use crate::domain::suggestion::{Excerpt, Suggestion, SuggestionKind};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    headings: Vec<String>,
    titles: Vec<String>,
    steps: Vec<String>,
}

struct Search {
    headings: Vec<String>,
    titles: Phrases,
    steps: Phrases,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let wording: Wording = toml::from_str(include_str!("split.toml")).unwrap_or_default();
    Search {
        headings: wording.headings,
        titles: Phrases::new(&wording.titles),
        steps: Phrases::new(&wording.steps),
    }
});

/// The suggestion to split a mail.
pub fn suggestion(report: &Report<'_>) -> Option<Suggestion> {
    let mut numbers: BTreeSet<u32> = BTreeSet::new();
    let mut numbered: Vec<Excerpt> = Vec::new();
    let mut titles: Vec<Excerpt> = Vec::new();
    let mut steps = 0_usize;
    for line in report.lines.iter().filter(|l| l.setting == Setting::Prose) {
        let Some(heading) = heading(line) else { continue };
        if let Some(number) = numbered_heading(heading)
            && numbers.insert(number)
        {
            numbered.push(excerpt(line.number, line.text));
        }
        let label = heading.split([':', '：']).next().unwrap_or(heading).trim();
        if label.len() < 40 && titles.len() < 20 && SEARCH.titles.any_in(label) {
            titles.push(excerpt(line.number, line.text));
        }
        if label.len() < 60 && SEARCH.steps.any_in(label) {
            steps = steps.saturating_add(1);
        }
    }
    let (found, gist) = if numbers.contains(&1) && numbers.contains(&2) {
        let gist = format!("seems to hold {} reports: numbered headings", numbered.len());
        (numbered, gist)
    } else if titles.len() >= 2 && steps >= 2 {
        let gist = format!(
            "seems to hold {} reports: each has a title and steps",
            titles.len().min(steps)
        );
        (titles, gist)
    } else {
        return None;
    };
    let cited: Vec<String> = found.iter().take(3).map(Excerpt::cite).collect();
    let why = format!("{gist}: {}", cited.join("; "));
    Some(Suggestion { kind: SuggestionKind::Split, id: None, why, gist })
}

/// A line that may be a heading, in lower case and without its marks.
fn heading<'l>(line: &'l Line<'_>) -> Option<&'l str> {
    let bare = line.lower.trim_matches(|c: char| "#*=-_[]【】 \t".contains(c));
    (!bare.is_empty() && bare.len() <= 200).then_some(bare)
}

/// The number of `vulnerability #2: …`, `漏洞二`.
fn numbered_heading(heading: &str) -> Option<u32> {
    let rest = SEARCH.headings.iter().find_map(|word| heading.strip_prefix(word.as_str()))?;
    let rest = rest.trim_start_matches([' ', '#', 'n', '°', 'º', '№', '-', '(']);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at_checked(end)?;
    let number = match digits.parse().ok() {
        Some(number) => Some(number),
        None => ["一", "二", "三", "四", "五", "六", "七", "八", "九"]
            .iter()
            .position(|d| rest.starts_with(d))
            .and_then(|at| u32::try_from(at).ok())
            .map(|at| at.saturating_add(1)),
    }?;
    // "Issue 2 was fixed in 4.17" is a sentence and not a heading.
    let ends_heading = digits.is_empty()
        || after.is_empty()
        || after.starts_with([':', '.', ')', '-', '–', '—', '：', '、', ']'])
        || after.trim_start().starts_with(['-', '–', '—', ':', '(']);
    (ends_heading && number <= 50).then_some(number)
}
