//! Which packages a report names, and how.
//!
//! Reads npm specs (`name@1.2`), install lines, `require` and `import`, purls, lock file lines,
//! repository and registry page addresses, and labels (`Package: name`). Promises: linear in the
//! text and at most [`MOST_MENTIONS`] mentions.

use std::str::FromStr;

use packageurl::PackageUrl;

use super::package_words::{LABELS, NOUNS, UNTIL};
use super::report::{Line, Report, Setting};

/// The most mentions that are kept: far more than a report needs to say what it is about.
pub const MOST_MENTIONS: usize = 500;

/// A package named in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its name in lower case: `lodash`, `@scope/name`.
    pub name: String,
    /// How it is named.
    pub manner: Manner,
    /// The line; 0 is the subject.
    pub line: u32,
}

/// How a package is named: what tells the subject of a report from what its proof uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// `Package: name`, `Affected component: name`.
    Labelled,
    /// `pkg:npm/name@1.0`.
    Purl,
    /// "in the `name` package", "name before 1.2.3", "vulnerability in name".
    Told,
    /// `name@1.2.3` in a sentence.
    Spec,
    /// The address of a repository or of a registry's page.
    Address,
    /// An install line.
    Installed,
    /// `require` or `import`.
    Imported,
    /// A line of a lock file or of a manifest.
    Locked,
}

/// Every mention, in the order of the text.
pub fn mentions(report: &Report<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    for line in report.all_lines() {
        if found.len() >= MOST_MENTIONS {
            break;
        }
        of_line(line, &mut found);
    }
    found.truncate(MOST_MENTIONS);
    found
}

fn of_line(line: &Line<'_>, found: &mut Vec<Mention>) {
    let mut note = |name: &str, manner: Manner| {
        if let Some(name) = package_name(name) {
            found.push(Mention { name, manner, line: line.number });
        }
    };
    let text = line.text;
    if let Some((label, value)) = text.split_once([':', '：'])
        && is_label(label)
        && let Some(first) = value.split_whitespace().next()
        && value.split_whitespace().count() <= 6
    {
        note(spec_name(trimmed(first)), Manner::Labelled);
    }
    let install = install_words(text);
    // In a sentence only the first word after the command is sure to be a package.
    let most = if line.setting == Setting::Code { usize::MAX } else { 1 };
    let installed = install.unwrap_or_default().split_whitespace();
    for name in installed
        .take_while(|word| !matches!(*word, "&&" | ";" | "|" | "#"))
        .filter(|word| !word.starts_with('-'))
        .take(most)
    {
        note(spec_name(trimmed(name)), Manner::Installed);
    }
    for name in quoted_after(text, "require(").chain(quoted_after(text, "import(")) {
        note(module_of(name), Manner::Imported);
    }
    if text.starts_with("import ") || text.contains("from '") || text.contains("from \"") {
        for name in quoted_after(text, "from ").chain(quoted_after(text, "import ")) {
            note(module_of(name), Manner::Imported);
        }
    }
    locked(text, &mut note);
    let mut before = ["", ""];
    for raw in text.split_whitespace() {
        let word = trimmed(raw);
        if let Some(purl) = word.strip_prefix("pkg:").and_then(|_| PackageUrl::from_str(word).ok())
        {
            match purl.namespace() {
                Some(namespace) => note(&format!("{namespace}/{}", purl.name()), Manner::Purl),
                None => note(purl.name(), Manner::Purl),
            }
        } else if word.contains("://")
            || word.starts_with("github.com/")
            || word.starts_with("www.")
        {
            if let Some(name) = of_address(word) {
                note(name, Manner::Address);
            }
        } else if let Some((name, version)) = word.rsplit_once('@')
            && version.starts_with(|c: char| c.is_ascii_digit() || "^~<>=".contains(c))
            && version.contains(|c: char| c.is_ascii_digit())
            && line.setting == Setting::Prose
            && install.is_none()
        {
            note(name, Manner::Spec);
        }
        if line.setting == Setting::Prose {
            told(before, word, raw, &mut note);
        }
        before = [before.get(1).copied().unwrap_or_default(), word];
    }
}

/// "in lodash", "lodash package", "`lodash` before 4.17.21".
fn told(before: [&str; 2], word: &str, raw: &str, note: &mut impl FnMut(&str, Manner)) {
    let [earlier, last] = before;
    let follows = word.to_lowercase();
    if is_noun(&follows)
        && !last.is_empty()
        && last.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./@".contains(c))
    {
        note(spec_name(last), Manner::Told);
    }
    let versioned =
        UNTIL.contains(&follows.as_str()) || UNTIL.contains(&raw) || is_version(&follows);
    if versioned {
        note(spec_name(last), Manner::Told);
    }
    // "the package x before 1.2": said twice over.
    if versioned && is_noun(&earlier.to_lowercase()) {
        note(spec_name(last), Manner::Told);
    }
    let about = matches!(
        earlier.to_lowercase().as_str(),
        "vulnerability"
            | "vulnerabilities"
            | "pollution"
            | "injection"
            | "redos"
            | "traversal"
            | "bug"
            | "flaw"
            | "dos"
            | "xss"
            | "rce"
            | "redirect"
            | "service"
            | "execution"
    ) && matches!(last.to_lowercase().as_str(), "in" | "of" | "affecting");
    if about
        || (raw.starts_with('`')
            && matches!(last.to_lowercase().as_str(), "in" | "package" | "module" | "library"))
    {
        note(spec_name(word), Manner::Told);
    }
}

fn is_noun(word: &str) -> bool {
    // Plurals speak of many, and an ending may follow: "модуле", "Bibliotheken".
    NOUNS.iter().any(|noun| {
        word.strip_prefix(noun).is_some_and(|end| end.chars().count() <= 2 && end != "s")
    })
}

fn is_version(word: &str) -> bool {
    let word = word.trim_start_matches(['v', '<', '>', '=', '^', '~']);
    word.contains('.')
        && word
            .split('.')
            .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit() || b == b'x'))
}

fn is_label(label: &str) -> bool {
    let label = label.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    LABELS.contains(&label.as_str())
}

/// What follows `npm install` and its like.
fn install_words(line: &str) -> Option<&str> {
    const COMMANDS: &[&str] = &[
        "npm install ",
        "npm i ",
        "npm add ",
        "npm ci ",
        "yarn add ",
        "pnpm add ",
        "pnpm install ",
        "pnpm i ",
        "bun add ",
        "bun install ",
        "npx ",
        "deno add ",
    ];
    COMMANDS.iter().find_map(|c| line.split_once(c)).map(|(_, rest)| rest)
}

/// The quoted strings that follow each `mark` in a line.
fn quoted_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark).skip(1).filter_map(|after| {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
        after.strip_prefix(quote)?.split_once(quote).map(|(name, _)| name)
    })
}

/// Lines of package-lock.json, package.json and yarn.lock.
fn locked(text: &str, note: &mut impl FnMut(&str, Manner)) {
    if let Some(rest) = text.strip_prefix("\"node_modules/")
        && let Some((path, _)) = rest.split_once('"')
    {
        note(path.rsplit("node_modules/").next().unwrap_or(path), Manner::Locked);
    } else if let Some((name, value)) = text.strip_prefix('"').and_then(|t| t.split_once("\": \""))
        && value
            .trim_start_matches(['^', '~', '>', '<', '=', 'v'])
            .starts_with(|c: char| c.is_ascii_digit())
        && name != "version"
        && name != "node"
    {
        note(name, Manner::Locked);
    } else if let Some(specs) = text.strip_suffix(':')
        && specs.contains('@')
        && !specs.contains(' ')
    {
        note(spec_name(specs.trim_matches('"')), Manner::Locked);
    }
}

/// The package that an address speaks of: a repository's name, or what follows `/package/`.
fn of_address(word: &str) -> Option<&str> {
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
    let (host, path) = rest.split_once('/')?;
    let path = path.split(['?', '#']).next()?;
    if let Some((_, name)) = path.split_once("package/") {
        let slashes = usize::from(name.starts_with('@'));
        return name.match_indices('/').nth(slashes).map_or(Some(name), |(at, _)| name.get(..at));
    }
    let forge = matches!(
        host,
        "github.com" | "www.github.com" | "gitlab.com" | "codeberg.org" | "bitbucket.org"
    );
    let mut parts = path.split('/').skip(1);
    forge.then(|| parts.next()).flatten().map(|name| name.strip_suffix(".git").unwrap_or(name))
}

/// The name in a spec: `lodash@4.17` → `lodash`, `@a/b@1` → `@a/b`.
fn spec_name(word: &str) -> &str {
    match word.rsplit_once('@') {
        Some((name, _)) if !name.is_empty() => name,
        _ => word,
    }
}

/// The package of a module path: `express/lib/utils` → `express`, `@a/b/c` → `@a/b`.
fn module_of(path: &str) -> &str {
    let slashes = usize::from(path.starts_with('@'));
    path.match_indices('/').nth(slashes).map_or(path, |(at, _)| path.get(..at).unwrap_or(path))
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && !"@/".contains(c))
        .trim_end_matches(['/', '@'])
}

/// A package's name in lower case, if it can be one and is no part of the runtime.
fn package_name(name: &str) -> Option<String> {
    const BUILT_IN: &[&str] = &[
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "querystring",
        "readline",
        "repl",
        "stream",
        "timers",
        "tls",
        "url",
        "util",
        "vm",
        "zlib",
    ];
    let name = name.to_lowercase();
    let (scope, bare) = match name.strip_prefix('@').and_then(|n| n.split_once('/')) {
        Some((scope, bare)) => (Some(scope), bare),
        None => (None, name.as_str()),
    };
    let legal = |part: &str| {
        part.len() > 1
            && part.len() <= 100
            && part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    (legal(bare)
        && scope.is_none_or(legal)
        && !BUILT_IN.contains(&name.as_str())
        && !name.starts_with("node:"))
    .then_some(name)
}
