//! Where one mail is worked on: read, judged, decided on, answered in its final form.
//!
//! Reading and judging happen on a thread of their own, since a hostile mail may take its time; the
//! decision and the rendering happen within the store's transaction, where the state they rest on
//! cannot change.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{Datelike, SubsecRound};

use super::acting::note_if_held;
use super::clock::Clock;
use super::enclosed;
use crate::config::Settings;
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::authenticity::{
    Authenticity, CheckedBy, Evidence, Method, Outcome, Unsigned, Verdict,
};
use crate::domain::capability::Granted;
use crate::domain::decision::{Decision, Placement};
use crate::domain::judgement::{Judgement, Kind, Reason};
use crate::domain::letter::Letter;
use crate::domain::lookup::{Incoming, Known, Lookups};
use crate::domain::outgoing::Outgoing;
use crate::mail::authenticate::{Authenticator, NoResolver};
use crate::mail::compose::{Answerable, ComposeError, Composer, ComposerSettings};
use crate::mail::gpgv;
use crate::mail::inbox::Arrived;
use crate::mail::read::read;
use crate::policy::caps;
use crate::policy::decide::{Arrival, decide};
use crate::policy::judge::{Look, judge};
use crate::policy::notice::{self, Noticed};
use crate::policy::notify;
use crate::policy::orders::{self, Order};
use crate::policy::rules::Rules;
use crate::policy::suggest::threat::ThreatModel;
use crate::policy::thread;
use crate::store::{Ordered, Written, digest};

/// What mail is worked on with: the rules, the templates, the clock.
#[derive(Debug)]
pub struct Desk {
    /// Who says where mail came from.
    pub authenticator: Authenticator,
    /// Who knows maintainers' signatures.
    pub signatures: gpgv::Verifier,
    /// The project's policy.
    pub rules: Rules,
    /// The templates.
    pub composer: Composer,
    /// The clock.
    pub clock: Clock,
}

/// Why a configuration cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A template cannot be used.
    #[error(transparent)]
    Templates(#[from] ComposeError),
    /// Senders cannot be looked up.
    #[error(transparent)]
    Resolver(#[from] NoResolver),
}

/// The policy of a configuration.
pub fn rules(settings: &Settings) -> Rules {
    Rules {
        project: settings.project.clone(),
        bounces: settings.bounces.clone(),
        maintainers: settings.maintainers.clone(),
        commands: settings.commands.clone(),
        assign: settings.assign,
        relays: settings.relays.clone(),
        caps: settings.limits.mails,
        notices: settings.notices.clone(),
        promises: settings.promises.clone(),
        release_lines: settings.release_lines.clone(),
        scope: settings.scope.clone(),
        exclusions: settings.exclusions.clone(),
        disclosure: settings.disclosure.clone(),
        threat_model: ThreatModel::new(&settings.exclusions),
    }
}

/// A mail that was read and judged, ready to be decided on.
#[derive(Debug)]
pub struct Judged {
    /// The mail as the store keeps it.
    pub incoming: Incoming,
    /// What the decision wants to know.
    pub lookups: Lookups,
    /// The mail as the decision sees it, or why a person has to look at it first.
    arrival: Result<Arrival, Reason>,
}

impl Desk {
    /// The desk of a configuration.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn of(settings: &Settings, clock: &Clock) -> Result<Self, DeskError> {
        let composer = Composer::new(ComposerSettings {
            project: settings.project.clone(),
            mode: settings.mode,
            bounces: settings.bounces.clone(),
            templates: settings.templates.clone(),
        })?;
        composer.check()?;
        let authenticator = Authenticator::new(&settings.authentication)?;
        let signatures = gpgv::Verifier::new(settings.keyring.clone());
        let rules = rules(settings);
        Ok(Self { authenticator, signatures, rules, composer, clock: clock.clone() })
    }

    /// Writes a letter as the mail that will be sent. One to a maintainer, who may act by answering
    /// it, has the token of that in its Message-ID and, where that is configured, in its Reply-To.
    ///
    /// # Errors
    /// Where its template fails.
    pub fn write(&self, letter: &Letter, at: Timestamp) -> Result<Outgoing, ComposeError> {
        match self.granting(letter, at) {
            Some(mail) => mail,
            None => self.composer.compose(letter, at, &self.clock.token()),
        }
    }

    /// Writes letters, each with a copy for each of its further recipients.
    ///
    /// # Errors
    /// Where a template fails.
    pub fn write_all(
        &self,
        letters: &[Letter],
        at: Timestamp,
    ) -> Result<Vec<Outgoing>, ComposeError> {
        let write = |letter| match self.granting(letter, at) {
            Some(mail) => mail.map(|mail| vec![mail]),
            None => self.composer.compose_all(letter, at, &self.clock.token()),
        };
        let mails = letters.iter().map(write).collect::<Result<Vec<_>, _>>()?;
        Ok(mails.into_iter().flatten().collect())
    }

    /// The mail of a letter that lets its reader act by answering it.
    fn granting(&self, letter: &Letter, at: Timestamp) -> Option<Result<Outgoing, ComposeError>> {
        let terms = self.rules.commands.as_ref()?;
        let key = terms.key.as_ref()?;
        let grant = terms.grant(letter, &self.rules.maintainers, at)?;
        let granted = Granted { nonce: self.clock.nonce(), grant };
        let token = key.token(granted.nonce, &granted.grant);
        let reply_to = terms.places.reply_to.as_ref().and_then(|address| address.with(&token));
        let signs = self.signatures.keys().knows(&letter.to.address);
        let in_text = signs.then_some(token.as_str());
        let answerable = Answerable { token: &token, reply_to: reply_to.as_ref(), in_text };
        let mail = self.composer.compose_answerable(letter, at, answerable);
        Some(mail.map(|mail| Outgoing { grant: Some(granted), ..mail }))
    }

    /// Reads and judges one mail. May take a while. Of one that makes it panic nothing is known but its
    /// bytes: [`Judged::unreadable`].
    pub fn judge(&self, arrived: Arrived) -> Judged {
        let now = self.clock.now();
        if let Some(why) = &arrived.withheld {
            let why = why.clone();
            return Judged::withheld(arrived, &why, now);
        }
        // The bytes are lent, so that there need be no second copy of them for the case of a panic.
        match catch_unwind(AssertUnwindSafe(|| self.look_at(&arrived, now))) {
            Ok(judged) => {
                Judged { incoming: Incoming { raw: arrived.raw, ..judged.incoming }, ..judged }
            }
            Err(_) => Judged::unreadable(arrived, now),
        }
    }

    /// What there is to know of a mail, without its bytes.
    fn look_at(&self, arrived: &Arrived, now: Timestamp) -> Judged {
        let mail = read(&arrived.raw, arrived.size);
        let look = Look::at(&mail);
        let judgement = judge(&look, &self.rules.surroundings());
        let noticed = notice::notice(&look, &judgement, &self.rules);
        let author = mail.author();
        let incoming = Incoming {
            from: author.map(|author| author.address.clone()),
            from_name: author.and_then(|author| author.name.clone()),
            subject: displayable(&mail.subject),
            message_id: mail.message_id.clone(),
            files: mail.files().take(enclosed::LISTED).collect(),
            readers: notify::others(&mail, &self.rules).take(enclosed::LISTED).cloned().collect(),
            ..unread(arrived, now)
        };
        let mut lookups = thread::lookups(&mail, now.year());
        lookups.bands = noticed.as_ref().map(Noticed::bands).unwrap_or_default();
        let charged = caps::charged(&mail, &self.rules.relays, self.authenticator.client(&mail));
        lookups.buckets = notify::buckets(&self.rules.maintainers);
        lookups.buckets.extend(charged.iter().cloned());
        let terms = self.rules.commands.as_ref().filter(|_| judgement.kind == Kind::Command);
        let order = terms.map(|terms| Order::of(&mail, terms, &self.rules.maintainers));
        if let Some(order) = &order {
            lookups.order = Some(order.lookups());
            lookups.buckets.extend(orders::buckets(&self.rules.maintainers));
        }
        let arrival = Arrival {
            order,
            arrived_at: incoming.arrived_at,
            noticed,
            judgement,
            mail,
            authenticity: Authenticity::default(),
            charged,
            files: match self.rules.notices.content {
                notify::Content::Files => enclosed::of(&arrived.raw),
                notify::Content::Subject | notify::Content::Text => vec![],
            },
        };
        Judged { lookups, arrival: Ok(arrival), incoming }
    }

    /// Finds out who sent a mail, where the answer to it rests on that. Looking it up may take
    /// seconds.
    pub async fn authenticate(&self, mut judged: Judged) -> Judged {
        if let Ok(arrival) = &mut judged.arrival
            && (matches!(arrival.judgement.kind, Kind::Submission | Kind::FollowUp)
                || arrival.order.is_some())
        {
            let found = self.authenticator.authenticate(&judged.incoming.raw, &arrival.mail).await;
            arrival.authenticity = found;
            self.look_at_signature(arrival, &judged.incoming.raw).await;
            judged.incoming.authenticity = arrival.authenticity.clone();
        }
        judged
    }

    /// Lets a signature speak for an order whose sender no domain answers for.
    async fn look_at_signature(&self, arrival: &mut Arrival, raw: &[u8]) {
        let Arrival { order: kept, mail, authenticity, .. } = arrival;
        let (Some(terms), [author]) = (&self.rules.commands, mail.from.as_slice()) else { return };
        let is_known = self.signatures.keys().knows(&author.address);
        if authenticity.verdict == Verdict::Authenticated || !is_known {
            return;
        }
        let Some(order) = kept.take_if(|order| order.may_be_believed()) else { return };
        let signed = self.signatures.verify(raw, &author.address).await;
        let looked = signed.as_ref().err() != Some(&Unsigned::NothingSigned);
        let order = order.signed(mail, signed, terms, &self.rules.maintainers);
        if looked {
            let result = if order.is_signed() { Outcome::Pass } else { Outcome::Fail };
            let evidence = Evidence { method: Method::OpenPgp, result, domain: None };
            authenticity.evidence.push(evidence);
            if authenticity.checked_by == CheckedBy::Nobody {
                authenticity.checked_by = CheckedBy::Here;
            }
        }
        *kept = Some(order);
    }
}

impl Judged {
    /// A mail whose reading failed: kept whole, for a person to look at.
    pub fn unreadable(arrived: Arrived, now: Timestamp) -> Self {
        Self::for_a_person(arrived, Reason::new("read.failed", "the mail could not be read"), now)
    }

    /// A mail that the inbox has, and does not give.
    pub fn withheld(arrived: Arrived, why: &str, now: Timestamp) -> Self {
        Self::for_a_person(arrived, Reason::new("read.withheld", why), now)
    }

    /// A mail over which the daemon died again and again.
    pub fn deadly(arrived: Arrived, times: u32, now: Timestamp) -> Self {
        tracing::error!(
            "embargod ended {times} times while it worked on a mail, which is now set aside; please \
             report this as a bug of embargod"
        );
        let why = format!("embargod ended {times} times while it worked on it");
        Self::for_a_person(arrived, Reason::new("read.deadly", why), now)
    }

    fn for_a_person(arrived: Arrived, why: Reason, now: Timestamp) -> Self {
        let incoming = unread(&arrived, now);
        let incoming = Incoming { raw: arrived.raw, ..incoming };
        Self { incoming, lookups: Lookups::default(), arrival: Err(why) }
    }

    /// Decides on the mail and renders its answers, within the store's transaction.
    pub fn decide(arrival: Result<Arrival, Reason>, known: &Known, desk: &Desk) -> Written {
        let arrival = match arrival {
            Ok(arrival) => arrival,
            Err(why) => return quarantined(&why.rule, &why.detail),
        };
        if let Some(order) = arrival.order.as_ref().filter(|_| !known.is_ours) {
            let written = desk.obey(order, &arrival, known);
            return written
                .unwrap_or_else(|error| quarantined("compose.failed", &error.to_string()));
        }
        let now = desk.clock.now();
        let mut decision = decide(&arrival, known, now, &desk.rules);
        match desk.write_all(&decision.letters, now) {
            Ok(outgoing) => {
                if let Placement::Opens(case) | Placement::Joins(case) = &mut decision.placement {
                    for mail in &outgoing {
                        note_if_held(case, &mut decision.events, mail, now);
                    }
                }
                let unread = decision.judgement.kind == Kind::Malformed;
                let why = decision.judgement.reasons.first().map(|reason| reason.detail.clone());
                let quarantined = unread.then(|| why.unwrap_or_default());
                Written { decision, outgoing, quarantined, ordered: Ordered::default() }
            }
            Err(error) => quarantined("compose.failed", &error.to_string()),
        }
    }

    /// What it was judged to be, if it could be read.
    pub(super) fn judgement_mut(&mut self) -> Option<&mut Judgement> {
        self.arrival.as_mut().ok().map(|arrival| &mut arrival.judgement)
    }

    /// Splits what the store keeps from what the decision needs.
    pub fn into_parts(self) -> (Incoming, Lookups, Result<Arrival, Reason>) {
        (self.incoming, self.lookups, self.arrival)
    }
}

/// A mail of which nothing is known, without its bytes.
fn unread(arrived: &Arrived, now: Timestamp) -> Incoming {
    Incoming {
        digest: digest(&arrived.place, &arrived.raw),
        place: arrived.place.clone(),
        // A Maildir's files tell more than the whole seconds that are kept and promised.
        arrived_at: arrived.arrived_at.trunc_subsecs(0).min(now),
        decided_at: now,
        size: arrived.size,
        message_id: None,
        from: None,
        from_name: None,
        subject: String::new(),
        authenticity: Authenticity::default(),
        files: vec![],
        readers: vec![],
        raw: vec![],
    }
}

/// What becomes of a mail that nothing can be decided on: it is kept as it came, and shown.
pub fn quarantined(rule: &str, why: &str) -> Written {
    let judgement =
        Judgement { kind: Kind::Malformed, format: None, reasons: vec![Reason::new(rule, why)] };
    Written {
        decision: Decision {
            judgement,
            placement: Placement::Recorded,
            events: vec![],
            letters: vec![],
            fingerprint: None,
            buckets: vec![],
        },
        outgoing: vec![],
        quarantined: Some(why.to_owned()),
        ordered: Ordered::default(),
    }
}

/// Judges a mail on a thread of its own, whatever it does there.
pub async fn judge_apart(desk: Arc<Desk>, arrived: Arrived) -> Judged {
    match tokio::task::spawn_blocking(move || desk.judge(arrived)).await {
        Ok(judged) => judged,
        // The runtime ends, and with it whoever waits here.
        Err(_) => std::future::pending().await,
    }
}
