//! What a subject line says of a mail: whether it answers, and which case it names.

use crate::domain::case_id::CaseId;

use super::line::Line;
use super::phrases::Phrases;

/// Whether a subject says that a mail is an answer.
pub fn is_answer(subject: &str) -> bool {
    Phrases::all().answers(&subject.trim().to_lowercase())
}

/// The case that an answer's subject names.
pub fn answered_case(subject: &str) -> Option<CaseId> {
    CaseId::find_in(subject).filter(|_| is_answer(subject))
}

/// Whether the lines before `at` hold no text: a quotation that a mail begins with.
pub fn is_quoting(lines: &[Line<'_>], at: usize) -> bool {
    lines.iter().take(at).any(|line| !line.is_blank() && !line.lower().is_empty())
}
