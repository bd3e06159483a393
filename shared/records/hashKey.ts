/** What Kinesis makes of a partition key. */
import { hash } from 'node:crypto';

export const hashKeyOf = (partitionKey: string): bigint =>
  BigInt(`0x${hash('md5', partitionKey, 'hex')}`);
