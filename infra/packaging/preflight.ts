/** What can be known to be wrong before anything is packaged, let alone created. */
import { LOCAL_STAGE } from '../../cli/endpoints.ts';
import { isArm64Region } from './regions.ts';

export interface Target {
  readonly stage: string;
  /** The stages that serverless.yml has parameters for. */
  readonly stages: readonly string[];
  readonly region: string;
  readonly architecture: string;
  /** The ARN of the customer's key; empty for none. */
  readonly encryptionKey: string;
}

/** What is wrong with where a deployment shall go, and the remedy; undefined if nothing is. */
export function targetProblem(target: Target): string | undefined {
  const { stage, stages, region, architecture, encryptionKey } = target;
  if (!stages.includes(stage)) {
    return (
      `There is no stage "${stage}". serverless.yml has the stages ${stages.join(', ')}: ` +
      'choose one with --stage, or add yours under "params" (an empty entry takes the defaults).'
    );
  }
  if (architecture === 'arm64' && !isArm64Region(region)) {
    return (
      `The region "${region}" is not known to run Lambda functions on arm64. Choose another with --region, ` +
      'or deploy for Intel processors with --param "architecture=x86_64". ' +
      'If AWS lists an Arm price of Lambda for it by now, add it to infra/packaging/regions.ts.'
    );
  }
  const keyRegion = encryptionKey.split(':')[3];
  if (encryptionKey !== '' && keyRegion !== region) {
    return `The encryption key is in the region "${keyRegion}", and the stage in "${region}": choose a key of that region.`;
  }
  return undefined;
}

/** What is wrong with deploying, or removing, a stage from here; undefined if nothing is. */
export async function endpointProblem(
  stage: string,
  endpoint: string | undefined,
): Promise<string | undefined> {
  // Its settings suit a server on the developer's machine: it flushes after seconds of silence.
  if (!endpoint) return stage === LOCAL_STAGE ? NO_ENDPOINT : undefined;
  const problem = `AWS_ENDPOINT_URL is "${endpoint}"`;
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    return `${problem}: write an address such as ${EXAMPLE}.`;
  }
  if (new URL(endpoint).hostname === 'localhost') {
    return `${problem}: write 127.0.0.1 for localhost, since buckets get names of their own below it, which nothing knows.`;
  }
  const isThere = await fetch(endpoint, { method: 'HEAD' }).then(
    () => true,
    () => false,
  );
  return isThere ? undefined : `${problem}, and nothing answers there: start the server first.`;
}

const EXAMPLE = 'http://127.0.0.1:4566';
const NO_ENDPOINT =
  `The stage "${LOCAL_STAGE}" is for LocalStack-compatible servers: set AWS_ENDPOINT_URL to the address of one, ` +
  `such as ${EXAMPLE}. For AWS, choose another stage with --stage. Nothing has been changed.`;

export const NO_CREDENTIALS =
  'No AWS credentials were found. Set AWS_PROFILE to a profile of your AWS configuration ("aws configure sso" or ' +
  '"aws configure" makes one), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a LocalStack-compatible server ' +
  'any value of the two does, with AWS_ENDPOINT_URL set to its address. Nothing has been changed.';
