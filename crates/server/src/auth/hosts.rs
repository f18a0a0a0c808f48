//! Under which names the server may be called. A page elsewhere can make its own name point to this machine (DNS
//! rebinding) and would then be of the same origin; it cannot make a browser send another `Host`.

use std::net::IpAddr;

/// Names under which the server may be called.
#[derive(Clone, Debug)]
pub struct Hosts {
    listen: IpAddr,
    names: Vec<String>,
}

impl Hosts {
    /// The address listened on, and further names.
    #[must_use]
    pub fn new(listen: IpAddr, names: &[String]) -> Self {
        Self { listen, names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// True where a `Host` header, with or without a port, names this server. An address is nobody's to rebind, so
    /// where all addresses are listened on, each will do.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(ip) => ip.is_loopback() || ip == self.listen || self.listen.is_unspecified(),
            Err(_) => name == "localhost" || self.names.contains(&name),
        }
    }
}

/// A host without its port; brackets of an IPv6 address stay.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !port.is_empty() => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_and_addresses_are_allowed() {
        let loopback = Hosts::new([127, 0, 0, 1].into(), &["Heimdall.example.org".into()]);
        for host in ["127.0.0.1:7373", "localhost", "LOCALHOST:80", "[::1]:7373", "heimdall.example.org"] {
            assert!(loopback.allows(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "192.168.1.4:7373", "127.0.0.1.evil.example:7373"] {
            assert!(!loopback.allows(host), "{host}");
        }
        let all = Hosts::new([0, 0, 0, 0].into(), &[]);
        assert!(all.allows("192.168.1.4:7373"));
        assert!(!all.allows("evil.example:7373"));
    }
}
