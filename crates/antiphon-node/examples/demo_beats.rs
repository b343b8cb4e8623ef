//! Makes the beats that ship with the program: `cargo run -p antiphon-node --example demo_beats -- FOLDER`.
//!
//! They are signed by a key that is made for the occasion and kept by nobody, so that no later beat can claim
//! to come from the same hand. Run it again when the engine's version changes.

use std::{collections::BTreeMap, error::Error, fs, path::PathBuf};

use antiphon_beat::{FreezeOptions, Licence, freeze, frozen_song};
use antiphon_document::{ActorId, SessionDocument};
use antiphon_engine::{ENGINE_VERSION, Render, RenderOptions, SamplePool, pcm_hash};
use antiphon_identity::DeviceKey;
use antiphon_model::{Name, SessionId, Song, demo::Demo};

/// 2026-11-21, as the beats say.
const CREATED_AT_MS: u64 = 1_795_219_200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder for the beats")?);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let key = DeviceKey::from_seed(&seed);
    let mut count = 0u8;
    let mut fresh = || {
        count += 1;
        let hash = blake3::hash(&[count]);
        std::array::from_fn(|at| hash.as_bytes()[at])
    };
    for demo in antiphon_model::demo::beats(&mut fresh) {
        let name = demo.name.as_str().to_lowercase().replace(' ', "-");
        let bytes = beat(demo, SessionId(fresh_session(&name)), &key)?;
        let path = folder.join(format!("{name}.beat"));
        println!("{} bytes  {}", bytes.len(), path.display());
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn fresh_session(name: &str) -> [u8; 16] {
    let hash = blake3::hash(name.as_bytes());
    std::array::from_fn(|at| hash.as_bytes()[at])
}

fn beat(demo: Demo, session: SessionId, key: &DeviceKey) -> Result<Vec<u8>, Box<dyn Error>> {
    let song = frozen_song(&song(&demo, session)?);
    let pool = SamplePool::new();
    let canonical = RenderOptions::canonical(&song);
    let options = FreezeOptions {
        title: demo.name,
        author: Name::new("Antiphon")?,
        licence: Licence::new("CC0-1.0")?,
        created_at_ms: CREATED_AT_MS,
        engine_version: ENGINE_VERSION,
        bars: canonical.bars,
        frames: Render::new(&song, &pool, &canonical).progress().total,
        parents: Vec::new(),
        pcm_hash: pcm_hash(&song, &pool),
    };
    Ok(freeze(&song, &BTreeMap::new(), options, key)?.bytes)
}

fn song(demo: &Demo, session: SessionId) -> Result<Song, Box<dyn Error>> {
    let (mut document, _) =
        SessionDocument::create(session, ActorId([1; 32]), demo.name.clone(), demo.tempo, CREATED_AT_MS);
    for edit in &demo.edits {
        let valid = edit.clone().validate(document.song())?;
        document.apply(&valid, CREATED_AT_MS)?;
    }
    Ok(Song::clone(document.song()))
}
