//! What the API answers, read into its types.
//!
//! `serde_json` would read it as well. But it knows for each type how an error reads and how
//! an object may be a list, for answers of dozens of types: that is more code than all
//! reports' screens. Nobody is told more of an answer that cannot be read than that. So this
//! has one error without a text, reads objects as objects only, and leaves everything that is
//! no type's own matter to functions that are there once (docs/adr/0080).
//!
//! **Holds.** What `serde_json` reads is read the same, for every type of the API; what it
//! refuses is refused. Values of more than 128 levels are refused.

use sentiero_core::json::{self, Malformed, Reader, Token};
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::borrow::Cow;
use std::fmt::{self, Display};

/// As `serde_json`: types that contain themselves are read by recursion.
const DEEPEST: usize = 128;

/// The text is no JSON, or not of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

// Each with its arguments unused, so that no text is made of them.
impl de::Error for Unreadable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

impl From<Malformed> for Unreadable {
    fn from(_: Malformed) -> Self {
        Self
    }
}

/// Reads `text`.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    let mut reading = Reading::new(text)?;
    let value = T::deserialize(&mut reading)?;
    match reading.token {
        Token::End => Ok(value),
        _ => Err(Unreadable),
    }
}

struct Reading<'a> {
    reader: Reader<'a>,
    /// What is read next; its place is the reader's span.
    token: Token,
}

enum Number {
    Whole(u64),
    Negative(i64),
    Fraction(f64),
}

impl<'a> Reading<'a> {
    fn new(text: &'a [u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(text)?;
        let token = reader.next()?;
        Ok(Self { reader, token })
    }

    #[inline(never)]
    fn step(&mut self) -> Result<(), Unreadable> {
        self.token = self.reader.next()?;
        if self.reader.depth() > DEEPEST {
            return Err(Unreadable);
        }
        Ok(())
    }

    /// Steps over `token`, which must be next.
    #[inline(never)]
    fn pass(&mut self, token: Token) -> Result<(), Unreadable> {
        if self.token != token {
            return Err(Unreadable);
        }
        self.step()
    }

    fn raw(&self) -> &'a [u8] {
        self.reader.slice(self.reader.span())
    }

    /// Steps over the word, if it is next.
    #[inline(never)]
    fn pass_word(&mut self, word: &[u8]) -> Result<bool, Unreadable> {
        let is = self.token == Token::Word && self.raw() == word;
        if is {
            self.step()?;
        }
        Ok(is)
    }

    #[inline(never)]
    fn truth(&mut self) -> Result<bool, Unreadable> {
        if self.pass_word(b"true")? {
            return Ok(true);
        }
        if self.pass_word(b"false")? {
            return Ok(false);
        }
        Err(Unreadable)
    }

    /// A string or a key.
    #[inline(never)]
    fn text(&mut self) -> Result<Cow<'a, str>, Unreadable> {
        if !matches!(self.token, Token::String | Token::Key) {
            return Err(Unreadable);
        }
        let text = json::string(self.raw()).ok_or(Unreadable)?;
        self.step()?;
        Ok(text)
    }

    #[inline(never)]
    fn number(&mut self) -> Result<Number, Unreadable> {
        if self.token != Token::Number {
            return Err(Unreadable);
        }
        let text = core::str::from_utf8(self.raw()).map_err(|_| Unreadable)?;
        let number = if let Ok(whole) = text.parse::<u64>() {
            Number::Whole(whole)
        } else if let Some(negative) = text.parse().ok().filter(|number: &i64| *number != 0) {
            Number::Negative(negative)
        } else {
            Number::Fraction(json::number(text.as_bytes()).ok_or(Unreadable)?)
        };
        self.step()?;
        Ok(number)
    }

    /// Steps over whatever is next.
    #[inline(never)]
    fn skip(&mut self) -> Result<(), Unreadable> {
        let mut open = 0_usize;
        loop {
            match self.token {
                Token::Object | Token::Array => open += 1,
                Token::Close => open = open.checked_sub(1).ok_or(Unreadable)?,
                Token::End => return Err(Unreadable),
                Token::Key | Token::String | Token::Number | Token::Word => {}
            }
            self.step()?;
            if open == 0 {
                return Ok(());
            }
        }
    }
}

impl<'de> de::Deserializer<'de> for &mut Reading<'_> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let token = self.token;
        match token {
            Token::Object => self.deserialize_map(visitor),
            Token::Array => self.deserialize_seq(visitor),
            Token::Key | Token::String => self.deserialize_str(visitor),
            Token::Number => self.deserialize_f64(visitor),
            Token::Word if self.pass_word(b"null")? => visitor.visit_unit(),
            Token::Word => self.deserialize_bool(visitor),
            Token::Close | Token::End => Err(Unreadable),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.number()? {
            Number::Whole(whole) => visitor.visit_u64(whole),
            Number::Negative(negative) => visitor.visit_i64(negative),
            Number::Fraction(fraction) => visitor.visit_f64(fraction),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.number()? {
            Number::Whole(whole) => visitor.visit_u64(whole),
            Number::Negative(_) | Number::Fraction(_) => Err(Unreadable),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.pass_word(b"null")? {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.pass(Token::Array)?;
        let value = visitor.visit_seq(&mut *self)?;
        self.pass(Token::Close)?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.pass(Token::Object)?;
        let value = visitor.visit_map(&mut *self)?;
        self.pass(Token::Close)?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if self.token != Token::Object {
            return visitor.visit_enum(Variant {
                reading: self,
                has_value: false,
            });
        }
        self.step()?;
        let value = visitor.visit_enum(Variant {
            reading: &mut *self,
            has_value: true,
        })?;
        self.pass(Token::Close)?;
        Ok(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.pass_word(b"null")? {
            visitor.visit_unit()
        } else {
            Err(Unreadable)
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.skip()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { i8 i16 i32 i64 i128 u128 f32 char bytes byte_buf }
}

impl<'de> MapAccess<'de> for &mut Reading<'_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        if self.token == Token::Close {
            return Ok(None);
        }
        seed.deserialize(&mut **self).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unreadable> {
        seed.deserialize(&mut **self)
    }
}

impl<'de> SeqAccess<'de> for &mut Reading<'_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        if self.token == Token::Close {
            return Ok(None);
        }
        seed.deserialize(&mut **self).map(Some)
    }
}

/// A variant of an enum: its name, or an object of its name and its value.
struct Variant<'a, 'b> {
    reading: &'a mut Reading<'b>,
    has_value: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), Unreadable> {
        let name = seed.deserialize(&mut *self.reading)?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        if self.has_value {
            <()>::deserialize(self.reading)
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        if self.has_value {
            seed.deserialize(self.reading)
        } else {
            Err(Unreadable)
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        if self.has_value {
            de::Deserializer::deserialize_seq(self.reading, visitor)
        } else {
            Err(Unreadable)
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if self.has_value {
            de::Deserializer::deserialize_map(self.reading, visitor)
        } else {
            Err(Unreadable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::segments::Segments;
    use crate::model::tabs::tests::detail;
    use proptest::prelude::*;
    use sentiero_core::analytics::report::{Answer, Behind, Device, Example, events, heatmap};
    use sentiero_core::api::{
        Counters, IssuedToken, Problem, SessionDetail, SessionList, SiteList, TokenList,
    };
    use sentiero_core::audit::Log;
    use sentiero_core::facets::Facets;
    use sentiero_core::filter::Filter;
    use serde::Serialize;

    fn written(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    fn behind() -> Behind {
        Behind {
            narrow: Filter::parse("country=DE&url=%2Fa%22b&errors=true").unwrap(),
            examples: vec![Example {
                started: 1_700_000_000_000,
                rank: 1,
                at: 20,
                tab: 3,
            }],
        }
    }

    fn heat() -> Answer {
        Answer::Heatmap(heatmap::Answer {
            devices: vec![(Device::Desktop, 4), (Device::Mobile, 0)],
            representative: behind().examples.pop(),
            targets: vec![heatmap::Element {
                target: "a[href=\"/t\"] é\u{1f600}\n".to_owned(),
                share: Some(7),
                points: vec![heatmap::Cell::default()],
                behind: behind(),
                ..heatmap::Element::default()
            }],
            ..heatmap::Answer::default()
        })
    }

    fn numbers() -> Answer {
        let number = events::Number {
            sum: -12.5,
            mean: 1e-7,
            min: -3.0,
            max: 1e21,
            ..events::Number::default()
        };
        Answer::Events(events::Answer {
            rows: vec![events::Row {
                event: "buy".to_owned(),
                numbers: vec![number],
                ..events::Row::default()
            }],
            ..events::Answer::default()
        })
    }

    /// Some text of each kind, and what reads it: whether both readers say the same of it.
    type Same = fn(&[u8]) -> bool;

    fn same<T: DeserializeOwned + Serialize>(text: &[u8]) -> bool {
        let ours = read::<T>(text).ok().map(|value| written(&value));
        let theirs = serde_json::from_slice::<T>(text).ok();
        ours == theirs.map(|value| written(&value))
    }

    fn samples() -> Vec<(String, Same)> {
        let session = detail(&[('a', 'w', 0, 900, true), ('b', 'w', 1_000, 1_900, false)]);
        let mut all: Vec<(String, Same)> = vec![
            (written(&heat()), same::<Answer>),
            (written(&numbers()), same::<Answer>),
            (written(&session), same::<SessionDetail>),
            (
                written(&SessionList {
                    sessions: vec![session.row],
                    next: None,
                    total: Some(1),
                }),
                same::<SessionList>,
            ),
            (written(&Facets::default()), same::<Facets>),
            (
                r#"{"code":"a","message":"b","more":[{"x":[1,{}]},null,-1.5e3,"\u00e9"]}"#
                    .to_owned(),
                same::<Problem>,
            ),
            (
                r#" {"segments" : [ {"name":"a","query":"b"} ], "default":null} "#.to_owned(),
                same::<Segments>,
            ),
        ];
        all.extend(of_settings());
        all
    }

    fn of_settings() -> [(String, Same); 5] {
        let text = str::to_owned;
        [
            (
                text(
                    r#"{"sites":[{"key":"shop","revision":7,"config":{"name":"x","origins":["self"],"mask":"text","redact":{"phones":true,"patterns":["A\\d"],"urls":"keep"},"quota":{"sessions_per_day":3},"routes":["/a/*"],"bots":"record"}},{"key":"b","revision":1,"error":"no"}]}"#,
                ),
                same::<SiteList>,
            ),
            (
                text(
                    r#"{"secret":"s","id":"aaaaaaaaaaaa","name":"x","scopes":["read","admin"],"sites":["shop"],"created":1,"expires":2}"#,
                ),
                same::<IssuedToken>,
            ),
            (
                text(
                    r#"{"tokens":[{"id":"aaaaaaaaaaaa","name":"x","scopes":[],"sites":"all","created":1,"expires":2,"used":0}]}"#,
                ),
                same::<TokenList>,
            ),
            (
                text(
                    r#"{"entries":[{"at":1,"by":"operator","action":"sign_in_failed","n":3}],"next":"a/b"}"#,
                ),
                same::<Log>,
            ),
            (
                text(
                    r#"{"from":"2026-11-01","to":"2026-11-02","counts":[{"day":"2026-11-01","name":"bot","n":3}]}"#,
                ),
                same::<Counters>,
            ),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        for (text, same) in samples() {
            assert!(same(text.as_bytes()), "{text}");
        }
        let read: Answer = read(written(&heat()).as_bytes()).unwrap();
        assert_eq!(read, heat());
    }

    /// Minus zero is no whole number, also where a type is put together of others.
    #[test]
    fn minus_zero_is_a_fraction() {
        let session = detail(&[('a', 'w', 0, 900, true)]);
        let text = written(&session).replace("\"masked\":0", "\"masked\":-0");
        assert_ne!(text, written(&session));
        assert!(read::<SessionDetail>(text.as_bytes()).is_err());
        assert_eq!(read::<i64>(b"-0"), Err(Unreadable));
    }

    #[test]
    fn what_is_not_of_the_type_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "{\"code\":1,\"message\":\"\"}",
            "{\"code\":\"\"}",
            "{\"code\":\"\",\"message\":\"\"} x",
            "{\"code\":\"\",\"message\":\"\"",
            "{\"code\":\"\",\"code\":\"\",\"message\":\"\"}",
        ] {
            assert_eq!(
                read::<Problem>(text.as_bytes()).err(),
                Some(Unreadable),
                "{text}"
            );
        }
        assert_eq!(read::<u8>(b"255"), Ok(255));
        for text in ["256", "-1", "1.0", "1e0", "\"1\"", "true"] {
            assert_eq!(read::<u8>(text.as_bytes()), Err(Unreadable), "{text}");
        }
        assert_eq!(read::<i64>(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(
            read::<Vec<Option<bool>>>(b"[true,null,false]"),
            Ok(vec![Some(true), None, Some(false)])
        );
        assert_eq!(read::<(u8, u8)>(b"[1]"), Err(Unreadable));
        assert_eq!(read::<(u8, u8)>(b"[1,2,3]"), Err(Unreadable));
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!("{{\"code\":\"\",\"message\":\"\",\"more\":{open}{close}}}")
        };
        let deepest = nested(DEEPEST - 1);
        assert!(read::<Problem>(deepest.as_bytes()).is_ok());
        let deeper = nested(DEEPEST);
        assert_eq!(read::<Problem>(deeper.as_bytes()).err(), Some(Unreadable));
    }

    proptest! {
        /// A byte of an answer that is another, gone or there twice.
        #[test]
        fn both_readers_agree_on_what_is_broken(
            sample in 0..12_usize,
            at in any::<prop::sample::Index>(),
            how in 0..3_u8,
            byte in prop::sample::select(b"{}[]\",:0-.eEn\\ tA".to_vec()),
        ) {
            let (text, same) = samples().swap_remove(sample);
            let mut text = text.into_bytes();
            let at = at.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => drop(text.remove(at)),
                _ => text.insert(at, byte),
            }
            prop_assert!(same(&text), "{}", String::from_utf8_lossy(&text));
        }

        #[test]
        fn anything_is_read_or_refused(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<Answer>(&text);
            let _ = read::<SessionDetail>(&text);
        }
    }
}
