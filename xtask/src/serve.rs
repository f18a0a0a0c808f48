//! The product on this machine: page and server. Or the page alone, built again whenever a file changes.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};
use clap::Args;

use crate::{build, paths, process, setup};

/// All that the program can do.
const FEATURES: &str = "train,serve";

/// How many ports are tried from the wanted one on.
const PORTS_TRIED: u16 = 20;

/// Options of `cargo xtask serve`.
#[derive(Args)]
pub struct Options {
    /// The port; the next free one is taken when it is in use
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The page alone, from Trunk, and built again whenever one of its files changes
    #[arg(long)]
    watch: bool,
    /// Open the page in the default browser
    #[arg(long, requires = "watch")]
    open: bool,
    /// Build without optimising: faster to rebuild, many times slower to run
    #[arg(long, requires = "watch")]
    debug: bool,
}

/// Serves until it is interrupted.
pub fn run(options: &Options) -> Result<()> {
    let ready = setup::page()?;
    let port = free_port(options.port)?;
    if port != options.port {
        println!("serve  port {} is in use, taking {port}", options.port);
    }
    if !options.watch {
        build::page(&ready)?;
        println!("serve  the line below is the address, once the program is built; Ctrl-C ends it");
        let mut serve = process::cargo(&["run", "--release", "--package", "heimdall", "--features", FEATURES, "--"]);
        serve.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--page"]).arg(paths::dist());
        return process::run(&mut serve);
    }
    println!("serve  http://127.0.0.1:{port}/ as soon as the build is done; Ctrl-C ends it");
    let mut trunk = ready.trunk()?;
    trunk.arg("serve").args(build::TRUNK_FLAGS);
    trunk.args(["--address", "127.0.0.1", "--port", &port.to_string()]);
    if !options.debug {
        trunk.arg("--release");
    }
    if options.open {
        trunk.arg("--open");
    }
    process::run(&mut trunk)
}

fn free_port(wanted: u16) -> Result<u16> {
    let last = wanted.saturating_add(PORTS_TRIED - 1);
    (wanted..=last)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .with_context(|| format!("the ports {wanted} to {last} are all in use: name another with --port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_passed_over() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = taken.local_addr().unwrap().port();
        assert_ne!(free_port(wanted).unwrap(), wanted);
    }
}
