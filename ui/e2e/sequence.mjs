// The sequencer, with two real peers and two browsers: whatever one does, the other has, shows, and plays on the same bar.
import { duoStory } from './duo-story.mjs';
import { patterns } from './sequence/patterns.mjs';
import { scenes } from './sequence/scenes.mjs';
import { steps } from './sequence/steps.mjs';
import { text } from './sequence/text.mjs';
import { tools } from './sequence/tools.mjs';

await duoStory('The sequencer of two real peers', [tools, steps, patterns, scenes, text]);
