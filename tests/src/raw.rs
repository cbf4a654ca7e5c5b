//! Bytes on a socket: requests that no HTTP library would send.

use anyhow::{Context as _, Result, bail};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// An answer to bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Headers, as they came.
    pub head: String,
    /// Body, as it came.
    pub body: Vec<u8>,
}

impl Reply {
    /// Whether the worker itself gave it, and not the HTTP server in front of it.
    pub fn is_ours(&self) -> bool {
        let head = self.head.to_ascii_lowercase();
        head.contains("x-content-type-options: nosniff")
    }

    /// Whether workerd's HTTP server gave it and no worker was asked: it answers 500 or 501
    /// in plain text to what it cannot read as a request.
    pub fn is_servers(&self) -> bool {
        let text = self.text();
        let is_known = text == "Internal Server Error" || text.starts_with("ERROR: ");
        is_known && !self.is_ours() && self.head.contains("\r\nConnection: close\r\n")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// How long the other side may take to answer, or to close, what it was sent.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait for an answer before the end of the request is said by closing: a
/// request that announces more than it brings rightly waits for the rest.
const WAIT: Duration = Duration::from_millis(400);

/// Sends `bytes` and gives every answer to them, of which so many are `expected`; none if
/// the connection was closed without.
///
/// # Errors
/// When the other side neither answers nor closes.
pub fn exchange(url: &str, bytes: &[u8], expected: usize) -> Result<Vec<Reply>> {
    let address = url.strip_prefix("http://").context("not http")?;
    let mut socket = TcpStream::connect(address)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.set_read_timeout(Some(Duration::from_millis(50)))?;
    // Whoever refuses a body unread closes while it is being written.
    let _ = socket.write_all(bytes);
    let start = clock();
    let mut said_end = false;
    let mut came = Vec::new();
    let mut buffer = [0; 16_384];
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return Ok(replies(&came).0),
            Ok(n) => came.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Err(error) if is_pause(error.kind()) => {}
            // Reset: what came before it counts.
            Err(_) => return Ok(replies(&came).0),
        }
        let (replies, whole) = replies(&came);
        let enough = replies.len() >= expected || (said_end && !replies.is_empty());
        if whole && enough {
            return Ok(replies);
        }
        if !said_end && start.elapsed() > WAIT {
            said_end = true;
            let _ = socket.shutdown(Shutdown::Write);
        }
        if start.elapsed() > PATIENCE {
            bail!("neither an answer nor an end within {PATIENCE:?}; so far {came:?}");
        }
    }
}

fn is_pause(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn clock() -> Instant {
    Instant::now()
}

/// The answers in `bytes`, and whether the last one is whole.
fn replies(mut bytes: &[u8]) -> (Vec<Reply>, bool) {
    let mut replies = Vec::new();
    loop {
        if bytes.is_empty() {
            return (replies, true);
        }
        let Some((reply, rest)) = reply(bytes) else {
            return (replies, false);
        };
        // 100 is no answer yet.
        if reply.status >= 200 {
            replies.push(reply);
        }
        bytes = rest;
    }
}

fn reply(bytes: &[u8]) -> Option<(Reply, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let (head, rest) = bytes.split_at_checked(end)?;
    let head = String::from_utf8_lossy(head).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse::<usize>().ok());
    // All else that this worker answers ends with the connection, or has no body.
    let (body, rest) = match length {
        Some(length) => rest.split_at_checked(length)?,
        None if matches!(status, 100..=199 | 204) => rest.split_at(0),
        None => rest.split_at(rest.len()),
    };
    let reply = Reply {
        status,
        head,
        body: body.to_vec(),
    };
    Some((reply, rest))
}
