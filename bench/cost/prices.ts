/**
 * AWS's list prices that `npm run cost` calculates with: us-east-1, Lambda on arm64, in US dollars, free tiers left out.
 *
 * Noted in November 2026. The pages that say what is billed, and how much: "Amazon DynamoDB Pricing for On-Demand Capacity",
 * "Amazon Kinesis Data Streams pricing" (provisioned mode), "AWS Lambda Pricing" (first tier), "Amazon CloudWatch Pricing" (first
 * tier, standard alarms and logs), "Amazon Managed Service for Apache Flink Pricing" with "Per second billing in Managed Service
 * for Apache Flink". Seen in copies of these pages or quoted by others in that month: request units, table storage, Lambda,
 * metrics, dashboards, log ingestion, and one more KPU an application. Not seen again since they were first noted: shard hours,
 * PUT units, alarms, point-in-time recovery, KPU hours and their storage; look at them before quoting a figure.
 *
 * A price that changes is changed here, and `npm run cost` says what follows.
 */

const MILLION = 1_000_000;

export const PRICES_OF = { region: 'us-east-1', month: 'November 2026' } as const;

export const PRICES = {
  dynamoDb: {
    writeUnit: 0.625 / MILLION,
    readUnit: 0.125 / MILLION,
    storageGbMonth: 0.25,
    /** Point-in-time recovery, on top of storage. */
    recoveryGbMonth: 0.2,
  },
  kinesis: { shardHour: 0.015, putUnit: 0.014 / MILLION },
  lambda: { gbSecond: 0.000_013_333_4, request: 0.2 / MILLION },
  cloudWatch: { metricMonth: 0.3, alarmMonth: 0.1, dashboardMonth: 3, logGb: 0.5 },
  flink: { kpuHour: 0.11, storageGbMonth: 0.1 },
};

/** A table of prices, so that tests can calculate with another one. */
export type Prices = typeof PRICES;

/** As AWS's own examples count a month. */
export const HOURS_A_MONTH = 730;
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600;
export const MINUTES_A_MONTH = HOURS_A_MONTH * 60;
/** A billed gigabyte. */
export const GB = 1024 ** 3;
