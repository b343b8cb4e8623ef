//! Names for sessions that nobody named yet.

use crate::random;

const FIRST: [&str; 32] = [
    "Amber", "Blue", "Broken", "Copper", "Distant", "Early", "Electric", "Fading", "Golden", "Hidden", "Incredible",
    "Iron", "Late", "Liquid", "Lonely", "Lucky", "Midnight", "Narrow", "Northern", "Paper", "Quiet", "Rapid", "Red",
    "Secret", "Silver", "Slow", "Small", "Southern", "Velvet", "Violet", "Wandering", "Wild",
];
const SECOND: [&str; 32] = [
    "Arcade", "Avenue", "Bridges", "Cables", "Carousel", "Cellar", "Circuits", "Clouds", "Corners", "Dunes", "Echoes",
    "Elevator", "Engines", "Ferry", "Fields", "Garden", "Harbour", "Highway", "Islands", "Kitchen", "Lanterns", "Maps",
    "Mirrors", "Rivers", "Rooftops", "Satellites", "Shelves", "Signals", "Stations", "Tides", "Windows", "Workshop",
];

/// A made-up name, such as “Incredible Shelves”.
pub fn made_up_name() -> Result<String, crate::error::NodeError> {
    let [first, second] = random::bytes()?;
    Ok(format!("{} {}", FIRST[usize::from(first) % FIRST.len()], SECOND[usize::from(second) % SECOND.len()]))
}
