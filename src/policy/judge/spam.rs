//! What an upstream filter says of a mail. Rule: `spam.upstream`.

use crate::domain::judgement::Reason;
use crate::domain::mail::Mail;

/// The verdict of an upstream filter, if it says spam.
pub fn find(mail: &Mail) -> Option<Reason> {
    mail.fields.iter().find_map(|field| {
        let name = field.name.to_ascii_lowercase();
        let value = field.value.trim().to_ascii_lowercase();
        says_spam(&name, &value).then(|| {
            Reason::new(
                "spam.upstream",
                format!("{}: {}", field.name, field.value.chars().take(80).collect::<String>()),
            )
        })
    })
}

fn says_spam(name: &str, value: &str) -> bool {
    let yes =
        value == "yes" || value == "true" || value.starts_with("yes,") || value.starts_with("yes ");
    let spam = value == "spam" || value.starts_with("spam,") || value.starts_with("spam ");
    match name {
        "x-spam"
        | "x-spam-flag"
        | "x-spam-status"
        | "x-spam-flag2"
        | "x-barracuda-spam-flag"
        | "x-barracuda-spam-status"
        | "x-hmailserver-spam"
        | "x-spam-detected"
        | "x-spam-evaluation"
        | "x-pmx-spam"
        | "x-isspam"
        | "x-junk-flag"
        | "x-tm-as-result"
        | "x-amavis-spam"
        | "x-spamexperts-spam" => yes || spam || value.starts_with("yes-"),
        "x-bogosity"
        | "x-dspam-result"
        | "x-spam-verdict"
        | "x-spambayes-classification"
        | "x-spam-action"
        | "x-crm114-status" => yes || spam || value == "blacklisted",
        // "add header" is how rspamd calls what is likely spam.
        "x-rspamd-action" => matches!(value, "add header" | "rewrite subject" | "reject"),
        "x-ms-exchange-organization-scl" | "x-microsoft-exchange-scl" | "x-scl" => {
            value.parse::<i32>().is_ok_and(|level| level >= 5)
        }
        "x-forefront-antispam-report" => forefront(value),
        "x-proofpoint-spam-details" => {
            value.starts_with("rule=spam") || value.contains("rule=definitespam")
        }
        "x-yandex-spam" => value == "4",
        // MailScanner puts the site's name into the field's.
        name if name.ends_with("mailscanner-spamcheck") => spam,
        _ => false,
    }
}

/// `SFV:SPM` or a confidence of five and more.
fn forefront(value: &str) -> bool {
    value.split(';').map(str::trim).any(|item| {
        item == "sfv:spm"
            || item
                .strip_prefix("scl:")
                .and_then(|level| level.parse::<i32>().ok())
                .is_some_and(|level| level >= 5)
    })
}
