//! Every section and key that a configuration may have: the vocabulary, in one place.
//!
//! Promises: a key that is not here is refused; a test sets each key that is here to nonsense and
//! sees it refused too, so none is listed and then ignored.

/// A section of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionKeys {
    /// Its name.
    pub name: &'static str,
    /// Whether it is written once or repeated.
    pub shape: Shape,
    /// Its keys.
    pub keys: &'static [&'static str],
}

/// How a section is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[name]`, once.
    Once,
    /// `[[name]]`, as often as needed.
    Repeated,
}

/// Every section.
pub const SECTIONS: &[SectionKeys] = &[
    once("project", &["name", "address", "policy", "ecosystem", "purl_type", "package"]),
    once("inbox", &["server", "user", "password_file", "ca", "folder", "only_to", "poll"]),
    once(
        "outbox",
        &["server", "user", "password_file", "ca", "hello", "mode", "bounces", "give_up_after"],
    ),
    once("store", &["url"]),
    repeated(
        "maintainers",
        &["handle", "name", "address", "lead", "timezone", "handles", "absences", "pgp_key_file"],
    ),
    once("handlers", &["assign"]),
    once(
        "sla",
        &[
            "acknowledge_within",
            "respond_within",
            "update_every",
            "disclose_within",
            "calendar",
            "acknowledge_calendar",
            "respond_calendar",
            "update_calendar",
            "disclose_calendar",
            "silent_after",
        ],
    ),
    once("calendar", &["days", "hours", "timezone", "holidays", "holidays_file", "pauses"]),
    once("closed_season", &["from", "until", "message"]),
    once("digest", &["at", "timezone", "when_empty", "figures"]),
    once("commands", &["key_file", "reply_to", "expires"]),
    once("notices", &["send", "content"]),
    once("authentication", &["by", "server", "fields", "received_by", "resolver"]),
    once(
        "limits",
        &[
            "message_bytes",
            "answers_per_address",
            "answers_per_domain",
            "answers_per_network",
            "answers_per_day",
            "notices_per_person",
            "answers_within",
        ],
    ),
    once(
        "alarm",
        &["by", "to", "stale_after", "outbox_after", "canary_every", "canary_within", "metrics"],
    ),
    once(
        "retention",
        &[
            "fixed",
            "out-of-scope",
            "third-party",
            "duplicate",
            "not-a-vulnerability",
            "not-reproducible",
            "withdrawn",
            "spam",
            "no-response",
            "archived",
            "machine-mail",
            "set-aside",
            "junk",
        ],
    ),
    once("templates", &["folder"]),
    repeated("relays", &["name", "sender", "answer"]),
    repeated("release_lines", &["name", "end_of_support"]),
    once("scope", &["packages"]),
    once("disclosure", &["folder", "announce_to", "namespace", "cna"]),
    repeated("embargo_lists", &["name", "address", "max"]),
    repeated("exclusions", &["id", "cwe", "title", "terms", "evidence", "unless", "reply"]),
];

const fn once(name: &'static str, keys: &'static [&'static str]) -> SectionKeys {
    SectionKeys { name, shape: Shape::Once, keys }
}

const fn repeated(name: &'static str, keys: &'static [&'static str]) -> SectionKeys {
    SectionKeys { name, shape: Shape::Repeated, keys }
}

/// The keys of a section; none for a section that does not exist.
pub(super) fn keys_of(section: &str) -> &'static [&'static str] {
    SECTIONS.iter().find(|known| known.name == section).map_or(&[], |known| known.keys)
}
