//! Debian packages, where this machine lets us install them.

use anyhow::{Result, bail};

use crate::{paths, process, say};

/// Installs the packages that are absent; an error that says what to do when that is not possible.
pub fn install(subject: &str, why: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if paths::on_path("apt-get").is_none() {
        bail!(
            "this needs the Debian packages {} ({why}), and there is no apt-get here: install \
             their equivalents by hand",
            packages.join(", ")
        );
    }
    if packages.iter().all(|package| is_installed(package)) {
        return Ok(());
    }
    if !is_root() {
        bail!("only root may install packages ({why}): run `sudo {by_hand}`, then this again");
    }
    say::installing(subject, why, &format!("apt-get update && {by_hand}"));
    process::run(apt_get().args(["update", "-qq"]))?;
    process::run(apt_get().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}

fn apt_get() -> std::process::Command {
    let mut command = process::command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_installed(package: &str) -> bool {
    let mut query = process::command("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Status}", package]);
    process::capture(&mut query).is_ok_and(|status| status == "installed")
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
