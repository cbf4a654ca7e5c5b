//! `cargo xtask screens`: pictures of every screen in every state, for people to look at. Never
//! part of a test: whether a screen is good, no program can tell. With `--images`, those that
//! README and docs show.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::Repo;
use crate::setup;

const SPEC: Spec = Spec {
    command: "screens",
    switches: &["--images"],
    options: &["--only", "--width", "--theme"],
};

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    SPEC.parse(arguments)?;
    build::all(repo)?;
    let browser = setup::for_browser_tests(repo).context("pictures need a browser")?;
    let status = process::node(repo, "tests/screens/main.mjs")
        .env("SENTIERO_CHROMIUM", &browser.chromium)
        .args(arguments)
        .status()?;
    // The script has said which pictures could not be made.
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// The most bytes that a picture of a document has.
    const MOST_BYTES: u64 = 250_000;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|found| found == ending))
            .collect()
    }

    /// What stands in `![…](…)` of a document.
    fn named(text: &str) -> Vec<&str> {
        let parts = text.split("![").skip(1);
        parts
            .filter_map(|part| part.split_once("](")?.1.split_once(')'))
            .map(|(target, _)| target)
            .filter(|target| !target.contains("://"))
            .collect()
    }

    #[test]
    fn pictures_are_found_where_a_document_names_them() {
        assert_eq!(
            named("a ![b](c/d.png) ![e](f.png) [no](g.png) ![](https://h/i.png)"),
            ["c/d.png", "f.png"]
        );
    }

    #[test]
    fn documents_show_pictures_that_there_are_and_all_of_them() {
        let mut documents = files(&root(), "md");
        documents.extend(files(&root().join("docs"), "md"));
        documents.extend(files(&root().join("docs/adr"), "md"));
        let mut shown = BTreeSet::new();
        for document in documents {
            let text = fs::read_to_string(&document).unwrap();
            for target in named(&text) {
                let picture = document.parent().unwrap().join(target);
                let said = format!("{target} of {}", document.display());
                let size = fs::metadata(&picture).expect(&said).len();
                assert!(size <= MOST_BYTES, "{said} has {size} bytes");
                shown.insert(picture.file_name().unwrap().to_owned());
            }
        }
        let kept = files(&root().join("docs/images"), "png");
        let kept: BTreeSet<_> = kept
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(shown, kept, "shown by documents, and in docs/images");
        let made = fs::read_to_string(root().join("tests/screens/images.mjs")).unwrap();
        for file in &kept {
            let quoted = format!("'{}'", file.to_string_lossy());
            assert!(made.contains(&quoted), "{quoted} is not made");
        }
    }
}
