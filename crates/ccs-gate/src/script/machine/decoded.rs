//! Decoding and conversion, where the input is known; what is not followed leaves its mark.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use super::text::each_text;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};
use crate::script::{Language, decode, fold};

impl Machine {
    pub(super) fn decoded(
        &mut self,
        entry: Entry,
        main: Value,
        other: Option<Value>,
        args: &Args,
    ) -> Value {
        let unknown = || Value::Unknown(main.taint().and(Taint::DECODED));
        let by = |decode: fn(&str) -> Option<String>| match &main {
            Value::Text(texts) if !texts.first().contains('\0') => decode(texts.first())
                .map_or_else(unknown, |text| {
                    Value::Text(Texts::tainted(&text, texts.taint))
                }),
            _ => unknown(),
        };
        match entry.shape {
            Shape::BaseName => each_text(&main, |text| {
                text.trim_end_matches('/')
                    .rsplit('/')
                    .next()
                    .unwrap_or("")
                    .to_owned()
            }),
            Shape::DirectoryName => each_text(&main, |text| match text.rsplit_once('/') {
                Some(("", _)) => "/".to_owned(),
                Some((folder, _)) => folder.to_owned(),
                None => ".".to_owned(),
            }),
            Shape::ParseNumber => parse_number(&main, other),
            Shape::Base64 => by(decode::base64),
            Shape::Base64Encode => by(|text| Some(decode::to_base64(text))),
            Shape::Hex => by(decode::hex),
            Shape::Rot13 => each_text(&main, decode::rot13),
            Shape::Percent => each_text(&main, decode::percent),
            Shape::Unicode => match main.texts().first() {
                text if text.len() > 1 => {
                    decode::utf16(text).map_or_else(unknown, |text| Value::text(&text))
                }
                _ => unknown(),
            },
            Shape::Opaque => unknown(),
            Shape::Decode | Shape::Bytes => {
                let encoding = other.and_then(|encoding| encoding.constant());
                self.decode_as(&main, encoding.as_deref().unwrap_or(""))
            }
            Shape::Pack | Shape::Unpack => self.packed(entry, &main, other, args),
            Shape::Cast => self.cast(&main, other),
            Shape::Keys => match &main {
                Value::Map(_) => Value::list(main.elements().0),
                other => Value::listed(vec![Value::Unknown(other.taint())], true),
            },
            Shape::WordList if matches!(main, Value::List(_)) => main,
            Shape::WordList => match main.constant() {
                Some(text) => Value::list(
                    text.split_whitespace()
                        .take(1000)
                        .map(Value::text)
                        .collect(),
                ),
                None => Value::listed(vec![main], true),
            },
            Shape::RangeOf => self.range_of(args),
            Shape::Field => self.field(&main),
            _ => Value::Unknown(main.taint()),
        }
    }

    /// Text in a named encoding.
    pub(super) fn decode_as(&mut self, main: &Value, encoding: &str) -> Value {
        let main = match main {
            Value::List(list) => {
                let numbers: Option<Vec<i64>> = list.items.iter().map(Value::number).collect();
                let texts = list.items.iter().any(|item| matches!(item, Value::Text(_)));
                match numbers {
                    Some(codes) => Value::text(&fold::from_codes(&codes)),
                    None if texts => return main.clone(),
                    None => Value::Text(Texts::unknown(main.taint().and(Taint::DECODED))),
                }
            }
            other => other.clone(),
        };
        let decode: fn(&str) -> Option<String> = match encoding.to_lowercase().as_str() {
            "base64" | "base64url" | "b64" => decode::base64,
            "hex" | "hex_codec" => decode::hex,
            "rot13" | "rot_13" | "rot-13" => |text| Some(decode::rot13(text)),
            "zlib" | "zip" | "bz2" | "gzip" | "uu" => |_| None,
            "utf-16" | "utf16" | "utf-16le" | "utf-16-le" | "utf16le" => decode::utf16,
            _ => return main,
        };
        let unknown = Value::Unknown(main.taint().and(Taint::DECODED));
        match main.constant() {
            Some(text) => decode(&text).map_or(unknown, |text| Value::text(&text)),
            None => unknown,
        }
    }

    pub(super) fn characters(&mut self, main: &Value, entry: Entry, args: &Args) -> Value {
        let codes = match (main, entry.at) {
            (Value::List(list), _) => list.items.clone(),
            (one, -1) => vec![one.clone()],
            _ => args.items.clone(),
        };
        let numbers: Option<Vec<i64>> = codes.iter().map(Value::number).collect();
        match numbers {
            Some(codes) => Value::text(&fold::from_codes(&codes)),
            None if self.language == Language::R && main.constant().is_some() => main.clone(),
            None => Value::Unknown(main.taint().and(Taint::DECODED)),
        }
    }

    pub(super) fn packed(
        &mut self,
        entry: Entry,
        main: &Value,
        other: Option<Value>,
        args: &Args,
    ) -> Value {
        let template = other.unwrap_or_else(|| Value::text("")).texts();
        let items = match main {
            Value::List(list) => list.items.clone(),
            _ if entry.at == 1 => args.items.get(1..).unwrap_or(&[]).to_vec(),
            one => vec![one.clone()],
        };
        let unknown = || Value::Unknown(main.taint().and(Taint::DECODED));
        let texts: Option<Vec<Rc<str>>> = items.iter().map(Value::constant).collect();
        let Some(texts) = texts else {
            return unknown();
        };
        let done = if entry.shape == Shape::Pack {
            fold::pack(template.first(), &texts)
        } else {
            texts
                .first()
                .and_then(|text| fold::unpack(template.first(), text))
        };
        done.map_or_else(unknown, |text| Value::text(&text))
    }

    /// PowerShell's `[type]value`.
    pub(super) fn cast(&mut self, name: &Value, value: Option<Value>) -> Value {
        let value = value.unwrap_or_else(Value::unknown);
        match &*name.texts().first().clone() {
            "char" => match &value {
                Value::Number(n) => Value::text(&fold::from_codes(&[*n])),
                Value::List(list) => {
                    let chars = list.items.iter().map(|item| match item.number() {
                        Some(n) => Value::text(&fold::from_codes(&[n])),
                        None => item.clone(),
                    });
                    Value::list(chars.collect())
                }
                Value::Text(texts) if texts.first().chars().count() > 1 => {
                    self.split(&value, &Value::text(""))
                }
                other => match other.number() {
                    Some(n) => Value::text(&fold::from_codes(&[n])),
                    None => Value::Unknown(other.taint().and(Taint::DECODED)),
                },
            },
            "int" | "byte" | "int32" | "long" => match &value {
                Value::List(_) => value,
                Value::Text(texts) if texts.first().chars().count() == 1 => {
                    ordinal(&value, self.language)
                }
                other => parse_number(other, None),
            },
            "scriptblock" | "type" => value,
            _ => value,
        }
    }
}

/// The number of the first character; as a list where the language gives all of them.
pub(super) fn ordinal(value: &Value, language: Language) -> Value {
    let Some(text) = value.constant() else {
        return Value::Unknown(value.taint());
    };
    let code = |c: char| Value::Number(i64::from(u32::from(c)));
    if language == Language::R {
        return Value::list(text.chars().take(4096).map(code).collect());
    }
    text.chars().next().map_or(Value::unknown(), code)
}

pub(super) fn parse_number(value: &Value, base: Option<Value>) -> Value {
    let Some(text) = value.constant() else {
        return Value::Unknown(value.taint());
    };
    let radix = base.and_then(|base| base.number()).unwrap_or(10);
    let radix = u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix))
        .unwrap_or(10);
    let digits = text.trim().trim_start_matches("0x");
    let hex = text.trim().starts_with("0x");
    let radix = if hex { 16 } else { radix };
    i64::from_str_radix(digits, radix).map_or(Value::unknown(), Value::Number)
}
