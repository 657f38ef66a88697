//! What a value looks like: drawn by chance, thought up as a password, or neither.

use memchr::memmem;

use super::rule::Set;
use super::sham;
use super::surprise::surprise;

/// The make-up of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) len: usize,
    lower: usize,
    upper: usize,
    pub(super) digits: usize,
    /// Signs that are not used to join words.
    signs: usize,
    /// Whether one of them stands before the end.
    inner: bool,
    path: bool,
    /// Signs that join words: `-`, `_`, `.`, `/`, `:` and brackets.
    joints: usize,
    pub(super) spaces: usize,
    hex: bool,
    /// Mean bits a character.
    pub(super) surprise: f32,
}

impl Shape {
    pub(super) fn of(text: &[u8]) -> Self {
        let count = |is: fn(&u8) -> bool| text.iter().filter(|b| is(b)).count();
        let joint = |b: &u8| b"-_./:[](){}<>".contains(b);
        Self {
            len: text.len(),
            lower: count(u8::is_ascii_lowercase),
            upper: count(u8::is_ascii_uppercase),
            digits: count(u8::is_ascii_digit),
            signs: text
                .iter()
                .filter(|b| b.is_ascii_punctuation() && !joint(b))
                .count(),
            inner: text.split_last().is_some_and(|(_, head)| {
                head.iter().any(|b| b.is_ascii_punctuation() && !joint(b))
            }),
            path: is_path(text),
            joints: text.iter().filter(|b| joint(b)).count(),
            spaces: count(u8::is_ascii_whitespace),
            hex: text.iter().all(u8::is_ascii_hexdigit),
            surprise: surprise(text),
        }
    }

    fn letters(&self) -> usize {
        self.lower + self.upper
    }

    /// Letters and digits that nobody would choose.
    pub(super) fn is_random(&self) -> bool {
        let least = match self.len {
            0..=7 => return false,
            8..=11 => 7.0,
            12..=13 => 6.4,
            _ => 6.0,
        };
        let mixed = self.lower > 0 && self.upper > 0;
        let (least, enough) = match (self.digits, mixed) {
            (0, true) => (least + 0.5, self.len >= 14),
            (0, false) => (least + 0.4, self.len >= 20),
            _ => (least, true),
        };
        enough
            && self.letters() > 0
            && self.spaces == 0
            && !(self.hex && self.len >= 12)
            && self.surprise > least
    }

    /// A long hexadecimal number that has letters in it.
    pub(super) fn is_hex(&self) -> bool {
        self.hex && self.len >= 16 && self.digits > 0 && self.letters() > 0
    }

    /// Digits and nothing else, too many for a number that means something.
    pub(super) fn is_number(&self) -> bool {
        self.digits == self.len && (12..=64).contains(&self.len)
    }

    /// Something a person would choose as a password: letters with digits or signs among them.
    pub(super) fn is_password(&self) -> bool {
        (6..=64).contains(&self.len)
            && self.spaces == 0
            && self.letters() >= 1
            && (self.digits > 0 || self.signs > 0)
            && (self.joints * 4 <= self.len || self.signs >= 3 && self.len >= 12)
            && !self.path
    }

    /// One word, as weak passwords are.
    pub(super) fn is_word(&self) -> bool {
        (6..=32).contains(&self.len) && self.letters() == self.len
    }

    /// Small and capital letters, digits and a sign before the end: a password and no word.
    pub(super) fn is_mixed(&self) -> bool {
        let all = self.lower > 0 && self.upper > 0 && self.digits > 0 && self.inner;
        all && self.len >= 8 && self.joints == 0 && self.surprise > 6.0
    }

    /// Letters and many digits, nothing that joins words: typed to look like a key.
    pub(super) fn is_typed(&self) -> bool {
        let dense = self.digits >= 8 && self.digits * 3 >= self.len;
        self.len >= 16 && dense && self.letters() > 0 && self.joints + self.spaces == 0
    }

    /// A password of three kinds of characters, not short.
    pub(super) fn is_strong(&self) -> bool {
        let kinds = [self.lower, self.upper, self.digits, self.signs];
        self.is_password() && self.len >= 8 && kinds.iter().filter(|&&n| n > 0).count() >= 3
            || self.is_random()
    }
}

/// Whether the value names a file or a place.
fn is_path(text: &[u8]) -> bool {
    let slashes = text.iter().filter(|&&b| b == b'/').count();
    let backs = text
        .windows(2)
        .filter(|w| w[0] == b'\\' && w[1].is_ascii_alphanumeric())
        .count();
    let starts = ["/", "./", "../", "~/"]
        .iter()
        .any(|start| text.starts_with(start.as_bytes()));
    starts || slashes >= 2 || backs >= 2 || text.windows(2).any(|w| w == b"::")
}

/// Whether the value is a UUID.
pub(super) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Starts of a value that stands somewhere else.
const ELSEWHERE: &[&str] = &[
    "$",
    "%",
    "{",
    "<",
    "[",
    "@{",
    "#{",
    "!",
    "&",
    "*",
    "op://",
    "ref+",
    "arn:",
    "file:",
    "env:",
    "ssm:",
    "kms:",
    "vault:",
    "keyring:",
    "akv:",
    "http:",
    "https:",
    "process.env",
    "os.environ",
    "os.getenv",
    "env.",
    "env(",
    "env[",
    "getenv",
    "system.getenv",
    "secrets.",
    "config.",
    "settings.",
    "self.",
    "this.",
    "request.",
    "req.",
    "params",
    "args.",
    "opts.",
    "options.",
    "var.",
    "data.",
    "local.",
    "module.",
    "import.",
    "enc[",
    "enc(",
    "{cipher}",
    "ccs:",
    "sha256:",
    "sha512:",
    "sha1:",
    "sha256-",
    "sha384-",
    "sha512-",
    "md5:",
    "pbkdf2",
    "bcrypt",
    "argon2",
    "scrypt",
    "urn:",
    "projects/",
    "data:",
    "function",
    "new ",
    "lambda",
    "async ",
    "await ",
    "typeof ",
    "return ",
    "null",
    "none",
    "true",
    "false",
    "undefined",
];

/// Beginnings of keys that are public, and of certificates, in base64.
const PUBLIC: &[&str] = &[
    "MFkwEwYH",
    "MHYwEAYH",
    "MIGbMBAG",
    "MIIBIjAN",
    "MIICIjAN",
    "MIGfMA0G",
    "MCowBQYDK2Vw",
    "ssh-",
    "ecdsa-",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1",
    "AAAAE2VjZHNh",
    "LS0tLS1CRUdJTiBDRVJU",
    "LS0tLS1CRUdJTiBQVUJM",
    "MIIC",
    "MIID",
    "MIIE",
    "MIIF",
    "age1",
];

/// What opens and closes a place where a value is put in.
const TEMPLATES: &[(&[u8], &[u8])] = &[
    (b"${", b"}"),
    (b"{{", b"}}"),
    (b"<%", b"%>"),
    (b"$(", b")"),
    (b"%(", b")"),
    (b"#{", b"}"),
];

/// Pieces of a mask, and of a place where a value is put in without a name.
const MASKS: &[&str] = &["{0}", "{}", "***", "...", "…", "](", "%%"];

/// Whether something is put in: an opening, a name or an expression, and its closing or the end.
/// A password may have braces in it too.
fn is_template(text: &[u8]) -> bool {
    const NAME: Set = Set::WORD.and(Set::of(b" .:-?|,/@=+*!'\"`()[]&\\"));
    TEMPLATES.iter().any(|(open, close)| {
        memmem::find(text, open).is_some_and(|at| {
            let inner = &text[at + open.len()..];
            let end = memmem::find(inner, close).unwrap_or(inner.len());
            inner[..end].iter().all(|&byte| NAME.has(byte))
        })
    })
}

/// Whether the value is a variable, a call, a mask: not the secret, but where to find it.
pub(super) fn is_reference(text: &[u8]) -> bool {
    let starts = |word: &&str| {
        text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    };
    ELSEWHERE.iter().any(starts)
        || PUBLIC
            .iter()
            .any(|start| text.starts_with(start.as_bytes()))
        || is_template(text)
        || sham::has_word(text, MASKS)
        || text.ends_with(b"%s")
}

/// What is not worth hiding: everybody's first guesses. Digits and signs at the end do not count.
const WEAK: &[&str] = &[
    "password",
    "passwort",
    "pass",
    "passwd",
    "pwd",
    "pw",
    "secret",
    "admin",
    "administrator",
    "root",
    "test",
    "testing",
    "tester",
    "guest",
    "user",
    "username",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "letmein",
    "hunter",
    "qwerty",
    "welcome",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "redis",
    "rabbitmq",
    "mongo",
    "mongodb",
    "oracle",
    "sa",
    "default",
    "demo",
    "dev",
    "prod",
    "example",
    "foo",
    "bar",
    "baz",
    "foobar",
    "abc",
    "abcd",
    "abcdef",
    "xyz",
    "hello",
    "helloworld",
    "world",
    "dummy",
    "fake",
    "token",
    "key",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "empty",
    "string",
    "str",
    "text",
    "value",
    "something",
    "anything",
    "whatever",
    "blah",
    "minioadmin",
    "elastic",
    "kibana",
    "grafana",
    "docker",
    "vagrant",
    "raspberry",
    "ubuntu",
    "toor",
    "alpine",
    "nopass",
    "nopassword",
    "mypass",
    "mypassword",
    "mysecret",
    "supersecret",
    "topsecret",
    "secretpassword",
    "testpassword",
    "testpass",
    "required",
    "optional",
    "yes",
    "no",
    "on",
    "off",
    "hidden",
    "masked",
    "redacted",
    "removed",
    "encrypted",
    "plaintext",
    "bearer",
    "basic",
    "apikey",
    "api_key",
    "apitoken",
    "login",
    "localhost",
    "xxx",
    "yyy",
    "p",
    "a",
    "b",
    "c",
    "x",
    "sekret",
    "sekrit",
    "swordfish",
    "monkey",
    "dragon",
    "master",
    "iloveyou",
    "opensesame",
    "open sesame",
    "correct",
    "wrong",
    "invalid",
    "newpassword",
    "oldpassword",
    "new",
    "old",
    "temp",
    "tmp",
    "temporary",
    "placeholder",
    "sample",
    "passphrase",
];

/// Whether everybody would guess the password, or it only says that one should stand here. A few
/// digits or signs at the end do not help, nor does `0` for `o`.
pub(super) fn is_weak(text: &[u8]) -> bool {
    let tail = |b: &u8| b.is_ascii_digit() || matches!(b, b'!' | b'.' | b'?' | b'#' | b'@');
    let end = text.iter().rposition(|b| !tail(b)).map_or(0, |at| at + 1);
    let word = sham::plain(&text[..end]);
    let short = text.len() - end <= 4;
    end == 0 && text.len() < 12
        || text.ends_with(b"@")
        || short
            && WEAK
                .iter()
                .any(|weak| word.eq_ignore_ascii_case(weak.as_bytes()))
        || WEAK
            .iter()
            .any(|weak| text.eq_ignore_ascii_case(weak.as_bytes()))
}
