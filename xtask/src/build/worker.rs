//! The Cloudflare Worker, by `worker-build` with the tools that setup installed.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::stamp::{Step, Walk};
use super::{inputs, wasm_id};
use crate::process;
use crate::repo::Repo;
use crate::setup::Environment;

/// What the contract's route says to a wrong word: whether a build has the contract in it.
const CONTRACT_MARK: &[u8] = b"there is no suite `";

/// What is deployed. Without wasm-opt, which makes of what the linker optimised as a whole a
/// module that is larger once it is compressed (docs/adr/0078), and takes two minutes for it.
const SHIPPED: Variant = Variant {
    name: "edge-worker",
    folder: "edge-worker/build",
    arguments: &["--release", "--no-opt"],
    contract: false,
};

/// What the system test of the stores' contract drives. Its own profile keeps it apart from
/// the shipped one and makes it quick to build; nobody downloads it.
const WITH_CONTRACT: Variant = Variant {
    name: "edge-worker-contract",
    folder: "target/xtask/contract",
    arguments: &[
        "--profile",
        "contract",
        "--no-opt",
        "--out-dir",
        "../target/xtask/contract",
        ".",
        "--features",
        "contract",
    ],
    contract: true,
};

/// A way to build the worker.
struct Variant {
    name: &'static str,
    /// Where `worker-build` writes.
    folder: &'static str,
    arguments: &'static [&'static str],
    /// Whether the stores' contract is in it.
    contract: bool,
}

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    refresh(repo, environment, &SHIPPED)
}

/// The worker that only tests have.
pub(super) fn build_contract(repo: &Repo, environment: &Environment) -> Result<()> {
    refresh(repo, environment, &WITH_CONTRACT)
}

fn refresh(repo: &Repo, environment: &Environment, variant: &Variant) -> Result<()> {
    let step = Step {
        name: variant.name,
        inputs: inputs(&["edge-worker"]),
        walk: Walk::Crate,
        salt: format!(
            "{} {}",
            wasm_id(environment),
            environment.tools.worker_build.display()
        ),
    };
    step.refresh(repo, || {
        run(repo, environment, variant)?;
        let folder = repo.path(variant.folder);
        let index = folder.join("index.js");
        if !index.is_file() {
            bail!("worker-build did not write {}", repo.show(&index));
        }
        let wasm = folder.join("index_bg.wasm");
        check_contract(&wasm, variant.contract)?;
        strip(&wasm)?;
        Ok(vec![index, wasm])
    })
}

/// Fails if the stores' contract is in a module that is shipped, or not in the one for tests.
fn check_contract(wasm: &Path, expected: bool) -> Result<()> {
    let bytes = std::fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let found = holds(&bytes, CONTRACT_MARK);
    if found == expected {
        return Ok(());
    }
    bail!(
        "{} {} the stores' contract",
        wasm.display(),
        if found { "holds" } else { "lacks" }
    )
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

/// Takes out of a module what nothing reads at run time: its custom sections. The names of
/// functions, which worker-build keeps, are a quarter of the download.
fn strip(wasm: &Path) -> Result<()> {
    let bytes = std::fs::read(wasm)?;
    let stripped =
        stripped(&bytes).with_context(|| format!("{} is no wasm module", wasm.display()))?;
    std::fs::write(wasm, stripped)?;
    Ok(())
}

/// A module without its custom sections; none if it is none.
fn stripped(module: &[u8]) -> Option<Vec<u8>> {
    const HEADER: &[u8] = b"\0asm\x01\0\0\0";
    const CUSTOM: u8 = 0;
    let mut rest = module.strip_prefix(HEADER)?;
    let mut out = HEADER.to_vec();
    while let [id, sized @ ..] = rest {
        let (length, body) = leb128(sized)?;
        let after = body.get(length..)?;
        let section = rest.get(..rest.len() - after.len())?;
        if *id != CUSTOM {
            out.extend_from_slice(section);
        }
        rest = after;
    }
    Some(out)
}

/// The number that `bytes` begin with, and what is behind it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        number |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

/// With its three helpers given, worker-build downloads nothing.
fn run(repo: &Repo, environment: &Environment, variant: &Variant) -> Result<()> {
    let tools = &environment.tools;
    let mut command = environment.wasm.edge_build(repo, &tools.worker_build);
    command
        .current_dir(repo.path("edge-worker"))
        .args(variant.arguments)
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("ESBUILD_BIN", repo.path("node_modules/esbuild/bin/esbuild"))
        .env(
            "WASM_OPT_BIN",
            repo.path("node_modules/binaryen/bin/wasm-opt"),
        );
    process::step(
        repo,
        &format!("{}: worker-build", variant.name),
        &format!("worker-build-{}", variant.name),
        &mut command,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo;

    #[test]
    fn a_module_is_stripped_of_what_is_not_run() {
        let long = [vec![11, 0x80, 1], vec![7; 128]].concat();
        let module =
            |sections: &[&[u8]]| [b"\0asm\x01\0\0\0", sections.concat().as_slice()].concat();
        let names: &[u8] = &[0, 5, 4, b'n', b'a', b'm', b'e'];
        let types: &[u8] = &[1, 1, 0];
        assert_eq!(
            stripped(&module(&[types, names, &long, names])),
            Some(module(&[types, &long]))
        );
        assert_eq!(stripped(&module(&[])), Some(module(&[])));
        for broken in [&[0][..], &[1, 9, 0], &[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]] {
            assert_eq!(stripped(&module(&[broken])), None, "{broken:?}");
        }
        assert_eq!(stripped(b"no module"), None);
    }

    #[test]
    fn the_contract_is_looked_for_in_every_build() {
        let file = std::env::temp_dir().join(format!("xtask-contract-{}", std::process::id()));
        for (text, expected, ok) in [
            ("shipped", false, true),
            ("shipped", true, false),
            ("… there is no suite `x` …", true, true),
            ("… there is no suite `x` …", false, false),
        ] {
            repo::write(&file, text).unwrap();
            assert_eq!(
                check_contract(&file, expected).is_ok(),
                ok,
                "{text} {expected}"
            );
        }
        std::fs::remove_file(file).unwrap();
    }
}
