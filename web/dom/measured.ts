/** The widths of what is drawn to fit: charts keep the size of their text, so they have to know how wide they are. */
import { noChange } from 'lit-html';
import { AsyncDirective, directive } from 'lit-html/async-directive.js';
import type { ElementPart } from 'lit-html/directive.js';

type Notice = (width: number) => void;

const notices = new WeakMap<Element, Notice>();
const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries)
    notices.get(target)?.(Math.round(contentRect.width));
});

class Measured extends AsyncDirective {
  #element: Element | undefined;

  render(_notice: Notice) {
    return noChange;
  }

  override update({ element }: ElementPart, [notice]: [Notice]) {
    notices.set(element, notice);
    if (this.#element === element) return noChange;
    this.#element = element;
    observer.observe(element);
    return noChange;
  }

  override disconnected() {
    if (this.#element) observer.unobserve(this.#element);
    this.#element = undefined;
  }
}

export const measured = directive(Measured);
