/** A status row is only ever replaced by its next version, and never judged by an older watermark than before. */
import type { Item } from '../../../shared/ports/table.ts';
import { ofStatuses } from './byKind.ts';

export const statusHistory = ofStatuses(({ table }) => {
  for (const { before, after, at, by } of table.changes) {
    if (!after && by === 'ttl') continue;
    if (!after) return `row ${JSON.stringify(before)} was deleted by ${by} at ${at}`;
    const [was, is] = [versionOf(before), versionOf(after)];
    if (is !== was + 1) {
      return `row ${JSON.stringify(after)} by ${by} at ${at} came after version ${was}`;
    }
  }
  return undefined;
});

const versionOf = (row: Item | undefined): number =>
  row ? Number((row['engine'] as Item)['version']) : 0;
