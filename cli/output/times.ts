/** Times as people read them. */
import {
  isoTime,
  NO_WATERMARK,
  type ProcessingTime,
  type Watermark,
} from '../../shared/model/time.ts';

/** `2017-11-26 02:00:00`, in UTC. */
export const secondText = (at: ProcessingTime | Watermark): string =>
  isoTime(at).slice(0, 19).replace('T', ' ');

export const watermarkText = (watermark: Watermark): string =>
  watermark === NO_WATERMARK ? 'none yet' : secondText(watermark);
