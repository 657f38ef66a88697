//! Programs that write bytes as text and back.

use super::args::Args;
use super::fold::{decode, input};
use super::{Command, Model, generic};
use crate::effect::Tags;
use crate::eval::{Eval, Io};
use crate::script;
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "base64" | "gbase64" | "basenc" | "base32" | "base58" | "basez" | "b64" => base64,
        "xxd" => xxd,
        "openssl" => openssl,
        "uudecode" | "gunzip" | "zcat" | "bunzip2" | "bzcat" | "xzcat" | "unxz" | "lzcat"
        | "zstdcat" | "unzstd" => decompress,
        _ => return None,
    })
}

fn base64(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &["-w", "--wrap", "-i", "-o", "-b", "--input", "--output"],
    );
    let decoding = args.has(&["d", "D", "--decode"]);
    let mut files = args.words.clone();
    let named: Vec<Value> = args.values(&["i", "--input"]).map(Value::known).collect();
    files.extend(named.iter());
    let value = input(eval, &files, io);
    if !decoding {
        return Value::unknown(value.labels);
    }
    let plain = matches!(command.name, "base64" | "gbase64" | "b64")
        || args.has(&["--base64", "--base64url"]);
    decode(value, |text| if plain { base64_text(text) } else { None })
}

/// Text from base64.
fn base64_text(text: &str) -> Option<String> {
    String::from_utf8(script::base64_bytes(text)?).ok()
}

/// Text from hexadecimal digits.
fn hex_text(text: &str) -> Option<String> {
    let text = text.replace("0x", "").replace("\\x", "");
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let bytes = digits
        .chunks_exact(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8);
    String::from_utf8(bytes.collect()).ok()
}

fn xxd(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &["-l", "-s", "-c", "-g", "-o"]);
    let value = input(
        eval,
        &args.words.iter().take(1).copied().collect::<Vec<_>>(),
        io,
    );
    if args.has(&["r", "--revert"]) {
        decode(value, hex_text)
    } else {
        Value::unknown(value.labels)
    }
}

fn openssl(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let after = |option: &str| {
        let at = command
            .args()
            .iter()
            .position(|value| value.text == option)?;
        command.args().get(at + 1)
    };
    if let Some(target) = after("-connect") {
        return super::network::openssl_client(eval, command, &target.text, io);
    }
    let encoding = command
        .texts()
        .next()
        .is_some_and(|word| matches!(word, "base64" | "enc"));
    if !encoding {
        return generic::run(eval, command, io);
    }
    let files: Vec<&Value> = after("-in").into_iter().collect();
    let value = input(eval, &files, io);
    if let Some(out) = after("-out") {
        eval.change(&out.text, Tags::NONE);
    }
    if !command.has("-d") {
        return Value::unknown(value.labels);
    }
    let plain = command.has("base64") || command.has("-base64") || command.has("-a");
    let ciphered = command.texts().any(|word| {
        word.starts_with("-aes") || word.starts_with("-des") || word == "-k" || word == "-pass"
    });
    decode(value, |text| {
        if plain && !ciphered {
            base64_text(text)
        } else {
            None
        }
    })
}

fn decompress(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &["-o", "-S"]);
    let value = input(eval, &args.words, io);
    Value::unknown(value.labels.and(Labels::DECODED))
}

#[cfg(test)]
mod tests {
    use super::{base64_text, hex_text};

    #[test]
    fn decoders_give_the_text() {
        assert_eq!(base64_text("cm0gLXJmIC8K").as_deref(), Some("rm -rf /\n"));
        assert_eq!(base64_text("cm0gLXJm").as_deref(), Some("rm -rf"));
        assert_eq!(base64_text("!"), None);
        assert_eq!(hex_text("726d20 2d7266\n").as_deref(), Some("rm -rf"));
        assert_eq!(hex_text("xyz"), None);
    }
}
