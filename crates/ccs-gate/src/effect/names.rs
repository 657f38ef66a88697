// The vocabulary of effects, shared by the crate and by its build script, which turns the names
// in rule files into these numbers. Names in rule files are the words in quotes.

/// Declares a bit set with a name for every bit.
macro_rules! names {
    ($(#[$meta:meta])* $set:ident: $bits:ty { $($(#[$doc:meta])* $constant:ident = $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub(crate) struct $set(pub(crate) $bits);

        #[allow(dead_code)]
        impl $set {
            names!(@constants $bits, 0; $($(#[$doc])* $constant,)*);
            /// Every name with its bit.
            pub(crate) const NAMES: &'static [(&'static str, $set)] = &[$(($name, $set::$constant),)*];
            /// The empty set.
            pub(crate) const NONE: Self = Self(0);

            /// The set of one name, if there is such a name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, set)| set)
            }

            /// Whether the two sets share a member.
            pub(crate) const fn has(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether every member of `other` is in this set.
            pub(crate) const fn has_all(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Both sets together.
            pub(crate) const fn and(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// This set if the condition holds, else the empty set.
            pub(crate) const fn when(self, condition: bool) -> Self {
                if condition { self } else { Self(0) }
            }
        }
    };
    (@constants $bits:ty, $at:expr; $(#[$doc:meta])* $constant:ident, $($rest:tt)*) => {
        $(#[$doc])*
        pub(crate) const $constant: Self = Self(1 << ($at));
        names!(@constants $bits, $at + 1; $($rest)*);
    };
    (@constants $bits:ty, $at:expr;) => {};
}

names! {
    /// What a command does.
    Kinds: u64 {
        /// Reads what a file holds.
        READ = "read",
        /// Creates, replaces or changes a file.
        WRITE = "write",
        /// Removes files or what they hold.
        DELETE = "delete",
        /// Changes permissions.
        MODE = "mode",
        /// Changes the owner.
        OWNER = "owner",
        /// Runs a program or script file.
        RUN = "run",
        /// Runs text as code.
        CODE = "code",
        /// A shell's input or output is a network connection.
        SHELL = "shell",
        /// Opens a network connection.
        CONNECT = "connect",
        /// Sends data over the network.
        SEND = "send",
        /// Waits for connections.
        LISTEN = "listen",
        /// Gets something over the network.
        FETCH = "fetch",
        /// Installs software.
        INSTALL = "install",
        /// Ends processes.
        KILL = "kill",
        /// Becomes another user.
        PRIVILEGE = "privilege",
        /// Writes to a disk as a whole.
        DISK = "disk",
        /// Makes something run later by itself.
        PERSIST = "persist",
        /// Runs statements in a database.
        DATABASE = "database",
        /// Calls a web service with a method that changes something.
        HTTP = "http",
        /// Multiplies without end.
        BOMB = "bomb",
        /// Sets a variable that changes what other programs do.
        ENVIRONMENT = "environment",
        /// Erases traces.
        TRACES = "traces",
        /// A credential stands in the command.
        CREDENTIAL = "credential",
        /// Looks like something else than it is.
        DISGUISE = "disguise",
        /// Cannot be understood.
        OPAQUE = "opaque",
    }
}

names! {
    /// Where an effect strikes.
    Places: u64 {
        /// `/` or everything in it.
        ROOT = "root",
        /// The operating system's own folders.
        SYSTEM = "system",
        /// A home folder as a whole.
        HOME = "home",
        /// Inside a home folder, outside the project.
        IN_HOME = "in-home",
        /// The project's root, a folder above it, or everything in it.
        PROJECT_ROOT = "project-root",
        /// Inside the project.
        PROJECT = "project",
        /// A repository's own data (`.git`).
        REPOSITORY = "repository",
        /// Folders for temporary files.
        TEMP = "temp",
        /// What builds make again.
        BUILD = "build",
        /// The null device, the terminal, the standard streams.
        STREAM = "stream",
        /// A disk, a partition, memory.
        DEVICE = "device",
        /// Outside the project, known.
        OUTSIDE = "outside",
        /// Not known.
        UNKNOWN = "unknown",
        /// Claude Code's own files.
        CLAUDE = "claude",
        /// ccs's own files.
        CCS = "ccs",
        /// This machine, by any of its names.
        LOOPBACK = "loopback",
        /// A network that is not public.
        PRIVATE_NETWORK = "private-network",
        /// The metadata service of a cloud machine.
        METADATA = "metadata",
        /// A host on the public internet, or not known.
        INTERNET = "internet",
    }
}

names! {
    /// How it is done.
    Tags: u64 {
        /// Whole trees.
        TREE = "tree",
        /// Without asking back.
        FORCE = "force",
        /// Only what a filter selects.
        FILTERED = "filtered",
        /// Everything in a folder.
        ALL = "all",
        /// The target is only partly known.
        GUESSED = "guessed",
        /// As another user.
        ELEVATED = "elevated",
        /// On another machine.
        REMOTE = "remote",
        /// In a container.
        CONTAINER = "container",
        /// What came over the network.
        NETWORK = "from-network",
        /// What came out of a decoder.
        DECODED = "decoded",
        /// What a secret file holds.
        SECRET = "secret",
        /// The environment.
        ENV = "environment",
        /// What a local file holds.
        FILE = "file",
        /// Unknown text.
        UNKNOWN_TEXT = "unknown-text",
        /// At the end of what is there.
        APPEND = "append",
        /// For everybody.
        WORLD = "world",
        /// With the owner's rights.
        SETUID = "setuid",
        /// By way of a link.
        LINK = "link",
        /// Without encryption.
        PLAIN = "plain",
        /// Without checking certificates.
        UNVERIFIED = "unverified",
        /// To a bare address.
        ADDRESS = "address",
        /// A name made to look like another.
        LOOKALIKE = "lookalike",
        /// Drops tables, databases, collections.
        DROP = "drop",
        /// Removes or changes every row.
        EVERY_ROW = "every-row",
        /// Removes something.
        REMOVE = "remove",
        /// Administers.
        ADMIN = "admin",
        /// Names that no process has in common.
        EVERY_PROCESS = "every-process",
        /// Uses a network feature of the shell itself.
        RAW = "raw",
        /// A name chosen by a rule: a known collecting place.
        DROPBOX = "dropbox",
        /// Data hidden in names that are looked up.
        LOOKUP = "lookup",
        /// Moves the file away.
        MOVE = "move",
        /// Text that was not read.
        UNREAD = "unread",
        /// What a list of items holds.
        ITEMS = "from-items",
        /// Judged while the word could be anything.
        MAYBE = "maybe",
    }
}
