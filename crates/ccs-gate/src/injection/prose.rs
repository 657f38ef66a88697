//! Whether words are sentences, and whether they tell somebody to do something. Only asked of
//! text from concealed places: in the open both are normal.

use super::token::{Flags, Token};
use super::words::class;

/// What some words in a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Prose {
    /// Names, numbers, code, or too few words to tell.
    None,
    /// Sentences.
    Told,
    /// Sentences with an order in them.
    Order,
}

/// Judges words in a row.
pub(crate) fn judge(tokens: &[Token]) -> Prose {
    let spoken = tokens
        .iter()
        .filter(|token| !token.flags.has(Flags::IN_TAG) && token.combo != super::words::NUMBER);
    let (mut words, mut known, mut common) = (0, 0, 0);
    for token in spoken {
        words += 1;
        known += usize::from(token.combo != 0 && !token.flags.has(Flags::TIED));
        common += usize::from(token.is(&class::COMMON));
    }
    let sentences = words >= 4 && known >= 3 && known * 5 >= words * 2 && common >= 1;
    let order = (0..tokens.len()).any(|at| is_order(tokens, at));
    match (sentences, order) {
        (true, true) => Prose::Order,
        (true, false) => Prose::Told,
        _ if order && known >= 3 && known * 2 >= words => Prose::Order,
        _ => Prose::None,
    }
}

/// A verb of doing at the beginning of something, or behind a word that leads to an order.
fn is_order(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    if !token.is(&class::ACT) || token.flags.has(Flags::TIED) || tokens.len() - at < 3 {
        return false;
    }
    at == 0 || token.flags.has(Flags::LED)
}
