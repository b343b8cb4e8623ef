//! How a node runs.

use std::path::{Path, PathBuf};

/// What a node may use, and how its clock is bent for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeConfig {
    /// The folder that holds everything of this peer.
    pub folder: PathBuf,
    /// Open sockets at all?
    pub network: bool,
    /// Look for peers on the local network?
    pub discovery: bool,
    /// Port to be reached on; 0 takes a free one.
    pub port: u16,
    /// Send clock packets as datagrams where they get through?
    pub clock_udp: bool,
    /// Play through an audio output?
    pub audio: bool,
    /// Added to the machine's clock.
    pub clock_offset_ns: i64,
    /// How much faster than the machine's clock ours runs, in parts per billion.
    pub clock_skew_ppb: i64,
}

impl NodeConfig {
    /// A node with everything, at this folder.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            network: true,
            discovery: true,
            port: 0,
            clock_udp: true,
            audio: true,
            clock_offset_ns: 0,
            clock_skew_ppb: 0,
        }
    }
}

/// An environment variable whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value:?}, which is not {expected}")]
pub struct BadVariable {
    pub name: &'static str,
    pub value: String,
    pub expected: &'static str,
}

impl NodeConfig {
    /// The same with what the environment says, as the command line's options do.
    pub fn from_environment(mut self, read: impl Fn(&str) -> Option<String>) -> Result<Self, BadVariable> {
        if let Some(on) = switch(&read, "ANTIPHON_DISCOVERY")? {
            self.discovery = on;
        }
        if let Some(on) = switch(&read, "ANTIPHON_AUDIO")? {
            self.audio = on;
        }
        if let Some(on) = switch(&read, "ANTIPHON_CLOCK_UDP")? {
            self.clock_udp = on;
        }
        let name = "ANTIPHON_PEER_PORT";
        if let Some(value) = read(name) {
            let expected = "a port from 0 to 65535";
            self.port = value.parse().map_err(|_| BadVariable { name, value, expected })?;
        }
        Ok(self)
    }
}

fn switch(read: &impl Fn(&str) -> Option<String>, name: &'static str) -> Result<Option<bool>, BadVariable> {
    match read(name) {
        None => Ok(None),
        Some(value) if value == "on" => Ok(Some(true)),
        Some(value) if value == "off" => Ok(Some(false)),
        Some(value) => Err(BadVariable { name, value, expected: "on or off" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &'static [(&str, &str)]) -> Result<NodeConfig, BadVariable> {
        let value =
            |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        NodeConfig::at(Path::new("/data")).from_environment(value)
    }

    #[test]
    fn the_environment_sets_what_the_command_line_would() {
        let config = read(&[
            ("ANTIPHON_DISCOVERY", "off"),
            ("ANTIPHON_PEER_PORT", "4001"),
            ("ANTIPHON_CLOCK_UDP", "off"),
        ])
        .unwrap();
        assert!(!config.discovery && !config.clock_udp && config.audio);
        assert_eq!(config.port, 4001);
    }

    #[test]
    fn a_bad_value_is_refused_by_name() {
        assert_eq!(
            read(&[("ANTIPHON_AUDIO", "loud")]).unwrap_err().to_string(),
            "ANTIPHON_AUDIO is \"loud\", which is not on or off"
        );
        assert!(read(&[("ANTIPHON_PEER_PORT", "70000")]).is_err());
    }
}
