//! A worker process with its storage folder.

use crate::client::request;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The dashboard's password in tests.
pub const PASSWORD: &str = "correct-horse-battery";

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// How a worker is started.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that a test may ask for"
)]
pub struct Options {
    /// Variables that differ from wrangler.toml.
    pub vars: Vec<(&'static str, String)>,
    /// With the secrets that signing in needs.
    pub secrets: bool,
    /// Sites by key, with their configuration, besides those of the repository.
    pub sites: Vec<(String, String)>,
    /// Another build of the worker than the one that is deployed, by its entry.
    pub script: Option<&'static str>,
    /// With everything counted that the platform bills: `GET /api/counts`.
    pub counted: bool,
    /// With a door that fills the index: [`crate::filling`].
    pub filled: bool,
    /// With stores, limiters and alarms that can be broken: [`Worker::break_with`].
    pub faults: bool,
    /// With a door that makes objects what an earlier version left (tests/earlier.mjs).
    pub earlier: bool,
    /// At which origin a proxy makes it known.
    pub at: Option<&'static str>,
    /// With doors that tell all that is stored, and store what a release did (tests/released.mjs).
    pub released: bool,
    /// What KV holds at the start, by key.
    pub kv: Vec<(String, String)>,
    /// Bindings of wrangler.toml that are not there, as where a store is broken.
    pub without: Vec<&'static str>,
}

impl Default for Options {
    /// A session is listed after 0.2 s and otherwise lives as in production.
    fn default() -> Self {
        Self {
            vars: vec![
                ("ANNOUNCE_SECONDS", "0.2".to_owned()),
                ("COUNT_SECONDS", "0.5".to_owned()),
            ],
            secrets: true,
            sites: Vec::new(),
            script: None,
            counted: false,
            filled: false,
            faults: false,
            earlier: false,
            at: None,
            released: false,
            kv: Vec::new(),
            without: Vec::new(),
        }
    }
}

impl Options {
    /// Sites by key, each with fields of its configuration besides name and origins, as JSON
    /// with a comma in front.
    #[must_use]
    pub fn with_sites<T: AsRef<str>>(mut self, sites: &[(&str, T)]) -> Self {
        let config = |more: &str| format!(r#"{{"name":"x","origins":["self"]{more}}}"#);
        let sites = sites
            .iter()
            .map(|(key, more)| ((*key).to_owned(), config(more.as_ref())));
        self.sites.extend(sites);
        self
    }

    /// Sessions are finished so many seconds after the visitor left or fell idle.
    pub fn finishing_after(seconds: f64) -> Self {
        let mut options = Self::default();
        options.vars.push(("LEAVE_SECONDS", seconds.to_string()));
        options.vars.push(("IDLE_SECONDS", seconds.to_string()));
        options
    }
}

/// What a worker's processes use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time since they were started.
    pub processor: Duration,
    /// Memory that is theirs now, bytes.
    pub memory: u64,
}

/// What Linux counts processor time in, and memory in, on the machines that tests run on.
const MILLIS_A_TICK: u64 = 10;
const PAGE_BYTES: u64 = 4_096;

/// A running worker. Dropping it kills it and removes its storage.
#[derive(Debug)]
pub struct Worker {
    process: Child,
    output: BufReader<ChildStdout>,
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
        let (process, output, url) = spawn(&options, &storage)?;
        Ok(Self {
            process,
            output,
            url,
            options,
            storage,
        })
    }

    /// Kills it as a power cut would, and starts it again on the same storage.
    pub fn crash_and_restart(&mut self) -> Result<()> {
        self.restart_after(|_| Ok(()))
    }

    /// What its processes have used up to now; none where there is no `/proc`.
    pub fn usage(&self) -> Option<Usage> {
        let mut usage = Usage::default();
        for entry in fs::read_dir("/proc").ok()?.flatten() {
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // Behind the name, which may hold spaces: state, parent, group …
            let Some((_, fields)) = stat.rsplit_once(") ") else {
                continue;
            };
            let fields: Vec<u64> = fields.split(' ').map(|n| n.parse().unwrap_or(0)).collect();
            if fields.get(2) != Some(&u64::from(self.process.id())) {
                continue;
            }
            let ticks: u64 = fields.get(11..13).unwrap_or_default().iter().sum();
            usage.processor += Duration::from_millis(ticks * MILLIS_A_TICK);
            usage.memory += fields.get(21).unwrap_or(&0) * PAGE_BYTES;
        }
        Some(usage)
    }

    /// Kills it as a power cut would; it answers again after [`Self::restart`].
    pub fn kill(&mut self) {
        // The group holds Node and the workerd that it started.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.process.wait();
    }

    /// Changes a site's configuration while the worker runs, as an operator does.
    pub fn configure(&mut self, site: &str, config: &str) -> Result<()> {
        let file = site_file(&self.storage, site, config)?;
        self.command(&format!("{site}={}", file.display()), "configured", site)
    }

    /// Tells the process something, and waits until it says that it is done.
    fn command(&mut self, command: &str, done: &str, what: &str) -> Result<()> {
        let input = self.process.stdin.as_mut().context("no input")?;
        writeln!(input, "{command}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(line.contains(&format!("\"{done}\":\"{what}\"")), "{line}");
        Ok(())
    }

    /// Puts a chunk into R2, as an earlier worker left it.
    pub fn put_recording(&mut self, key: &str, chunk: &[u8], row: &str) -> Result<()> {
        let folder = self.storage.with_extension("sites");
        fs::create_dir_all(&folder)?;
        let file = folder.join("chunk");
        fs::write(&file, chunk)?;
        fs::write(folder.join("chunk.row"), row)?;
        self.command(&format!("r2:{key}={}", file.display()), "put", key)
    }

    /// Sends a command to a settings object past the worker, and gives its answer.
    pub fn ask(&mut self, object: &str, path: &str, command: &Value) -> Result<Value> {
        let input = self.process.stdin.as_mut().context("no input")?;
        writeln!(input, "ask {object} {path} {command}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Breaks what `faults` says, and nothing else from now on: tests/faults.mjs has the words.
    pub fn break_with(&self, faults: &Value) -> Result<()> {
        let url = format!("{}/api/faults", self.url);
        let answer = request("POST", &url, &[], serde_json::to_vec(faults)?)?;
        ensure!(answer.status == 200, "{}", answer.text());
        Ok(())
    }

    /// What it has written to its log.
    pub fn log(&self) -> Result<String> {
        let log = fs::read(self.storage.with_extension("log"))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    /// Whether `needle` is anywhere in the files that the worker keeps.
    pub fn storage_contains(&self, needle: &[u8]) -> Result<bool> {
        Ok(!self.storage_hits(needle)?.is_empty())
    }

    /// The files that hold `needle`, as it is or compressed, below the storage folder.
    pub fn storage_hits(&self, needle: &[u8]) -> Result<Vec<PathBuf>> {
        let mut hits = Vec::new();
        for path in files(&self.storage)? {
            // A file may be gone between the listing and the reading.
            let Ok(bytes) = fs::read(&path) else { continue };
            if holds(&bytes, needle) {
                hits.push(path.strip_prefix(&self.storage)?.to_owned());
            }
        }
        Ok(hits)
    }

    /// What the files below `folder` of the storage folder hold now.
    pub fn stored_files(&self, folder: &str) -> Result<Vec<Vec<u8>>> {
        let paths = files(&self.storage.join(folder))?;
        // A file may be gone between the listing and the reading.
        Ok(paths
            .into_iter()
            .filter_map(|path| fs::read(path).ok())
            .collect())
    }

    /// Kills it, lets `change` work on the storage folder, and starts it again.
    pub fn restart_after(&mut self, change: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        self.kill();
        change(&self.storage)?;
        self.restart()
    }

    /// Starts it again on the same storage after [`Self::kill`].
    pub fn restart(&mut self) -> Result<()> {
        let (process, output, url) = spawn(&self.options, &self.storage)?;
        self.process = process;
        self.output = output;
        self.url = url;
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.storage);
        let _ = fs::remove_dir_all(self.storage.with_extension("sites"));
    }
}

/// Every file below `folder`.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// What a gzip member without optional fields begins with.
const GZIP: [u8; 4] = [0x1f, 0x8b, 8, 0];
/// Bytes before its compressed data.
const GZIP_HEADER: usize = 10;
/// More than any member in a test inflates to.
const INFLATED: usize = 4 << 20;

/// Whether `bytes` hold `needle`, also within a gzip member that begins anywhere
/// in them and may be torn.
fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let within = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    if within(bytes) {
        return true;
    }
    let starts = bytes.windows(GZIP.len()).enumerate();
    let members = starts.filter(|(_, start)| *start == GZIP);
    members
        .filter_map(|(at, _)| bytes.get(at + GZIP_HEADER..))
        .any(|member| within(&inflate(member)))
}

/// As much of a deflate stream as can be read.
fn inflate(stream: &[u8]) -> Vec<u8> {
    match miniz_oxide::inflate::decompress_to_vec_with_limit(stream, INFLATED) {
        Ok(text) => text,
        Err(error) => error.output,
    }
}

fn site_file(storage: &Path, site: &str, config: &str) -> Result<PathBuf> {
    let folder = storage.with_extension("sites");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{site}.json"));
    fs::write(&file, config)?;
    Ok(file)
}

fn spawn(options: &Options, storage: &Path) -> Result<(Child, BufReader<ChildStdout>, String)> {
    let mut command = Command::new("node");
    command
        .current_dir(root())
        .arg("xtask/js/serve.mjs")
        .args(["--port", "0", "--no-dev-vars", "--watch-stdin", "--persist"])
        .arg(storage);
    if let Some(script) = options.script {
        command.args(["--script", script]);
    }
    for (name, value) in &options.vars {
        command.arg("--var").arg(format!("{name}={value}"));
    }
    if !options.sites.is_empty() {
        let demo = root().join("sites/demo.json");
        command
            .arg("--site")
            .arg(format!("demo={}", demo.display()));
    }
    for (site, config) in &options.sites {
        let file = site_file(storage, site, config)?;
        command
            .arg("--site")
            .arg(format!("{site}={}", file.display()));
    }
    if let Some(at) = options.at {
        command.args(["--at", at]);
    }
    if options.counted {
        command.arg("--count");
    }
    if options.filled {
        command.arg("--fill");
    }
    if options.faults {
        command.arg("--faults");
    }
    if options.earlier {
        command.arg("--earlier");
    }
    if options.released {
        command.arg("--released");
    }
    for (number, (key, value)) in options.kv.iter().enumerate() {
        let file = site_file(storage, &format!("kv-{number}"), value)?;
        command.arg("--kv").arg(format!("{key}={}", file.display()));
    }
    for binding in &options.without {
        command.args(["--without", binding]);
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
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line)?;
    let Ok(ready) = serde_json::from_str::<serde_json::Value>(&line) else {
        let log = fs::read_to_string(storage.with_extension("log")).unwrap_or_default();
        bail!("the worker did not start; is it built (`cargo xtask build`)?\n{log}");
    };
    let url = ready
        .get("url")
        .and_then(serde_json::Value::as_str)
        .context("no url")?;
    Ok((process, output, url.to_owned()))
}
