//! Commands as agents type them all day, made up from lists.

/// What is typed; each word in braces is filled in from the list of that name.
const SHAPES: &[&str] = &[
    "ls -la {dir}",
    "cat {file}",
    "head -n {number} {file}",
    "cd {dir} && {build}",
    "{build} 2>&1 | tail -{number}",
    "{build} && {build}",
    "git status --short",
    "git diff --stat HEAD~1 -- {dir}",
    "git add {file} && git commit -m '{word}: handle an empty {word}'",
    "git log --oneline -{number} -- {file}",
    "git checkout -b {word}-{word}",
    "grep -rn \"fn {word}\" {dir} --include='*.rs' | head -{number}",
    "rg -n '{word}' {dir}",
    "find {dir} -name '*.{word}' -type f | wc -l",
    "sed -n '{number},200p' {file}",
    "sed -i 's/{word}/{word}/g' {file}",
    "mkdir -p {dir}/{word} && touch {dir}/{word}/mod.rs",
    "rm -rf target/{word} node_modules/.cache",
    "python3 -m pytest {dir}/tests -k {word} -x -q",
    "python3 -c \"import json; print(json.load(open('{file}'))['{word}'])\"",
    "npm run {word} -- --watch=false",
    "npx tsc --noEmit -p {dir}",
    "docker compose up -d {word} && docker compose logs {word} --tail {number}",
    "curl -s http://localhost:{number}000/{word} | jq '.{word}'",
    "for f in {dir}/*.json; do jq -r .{word} \"$f\"; done",
    "rev=$(git rev-parse --short HEAD); echo \"built {word} at $rev\"",
    "if [ -f {file} ]; then wc -l {file}; else echo missing; fi",
    "cat > {file} <<'EOF'\nuse crate::{word};\n\nfn {word}() -> usize {\n    {number}\n}\nEOF",
    "cp {file} {file}.orig && diff -u {file}.orig {file}",
    "tar czf /tmp/{word}.tgz {dir}",
    "make -j{number} {word}",
    "echo \"{word} {number}\" >> notes.md",
    "ps aux | grep {word} | grep -v grep | awk '{print $2}'",
    "sort {file} | uniq -c | sort -rn | head -{number}",
    "export RUST_LOG={word}=debug; timeout {number}0 {build}",
    "terraform plan -out {word}.plan",
    "kubectl get pods -n {word} -o wide",
    "psql -h localhost -d {word} -c 'select count(*) from {word} limit {number}'",
];
const DIRS: &[&str] = &[
    "src",
    "crates/core/src",
    "tests",
    "web/app",
    "./docs",
    "packages/api",
    ".",
];
const FILES: &[&str] = &[
    "src/main.rs",
    "README.md",
    "package.json",
    "web/app/index.ts",
    "Cargo.toml",
    "tests/a_test.py",
];
const BUILDS: &[&str] = &[
    "cargo test -p core -- --nocapture",
    "cargo clippy --all-targets",
    "npm test",
    "go build ./...",
    "make check",
    "pytest -q",
    "cargo build --release",
];
const WORDS: &[&str] = &[
    "parser",
    "config",
    "session",
    "render",
    "cache",
    "user",
    "token_count",
    "queue",
    "lint",
    "build",
];
const NUMBERS: &[&str] = &["3", "5", "8", "20", "50"];
const LISTS: &[(&str, &[&str])] = &[
    ("{dir}", DIRS),
    ("{file}", FILES),
    ("{build}", BUILDS),
    ("{word}", WORDS),
    ("{number}", NUMBERS),
];
/// So many that a cache of whole commands would show.
const COUNT: usize = 20_000;

/// Lines for `ccs check --jsonl`, the same in every run.
pub(crate) fn made_up() -> Vec<String> {
    let mut dice = Dice(1);
    (0..COUNT)
        .map(|number| {
            let command = filled(SHAPES[number % SHAPES.len()], &mut dice);
            let cwd = "/home/dev/shop";
            format!(
                "{}\n",
                serde_json::json!({ "id": number, "command": command, "cwd": cwd })
            )
        })
        .collect()
}

fn filled(shape: &str, dice: &mut Dice) -> String {
    let mut text = shape.to_owned();
    for (name, list) in LISTS {
        while text.contains(name) {
            text = text.replacen(name, list[dice.roll(list.len())], 1);
        }
    }
    text
}

/// Numbers without a pattern that a command's cost could follow (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}
