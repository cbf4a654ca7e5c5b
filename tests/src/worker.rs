//! A worker process with its storage folder.

use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
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
    /// Sites by key, with their configuration, besides those of the repository.
    pub sites: Vec<(String, String)>,
    /// Another build of the worker than the one that is deployed, by its entry.
    pub script: Option<&'static str>,
}

impl Default for Options {
    /// A session is listed after 0.2 s and otherwise lives as in production.
    fn default() -> Self {
        Self {
            vars: vec![("ANNOUNCE_SECONDS", "0.2".to_owned())],
            secrets: true,
            sites: Vec::new(),
            script: None,
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

    fn kill(&mut self) {
        // The group holds Node and the workerd that it started.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.process.wait();
    }

    /// Changes a site's configuration in KV, as an operator does, while the worker runs.
    pub fn configure(&mut self, site: &str, config: &str) -> Result<()> {
        let file = site_file(&self.storage, site, config)?;
        let input = self.process.stdin.as_mut().context("no input")?;
        writeln!(input, "{site}={}", file.display())?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(
            line.contains(&format!("\"configured\":\"{site}\"")),
            "{line}"
        );
        Ok(())
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

    /// Kills it, lets `change` work on the storage folder, and starts it again.
    pub fn restart_after(&mut self, change: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        self.kill();
        change(&self.storage)?;
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
