/** Puts it together: the address and the answers in, a painting out. */
import { render } from 'lit-html';
import { paintGliding } from './dom/flip.ts';
import { stateText } from './layout/header.ts';
import { page } from './layout/page.ts';
import { timelineShown } from './layout/timelineBar.ts';
import { browserSurroundings, memoryIn } from './live/browser.ts';
import { Feed } from './live/feed.ts';
import { createPlayback } from './live/playback.ts';
import { dayShown } from './panels/audience.ts';
import { isDetailOpen, syncDialog } from './panels/detail.ts';
import { furtherShown } from './panels/members.ts';
import { needsKey, tableShown } from './panels/tables.ts';
import { type Actions, nowOf, type Passing, type Scene, sourceOf } from './scene.ts';
import { PREFERENCES_KEY, preferencesOf, SHOP_ZONE } from './state/preferences.ts';
import { tableWant, wantsOf } from './state/requests.ts';
import { placeOf, playFrom, timeAt } from './state/timeline.ts';
import { hashOf, parseView, type View } from './state/view.ts';
import { formatsOf } from './words/formats.ts';
import { wordsOf } from './words/words.ts';

const TOKEN_KEY = 'tidemark.token';
/** Ages are told in steps of about that. */
const REPAINT_MS = 5_000;
const REPAINT_AWAY_MS = 1_000;
/** A slider that is being moved asks once it rests. */
const REST_MS = 150;
const COPIED_MS = 2_000;

const root = document.getElementById('app') as HTMLElement;
const kept = memoryIn(() => localStorage);
const session = memoryIn(() => sessionStorage);

let view = parseView(location.hash);
let preferences = preferencesOf(kept.read(PREFERENCES_KEY), navigator.languages);
let formats = formatsNow();
let passing: Omit<Passing, 'isPlaying' | 'isLocked' | 'isTokenRefused'> = {
  ...{ copied: undefined, said: '', further: [], pointed: new Map(), widths: new Map() },
};
let isPainting = false;
let resting: ReturnType<typeof setTimeout> | undefined;
let wasAway = false;
let hasToken = false;

const feed = new Feed(browserSurroundings, repaint);

const playback = createPlayback({
  isShown() {
    const answer = feed.answers.get('overview');
    return answer !== undefined && answer.of === answer.wanted;
  },
  advance() {
    const timeline = timelineShown(feed);
    if (!timeline || view.at === undefined) return false;
    const at = timeAt(timeline, placeOf(timeline, view.at) + 1);
    show({ ...view, at }, 'replace');
    return at !== undefined;
  },
  onChange: repaint,
  every(run, ms) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
});

const act: Actions = {
  go(change) {
    if ('at' in change) playback.stop();
    show({ ...view, ...change }, 'push');
    if ('panel' in change) scrollTo({ top: 0 });
  },
  slide(change) {
    playback.stop();
    view = { ...view, ...change };
    clearTimeout(resting);
    resting = setTimeout(() => show(view, 'replace'), REST_MS);
    repaint();
  },
  prefer(change) {
    preferences = { ...preferences, ...change };
    kept.write(PREFERENCES_KEY, JSON.stringify(preferences));
    formats = formatsNow();
    repaint();
  },
  play() {
    const timeline = timelineShown(feed);
    if (!timeline) return;
    show({ ...view, at: playFrom(timeline, view.at) }, 'push');
    playback.start();
  },
  pause: () => playback.stop(),
  retry: () => feed.retry(),
  unlock(token) {
    session.write(TOKEN_KEY, token);
    hasToken = true;
    feed.setToken(token);
    repaint();
  },
  copyLink: () => void copy(location.href),
  copyText: (text) => void copy(text),
  toggleWall() {
    show({ ...view, wall: !view.wall }, 'push');
    // What the browser refuses is no loss: the page fills its window then.
    if (view.wall) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) void document.exitFullscreen();
  },
  point(chart, index) {
    if (passing.pointed.get(chart) === index) return;
    const pointed = new Map(passing.pointed);
    if (index === undefined) pointed.delete(chart);
    else pointed.set(chart, index);
    change({ pointed });
  },
  pointedAt: (chart) => passing.pointed.get(chart),
  measure(chart, width) {
    if (passing.widths.get(chart) === width) return;
    change({ widths: new Map(passing.widths).set(chart, width) });
  },
  more: (page) => change({ further: [...furtherOf(page), page] }),
};

function formatsNow() {
  const zone = preferences.zone === 'shop' ? SHOP_ZONE : undefined;
  return formatsOf(wordsOf(preferences.language).locale, zone);
}

/** Those before it; of another tag or day none is kept. */
const furtherOf = ({ tag, day }: Passing['further'][number]) =>
  passing.further.filter((page) => page.tag === tag && page.day === day);

function change(to: Partial<typeof passing>): void {
  passing = { ...passing, ...to };
  repaint();
}

/** The address says what is shown, so that it can be shared, kept and gone back to. */
function show(next: View, way: 'push' | 'replace'): void {
  clearTimeout(resting);
  resting = undefined;
  view = next;
  const address = `${location.pathname}${location.search}${withHash(hashOf(view))}`;
  if (address !== `${location.pathname}${location.search}${location.hash}`) {
    history[way === 'push' ? 'pushState' : 'replaceState'](null, '', address);
  }
  ask();
  repaint();
}

const withHash = (hash: string): string => (hash === '' ? '' : `#${hash}`);

function sceneNow(): Scene {
  const isLocked = feed.isLocked;
  const now: Passing = {
    ...passing,
    isPlaying: playback.isPlaying(),
    isLocked,
    isTokenRefused: isLocked && hasToken,
  };
  const words = wordsOf(preferences.language);
  const { answers } = feed;
  return { view, preferences, words, formats, answers, passing: now, clock: Date.now(), act };
}

/** What is wanted follows from the view, and from what answers have told. */
function ask(): void {
  const scene = sceneNow();
  const wants = wantsOf(view, {
    now: nowOf(scene),
    to: sourceOf(scene, 'overview').data?.span?.to,
    day: dayShown(scene),
    further: furtherShown(scene),
  });
  const table = tableShown(scene);
  if (table && (view.key !== undefined || !needsKey(table))) {
    wants.push(tableWant(view, table.name, table.rows));
  }
  feed.want(wants);
}

/** At most once a frame, however much has changed. */
function repaint(): void {
  if (isPainting) return;
  isPainting = true;
  requestAnimationFrame(() => {
    isPainting = false;
    // While a slider is moved, `view` is ahead of what is asked for.
    if (resting === undefined) ask();
    paint();
  });
}

function paint(): void {
  const scene = sceneNow();
  const { documentElement } = document;
  documentElement.lang = preferences.language === 'zh' ? 'zh-CN' : 'en';
  documentElement.dataset['theme'] = preferences.theme;
  documentElement.toggleAttribute('data-wall', view.wall);
  document.title = scene.words.title(stateText(scene));
  paintGliding(root, () => render(page(scene), root));
  syncDialog(root);
  tellConnection(scene);
}

/** Only what somebody who does not see the page has to know: not each figure that moves. */
function tellConnection({ answers, words }: Scene): void {
  const isAway = answers.get('overview')?.failure !== undefined;
  if (isAway === wasAway) return;
  wasAway = isAway;
  change({ said: isAway ? words.header.away : words.header.back });
}

async function copy(text: string): Promise<void> {
  const copied = await navigator.clipboard.writeText(text).then(
    () => 'yes' as const,
    () => 'no' as const,
  );
  const { header } = wordsOf(preferences.language);
  change({ copied, said: copied === 'yes' ? header.copied : header.notCopied });
  setTimeout(() => change({ copied: undefined }), COPIED_MS);
}

function listen(): void {
  addEventListener('popstate', () => {
    playback.stop();
    show(parseView(location.hash), 'replace');
  });
  addEventListener('online', () => feed.retry());
  document.addEventListener('visibilitychange', () => {
    feed.setHidden(document.hidden);
    repaint();
  });
  document.addEventListener('fullscreenchange', () => {
    if (!document.fullscreenElement && view.wall) show({ ...view, wall: false }, 'replace');
  });
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && !isDetailOpen(view) && view.panel !== undefined)
      act.go({ panel: undefined });
  });
  setInterval(() => repaint(), REPAINT_MS);
  setInterval(() => wasAway && repaint(), REPAINT_AWAY_MS);
}

function start(): void {
  const token = session.read(TOKEN_KEY);
  hasToken = token !== null;
  feed.setHidden(document.hidden);
  if (token !== null) feed.setToken(token);
  listen();
  ask();
  // The skeletons stood for it until now.
  root.replaceChildren();
  paint();
}

start();
