// Which lanes there are: those of every step, and one per parameter that the program knows.
import { isLock, type LaneSpec, lockLane, STEP_LANES, type StepField } from '../../lib/lane';
import type { Studio } from '../../session/studio.svelte';

export function lockLanes(studio: Studio): LaneSpec[] {
  return (studio.hello?.catalogue.params ?? []).map((param) => lockLane(param));
}

/** The lane that is shown; velocity where the program knows no such parameter. */
export function currentLane(studio: Studio): LaneSpec {
  const { lane } = studio.selection;
  if (!isLock(lane)) return STEP_LANES[lane as StepField];
  return lockLanes(studio).find((spec) => spec.name === lane) ?? STEP_LANES.velocity;
}
