//! `.dev.vars`: the password and the key of a local installation, made on the first run.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::repo::{self, Repo};

/// Base32 of Crockford: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

const GROUPS: usize = 4;
const GROUP_LENGTH: usize = 5;
const KEY_BYTES: usize = 32;

/// The dashboard's password; `.dev.vars` is created if there is none.
pub(crate) fn password(repo: &Repo) -> Result<String> {
    let file = repo.path(".dev.vars");
    if !file.exists() {
        create(&file, &contents()?)?;
    }
    let text = repo::read(&file)?;
    value(&text, "DASHBOARD_PASSWORD")
        .context(".dev.vars has no DASHBOARD_PASSWORD; delete the file to get a new one")
}

/// The dashboard's password of this clone, if there is one yet.
pub(crate) fn existing(repo: &Repo) -> Result<Option<String>> {
    let file = repo.path(".dev.vars");
    if !file.exists() {
        return Ok(None);
    }
    Ok(value(&repo::read(&file)?, "DASHBOARD_PASSWORD"))
}

fn contents() -> Result<String> {
    let password = readable(&random(GROUPS * GROUP_LENGTH)?);
    let key = hex(&random(KEY_BYTES)?);
    Ok(format!(
        "# Made by `cargo xtask dev` for this clone only; never commit it.\n\
         DASHBOARD_PASSWORD={password}\nSESSION_SECRET={key}\n"
    ))
}

/// One character per byte, in groups that can be read aloud: 100 random bits.
fn readable(bytes: &[u8]) -> String {
    let letter = |byte: &u8| {
        ALPHABET
            .get(usize::from(byte % 32))
            .copied()
            .unwrap_or(b'0')
    };
    let groups: Vec<String> = bytes
        .chunks(GROUP_LENGTH)
        .map(|group| group.iter().map(|byte| char::from(letter(byte))).collect())
        .collect();
    groups.join("-")
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn random(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("cannot read /dev/urandom")?;
    Ok(bytes)
}

/// Readable by its owner only, from the first byte.
fn create(file: &Path, text: &str) -> Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .context("cannot write .dev.vars")
}

fn value(text: &str, name: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(line.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_four_groups_of_five() {
        let password = readable(&(0..20).collect::<Vec<u8>>());
        assert_eq!(password, "01234-56789-abcde-fghjk");
    }

    #[test]
    fn what_is_made_can_be_read_and_differs_each_time() {
        let text = contents().unwrap();
        assert_eq!(value(&text, "DASHBOARD_PASSWORD").unwrap().len(), 23);
        assert_eq!(value(&text, "SESSION_SECRET").unwrap().len(), 64);
        assert_ne!(contents().unwrap(), text);
    }

    #[test]
    fn values_may_be_quoted() {
        assert_eq!(value("A=1\nB=\"x y\"\n", "B").as_deref(), Some("x y"));
        assert_eq!(value("AB=1\n", "A"), None);
    }
}
