//! The words we know: of rrweb's protocol, elements, attributes.
//!
//! A word is looked up by its first eight letters as one number, which is all that most of
//! them are. A `match` on strings would be code instead of data, and three times the size
//! in the recorder.

use super::value::Lower;
use crate::json::head;
use crate::text::parts;

/// Words that mean something.
pub(super) struct Words<T, const N: usize> {
    rows: [Row; N],
    meanings: [T; N],
    /// The row of a word, at its place or behind it; `NONE` ends the search.
    slots: [u8; SLOTS],
}

/// A word: its first eight letters, see [`head`], and those behind.
type Row = (u64, &'static [u8]);

/// More than twice as many as a table has words: so few share a place.
const SLOTS: usize = 128;
const NONE: u8 = u8::MAX;

/// Where the search for a word begins. Words with the same beginning differ in length. The
/// factor was tried out: with it, our tables and the names that pages use hardly ever meet.
const fn place(head: u64, length: usize) -> usize {
    (head.wrapping_add(length as u64).wrapping_mul(FACTOR) >> 57) as usize % SLOTS
}

const FACTOR: u64 = 0x4b56_7c06_d016_c7e1;

impl<T: Copy, const N: usize> Words<T, N> {
    /// A table of `rows`, at most half as many as there are slots; it does not compile with
    /// more.
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "runs when it is compiled"
    )]
    pub(super) const fn new(table: [(&'static str, T); N]) -> Self {
        assert!(N * 2 <= SLOTS, "too many words");
        let mut rows = [(0, [].as_slice()); N];
        let mut meanings = [table[0].1; N];
        let mut slots = [NONE; SLOTS];
        let mut row = 0;
        while row < N {
            let (word, meaning) = table[row];
            rows[row] = cut(word.as_bytes());
            meanings[row] = meaning;
            let mut slot = place(rows[row].0, word.len());
            while slots[slot] != NONE {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = row as u8;
            row += 1;
        }
        Self {
            rows,
            meanings,
            slots,
        }
    }

    /// What `word` means, if it is known.
    pub(super) fn find(&self, word: &[u8]) -> Option<T> {
        self.find_key(head(word), word)
    }

    /// The same, of a word whose [`head`] is known.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn find_key(&self, start: u64, word: &[u8]) -> Option<T> {
        let mut slot = place(start, word.len());
        let rest = word.get(8..).unwrap_or_default();
        loop {
            // Behind the last row: the slot is empty.
            let row = usize::from(*self.slots.get(slot)?);
            let (first, known) = *self.rows.get(row)?;
            // A NUL at the end of `word` would be none in its head.
            let same = first == start && known.len() == rest.len() && is(known, rest);
            if same && word.last() != Some(&0) {
                return self.meanings.get(row).copied();
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// What the lower case of `word` means; all that are known are in lower case.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn find_lower(&self, start: u64, word: &[u8]) -> Option<T> {
        self.find_key(start, word)
            .or_else(|| match Lower::new(word) {
                Lower::Plain(_) => None,
                lower @ Lower::Copy(_) => self.find(lower.word()),
            })
    }
}

/// See [`Row`].
#[expect(clippy::indexing_slicing, reason = "runs when it is compiled")]
const fn cut(word: &'static [u8]) -> Row {
    let length = if word.len() < 8 { word.len() } else { 8 };
    let (start, rest) = word.split_at(length);
    let mut head = 0;
    let mut at = 0;
    while at < length {
        head |= (start[at] as u64) << (at * 8);
        at += 1;
    }
    (head, rest)
}

/// Whether two words of one length are the same, by four letters at once. (Comparing
/// memory is a call.)
#[expect(
    clippy::inline_always,
    reason = "a call for each word that is none is dear"
)]
#[inline(always)]
fn is(known: &[u8], word: &[u8]) -> bool {
    let (Some(end), Some(ends)) = (known.last_chunk::<4>(), word.last_chunk::<4>()) else {
        return known
            .iter()
            .zip(word)
            .all(|(known, letter)| known == letter);
    };
    let (known, word) = (known.as_chunks::<4>().0, word.as_chunks::<4>().0);
    end == ends
        && known
            .iter()
            .zip(word)
            .all(|(known, letters)| known == letters)
}

/// Whether `word` is in `list`, a text of words between spaces. For what is rarely asked.
pub(super) fn one_of(word: &[u8], list: &str) -> bool {
    parts(list.as_bytes(), b' ').any(|known| known == word)
}

/// Attributes which say how an element looks, works or is wired, and never what it is
/// about; in lower case. Addresses are not here: `element` decides on them.
#[rustfmt::skip]
const STRUCTURAL: [&str; 22] = [
    "",
    "d r x y",
    "as cx cy dx dy fx fy id is rx ry x1 x2 y1 y2",
    "dir for low max min rel",
    "cols face fill form high kind lang link list loop mask name open part refx refy role rows \
     size slot span step type wrap",
    "align class clear color inert ismap media muted scope shape sizes start style width xmlns",
    "accept border coords cursor filter height hidden hspace method nowrap offset orient points \
     rotate stroke target usemap valign vspace",
    "bgcolor capture charset checked colspan default display headers loading opacity optimum pattern \
     popover preload rowspan srclang viewbox",
    "_csstext autoplay controls decoding disabled multiple overflow property readonly required \
     reversed rr_width selected tabindex xml:lang",
    "aria-busy aria-sort autofocus clip-path clip-rule data-side draggable fill-rule font-size \
     inputmode maskunits maxlength minlength rr_height scrolling transform translate xml:space",
    "aria-level aria-modal data-align data-state data-swipe data-theme font-style formmethod \
     formtarget http-equiv marker-end marker-mid novalidate pathlength spellcheck stop-color \
     visibility",
    "aria-hidden cellpadding cellspacing crossorigin data-motion font-family font-weight \
     frameborder markerwidth paint-order playsinline text-anchor xmlns:xlink",
    "aria-checked aria-current aria-invalid aria-pressed autocomplete data-rr-mask enterkeyhint \
     fill-opacity marker-start markerheight patternunits rr_medialoop rr_open_mode rr_scrolltop \
     spreadmethod stop-opacity stroke-width word-spacing",
    "aria-controls aria-disabled aria-expanded aria-haspopup aria-readonly aria-required \
     aria-selected aria-valuemax aria-valuemin clippathunits data-bs-theme data-rr-block \
     fetchpriority gradientunits indeterminate rr_mediamuted rr_mediastate rr_scrollleft \
     vector-effect",
    "autocapitalize data-placement data-rr-ignore formnovalidate letter-spacing pointer-events \
     rr_mediavolume stroke-linecap stroke-opacity text-rendering",
    "aria-labelledby contenteditable image-rendering shape-rendering stroke-linejoin \
     text-decoration",
    "aria-describedby aria-orientation data-orientation patterntransform stroke-dasharray",
    "data-color-scheme dominant-baseline gradienttransform stroke-dashoffset stroke-miterlimit",
    "",
    "data-rr-is-password preserveaspectratio rr_mediacurrenttime",
    "data-sentiero-unmask rr_mediaplaybackrate",
    "aria-activedescendant data-headlessui-state data-popper-placement",
];

/// Whether the attribute `name` (in lower case) carries no text.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn is_structural(name: &[u8]) -> bool {
    let row = STRUCTURAL.get(name.len()).copied().unwrap_or_default();
    // With the space behind each but the last.
    let mut words = row.as_bytes().chunks(name.len() + 1);
    words.any(|word| word.get(..name.len()).is_some_and(|word| is(word, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_hold_words_of_their_length() {
        for (length, row) in STRUCTURAL.iter().enumerate() {
            for word in row.split(' ').filter(|_| !row.is_empty()) {
                assert_eq!(word.len(), length, "{word}");
                assert!(is_structural(word.as_bytes()), "{word}");
            }
        }
    }

    #[test]
    fn what_carries_text_is_not_structural() {
        for name in [
            "",
            " ",
            "value",
            "placeholder",
            "title",
            "alt",
            "label",
            "content",
            "summary",
            "srcdoc",
            "href",
            "src",
            "action",
            "data",
            "download",
            "aria-label",
            "aria-description",
            "aria-valuetext",
            "aria-valuenow",
            "aria-placeholder",
            "aria-roledescription",
            "data-x",
            "data-value",
            "onclick",
            "class style",
            "nonce",
        ] {
            assert!(!is_structural(name.as_bytes()), "{name}");
        }
    }

    /// Wherever they may stand: a NUL and zeros behind a word's end are not the same.
    #[test]
    fn no_zeros_are_part_of_a_word() {
        const WORD: Words<(), 1> = Words::new([("ab", ())]);
        for length in 0..20 {
            let mut word = b"ab".to_vec();
            word.resize(2 + length, 0);
            let everywhere = Words {
                slots: [0; SLOTS],
                ..WORD
            };
            let found = everywhere
                .rows
                .iter()
                .any(|(first, _)| *first == head(&word));
            assert!(found, "what is read first is the same");
            assert_eq!(WORD.find(&word).is_some(), length == 0, "{length}");
        }
    }

    #[test]
    fn words_are_found_by_their_whole() {
        const WORDS: Words<u8, 7> = Words::new([
            ("a", 1),
            ("bc", 2),
            ("bd", 3),
            ("wxyz", 4),
            ("longer-than-eight", 5),
            ("longer-than-eighty", 6),
            ("longer-t", 7),
        ]);
        for (word, meaning) in [
            ("longer-than-eight", Some(5)),
            ("longer-than-eighty", Some(6)),
            ("longer-t", Some(7)),
            ("longer-th", None),
            ("longer-than-eigh", None),
            ("longer-than-eighty ", None),
            ("longer-than-eighty and more letters", None),
            ("a", Some(1)),
            ("bc", Some(2)),
            ("bd", Some(3)),
            ("wxyz", Some(4)),
            ("wxyz\0", None),
            ("a\0", None),
            ("a\0\0\0\0\0\0\0", None),
            ("a\0\0\0\0\0\0\0\0", None),
            ("longer-t\0", None),
            ("", None),
            ("b", None),
            ("abc", None),
            ("bcd", None),
            ("wxyzz", None),
        ] {
            assert_eq!(WORDS.find(word.as_bytes()), meaning, "{word}");
        }
        assert_eq!(WORDS.find(&[b'a'; 100]), None);
        assert!(one_of(b"bc", "a bc d") && !one_of(b"b", "a bc d") && !one_of(b"", "a bc d"));
    }
}
