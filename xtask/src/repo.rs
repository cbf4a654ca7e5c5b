//! Where things are in the repository, and in the per-user cache that all clones share.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The clone this xtask was started in.
pub(crate) struct Repo {
    root: PathBuf,
}

impl Repo {
    /// `cargo run` says where this package is; a binary started by hand remembers it.
    pub(crate) fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .parent()
            .context("xtask must lie in a folder of the repository")?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    #[cfg(test)]
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// What wrangler.toml serves as static files.
    pub(crate) fn dist(&self) -> PathBuf {
        self.path("www/dist")
    }

    /// The wasm builds' own target folder: another toolchain may build them, and two
    /// toolchains in one folder undo each other's work.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.path("target-wasm")
    }

    /// Notes of xtask itself: `logs`, `stamps` and `locks`.
    pub(crate) fn notes(&self, kind: &str) -> Result<PathBuf> {
        let folder = self.path("target/xtask").join(kind);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }

    /// One setup or build at a time in a clone; held until the returned file is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.notes("locks")?.join("build");
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        if file.try_lock().is_err() {
            println!("→ waiting for another build in this clone");
            file.lock().context("cannot lock the build")?;
        }
        Ok(file)
    }

    /// `path` as it is best shown: relative to the repository where it lies inside.
    pub(crate) fn show(&self, path: &Path) -> String {
        let shown = path.strip_prefix(&self.root).unwrap_or(path);
        shown.display().to_string()
    }
}

/// The per-user folder for tools that every clone can use.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(cache) => PathBuf::from(cache),
        None => env::home_dir()
            .context("there is no home folder: set XDG_CACHE_HOME to a folder for tools")?
            .join(".cache"),
    };
    let folder = base.join("sentiero");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Finds a program on PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// Reads a text file; the error names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a text file and the folders above it; the error names it.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
