//! Does a step's condition hold?
//!
//! A pure function of the plan and the place: what `Pre` and `Nei` refer to is looked up and judged anew, never
//! remembered, so it is the same for whoever came in the middle.

use antiphon_model::{Condition, Test};
use antiphon_timeline::Ticks;

use crate::{
    plan::PlanPattern,
    score::Score,
    spans::{Span, Spans},
};

/// Does the condition of step `k` hold, whose nominal tick is `nominal`?
pub(crate) fn holds(
    score: Score<'_>,
    track: usize,
    span: Span<'_>,
    pattern: &PlanPattern,
    k: i64,
    nominal: Ticks,
) -> bool {
    let Some(step) = pattern.step(k.rem_euclid(pattern.length())) else { return false };
    let held = match step.condition.test {
        Test::Pre => {
            let back = i64::from(step.pre_back);
            let spans = score.spans(track);
            back > 0 && spans.is_some_and(|spans| counted(score, spans, span, pattern, k - back))
        }
        Test::Nei => above(score, track, nominal),
        _ => return alone(score, step.condition, pattern, k, nominal),
    };
    held != step.condition.negated
}

/// The last condition that counts on the track above.
fn above(score: Score<'_>, track: usize, nominal: Ticks) -> bool {
    let Some(spans) = track.checked_sub(1).and_then(|above| score.spans(above)) else { return false };
    let span = spans.at(nominal);
    let Some(pattern) = span.entry.map(|entry| &*entry.pattern) else { return false };
    // The last step at or before this tick.
    let k = pattern.speed.step_at_or_after(Ticks(nominal - span.origin) + 1) - 1;
    let back = pattern.counting_back.get(k.rem_euclid(pattern.length()) as usize);
    back.is_some_and(|back| counted(score, spans, span, pattern, k - i64::from(*back)))
}

/// The outcome of step `k`, where it lies in the same stretch of the track.
fn counted<'a>(score: Score<'a>, spans: Spans<'a>, span: Span<'a>, pattern: &PlanPattern, k: i64) -> bool {
    let nominal = span.origin + pattern.tick_of(k);
    let Some(step) = pattern.step(k.rem_euclid(pattern.length())).filter(|_| k >= 0) else { return false };
    spans.holds_since(span, nominal) && alone(score, step.condition, pattern, k, nominal)
}

/// The outcome of a condition that refers to no other.
fn alone(score: Score<'_>, condition: Condition, pattern: &PlanPattern, k: i64, nominal: Ticks) -> bool {
    let cycle = k.div_euclid(pattern.length());
    let held = match condition.test {
        Test::Always => true,
        Test::Fill => score.plan.fill.at(score.run.start(), nominal),
        Test::First => cycle == 0,
        Test::Ratio { hit, of } => cycle.rem_euclid(of.max(1).into()) + 1 == hit.into(),
        Test::Pre | Test::Nei => false,
    };
    held != condition.negated
}
