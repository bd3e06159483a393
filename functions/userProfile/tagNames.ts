/** The names of the tags. Screens and the API's contract take them from here, and nothing of the engine with them. */
export const TAGS = [
  'buyer',
  'daytime',
  'decisive',
  'evening',
  'explorer',
  'focused',
  'heavy',
  'hesitant',
  'morning',
  'nightOwl',
  'visitor',
] as const;
export type Tag = (typeof TAGS)[number];
