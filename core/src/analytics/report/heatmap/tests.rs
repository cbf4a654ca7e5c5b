use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn report(kind: Kind, on: Device, page: &str) -> Report {
    let asked = Asked {
        page: page.into(),
        kind,
        on,
        top: Limit::default(),
    };
    Report::new(Routes::default(), asked)
}

fn clicked(told: Told, target: Option<&str>, place: (u32, u32), share: (u32, u32)) -> Told {
    let mut told = told.click(target, 5, ClickKind::Plain);
    let click = told.session.clicks.last_mut().unwrap();
    (click.place, click.share) = (place, share);
    told
}

#[test]
fn clicks_belong_to_elements_or_to_the_page() {
    let desktop = |started| Told::at(started).device("desktop");
    let mut told = desktop(1).visit("https://s/a", 0, 0);
    told = clicked(told, Some("buy"), (5, 5), (0, 0));
    // The edges of the raster.
    told = clicked(told, Some("buy"), (5, 5), (10_000, 499));
    told = clicked(told, Some("buy"), (5, 5), (9_500, 500));
    // The same place of the page, however far it is scrolled, and beside the window.
    told = clicked(told, None, (999, 500), (0, 0));
    told = clicked(told, None, (5_000, 524), (0, 0));
    told = told.visit("https://s/b", 9, 0);
    told = clicked(told, Some("buy"), (1, 1), (0, 0));
    let mut lost = clicked(desktop(2).visit("https://s/a", 0, 0), None, (1, 1), (0, 0));
    lost.session.visits[0].viewport = (0, 0);
    let mobile = Told::at(3).device("mobile").visit("https://s/a", 0, 0);
    let mobile = clicked(mobile, Some("buy"), (1, 1), (0, 0));

    for page in ["s/a", "/a"] {
        let report = report(Kind::Click, Device::Desktop, page);
        let answer = folded(&report, &[told.clone(), lost.clone(), mobile.clone()]).answer();
        assert_eq!(answer.devices, [(Device::Desktop, 2), (Device::Mobile, 1)]);
        assert_eq!((answer.total, answer.anchored), (6, 3));
        assert_eq!((answer.placed, answer.lost), (2, 1));
        assert_eq!((answer.width, answer.height, answer.band), (1_000, 800, 25));
        assert_eq!(answer.representative.unwrap().started, 1);
        assert_eq!(
            answer.cells,
            [Cell {
                row: 20,
                column: 39,
                n: 2
            }]
        );
        let [buy] = &answer.targets[..] else {
            panic!("{answer:?}")
        };
        assert_eq!((buy.clicks, buy.sessions, buy.share), (3, 1, Some(500)));
        let points = [(0, 0, 1), (0, 19, 1), (1, 19, 1)];
        assert_eq!(
            buy.points,
            points.map(|(row, column, n)| Cell { row, column, n })
        );
    }
}

#[test]
fn moves_and_attention_are_summed() {
    let told = |started| {
        let mut told = Told::at(started)
            .device("tablet")
            .visit("https://s/a", 0, 0);
        told.session
            .attention
            .push(crate::analytics::session::Attention {
                visit: 0,
                seen: vec![(0, 900), (3, 50)],
                moves: vec![(2, 39, 4)],
            });
        told
    };
    let answer = |kind| folded(&report(kind, Device::Tablet, "s/a"), &[told(1), told(2)]).answer();
    let moves = answer(Kind::Move);
    assert_eq!((moves.total, moves.band), (8, 100));
    assert_eq!(
        moves.cells,
        [Cell {
            row: 2,
            column: 39,
            n: 8
        }]
    );
    let seen = answer(Kind::Attention);
    let rows = [(0, 1_800), (3, 100)];
    assert_eq!(seen.cells, rows.map(|(row, n)| Cell { row, column: 0, n }));
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(&Kind::ALL[..])
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions(), kind in kinds()) {
        let asked = "/cart";
        let answer = folded(&report(kind, Device::Mobile, asked), &all).answer();
        let (mut named, mut sessions) = (0, BTreeSet::new());
        let (mut placed, mut lost, mut looked) = (0, 0, 0);
        for (number, told) in all.iter().enumerate() {
            if told.device.as_deref() != Some("mobile") {
                continue;
            }
            let here = |visit: u32| told.url(visit).ends_with(asked);
            for click in &told.session.clicks {
                let taken = match kind {
                    Kind::Click => true,
                    Kind::Rage => [ClickKind::RageFirst, ClickKind::Rage].contains(&click.kind),
                    Kind::Dead => [ClickKind::Dead, ClickKind::DeadWithError].contains(&click.kind),
                    Kind::Move | Kind::Attention => false,
                };
                let width = told.session.visits[click.visit as usize].viewport.0;
                match (taken && here(click.visit), click.target) {
                    (false, _) => {}
                    (true, Some(target)) => {
                        named += 1;
                        sessions.insert((number, told.text(Topic::Clicks, target)));
                    }
                    (true, None) if width > 0 => placed += 1,
                    (true, None) => lost += 1,
                }
            }
            for seen in told.session.attention.iter().filter(|seen| here(seen.visit)) {
                looked += match kind {
                    Kind::Move => seen.moves.iter().map(|(.., n)| u64::from(*n)).sum(),
                    Kind::Attention => seen.seen.iter().map(|(_, n)| u64::from(*n)).sum(),
                    _ => 0_u64,
                };
            }
        }
        prop_assert_eq!((answer.anchored, answer.lost), (named, lost));
        prop_assert_eq!(answer.placed, placed + looked);
        let found: u64 = answer.targets.iter().map(|target| target.sessions).sum();
        prop_assert_eq!(found, sessions.len() as u64);
        for target in &answer.targets {
            let points: u64 = target.points.iter().map(|point| point.n).sum();
            prop_assert_eq!(points, target.clicks);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), kind in kinds()) {
        holds_to_the_laws(&report(kind, Device::Desktop, "/cart"), &all, cuts);
    }
}
