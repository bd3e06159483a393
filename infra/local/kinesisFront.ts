/**
 * What stands before kinesis-local: it refuses what web pages send, and hears what changes the streams. The package itself listens
 * on a socket of the file system, which no page reaches.
 */
import { Agent, createServer, type RequestListener, request, type Server } from 'node:http';
import { pipeline } from 'node:stream';
import { localOnly } from '../../cli/localRequests.ts';

/** Below the package's own limit, so that it never closes a connection that is about to be used. */
const IDLE_MS_MAX = 20_000;
/** The operations that change nothing. */
const READING = /\.(Get|List|Describe|Subscribe)\w*$/;

/** @param onChange hears of each change, when it is asked for and when it is answered */
export function kinesisFront(socketPath: string, onChange: () => void): Server {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS_MAX });
  const forward: RequestListener = (incoming, outgoing) => {
    const changes = !READING.test(String(incoming.headers['x-amz-target'] ?? ''));
    if (changes) onChange();
    const { method, url, headers } = incoming;
    // This server has answered it.
    delete headers.expect;
    const forwarded = request({ socketPath, agent, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      // Also of an answer that is cut off, which may have changed something.
      pipeline(answer, outgoing, () => {
        if (changes) onChange();
      });
    });
    // Whoever asks hears of a lost answer as of any other: the connection ends.
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  };
  return createServer(localOnly(forward));
}
