//! What the callables of each language do: the tables made of `rules/script/*.yaml`.

use super::Language;

/// The table of one language.
#[derive(Debug)]
pub(super) struct Table {
    /// Other names, sorted; an empty target is the language itself.
    aliases: &'static [(&'static str, &'static str)],
    /// Callables by name, sorted.
    calls: &'static [(&'static str, Entry)],
}

/// What one callable does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) shape: Shape,
    /// The argument that is meant; -1 is the receiver.
    pub(super) at: i8,
    /// The other argument of shapes that have two.
    pub(super) to: i8,
    /// Names of the main argument.
    pub(super) keys: &'static [&'static str],
    /// The kind of object that comes back, or "".
    pub(super) gives: &'static str,
}

/// The ways to act, and the ways to compute. The rule files spell them with hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    // Execution.
    /// One text for a shell.
    Shell,
    /// A shell for one argument, a program for several.
    System,
    /// A list of arguments, or a text with `shell=True`: Python's `subprocess`.
    Subprocess,
    /// The arguments are the program's own.
    Program,
    /// The program, then its arguments as a list.
    Spawn,
    /// The program, then its arguments as a list that begins with its name.
    Execv,
    /// The program, then its arguments, the first of which is its name.
    Execl,
    /// One text that is split at spaces, without a shell.
    Words,
    /// A program started from an object that was prepared before.
    Start,
    /// Code of the same language.
    Code,
    /// Code of a file or address.
    CodeFile,
    /// The same, in a process of its own.
    ForkFile,
    /// JavaScript's `Function(…)`: code that is called later.
    MakeFunction,
    /// Lua's `load(…)`: the same, with the code as the main argument.
    CodeLater,
    /// Data that runs code when it is loaded.
    Load,
    /// awk's `"command" | getline`.
    CommandOutput,
    // Files.
    Read,
    Write,
    Append,
    /// The mode says what is done; it may also be a command.
    Open,
    /// Opened to be written.
    OpenWrite,
    /// R's `writeLines(text, connection)`.
    WriteLines,
    /// Perl's `open`, whose handle is the first argument.
    OpenHandle,
    /// Output to the receiver, or to the first argument: file, socket or process.
    Put,
    /// The receiver's output goes to the first argument.
    PipeTo,
    /// The same, with a handle before the text.
    PutTo,
    /// To standard output, with the end of the line.
    PrintLine,
    /// To standard output, as it is.
    Print,
    /// To standard output, formatted.
    PrintFormat,
    Delete,
    DeleteTree,
    /// A tree if an option says so.
    DeleteMaybe,
    Rename,
    Copy,
    Chmod,
    /// The mode comes first, the paths follow.
    ChmodAll,
    Chown,
    /// Gives the pattern back that says which files are meant.
    Glob,
    /// Calls a function for each file below folders.
    FindFiles,
    /// Names in a folder.
    Names,
    /// The paths of what lies in or below a folder.
    Below,
    /// PowerShell's `Get-ChildItem`, whose folder may be the environment.
    ListItems,
    /// All folders below one, with what is in them.
    Walk,
    // Network.
    /// Host and port, in one text, a tuple, two arguments or options.
    Connect,
    /// Port and host, in this order.
    ConnectPort,
    /// An address for a later `connect`: port, host.
    Address,
    /// Makes the variable given first a socket.
    SocketHandle,
    /// A request; with a body it sends.
    Request,
    Send,
    /// PHP's `curl_setopt`.
    CurlOption,
    Download,
    Listen,
    /// Reads from the handle into a variable.
    ReadInto,
    // Processes.
    Kill,
    Fork,
    /// Waits for something, which keeps an endless loop from being one that only forks.
    Wait,
    Endless,
    // Tcl's commands with subcommands.
    TclFile,
    TclPuts,
    TclGets,
    TclSocket,
    TclString,
    TclBinary,
    // Names.
    /// The names of the language, or the module given.
    Scope,
    Import,
    Attribute,
    /// The first argument names the function.
    Dispatch,
    /// The receiver is called with the arguments from a position on.
    Invoke,
    /// The receiver is called with a list of arguments.
    Apply,
    /// The first argument is called with the others.
    CallFirst,
    Map,
    Construct,
    Identity,
    Object,
    /// The function a text names.
    Reference,
    // Values.
    Environment,
    Variable,
    DumpEnvironment,
    Arguments,
    StandardInput,
    StandardOutput,
    /// The text under `gives`.
    Constant,
    /// The same as a path object.
    PathConstant,
    Unknown,
    /// Something of no interest, whatever went in: a length, a comparison.
    Clean,
    Shift,
    Readline,
    // Texts and lists.
    Character,
    Ordinal,
    Join,
    Split,
    Reverse,
    Replace,
    Translate,
    Lower,
    Upper,
    Strip,
    Repeat,
    Substring,
    FormatText,
    /// All arguments, with the text under `gives` between.
    Concatenate,
    PathJoin,
    BaseName,
    DirectoryName,
    ParseNumber,
    Base64,
    Base64Encode,
    Hex,
    Rot13,
    Percent,
    Pack,
    Unpack,
    Decode,
    Unicode,
    /// A decoding step that is not followed.
    Opaque,
    Bytes,
    Cast,
    Keys,
    WordList,
    RangeOf,
    Field,
    Collect,
    /// The first element of a list; anything else is itself.
    ListFirst,
    Push,
}

impl Table {
    pub(super) fn of(language: Language) -> &'static Table {
        match language {
            Language::Python => &PYTHON,
            Language::JavaScript => &JAVASCRIPT,
            Language::Perl => &PERL,
            Language::Ruby => &RUBY,
            Language::Php => &PHP,
            Language::Awk => &AWK,
            Language::Lua => &LUA,
            Language::PowerShell => &POWERSHELL,
            Language::Tcl => &TCL,
            Language::R => &R,
            Language::Java => &JAVA,
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&'static Entry> {
        let at = self
            .calls
            .binary_search_by(|(other, _)| (*other).cmp(name))
            .ok()?;
        Some(&self.calls[at].1)
    }

    /// Whether anything of the module is known.
    pub(super) fn has_module(&self, module: &str) -> bool {
        let after = self.calls.partition_point(|(name, _)| *name < module);
        self.calls[after..]
            .iter()
            .take_while(|(name, _)| name.starts_with(module))
            .any(|(name, _)| name[module.len()..].starts_with('.'))
    }

    /// The real name of `name`.
    pub(super) fn real<'n>(&self, name: &'n str) -> &'n str
    where
        'static: 'n,
    {
        match self
            .aliases
            .binary_search_by(|(other, _)| (*other).cmp(name))
        {
            Ok(at) => self.aliases[at].1,
            Err(_) => name,
        }
    }
}

/// The examples of one entry, for the test that runs them.
#[cfg(test)]
#[derive(Debug)]
pub(super) struct Example {
    pub(super) file: &'static str,
    pub(super) entry: &'static str,
    pub(super) language: Language,
    /// Expected act to text.
    pub(super) hits: &'static [(&'static str, &'static str)],
    pub(super) misses: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/script.rs"));
