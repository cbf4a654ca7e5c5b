use super::*;
use crate::issue::frames;
use crate::store::memory::Memory;
use pollster::block_on;
use proptest::prelude::*;

/// What esbuild made of two sources, `--bundle --minify --sourcemap`.
const MAP: &[u8] = include_bytes!("../../../tests/fixtures/maps/app.js.map");
/// An error of it, as Chrome tells it.
const STACK: &str = "TypeError: Cannot read properties of undefined (reading 'amount')
    at r (https://shop.example/assets/app.js:1:36)
    at n (https://shop.example/assets/app.js:1:83)
    at c (https://cdn.example/assets/app.js?v=2:1:128)
    at https://shop.example/assets/app.js:1:209";

fn site() -> SiteKey {
    SiteKey::parse("shop").unwrap()
}

fn place() -> Place {
    Place::new("1.4", "https://shop.example/assets/app.js").unwrap()
}

fn shown(stack: &str) -> Vec<ShownFrame> {
    let of = |frame: &crate::issue::Frame<'_>| ShownFrame {
        function: frame.function.into(),
        file: frame.file.into(),
        line: frame.line,
        column: frame.column,
        in_app: frame.in_app,
        original: None,
    };
    frames(stack).iter().map(of).collect()
}

/// The frames of a stack in `release`, where the map of [`MAP`] is kept for 1.4.
fn resolved(stack: &str, release: Option<&str>, kept: Vec<u8>) -> (Vec<ShownFrame>, Vec<String>) {
    let (memory, site) = (&Memory::default(), &site());
    block_on(memory.put(site, &place(), kept)).unwrap();
    let maps = &memory;
    let by = Resolver {
        maps,
        site,
        release,
    };
    let mut errors = [shown(stack)];
    let notes = block_on(resolve(&by, &mut errors)).unwrap();
    let [frames] = errors;
    (frames, notes)
}

fn told(frame: &ShownFrame) -> String {
    let original = frame.original.as_ref();
    original.map_or_else(
        || "?".into(),
        |it| format!("{} {}:{}:{}", it.function, it.file, it.line, it.column),
    )
}

#[test]
fn a_stack_of_a_real_bundle_is_resolved_to_its_sources() {
    let (frames, notes) = resolved(STACK, Some("1.4"), check(MAP, true).unwrap());
    assert_eq!(notes, Vec::<String>::new());
    let told: Vec<String> = frames.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "priceOf ../src/cart.ts:9:22",
            "totalOf ../src/cart.ts:14:38",
            "checkout ../src/main.ts:4:23",
            " ../src/main.ts:7:65",
        ]
    );
    let lines = frames[0].original.as_ref().unwrap().lines.as_ref().unwrap();
    assert_eq!(lines.first, 6);
    assert_eq!(lines.text[3], "  return item.price!.amount;");
    // What came stays beside it.
    assert_eq!((&*frames[0].function, frames[0].column), ("r", 36));
}

#[test]
fn sources_are_kept_only_if_they_are_asked_for() {
    let kept = check(MAP, false).unwrap();
    let text = gzip_text(&kept);
    assert!(!text.contains("Fails for an item") && text.contains("priceOf"));
    let (frames, _) = resolved(STACK, Some("1.4"), kept);
    assert_eq!(told(&frames[0]), "priceOf ../src/cart.ts:9:22");
    assert_eq!(frames[0].original.as_ref().unwrap().lines, None);
    assert!(gzip_text(&check(MAP, true).unwrap()).contains("Fails for an item"));
}

fn gzip_text(kept: &[u8]) -> String {
    let bytes = crate::gzip::decompress(kept, MAX_BYTES).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_cannot_be_resolved_is_said_and_shown_as_it_came() {
    let kept = || check(MAP, false).unwrap();
    let unmapped = STACK.replace("app.js", "other.js");
    for (stack, release, kept, word) in [
        (STACK, None, kept(), "told no release"),
        (
            STACK,
            Some("•\u{7}"),
            kept(),
            "not one that source maps can be kept for",
        ),
        (
            STACK,
            Some("1.5"),
            kept(),
            "no source map of `/assets/app.js` in release `1.5`",
        ),
        (
            &unmapped,
            Some("1.4"),
            kept(),
            "no source map of `/assets/other.js` in release `1.4`",
        ),
        (
            STACK,
            Some("1.4"),
            b"junk".to_vec(),
            "cannot be used: what is kept",
        ),
    ] {
        let (frames, notes) = resolved(stack, release, kept);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains(word), "{word}: {notes:?}");
        assert_eq!(frames, shown(stack), "{word}");
    }
    // Of what is loaded from nowhere there is no map to miss.
    let (_, notes) = resolved("at f (<anonymous>)\nat g (node:fs:1:1)", None, kept());
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn what_is_no_usable_map_is_named() {
    let map = |fields: &str| format!(r#"{{"version":3,"sources":["a"],"names":[],{fields}}}"#);
    let many = |byte: &str| map(&format!(r#""mappings":"{}""#, byte.repeat(MAX_SEGMENTS)));
    let texts = map(&format!(
        r#""mappings":"","ignoreList":[{}0]"#,
        "0,".repeat(MAX_TEXTS)
    ));
    for (text, expected) in [
        (String::new(), "`map` must be JSON"),
        ("[1]".into(), "`map` is no source map"),
        (r#"{"mappings":""}"#.into(), "`version` must be 3"),
        (
            r#"{"version":2,"mappings":""}"#.into(),
            "`version` must be 3",
        ),
        (r#"{"version":3,"sections":[]}"#.into(), "`sections`"),
        (r#"{"version":3}"#.into(), "`mappings` must be there"),
        (map(r#""mappings":"ä""#), "base64 digits"),
        (map(r#""mappings":"AAAA=""#), "base64 digits"),
        (map(r#""mappings":"AA""#), "1, 4 or 5"),
        (map(r#""mappings":"AAAAA""#), "1, 4 or 5"),
        (map(r#""mappings":"ACAA""#), "1, 4 or 5"),
        (map(r#""mappings":"g""#), "1, 4 or 5"),
        (
            map(&format!(r#""mappings":"{}A""#, "g".repeat(99))),
            "1, 4 or 5",
        ),
        (many(";"), "more than 1000000 places"),
        (many("A,"), "more than 1000000 places"),
        (texts, "more than 200000 values"),
        (" ".repeat(MAX_BYTES + 1), "larger than 8388608 bytes"),
    ] {
        let error = check(text.as_bytes(), true).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:.60}: {error}");
    }
    for fields in [
        r#""mappings":"""#,
        r#""mappings":"A""#,
        r#""mappings":";;;AAAA,CAAC","sources":["a",null],"sourcesContent":null"#,
    ] {
        let text = map(fields).replace(r#""sources":["a"],"names":[],"#, "");
        let text = text.replacen(
            '{',
            r#"{"sources":["a"],"#,
            usize::from(!fields.contains("sources")),
        );
        assert!(check(text.as_bytes(), true).is_ok(), "{text}");
    }
}

#[test]
fn at_the_limits_a_map_is_still_taken() {
    let places = "A,".repeat(MAX_SEGMENTS - 1);
    let text = format!(r#"{{"version":3,"mappings":"{places}A"}}"#);
    assert!(check(text.as_bytes(), false).is_ok());
    let mut text = br#"{"version":3,"mappings":""}"#.to_vec();
    text.resize(MAX_BYTES, b' ');
    assert!(check(&text, false).is_ok());
}

#[test]
fn a_guard_before_the_map_and_a_root_of_its_sources_are_understood() {
    let text = ")]}'\n{\"version\":3,\"sourceRoot\":\"/src/\",\"sources\":[\"a.ts\",\"/b.ts\",\"webpack://x/c.ts\"],\"mappings\":\"\"}";
    let kept = gzip_text(&check(text.as_bytes(), false).unwrap());
    assert!(
        kept.contains(r#"["/src/a.ts","/b.ts","webpack://x/c.ts"]"#),
        "{kept}"
    );
}

#[test]
fn a_file_is_its_path_whatever_the_host() {
    for file in [
        "https://shop.example/assets/app.js",
        "https://cdn.example:8443/assets/app.js?v=1#x",
        "/assets/app.js",
        "assets/app.js",
        "/assets/%61pp.js",
    ] {
        assert_eq!(
            Place::new("1", file).unwrap().file,
            "/assets/app.js",
            "{file}"
        );
    }
    for file in [
        "",
        "/",
        "https://shop.example",
        "https://shop.example/",
        "/a\n",
    ] {
        assert_eq!(Place::new("1", file).unwrap_err().field, "file", "{file}");
    }
    let longest = |bytes| Place::new("1", &format!("/{}", "a".repeat(bytes - 1)));
    assert!(longest(MAX_FILE).is_ok() && longest(MAX_FILE + 1).is_err());
    for release in ["", " 1", "1 ", "a\tb"] {
        assert_eq!(Place::new(release, "/a").unwrap_err().field, "release");
    }
    assert!(check_release(&"a".repeat(MAX_RELEASE)).is_ok());
    assert!(check_release(&"a".repeat(MAX_RELEASE + 1)).is_err());
}

#[test]
fn the_names_of_maps_are_a_storage_format() {
    let place = Place::new("shop@1/β", "/a b/c.js").unwrap();
    assert_eq!(Named::map(&place), "shop%401%2F%CE%B2/%2Fa%20b%2Fc.js");
    assert_eq!(Named::release("1.4"), "1.4/");
    assert_eq!(Named::release_of("1%2F2/").as_deref(), Some("1/2"));
    assert_eq!(Named::release_of("1"), None);
    assert_eq!(Named::file_of("%2Fa.js").as_deref(), Some("/a.js"));
    assert_eq!(Named::file_of("%2"), None);
}

#[test]
fn the_oldest_release_gives_way_and_a_full_one_refuses() {
    let (memory, site) = (&Memory::default(), &site());
    let put = |release: &str, file: &str, at: Millis| {
        memory.clock.set(at);
        let place = Place::new(release, file).unwrap();
        block_on(keep(&memory, site, &place, b"m".to_vec())).unwrap()
    };
    for number in 0..MAX_RELEASES {
        let at = number as Millis;
        assert_eq!(
            put(&format!("r{number:02}"), "/a.js", at),
            Kept::Yes(vec![])
        );
    }
    // One that got another map later is not the oldest any more.
    assert_eq!(put("r00", "/b.js", 100), Kept::Yes(vec![]));
    assert_eq!(put("new", "/a.js", 101), Kept::Yes(vec!["r01".into()]));
    assert_eq!(put("new", "/a.js", 102), Kept::Yes(vec![]), "it is there");
    let releases = block_on((&memory).releases(site)).unwrap();
    assert_eq!(releases.len(), MAX_RELEASES);
    assert!(!releases.contains(&"r01".to_owned()));
    for number in 1..MAX_MAPS {
        assert_eq!(put("new", &format!("/{number}.js"), 103), Kept::Yes(vec![]));
    }
    assert_eq!(put("new", "/more.js", 104), Kept::Full);
    assert_eq!(put("new", "/1.js", 104), Kept::Yes(vec![]), "in its place");
}

#[test]
fn what_is_asked_for_is_read_or_refused_by_name() {
    let asked = Asked::parse("tab=aaaaaaaa&from=5&to=9&issue=00000000000000ff&limit=1").unwrap();
    assert_eq!((asked.selection.from, asked.selection.to), (5, 9));
    assert_eq!((asked.limit, asked.issue.unwrap().number()), (1, 255));
    assert_eq!(Asked::parse("").unwrap().limit, 20);
    for (query, field) in [
        ("tab=x", "tab"),
        ("from=-1", "from"),
        ("to=a", "to"),
        ("issue=xyz", "issue"),
        ("limit=0", "limit"),
        ("limit=21", "limit"),
        ("limit=1&limit=1", "limit"),
        ("release=1", "release"),
    ] {
        assert_eq!(Asked::parse(query).unwrap_err().field, field, "{query}");
    }
}

fn vlq() -> impl Strategy<Value = String> {
    "[A-Za-z0-9+/,;]{0,120}"
}

proptest! {
    /// Whatever is taken can be asked anything, and says what is in the map.
    #[test]
    fn a_map_of_any_mappings_is_refused_or_can_be_asked(
        mappings in vlq(), places in prop::collection::vec((0u32.., 0u32..), 0..9), near in (0u32..4, 0u32..99),
    ) {
        let text = format!(r#"{{"version":3,"sources":["a","b"],"names":["n"],"sourcesContent":["x\ny"],"mappings":"{mappings}"}}"#);
        if let Ok(kept) = check(text.as_bytes(), true) {
            let map = Decoded::read(&kept).unwrap();
            for (line, column) in places.into_iter().chain([near, (u32::MAX, u32::MAX)]) {
                if let Some(found) = map.find(line, column) {
                    prop_assert!(["a", "b"].contains(&found.source));
                    let _ = map.lines(&found);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_or_taken(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..900) {
        let _ = (check(&bytes, true), Decoded::read(&bytes));
        let _ = check(MAP.get(..cut).unwrap_or(MAP), true);
    }

    #[test]
    fn names_come_back(release in "\\PC{1,30}", file in "\\PC{1,30}") {
        let place = Place { release, file };
        let name = Named::map(&place);
        let (release, file) = name.split_once('/').unwrap();
        let release_of = Named::release_of(&std::format!("{release}/"));
        prop_assert_eq!(release_of, Some(place.release));
        prop_assert_eq!(Named::file_of(file), Some(place.file));
    }

    #[test]
    fn any_query_is_read_or_refused(query in "\\PC{0,60}") {
        let _ = Asked::parse(&query);
    }
}
