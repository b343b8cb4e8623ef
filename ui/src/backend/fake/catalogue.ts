// What the fake peer's program offers: parameters, conditions, speeds, grooves, blocks.
import type { Catalogue } from '../generated/api';

const param = (key: string, label: string, unit: string, min: number, max: number, neutral = 0) => ({ param: key, label, unit, min, max, neutral });
const named = (key: string, label: string) => ({ key, label });
const ratios = [2, 3, 4, 5, 6, 7, 8].flatMap((of) => Array.from({ length: of }, (_, i) => `${i + 1}:${of}`));

export const CATALOGUE: Catalogue = {
  params: [
    param('level', 'Level', 'dB/100', -6000, 600),
    param('pan', 'Pan', '%', -100, 100),
    param('tune', 'Tune', 'cents', -2400, 2400),
    param('cutoff', 'Cutoff', 'cents', -9600, 4800),
    param('resonance', 'Resonance', '%', 0, 100),
    param('attack', 'Attack', 'ms', 0, 5000),
    param('decay', 'Decay', '%', 1, 400, 100),
    param('release', 'Release', '%', 1, 400, 100),
    param('drive', 'Drive', '%', 0, 100),
    param('start', 'Start', '‰', 0, 999),
  ],
  conditions: ['always', 'fill', 'pre', 'nei', '1st', ...ratios],
  speeds: ['1/8', '1/4', '1/2', '3/4', '1', '3/2', '2'],
  grooves: [
    named('straight', 'Straight'),
    named('shuffle', 'Shuffle'),
    named('laid-back', 'Laid back'),
    named('push', 'Push'),
    named('samba', 'Samba'),
    named('drunk', 'Drunk'),
    named('eighth-swing', 'Eighth swing'),
    named('accents', 'Accents'),
  ],
  quantiseGrids: [named('1/32', '1/32'), named('1/16', '1/16'), named('1/16t', '1/16 triplet'), named('1/8', '1/8'), named('1/8t', '1/8 triplet'), named('1/4', '1/4')],
  colours: ['Home', 'Shade', 'Open', 'Air', 'Hollow', 'Warm', 'Dusk', 'Glow', 'Lift', 'Fall', 'Sky', 'Bell'],
  rhythms: ['Pulse', 'Walk', 'Tresillo', 'Burst', 'Long', 'Answer', 'Skip', 'Gallop', 'Lean', 'Chatter', 'Off', 'Rain'],
  triggers: [named('one-shot', 'One-shot'), named('gated', 'Gated')],
  chokeGroups: 8,
  patternLengthMax: 256,
  ratchetMax: 8,
  linkBarsMax: 256,
};
