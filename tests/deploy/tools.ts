/**
 * What these tests need from Python: a virtual environment with the pinned server, linter and clients, made once in
 * .cache/ and again when the pins, or Python, change. Where the machine cannot have one, the tests are skipped. In CI,
 * where it can, an installation that fails is a failure: else a wrong pin would switch the tests off in silence.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type Ended, runCommand } from './commands.ts';

export type Tools =
  | {
      readonly python: string;
      readonly cfnLint: string;
      readonly aws: string;
      readonly schemathesis: string;
      readonly missing?: never;
    }
  | {
      readonly python?: never;
      readonly cfnLint?: never;
      readonly aws?: never;
      readonly schemathesis?: never;
      readonly missing: string;
    };

declare module 'vitest' {
  export interface ProvidedContext {
    readonly tools: Tools;
  }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));
/** The oldest that ministack and cfn-lint both run on. */
const PYTHON_MINOR_MIN = 10;
const INSTALL_MS_MAX = 300_000;

/** Called by vitest before all tests. */
export default async function setup(project: TestProject): Promise<void> {
  const tools = await prepareTools();
  if (tools.missing) console.error(`test:deploy is skipped: ${tools.missing}`);
  project.provide('tools', tools);
}

/** Makes the environment where it is not there yet. */
export async function prepareTools(): Promise<Tools> {
  const version = await versionOfPython();
  if ('missing' in version) return version;
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const key = createHash('sha256').update(requirements).update(version.text).digest('hex');
  const folder = join(ROOT, '.cache', `deploy-tools-${key.slice(0, 12)}`);
  const tool = (name: string) => join(folder, 'bin', name);
  const tools = {
    python: tool('python'),
    cfnLint: tool('cfn-lint'),
    aws: tool('aws'),
    schemathesis: tool('schemathesis'),
  };
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return tools;
  console.error(`test:deploy installs its tools in ${folder}, once`);
  rmSync(folder, { recursive: true, force: true });
  const made = await run('python3', ['-m', 'venv', folder]);
  if (made.code !== 0) return without(folder, `python3 -m venv fails: ${lastLines(made.text)}`);
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const installed = await run(tools.python, ['-m', 'pip', 'install', ...quiet, '-r', REQUIREMENTS]);
  if (installed.code !== 0) {
    if (process.env['CI']) throw new Error(`pip cannot install the tools:\n${installed.text}`);
    return without(folder, `pip cannot install the tools: ${lastLines(installed.text)}`);
  }
  writeFileSync(complete, '');
  return tools;
}

function without(folder: string, missing: string): Tools {
  rmSync(folder, { recursive: true, force: true });
  return { missing };
}

async function versionOfPython(): Promise<{ text: string } | { missing: string }> {
  try {
    const { code, text } = await run('python3', ['--version']);
    const minor = Number(/^Python 3\.(\d+)/.exec(text)?.[1]);
    if (code === 0 && minor >= PYTHON_MINOR_MIN) return { text };
    return { missing: `it needs Python 3.${PYTHON_MINOR_MIN} or newer: ${lastLines(text)}` };
  } catch (problem) {
    return { missing: `there is no python3 on the PATH (${String(problem)})` };
  }
}

const run = (command: string, args: readonly string[]): Promise<Ended> =>
  runCommand(command, args, { env: process.env, limitMs: INSTALL_MS_MAX });

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' / ');
