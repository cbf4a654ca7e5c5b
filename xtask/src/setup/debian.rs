//! The wasm toolchain out of Debian packages, for machines that rustup cannot serve.
//!
//! Debian ships a current compiler for its browsers (`rustc-web`) and the sources
//! of the standard library, but not the library compiled for wasm. So it is
//! compiled here once, with `test` for wasm-bindgen-test and with bitcode for fat
//! LTO, and laid where the compiler looks for it. The toolchain lives in /usr/bin
//! beside rustup's, which native builds keep using.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::wasm_target::{TARGET, library_folder, system_first};
use crate::process;
use crate::repo::{self, Repo};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

const PACKAGES: &str = "rustc-web cargo-web rust-web-src";

/// Beside the libraries: which compiler they were built by. An upgraded compiler
/// cannot read them.
const NOTE: &str = "sentiero-built-by";

/// An empty crate: building it builds the standard library.
const EMPTY_CRATE: &str = "\
[package]
name = \"empty\"
version = \"0.0.0\"
edition = \"2024\"
[lib]
path = \"lib.rs\"
[workspace]
";

/// What `rustc -vV` says, as far as we need it.
#[derive(Debug, PartialEq, Eq)]
struct Compiler {
    version: String,
    host: String,
    llvm: String,
}

/// Names the toolchain when it is complete.
pub(super) fn installed(repo: &Repo) -> Result<Option<String>> {
    if !Path::new(RUSTC).exists() || !Path::new(CARGO).exists() {
        return Ok(None);
    }
    let compiler = compiler(repo)?;
    let sysroot = sysroot(repo)?;
    let note = library_folder(&sysroot).join(NOTE);
    let Ok(noted) = fs::read_to_string(note) else {
        return Ok(None);
    };
    let built_by_it = noted.lines().next() == Some(&compiler.version);
    let linker = linker_link(&sysroot, &compiler).exists();
    Ok((built_by_it && linker).then_some(noted))
}

/// Installs the packages, builds the library, links the linker.
pub(super) fn install(repo: &Repo) -> Result<()> {
    apt_update(repo, "Rust's wasm target", PACKAGES)?;
    apt_install(repo, PACKAGES)?;
    let compiler = compiler(repo)?;
    apt_install(repo, &format!("lld-{}", compiler.llvm))?;
    let sysroot = sysroot(repo)?;
    link_linker(&sysroot, &compiler)?;
    build_std(repo, &sysroot, &compiler)
}

/// Can packages be installed? Says what to do where not; then refreshes their list.
pub(super) fn apt_update(repo: &Repo, title: &str, packages: &str) -> Result<()> {
    if repo::on_path("apt-get").is_none() {
        bail!(
            "this is no Debian system, and the ordinary way to get {title} failed: \
             is the network reachable?"
        );
    }
    if !is_root(repo) {
        bail!("{title}: the Debian packages {packages} are needed; run this command as root once");
    }
    let mut command = apt(repo);
    process::step(repo, "apt-get update", "apt-update", command.arg("update"))
}

/// Installs Debian packages, after [`apt_update`].
pub(super) fn apt_install(repo: &Repo, packages: &str) -> Result<()> {
    let mut command = apt(repo);
    command
        .args(["install", "-y", "--no-install-recommends"])
        .args(packages.split(' '));
    process::step(
        repo,
        &format!("installing {packages}"),
        "apt-install",
        &mut command,
    )
}

pub(super) fn is_root(repo: &Repo) -> bool {
    process::output(process::command(repo, "id").arg("-u")).is_ok_and(|id| id == "0")
}

fn apt(repo: &Repo) -> Command {
    let mut command = process::command(repo, "apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn compiler(repo: &Repo) -> Result<Compiler> {
    let text = process::output(process::command(repo, RUSTC).arg("-vV"))?;
    parse_compiler(&text).with_context(|| format!("cannot understand `{RUSTC} -vV`:\n{text}"))
}

fn parse_compiler(text: &str) -> Option<Compiler> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let llvm = field("LLVM version: ")?.split('.').next()?;
    Some(Compiler {
        version: text.lines().next()?.to_owned(),
        host: field("host: ")?.to_owned(),
        llvm: llvm.to_owned(),
    })
}

fn sysroot(repo: &Repo) -> Result<PathBuf> {
    let mut command = process::command(repo, RUSTC);
    Ok(process::output(command.args(["--print", "sysroot"]))?.into())
}

/// Where rustc looks for the linker of wasm.
fn linker_link(sysroot: &Path, compiler: &Compiler) -> PathBuf {
    let folder = sysroot.join("lib/rustlib").join(&compiler.host).join("bin");
    folder.join("rust-lld")
}

fn link_linker(sysroot: &Path, compiler: &Compiler) -> Result<()> {
    let link = linker_link(sysroot, compiler);
    if link.exists() {
        return Ok(());
    }
    let lld = format!("/usr/lib/llvm-{}/bin/lld", compiler.llvm);
    if let Some(folder) = link.parent() {
        fs::create_dir_all(folder)?;
    }
    // A link whose target went away with an older LLVM.
    if link.is_symlink() {
        fs::remove_file(&link)?;
    }
    symlink(&lld, &link).with_context(|| format!("cannot link {} to {lld}", link.display()))
}

fn build_std(repo: &Repo, sysroot: &Path, compiler: &Compiler) -> Result<()> {
    let work = repo::cache()?.join("wasm-std");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    repo::write(&work.join("Cargo.toml"), EMPTY_CRATE)?;
    repo::write(&work.join("lib.rs"), "")?;
    let title = "building the standard library for wasm (about 1 min, once)";
    let mut command = process::command(repo, CARGO);
    command
        .current_dir(&work)
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,test")
        .env("PATH", system_first())
        .env("CARGO_TARGET_DIR", work.join("target"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    process::step(repo, title, "wasm-std", &mut command)?;
    let built = work.join("target").join(TARGET).join("release/deps");
    copy_libraries(&built, &library_folder(sysroot), compiler)?;
    fs::remove_dir_all(&work).context("cannot remove the build folder of the standard library")
}

fn copy_libraries(from: &Path, to: &Path, compiler: &Compiler) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    remove_libraries(to)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_library = path
            .extension()
            .is_some_and(|extension| extension == "rlib");
        if is_library && !name.starts_with("libempty") {
            fs::copy(&path, to.join(name.as_ref()))?;
            names.push(name.into_owned());
        }
    }
    names.sort();
    let note = format!("{}\n{}\n", compiler.version, names.join("\n"));
    repo::write(&to.join(NOTE), &note)
}

fn remove_libraries(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "rlib")
        {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_compiler() {
        let text = "rustc 1.96.0 (abc 2026-05-25) (built from a source tarball)\nbinary: rustc\n\
                    host: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";
        let expected = Compiler {
            version: "rustc 1.96.0 (abc 2026-05-25) (built from a source tarball)".into(),
            host: "x86_64-unknown-linux-gnu".into(),
            llvm: "22".into(),
        };
        assert_eq!(parse_compiler(text), Some(expected));
        assert_eq!(parse_compiler("command not found"), None);
    }
}
