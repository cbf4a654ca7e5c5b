//! Which steps can be skipped: a fingerprint of what went in, and a list of what came out.
//!
//! A stamp is a cache entry, nothing more: deleting `target/xtask/stamps` rebuilds.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::repo::{self, Repo};

/// Folders and files inside an input folder that are not inputs: output, tests, and
/// what another step reads.
const NOT_INPUTS: &[&str] = &[
    "benches",
    "build",
    "dist",
    "index.html",
    "js",
    "node_modules",
    "pkg",
    "style",
    "style.css",
    "target",
    "tests",
];

/// How the walk treats the names in [`NOT_INPUTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// A crate: leave them out.
    Crate,
    /// Take everything that is not our own output.
    Everything,
}

/// One step of the build.
pub(super) struct Step<'a> {
    /// Name of its stamp.
    pub(super) name: &'a str,
    /// Files and folders, relative to the repository. A missing one counts as missing.
    pub(super) inputs: Vec<&'a str>,
    pub(super) walk: Walk,
    /// Versions and flags that are not in any file.
    pub(super) salt: String,
}

/// What a stamp file says: the fingerprint, then the outputs, a line each.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stamp {
    fingerprint: String,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        Self {
            fingerprint: lines.next().unwrap_or_default().to_owned(),
            outputs: lines.map(PathBuf::from).collect(),
        }
    }

    fn text(&self) -> String {
        let outputs = self.outputs.iter().map(|path| path.display().to_string());
        let lines: Vec<String> = std::iter::once(self.fingerprint.clone())
            .chain(outputs)
            .collect();
        lines.join("\n")
    }
}

impl Step<'_> {
    /// Runs `action` if an input changed or an output is gone. It returns the outputs;
    /// what it made last time and not this time is removed (old hashed file names).
    pub(super) fn refresh(
        &self,
        repo: &Repo,
        action: impl FnOnce() -> Result<Vec<PathBuf>>,
    ) -> Result<()> {
        let file = repo.notes("stamps")?.join(self.name);
        let old = Stamp::parse(&fs::read_to_string(&file).unwrap_or_default());
        let fingerprint = self.fingerprint(repo)?;
        let complete = old
            .outputs
            .iter()
            .all(|output| repo.root().join(output).exists());
        if old.fingerprint == fingerprint && complete {
            return Ok(());
        }
        // A step that fails half-way must not look fresh; the outputs stay known.
        let stale = Stamp {
            fingerprint: String::new(),
            outputs: old.outputs.clone(),
        };
        repo::write(&file, &stale.text())?;
        let outputs: Vec<PathBuf> = action()?
            .iter()
            .map(|path| path.strip_prefix(repo.root()).unwrap_or(path).to_owned())
            .collect();
        remove_replaced(repo, &old.outputs, &outputs)?;
        repo::write(
            &file,
            &Stamp {
                fingerprint,
                outputs,
            }
            .text(),
        )
    }

    fn fingerprint(&self, repo: &Repo) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        self.salt.hash(&mut hasher);
        for input in &self.inputs {
            for file in files(&repo.path(input), self.walk)? {
                file.strip_prefix(repo.root())
                    .unwrap_or(&file)
                    .hash(&mut hasher);
                fs::read(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?
                    .hash(&mut hasher);
            }
        }
        Ok(format!("{:016x}", hasher.finish()))
    }
}

fn remove_replaced(repo: &Repo, old: &[PathBuf], new: &[PathBuf]) -> Result<()> {
    for output in old.iter().filter(|output| !new.contains(output)) {
        let path = repo.root().join(output);
        if path.is_file() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// All files of an input, sorted; none if it does not exist.
pub(super) fn files(input: &Path, walk: Walk) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if input.is_file() {
        found.push(input.to_owned());
    } else if input.is_dir() {
        collect(input, walk, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, walk: Walk, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if is_left_out(&name, walk) {
            continue;
        }
        if path.is_dir() {
            collect(&path, walk, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn is_left_out(name: &str, walk: Walk) -> bool {
    // Editors' own files come and go while we look.
    let is_editors = name.ends_with('~') || name.starts_with('.') && name.contains(".sw");
    let is_output = name == "dist";
    is_editors || is_output || (walk == Walk::Crate && NOT_INPUTS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_its_file() {
        let stamp = Stamp {
            fingerprint: "0123".into(),
            outputs: vec!["www/dist/a.js".into(), "www/dist/b.js".into()],
        };
        assert_eq!(Stamp::parse(&stamp.text()), stamp);
        assert_eq!(Stamp::parse(""), Stamp::default());
    }

    #[test]
    fn knows_what_is_no_input() {
        let cases = [
            ("lib.rs", Walk::Crate, false),
            ("tests", Walk::Crate, true),
            ("js", Walk::Crate, true),
            ("js", Walk::Everything, false),
            ("dist", Walk::Everything, true),
            ("lib.rs~", Walk::Everything, true),
            (".lib.rs.swp", Walk::Everything, true),
            (".well-known", Walk::Everything, false),
        ];
        for (name, walk, expected) in cases {
            assert_eq!(is_left_out(name, walk), expected, "{name} {walk:?}");
        }
    }

    #[test]
    fn a_fingerprint_sees_content_names_and_salt() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let file = folder.join("core/src/lib.rs");
        repo::write(&file, "one").unwrap();
        let repo = Repo::at(folder.clone());
        let print = |salt: &str| {
            let step = Step {
                name: "test",
                inputs: vec!["core", "missing"],
                walk: Walk::Crate,
                salt: salt.to_owned(),
            };
            step.fingerprint(&repo).unwrap()
        };
        let first = print("a");
        assert_eq!(print("a"), first);
        assert_ne!(print("b"), first);
        repo::write(&file, "two").unwrap();
        assert_ne!(print("a"), first);
        repo::write(&file, "one").unwrap();
        repo::write(&folder.join("core/src/more.rs"), "").unwrap();
        assert_ne!(print("a"), first);
        fs::remove_dir_all(folder).unwrap();
    }
}
