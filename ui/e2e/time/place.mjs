// Where the music is, as a page shows it. These run in the page, so that nothing lies between a look and what follows it.

/** Every place that is shown, in order, until the music has come to a bar: `−2`, `−1`, `1:1:1`, ... */
export async function placesUntil(lastBar) {
  const places = [];
  for (;;) {
    const place = document.querySelector('.position').textContent.replace(/\s/g, '');
    if (place !== places.at(-1)) places.push(place);
    if (/^\d/.test(place) && Number(place.split(':')[0]) >= lastBar) return places;
    await new Promise(requestAnimationFrame);
  }
}

/** Where a chip says that it plays from now on. */
export const placeOfSwitch = (button) =>
  new Promise((switched) => {
    const plays = () => /, plays/.test(button.getAttribute('aria-label'));
    if (plays()) return switched('it plays already');
    const observer = new MutationObserver(() => {
      if (!plays()) return;
      observer.disconnect();
      // The position is drawn with the next frame.
      requestAnimationFrame(() => requestAnimationFrame(() => switched(document.querySelector('.position').textContent.replace(/\s/g, ''))));
    });
    observer.observe(button, { attributeFilter: ['aria-label'] });
  });

/** Presses with Shift at the moment at which a bar begins of which `first` is true, and answers that bar. */
export const pressAtBar = async (button, { every, first }) => {
  const shown = () => document.querySelector('.position').textContent.replace(/\s/g, '').split(':').map(Number);
  const isIt = ([bar, beat]) => beat === 1 && (bar - 1) % every === first;
  while (isIt(shown())) await new Promise(requestAnimationFrame);
  while (!isIt(shown())) await new Promise(requestAnimationFrame);
  button.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: true }));
  return shown()[0];
};

/** When the meter in that fader moves: the bar that is shown then. */
export const barOfSound = async (name) => {
  for (;;) {
    const fader = [...document.querySelectorAll('[role="slider"]')].find((one) => one.getAttribute('aria-label') === name);
    const loud = [...(fader?.querySelectorAll('.level') ?? [])].some((level) => new DOMMatrix(getComputedStyle(level).transform).a > 0.2);
    if (loud) return Number(document.querySelector('.position').textContent.split(':')[0]);
    await new Promise(requestAnimationFrame);
  }
};

/** Waits until another bar than the one that is shown begins, and answers it. */
export async function nextBar() {
  const bar = () => document.querySelector('.position').textContent.split(':')[0];
  const first = bar();
  while (bar() === first) await new Promise(requestAnimationFrame);
  return Number(bar());
}
