/** Who clicked on one advertisement too often on one day, as people in Shanghai count days. */
import type { AdClick } from '../truth.ts';
import { type GateRules, isoTime } from './analysis.ts';

const SHANGHAI_MS = 8 * 3_600_000;

export function blacklist(limit: number): GateRules<AdClick> {
  return {
    limit,
    keyOf: (click) => JSON.stringify([click.userId, click.adId, dayOf(click)]),
    alert: (click) => ({
      key: click.userId,
      id: `${click.adId}#${dayOf(click)}`,
      content: {
        adId: click.adId,
        day: dayOf(click),
        blockedAt: isoTime(click.timestamp),
        limit,
      },
    }),
  };
}

const dayOf = ({ timestamp }: AdClick): string => isoTime(timestamp + SHANGHAI_MS).slice(0, 10);
