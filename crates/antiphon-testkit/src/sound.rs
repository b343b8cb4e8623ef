//! Checks of rendered sound: where it starts, how loud it is, how far one signal lags another.
//!
//! Pure functions of one channel of samples; places are in frames, fractions included.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

/// Every `channels`-th sample, from `channel` on.
pub fn channel(interleaved: &[f32], channels: usize, channel: usize) -> Vec<f32> {
    interleaved.iter().skip(channel).step_by(channels.max(1)).copied().collect()
}

/// A click that is smooth enough to be placed between frames: 1 at its centre, a bell of about ten frames.
pub fn smooth_click(frames_from_centre: f64) -> f32 {
    (-(frames_from_centre / 3.0).powi(2)).exp() as f32
}

/// Where clicks are: each local peak of at least `threshold`, at most one per `apart` frames (the highest).
///
/// The place is the top of a parabola through the peak and its neighbours: good to a fiftieth of a frame for
/// a [`smooth_click`], to an eighth for a single sample.
pub fn clicks(samples: &[f32], threshold: f32, apart: usize) -> Vec<f64> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < samples.len() {
        if samples[at].abs() < threshold {
            at += 1;
            continue;
        }
        let end = (at + apart).min(samples.len());
        let peak = (at..end).max_by(|a, b| samples[*a].abs().total_cmp(&samples[*b].abs())).unwrap_or(at);
        found.push(peak as f64 + top_of_parabola(samples, peak));
        at = peak + apart.max(1);
    }
    found
}

fn top_of_parabola(samples: &[f32], peak: usize) -> f64 {
    let sign = f64::from(samples[peak].signum());
    let level = |at: Option<usize>| at.and_then(|at| samples.get(at)).map_or(0.0, |s| sign * f64::from(*s));
    parabola_top(level(peak.checked_sub(1)), level(Some(peak)), level(Some(peak + 1)))
}

/// Where a parabola through three values at -1, 0 and 1 is highest.
fn parabola_top(before: f64, here: f64, after: f64) -> f64 {
    let bend = before - 2.0 * here + after;
    if bend < 0.0 { ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
}

/// The highest level, in dB below full scale.
pub fn peak_db(samples: &[f32]) -> f64 {
    decibels(samples.iter().fold(0.0, |peak: f64, sample| peak.max(f64::from(sample.abs()))))
}

/// The mean level, in dB below full scale.
pub fn rms_db(samples: &[f32]) -> f64 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    decibels((power / samples.len().max(1) as f64).sqrt())
}

/// An amplitude in decibels.
pub fn decibels(amplitude: f64) -> f64 {
    20.0 * amplitude.max(1e-12).log10()
}

/// By how many frames `late` lags `early`, within ±`reach`, where their correlation is greatest; and that
/// correlation, 1 for equal shapes. Nothing when one of them is silent.
pub fn lag(early: &[f32], late: &[f32], reach: usize) -> Option<(f64, f64)> {
    let reach = reach as isize;
    let energy = |signal: &[f32]| signal.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let scale = (energy(early) * energy(late)).sqrt();
    if scale <= 0.0 {
        return None;
    }
    let at = |lag: isize| correlation(early, late, lag);
    let best = (-reach..=reach).max_by(|a, b| at(*a).total_cmp(&at(*b)))?;
    let here = at(best);
    let top = parabola_top(at(best - 1), here, at(best + 1));
    Some((best as f64 + top, here / scale))
}

fn correlation(early: &[f32], late: &[f32], lag: isize) -> f64 {
    let (early, late) = match usize::try_from(lag) {
        Ok(lag) => (early, late.get(lag..).unwrap_or_default()),
        Err(_) => (early.get(lag.unsigned_abs()..).unwrap_or_default(), late),
    };
    early.iter().zip(late).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// A sine of `frequency` in `samples`, which are `rate` a second: its amplitude, and the level of all that
/// is left when it is taken out (harmonics, images and noise), in dB below it.
pub fn sine_and_rest(samples: &[f32], frequency: f64, rate: f64) -> (f64, f64) {
    // Least squares for sine, cosine and a constant would couple over a fraction of a period; over many
    // periods the coupling is below what is measured once it is solved for, so we do solve.
    let step = std::f64::consts::TAU * frequency / rate;
    let basis = |at: usize| [(step * at as f64).sin(), (step * at as f64).cos()];
    let (mut ss, mut sc, mut cc, mut xs, mut xc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (at, sample) in samples.iter().enumerate() {
        let ([s, c], x) = (basis(at), f64::from(*sample));
        (ss, sc, cc, xs, xc) = (ss + s * s, sc + s * c, cc + c * c, xs + x * s, xc + x * c);
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant);
    let rest = samples.iter().enumerate().map(|(at, sample)| {
        let [s, c] = basis(at);
        (f64::from(*sample) - a * s - b * c).powi(2)
    });
    let rest = (rest.sum::<f64>() / samples.len().max(1) as f64).sqrt();
    let amplitude = a.hypot(b);
    (amplitude, decibels(rest) - decibels(amplitude / std::f64::consts::SQRT_2))
}

/// The value below which `part` of the values lie; the values are sorted by it.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smooth_click_between_frames_is_found_to_a_fiftieth_of_a_frame() {
        for tenth in 0..10 {
            let place = 100.0 + f64::from(tenth) / 10.0;
            let samples: Vec<f32> = (0..300).map(|at| -0.9 * smooth_click(f64::from(at) - place)).collect();
            let found = clicks(&samples, 0.5, 50);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!((found[0] - place).abs() < 0.02, "{place}: {found:?}");
        }
    }

    #[test]
    fn two_clicks_are_two_and_silence_is_none() {
        let mut samples = vec![0.0; 1000];
        (samples[100], samples[500]) = (0.9, -0.8);
        assert_eq!(clicks(&samples, 0.5, 50), [100.0, 500.0]);
        assert_eq!(clicks(&samples[600..], 0.5, 50), [0.0; 0]);
    }

    #[test]
    fn a_shifted_signal_lags_by_its_shift() {
        let noise: Vec<f32> =
            (0_u32..2000).map(|n| (n.wrapping_mul(2_654_435_761) >> 16) as f32 / 32_768.0 - 1.0).collect();
        let (lagging, likeness) = lag(&noise[100..1100], &noise[93..1093], 20).unwrap_or_default();
        assert!((lagging - 7.0).abs() < 0.1 && likeness > 0.9, "{lagging} {likeness}");
        assert_eq!(lag(&noise, &[0.0; 2000], 20), None);
    }

    #[test]
    fn a_sine_is_separated_from_what_is_left() {
        let tone = |at: usize| (std::f64::consts::TAU * 997.0 / 48_000.0 * at as f64).sin();
        let samples: Vec<f32> =
            (0..48_000).map(|at| (0.5 * tone(at) + 0.0005 * tone(7 * at)) as f32).collect();
        let (amplitude, rest) = sine_and_rest(&samples, 997.0, 48_000.0);
        assert!((amplitude - 0.5).abs() < 1e-6 && (rest + 60.0).abs() < 0.1, "{amplitude} {rest}");
    }

    #[test]
    fn levels_are_in_decibels_of_full_scale() {
        assert!((peak_db(&[0.5, -1.0]) - 0.0).abs() < 1e-9);
        assert!((rms_db(&[0.5; 8]) + 6.02).abs() < 0.01);
    }
}
