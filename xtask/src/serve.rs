//! The page served to this machine, rebuilt when a file changes.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};
use clap::Args;

use crate::{build, process, setup};

/// How many ports are tried from the wanted one on.
const PORTS_TRIED: u16 = 20;

/// Options of `cargo xtask serve`.
#[derive(Args)]
pub struct Options {
    /// The port; the next free one is taken when it is in use
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
    /// Build without optimising: faster to rebuild, many times slower to run
    #[arg(long)]
    debug: bool,
}

/// Serves until it is interrupted.
pub fn run(options: &Options) -> Result<()> {
    let ready = setup::page()?;
    let port = free_port(options.port)?;
    if port != options.port {
        println!("serve  port {} is in use, taking {port}", options.port);
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
