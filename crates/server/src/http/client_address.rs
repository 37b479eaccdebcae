//! Who is calling, behind proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, request::Parts},
};

use super::App;
use crate::domain::AllowedAddresses;

/// The address from which a request comes.
pub(super) fn address_of(parts: &Parts, app: &App) -> IpAddr {
    // `serve` always knows the peer. The unspecified address is on nobody's list.
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    client_address(peer, &parts.headers, &app.trusted_proxies)
}

/// The address of the caller: the peer, or what trusted proxies say in `X-Forwarded-For`.
///
/// The header is read from its end, where the nearest proxy writes. What stands before the first address that is
/// no trusted proxy was written by the caller and proves nothing.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &AllowedAddresses) -> IpAddr {
    let mut address = peer.to_canonical();
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let mut hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    while trusted_proxies.name(address)
        && let Some(hop) = hops.next().and_then(parse)
    {
        address = hop.to_canonical();
    }
    address
}

/// Some proxies add the port.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded_for: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = AllowedAddresses::parse(["10.0.0.0/8", "2001:db8::1"]).unwrap();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is() {
        assert_eq!(client("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["[2001:db8::9]:4711"]), "2001:db8::9");
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "203.0.113.9", "2001:db8::1"]), "203.0.113.9");
    }

    #[test]
    fn without_a_usable_header_it_is_the_proxy() {
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.9, unknown"]), "10.0.0.1");
    }
}
