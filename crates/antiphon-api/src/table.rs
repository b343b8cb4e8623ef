//! The table of commands: one line each gives the trait method, the dispatch and the TypeScript type.

use std::{future::Future, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::{
    calibration::{AdjustTrim, TrimmedOutput},
    commands::{
        AnswerJoin, BeatRef, Gesture, ImportSample, Imported, Join, ListBeats, ListEvents, Locate,
        NewSession, PatternRef, PatternText, Play, PlayNote, Preview, Publish, Render, SessionRef, SetEars,
        SetMetronome, SetName, SetOutput, SetPresence, Verify,
    },
    edits::{EditCommand, Edited},
    error::{ApiError, ErrorCode},
    events::Event,
    views::{
        AudioState, BeatView, Check, ClockView, Ears, EventsView, Hello, Invite, Job, JoinRequest, Metronome,
        NearbyPeer, OutputView, SessionEntry, SessionView, Tapped, Verdict,
    },
};

macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident($args:ty) -> $reply:ty; )*) => {
        /// The names of all commands.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        /// A peer that can be asked. Implemented once, by the node's handle.
        pub trait Api: Send + Sync + 'static {
            /// What changes from now on. A subscriber that reads too slowly loses the oldest.
            fn subscribe(&self) -> broadcast::Receiver<Arc<Event>>;

            $( $(#[$doc])* fn $name(&self, args: $args) -> impl Future<Output = Result<$reply, ApiError>> + Send; )*
        }

        /// Calls the command `name` with JSON arguments.
        pub async fn dispatch<A: Api>(api: &A, name: &str, args: Value) -> Result<Value, ApiError> {
            match name {
                $( stringify!($name) => to_json(api.$name(from_json(args)?).await?), )*
                other => Err(ApiError::new(ErrorCode::BadRequest, format!("there is no command {other:?}"))),
            }
        }

        /// Visits every type of the table, and lists the commands as lines of TypeScript.
        pub(crate) fn visit_types(visitor: &mut impl ts_rs::TypeVisitor, config: &ts_rs::Config) -> Vec<String> {
            use ts_rs::TS;
            $( visitor.visit::<$args>(); visitor.visit::<$reply>(); )*
            visitor.visit::<Event>();
            visitor.visit::<ApiError>();
            vec![$( format!("  {}: {{ args: {}; reply: {} }};", stringify!($name), <$args>::name(config), <$reply>::name(config)) ),*]
        }
    };
}

commands! {
    hello(()) -> Hello;
    set_name(SetName) -> ();

    sessions(()) -> Vec<SessionEntry>;
    /// The open session whole, if one is open.
    session(()) -> Option<SessionView>;
    new_session(NewSession) -> SessionEntry;
    open_session(SessionRef) -> SessionView;
    /// Takes a session off this device; published beats stay.
    delete_session(SessionRef) -> ();

    edit(EditCommand) -> Edited;
    /// A pattern and its track as text (notation), to be pasted anywhere.
    pattern_text(PatternRef) -> PatternText;
    /// What will sound from the first bar on, with the dice rolled.
    events(ListEvents) -> EventsView;
    gesture(Gesture) -> ();
    /// Undoes my last edit; replies with its label.
    undo(()) -> Option<String>;
    redo(()) -> Option<String>;

    /// Null, or how to begin.
    play(Option<Play>) -> ();
    /// Stops where the music is; play goes on from there.
    pause(()) -> ();
    /// Stops and goes back to the start.
    stop(()) -> ();
    locate(Locate) -> ();
    ears(SetEars) -> Ears;
    /// This device's metronome and count-in, after what is named of it was set.
    metronome(SetMetronome) -> Metronome;
    /// A tap on the beat: from the third on it sets the tempo.
    tap(()) -> Tapped;
    note(PlayNote) -> ();
    preview(Preview) -> ();
    /// Ends everything that sounds here, at once; what comes next still sounds. The others hear theirs.
    all_notes_off(()) -> ();

    import_sample(ImportSample) -> Imported;
    outputs(()) -> Vec<OutputView>;
    set_output(SetOutput) -> AudioState;
    /// Adds to the trim of the open output what an acoustic handshake found.
    adjust_trim(AdjustTrim) -> TrimmedOutput;
    audio(()) -> AudioState;
    /// Starts a render to a WAV file; `Job` events follow it.
    render(Render) -> Job;

    nearby(()) -> Vec<NearbyPeer>;
    join(Join) -> ();
    join_requests(()) -> Vec<JoinRequest>;
    answer_join(AnswerJoin) -> ();
    invite(()) -> Invite;
    presence(SetPresence) -> ();
    clock(()) -> ClockView;

    publish(Publish) -> BeatView;
    beats(ListBeats) -> Vec<BeatView>;
    verify(Verify) -> Verdict;
    /// Keeps a beat file on this device and lists it.
    add_beat(BeatRef) -> BeatView;
    /// Plays a beat read-only beside the open session, which pauses.
    play_beat(BeatRef) -> BeatView;
    stop_beat(()) -> ();
    remix(BeatRef) -> SessionEntry;

    doctor(()) -> Vec<Check>;
}

fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value)
        .map_err(|error| ApiError::new(ErrorCode::BadRequest, format!("bad arguments: {error}")))
}

fn to_json<T: Serialize>(value: T) -> Result<Value, ApiError> {
    serde_json::to_value(value)
        .map_err(|error| ApiError::new(ErrorCode::Internal, format!("reply not sent: {error}")))
}
