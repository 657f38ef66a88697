//! Writes `rules/command/*.yaml` as static tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use pattern::Patterns;
use schema::{Entry, File, Program};

#[allow(dead_code)]
#[path = "../src/rule/pattern.rs"]
mod pattern;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/rule/schema.rs"]
mod schema;

/// Fails the build with `file:line` on the first thing that is wrong in a rule file.
pub(crate) fn generate() {
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")).join("rules/command");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=src/rule");
    let mut tables = Tables::default();
    for path in yaml_files(&folder) {
        tables.add(&path);
    }
    let target = Path::new(&variable("OUT_DIR")).join("rules.rs");
    fs::write(&target, tables.print()).unwrap_or_else(|e| panic!("{}: {e}", target.display()));
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    files
}

/// Everything that goes into the generated file, as Rust text.
#[derive(Default)]
struct Tables {
    sources: String,
    rules: String,
    firsts: String,
    specs: String,
    ids: BTreeMap<String, PathBuf>,
    /// By program: the place of its specification and of its rules.
    programs: BTreeMap<String, (Option<usize>, Vec<usize>)>,
    specified: usize,
}

impl Tables {
    fn add(&mut self, path: &Path) {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let file = File::parse(&text)
            .unwrap_or_else(|e| panic!("\n{}:{}: {}\n", path.display(), e.line, e.what));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(self.sources, "({name:?}, include_str!({path:?})),");
        for program in &file.programs {
            self.program(program, path);
        }
        for rule in &file.rules {
            self.rule(rule, path);
        }
    }

    fn program(&mut self, program: &Program, path: &Path) {
        for name in &program.names {
            let slot = &mut self.programs.entry(name.clone()).or_default().0;
            if slot.replace(self.specified).is_some() {
                panic!(
                    "\n{}: the program `{name}` is described twice\n",
                    path.display()
                );
            }
        }
        self.specified += 1;
        let _ = writeln!(
            self.specs,
            "ProgramSpec {{ names: text({:?}), values: text({:?}), before: text({:?}), \
             after: text({:?}), flags: text({:?}), single_dash: {}, admin: {}, \
             unless: Patterns::known({:?}), runs: Patterns::known({:?}) }},",
            program.names.join(" "),
            program.values.join(" "),
            program.before.join(" "),
            program.after(),
            program.flags.join(" "),
            program.single_dash,
            program.admin,
            lines(&program.unless),
            lines(&program.runs),
        );
    }

    fn rule(&mut self, rule: &Entry, path: &Path) {
        let place = self.ids.len();
        if let Some(other) = self.ids.insert(rule.id.clone(), path.to_owned()) {
            panic!(
                "\n{}: the id {} is also in {}\n",
                path.display(),
                rule.id,
                other.display()
            );
        }
        for name in &rule.program {
            self.programs.entry(name.clone()).or_default().1.push(place);
        }
        let first = patterns(&rule.args).first_words();
        let _ = writeln!(self.firsts, "{first:#x},");
        let quote = |text: &String| format!("text({text:?})");
        let instead = rule.instead.as_ref().map(quote);
        let rewrite = rule.rewrite.as_ref();
        let rewrite = rewrite.map(|r| format!("({}, {})", quote(&r.replace), quote(&r.with)));
        let _ = writeln!(
            self.rules,
            "Rule {{ id: text({:?}), title: text({:?}), severity: Severity::{:?}, \
             decision: Decision::{:?}, why: text({:?}), instead: {}, rewrite: {}, \
             when: command({:?}, {:?}, {:?}, {}) }},",
            rule.id,
            rule.title,
            rule.severity,
            rule.decision,
            rule.why,
            option(instead),
            option(rewrite),
            rule.program.join(" "),
            lines(&rule.args),
            lines(&rule.unless),
            rule.general,
        );
    }

    fn print(&self) -> String {
        let (mut order, mut programs) = (Vec::<usize>::new(), String::new());
        let mut group = BTreeMap::from([("@admin", (0, 0)), ("@unknown", (0, 0))]);
        for (name, (spec, rules)) in &self.programs {
            let span = (order.len(), rules.len());
            order.extend(rules);
            if let Some(place) = group.get_mut(name.as_str()) {
                *place = span;
            }
            let _ = writeln!(
                programs,
                "program({name:?}, {spec:?}, {}, {}),",
                span.0, span.1
            );
        }
        format!(
            "#[cfg(feature = \"compile\")]\npub(crate) static SOURCES: &[(&str, &str)] = &[\n{}];\n\
             static BUILTIN: RuleSet = RuleSet {{\nrules: Cow::Borrowed(&[\n{}]),\n\
             firsts: Cow::Borrowed(&[\n{}]),\n\
             specs: Cow::Borrowed(&[\n{}]),\nprograms: Cow::Borrowed(&[\n{programs}]),\n\
             order: Cow::Borrowed(&{order:?}),\nadmin: {:?},\nunknown: {:?},\n}};\n",
            self.sources, self.rules, self.firsts, self.specs, group["@admin"], group["@unknown"],
        )
    }
}

fn patterns(texts: &[String]) -> Patterns {
    Patterns::parse(texts).unwrap_or_else(|e| panic!("{e}"))
}

fn lines(texts: &[String]) -> String {
    Vec::from(patterns(texts)).join("\n")
}

fn option(text: Option<String>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({text})"))
}
