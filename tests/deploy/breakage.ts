/** Functions that fail for a while: as after a bad release, and as with a wrong setting. */
import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { archive } from '../../infra/packaging/archive.ts';
import { bundleFunction } from '../../infra/packaging/bundle.ts';
import { physicalName } from '../../shared/lambda/contract.ts';
import { type Deployment, STAGE } from './deployment.ts';

const COMPLAINT = 'broken on purpose';
const FAILURES_MIN = 2;

type Settings = Record<string, string>;

/** The function does all its work and fails then, so that every batch comes again although it took effect. */
export async function failAfterWork(lambda: LambdaClient, name: string): Promise<void> {
  const bundle = await bundleFunction(name);
  const broken = `${Buffer.from(bundle.code).toString()}
const whole = module.exports;
module.exports = {
  handler: async (...given) => {
    await whole.handler(...given);
    throw new Error('${COMPLAINT}');
  },
};
`;
  const ZipFile = await archive(name, { ...bundle, code: Buffer.from(broken) });
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: physicalName(STAGE, name), ZipFile }),
  );
}

/** The function does not even start: it has no stage. Resolves to what it had. */
export async function failBeforeWork(lambda: LambdaClient, name: string): Promise<Settings> {
  const FunctionName = physicalName(STAGE, name);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const settings = Environment?.Variables ?? {};
  await configure(lambda, name, { ...settings, TIDEMARK_STAGE: '' });
  return settings;
}

export async function configure(
  lambda: LambdaClient,
  name: string,
  settings: Settings,
): Promise<void> {
  const FunctionName = physicalName(STAGE, name);
  const Environment = { Variables: settings };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
}

/** What is not yet so of: every function has failed, and those that fail after work more than once. */
export async function unfailed(
  { deployment, lambda }: { deployment: Deployment; lambda: LambdaClient },
  { afterWork, beforeWork }: { afterWork: readonly string[]; beforeWork: string },
): Promise<string[]> {
  const FunctionName = physicalName(STAGE, beforeWork);
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName }),
  );
  const results = EventSourceMappings.map(({ LastProcessingResult }) => LastProcessingResult);
  const waiting = results.includes('FAILED') ? [] : [`the last batch of ${beforeWork}: ${results}`];
  for (const [name, log] of await deployment.logsOf(afterWork)) {
    const failures = log.filter((message) => message.includes(COMPLAINT)).length;
    if (failures < FAILURES_MIN) waiting.push(`${name} failed ${failures} times`);
  }
  return waiting;
}
