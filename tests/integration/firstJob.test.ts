/**
 * `docs/first-job.md`, done as it stands: its changes are made and its commands are run in a copy of the project, and they print
 * what the page shows. A line `…` stands for any lines.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyProject } from '../support/projectCopy.ts';
import { textOf } from '../tidy/repository.ts';

const PAGE = 'docs/first-job.md';
const copy = mkdtempSync(join(tmpdir(), 'tidemark-first-job-'));
/** Without the AWS variables of the shell that runs the tests, so that nothing is reached by accident. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  VITEST: undefined,
  // The copy's own, so that no stack of another test is found, nor this one by it.
  TIDEMARK_STACKS: undefined,
};
/** `npm start`, until the page is done. */
let started: ChildProcess | undefined;

beforeAll(() => copyProject(copy), 60_000);
afterAll(async () => {
  const ended = started && new Promise((resolve) => started?.once('close', resolve));
  started?.kill('SIGINT');
  await ended;
  rmSync(copy, { recursive: true });
});

interface Step {
  readonly line: number;
  /** A change of files, or a command. */
  readonly kind: 'diff' | 'command';
  readonly text: string;
  /** What the command prints. */
  readonly shown: string;
}

function stepsOf(page: string): Step[] {
  return [...page.matchAll(/^```(diff|console)\n([\s\S]*?)^```/gm)].flatMap(
    ({ 1: kind, 2: code = '', index }): Step[] => {
      const line = page.slice(0, index).split('\n').length;
      if (kind === 'diff') return [{ line, kind, text: code, shown: '' }];
      return code
        .split(/^\$ /m)
        .slice(1)
        .map((each) => {
          const [text = '', ...shown] = each.split('\n');
          return { line, kind: 'command', text, shown: shown.join('\n').trimEnd() };
        });
    },
  );
}

const STEPS = stepsOf(textOf(PAGE));

/** Both outputs, as a reader's terminal shows them together. Rejects where the command fails. */
const printedBy = (command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const both = `exec 2>&1; ${command}`;
    execFile('sh', ['-c', both], { cwd: copy, env: environment }, (error, out) => {
      const printed = out.trimEnd();
      if (error) reject(new Error(`${command} failed: ${printed}`));
      else resolve(printed);
    });
  });

/** What `npm start` has printed when all that is shown is there. */
function printedByStart(command: string, shown: string): Promise<string> {
  const [, options = ''] = /^npm start -- (.*)$/.exec(command) ?? [];
  const args = ['infra/local/start.ts', '--port', '0', ...options.split(' ')];
  const child = spawn(process.execPath, args, { cwd: copy, env: environment });
  started = child;
  let printed = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
      if (patternOf(shown).test(printed)) resolve(printed);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
    child.once('close', () => reject(new Error(`it ended: ${printed}`)));
  });
}

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

/** Of a whole output; what a tool pads at the end of a line does not count. */
function patternOf(shown: string): RegExp {
  const lines = shown
    .split('\n')
    .map((line) => (line === '…' ? '[\\s\\S]*?' : `${escaped(line)} *`));
  return new RegExp(`^\\n*${lines.join('\\n*')}\\n*$`);
}

it.each(STEPS)('line $line: $text', { timeout: 120_000 }, async ({ kind, text, shown }) => {
  if (kind === 'diff') {
    execFileSync('git', ['apply', '-'], { cwd: copy, input: text });
  } else if (text.startsWith('npm start')) {
    expect(await printedByStart(text, shown)).toMatch(patternOf(shown));
  } else if (text.includes(' results ')) {
    // Rows come when the functions have run.
    await expect.poll(() => printedBy(text), { timeout: 90_000, interval: 500 }).toBe(shown);
  } else {
    expect(await printedBy(text)).toMatch(patternOf(shown));
  }
});

it('leaves nothing out: there are changes, and commands', () => {
  expect(STEPS.filter(({ kind }) => kind === 'diff').length).toBeGreaterThan(3);
  expect(STEPS.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(8);
});
