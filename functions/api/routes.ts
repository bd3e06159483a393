/** Every route: what it takes, what it reads, what it answers. The app serves this list, and OpenAPI is made of it. */
import { keyedRoutes } from './routes/keyed.ts';
import { listRoutes } from './routes/lists.ts';
import { pipelineRoutes } from './routes/pipeline.ts';
import type { Route } from './routes/route.ts';
import { tableRoutes } from './routes/tables.ts';
import { userRoutes } from './routes/users.ts';
import { windowRoutes } from './routes/windows.ts';

export const ROUTES: readonly Route[] = [
  ...pipelineRoutes,
  ...windowRoutes,
  ...listRoutes,
  ...userRoutes,
  ...keyedRoutes,
  ...tableRoutes,
];
