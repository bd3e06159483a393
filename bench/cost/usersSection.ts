/** What a row for each user and day costs, by users: which the rate of events does not say. */
import { DAYS_A_MONTH, DAYS_A_YEAR, dayEndOf } from './dayEnd.ts';
import { GB, type Prices } from './prices.ts';
import type { MeasuredSystem } from './system.ts';
import { dollars, figure, markdownTable, whole, wrapped } from './table.ts';

const USERS = 1_000_000;
/** What an event of the day takes of the closing function's memory, at most (`npm run bench`, "closing a day of profiles"). */
const BYTES_IN_MEMORY = 36;
/** The most that a function may have, in megabytes. */
const MEMORY_MAX = 10_240;
const SECONDS_A_DAY = 86_400;

/** Of each job whose windows are days. */
export const usersSections = ({ rates }: MeasuredSystem, prices: Prices): string[] =>
  (rates[0]?.jobs ?? []).flatMap(({ job, memory, usage }) =>
    usage.dayEnd ? [usersSection(job.name, usage.dayEnd, prices), memoryText(memory.close)] : [],
  );

function memoryText(deployed: number): string {
  const events = (megabytes: number) => (megabytes * 1024 ** 2) / BYTES_IN_MEMORY;
  const [usual, most] = [deployed, MEMORY_MAX].map(
    (megabytes) =>
      `${whole(megabytes)} MB of it are ${figure(events(megabytes) / 1_000_000, 0)} million events a day, ` +
      `${figure(events(megabytes) / SECONDS_A_DAY, 0)} a second`,
  );
  return wrapped(`
    A day's content has to fit the memory of \`closeWindows\`: ${usual}, as it is deployed; ${most}, the most that a function may have.
    Above that the tables say what such a job would cost, and there is none.`);
}

function usersSection(
  name: string,
  dayEnd: Parameters<typeof dayEndOf>[0],
  { dynamoDb }: Prices,
): string {
  const { events, spent, bytes } = dayEndOf(dayEnd, USERS / dayEnd.rows);
  const writes = spent.answers.write * DAYS_A_MONTH * dynamoDb.writeUnit;
  const each = (units: number) => figure(units / USERS, 2);
  const { invocations: runs } = spent.state;
  const reading = (what: string, times: number) => {
    const read = spent.state.read * times + spent.answers.read;
    const cost = read * DAYS_A_MONTH * dynamoDb.readUnit;
    return [what, `${each(read)} read units a row`, dollars(cost)];
  };
  const stored = (days: number) => {
    const gigabytes = (days * (bytes.answers + bytes.indexes)) / GB;
    const recovered = (days * bytes.answers * dynamoDb.recoveryGbMonth) / GB;
    return { gigabytes, cost: gigabytes * dynamoDb.storageGbMonth + recovered };
  };
  const storage = (what: string, days: number) => {
    const { gigabytes, cost } = stored(days);
    return [what, `${figure(gigabytes, 2)} GB`, dollars(cost)];
  };
  return [
    `**A million users a day** in \`${name}\`, each with ${figure(events / USERS, 0)} events`,
    '',
    markdownTable([
      ['what', 'how much', 'a month'],
      ['rows, with their index', `${each(spent.answers.write)} write units a row`, dollars(writes)],
      reading('reading what they are made of, once', 1),
      reading(`the same, were each of ${figure(runs, 0)} runs cold`, runs),
      storage('storage of the rows of a month', DAYS_A_MONTH),
      storage('storage of the rows of a year', DAYS_A_YEAR),
      ["rows of a year, through Flink's sink", '', dollars(writes + stored(DAYS_A_YEAR).cost)],
    ]),
    '',
    'What their events cost until the day ends is in the tables above, where a day is read once.',
  ].join('\n');
}
