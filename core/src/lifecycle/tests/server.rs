//! What a site's server tells of a session: once, at its moment, and never a session by itself.

use super::*;
use crate::issue::Fingerprint;
use crate::server::{Call, MAX_LANE, Told};

fn told(id: &str, count: usize, at: Millis) -> Call {
    let error = format!(
        r#"{{"type":"KeyError","message":"no price","sid":"{}","time":{at},"release":"s1"}}"#,
        sid()
    );
    let errors = vec![error; count].join(",");
    let body = format!(r#"{{"id":"{id}","errors":[{errors}]}}"#);
    Call::read(body.as_bytes(), &Masker::new(Mode::Inputs), 0, at).unwrap()
}

fn tell(world: &World, call: &Call, now: Millis) -> Result<Ack, Refused> {
    let rules = Masker::new(Mode::Inputs);
    let masked = call.masked(&call.batches()[0], &rules, now).unwrap();
    let site = SiteKey::parse("demo").unwrap();
    let config = SiteConfig::parse(r#"{"name":"x","origins":[]}"#).unwrap();
    let (append, body) = masked.append(&site, &config, Visitor::default());
    let answer = block_on(world.actor().append(&append, body, now)).unwrap();
    world.assert_remembers();
    answer
}

fn upload_of(country: &str, world: &World, now: Millis) {
    let (mut append, body) = arrived(&ending(0, 2), now);
    append.visitor.country = Some(country.to_owned());
    block_on(world.actor().append(&append, body, now))
        .unwrap()
        .unwrap();
}

fn lane(world: &World) -> usize {
    world.stored().get(&TabId::server()).map_or(0, Vec::len)
}

#[test]
fn a_call_is_stored_once_with_its_session() {
    let world = World::default();
    upload_of("DE", &world, START);
    for _ in 0..2 {
        tell(&world, &told("a", 2, START + 1_000), START + 1_000).unwrap();
    }
    tell(&world, &told("b", 1, START + 2_000), START + 2_000).unwrap();
    assert_eq!(lane(&world), 3);
    let detail = world.record().unwrap().detail();
    assert_eq!((detail.row.errors, detail.row.tabs), (3, 1));
    let lane_tab = detail.tab_list.iter().find(|tab| tab.tab.is_server());
    assert_eq!(lane_tab.map(|tab| tab.gaps.len()), Some(0));
    world.run_until(START + 3_600_000);
    let records = world.stores.records.borrow();
    let record = records.values().next().unwrap();
    assert_eq!(record.state.digest.errors, 3);
    // Of a session that is finished it is the same.
    drop(records);
    let again = START + 3_700_000;
    tell(&world, &told("a", 2, again), again).unwrap();
    world.run_until(again + 3_600_000);
    assert_eq!(lane(&world), 3);
    // The site's issues are told by whoever takes the call, with the server's release.
    assert!(world.stores.issues.borrow().is_empty());
}

#[test]
fn what_reports_know_stands_on_the_page_that_was_shown() {
    let world = World::default();
    upload_of("DE", &world, START);
    tell(&world, &told("a", 1, START + 1_000), START + 1_000).unwrap();
    let state = world.record().unwrap().state;
    let session = state.analysis(&sid());
    let marks: Vec<_> = session.marks.iter().filter(|mark| mark.is_error).collect();
    assert_eq!(marks.len(), 1);
    assert_eq!(u64::from(marks[0].at), START + 1_000 - sid().start());
    assert!(session.visits.len() == 1 && marks[0].visit == 0);
    assert!(state.of_pages().analysis(&sid()).marks.is_empty());
    let digest = &state.digest;
    let pages = digest.span.unwrap();
    assert!(pages.1 < START + 1_000, "a server makes no visit longer");
    assert_eq!(digest.first_error.as_ref().unwrap().tab, TabId::server());
}

#[test]
fn a_server_alone_makes_no_session() {
    let world = World::default();
    tell(&world, &told("a", 1, START), START).unwrap();
    assert_eq!(world.actor().held().unwrap(), Held::Nothing);
    world.run_until(START + 3_600_000);
    assert_eq!(world.stored(), BTreeMap::new());
    assert!(world.stores.records.borrow().is_empty());
    assert_eq!(world.buffer.alarm_at.get(), None);
}

#[test]
fn what_a_server_told_waits_for_the_page() {
    let world = World::default();
    tell(&world, &told("a", 1, START), START).unwrap();
    world.run_until(START + 300_000);
    upload_of("DE", &world, START + 300_000);
    let record = world.record().unwrap();
    assert_eq!(record.state.visitor.country.as_deref(), Some("DE"));
    assert_eq!(record.state.digest.errors, 1);
    world.run_until(START + 3_600_000);
    assert_eq!((lane(&world), world.stores.records.borrow().len()), (1, 1));
}

#[test]
fn an_erased_session_takes_nothing_and_its_lane_is_gone() {
    let world = World::default();
    upload_of("DE", &world, START);
    tell(&world, &told("a", 1, START), START).unwrap();
    let site = SiteKey::parse("demo").unwrap();
    let erase = Erase { site, sid: sid() };
    block_on(world.actor().erase(&erase, START + 1)).unwrap();
    assert_eq!(
        tell(&world, &told("b", 1, START + 2), START + 2),
        Err(Refused::Erased)
    );
    world.run_until(START + 3_600_000);
    assert_eq!(world.stored(), BTreeMap::new());
}

#[test]
fn a_lane_has_an_end() {
    let world = World::default();
    upload_of("DE", &world, START);
    let mut stored = 0;
    for number in 0..40 {
        let call = told(&format!("call-{number}"), 32, START + 1);
        if tell(&world, &call, START + 1).is_ok() {
            stored += 32;
        }
    }
    assert_eq!(stored, MAX_LANE / 32 * 32);
    assert_eq!(lane(&world) as u64, stored);
    // It takes no page's room.
    world.upload(&ending(2, 2), START + 2).unwrap();
}

#[test]
fn the_issue_of_a_call_is_that_of_what_is_stored() {
    let world = World::default();
    upload_of("DE", &world, START);
    let call = told("a", 1, START);
    tell(&world, &call, START).unwrap();
    let session = world.record().unwrap().state.analysis(&sid());
    let names = session.names(crate::analytics::session::Topic::Marks);
    let mark = session.marks.iter().find(|mark| mark.is_error).unwrap();
    let stored = Fingerprint::parse(names.text(mark.issue.unwrap().issue));
    assert_eq!(
        stored,
        Some(call.sightings(&[Told::default()])[0].1[0].issue)
    );
}
