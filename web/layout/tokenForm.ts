/** Asked for where the page is open to everyone and what it shows is not. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Scene } from '../scene.ts';

export function tokenForm({ words, act, passing }: Scene): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    const token = new FormData(event.target as HTMLFormElement).get('token');
    if (typeof token === 'string' && token.trim() !== '') act.unlock(token.trim());
  };
  return html`<main id="panels" class="locked" tabindex="-1">
    <form @submit=${submit}>
      <h2>${words.token.title}</h2>
      <p>${words.token.text}</p>
      ${passing.isTokenRefused ? html`<p class="refused" role="alert">${words.token.refused}</p>` : nothing}
      <label>${words.token.label} <input type="password" name="token" autocomplete="off" required autofocus /></label>
      <button type="submit" class="button main">${words.token.submit}</button>
    </form>
  </main>`;
}
