//! The conditions of a filter one by one, as the bar above the list shows, edits
//! and takes them away.

use crate::model::text;
use sentiero_core::api::MAX_VISITED;
use sentiero_core::digest::{MAX_META, MAX_NAMED, RELEASE_KEY};
use sentiero_core::filter::Filter;

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A page that was seen.
    Url,
    /// The first page.
    Entry,
    /// Where the visitor came from.
    Referrer,
    /// The country.
    Country,
    /// The region of a country.
    Region,
    /// The time zone.
    Timezone,
    /// Kind of device.
    Device,
    /// Browser family.
    Browser,
    /// Operating system family.
    Os,
    /// Whose visit it is.
    User,
    /// A custom event.
    Event,
    /// A pair of metadata.
    Meta,
    /// At least so long.
    Longer,
    /// At most so long.
    Shorter,
    /// With errors.
    Errors,
    /// With rage clicks.
    Rage,
    /// With dead clicks.
    Dead,
    /// Being recorded, or not any more.
    Live,
}

/// What the list does not know of what a filter asks for, each once.
pub fn limits(filter: &Filter) -> Vec<String> {
    let asks = [
        (Field::Url, filter.url.is_some()),
        (Field::Event, filter.event.is_some()),
        (Field::Meta, !filter.meta.is_empty()),
    ];
    let own = asks.into_iter().filter(|(_, asks)| *asks);
    let mut found: Vec<String> = own.map(|(field, _)| field.limit()).collect();
    for limit in filter.within().flat_map(limits) {
        if !found.contains(&limit) {
            found.push(limit);
        }
    }
    found
}

/// How a field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A text that must be contained.
    Part,
    /// A text that must be all of it.
    Whole,
    /// One of the values that there are.
    Value,
    /// A length of time.
    Length,
    /// A key and a value.
    Pair,
    /// Nothing: it is so or not.
    Nothing,
}

/// The texts around a field.
struct Words {
    /// What it is called in the list of fields.
    name: &'static str,
    /// How a condition on it begins.
    verb: &'static str,
    asks: Asks,
    /// An example of a value.
    example: &'static str,
}

impl Field {
    /// Every field, in the order in which they are offered.
    pub const ALL: [Self; 18] = [
        Self::Url,
        Self::Errors,
        Self::Rage,
        Self::Dead,
        Self::Device,
        Self::Browser,
        Self::Os,
        Self::Country,
        Self::Region,
        Self::Timezone,
        Self::Referrer,
        Self::Entry,
        Self::User,
        Self::Event,
        Self::Meta,
        Self::Longer,
        Self::Shorter,
        Self::Live,
    ];

    fn words(self) -> Words {
        let (name, verb, asks, example) = match self {
            Self::Url => ("Page visited", "Page contains", Asks::Part, "/checkout"),
            Self::Entry => (
                "Entry page",
                "Entry page is",
                Asks::Whole,
                "https://shop.example/",
            ),
            Self::Referrer => ("Referrer", "Came from", Asks::Part, "google."),
            Self::Country => ("Country", "Country is", Asks::Value, ""),
            Self::Region => ("Region", "Region is", Asks::Value, ""),
            Self::Timezone => ("Time zone", "Time zone is", Asks::Value, ""),
            Self::Device => ("Device", "Device is", Asks::Value, ""),
            Self::Browser => ("Browser", "Browser is", Asks::Value, ""),
            Self::Os => ("Operating system", "System is", Asks::Value, ""),
            Self::User => ("User", "User is", Asks::Whole, "customer-4711"),
            Self::Event => ("Custom event", "Event is", Asks::Value, ""),
            Self::Meta => ("Metadata", "Metadata", Asks::Pair, "plan"),
            Self::Longer => ("Longer than", "At least", Asks::Length, "2m 30s"),
            Self::Shorter => ("Shorter than", "At most", Asks::Length, "30s"),
            Self::Errors => ("Has errors", "Has errors", Asks::Nothing, ""),
            Self::Rage => ("Has rage clicks", "Has rage clicks", Asks::Nothing, ""),
            Self::Dead => ("Has dead clicks", "Has dead clicks", Asks::Nothing, ""),
            Self::Live => ("Live now", "Live now", Asks::Nothing, ""),
        };
        Words {
            name,
            verb,
            asks,
            example,
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.words().name
    }

    /// What it asks for.
    pub fn asks(self) -> Asks {
        self.words().asks
    }

    /// What the list does not know of it; empty where it knows everything.
    pub fn limit(self) -> String {
        match self {
            Self::Url => {
                format!("The list knows the first {MAX_VISITED} different addresses of a session.")
            }
            Self::Event => {
                format!(
                    "The list knows {MAX_NAMED} names of events of a session, those that sort first."
                )
            }
            Self::Meta => {
                format!(
                    "The list knows {MAX_META} keys of a session, those that sort first and `{RELEASE_KEY}`."
                )
            }
            _ => String::new(),
        }
    }

    /// What a value can look like.
    pub fn example(self) -> &'static str {
        self.words().example
    }

    /// The field of that name.
    pub fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it is about.
    pub field: Field,
    /// The key, of metadata.
    pub key: String,
    /// The value; as it is written, of a length of time.
    pub value: String,
}

impl Condition {
    /// One without a key.
    pub fn new(field: Field, value: &str) -> Self {
        Self {
            field,
            key: String::new(),
            value: value.to_owned(),
        }
    }

    /// The filter with this condition in it as well.
    pub fn put(&self, filter: &Filter) -> Result<Filter, String> {
        let mut filter = filter.clone();
        let value = self.value.trim();
        if value.is_empty() && self.field.asks() != Asks::Nothing {
            return Err("Say what to look for.".to_owned());
        }
        match self.field {
            Field::Longer => filter.min_duration = Some(length(value)?),
            Field::Shorter => filter.max_duration = Some(length(value)?),
            Field::Meta => {
                let key = self.key.trim();
                if key.is_empty() {
                    return Err("Say which key.".to_owned());
                }
                filter.meta.insert(key.to_owned(), value.to_owned());
            }
            Field::Errors => filter.errors = true,
            Field::Rage => filter.rage = true,
            Field::Dead => filter.dead = true,
            Field::Live => filter.live = Some(value != "no"),
            _ => {
                if let Some(place) = place(&mut filter, self.field) {
                    *place = Some(value.to_owned());
                }
            }
        }
        let message = |error: sentiero_core::field::FieldError| sentence(&error.reason);
        filter.checked().map_err(message)
    }

    /// The filter without this condition.
    pub fn take(&self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        match self.field {
            Field::Longer => filter.min_duration = None,
            Field::Shorter => filter.max_duration = None,
            Field::Meta => drop(filter.meta.remove(&self.key)),
            Field::Errors => filter.errors = false,
            Field::Rage => filter.rage = false,
            Field::Dead => filter.dead = false,
            Field::Live => filter.live = None,
            _ => {
                if let Some(place) = place(&mut filter, self.field) {
                    *place = None;
                }
            }
        }
        filter
    }

    /// How it reads: what it begins with, and the value as `shown` says it.
    pub fn says(&self, shown: impl Fn(Field, &str) -> String) -> (String, String) {
        let verb = self.field.words().verb;
        match self.field.asks() {
            Asks::Nothing if self.value == "no" => ("Finished".to_owned(), String::new()),
            Asks::Nothing => (verb.to_owned(), String::new()),
            Asks::Pair => (format!("{} is", self.key), self.value.clone()),
            _ => (verb.to_owned(), shown(self.field, &self.value)),
        }
    }
}

/// A reason as a sentence.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn length(value: &str) -> Result<u64, String> {
    text::parse_duration(value)
        .ok_or_else(|| "Write a length of time like 45s, 2m 30s or 1h.".to_owned())
}

fn place(filter: &mut Filter, field: Field) -> Option<&mut Option<String>> {
    Some(match field {
        Field::Url => &mut filter.url,
        Field::Entry => &mut filter.entry,
        Field::Referrer => &mut filter.referrer,
        Field::Country => &mut filter.country,
        Field::Region => &mut filter.region,
        Field::Timezone => &mut filter.timezone,
        Field::Device => &mut filter.device,
        Field::Browser => &mut filter.browser,
        Field::Os => &mut filter.os,
        Field::User => &mut filter.user,
        Field::Event => &mut filter.event,
        _ => return None,
    })
}

/// The conditions of `filter`, in the order of [`Field::ALL`]; dates and the text
/// that is searched for have places of their own.
pub fn conditions(filter: &Filter) -> Vec<Condition> {
    let mut filter = filter.clone();
    let mut all = Vec::new();
    for field in Field::ALL {
        let value = match field {
            Field::Longer => filter.min_duration.map(text::exact_duration),
            Field::Shorter => filter.max_duration.map(text::exact_duration),
            Field::Errors => filter.errors.then(String::new),
            Field::Rage => filter.rage.then(String::new),
            Field::Dead => filter.dead.then(String::new),
            Field::Live => filter
                .live
                .map(|live| if live { "yes" } else { "no" }.to_owned()),
            Field::Meta => {
                all.extend(filter.meta.iter().map(|(key, value)| Condition {
                    field,
                    key: key.clone(),
                    value: value.clone(),
                }));
                None
            }
            _ => place(&mut filter, field).and_then(Option::take),
        };
        if let Some(value) = value {
            all.push(Condition::new(field, &value));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Filter {
        let query = "url=%2Fcart&entry=https%3A%2F%2Fa.example%2F&referrer=google&country=DE\
            &region=DE-BE&timezone=Europe%2FBerlin&device=mobile&browser=Chrome&os=Android&user=u1&event=bought&meta.plan=pro&meta.ab=b\
            &min_duration=90000&max_duration=3600000&errors=true&rage=true&dead=true&live=false";
        Filter::parse(query).unwrap()
    }

    #[test]
    fn what_a_filter_cannot_know_is_said_once() {
        assert!(limits(&Filter::parse("errors=true&country=DE").unwrap()).is_empty());
        assert_eq!(limits(&filled()).len(), 3);
        let inner = Filter::parse("url=%2Fcart&not=url%3D%252Fa&any=event%3Dx&any=event%3Dy");
        let said = limits(&inner.unwrap());
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("12 different addresses") && said[1].contains("16 names"));
        assert!(Field::Meta.limit().contains("10 keys"));
    }

    #[test]
    fn a_filter_is_its_conditions() {
        let all = conditions(&filled());
        assert_eq!(all.len(), 19);
        let mut again = Filter::default();
        for condition in &all {
            again = condition.put(&again).unwrap();
        }
        assert_eq!(again, filled());
        for condition in &all {
            again = condition.take(&again);
        }
        assert_eq!(again, Filter::default());
        assert!(conditions(&again).is_empty());
    }

    #[test]
    fn taking_one_leaves_the_others() {
        for condition in conditions(&filled()) {
            let left = conditions(&condition.take(&filled()));
            assert_eq!(left.len(), 18, "{condition:?}");
            assert!(!left.contains(&condition));
        }
    }

    #[test]
    fn how_they_read() {
        let shown = |_: Field, value: &str| value.to_uppercase();
        let read = |condition: Condition| condition.says(shown);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            read(Condition::new(Field::Url, "/x")),
            pair("Page contains", "/X")
        );
        assert_eq!(
            read(Condition::new(Field::Errors, "")),
            pair("Has errors", "")
        );
        assert_eq!(
            read(Condition::new(Field::Live, "yes")),
            pair("Live now", "")
        );
        assert_eq!(
            read(Condition::new(Field::Live, "no")),
            pair("Finished", "")
        );
        let meta = Condition {
            key: "plan".into(),
            ..Condition::new(Field::Meta, "pro")
        };
        assert_eq!(read(meta), pair("plan is", "pro"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_reason() {
        let refused = |field, value: &str| {
            let filter = Filter {
                min_duration: Some(60_000),
                ..Filter::default()
            };
            Condition::new(field, value).put(&filter).unwrap_err()
        };
        assert_eq!(refused(Field::Url, "  "), "Say what to look for.");
        assert!(refused(Field::Longer, "soon").contains("2m 30s"));
        assert!(
            refused(Field::Shorter, "30s").starts_with("Must not"),
            "{}",
            refused(Field::Shorter, "30s")
        );
        assert_eq!(refused(Field::Meta, "x"), "Say which key.");
        assert!(refused(Field::Url, &"x".repeat(4_097)).contains("4096"));
    }

    #[test]
    fn every_field_has_a_name_of_its_own() {
        for field in Field::ALL {
            assert_eq!(Field::called(field.name()), Some(field));
        }
        assert_eq!(Field::called("x"), None);
    }
}
