/** Nudges a scheduled function by invoking it asynchronously. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { JobId } from '../../model/lane.ts';
import type { Nudge } from '../../ports/ports.ts';

/**
 * @param requestFor what the function is sent for a job
 * @param onProblem hears of nudges that could not be sent; they are lost, and the schedule makes up for them
 */
export function lambdaNudge(
  client: LambdaClient,
  functionName: string,
  requestFor: (job: JobId) => object,
  onProblem: (problem: unknown) => void,
): Nudge {
  return {
    async send(job) {
      try {
        await client.send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: 'Event',
            Payload: Buffer.from(JSON.stringify(requestFor(job))),
          }),
        );
      } catch (problem) {
        onProblem(problem);
      }
    },
  };
}
