/** What `npm start` says of itself: where it listens, and how to put an event of one's own. */
import { LOCAL_CREDENTIALS } from '../../cli/endpoints.ts';
import { userBehavior } from '../../functions/hotItems/events.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { Stack } from './stack.ts';

export function announcement({ endpoints, logFile }: Stack): string {
  return [
    `The dashboard: ${endpoints.api}`,
    '',
    'Tidemark on embedded servers:',
    `  Kinesis   ${endpoints.kinesis}`,
    `  DynamoDB  ${endpoints.dynamodb}`,
    `  Lambda    ${endpoints.lambda}`,
    `  what the functions print goes to ${logFile}`,
    '',
  ].join('\n');
}

/**
 * What stays on the screen, below the picture.
 * @param streams those that something is put on
 */
export const places = ({ endpoints }: Stack, streams: readonly StreamName[]): readonly string[] => [
  `dashboard ${endpoints.api}`,
  `Kinesis ${endpoints.kinesis} · DynamoDB ${endpoints.dynamodb}`,
  `Lambda ${endpoints.lambda}`,
  `put your own: ${putLine(streams)}`,
];

/** With the stream that most is known of, where it is among them. */
const putLine = (streams: readonly StreamName[]): string => {
  const stream = streams.find((each) => each === userBehavior.stream) ?? streams[0];
  return `npm run --silent tidemark -- put ${stream ?? userBehavior.stream} FILE`;
};

export const STOPPING =
  'Stopping: invocations under way finish first. Ctrl-C again ends it at once.\n';

/**
 * How to put an event of one's own; the time is the shell's, so that the line stays good.
 * @param streams those that something is put on
 */
export function invitation(stack: Stack, streams: readonly StreamName[]): string {
  if (streams.includes(userBehavior.stream)) return invitationWithEvent(stack);
  return [
    'The input is processed. Put events of your own:',
    '',
    `  ${putLine(streams)}`,
    '',
    'A window closes once an event of its shards is as far; a schedule looks every minute.',
    'Ctrl-C ends everything.',
    '',
  ].join('\n');
}

function invitationWithEvent({ endpoints, definitions }: Stack): string {
  const { accessKeyId, secretAccessKey } = LOCAL_CREDENTIALS;
  const stream = definitions.streams.find(({ name }) => name === userBehavior.stream)?.physicalName;
  const event = '{"userId":"1","itemId":"42","categoryId":"7","behavior":"pv","timestamp":';
  return [
    'The input is processed. Put an event of your own (any credentials will do):',
    '',
    `  echo '${event}'$(date +%s)000'}' | \\`,
    `    AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} aws kinesis put-record \\`,
    `    --endpoint-url ${endpoints.kinesis} --region ${definitions.region} \\`,
    `    --stream-name ${stream} --partition-key 42 \\`,
    '    --data fileb:///dev/stdin',
    '',
    `DynamoDB answers at ${endpoints.dynamodb}, Lambda at ${endpoints.lambda}.`,
    'The first window with it closes at the next full five minutes; a schedule looks every minute.',
    'Ctrl-C ends everything.',
    '',
  ].join('\n');
}
