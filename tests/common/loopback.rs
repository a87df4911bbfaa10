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
    // A process uses fewer than 64; 127.0.x.y is left to servers with fixed addresses.
    let own = std::process::id().wrapping_mul(64).wrapping_add(count);
    let part = |number: u32, of: u32, from: u32| u8::try_from(number % of + from).unwrap();
    let (c, b, a) = (part(own, 250, 2), part(own / 250, 256, 0), part(own / 64_000, 254, 1));
    IpAddr::V4(Ipv4Addr::new(127, a, b, c))
}

/// A port that is free at this address.
pub fn free_port(address: IpAddr) -> u16 {
    TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port()
}
