//! Programming languages, as far as a scan must tell them apart. Shared with the build script.

/// A family of languages that are written alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// JavaScript and TypeScript, with JSX, Vue and Svelte.
    JavaScript,
    /// Go.
    Go,
    /// Java.
    Java,
    /// C#.
    CSharp,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// sh and bash.
    Shell,
    /// C, C++ and Objective-C.
    C,
    /// Kotlin.
    Kotlin,
    /// Swift.
    Swift,
    /// Everything else: only what is no matter of language is looked for.
    Other,
}

/// Languages with their names in rule files and the ends of their files.
const NAMES: &[(Language, &str, &[&str])] = &[
    (Language::Rust, "rust", &["rs"]),
    (Language::Python, "python", &["py", "pyi", "pyw"]),
    (
        Language::JavaScript,
        "javascript",
        &[
            "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte",
        ],
    ),
    (Language::Go, "go", &["go"]),
    (Language::Java, "java", &["java"]),
    (Language::CSharp, "csharp", &["cs"]),
    (Language::Ruby, "ruby", &["rb", "rake", "gemspec"]),
    (Language::Php, "php", &["php", "phtml"]),
    (Language::Shell, "shell", &["sh", "bash"]),
    (
        Language::C,
        "c",
        &["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "mm"],
    ),
    (Language::Kotlin, "kotlin", &["kt", "kts"]),
    (Language::Swift, "swift", &["swift"]),
];

impl Language {
    /// The language of a file, by its name and, where that has no ending, its first line.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        match name.rsplit_once('.') {
            Some((stem, end)) if !stem.is_empty() => {
                let end = end.to_ascii_lowercase();
                let known = NAMES
                    .iter()
                    .find(|(_, _, ends)| ends.contains(&end.as_str()));
                known.map_or(Self::Other, |known| known.0)
            }
            _ => Self::of_first_line(text.lines().next().unwrap_or_default()),
        }
    }

    fn of_first_line(line: &str) -> Self {
        let Some(program) = line.strip_prefix("#!") else {
            return Self::Other;
        };
        let word = program
            .split([' ', '/'])
            .rfind(|word| !word.is_empty() && !word.starts_with('-'));
        match word.unwrap_or_default() {
            "sh" | "bash" | "dash" => Self::Shell,
            "node" => Self::JavaScript,
            "ruby" => Self::Ruby,
            "php" => Self::Php,
            word if word.starts_with("python") => Self::Python,
            _ => Self::Other,
        }
    }

    /// The language of this name in a rule file.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = NAMES.iter().find(|known| known.1 == name);
        known.map(|known| known.0)
    }

    /// The name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = NAMES.iter().find(|known| known.0 == self);
        known.map_or("other", |known| known.1)
    }

    /// Whether the end of a line ends a statement.
    pub(crate) fn heeds_lines(self) -> bool {
        matches!(
            self,
            Self::Python | Self::Ruby | Self::Shell | Self::Go | Self::Kotlin | Self::Swift
        )
    }

    /// A set of languages with only this one in it.
    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }
}
