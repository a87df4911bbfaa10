//! Lists, newsletters and announcements, by what their header says (RFC 2369, RFC 2919).
//!
//! Rules: `bulk.list-id`, `bulk.list-header`, `bulk.precedence`. Many projects have their security
//! address on a list server: a list that *is* one of the project's own addresses is the way the
//! mail came here and no sign of bulk.

use crate::domain::address::Address;
use crate::domain::judgement::Reason;
use crate::domain::mail::Mail;

/// The reason to call a mail bulk, if its header says so.
pub fn find(mail: &Mail, own: &[Address]) -> Option<Reason> {
    if is_own_list(mail, own) {
        return None;
    }
    if let Some(id) = mail.field("List-Id").next() {
        return Some(Reason::new(
            "bulk.list-id",
            format!("List-Id: {}", id.chars().take(100).collect::<String>()),
        ));
    }
    let others = [
        "List-Post",
        "List-Unsubscribe",
        "List-Help",
        "List-Subscribe",
        "List-Archive",
        "List-Owner",
        "X-Mailing-List",
        "X-BeenThere",
        "Mailing-List",
    ];
    if let Some(name) = others.iter().find(|name| mail.field(name).next().is_some()) {
        return Some(Reason::new("bulk.list-header", format!("it has a {name} field")));
    }
    let precedence =
        mail.field("Precedence").next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(precedence.as_str(), "bulk" | "list" | "junk")
        .then(|| Reason::new("bulk.precedence", format!("Precedence: {precedence}")))
}

/// Whether the list that sent the mail is one of the project's own addresses.
fn is_own_list(mail: &Mail, own: &[Address]) -> bool {
    let id = mail.field("List-Id").next().unwrap_or_default().to_ascii_lowercase();
    let id = id.rsplit_once('<').map_or(id.as_str(), |(_, id)| id).trim().trim_end_matches('>');
    let post = mail.field("List-Post").next().unwrap_or_default().to_ascii_lowercase();
    own.iter().any(|address| {
        id == format!("{}.{}", address.local(), address.domain())
            || post.contains(&format!("mailto:{address}"))
    })
}
