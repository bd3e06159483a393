/**
 * Elements that have changed their place glide to it: where they were is measured before a painting, where they are after
 * it, and the difference is animated away.
 */

const DURATION_MS = 260;
const EASING = 'cubic-bezier(.2, .7, .3, 1)';
const NAME = 'data-flip';

export function paintGliding(root: HTMLElement, paint: () => void): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    paint();
    return;
  }
  const before = placesIn(root);
  paint();
  for (const element of root.querySelectorAll<HTMLElement>(`[${NAME}]`)) glide(element, before);
}

/** Within what holds them, so that scrolling and a panel that moves as a whole are no movement. */
function placesIn(root: HTMLElement): Map<string, number> {
  return new Map(
    [...root.querySelectorAll<HTMLElement>(`[${NAME}]`)].map((each) => [
      each.getAttribute(NAME) ?? '',
      each.offsetTop,
    ]),
  );
}

function glide(element: HTMLElement, before: ReadonlyMap<string, number>): void {
  const name = element.getAttribute(NAME) ?? '';
  const [list] = name.split('\n');
  const from = before.get(name);
  const isListKnown = [...before.keys()].some((each) => each.startsWith(`${list}\n`));
  if (from === undefined) {
    if (isListKnown) element.animate([{ opacity: 0 }, { opacity: 1 }], DURATION_MS);
    return;
  }
  const distance = from - element.offsetTop;
  if (distance === 0) return;
  const frames = [{ transform: `translateY(${distance}px)` }, { transform: 'none' }];
  element.animate(frames, { duration: DURATION_MS, easing: EASING });
}
