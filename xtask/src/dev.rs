//! `cargo xtask dev`: the whole product on this machine, with one command.

pub(crate) mod secrets;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::{self, Repo};

const SPEC: Spec = Spec {
    command: "dev",
    switches: &["--no-open"],
    options: &["--port"],
};

/// Where it listens, unless told otherwise.
pub(crate) const DEFAULT_PORT: u16 = 8787;

/// Recordings and settings of this clone; ignored by git.
const STATE: &str = ".sentiero/state";

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let flags = SPEC.parse(arguments)?;
    let port = match flags.value("--port") {
        Some(text) => text
            .parse()
            .ok()
            .with_context(|| format!("--port takes a number from 0 to 65535, not `{text}`"))?,
        None => DEFAULT_PORT,
    };
    require_free(port)?;
    build::all(repo)?;
    let password = secrets::password(repo)?;
    let mut server = Server::start(repo, port)?;
    let url = server.wait_ready()?;
    server.announce(&url)?;
    println!("{}", banner(&url, &password));
    if !flags.has("--no-open") {
        open(repo, &url);
    }
    server.wait()
}

/// Said before the build, not after it.
fn require_free(port: u16) -> Result<()> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!(
            "port {port} cannot be used ({error}); stop what uses it or choose another: \
             `cargo xtask dev --port {}`",
            port.saturating_add(1)
        ),
    }
}

fn banner(url: &str, password: &str) -> String {
    format!(
        "
  Sentiero is running

    demo shop   {url}/shop/
    dashboard   {url}/dashboard/
    password    {password}   (from .dev.vars)

  Recordings and settings are kept in {STATE}; delete that folder to start over.
  Ctrl-C stops it.
"
    )
}

/// The node process that runs workerd. It takes Ctrl-C itself, and leaves when its stdin
/// closes, so it cannot outlive us however we end.
pub(crate) struct Server {
    child: Child,
    /// Held here: waiting for a child closes the stdin that is still in it.
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
    /// Locked as long as the storage is ours.
    claim: File,
}

/// Whose the storage is; beside it, and locked by the one who uses it.
const CLAIM: &str = ".sentiero/running";

fn claim(repo: &Repo) -> Result<File> {
    let path = repo.path(CLAIM);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The address of the server that runs on this clone's storage, if one does.
pub(crate) fn running(repo: &Repo) -> Result<Option<String>> {
    let mut file = claim(repo)?;
    if file.try_lock().is_ok() {
        return Ok(None);
    }
    let mut url = String::new();
    file.read_to_string(&mut url)?;
    ensure!(
        !url.is_empty(),
        "another command uses {STATE} just now; try again when it has ended"
    );
    Ok(Some(url))
}

impl Server {
    /// Starts one on the storage of this clone. Only one can: two would damage it.
    pub(crate) fn start(repo: &Repo, port: u16) -> Result<Self> {
        let claim = claim(repo)?;
        ensure!(
            claim.try_lock().is_ok(),
            "{STATE} is in use by another `cargo xtask dev` or `demo` of this clone; stop that first"
        );
        claim.set_len(0)?;
        let mut command = process::node(repo, "xtask/js/serve.mjs");
        command
            .args(["--watch-stdin", "--port", &port.to_string(), "--persist"])
            .arg(repo.path(STATE))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start node")?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new);
        Ok(Self {
            child,
            stdin,
            stdout,
            claim,
        })
    }

    /// Lets other commands of this clone know where it listens.
    fn announce(&mut self, url: &str) -> Result<()> {
        self.claim
            .write_all(url.as_bytes())
            .context("cannot write .sentiero/running")
    }

    /// Gives it a command; xtask/js/serve.mjs knows which there are.
    pub(crate) fn tell(&mut self, command: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().context("the local server is gone")?;
        writeln!(stdin, "{command}").context("the local server does not listen")
    }

    /// The next line that it says; an empty one when it has ended.
    pub(crate) fn hear(&mut self) -> Result<String> {
        let stdout = self.stdout.as_mut().context("node has no stdout")?;
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        Ok(line)
    }

    /// Has it write what it holds, and end.
    pub(crate) fn stop(mut self) -> Result<()> {
        drop(self.stdin.take());
        self.wait().map(|_| ())
    }

    /// The address, from the one line that the script prints.
    pub(crate) fn wait_ready(&mut self) -> Result<String> {
        let line = self.hear()?;
        match ready_url(&line) {
            Some(url) => Ok(url),
            None => bail!("the local server did not start; its message is above"),
        }
    }

    fn wait(mut self) -> Result<ExitCode> {
        let status = self.child.wait().context("lost the local server")?;
        if status.success() {
            return Ok(ExitCode::SUCCESS);
        }
        bail!("the local server stopped: {status}");
    }
}

fn ready_url(line: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let url = message.get("url")?.as_str()?;
    Some(url.to_owned())
}

/// Opens the shop and the dashboard where there is a desktop to open them on.
fn open(repo: &Repo, url: &str) {
    let Some(opener) = opener() else {
        return;
    };
    for page in ["shop/", "dashboard/"] {
        let mut command: Command = process::command(repo, opener);
        command
            .arg(format!("{url}/{page}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A browser that does not open is no reason to stop: the addresses are printed.
        let _ = command.status();
    }
}

fn opener() -> Option<&'static str> {
    if cfg!(target_os = "macos") {
        return Some("open");
    }
    let has_desktop = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    (has_desktop && repo::on_path("xdg-open").is_some()).then_some("xdg-open")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ready_line() {
        let line = "{\"ready\":true,\"url\":\"http://127.0.0.1:8787\"}\n";
        assert_eq!(ready_url(line).as_deref(), Some("http://127.0.0.1:8787"));
        assert_eq!(ready_url(""), None);
    }

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = require_free(port).unwrap_err().to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("--port"),
            "{error}"
        );
    }
}
