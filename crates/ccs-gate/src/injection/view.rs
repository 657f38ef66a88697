//! The ways a text can be looked at. Every signal names the one it was seen in.

/// How a part of a text was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum View {
    /// As it stands.
    Plain,
    /// An HTML, Markdown or template comment.
    Comment,
    /// An element that style or attribute takes out of sight.
    Hidden,
    /// An attribute, such as `alt` or a page's description.
    Attribute,
    /// Text inside a drawing.
    Drawing,
    /// The title of a link definition.
    LinkTitle,
    /// Text that the terminal does not show or takes back.
    Terminal,
    /// The address of a link, decoded.
    Address,
    /// Letters of look-alike alphabets.
    Lookalike,
    /// Mathematical, full-width, circled or small capital letters.
    Styled,
    /// Letters under piles of accents.
    Stacked,
    /// Escapes for letters that need none: `\u0041`.
    Escaped,
    /// Character references for letters that need none: `&#65;`.
    Reference,
    /// Percent signs for letters that need none: `%41`.
    Percent,
    /// Digits and signs for letters: `1gn0r3`.
    Leet,
    /// Letters apart: `i g n o r e`.
    Spaced,
    /// Right to left, by a direction mark or by hand.
    Reversed,
    /// Every letter moved by thirteen.
    Rot13,
    /// Base64, also wrapped, doubled, or with its URL alphabet.
    Base64,
    /// Base32.
    Base32,
    /// Hexadecimal or binary digits.
    Digits,
    /// Tag characters.
    Tags,
    /// Variation selectors.
    Selectors,
    /// Zero-width characters and invisible operators.
    ZeroWidth,
}

impl View {
    /// The name in reports and rule files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Comment => "comment",
            Self::Hidden => "hidden",
            Self::Attribute => "attribute",
            Self::Drawing => "drawing",
            Self::LinkTitle => "link-title",
            Self::Terminal => "terminal",
            Self::Address => "address",
            Self::Lookalike => "lookalike",
            Self::Styled => "styled",
            Self::Stacked => "stacked",
            Self::Escaped => "escaped",
            Self::Reference => "reference",
            Self::Percent => "percent",
            Self::Leet => "leet",
            Self::Spaced => "spaced",
            Self::Reversed => "reversed",
            Self::Rot13 => "rot13",
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Digits => "digits",
            Self::Tags => "tags",
            Self::Selectors => "selectors",
            Self::ZeroWidth => "zero-width",
        }
    }
}

/// A part of a view that a reader of the original does not see as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Veil {
    /// First byte, in the view.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    pub(crate) view: View,
    /// How many stretches it was laid over; near ones share a veil.
    pub(crate) words: usize,
}

/// Text that was recovered from a part of another text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub(crate) text: String,
    /// Where it was, in the text it was recovered from.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) view: View,
}
