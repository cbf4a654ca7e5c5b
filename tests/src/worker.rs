//! A worker process with its storage folder.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The dashboard's password in tests.
pub const PASSWORD: &str = "correct-horse-battery";

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// How a worker is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Variables that differ from wrangler.toml.
    pub vars: Vec<(&'static str, String)>,
    /// With the secrets that signing in needs.
    pub secrets: bool,
}

impl Default for Options {
    /// A session is listed after 0.2 s and otherwise lives as in production.
    fn default() -> Self {
        Self {
            vars: vec![("ANNOUNCE_SECONDS", "0.2".to_owned())],
            secrets: true,
        }
    }
}

impl Options {
    /// Sessions are finished so many seconds after the visitor left or fell idle.
    pub fn finishing_after(seconds: f64) -> Self {
        let mut options = Self::default();
        options.vars.push(("LEAVE_SECONDS", seconds.to_string()));
        options.vars.push(("IDLE_SECONDS", seconds.to_string()));
        options
    }
}

/// A running worker. Dropping it kills it and removes its storage.
#[derive(Debug)]
pub struct Worker {
    process: Child,
    /// Where it answers.
    pub url: String,
    options: Options,
    storage: PathBuf,
}

impl Worker {
    /// Starts one on an empty storage folder.
    pub fn start(options: Options) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("worker-{}-{number}", std::process::id());
        let storage = root().join("target/tmp").join(name);
        if storage.exists() {
            fs::remove_dir_all(&storage).context("an old storage folder is in the way")?;
        }
        fs::create_dir_all(&storage)?;
        let (process, url) = spawn(&options, &storage)?;
        Ok(Self {
            process,
            url,
            options,
            storage,
        })
    }

    /// Kills it as a power cut would, and starts it again on the same storage.
    pub fn crash_and_restart(&mut self) -> Result<()> {
        self.kill();
        let (process, url) = spawn(&self.options, &self.storage)?;
        self.process = process;
        self.url = url;
        Ok(())
    }

    fn kill(&mut self) {
        // The group holds Node and the workerd that it started.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.process.wait();
    }

    /// Whether `needle` is anywhere in the files that the worker keeps.
    pub fn storage_contains(&self, needle: &[u8]) -> Result<bool> {
        contains(&self.storage, needle)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.storage);
    }
}

fn contains(folder: &Path, needle: &[u8]) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            contains(&path, needle)?
        } else {
            fs::read(&path)?
                .windows(needle.len())
                .any(|window| window == needle)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

fn spawn(options: &Options, storage: &Path) -> Result<(Child, String)> {
    let mut command = Command::new("node");
    command
        .current_dir(root())
        .arg("xtask/js/serve.mjs")
        .args(["--port", "0", "--no-dev-vars", "--watch-stdin", "--persist"])
        .arg(storage);
    for (name, value) in &options.vars {
        command.arg("--var").arg(format!("{name}={value}"));
    }
    if options.secrets {
        command
            .arg("--var")
            .arg(format!("DASHBOARD_PASSWORD={PASSWORD}"));
        command
            .arg("--var")
            .arg(format!("SESSION_SECRET={}", "5e".repeat(32)));
    }
    let log = fs::File::create(storage.with_extension("log"))?;
    let mut process = command
        .process_group(0)
        // A worker that is never dropped, as a static is, ends with the pipe.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("node could not be started; `cargo xtask test` sets everything up")?;
    let output = process.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let Ok(ready) = serde_json::from_str::<serde_json::Value>(&line) else {
        let log = fs::read_to_string(storage.with_extension("log")).unwrap_or_default();
        bail!("the worker did not start; is it built (`cargo xtask build`)?\n{log}");
    };
    let url = ready
        .get("url")
        .and_then(serde_json::Value::as_str)
        .context("no url")?;
    Ok((process, url.to_owned()))
}
