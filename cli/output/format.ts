/** The forms in which commands print what they found. */
import { Option } from 'commander';

const OUTPUT_FORMATS = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

const ABOUT: Readonly<Record<OutputFormat, string>> = {
  table: 'table for people, cut to the width of a terminal',
  json: 'json, a line for each row',
  csv: 'csv with a header',
};

export const formatOption = (formats: readonly OutputFormat[] = OUTPUT_FORMATS): Option =>
  new Option('--format <format>', formats.map((format) => ABOUT[format]).join('; '))
    .choices(formats)
    .default('table');
