//! Made-up sessions as reports see them: of some 60 events, over 12 addresses.

use crate::random::Random;
use sentiero_core::analytics::session::{
    Attention, Click, ClickKind, Field, Mark, Metric, Occurrence, Session, Submit, Summary, Topic,
    Visit, Vital,
};

/// Addresses of the shop.
const PAGES: [&str; 12] = [
    "https://shop.example/",
    "https://shop.example/artikel/17",
    "https://shop.example/artikel/4711",
    "https://shop.example/artikel/9",
    "https://shop.example/suche",
    "https://shop.example/korb",
    "https://shop.example/kasse",
    "https://shop.example/kasse/adresse",
    "https://shop.example/kasse/zahlung",
    "https://shop.example/konto",
    "https://shop.example/hilfe",
    "https://shop.example/versand",
];

/// What is clicked.
const ELEMENTS: [&str; 8] = [
    "button#kaufen",
    "a.artikel",
    "button.menge",
    "input#suche",
    "nav.kopf",
    "a.hilfe",
    "img.bild",
    "button#zahlen",
];

/// So many different ones.
pub fn sessions(count: u32) -> Vec<Session> {
    let mut random = Random::new(7);
    (0..count).map(|_| session(&mut random)).collect()
}

fn pick<'a>(random: &mut Random, texts: &[&'a str]) -> &'a str {
    let place = random.below(u32::try_from(texts.len()).unwrap_or(1).max(1));
    let place = usize::try_from(place).unwrap_or_default();
    texts.get(place).copied().unwrap_or_default()
}

fn session(random: &mut Random) -> Session {
    let mut session = Session::default();
    let wide = random.chance(60);
    let pages = 1 + random.below(6);
    for number in 0..pages {
        page(&mut session, random, number, wide);
    }
    for number in 0..random.below(12) {
        click(&mut session, random, (number, pages));
    }
    if random.chance(25) {
        form(&mut session, random, pages - 1);
    }
    if random.chance(12) {
        let at = pages * 30_000;
        mark(
            &mut session,
            (pages - 1, at),
            "bought",
            random.below(20_000),
        );
    }
    if random.chance(5) {
        let names = session.names_mut(Topic::Marks);
        let tag = names.name("TypeError: cart.pay is not a function");
        let issue = names.name("5e47a11b0c3d9f26");
        session.marks.push(Mark {
            visit: pages - 1,
            at: pages * 29_000,
            is_error: true,
            tag,
            values: Vec::new(),
            issue: Some(Occurrence {
                issue,
                times: 1 + 9 * random.below(2),
                held: 0,
            }),
        });
    }
    let referrer = random.chance(30).then(|| {
        let names = session.names_mut(Topic::Summary);
        names.name("https://suche.example/")
    });
    session.summary = Summary {
        duration: pages * 30_000,
        active: pages * (2_000 + random.below(8_000)),
        referrer,
        revisits: random.below(2),
        idle: random.below(60_000),
        thrashes: random.below(3),
        left_on_error: random.chance(2),
        ..Summary::default()
    };
    session
}

fn page(session: &mut Session, random: &mut Random, number: u32, wide: bool) {
    let url = session.names_mut(Topic::Pages).name(pick(random, &PAGES));
    let viewport = if wide { (1_440, 900) } else { (390, 844) };
    session.visits.push(Visit {
        url,
        tab: number / 3,
        at: number * 30_000,
        length: 30_000,
        active: 2_000 + random.below(8_000),
        viewport,
        deepest: viewport.1 + random.below(3_000),
    });
    session.attention.push(Attention {
        visit: number,
        seen: (0..9 + random.below(6))
            .map(|row| (row, 500 + random.below(4_000)))
            .collect(),
        moves: (0..random.below(8))
            .map(|row| (2 * row, random.below(40), 1 + random.below(3)))
            .collect(),
    });
    for (metric, most) in [
        (Metric::Lcp, 5_000),
        (Metric::Inp, 500),
        (Metric::Cls, 3_000),
    ] {
        session.vitals.push(Vital {
            visit: number,
            at: number * 30_000 + 900,
            metric,
            value: random.below(most),
        });
    }
}

fn click(session: &mut Session, random: &mut Random, (number, pages): (u32, u32)) {
    let kind = match random.below(40) {
        0 => ClickKind::RageFirst,
        1 | 2 => ClickKind::Dead,
        _ => ClickKind::Plain,
    };
    let element = pick(random, &ELEMENTS);
    let target = random
        .chance(80)
        .then(|| session.names_mut(Topic::Clicks).name(element));
    session.clicks.push(Click {
        visit: number % pages,
        at: number * 5_000,
        kind,
        place: (random.below(390), random.below(3_000)),
        target,
        share: target.map_or((0, 0), |_| (random.below(10_000), random.below(10_000))),
    });
}

fn form(session: &mut Session, random: &mut Random, visit: u32) {
    let names = session.names_mut(Topic::Forms);
    let form = names.name("kasse");
    let keys = ["kasse name", "kasse strasse", "kasse ort"].map(|key| names.name(key));
    let filled = 1 + random.below(3);
    for (number, key) in (0..filled).zip(keys) {
        let from = number * 4_000;
        session.fields.push(Field {
            visit,
            key,
            label: key,
            form,
            span: (from, from + 500 + random.below(3_000)),
            refills: random.below(2),
        });
    }
    if filled == 3 {
        session.submits.push(Submit {
            visit,
            at: 14_000,
            form,
        });
    }
}

fn mark(session: &mut Session, (visit, at): (u32, u32), tag: &str, cents: u32) {
    let names = session.names_mut(Topic::Marks);
    let (tag, total) = (names.name(tag), names.name("total"));
    session.marks.push(Mark {
        visit,
        at,
        is_error: false,
        tag,
        values: vec![(total, f64::from(cents) / 100.0)],
        issue: None,
    });
}
