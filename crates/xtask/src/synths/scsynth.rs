//! The patch as SuperCollider's server reads it: two SynthDefs and a score of OSC bundles.
//!
//! The server package has no compiler for SynthDefs, so they are written here, after the public description of the file
//! format ("Synth Definition File Format", version 2) and of offline synthesis ("Non-Realtime Synthesis"). All numbers
//! are big endian. `bench/voices.scd` is the same patch as a person would write it.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use super::patch::{
    AMP, CUTOFF_OCTAVES, DAMP, DETUNE_CENTS, FILTER, GATE_SECONDS, LEVEL, Note, Q, ROOM, SAW, SECONDS,
    VOICES, WET, place,
};

/// The private bus from the voices to the reverb.
const BUS: f64 = 16.0;
/// Node ids of the voices begin here.
const FIRST_NODE: i32 = 1000;

/// The score: the definitions, the nodes, each note's gate, and an end.
pub fn score(notes: &[Note]) -> Vec<u8> {
    let mut bundles = vec![(0.0, setting_up())];
    for note in notes {
        let node = Osc::Int(FIRST_NODE + note.voice as i32);
        let start = note.start_seconds();
        let on = [
            node,
            Osc::Text("freq"),
            Osc::Float(note.hz()),
            Osc::Text("cutoff"),
            Osc::Float(note.cutoff_hz()),
            Osc::Text("gate"),
            Osc::Float(1.0),
        ];
        bundles.push((start, vec![message("/n_set", &on)]));
        let off = [node, Osc::Text("gate"), Osc::Float(0.0)];
        bundles.push((start + GATE_SECONDS, vec![message("/n_set", &off)]));
    }
    bundles.push((f64::from(SECONDS), vec![message("/n_free", &[Osc::Int(FIRST_NODE)])]));
    bundles.sort_by(|one, other| one.0.total_cmp(&other.0));
    bundles.iter().flat_map(|(time, messages)| sized(&bundle(*time, messages))).collect()
}

fn setting_up() -> Vec<Vec<u8>> {
    let definitions = definitions();
    let mut messages = vec![message("/d_recv", &[Osc::Blob(&definitions)])];
    for voice in 0..VOICES {
        // Added at the head of the root group; the room stays last.
        let node = Osc::Int(FIRST_NODE + voice as i32);
        let place = [Osc::Text("place"), Osc::Float(place(voice))];
        let new = [&[Osc::Text("voice"), node, Osc::Int(0), Osc::Int(0)], &place[..]].concat();
        messages.push(message("/s_new", &new));
    }
    messages.push(message("/s_new", &[Osc::Text("room"), Osc::Int(999), Osc::Int(1), Osc::Int(0)]));
    messages
}

fn definitions() -> Vec<u8> {
    let mut file = b"SCgf".to_vec();
    file.extend(2_i32.to_be_bytes());
    file.extend(2_i16.to_be_bytes());
    file.extend(voice().bytes());
    file.extend(room().bytes());
    file
}

fn voice() -> SynthDef {
    let mut def =
        SynthDef::new("voice", &[("freq", 220.0), ("cutoff", 800.0), ("gate", 0.0), ("place", 0.0)]);
    let [frequency, cutoff, gate, place] = def.add("Control", Rate::Control, 0, &[]);
    let amp = def.envelope(Rate::Audio, gate, SAW * LEVEL, AMP);
    let open = def.envelope(Rate::Control, gate, 1.0, FILTER);
    let octaves = def.operate(MULTIPLY, Rate::Control, open, Input::Constant(CUTOFF_OCTAVES));
    let factor = def.operate(POWER, Rate::Control, Input::Constant(2.0), octaves);
    let cutoff = def.operate(MULTIPLY, Rate::Control, factor, cutoff);
    let ratio = (DETUNE_CENTS / 1200.0).exp2();
    let [up, down] = [ratio, 1.0 / ratio].map(|ratio| {
        let hz = def.operate(MULTIPLY, Rate::Control, frequency, Input::Constant(ratio));
        let [saw] = def.add("Saw", Rate::Audio, 0, &[hz]);
        saw
    });
    let saws = def.operate(ADD, Rate::Audio, up, down);
    let [low] = def.add("RLPF", Rate::Audio, 0, &[saws, cutoff, Input::Constant(1.0 / Q)]);
    let sound = def.operate(MULTIPLY, Rate::Audio, low, amp);
    let [left, right] = def.add("Pan2", Rate::Audio, 0, &[sound, place, Input::Constant(1.0)]);
    let [] = def.add("Out", Rate::Audio, 0, &[Input::Constant(BUS), left, right]);
    def
}

fn room() -> SynthDef {
    let mut def = SynthDef::new("room", &[]);
    let [left, right] = def.add("In", Rate::Audio, 0, &[Input::Constant(BUS)]);
    let [wet, room, damp] = [WET, ROOM, DAMP].map(Input::Constant);
    let [left, right] = def.add("FreeVerb2", Rate::Audio, 0, &[left, right, wet, room, damp]);
    let [] = def.add("Out", Rate::Audio, 0, &[Input::Constant(0.0), left, right]);
    def
}

/// Special indices of `BinaryOpUGen`.
const ADD: i16 = 0;
const MULTIPLY: i16 = 2;
const POWER: i16 = 25;

#[derive(Debug, Clone, Copy)]
enum Rate {
    Control = 1,
    Audio = 2,
}

#[derive(Debug, Clone, Copy)]
enum Input {
    Constant(f64),
    Unit { at: i32, output: i32 },
}

/// A SynthDef being written.
struct SynthDef {
    name: &'static str,
    parameters: Vec<(&'static str, f64)>,
    constants: Vec<f32>,
    units: i32,
    unit_bytes: Vec<u8>,
}

impl SynthDef {
    fn new(name: &'static str, parameters: &[(&'static str, f64)]) -> Self {
        Self {
            name,
            parameters: parameters.to_vec(),
            constants: Vec::new(),
            units: 0,
            unit_bytes: Vec::new(),
        }
    }

    /// Adds a unit generator with `OUTPUTS` outputs.
    fn add<const OUTPUTS: usize>(
        &mut self,
        class: &str,
        rate: Rate,
        special: i16,
        inputs: &[Input],
    ) -> [Input; OUTPUTS] {
        let mut bytes = pascal(class);
        bytes.push(rate as u8);
        bytes.extend((inputs.len() as i32).to_be_bytes());
        bytes.extend((OUTPUTS as i32).to_be_bytes());
        bytes.extend(special.to_be_bytes());
        for input in inputs {
            let (unit, index) = match *input {
                Input::Constant(value) => (-1, self.constant(value as f32)),
                Input::Unit { at, output } => (at, output),
            };
            bytes.extend(unit.to_be_bytes());
            bytes.extend(index.to_be_bytes());
        }
        bytes.extend([rate as u8; OUTPUTS]);
        self.unit_bytes.extend(bytes);
        let at = self.units;
        self.units += 1;
        std::array::from_fn(|output| Input::Unit { at, output: output as i32 })
    }

    fn operate(&mut self, operator: i16, rate: Rate, left: Input, right: Input) -> Input {
        let [result] = self.add("BinaryOpUGen", rate, operator, &[left, right]);
        result
    }

    /// An ADSR of three exponential segments, as `Env.adsr` makes it.
    fn envelope(&mut self, rate: Rate, gate: Input, level: f64, times: [f64; 4]) -> Input {
        let [attack, decay, sustain, release] = times;
        /// "No loop node".
        const NONE: f64 = -99.0;
        /// The segment's shape is the curve that follows.
        const CURVE: f64 = 5.0;
        let (bias, stretch, when_done) = (0.0, 1.0, 0.0);
        let scale = [level, bias, stretch, when_done];
        // Starts at 0, three segments, held before the third.
        let head = [0.0, 3.0, 2.0, NONE];
        let segment = |to, seconds| [to, seconds, CURVE, -4.0];
        let segments = [segment(1.0, attack), segment(sustain, decay), segment(0.0, release)].concat();
        let numbers = scale.into_iter().chain(head).chain(segments).map(Input::Constant);
        let inputs: Vec<Input> = std::iter::once(gate).chain(numbers).collect();
        let [envelope] = self.add("EnvGen", rate, 0, &inputs);
        envelope
    }

    fn constant(&mut self, value: f32) -> i32 {
        let known = self.constants.iter().position(|known| known.to_bits() == value.to_bits());
        known.unwrap_or_else(|| {
            self.constants.push(value);
            self.constants.len() - 1
        }) as i32
    }

    fn bytes(&self) -> Vec<u8> {
        let count = |items: usize| (items as i32).to_be_bytes();
        let mut bytes = pascal(self.name);
        bytes.extend(count(self.constants.len()));
        bytes.extend(self.constants.iter().flat_map(|value| value.to_be_bytes()));
        bytes.extend(count(self.parameters.len()));
        bytes.extend(self.parameters.iter().flat_map(|(_, value)| (*value as f32).to_be_bytes()));
        bytes.extend(count(self.parameters.len()));
        for (index, (name, _)) in (0_i32..).zip(&self.parameters) {
            bytes.extend(pascal(name));
            bytes.extend(index.to_be_bytes());
        }
        bytes.extend(self.units.to_be_bytes());
        bytes.extend(&self.unit_bytes);
        // No variants.
        bytes.extend(0_i16.to_be_bytes());
        bytes
    }
}

/// A string behind its length in one byte.
fn pascal(text: &str) -> Vec<u8> {
    [&[text.len() as u8], text.as_bytes()].concat()
}

#[derive(Debug, Clone, Copy)]
enum Osc<'a> {
    Int(i32),
    Float(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

fn message(address: &str, arguments: &[Osc]) -> Vec<u8> {
    let mut tags = ",".to_owned();
    let mut body = Vec::new();
    for argument in arguments {
        match *argument {
            Osc::Int(value) => (tags.push('i'), body.extend(value.to_be_bytes())),
            Osc::Float(value) => (tags.push('f'), body.extend((value as f32).to_be_bytes())),
            Osc::Text(text) => (tags.push('s'), body.extend(osc_text(text))),
            Osc::Blob(bytes) => {
                let padding = vec![0; bytes.len().next_multiple_of(4) - bytes.len()];
                (tags.push('b'), body.extend([&sized(bytes)[..], &padding].concat()))
            }
        };
    }
    [osc_text(address), osc_text(&tags), body].concat()
}

/// OSC text ends with 1 to 4 zeros, so that its length is a multiple of 4.
fn osc_text(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize((bytes.len() + 1).next_multiple_of(4), 0);
    bytes
}

fn bundle(seconds: f64, messages: &[Vec<u8>]) -> Vec<u8> {
    // 32 bits of seconds, 32 bits of their fraction.
    let time = (seconds * 4_294_967_296.0) as u64;
    let body = messages.iter().flat_map(|message| sized(message));
    osc_text("#bundle").into_iter().chain(time.to_be_bytes()).chain(body).collect()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as i32).to_be_bytes(), bytes].concat()
}
