//! Saved segments: filters of the session list under a name, kept in this browser
//! for one site.

use super::reading;
use serde::{Deserialize, Serialize};

/// The longest name, characters.
pub const MAX_NAME: usize = 60;
/// The most segments of a site.
pub const MAX_SEGMENTS: usize = 50;

/// A filter under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// What it is called.
    pub name: String,
    /// The query part of the list's address.
    pub query: String,
}

/// The saved segments of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segments {
    /// In order of their names.
    segments: Vec<Segment>,
    /// The name of the one that the list begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<String>,
}

impl Segments {
    /// Reads what [`Self::write`] wrote; what cannot be read is no segment.
    pub fn read(text: Option<&str>) -> Self {
        let read: Option<Self> = text.and_then(|text| reading::read(text.as_bytes()).ok());
        let mut segments = read.unwrap_or_default();
        segments.segments.truncate(MAX_SEGMENTS);
        segments
    }

    /// To be kept; none if there is nothing to keep.
    pub fn write(&self) -> Option<String> {
        let kept = !self.segments.is_empty();
        kept.then(|| serde_json::to_string(self).unwrap_or_default())
    }

    /// All of them.
    pub fn all(&self) -> &[Segment] {
        &self.segments
    }

    /// The one that stands for `query`.
    pub fn of(&self, query: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.query == query)
    }

    /// What the list begins with; empty: everything.
    pub fn first(&self) -> &str {
        let name = self.default.as_deref();
        let is = |segment: &&Segment| Some(segment.name.as_str()) == name;
        let found = self.segments.iter().find(is);
        found.map_or("", |segment| &segment.query)
    }

    /// Whether the list begins with `name`.
    pub fn is_first(&self, name: &str) -> bool {
        self.default.as_deref() == Some(name)
    }

    /// The list begins with `name` from now on; none: with everything.
    pub fn begin_with(&mut self, name: Option<&str>) {
        self.default = name.map(str::to_owned);
    }

    /// What is wrong with a name for a new segment, or for one that was called
    /// `before`.
    pub fn refuses(&self, name: &str, before: Option<&str>) -> Option<String> {
        let name = name.trim();
        if name.is_empty() {
            return Some("Give it a name.".to_owned());
        }
        if name.chars().count() > MAX_NAME {
            return Some(format!("A name has at most {MAX_NAME} characters."));
        }
        let taken = |segment: &Segment| {
            segment.name.to_lowercase() == name.to_lowercase()
                && Some(segment.name.as_str()) != before
        };
        if self.segments.iter().any(taken) {
            return Some("There is a segment of this name.".to_owned());
        }
        if before.is_none() && self.segments.len() >= MAX_SEGMENTS {
            return Some(format!(
                "{MAX_SEGMENTS} segments are the most; delete one first."
            ));
        }
        None
    }

    /// Saves `query` under a name that is not refused.
    pub fn add(&mut self, name: &str, query: &str) {
        if self.refuses(name, None).is_some() {
            return;
        }
        self.segments.push(Segment {
            name: name.trim().to_owned(),
            query: query.to_owned(),
        });
        self.order();
    }

    /// Another name, if it is not refused.
    pub fn rename(&mut self, before: &str, name: &str) {
        if self.refuses(name, Some(before)).is_some() {
            return;
        }
        let name = name.trim();
        if self.is_first(before) {
            self.begin_with(Some(name));
        }
        for segment in &mut self.segments {
            if segment.name == before {
                name.clone_into(&mut segment.name);
            }
        }
        self.order();
    }

    /// Forgets it.
    pub fn delete(&mut self, name: &str) {
        if self.is_first(name) {
            self.default = None;
        }
        self.segments.retain(|segment| segment.name != name);
    }

    fn order(&mut self) {
        self.segments
            .sort_by_cached_key(|segment| segment.name.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Segments {
        let mut segments = Segments::default();
        segments.add("Phones", "device=mobile");
        segments.add(" errors ", "errors=true");
        segments
    }

    fn names(segments: &Segments) -> Vec<&str> {
        segments
            .all()
            .iter()
            .map(|segment| segment.name.as_str())
            .collect()
    }

    #[test]
    fn is_kept_as_text() {
        let mut segments = saved();
        segments.begin_with(Some("Phones"));
        assert_eq!(Segments::read(segments.write().as_deref()), segments);
        assert_eq!(Segments::default().write(), None);
        for text in [None, Some(""), Some("[]"), Some("{\"segments\":1}")] {
            assert_eq!(Segments::read(text), Segments::default(), "{text:?}");
        }
    }

    #[test]
    fn in_order_of_names_and_found_by_what_they_stand_for() {
        let segments = saved();
        assert_eq!(names(&segments), ["errors", "Phones"]);
        assert_eq!(
            segments
                .of("errors=true")
                .map(|segment| segment.name.as_str()),
            Some("errors")
        );
        assert_eq!(segments.of(""), None);
    }

    #[test]
    fn names_that_are_refused() {
        let mut segments = saved();
        let long = "é".repeat(MAX_NAME);
        assert_eq!(segments.refuses(&long, None), None);
        for (name, before) in [
            ("", None),
            ("  ", None),
            ("phones", None),
            ("ERRORS", Some("Phones")),
        ] {
            assert!(segments.refuses(name, before).is_some(), "{name}");
        }
        assert!(segments.refuses(&format!("{long}é"), None).is_some());
        assert_eq!(segments.refuses("PHONES", Some("Phones")), None);
        segments.add("phones", "x");
        segments.rename("Phones", "errors");
        assert_eq!(names(&segments), ["errors", "Phones"]);
        for at in 2..MAX_SEGMENTS {
            segments.add(&format!("s{at}"), "");
        }
        assert_eq!(segments.all().len(), MAX_SEGMENTS);
        assert!(segments.refuses("one more", None).is_some());
        assert_eq!(segments.refuses("renamed", Some("Phones")), None);
    }

    #[test]
    fn what_the_list_begins_with_follows_its_name() {
        let mut segments = saved();
        assert_eq!(segments.first(), "");
        segments.begin_with(Some("Phones"));
        segments.rename("Phones", "Mobile");
        assert_eq!(
            (segments.first(), names(&segments)),
            ("device=mobile", vec!["errors", "Mobile"])
        );
        segments.delete("Mobile");
        assert_eq!((segments.first(), names(&segments)), ("", vec!["errors"]));
        segments.begin_with(Some("gone"));
        assert_eq!(segments.first(), "");
    }
}
