/** Small controls that several panels have. */
import { html, type TemplateResult } from 'lit-html';

export interface Choice<T extends string> {
  readonly label: string;
  readonly options: readonly (readonly [T, string])[];
  readonly chosen: T;
  readonly choose: (value: T) => void;
}

/** One of a few, all of them visible. */
export function segmented<T extends string>(choice: Choice<T>): TemplateResult {
  return html`<div class="segmented" role="group" aria-label=${choice.label}>
    ${choice.options.map(
      ([value, text]) =>
        html`<button type="button" aria-pressed=${value === choice.chosen} @click=${() => choice.choose(value)}>${text}</button>`,
    )}
  </div>`;
}

/** One of many, or of a number that is not known. */
export function select<T extends string>(choice: Choice<T>): TemplateResult {
  return html`<select
    aria-label=${choice.label}
    @change=${(event: Event) => choice.choose((event.target as HTMLSelectElement).value as T)}
  >
    ${choice.options.map(
      ([value, text]) =>
        html`<option .value=${value} ?selected=${value === choice.chosen}>${text}</option>`,
    )}
  </select>`;
}
