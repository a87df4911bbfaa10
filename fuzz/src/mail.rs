//! Any mail: read, authenticated, judged, looked at, decided on and answered.

use embargod::mail::read::{files, head};

use super::desk::{decided, nothing_known};

pub fn meet(bytes: &[u8]) {
    let written = decided(bytes, &nothing_known());
    assert!(!written.decision.judgement.reasons.is_empty(), "no reason");
    let _ = head(bytes);
    let enclosed: usize = files(bytes).iter().map(|file| file.bytes.len()).sum();
    assert!(enclosed <= bytes.len(), "files of {enclosed} octets in {}", bytes.len());
}
