/**
 * The envelope in which a CloudWatch Logs subscription puts log events: one to a record, and gzipped. Source: "Real-time processing
 * of log data with subscriptions", Amazon CloudWatch Logs User Guide.
 */
export interface LogEnvelope {
  /** A control message only checks that the stream can be reached. */
  readonly messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE';
  /** `{ id, timestamp, message }` each, if they are what they should be. */
  readonly logEvents: readonly unknown[];
}

const MESSAGE_TYPES: readonly unknown[] = ['DATA_MESSAGE', 'CONTROL_MESSAGE'];

export const isLogEnvelope = (value: object): value is LogEnvelope =>
  'logEvents' in value &&
  Array.isArray(value.logEvents) &&
  'messageType' in value &&
  MESSAGE_TYPES.includes(value.messageType);

/** Undefined where the log event has none. */
export function messageOf(logEvent: unknown): string | undefined {
  if (typeof logEvent !== 'object' || logEvent === null) return undefined;
  const message: unknown = Reflect.get(logEvent, 'message');
  return typeof message === 'string' ? message.toWellFormed() : undefined;
}
