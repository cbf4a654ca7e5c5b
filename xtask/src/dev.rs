//! `cargo xtask dev`: the whole product on this machine, with one command.

pub(crate) mod secrets;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::{self, Repo};

const SPEC: Spec = Spec {
    command: "dev",
    switches: &["--no-open"],
    options: &["--port"],
};

const DEFAULT_PORT: u16 = 8787;

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
struct Server {
    child: Child,
    /// Held here: waiting for a child closes the stdin that is still in it.
    _stdin: Option<ChildStdin>,
}

impl Server {
    fn start(repo: &Repo, port: u16) -> Result<Self> {
        let mut command = process::node(repo, "xtask/js/serve.mjs");
        command
            .args(["--watch-stdin", "--port", &port.to_string(), "--persist"])
            .arg(repo.path(STATE))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start node")?;
        let stdin = child.stdin.take();
        Ok(Self {
            child,
            _stdin: stdin,
        })
    }

    /// The address, from the one line that the script prints.
    fn wait_ready(&mut self) -> Result<String> {
        let stdout = self.child.stdout.take().context("node has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
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
