//! Everything that can be chosen, told once at the start, so that no interface keeps a list of its own.

use antiphon_model::{
    Bars, COLOUR_NAMES, ChokeGroup, Condition, Param, PatternLength, QuantiseGrid, RHYTHM_NAMES, Ratchet,
    TriggerMode,
};
use antiphon_timeline::{GrooveTemplate, Speed};

use crate::views::{Catalogue, Choice, ParamInfo};

/// The grids with their keys and names.
pub(crate) const QUANTISE_GRIDS: [(QuantiseGrid, &str, &str); 6] = [
    (QuantiseGrid::ThirtySecond, "1/32", "1/32"),
    (QuantiseGrid::Sixteenth, "1/16", "1/16"),
    (QuantiseGrid::SixteenthTriplet, "1/16t", "1/16 triplet"),
    (QuantiseGrid::Eighth, "1/8", "1/8"),
    (QuantiseGrid::EighthTriplet, "1/8t", "1/8 triplet"),
    (QuantiseGrid::Quarter, "1/4", "1/4"),
];

/// Everything that can be chosen in this version.
pub fn catalogue() -> Catalogue {
    let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Catalogue {
        params: Param::ALL.into_iter().map(param).collect(),
        conditions: Condition::all().map(|condition| condition.to_string()).collect(),
        speeds: words(&Speed::ALL.map(Speed::key)),
        grooves: GrooveTemplate::ALL.into_iter().map(|groove| spoken(groove.key())).collect(),
        quantise_grids: QUANTISE_GRIDS.into_iter().map(|(_, key, label)| choice(key, label)).collect(),
        colours: words(&COLOUR_NAMES),
        rhythms: words(&RHYTHM_NAMES),
        triggers: [TriggerMode::OneShot, TriggerMode::Gated]
            .into_iter()
            .map(|mode| spoken(mode.key()))
            .collect(),
        choke_groups: ChokeGroup::MAX.get(),
        pattern_length_max: PatternLength::MAX.get(),
        ratchet_max: Ratchet::MAX.get(),
        link_bars_max: Bars::MAX.get(),
    }
}

fn param(param: Param) -> ParamInfo {
    let (min, max) = param.range();
    let unit = match param {
        Param::Level => "dB/100",
        Param::Pan | Param::Resonance | Param::Decay | Param::Release | Param::Drive => "%",
        Param::Tune | Param::Cutoff => "cents",
        Param::Attack => "ms",
        Param::Start => "\u{2030}",
    };
    let Choice { key, label } = spoken(param.key());
    ParamInfo { param: key, label, unit: unit.into(), min, max, neutral: param.neutral() }
}

/// A key and the name that it makes: `laid-back` is `Laid back`.
fn spoken(key: &str) -> Choice {
    let mut label = key.replace('-', " ");
    label.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    choice(key, &label)
}

fn choice(key: &str, label: &str) -> Choice {
    Choice { key: key.to_owned(), label: label.to_owned() }
}
