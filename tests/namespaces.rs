//! A small network of its own: places (namespaces) on one switch, with cables that can be pulled.
//!
//! The switch is the kernel's, or the [`Bridge`] that has the delays and losses of a model.
//!
//! Nothing but 10.77.0.0/24 is reachable inside, so discovery's multicast stays there. Each network of each
//! test process has its own names; those of processes that were killed are cleared away by the next.

use std::{
    path::Path,
    process::{self, Command},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use crate::bridge::{Bridge, Crossing, mac};

static NETWORKS: AtomicU32 = AtomicU32::new(0);

/// A switch with places on it; taken down when dropped.
#[derive(Debug)]
pub struct Lan {
    prefix: String,
    number: u32,
    places: Vec<Place>,
    bridge: Option<Arc<Bridge>>,
}

/// One machine's worth of network.
#[derive(Debug)]
pub struct Place {
    namespace: String,
    address: String,
    cable: Cable,
}

/// How a place is plugged in.
#[derive(Debug)]
enum Cable {
    /// To a port of the kernel's switch.
    Kernel { switch: String, port: String },
    /// To a port of our bridge.
    Bridge { bridge: Arc<Bridge>, port: usize },
}

impl Lan {
    /// A network with this many places.
    #[track_caller]
    pub fn new(places: usize) -> Self {
        let mut lan = Self::empty();
        let switch = lan.switch();
        ip(&format!("netns add {switch}"));
        ip(&format!("-n {switch} link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0"));
        ip(&format!("-n {switch} link set br0 up"));
        (1..=places).for_each(|number| lan.plug_in(number));
        lan
    }

    /// A network with this many places whose frames cross like this.
    #[track_caller]
    pub fn bridged(places: usize, crossing: Crossing) -> Self {
        let mut lan = Self::empty();
        let ports = (1..=places).map(|number| lan.tap(number)).collect();
        let bridge = Arc::new(Bridge::start(ports, crossing).expect("a bridge starts"));
        for port in 0..places {
            let namespace = lan.namespace(port + 1);
            let cable = Cable::Bridge { bridge: Arc::clone(&bridge), port };
            lan.places.push(Place { namespace, address: address(port + 1), cable });
        }
        lan.bridge = Some(bridge);
        lan
    }

    // Made before anything exists, so that a failure on the way takes down what was made.
    fn empty() -> Self {
        clear_leftovers();
        let number = NETWORKS.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("antiphon-{}-{number}", process::id());
        Self { prefix, number, places: Vec::new(), bridge: None }
    }

    fn namespace(&self, number: usize) -> String {
        format!("{}-{number}", self.prefix)
    }

    fn switch(&self) -> String {
        format!("{}-switch", self.prefix)
    }

    fn plug_in(&mut self, number: usize) {
        let (namespace, switch, port) = (self.namespace(number), self.switch(), format!("p{number}"));
        ip(&format!("netns add {namespace}"));
        ip(&format!("link add e0 netns {namespace} type veth peer name {port} netns {switch}"));
        ip(&format!("-n {switch} link set {port} master br0 up"));
        let cable = Cable::Kernel { switch, port };
        self.places.push(Place { namespace: namespace.clone(), address: address(number), cable });
        bring_up(&namespace, number);
    }

    /// A namespace whose `e0` is a TAP device of ours.
    fn tap(&self, number: usize) -> SyncDevice {
        let (namespace, name) =
            (self.namespace(number), format!("a{}x{}t{number}", process::id(), self.number));
        let device = DeviceBuilder::new().name(&name).layer(Layer::L2).build_sync().expect("a TAP device");
        ip(&format!("netns add {namespace}"));
        ip(&format!("link set {name} netns {namespace}"));
        ip(&format!("-n {namespace} link set {name} down"));
        ip(&format!("-n {namespace} link set {name} name e0"));
        let mac = mac(number - 1).map(|byte| format!("{byte:02x}")).join(":");
        ip(&format!("-n {namespace} link set e0 address {mac}"));
        bring_up(&namespace, number);
        device
    }

    /// The places, the first with address 10.77.0.1.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The bridge in the middle, where there is one.
    pub fn bridge(&self) -> Option<&Bridge> {
        self.bridge.as_deref()
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        let places = self.places.iter().map(|place| place.namespace.clone());
        let switch = self.bridge.is_none().then(|| self.switch());
        places.chain(switch).for_each(|namespace| try_ip(&format!("netns del {namespace}")));
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
        match &self.cable {
            Cable::Kernel { switch, port } => ip(&format!("-n {switch} link set {port} down")),
            Cable::Bridge { bridge, port } => bridge.cut(*port),
        }
    }

    /// Plugs the cable in again.
    pub fn heal(&self) {
        match &self.cable {
            Cable::Kernel { switch, port } => ip(&format!("-n {switch} link set {port} up")),
            Cable::Bridge { bridge, port } => bridge.heal(*port),
        }
    }

    /// What a program prints that runs here.
    #[track_caller]
    pub(crate) fn output(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(Path::new(program)).args(arguments).output().expect("ip runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {complaint}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn address(number: usize) -> String {
    format!("10.77.0.{number}")
}

/// Gives `e0` of a namespace its address.
fn bring_up(namespace: &str, number: usize) {
    ip(&format!("-n {namespace} link set lo up"));
    ip(&format!("-n {namespace} addr add {}/24 brd + dev e0", address(number)));
    ip(&format!("-n {namespace} link set e0 up"));
    // There is no default route: multicast needs one of its own.
    ip(&format!("-n {namespace} route add 224.0.0.0/4 dev e0"));
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
