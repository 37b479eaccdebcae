//! From where an access key may be used.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// The addresses and networks from which an access key may be used. None given means: from everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedAddresses(Vec<IpNet>);

/// A text is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an IP address nor a network such as 10.0.0.0/8 or 2001:db8::/32")]
pub struct AddressError(String);

impl AllowedAddresses {
    /// Reads addresses and CIDR networks, IPv4 and IPv6.
    ///
    /// # Errors
    /// [`AddressError`] for the first text that is neither.
    pub fn parse<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Result<Self, AddressError> {
        texts.into_iter().map(|text| network(text.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an access key may be used from `address`.
    #[must_use]
    pub fn allow(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.name(address)
    }

    /// Whether `address` is one of them; never, if there are none.
    #[must_use]
    pub fn name(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Each address and network as text.
    pub fn iter(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|network| {
            if network.prefix_len() == network.max_prefix_len() {
                network.addr().to_string()
            } else {
                network.to_string()
            }
        })
    }
}

/// An IPv4 address inside IPv6 (`::ffff:192.0.2.1`) is taken for what it is, as the caller's is.
fn network(text: &str) -> Result<IpNet, AddressError> {
    let text = text.trim();
    text.parse::<IpAddr>()
        .map(|address| IpNet::from(address.to_canonical()))
        .or_else(|_| text.parse::<IpNet>().map(|network| network.trunc()))
        .map_err(|_| AddressError(text.to_owned()))
}

/// Separated by commas, as the database keeps them.
impl fmt::Display for AllowedAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(","))
    }
}

impl FromStr for AllowedAddresses {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text.split(',').filter(|part| !part.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(addresses: &[&str], caller: &str) -> bool {
        AllowedAddresses::parse(addresses).unwrap().allow(caller.parse().unwrap())
    }

    #[test]
    fn none_means_everywhere() {
        assert!(allows(&[], "203.0.113.9"));
        assert!(allows(&[], "2001:db8::9"));
    }

    #[test]
    fn addresses_and_networks_of_both_families() {
        let rules = ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "::1"];
        for caller in ["192.0.2.7", "10.255.0.1", "2001:db8:ffff::1", "::1", "::ffff:10.1.2.3"] {
            assert!(allows(&rules, caller), "{caller}");
        }
        for caller in ["192.0.2.8", "11.0.0.1", "2001:db9::1", "::2", "::ffff:11.1.2.3"] {
            assert!(!allows(&rules, caller), "{caller}");
        }
    }

    #[test]
    fn survives_the_database() {
        let rules = AllowedAddresses::parse(["10.1.2.3/8", "::ffff:192.0.2.1"]).unwrap();
        assert_eq!(rules.to_string(), "10.0.0.0/8,192.0.2.1");
        assert_eq!(rules.to_string().parse(), Ok(rules));
        assert_eq!("".parse(), Ok(AllowedAddresses::default()));
    }

    #[test]
    fn names_what_it_cannot_read() {
        let error = AllowedAddresses::parse(["::1", "10.0.0.0/33"]).unwrap_err();
        assert!(error.to_string().contains("`10.0.0.0/33`"), "{error}");
    }
}
