//! A program on a terminal, as a person sits before it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

pub(crate) struct Terminal {
    keys: File,
    /// Held, so that what was written last can be read after the program ended.
    screen: OwnedFd,
    child: Child,
    seen: String,
}

impl Terminal {
    /// Starts a program whose input and both outputs are a terminal.
    pub(crate) fn start(mut command: Command) -> Self {
        // a program that holds this side of a terminal, its own or that of a test beside this one,
        // keeps those before it from hearing that the other is gone
        #[cfg(target_os = "linux")]
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        #[cfg(not(target_os = "linux"))]
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let master = openpt(flags).expect("a terminal");
        fcntl_setfd(&master, FdFlags::CLOEXEC).expect("ours");
        grantpt(&master).expect("ours");
        unlockpt(&master).expect("ours");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let screen = open(name, flags, Mode::empty()).expect("the other side");
        let end = || screen.try_clone().expect("a descriptor");
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("started");
        drop(command);
        Terminal {
            keys: master.into(),
            screen,
            child,
            seen: String::new(),
        }
    }

    /// Types.
    pub(crate) fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).expect("a terminal");
    }

    /// Reads until this is to be seen.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let mut bytes = [0; 256];
            let read = self.keys.read(&mut bytes).expect("a terminal");
            self.seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    }

    /// What was to be seen so far.
    #[allow(dead_code, reason = "each test file uses its part")]
    pub(crate) fn seen(&self) -> &str {
        &self.seen
    }

    /// Clears the screen.
    #[allow(dead_code, reason = "each test file uses its part")]
    pub(crate) fn forgets(&mut self) {
        self.seen.clear();
    }

    /// Whether what is typed is shown.
    #[allow(dead_code, reason = "each test file uses its part")]
    pub(crate) fn echoes(&self) -> bool {
        let modes = tcgetattr(self.screen.as_fd()).expect("a terminal");
        modes.local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end: the exit code, and all that was to be seen.
    #[allow(dead_code, reason = "each test file uses its part")]
    pub(crate) fn ends(mut self) -> (i32, String) {
        let status = self.child.wait().expect("waited for");
        (&File::from(self.screen.try_clone().expect("a descriptor")))
            .write_all(b"\x1e")
            .expect("a terminal");
        self.shows("\x1e");
        let seen = self.seen.trim_end_matches('\x1e').to_owned();
        (status.code().unwrap_or(-1), seen)
    }
}
