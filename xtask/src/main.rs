//! The one build tool: `cargo xtask <command>`.
//!
//! A clone with Rust and Node is enough; what else is needed (the wasm target,
//! wasm-bindgen, worker-build, npm packages, a browser) is fetched by `setup`,
//! which every other command calls. One file per command; what commands share
//! is in [`repo`], [`process`] and [`args`].

mod args;
mod bench;
mod build;
mod cost;
mod demo;
mod dev;
mod docs;
mod process;
mod remote;
mod repo;
mod screens;
mod setup;
mod size;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::repo::Repo;

const USAGE: &str = "\
cargo xtask <command>

  dev      set up, build, and run everything on this machine
             --port N     port to listen on (8787)
             --no-open    do not open a browser
  demo     fill the local storage with visitors of the demo shop: some are recorded in
           a browser, and made into many of the last weeks
             --visits N   visits that are recorded (24)
             --multiply M sessions that are made of each, on the average (20)
             --days D     days that they are spread over (28, at most 29)
             --long       also a visit of an hour, and a recording with gaps
             --reuse      do not record, take the visits of last time
             --story NAME only visits like this one, of tests/demo/stories.mjs; again for more
             --seed N     other visitors
             --url URL    through the ingest of this worker, which takes the last 6 days;
                          of itself that of `cargo xtask dev`, if it runs
  build    build what is deployed: www/dist and edge-worker/build
             --only PART  one of recorder, dashboard, worker, www, or package: the
                          npm package of the recorder, in target/npm
             --api URL --out DIR
                          write the dashboard alone to DIR, for another static
                          host, talking to the worker at URL
  test     every check and test; ends with `N passed, N failed`
             --fast       only what needs no wasm build: fmt, clippy, native tests
             --full       also the long campaigns
             --only PART  only stages with this in their titles, as 'system tests'
  ci       what CI runs: the same as test
  bench    the hot paths of core (mask), load on one local worker (ingest), what
           recording costs a page (recorder), each beside its floor
             NAME         only this one
  screens  pictures of every screen in every state, in target/screens
             --only PART  screens with this in their names, as list-; again for more
             --width N    1440, 1024 or 390 only
             --theme T    light or dark only
  site     the sites of a worker, by SENTIERO_TOKEN, SENTIERO_PASSWORD, or .dev.vars locally
             --url URL    the worker (http://127.0.0.1:8787)
             list | show KEY
             create [KEY] --file FILE | --name NAME --origin ORIGIN...
             set KEY FIELD=VALUE... | --file FILE --revision N
                          the value is JSON or else text: mask=text redact.phones=true
             disable KEY | enable KEY
                          the kill switch: nothing more is recorded | it is again
             key list KEY | key new KEY
             key disable KEY K | key enable KEY K | key remove KEY K
                          the keys of its tag: what comes by one that is disabled is refused
             delete KEY --yes [--sessions N]
                          erases its sessions, too: N of them
  token    API tokens of a worker; --url as above
             list | revoke ID
             create --name NAME --scope read,export,erase,sites,tell,maps,admin
                    --site KEY... | --all-sites
                    --days N      days until it expires (90)
  sourcemaps DIR
           the source maps of the build in DIR, to a worker; --url as above
             --site KEY --release NAME
             --base URL   where pages load DIR from
             --sources    keep the sources, too
             --dry-run    say what would be sent
  cost     what a month costs on Cloudflare, by service
             --sessions N         sessions a month; a table of sizes without it
             --batches-per-session N --bytes-per-batch N --retention-days N
                          where yours differ from what was measured
  size     size of every download against its budget
  setup    install what the other commands need (they do it by themselves)
  help     this page
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", arguments),
    };
    if matches!(command, "help" | "--help" | "-h") || rest.iter().any(|a| a == "--help") {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let repo = Repo::find()?;
    match command {
        "setup" => setup::command(&repo, rest),
        "build" => build::command(&repo, rest),
        "dev" => dev::command(&repo, rest),
        "demo" => demo::command(&repo, rest),
        "test" => test::command(&repo, rest),
        "ci" => test::ci(&repo, rest),
        "bench" => bench::command(&repo, rest),
        "screens" => screens::command(&repo, rest),
        "site" => remote::site::command(&repo, rest),
        "sourcemaps" => remote::maps::command(&repo, rest),
        "token" => remote::token::command(&repo, rest),
        "cost" => cost::command(rest),
        "size" => size::command(&repo, rest),
        other => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
}
