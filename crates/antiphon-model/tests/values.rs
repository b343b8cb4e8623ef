//! Values hold their range, names what can be seen, ids and sounds their text form.

use antiphon_model::{
    Colour, Drum, Gain, Name, NameError, Note, NoteLength, Pan, PatternId, PatternLength, Pitch, Preset,
    SampleId, SessionId, Sound, Swing, TrackId, Velocity, limits::NAME_CHARS_MAX,
};
use proptest::prelude::*;

macro_rules! holds_its_range {
    ($($name:ident: $value:ty, $min:expr, $max:expr;)*) => {$(
        proptest! {
            #[test]
            fn $name(number in prop_oneof![any::<i64>(), -7_000i64..7_000]) {
                let inside = ($min..=$max).contains(&number);
                match <$value>::new(number) {
                    Ok(value) => prop_assert!(inside && i64::from(value.get()) == number),
                    Err(error) => prop_assert!(!inside && error.value == number),
                }
                prop_assert_eq!(i64::from(<$value>::clamped(number).get()), number.clamp($min, $max));
                prop_assert!(<$value>::MIN <= <$value>::default() && <$value>::default() <= <$value>::MAX);
            }
        }
    )*};
}

holds_its_range! {
    a_velocity_is_1_to_127: Velocity, 1, 127;
    a_pitch_is_three_octaves_either_way: Pitch, -36, 36;
    a_note_is_a_midi_number: Note, 0, 127;
    a_note_lasts_at_most_256_steps: NoteLength, 1, 4_096;
    a_pattern_has_1_to_256_steps: PatternLength, 1, 256;
    a_swing_is_a_percentage: Swing, 0, 100;
    a_gain_is_silence_to_six_decibels: Gain, -6_000, 600;
    a_pan_is_a_percentage_either_way: Pan, -100, 100;
    a_colour_is_one_of_twelve: Colour, 0, 11;
}

#[test]
fn the_lowest_gain_is_silence() {
    assert!(Gain::MIN.is_silent() && !Gain::clamped(-5_999).is_silent());
}

#[test]
fn a_name_is_trimmed_and_keeps_its_inside() {
    assert_eq!(Name::new("  Two  words\t").unwrap().as_str(), "Two  words");
}

#[test]
fn characters_that_reorder_break_or_hide_text_are_dropped() {
    let hidden = "K\u{202e}i\u{2066}c\u{200b}k\u{0}\u{7}\u{1b}\u{2028}\u{feff}\u{ad}\u{61c}\n";
    assert_eq!(Name::new(hidden).unwrap().as_str(), "Kick");
}

#[test]
fn a_name_that_cannot_be_seen_is_empty() {
    for nothing in
        ["", "   ", "\n\t", "\u{200b}\u{2060}", "\u{200d}", "\u{fe0f} \u{200c}", "\u{202e}", "\u{a0}\u{3000}"]
    {
        assert_eq!(Name::new(nothing), Err(NameError::Empty), "{nothing:?}");
        assert_eq!(Name::repaired(nothing, "Track").as_str(), "Track");
    }
}

#[test]
fn names_of_all_scripts_stay_as_they_are() {
    for text in ["Čižek", "キック", "مرحبا", "👩‍🚀 pad", "नमस्ते", "می‌خواهم", "☀️"]
    {
        assert_eq!(Name::new(text).unwrap().as_str(), text);
    }
}

#[test]
fn the_length_of_a_name_is_counted_in_characters() {
    let fits = "é".repeat(NAME_CHARS_MAX);
    assert_eq!(Name::new(&fits).unwrap().as_str(), fits);
    let error = Name::new(&format!("{fits}é")).unwrap_err();
    assert_eq!(error, NameError::TooLong { chars: NAME_CHARS_MAX + 1 });
}

proptest! {
    #[test]
    fn a_repaired_name_is_a_name(text in prop_oneof![any::<String>(), "[a \u{200d}\u{202e}]{0,90}"]) {
        let repaired = Name::repaired(&text, "Track");
        prop_assert_eq!(Name::new(repaired.as_str()), Ok(repaired.clone()));
        prop_assert_eq!(Name::repaired(repaired.as_str(), "Other"), repaired);
    }

    #[test]
    fn an_id_leads_back_through_its_text(bytes in any::<[u8; 16]>(), sample in any::<[u8; 32]>()) {
        prop_assert_eq!(TrackId(bytes).to_string().parse(), Ok(TrackId(bytes)));
        prop_assert_eq!(PatternId(bytes).to_string().parse(), Ok(PatternId(bytes)));
        prop_assert_eq!(SessionId(bytes).to_string().parse(), Ok(SessionId(bytes)));
        prop_assert_eq!(SampleId(sample).to_string().parse(), Ok(SampleId(sample)));
    }

    #[test]
    fn no_text_makes_an_id_or_a_sound_panic(text in any::<String>()) {
        let _ = text.parse::<TrackId>();
        let _ = text.parse::<SampleId>();
        let sound = Sound::read(&text);
        prop_assert_eq!(Sound::read(&sound.to_string()), sound);
    }

    #[test]
    fn a_sound_of_a_newer_version_keeps_its_text(kind in "[a-z]{1,20}", key in "[a-z0-9-]{0,60}") {
        prop_assume!(!["drum", "synth", "sample"].contains(&kind.as_str()));
        let text = format!("{kind}:{key}");
        prop_assert_eq!(Sound::read(&text), Sound::Unknown(text.clone()));
        prop_assert_eq!(Sound::read(&text).to_string(), text);
    }
}

#[test]
fn an_id_is_exactly_its_digits() {
    let id = TrackId([0xab; 16]).to_string();
    for wrong in [&id[1..], &format!("{id}0"), &format!("+{}", &id[1..]), &id.replace('a', "g"), "é"] {
        let error = wrong.parse::<TrackId>().unwrap_err();
        assert_eq!(error.digits, 32);
    }
}

#[test]
fn every_sound_leads_back_through_its_text() {
    let drums = Drum::ALL.map(Sound::Drum).into_iter();
    let synths = Preset::ALL.map(Sound::Synth).into_iter();
    for sound in drums.chain(synths).chain([Sound::Sample(SampleId([3; 32]))]) {
        assert_eq!(sound.to_string().parse(), Ok(sound.clone()));
        assert_eq!(sound.is_melodic(), matches!(sound, Sound::Synth(_)));
    }
}

#[test]
fn a_sound_that_is_misspelt_is_an_error_that_says_what_there_is() {
    for wrong in ["kick", "drum:", "drum:Kick", "synth:kick", "sample:12", ""] {
        let error = wrong.parse::<Sound>().unwrap_err();
        assert!(error.to_string().contains("drum:kick"), "{error}");
    }
    let long = "x".repeat(500).parse::<Sound>().unwrap_err();
    assert_eq!(long.text.len(), 96);
}
