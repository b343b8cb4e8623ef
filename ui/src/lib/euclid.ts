// Hits spread as evenly as they go: the preview of the Euclid tool, by the same law as the model's.

/** `length` steps with `hits` of them on, turned `rotation` steps to the right. */
export function euclid(length: number, hits: number, rotation: number): boolean[] {
  return Array.from({ length }, (_, step) => {
    const at = (((step - rotation) % length) + length) % length;
    return (at * hits) % length < hits;
  });
}
