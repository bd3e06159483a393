/** Nudges a scheduled function by invoking it asynchronously. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Nudge } from '../../ports/ports.ts';

/** What a nudged function receives, beside the events of its schedule. */
const NUDGE_SOURCE = 'tidemark.nudge';

/** @param onProblem hears of nudges that could not be sent; they are lost, and the schedule makes up for them. */
export function lambdaNudge(
  client: LambdaClient,
  functionName: string,
  onProblem: (problem: unknown) => void,
): Nudge {
  return {
    async send(job) {
      try {
        await client.send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: 'Event',
            Payload: Buffer.from(JSON.stringify({ source: NUDGE_SOURCE, job })),
          }),
        );
      } catch (problem) {
        onProblem(problem);
      }
    },
  };
}
