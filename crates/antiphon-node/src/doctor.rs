//! The doctor: looks at everything that music needs and says what to do about what is wrong.

use std::fs;

use antiphon_audio_io::outputs;
use tokio::task::spawn_blocking;

use crate::{error::NodeError, handle::NodeHandle};

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Good,
    Warning,
    Bad,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub name: &'static str,
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub next_step: Option<&'static str>,
}

/// Below this much free room a long session may not be saved.
const FREE_BYTES_LOW: u64 = 200 * 1024 * 1024;

fn finding(
    name: &'static str,
    health: Health,
    found: impl Into<String>,
    next_step: Option<&'static str>,
) -> Finding {
    Finding { name, health, found: found.into(), next_step }
}

impl NodeHandle {
    /// Looks at everything.
    pub async fn doctor(&self) -> Result<Vec<Finding>, NodeError> {
        let mut findings = vec![self.output().await?, self.outputs_found().await?];
        findings.extend(self.network().await?);
        findings.push(self.session_clock().await?);
        let handle = self.clone();
        let slow = spawn_blocking(move || {
            let mut findings = vec![handle.store_health(), handle.sessions_health(), handle.key()];
            findings.extend([handle.disk(), handle.samples_health(), handle.beats_health()]);
            findings
        });
        findings.extend(slow.await.map_err(|_| NodeError::TaskEnded)?);
        Ok(findings)
    }

    async fn output(&self) -> Result<Finding, NodeError> {
        let status = self.snapshot().await?.audio;
        Ok(match status {
            None => finding("audio", Health::Bad, "no output runs", Some("restart Antiphon")),
            Some(status) => match status.lost {
                None => {
                    let latency_ms = status.latency_ns as f64 / 1e6;
                    let found = format!(
                        "{} at {} Hz, {latency_ms:.1} ms, {} drop-outs",
                        status.name, status.rate, status.xruns
                    );
                    finding("audio", Health::Good, found, None)
                }
                Some(_) if !self.config.audio => {
                    finding("audio", Health::Good, "switched off for this run", None)
                }
                Some(reason) => finding(
                    "audio",
                    Health::Warning,
                    reason,
                    Some("connect an output and choose it; time goes on meanwhile"),
                ),
            },
        })
    }

    async fn outputs_found(&self) -> Result<Finding, NodeError> {
        let outputs = spawn_blocking(outputs).await.map_err(|_| NodeError::TaskEnded)?;
        let names: Vec<_> = outputs.iter().map(|output| output.name.as_str()).collect();
        Ok(match names.is_empty() {
            true => finding(
                "outputs",
                Health::Warning,
                "the system names no audio output",
                Some("connect one, or start the sound server"),
            ),
            false => finding("outputs", Health::Good, names.join(", "), None),
        })
    }

    async fn network(&self) -> Result<Vec<Finding>, NodeError> {
        if !self.config.network {
            let off = |name| finding(name, Health::Good, "the network is off for this run", None);
            return Ok(vec![off("ports"), off("discovery"), off("peers")]);
        }
        let addresses = self.addresses().await?;
        let ports = match addresses.is_empty() {
            true => finding(
                "ports",
                Health::Warning,
                "no address to be reached on",
                Some("connect to a network; alone all works"),
            ),
            false => finding("ports", Health::Good, addresses.join(", "), None),
        };
        let discovery = match self.config.discovery {
            true => finding("discovery", Health::Good, "looks for peers on the local network", None),
            false => finding(
                "discovery",
                Health::Warning,
                "is off",
                Some("start without --discovery off to find friends nearby"),
            ),
        };
        let nearby = self.snapshot().await?.nearby.len();
        let peers = finding("peers", Health::Good, format!("{nearby} connected"), None);
        Ok(vec![ports, discovery, peers])
    }

    async fn session_clock(&self) -> Result<Finding, NodeError> {
        let peers = self.agreement().await?.peers;
        let links = || peers.values().map(|peer| &peer.quality);
        let worst = links().map(|link| link.bound_ns).max();
        Ok(match worst {
            None => finding("clock", Health::Good, "alone: this machine's own time", None),
            Some(_) if links().any(|link| !link.locked) => finding(
                "clock",
                Health::Warning,
                "still measuring",
                Some("wait a second; if it stays, check the network"),
            ),
            Some(bound_ns) => {
                let found = format!("{} partners, within {:.3} ms", peers.len(), bound_ns as f64 / 1e6);
                finding("clock", Health::Good, found, None)
            }
        })
    }

    fn store_health(&self) -> Finding {
        if let Some(reason) = self.store.read_only() {
            return finding(
                "store",
                Health::Warning,
                format!("read-only: {reason}"),
                Some("use the newer version that wrote it"),
            );
        }
        if let Some(damage) = self.store.damage() {
            return finding(
                "store",
                Health::Bad,
                damage,
                Some("what peers have comes back by itself; restore a backup for the rest"),
            );
        }
        match self.store.failing() {
            None => finding("store", Health::Good, self.store.folder().display().to_string(), None),
            Some(reason) => {
                finding("store", Health::Bad, reason, Some("make room on the disk; saving resumes by itself"))
            }
        }
    }

    fn sessions_health(&self) -> Finding {
        match self.store.sessions() {
            Ok(sessions) if sessions.unreadable.is_empty() => {
                finding("sessions", Health::Good, format!("{} on this device", sessions.records.len()), None)
            }
            Ok(sessions) => {
                let found = format!(
                    "{} of {} cannot be read",
                    sessions.unreadable.len(),
                    sessions.unreadable.len() + sessions.records.len()
                );
                finding(
                    "sessions",
                    Health::Bad,
                    found,
                    Some("restore the data folder from a backup; the others still work"),
                )
            }
            Err(error) => finding(
                "sessions",
                Health::Bad,
                error.to_string(),
                Some("restore the data folder from a backup"),
            ),
        }
    }

    fn key(&self) -> Finding {
        use std::os::unix::fs::PermissionsExt;
        let path = self.store.folder().join("device.key");
        match fs::metadata(&path).map(|file| file.permissions().mode() & 0o077) {
            Ok(0) => finding("keys", Health::Good, format!("device {}", self.key.peer_id().short()), None),
            Ok(_) => finding(
                "keys",
                Health::Bad,
                "others on this machine can read the device key",
                Some("run chmod 600 on device.key in the data folder"),
            ),
            Err(error) => finding(
                "keys",
                Health::Bad,
                error.to_string(),
                Some("restore device.key from a backup; without it you are a new person"),
            ),
        }
    }

    fn disk(&self) -> Finding {
        match rustix::fs::statvfs(self.store.folder()) {
            Err(error) => finding(
                "disk",
                Health::Warning,
                error.to_string(),
                Some("check that the data folder is there"),
            ),
            Ok(disk) => {
                let free = disk.f_bavail.saturating_mul(disk.f_frsize);
                let found = format!("{} MiB free", free / (1024 * 1024));
                match free < FREE_BYTES_LOW {
                    true => finding(
                        "disk",
                        Health::Warning,
                        found,
                        Some("make room: sessions and samples are kept there"),
                    ),
                    false => finding("disk", Health::Good, found, None),
                }
            }
        }
    }

    fn samples_health(&self) -> Finding {
        let Ok(bytes) = folder_bytes(&self.store.folder().join("samples")) else {
            return finding("samples", Health::Good, "none yet", None);
        };
        finding("samples", Health::Good, format!("{} MiB", bytes / (1024 * 1024)), None)
    }

    fn beats_health(&self) -> Finding {
        let records = match self.store.beats() {
            Ok(records) => records,
            Err(error) => {
                return finding(
                    "beats",
                    Health::Bad,
                    error.to_string(),
                    Some("restore the data folder from a backup"),
                );
            }
        };
        let verifies = |record: &&antiphon_store::BeatRecord| {
            let bytes = self.store.beat_bytes(record).ok().flatten();
            bytes.is_some_and(|bytes| antiphon_beat::open(&bytes).is_ok())
        };
        let whole = records.iter().filter(verifies).count();
        match whole == records.len() {
            true => finding("beats", Health::Good, format!("{whole} whole"), None),
            false => finding(
                "beats",
                Health::Bad,
                format!("{} of {} are damaged", records.len() - whole, records.len()),
                Some("get them again from someone who has them"),
            ),
        }
    }
}

fn folder_bytes(folder: &std::path::Path) -> std::io::Result<u64> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
