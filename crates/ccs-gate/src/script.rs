//! What an inline script of another language does, as far as its text shows.
//!
//! [`lex`] cuts the text into tokens and [`parse`] makes one small tree ([`expr`]) of every
//! language. Nesting is cut at a fixed depth and all work is drawn from one [`budget`].

mod budget;
mod expr;
mod lex;
mod parse;
mod table;

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
            "Rscript" | "R" | "littler" => Language::R,
            "jshell" | "jrunscript" | "jjs" | "groovy" | "groovysh" | "java" => Language::Java,
            _ => return None,
        })
    }
}
