//! A small network of its own: places (namespaces) on one switch, with cables that can be pulled.
//!
//! Nothing but 10.77.0.0/24 is reachable inside, so discovery's multicast stays there. Each network of each
//! test process has its own names; those of processes that were killed are cleared away by the next.

use std::{
    path::Path,
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

static NETWORKS: AtomicU32 = AtomicU32::new(0);

/// A switch with places on it; taken down when dropped.
#[derive(Debug)]
pub struct Lan {
    prefix: String,
    places: Vec<Place>,
}

/// One machine's worth of network.
#[derive(Debug)]
pub struct Place {
    namespace: String,
    switch: String,
    port: String,
    address: String,
}

impl Lan {
    /// A network with this many places.
    #[track_caller]
    pub fn new(places: usize) -> Self {
        clear_leftovers();
        let number = NETWORKS.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("antiphon-{}-{number}", process::id());
        // Built before anything exists, so that a failure on the way takes down what was made.
        let mut lan = Self { prefix, places: Vec::new() };
        let switch = lan.switch();
        ip(&format!("netns add {switch}"));
        ip(&format!("-n {switch} link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0"));
        ip(&format!("-n {switch} link set br0 up"));
        (1..=places).for_each(|number| lan.plug_in(number));
        lan
    }

    fn switch(&self) -> String {
        format!("{}-switch", self.prefix)
    }

    fn plug_in(&mut self, number: usize) {
        let (namespace, switch) = (format!("{}-{number}", self.prefix), self.switch());
        let (port, address) = (format!("p{number}"), format!("10.77.0.{number}"));
        ip(&format!("netns add {namespace}"));
        ip(&format!("link add e0 netns {namespace} type veth peer name {port} netns {switch}"));
        ip(&format!("-n {switch} link set {port} master br0 up"));
        ip(&format!("-n {namespace} link set lo up"));
        ip(&format!("-n {namespace} addr add {address}/24 brd + dev e0"));
        ip(&format!("-n {namespace} link set e0 up"));
        // There is no default route: multicast needs one of its own.
        ip(&format!("-n {namespace} route add 224.0.0.0/4 dev e0"));
        self.places.push(Place { namespace, switch, port, address });
    }

    /// The places, the first with address 10.77.0.1.
    pub fn places(&self) -> &[Place] {
        &self.places
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for namespace in self.places.iter().map(|place| place.namespace.clone()).chain([self.switch()]) {
            try_ip(&format!("netns del {namespace}"));
        }
    }
}

impl Place {
    /// A command that runs here.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        // `ip netns exec` becomes the program: its process id is the program's.
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command
    }

    /// Its address on the network.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Pulls the cable.
    pub fn cut(&self) {
        ip(&format!("-n {} link set {} down", self.switch, self.port));
    }

    /// Plugs the cable in again.
    pub fn heal(&self) {
        ip(&format!("-n {} link set {} up", self.switch, self.port));
    }
}

#[track_caller]
fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("ip runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {arguments}: {complaint}");
}

fn try_ip(arguments: &str) {
    // What is gone already needs no taking down.
    let _ = Command::new("ip").args(arguments.split(' ')).output();
}

/// Takes down networks of test processes that no longer run.
fn clear_leftovers() {
    let Ok(listed) = Command::new("ip").args(["netns", "list"]).output() else { return };
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let owner =
            name.strip_prefix("antiphon-").and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|owner| !Path::new(&format!("/proc/{owner}")).exists()) {
            try_ip(&format!("netns del {name}"));
        }
    }
}
