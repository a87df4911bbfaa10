//! How the program is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}"));
    let is_glibc = target("OS").as_deref() == Ok("linux") && target("ENV").as_deref() == Ok("gnu");
    if is_glibc {
        // Addresses that the loader has to fill in take a bit each and not 24 bytes: a tenth of the
        // program. glibc reads that since 2.36 (2022).
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
