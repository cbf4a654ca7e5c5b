//! `cargo xtask sourcemaps`: the source maps of a build, file by file, to a worker.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use sentiero_core::base64::STANDARD;
use sentiero_core::query;
use serde_json::Value;

use super::Remote;
use crate::args::Spec;
use crate::repo::Repo;

const SPEC: Spec = Spec {
    command: "sourcemaps",
    switches: &["--dry-run", "--sources"],
    options: &["--url", "--site", "--release", "--base"],
};

/// What a reference to a map begins with.
const REFERENCE: &str = "sourceMappingURL=";
/// What a map begins with that is inside of its file.
const INLINE: &str = "data:application/json";

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let (words, flags) = SPEC.parse_words(arguments)?;
    let [folder] = words.as_slice() else {
        bail!("`cargo xtask sourcemaps` takes one folder, the one that was built");
    };
    let needed = |name: &str, says: &str| {
        let value = flags.value(name);
        value
            .map(str::to_owned)
            .with_context(|| format!("{name} {says}"))
    };
    let site = needed("--site", "KEY says which site pages are recorded for")?;
    let release = needed("--release", "NAME is what pages give to `setMetadata`")?;
    let base = needed("--base", "URL is where pages load the folder from")?;
    let folder = Path::new(folder);
    let files = scripts(folder)?;
    ensure!(
        !files.is_empty(),
        "there is no script in {}",
        folder.display()
    );
    let dry = flags.has("--dry-run");
    let remote = if dry {
        None
    } else {
        Some(Remote::connect(repo, flags.value("--url"))?)
    };
    let mut sent = Sent::default();
    for (at, file) in files.iter().enumerate() {
        let loaded = loaded_from(&base, folder, file)?;
        let progress = format!("[{}/{}] {loaded}", at + 1, files.len());
        let map = match map_of(file) {
            Ok(map) => map,
            Err(why) => {
                println!("{progress}  skipped: {why:#}");
                continue;
            }
        };
        let Some(remote) = &remote else {
            println!("{progress}  would be sent");
            sent.kept += 1;
            continue;
        };
        let mut asked = String::new();
        query::push(&mut asked, "release", &release);
        query::push(&mut asked, "file", &loaded);
        query::push(&mut asked, "sources", text_of(flags.has("--sources")));
        let map = without_sources(map, flags.has("--sources"));
        let path = format!("sites/{site}/maps?{asked}");
        let answer = remote.send("PUT", &path, Some(&map))?;
        match answer.body() {
            Ok(body) => {
                let bytes = body.get("bytes").and_then(Value::as_u64);
                println!("{progress}  sent, {} bytes", bytes.unwrap_or_default());
                tell_gone(&body);
                sent.kept += 1;
            }
            Err(why) => {
                println!("{progress}  refused: {why:#}");
                sent.refused += 1;
            }
        }
    }
    sent.end(dry)
}

fn text_of(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

/// What became of the files.
#[derive(Default)]
struct Sent {
    kept: usize,
    refused: usize,
}

/// Which releases gave way.
fn tell_gone(body: &Value) {
    let gone = body.get("gone").and_then(Value::as_array);
    for release in gone.into_iter().flatten() {
        let release = release.as_str().unwrap_or_default();
        println!("the maps of release {release} gave way: a site keeps those of so many");
    }
}

impl Sent {
    fn end(&self, dry: bool) -> Result<ExitCode> {
        let Self { kept, refused } = self;
        let verb = if dry { "would be sent" } else { "sent" };
        println!("{kept} source maps {verb}, {refused} refused");
        ensure!(*refused == 0, "the worker refused {refused} source maps");
        ensure!(*kept > 0, "no source map was found; build with source maps");
        Ok(ExitCode::SUCCESS)
    }
}

/// The scripts of a folder and those below it, in order of their names.
fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder);
    let entries = entries.with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let ending = path.extension().and_then(|ending| ending.to_str());
        // A link may lead out of the folder, or around in it.
        if kind.is_dir() {
            found.extend(scripts(&path)?);
        } else if kind.is_file() && matches!(ending, Some("js" | "mjs" | "cjs")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Where pages load a file from.
fn loaded_from(base: &str, folder: &Path, file: &Path) -> Result<String> {
    let below = file.strip_prefix(folder)?;
    let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
    Ok(format!(
        "{}/{}",
        base.trim_end_matches('/'),
        parts.join("/")
    ))
}

/// The map of a script: what it refers to last, or what lies beside it.
fn map_of(file: &Path) -> Result<Value> {
    let code = fs::read(file)?;
    let code = String::from_utf8_lossy(&code);
    let reference = reference(&code);
    if let Some(inline) = reference.filter(|reference| reference.starts_with(INLINE)) {
        return in_file(inline);
    }
    let name = file.file_name().and_then(|name| name.to_str());
    let beside = format!("{}.map", name.unwrap_or_default());
    let named = reference.and_then(|reference| reference.split(['?', '#']).next());
    let candidates = [named.map(str::to_owned), Some(beside)];
    let map = candidates.into_iter().flatten().find_map(|name| {
        // By its name alone: an address of it may be on another server.
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let path = file.with_file_name(name);
        (path.is_file() && path != file).then_some(path)
    });
    let map = map.context("it has no source map")?;
    let bytes = fs::read(&map)?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", map.display()))
}

/// The last reference to a map in a script.
fn reference(code: &str) -> Option<&str> {
    let mut lines = code.lines().rev().take(5);
    lines.find_map(|line| {
        let line = line.trim();
        let (_, behind) = line.rsplit_once(REFERENCE)?;
        line.starts_with("//").then_some(behind.trim())
    })
}

fn in_file(reference: &str) -> Result<Value> {
    let (kind, data) = reference.split_once(',').context("its source map is cut")?;
    ensure!(kind.ends_with(";base64"), "its source map is not in base64");
    let bytes = STANDARD
        .decode(data)
        .context("its source map is no base64")?;
    serde_json::from_slice(&bytes).context("its source map is no JSON")
}

/// What is dropped need not be sent.
fn without_sources(mut map: Value, sources: bool) -> Value {
    if let Some(map) = map.as_object_mut().filter(|_| !sources) {
        map.remove("sourcesContent");
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_reference_counts_and_only_as_a_comment() {
        for (code, found) in [
            ("a()\n//# sourceMappingURL=a.js.map\n", Some("a.js.map")),
            ("//@ sourceMappingURL=old.map", Some("old.map")),
            (
                "//# sourceMappingURL=a\n//# sourceMappingURL=b\n\n",
                Some("b"),
            ),
            ("x=\"//# sourceMappingURL=\"+y", None),
            ("a()", None),
        ] {
            assert_eq!(reference(code), found, "{code}");
        }
    }

    #[test]
    fn a_file_is_loaded_from_below_its_base() {
        let (folder, file) = (Path::new("dist/a"), Path::new("dist/a/b/c.js"));
        for (base, expected) in [
            ("https://shop.example/x/", "https://shop.example/x/b/c.js"),
            ("/x", "/x/b/c.js"),
            ("/", "/b/c.js"),
        ] {
            assert_eq!(loaded_from(base, folder, file).unwrap(), expected);
        }
    }

    #[test]
    fn a_map_inside_of_its_file_is_read() {
        let map = in_file("data:application/json;charset=utf-8;base64,eyJ2ZXJzaW9uIjozfQ==");
        assert_eq!(map.unwrap()["version"], 3);
        for wrong in [
            "data:application/json;base64",
            "data:application/json,{}",
            "data:application/json;base64,e*",
        ] {
            assert!(in_file(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_fixture_has_a_script_and_its_map() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/maps");
        let files = scripts(&folder).unwrap();
        let [file] = files.as_slice() else {
            unreachable!("one script: {files:?}")
        };
        let map = map_of(file).unwrap();
        assert!(map["sourcesContent"].is_array());
        assert!(without_sources(map.clone(), false)["sourcesContent"].is_null());
        assert!(without_sources(map, true)["sourcesContent"].is_array());
        let none = map_of(&folder.join("src/cart.ts")).unwrap_err();
        assert_eq!(none.to_string(), "it has no source map");
    }

    #[test]
    fn it_fails_if_nothing_was_sent_or_something_refused() {
        let end = |kept, refused| Sent { kept, refused }.end(false);
        assert!(end(1, 0).is_ok());
        assert!(end(0, 0).is_err() && end(3, 1).is_err());
    }
}
