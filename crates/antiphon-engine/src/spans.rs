//! Which pattern a track plays at a tick, from when to when, and from where its steps count.

use antiphon_model::{PlayMode, TrackId};
use antiphon_timeline::{Run, Ticks};

use crate::plan::{Plan, PlanChain, PlanEntry, PlanTrack};

/// A stretch in which a track plays one pattern.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub entry: Option<&'a PlanEntry>,
    pub from: Ticks,
    pub to: Ticks,
    /// The tick of the pattern's step 0.
    pub origin: Ticks,
    /// The bar at which it lies.
    pub origin_bar: i64,
}

/// The patterns of one track over one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans<'a> {
    pub plan: &'a Plan,
    pub track: &'a PlanTrack,
    pub run: &'a Run,
}

impl<'a> Spans<'a> {
    /// The stretch around `tick`. It is cut at every border of the chain, also where the pattern goes on.
    pub(crate) fn at(self, tick: Ticks) -> Span<'a> {
        let Self { plan, track, run } = self;
        let mut span = Span {
            entry: None,
            from: Ticks(i64::MIN),
            to: Ticks(i64::MAX),
            origin: Ticks::ZERO,
            origin_bar: 0,
        };
        let start = run.start();
        span.cut(tick, plan.mode.change_in(start));
        if plan.mode.at(start, tick) == PlayMode::Chain
            && let Some(place) = plan.chain.place_at(run, tick)
        {
            span.cut(tick, Some(place.from));
            span.cut(tick, Some(place.to));
            let slot = place.scene.and_then(|scene| plan.chain.slot(scene, track.id));
            if let Some(entry) = slot.and_then(|pattern| track.part.exact_entry(pattern)) {
                return Span { entry: Some(entry), origin: place.from, origin_bar: place.bar, ..span };
            }
        }
        span.cut(tick, track.part.current.change_in(start));
        Span { entry: track.part.entry(track.part.current.at(start, tick)), ..span }
    }

    /// Has the pattern of `span` been playing since `tick`, without a break?
    pub(crate) fn holds_since(self, mut span: Span<'a>, tick: Ticks) -> bool {
        while tick < span.from {
            let before = self.at(span.from + -1);
            if !span.continues(&before) {
                return false;
            }
            span = before;
        }
        true
    }
}

impl Span<'_> {
    fn cut(&mut self, tick: Ticks, at: Option<Ticks>) {
        match at {
            Some(at) if tick < at => self.to = self.to.min(at),
            Some(at) => self.from = self.from.max(at),
            None => {}
        }
    }

    fn continues(&self, before: &Self) -> bool {
        let id = |span: &Self| span.entry.map(|entry| entry.id);
        id(self) == id(before) && self.origin == before.origin
    }
}

/// A link of the chain, this time round.
struct Place {
    bar: i64,
    from: Ticks,
    to: Ticks,
    scene: Option<u16>,
}

impl PlanChain {
    /// The link that plays at `tick`: the chain counts in bars of the run, however long each of them is.
    fn place_at(&self, run: &Run, tick: Ticks) -> Option<Place> {
        let bar = run.bar_at(tick).number;
        let position = bar.checked_rem_euclid(self.bars)?;
        let begin = bar.saturating_sub(position);
        let after = self.links.partition_point(|link| link.from <= position);
        let link = self.links.get(after.checked_sub(1)?)?;
        let to = self.links.get(after).map_or(self.bars, |next| next.from);
        let bar = begin.saturating_add(link.from);
        let (from, to) = (run.bar_start(bar), run.bar_start(begin.saturating_add(to)));
        Some(Place { bar, from, to, scene: link.scene })
    }

    fn slot(&self, scene: u16, track: TrackId) -> Option<antiphon_model::PatternId> {
        let slots = self.scenes.get(usize::from(scene))?;
        let at = slots.binary_search_by_key(&track, |slot| slot.0).ok()?;
        Some(slots.get(at)?.1)
    }
}
