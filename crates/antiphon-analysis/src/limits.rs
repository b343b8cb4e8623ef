//! Every bound of the handshake, each with its reason.

/// Slowest recording: its band must hold the chirps, and a headset's microphone gives 16 kHz.
pub const RATE_MIN: u32 = 16_000;
/// Fastest recording that sound cards make.
pub const RATE_MAX: u32 = 192_000;
/// Longest recording: a train lasts 4 s, and somebody has to press two buttons.
pub const RECORDING_SECONDS_MAX: f64 = 60.0;

/// A chirp this many times above the noise floor is timed, 23 dB: a direct way 13 dB weaker than the loudest then
/// stands clear of the noise too. Taking a reflection for it would be an error of milliseconds.
pub const HEARD_OVER_FLOOR: f32 = 15.0;
/// From here on a whole train is told from noise by its rhythm, but its times would be rough.
pub const GUESSED_OVER_FLOOR: f32 = 4.0;
/// What one voice and its echoes leave in the filter of the other, as a share of its own peak, with a margin: 0.05
/// without echoes.
pub const LEAK_SHARE: f32 = 0.25;
/// For so long after a chirp, beyond its own length, its echoes leak like that.
pub const LEAK_RINGS_SECONDS: f64 = 0.04;
/// Chirps of one voice are never closer than this; what is, is an echo.
pub const ECHO_SECONDS: f64 = 0.25;
/// Loud moments per voice that are looked at: the rounds, and a dozen coughs.
pub const MOMENTS_MAX: usize = 16;
/// How far a chirp may be off the rhythm of its train: a recorder that is 500 ppm off, and a little more.
pub const RHYTHM_SECONDS: f64 = 0.003;
/// A second train at least this loud, compared with the first, leaves open which one is meant.
pub const RIVAL_SHARE: f32 = 0.5;
/// Rounds that must be heard; one may drown in a cough.
pub const ROUNDS_MIN: usize = 2;

/// The direct way may come this long before the loudest reflection: a detour of 7 m.
pub const DIRECT_BEFORE_SECONDS: f64 = 0.02;
/// The direct way has at least this share of the loudest: 16 dB less, behind a screen, and still well above what
/// the filter rings, 0.01.
pub const DIRECT_SHARE: f32 = 0.15;
/// The same for a clipped chirp, whose harmonics ring louder.
pub const DIRECT_SHARE_OF_CLIPPED: f32 = 0.25;
/// A chirp with more of its samples at full deflection is clipped. Of any sine it is six parts in a hundred.
pub const CLIPPED_SHARE: f32 = 0.2;
/// The pattern of ways by which rounds are aligned begins so long before its loudest one.
pub const PATTERN_BEFORE_SECONDS: f64 = 0.005;
/// And ends so long after it: early reflections, which are strong and sharp.
pub const PATTERN_AFTER_SECONDS: f64 = 0.01;
/// The mean of the rounds stands out of its noise when it is this many times the floor: seven of its deviations.
pub const DIRECT_OVER_FLOOR: f32 = 3.3;
/// A chirp with more than this at full deflection has lost its shape. Up to there it is a square wave of the same
/// pitch at every moment, and timed as well.
pub const CLIPPED_SHARE_MAX: f32 = 0.9;

/// The rounds of one measurement agree better than this unless somebody moves, or noise hides which way is direct.
pub const SPREAD_NS_MAX: i64 = 200_000;
/// No output is later than this; what seems so is a mistake.
pub const LATER_NS_MAX: i64 = 500_000_000;
/// Devices that hear one another's chirps are in one room, or in one hall.
pub const DISTANCE_METRES_MAX: f64 = 60.0;
/// Sound in air of 20 °C, in metres a second.
pub const SOUND_METRES_PER_SECOND: f64 = 343.0;
