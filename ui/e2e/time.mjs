// Musical time, with two real peers and two browsers: what one counts, sets and launches, the other sees on the same beat.
import { duoStory } from './duo-story.mjs';
import { alone } from './time/alone.mjs';
import { clocks } from './time/clocks.mjs';
import { editsAtBar, launches, tempoAndMeter } from './time/together.mjs';

await duoStory('The time of two real peers', [clocks, alone, tempoAndMeter, launches, editsAtBar]);
