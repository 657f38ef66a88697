//! The forms of an English verb: `send+` in a rule file stands for send, sends, sending, sended
//! and, for the common irregular ones, sent. Forms that do not exist do no harm.

/// Every form of `verb`.
pub(crate) fn forms(verb: &str) -> Vec<String> {
    let mut forms = vec![verb.to_owned()];
    forms.push(third(verb));
    let stem = stem(verb);
    forms.push(format!("{stem}ing"));
    match IRREGULAR.iter().find(|(base, _)| *base == verb) {
        Some((_, past)) => forms.extend(past.split(' ').map(str::to_owned)),
        None if verb.ends_with('y') && !ends_in_vowel_y(verb) => {
            forms.push(format!("{}ied", &verb[..verb.len() - 1]));
        }
        None => forms.push(format!("{stem}ed")),
    }
    forms
}

/// The verb and its `-ing` form: `send~` stands for send and sending.
pub(crate) fn going(verb: &str) -> Vec<String> {
    vec![verb.to_owned(), format!("{}ing", stem(verb))]
}

fn third(verb: &str) -> String {
    if verb.ends_with('y') && !ends_in_vowel_y(verb) {
        format!("{}ies", &verb[..verb.len() - 1])
    } else if ["s", "x", "z", "ch", "sh", "o"]
        .iter()
        .any(|end| verb.ends_with(end))
    {
        format!("{verb}es")
    } else {
        format!("{verb}s")
    }
}

fn ends_in_vowel_y(verb: &str) -> bool {
    let before = verb.chars().rev().nth(1);
    before.is_some_and(|c| "aeiou".contains(c))
}

/// What the endings are put on.
fn stem(verb: &str) -> String {
    let letters: Vec<char> = verb.chars().collect();
    let vowel = |c: char| "aeiou".contains(c);
    match letters.as_slice() {
        [.., 'e', 'e'] => verb.to_owned(),
        [.., 'e'] => verb[..verb.len() - 1].to_owned(),
        _ if DOUBLED.contains(&verb) => format!("{verb}{}", letters[letters.len() - 1]),
        [first, middle, last]
            if !vowel(*first) && vowel(*middle) && !vowel(*last) && !"wxy".contains(*last) =>
        {
            format!("{verb}{last}")
        }
        _ => verb.to_owned(),
    }
}

/// Longer verbs that double their last letter.
const DOUBLED: &[&str] = &[
    "skip", "drop", "stop", "plan", "ship", "grab", "step", "commit", "submit", "omit", "forget",
    "permit", "admit", "transmit", "begin", "wrap", "strip", "log", "scrap", "swap", "trip",
    "refer", "reset", "upset",
];

const IRREGULAR: &[(&str, &str)] = &[
    ("send", "sent"),
    ("forget", "forgot forgotten"),
    ("override", "overrode overridden"),
    ("overwrite", "overwrote overwritten"),
    ("write", "wrote written"),
    ("read", "read"),
    ("run", "ran"),
    ("tell", "told"),
    ("say", "said"),
    ("give", "gave given"),
    ("take", "took taken"),
    ("make", "made"),
    ("do", "did done"),
    ("go", "went gone"),
    ("get", "got gotten"),
    ("put", "put"),
    ("set", "set"),
    ("hide", "hid hidden"),
    ("speak", "spoke spoken"),
    ("begin", "began begun"),
    ("break", "broke broken"),
    ("buy", "bought"),
    ("pay", "paid"),
    ("find", "found"),
    ("show", "showed shown"),
    ("let", "let"),
    ("leave", "left"),
    ("keep", "kept"),
    ("build", "built"),
    ("bring", "brought"),
    ("forbid", "forbade forbidden"),
    ("become", "became"),
    ("come", "came"),
    ("see", "saw seen"),
    ("hear", "heard"),
    ("mean", "meant"),
    ("rewrite", "rewrote rewritten"),
    ("reset", "reset"),
    ("withhold", "withheld"),
    ("grant", "granted"),
];
