//! The daemon is killed at every step of its work and at random moments under load. Afterwards every
//! mail has one row, every case is there once, every answer is sent; a mail is at the server a
//! second time only where its reply was lost with the daemon, and then with the same bytes.
//!
//! `EMBARGOD_KILLS=5000` kills it as often as that at random.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

#[path = "../common/mod.rs"]
mod common;
mod mails;
mod power;
mod world;

use std::sync::Arc;
use std::time::Duration;

use common::dovecot::Dovecot;
use embargod::steps::STEPS;
use world::{Inbox, World};

/// At which of its times the daemon is killed at a step.
const TIMES: [u64; 3] = [1, 2, 4];

/// Steps that a Maildir, whose mails are known by their names, does not have.
const OF_IMAP: [&str; 2] = ["intake.advancing", "intake.advanced"];

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn up_to(&mut self, most: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(most.as_micros()).unwrap()))
    }
}

/// Kills the daemon at every step, and looks after each step whether all came right.
fn killed_at_every_step(mut world: World, steps: &[&str]) {
    let mut chance = Chance(6);
    for step in steps {
        let mut reached = false;
        for time in TIMES {
            for _ in 0..3 {
                world.arrives();
            }
            if step.starts_with("clock.") {
                world.a_day_passes();
            }
            reached |= world.killed_at(step, time, chance.up_to(Duration::from_millis(10)));
        }
        assert!(reached, "nobody comes to {step}");
        world.comes_right();
    }
    told("at every step", &world);
}

fn killed_at_random(mut world: World, kills: usize) {
    let mut chance = Chance(kills as u64);
    for kill in 1..=kills {
        let mails = usize::try_from(chance.below(4)).unwrap() + 1;
        world.killed_after(chance.up_to(Duration::from_millis(500)), mails);
        // So that no mail can be in hand at three ends: it would be set aside.
        if kill % 3 == 0 {
            world.comes_right();
        }
    }
    world.comes_right();
    told("at random", &world);
}

/// Kills it while the first mail is in hand, once before anybody is wary and then as often as one
/// mail may end it.
#[test]
fn a_mail_that_ends_the_daemon_three_times_is_set_aside_and_taken_in_by_a_persons_word() {
    let mut world = World::new(Inbox::Maildir);
    world.arrives();
    world.arrives();
    for _ in 0..4 {
        assert!(world.killed_at("intake.judged", 1, Duration::ZERO));
        assert!(!world.is_set_aside(), "set aside too early");
    }
    world.runs(&["run", "--once"]);
    assert!(world.is_set_aside());
    let listed = world.runs(&["mail", "list", "--quarantined", "--json"]);
    assert!(listed.contains("embargod ended 3 times while it worked on it"), "{listed}");
    let digest = world.runs(&["digest"]);
    assert!(digest.contains("embargod mail show 1"), "{digest}");
    let retried = world.runs(&["mail", "retry", "1"]);
    assert!(retried.contains("mail 1 is taken in: EMB-"), "{retried}");
    world.comes_right();
}

fn told(how: &str, world: &World) {
    println!(
        "killed {} times {how}; {} replies lost at most with one kill",
        world.kills, world.worst
    );
}

/// How often to kill at random, where nobody says.
fn kills(otherwise: usize) -> usize {
    std::env::var("EMBARGOD_KILLS").map_or(otherwise, |text| text.parse().unwrap())
}

fn steps_without(others: &[&str]) -> Vec<&'static str> {
    STEPS.into_iter().filter(|step| !others.contains(step)).collect()
}

#[test]
fn a_daemon_killed_at_any_step_over_a_maildir_comes_right() {
    killed_at_every_step(World::new(Inbox::Maildir), &steps_without(&OF_IMAP));
}

#[test]
#[ignore = "needs what ./tests/run installs"]
fn a_daemon_killed_at_any_step_over_imap_comes_right() {
    let inbox = Inbox::Imap(Arc::new(Dovecot::start()), "steps".to_owned());
    killed_at_every_step(World::new(inbox), &STEPS);
}

#[test]
fn a_daemon_killed_at_random_over_a_maildir_comes_right() {
    killed_at_random(World::new(Inbox::Maildir), kills(150));
}

#[test]
#[ignore = "needs what ./tests/run installs"]
fn a_daemon_killed_at_random_over_imap_comes_right() {
    let inbox = Inbox::Imap(Arc::new(Dovecot::start()), "random".to_owned());
    killed_at_random(World::new(inbox), kills(110));
}
