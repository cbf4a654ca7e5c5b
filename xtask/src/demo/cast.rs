//! Who plays which story, how often, and when.

use sentiero_core::id::Millis;

use super::copy::{Cast, duration};
use super::random::Random;
use super::schedule;
use super::visit::Visit;

/// The story that everybody looks for first; one copy of it is of yesterday evening.
const FIRST: &str = "rage-at-checkout";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) seed: u64,
    /// Sessions that are made of each recorded visit, on the average.
    pub(super) multiply: u64,
    /// Days that they are spread over, today included.
    pub(super) days: u64,
    pub(super) now: Millis,
}

/// Every session that is to be made of `visits`.
pub(super) fn all(visits: &[Visit], wanted: Wanted) -> Vec<Cast<'_>> {
    let mut casts = Vec::new();
    let mut has_first = false;
    for ((number, visit), copies) in (0_u64..).zip(visits).zip(copies(visits, wanted.multiply)) {
        for copy in 0..copies {
            let mut cast = cast(
                visits,
                visit,
                wanted,
                Random::of(wanted.seed, &[number, copy]),
            );
            if visit.facts.story.name == FIRST && !has_first && wanted.days > 1 {
                has_first = true;
                cast.start = schedule::yesterday_evening(wanted.now);
            }
            casts.push(cast);
        }
    }
    casts
}

/// How many sessions are made of each visit: a story's weight is shared by the visits that
/// tell it. At least one of each.
fn copies(visits: &[Visit], multiply: u64) -> Vec<u64> {
    let weighty = |visit: &&Visit| visit.facts.story.weight > 0;
    let total = multiply * visits.iter().filter(weighty).count() as u64;
    let told = |name: &str| {
        let same = visits.iter().filter(|visit| visit.facts.story.name == name);
        same.count() as u64
    };
    // What each visit has of its story's weight, in thousandths.
    let shares: Vec<u64> = visits
        .iter()
        .map(|visit| {
            let story = &visit.facts.story;
            story.weight * 1_000 / told(&story.name).max(1)
        })
        .collect();
    let sum = shares.iter().sum::<u64>().max(1);
    shares
        .into_iter()
        .map(|share| ((total * share + sum / 2) / sum).max(1))
        .collect()
}

fn cast<'a>(visits: &'a [Visit], visit: &'a Visit, wanted: Wanted, mut random: Random) -> Cast<'a> {
    let own = &visit.facts;
    let alike: Vec<&Visit> = visits
        .iter()
        .filter(|other| other.facts.device == own.device)
        .collect();
    let device = random.pick(&alike).map_or(own, |other| &other.facts);
    // Half of them stay where their browser's language and clock are from.
    let elsewhere = random.pick(visits).filter(|_| random.below(2) == 1);
    let country = elsewhere.map_or(own, |other| &other.facts);
    let leisure = if own.story.weight == 0 {
        100
    } else {
        50 + random.below(130)
    };
    let start = schedule::start(
        &mut random,
        wanted.now,
        wanted.days,
        duration(visit, leisure),
    );
    Cast {
        visit,
        device,
        country: &country.country,
        start,
        leisure,
        random,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::tests::visit;
    use sentiero_core::day::Day;
    use std::collections::BTreeSet;

    const WANTED: Wanted = Wanted {
        seed: 1,
        multiply: 10,
        days: 28,
        now: 1_795_689_000_000,
    };

    #[test]
    fn weights_are_shared_by_the_visits_of_a_story() {
        let visits = [
            visit("bounce", 30),
            visit("bounce", 30),
            visit("buys", 10),
            visit("hour", 0),
        ];
        assert_eq!(copies(&visits, 10), [11, 11, 8, 1]);
        assert_eq!(copies(&visits, 1), [1, 1, 1, 1]);
    }

    #[test]
    fn the_same_seed_gives_the_same_cast() {
        let visits = [visit("bounce", 30), visit("buys", 10)];
        let starts = |seed| -> Vec<Millis> {
            let casts = all(&visits, Wanted { seed, ..WANTED });
            casts.iter().map(|cast| cast.start).collect()
        };
        assert_eq!(starts(1), starts(1));
        assert_ne!(starts(1), starts(2));
        assert!(starts(1).iter().all(|start| *start < WANTED.now));
    }

    #[test]
    fn one_rages_yesterday() {
        let visits = [visit("bounce", 30), visit(FIRST, 4)];
        let casts = all(&visits, WANTED);
        let yesterday = Day::of(WANTED.now).before(1);
        let of_story = casts
            .iter()
            .filter(|cast| cast.visit.facts.story.name == FIRST);
        assert!(
            of_story
                .into_iter()
                .any(|cast| Day::of(cast.start) == yesterday)
        );
    }

    #[test]
    fn devices_are_swapped_within_their_kind() {
        let mut phone = visit("buys", 10);
        phone.facts.device = "mobile".to_owned();
        phone.facts.os = "iOS".to_owned();
        let mut other = phone.clone();
        other.facts.os = "Android".to_owned();
        let visits = [visit("bounce", 30), phone, other];
        let casts = all(&visits, WANTED);
        assert!(
            casts
                .iter()
                .all(|cast| cast.device.device == cast.visit.facts.device)
        );
        let systems: BTreeSet<_> = casts.iter().map(|cast| &cast.device.os).collect();
        assert_eq!(systems.len(), 3);
    }
}
