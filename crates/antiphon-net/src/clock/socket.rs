//! The clock's own UDP socket: every datagram with the moment it came, as well as the system knows it.
//!
//! One socket hears IPv6 and IPv4 where the machine has both. It never waits; the thread does, see
//! [`super::waker`].

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
};

use antiphon_timeline::{HostClock, HostTime};
use socket2::{Domain, Protocol, Socket, Type};

use super::stamp::{CalendarTime, Look, StampBridge};
use crate::limits::{CLOCK_DATAGRAM_BYTES_MAX, CLOCK_SOCKET_BUFFER_BYTES};

/// A datagram that has come, still in the socket's own buffer.
pub(crate) struct Arrival<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) received: HostTime,
    pub(crate) bytes: &'a mut [u8],
}

pub(crate) struct ClockSocket {
    socket: UdpSocket,
    port: u16,
    is_ipv6: bool,
    bridge: StampBridge,
    buffer: [u8; CLOCK_DATAGRAM_BYTES_MAX + 1],
    ancillary: Vec<u8>,
}

impl ClockSocket {
    /// Opens a socket on the wanted port, or on any when that one is taken or 0.
    pub(crate) fn open(port: u16, loopback_only: bool) -> io::Result<Self> {
        let socket = match bind(port, loopback_only) {
            Err(error) if port != 0 => {
                tracing::warn!(port, %error, "the clock takes another port");
                bind(0, loopback_only)?
            }
            bound => bound?,
        };
        // A burst of hundred listeners fits; where the system grants less, the rest is lost as on any network.
        let _ = socket.set_recv_buffer_size(CLOCK_SOCKET_BUFFER_BYTES);
        let socket = UdpSocket::from(socket);
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        Ok(Self {
            port: local.port(),
            is_ipv6: local.is_ipv6(),
            ancillary: stamps::switch_on(&socket),
            socket,
            bridge: StampBridge::default(),
            buffer: [0; CLOCK_DATAGRAM_BYTES_MAX + 1],
        })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.socket)
    }

    /// The next datagram that waits, or `None`. One that is too long for us comes one byte longer than allowed.
    pub(crate) fn receive(&mut self, clock: &dyn HostClock) -> io::Result<Option<Arrival<'_>>> {
        let received = stamps::receive(&self.socket, &mut self.buffer, &mut self.ancillary);
        let look = Look::take(clock);
        let (len, from, stamp) = match received {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        let received = self.bridge.host_time(look, stamp);
        let bytes = self.buffer.get_mut(..len).unwrap_or_default();
        Ok(Some(Arrival { from: SocketAddr::new(from.ip().to_canonical(), from.port()), received, bytes }))
    }

    /// Sends, or says at once why not.
    pub(crate) fn send(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        let to = match to {
            SocketAddr::V4(v4) if self.is_ipv6 => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            other => other,
        };
        self.socket.send_to(datagram, to).map(drop)
    }
}

fn bind(port: u16, loopback_only: bool) -> io::Result<Socket> {
    if loopback_only {
        return bind_to(Ipv4Addr::LOCALHOST.into(), port);
    }
    bind_to(Ipv6Addr::UNSPECIFIED.into(), port).or_else(|_| bind_to(Ipv4Addr::UNSPECIFIED.into(), port))
}

fn bind_to(ip: IpAddr, port: u16) -> io::Result<Socket> {
    let address = SocketAddr::new(ip, port);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if ip.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Kernel stamps, where there are.
#[cfg(target_os = "linux")]
mod stamps {
    use std::{
        io::{self, IoSliceMut},
        net::{SocketAddr, UdpSocket},
        os::fd::AsRawFd,
    };

    use nix::sys::{
        socket::{
            ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
        },
        time::TimeSpec,
    };

    use super::CalendarTime;

    /// Asks for stamps, and makes the room in which they come.
    pub(super) fn switch_on(socket: &UdpSocket) -> Vec<u8> {
        if let Err(error) = setsockopt(socket, ReceiveTimestampns, &true) {
            tracing::info!(%error, "no kernel stamps; the clock uses its own");
        }
        nix::cmsg_space!(TimeSpec)
    }

    pub(super) fn receive(
        socket: &UdpSocket,
        buffer: &mut [u8],
        ancillary: &mut [u8],
    ) -> io::Result<(usize, SocketAddr, Option<CalendarTime>)> {
        let mut parts = [IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(ancillary), flags)?;
        let stamp = message.cmsgs().into_iter().flatten().find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(at) => {
                at.tv_sec().checked_mul(1_000_000_000)?.checked_add(at.tv_nsec()).map(CalendarTime)
            }
            _ => None,
        });
        let from = message.address.as_ref().and_then(socket_address);
        let from = from.ok_or_else(|| io::Error::other("a datagram without a sender"))?;
        Ok((message.bytes, from, stamp))
    }

    fn socket_address(storage: &SockaddrStorage) -> Option<SocketAddr> {
        let v4 = storage.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
        v4.or_else(|| storage.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into())))
    }
}

/// No stamps: the thread's own reading after its wake-up counts.
#[cfg(not(target_os = "linux"))]
mod stamps {
    use std::{
        io,
        net::{SocketAddr, UdpSocket},
    };

    use super::CalendarTime;

    pub(super) fn switch_on(_: &UdpSocket) -> Vec<u8> {
        Vec::new()
    }

    pub(super) fn receive(
        socket: &UdpSocket,
        buffer: &mut [u8],
        _: &mut [u8],
    ) -> io::Result<(usize, SocketAddr, Option<CalendarTime>)> {
        socket.recv_from(buffer).map(|(len, from)| (len, from, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::tests::room::{BentClock, SECOND, pause, wait_until};

    const BENT: BentClock = BentClock { offset_ns: -7_000 * SECOND, skew_ppb: 80_000 };

    fn received(socket: &mut ClockSocket) -> (usize, SocketAddr, HostTime) {
        let mut taken = None;
        wait_until("a datagram comes", || {
            taken = socket
                .receive(&BENT)
                .unwrap()
                .map(|arrival| (arrival.bytes.len(), arrival.from, arrival.received));
            taken.is_some()
        });
        taken.unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_datagram_that_waited_has_the_time_at_which_it_came() {
        let mut socket = ClockSocket::open(0, true).unwrap();
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, socket.port()));
        // The first has nothing to be checked against.
        socket.send(to, b"first").unwrap();
        received(&mut socket);
        let best_ns = (0..5).map(|_| {
            let before = BENT.now();
            socket.send(to, b"waits").unwrap();
            let after = BENT.now();
            pause(20_000_000);
            let (_, _, at) = received(&mut socket);
            assert!(at > before, "earlier than it was sent");
            at.saturating_since(after)
        });
        let best_ns = best_ns.min().unwrap();
        assert!(best_ns < 5_000_000, "{best_ns} ns after it came, and it waited for 20 ms");
    }

    #[test]
    fn one_socket_hears_both_families_where_the_machine_has_both() {
        let mut socket = ClockSocket::open(0, false).unwrap();
        let own: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let mut heard = Vec::new();
        for ip in own {
            let Ok(other) = UdpSocket::bind((ip, 0)) else {
                println!("this machine has no address {ip}");
                continue;
            };
            other.send_to(b"hello", (ip, socket.port())).unwrap();
            let (len, from, _) = received(&mut socket);
            assert_eq!((len, from), (5, other.local_addr().unwrap()), "a sender of IPv4 is not seen as IPv6");
            socket.send(from, b"back").unwrap();
            other.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
            assert_eq!(other.recv_from(&mut [0; 9]).unwrap().0, 4);
            heard.push(ip);
        }
        assert!(heard.contains(&own[0]));
    }

    #[test]
    fn a_datagram_that_is_too_long_shows_it() {
        let mut socket = ClockSocket::open(0, true).unwrap();
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, socket.port()));
        socket.send(to, &[0; 1_400]).unwrap();
        assert_eq!(received(&mut socket).0, CLOCK_DATAGRAM_BYTES_MAX + 1);
        assert!(socket.receive(&BENT).unwrap().is_none(), "the rest of it is gone");
    }

    #[test]
    fn a_port_that_is_taken_gives_way_to_another() {
        let first = ClockSocket::open(0, true).unwrap();
        let second = ClockSocket::open(first.port(), true).unwrap();
        assert_ne!(first.port(), second.port());
    }
}
