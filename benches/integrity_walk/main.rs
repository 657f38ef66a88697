//! What verifying 1,000 signed files of 4 KiB costs, from reading the manifest to the answer.
//! The bound is 20 ms of CPU time.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use ccs_integrity::file::Writer;
use ccs_integrity::manifest::ManifestKey;
use ccs_integrity::store::Store;
use ccs_integrity::walk::Root;
use rustix::time::{ClockId, clock_gettime};

const FILES: usize = 1_000;
const RUNS: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let roots = vec![Root::exec(folder.path().join("files"))];
    for number in 0..FILES {
        let path = folder
            .path()
            .join(format!("files/{}/{number}.sh", number % 20));
        fs::create_dir_all(path.parent().ok_or("below")?)?;
        fs::write(path, vec![b'a' + (number % 26) as u8; 4096])?;
    }
    let key = ManifestKey::new(&[7; 32]);
    let store = Store::new(folder.path().join("state/integrity"));
    let writer = Writer::open(folder.path(), &folder.path().join("state"))?;
    store.sign(&writer, &key, roots, 0)?;

    let mut cpu = Vec::new();
    let mut wall = Vec::new();
    for _ in 0..RUNS {
        let (started, before) = (Instant::now(), cpu_time());
        let report = store.load(&key.public(), 1)?.verify(&[]);
        cpu.push(cpu_time().saturating_sub(before));
        wall.push(started.elapsed());
        assert_eq!(report.drifts, []);
    }
    println!(
        "1,000 files of 4 KiB: CPU {}, wall {}",
        shown(cpu),
        shown(wall)
    );
    Ok(())
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

fn shown(mut times: Vec<Duration>) -> String {
    times.sort();
    format!(
        "{:.1?} at best, {:.1?} in the middle",
        times[0],
        times[times.len() / 2]
    )
}
