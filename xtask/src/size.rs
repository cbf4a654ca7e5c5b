//! `cargo xtask size`: what browsers and Cloudflare download, against its budget.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::args::Spec;
use crate::repo::Repo;

const SPEC: Spec = Spec {
    command: "size",
    switches: &[],
    options: &[],
};

const KB: f64 = 1000.0;

/// One line of the table: files that are downloaded together.
struct Budget {
    what: &'static str,
    /// `folder/prefix*ending`; exactly one file must match each.
    files: &'static [&'static str],
    /// Kilobytes (1 000 bytes) of gzip -9.
    limit: f64,
}

const BUDGETS: &[Budget] = &[
    Budget {
        what: "recorder on the page before the first event",
        files: &["www/dist/sentiero.js", "www/dist/r/recorder.*.js"],
        limit: 24.0,
    },
    Budget {
        what: "worker glue + wasm, lazy",
        files: &["www/dist/r/engine.*.js", "www/dist/r/engine.*.wasm"],
        // The design's aim was 36, before redaction, parts and the journal: see docs/adr/0040,
        // 0052 and 0061.
        limit: 58.2,
    },
    Budget {
        what: "recorder's captures, if a page asks",
        files: &["www/dist/r/capture.*.js"],
        limit: 4.2,
    },
    Budget {
        what: "web vitals, if a page asks",
        files: &["www/dist/r/vitals.*.js"],
        limit: 4.0,
    },
    Budget {
        what: "dashboard wasm",
        files: &["www/dist/dashboard/a/dashboard.*.wasm"],
        // The aim was 320, before the panes beside the player and the clicks over it, and before
        // filters, segments and deletion in the list with the components they are made of. 555
        // before rage and dead clicks in the replay and what it says where nothing plays: 564.
        // Facts in a digest, and region and time zone: 33. Reports: 160, and a heatmap over its
        // page 9. A reader of their own took 40 off the API's answers (docs/adr/0080). The report
        // of a page and filters within a filter: 12. Settings, with the masking engine for their
        // preview: 153. Sharing, and errors by issue: 23. Webhook and keys in the settings: 27. Screens
        // of issues, with stacks out of recordings: 59. Frames as the sources have them, sharing and
        // retention in the settings, what a server told in saved pages: 18. One custom event by its
        // days, metadata, panels beside the overview, and counts by core's digest: 22.
        limit: 1_082.0,
    },
    Budget {
        what: "dashboard player",
        files: &["www/dist/dashboard/a/player.*.js"],
        limit: 70.0,
    },
    Budget {
        what: "page that a recording is saved in",
        files: &["www/dist/dashboard/a/viewer.*.txt"],
        // The player, in base64.
        limit: 110.0,
    },
    Budget {
        what: "edge worker",
        files: &[
            "edge-worker/build/index.js",
            "edge-worker/build/index_bg.wasm",
        ],
        // 999.5 with facts and thirteen reports, before core was built for size and wasm-opt left
        // out (docs/adr/0078). A session that its first batch opens, a day's counts in one row and
        // records that are compressed: 5, for $7.59 less a million sessions (docs/adr/0085). Live
        // rows that catch up (docs/adr/0088) and what is made anew of another version
        // (docs/adr/0089): 11.6. What a month makes of its rows over a port, and in turns
        // (docs/adr/0083, 0091): 10. Keys of sites, signing in by Access or with waits, links,
        // issues and the reports of errors: 102. Webhook, a server's errors, source maps: 76. The
        // platform takes 64 MiB as it is. The list as a file: 6. The report of metadata, and of
        // one custom event: 15.
        limit: 1_041.0,
    },
];

#[derive(Debug, Default, Clone, Copy)]
struct Size {
    raw: usize,
    gzip: usize,
}

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    SPEC.parse(arguments)?;
    let (table, within) = table(repo)?;
    print!("{table}");
    Ok(if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The table, and whether everything is within its budget.
pub(crate) fn table(repo: &Repo) -> Result<(String, bool)> {
    let mut lines = vec![format!(
        "{:<45} {:>9} {:>9} {:>9}",
        "", "raw KB", "gz KB", "budget"
    )];
    let mut within = true;
    for budget in BUDGETS {
        let size = measure(repo, budget)?;
        let ok = kilobytes(size.gzip) <= budget.limit;
        within &= ok;
        lines.push(row(budget, size, ok));
    }
    Ok((lines.join("\n") + "\n", within))
}

fn row(budget: &Budget, size: Size, ok: bool) -> String {
    format!(
        "{:<45} {:>9.1} {:>9.1} {:>9.1}  {}",
        budget.what,
        kilobytes(size.raw),
        kilobytes(size.gzip),
        budget.limit,
        if ok { "ok" } else { "OVER" },
    )
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files, far below 2^52")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / KB
}

fn measure(repo: &Repo, budget: &Budget) -> Result<Size> {
    let mut sum = Size::default();
    for pattern in budget.files {
        let bytes = fs::read(find(repo, pattern)?)?;
        sum.raw += bytes.len();
        sum.gzip += gzipped(&bytes)?;
    }
    Ok(sum)
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// The one file that `pattern` means.
fn find(repo: &Repo, pattern: &str) -> Result<PathBuf> {
    let path = repo.path(pattern);
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let missing = || format!("{pattern} is not built: run `cargo xtask build` first");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(missing)? {
        let entry = entry?;
        if matches(&name, &entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("{}", missing()),
        _ => bail!(
            "{pattern} matches {} files: old ones were left behind",
            found.len()
        ),
    }
}

/// `*` stands for any text, at most once.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("engine.*.js", "engine.0a1b.js", true),
            ("engine.*.js", "engine.0a1b.wasm", false),
            ("engine.*.js", "engine.js", false),
            ("index.js", "index.js", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn gzip_is_level_nine() {
        assert!(gzipped(&[b'a'; 10_000]).unwrap() < 60);
    }
}
