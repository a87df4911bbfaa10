//! Addresses on the web and of people within running text.

/// Whether a word is an address on the web or of a person, and if so whether it carries a payload.
pub fn address(token: &str) -> Option<bool> {
    // Every address has one of these; most words have none, and are not searched further.
    if !token.bytes().any(|byte| matches!(byte, b':' | b'.' | b'@')) {
        return None;
    }
    let at = ["https://", "http://", "ftp://", "www.", "mailto:"]
        .iter()
        .filter_map(|scheme| token.find(scheme))
        .min();
    let Some(at) = at else {
        let inner = token.trim_matches(|c: char| !c.is_alphanumeric());
        let is_mail = inner.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !inner.contains(['/', '=', '('])
        });
        return is_mail.then_some(false);
    };
    let target = token.get(at..).unwrap_or_default().to_ascii_lowercase();
    let attack = [
        "<script",
        "%3c",
        "../",
        "%2e%2e",
        "%00",
        "{{",
        "${",
        "%27",
        "'--",
        "alert(",
        "__proto__",
        "//evil",
        "payload=",
        "union+select",
        "javascript:",
        "url=http",
        "redirect=http",
        "next=http",
        "%0d%0a",
    ];
    Some(attack.iter().any(|mark| target.contains(mark)))
}

/// Whether a sentence is "…: https://…": a label or an announcement, and the address.
pub fn ends_in_address(sentence: &str) -> bool {
    let at = ["http://", "https://", "www."].iter().filter_map(|start| sentence.find(start)).min();
    let Some((before, address)) = at.and_then(|at| sentence.split_at_checked(at)) else {
        return false;
    };
    before.trim_end_matches([' ', '<', '(', '*']).ends_with([':', '：', '-', '>', '→'])
        && address.split_whitespace().all(has_address)
}

/// A text without the addresses on the web in it, whose parts are words of nobody.
pub fn without_addresses(lower: &str) -> std::borrow::Cow<'_, str> {
    if !has_address(lower) {
        return lower.into();
    }
    lower
        .split_inclusive(char::is_whitespace)
        .filter(|word| address(word.trim_end()) != Some(false))
        .collect::<String>()
        .into()
}

/// Whether an address on the web stands in a text.
pub fn has_address(text: &str) -> bool {
    text.contains("://") || text.contains("www.")
}
