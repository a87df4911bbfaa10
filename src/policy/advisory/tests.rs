//! Properties of ranges: what is published means what was stated.

use nodejs_semver::{Range, Version};
use proptest::prelude::*;

use super::ecosystem::{Ecosystem, Numbering};
use super::range::{Versions, read};
use super::span::{End, Span, merged, next, without};

fn version() -> impl Strategy<Value = Version> {
    let pre = prop_oneof![
        3 => Just(String::new()),
        1 => "-(0|[1-9]|rc|beta\\.[1-9]|rc\\.0)".prop_map(|pre| pre),
    ];
    (0u64..4, 0u64..4, 0u64..4, pre)
        .prop_map(|(a, b, c, pre)| Version::parse(format!("{a}.{b}.{c}{pre}")).unwrap())
}

fn span() -> impl Strategy<Value = Span<Version>> {
    let end = prop_oneof![
        version().prop_map(End::Before),
        version().prop_map(End::With),
        Just(End::Open),
    ];
    (proptest::option::of(version()), end).prop_map(|(from, to)| Span { from, to })
}

/// Ranges in the many ways in which npm lets them be written.
fn npm_range() -> impl Strategy<Value = String> {
    let number = (0u64..4, 0u64..4, 0u64..4).prop_map(|(a, b, c)| format!("{a}.{b}.{c}"));
    let one = prop_oneof![
        (number.clone(), number.clone()).prop_map(|(a, b)| format!(">={a} <{b}")),
        (number.clone(), number.clone()).prop_map(|(a, b)| format!("> {a}, <= {b}")),
        (number.clone(), number.clone()).prop_map(|(a, b)| format!("{a} - {b}")),
        number.clone().prop_map(|a| format!("^{a}")),
        number.clone().prop_map(|a| format!("~{a}")),
        number.clone().prop_map(|a| format!("<{a}")),
        number.prop_map(|a| a),
        (0u64..4, 0u64..4).prop_map(|(a, b)| format!("{a}.{b}.x")),
        (0u64..4).prop_map(|a| format!("v{a}")),
    ];
    proptest::collection::vec(one, 1..4).prop_map(|ranges| ranges.join(" || "))
}

fn holds(spans: &[Span<Version>], version: &Version) -> bool {
    spans.iter().any(|span| span.holds(version))
}

/// What the OSV format says of a list of ranges, each of one beginning and one end: its evaluation,
/// written down once more.
fn osv_says(spans: &[Span<String>], version: &Version) -> bool {
    let parse = |text: &String| Version::parse(text).unwrap();
    spans.iter().any(|span| {
        let introduced = span.from.as_ref().is_none_or(|from| *version >= parse(from));
        let ended = match &span.to {
            End::Before(fixed) => *version >= parse(fixed),
            End::With(last) => *version > parse(last),
            End::Open => false,
        };
        introduced && !ended
    })
}

proptest! {
    #[test]
    fn an_osv_record_means_what_was_stated(range in npm_range(), version in version()) {
        if let Ok(Versions::Ordered(spans)) = read(Numbering::Npm, &[&range]) {
            let written = Versions::Ordered(spans.clone()).spans();
            prop_assert_eq!(osv_says(&written, &version), holds(&spans, &version));
        }
    }

    /// The crate answers for a single alternative that contradicts nothing.
    #[test]
    fn a_range_of_npm_means_what_npm_says(range in npm_range(), version in version()) {
        for range in range.split(" || ").filter(|range| !range.starts_with('>')) {
            let npm = Range::parse(range.replace(',', " ")).map(|npm| {
                npm.satisfies_with_prerelease(&version, true)
            });
            match (read(Numbering::Npm, &[range]), npm) {
                (Ok(Versions::Ordered(spans)), Ok(npm)) => {
                    prop_assert_eq!(holds(&spans, &version), npm, "{} in {}", version, range);
                }
                (Err(_), Err(_)) => {}
                (ours, npm) => prop_assert!(false, "{}: {:?} against {:?}", range, ours, npm),
            }
        }
    }

    #[test]
    fn merging_changes_no_version(spans in proptest::collection::vec(span(), 0..5), version in version()) {
        prop_assert_eq!(holds(&merged(spans.clone()), &version), holds(&spans, &version));
    }

    #[test]
    fn taking_versions_away_takes_those_and_no_others(
        spans in proptest::collection::vec(span(), 0..4), hole in span(), version in version(),
    ) {
        let left = without(&spans, &hole);
        prop_assert_eq!(holds(&left, &version), holds(&spans, &version) && !hole.holds(&version));
    }

    #[test]
    fn nothing_lies_between_a_version_and_the_next(a in version(), b in version()) {
        let next = next(&a);
        prop_assert!(a < next);
        prop_assert!(!(a < b && b < next), "{} < {} < {}", a, b, next);
    }

    #[test]
    fn what_people_are_shown_holds_the_same_releases(range in npm_range(), version in version()) {
        if let Ok(Versions::Ordered(spans)) = read(Numbering::Npm, &[&range])
            && !version.is_prerelease()
        {
            let shown = Versions::Ordered(spans.clone()).words();
            prop_assume!(shown != ["all versions"]);
            prop_assert!(shown.iter().all(|words| !words.contains("-0")), "{:?}", shown);
            let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
            let Ok(Versions::Ordered(again)) = read(Numbering::Semantic, &shown) else {
                panic!("{shown:?} is not read again");
            };
            prop_assert_eq!(holds(&again, &version), holds(&spans, &version));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,60}", range in "[0-9<>=~^|x*., v-]{0,30}") {
        for numbering in [Numbering::Npm, Numbering::Semantic, Numbering::Stated] {
            let _ = read(numbering, &[&text]);
            let _ = read(numbering, &[&range]);
        }
    }

    #[test]
    fn no_name_makes_a_package_url_that_cannot_be_read(name in "\\PC{0,40}", version in "\\PC{0,20}") {
        for ecosystem in Ecosystem::known().map(|name| Ecosystem::new(name, None).unwrap()) {
            let _ = ecosystem.purl(&name, Some(&version));
        }
    }
}

#[test]
fn what_cannot_be_told_exactly_is_refused() {
    let refused = |numbering, text| match read(numbering, &[text]) {
        Err(unclear) => unclear.to_string(),
        Ok(versions) => panic!("{text:?} is read as {versions:?}"),
    };
    for (numbering, text, part) in [
        (Numbering::Npm, "", "is not read as a range"),
        (Numbering::Npm, "before 5", "is not read as a range"),
        (Numbering::Npm, "4.x or later", "is not read as a range"),
        (Numbering::Npm, ">= 4 ||", "is not read as a range"),
        (Numbering::Npm, ">=2 <1", "has no version in it"),
        (Numbering::Npm, "1.2.3 - 1.0.0", "is not read as a range"),
        (Numbering::Semantic, "^1.2", "is not read as a range"),
        (Numbering::Semantic, "< 1.2", "\"1.2\" in \"< 1.2\" is not a semantic version"),
        (Numbering::Semantic, ">= 2.0.0, < 1.0.0", "has no version in it"),
        (Numbering::Stated, "> 1.0", "begins after a version"),
        (Numbering::Stated, "~> 1.0", "is not read as a range"),
        (Numbering::Stated, "< 2.0, >= 1.0", "is not read as a range"),
        (Numbering::Stated, "< two", "is not read as a range"),
    ] {
        let told = refused(numbering, text);
        assert!(told.contains(part), "{text:?}: {told}");
    }
}

#[test]
fn every_way_of_npm_to_write_a_range_is_read() {
    let shown = |text| read(Numbering::Npm, &[text]).unwrap().words().join(" || ");
    for (text, words) in [
        ("*", "all versions"),
        ("4", ">= 4.0.0, < 5.0.0"),
        ("v4.2", ">= 4.2.0, < 4.3.0"),
        ("4.2.x", ">= 4.2.0, < 4.3.0"),
        ("=4.2.1", "4.2.1"),
        (">= 4, < 4.3.3", ">= 4.0.0, < 4.3.3"),
        ("<=1.2", "< 1.3.0"),
        ("<= 1.2.3", "<= 1.2.3"),
        (">1.2", ">= 1.3.0"),
        ("^1.2.3", ">= 1.2.3, < 2.0.0"),
        ("~ 1.2", ">= 1.2.0, < 1.3.0"),
        ("1.2.3-beta.2 - 2", ">= 1.2.3-beta.2, < 3.0.0"),
        ("<1.0.0||>=2.3.1 <2.4", "< 1.0.0 || >= 2.3.1, < 2.4.0"),
    ] {
        assert_eq!(shown(text), words, "{text}");
    }
}

#[test]
fn packages_are_named_as_their_registry_names_them() {
    let purl = |ecosystem: &str, name: &str, version: Option<&str>| {
        Ecosystem::new(ecosystem, None).unwrap().purl(name, version).unwrap()
    };
    assert_eq!(purl("npm", "express", Some("4.21.2")), "pkg:npm/express@4.21.2");
    assert_eq!(purl("npm", "@scope/name", None), "pkg:npm/%40scope/name");
    assert_eq!(purl("Maven", "org.example:name", Some("1.0")), "pkg:maven/org.example/name@1.0");
    assert_eq!(purl("Packagist", "vendor/name", None), "pkg:composer/vendor/name");
    assert_eq!(purl("Go", "example.org/a/b", None), "pkg:golang/example.org/a/b");
    let other = Ecosystem::new("Debian:12", Some("deb")).unwrap();
    assert_eq!((other.name.as_str(), other.numbering), ("Debian:12", Numbering::Stated));
    assert_eq!(Ecosystem::new("x", Some("cargo")).unwrap().numbering, Numbering::Semantic);
    assert!(Ecosystem::new("Debian", None).is_err());
}
