//! A network that delays, loses and repeats: a switch in user space between TAP devices in namespaces.
//!
//! The kernel's own impairments (`netem`) are not everywhere, and none of them has the simulator's models. So
//! each place's cable ends in this process, and a frame from one place to another takes as long as the same
//! [`Way`](antiphon_testkit::Way) of the simulator says, or is lost with it. What the simulator promises can so
//! be held against real processes.
//!
//! ```text
//! place 1 ── TAP ── reader ─ fate (delay, loss, copy) ─ courier ── TAP ── place 2
//! ```
//!
//! One reader a place and one courier for all run with real-time priority where that is allowed. The courier
//! measures how late it was itself with each frame ([`Lateness`]): a host that stood still must not be taken for
//! a network.

mod courier;
mod fate;
mod frame;
mod lateness;

use std::{
    fs, io,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
};

use tun_rs::{InterruptEvent, SyncDevice};

use courier::Courier;
use fate::Fates;
pub use fate::{Crossing, Mischief};
pub use frame::Udp;
pub(crate) use frame::mac;
pub use lateness::Lateness;

use crate::deadline::true_now_ns;

/// The largest Ethernet frame that our TAP devices pass.
const FRAME_BYTES_MAX: usize = 2_048;
/// Readers, and the courier one above: what is due goes before what comes.
const READER: &[&str] = &["-f", "-p", "70"];
const COURIER: &[&str] = &["-f", "-p", "71"];

/// The switch; its threads end when it is dropped.
pub struct Bridge {
    switch: Arc<Switch>,
    stop: Arc<InterruptEvent>,
    threads: Vec<JoinHandle<()>>,
}

struct Switch {
    ports: Vec<SyncDevice>,
    fates: Mutex<Fates>,
    courier: Courier,
    /// One bit a port whose cable is pulled.
    pulled: AtomicU32,
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bridge").field("ports", &self.switch.ports.len()).finish_non_exhaustive()
    }
}

impl Bridge {
    /// Carries frames between these devices from now on, each crossing as `crossing` has it.
    pub fn start(ports: Vec<SyncDevice>, crossing: Crossing) -> io::Result<Self> {
        let fates = Mutex::new(Fates::new(ports.len(), crossing));
        let switch =
            Arc::new(Switch { ports, fates, courier: Courier::default(), pulled: AtomicU32::new(0) });
        let stop = Arc::new(InterruptEvent::new()?);
        let mut threads = Vec::new();
        for port in 0..switch.ports.len() {
            let (switch, stop) = (Arc::clone(&switch), Arc::clone(&stop));
            threads.push(thread::spawn(move || switch.read(port, &stop)));
        }
        let courier = Arc::clone(&switch);
        threads.push(thread::spawn(move || courier.deliver()));
        Ok(Self { switch, stop, threads })
    }

    /// Pulls a place's cable; what is under way still arrives.
    pub fn cut(&self, port: usize) {
        self.switch.pulled.fetch_or(1 << port, Ordering::Relaxed);
    }

    /// Plugs it in again.
    pub fn heal(&self, port: usize) {
        self.switch.pulled.fetch_and(!(1 << port), Ordering::Relaxed);
    }

    /// Puts a frame on a place's cable that nobody sent.
    pub fn inject(&self, port: usize, frame: Vec<u8>) {
        self.switch.courier.take(true_now_ns(), port, frame);
    }

    /// From now on frames are copied and replayed like this.
    pub fn set_mischief(&self, mischief: Mischief) {
        self.switch.fates().set_mischief(mischief);
    }

    /// The last datagrams that crossed, newest last: for those who want to forge and replay.
    pub fn captured(&self) -> Vec<Udp> {
        self.switch.fates().captured()
    }

    /// How late the bridge was itself since the last question.
    pub fn lateness(&self) -> Lateness {
        self.switch.courier.lateness()
    }

    /// How many frames were lost, copied and replayed so far.
    pub fn counts(&self) -> fate::Counts {
        self.switch.fates().counts()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // Without it the threads would outlive the bridge; there is nothing else to do about a failure.
        let _ = self.stop.trigger();
        self.switch.courier.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Switch {
    fn fates(&self) -> std::sync::MutexGuard<'_, Fates> {
        self.fates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, port: usize, stop: &InterruptEvent) {
        prefer_this_thread("chrt", READER);
        let Some(device) = self.ports.get(port) else { return };
        let mut bytes = [0; FRAME_BYTES_MAX];
        // An error is the end: we were told to stop, or the device is gone.
        while let Ok(length) = device.recv_intr(&mut bytes, stop) {
            self.forward(port, bytes.get(..length).unwrap_or_default());
        }
    }

    fn forward(&self, from: usize, frame: &[u8]) {
        let now_ns = true_now_ns();
        let Some(target) = frame::target(frame) else { return };
        for to in (0..self.ports.len()).filter(|to| *to != from && target.includes(*to)) {
            if self.is_pulled(from) || self.is_pulled(to) {
                continue;
            }
            let due = self.fates().of(from, to, now_ns, frame);
            due.into_iter().for_each(|due_ns| self.courier.take(due_ns, to, frame.to_vec()));
        }
    }

    fn is_pulled(&self, port: usize) -> bool {
        self.pulled.load(Ordering::Relaxed) & (1 << port) != 0
    }

    fn deliver(&self) {
        prefer_this_thread("chrt", COURIER);
        self.courier.run(|port, frame| {
            if let Some(device) = self.ports.get(port) {
                // A full or absent device loses the frame, as a network does.
                let _ = device.send(frame);
            }
        });
    }
}

/// Lets this thread go before others. Without the right to it goes as all do, and its lateness tells.
pub(crate) fn prefer_this_thread(program: &str, arguments: &[&str]) {
    let thread = fs::read_link("/proc/thread-self").unwrap_or_default();
    let Some(thread) = thread.file_name().and_then(|name| name.to_str()) else { return };
    let mut prefer = Command::new(program);
    prefer.args(arguments).arg(thread).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = prefer.status();
}
