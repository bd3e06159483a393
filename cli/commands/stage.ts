/** The option of all commands that talk to servers. */
import { Option } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import { LOCAL_STAGE } from '../endpoints.ts';

const STAGE = /^[a-z][a-z0-9-]{0,31}$/;

export const stageOption = (): Option =>
  new Option(
    '--stage <name>',
    'whose streams and tables; local is the local stack, unless AWS variables name a server',
  )
    .default(LOCAL_STAGE)
    .argParser((text: string) => {
      if (STAGE.test(text)) return text;
      throw new UsageError(`--stage is "${text}"; write a stage name such as dev`);
    });
