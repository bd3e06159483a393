/** It reads a stream that another function declares. */
import type { EventOf } from '../../shared/index.ts';
import { newStream } from '../window/events.ts';

export { newStream };

export type NewStreamEvent = EventOf<typeof newStream>;
