//! `cargo xtask demo`: the shop's visitors, recorded in a real browser and made into thousands,
//! so that every screen can be seen full. docs/adr/0050 says how they get into the past.

mod cast;
mod clock;
mod copy;
mod pack;
mod place;
mod random;
mod schedule;
mod template;
mod visit;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use sentiero_core::id::{Millis, SessionId};
use serde_json::Value;

use self::cast::Wanted;
use self::pack::Pack;
use self::visit::Visit;
use crate::args::{Flags, Spec};
use crate::build;
use crate::dev::{self, Server};
use crate::process;
use crate::remote::Remote;
use crate::repo::Repo;
use crate::setup;

const SPEC: Spec = Spec {
    command: "demo",
    switches: &["--long", "--reuse"],
    options: &[
        "--visits",
        "--multiply",
        "--days",
        "--seed",
        "--url",
        "--story",
    ],
};

/// The site of the shop.
const SITE: &str = "demo";

/// sites/demo.json keeps sessions for 30 days; those of the last one would be gone within an hour.
const MOST_DAYS: u64 = 29;

/// What the ingest takes: a session of up to seven days ago, and it lasts a while.
const MOST_DAYS_BY_UPLOAD: u64 = 6;

/// More would fill the disk of whoever mistypes.
const MOST_VISITS: u64 = 1_000;
/// See [`MOST_VISITS`].
const MOST_COPIES: u64 = 10_000;

/// For how long the index may take to be made again without getting any further.
const REBUILD_PATIENCE: Duration = Duration::from_mins(2);

/// How the sessions get to a worker.
enum Target {
    /// Into the local storage, by a server of ours.
    Storage,
    /// Through the ingest of a worker that runs.
    Worker(String),
}

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let flags = SPEC.parse(arguments)?;
    let target = target(repo, &flags)?;
    let most = match target {
        Target::Storage => MOST_DAYS,
        Target::Worker(_) => MOST_DAYS_BY_UPLOAD,
    };
    let visits = number(&flags, "--visits", 24, MOST_VISITS)?;
    let wanted = Wanted {
        seed: number(&flags, "--seed", 1, u64::from(u32::MAX))?,
        multiply: number(&flags, "--multiply", 20, MOST_COPIES)?,
        days: number(&flags, "--days", most.min(28), most)?,
        now: now()?,
    };
    build::all(repo)?;
    let folder = repo.notes(&place(&flags))?;
    let recorded = folder.join("visits");
    if !flags.has("--reuse") || !recorded.exists() {
        record(repo, &recorded, visits, wanted.seed, &flags)?;
    }
    let visits = Visit::all(&recorded)?;
    let told = multiply(&folder, &visits, wanted)?;
    let url = match &target {
        Target::Storage => store(repo, &folder)?,
        Target::Worker(url) => {
            upload(repo, &folder, url)?;
            url.clone()
        }
    };
    print!("{}", summary(&visits, &told, wanted.days, &url));
    if matches!(target, Target::Storage) {
        println!("`cargo xtask dev` shows them.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the sessions go: to the worker that was named, to one that runs on this clone's
/// storage, or into that storage.
fn target(repo: &Repo, flags: &Flags) -> Result<Target> {
    if let Some(url) = flags.value("--url") {
        return Ok(Target::Worker(url.trim_end_matches('/').to_owned()));
    }
    Ok(dev::running(repo)?.map_or(Target::Storage, Target::Worker))
}

fn number(flags: &Flags, name: &str, usual: u64, most: u64) -> Result<u64> {
    let Some(text) = flags.value(name) else {
        return Ok(usual);
    };
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=most).contains(number));
    number.with_context(|| format!("{name} takes a number from 1 to {most}, not `{text}`"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "copies are dated from now; xtask has a clock"
)]
fn now() -> Result<Millis> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Millis::try_from(since.as_millis())?)
}

/// Where recordings are kept: those of a few stories not where those of all are.
fn place(flags: &Flags) -> String {
    let stories = flags.values("--story");
    stories.fold("demo".to_owned(), |place, story| place + "-" + story)
}

/// Has the shop visited.
fn record(repo: &Repo, out: &Path, visits: u64, seed: u64, flags: &Flags) -> Result<()> {
    let browser = setup::for_browser_tests(repo).context("visitors need a browser")?;
    let mut command = process::node(repo, "tests/demo/record.mjs");
    command
        .env("SENTIERO_CHROMIUM", &browser.chromium)
        .args(["--visits", &visits.to_string(), "--seed", &seed.to_string()])
        .arg("--out")
        .arg(out);
    if flags.has("--long") {
        command.arg("--long");
    }
    for story in flags.values("--story") {
        command.args(["--story", story]);
    }
    follow(&mut command, "visitors shop")
}

/// Runs a script that says how far it is, a line of JSON at a time.
fn follow(command: &mut std::process::Command, title: &str) -> Result<()> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start node")?;
    let stdout = child.stdout.take().context("node has no stdout")?;
    for line in BufReader::new(stdout).lines() {
        show_progress(title, &line?);
    }
    println!();
    let status = child.wait()?;
    ensure!(status.success(), "{title}: {status}; its message is above");
    Ok(())
}

fn show_progress(title: &str, line: &str) {
    let Ok(said) = serde_json::from_str::<Value>(line) else {
        return;
    };
    let count = |field: &str| said.get(field).and_then(Value::as_u64);
    if let (Some(done), Some(of)) = (count("done"), count("of")) {
        print!("\r→ {title}: {done} of {of} ");
        // A lost progress line is no reason to stop.
        let _ = std::io::stdout().flush();
    }
}

/// What was made of the visits of a story.
#[derive(Debug, Default)]
struct Told {
    sessions: u64,
    /// The newest.
    example: Option<SessionId>,
}

/// Makes the sessions, and says how many tell which story.
fn multiply(folder: &Path, visits: &[Visit], wanted: Wanted) -> Result<BTreeMap<String, Told>> {
    let casts = cast::all(visits, wanted);
    let title = format!("{} visits become {} sessions", visits.len(), casts.len());
    let progress = process::Progress::start(&title);
    let mut pack = Pack::create(folder)?;
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    for cast in casts {
        let story = cast.visit.facts.story.name.clone();
        let session = cast.play()?;
        let story = told.entry(story).or_default();
        story.sessions += 1;
        let sid = Some(session.record.sid.clone());
        story.example = story.example.take().max(sid);
        pack.add(&session)?;
    }
    pack.finish()?;
    progress.end();
    Ok(told)
}

/// Puts the sessions into the local storage, and has the index made again from it.
fn store(repo: &Repo, folder: &Path) -> Result<String> {
    dev::secrets::password(repo)?;
    let mut server = Server::start(repo, 0)?;
    let url = server.wait_ready()?;
    server.tell(&format!("import {SITE} {}", folder.display()))?;
    loop {
        let line = server.hear()?;
        let said: Value = serde_json::from_str(&line).context("the local server stopped")?;
        if let Some(error) = said.get("error") {
            bail!("the sessions could not be stored: {error}");
        }
        if said.get("imported").is_some() {
            break;
        }
        show_progress("sessions are stored", &line);
    }
    println!();
    rebuild(repo, &url)?;
    server.stop()?;
    Ok(format!("http://127.0.0.1:{}", dev::DEFAULT_PORT))
}

/// Has the lists made from the recordings, and waits for it.
fn rebuild(repo: &Repo, url: &str) -> Result<()> {
    let remote = Remote::connect(repo, Some(url))?;
    let path = format!("sites/{SITE}/rebuild");
    let progress = process::Progress::start("the lists are made from the recordings");
    remote.send("POST", &path, None)?.ok()?;
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        let (restored, finished) = rebuilt(&remote.send("GET", &path, None)?.ok()?.body()?);
        if finished {
            progress.end();
            return Ok(());
        }
        if restored > seen {
            (seen, since) = (restored, Instant::now());
        }
        ensure!(
            since.elapsed() < REBUILD_PATIENCE,
            "the lists were not made: {restored} rows, and no more for two minutes"
        );
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// How many rows there are, and whether that is all.
fn rebuilt(answer: &Value) -> (u64, bool) {
    let months = answer.get("months").and_then(Value::as_array);
    let months: Vec<&Value> = months
        .into_iter()
        .flatten()
        .filter_map(|month| month.get(1))
        .collect();
    let restored = months
        .iter()
        .filter_map(|month| month.get("restored")?.as_u64());
    let finished = months
        .iter()
        .all(|month| month.get("finished").is_some_and(Value::is_u64));
    (restored.sum(), finished && !months.is_empty())
}

/// Sends the sessions through the ingest of the worker at `url`.
fn upload(repo: &Repo, folder: &Path, url: &str) -> Result<()> {
    let mut command = process::node(repo, "tests/demo/upload.mjs");
    command.arg(folder).args([url, SITE]);
    follow(&mut command, "sessions are uploaded")
}

fn summary(visits: &[Visit], told: &BTreeMap<String, Told>, days: u64, url: &str) -> String {
    let sessions: u64 = told.values().map(|story| story.sessions).sum();
    let mut lines = vec![format!("\n{sessions} sessions of the last {days} days\n")];
    for (name, Told { sessions, example }) in told {
        let shows = visits
            .iter()
            .map(|visit| &visit.facts.story)
            .find(|story| story.name == *name)
            .map_or("", |story| &story.shows);
        lines.push(format!("  {sessions:>5}  {name:<17} {shows}"));
        if let Some(sid) = example {
            lines.push(format!("         {url}/dashboard/#/s/{SITE}/{sid}"));
        }
    }
    lines.push(format!("\nAll of them: {url}/dashboard/#/s/{SITE}\n"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::chunk::ChunkWriter;
    use sentiero_core::gzip;
    use sentiero_core::id::{TabId, WindowId};
    use sentiero_core::recording::Buffered;
    use sentiero_core::wire::{Header, VERSION};

    const RECORDED: Millis = 1_795_445_200_000;

    /// A visit of two tabs with three batches each, and a pause of 8 s in the middle.
    pub(super) fn visit(story: &str, weight: u64) -> Visit {
        let mut writer = ChunkWriter::default();
        for number in 0..6_u32 {
            let at = RECORDED + u64::from(number) * 400;
            let event = match number {
                0 => format!(
                    r#"{{"type":5,"data":{{"tag":"sentiero:identify","payload":{{"id":"{}"}}}},"timestamp":{at}}}"#,
                    template::USER
                ),
                1 => format!(
                    r#"{{"type":3,"data":{{"source":2,"type":2,"id":7}},"timestamp":{at}}}"#
                ),
                _ => format!(r#"{{"type":3,"data":{{"source":1}},"timestamp":{at}}}"#),
            };
            let tab = [u8::try_from(number / 3).unwrap(); 5];
            let header = Header {
                v: VERSION,
                sid: SessionId::new(RECORDED, &[1; 17]),
                tab: TabId::new(&tab),
                window: WindowId::new(&tab),
                seq: number % 3,
                first: number % 3,
                n: 1,
                sent: at,
                offset: Some(0),
                meta: None,
                end: number % 3 == 2,
            };
            let member = gzip::compress(&header.body([&event]));
            let batch = Buffered::of(&header, &[event.as_bytes()], member.len(), at).unwrap();
            writer.push(batch.meta, &member);
        }
        let facts = serde_json::json!({
            "story": { "name": story, "weight": weight, "shows": "something", "gaps": false },
            "agent": "Firefox/144.0", "browser": "Firefox", "os": "Linux", "device": "desktop",
            "country": "AT", "pauses": [{ "at": RECORDED + 1_000, "ms": 8_000 }],
        });
        Visit::read(&facts.to_string(), &writer.finish()).unwrap()
    }

    #[test]
    fn numbers_are_checked_at_their_edges() {
        let given = |text: &str| {
            let arguments = ["--days".to_owned(), text.to_owned()];
            number(&SPEC.parse(&arguments).unwrap(), "--days", 28, MOST_DAYS)
        };
        assert_eq!(given("29").unwrap(), 29);
        for wrong in ["0", "30", "-1", "x", ""] {
            let error = given(wrong).unwrap_err().to_string();
            assert!(error.contains("from 1 to 29"), "{error}");
        }
        assert_eq!(number(&Flags::default(), "--days", 28, 29).unwrap(), 28);
    }

    #[test]
    fn a_rebuild_is_finished_when_every_month_is() {
        let answer = |text: &str| rebuilt(&serde_json::from_str(text).unwrap());
        for (text, expected) in [
            (r#"{"months":[]}"#, (0, false)),
            (
                r#"{"months":[["2026-11",{"restored":3,"finished":5}],["2026-10",{"restored":2,"finished":null}]]}"#,
                (5, false),
            ),
            (
                r#"{"months":[["2026-11",{"restored":3,"finished":5}]]}"#,
                (3, true),
            ),
            ("{}", (0, false)),
        ] {
            assert_eq!(answer(text), expected, "{text}");
        }
    }

    #[test]
    fn the_summary_says_what_to_look_for_and_where() {
        let visits = [visit("buys", 10)];
        let sid = SessionId::new(RECORDED, &[1; 17]);
        let told = BTreeMap::from([(
            "buys".to_owned(),
            Told {
                sessions: 12,
                example: Some(sid.clone()),
            },
        )]);
        let text = summary(&visits, &told, 7, "http://h");
        assert!(text.contains("12 sessions of the last 7 days"), "{text}");
        assert!(text.contains("something"), "{text}");
        assert!(
            text.contains(&format!("http://h/dashboard/#/s/demo/{sid}")),
            "{text}"
        );
    }
}
