//! What a pattern is made of, and how it is written. Shared with the build script, which reads
//! the patterns of `rules/quality` and writes them down as tables.

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) what: What,
    /// It may be missing.
    pub(crate) optional: bool,
    /// It stands for every token but this.
    pub(crate) not: bool,
    pub(crate) place: Place,
}

/// Where the token of a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the next one.
    Here,
    /// It stands before the match and is no part of it.
    Before,
    /// It comes next and is no part of the match.
    Ahead,
}

/// What a step stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// One of these words or signs.
    One(&'static [&'static str]),
    Any,
    Word,
    Number,
    /// A string of any kind.
    Text,
    /// A string with code in it.
    Dynamic,
    /// A string without.
    Plain,
    /// A number, a plain string, or a word for a constant.
    Literal,
    /// A string that holds one of the phrases of this set.
    Says(&'static str),
    /// A string that is a statement of SQL.
    Sql,
    /// The same with code in it that may be a value.
    SqlDynamic,
    /// The same with places for values that a formatter fills in as text.
    SqlFormat,
    /// A pair of brackets and all that stands in it.
    Group(u8),
    /// A pair of brackets with nothing in it, not even a comment.
    Empty(u8),
    /// Anything up to the end of the statement or of the brackets, as little as will do.
    Gap,
    /// The end of a statement.
    End,
    /// The beginning of a statement, or of a line in a comment.
    Start,
}

/// Reads a pattern: elements with blanks between them. What it holds lives as long as the program,
/// which is the build script.
///
/// # Errors
///
/// What is wrong with it, in words.
#[allow(dead_code)] // the build script's
pub(crate) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for element in text.split_whitespace() {
        read(element, &mut steps).map_err(|what| format!("`{element}`: {what}"))?;
    }
    match steps.iter().find(|step| step.place == Place::Here) {
        Some(first) if !first.optional && first.what != What::Gap => Ok(steps),
        _ => Err("begins with nothing certain".into()),
    }
}

fn read(element: &str, steps: &mut Vec<Step>) -> Result<(), String> {
    let places = [
        ("not-after:", Place::Before, true),
        ("after:", Place::Before, false),
        ("not-before:", Place::Ahead, true),
        ("before:", Place::Ahead, false),
    ];
    for (word, place, not) in places {
        if let Some(rest) = element.strip_prefix(word) {
            let what = what(rest)?;
            steps.push(Step {
                what,
                optional: false,
                not,
                place,
            });
            return Ok(());
        }
    }
    let is_sign = |text: &str| text.bytes().all(|byte| byte.is_ascii_punctuation());
    let (rest, optional) = match element.strip_suffix('?') {
        Some(rest) if !rest.is_empty() && (!is_sign(rest) || rest.len() < 3) => (rest, true),
        _ => (element, false),
    };
    let (rest, not) = match rest.strip_prefix('!') {
        Some(rest) if !rest.is_empty() && !is_sign(rest) => (rest, true),
        _ => (rest, false),
    };
    let special = ["..", "{}", "()", "[]"].contains(&rest) || rest.starts_with('\\');
    let each = match is_sign(rest) && !special && !rest.contains('|') {
        true => rest.chars().map(|sign| one(&[&sign.to_string()])).collect(),
        false => vec![what(rest)?],
    };
    steps.extend(each.into_iter().map(|what| Step {
        what,
        optional,
        not,
        place: Place::Here,
    }));
    Ok(())
}

/// One of some words, kept for good.
fn one(words: &[&str]) -> What {
    let words = words.iter().map(|word| match *word {
        "\\\\" => "\\",
        word => kept(&word.replace('\\', "")),
    });
    What::One(Box::leak(words.collect()))
}

fn kept(text: &str) -> &'static str {
    Box::leak(text.into())
}

fn what(text: &str) -> Result<What, String> {
    if let Some(set) = text.strip_prefix('%') {
        return Ok(What::Says(kept(set)));
    }
    Ok(match text {
        ".." => What::Gap,
        "{}" | "()" | "[]" => What::Empty(text.as_bytes()[0]),
        "{…}" | "(…)" | "[…]" => What::Group(text.as_bytes()[0]),
        "$any" => What::Any,
        "$word" => What::Word,
        "$num" => What::Number,
        "$text" => What::Text,
        "$dyn" => What::Dynamic,
        "$str" => What::Plain,
        "$lit" => What::Literal,
        "$sql" => What::Sql,
        "$sqldyn" => What::SqlDynamic,
        "$sqlfmt" => What::SqlFormat,
        "$end" => What::End,
        "$start" => What::Start,
        _ if text.starts_with('$') && text.len() > 1 => return Err("is no known class".into()),
        _ => {
            let words: Vec<&str> = text.split('|').collect();
            if words.iter().any(|word| word.is_empty()) {
                return Err("has an empty alternative".into());
            }
            one(&words)
        }
    })
}
