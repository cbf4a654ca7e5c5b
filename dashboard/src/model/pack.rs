//! How questions and answers cross to the decoder's worker: bytes that both ends
//! of one module write and read, in the order of the fields. Nothing else reads
//! them and nothing stores them, so they carry no version. They are read on the
//! screen's thread, where JSON of 50 000 rows would be felt.

use sentiero_core::id::TabId;
use std::collections::BTreeSet;

/// What crosses.
pub trait Pack: Sized {
    /// Appends itself.
    fn pack(&self, out: &mut Vec<u8>);
    /// Takes itself from the front; none if that is nothing of the kind.
    fn unpack(from: &mut &[u8]) -> Option<Self>;
}

/// `value` as bytes.
pub fn packed<T: Pack>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    value.pack(&mut out);
    out
}

/// What `bytes` say, all of them.
pub fn unpacked<T: Pack>(mut bytes: &[u8]) -> Option<T> {
    let value = T::unpack(&mut bytes)?;
    bytes.is_empty().then_some(value)
}

/// Packs the named fields of a struct, in this order.
macro_rules! pack_fields {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::model::pack::Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::model::pack::Pack::pack($field, out);)*
            }
            fn unpack(from: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::model::pack::Pack::unpack(from)?),* })
            }
        }
    };
}
pub(crate) use pack_fields;

/// Packs a choice of names by its place among them.
macro_rules! pack_names {
    ($type:ty { $($name:ident),* $(,)? }) => {
        impl $crate::model::pack::Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                let names = [$(Self::$name),*];
                let place = names.iter().position(|name| name == self).unwrap_or_default();
                $crate::model::pack::Pack::pack(&u64::try_from(place).unwrap_or_default(), out);
            }
            fn unpack(from: &mut &[u8]) -> Option<Self> {
                let place: u64 = $crate::model::pack::Pack::unpack(from)?;
                [$(Self::$name),*].get(usize::try_from(place).ok()?).copied()
            }
        }
    };
}
pub(crate) use pack_names;

impl Pack for u64 {
    /// Seven bits a byte, the lowest first.
    fn pack(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        loop {
            let low = u8::try_from(rest & 0x7f).unwrap_or_default();
            rest >>= 7;
            if rest == 0 {
                out.push(low);
                return;
            }
            out.push(low | 0x80);
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = from.split_first()?;
            *from = rest;
            number |= Self::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

impl Pack for i64 {
    fn pack(&self, out: &mut Vec<u8>) {
        self.cast_unsigned().pack(out);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        u64::unpack(from).map(u64::cast_signed)
    }
}

impl Pack for u32 {
    fn pack(&self, out: &mut Vec<u8>) {
        u64::from(*self).pack(out);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        u64::unpack(from)?.try_into().ok()
    }
}

impl Pack for bool {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        Some(*byte != 0)
    }
}

impl Pack for f64 {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let (bytes, rest) = from.split_first_chunk()?;
        *from = rest;
        Some(Self::from_le_bytes(*bytes))
    }
}

impl Pack for String {
    fn pack(&self, out: &mut Vec<u8>) {
        length(self.len()).pack(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let length = usize::try_from(u64::unpack(from)?).ok()?;
        let (text, rest) = from.split_at_checked(length)?;
        *from = rest;
        Some(core::str::from_utf8(text).ok()?.to_owned())
    }
}

impl Pack for TabId {
    fn pack(&self, out: &mut Vec<u8>) {
        self.to_string().pack(out);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        Self::parse(&String::unpack(from)?).ok()
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.is_some().pack(out);
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        if bool::unpack(from)? {
            Some(Some(T::unpack(from)?))
        } else {
            Some(None)
        }
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        length(self.len()).pack(out);
        for value in self {
            value.pack(out);
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let length = u64::unpack(from)?;
        // Not allocated before it is there.
        let mut values = Self::new();
        for _ in 0..length {
            values.push(T::unpack(from)?);
        }
        Some(values)
    }
}

impl<T: Pack + Ord> Pack for BTreeSet<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        length(self.len()).pack(out);
        for value in self {
            value.pack(out);
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        Some(Vec::unpack(from)?.into_iter().collect())
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        Some((A::unpack(from)?, B::unpack(from)?))
    }
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type All = (Vec<(u64, String)>, (Option<f64>, (bool, BTreeSet<u32>)));

    proptest! {
        #[test]
        fn unpacks_what_it_packs(a: Vec<(u64, String)>, b in prop::option::of(prop::num::f64::NORMAL), c: bool, d: BTreeSet<u32>) {
            let all: All = (a, (b, (c, d)));
            let bytes = packed(&all);
            prop_assert_eq!(unpacked::<All>(&bytes), Some(all));
            // What is cut, or goes on, is nothing.
            prop_assert_eq!(unpacked::<All>(&bytes[..bytes.len() - 1]), None);
            prop_assert_eq!(unpacked::<All>(&[bytes, vec![0]].concat()), None);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = unpacked::<All>(&bytes);
        }
    }

    #[test]
    fn the_largest_number() {
        assert_eq!(unpacked(&packed(&u64::MAX)), Some(u64::MAX));
        assert_eq!(unpacked::<u64>(&[0xff; 10]), None);
        assert_eq!(unpacked::<u32>(&packed(&(1_u64 << 32))), None);
    }
}
