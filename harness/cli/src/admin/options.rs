//! Where the admin API listens, and who may speak to it.
//!
//! On loopback everybody who can connect already has an account on this machine. Beyond, anybody on the network could
//! change a run, so there it does not begin without a secret.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use crate::failure::Failure;

/// The variable of the environment that holds the token.
const TOKEN: &str = "UPSTORM_ADMIN_TOKEN";

/// Where to listen, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// Nowhere.
    Off,
    /// Here.
    At(SocketAddr),
}

/// The token, as it is given.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Options {
    /// What callers of the admin API must bring as a bearer token; better given as UPSTORM_ADMIN_TOKEN, which no list of
    /// processes shows. Needed where it listens beyond loopback.
    #[arg(long, value_name = "TOKEN")]
    admin_token: Option<String>,
}

/// Where it listens, and the token that is needed there.
#[derive(Clone)]
pub(crate) struct Way {
    /// Where.
    pub(crate) address: SocketAddr,
    /// The token; none where none is needed.
    pub(crate) token: Option<String>,
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way").field("address", &self.address).finish_non_exhaustive()
    }
}

impl FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse()
            .map(Self::At)
            .map_err(|_| "write an address with a port, such as 127.0.0.1:9100".to_owned())
    }
}

impl Options {
    /// The way in; none where the API is off.
    pub(crate) fn way(&self, address: Address) -> Result<Option<Way>, Failure> {
        let Address::At(address) = address else { return Ok(None) };
        let token = self.admin_token.clone().or_else(|| std::env::var(TOKEN).ok());
        if token.as_ref().is_some_and(|token| token.trim().is_empty()) {
            let message = format!("the token of the admin API is empty; set {TOKEN} to a long random text");
            return Err(Failure::usage(anyhow::anyhow!(message)));
        }
        if token.is_none() && !address.ip().is_loopback() {
            let message = format!(
                "the admin API would listen on {address}, beyond loopback, for anybody to change the run; set {TOKEN} to a \
                 long random text, or listen on 127.0.0.1"
            );
            return Err(Failure::usage(anyhow::anyhow!(message)));
        }
        Ok(Some(Way { address, token }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_loopback_a_token_is_needed() {
        let way = |address: &str, token: Option<&str>| {
            let options = Options { admin_token: token.map(str::to_owned) };
            options.way(address.parse().expect("an address"))
        };
        assert!(way("127.0.0.1:0", None).is_ok() && way("[::1]:0", None).is_ok());
        assert!(way("0.0.0.0:0", Some("secret")).is_ok());
        assert!(way("127.0.0.1:0", Some(" ")).is_err(), "an empty token protects nothing");
        assert!(way("off", None).expect("off is fine").is_none());
        assert!("9100".parse::<Address>().is_err());
        let shown = format!("{:?}", way("127.0.0.1:0", Some("secret")).expect("a way"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
