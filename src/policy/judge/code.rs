//! What has the shape of code: lines of it, and words such as identifiers, paths and versions.

use super::address::has_address;

/// Whether a line is code, a trace, a request or a command rather than a sentence.
pub fn is_code(line: &str) -> bool {
    let trimmed = line.trim();
    if trimmed.contains("://") && !trimmed.contains(' ') {
        return false;
    }
    let starts = [
        "GET /",
        "POST /",
        "PUT /",
        "DELETE /",
        "HEAD /",
        "OPTIONS /",
        "PATCH /",
        "HTTP/1",
        "HTTP/2",
        "Host: ",
        "Content-Type: ",
        "Content-Length: ",
        "User-Agent: ",
        "Cookie: ",
        "Accept: ",
        "Connection: ",
        "Transfer-Encoding: ",
        "$ ",
        "# curl",
        "curl ",
        "npm ",
        "node ",
        "python",
        "import ",
        "from flask",
        "const ",
        "let ",
        "var ",
        "function ",
        "require(",
        "def ",
        "class ",
        "fn ",
        "use ",
        "#include",
        "#0",
        "#1",
        "#2",
        "at /",
        "Traceback (",
        "File \"",
        "==",
        "diff --git",
        "+++ ",
        "--- a/",
        "@@ ",
        "SELECT ",
        "docker ",
        "gcc ",
        "make ",
        "cargo ",
        "pip ",
        "git clone",
        "<?xml",
        "<?php",
        "<!DOCTYPE",
        "<script",
        ">>> ",
    ];
    let first = trimmed.as_bytes().first();
    let begins = |start: &&str| start.as_bytes().first() == first && trimmed.starts_with(*start);
    if trimmed.len() > 3 && starts.iter().any(begins) {
        let is_symbol = |byte| {
            matches!(
                byte,
                b'/' | b'='
                    | b':'
                    | b'('
                    | b')'
                    | b'{'
                    | b'}'
                    | b'['
                    | b']'
                    | b';'
                    | b'<'
                    | b'>'
                    | b'$'
                    | b'"'
                    | b'\''
                    | b'#'
                    | b'@'
            )
        };
        return trimmed.bytes().any(is_symbol);
    }
    // A label and an address are none.
    if has_address(trimmed) && trimmed.split_whitespace().count() <= 4 {
        return false;
    }
    let indented = line.starts_with("    ") || line.starts_with('\t');
    let is_symbol = |byte: &u8| {
        matches!(
            byte,
            b'=' | b'('
                | b')'
                | b'{'
                | b'}'
                | b'['
                | b']'
                | b';'
                | b'<'
                | b'>'
                | b'$'
                | b'|'
                | b'&'
                | b'\\'
                | b'_'
        )
    };
    let symbols = trimmed.bytes().filter(is_symbol).count();
    let long = trimmed.len() >= 8;
    let stack = trimmed.starts_with("at ") && trimmed.contains('(') && trimmed.contains(':');
    stack
        || (indented && long && symbols >= 2)
        || (trimmed.ends_with([';', '{', '}']) && symbols >= 2)
        || (symbols.saturating_mul(5) >= trimmed.len()
            && long
            && trimmed.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// Identifiers, versions, paths, calls, numbers with a prefix, advisories.
pub fn is_code_shaped(token: &str) -> bool {
    let token = token.trim_matches(|c: char| {
        matches!(c, ',' | '.' | ';' | ':' | '"' | '\'' | '!' | '?' | '，' | '。' | '*')
    });
    let inner = token.trim_matches(['(', ')', '[', ']', '`', '“', '”']);
    if inner.len() < 2 || inner.len() > 400 {
        return false;
    }
    let quoted = token.starts_with('`') && token.ends_with('`') && token.len() > 2;
    // Most words are no more than letters.
    if !quoted && !inner.starts_with("rfc") && inner.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let lower = inner.get(..inner.len().min(5)).unwrap_or_default().to_ascii_lowercase();
    let advisory =
        ["cve-2", "cve-1", "cwe-", "ghsa-", "cvss:", "rfc"].iter().any(|p| lower.starts_with(p));
    let bytes = inner.as_bytes();
    let has = |byte: u8| bytes.contains(&byte);
    let letters = bytes.iter().any(u8::is_ascii_alphabetic);
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let dots = bytes.iter().filter(|&&byte| byte == b'.').count();
    let version = digits
        && dots >= 1
        && bytes.iter().filter(|b| b.is_ascii_digit()).count() >= 2
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_'))
        && bytes.split(|&b| b == b'.').all(|part| !part.is_empty() && part.len() <= 12);
    let symbols = has(b'_') && letters && !inner.starts_with("__") | (inner.len() > 6)
        || inner.contains("::")
        || inner.contains("()")
        || inner.contains("->")
        || inner.contains("=>")
        || has(b'=') && letters
        || has(b'{')
        || has(b'}')
        || has(b'<') && has(b'>') && !has(b'@')
        || has(b'$') && letters
        || has(b'\\')
        || inner.starts_with("0x")
        || inner.starts_with('/') && letters && inner.len() > 3
        || inner.contains("../");
    let camel = bytes
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count()
        >= 1
        && !token.contains('@')
        && inner.len() > 4;
    advisory || version || symbols || camel || quoted
}
