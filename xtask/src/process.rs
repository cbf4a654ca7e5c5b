//! Running other programs: a progress line, a log file, and a clean environment.
//!
//! Tools are chatty and only interesting when they fail, so their output goes to
//! `target/xtask/logs` and its end is shown with the error.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use crate::repo::{self, Repo};

/// Lines of a log that are shown when its program failed.
const TAIL_LINES: usize = 60;

/// What `cargo run` sets for us and a nested cargo must not see.
const SET_BY_CARGO_RUN: &[&str] = &[
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "OUT_DIR",
    "RUSTUP_TOOLCHAIN",
    "RUST_RECURSION_COUNT",
];

/// A `Command` in the repository's root, without cargo's own variables.
pub(crate) fn command(repo: &Repo, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo.root()).stdin(Stdio::null());
    for name in SET_BY_CARGO_RUN {
        command.env_remove(name);
    }
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    match library_path() {
        Some(path) => command.env("LD_LIBRARY_PATH", path),
        None => command.env_remove("LD_LIBRARY_PATH"),
    };
    command
}

/// `node` with a script of ours or of a package.
pub(crate) fn node(repo: &Repo, script: &str) -> Command {
    let mut command = command(repo, "node");
    command.arg(repo.path(script));
    command
}

/// The user's library path: rustup and cargo put their own folders in front, which
/// would make another toolchain load the wrong compiler library.
fn library_path() -> Option<OsString> {
    let path = env::var_os("LD_LIBRARY_PATH")?;
    let kept: Vec<PathBuf> = env::split_paths(&path)
        .filter(|folder| !is_rust_folder(folder))
        .collect();
    if kept.is_empty() {
        return None;
    }
    env::join_paths(kept).ok()
}

fn is_rust_folder(folder: &Path) -> bool {
    let text = folder.to_string_lossy();
    text.is_empty()
        || ["/toolchains/", "/rustlib", "/target/"]
            .iter()
            .any(|part| text.contains(part))
}

/// Runs `command` under a progress line; its output goes to the log `name`.
pub(crate) fn step(repo: &Repo, title: &str, name: &str, command: &mut Command) -> Result<()> {
    let progress = Progress::start(title);
    let done = logged(repo, name, command)?;
    progress.end();
    if done.status.success() {
        return Ok(());
    }
    Err(done.failure(repo, title))
}

/// A finished program and where its output is.
pub(crate) struct Logged {
    pub(crate) status: ExitStatus,
    pub(crate) log: PathBuf,
}

impl Logged {
    /// The error that shows the end of the log.
    pub(crate) fn failure(&self, repo: &Repo, title: &str) -> anyhow::Error {
        let text = read_lossy(&self.log);
        let log = repo.show(&self.log);
        let shown = tail(&text, TAIL_LINES);
        anyhow!("{title}: {}\n{shown}\n(whole output: {log})", self.status)
    }
}

/// Runs `command` with its output in the log `name`.
pub(crate) fn logged(repo: &Repo, name: &str, command: &mut Command) -> Result<Logged> {
    let (mut child, log) = spawn_logged(repo, name, command)?;
    let status = child
        .wait()
        .with_context(|| format!("lost {}", show(command)))?;
    Ok(Logged { status, log })
}

/// Like [`logged`], but gives up after `limit`; `None` then.
pub(crate) fn logged_within(
    repo: &Repo,
    name: &str,
    command: &mut Command,
    limit: Duration,
) -> Result<Option<Logged>> {
    let (mut child, log) = spawn_logged(repo, name, command)?;
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(Logged { status, log }));
        }
        thread::sleep(Duration::from_millis(100));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn spawn_logged(repo: &Repo, name: &str, command: &mut Command) -> Result<(Child, PathBuf)> {
    let log = repo.notes("logs")?.join(format!("{name}.log"));
    let mut file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    writeln!(file, "$ {}", show(command))?;
    let child = command
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("cannot start {}", show(command)))?;
    Ok((child, log))
}

/// What `command` prints on stdout, trimmed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot start {}", show(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(anyhow!("{}: {}\n{stderr}", show(command), output.status))
}

/// A log's text; tools may print bytes that are not UTF-8.
pub(crate) fn read_lossy(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last `count` lines.
pub(crate) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default().join("\n")
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// `→ title`, and the duration behind it when it ends: on a line of its own if another
/// progress line was begun meanwhile, as two builds run at a time.
pub(crate) struct Progress {
    title: String,
    start: Instant,
}

/// The start of the progress line that nothing was written behind yet.
static OPEN_LINE: Mutex<Option<Instant>> = Mutex::new(None);

impl Progress {
    pub(crate) fn start(title: &str) -> Self {
        let progress = Self {
            title: title.to_owned(),
            start: Instant::now(),
        };
        let mut open = OPEN_LINE.lock().unwrap_or_else(PoisonError::into_inner);
        if open.replace(progress.start).is_some() {
            println!();
        }
        print!("→ {title} ");
        // A lost progress line is no reason to stop.
        let _ = std::io::stdout().flush();
        progress
    }

    pub(crate) fn end(self) {
        let mut open = OPEN_LINE.lock().unwrap_or_else(PoisonError::into_inner);
        match open.take() {
            Some(start) if start == self.start => {}
            Some(_) => print!("\n→ {} ", self.title),
            None => print!("→ {} ", self.title),
        }
        println!("({:.1} s)", self.start.elapsed().as_secs_f64());
    }
}

/// A program that the work needs and PATH lacks.
pub(crate) fn require(program: &str, remedy: &str) -> Result<PathBuf> {
    repo::on_path(program).with_context(|| format!("there is no `{program}` on PATH: {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_keeps_the_last_lines() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a", 5), "a");
        assert_eq!(tail("", 5), "");
    }

    #[test]
    fn knows_the_folders_of_rust_in_a_library_path() {
        let cases = [
            ("", true),
            ("/home/a/.rustup/toolchains/stable/lib", true),
            ("/home/a/clone/target/debug/deps", true),
            ("/opt/cuda/lib", false),
        ];
        for (folder, expected) in cases {
            assert_eq!(is_rust_folder(Path::new(folder)), expected, "{folder}");
        }
    }
}
