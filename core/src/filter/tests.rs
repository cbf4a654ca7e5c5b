use super::*;
use crate::id::SessionId;
use crate::recording::{SessionState, Visitor};
use proptest::prelude::*;

fn row() -> SessionRow {
    let sid = SessionId::new(1_000, &[7; 17]);
    SessionRow {
        duration: 60_000,
        errors: 1,
        rage: 0,
        dead: 3,
        users: ["Kunde-42".to_owned()].into(),
        entry: "https://shop.example/".to_owned(),
        exit: "https://shop.example/kasse".to_owned(),
        visited: ["https://shop.example/Warenkorb".to_owned()].into(),
        country: Some("DE".to_owned()),
        region: Some("DE-BE".to_owned()),
        timezone: Some("Europe/Berlin".to_owned()),
        browser: Some("Chrome".to_owned()),
        referrer: Some("https://suche.example/?x".to_owned()),
        named: ["bought".to_owned(), "seen".to_owned()].into(),
        meta: [("plan".to_owned(), "pro".to_owned())].into(),
        ..SessionState::new(1, Visitor::default()).row(&sid, false)
    }
}

#[test]
fn all_that_is_given_must_hold() {
    let row = row();
    let prefix = row.sid.as_str().get(..15).unwrap().to_uppercase();
    for (query, expected) in [
        ("", true),
        ("from=1000&before=1001", true),
        ("from=1001", false),
        ("before=1000", false),
        ("user=Kunde-42", true),
        ("user=kunde-42", false),
        ("user=Kunde", false),
        ("country=DE", true),
        ("country=de", false),
        ("region=DE-BE", true),
        ("region=DE", false),
        ("region=BE", false),
        ("timezone=Europe/Berlin", true),
        ("timezone=Europe", false),
        ("region=DE-BE&timezone=Europe/Paris", false),
        ("os=Windows", false),
        ("entry=https://shop.example/", true),
        ("entry=https://shop.example", false),
        ("url=WARENKORB", true),
        ("url=/kasse", true),
        ("url=kasse%2Fx", false),
        ("referrer=Suche.example", true),
        ("referrer=shop", false),
        ("meta.plan=pro", true),
        ("meta.plan=p", false),
        ("meta.plan=pro&meta.other=1", false),
        ("event=bought", true),
        ("event=bough", false),
        ("errors=true&dead=true", true),
        ("errors=true&rage=true", false),
        ("rage=false", true),
        ("min_duration=60000&max_duration=60000", true),
        ("min_duration=60001", false),
        ("max_duration=59999", false),
        ("live=false", true),
        ("live=true", false),
        ("q=unde-4", true),
        ("q=korb", true),
        ("q=suche.example", false),
        (&format!("q={prefix}"), true),
        ("q=a", true),
        ("q=7q7q7q", false),
        ("q=korb&country=FR", false),
        // One of them, none of them.
        ("any=country%3DFR&any=country%3DDE", true),
        ("any=country%3DFR&any=country%3DUS", false),
        ("any=country%3DDE%26rage%3Dtrue", false),
        ("any=country%3DDE%26rage%3Dtrue&any=errors%3Dtrue", true),
        ("browser=Firefox&any=country%3DDE", false),
        ("not=country%3DFR", true),
        ("not=country%3DFR&not=errors%3Dtrue", false),
        ("not=country%3DDE%26rage%3Dtrue", true),
        // What is not known is nothing else either.
        ("not=os%3DWindows", true),
        ("not=device%3Dmobile&any=event%3Dbought", true),
        ("any=not%3Dcountry%253DDE&any=rage%3Dtrue", false),
        ("any=not%3Dcountry%253DFR&any=rage%3Dtrue", true),
        ("not=any%3Dcountry%253DFR%26any%3Dbrowser%253DChrome", false),
    ] {
        let filter = Filter::parse(query).unwrap();
        assert_eq!(filter.matches(&row), expected, "{query}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let long = "x".repeat(MAX_TEXT + 1);
    let many = "meta.a=1&meta.b=1&meta.c=1&meta.d=1&meta.e=1";
    for (query, expected) in [
        ("page=1", "`page` is no parameter of this request"),
        ("from=x", "`from` must be a number of milliseconds"),
        ("from=-1", "`from` must be a number of milliseconds"),
        (
            "before=9007199254740992",
            "`before` must be a number of milliseconds",
        ),
        ("from=2&before=2", "`from` must lie before `before`"),
        (
            "min_duration=2&max_duration=1",
            "`min_duration` must not be more than `max_duration`",
        ),
        ("errors=1", "`errors` must be `true` or `false`"),
        ("live=", "`live` must be `true` or `false`"),
        ("country=DE&country=FR", "`country` must not be given twice"),
        ("live=false&live=false", "`live` must not be given twice"),
        ("meta.a=1&meta.a=2", "`meta.a` must not be given twice"),
        ("meta.a=", "`meta.a` must be a text of 1 to 4096 bytes"),
        ("meta.=1", "`meta.` must be a text of 1 to 4096 bytes"),
        (many, "`meta` must not hold more than 4 pairs"),
        ("url=", "`url` must be a text of 1 to 4096 bytes"),
        ("url=a%0Ab", "`url` must not hold control characters"),
        (
            &format!("q={long}"),
            "`q` must be a text of 1 to 4096 bytes",
        ),
        (
            "user=%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2",
            "`user` must be an id that the page gave to `identify`; one that was masked finds nobody",
        ),
        ("os=%ff", "`os` must be UTF-8, percent-encoded"),
        ("any=", "`any` must hold a condition"),
        ("not=rage%3Dfalse", "`not` must hold a condition"),
        ("any=page%3D1", "`any.page` is no parameter of this request"),
        (
            "any=not%3Dfrom%253Dx",
            "`any.not.from` must be a number of milliseconds",
        ),
    ] {
        let error = Filter::parse(query).unwrap_err();
        assert_eq!(alloc::format!("{error}"), expected, "{query}");
    }
    assert!(Filter::parse(&format!("q={}", &long[..MAX_TEXT])).is_ok());
}

/// A filter that holds `inner` so many levels deep.
fn nested(inner: &str, levels: usize) -> String {
    (0..levels).fold(inner.to_owned(), |inner, _| {
        let mut outer = String::new();
        query::push(&mut outer, "not", &inner);
        outer
    })
}

#[test]
fn filters_within_have_an_end() {
    assert!(Filter::parse(&nested("rage=true", MAX_DEPTH - 1)).is_ok());
    for levels in [MAX_DEPTH, 30] {
        let error = Filter::parse(&nested("rage=true", levels)).unwrap_err();
        assert!(error.reason.ends_with("more than 3 deep"), "{error}");
    }
    // As JSON says it.
    let json = |filter: &str| serde_json::from_str::<Filter>(filter).unwrap().checked();
    assert!(json(r#"{"not":[{"any":[{"rage":true}]}]}"#).is_ok());
    assert!(json(r#"{"not":[{"any":[{"not":[{"rage":true}]}]}]}"#).is_err());
    assert!(json(r#"{"any":[{"rage":true},{}]}"#).is_err());

    let many = |count: usize| vec!["any=rage%3Dtrue"; count].join("&");
    assert!(Filter::parse(&many(MAX_WITHIN)).is_ok());
    let error = Filter::parse(&many(MAX_WITHIN + 1)).unwrap_err();
    assert!(error.reason.contains("more than 20 conditions"), "{error}");
}

#[test]
fn what_denies_texts_is_known() {
    for (query, denies) in [
        ("event=a&any=url%3Da&not=rage%3Dtrue", false),
        ("not=country%3DDE%26min_duration%3D1", false),
        ("not=event%3Da", true),
        ("not=q%3Da", true),
        ("not=rage%3Dtrue&not=meta.k%3Da", true),
        ("any=rage%3Dtrue&any=not%3Duser%253Da", true),
        ("not=any%3Drage%253Dtrue%26any%3Dentry%253Da", true),
        // Not not: it may be taken as it is meant, and is refused as well.
        ("not=not%3Durl%253Da", true),
        ("not=referrer%3Da", true),
    ] {
        assert_eq!(
            Filter::parse(query).unwrap().denies_texts(),
            denies,
            "{query}"
        );
    }
}

#[test]
fn every_condition_counts() {
    assert_eq!(Filter::default().conditions(), 0);
    let query = "from=1&before=2&min_duration=1&max_duration=1&user=u&country=c&region=r&\
         timezone=t&browser=b&os=o&device=d&entry=e&url=u&referrer=r&event=e&q=q&meta.a=1&\
         meta.b=2&errors=true&rage=true&dead=true&live=true&any=rage%3Dtrue%26os%3Dx&not=os%3Dx";
    let query: String = query.split_whitespace().collect();
    assert_eq!(Filter::parse(&query).unwrap().conditions(), 22 + 3);
}

#[test]
fn a_user_is_looked_for_as_it_is_kept() {
    let filter = Filter::parse(&format!("user={}", "u".repeat(200))).unwrap();
    assert_eq!(filter.user.unwrap().len(), crate::digest::MAX_USER_BYTES);
}

#[test]
fn a_receipt_does_not_say_who() {
    let query = "from=1&user=u&entry=e&url=a&referrer=r&meta.k=v&q=q&event=n&country=DE&errors=true&\
         any=user%3Da&any=user%3Db&not=meta.k%3Dw";
    let (kept, withheld) = Filter::parse(query).unwrap().disclosed();
    assert_eq!(kept.to_query(), "from=1&country=DE&event=n&errors=true");
    let names = [
        "user", "entry", "url", "referrer", "meta", "q", "any", "not",
    ];
    assert_eq!(withheld, names);
}

/// A filter, seldom with others in it.
pub(crate) fn any_filter() -> impl Strategy<Value = Filter> {
    let within =
        || prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(flat_filter(), 0..3)];
    (flat_filter(), within(), within()).prop_filter_map("can never be", |(filter, any, not)| {
        Filter { any, not, ..filter }.checked().ok()
    })
}

fn flat_filter() -> impl Strategy<Value = Filter> {
    let word = || prop::option::weighted(0.3, "[a-zA-Z0-9 &=+%/?ä結.-]{1,12}");
    let number = || prop::option::weighted(0.3, 0u64..3_000);
    let times = (number(), number(), number(), number());
    let exact = (word(), word(), word(), word(), word(), word());
    let places = (word(), word());
    let parts = (word(), word(), word(), word());
    let meta = prop::collection::btree_map("[a-z.ä]{1,5}", "[a-z& ]{1,5}", 0..3);
    let truths = (any::<[bool; 3]>(), any::<Option<bool>>());
    let all = (times, exact, places, parts, meta, truths);
    all.prop_filter_map(
        "can never be",
        |(times, exact, places, parts, meta, truths)| {
            let (from, before, min_duration, max_duration) = times;
            let (user, country, browser, os, device, entry) = exact;
            let (region, timezone) = places;
            let (url, referrer, event, q) = parts;
            let ([errors, rage, dead], live) = truths;
            let filter = Filter {
                from,
                before,
                user,
                country,
                region,
                timezone,
                browser,
                os,
                device,
                entry,
                url,
                referrer,
                meta,
                event,
                errors,
                rage,
                dead,
                min_duration,
                max_duration,
                live,
                q,
                any: Vec::new(),
                not: Vec::new(),
            };
            filter.checked().ok()
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(filter in any_filter()) {
        prop_assert_eq!(&Filter::parse(&filter.to_query()).unwrap(), &filter);
        let json = serde_json::to_string(&filter).unwrap();
        prop_assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter);
    }

    #[test]
    fn anything_is_read_or_refused(query in "([a-z_.]{0,9}=[^&]{0,9}&?){0,4}") {
        if let Ok(filter) = Filter::parse(&query) {
            prop_assert_eq!(Filter::parse(&filter.to_query()).unwrap(), filter);
        }
    }
}
