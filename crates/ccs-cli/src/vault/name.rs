//! Names as they are given on the command line.

use ccs_vault::{Category, Error, Name, Variable};

use crate::exit::{Code, Stop};

/// Entries below this belong to ccs itself.
pub(crate) const RESERVED: &str = "ccs/";

/// Any entry.
pub(crate) fn any(text: &str) -> Result<Name, Error> {
    Name::new(text)
}

/// An entry that its owner may change.
pub(crate) fn own(text: &str) -> Result<Name, String> {
    let name = Name::new(text).map_err(|error| error.to_string())?;
    if is_reserved(&name) {
        return Err(format!("names below `{RESERVED}` are for ccs itself"));
    }
    Ok(name)
}

pub(crate) fn category(text: &str) -> Result<Category, Error> {
    Category::new(text)
}

/// `NAME`, or `VARIABLE=NAME`. What stands behind the equals sign is not repeated in an error: it
/// may be a value, written as for a shell.
pub(crate) fn variable(text: &str) -> Result<Variable, Stop> {
    let (variable, entry) = match text.split_once('=') {
        None => (text, text),
        Some(parts) => parts,
    };
    let refused = |what: String, next: &str| Err(Stop::new(Code::Usage, what).next(next));
    let Ok(entry) = Name::new(entry) else {
        return refused(no_entry(text), "ccs vault list");
    };
    if !Name::new(variable).is_ok_and(|name| name.is_variable()) {
        let what = format!("`{variable}` is no variable to put a secret in");
        return refused(what, "name another with --env VARIABLE=ENTRY");
    }
    Ok(Variable {
        variable: variable.to_owned(),
        entry,
    })
}

/// That there is no entry for what was asked.
pub(crate) fn no_entry(text: &str) -> String {
    match text.split_once('=') {
        None => format!("no entry is called `{text}`"),
        Some((variable, _)) => format!(
            "what is to be in `{variable}` is no entry: behind the `=` stands the name of one, \
             not a value"
        ),
    }
}

/// The entry that is given a value. What was written is not repeated in an error: it may be the
/// value, written where it does not belong.
pub(crate) fn without_value(text: &str, more: bool) -> Result<Name, Stop> {
    if more || text.contains('=') {
        let what = "a value on the command line is kept by the shell and seen by other programs; \
                    it was not stored";
        let next = "give it to the input of this command, or type it when asked; \
                    what was written on a command line should be rotated";
        return Err(Stop::new(Code::Usage, what).next(next));
    }
    own(text).map_err(|_| {
        let what = format!("this name cannot be used, or is below `{RESERVED}`");
        let next = "a name is a letter, digit or `_`, then letters, digits, `_.-/`";
        Stop::new(Code::Usage, what).next(next)
    })
}

fn is_reserved(name: &Name) -> bool {
    name.as_str().starts_with(RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_may_have_another_name_than_its_entry() {
        let of = |text| variable(text).map(|it| (it.variable, it.entry.to_string()));
        assert_eq!(of("A").expect("one"), ("A".into(), "A".into()));
        assert_eq!(of("A=x/y").expect("one"), ("A".into(), "x/y".into()));
        let stop = of("A=s3cr+t").expect_err("no name");
        assert!(!stop.to_string().contains("s3cr"));
        for text in ["A=b=c", "x/y", "PATH=A", "LD_PRELOAD", "=A", "A="] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_beside_the_name_is_refused_and_not_repeated() {
        for (text, more) in [("KEY=sk-live-1", false), ("sk-live-1", true)] {
            let stop = without_value(text, more).expect_err("refused");
            assert!(!stop.to_string().contains("sk-live"));
        }
        let stop = without_value("sk live", false).expect_err("no name");
        assert!(!stop.to_string().contains("live"));
    }

    #[test]
    fn entries_of_ccs_itself_are_not_given_values() {
        assert!(own("ccs/totp").is_err());
        assert!(own("ccs").is_ok());
    }
}
