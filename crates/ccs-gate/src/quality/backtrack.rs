//! Regular expressions that can take exponential time: a repetition whose body can match one and
//! the same text in several ways, with something behind it that can fail.
//!
//! What is reported is certain to be ambiguous; what is too involved to tell is let pass. Engines
//! that do not go back, such as those of Rust and Go, have no such expressions.

/// The longest expression that is looked at, in bytes, and the deepest nesting.
const MAX: usize = 4_000;
const MAX_DEPTH: u32 = 40;

/// Characters: ASCII by bit, and whether there are others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    ascii: u128,
    others: bool,
}

const DIGITS: u128 = range(b'0', b'9');
const WORDS: u128 = DIGITS | range(b'a', b'z') | range(b'A', b'Z') | bit(b'_');
const SPACES: u128 = bit(b' ') | range(9, 13);

const fn bit(byte: u8) -> u128 {
    1 << (byte & 127)
}

const fn range(from: u8, to: u8) -> u128 {
    let (mut set, mut at) = (0, from);
    while at <= to {
        set |= bit(at);
        at += 1;
    }
    set
}

impl Set {
    fn meets(self, other: Self) -> bool {
        self.ascii & other.ascii != 0 || self.others && other.others
    }

    fn inverse(self) -> Self {
        Self {
            ascii: !self.ascii,
            others: !self.others,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            ascii: self.ascii | other.ascii,
            others: self.others | other.others,
        }
    }

    /// `\d` and its like.
    fn of_escape(letter: char) -> Option<Self> {
        let ascii = match letter.to_ascii_lowercase() {
            'd' => DIGITS,
            'w' => WORDS,
            's' => SPACES,
            _ => return None,
        };
        let set = Self {
            ascii,
            others: false,
        };
        Some(if letter.is_ascii_uppercase() {
            set.inverse()
        } else {
            set
        })
    }

    fn of(letter: char) -> Self {
        let ascii = u8::try_from(letter)
            .ok()
            .filter(u8::is_ascii)
            .map_or(0, bit);
        Self {
            ascii,
            others: ascii == 0,
        }
    }
}

#[derive(Debug)]
enum Node {
    One(Set),
    /// Matches nothing long: an anchor, a look around.
    Nothing {
        fails: bool,
    },
    Row(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        body: Box<Node>,
        least: u32,
        endless: bool,
        goes_back: bool,
    },
    /// Of which nothing is known, such as a reference to a group.
    Unknown,
}

/// Whether matching can take time that doubles with each character.
pub(super) fn is_exponential(text: &str) -> bool {
    if text.len() > MAX {
        return false;
    }
    let mut parser = Parser { text, at: 0 };
    parser
        .either(0)
        .is_some_and(|node| parser.at == text.len() && is_bad(&node, false))
}

/// `fails` if what comes behind the node can fail.
fn is_bad(node: &Node, fails: bool) -> bool {
    match node {
        Node::Row(nodes) => {
            let mut behind = fails;
            nodes.iter().rev().any(|node| {
                let bad = is_bad(node, behind);
                behind |= can_fail(node);
                bad
            })
        }
        Node::Either(nodes) => nodes.iter().any(|node| is_bad(node, fails)),
        Node::Repeat {
            body,
            endless,
            goes_back,
            ..
        } => *goes_back && (*endless && fails && is_ambiguous(body) || is_bad(body, fails)),
        _ => false,
    }
}

fn can_fail(node: &Node) -> bool {
    match node {
        Node::Nothing { fails } => *fails,
        Node::Repeat { least, .. } => *least > 0,
        Node::Row(nodes) => nodes.iter().any(can_fail),
        Node::Either(nodes) => nodes.iter().all(can_fail),
        Node::One(_) | Node::Unknown => true,
    }
}

fn is_nullable(node: &Node) -> bool {
    match node {
        Node::Nothing { .. } => true,
        Node::Repeat { least, body, .. } => *least == 0 || is_nullable(body),
        Node::Row(nodes) => nodes.iter().all(is_nullable),
        Node::Either(nodes) => nodes.iter().any(is_nullable),
        Node::One(_) | Node::Unknown => false,
    }
}

/// Whether the body of an endless repetition matches some text both as one round and as several.
fn is_ambiguous(body: &Node) -> bool {
    match body {
        Node::Either(branches) => {
            let sets: Vec<Set> = branches.iter().filter_map(single).collect();
            let overlap = sets
                .iter()
                .enumerate()
                .any(|(at, set)| sets[at + 1..].iter().any(|other| set.meets(*other)));
            overlap || branches.iter().any(is_ambiguous)
        }
        Node::Row(nodes) => (0..nodes.len()).any(|at| is_absorbed(nodes, at)),
        Node::Repeat {
            body,
            endless,
            goes_back,
            ..
        } => *goes_back && (*endless && is_own_kind(body) || is_ambiguous(body)),
        _ => false,
    }
}

/// Whether an endless repetition can be repeated within another one at all.
fn is_own_kind(body: &Node) -> bool {
    single(body).is_some() || is_ambiguous(body)
}

/// The characters of a node that is one of them.
fn single(node: &Node) -> Option<Set> {
    match node {
        Node::One(set) => Some(*set),
        Node::Row(nodes) if nodes.len() == 1 => single(&nodes[0]),
        Node::Either(nodes) => nodes.iter().map(single).try_fold(
            Set {
                ascii: 0,
                others: false,
            },
            |all, set| Some(all.and(set?)),
        ),
        _ => None,
    }
}

/// Whether all that stands beside an endless repetition in a row may be missing, or may be taken
/// for a part of it.
fn is_absorbed(nodes: &[Node], at: usize) -> bool {
    let Node::Repeat {
        body,
        endless: true,
        goes_back: true,
        ..
    } = &nodes[at]
    else {
        return nodes.len() == 1 && is_ambiguous(&nodes[0]);
    };
    let Some(set) = single(body) else {
        return nodes.len() == 1 && is_ambiguous(&nodes[at]);
    };
    nodes.iter().enumerate().all(|(other, node)| {
        let inner = match node {
            Node::Repeat { body, .. } => single(body),
            node => single(node),
        };
        other == at
            || is_nullable(node) && !matches!(node, Node::Nothing { .. })
            || inner.is_some_and(|inner| inner.meets(set))
    })
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.text[self.at..].starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn either(&mut self, depth: u32) -> Option<Node> {
        (depth < MAX_DEPTH).then_some(())?;
        let mut branches = vec![self.row(depth)?];
        while self.eat("|") {
            branches.push(self.row(depth)?);
        }
        if branches.len() > 1 {
            return Some(Node::Either(branches));
        }
        branches.pop()
    }

    fn row(&mut self, depth: u32) -> Option<Node> {
        let mut nodes = Vec::new();
        while self
            .peek()
            .is_some_and(|letter| letter != '|' && letter != ')')
        {
            let atom = self.atom(depth)?;
            nodes.push(self.repeated(atom));
        }
        // brackets around one thing mean nothing here
        match nodes.len() {
            1 => nodes.pop(),
            _ => Some(Node::Row(nodes)),
        }
    }

    fn atom(&mut self, depth: u32) -> Option<Node> {
        Some(match self.take()? {
            '(' => return self.group(depth),
            '[' => Node::One(self.class()?),
            '\\' => self.escape(false)?,
            '.' => Node::One(Set::of('\n').inverse()),
            '^' => Node::Nothing { fails: false },
            '$' => Node::Nothing { fails: true },
            letter => Node::One(Set::of(letter)),
        })
    }

    fn group(&mut self, depth: u32) -> Option<Node> {
        let around = ["?=", "?!", "?<=", "?<!"].iter().any(|mark| self.eat(mark));
        let atomic = !around && self.eat("?>");
        if !around && !atomic && self.eat("?") {
            // a name or flags
            while !matches!(self.take()?, ':' | '>' | '\'') {
                if self.peek() == Some(')') {
                    self.at += 1;
                    return Some(Node::Nothing { fails: false });
                }
            }
        }
        let inner = self.either(depth + 1)?;
        self.eat(")").then_some(())?;
        Some(match (around, atomic) {
            (true, _) => Node::Nothing { fails: true },
            (_, true) => Node::Unknown,
            _ => inner,
        })
    }

    fn escape(&mut self, in_class: bool) -> Option<Node> {
        let letter = self.take()?;
        if let Some(set) = Set::of_escape(letter) {
            return Some(Node::One(set));
        }
        let one = match letter {
            'b' | 'B' | 'A' | 'G' if !in_class => return Some(Node::Nothing { fails: false }),
            'z' | 'Z' if !in_class => return Some(Node::Nothing { fails: true }),
            '1'..='9' | 'k' | 'p' | 'P' | 'R' | 'X' | 'Q' | 'E' => return None,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'x' | 'u' | 'U' | 'c' | '0' => return None,
            other => other,
        };
        Some(Node::One(Set::of(one)))
    }

    fn class(&mut self) -> Option<Set> {
        let inverse = self.eat("^");
        let (mut set, mut first, mut last) = (
            Set {
                ascii: 0,
                others: false,
            },
            true,
            None,
        );
        loop {
            let letter = self.take()?;
            match letter {
                ']' if !first => break,
                '[' if self.peek() == Some(':') => return None,
                '-' if last.is_some() && self.peek().is_some_and(|next| next != ']') => {
                    let end = match self.take()? {
                        '\\' => return None,
                        end => end,
                    };
                    let from = u8::try_from(last.take()?).ok().filter(u8::is_ascii);
                    let to = u8::try_from(end).ok().filter(u8::is_ascii);
                    match (from, to) {
                        (Some(from), Some(to)) if from <= to => set.ascii |= range(from, to),
                        _ => set.others = true,
                    }
                }
                '\\' => {
                    if let Node::One(one) = self.escape(true)? {
                        set = set.and(one);
                    }
                    last = None;
                }
                letter => {
                    set = set.and(Set::of(letter));
                    last = Some(letter);
                }
            }
            first = false;
        }
        Some(if inverse { set.inverse() } else { set })
    }

    fn repeated(&mut self, node: Node) -> Node {
        let (least, endless) = match self.peek() {
            Some('{') => match self.bounds() {
                Some(bounds) => bounds,
                None => return node,
            },
            Some(sign @ ('*' | '+' | '?')) => {
                self.at += 1;
                (u32::from(sign == '+'), sign != '?')
            }
            _ => return node,
        };
        let goes_back = !self.eat("+");
        self.eat("?");
        let body = Box::new(node);
        Node::Repeat {
            body,
            least,
            endless,
            goes_back,
        }
    }

    /// `{2,}` and its like.
    fn bounds(&mut self) -> Option<(u32, bool)> {
        let rest = &self.text[self.at + 1..];
        let (inner, _) = rest.split_once('}')?;
        let (least, most) = match inner.split_once(',') {
            Some((least, most)) => (least, most),
            None => (inner, inner),
        };
        let least = least.trim().parse().ok()?;
        let most = most.trim();
        let endless = most.is_empty() || most.parse::<u32>().ok()? > 20;
        self.at += inner.len() + 2;
        Some((least, endless))
    }
}

#[cfg(test)]
mod tests {
    use super::is_exponential;

    #[test]
    fn repetitions_of_repetitions_are_found() {
        for text in [
            r"^(a+)+$",
            r"(\w+\s?)*$",
            r"^(\d+,?)+$",
            r"^([a-zA-Z]+)*$",
            r"(a|a)*b",
            r"(\w|\d)+!",
            r"^(.*)*x",
            r"(.+,)+$",
            r"^(?:a*)*$",
            r"((a+)b?)+$",
        ] {
            assert!(is_exponential(text), "{text}");
        }
    }

    #[test]
    fn ordinary_expressions_are_not() {
        for text in [
            r"^\s*$",
            r"(\.\w+)+$",
            r"^([a-z]+-)*[a-z]+$",
            r"(a+)+",
            r"^(?>a+)+$",
            r"(?:\s+\w+)*$",
            r#""(?:[^"\\]|\\.)*""#,
            r"^[\w.+-]+@[\w-]+\.[\w.]+$",
            r"(\d{3}-)+\d$",
            r"^(ab|cd)*$",
            r"(a++)+$",
            r"^(?:\+\d{1,2}\s)?\d+$",
            r"(",
            r"[a",
            r"^(\d+\.)+\d+$",
        ] {
            assert!(!is_exponential(text), "{text}");
        }
    }
}
