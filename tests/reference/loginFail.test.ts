/** Login failures in the course project's log, in process. */
import { describe, expect, it } from 'vitest';
import { loginFail } from '../../functions/loginFail/job.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { answersIn, comparable, readEvents, runAll } from '../support/referenceRuns.ts';

const { path, isThere } = referenceFile('LoginLog.csv');

const LOGINS = 48;
const secondOf = (time: unknown): number => Date.parse(String(time)) / 1_000;

describe.skipIf(!isThere)('login failures in the reference file', () => {
  it.each([
    [
      'two within 2 s',
      {},
      [
        ['1035', 1_558_430_842, 1_558_430_843, 2, ['83.149.9.216']],
        ['1035', 1_558_430_843, 1_558_430_844, 2, ['83.149.9.216', '83.149.24.26']],
      ],
    ],
    [
      'three within 5 s',
      { failures: '3', within: '5s' },
      [['1035', 1_558_430_842, 1_558_430_844, 3, ['83.149.9.216', '83.149.24.26']]],
    ],
  ])('%s are of user 1035', async (_, texts, alerts) => {
    const results = await runAll(loginFail.build(texts), await readEvents({ logins: path }));
    for (const result of results) {
      const found = answersIn(result, 'login-alerts')
        .map(({ userId, firstFail, lastFail, failures, ips }) => [
          userId,
          secondOf(firstFail),
          secondOf(lastFail),
          failures,
          ips,
        ])
        .sort();
      expect(found).toEqual(alerts);
      const { accepted, filtered, late, dead } = result.stats;
      expect([filtered, dead, accepted + late]).toEqual([0, 0, LOGINS]);
    }
    const [first, ...others] = results.map(comparable);
    for (const rows of others) expect(rows).toEqual(first);
  });
});
