//! The command's way to a peer, with typed calls.

use antiphon_api::{
    ErrorCode,
    commands::SessionRef,
    views::{SessionEntry, SessionView, TrackView},
};
use antiphon_door::{DataFolder, Door, start_logs};
use antiphon_node::NodeConfig;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    args::{Args, Switch},
    failure::Failure,
};

/// What a command needs of a peer that it has to run itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The data folder only: no sockets, no sound.
    Store,
    /// Peers too.
    Network,
    /// Peers and sound.
    Everything,
}

/// A door with types.
pub struct Reach(Door);

impl Reach {
    /// Attaches to the owner of the data folder, or becomes it.
    pub async fn open(args: &Args, need: Need) -> Result<Self, Failure> {
        let common = &args.common;
        let folder = DataFolder::locate(common.data.clone())
            .map_err(|error| Failure::new(ErrorCode::Storage, error.to_string()))?;
        let config = NodeConfig {
            network: need != Need::Store,
            discovery: common.discovery == Switch::On,
            port: common.peer_port,
            clock_udp: common.clock_udp == Switch::On,
            audio: need == Need::Everything && common.audio == Switch::On,
            clock_offset_ns: common.clock_offset_ms.saturating_mul(1_000_000),
            clock_skew_ppb: common.clock_skew_ppm * 1_000,
            ..NodeConfig::at(folder.path())
        };
        let door = Door::open(&folder, config).await?;
        if door.is_here() {
            start_logs(folder.path());
        }
        Ok(Self(door))
    }

    /// Calls a command of the table.
    pub async fn call<T: DeserializeOwned>(&self, name: &str, args: impl Serialize) -> Result<T, Failure> {
        let args = serde_json::to_value(args).map_err(|error| internal(name, &error))?;
        let reply = self.0.call(name, args).await?;
        serde_json::from_value(reply).map_err(|error| internal(name, &error))
    }

    /// The door itself.
    pub fn door(&self) -> &Door {
        &self.0
    }

    /// Ends the peer, if it is here, with everything on disk; an error says that the last edits are not.
    pub async fn close(self) -> Result<(), Failure> {
        Ok(self.0.close().await?)
    }

    /// The open session, after opening the one named, by id or name, when one is.
    pub async fn session(&self, named: Option<String>) -> Result<SessionView, Failure> {
        if let Some(named) = named {
            let entry = self.find_session(&named).await?;
            if !entry.open {
                return self.call("open_session", SessionRef { session: entry.id }).await;
            }
        }
        let open: Option<SessionView> = self.call("session", ()).await?;
        open.ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, "no session is open")
                .next("make one with `antiphon new`, or open one with `antiphon open NAME`")
        })
    }

    /// The session with this id, beginning of an id, or name.
    pub async fn find_session(&self, named: &str) -> Result<SessionEntry, Failure> {
        let sessions: Vec<SessionEntry> = self.call("sessions", ()).await?;
        let by_id = |entry: &&SessionEntry| named.len() >= 4 && entry.id.starts_with(named);
        let by_name = |entry: &&SessionEntry| entry.name.eq_ignore_ascii_case(named);
        let found = sessions.iter().find(by_id).or_else(|| sessions.iter().find(by_name));
        found.cloned().ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, format!("session {named:?} is not on this device")).next(
                "`antiphon ls` lists the sessions here; a friend's session is joined with `antiphon join`",
            )
        })
    }
}

/// The track with this number (1 is the first), name or id.
pub fn find_track<'a>(session: &'a SessionView, named: &str) -> Result<&'a TrackView, Failure> {
    let tracks = &session.song.tracks;
    let by_number = named.parse::<usize>().ok().and_then(|number| tracks.get(number.checked_sub(1)?));
    let by_name = || tracks.iter().find(|track| track.name.eq_ignore_ascii_case(named) || track.id == named);
    by_name().or(by_number).ok_or_else(|| {
        let names: Vec<_> = tracks.iter().map(|track| track.name.as_str()).collect();
        Failure::new(ErrorCode::NotFound, format!("there is no track {named:?}"))
            .next(format!("the tracks are: {}", names.join(", ")))
    })
}

fn internal(name: &str, error: &serde_json::Error) -> Failure {
    Failure::new(ErrorCode::Internal, format!("{name}: {error}"))
}

/// A value as JSON.
pub fn to_json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| internal("json", &error))
}

/// Prints a value as JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| internal("json", &error))?;
    println!("{text}");
    Ok(())
}
