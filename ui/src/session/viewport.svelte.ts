// How much room there is. Below phone width the session is for listening; above it everything is there.
import { MediaQuery } from 'svelte/reactivity';

export const listener = new MediaQuery('max-width: 559px');
export const roomy = new MediaQuery('min-width: 1180px');
/** Beside a track's controls there is room for its patterns; where not, the dock has those of the selected one. */
export const roomForSlots = new MediaQuery('min-width: 900px');
/** Too low for the table of scenes and the grid at once. */
export const low = new MediaQuery('max-height: 599px');
