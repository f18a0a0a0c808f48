//! ChromeDriver, started for one browser and ended with it.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The running driver.
pub(crate) struct Driver {
    process: Child,
    pub(crate) address: String,
}

impl Driver {
    /// Starts it on a port of its choice.
    pub(crate) fn start() -> Self {
        let program = env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut command = Command::new(&program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap_or_else(|error| {
            panic!("no chromedriver ({error}): `cargo xtask setup --browser` installs it, or set CHROMEDRIVER")
        });
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let port = lines.find_map(|line| port_in(&line)).expect("chromedriver says its port");
        Self { process, address: format!("http://127.0.0.1:{port}") }
    }
}

/// "ChromeDriver was started successfully on port 39041."
fn port_in(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It has ended already where these fail.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
