//! Somebody between two clock threads, who may hold datagrams back, repeat them and keep copies.

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use super::room::{Member, Streams, Wiring};

/// What is done to datagrams on their way.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Nothing gets through from the first member to the second; and the other way.
    pub(crate) closed: [AtomicBool; 2],
    /// Each datagram is delivered so many times more.
    pub(crate) repeats: AtomicU32,
    /// Copies of what went through to the second member.
    pub(crate) copies: Mutex<Vec<Vec<u8>>>,
    ended: AtomicBool,
}

/// Two ports: each member takes one of them for the other member.
pub(crate) struct Crossing {
    pub(crate) rules: Arc<Rules>,
    threads: Vec<JoinHandle<()>>,
    /// The socket from which the second member hears.
    towards_second: UdpSocket,
    second: SocketAddr,
}

impl Crossing {
    /// Links two members with somebody in between.
    pub(crate) fn link(streams: &Streams, first: &Member, second: &Member) -> Self {
        let open = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket on loopback");
        let (as_first, as_second) = (open(), open());
        let port = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
        let at = |member: &Member| SocketAddr::from((Ipv4Addr::LOCALHOST, member.port.expect("a socket")));
        let rules = Arc::new(Rules::default());
        let copy = |socket: &UdpSocket| socket.try_clone().expect("a second handle");
        let threads = vec![
            // The first sends to where it believes the second to be; the second hears it from the other port.
            forward(0, copy(&as_second), copy(&as_first), at(second), &rules),
            forward(1, copy(&as_first), copy(&as_second), at(first), &rules),
        ];
        let wiring = Wiring { ports: Some((port(&as_first), port(&as_second))) };
        streams.link(first, second, wiring);
        Self { rules, threads, towards_second: as_first, second: at(second) }
    }

    pub(crate) fn close(&self, directions: [bool; 2]) {
        for (closed, value) in self.rules.closed.iter().zip(directions) {
            closed.store(value, Ordering::Relaxed);
        }
    }

    pub(crate) fn copies(&self) -> Vec<Vec<u8>> {
        self.rules.copies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends bytes to the second member from the first one's known address.
    pub(crate) fn inject(&self, bytes: &[u8]) {
        let _ = self.towards_second.send_to(bytes, self.second);
    }
}

impl Drop for Crossing {
    fn drop(&mut self) {
        self.rules.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn forward(
    direction: usize,
    hears: UdpSocket,
    speaks: UdpSocket,
    to: SocketAddr,
    rules: &Arc<Rules>,
) -> JoinHandle<()> {
    let rules = Arc::clone(rules);
    hears.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        while !rules.ended.load(Ordering::Relaxed) {
            let Ok((len, _)) = hears.recv_from(&mut buffer) else { continue };
            if rules.closed[direction].load(Ordering::Relaxed) {
                continue;
            }
            if direction == 0 {
                rules.copies.lock().unwrap_or_else(PoisonError::into_inner).push(buffer[..len].to_vec());
            }
            for _ in 0..=rules.repeats.load(Ordering::Relaxed) {
                let _ = speaks.send_to(&buffer[..len], to);
            }
        }
    })
}
