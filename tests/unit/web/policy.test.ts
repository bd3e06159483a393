/** What the policy of the page would refuse, and what would make a text of an event into markup. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseView } from '../../../web/state/view.ts';

const WEB = join(import.meta.dirname, '../../../web');
const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' });
const sources = files.filter((path) => path.endsWith('.ts'));
const holding = (pattern: RegExp) =>
  [...sources, 'index.html'].filter((path) => pattern.test(readFileSync(join(WEB, path), 'utf8')));

describe('the page', () => {
  it('has no script or style but the two files that it names', () => {
    const page = readFileSync(join(WEB, 'index.html'), 'utf8');
    expect([...page.matchAll(/<(script|style)\b[^>]*>/g)].map(([tag]) => tag)).toEqual([
      '<script type="module" src="main.js">',
    ]);
    expect([...page.matchAll(/(?:src|href)="(?!data:)([^"]*)"/g)].map(([, to]) => to)).toEqual([
      'style.css',
      'main.js',
    ]);
  });

  it('sets no style as an attribute, and takes no text for markup or code', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(holding(/\sstyle=/)).toEqual([]);
    expect(
      holding(/unsafe|innerHTML|insertAdjacent|document\.write|\beval\b|new Function/),
    ).toEqual([]);
    expect(holding(/\son[a-z]+="/)).toEqual([]);
  });

  it('makes no link of a text of an event', () => {
    expect(holding(/href=\$\{/)).toEqual([]);
  });

  it('takes a link that names markup for a text', () => {
    const view = parseView(`#user=${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
    expect(view.user).toBe('<img src=x onerror=alert(1)>');
  });
});
