/** All that is known of a user, as a dialog shows it: the last days together, each of them, and what went wrong beside them. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { UserAnswer } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { hourBars, hourText, peakOf } from '../charts/hours.ts';
import { vars } from '../dom/vars.ts';
import { nowOf, type Scene } from '../scene.ts';
import { badges } from './frame.ts';

type Profile = NonNullable<UserAnswer['profile']>;
type Day = UserAnswer['daily']['rows'][number];

const BEHAVIORS = ['pv', 'cart', 'fav', 'buy'] as const;
const ALERTS_SHOWN = 10;
/** Hours that are named beneath their bars. */
const HOUR_NAMED = 6;
/** The shop's, all year. */
const SHOP_ZONE_TEXT = 'GMT+8';

export function userPage(scene: Scene, user: UserAnswer): TemplateResult {
  const { words } = scene;
  const { profile, daily, alerts, blocks } = user;
  if (profile === null && alerts.rows.length === 0 && blocks.rows.length === 0) {
    return html`<p class="empty">${words.profile.nothing}</p>`;
  }
  return html`<div class="user-page">
    <div class="user-main">
      ${profile === null ? html`<p class="empty">${words.profile.empty}</p>` : summary(scene, profile)}
    </div>
    <div class="user-beside">${alertList(scene, alerts.rows)} ${blockList(scene, blocks.rows)}</div>
    ${daily.rows.length === 0 ? nothing : dayTable(scene, daily.rows)}
  </div>`;
}

function summary(scene: Scene, profile: Profile): TemplateResult {
  const { words, formats } = scene;
  const now = nowOf(scene);
  return html`
    <p class="against">${words.profile.of(formats.number(profile.days), profile.days)}</p>
    <dl class="user-counts">
      ${BEHAVIORS.map((each) => html`<div><dt>${words.profile.count[each]}</dt><dd>${formats.number(profile.counts[each])}</dd></div>`)}
    </dl>
    <h3>${words.profile.tags}</h3>
    ${tagList(scene, profile.tags)}
    <h3>${words.profile.hours} <span class="against">${words.profile.hoursOf(SHOP_ZONE_TEXT)}</span></h3>
    ${hours(scene, profile.hours)}
    <h3>${words.profile.categories}</h3>
    ${categories(scene, profile.topCategories)}
    <h3>${words.profile.seen}</h3>
    <dl class="user-seen">
      <div><dt>${words.profile.firstSeen}</dt><dd>${timeOf(scene, profile.firstSeen, now)}</dd></div>
      <div><dt>${words.profile.lastSeen}</dt><dd>${timeOf(scene, profile.lastSeen, now)}</dd></div>
    </dl>
  `;
}

const timeOf = ({ formats }: Scene, iso: string, beside: string | undefined): TemplateResult =>
  html`<time datetime=${iso} title=${formats.moment(iso)}>${formats.time(iso, beside)}</time>`;

function tagList({ words }: Scene, tags: Profile['tags']): TemplateResult {
  if (tags.length === 0) return html`<p class="empty">${words.profile.noTags}</p>`;
  return html`<ul class="user-tags">
    ${tags.map((tag) => html`<li><b>${words.audience.tag[tag]}</b> <span class="against">${words.audience.why[tag]}</span></li>`)}
  </ul>`;
}

function hours({ words, formats }: Scene, counts: readonly number[]): TemplateResult {
  const peak = peakOf(counts);
  return html`<ol class="hours" aria-label=${words.profile.hours}>
      ${hourBars(counts).map(({ hour, count, share }) => {
        const text = words.profile.hour(hourText(hour), formats.number(count));
        return html`<li title=${text}>
          <span class="unseen">${text}</span>
          <i class="hour-bar" aria-hidden="true" ${vars({ '--share': share })}></i>
          <small aria-hidden="true">${hour % HOUR_NAMED === 0 ? hour : nothing}</small>
        </li>`;
      })}
    </ol>
    ${peak ? html`<p class="note">${words.profile.peak(hourText(peak.hour), formats.number(peak.count))}</p>` : nothing}`;
}

function categories({ words, formats }: Scene, all: Profile['topCategories']): TemplateResult {
  const max = Math.max(1, ...all.map(({ score }) => score));
  return html`<ol class="scores">
      ${all.map(
        ({ id, score }) => html`<li class="score">
          <span class="cut id" title=${printable(id)}>${printable(id)}</span>
          <span class="strong">${formats.number(Math.round(score * 10) / 10)}</span>
          <span class="bar-track" aria-hidden="true"><i ${vars({ '--share': score / max })}></i></span>
        </li>`,
      )}
    </ol>
    <p class="note">${words.profile.score}</p>`;
}

function alertList(scene: Scene, rows: UserAnswer['alerts']['rows']): TemplateResult {
  const { words, formats } = scene;
  return html`<h3>${words.profile.alerts} ${countOf(scene, rows.length)}</h3>
    ${
      rows.length === 0
        ? html`<p class="against">${words.profile.noAlerts}</p>`
        : html`<ul class="facts">
            ${rows.slice(0, ALERTS_SHOWN).map(
              ({ lastFail, failures, ips }) => html`<li>
                <span class="fact-main">${words.logins.failures(formats.number(failures), failures)}</span>
                <span class="fact-time">${timeOf(scene, lastFail, nowOf(scene))}</span>
                ${ips.length === 0 ? nothing : html`<span class="fact-note">${words.logins.from(ips.map(printable).join(', '), ips.length)}</span>`}
              </li>`,
            )}
          </ul>`
    }
    ${moreText(scene, rows.length)}`;
}

function blockList(scene: Scene, rows: UserAnswer['blocks']['rows']): TemplateResult {
  const { words, formats } = scene;
  return html`<h3>${words.profile.blocks} ${countOf(scene, rows.length)}</h3>
    ${
      rows.length === 0
        ? html`<p class="against">${words.profile.noBlocks}</p>`
        : html`<ul class="facts">
            ${rows.slice(0, ALERTS_SHOWN).map(
              ({ adId, blockedAt, limit }) => html`<li>
                <span class="fact-main cut" title=${printable(adId)}>${words.profile.ad(printable(adId))}</span>
                <span class="fact-time">${timeOf(scene, blockedAt, nowOf(scene))}</span>
                <span class="fact-note">${words.blacklist.limit(formats.number(limit))}</span>
              </li>`,
            )}
          </ul>`
    }
    ${moreText(scene, rows.length)}`;
}

const countOf = ({ formats }: Scene, n: number) =>
  n === 0 ? nothing : html`<span class="against">${formats.number(n)}</span>`;

const moreText = ({ words, formats }: Scene, n: number) =>
  n > ALERTS_SHOWN
    ? html`<p class="note">${words.panel.more(formats.number(n - ALERTS_SHOWN))}</p>`
    : nothing;

function dayTable(scene: Scene, rows: readonly Day[]): TemplateResult {
  const { words } = scene;
  const { count, day, days, items, tags } = words.profile;
  return html`<div class="user-days">
    <h3>${days}</h3>
    <div class="scroll" tabindex="0" role="region" aria-label=${days}>
      <table>
        <thead>
          <tr>
            <th scope="col">${day}</th>
            ${BEHAVIORS.map((each) => html`<th scope="col" class="number">${count[each]}</th>`)}
            <th scope="col" class="number">${items}</th>
            <th scope="col">${tags}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => dayRow(scene, row))}
        </tbody>
      </table>
    </div>
  </div>`;
}

function dayRow(scene: Scene, row: Day): TemplateResult {
  const { words, formats } = scene;
  return html`<tr>
    <th scope="row">${formats.day(row.windowStart)} ${badges(scene, row)}</th>
    ${BEHAVIORS.map((each) => html`<td class="number">${formats.number(row.counts[each])}</td>`)}
    <td class="number">${formats.number(row.items)}</td>
    <td>${row.tags.map((tag) => words.audience.tag[tag]).join(', ')}</td>
  </tr>`;
}
