/**
 * What serverless.yml includes of the TypeScript beside it: `${file(infra/generated.js):roles}` and so on. osls
 * includes no other scripts than .js, and calls each function with its variables.
 */
import { alarms as alarmsOf } from './monitoring/alarms.ts';
import { dashboard as dashboardOf } from './monitoring/dashboard.ts';
import { checked } from './packaging/parameters.ts';
import { roles as rolesOf } from './roles/roles.ts';

export const alarms = checked(alarmsOf);
export const dashboard = checked(dashboardOf);
export const roles = checked(rolesOf);
