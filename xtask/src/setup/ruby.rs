//! Ruby with Rails, Sinatra, Rack and Puma, for the sample applications of `tests/frameworks`.
//!
//! Any Ruby on PATH that has these gems will do. Where it has not, they are packages of
//! Debian, of which the versions belong together.

use anyhow::{Context as _, Result, bail};

use super::debian;
use crate::process;
use crate::repo::{self, Repo};

const PACKAGES: &str = "ruby ruby-rails ruby-sinatra ruby-rack puma";

/// Ends with an error where a gem, or one that it needs, is not there.
const LOOK: &str = "%w[rails sinatra rack puma].each { |name| gem(name) }";

const REMEDY: &str = "the sample applications need Ruby with the gems rails, sinatra, rack and puma: \
                      run `cargo xtask setup` as root on Debian, or `gem install rails sinatra rack puma`";

/// Finds Ruby and the gems, or installs them.
pub(crate) fn ensure(repo: &Repo) -> Result<()> {
    if is_there(repo) {
        return Ok(());
    }
    if !debian::is_root(repo) || repo::on_path("apt-get").is_none() {
        bail!(REMEDY);
    }
    let _lock = super::lock()?;
    debian::apt_update(repo, "Ruby", PACKAGES)?;
    debian::apt_install(repo, PACKAGES).context(REMEDY)?;
    if !is_there(repo) {
        bail!(
            "the packages {PACKAGES} are installed, and gems are missing all the same: another `ruby` stands first on PATH; {REMEDY}"
        );
    }
    Ok(())
}

fn is_there(repo: &Repo) -> bool {
    repo::on_path("ruby").is_some()
        && process::output(process::command(repo, "ruby").args(["-e", LOOK])).is_ok()
}
