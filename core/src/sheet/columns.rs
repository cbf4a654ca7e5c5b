//! The format of a part: columns of numbers, and columns of lists of texts.
//!
//! A number is written as what it has above the smallest of its column, in as many bytes as
//! the largest needs; numbers of the format itself as varints.

use super::Malformed;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

type Result<T> = core::result::Result<T, Malformed>;

/// The longest column that is read: what is longer was not written here, and would ask for
/// any memory.
const MAX_COUNT: u64 = 1 << 20;

/// How many bytes a number may have.
const WIDTHS: [u8; 6] = [0, 1, 2, 3, 4, 8];

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Appends a column of numbers.
#[inline(never)]
pub(super) fn write_column(out: &mut Vec<u8>, values: &[u64]) {
    let base = values.iter().copied().min().unwrap_or(0);
    let most = values.iter().copied().max().unwrap_or(0) - base;
    let bytes = u64::BITS.div_ceil(8) - most.leading_zeros() / 8;
    let fits = |width: &&u8| u32::from(**width) >= bytes;
    let width = WIDTHS.iter().find(fits).copied().unwrap_or(8);
    write_number(out, values.len() as u64);
    write_number(out, base);
    out.push(width);
    for value in values {
        let bytes = (value - base).to_le_bytes();
        out.extend(bytes.into_iter().take(width.into()));
    }
}

/// Appends a column of lists of texts, each different list once.
#[inline(never)]
pub(super) fn write_lists(out: &mut Vec<u8>, rows: &mut dyn Iterator<Item = Vec<&str>>) {
    let mut known: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    let (mut sizes, mut lengths, mut text) = (Vec::new(), Vec::new(), Vec::new());
    let mut codes = Vec::new();
    for list in rows {
        if let Some(code) = known.get(&list) {
            codes.push(*code);
            continue;
        }
        let code = known.len() as u64;
        sizes.push(list.len() as u64);
        for part in &list {
            lengths.push(part.len() as u64);
            text.extend_from_slice(part.as_bytes());
        }
        known.insert(list, code);
        codes.push(code);
    }
    for column in [&codes, &sizes, &lengths] {
        write_column(out, column);
    }
    write_number(out, text.len() as u64);
    out.append(&mut text);
}

/// A column of numbers as it lies there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'a> {
    count: usize,
    base: u64,
    width: u8,
    bytes: &'a [u8],
}

impl Column<'_> {
    /// How many numbers it has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Its numbers. There once: it has a loop for each width.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    #[inline(never)]
    pub(super) fn values(&self) -> Vec<u64> {
        let base = self.base;
        let above = |number: u64| base.wrapping_add(number);
        match self.width {
            0 => alloc::vec![base; self.count],
            1 => self.bytes.iter().map(|a| above(u64::from(*a))).collect(),
            2 => {
                let (parts, _) = self.bytes.as_chunks::<2>();
                let number = |part: &[u8; 2]| above(u64::from(u16::from_le_bytes(*part)));
                parts.iter().map(number).collect()
            }
            3 => {
                let (parts, _) = self.bytes.as_chunks::<3>();
                let number =
                    |[a, b, c]: &[u8; 3]| above(u64::from(u32::from_le_bytes([*a, *b, *c, 0])));
                parts.iter().map(number).collect()
            }
            4 => {
                let (parts, _) = self.bytes.as_chunks::<4>();
                let number = |part: &[u8; 4]| above(u64::from(u32::from_le_bytes(*part)));
                parts.iter().map(number).collect()
            }
            _ => {
                let (parts, _) = self.bytes.as_chunks::<8>();
                let number = |part: &[u8; 8]| above(u64::from_le_bytes(*part));
                parts.iter().map(number).collect()
            }
        }
    }

    /// Sets `bit` of the rows whose number `takes` does not take.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn leave_out(&self, fails: &mut [u8], bit: u8, takes: &dyn Fn(u64) -> bool) {
        if self.width == 0 {
            if !takes(self.base) {
                leave_out_all(fails, bit);
            }
            return;
        }
        for (fail, value) in fails.iter_mut().zip(self.values()) {
            if !takes(value) {
                *fail |= bit;
            }
        }
    }
}

/// A column of lists of texts: which list each row has, and the lists.
#[derive(Debug)]
pub(super) struct Lists<'a> {
    codes: Column<'a>,
    sizes: Vec<usize>,
    texts: Vec<&'a str>,
    /// All texts as one.
    text: &'a str,
}

impl<'a> Lists<'a> {
    /// Which list each row has.
    pub(super) fn codes(&self) -> Vec<u64> {
        self.codes.values()
    }

    /// The lists.
    pub(super) fn entries(&self) -> impl Iterator<Item = &[&'a str]> {
        let mut texts = self.texts.as_slice();
        self.sizes.iter().map(move |size| {
            let (own, rest) = texts.split_at_checked(*size).unwrap_or_default();
            texts = rest;
            own
        })
    }

    /// What is so of each list.
    pub(super) fn table(&self, is: &dyn Fn(&[&str]) -> bool) -> Vec<bool> {
        self.entries().map(is).collect()
    }

    /// Whether a text of each list contains `part`, in small letters; none if no text of all
    /// does.
    pub(super) fn containing(&self, part: &str) -> Option<Vec<bool>> {
        // Most parts are nowhere; this finds nothing that the texts one by one do not say.
        if !self.text.to_ascii_lowercase().contains(part) {
            return None;
        }
        Some(self.table(&|texts| {
            let mut texts = texts.iter();
            texts.any(|text| text.to_ascii_lowercase().contains(part))
        }))
    }

    /// Sets `bit` of the rows whose list `takes` does not take.
    pub(super) fn leave_out(&self, fails: &mut [u8], bit: u8, takes: &dyn Fn(&[&str]) -> bool) {
        let found = self.table(takes);
        if !found.contains(&false) {
            return;
        }
        self.codes.leave_out(fails, bit, &|code| at(&found, code));
    }

    /// Sets `bit` of the rows of which no text contains `part`, in small letters.
    pub(super) fn leave_out_words(&self, fails: &mut [u8], bit: u8, part: &str) {
        match self.containing(part) {
            Some(found) => self.codes.leave_out(fails, bit, &|code| at(&found, code)),
            None => leave_out_all(fails, bit),
        }
    }
}

/// Sets `bit` of every row.
pub(super) fn leave_out_all(fails: &mut [u8], bit: u8) {
    for fail in fails {
        *fail |= bit;
    }
}

/// What a table says of a number; a number that is not in it is not so.
pub(super) fn at(table: &[bool], code: u64) -> bool {
    let place = usize::try_from(code).unwrap_or(usize::MAX);
    table.get(place).copied().unwrap_or(false)
}

/// A part, read from its beginning.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// What follows the version.
    pub(super) fn of(part: &'a [u8], version: u8) -> Result<Self> {
        match part.split_first() {
            Some((first, rest)) if *first == version => Ok(Self(rest)),
            _ => Err(Malformed),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(Malformed);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    fn count(&mut self) -> Result<usize> {
        let number = self.number()?;
        let count = usize::try_from(number).map_err(|_| Malformed)?;
        if number > MAX_COUNT {
            return Err(Malformed);
        }
        Ok(count)
    }

    /// A column of any length.
    #[inline(never)]
    pub(super) fn any_column(&mut self) -> Result<Column<'a>> {
        let count = self.count()?;
        let base = self.number()?;
        let width = self.byte()?;
        if !WIDTHS.contains(&width) {
            return Err(Malformed);
        }
        let bytes = self.take(count * usize::from(width))?;
        Ok(Column {
            count,
            base,
            width,
            bytes,
        })
    }

    /// A column of that length.
    pub(super) fn column(&mut self, count: usize) -> Result<Column<'a>> {
        let column = self.any_column()?;
        if column.count != count {
            return Err(Malformed);
        }
        Ok(column)
    }

    /// A column of any number of lists.
    #[inline(never)]
    pub(super) fn any_lists(&mut self) -> Result<Lists<'a>> {
        let codes = self.any_column()?;
        let sizes = self.sizes()?;
        let lengths = self.sizes()?;
        let length = self.count()?;
        let text = core::str::from_utf8(self.take(length)?).map_err(|_| Malformed)?;
        let mut texts = Vec::with_capacity(lengths.len());
        let mut rest = text;
        for length in lengths {
            let (own, after) = rest.split_at_checked(length).ok_or(Malformed)?;
            texts.push(own);
            rest = after;
        }
        let all = sizes
            .iter()
            .try_fold(0_usize, |sum, size| sum.checked_add(*size));
        if !rest.is_empty() || all != Some(texts.len()) {
            return Err(Malformed);
        }
        Ok(Lists {
            codes,
            sizes,
            texts,
            text,
        })
    }

    fn sizes(&mut self) -> Result<Vec<usize>> {
        let values = self.any_column()?.values().into_iter();
        let sizes = values.map(|size| usize::try_from(size).map_err(|_| Malformed));
        sizes.collect()
    }

    /// A column of so many lists.
    pub(super) fn lists(&mut self, count: usize) -> Result<Lists<'a>> {
        let lists = self.any_lists()?;
        if lists.codes.count != count {
            return Err(Malformed);
        }
        Ok(lists)
    }

    /// Nothing follows.
    pub(super) fn end(&self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}
