//! Addresses and ports that no other test uses.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

static SERVERS: AtomicU32 = AtomicU32::new(0);

/// A loopback address that no other server of any test running now listens on.
///
/// All of 127.0.0.0/8 is the loopback interface on Linux, so that servers of parallel tests need
/// not even look for free ports among each other.
pub fn own_address() -> IpAddr {
    let count = SERVERS.fetch_add(1, Ordering::Relaxed);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let own = u32::from_be_bytes([0, high, middle, low]).wrapping_mul(31).wrapping_add(count);
    let [_, a, b, c] = own.to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, a | 1, b, c.clamp(2, 253)))
}

/// A port that is free at this address.
pub fn free_port(address: IpAddr) -> u16 {
    TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port()
}
