//! A PulseAudio server with a null sink: each peer has a mono sink that is one of its channels.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{Ear, Served, SoundServer, play_through};
use crate::{
    deadline::{let_pass, until},
    friend::{Friend, TOGETHER_LIMIT},
};

/// The names of the sinks that play into the left channel, the right one, and both.
const SINKS: [(&str, &str); 3] =
    [("antiphon-left", "front-left"), ("antiphon-right", "front-right"), ("antiphon-both", "")];

/// The server.
pub struct Pulse {
    folder: TempDir,
    _served: Served,
}

impl Pulse {
    #[track_caller]
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("antiphon-pulse-").expect("a temporary folder");
        let socket = folder.path().join("native");
        let listen = format!(
            "module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket={}",
            socket.display()
        );
        let mut server = Command::new("chrt");
        server.args([
            "-f",
            "60",
            "pulseaudio",
            "--realtime=no",
            "--high-priority=no",
            "-n",
            "--daemonize=no",
        ]);
        server.args(["--exit-idle-time=-1", "--use-pid-file=no", "-L", &listen]);
        // With the variable set it would take itself for a client, and end.
        server.env_remove("PULSE_SERVER").envs([("HOME", folder.path()), ("XDG_RUNTIME_DIR", folder.path())]);
        server.env("PULSE_RUNTIME_PATH", folder.path()).env("PULSE_STATE_PATH", folder.path());
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let served = Served(server.spawn().expect("pulseaudio starts"));
        let pulse = Self { folder, _served: served };
        until("PulseAudio answers", TOGETHER_LIMIT, || pulse.control(&["info"]));
        let null = "rate=48000 format=float32le channels=2 channel_map=front-left,front-right";
        let null: Vec<&str> =
            ["load-module", "module-null-sink", "sink_name=M"].into_iter().chain(null.split(' ')).collect();
        assert!(pulse.control(&null), "no null sink");
        SINKS.iter().for_each(|(name, place)| pulse.add_sink(name, place));
        pulse
    }

    fn add_sink(&self, name: &str, place: &str) {
        // What people call a sink is what a peer says that it plays through.
        let described = format!("sink_properties=device.description={name}");
        let name = format!("sink_name={name}");
        let mut module =
            vec!["load-module", "module-remap-sink", &name, &described, "master=M", "format=float32le"];
        let master = format!("master_channel_map={place}");
        if !place.is_empty() {
            module.extend(["channels=1", "channel_map=mono", &master, "remix=no"]);
        }
        assert!(self.control(&module), "no sink {name}");
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn control(&self, arguments: &[&str]) -> bool {
        self.client("pactl")
            .args(arguments)
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

impl SoundServer for Pulse {
    fn environment(&self) -> Vec<(&'static str, String)> {
        let folder = self.folder.path();
        vec![
            ("PULSE_SERVER", format!("unix:{}", folder.join("native").display())),
            ("XDG_RUNTIME_DIR", folder.display().to_string()),
        ]
    }

    fn plug_in(&mut self, friend: &mut Friend, ear: Ear) {
        let (sink, _) = SINKS[ear as usize];
        play_through(friend, &format!("pulseaudio:{sink}"), sink);
    }

    fn record(&self, seconds: u64, file: &Path) -> [Vec<f32>; 2] {
        // As preferred as the peers: a recorder that comes late loses sound.
        let mut recorder = self.client("nice");
        recorder.args([
            "-n",
            "-15",
            "parec",
            "-d",
            "M.monitor",
            "--raw",
            "--format=float32le",
            "--rate=48000",
            "--channels=2",
        ]);
        recorder.args(["--channel-map=front-left,front-right", "--latency-msec=200"]);
        recorder.stdout(File::create(file).expect("a temporary file"));
        let recorder = Served(recorder.spawn().expect("parec runs"));
        let_pass(Duration::from_secs(seconds));
        drop(recorder);
        let bytes = fs::read(file).expect("a recording");
        let samples: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        [0, 1].map(|channel| antiphon_testkit::sound::channel(&samples, 2, channel))
    }
}
