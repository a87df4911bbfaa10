//! A report as a few hundred bytes, by which another one like it is found among 100,000.
//!
//! A MinHash over three-word shingles stands for the wording, a set of marks for the identifiers.
//! Both become *bands*: numbers of which two similar reports share at least one. The store keeps
//! the bands in an indexed table and looks the new report's up, so that only the few cases that
//! share one are compared.
//!
//! Promises: the same text gives the same bytes in every release ([`VERSION`] changes otherwise).

use unicode_segmentation::UnicodeSegmentation;

use super::hash::{hash, join, mix};
use super::identifiers::{MOST, Mark, Sort, identifiers};
use super::report::{MOST_TEXT, beginning};

/// The first byte of a stored fingerprint: what made it.
pub const VERSION: u8 = 1;
const HASHES: usize = 64;
/// 16 bands of 4: reports with 70 % of their wording in common share one in 99 of 100 cases.
const ROWS: usize = 4;
/// Fewer shingles than this say nothing about the wording.
const FEWEST_SHINGLES: u32 = 8;

/// What is kept of a report to compare it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    shingles: u32,
    least: [u32; HASHES],
    /// Sorted.
    marks: Vec<Mark>,
}

/// How alike two reports are.
#[derive(Debug, Clone, PartialEq)]
pub struct Similarity {
    /// From 0 to 1; 1 is the same report.
    pub score: f64,
    /// The share of the wording in common, estimated.
    pub wording: f64,
    /// The identifiers in common, the strongest first.
    pub shared: Vec<Mark>,
}

impl Fingerprint {
    /// The fingerprint of a text: best of what a person wrote in this mail, without quotes,
    /// greetings and signature (quoted lines are left out here too).
    pub fn of(text: &str) -> Self {
        let mut least = [u32::MAX; HASHES];
        let mut shingles = 0_u32;
        let (mut first, mut second) = (0, 0);
        let lines = beginning(text, MOST_TEXT).lines().filter(|l| !l.trim_start().starts_with('>'));
        for (count, word) in lines.flat_map(str::unicode_words).enumerate() {
            let third = hash(word.to_lowercase().as_bytes());
            if count >= 2 {
                take_in(&mut least, join(join(first, second), third));
                shingles = shingles.saturating_add(1);
            }
            (first, second) = (second, third);
        }
        let mut marks: Vec<Mark> = identifiers(text).into_iter().map(|i| i.mark).collect();
        marks.sort_unstable();
        Self { shingles, least, marks }
    }

    /// Numbers of which two similar reports share at least one: at most 40, each once.
    pub fn bands(&self) -> Vec<u64> {
        let mut bands = Vec::new();
        if self.shingles >= FEWEST_SHINGLES {
            for (number, rows) in self.least.chunks(ROWS).enumerate() {
                bands.push(rows.iter().fold(join(1, number as u64), |h, r| join(h, u64::from(*r))));
            }
        }
        // An advisory or a stack frame is rare enough to look for by itself; names and paths are
        // not, so they are looked for in pairs drawn by their own MinHash.
        bands.extend(
            self.marks
                .iter()
                .rev()
                .filter(|m| m.sort() >= Sort::Frame)
                .take(16)
                .map(|m| join(2, m.0)),
        );
        let usual: Vec<Mark> = self
            .marks
            .iter()
            .copied()
            .filter(|m| m.sort() < Sort::Frame && m.sort() > Sort::Weakness)
            .collect();
        if usual.len() >= 2 {
            for number in 0..8_u64 {
                let pair = [0, 1].map(|row| {
                    let seed = number.wrapping_mul(2).wrapping_add(row);
                    usual.iter().map(|m| join(seed, m.0)).min().unwrap_or_default()
                });
                bands.push(pair.iter().fold(join(3, number), |h, r| join(h, *r)));
            }
        }
        bands.sort_unstable();
        bands.dedup();
        bands
    }

    /// How alike two reports are.
    pub fn similarity(&self, other: &Self) -> Similarity {
        let wording = self.wording(other);
        let mut shared: Vec<Mark> =
            self.marks.iter().copied().filter(|m| other.marks.binary_search(m).is_ok()).collect();
        shared.sort_by_key(|m| std::cmp::Reverse(m.sort()));
        let weight = |marks: &[Mark]| marks.iter().map(|m| m.sort().weight()).sum::<f64>();
        let common = weight(&shared);
        let fewer = weight(&self.marks).min(weight(&other.marks));
        let union = weight(&self.marks) + weight(&other.marks) - common;
        // Between the share of the union and of the smaller set: a short report is often wholly
        // inside a long one. A single function name in common is no sign.
        let names = match (common >= 4.0, union > 0.0) {
            (true, true) => {
                f64::midpoint(common / union, common / fewer) * (common / (common + 3.0))
            }
            _ => 0.0,
        };
        let score = (1.0 - (1.0 - wording) * (1.0 - names)).clamp(0.0, 1.0);
        Similarity { score, wording, shared }
    }

    fn wording(&self, other: &Self) -> f64 {
        if self.shingles < FEWEST_SHINGLES || other.shingles < FEWEST_SHINGLES {
            return 0.0;
        }
        let equal = self.least.iter().zip(&other.least).filter(|(a, b)| a == b).count();
        f64::from(u32::try_from(equal).unwrap_or_default()) / 64.0
    }

    /// The bytes to store: at most 646.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.shingles.to_le_bytes());
        bytes.extend(self.least.iter().flat_map(|l| l.to_le_bytes()));
        bytes.extend(self.marks.iter().flat_map(|m| m.0.to_le_bytes()));
        bytes
    }

    /// A fingerprint read back; `None` where the bytes are of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (shingles, rest) = rest.split_first_chunk::<4>()?;
        if *version != VERSION || rest.len() < HASHES.saturating_mul(4) {
            return None;
        }
        let (hashes, marks) = rest.split_at_checked(HASHES.saturating_mul(4))?;
        let mut least = [u32::MAX; HASHES];
        for (slot, chunk) in least.iter_mut().zip(hashes.chunks_exact(4)) {
            *slot = u32::from_le_bytes(chunk.try_into().ok()?);
        }
        let mut marks = marks
            .chunks(8)
            .map(|chunk| chunk.try_into().ok().map(|c| Mark(u64::from_le_bytes(c))))
            .collect::<Option<Vec<_>>>()?;
        if marks.len() > MOST {
            return None;
        }
        marks.sort_unstable();
        Some(Self { shingles: u32::from_le_bytes(*shingles), least, marks })
    }
}

/// Lowers each of the 64 minima where this shingle's value is less.
fn take_in(least: &mut [u32; HASHES], shingle: u64) {
    let mut seed = mix(shingle);
    let step = join(shingle, 7) | 1;
    for slot in least.iter_mut() {
        // Double hashing gives 64 values for the price of two.
        seed = seed.wrapping_add(step);
        let value = u32::try_from(mix(seed).wrapping_shr(32)).unwrap_or(u32::MAX);
        *slot = (*slot).min(value);
    }
}
