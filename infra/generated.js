/**
 * What serverless.yml includes of the TypeScript beside it: `${file(infra/generated.js):roles}` and so on. osls
 * includes no other scripts than .js, and calls each function with its variables.
 */

let hasFailed = false;

/** Of several that fail for the same cause, the first says it; what a user got wrong, without a stack trace. */
const made = (load) => async (variables) => {
  try {
    const { checkParameters } = await import('./packaging/parameters.ts');
    await checkParameters(variables);
    const generate = await load();
    return await generate(variables);
  } catch (error) {
    // osls asks again once it knows more variables.
    if (error.code === 'MISSING_VARIABLE_DEPENDENCY') throw error;
    if (hasFailed) throw 'not made either, for the reason given';
    hasFailed = true;
    if (error.name === 'JobDefinitionError') error.stack = error.message;
    throw error;
  }
};

const schedules = (name) =>
  made(async () => {
    const { generatedSchedules } = await import('./schedules.ts');
    return () => generatedSchedules()[name];
  });

export const alarms = made(async () => (await import('./monitoring/alarms.ts')).alarms);
export const dashboard = made(async () => (await import('./monitoring/dashboard.ts')).dashboard);
export const roles = made(async () => (await import('./roles/roles.ts')).roles);
export const keyedFunctions = made(async () => (await import('./repartition.ts')).keyedFunctions);
export const repartitionStreams = made(async () => {
  const { repartitionStreamsOf } = await import('./repartition.ts');
  return () => repartitionStreamsOf();
});
export const apiUrl = made(async () => (await import('./apiUrl.ts')).apiUrl);
export const closeSchedules = schedules('closeSchedules');
export const fireSchedules = schedules('fireSchedules');
