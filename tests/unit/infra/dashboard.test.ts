/** The dashboard of a stage: it shows every job and function, and its widgets have room. */
import { beforeAll, describe, expect, it } from 'vitest';
import { alarmName, alarmsOf } from '../../../infra/monitoring/alarmList.ts';
import { dashboardTemplate } from '../../../infra/monitoring/dashboard.ts';
import { functionsOf, type MonitoredStage } from '../../../infra/monitoring/stage.ts';
import { layOut, type PlacedWidget, text } from '../../../infra/monitoring/widgets.ts';
import { testStage, toldBy } from './monitoring.ts';

const bodyOf = (stage: MonitoredStage): string =>
  dashboardTemplate(stage).Resources.Dashboard.Properties.DashboardBody['Fn::Sub'];
const widgetsOf = (stage: MonitoredStage): PlacedWidget[] =>
  (JSON.parse(bodyOf(stage)) as { widgets: PlacedWidget[] }).widgets;

let stage: MonitoredStage;
let body: string;
let widgets: PlacedWidget[];

beforeAll(async () => {
  stage = await testStage({
    environment: { TIDEMARK_STAGE: 'prod', POWERTOOLS_SERVICE_NAME: 'tidemark-prod' },
  });
  body = bodyOf(stage);
  widgets = widgetsOf(stage);
});

const linesOf = ({ properties }: PlacedWidget): string[][] =>
  ((properties['metrics'] ?? []) as (string | object)[][]).map((line) =>
    line.filter((part) => typeof part === 'string'),
  );
describe('the dashboard', () => {
  it('has widgets that lie on the grid of 24 columns, none over another', () => {
    const taken = new Map<string, number>();
    for (const [i, { x, y, width, height }] of widgets.entries()) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column += 1) {
        for (let line = y; line < y + height; line += 1) {
          const place = `${column}/${line}`;
          expect(taken.get(place)).toBeUndefined();
          taken.set(place, i);
        }
      }
    }
  });

  it('shows every metric that functions tell, so that none is paid for in vain', () => {
    const asked = new Set(
      widgets.flatMap(linesOf).map(([namespace, metric]) => `${namespace} ${metric}`),
    );
    const unseen = toldBy(stage)
      .flatMap(({ namespace, values }) => Object.keys(values).map((name) => `${namespace} ${name}`))
      .filter((name) => !asked.has(name));
    expect(unseen).toEqual([]);
  });

  it('shows every job, every function and the queue', () => {
    const shown = new Set(widgets.flatMap(linesOf).flat());
    for (const { job } of stage.jobs) expect(shown).toContain(job.id);
    for (const { physicalName } of functionsOf(stage)) expect(shown).toContain(physicalName);
    expect(shown).toContain('tidemark-prod-undelivered');
  });

  it('has a row of six graphs for each job', () => {
    for (const { job } of stage.jobs) {
      const title = widgets.find(({ properties }) =>
        String(properties['markdown']).startsWith(`## ${job.id}:`),
      );
      const row = widgets.filter(({ type, y }) => type === 'metric' && y === (title?.y ?? 0) + 1);
      expect(row.map(({ properties }) => properties['title'])).toEqual([
        'Events by outcome',
        'Watermark lag',
        'Iterator age',
        'Errors and throttles',
        'Duration',
        'DynamoDB units, closing and timers included',
      ]);
    }
  });

  it('shows the state of all alarms, in widgets that may hold a hundred each', () => {
    const prefix = `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:`;
    const twice = { ...stage, jobs: [...stage.jobs, ...stage.jobs] };
    for (const each of [stage, twice]) {
      const shown = widgetsOf(each)
        .filter(({ type }) => type === 'alarm')
        .map(({ properties }) => properties['alarms'] as string[]);
      const arns = alarmsOf(each).map((alarm) => `${prefix}${alarmName('prod', alarm)}`);
      expect(shown.flat()).toEqual(arns);
      expect(shown).toHaveLength(Math.ceil(arns.length / 100));
      for (const { length } of shown) expect(length).toBeLessThanOrEqual(100);
    }
  });

  it('leaves nothing to CloudFormation but where it is', () => {
    const variables = new Set([...body.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name));
    expect(variables).toEqual(new Set(['AWS::Partition', 'AWS::Region', 'AWS::AccountId']));
  });

  it('is named for its region too, since an account has one list of dashboards for all', () => {
    expect(dashboardTemplate(stage).Resources.Dashboard.Properties.DashboardName).toEqual({
      'Fn::Sub': `tidemark-prod-\${AWS::Region}`,
    });
  });

  it('draws the threshold of an alarm, and none where there is none', async () => {
    const limitsOf = (text: string) =>
      [...text.matchAll(/"horizontal":\[\{"label":"alarm","value":(\d+)\}\]/g)].map(
        ([, value]) => value,
      );
    expect(limitsOf(body)).toContain('610000');
    const never = await testStage({ environment: { TIDEMARK_FLUSH_AFTER: 'never' } });
    expect(limitsOf(bodyOf(never))).not.toContain('610000');
    expect(limitsOf(bodyOf(never))).toContain('310000');
  });
});

it('a row whose widgets cannot share the columns is refused', () => {
  const widgetsOf = (n: number) => Array.from({ length: n }, () => text('x'));
  expect(() => layOut([{ height: 1, widgets: widgetsOf(5) }])).toThrow('5 widgets do not share');
  expect(layOut([{ height: 1, widgets: widgetsOf(3) }]).map(({ x }) => x)).toEqual([0, 8, 16]);
});
