/** cfn-lint knows CloudFormation's schemas: properties, values, and what refers to what. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type PackagingParameters, packagedTemplate } from '../support/packagedTemplate.ts';
import { runCommand } from './commands.ts';

const tools = inject('tools');
const LINT_MS_MAX = 60_000;

/** Rules that are not applied, each with its reason. */
const EXCLUDED: Readonly<Record<string, string>> = {
  W3005: 'osls names the role of a function once more in its DependsOn',
};

const EVERY_OPTION = {
  encryptionKey: 'arn:aws:kms:us-east-1:123456789012:key/0f8fad5b-d9cb-469f-a165-70867728950e',
  alarmEmail: 'operations@example.com',
  apiToken: 'a-token-of-more-than-20-characters',
  pseudonymKey: 'a-key-of-more-than-20-characters',
};
const TEMPLATES: readonly (readonly [string, stage: string, PackagingParameters])[] = [
  ['local', 'local', {}],
  ['prod', 'prod', {}],
  ['prod with every option', 'prod', EVERY_OPTION],
];

describe.skipIf(tools.missing)('cfn-lint', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-lint-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(TEMPLATES)('finds nothing in the template of %s', async (_, stage, parameters) => {
    const file = join(folder, 'template.json');
    writeFileSync(file, JSON.stringify(await packagedTemplate(stage, parameters), undefined, 2));
    const options = ['--ignore-checks', ...Object.keys(EXCLUDED), '--template', file];
    const limits = { env: process.env, limitMs: LINT_MS_MAX };
    const { code, text } = await runCommand(tools.cfnLint ?? '', options, limits);
    expect({ code, text }).toEqual({ code: 0, text: '' });
  });
});
