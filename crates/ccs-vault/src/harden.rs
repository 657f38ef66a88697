//! Keeping the memory of this process out of files and other processes.

/// Sees to it that this process leaves no core dump, and, on Linux, that other processes of the
/// same user can neither trace it nor read its memory.
///
/// Call it first in a program that opens a vault. A started child has its own memory and the
/// tracing protection does not extend to it; the limit on core dumps does.
///
/// # Errors
///
/// What the operating system says if it refuses.
#[cfg(unix)]
pub fn harden_process() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Nothing to do on this platform.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn harden_process() -> std::io::Result<()> {
    Ok(())
}
