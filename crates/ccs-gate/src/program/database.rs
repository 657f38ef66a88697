//! Database clients: the statements they are given.

use super::args::Args;
use super::{Command, Model, generic};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "psql" | "mysql" | "mariadb" | "sqlite3" | "sqlite" | "sqlcmd" | "osql" | "cqlsh"
        | "clickhouse-client" | "clickhouse" | "duckdb" | "snowsql" | "trino" | "presto"
        | "sqlplus" | "cockroach" | "usql" | "pgcli" | "mycli" | "litecli" | "bq"
        | "impala-shell" | "hive" | "beeline" | "spark-sql" | "isql" | "db2" | "influx"
        | "turso" | "planetscale" | "pscale" | "neonctl" | "crdb" | "ysqlsh" | "mycli-run" => sql,
        "mongo" | "mongosh" => mongo,
        "redis-cli" | "valkey-cli" | "keydb-cli" => redis,
        _ => return None,
    })
}

/// Options of clients of databases that have a value.
const SQL: &[&str] = &[
    "-c",
    "-e",
    "-f",
    "-q",
    "-Q",
    "-d",
    "-h",
    "-p",
    "-P",
    "-U",
    "-u",
    "-D",
    "-o",
    "-L",
    "-v",
    "-s",
    "-i",
    "-S",
    "--command",
    "--execute",
    "--query",
    "--file",
    "--dbname",
    "--host",
    "--port",
    "--username",
    "--user",
    "--database",
    "--output",
    "--url",
    "--init-command",
];

fn sql(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), SQL);
    let mut texts: Vec<String> = args
        .values(&[
            "c",
            "e",
            "q",
            "Q",
            "--command",
            "--execute",
            "--query",
            "--init-command",
        ])
        .map(str::to_owned)
        .collect();
    texts.extend(
        args.texts()
            .filter(|word| word.contains(' ') || word.starts_with(['.', '\\']))
            .map(str::to_owned),
    );
    if command.name.starts_with("sqlite")
        && let Some(file) = args.texts().next()
    {
        eval.read(file);
    }
    for file in args.values(&["f", "--file", "i"]) {
        match eval.content(file, io) {
            Some(value) => texts.push(value.text),
            None => {
                eval.read(file);
            }
        }
    }
    if let Some(stdin) = &io.stdin {
        texts.push(stdin.text.clone());
    }
    for text in &texts {
        statements(eval, text);
    }
    for file in args.values(&["o", "L", "--output"]) {
        eval.change(file, Tags::NONE);
    }
    Value::unknown(Labels::OUTPUT)
}

/// Looks at each statement of a text.
pub(crate) fn statements(eval: &mut Eval<'_>, text: &str) {
    for line in text.lines() {
        client_command(eval, line.trim());
    }
    for statement in split(text) {
        let tags = tags(&statement);
        if tags != Tags::NONE {
            eval.effect(Kinds::DATABASE, Places::NONE, tags, &statement);
        }
    }
    if let Some(program) = text
        .to_uppercase()
        .find("PROGRAM '")
        .map(|at| &text[at + 9..])
    {
        let shell = program.split('\'').next().unwrap_or("").to_owned();
        eval.subshell(|eval| eval.run_text(&shell, &Io::default()));
    }
}

/// `\! cmd`, `.shell cmd`, `.import file`.
fn client_command(eval: &mut Eval<'_>, line: &str) {
    let shell = [
        ".shell ", ".system ", "\\!", "\\! ", "system ", "!! ", ".sh ",
    ]
    .iter()
    .find_map(|start| line.strip_prefix(start));
    if let Some(shell) = shell.filter(|_| !line.ends_with(';') || line.starts_with(['.', '\\'])) {
        eval.subshell(|eval| eval.run_text(shell, &Io::default()));
    } else if line.starts_with(['.', '\\']) {
        generic::embedded(eval, line);
    }
    let upper = line.to_uppercase();
    if upper.contains("LOAD_FILE(")
        || upper.contains("LOAD DATA")
        || upper.contains("PG_READ_FILE")
        || upper.contains("READ_TEXT(")
        || (upper.starts_with("COPY ") && upper.contains(" FROM "))
    {
        generic::embedded(eval, line);
    }
}

/// Statements without comments and with every string emptied.
fn split(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let Some(statement) = all.last_mut() else {
            break;
        };
        match letter {
            '\'' => {
                skip_string(&mut rest, letter);
                statement.push_str("''");
            }
            '-' if rest.peek() == Some(&'-') => while rest.next_if(|c| *c != '\n').is_some() {},
            '#' => while rest.next_if(|c| *c != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => {
                skip_comment(&mut rest);
                statement.push(' ');
            }
            ';' => all.push(String::new()),
            c => statement.push(c),
        }
    }
    all
}

fn skip_string(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char) {
    while let Some(letter) = rest.next() {
        if letter == '\\' {
            rest.next();
        } else if letter == quote && rest.next_if_eq(&quote).is_none() {
            return;
        }
    }
}

fn skip_comment(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut last = ' ';
    for letter in rest.by_ref() {
        if last == '*' && letter == '/' {
            return;
        }
        last = letter;
    }
}

fn tags(statement: &str) -> Tags {
    let upper = statement.to_uppercase();
    let words: Vec<&str> = upper.split_whitespace().collect();
    let has = |word: &str| {
        words
            .iter()
            .any(|known| known.trim_matches(|c: char| !c.is_alphanumeric()) == word)
    };
    let everywhere = !has("WHERE")
        || upper.contains("1=1")
        || upper.contains("1 = 1")
        || upper.contains("WHERE TRUE");
    match words.as_slice() {
        ["DROP", what, ..] if !matches!(*what, "TEMPORARY" | "TEMP" | "STATISTICS" | "COMMENT") => {
            Tags::DROP
        }
        ["TRUNCATE", ..] => Tags::EVERY_ROW,
        ["DELETE", ..] if everywhere && has("FROM") => Tags::EVERY_ROW,
        ["UPDATE", ..] if everywhere && has("SET") => Tags::EVERY_ROW,
        ["ALTER", ..] if has("DROP") => Tags::DROP,
        ["GRANT", ..] if has("ALL") || has("SUPERUSER") || has("DBA") => Tags::ADMIN,
        ["ALTER" | "CREATE", "USER" | "ROLE", ..] if has("SUPERUSER") => Tags::ADMIN,
        ["WITH", ..] if has("DELETE") && everywhere => Tags::EVERY_ROW,
        [first, ..] if first.starts_with("FLUSH") && has("ALL") => Tags::EVERY_ROW,
        _ if upper.contains("XP_CMDSHELL") => Tags::ADMIN,
        ["COPY", ..] if has("PROGRAM") => Tags::ADMIN,
        _ if upper.contains("INTO OUTFILE") || upper.contains("INTO DUMPFILE") => Tags::ADMIN,
        _ => Tags::NONE,
    }
}

fn mongo(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "--eval",
            "--host",
            "--port",
            "-u",
            "-p",
            "--username",
            "--password",
            "--authenticationDatabase",
        ],
    );
    let stdin = io.stdin.as_ref().map(|value| value.text.clone());
    for text in args.values(&["--eval"]).map(str::to_owned).chain(stdin) {
        if let Some(tags) = mongo_tags(&text) {
            eval.effect(Kinds::DATABASE, Places::NONE, tags, &text);
        }
    }
    for file in args.texts().filter(|word| word.ends_with(".js")) {
        eval.read(file);
    }
    Value::unknown(Labels::OUTPUT)
}

fn mongo_tags(text: &str) -> Option<Tags> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    const DROPS: &[&str] = &[
        ".dropDatabase(",
        ".drop(",
        ".dropIndexes(",
        ".dropUser(",
        ".dropRole(",
        ".dropAllUsers",
        ".dropCollection(",
        "dropDatabase:",
        ".shutdownServer(",
    ];
    const EVERY: &[&str] = &[
        ".deleteMany({}",
        ".remove({}",
        ".updateMany({}",
        ".deleteMany()",
        ".remove()",
    ];
    if DROPS.iter().any(|drop| text.contains(drop)) {
        return Some(Tags::DROP);
    }
    EVERY
        .iter()
        .any(|every| text.contains(every))
        .then_some(Tags::EVERY_ROW)
}

fn redis(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "-h",
            "-p",
            "-a",
            "-n",
            "-u",
            "-s",
            "-r",
            "-i",
            "-d",
            "-D",
            "--user",
            "--pass",
            "--eval",
            "--pattern",
            "--tls",
        ],
    );
    let words: Vec<String> = args.texts().map(str::to_uppercase).collect();
    let mut lines = vec![words.join(" ")];
    lines.extend(io.stdin.iter().flat_map(|value| {
        value
            .text
            .lines()
            .map(str::to_uppercase)
            .collect::<Vec<_>>()
    }));
    for line in lines {
        let tags = redis_tags(&line);
        if tags != Tags::NONE {
            eval.effect(Kinds::DATABASE, Places::NONE, tags, &line);
        }
    }
    Value::unknown(Labels::OUTPUT)
}

fn redis_tags(line: &str) -> Tags {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["FLUSHALL" | "FLUSHDB", ..] => Tags::DROP,
        ["SHUTDOWN" | "REPLICAOF" | "SLAVEOF" | "FAILOVER", ..]
        | ["CONFIG", "SET" | "REWRITE" | "RESETSTAT", ..]
        | ["DEBUG", ..]
        | ["MODULE", "LOAD" | "UNLOAD", ..]
        | ["SCRIPT" | "FUNCTION", "FLUSH", ..]
        | ["ACL", "DELUSER" | "SETUSER", ..]
        | [
            "CLUSTER",
            "RESET" | "FORGET" | "FLUSHSLOTS" | "DELSLOTS",
            ..,
        ]
        | ["XGROUP", "DESTROY", ..] => Tags::ADMIN,
        ["DEL" | "UNLINK", rest @ ..]
            if rest.iter().any(|key| key.contains('*')) || rest.contains(&"\0") =>
        {
            Tags::EVERY_ROW
        }
        ["DEL" | "UNLINK", ..] => Tags::REMOVE,
        _ => Tags::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::{redis_tags, split, tags};
    use crate::effect::Tags;

    fn of(text: &str) -> Vec<Tags> {
        split(text)
            .iter()
            .map(|statement| tags(statement))
            .filter(|tags| *tags != Tags::NONE)
            .collect()
    }

    #[test]
    fn statements_that_destroy_are_seen() {
        for text in [
            "DROP TABLE users;",
            "drop/**/database x",
            "select 1; truncate t",
            "DELETE FROM t",
            "delete from t where 1=1",
            "UPDATE t SET a=1",
            "ALTER TABLE t DROP COLUMN c",
        ] {
            assert_eq!(of(text).len(), 1, "{text}");
        }
        for text in [
            "SELECT 'DROP TABLE x'",
            "-- DROP TABLE x",
            "DELETE FROM t WHERE id=1",
            "update t set a=1 where id=2",
            "SELECT * FROM drops",
            "INSERT INTO t VALUES ('a;drop table x')",
        ] {
            assert!(of(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn redis_commands_that_empty_or_reconfigure_are_seen() {
        assert_eq!(redis_tags("FLUSHALL"), Tags::DROP);
        assert_eq!(redis_tags("CONFIG SET DIR /ROOT/.SSH"), Tags::ADMIN);
        assert_eq!(redis_tags("GET X"), Tags::NONE);
    }
}
