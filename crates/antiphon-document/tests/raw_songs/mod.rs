//! Documents built by hand, written as docs/FORMATS.md says and not by the code that is tested.
#![allow(dead_code, reason = "each test binary uses its part")]

use antiphon_document::{RawMap, RawSong, Scalar};
use antiphon_model::{FreeNote, NoteId, Pattern, Song, Switch, Track};

pub fn text(text: impl Into<String>) -> Scalar {
    Scalar::Text(text.into())
}

pub fn int(number: impl Into<i64>) -> Scalar {
    Scalar::Int(number.into())
}

pub fn switch<T: Copy>(switch: &Switch<T>, name: impl Fn(T) -> String) -> Scalar {
    text(match switch.change {
        None => name(switch.to),
        Some(change) => {
            let (run, tick) = (change.at.run.0, change.at.tick.0);
            format!("{}|{}|{run}|{tick}", name(switch.to), name(change.from))
        }
    })
}

pub fn shard(note: NoteId) -> String {
    format!("{:x}", blake3::hash(&note.0).as_bytes()[0] % 64)
}

pub fn note_bytes(note: &FreeNote) -> Scalar {
    let mut bytes = note.start.0.to_le_bytes()[..5].to_vec();
    bytes.extend(&note.length.0.to_le_bytes()[..5]);
    bytes.extend([note.pitch.get() as u8, note.velocity.get()]);
    Scalar::Bytes(bytes)
}

/// The document that says just this song.
pub fn document_of(song: &Song) -> RawSong {
    let mut raw = RawSong::new();
    let meta = raw.make("meta");
    meta.put("name", text(song.name.as_str()));
    meta.put("tempo", int(song.tempo.micro_bpm() as i64));
    meta.put("seed", int(song.seed as i64));
    meta.put("swing", int(song.swing.get()));
    meta.put("groove", text(format!("{}@{}", song.groove.template.key(), song.groove.amount.get())));
    meta.put("fill", switch(&song.fill, |on| if on { "on" } else { "off" }.to_owned()));
    meta.put("mode", switch(&song.mode, |mode| mode.key().to_owned()));
    meta.put("master", int(song.master.get()));
    for (id, info) in &song.samples {
        let sample = raw.make("samples").make(&id.to_string());
        sample.put("name", text(info.name.as_str()));
        sample.put("frames", int(info.frames as i64));
        sample.put("channels", int(info.channels));
        sample.put("bytes", int(info.bytes as i64));
    }
    for scene in &song.scenes {
        let map = raw.make("scenes").make(&scene.id.to_string());
        map.put("name", text(scene.name.as_str()));
        map.put("order", text(scene.order.as_str()));
        for (track, pattern) in &scene.slots {
            map.put(&track.to_string(), text(pattern.to_string()));
        }
    }
    for link in &song.chain {
        let map = raw.make("chain").make(&link.id.to_string());
        map.put("scene", text(link.scene.to_string()));
        map.put("bars", int(link.bars.get()));
        map.put("order", text(link.order.as_str()));
    }
    for track in &song.tracks {
        write_track(raw.make("tracks").make(&track.id.to_string()), track);
    }
    raw
}

fn write_track(map: &mut RawMap, track: &Track) {
    map.put("name", text(track.name.as_str()));
    map.put("sound", text(track.sound.to_string()));
    map.put("colour", int(track.colour.get()));
    map.put("order", text(track.order.as_str()));
    map.put("current", switch(&track.current, |id| id.to_string()));
    map.put("swing", track.swing.map_or(Scalar::Bool(false), |swing| int(swing.get())));
    let groove = track.groove.map(|groove| format!("{}@{}", groove.template.key(), groove.amount.get()));
    map.put("groove", groove.map_or(Scalar::Bool(false), text));
    map.put("trigger", text(track.trigger.key()));
    map.put("choke", int(track.choke.get()));
    let mixer = map.make("mixer");
    mixer.put("gain", int(track.strip.gain.get()));
    mixer.put("pan", int(track.strip.pan.get()));
    mixer.put("mute", Scalar::Bool(track.strip.mute));
    mixer.put("solo", Scalar::Bool(track.strip.solo));
    for (param, value) in &track.params {
        mixer.put(param.key(), int(*value));
    }
    for (id, pattern) in &track.patterns {
        write_pattern(map.make("patterns").make(&id.to_string()), pattern);
    }
}

pub fn write_pattern(map: &mut RawMap, pattern: &Pattern) {
    map.put("name", text(pattern.name.as_str()));
    map.put("order", text(pattern.order.as_str()));
    map.put("length", int(pattern.length.get()));
    map.put("speed", text(pattern.speed.key()));
    map.put("humanise", int(pattern.humanise.get()));
    for (at, step) in &pattern.steps {
        let page = map.make("steps").make(&format!("{:x}", at / 16));
        page.put(&format!("{at}o"), Scalar::Bool(step.on));
        page.put(&format!("{at}v"), int(step.velocity.get()));
        page.put(&format!("{at}p"), int(step.pitch.get()));
        page.put(&format!("{at}l"), int(step.length.get()));
        page.put(&format!("{at}t"), Scalar::Bool(step.tie));
        page.put(&format!("{at}m"), int(step.micro.get()));
        page.put(&format!("{at}r"), int(step.ratchet.get()));
        page.put(&format!("{at}c"), int(step.chance.get()));
        page.put(&format!("{at}i"), text(step.condition.to_string()));
    }
    for ((at, pitch), length) in &pattern.chords {
        let page = map.make("steps").make(&format!("{:x}", at / 16));
        page.put(&format!("{at}n{}", pitch.get()), int(length.get()));
    }
    for ((at, param), value) in &pattern.locks {
        let page = map.make("locks").make(&format!("{:x}", at / 16));
        page.put(&format!("{at}{}", param.key()), int(*value));
    }
    for (id, note) in pattern.notes.iter() {
        map.make("notes").make(&shard(id)).put(&id.to_string(), note_bytes(note));
    }
}
