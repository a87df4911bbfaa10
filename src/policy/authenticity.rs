//! What the evidence about a mail's sender comes to.
//!
//! The rule: the domain of the From has to answer for the mail. DMARC says so where somebody
//! checked it. Where nobody did, a DKIM signature or an SPF pass counts if its domain is the From's
//! own or one above it: whoever owns `example.org` answers for `mail.example.org`. Not the other
//! way round, since a domain may belong to many (`evil.github.io` does not answer for `github.io`),
//! and which ones do is a list that changes.

use crate::domain::address::Address;
use crate::domain::authenticity::{Authenticity, CheckedBy, Evidence, Method, Outcome, Verdict};

/// Weighs the evidence on a mail that says it is from `author`.
pub fn weigh(
    author: Option<&Address>,
    checked_by: CheckedBy,
    evidence: Vec<Evidence>,
) -> Authenticity {
    let verdict = author.map_or(Verdict::Unproven, |author| verdict(author.domain(), &evidence));
    Authenticity { verdict, checked_by, evidence }
}

fn verdict(domain: &str, evidence: &[Evidence]) -> Verdict {
    let about_author = |e: &&Evidence| {
        e.method == Method::Dmarc
            && e.domain.as_deref().is_none_or(|of| of.eq_ignore_ascii_case(domain))
    };
    match evidence.iter().find(about_author).map(|dmarc| dmarc.result) {
        Some(Outcome::Pass) => return Verdict::Authenticated,
        Some(Outcome::Rejected) => return Verdict::Disowned,
        // The domain's own rule for what answers for it was not met.
        Some(Outcome::Fail) => return Verdict::Unproven,
        Some(Outcome::Nothing) | None => {}
    }
    let answers = |e: &Evidence| {
        matches!(e.method, Method::Dkim | Method::Spf)
            && e.result == Outcome::Pass
            && e.domain.as_deref().is_some_and(|signer| is_at_or_above(signer, domain))
    };
    if evidence.iter().any(answers) { Verdict::Authenticated } else { Verdict::Unproven }
}

/// Whether the domain `upper` is `lower` or one that it stands below. A single label is nobody's.
fn is_at_or_above(upper: &str, lower: &str) -> bool {
    let upper = upper.trim_end_matches('.').to_lowercase();
    let lower = lower.trim_end_matches('.').to_lowercase();
    let below =
        lower.strip_suffix(&upper).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    upper.contains('.') && below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(method: Method, result: Outcome, domain: &str) -> Evidence {
        let domain = (!domain.is_empty()).then(|| domain.to_owned());
        Evidence { method, result, domain }
    }

    #[test]
    fn the_domain_of_the_from_has_to_answer_for_the_mail() {
        use Method::{Arc, Dkim, Dmarc, Spf};
        use Outcome::{Fail, Nothing, Pass, Rejected};
        use Verdict::{Authenticated, Disowned, Unproven};
        let table = [
            (vec![], Unproven),
            (vec![(Dmarc, Pass, "example.org")], Authenticated),
            (vec![(Dmarc, Pass, "")], Authenticated),
            (vec![(Dmarc, Pass, "evil.example")], Unproven),
            (vec![(Dmarc, Rejected, "example.org"), (Dkim, Pass, "example.org")], Disowned),
            (vec![(Dmarc, Fail, "example.org"), (Dkim, Pass, "example.org")], Unproven),
            (vec![(Dmarc, Nothing, ""), (Dkim, Pass, "example.org")], Authenticated),
            (vec![(Dkim, Pass, "EXAMPLE.org")], Authenticated),
            (vec![(Dkim, Pass, "mail.example.org")], Unproven),
            (vec![(Dkim, Pass, "badexample.org")], Unproven),
            (vec![(Dkim, Pass, "org")], Unproven),
            (vec![(Dkim, Fail, "example.org")], Unproven),
            (vec![(Dkim, Pass, "esp.example"), (Spf, Pass, "example.org")], Authenticated),
            (vec![(Spf, Pass, "esp.example")], Unproven),
            (vec![(Arc, Pass, "example.org")], Unproven),
        ];
        let author: Address = "ada@example.org".parse().unwrap();
        for (seen, expected) in table {
            let seen: Vec<_> = seen.into_iter().map(|(m, r, d)| evidence(m, r, d)).collect();
            let weighed = weigh(Some(&author), CheckedBy::Here, seen);
            assert_eq!(weighed.verdict, expected, "{weighed}");
        }
        let below: Address = "ada@mail.example.org".parse().unwrap();
        let seen = vec![evidence(Dkim, Pass, "example.org")];
        assert_eq!(weigh(Some(&below), CheckedBy::Here, seen).verdict, Authenticated);
        assert_eq!(weigh(None, CheckedBy::Here, vec![]).verdict, Unproven);
    }
}
