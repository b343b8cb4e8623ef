use super::*;

#[test]
fn stereo_goes_to_the_first_two_channels_and_is_mixed_down_for_one() {
    let stereo = [0.5, -0.25, 1.0, 0.0];
    let mut mono = [0.0_f32; 2];
    spread(&stereo, 1, &mut mono);
    assert_eq!(mono, [0.125, 0.5]);
    let mut quad = [9_i16; 8];
    spread(&stereo, 4, &mut quad);
    assert_eq!(quad, [16_384, -8_192, 0, 0, 32_767, 0, 0, 0]);
    let mut unsigned = [0_u16; 4];
    spread(&stereo, 2, &mut unsigned);
    assert_eq!(unsigned, [49_152, 24_576, 65_535, 32_768]);
}

#[test]
fn a_card_never_gets_a_nan_or_more_than_full_scale() {
    let mut out = [0.0_f32; 4];
    spread(&[f32::NAN, f32::INFINITY, 7.0, -7.0], 2, &mut out);
    assert_eq!(out, [0.0, 0.0, 1.0, -1.0]);
}
