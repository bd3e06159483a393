/**
 * What serverless.yml includes of the TypeScript beside it: `${file(infra/generated.js):roles}` and so on. osls
 * includes no other scripts than .js, and calls each function with its variables.
 */
export { alarms } from './monitoring/alarms.ts';
export { dashboard } from './monitoring/dashboard.ts';
export { roles } from './roles/roles.ts';
