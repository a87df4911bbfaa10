//! CVSS vectors, scored.

use std::str::FromStr;

use cvss::{Cvss, Severity, v4};

/// A scored CVSS vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The vector in its canonical order.
    pub vector: String,
    /// Which version of CVSS it is of.
    pub scale: Scale,
    /// The score of the base metrics alone; of all its metrics in CVSS 4.0, which knows no other.
    pub base: f64,
    /// The word for that score.
    pub severity: Severity,
    /// What the score rests on: `CVSS-B`, `CVSS-BT`, …; CVSS 4.0 only.
    pub nomenclature: Option<String>,
}

/// A version of CVSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// 3.0
    V30,
    /// 3.1
    V31,
    /// 4.0
    V40,
}

impl Scale {
    /// `3.1`
    pub fn number(self) -> &'static str {
        match self {
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V40 => "4.0",
        }
    }
}

/// A vector that cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{vector:?} is no CVSS vector of version 3.0, 3.1 or 4.0: {why}")]
pub struct BadVector {
    /// What should be one.
    pub vector: String,
    /// What is wrong with it.
    pub why: String,
}

impl Score {
    /// Reads and scores a vector.
    ///
    /// # Errors
    /// [`BadVector`] where it is not complete and right.
    pub fn read(text: &str) -> Result<Self, BadVector> {
        let bad = |why: String| BadVector { vector: text.to_owned(), why };
        let read = Cvss::from_str(text.trim()).map_err(|error| bad(error.to_string()))?;
        let (scale, base, severity, nomenclature) = match &read {
            Cvss::CvssV30(vector) | Cvss::CvssV31(vector) => {
                let score = vector.base_score();
                let scale = if matches!(read, Cvss::CvssV30(_)) { Scale::V30 } else { Scale::V31 };
                (scale, score.value(), score.severity(), None)
            }
            Cvss::CvssV40(vector) => {
                let nomenclature = v4::Vector::nomenclature(vector).to_string();
                (Scale::V40, read.score(), read.severity(), Some(nomenclature))
            }
            _ => return Err(bad("its version is not known".to_owned())),
        };
        Ok(Self { vector: read.to_string(), scale, base, severity, nomenclature })
    }

    /// `7.5`: scores have one digit after the point.
    pub fn number(&self) -> String {
        format!("{:.1}", self.base)
    }

    /// `high`.
    pub fn word(&self) -> &'static str {
        match self.severity {
            Severity::None => "none",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// `7.5 high, CVSS:3.1/…`.
    pub fn words(&self) -> String {
        format!("{} {}, {}", self.number(), self.word(), self.vector)
    }

    /// The score with one digit after the point, as a number.
    pub fn rounded(&self) -> f64 {
        (self.base * 10.0).round() / 10.0
    }
}
