//! What the clock thread waits on: its socket, a wake-up from another thread, and the time.

use std::{
    io::{self, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

/// How long to rest when the system cannot wait.
const POLL_FAILURE_REST: Duration = Duration::from_millis(10);

/// Wakes the thread. Never waits; many wake-ups before the thread looks are one.
#[derive(Clone)]
pub(crate) struct Waker(Arc<Bell>);

struct Bell {
    rung: AtomicBool,
    stream: UnixStream,
}

/// The thread's end.
pub(crate) struct Waiter {
    bell: Arc<Bell>,
    heard: UnixStream,
}

/// A waker and its waiter.
pub(crate) fn waker() -> io::Result<(Waker, Waiter)> {
    let (stream, heard) = UnixStream::pair()?;
    stream.set_nonblocking(true)?;
    heard.set_nonblocking(true)?;
    let bell = Arc::new(Bell { rung: AtomicBool::new(false), stream });
    Ok((Waker(Arc::clone(&bell)), Waiter { bell, heard }))
}

impl Waker {
    pub(crate) fn wake(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel) {
            // A full pipe holds a wake-up already.
            let _ = (&self.0.stream).write(&[0]);
        }
    }
}

impl Waiter {
    /// Waits until a datagram, a wake-up, or `timeout_ns` has come. Says whether a datagram waits.
    pub(crate) fn wait(&self, socket: Option<BorrowedFd<'_>>, timeout_ns: i64) -> bool {
        let timeout_ns = timeout_ns.max(0);
        let timeout = Timespec { tv_sec: timeout_ns / 1_000_000_000, tv_nsec: timeout_ns % 1_000_000_000 };
        let mut sources = vec![PollFd::from_borrowed_fd(self.heard.as_fd(), PollFlags::IN)];
        sources.extend(socket.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        if let Err(error) = poll(&mut sources, Some(&timeout))
            && error != Errno::INTR
        {
            // Never in practice; whatever it is, it must not become a loop that never rests.
            tracing::warn!(%error, "waiting failed");
            std::thread::park_timeout(POLL_FAILURE_REST);
        }
        let mut ready = sources.iter().map(|source| !source.revents().is_empty());
        if ready.next().unwrap_or(false) {
            self.hush();
        }
        ready.next().unwrap_or(false)
    }

    /// Empties the pipe before the inbox is read, so that what is told later rings again.
    fn hush(&self) {
        let mut bytes = [0; 16];
        let _ = (&self.heard).read(&mut bytes);
        // A swap, not a store: it takes over what the ringer wrote before it found the bell rung already.
        self.bell.rung.swap(false, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_NS: i64 = 20_000_000_000;

    #[test]
    fn many_wake_ups_before_a_look_are_one_and_none_is_lost() {
        let (waker, waiter) = waker().unwrap();
        for round in 0..1_000 {
            waker.wake();
            waker.wake();
            assert!(!waiter.wait(None, LONG_NS), "round {round}");
        }
        assert!(!waiter.wait(None, 1_000_000), "and then there is nothing to wake for");
    }

    #[test]
    fn a_message_told_before_the_wake_up_is_there_after_the_wait() {
        let (waker, waiter) = waker().unwrap();
        let (sender, inbox) = std::sync::mpsc::channel();
        let teller = std::thread::spawn(move || {
            for n in 0..20_000 {
                sender.send(n).unwrap();
                waker.wake();
            }
        });
        let mut next = 0;
        while next < 20_000 {
            waiter.wait(None, LONG_NS);
            while let Ok(n) = inbox.try_recv() {
                assert_eq!(n, next);
                next += 1;
            }
        }
        teller.join().unwrap();
    }
}
