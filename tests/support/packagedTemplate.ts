/**
 * The CloudFormation template that `osls package` makes of serverless.yml: no credentials, no network.
 *
 * osls keeps its work in `.serverless` beside serverless.yml. So it is run in a folder of links to the project's files, where
 * it meets neither another test that packages nor somebody's deployment. A template is kept in `.build/packaged` under a
 * hash of all that goes into it, for the other test files that look at it: packaging takes seconds.
 */
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface PackagedResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

export interface PackagedTemplate {
  readonly Resources: Readonly<Record<string, PackagedResource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** Parameters of serverless.yml, as `--param "name=value"` gives them. */
export type PackagingParameters = Readonly<Record<string, string | number | boolean>>;

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = 'node_modules/osls/bin/serverless.js';
const CONFIGURATION = 'serverless.yml';
const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';
const INPUTS = ['infra', 'functions', 'shared', 'web'];
const KEPT = join(ROOT, '.build', 'packaged');
/** Packaging takes 3 to 6 seconds on two cores that are busy. */
const PACKAGING_MS_MAX = 60_000;

const packaged = new Map<string, Promise<PackagedTemplate>>();

/** The template of a stage, packaged once for each set of parameters. Throws what osls prints. */
export function packagedTemplate(
  stage: string,
  parameters: PackagingParameters = {},
): Promise<PackagedTemplate> {
  const name = JSON.stringify([stage, parameters]);
  const template = packaged.get(name) ?? keptOrPackaged(name, stage, parameters);
  packaged.set(name, template);
  return template;
}

async function keptOrPackaged(
  name: string,
  stage: string,
  parameters: PackagingParameters,
): Promise<PackagedTemplate> {
  const kept = join(KEPT, `${hash('sha256', `${name}${await contentOfProject()}`)}.json`);
  const text = await readFile(kept, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as PackagedTemplate;
  const template = await packageStage(stage, parameters);
  await mkdir(KEPT, { recursive: true });
  // Another process may do the same at once: whoever is last puts the same in its place.
  const draft = `${kept}.${process.pid}`;
  await writeFile(draft, JSON.stringify(template));
  await rename(draft, kept);
  return template;
}

/** Every file that a template or a bundle is made of, as one text. */
async function contentOfProject(): Promise<string> {
  const folders = await Promise.all(
    INPUTS.map((each) => readdir(join(ROOT, each), { recursive: true, withFileTypes: true })),
  );
  const files = folders
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const all = [...files.sort(), join(ROOT, CONFIGURATION), join(ROOT, 'package-lock.json')];
  const texts = await Promise.all(all.map((file) => readFile(file, 'utf8')));
  return all.map((file, i) => `${file}\n${texts[i]}`).join('\n');
}

async function packageStage(
  stage: string,
  parameters: PackagingParameters,
): Promise<PackagedTemplate> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-package-'));
  try {
    await linkProject(folder);
    const given = Object.entries(parameters).flatMap(([name, value]) => [
      '--param',
      `${name}=${value}`,
    ]);
    const command = [join(ROOT, CLI), 'package', '--stage', stage, ...given];
    // Nothing else of this shell's environment: a region or an endpoint in it would change the template.
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
    const options = { cwd: folder, env, timeout: PACKAGING_MS_MAX };
    await promisify(execFile)(process.execPath, command, options).catch((error: unknown) => {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`osls package failed:\n${stdout}\n${stderr}`, { cause: error });
    });
    return JSON.parse(await readFile(join(folder, TEMPLATE), 'utf8')) as PackagedTemplate;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** osls wants the configuration itself to be a file. */
async function linkProject(folder: string): Promise<void> {
  const names = (await readdir(ROOT)).filter((name) => !name.startsWith('.'));
  await Promise.all(
    names.map((name) =>
      name === CONFIGURATION
        ? copyFile(join(ROOT, name), join(folder, name))
        : symlink(join(ROOT, name), join(folder, name)),
    ),
  );
}
