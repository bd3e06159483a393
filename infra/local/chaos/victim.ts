/** The worker thread in which functions die: started by victims.ts, never imported. */
import { subscribe } from 'node:diagnostics_channel';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../shared/errors.ts';
import { loadFunctions } from '../functions.ts';
import {
  type Death,
  KILLED,
  type VictimData,
  type VictimNews,
  type VictimTask,
} from './victims.ts';

/** Node tells of each request as it is made, before anything is sent, and as the head of its answer has come. */
const CHANNELS: Readonly<Record<Death['moment'], string>> = {
  unsent: 'http.client.request.created',
  unheard: 'http.client.response.finish',
};

let death: Death | undefined;
const requests: Record<Death['moment'], number> = { unsent: 0, unheard: 0 };
for (const [moment, channel] of Object.entries(CHANNELS) as [Death['moment'], string][]) {
  subscribe(channel, () => {
    requests[moment] += 1;
    // In a worker thread this ends the thread, at once.
    if (death?.moment === moment && requests[moment] === death.request) process.exit(KILLED);
  });
}

const functions = await loadFunctions({
  ...(workerData as VictimData),
  output: { within: (work) => work(), log: () => {} },
  onResult: () => {},
});
const tell = (news: VictimNews) => parentPort?.postMessage(news);

parentPort?.on('message', (task: VictimTask) => {
  death = task.death;
  requests.unsent = 0;
  requests.unheard = 0;
  functions.invoke(task.name, task.event).then(
    (result) => tell({ kind: 'result', result }),
    (error) => tell({ kind: 'error', message: messageOf(error) }),
  );
});
tell({ kind: 'ready' });
