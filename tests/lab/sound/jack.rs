//! A JACK server with its dummy card: both peers are in one graph, so a recording is exact to the sample.

use std::{
    path::Path,
    process::{self, Command, Stdio},
};

use super::{Ear, Served, SoundServer, play_through};
use crate::{
    deadline::until,
    friend::{Friend, TOGETHER_LIMIT},
};

const PERIOD: &str = "256";
/// The id and the name by which a peer knows it.
const OUTPUT: (&str, &str) = ("jack:output", "JACK Output");

/// The server, and who plays into which channel.
pub struct Jack {
    name: String,
    /// The port of each peer by its id: its clients' ports appear in the order they are plugged in.
    ports: Vec<(String, String)>,
    ears: [Option<String>; 2],
    _served: Served,
}

impl Jack {
    #[track_caller]
    pub fn start() -> Self {
        let name = format!("antiphon-{}", process::id());
        let mut jackd = Command::new("jackd");
        jackd.args([
            "-R", "-P", "70", "-n", &name, "-d", "dummy", "-C", "2", "-P", "2", "-r", "48000", "-p", PERIOD,
        ]);
        jackd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let served = Served(jackd.spawn().expect("jackd starts"));
        let jack = Self { name, ports: Vec::new(), ears: [None, None], _served: served };
        until("the JACK server answers", TOGETHER_LIMIT, || !jack.listed().is_empty());
        jack
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The names of all ports.
    fn listed(&self) -> Vec<String> {
        let output = self.command("jack_lsp").output().expect("jack_lsp runs");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// The left output of the client that this peer is.
    fn port_of(&mut self, friend: &mut Friend) -> String {
        if let Some((_, port)) = self.ports.iter().find(|(id, _)| *id == friend.id) {
            return port.clone();
        }
        let before = self.listed();
        play_through(friend, OUTPUT.0, OUTPUT.1);
        let is_new = |port: &String| !before.contains(port) && port.contains("out");
        until("the peer is in JACK's graph", TOGETHER_LIMIT, || self.listed().iter().any(is_new));
        let port = self.listed().into_iter().find(is_new).expect("seen a moment ago");
        self.ports.push((friend.id.clone(), port.clone()));
        port
    }
}

impl SoundServer for Jack {
    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("JACK_DEFAULT_SERVER", self.name.clone()),
            ("JACK_NO_AUDIO_RESERVATION", "1".into()),
            ("JACK_NO_START_SERVER", "1".into()),
        ]
    }

    fn plug_in(&mut self, friend: &mut Friend, ear: Ear) {
        let port = Some(self.port_of(friend));
        match ear {
            Ear::Left => self.ears[0] = port,
            Ear::Right => self.ears[1] = port,
            Ear::Both => self.ears = [port.clone(), port],
        }
    }

    fn record(&self, seconds: u64, file: &Path) -> [Vec<f32>; 2] {
        let mut recorder = self.command("jack_rec");
        recorder.arg("-f").arg(file).args(["-d", &seconds.to_string(), "-b", "32"]);
        recorder.args(self.ears.iter().flatten()).stdout(Stdio::null());
        let ended = recorder.status().expect("jack_rec runs");
        assert!(ended.success(), "jack_rec: {ended}");
        let mut reader = hound::WavReader::open(file).expect("a recording");
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate), (2, 48_000));
        let samples: Vec<f32> = match spec.sample_format {
            hound::SampleFormat::Float => reader.samples().map_while(Result::ok).collect(),
            hound::SampleFormat::Int => {
                let scale = 1.0 / (1_i64 << (spec.bits_per_sample - 1)) as f32;
                reader.samples::<i32>().map_while(Result::ok).map(|sample| sample as f32 * scale).collect()
            }
        };
        [0, 1].map(|channel| antiphon_testkit::sound::channel(&samples, 2, channel))
    }
}
