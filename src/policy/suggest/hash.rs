//! A hash that stays the same for ever: fingerprints are stored, and std's hasher promises nothing
//! from one release to the next. Not for secrets.

/// FNV-1a over the bytes, then a finaliser that spreads it over all bits.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mix(state)
}

/// Spreads a number over all bits (the finaliser of splitmix64).
pub fn mix(number: u64) -> u64 {
    let number = (number ^ number.wrapping_shr(30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number.wrapping_shr(27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number.wrapping_shr(31)
}

/// The hash of two numbers in this order.
pub fn join(left: u64, right: u64) -> u64 {
    mix(left.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(right))
}
