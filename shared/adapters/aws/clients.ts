/**
 * The SDK clients, one of each per process.
 *
 * Region, credentials and endpoints come from the environment alone, through the SDK: `AWS_ENDPOINT_URL` and
 * `AWS_ENDPOINT_URL_DYNAMODB`, `_KINESIS`, `_LAMBDA` lead to another server, and nothing is invented for it here.
 *
 * Every request ends: a request that hangs would hold a lane until Lambda's own time-out, and the SDK by
 * default waits for ever. Local servers share their processor with everything else, so they are given longer.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';

type Environment = Readonly<Record<string, string | undefined>>;
type Service = 'DYNAMODB' | 'KINESIS' | 'LAMBDA';

const CONNECT_MS_MAX = 1_000;
const REQUEST_MS_MAX = 5_000;
const LOCAL_REQUEST_MS_MAX = 30_000;
/** A slow reply costs its wait; a put that is taken for lost too early counts twice. */
const PUT_MS_MAX = 60_000;
const NUDGE_MS_MAX = 1_000;
const SOCKETS_MAX = 50;
const VIEW_MS_MAX = 2_000;

/** Attempts altogether, the first included. A lane has no other work to do meanwhile, so patience is cheap. */
const STATE_ATTEMPTS_MAX = 4;
/** Whoever looks wants an answer, be it that there is none, and asks again by himself. */
const VIEW_ATTEMPTS_MAX = 2;

export function dynamoClient(environment: Environment = process.env): DynamoDBClient {
  return unlogged(
    new DynamoDBClient({
      requestHandler: httpHandler(requestMsMax('DYNAMODB', environment)),
      maxAttempts: STATE_ATTEMPTS_MAX,
    }),
  );
}

/**
 * For those who only look. Where DynamoDB hangs they hear so while somebody still waits: the API's function has 10 s to say it.
 * @param config where it looks, if not where the environment says
 */
export function viewingClient(
  config: Pick<DynamoDBClientConfig, 'region' | 'credentials' | 'endpoint'> = {},
  environment: Environment = process.env,
): DynamoDBClient {
  const isLocal = config.endpoint !== undefined || isCustomEndpoint('DYNAMODB', environment);
  return unlogged(
    new DynamoDBClient({
      ...config,
      requestHandler: httpHandler(isLocal ? LOCAL_REQUEST_MS_MAX : VIEW_MS_MAX),
      maxAttempts: VIEW_ATTEMPTS_MAX,
    }),
  );
}

/**
 * Speaks HTTP/1.1 everywhere. The SDK's default for Kinesis is HTTP/2, which local servers do not speak on
 * plain HTTP ("Protocol error"), and of all its calls only SubscribeToShard needs it.
 */
export function kinesisClient(environment: Environment = process.env): KinesisClient {
  return unlogged(
    new KinesisClient({
      requestHandler: httpHandler(requestMsMax('KINESIS', environment)),
      maxAttempts: STATE_ATTEMPTS_MAX,
    }),
  );
}

/**
 * For a producer's puts: tried once. The SDK takes a put without a reply for lost and repeats it without a word; a
 * producer decides itself, and says so.
 */
export function kinesisPutClient(): KinesisClient {
  return unlogged(new KinesisClient({ requestHandler: httpHandler(PUT_MS_MAX), maxAttempts: 1 }));
}

/** For nudges only: tried once, and not waited for long, since the schedule does the same work a minute later. */
export function lambdaClient(): LambdaClient {
  return unlogged(new LambdaClient({ requestHandler: httpHandler(NUDGE_MS_MAX), maxAttempts: 1 }));
}

/**
 * For each call the SDK makes a copy of what is asked and of what is answered, for a logger. There is none.
 */
export function unlogged<Client extends DynamoDBClient | KinesisClient | LambdaClient>(
  client: Client,
): Client {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

const requestMsMax = (service: Service, environment: Environment): number =>
  isCustomEndpoint(service, environment) ? LOCAL_REQUEST_MS_MAX : REQUEST_MS_MAX;

function isCustomEndpoint(service: Service, environment: Environment): boolean {
  return Boolean(environment[`AWS_ENDPOINT_URL_${service}`] ?? environment['AWS_ENDPOINT_URL']);
}

function httpHandler(requestTimeout: number): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: SOCKETS_MAX };
  return new NodeHttpHandler({
    connectionTimeout: CONNECT_MS_MAX,
    requestTimeout,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  });
}
