/** A Kinesis server that `--kinesis` names: what goes wrong with it is said of that address. */
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../cli/endpoints.ts';
import { UsageError } from '../../inputs/usageError.ts';

const ANSWER_MS_MAX = 5_000;
const UNREACHABLE = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT/;

/** Throws UsageError where nothing answers there, or something else than Kinesis. */
export async function checkNamedKinesis(url: string): Promise<void> {
  const client = new KinesisClient({
    endpoint: url,
    region: LOCAL_REGION,
    credentials: LOCAL_CREDENTIALS,
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  });
  try {
    const abortSignal = AbortSignal.timeout(ANSWER_MS_MAX);
    await client.send(new ListStreamsCommand({ Limit: 1 }), { abortSignal });
  } catch (error) {
    throw new UsageError(`--kinesis is "${url}"${reasonOf(error as Error)}`);
  } finally {
    client.destroy();
  }
}

function reasonOf(error: Error): string {
  const code = String(Reflect.get(error, 'code') ?? '');
  if (UNREACHABLE.test(code)) {
    return `, where nothing answers (${code}); start that server first, or leave --kinesis away`;
  }
  if (error.name === 'AbortError') {
    return `, where nothing answers within ${ANSWER_MS_MAX / 1_000} s; is it the right address?`;
  }
  const [line = ''] = error.message.split('\n');
  return `, which does not answer as Kinesis does (${error.name}: ${line}); is it the right address?`;
}
