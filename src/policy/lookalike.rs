//! Whether a sender looks like somebody of the project without being them.
//!
//! People read names and not addresses, and letters of other scripts look like ours. What is found
//! here stops no mail: it is said wherever the sender is shown. Relies on `unicode-security` for which
//! letters look alike (Unicode Technical Standard #39).

use unicode_security::confusable_detection::skeleton;

use crate::domain::address::{Address, Mailbox};
use crate::domain::authenticity::{Authenticity, CheckedBy, Verdict};
use crate::policy::rules::Rules;

/// What is odd about the sender of a mail, in words for a maintainer.
pub fn doubt(author: &Mailbox, authenticity: &Authenticity, rules: &Rules) -> Option<String> {
    let proven = authenticity.verdict == Verdict::Authenticated;
    let of_maintainer = rules.maintainers.iter().find(|person| person.address == author.address);
    if let Some(person) = of_maintainer {
        let looked = authenticity.checked_by != CheckedBy::Nobody;
        return (looked && !proven)
            .then(|| format!("it has the address of {}, and nothing proves it", person.handle));
    }
    let name = author.name.as_deref().unwrap_or_default();
    if let Some(other) = address_in(name).filter(|other| *other != author.address) {
        return Some(format!("its name is another address than its own: {other}"));
    }
    if let Some(person) = rules.maintainers.iter().find(|person| alike(name, &person.name)) {
        return Some(format!("it has the name of {}, and another address", person.handle));
    }
    let own = rules.project.mailbox();
    let project = [own.name.as_deref().unwrap_or_default(), &rules.project.name];
    if project.iter().any(|own| alike(name, own)) {
        return Some("it has the name of the project, and another address".to_owned());
    }
    let known = rules.maintainers.iter().map(|person| person.address.domain());
    let mut known = std::iter::once(rules.project.address.domain()).chain(known);
    let domain = author.address.domain();
    known
        .find(|known| *known != domain && alike(domain, known))
        .map(|known| format!("its domain looks like {known} and is another one"))
}

/// The first address in a name.
fn address_in(name: &str) -> Option<Address> {
    name.split(|c: char| c.is_whitespace() || "<>()[],;\"'".contains(c))
        .filter(|word| word.contains('@') && word.contains('.'))
        .find_map(|word| word.parse().ok())
}

/// Whether two names look the same to a person, whatever letters they are made of.
fn alike(one: &str, other: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (one, other) = (letters(one), letters(other));
    let as_written = |text: &str| skeleton(text).collect::<String>().to_lowercase();
    let in_small = |text: &str| skeleton(&text.to_lowercase()).collect::<String>();
    !one.is_empty()
        && (as_written(&one) == as_written(&other) || in_small(&one) == in_small(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_alike_in_whatever_letters() {
        for name in ["Grace Hopper", "GRACE HOPPER", "grace  hopper", "Gr\u{430}ce H\u{43e}pper"] {
            assert!(alike(name, "Grace Hopper"), "{name}");
        }
        assert!(alike("LINUS", "Linus") && alike("ex\u{430}mple.org", "example.org"));
        for name in ["", "Grace", "Grace Cooper", "Rae Finder"] {
            assert!(!alike(name, "Grace Hopper"), "{name}");
        }
    }

    #[test]
    fn an_address_is_found_in_a_name() {
        assert_eq!(address_in("security@example.org (via x)"), "security@example.org".parse().ok());
        assert_eq!(address_in("Rae @ Finder Labs"), None);
    }
}
