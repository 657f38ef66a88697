//! Letters of other alphabets that a reader takes for Latin ones. Shared with the build script.

/// The Latin letter that `letter` passes for. Letters that only some fonts confuse are left out.
pub(crate) fn latin(letter: char) -> Option<char> {
    match letter {
        '\u{370}'..='\u{52f}' => {
            let latin = NEAR[letter as usize - FIRST];
            (latin != 0).then_some(char::from(latin))
        }
        // most letters of other scripts resemble none
        '\u{131}'..='\u{585}'
        | '\u{13a0}'..='\u{13f4}'
        | '\u{1d00}'..='\u{1d22}'
        | '\u{a730}'..='\u{a731}' => {
            let at = PAIRS.binary_search_by_key(&letter, |&(foreign, _)| foreign);
            at.ok().map(|at| PAIRS[at].1)
        }
        _ => None,
    }
}

/// Latin letters in all but name: phonetic signs and small capitals.
pub(crate) fn is_latin_form(letter: char) -> bool {
    matches!(letter, '\u{131}' | '\u{1c0}'..='\u{2ff}' | '\u{1d00}'..='\u{1d7f}' | '\u{a730}'..='\u{a731}')
}

const FIRST: usize = 0x370;

/// Greek and Cyrillic, which whole texts are written in, without a search.
static NEAR: [u8; 0x1c0] = {
    let mut near = [0; 0x1c0];
    let mut at = 0;
    while at < PAIRS.len() {
        let (foreign, latin) = PAIRS[at];
        let place = (foreign as usize).wrapping_sub(FIRST);
        if place < near.len() {
            near[place] = latin as u8;
        }
        at += 1;
    }
    near
};

/// Sorted by the foreign letter.
const PAIRS: &[(char, char)] = &[
    ('\u{131}', 'i'), // dotless i
    ('\u{1c0}', 'l'), // click
    ('\u{1c3}', '!'),
    ('\u{251}', 'a'), // IPA
    ('\u{25b}', 'e'),
    ('\u{25e}', 'e'),
    ('\u{261}', 'g'),
    ('\u{262}', 'G'),
    ('\u{26a}', 'I'),
    ('\u{26f}', 'w'),
    ('\u{274}', 'N'),
    ('\u{280}', 'R'),
    ('\u{28b}', 'u'),
    ('\u{28f}', 'Y'),
    ('\u{299}', 'B'),
    ('\u{29c}', 'H'),
    ('\u{29f}', 'L'),
    ('\u{2d0}', ':'),
    ('\u{370}', 'H'), // Greek
    ('\u{37f}', 'J'),
    ('\u{391}', 'A'),
    ('\u{392}', 'B'),
    ('\u{395}', 'E'),
    ('\u{396}', 'Z'),
    ('\u{397}', 'H'),
    ('\u{399}', 'I'),
    ('\u{39a}', 'K'),
    ('\u{39c}', 'M'),
    ('\u{39d}', 'N'),
    ('\u{39f}', 'O'),
    ('\u{3a1}', 'P'),
    ('\u{3a4}', 'T'),
    ('\u{3a5}', 'Y'),
    ('\u{3a7}', 'X'),
    ('\u{3b1}', 'a'),
    ('\u{3b3}', 'y'),
    ('\u{3b5}', 'e'),
    ('\u{3b9}', 'i'),
    ('\u{3ba}', 'k'),
    ('\u{3bd}', 'v'),
    ('\u{3bf}', 'o'),
    ('\u{3c1}', 'p'),
    ('\u{3c3}', 'o'),
    ('\u{3c4}', 't'),
    ('\u{3c5}', 'u'),
    ('\u{3c7}', 'x'),
    ('\u{3c9}', 'w'),
    ('\u{3f2}', 'c'),
    ('\u{3f3}', 'j'),
    ('\u{3f9}', 'C'),
    ('\u{405}', 'S'), // Cyrillic
    ('\u{406}', 'I'),
    ('\u{408}', 'J'),
    ('\u{410}', 'A'),
    ('\u{412}', 'B'),
    ('\u{415}', 'E'),
    ('\u{417}', '3'),
    ('\u{41a}', 'K'),
    ('\u{41c}', 'M'),
    ('\u{41d}', 'H'),
    ('\u{41e}', 'O'),
    ('\u{420}', 'P'),
    ('\u{421}', 'C'),
    ('\u{422}', 'T'),
    ('\u{423}', 'Y'),
    ('\u{425}', 'X'),
    ('\u{430}', 'a'),
    ('\u{433}', 'r'),
    ('\u{435}', 'e'),
    ('\u{43a}', 'k'),
    ('\u{43c}', 'm'),
    ('\u{43e}', 'o'),
    ('\u{43f}', 'n'),
    ('\u{440}', 'p'),
    ('\u{441}', 'c'),
    ('\u{442}', 't'),
    ('\u{443}', 'y'),
    ('\u{445}', 'x'),
    ('\u{455}', 's'),
    ('\u{456}', 'i'),
    ('\u{458}', 'j'),
    ('\u{461}', 'w'),
    ('\u{475}', 'v'),
    ('\u{4ae}', 'Y'),
    ('\u{4af}', 'y'),
    ('\u{4bb}', 'h'),
    ('\u{4c0}', 'l'),
    ('\u{4cf}', 'l'),
    ('\u{501}', 'd'),
    ('\u{50c}', 'G'),
    ('\u{51b}', 'q'),
    ('\u{51c}', 'W'),
    ('\u{51d}', 'w'),
    ('\u{53d}', 'h'), // Armenian
    ('\u{54d}', 'U'),
    ('\u{54f}', 'S'),
    ('\u{555}', 'O'),
    ('\u{561}', 'w'),
    ('\u{563}', 'q'),
    ('\u{566}', 'q'),
    ('\u{570}', 'h'),
    ('\u{575}', 'j'),
    ('\u{578}', 'n'),
    ('\u{57c}', 'n'),
    ('\u{57d}', 'u'),
    ('\u{581}', 'g'),
    ('\u{584}', 'f'),
    ('\u{585}', 'o'),
    ('\u{13a0}', 'D'), // Cherokee
    ('\u{13a1}', 'R'),
    ('\u{13a2}', 'T'),
    ('\u{13a5}', 'i'),
    ('\u{13aa}', 'A'),
    ('\u{13ab}', 'J'),
    ('\u{13ac}', 'E'),
    ('\u{13b3}', 'W'),
    ('\u{13b7}', 'M'),
    ('\u{13bb}', 'H'),
    ('\u{13bd}', 'Y'),
    ('\u{13c0}', 'G'),
    ('\u{13c2}', 'h'),
    ('\u{13c3}', 'Z'),
    ('\u{13cf}', 'b'),
    ('\u{13d2}', 'R'),
    ('\u{13d4}', 'W'),
    ('\u{13d5}', 'S'),
    ('\u{13d9}', 'V'),
    ('\u{13da}', 'S'),
    ('\u{13de}', 'L'),
    ('\u{13df}', 'C'),
    ('\u{13e2}', 'P'),
    ('\u{13e6}', 'K'),
    ('\u{13e7}', 'd'),
    ('\u{13f3}', 'G'),
    ('\u{13f4}', 'B'),
    ('\u{1d00}', 'A'), // small capitals
    ('\u{1d04}', 'C'),
    ('\u{1d05}', 'D'),
    ('\u{1d07}', 'E'),
    ('\u{1d0a}', 'J'),
    ('\u{1d0b}', 'K'),
    ('\u{1d0d}', 'M'),
    ('\u{1d0f}', 'O'),
    ('\u{1d18}', 'P'),
    ('\u{1d1b}', 'T'),
    ('\u{1d1c}', 'U'),
    ('\u{1d20}', 'V'),
    ('\u{1d21}', 'W'),
    ('\u{1d22}', 'Z'),
    ('\u{a730}', 'F'),
    ('\u{a731}', 'S'),
];

#[cfg(test)]
mod tests {
    use super::{PAIRS, latin};

    #[test]
    fn the_table_is_sorted_and_its_letters_are_found() {
        assert!(PAIRS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(latin('\u{430}'), Some('a'));
        assert_eq!(latin('\u{3bf}'), Some('o'));
        assert_eq!(latin('\u{436}'), None);
    }
}
