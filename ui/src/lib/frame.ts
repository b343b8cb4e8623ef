// One animation frame loop for everything that is drawn past the reactive stores.
// It runs only while something listens.

type Draw = (nowMs: number) => void;

const listeners = new Set<Draw>();
let running = false;

function frame(nowMs: number): void {
  for (const draw of listeners) draw(nowMs);
  running = listeners.size > 0;
  if (running) requestAnimationFrame(frame);
}

/** Calls `draw` before every repaint until the returned function is called. */
export function onFrame(draw: Draw): () => void {
  listeners.add(draw);
  if (!running) {
    running = true;
    requestAnimationFrame(frame);
  }
  return () => listeners.delete(draw);
}
