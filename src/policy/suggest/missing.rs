//! The facts that a report should have, where each was found, and the questions for the others.
//!
//! Versions and steps are found by what they look like (numbers, code, requests, numbered lists),
//! so they are found in any language; impact and component also by words, which `facts.toml` keeps.
//! A wrong "found" spares a question, a wrong "not found" bothers a reporter who has already
//! answered it: in doubt a fact is there.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrases::Sets;
use super::report::{Line, Report, Setting, excerpt, is_request_line};
use super::scope::Ours;
use super::version;
use crate::domain::suggestion::{Fact, Facts, Finding, Suggestion, SuggestionKind};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    version: VersionWording,
    steps: StepsWording,
    impact: Words,
    component: Words,
    questions: Questions,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionWording {
    words: Vec<String>,
    statements: Vec<String>,
    others: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepsWording {
    words: Vec<String>,
    elsewhere: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    version: String,
    steps: String,
    impact: String,
    component: String,
}

/// What words are about: the places of their sets.
#[derive(Debug, Clone, Copy)]
enum About {
    Version,
    VersionStated,
    Steps,
    Elsewhere,
    Impact,
    Component,
}

/// The wording, ready to be searched for.
struct Search {
    words: Sets,
    version_others: HashSet<String>,
    questions: Questions,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let wording: Wording = toml::from_str(include_str!("facts.toml")).unwrap_or_default();
    Search {
        words: Sets::new(&[
            &wording.version.words,
            &wording.version.statements,
            &wording.steps.words,
            &wording.steps.elsewhere,
            &wording.impact.words,
            &wording.component.words,
        ]),
        version_others: wording.version.others.into_iter().collect(),
        questions: wording.questions,
    }
});

impl Search {
    fn tells(&self, about: About, lower: &str) -> bool {
        self.words.met_in(lower).has(about as usize)
    }
}

/// Looks for each fact.
pub fn facts(report: &Report<'_>, ours: &Ours) -> Facts {
    Facts {
        version: version(report, ours),
        steps: steps(report),
        impact: impact(report),
        component: component(report, ours),
    }
}

/// The suggestion that facts are missing; `None` if none is.
pub fn suggestion(facts: &Facts) -> Option<Suggestion> {
    let missing: Vec<&str> = facts.missing().map(Fact::name).collect();
    if missing.is_empty() {
        return None;
    }
    let gist = format!("not found: {}", missing.join(", "));
    let mut why = gist.clone();
    for (fact, finding) in facts.each() {
        if let Finding::Found(excerpt) = finding {
            why.push_str(&format!("; {} in {}", fact.name(), excerpt.cite()));
        }
    }
    Some(Suggestion { kind: SuggestionKind::MissingFacts, id: None, why, gist })
}

/// The questions that an acknowledgement asks: one for each missing fact, nothing of the report.
pub fn questions(facts: &Facts) -> Vec<String> {
    let questions = &SEARCH.questions;
    facts
        .missing()
        .map(|fact| match fact {
            Fact::Version => questions.version.clone(),
            Fact::Steps => questions.steps.clone(),
            Fact::Impact => questions.impact.clone(),
            Fact::Component => questions.component.clone(),
        })
        .collect()
}

fn version(report: &Report<'_>, ours: &Ours) -> Finding {
    let mut announced = false;
    for line in report.all_lines() {
        let told = SEARCH.words.met_in(&line.lower);
        let here = told.has(About::Version as usize);
        // A heading such as "Affected versions" announces the next line too.
        let context =
            if here || announced { version::Context::Announced } else { version::Context::Bare };
        if told.has(About::VersionStated as usize)
            || version::names_one(&line.lower, context, ours, &SEARCH.version_others)
        {
            return Finding::Found(excerpt(line.number, line.text));
        }
        announced = here || (announced && line.text.is_empty());
    }
    Finding::NotFound
}

fn steps(report: &Report<'_>) -> Finding {
    let mut code_before: Option<&Line<'_>> = None;
    let mut first_item: Option<&Line<'_>> = None;
    let mut announced: Option<&Line<'_>> = None;
    for line in &report.lines {
        if [line.text, instruction(line.text)].iter().any(|t| is_request_line(t) || is_command(t)) {
            return Finding::Found(excerpt(line.number, line.text));
        }
        match (line.setting, code_before) {
            (Setting::Code, Some(first)) => {
                return Finding::Found(excerpt(first.number, first.text));
            }
            (Setting::Code, None) if !line.text.is_empty() => code_before = Some(line),
            (Setting::Code, None) => {}
            (Setting::Prose, _) if line.text.is_empty() => {}
            (Setting::Prose, _) => code_before = None,
        }
        match (item_number(line.text), first_item) {
            (Some(1), _) => first_item = Some(line),
            (Some(2), Some(first)) => return Finding::Found(excerpt(first.number, first.text)),
            _ => {}
        }
        let told = SEARCH.words.met_in(&line.lower);
        let elsewhere = told.has(About::Elsewhere as usize);
        if told.has(About::Steps as usize) {
            announced = if elsewhere { None } else { Some(line) };
            // "To reproduce, send two requests with …" gives them in the sentence itself.
            if !elsewhere && line.text.split_whitespace().count() >= 12 {
                return Finding::Found(excerpt(line.number, line.text));
            }
        } else if let Some(heading) = announced
            && !line.text.is_empty()
        {
            if elsewhere {
                announced = None;
            } else {
                return Finding::Found(excerpt(heading.number, heading.text));
            }
        }
    }
    // Steps told in a sentence: what is sent to what, with a target that can be typed.
    report
        .sentences
        .iter()
        .find(|s| tells_a_request(&s.lower))
        .map_or(Finding::NotFound, |s| Finding::Found(s.excerpt()))
}

/// Whether a sentence tells what to send: a verb of sending and a target such as `/?a[b]=c`.
fn tells_a_request(lower: &str) -> bool {
    let sends =
        ["send", "request", "get ", "post ", "visit", "open "].iter().any(|v| lower.contains(v));
    sends
        && lower.split_whitespace().any(|word| {
            let word = word.trim_matches(['`', '"', '\'', '(', ')', ',', '.']);
            (word.starts_with(['/', '?']) && word.len() > 2 && !word.ends_with('/'))
                || is_stand_in(word)
        })
}

/// Whether a word is the address of a server that stands for the reader's own: `http://localhost`,
/// `http://victim:3000/?q=…`, `https://app.example/login`. Where a report is kept has another name.
fn is_stand_in(word: &str) -> bool {
    let address = word.strip_prefix("http://").or_else(|| word.strip_prefix("https://"));
    let Some(host) = address.and_then(|rest| rest.split(['/', '?', '#']).next()) else {
        return false;
    };
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let example = name.rsplit('.').take(2).any(|label| label == "example");
    !name.is_empty() && (!port.is_empty() || !name.contains('.') || example)
}

/// What a line tells to do, behind the number of a step or a label such as "Steps:".
fn instruction(line: &str) -> &str {
    let unnumbered = match item_number(line) {
        Some(_) => line.split_once(['.', ')', ':', '、', '．', '步', '）']).map(|(_, rest)| rest),
        None => line.split_once([':', '：']).filter(|(label, _)| label.len() < 40).map(|(_, r)| r),
    };
    unnumbered.unwrap_or(line).trim_start().trim_matches('`')
}

/// Whether a line is a command to be typed, and no sentence that begins with the tool's name.
fn is_command(line: &str) -> bool {
    let line = line.trim_start_matches(['$', '#', '>', ' ']);
    let argument = |word: &str| {
        (word.starts_with('-') && word.len() > 1)
            || word.contains("://")
            || word.contains("localhost")
            || [".js", ".py", ".sh", ".mjs"].iter().any(|e| word.ends_with(e))
    };
    ["curl ", "wget ", "nc ", "printf ", "node ", "npx ", "python", "docker run "].iter().any(
        |command| {
            line.strip_prefix(command).is_some_and(|rest| rest.split_whitespace().any(argument))
        },
    ) && !line.ends_with('.')
}

/// The number of a list's item: `1.`, `2)`, `Step 3`, `第1步`.
fn item_number(line: &str) -> Option<u32> {
    let rest = line.trim_start_matches(['*', '#', '-', ' ', '(', '第', '步', '骤']);
    let rest = ["Step ", "step ", "STEP ", "Schritt ", "Étape ", "Paso ", "Passo ", "Шаг "]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (digits, after) = rest.split_at_checked(end)?;
    after
        .starts_with(['.', ')', ':', '、', '．', '步', '）'])
        .then(|| digits.parse().ok())
        .flatten()
}

fn impact(report: &Report<'_>) -> Finding {
    report
        .sentences
        .iter()
        .skip(1)
        .chain(report.sentences.first())
        .find(|s| {
            s.setting == Setting::Prose
                && (SEARCH.tells(About::Impact, &s.lower) || s.lower.contains("cvss:"))
        })
        .map_or(Finding::NotFound, |s| Finding::Found(s.excerpt()))
}

fn component(report: &Report<'_>, ours: &Ours) -> Finding {
    report
        .sentences
        .iter()
        .find(|s| {
            names_a_part(&s.written) || announces_a_part(&s.lower) || ours.part_named_in(&s.lower)
        })
        .map_or(Finding::NotFound, |s| Finding::Found(s.excerpt()))
}

fn announces_a_part(lower: &str) -> bool {
    lower.split_once([':', '：']).is_some_and(|(label, value)| {
        label.len() < 60
            && !value.trim().trim_matches(['*', '_', '|', '-']).is_empty()
            && SEARCH.tells(About::Component, label)
    })
}

/// Whether a word is a function, a method, a file or an end point.
fn names_a_part(written: &str) -> bool {
    // What is not ASCII is prose: in Chinese and Japanese it stands against the name unspaced.
    written.split(|c: char| c.is_whitespace() || !c.is_ascii()).any(|word| {
        // Each of the three has one of these within it.
        if !word.bytes().rev().skip(1).any(|byte| matches!(byte, b'(' | b'.'))
            && !word.ends_with('(')
        {
            return false;
        }
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"/_)($.".contains(c));
        is_call(word) || is_source_file(word) || is_member(word)
    })
}

/// `res.redirect()`, `parseQuery(`.
fn is_call(word: &str) -> bool {
    word.split_once('(').is_some_and(|(name, _)| {
        name.len() > 2
            && name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
            && name.chars().all(|c| c.is_alphanumeric() || "_$.".contains(c))
    })
}

/// `lib/response.js`, `router.c:12`.
fn is_source_file(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "js", "mjs", "cjs", "ts", "tsx", "jsx", "c", "h", "cc", "cpp", "py", "rb", "go", "rs",
        "java", "php",
    ];
    let file = word.trim_end_matches(['.', ',', ')']).split([':', '#']).next().unwrap_or_default();
    file.rsplit_once('.').is_some_and(|(stem, ending)| {
        ENDINGS.contains(&ending)
            && stem.len() > 1
            && !stem.contains("://")
            && !matches!(stem.to_lowercase().as_str(), "node" | "next" | "vue" | "express")
    })
}

/// `req.query`, `app.set`, `res.redirect`: a dotted name in code's own spelling.
fn is_member(word: &str) -> bool {
    word.trim_end_matches('.').split_once('.').is_some_and(|(object, member)| {
        matches!(object, "req" | "res" | "app" | "router" | "express" | "request" | "response")
            && member.starts_with(|c: char| c.is_ascii_lowercase())
            && member != "js"
    })
}
