// What the fake peer's meters show of its song.
import { linkAt, stepOfPattern, turnedAt } from '../../lib/arrangement';
import { stepsPerBar } from '../../lib/meter';
import type { SongView, Telemetry, TrackView } from '../generated/api';

function level(song: SongView, track: TrackView, position: number): number {
  if (track.mute) return 0;
  const chained = turnedAt(song.mode, position) === 'chain' ? linkAt(song.chain, position) : null;
  const scene = song.scenes.find((one) => one.id === song.chain[chained?.index ?? -1]?.scene);
  const slot = scene?.slots.find((one) => one.track === track.id)?.pattern;
  const live = track.pending && position < track.pending.atSteps ? track.pending.from : track.pattern;
  const pattern = track.patterns.find((one) => one.id === (slot ?? live));
  if (!pattern) return 0;
  const step = pattern.steps[stepOfPattern(position, slot ? (chained?.originSteps ?? 0) : 0, pattern, 0)];
  return step?.on ? (step.velocity / 127) * Math.exp(-3 * (position % 1)) * 10 ** (track.gainDb / 20) : 0;
}

export function telemetryAt(song: SongView, playing: boolean, position: number): Telemetry {
  const barSteps = stepsPerBar(song.meter);
  const tracks = song.tracks.map((track) => (playing ? level(song, track, position) : 0)).map((peak) => ({ peak, rms: peak * 0.6 }));
  const sum = Math.min(0.96, tracks.reduce((all, meter) => all + meter.peak * 0.45, 0));
  return {
    playing,
    positionSteps: position,
    stepsPerSecond: song.bpm / 15,
    bar: Math.floor(position / barSteps),
    barStartSteps: Math.floor(position / barSteps) * barSteps,
    meter: song.meter,
    countIn: 0,
    tracks,
    masterPeak: [sum, sum * 0.93],
    limiterDb: 0,
    xruns: 0,
    load: 0.08,
  };
}
