//! What passes by sixty times a second: where the sound is, and how loud.

use antiphon_timeline::{Bar, HostTime, Run, SessionTime, TICKS_PER_STEP, Ticks, Transport};

use crate::{
    event::{NodeEvent, Telemetry},
    node::Node,
};

impl Node {
    pub(crate) fn tell_telemetry(&mut self) {
        let now = self.clock.moment().host;
        let (rest, bar_at_rest) = self.resting(now);
        let playhead = self.sound.playhead(now, rest);
        let bar = match self.sound.playing_run().filter(|_| playhead.playing) {
            Some(run) => run.bar_at(playhead.tick),
            None => bar_at_rest,
        };
        let status = self.sound.status();
        let telemetry = Telemetry {
            playing: playhead.playing,
            position_steps: steps(playhead.tick),
            steps_per_second: playhead.steps_per_second,
            bar: bar.number,
            bar_start_steps: steps(bar.start),
            meter: bar.meter,
            count_in: playhead.count_in,
            meters: self.sound.meters(now),
            xruns: status.xruns,
            load: status.load,
        };
        self.tell(NodeEvent::Telemetry(telemetry));
    }

    /// Where the transport rests, and the bar that is.
    fn resting(&self, now: HostTime) -> (Ticks, Bar) {
        let (position, tempo, meter) = match self.peer.transport(now) {
            Some((Transport::Stopped { position, tempo, meter }, _)) => (position, tempo, meter),
            _ => (Ticks::ZERO, Default::default(), Default::default()),
        };
        let run = Run::new(SessionTime::ZERO, Ticks::ZERO, tempo).with_meter(Ticks::ZERO, meter);
        (position, run.bar_at(position))
    }
}

fn steps(tick: Ticks) -> f64 {
    tick.0 as f64 / TICKS_PER_STEP as f64
}
