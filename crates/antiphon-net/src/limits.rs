//! Every bound of this crate, with its reason.

use std::time::Duration;

/// Longest frame on a channel. A change is at most 64 KiB; blobs travel in pieces no longer than this.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// Longest packet on the clock's stream; the format needs about a hundred bytes.
pub(crate) const CLOCK_PACKET_BYTES_MAX: usize = 512;

/// Connections in all: a jam is a room, not a crowd.
pub(crate) const CONNECTIONS_MAX: u32 = 32;
/// Connections with one peer: the one in use, and one made while both dialled or while the old one is dying.
pub(crate) const CONNECTIONS_PER_PEER_MAX: u32 = 2;
/// Outgoing connections that have not finished their handshake.
pub(crate) const DIALS_PENDING_MAX: u32 = 8;
/// Incoming connections from one host that have not finished their handshake.
pub(crate) const HANDSHAKES_PER_HOST_MAX: usize = 8;
/// Incoming connections from all hosts that have not finished their handshake.
pub(crate) const HANDSHAKES_MAX: usize = 64;
/// Streams on one connection: four of a link, identify, and room for a link that replaces another.
pub(crate) const STREAMS_PER_CONNECTION_MAX: usize = 32;
/// Streams that were opened by a peer and have not yet said which link they belong to.
pub(crate) const STREAMS_UNNAMED_MAX: usize = 64;

/// Peers remembered from discovery; a flood of announcements cannot grow the list.
pub(crate) const DISCOVERED_PEERS_MAX: usize = 256;
/// Addresses remembered for one peer (a laptop has a handful of interfaces, times two transports).
pub(crate) const ADDRESSES_PER_PEER_MAX: usize = 8;
/// Manual dials under way at once.
pub(crate) const MANUAL_DIALS_MAX: usize = 8;
/// Length of an address that a person may type.
pub(crate) const ADDRESS_TEXT_MAX: usize = 256;

/// Events waiting for the node. When it is full, reading from peers pauses: at worst this many frames are held.
pub(crate) const EVENTS_WAITING_MAX: usize = 64;
/// Commands waiting for the swarm.
pub(crate) const COMMANDS_WAITING_MAX: usize = 256;
/// Frames waiting to be written to one channel of one peer.
pub(crate) const OUTBOX_FRAMES_MAX: usize = 2048;
/// Bytes waiting to be written to one channel of one peer; a peer that reads slower than this is dropped.
pub(crate) const OUTBOX_BYTES_MAX: usize = 16 << 20;
/// Clock packets waiting to be written to one peer. Few: a late packet is a worthless one, so the rest is dropped.
pub(crate) const CLOCK_OUTBOX_MAX: usize = 8;
/// Clock packets waiting for the clock thread; more are dropped, as a network would.
pub(crate) const CLOCK_INBOX_MAX: usize = 256;
/// Clock packets that one peer may send in a second (the busiest burst is 33 exchanges a second).
pub(crate) const CLOCK_PACKETS_PER_SECOND_MAX: u32 = 200;
/// Clock events kept while the node is not taking any; the oldest go first.
pub(crate) const CLOCK_EVENTS_MAX: usize = 64;

/// A side that has said nothing on a link for so long says that it lives. TCP itself never notices a cut cable.
/// A little longer than members of a session are ever silent, who compare what they have.
pub(crate) const HEARTBEAT_AFTER: Duration = Duration::from_millis(1_750);
/// Silence on a link is counted in steps of this length: what came last is known to half a second.
pub(crate) const SILENCE_STEP: Duration = Duration::from_millis(500);
/// A link is lost after this many steps in a row without a byte: a heartbeat is late by more than a second.
pub(crate) const SILENT_STEPS_MAX: u32 = 6;
/// From a connection to a link that works both ways, else the other side is no Antiphon.
pub(crate) const SETUP_DEADLINE: Duration = Duration::from_secs(5);
/// How long a farewell may take before the link is cut anyway.
pub(crate) const FAREWELL_DEADLINE: Duration = Duration::from_millis(300);
/// A connection without any stream of ours is closed after this.
pub(crate) const IDLE_CONNECTION: Duration = Duration::from_secs(5);
/// A handshake has this long. Short, so that redialling finds a link that came back between two tries.
pub(crate) const DIAL_DEADLINE: Duration = Duration::from_secs(3);
/// How long the first address of a manual dial has to itself: a first QUIC handshake may cost 400 ms, TCP 5 ms.
pub(crate) const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(300);
/// A peer that was closed for cause is not dialled again by itself before this.
pub(crate) const REST_AFTER_CLOSE: Duration = Duration::from_secs(30);

/// Silence after which QUIC gives a connection up, and how often it speaks to prevent that.
pub(crate) const QUIC_IDLE: Duration = Duration::from_secs(3);
pub(crate) const QUIC_KEEP_ALIVE: Duration = Duration::from_secs(1);
/// mDNS asks this often; its default backs off to minutes when it starts on a network without answers.
pub(crate) const MDNS_QUERY_EVERY: Duration = Duration::from_secs(5);
/// How long an announcement lives. Short: expiry is only a hint, and a moved peer must not be dialled for long.
pub(crate) const MDNS_TTL: Duration = Duration::from_secs(120);

/// Longest datagram on the clock's socket; header, packet and tag have 134 bytes.
pub(crate) const CLOCK_DATAGRAM_BYTES_MAX: usize = 256;
/// Room for datagrams that wait in the kernel: a burst of a hundred peers, and a flood while the socket rests.
pub(crate) const CLOCK_SOCKET_BUFFER_BYTES: usize = 1 << 20;
/// Datagrams taken in before the thread looks at its deadlines and messages again.
pub(crate) const CLOCK_DATAGRAMS_AT_ONCE_MAX: usize = 64;
/// Datagrams a second for one link from another address than the peer's own; a peer that moved needs one.
pub(crate) const CLOCK_STRANGE_PER_SECOND_MAX: u32 = 20;
/// Datagrams a second that may be looked at in vain, from all addresses together. Each costs about two
/// microseconds, so a flood costs a hundredth of a core before the socket rests.
pub(crate) const CLOCK_JUNK_PER_SECOND_MAX: u32 = 5_000;
/// How long the socket rests in a flood: with a batch each time, at most 13 000 datagrams a second are looked at.
pub(crate) const CLOCK_FLOOD_REST_NS: i64 = 5_000_000;
/// Errors of the socket in a row after which it is given up; each is one wake-up.
pub(crate) const CLOCK_SOCKET_FAILURES_MAX: u32 = 64;

/// The clock thread looks at least this often, so that it also notices a suspended machine.
pub(crate) const CLOCK_NAP_MAX: Duration = Duration::from_millis(500);
/// The least time between two looks that nothing caused: a thousand wake-ups a second at the very worst.
pub(crate) const CLOCK_REST_MIN_NS: i64 = 1_000_000;
/// How often quality and counters are copied for readers; maps, locks and paths are told at once. Reading the
/// quality of a hundred links costs as much as steering by them.
pub(crate) const CLOCK_READOUT_EVERY_NS: i64 = 500_000_000;
/// A sleep shorter than this is none: the reading of two clocks is never that far off.
pub(crate) const CLOCK_SLEEP_NS: i64 = 100_000_000;
/// A wake-up later than this means that the machine stood still: what the clock knew may no longer be true.
pub(crate) const CLOCK_LATE_NS: i64 = 2_000_000_000;
