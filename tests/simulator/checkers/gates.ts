/** As many events passed the gate as the oracle says: those that were accepted, and those that were late. */
import { ofWindows } from './byKind.ts';

export const gates = ofWindows(({ analysis, expected, lanes }) => {
  if (!analysis.gate) return undefined;
  const passed = lanes.reduce((sum, { counts }) => sum + counts.accepted + counts.late, 0);
  return passed === expected.passed
    ? undefined
    : `${passed} events passed, should be ${expected.passed}`;
});
