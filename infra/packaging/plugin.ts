/**
 * The project's plugin for osls: early checks, and a bundle per function.
 *
 * osls loads it by its default export and calls `hooks` by the names of its own life cycle.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archive } from './archive.ts';
import { bundleFunction, folderOf } from './bundle.ts';
import { endpointProblem, NO_CREDENTIALS, targetProblem } from './preflight.ts';

interface ServerlessFunction {
  readonly handler: string;
  role?: string;
  package?: { artifact: string };
}

/** What is used here of the object that osls gives to plugins. */
interface Serverless {
  readonly serviceDir: string;
  readonly service: {
    readonly provider: {
      readonly architecture?: string;
      /** What is deployed already, for `deploy function`. */
      readonly remoteFunctionData?: { readonly Configuration: { readonly Role: string } };
    };
    readonly functions: Readonly<Record<string, ServerlessFunction>>;
    readonly resources?: {
      readonly Parameters?: Readonly<Record<string, { readonly Default?: string }>>;
    };
  };
  readonly configurationInput: { readonly params?: Readonly<Record<string, unknown>> };
  readonly processedInput: { readonly commands: readonly string[] };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): {
    getStage(): string;
    getRegion(): string;
    /** Of osls; other forks tell of missing credentials themselves. */
    getAwsSdkV3CredentialsProvider?(): () => Promise<unknown>;
  };
}

/** Commands that speak to AWS and may change something. */
const CHANGING_COMMANDS: ReadonlySet<string> = new Set([
  'deploy',
  'deploy function',
  'invoke',
  'remove',
  'rollback',
  'rollback function',
]);

export default class Packaging {
  readonly hooks: Readonly<Record<string, () => Promise<void> | void>>;
  readonly #serverless: Serverless;

  constructor(serverless: Serverless, options: { readonly function?: string }) {
    this.#serverless = serverless;
    this.hooks = {
      initialize: () => this.#check(),
      'before:package:createDeploymentArtifacts': () => this.#pack(options.function),
      'before:deploy:function:packageFunction': () => {
        this.#keepRole(options.function);
        return this.#pack(options.function);
      },
    };
  }

  async #check(): Promise<void> {
    const { service, configurationInput, processedInput, classes } = this.#serverless;
    const provider = this.#serverless.getProvider('aws');
    const problem = targetProblem({
      stage: provider.getStage(),
      stages: Object.keys(configurationInput.params ?? {}).filter((name) => name !== 'default'),
      region: provider.getRegion(),
      architecture: service.provider.architecture ?? 'x86_64',
      encryptionKey: service.resources?.Parameters?.['EncryptionKey']?.Default ?? '',
    });
    if (problem) throw new classes.Error(problem, 'TIDEMARK_TARGET');
    if (!CHANGING_COMMANDS.has(processedInput.commands.join(' '))) return;
    const endpoint = process.env['AWS_ENDPOINT_URL'];
    const wrong = await endpointProblem(provider.getStage(), endpoint);
    if (wrong) throw new classes.Error(wrong, 'TIDEMARK_ENDPOINT');
    try {
      await provider.getAwsSdkV3CredentialsProvider?.()();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'AWS_CREDENTIALS_NOT_FOUND') throw error;
      throw new classes.Error(NO_CREDENTIALS, 'TIDEMARK_CREDENTIALS');
    }
  }

  /** Bundles all functions, or the one that shall be deployed alone. */
  async #pack(only: string | undefined): Promise<void> {
    const { serviceDir, service } = this.#serverless;
    const definitions = Object.entries(service.functions).filter(
      ([name]) => only === undefined || name === only,
    );
    const byFolder = Map.groupBy(definitions, ([, { handler }]) => folderOf(handler));
    await mkdir(join(serviceDir, '.serverless'), { recursive: true });
    await Promise.all(
      [...byFolder].map(async ([folder, own]) => {
        const content = await archive(folder, await bundleFunction(folder, serviceDir));
        for (const [name, definition] of own) {
          // As seen from the service, so that a package may be deployed from another folder than the one it was made in.
          const artifact = join('.serverless', `${name}.zip`);
          await writeFile(join(serviceDir, artifact), content);
          definition.package = { ...definition.package, artifact };
        }
      }),
    );
  }

  /** osls would look for the role by a name, and roles have none of their own; a function's role never changes. */
  #keepRole(name: string | undefined): void {
    const { provider, functions } = this.#serverless.service;
    const definition = functions[name ?? ''];
    const deployed = provider.remoteFunctionData?.Configuration.Role;
    if (definition && deployed) definition.role = deployed;
  }
}
