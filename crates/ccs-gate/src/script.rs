//! What an inline script of another language does, as far as its text shows.
//!
//! [`acts`] reads the text behind `python -c`, `node -e`, `perl -e` and their kind and lists what
//! it would do: commands it hands to a shell, files it touches, hosts it talks to, code it runs.
//! It executes nothing and reaches nothing; whether an act is a bad idea is judged elsewhere.
//!
//! The way through: [`lex`] cuts the text into tokens, [`parse`] makes one small tree
//! ([`expr`]) of every language, [`machine`] follows that tree with constant values and asks the
//! tables under `rules/script/` what a name that resolves to a library's function does. Names
//! count only where they resolve: a comment, a string that is printed or a method of some other
//! object is no act.
//!
//! Every text gives an answer. Nesting is cut at a fixed depth and all work is drawn from one
//! [`budget`]; where either ends, [`Acts::complete`] is false and what was found so far stands.

mod budget;
mod decode;
mod expr;
mod fold;
mod lex;
mod machine;
mod parse;
mod pasted;
mod table;
mod value;

#[cfg(test)]
mod tests;

/// A language whose text can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    Python,
    JavaScript,
    Perl,
    Ruby,
    Php,
    Awk,
    Lua,
    PowerShell,
    Tcl,
    R,
    /// Java and what runs on its machine: Groovy, jshell, jrunscript, jjs.
    Java,
}

impl Language {
    /// The language a program of this name interprets; a path, a version and `.exe` may be part
    /// of the name.
    pub(crate) fn of_program(name: &str) -> Option<Language> {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let bare = base
            .trim_end_matches(".exe")
            .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
        Some(match bare {
            "python" | "pypy" | "ipython" | "bpython" | "jython" | "micropython" => {
                Language::Python
            }
            "node" | "nodejs" | "deno" | "bun" | "tsx" | "ts-node" | "qjs" => Language::JavaScript,
            "perl" => Language::Perl,
            "ruby" | "irb" | "jruby" => Language::Ruby,
            "php" | "php-cli" => Language::Php,
            "awk" | "gawk" | "mawk" | "nawk" | "original-awk" | "goawk" => Language::Awk,
            "lua" | "luajit" | "texlua" => Language::Lua,
            "pwsh" | "powershell" => Language::PowerShell,
            "tclsh" | "expect" | "wish" | "jimsh" => Language::Tcl,
            "Rscript" | "rscript" | "R" | "littler" => Language::R,
            "jshell" | "jrunscript" | "jjs" | "groovy" | "groovysh" | "java" => Language::Java,
            _ => return None,
        })
    }
}

/// An abstract string: known text in which the character NUL stands for any text that could not
/// be known. A leading `~` is the home directory.
pub(crate) type Text = String;

/// One thing a script does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Text handed to a shell.
    Shell(Text),
    /// A program started without a shell: its name and arguments. Unknown commands of
    /// PowerShell and Tcl are also reported this way.
    Program(Vec<Text>),
    /// Code run in a language: what is partly unknown, or in another language than the script's.
    /// Code that is fully known has been followed, and its acts are in the list instead.
    Code(Language, Text),
    /// A file is read.
    Read(Text),
    /// A file is created or replaced; the text if it can be seen.
    Write { path: Text, text: Option<Text> },
    /// A file grows by a text.
    Append { path: Text, text: Option<Text> },
    /// A file is removed; with `tree`, everything below it too.
    Delete { path: Text, tree: bool },
    /// A file gets another name or place.
    Rename { from: Text, to: Text },
    /// Permissions change; the mode as written, in octal where it was a number.
    Chmod { path: Text, mode: Text },
    /// The owner changes.
    Chown { path: Text },
    /// A connection or a request without a body: `host:port`, host or URL.
    Connect { to: Text },
    /// A request with a body, an upload, or data written to a socket.
    Send { to: Text, body: Text },
    /// A server socket is opened.
    Listen,
    /// A shell reads its commands from a socket.
    ShellOnSocket,
    /// Text from the network is executed.
    Fetched,
    /// The whole environment is printed or sent.
    Env,
    /// A signal is sent to a process, by its id as text.
    Kill(Text),
    /// Text is written to standard output.
    Print(Text),
    /// Processes are forked without an end.
    ForkBomb,
    /// Something is executed that came out of a decoding step and cannot be known; which step.
    Opaque(&'static str),
    /// A destructive method of a client of some remote service.
    Remote { verb: Text },
}

/// Everything a script was seen to do.
///
/// A list of what its text shows, and no proof of what it leaves alone: a call of a function
/// that the tables do not know leaves no act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acts {
    /// In the order they were found, without repetition.
    pub(crate) acts: Vec<Act>,
    /// False if the work allowed for one script did not suffice for all of it.
    pub(crate) complete: bool,
}

/// Lists what `source` does.
///
/// `args` are the script's own arguments (`sys.argv[1:]`, `@ARGV`, `$argv` …), `stdin` the text
/// on its standard input if that is known. In all three NUL stands for unknown text.
///
/// What an interpreter's options add to the text is the caller's to add: `perl -MFoo` is
/// `use Foo;` before it, `awk -v a=b` is `BEGIN { a = "b" }`.
pub(crate) fn acts(language: Language, source: &str, stdin: Option<&str>, args: &[Text]) -> Acts {
    if pasted::is_command_line(language, source) {
        return Acts {
            acts: vec![Act::Shell(source.trim().to_owned())],
            complete: true,
        };
    }
    machine::Machine::new(language, stdin, args).run(source)
}
