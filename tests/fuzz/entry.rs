//! What is fuzzed, and what must hold for any bytes: one function a target. The fuzz
//! targets call them with libFuzzer's inputs, `core/tests/fuzz_corpus.rs` with the
//! committed corpus and its mutations.

use sentiero_core::access::NewToken;
use sentiero_core::agent::families;
use sentiero_core::analytics::report::{AnyReport, Question};
use sentiero_core::analytics::route::Routes;
use sentiero_core::analytics::{Load, session::Session};
use sentiero_core::api::{NewSite, SiteChange};
use sentiero_core::bot;
use sentiero_core::day::Day;
use sentiero_core::digest::Digest;
use sentiero_core::erasure::{
    EraseRequest, Filter, Job, MAX_SESSIONS, PurgeRequest, Target, Wanted,
};
use sentiero_core::id::{ErasureId, Millis, SiteKey, TabId};
use sentiero_core::issue::{Fingerprint, Issue, MAX_FRAMES, MAX_MESSAGE, Thrown, frames};
use sentiero_core::json::{self, Reader, Token};
use sentiero_core::listing::file::Export;
use sentiero_core::listing::{Cursor, Search, Sort};
use sentiero_core::mask::{MASK, Masker, Mode};
use sentiero_core::query;
use sentiero_core::redact::{Pattern, Redaction, UrlMode};
use sentiero_core::server::{Call, MAX_ITEMS, Told};
use sentiero_core::settings::dashboard_origins;
use sentiero_core::sheet::{Sheet, Tally, Top};
use sentiero_core::site::SiteConfig;
use sentiero_core::wire::{Ack, Limits, Upload};
use sentiero_core::{chunk, event, filter, gzip, log, origin, redact, split};
use serde_json::value::RawValue;

/// The reader accepts exactly what serde accepts; the field functions answer anything.
pub(crate) fn json(data: &[u8]) {
    let accepted = tokens(data).is_some();
    assert_eq!(
        accepted,
        serde_json::from_slice::<&RawValue>(data).is_ok(),
        "reader and serde disagree"
    );
    let fields = json::fields(data).count();
    assert!(fields <= data.len());
    for (key, value) in json::fields(data) {
        let name = String::from_utf8(json::unescape(key).into_owned());
        if let Ok(name) = name
            && accepted
        {
            assert!(json::get(data, &name).is_some());
        }
        let (_, _) = (json::string(value), json::number(value));
    }
    let (_, _) = (json::string(data), json::number(data));
    let (_, _) = (event::EventView::read(data), Ack::read(data));
    if let Ok(text) = core::str::from_utf8(data) {
        let mut written = Vec::new();
        json::write_string(text, &mut written);
        assert_eq!(json::string(&written).as_deref(), Some(text));
        assert_eq!(written, serde_json::to_vec(text).unwrap());
    }
}

/// Masking accepts what is JSON, keeps its shape, leaves nothing for a second time, and a
/// stricter mode leaves nothing for a looser one.
pub(crate) fn mask(data: &[u8]) {
    masks(data, true);
}

/// As [`mask`]; `agree` if a mode after a looser one must write what it writes alone.
fn masks(data: &[u8], agree: bool) {
    let shape = tokens(data);
    let mut outputs = Vec::new();
    for mode in [Mode::None, Mode::Inputs, Mode::Text] {
        let once = masked(mode, data);
        let before = shape.as_ref();
        assert_eq!(
            once.is_some(),
            before.is_some(),
            "refused what is JSON, or accepted what is not"
        );
        let (Some((out, changes)), Some(before)) = (once, before) else {
            continue;
        };
        let after = tokens(&out).expect("what is masked is JSON");
        assert!(
            before.len() == after.len() && before.iter().zip(&after).all(same_shape),
            "the shape changed"
        );
        assert_eq!(changes == 0, out == data, "counted {changes} changes");
        assert_eq!(
            masked(mode, &out),
            Some((out.clone(), 0)),
            "not idempotent in {mode:?}"
        );
        outputs.push(out);
    }
    ruled(data);
    if let [_, inputs, text] = outputs.as_slice() {
        assert_eq!(
            masked(Mode::Inputs, text),
            Some((text.clone(), 0)),
            "text mode left something"
        );
        if agree {
            assert_eq!(
                masked(Mode::Text, inputs).map(|(out, _)| out).as_ref(),
                Some(text),
                "the modes disagree"
            );
        }
    }
}

/// A site's rules behind a page's: nothing is left for either, and whether it is an event
/// is told as `is_event` tells it.
fn ruled(data: &[u8]) {
    let page = Masker::with(Mode::Inputs, rules_of(7));
    let site = Masker::with(Mode::Text, rules_of(10));
    let mut first = Vec::new();
    if page.mask_event(data, &mut first).is_err() {
        return;
    }
    let mut second = Vec::new();
    let changes = site.mask_event(&first, &mut second).expect("still JSON");
    assert_eq!(
        changes.is_event,
        event::is_event(&second),
        "is it an event?"
    );
    for masker in [page, site] {
        let mut third = Vec::new();
        let changes = masker.mask_event(&second, &mut third).expect("still JSON");
        assert_eq!(
            (changes.masked, String::from_utf8_lossy(&third)),
            (0, String::from_utf8_lossy(&second)),
            "the rules of both leave something"
        );
    }
}

/// Redaction of a text, by rules that the first bytes choose: idempotent, made of what was
/// there, and the same inside of an event.
pub(crate) fn redact(data: &[u8]) {
    let (Some((rules, text)), Ok(_)) = (data.split_first(), core::str::from_utf8(data)) else {
        return;
    };
    let Ok(text) = core::str::from_utf8(text) else {
        return;
    };
    let redaction = rules_of(*rules);
    if let Some(once) = redaction.text(text) {
        assert!(is_made_of(&once, text), "something was added: {once}");
        assert_eq!(redaction.text(&once), None, "not idempotent: {once}");
    }
    let masker = Masker::with(Mode::None, redaction);
    let page = masker.page_url(text);
    assert_eq!(masker.page_url(&page), page, "an address, a second time");
}

/// A style sheet in an event, with strings open and closed: idempotent.
pub(crate) fn css(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let mut event = br#"{"type":3,"data":{"source":8,"id":1,"replace":"#.to_vec();
    json::write_string(text, &mut event);
    event.extend_from_slice(b"},\"timestamp\":1}");
    // Of a string with a finding, symbols around it may stay that alone would be masked.
    masks(&event, false);
}

/// A pattern, and a text behind its line: what the matcher finds, a naive one finds.
pub(crate) fn pattern(data: &[u8]) {
    let Ok(data) = core::str::from_utf8(data) else {
        return;
    };
    let (pattern, text) = data.split_once('\n').unwrap_or((data, ""));
    let Ok(parsed) = Pattern::parse(pattern) else {
        return;
    };
    assert_eq!(String::from(parsed.clone()), pattern);
    let mut redaction = Redaction::default();
    redaction.patterns = vec![parsed];
    // One word, and nothing that other rules find: all of it is masked if there is a match.
    let plain = |byte: &u8| byte.is_ascii_lowercase() || b"ABC0.-_!".contains(byte);
    let word: Vec<u8> = text.bytes().filter(plain).take(24).collect();
    let word = String::from_utf8(word).unwrap();
    let mut other = Redaction::default();
    other.patterns = vec![Pattern::parse("~").unwrap()];
    if other.text(&word).is_some() {
        return;
    }
    let elements = oracle::parse(pattern.as_bytes());
    let found = (0..word.len()).any(|at| oracle::takes(&elements, &word.as_bytes()[at..]));
    let masked = redaction.text(&word);
    assert_eq!(
        masked.as_deref() == Some(MASK),
        found,
        "{pattern} in {word}"
    );
    assert_eq!(masked.is_some(), found, "{pattern} in {word}");
}

/// Patterns in the simplest way: by trying, and going back.
mod oracle {
    /// The bytes that an element takes, and how often.
    pub(super) struct Element {
        bytes: Vec<u8>,
        least: usize,
        most: usize,
    }

    /// Reads a pattern that is known to be one.
    pub(super) fn parse(pattern: &[u8]) -> Vec<Element> {
        let mut rest = pattern.iter().copied().peekable();
        let mut elements = Vec::new();
        while let Some(byte) = rest.next() {
            let mut bytes = Vec::new();
            if byte == b'[' {
                let mut members: Vec<(Vec<u8>, bool)> = Vec::new();
                loop {
                    match rest.next().unwrap() {
                        b']' if !members.is_empty() => break,
                        b'\\' => members.push((escape(rest.next().unwrap()), false)),
                        plain => members.push((vec![plain], true)),
                    }
                }
                bytes.extend(ranges(&members));
            } else if byte == b'\\' {
                bytes = escape(rest.next().unwrap());
            } else {
                bytes.push(byte);
            }
            let (mut least, mut most) = (1, 1);
            if rest.next_if_eq(&b'?').is_some() {
                least = 0;
            } else if rest.next_if_eq(&b'{').is_some() {
                let inner: Vec<u8> =
                    core::iter::from_fn(|| rest.next_if(|byte| *byte != b'}')).collect();
                rest.next();
                let inner = String::from_utf8(inner).unwrap();
                let number = |text: &str| text.parse().unwrap_or(0);
                let (from, to) = inner.split_once(',').unwrap_or((&inner, &inner));
                (least, most) = (number(from), number(to));
            }
            elements.push(Element { bytes, least, most });
        }
        elements
    }

    fn escape(byte: u8) -> Vec<u8> {
        match byte {
            b'd' => (b'0'..=b'9').collect(),
            b'w' => (0..128)
                .filter(|byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_')
                .collect(),
            b's' => vec![b' '],
            other => vec![other],
        }
    }

    fn ranges(members: &[(Vec<u8>, bool)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut at = 0;
        while let Some((member, plain)) = members.get(at) {
            if let (true, Some((dash, true)), Some((to, _))) =
                (plain, members.get(at + 1), members.get(at + 2))
                && dash == b"-"
            {
                bytes.extend(member[0]..=to[0]);
                at += 3;
            } else {
                bytes.extend(member);
                at += 1;
            }
        }
        bytes
    }

    /// Whether `text` begins with what the elements take.
    pub(super) fn takes(elements: &[Element], text: &[u8]) -> bool {
        // Where one may be: a set, so that hostile patterns end.
        let mut places = vec![0];
        for element in elements {
            let mut next = Vec::new();
            for from in places {
                let run = text[from..]
                    .iter()
                    .take_while(|byte| element.bytes.contains(byte))
                    .count();
                next.extend((element.least..=element.most.min(run)).map(|taken| from + taken));
            }
            next.sort_unstable();
            next.dedup();
            places = next;
        }
        !places.is_empty()
    }
}

/// Rules of every kind, chosen by the bits of one byte.
fn rules_of(bits: u8) -> Redaction {
    let patterns = ["ORD-\\d{4,6}", "\\w{2}\\s\\d?x", "[(;]a{2}"];
    let mut redaction = Redaction::default();
    redaction.phones = bits & 1 == 1;
    redaction.patterns = patterns
        .iter()
        .filter(|_| bits & 2 == 2)
        .map(|pattern| Pattern::parse(pattern).unwrap())
        .collect();
    redaction.urls = match bits >> 2 & 3 {
        0 => UrlMode::Strip,
        1 => UrlMode::Filter,
        _ => UrlMode::Keep,
    };
    redaction.allow = vec!["q".into(), "next".into()];
    redaction.deny = vec!["ref".into()];
    redaction
}

/// What is cut, at a size that the first byte chooses, is well-formed; and a second time
/// the same.
pub(crate) fn split(data: &[u8]) {
    let Some((size, event)) = data.split_first() else {
        return;
    };
    if tokens(event).is_none() {
        return;
    }
    let cut = || split::cut(&Masker::default(), event, usize::from(*size) * 4);
    let parts = cut();
    for part in parts.iter().flatten() {
        assert!(tokens(part).is_some(), "{}", String::from_utf8_lossy(part));
    }
    assert_eq!(parts, cut());
    if let Some(events) = split::split(&Masker::default(), event) {
        assert!(events.iter().all(|event| event::is_event(event)));
    }
}

/// A configuration, a site, a change and a wish for a token are read or refused with a
/// field's name; what was read is written so that it is read again.
pub(crate) fn settings(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    if let Ok(config) = SiteConfig::parse(text) {
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(SiteConfig::stored(&written), Ok(config));
    }
    if let Ok(site) = NewSite::parse(text) {
        let written = serde_json::to_string(&site).unwrap();
        assert_eq!(NewSite::parse(&written), Ok(site));
    }
    if let Ok(change) = SiteChange::parse(text) {
        let written = serde_json::to_string(&change).unwrap();
        assert_eq!(SiteChange::parse(&written), Ok(change));
    }
    match NewToken::parse(text) {
        Ok(wanted) => {
            let written = serde_json::to_string(&wanted).unwrap();
            assert_eq!(NewToken::parse(&written), Ok(wanted));
        }
        Err(error) => assert!(!error.field.is_empty() && !error.reason.is_empty()),
    }
    let _ = (origin::check(text), dashboard_origins(Some(text)));
}

/// An upload is read or refused.
pub(crate) fn wire(data: &[u8]) {
    if let Ok(upload) = Upload::parse(data, &Limits::DEFAULT) {
        assert!(upload.events.iter().all(|event| event.len() <= data.len()));
    }
}

/// A member is inflated within its limit or refused; what we write we can read.
pub(crate) fn gzip(data: &[u8]) {
    const LIMIT: usize = 1 << 16;
    if let Ok(inflated) = gzip::decompress(data, LIMIT) {
        assert!(inflated.len() <= LIMIT);
    }
    let member = gzip::compress(data);
    assert_eq!(gzip::decompress(&member, data.len()).as_deref(), Ok(data));
}

/// A chunk is read or refused.
pub(crate) fn chunk(data: &[u8]) {
    if let Ok(chunk) = chunk::Chunk::parse(data) {
        for batch in &chunk.batches {
            let _ = batch.inflate();
        }
    }
}

/// Events, one a line, of two page loads; the first byte says which and where they are cut.
/// Nothing panics, and what is told does not depend on the cuts or on the order.
pub(crate) fn analysis(data: &[u8]) {
    let Some((cut, lines)) = data.split_first() else {
        return;
    };
    let tabs = [TabId::new(&[1; 5]), TabId::new(&[2; 5])];
    let events: Vec<&[u8]> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| tokens(line).is_some())
        .collect();
    let step = usize::from(cut % 7) + 1;
    let piece = |place: usize| usize::from(*cut).wrapping_mul(place + 1) / 3 % 2;
    let mut whole = Digest::default();
    let mut pieces = Digest::default();
    for (place, tab) in tabs.iter().enumerate() {
        let mut own = Vec::new();
        for (at, event) in events.iter().enumerate() {
            if piece(at) == place {
                own.push(*event);
            }
        }
        whole.merge(Digest::from_events(tab, own.iter().copied()));
        for part in own.chunks(step).rev() {
            pieces.merge(Digest::from_events(tab, part.iter().copied()));
        }
    }
    assert_eq!(whole.facts, pieces.facts, "the facts depend on the cuts");
    let json = serde_json::to_vec(&whole).expect("a digest can be written");
    let read: Digest = serde_json::from_slice(&json).expect("and read");
    assert_eq!(read, whole, "it is not read as it was written");
    let span = whole.span.unwrap_or_default();
    let load = Load {
        span,
        offset: i64::from(*cut) * 1_000 - 90_000,
    };
    let loads = tabs.map(|tab| (tab, load)).into();
    let session = Session::of(&whole, span.0, &loads);
    assert_eq!(session, Session::of(&read, span.0, &loads));
    let known = u32::try_from(session.visits.len()).expect("few");
    assert!(session.clicks.iter().all(|click| click.visit < known));
    assert!(session.marks.iter().all(|mark| mark.visit < known));
}

/// The parts of a sheet, each behind its length in two bytes: looked at or refused.
pub(crate) fn sheet(data: &[u8]) {
    let mut rest = data;
    let mut part = || {
        let (length, after) = rest.split_first_chunk()?;
        let (part, after) = after.split_at_checked(u16::from_le_bytes(*length).into())?;
        rest = after;
        Some(part)
    };
    let (Some(facts), names, pages) = (part(), part(), part()) else {
        return;
    };
    let Ok(sheet) = Sheet::read(facts, names, pages) else {
        return;
    };
    for query in [
        "",
        "url=kasse&country=DE&from=5",
        "region=DE-BE&timezone=Europe/Berlin",
        "q=a",
        "user=a&meta.a=b&live=true",
    ] {
        let filter = filter::Filter::parse(query).unwrap();
        let mut tally = Tally::new(&filter);
        if tally.add(&sheet).is_ok() {
            let counted = tally.facets(3);
            assert!(counted.country.len() <= 3);
        }
        for sort in Sort::ALL {
            let search = Search {
                filter: filter.clone(),
                sort,
                cursor: None,
                limit: 3,
            };
            let mut top = Top::new(&search, 0);
            if top.add(&sheet).is_ok() {
                assert!(top.places().len() <= 3);
            }
        }
    }
}

/// A token with what must not change of it.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Open(bool),
    Close,
    Key(String),
    String(String),
    Other(String),
}

/// Whether `after` is `before` with parts left out or masked.
fn same_shape((before, after): (&Part, &Part)) -> bool {
    match (before, after) {
        (Part::String(before), Part::String(after)) | (Part::Key(before), Part::Key(after)) => {
            before == after || is_made_of(&plain(after), &plain(before))
        }
        // A text written as a number.
        (Part::Other(before), Part::String(after)) => {
            after == MASK
                && before.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        }
        _ => before == after,
    }
}

/// When somebody asks for an erasure.
const NOW: Millis = 1_795_445_123_456;

/// What an operator asks to be erased: it is clear which sessions are meant, a request says
/// the same again when it is written, and nothing of whom it is about is in the receipt.
pub(crate) fn requests(data: &[u8]) {
    if let Ok(request) = json::parse::<EraseRequest>(data) {
        let again = serde_json::to_vec(&request).unwrap();
        assert_eq!(
            json::parse::<EraseRequest>(&again).ok(),
            Some(request.clone())
        );
        if let Ok(wanted) = request.wanted(NOW) {
            erased(wanted);
        }
    }
    if let Ok(request) = json::parse::<PurgeRequest>(data) {
        erased(request.wanted());
    }
}

/// What becomes of a request that is clear.
fn erased(wanted: Wanted) {
    match &wanted.target {
        Target::Sessions(sids) => {
            assert!((1..=MAX_SESSIONS).contains(&sids.len()));
            assert!(
                sids.is_sorted_by(|one, other| one < other),
                "one is meant twice"
            );
        }
        Target::Matching(filter) => {
            assert_ne!(**filter, Filter::default(), "everything is meant");
            let (first, last) = filter.months(NOW);
            assert!(first <= last);
        }
    }
    let site = SiteKey::parse("demo").unwrap();
    let id = ErasureId::new(NOW, &[7; 10]);
    let job = Job::new(site, id, wanted, 1, "operator".into(), NOW);
    let kept = job.receipt.filter.clone().unwrap_or_default();
    assert_eq!(
        (kept.user, kept.entry),
        (None, None),
        "the receipt says whom"
    );
    let stored = serde_json::to_vec(&job).unwrap();
    assert_eq!(json::parse::<Job>(&stored).ok(), Some(job));
}

/// The query of a list or of its facets, and a place in the list: read, or refused by a
/// parameter's name. What was read is written so that it is read again, also where the worker
/// hands it to the index as JSON.
pub(crate) fn queries(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    if let Ok(pairs) = query::pairs(text) {
        let mut written = String::new();
        for (name, value) in &pairs {
            query::push(&mut written, name, value);
        }
        assert!(written.is_ascii());
        if written.len() <= query::MAX_QUERY {
            assert_eq!(query::pairs(&written), Ok(pairs));
        }
    }
    match Search::parse(text) {
        Ok(search) => {
            let written = search.to_query();
            if written.len() <= query::MAX_QUERY {
                assert_eq!(Search::parse(&written).as_ref(), Ok(&search));
            }
            let sent = serde_json::to_vec(&search).unwrap();
            assert_eq!(json::parse::<Search>(&sent).ok().as_ref(), Some(&search));
            let (first, last) = search.filter.months(NOW);
            assert!(first <= last);
        }
        Err(error) => assert!(!error.field.is_empty() && !error.reason.is_empty()),
    }
    match Export::parse(text) {
        Ok(export) => {
            let written = export.to_query();
            if written.len() <= query::MAX_QUERY {
                assert_eq!(Export::parse(&written), Ok(export));
            }
        }
        Err(error) => assert!(!error.field.is_empty() && !error.reason.is_empty()),
    }
    match filter::Filter::parse(text) {
        Ok(filter) => {
            let written = filter.to_query();
            if written.len() <= query::MAX_QUERY {
                assert_eq!(filter::Filter::parse(&written), Ok(filter));
            }
        }
        Err(error) => assert!(!error.field.is_empty() && !error.reason.is_empty()),
    }
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.to_string(), text, "two ways to write a place");
    }
}

/// What a report is asked: its name, then a query. Read, or refused by a parameter's name; what
/// was read is written so that it is read again, and what is not its own is left alone. A page
/// of any text is the page of itself.
pub(crate) fn questions(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let page = Routes::default().page(text);
    assert_eq!(
        Routes::default().page(&page),
        page,
        "a page has another page"
    );
    if let Ok(routes) = Routes::new(text.lines().map(Into::into).collect()) {
        let page = routes.page(text);
        assert_eq!(routes.page(&page), page, "a page has another page");
    }
    let (name, query) = text.split_once('?').unwrap_or((text, ""));
    let Ok(pairs) = query::pairs(query) else {
        return;
    };
    match Question::take(name, pairs.clone()) {
        Ok((question, rest)) => {
            assert!(rest.iter().all(|pair| pairs.contains(pair)));
            let written = question.to_query();
            if written.len() <= query::MAX_QUERY {
                let pairs = query::pairs(&written).unwrap();
                assert_eq!(
                    Question::take(question.name(), pairs),
                    Ok((question.clone(), vec![]))
                );
            }
            let report = question.report(&Routes::default());
            let sent = serde_json::to_vec(&report).unwrap();
            let mut read = json::parse::<AnyReport>(&sent).unwrap();
            assert!(read.merge(report.clone()).is_ok());
            assert_eq!(read.answer(), report.answer());
        }
        Err(error) => assert!(!error.field.is_empty() && !error.reason.is_empty()),
    }
}

/// Headers, addresses, days and causes of failures: what is a text from outside.
pub(crate) fn words(data: &[u8]) {
    let decoded = redact::decode(data);
    assert!(decoded.len() <= data.len());
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    if let Ok(day) = Day::parse(text) {
        assert_eq!(day.to_string(), text, "two ways to write a day");
        assert_eq!(Day::of(day.start()), day);
    }
    // Names of ours, never a piece of what was said.
    let (browser, system, device) = families(text);
    for name in [browser, system, device].into_iter().flatten() {
        assert!(name.len() <= 16 && name.is_ascii(), "{name}");
    }
    let _ = bot::is_bot(text);
    if let Some(own) = origin::of(text) {
        assert_eq!(
            origin::of(&own),
            Some(own.clone()),
            "not the origin of itself"
        );
    }
    let clean = log::cleaned(text);
    assert!(
        clean.len() <= 2 * data.len() + 3,
        "longer than what was said"
    );
    assert!(
        !clean.contains('@') && !clean.contains("://"),
        "an address: {clean}"
    );
    assert!(!clean.chars().any(char::is_control));
}

/// A message and a stack, with a line between: an issue is told of any, the same each time, and
/// what is folded stays short.
pub(crate) fn stack(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let (message, stack) = text.split_once('\n').unwrap_or((text, ""));
    let thrown = Thrown {
        kind: "",
        message,
        stack,
        source: message,
        rejected: data.len().is_multiple_of(2),
    };
    let issue = Issue::of(&thrown);
    assert_eq!(Issue::of(&thrown), issue);
    assert!(issue.title.chars().count() <= MAX_MESSAGE);
    let print = issue.fingerprint;
    assert_eq!(Fingerprint::parse(&print.text()), Some(print));
    let frames = frames(stack);
    assert!(frames.len() <= MAX_FRAMES);
    assert!(frames.iter().all(|frame| stack.contains(frame.file)));
}

/// What a site's server tells: refused by a field's name, or taken, and then masked, a line
/// each, with an issue for each error.
pub(crate) fn server(data: &[u8]) {
    let masker = Masker::with(Mode::Text, rules_of(7));
    let call = match Call::read(data, &masker, 7, NOW) {
        Ok(call) => call,
        Err(error) => {
            assert!(!error.field.is_empty() && !error.reason.is_empty());
            return;
        }
    };
    assert!((1..=MAX_ITEMS).contains(&call.items().len()));
    assert_eq!(Call::read(data, &masker, 7, NOW).as_ref(), Ok(&call));
    let told = vec![Told::default(); call.items().len()];
    let errors = call.items().iter().filter(|item| item.issue.is_some());
    let seen = call.sightings(&told).into_iter();
    assert!(seen.map(|(_, seen)| seen.len()).sum::<usize>() <= errors.count());
    for batch in call.batches() {
        if let Ok(masked) = call.masked(&batch, &masker, NOW) {
            assert_eq!(masked.events() as usize, batch.items.len());
        }
    }
}

/// What the text between the quotes of a JSON string says.
fn plain(inner: &str) -> String {
    String::from_utf8_lossy(&json::unescape(inner.as_bytes())).into()
}

/// Whether what `new` does not mask is in `old`, in the same order. (A denied parameter
/// changes the mark before the next one.)
fn is_made_of(new: &str, old: &str) -> bool {
    let mut rest = old.chars();
    new.split(MASK)
        .flat_map(str::chars)
        .all(|char| rest.any(|from| from == char || (from == '&' && matches!(char, '?' | '#'))))
}

fn tokens(data: &[u8]) -> Option<Vec<Part>> {
    let mut reader = Reader::new(data).ok()?;
    let mut parts = Vec::new();
    loop {
        let token = reader.next().ok()?;
        let span = reader.span();
        parts.push(match token {
            Token::Object => Part::Open(true),
            Token::Array => Part::Open(false),
            Token::Close => Part::Close,
            Token::Key => Part::Key(text(reader.inner(span))),
            Token::String => Part::String(text(reader.inner(span))),
            Token::Number | Token::Word => Part::Other(text(reader.slice(span))),
            Token::End => return Some(parts),
        });
    }
}

fn text(raw: &[u8]) -> String {
    core::str::from_utf8(raw).unwrap().into()
}

fn masked(mode: Mode, data: &[u8]) -> Option<(Vec<u8>, u32)> {
    let mut out = Vec::new();
    let changes = Masker::new(mode).mask_event(data, &mut out);
    assert!(
        changes.is_ok() || out.is_empty(),
        "wrote something of a malformed event"
    );
    changes.ok().map(|changes| (out, changes.masked))
}
