//! Programs in other languages, by the calls that stand in them.

use super::names::{is_loopback_text, is_startup_place, secret_place};
use super::{Danger, Sight, shell};

/// How far apart two calls may stand to belong together, in bytes.
const NEAR: usize = 400;

const SENDS: &[&str] = &[
    "urlopen(",
    "requests.post",
    "requests.put",
    "requests.get",
    "requests.request",
    "httpx.",
    "http.client",
    "aiohttp",
    "urllib3",
    "smtplib",
    "fetch(",
    "axios",
    "http.request",
    "https.request",
    "https.get",
    "XMLHttpRequest",
    "WebSocket(",
    "net.connect",
    "got.post",
    "got(",
    "Net::HTTP",
    "HTTParty",
    "curl_exec",
    "LWP::",
    "HTTP::Tiny",
    "Invoke-RestMethod",
    "Invoke-WebRequest",
    "WebClient",
    "http.Post",
    "http.NewRequest",
    "reqwest",
    "sendBeacon",
    "dns.resolve",
    "dns.lookup",
    "socket.create_connection",
    ".connect((",
    "TCPSocket",
    "fsockopen",
    "[\"curl\"",
    "['curl'",
    "(\"curl\"",
    "('curl'",
];
const FETCHES: &[&str] = &[
    "urlopen(",
    "requests.get",
    "httpx.get",
    "fetch(",
    "axios",
    "https.get",
    "http.get",
    "'https').get(",
    "\"https\").get(",
    "'http').get(",
    "\"http\").get(",
    "Net::HTTP.get",
    "open-uri",
    "URI.open",
    "LWP::",
    "file_get_contents('http",
    "file_get_contents(\"http",
    "DownloadString",
    "urlretrieve",
    "get(\"http",
    "get('http",
    "popen(\"curl",
    "popen('curl",
    "`curl",
];
const RUNS: &[&str] = &[
    "exec(",
    "eval(",
    "new Function(",
    "vm.runIn",
    "Function(",
    "instance_eval",
    "compile(",
    "os.system(",
    "subprocess.",
    "child_process",
    "execSync(",
    "spawn(",
    "importlib",
];
/// Calls that start a program.
const STARTS: &[&str] = &[
    "os.system(",
    "os.popen(",
    "subprocess.run(",
    "subprocess.call(",
    "subprocess.Popen(",
    "subprocess.check_call(",
    "subprocess.check_output(",
    "execSync(",
    "execFileSync(",
    "spawnSync(",
    "system(",
    "shell_exec(",
    "passthru(",
];
const EVALUATES: &[&str] = &[
    "exec(",
    "eval(",
    "eval)",
    "eval URI",
    "eval open",
    "eval decode",
    "eval get",
    "load(",
    "loadstring(",
    "eval(unescape",
    "exec(bytes",
    "new Function(",
    "vm.runIn",
    "Function(",
    "instance_eval",
];
const DECODES: &[&str] = &[
    "b64decode",
    "atob(",
    "'base64')",
    "\"base64\")",
    "fromhex",
    "unhexlify",
    "zlib.decompress",
    "marshal.loads",
    "base64_decode",
    "decode64",
    "decode_base64",
    "FromBase64String",
    "fromCharCode",
    "codecs.decode",
];
const WHOLE_ENVIRONMENT: &[&str] = &[
    "dict(os.environ)",
    "repr(os.environ)",
    "str(os.environ)",
    "os.environ.items()",
    "dumps(os.environ",
    "stringify(process.env)",
    "entries(process.env)",
    "stringify({...process.env",
    "stringify({ ...process.env",
    "ENV.to_h",
    "ENV.to_a",
    "%ENV",
    "$_ENV",
    "$_SERVER",
    "os.Environ()",
    "getenv()",
    "environ)).encode",
    "json=dict(os.environ",
    "Get-ChildItem Env:",
    "gci env:",
];
const SHELL_ON_SOCKET: &[&str] = &[
    "dup2(",
    "pty.spawn",
    "\"/bin/sh\"",
    "'/bin/sh'",
    "\"/bin/bash\"",
    "'/bin/bash'",
    "/bin/sh -i",
    "sh -i",
    "<&3",
    "exec(\"sh",
    "exec('sh",
    "exec(\"/bin/",
    "exec('/bin/",
    "spawn(\"sh",
    "spawn('sh",
    "cmd.exe",
];
const SOCKETS: &[&str] = &[
    "socket.socket",
    "net.connect",
    "net.Socket",
    "TCPSocket",
    "fsockopen",
    "IO::Socket",
    "TcpClient",
    "net.Dial",
    "use Socket",
    "PF_INET",
    "AF_INET",
];
const MINERS: &[&str] = &[
    "stratum+tcp",
    "stratum+ssl",
    "xmrig",
    "coinhive",
    "cryptonight",
    "minerd",
];
const WRITES: &[&str] = &[
    "write",
    "append",
    "open(",
    "'a'",
    "\"a\"",
    "copyfile",
    "copy(",
    "symlink",
    "Add-Content",
    "Set-Content",
];

pub(super) fn judge(text: &str) -> Vec<Sight> {
    let mut sights = Vec::new();
    let mut add = |danger, offset, what: &str| {
        let what = what.to_owned();
        sights.push(Sight {
            danger,
            offset,
            what,
        });
    };
    if let Some(at) = near(text, EVALUATES, FETCHES)
        .or_else(|| near(text, RUNS, &["urlretrieve", "DownloadString"]))
    {
        add(Danger::RemoteExec, at, "runs what it fetches");
    }
    if let Some(at) = first(text, &["import(\"http", "import('http", "import(`http"]) {
        add(Danger::RemoteExec, at, "imports what it fetches");
    }
    if let Some(at) = within(text, STARTS, FETCHES) {
        add(Danger::RemoteExec, at, "starts what it fetches");
    }
    if let Some(at) = within(text, STARTS, DECODES) {
        add(Danger::Encoded, at, "starts what it decodes");
    }
    if let Some(at) = first(text, MINERS) {
        add(Danger::RemoteExec, at, "mines for somebody else");
    }
    if let Some(at) = near(text, EVALUATES, DECODES) {
        add(Danger::Encoded, at, "runs what it decodes");
    }
    if let (Some(at), Some(_)) = (first(text, SOCKETS), first(text, SHELL_ON_SOCKET)) {
        add(Danger::Encoded, at, "gives a shell to the network");
    }
    if let Some((at, what)) = exfiltrates(text) {
        add(Danger::Exfiltration, at, &what);
    }
    if let Some((at, place)) = persists(text) {
        add(Danger::Persistence, at, &format!("writes {place}"));
    }
    shell::power_shell(text, &mut sights);
    sights.extend(in_strings(text));
    sights
}

fn first(text: &str, needles: &[&str]) -> Option<usize> {
    needles
        .iter()
        .filter_map(|needle| find_word(text, needle))
        .min()
}

/// The needle where a name begins, so that `retrieval(` is not `eval(`.
fn find_word(text: &str, needle: &str) -> Option<usize> {
    let starts_name = needle.starts_with(char::is_alphabetic);
    let found = text.match_indices(needle).map(|(at, _)| at);
    found.into_iter().find(|&at| {
        let before = text[..at].chars().next_back();
        !starts_name || before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// Where a call has one of `needles` among its arguments.
fn within(text: &str, calls: &[&str], needles: &[&str]) -> Option<usize> {
    let places = calls.iter().flat_map(|call| {
        let starts = text.match_indices(call);
        starts.map(|(at, _)| (at, at + call.len()))
    });
    let mut places = places.filter(|(at, open)| {
        let before = text[..*at].chars().next_back();
        let name = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let arguments = &text[*open..closing(text, *open)];
        name && needles.iter().any(|needle| arguments.contains(needle))
    });
    places.next().map(|(at, _)| at)
}

/// Where the bracket closes that was opened before `from`.
fn closing(text: &str, from: usize) -> usize {
    let end = floor(text, (from + NEAR).min(text.len()));
    let mut open = 1;
    let close = text[from..end].bytes().position(|byte| {
        open += match byte {
            b'(' => 1,
            b')' => -1,
            _ => 0,
        };
        open == 0
    });
    close.map_or(end, |length| from + length)
}

/// Where one of `these` stands close to one of `those`.
fn near(text: &str, these: &[&str], those: &[&str]) -> Option<usize> {
    let places = these.iter().flat_map(|needle| text.match_indices(needle));
    let mut places: Vec<usize> = places
        .map(|(at, _)| at)
        .filter(|&at| {
            text[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.')
        })
        .collect();
    places.sort_unstable();
    places.into_iter().find(|&at| {
        let start = floor(text, at.saturating_sub(NEAR));
        let end = floor(text, (at + NEAR).min(text.len()));
        those.iter().any(|needle| text[start..end].contains(needle))
    })
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn exfiltrates(text: &str) -> Option<(usize, String)> {
    let sends = first(text, SENDS)?;
    let addresses = text.matches("://").count();
    let local = addresses > 0
        && text
            .split("://")
            .skip(1)
            .all(|rest| is_loopback_text(rest.get(..rest.len().min(24)).unwrap_or_default()));
    if local {
        return None;
    }
    if let Some(at) = first(text, WHOLE_ENVIRONMENT) {
        return Some((at, "sends the environment".to_owned()));
    }
    let place = strings(text).find_map(|(at, string)| Some((at, secret_place(string)?)));
    let place = place.or_else(|| beside(text));
    place.map(|(at, place)| (at.max(sends.min(at)), format!("reads {place} and sends")))
}

/// A secret place on the line that sends it, without quotes.
fn beside(text: &str) -> Option<(usize, &'static str)> {
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let path = line.find("~/").map(|tilde| &line[tilde..])?;
        first(line, SENDS)?;
        Some((start, secret_place(path)?))
    })
}

fn persists(text: &str) -> Option<(usize, &'static str)> {
    strings(text).find_map(|(at, string)| {
        let place = is_startup_place(string)?;
        let start = floor(text, at.saturating_sub(NEAR / 2));
        let end = floor(text, (at + NEAR / 2).min(text.len()));
        let writes = WRITES
            .iter()
            .any(|needle| text[start..end].contains(needle));
        writes.then_some((at, place))
    })
}

/// Command lines in strings.
fn in_strings(text: &str) -> Vec<Sight> {
    let telling = [
        "curl ", "wget ", "/dev/tcp", "base64 ", "nc -", "| sh", "| bash", "|sh", "|bash",
        "crontab",
    ];
    let lines = strings(text).filter(|(_, string)| telling.iter().any(|t| string.contains(t)));
    let sights = lines.flat_map(|(at, string)| {
        shell::judge(string, 3).into_iter().map(move |sight| Sight {
            offset: at,
            ..sight
        })
    });
    sights.collect()
}

/// What stands between quotes on one line, with its place.
fn strings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let quote = bytes[at];
        if !matches!(quote, b'"' | b'\'' | b'`') {
            at += 1;
            continue;
        }
        let start = at + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != quote && (bytes[end] != b'\n' || quote == b'`') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(bytes.len());
        if let Some(string) = text.get(start..end) {
            found.push((start, string));
        }
        at = end + 1;
    }
    found.into_iter()
}

/// Whether a program passes its own input to another machine, and to which address.
pub(in crate::posture) fn posts_input(text: &str) -> Option<String> {
    let input = [
        "sys.stdin",
        "process.stdin",
        "/dev/stdin",
        "readFileSync(0",
        "STDIN.read",
        "$stdin",
        "os.Stdin",
        "Bun.stdin",
    ];
    let reads = input.iter().any(|name| text.contains(name));
    let posts = [
        "method: 'POST'",
        "method: \"POST\"",
        "method:'POST'",
        "method:\"POST\"",
        "requests.post",
        "httpx.post",
        "data=",
        "axios.post",
        ".post(",
        "http.Post",
        "Net::HTTP.post",
    ];
    let sends = first(text, SENDS).is_some() && posts.iter().any(|call| text.contains(call));
    if !reads || !sends {
        return None;
    }
    let address = strings(text)
        .map(|(_, string)| string)
        .find(|string| string.contains("://"))?;
    (!is_loopback_text(address)).then(|| address.to_owned())
}

/// Decodes the text of a base64 literal, if it is one and decodes to text.
pub(in crate::posture) fn base64(literal: &str) -> Option<String> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in literal.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(value(byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(|c| c.is_control() && !c.is_whitespace())).then_some(text)
}
