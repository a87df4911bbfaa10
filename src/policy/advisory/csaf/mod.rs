//! The advisory as a CSAF 2.0 document of the profile "security advisory".
//!
//! Source: Common Security Advisory Framework 2.0, sections 3.2 and 4.4. Promises: a draft has the
//! tracking status `draft`, the version `0` and TLP:AMBER, and lists what it lacks in a note; what is
//! final is version `1` and TLP:WHITE, and one version more with each change after that, all of them in
//! the revision history. The standard has no place for CVSS 4.0: it is a note.

mod model;
mod products;

use model::{
    Acknowledgment, Csaf, CvssV3, Cwe, Distribution, Document, Engine, Generator, Id, Note,
    Reference, Remediation, Revision, Threat, Tlp, Tracking, Vulnerability,
};
use products::{AffectedProduct, Products};

use super::missing::Missing;
use super::severity::{Scale, Score};
use super::span::End;
use super::{Advisory, Fix, Format, Outcome, Status};

/// The document of an advisory.
pub fn document(advisory: &Advisory) -> Csaf {
    let products = Products::of(advisory);
    Csaf {
        document: head(advisory),
        vulnerabilities: vec![vulnerability(advisory, &products)],
        product_tree: products.tree,
    }
}

fn title(advisory: &Advisory) -> String {
    advisory
        .title
        .clone()
        .unwrap_or_else(|| format!("A vulnerability in {}", advisory.publisher.name))
}

fn head(advisory: &Advisory) -> Document {
    let publisher = &advisory.publisher;
    let missing: Vec<String> = advisory.missing(Format::Csaf).iter().map(Missing::words).collect();
    let draft = (!missing.is_empty()).then(|| Note {
        category: "other",
        title: "Draft",
        text: format!("Before this can be published: {}.", missing.join("; ")),
    });
    Document {
        acknowledgments: acknowledgments(advisory),
        category: "csaf_security_advisory",
        csaf_version: "2.0",
        distribution: Distribution {
            tlp: Tlp {
                label: match advisory.status(Format::Csaf) {
                    Status::Draft => "AMBER",
                    Status::Final => "WHITE",
                },
            },
        },
        lang: "en",
        notes: draft.into_iter().collect(),
        publisher: model::Publisher {
            category: "vendor",
            contact_details: publisher.address.to_string(),
            name: publisher.name.clone(),
            namespace: publisher.namespace.clone(),
        },
        references: policy(advisory).into_iter().collect(),
        title: title(advisory),
        tracking: tracking(advisory),
    }
}

fn policy(advisory: &Advisory) -> Option<Reference> {
    let url = advisory.publisher.policy.clone()?;
    Some(Reference { category: "external", summary: "Security policy".to_owned(), url })
}

fn tracking(advisory: &Advisory) -> Tracking {
    let date = advisory.disclosed_at.unwrap_or(advisory.made_at);
    let first = |number: &str, summary: &str| Revision {
        date,
        number: number.to_owned(),
        summary: summary.to_owned(),
    };
    let later = advisory.revisions().zip(2_u32..).map(|((date, what), number)| Revision {
        date,
        number: number.to_string(),
        summary: sentence(what.words()),
    });
    // A draft has no history: none of it is published as it is.
    let (status, revision_history): (_, Vec<Revision>) = match advisory.status(Format::Csaf) {
        Status::Draft => ("draft", vec![first("0", "Draft")]),
        Status::Final => ("final", [first("1", "Disclosed")].into_iter().chain(later).collect()),
    };
    let latest = revision_history.last();
    let version = latest.map_or_else(String::new, |revision| revision.number.clone());
    Tracking {
        current_release_date: latest.map_or(date, |revision| revision.date),
        generator: Generator {
            engine: Engine { name: "embargod", version: env!("CARGO_PKG_VERSION") },
        },
        id: advisory.case.to_string(),
        initial_release_date: date,
        revision_history,
        status,
        version,
    }
}

/// Words as a sentence begins.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn acknowledgments(advisory: &Advisory) -> Vec<Acknowledgment> {
    advisory.credits.iter().map(|name| Acknowledgment { names: vec![name.clone()] }).collect()
}

fn vulnerability(advisory: &Advisory, products: &Products) -> Vulnerability {
    let affected: Vec<String> =
        products.affected.iter().map(|product| product.id.clone()).collect();
    // The standard has one weakness a vulnerability, and wants its name word for word.
    let cwe = advisory
        .weaknesses
        .iter()
        .find_map(|weakness| Some(Cwe { id: weakness.id.to_string(), name: weakness.name? }));
    Vulnerability {
        acknowledgments: acknowledgments(advisory),
        cve: advisory.cve.clone(),
        notes: notes(advisory, cwe.as_ref()),
        cwe,
        ids: vec![Id {
            system_name: format!("{} security", advisory.publisher.name),
            text: advisory.case.to_string(),
        }],
        product_status: products.status.clone(),
        references: advisory
            .references
            .iter()
            .map(|url| Reference {
                category: "external",
                summary: "More on this vulnerability".to_owned(),
                url: url.clone(),
            })
            .collect(),
        release_date: advisory.disclosed_at,
        remediations: remediations(advisory, products),
        scores: score(advisory, &affected).into_iter().collect(),
        threats: if advisory.exploited && !affected.is_empty() {
            vec![Threat {
                category: "exploit_status",
                details: "This vulnerability is known to be exploited.",
                product_ids: affected,
            }]
        } else {
            Vec::new()
        },
        title: title(advisory),
    }
}

fn notes(advisory: &Advisory, cwe: Option<&Cwe>) -> Vec<Note> {
    let summary = advisory.summary.as_deref().map_or("Not described yet.", str::trim);
    let mut notes =
        vec![Note { category: "description", title: "Summary", text: summary.to_owned() }];
    for score in advisory.scores.iter().filter(|score| score.scale == Scale::V40) {
        let text = score.words();
        notes.push(Note { category: "other", title: "CVSS 4.0", text });
    }
    for weakness in &advisory.weaknesses {
        let text = weakness.words();
        if cwe.is_none_or(|cwe| cwe.id != weakness.id.to_string()) {
            notes.push(Note { category: "other", title: "Weakness", text });
        }
    }
    let timeline: Vec<String> = advisory
        .timeline
        .iter()
        .map(|step| format!("{}: {}", step.at.format("%Y-%m-%d"), step.what.words()))
        .collect();
    if !timeline.is_empty() {
        notes.push(Note { category: "details", title: "Timeline", text: timeline.join("\n") });
    }
    notes
}

/// A product has one score of a version of CVSS: the newest of 3.x.
fn score(advisory: &Advisory, affected: &[String]) -> Option<model::Score> {
    if affected.is_empty() {
        return None;
    }
    let score: &Score = advisory.scores.iter().find(|score| score.scale != Scale::V40)?;
    Some(model::Score {
        cvss_v3: CvssV3 {
            version: score.scale.number(),
            vector_string: score.vector.clone(),
            base_score: score.rounded(),
            base_severity: score.word().to_uppercase(),
        },
        products: affected.to_vec(),
    })
}

fn remediations(advisory: &Advisory, products: &Products) -> Vec<Remediation> {
    let ids = |wanted: &dyn Fn(&AffectedProduct) -> bool| -> Vec<String> {
        products.affected.iter().filter(|p| wanted(p)).map(|p| p.id.clone()).collect()
    };
    let has_lines =
        |product: &AffectedProduct| advisory.lines_of.as_ref() == Some(&product.package);
    let ends_with = |product: &AffectedProduct, version: &String| {
        has_lines(product) && product.span.to == End::Before(version.clone())
    };
    let has_no_fix = |product: &AffectedProduct| {
        let fixed = |outcome: &Outcome| match &outcome.fix {
            Fix::Released { version, .. } => ends_with(product, version),
            Fix::NotNeeded | Fix::Pending | Fix::Refused { .. } => false,
        };
        has_lines(product) && !advisory.lines.iter().any(fixed)
    };
    // Where no stretch of versions is the line's own, what is said of the line is said of all; where
    // the lines are those of a package that is not affected itself, of every product.
    let or_all = |some: Vec<String>| {
        let with_lines = ids(&has_lines);
        match (some.is_empty(), with_lines.is_empty()) {
            (false, _) => some,
            (true, false) => with_lines,
            (true, true) => ids(&|_| true),
        }
    };
    let mut remediations = Vec::new();
    for outcome in &advisory.lines {
        let line = &outcome.line;
        let (category, date, details, product_ids) = match &outcome.fix {
            Fix::NotNeeded => continue,
            Fix::Released { version, at } => (
                "vendor_fix",
                Some(*at),
                format!("{line}: update to {version} or later."),
                or_all(ids(&|product| ends_with(product, version))),
            ),
            Fix::Refused { why } => {
                ("no_fix_planned", None, format!("{line}: {why}"), or_all(ids(&has_no_fix)))
            }
            Fix::Pending => (
                "none_available",
                None,
                format!("{line}: there is no fix yet."),
                or_all(ids(&has_no_fix)),
            ),
        };
        remediations.push(Remediation { category, date, details, product_ids });
    }
    if let Some(workaround) = &advisory.workaround {
        remediations.push(Remediation {
            category: "workaround",
            date: None,
            details: workaround.trim().to_owned(),
            product_ids: ids(&|_| true),
        });
    }
    remediations.retain(|remediation| !remediation.product_ids.is_empty());
    remediations
}
