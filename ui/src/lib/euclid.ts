// Hits spread as evenly as they go, by Bjorklund's way as the model does it: begin with a group for each hit and the
// rests over; append what is over to the groups, one each; groups that got none are what is over next.

function rhythm(length: number, hits: number): boolean[] {
  const count = Math.min(length, hits);
  if (count <= 0) return Array.from({ length }, () => false);
  let groups = Array.from({ length: count }, () => [true]);
  let over = Array.from({ length: length - count }, () => [false]);
  while (over.length > 1) {
    const pairs = Math.min(groups.length, over.length);
    const [lone, rests] = [groups.slice(pairs), over.slice(pairs)];
    groups = groups.slice(0, pairs).map((group, i) => [...group, ...(over[i] ?? [])]);
    over = lone.length === 0 ? rests : lone;
  }
  return [...groups, ...over].flat();
}

/** `length` steps with `hits` of them on, turned `rotation` steps to the right. */
export function euclid(length: number, hits: number, rotation: number): boolean[] {
  const straight = rhythm(length, hits);
  return straight.map((_, step) => straight[(((step - rotation) % length) + length) % length] ?? false);
}
