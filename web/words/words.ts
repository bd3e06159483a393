/** The words of each language, with the same keys: the compiler sees to it. */
import type { Language } from '../state/preferences.ts';
import { en, type Words } from './en.ts';
import { zh } from './zh.ts';

const LANGUAGES: Readonly<Record<Language, Words>> = { en, zh };

export const wordsOf = (language: Language): Words => LANGUAGES[language];
export type { Words };
