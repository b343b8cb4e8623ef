//! Discovery, a cut cable and the clocks on a network of its own: each peer is a process in a network namespace,
//! joined by a bridge, with multicast that leaves nowhere.
//!
//! Needs root and `ip`. Without them it says so and passes on a developer's machine; in CI it fails.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);

#[expect(clippy::disallowed_methods, reason = "measures how long peers take")]
fn now() -> Instant {
    Instant::now()
}

/// Namespaces on a bridge. Its name has the process id in it, so that tests do not meet.
struct Lab {
    prefix: String,
    peers: usize,
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(arguments).output().map_err(|error| format!("ip: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

impl Lab {
    /// `None` (with a notice) where namespaces cannot be made.
    fn new(name: &str, peers: usize) -> Option<Self> {
        let lab = Self { prefix: format!("an{}{name}", std::process::id()), peers };
        match lab.build() {
            Ok(()) => Some(lab),
            Err(error) if std::env::var_os("CI").is_some() => panic!("no network namespaces in CI: {error}"),
            Err(error) => {
                eprintln!("NOT RUN: network namespaces cannot be made ({error}); run as root");
                None
            }
        }
    }

    fn build(&self) -> Result<(), String> {
        let switch = self.switch();
        ip(&["netns", "add", &switch])?;
        ip(&[
            "-n",
            &switch,
            "link",
            "add",
            "br0",
            "type",
            "bridge",
            "stp_state",
            "0",
            "forward_delay",
            "0",
            "mcast_snooping",
            "0",
        ])?;
        ip(&["-n", &switch, "link", "set", "br0", "up"])?;
        for n in 1..=self.peers {
            let (peer, port) = (self.peer(n), format!("p{n}"));
            ip(&["netns", "add", &peer])?;
            ip(&[
                "link", "add", "e0", "netns", &peer, "type", "veth", "peer", "name", &port, "netns", &switch,
            ])?;
            ip(&["-n", &switch, "link", "set", &port, "master", "br0", "up"])?;
            ip(&["-n", &peer, "link", "set", "lo", "up"])?;
            ip(&["-n", &peer, "addr", "add", &format!("10.77.0.{n}/24"), "brd", "+", "dev", "e0"])?;
            ip(&["-n", &peer, "link", "set", "e0", "up"])?;
            // No default route: nothing but this network can be reached.
            ip(&["-n", &peer, "route", "add", "224.0.0.0/4", "dev", "e0"])?;
        }
        Ok(())
    }

    fn switch(&self) -> String {
        format!("{}sw", self.prefix)
    }

    fn peer(&self, n: usize) -> String {
        format!("{}p{n}", self.prefix)
    }

    fn cut(&self, n: usize) {
        ip(&["-n", &self.switch(), "link", "set", &format!("p{n}"), "down"]).unwrap();
    }

    fn mend(&self, n: usize) {
        ip(&["-n", &self.switch(), "link", "set", &format!("p{n}"), "up"]).unwrap();
    }

    fn probe(&self, n: usize, arguments: &[&str]) -> Probe {
        let mut child = Command::new("ip")
            .args(["netns", "exec", &self.peer(n)])
            .arg(netprobe())
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the probe starts");
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send((now(), line)).is_err() {
                    return;
                }
            }
        });
        Probe { child, lines, started: now(), clock: Vec::new(), seen: Vec::new() }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What was never made cannot be removed; nothing else can be done about an error here.
        let _ = ip(&["netns", "del", &self.switch()]);
        for n in 1..=self.peers {
            let _ = ip(&["netns", "del", &self.peer(n)]);
        }
    }
}

/// Cargo builds examples before it runs tests, beside the folder of the test binaries.
fn netprobe() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let built = test.ancestors().nth(2).expect("the test lies in deps").join("examples/netprobe");
    assert!(
        built.exists(),
        "{} is missing: build it with `cargo build -p antiphon-net --examples`",
        built.display()
    );
    built
}

struct Probe {
    child: Child,
    lines: Receiver<(Instant, String)>,
    started: Instant,
    /// `(timebase, unix - session, locked)` as told every 100 ms.
    clock: Vec<(Instant, u64, i128, bool)>,
    seen: Vec<String>,
}

impl Probe {
    /// What follows `start` in a line that may have been read already.
    fn find(&mut self, start: &str) -> String {
        let seen =
            self.seen.iter().find_map(|line| line.strip_prefix(start)).map(|rest| rest.trim().to_owned());
        seen.unwrap_or_else(|| self.wait(start).1)
    }

    /// Reads lines until one begins with `start`; when it came, and what follows the beginning.
    fn wait(&mut self, start: &str) -> (Instant, String) {
        let until = now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(now());
            let Ok((at, line)) = self.lines.recv_timeout(left) else {
                panic!("waited in vain for \"{start}\"; saw {:#?}", self.seen);
            };
            if let Some(rest) = line.strip_prefix("clock ") {
                self.note_clock(at, rest);
            } else {
                self.seen.push(line.clone());
            }
            if let Some(rest) = line.strip_prefix(start) {
                return (at, rest.trim().to_owned());
            }
        }
    }

    fn note_clock(&mut self, at: Instant, line: &str) {
        let mut words = line.split(' ');
        let timebase = words.next().unwrap().parse().unwrap();
        let session: i128 = words.next().unwrap().parse().unwrap();
        let locked = words.next() == Some("true");
        let unix: i128 = words.next().unwrap().parse().unwrap();
        self.clock.push((at, timebase, unix - session, locked));
    }

    /// Where this probe last put session time, if it is sure of it.
    fn last_clock(&mut self) -> Option<(u64, i128)> {
        self.wait("clock");
        self.clock.last().filter(|(.., locked)| *locked).map(|(_, timebase, offset, _)| (*timebase, *offset))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ms(duration: Duration) -> u128 {
    duration.as_millis()
}

#[test]
fn two_machines_find_each_other_link_and_agree_on_time() {
    let Some(lab) = Lab::new("d", 2) else { return };
    let mut first =
        lab.probe(1, &["1", "--offset-ns", "123456789012", "--skew-ppb", "60000", "--round-trips", "1000"]);
    first.wait("listening /ip4/10.77.0.1/tcp/");
    let mut second = lab.probe(2, &["2", "--skew-ppb", "-45000"]);
    let (found, _) = second.wait("discovered");
    let (linked, by) = second.wait("connected");
    let (linked_there, _) = first.wait("connected");
    let discovered_ms = ms(found - second.started);
    let linked_ms = ms(linked.max(linked_there) - second.started);
    println!("discovered {discovered_ms} ms and linked {linked_ms} ms after the second started, by {by}");
    assert!(discovered_ms <= 3_000 && linked_ms <= 3_000);

    let until = linked + PATIENCE;
    let agreed = loop {
        let (one, two) = (first.last_clock(), second.last_clock());
        if let (Some((base, one)), Some((other_base, two))) = (one, two)
            && base == other_base
            && (one - two).abs() < 1_000_000
        {
            break now();
        }
        assert!(now() < until, "no common time: {one:?} {two:?}");
    };
    println!("one session time {} ms after the link", ms(agreed - linked));
    println!("round trip {}", first.find("round trip"));
}

#[test]
fn a_cable_cut_under_tcp_is_noticed_and_healed() {
    cut_and_heal("t", "/ip4/10.77.0.1/tcp/4001");
}

#[test]
fn a_cable_cut_under_quic_is_noticed_and_healed() {
    cut_and_heal("q", "/ip4/10.77.0.1/udp/4001/quic-v1");
}

fn cut_and_heal(name: &str, address: &str) {
    let Some(lab) = Lab::new(name, 2) else { return };
    let mut first = lab.probe(1, &["1", "--no-discovery", "--port", "4001"]);
    first.wait("listening /ip4/10.77.0.1/udp/");
    let mut second = lab.probe(2, &["2", "--no-discovery", "--dial", address]);
    first.wait("connected");
    let (linked, by) = second.wait("connected");
    println!("linked by {address} {} ms after its process started", ms(linked - second.started));
    assert!(by.ends_with(address), "{by}");
    for away in [Duration::from_secs(4), Duration::from_millis(6_700)] {
        let cut = now();
        lab.cut(2);
        let (noticed, why) = first.wait("disconnected");
        let (noticed_there, _) = second.wait("disconnected");
        let (noticed, noticed_there) = (noticed - cut, noticed_there - cut);
        // Stay away for as long as was meant, however soon it was noticed.
        while now() < cut + away {
            let _ = second.lines.recv_timeout(Duration::from_millis(50));
        }
        let mended = now();
        lab.mend(2);
        let healed = first.wait("connected").0.max(second.wait("connected").0) - mended;
        println!(
            "{address}: cut noticed after {} and {} ms, healed after {} ms ({why})",
            ms(noticed),
            ms(noticed_there),
            ms(healed)
        );
        assert!(noticed.max(noticed_there) < Duration::from_millis(4_500));
        assert!(healed < Duration::from_millis(4_000));
    }
}

#[test]
fn a_host_that_opens_connections_and_says_nothing_keeps_no_friend_out() {
    let Some(lab) = Lab::new("s", 3) else { return };
    let mut net = lab.probe(1, &["1", "--no-discovery", "--port", "4001"]);
    net.wait("listening /ip4/10.77.0.1/udp/");
    let mut crowd = lab.probe(2, &["9", "--silent-sockets", "10.77.0.1:4001"]);
    crowd.wait("silent sockets");
    let mut friend = lab.probe(3, &["3", "--no-discovery", "--dial", "10.77.0.1:4001"]);
    let (at, _) = friend.wait("connected");
    println!("a friend got in after {} ms beside 200 silent sockets", ms(at - friend.started));
    assert!(at - friend.started < Duration::from_secs(3));
}
