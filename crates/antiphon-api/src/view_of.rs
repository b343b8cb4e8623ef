//! Inner values as the interface sees them.

mod clock;
mod events;
mod song;

use std::collections::BTreeMap;

use antiphon_engine::ENGINE_VERSION;
use antiphon_identity::{PeerId, Pseudonym};
use antiphon_model::{Drum, Gain, Preset, Song, Sound, limits::COLOURS};
use antiphon_node::{Agreement, Counting, Finding, Health, KeptBeat, Rendered, SessionSnapshot, Snapshot};
use antiphon_peer::{Member, Nearby};
use antiphon_timeline::{CANONICAL_RATE, TICKS_PER_STEP};

pub(crate) use clock::{clock, late};
pub(crate) use events::events;
pub(crate) use song::*;

use crate::views::{
    AudioState, BeatAuthor, BeatParent, BeatView, Check, CheckState, Ears, HistoryView, Job, JoinRequest,
    MemberView, Metronome, NearbyPeer, NearbySession, Person, RenderVerdict, Role, SampleView, SessionView,
    SoundInfo, Standing, Telemetry, TrackEars, TrackMeter, TransportView, WaitingView,
};

pub(crate) fn person(peer: PeerId, name: Option<&str>) -> Person {
    let pseudonym = Pseudonym::of(peer);
    let name = name.map_or_else(|| pseudonym.to_string(), str::to_owned);
    Person { peer: peer.to_string(), name, colour: pseudonym.colour() }
}

pub(crate) fn role(role: antiphon_membership::Role) -> Role {
    match role {
        antiphon_membership::Role::Owner => Role::Owner,
        antiphon_membership::Role::Editor => Role::Editor,
        antiphon_membership::Role::Listener => Role::Listener,
    }
}

pub(crate) fn db(gain: Gain) -> f64 {
    f64::from(gain.get()) / 100.0
}

/// The sounds that a track can choose.
pub(crate) fn sounds() -> Vec<SoundInfo> {
    let drums = Drum::ALL.into_iter().map(Sound::Drum);
    let presets = Preset::ALL.into_iter().map(Sound::Synth);
    drums.chain(presets).map(|sound| sound_info(&sound)).collect()
}

fn sound_info(sound: &Sound) -> SoundInfo {
    let group = if sound.is_melodic() { "Synth" } else { "Drums" };
    SoundInfo {
        sound: sound.to_string(),
        label: label(sound, None),
        group: group.into(),
        melodic: sound.is_melodic(),
    }
}

/// What people call a sound.
pub(crate) fn label(sound: &Sound, song: Option<&Song>) -> String {
    let spoken = |key: &str| {
        let mut words = key.replace('-', " ");
        words.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
        words
    };
    match sound {
        Sound::Drum(drum) => spoken(drum.key()),
        Sound::Synth(preset) => spoken(preset.key()),
        Sound::Sample(id) => song
            .and_then(|song| song.samples.get(id))
            .map_or_else(|| "Missing sample".into(), |info| info.name.as_str().to_owned()),
        Sound::Unknown(_) => "Unknown sound".into(),
    }
}

pub(crate) fn metronome(counting: &Counting) -> Metronome {
    let metronome = counting.metronome;
    Metronome { on: metronome.on, volume_db: db(metronome.volume), count_in_bars: counting.count_in_bars }
}

/// Where the music of a session is.
pub(crate) fn heard(session: &SessionSnapshot) -> Heard<'_> {
    Heard(session.heard.as_ref().map(|(run, tick)| (run, *tick)))
}

pub(crate) fn samples(session: &SessionSnapshot) -> Vec<SampleView> {
    let share = |id: &antiphon_model::SampleId| session.samples.get(id).copied().unwrap_or(0.0);
    let view = |(id, info): (&antiphon_model::SampleId, &antiphon_model::SampleInfo)| SampleView {
        id: id.to_string(),
        name: info.name.as_str().to_owned(),
        seconds: info.frames as f64 / f64::from(CANONICAL_RATE),
        here: share(id) >= 1.0,
        progress: share(id),
    };
    session.song.samples.iter().map(view).collect()
}

pub(crate) fn session(
    session: &SessionSnapshot,
    agreement: &Agreement,
    saved: crate::views::Saved,
) -> SessionView {
    SessionView {
        id: session.id.to_string(),
        role: role(session.role),
        read_only: session.read_only.clone(),
        arrived: session.arrived,
        song: song(&session.song, heard(session), samples(session)),
        ears: ears(&session.ears),
        transport: transport(session),
        waiting: waiting(session),
        saved,
        history: history(session),
        members: members(&session.members, agreement),
        parent: session.parent.map(|id| antiphon_beat::BeatId(id).to_string()),
    }
}

pub(crate) fn ears(ears: &antiphon_engine::Ears) -> Ears {
    let one = |(track, own): (&antiphon_model::TrackId, &antiphon_engine::TrackEars)| TrackEars {
        track: track.to_string(),
        mute: own.mute,
        solo: own.solo,
        gain_db: db(own.gain),
    };
    Ears { volume_db: db(ears.volume), tracks: ears.tracks.iter().map(one).collect() }
}

pub(crate) fn transport(session: &SessionSnapshot) -> TransportView {
    TransportView {
        playing: session.playing,
        position_steps: session.position.0 as f64 / TICKS_PER_STEP as f64,
        bpm: session.tempo.bpm(),
        by: session.pressed_by.map(|peer| name_in(&session.members, peer)),
        beat: session.beat.map(|id| antiphon_beat::BeatId(id).to_string()),
    }
}

/// Launches and the tempo have marks of their own: where nothing else waits, there is nothing to tell.
pub(crate) fn waiting(session: &SessionSnapshot) -> Option<WaitingView> {
    let waiting = session.waiting.filter(|waiting| waiting.edits > 0)?;
    Some(WaitingView { edits: u32::try_from(waiting.edits).unwrap_or(u32::MAX), bar: waiting.bar })
}

/// What a member is called, or what their key makes them.
fn name_in(members: &[Member], peer: PeerId) -> String {
    let member = members.iter().find(|member| member.peer == peer);
    person(peer, member.and_then(|member| member.name.as_deref())).name
}

pub(crate) fn history(session: &SessionSnapshot) -> HistoryView {
    HistoryView { undo: session.undo.clone(), redo: session.redo.clone() }
}

/// A colour for each member, no two alike while there are enough: each keeps the one of its key unless a
/// member with a lower id has it. All peers of one roster choose alike.
pub(crate) fn colours(members: &[Member]) -> BTreeMap<PeerId, u8> {
    let peers: std::collections::BTreeSet<PeerId> = members.iter().map(|member| member.peer).collect();
    let mut colours = BTreeMap::new();
    let mut taken = [false; COLOURS as usize];
    for peer in peers {
        let own = usize::from(Pseudonym::of(peer).colour()) % taken.len();
        let free = (0..taken.len()).map(|step| (own + step) % taken.len()).find(|colour| !taken[*colour]);
        let colour = free.unwrap_or(own);
        taken[colour] = true;
        colours.insert(peer, colour as u8);
    }
    colours
}

pub(crate) fn members(members: &[Member], agreement: &Agreement) -> Vec<MemberView> {
    let colours = colours(members);
    let coloured = |member: &Member| {
        let person = person(member.peer, member.name.as_deref());
        Person { colour: colours.get(&member.peer).copied().unwrap_or(person.colour), ..person }
    };
    let view = |member: &Member| MemberView {
        person: coloured(member),
        role: role(member.role),
        me: member.me,
        here: member.here,
        track: member.track.map(|track| track.to_string()),
        step: member.step,
        sync: agreement.peers.get(&member.peer).map(clock::sync_quality),
        differs: member.differs.clone(),
    };
    members.iter().map(view).collect()
}

pub(crate) fn nearby(nearby: &[Nearby]) -> Vec<NearbyPeer> {
    let view = |near: &Nearby| NearbyPeer {
        person: person(near.peer, Some(&near.name)),
        session: near
            .session
            .as_ref()
            .map(|(id, name)| NearbySession { id: id.to_string(), name: name.clone() }),
        standing: match &near.standing {
            antiphon_peer::Standing::Stranger => Standing::Stranger,
            antiphon_peer::Standing::Asking => Standing::Asking,
            antiphon_peer::Standing::Refused { reason } => Standing::Refused { reason: reason.clone() },
            antiphon_peer::Standing::Member => Standing::Member,
        },
        differs: near.differs.clone(),
    };
    nearby.iter().map(view).collect()
}

pub(crate) fn join_requests(snapshot: &Snapshot) -> Vec<JoinRequest> {
    let view = |(peer, name, request): &(PeerId, String, antiphon_peer::JoinRequest)| JoinRequest {
        person: person(*peer, Some(name)),
        invited: request.invite.is_some(),
    };
    snapshot.requests.iter().map(view).collect()
}

pub(crate) fn audio(snapshot: &Snapshot) -> AudioState {
    match &snapshot.audio {
        None => AudioState::NoOutput { reason: "no output runs".into() },
        Some(status) => match &status.lost {
            Some(reason) => AudioState::NoOutput { reason: reason.clone() },
            None => AudioState::Playing {
                output: status.name.clone(),
                rate: status.rate,
                latency_ms: status.latency_ns as f64 / 1e6,
            },
        },
    }
}

pub(crate) fn telemetry(telemetry: &antiphon_node::Telemetry) -> Telemetry {
    let meters = telemetry.meters.as_ref();
    let track = |meter: &antiphon_engine::TrackMeter| TrackMeter { peak: meter.peak, rms: meter.rms };
    Telemetry {
        playing: telemetry.playing,
        position_steps: telemetry.position_steps,
        steps_per_second: telemetry.steps_per_second,
        bar: telemetry.bar,
        bar_start_steps: telemetry.bar_start_steps,
        meter: meter(telemetry.meter),
        count_in: telemetry.count_in,
        tracks: meters.map(|meters| meters.tracks.iter().map(track).collect()).unwrap_or_default(),
        master_peak: meters.map_or([0.0; 2], |meters| meters.master_peak),
        limiter_db: meters.map_or(0.0, |meters| meters.limiter_db),
        xruns: u32::try_from(telemetry.xruns).unwrap_or(u32::MAX),
        load: telemetry.load,
    }
}

pub(crate) fn job(job: &antiphon_node::Job) -> Job {
    Job {
        id: job.id,
        label: job.label.clone(),
        progress: job.progress,
        done: job.done,
        error: job.error.clone(),
    }
}

/// A beat; `me` marks my own, `path` says where its file is.
pub(crate) fn beat(
    beat: &antiphon_beat::Beat,
    bytes: u64,
    me: Option<PeerId>,
    path: Option<String>,
) -> BeatView {
    let manifest = &beat.manifest;
    let author = |author: &antiphon_beat::Author| BeatAuthor {
        name: author.name.as_str().to_owned(),
        peer: author.peer.to_string(),
        me: Some(author.peer) == me,
    };
    BeatView {
        id: beat.id.to_string(),
        title: manifest.title.as_str().to_owned(),
        authors: manifest.authors.iter().map(author).collect(),
        licence: manifest.licence.to_string(),
        created_at_ms: manifest.created_at_ms,
        bpm: manifest.tempo.bpm(),
        seconds: manifest.frames as f64 / f64::from(CANONICAL_RATE),
        tracks: beat.song.tracks.len() as u32,
        bytes,
        parents: manifest.parents.iter().map(|id| BeatParent { id: id.to_string(), title: None }).collect(),
        session: manifest.session.to_string(),
        same_engine: manifest.engine_version == ENGINE_VERSION,
        path,
    }
}

/// The beats of a list, each naming those of its parents that are in `known`.
pub(crate) fn beats(listed: &[KeptBeat], known: &[KeptBeat], me: PeerId) -> Vec<BeatView> {
    let title = |id: &str| {
        let parent = known.iter().find(|kept| kept.beat.id.to_string() == id)?;
        Some(parent.beat.manifest.title.as_str().to_owned())
    };
    let view = |kept: &KeptBeat| {
        let path = kept.path.to_string_lossy().into_owned();
        let mut view = beat(&kept.beat, kept.bytes, Some(me), Some(path));
        view.parents.iter_mut().for_each(|parent| parent.title = title(&parent.id));
        view
    };
    listed.iter().map(view).collect()
}

pub(crate) fn rendered(rendered: Rendered) -> RenderVerdict {
    match rendered {
        Rendered::Same => RenderVerdict::Same,
        Rendered::Different => RenderVerdict::Different,
        Rendered::OtherEngine { version } => RenderVerdict::OtherEngine { version, ours: ENGINE_VERSION },
    }
}

pub(crate) fn check(finding: &Finding) -> Check {
    Check {
        name: finding.name.to_owned(),
        state: match finding.health {
            Health::Good => CheckState::Good,
            Health::Warning => CheckState::Warning,
            Health::Bad => CheckState::Bad,
        },
        found: finding.found.clone(),
        next_step: finding.next_step.map(str::to_owned),
    }
}
