/** What a viewer prefers, on this browser: no part of a link. */

export type Language = 'en' | 'zh';
type Zone = 'viewer' | 'shop';
export type Theme = 'auto' | 'light' | 'dark';

export interface Preferences {
  readonly language: Language;
  readonly zone: Zone;
  readonly theme: Theme;
}

/** The shop's days and hours, wherever one looks at them from. */
export const SHOP_ZONE = 'Asia/Shanghai';

export const PREFERENCES_KEY = 'tidemark';

/** `stored` is what was kept, or null; `languages` are the browser's, the preferred one first. */
export function preferencesOf(stored: string | null, languages: readonly string[]): Preferences {
  const kept = parsed(stored);
  return {
    language: kept.language ?? languageOf(languages),
    zone: kept.zone ?? 'viewer',
    theme: kept.theme ?? 'auto',
  };
}

/** The first that there are words in. */
function languageOf(languages: readonly string[]): Language {
  for (const language of languages) {
    const short = language.slice(0, 2).toLowerCase();
    if (short === 'zh' || short === 'en') return short;
  }
  return 'en';
}

function parsed(stored: string | null): Partial<Preferences> {
  let kept: unknown;
  try {
    kept = JSON.parse(stored ?? '{}');
  } catch {
    return {};
  }
  if (typeof kept !== 'object' || kept === null) return {};
  const { language, zone, theme } = kept as Record<string, unknown>;
  return {
    ...(language === 'en' || language === 'zh' ? { language } : {}),
    ...(zone === 'viewer' || zone === 'shop' ? { zone } : {}),
    ...(theme === 'auto' || theme === 'light' || theme === 'dark' ? { theme } : {}),
  };
}
