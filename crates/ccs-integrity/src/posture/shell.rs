//! Shell text as pipelines of words: enough to see what a command line runs.
//!
//! Not a shell: everything is a list of pipelines, groups and conditions are flattened, and what
//! cannot be read is taken as words. It never fails and is linear in the text.

/// How deep substitutions are read.
const DEPTH: usize = 8;

/// Some commands.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) pipelines: Vec<Pipeline>,
}

/// Commands that feed each other.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub(super) stages: Vec<Stage>,
}

/// One command.
#[derive(Debug, Default)]
pub(super) struct Stage {
    pub(super) words: Vec<Word>,
    /// Files that are written or appended to.
    pub(super) writes: Vec<Word>,
    /// Text that is fed in by `<<`.
    pub(super) fed: Option<String>,
    pub(super) offset: usize,
}

/// One word with its quotes taken off. Substitutions are left out of the text.
#[derive(Debug, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// Variables that the shell splits, because they stand outside of quotes.
    pub(super) split: Vec<String>,
    /// Variables within quotes.
    pub(super) whole: Vec<String>,
    /// What is substituted, and whether outside of quotes.
    pub(super) inner: Vec<(Script, bool)>,
    pub(super) quoted: bool,
}

impl Script {
    /// Every pipeline, substitutions included.
    pub(super) fn all(&self) -> Vec<&Pipeline> {
        let mut found = Vec::new();
        for pipeline in &self.pipelines {
            found.push(pipeline);
            for stage in &pipeline.stages {
                for (inner, _) in stage.words.iter().flat_map(|word| &word.inner) {
                    found.extend(inner.all());
                }
            }
        }
        found
    }

    /// Every command, substitutions included.
    pub(super) fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.all().into_iter().flat_map(|pipeline| &pipeline.stages)
    }
}

const WRAPPERS: &[&str] = &[
    "sudo",
    "doas",
    "env",
    "command",
    "exec",
    "nohup",
    "time",
    "timeout",
    "nice",
    "ionice",
    "setsid",
    "busybox",
    "builtin",
    "xargs",
    "stdbuf",
    "unbuffer",
    "caffeinate",
];
const RESERVED: &[&str] = &[
    "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "in",
];

impl Stage {
    /// The program's name without its folder, and its arguments; wrappers such as `sudo` are
    /// looked through.
    pub(super) fn program(&self) -> Option<(&str, &[Word])> {
        let mut words = &self.words[..];
        loop {
            let (first, rest) = words.split_first()?;
            words = rest;
            let name = first.name();
            if is_assignment(&first.text) || RESERVED.contains(&first.text.as_str()) {
                continue;
            }
            if !WRAPPERS.contains(&name) {
                return Some((name, rest));
            }
            words = skip_options(name, rest);
            if words.is_empty() {
                return Some((name, rest));
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        self.program().map_or("", |(name, _)| name)
    }

    pub(super) fn args(&self) -> &[Word] {
        self.program().map_or(&[], |(_, args)| args)
    }

    pub(super) fn has_arg(&self, wanted: &[&str]) -> bool {
        self.args()
            .iter()
            .any(|word| wanted.contains(&word.text.as_str()))
    }
}

impl Word {
    /// The last part of a path, as programs are called.
    pub(super) fn name(&self) -> &str {
        let name = self.text.rsplit(['/', '\\']).next().unwrap_or(&self.text);
        name.strip_suffix(".exe").unwrap_or(name)
    }
}

fn skip_options<'a>(wrapper: &str, mut words: &'a [Word]) -> &'a [Word] {
    while let Some((first, rest)) = words.split_first() {
        let text = first.text.as_str();
        let takes_value = match wrapper {
            "sudo" | "doas" => matches!(text, "-u" | "-g" | "-p" | "-C" | "-h"),
            "env" => matches!(text, "-u" | "-C" | "--unset" | "--chdir"),
            "xargs" => matches!(text, "-I" | "-n" | "-P" | "-L" | "-d" | "-s" | "-a"),
            "nice" | "ionice" => matches!(text, "-n" | "-c" | "-p"),
            "timeout" => matches!(text, "-s" | "-k"),
            _ => false,
        };
        let number = wrapper == "timeout" && text.starts_with(|c: char| c.is_ascii_digit());
        words = match () {
            () if takes_value => rest.get(1..).unwrap_or_default(),
            () if text.starts_with('-') && text.len() > 1 || is_assignment(text) || number => rest,
            () => return words,
        };
    }
    words
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// Reads shell text.
pub(super) fn parse(text: &str) -> Script {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text,
        at: 0,
        waiting: Vec::new(),
    };
    lexer.script(None, 0)
}

struct Lexer<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    /// Ends of here-documents whose text begins on the next line, and where it goes.
    waiting: Vec<String>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn script(&mut self, close: Option<u8>, depth: usize) -> Script {
        let mut script = Script::default();
        let mut pipeline = Pipeline::default();
        let mut stage = Stage {
            offset: self.at,
            ..Stage::default()
        };
        loop {
            self.blanks();
            let byte = self.peek(0);
            let ends_stage = match byte {
                None => true,
                Some(b) if Some(b) == close => true,
                Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'#') => true,
                Some(b'`') if close == Some(b'`') => true,
                Some(_) => false,
            };
            if byte == Some(b'&') && self.peek(1) == Some(b'>') {
                self.at += 1;
                continue;
            }
            if !ends_stage {
                self.word_or_redirect(&mut stage, depth);
                continue;
            }
            if byte == Some(b'\n') {
                self.fed(&mut stage);
            }
            let pipe = byte == Some(b'|') && self.peek(1) != Some(b'|');
            if !stage.words.is_empty() || !stage.writes.is_empty() {
                pipeline.stages.push(std::mem::take(&mut stage));
            }
            if !pipe && !pipeline.stages.is_empty() {
                script.pipelines.push(std::mem::take(&mut pipeline));
            }
            match byte {
                None => return script,
                Some(b) if Some(b) == close => {
                    self.at += 1;
                    return script;
                }
                Some(b'#') => self.comment(),
                Some(b'|') if pipe => self.at += if self.peek(1) == Some(b'&') { 2 } else { 1 },
                Some(_) => self.at += 1,
            }
            stage.offset = self.at;
        }
    }

    fn blanks(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t' | b'\r'), _) => self.at += 1,
                (Some(b'\\'), Some(b'\n')) => self.at += 2,
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn word_or_redirect(&mut self, stage: &mut Stage, depth: usize) {
        let digits = self.bytes[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        match (self.peek(digits), self.peek(digits + 1)) {
            (Some(b'<'), Some(b'<')) if self.peek(digits + 2) == Some(b'<') => {
                self.at += digits + 3;
                self.blanks();
                let word = self.word(depth);
                stage.fed = Some(word.text.clone());
                stage.words.push(word);
            }
            (Some(b'<'), Some(b'<')) => {
                self.at += digits + 2;
                self.at += usize::from(self.peek(0) == Some(b'-'));
                self.blanks();
                let end = self.word(depth);
                self.waiting.push(end.text);
            }
            (Some(b'<' | b'>'), Some(b'(')) => {
                let word = self.word(depth);
                stage.words.push(word);
            }
            (Some(b'>'), _) => {
                self.at += digits + 1;
                while matches!(self.peek(0), Some(b'>' | b'|' | b'!')) {
                    self.at += 1;
                }
                if self.peek(0) == Some(b'&') {
                    self.at += 1;
                }
                self.blanks();
                let target = self.word(depth);
                stage.writes.push(target);
            }
            (Some(b'<'), _) => {
                self.at += digits + 1;
                self.at += usize::from(matches!(self.peek(0), Some(b'&' | b'>')));
                self.blanks();
                let source = self.word(depth);
                stage.words.push(source);
            }
            _ => {
                let before = self.at;
                let word = self.word(depth);
                stage.words.push(word);
                // Whatever it is, it must not stop the reading.
                self.at = self.at.max(before + 1);
            }
        }
    }

    /// The here-documents that begin after this line end.
    fn fed(&mut self, stage: &mut Stage) {
        for end in std::mem::take(&mut self.waiting) {
            let mut body = String::new();
            let mut at = self.at + 1;
            while at < self.bytes.len() {
                let rest = &self.text[at..];
                let line = rest.split('\n').next().unwrap_or_default();
                at += line.len() + 1;
                if line.trim_start_matches('\t') == end {
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            self.at = at.min(self.bytes.len()).saturating_sub(1);
            stage.fed = Some(body);
        }
    }

    fn word(&mut self, depth: usize) -> Word {
        let mut word = Word::default();
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'(' if !word.text.ends_with('$') => break,
                b'<' | b'>' if self.peek(1) == Some(b'(') && word.text.is_empty() => {
                    self.at += 2;
                    let inner = self.nested(b')', depth);
                    word.inner.push((inner, true));
                }
                b'<' | b'>' => break,
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word, depth),
                b'\\' => self.escaped(&mut word),
                b'`' if depth < DEPTH => {
                    self.at += 1;
                    let inner = self.nested(b'`', depth);
                    word.inner.push((inner, true));
                }
                b'$' => self.dollar(&mut word, depth, false),
                _ => self.letter(&mut word),
            }
        }
        word
    }

    fn nested(&mut self, close: u8, depth: usize) -> Script {
        if depth >= DEPTH {
            return Script::default();
        }
        self.script(Some(close), depth + 1)
    }

    fn letter(&mut self, word: &mut Word) {
        let letter = self.text[self.at..].chars().next().unwrap_or(' ');
        word.text.push(letter);
        self.at += letter.len_utf8();
    }

    fn single(&mut self, word: &mut Word) {
        let rest = &self.text[self.at + 1..];
        let length = rest.find('\'').unwrap_or(rest.len());
        word.text.push_str(&rest[..length]);
        word.quoted = true;
        self.at += length + 2;
        self.at = self.at.min(self.bytes.len());
    }

    fn double(&mut self, word: &mut Word, depth: usize) {
        self.at += 1;
        word.quoted = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.escaped(word),
                b'$' => self.dollar(word, depth, true),
                b'`' if depth < DEPTH => {
                    self.at += 1;
                    let inner = self.nested(b'`', depth);
                    word.inner.push((inner, false));
                }
                _ => self.letter(word),
            }
        }
    }

    fn escaped(&mut self, word: &mut Word) {
        self.at += 1;
        match self.peek(0) {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(_) => self.letter(word),
        }
    }

    fn dollar(&mut self, word: &mut Word, depth: usize, quoted: bool) {
        match self.peek(1) {
            Some(b'(') if self.peek(2) != Some(b'(') && depth < DEPTH => {
                self.at += 2;
                let inner = self.nested(b')', depth);
                word.inner.push((inner, !quoted));
            }
            Some(b'\'') if !quoted => {
                self.at += 1;
                self.single(word);
            }
            Some(b'{') => {
                let rest = &self.text[self.at + 2..];
                let length = rest.find('}').unwrap_or(rest.len());
                let body = &rest[..length];
                let name: String = body
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                self.variable(word, &name, quoted);
                self.at = (self.at + length + 3).min(self.bytes.len());
            }
            _ => {
                let rest = &self.text[self.at + 1..];
                let name: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                self.at += 1;
                if name.is_empty() {
                    word.text.push('$');
                    return;
                }
                self.at += name.len();
                self.variable(word, &name, quoted);
            }
        }
    }

    fn variable(&mut self, word: &mut Word, name: &str, quoted: bool) {
        word.text.push('$');
        word.text.push_str(name);
        let list = if quoted {
            &mut word.whole
        } else {
            &mut word.split
        };
        list.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// Each pipeline as its programs, joined by `|`.
    fn programs(text: &str) -> Vec<String> {
        let script = parse(text);
        let names = script.all().into_iter().map(|pipeline| {
            let names: Vec<&str> = pipeline.stages.iter().map(|stage| stage.name()).collect();
            names.join("|")
        });
        names.collect()
    }

    #[test]
    fn command_lines_come_apart() {
        let cases = [
            ("curl -s x | sudo bash -s -- y", &["curl|bash"][..]),
            ("a && b || c; d & e", &["a", "b", "c", "d", "e"]),
            ("X=1 env Y=2 timeout -k 1 5 nice -n 3 prog arg", &["prog"]),
            ("eval \"$(curl -s x)\"", &["eval", "curl"]),
            ("bash <(curl x)", &["bash", "curl"]),
            ("echo `id`", &["echo", "id"]),
            ("if test -f x; then /usr/bin/rm x; fi", &["test", "rm", ""]),
            ("echo 'a | b' # c | d", &["echo"]),
            ("cat <<EOF | sh\nrm x\nEOF\nls", &["cat|sh", "ls"]),
            ("{ a; b; }", &["a", "b", ""]),
            ("(a; b) | c", &["a", "b", "c"]),
            ("echo x >/dev/null 2>&1 &", &["echo"]),
        ];
        for (text, expected) in cases {
            assert_eq!(programs(text), expected, "{text}");
        }
    }

    #[test]
    fn quotes_decide_which_variables_are_split() {
        let script = parse("run $a \"$b\" '$c' \"x${d}y\" $e/z");
        let words = &script.pipelines[0].stages[0].words;
        let split: Vec<_> = words.iter().flat_map(|w| &w.split).collect();
        let whole: Vec<_> = words.iter().flat_map(|w| &w.whole).collect();
        assert_eq!(split, ["a", "e"]);
        assert_eq!(whole, ["b", "d"]);
        assert_eq!(words[3].text, "$c");
    }

    #[test]
    fn what_is_written_and_fed_is_seen() {
        let script = parse("cat >> ~/.bashrc <<'E'\nalias x=y\nE\n");
        let stage = &script.pipelines[0].stages[0];
        assert_eq!(stage.writes[0].text, "~/.bashrc");
        assert_eq!(stage.fed.as_deref(), Some("alias x=y\n"));
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            "(", ")", "$(", "`", "'", "\"", "<(", "<<", "<<<", ">", "\\", "${", "a=$((1", "é$é",
            "&>", "|&|",
        ] {
            parse(text);
            parse(&text.repeat(2_000));
        }
    }
}
