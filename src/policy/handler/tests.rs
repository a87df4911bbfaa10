//! Who gets a case.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::people::Absence;
use crate::domain::people::samples::person;

fn now() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

fn away(handle: &str) -> Maintainer {
    let (from, until) = (now() - TimeDelta::days(1), now() + TimeDelta::days(1));
    Maintainer { absences: vec![Absence { from, until }], ..person(handle) }
}

fn choose(
    people: &[Maintainer],
    assign: Assign,
    last: Option<&str>,
    load: &[(&str, u32)],
) -> String {
    let load = load.iter().map(|(handle, open)| ((*handle).to_owned(), *open)).collect();
    let given = Circumstances { load: &load, last, concerned: &BTreeSet::new(), now: now() };
    primary(people, assign, &given).unwrap().handle.clone()
}

#[test]
fn the_fewest_open_cases_or_the_next_in_turn_and_nobody_who_is_away() {
    let people = [person("lead"), person("grace"), away("joan"), person("ada")];
    let load = [("lead", 3), ("grace", 2), ("ada", 2)];
    assert_eq!(choose(&people, Assign::FewestOpen, None, &load), "grace");
    assert_eq!(choose(&people, Assign::FewestOpen, None, &[]), "lead");
    for (last, next) in [
        (None, "lead"),
        (Some("lead"), "grace"),
        (Some("grace"), "ada"),
        (Some("joan"), "ada"),
        (Some("ada"), "lead"),
        (Some("long gone"), "lead"),
    ] {
        assert_eq!(choose(&people, Assign::Rotation, last, &load), next, "{last:?}");
    }
}

#[test]
fn nobody_left_means_the_lead_even_if_the_lead_is_away() {
    let people = [away("grace"), away("lead")];
    assert_eq!(choose(&people, Assign::Rotation, None, &[]), "lead");
    assert_eq!(choose(&people, Assign::FewestOpen, None, &[("lead", 9)]), "lead");
}

#[test]
fn an_absence_begins_with_its_first_day_and_ends_with_its_last() {
    let person = away("joan");
    for (hours, is_away) in [(-25, false), (-24, true), (0, true), (23, true), (24, false)] {
        let at = now() + TimeDelta::hours(hours);
        assert_eq!(person.absence_at(at).is_some(), is_away, "{hours}");
    }
}

fn answering(handle: &str, packages: &[&str]) -> Maintainer {
    let handles = packages.iter().map(|name| (*name).to_owned()).collect();
    Maintainer { handles, ..person(handle) }
}

#[test]
fn whoever_answers_for_what_the_report_is_about_comes_before_everybody_else() {
    let people = [
        person("lead"),
        answering("grace", &["router", "path-to-regexp"]),
        answering("ada", &["body-parser"]),
    ];
    for (subject, text, expected) in [
        ("ReDoS in path-to-regexp", "A route with two parameters takes minutes.", &["grace"][..]),
        ("Crash", "The `router` package throws on an empty path and the process ends.", &["grace"]),
        ("body-parser 2.0.1 crashes", "An empty body crashes `router` too.", &["ada", "grace"]),
        ("Crash in res.redirect", "A header with a line feed ends the process.", &[]),
    ] {
        let report = Report::new(subject, text);
        let found = concerned(&people, &report);
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            sorted(expected),
            "{subject}"
        );
    }
    let concerned = ["grace".to_owned()].into();
    let load = [("grace".to_owned(), 99)].into();
    let given =
        Circumstances { load: &load, last: Some("grace"), concerned: &concerned, now: now() };
    for assign in [Assign::Rotation, Assign::FewestOpen] {
        assert_eq!(primary(&people, assign, &given).unwrap().handle, "grace");
        // Away, she is no candidate, and the rest decide among themselves.
        let mut people = people.clone();
        people[1].absences = away("grace").absences;
        assert_ne!(primary(&people, assign, &given).unwrap().handle, "grace");
    }
}

fn sorted<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut words = words.to_vec();
    words.sort_unstable();
    words
}

proptest! {
    #[test]
    fn turns_are_fair_among_those_who_are_there(
        away_ones in prop::collection::vec(any::<bool>(), 1..8), cases in 1_usize..60,
    ) {
        let people: Vec<Maintainer> = away_ones
            .iter()
            .enumerate()
            .map(|(n, gone)| if *gone { away(&format!("p{n}")) } else { person(&format!("p{n}")) })
            .collect();
        let mut last: Option<String> = None;
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..cases {
            let chosen = choose(&people, Assign::Rotation, last.as_deref(), &[]);
            *count.entry(chosen.clone()).or_default() += 1;
            last = Some(chosen);
        }
        let here = away_ones.iter().filter(|gone| !**gone).count().max(1);
        prop_assert!(count.len() <= here);
        prop_assert!(count.values().all(|n| *n <= cases.div_ceil(here)), "{:?}", count);
    }
}
