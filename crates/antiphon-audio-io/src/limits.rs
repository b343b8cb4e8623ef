//! Every bound of the output edge, each with its reason.

/// Slowest card that is opened: a Bluetooth headset in its telephone profile.
pub const CARD_RATE_MIN: u32 = 8_000;
/// Fastest card that is opened.
pub const CARD_RATE_MAX: u32 = 192_000;
/// Channels of a card that is opened. Sound goes to the first two, the others stay silent.
pub const CARD_CHANNELS_MAX: u16 = 8;

/// Buffers that are asked for, in this order, where the card's range allows. Never the card's own default:
/// it can be seconds long. Twice 512 frames are 21 ms, which a loaded desktop still serves in time.
pub const BUFFER_FRAMES_WANTED: [u32; 4] = [512, 1024, 2048, 4096];
/// The same through PulseAudio's protocol, where the number is the whole way to the card and not one period of
/// it: with 512 frames a server without real-time priority runs dry several times a second.
pub const BUFFER_FRAMES_WANTED_OF_A_SERVER: [u32; 4] = [2048, 4096, 1024, 512];

/// Output frames steered as one: short against the slew's time constant, long against its overhead.
pub const STEER_FRAMES_MAX: usize = 256;

/// Steady error up to which the cursor slews instead of jumping. Beyond, 1000 ppm would take over 30 s.
pub const JUMP_NS: i64 = 30_000_000;
/// The same after the card's own timeline broke (an xrun, a new route): the ear has heard a gap already.
pub const JUMP_AFTER_RESYNC_NS: i64 = 5_000_000;
/// The same after somebody asked for a step: another timebase, another trim.
pub const JUMP_AFTER_REQUEST_NS: i64 = 1_000_000;
/// Fastest slew. 1000 ppm are 1.7 cents, below what is heard.
pub const SLEW_PPM_MAX: i128 = 1_000;
/// Time constant of the slew: long against the filter's noise, short against the drift of a crystal.
pub const SLEW_SETTLES_NS: i64 = 1_000_000_000;
/// Crossfade over a jump: too short to be heard as two streams, too long to click.
pub const CROSSFADE_MS: u32 = 5;

/// How far back the callback filter looks: its rate is then good to a fraction of a ppm, and a crystal's
/// wander (0.01 ppm/√s) is still small.
pub const FILTER_WINDOW_SECONDS: f64 = 20.0;
/// Span of callbacks of which the filter keeps only the earliest.
pub const FILTER_GROUP_SECONDS: f64 = 0.05;
/// Groups held; the window's worth.
pub const FILTER_GROUPS_MAX: usize = 400;
/// Before this much has been seen the rate is the nominal one: less would learn the noise.
pub const FILTER_LEARNS_AFTER_SECONDS: f64 = 2.0;
/// Where the earliest timestamps spread by more than this, the rate is learnt from a longer window in proportion.
pub const FILTER_SPREAD_LEARNT_FROM_NS: f64 = 100_000.0;
/// How far back the filter looks before it has learnt the rate: at 100 ppm the line lags by 50 µs at most.
pub const FILTER_START_SECONDS: f64 = 0.5;
/// A chord shorter than this is too short to read a rate from.
pub const FILTER_CHORD_SECONDS_MIN: f64 = 0.4;
/// A timestamp this much later than the line is an outlier, or a break when others agree with it.
pub const FILTER_LATE_NS: f64 = 1_000_000.0;
/// The same for early ones. Lateness is ordinary, earliness is not, and it would pull the envelope for 20 s.
pub const FILTER_EARLY_NS: f64 = 250_000.0;
/// Outliers that agree to within this are a new timeline.
pub const FILTER_AGREE_NS: f64 = 500_000.0;
/// So many of them in a row: a stale timestamp can hold for a few callbacks of a small buffer.
pub const FILTER_AGREEING: u32 = 6;
/// After this long without agreement the filter takes what there is, or a card with wild timestamps would stay
/// silent, or out of phase: as much as a crowd is looked for in.
pub const FILTER_GIVES_UP_SECONDS: f64 = 1.0;
/// The gate opens to this many times its usual width at most: 16 ms late, the worst seen of a sound server.
pub const FILTER_GATE_MAX: f64 = 16.0;
/// How much of the extra width stays after each timestamp that half the width would have let through: half of it
/// is gone after 350.
pub const FILTER_GATE_CLOSES: f64 = 0.998;
/// Cards farther from their nominal rate are broken; sound servers' null sinks reach 1200 ppm.
pub const FILTER_RATE_PPM_MAX: f64 = 5_000.0;

/// Timestamps that must agree on where the card is are those of this long: enough to find a rate by, at 23
/// callbacks a second.
pub const AGREEMENT_SECONDS: f64 = 2.0;
/// The same once none of the newest believes in the line: the card's timeline may have broken meanwhile.
pub const AGREEMENT_AFTER_BREAK_SECONDS: f64 = 1.0;
/// A shift by more than this is no lateness: few wake-ups are so late, let alone all of them. A small crowd off the line
/// by more is another timeline.
pub const AGREEMENT_BREAK_NS: f64 = 5_000_000.0;
/// So many make that small crowd, and a quarter of those since the line was confirmed last.
pub const AGREEMENT_BREAK_CROWD: usize = 4;
/// With less than this nothing is agreed on, and a line that a timestamp confirmed within it is not left for a
/// later one.
pub const AGREEMENT_NEWEST_SECONDS: f64 = 0.5;
/// Span of callbacks of which only the earliest is asked.
pub const AGREEMENT_GROUP_SECONDS: f64 = 0.02;
/// Groups held; the two seconds' worth.
pub const AGREEMENT_GROUPS_MAX: usize = 102;
/// Timestamps this close lie on one line.
pub const AGREEMENT_WIDTH_NS: f64 = 500_000.0;
/// So many make a crowd, and a quarter of all: of 46 that come up to 10 ms late, twelve would have to fall into
/// the same half millisecond by chance.
pub const AGREEMENT_CROWD_MIN: usize = 5;
/// Rates that are tried before the rate is learnt: in steps that blur two seconds by the width at most.
pub const AGREEMENT_RATE_PPM_STEP: f64 = 250.0;
/// So many steps both ways, to 3000 ppm: sound servers' null sinks reach 2000 in their first seconds.
pub const AGREEMENT_RATE_STEPS: i32 = 12;

/// Half the resampler's taps at rates from 48 kHz up: flat to 18 kHz at 44.1 kHz with 90 dB of stop band.
pub const HALF_TAPS: usize = 32;
/// Sub-frame phases of the resampler's table; between them it interpolates, at -110 dB.
pub const PHASES_LOG2: u32 = 9;

/// Reads of the two clocks per bridge; the narrowest pair counts.
pub const BRIDGE_READS: usize = 16;
/// How often a stream that plays is looked after, its bridge measured: clocks that drift apart by 100 ppm are then
/// 5 µs off.
pub const KEEP_EVERY_MS: u64 = 50;
/// The same while none plays, and the source is pulled in silence: finer than a meter or a playhead is drawn.
pub const KEEP_SILENT_EVERY_MS: u64 = 10;

/// A trim beyond this is a mistake: a second is more than any wireless speaker takes.
pub const TRIM_NS_MAX: i64 = 1_000_000_000;
/// Orders that wait for the keeper; a face that gives more than this in 50 ms is told so.
pub const ORDERS_MAX: usize = 64;

/// How long a sound server may take to answer before its stream counts as refused.
pub const OPEN_PATIENCE_MS: u64 = 3_000;
/// How long opening an output may take in all. Then its thread is left to itself: it hangs in a driver.
pub const HANDS_PATIENCE_NS: i64 = 10_000_000_000;
/// Threads that may hang so at once. With more, nothing is opened any more until one comes back.
pub const HANDS_HANGING_MAX: usize = 4;
/// A stream that plays calls at least this often, or else silence takes over: 0.3 s, more than a busy machine is
/// late by, and four of its blocks.
pub const QUIET_NS: i64 = 300_000_000;
/// The same in blocks.
pub const QUIET_BLOCKS: i64 = 4;
/// A stream that does not play after this long is closed, and opened again.
pub const COMING_NS_MAX: i64 = 3_000_000_000;
/// A stream that has not faded out after this long is closed all the same.
pub const ENDING_NS_MAX: i64 = 500_000_000;
/// First pause before an output that failed is tried again; it doubles with each failure.
pub const RETRY_NS_MIN: i64 = 250_000_000;
/// The longest of these pauses: how long sound may be missing after a device has returned.
pub const RETRY_NS_MAX: i64 = 2_000_000_000;
/// How often the system's outputs are looked at while one plays: another default, or the chosen one again.
pub const LOOK_EVERY_NS: i64 = 2_000_000_000;
/// Cards whose rate is remembered.
pub const RATES_MAX: usize = 16;

/// Stream frames that a stream hands over ahead of, beside a block of it: 10 ms for the keeper to render what lies
/// between.
pub const HANDOVER_FRAMES: i64 = 480;
/// A turn that begins or ends farther away than this is that of another place: 2 s.
pub const TURN_NEAR_FRAMES: i64 = 96_000;

/// A callback this much later than its queue lasted, with a timestamp off the line, means that the card stood still.
pub const GAP_NS: i64 = 50_000_000;
/// A machine that slept for this long has other clocks than before.
pub const SLEPT_NS: i64 = 100_000_000;
/// After a sleep there is silence until the session clock has found its place again, for at most this long: who is
/// alone has nobody to find it with.
pub const HOLD_NS_MAX: i64 = 1_500_000_000;
/// A silent output farther behind than this (a suspended machine) jumps instead of rendering the past.
/// It covers the latency of a wireless speaker too: a new card takes over where silence has pulled to.
pub const SILENT_CATCH_UP_NS: i64 = 1_000_000_000;
/// Frames a silent output renders at once.
pub const SILENT_BLOCK_FRAMES: usize = 480;
