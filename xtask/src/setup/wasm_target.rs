//! A Rust toolchain with the standard library for `wasm32-unknown-unknown`.
//!
//! The ordinary way is `rustup target add`. Where rustup cannot download, Debian's
//! own browser toolchain does it; see [`super::debian`].

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::debian;
use crate::process::{self, Progress};
use crate::repo::{self, Repo};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The folder of builds with a standard library of their own.
pub(crate) const LEAN: &str = "lean";

const LEAN_FLAGS: &str = "-Zunstable-options -Zlocation-detail=none -Cpanic=immediate-abort --cfg erase_components \
    --cfg sentiero_lean -Cllvm-args=-inline-threshold=25";

/// rustup answers at once when it cannot reach its server; this is for one that hangs.
const RUSTUP_LIMIT: Duration = Duration::from_mins(3);

/// What turns on the `#[optimize(speed)]` of what sees each byte of an upload.
const EDGE_FLAGS: &str = "--cfg sentiero_lean";

/// Native settings that would leak into a wasm build.
const NATIVE_ONLY: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "RUSTC",
    "RUSTDOC",
];

/// Which toolchain builds wasm.
#[derive(Debug, Clone)]
pub(crate) struct WasmToolchain {
    kind: Kind,
    /// Names compiler and standard library; part of every wasm fingerprint.
    pub(crate) id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The toolchain that PATH finds, as for native builds.
    Default,
    /// Debian's rustc-web in /usr/bin.
    Debian,
}

/// Finds the toolchain, or makes one.
pub(crate) fn ensure(repo: &Repo) -> Result<WasmToolchain> {
    let found = match find(repo)? {
        Some(found) => found,
        None => install(repo)?,
    };
    forget_builds_of_another(repo, &found)?;
    Ok(found)
}

fn find(repo: &Repo) -> Result<Option<WasmToolchain>> {
    let sysroot = process::output(process::command(repo, "rustc").args(["--print", "sysroot"]))?;
    let sysroot = PathBuf::from(sysroot);
    // /usr is Debian's own compiler on PATH: the same checks as for the recipe apply.
    if sysroot != Path::new("/usr")
        && sources(&sysroot).exists()
        && let Some(std) = std_library(&sysroot)
    {
        return Ok(Some(WasmToolchain {
            kind: Kind::Default,
            id: format!("default {}", std.display()),
        }));
    }
    let id = debian::installed(repo)?;
    Ok(id.map(|id| WasmToolchain {
        kind: Kind::Debian,
        id,
    }))
}

/// The standard library's sources, which [`WasmToolchain::lean_build`] compiles.
fn sources(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib/src/rust/library/Cargo.toml")
}

/// The compiled standard library for wasm in `sysroot`; its name carries a hash.
fn std_library(sysroot: &Path) -> Option<PathBuf> {
    let folder = library_folder(sysroot);
    let entries = fs::read_dir(folder).ok()?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| is_std(path))
}

fn is_std(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
}

pub(super) fn library_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn install(repo: &Repo) -> Result<WasmToolchain> {
    let _lock = super::lock()?;
    if let Some(found) = find(repo)? {
        return Ok(found);
    }
    if repo::on_path("rustup").is_some()
        && add_with_rustup(repo)?
        && let Some(found) = find(repo)?
    {
        return Ok(found);
    }
    debian::install(repo).with_context(|| {
        format!("the Rust target {TARGET} is missing and could not be installed")
    })?;
    find(repo)?.context("the wasm target was installed but is not found")
}

fn add_with_rustup(repo: &Repo) -> Result<bool> {
    Ok(rustup(repo, &["target", "add", TARGET])?
        && rustup(repo, &["component", "add", "rust-src"])?)
}

fn rustup(repo: &Repo, arguments: &[&str]) -> Result<bool> {
    let progress = Progress::start(&format!("rustup {}", arguments.join(" ")));
    let mut command = process::command(repo, "rustup");
    command.args(arguments);
    let done = process::logged_within(repo, "rustup", &mut command, RUSTUP_LIMIT)?;
    progress.end();
    let added = done.is_some_and(|done| done.status.success());
    if !added {
        println!("  rustup cannot get it here (see target/xtask/logs/rustup.log)");
    }
    Ok(added)
}

/// Cargo does not notice a reinstalled standard library, and fails in strange ways.
fn forget_builds_of_another(repo: &Repo, toolchain: &WasmToolchain) -> Result<()> {
    let folder = repo.wasm_target();
    let note = folder.join("toolchain");
    let noted = fs::read_to_string(&note).unwrap_or_default();
    if noted == toolchain.id {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    repo::write(&note, &toolchain.id)
}

impl WasmToolchain {
    /// A `cargo` that builds wasm.
    pub(crate) fn cargo(&self, repo: &Repo) -> Command {
        let program = match self.kind {
            Kind::Default => "cargo",
            Kind::Debian => "/usr/bin/cargo",
        };
        self.command(repo, program)
    }

    /// A `cargo build` for browsers, with `std` (parts of the standard library,
    /// comma-separated) compiled along and panics as bare traps.
    ///
    /// Without the texts of panics, their formatting and the paths of the machine
    /// that built them, the recorder is 5 KB gz smaller and the dashboard 30 KB.
    /// `RUSTC_BOOTSTRAP` is what a stable compiler asks for that; it has no other
    /// effect on the code. `erase_components` makes Leptos share code between views.
    ///
    /// `small_std` takes the standard library's own small forms of sorting and formatting:
    /// the dashboard, which sorts a dozen types, is 27 KB gz smaller.
    pub(crate) fn lean_build(&self, repo: &Repo, std: &str, small_std: bool) -> Command {
        let mut command = self.cargo(repo);
        command.args(["build", &format!("-Zbuild-std={std}")]);
        if small_std {
            command.arg("-Zbuild-std-features=optimize_for_size");
        }
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", LEAN_FLAGS)
            .env("CARGO_TARGET_DIR", repo.wasm_target().join(LEAN));
        command
    }

    /// A program that itself calls cargo for the worker: with the functions fast that carry
    /// `#[optimize(speed)]`, in a core that is built for size. Its panics keep their texts, which
    /// a log shows.
    pub(crate) fn edge_build(&self, repo: &Repo, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.command(repo, program);
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", EDGE_FLAGS);
        command
    }

    /// Any program that itself calls cargo for wasm.
    pub(crate) fn command(&self, repo: &Repo, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = process::command(repo, program);
        for name in NATIVE_ONLY {
            command.env_remove(name);
        }
        command.env("CARGO_TARGET_DIR", repo.wasm_target());
        if self.kind == Kind::Debian {
            command.env("PATH", system_first());
        }
        command
    }
}

/// PATH with /usr/bin in front: cargo runs the rustc that PATH finds.
pub(super) fn system_first() -> OsString {
    let mut path = OsString::from("/usr/bin");
    if let Some(rest) = env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_the_standard_library() {
        assert!(is_std(Path::new("/x/libstd-0123.rlib")));
        assert!(!is_std(Path::new("/x/libstd_detect-0123.rlib")));
        assert!(!is_std(Path::new("/x/libstd-0123.rmeta")));
    }
}
