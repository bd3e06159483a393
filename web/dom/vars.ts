/** Custom properties of an element, through the CSSOM: a style attribute would be refused by the page's policy. */
import { noChange } from 'lit-html';
import { Directive, directive, type ElementPart } from 'lit-html/directive.js';

type Properties = Readonly<Record<`--${string}`, string | number>>;

class Vars extends Directive {
  render(_properties: Properties) {
    return noChange;
  }

  override update({ element }: ElementPart, [properties]: [Properties]) {
    for (const [name, value] of Object.entries(properties)) {
      (element as HTMLElement).style.setProperty(name, String(value));
    }
    return noChange;
  }
}

export const vars = directive(Vars);
