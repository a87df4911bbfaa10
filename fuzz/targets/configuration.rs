#![no_main]

libfuzzer_sys::fuzz_target!(init: harness::tell_panics(), |bytes: &[u8]| harness::configuration::meet(bytes));
