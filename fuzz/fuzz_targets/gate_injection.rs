#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ccs_fuzz_bodies::gate_injection(bytes));
