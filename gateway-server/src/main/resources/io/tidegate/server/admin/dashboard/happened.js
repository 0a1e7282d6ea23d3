/**
 * The list of what happened, newest first, and the announcer that reads warnings and errors to those who can't see it.
 * @module
 */

import {byId, element, icon, reconcile, setHidden} from './dom.js';
import * as format from './format.js';

const RANK = {info: 0, warning: 1, error: 2};
const SHOWN = 200;
const known = new Map();
let rendered = null;

/** @param {function()} changed called when another severity is chosen */
export function startHappened(changed) {
  byId('severity').addEventListener('change', () => {
    rendered = null;
    changed();
  });
}

/** @param {object[]} happened newest first */
export function renderHappened(happened) {
  if (happened === rendered) {
    return;
  }
  rendered = happened;
  const least = RANK[byId('severity').value];
  const shown = happened.filter(({severity}) => (RANK[severity] ?? 0) >= least).slice(0, SHOWN);
  const entries = new Map(shown.map((entry) => [keyOf(entry), entry]));
  reconcile(byId('happened'), known, [...entries.keys()], (key) => makeEntry(entries.get(key)));
  setHidden(byId('nothing-happened'), shown.length > 0);
}

/** Reads out what is new and matters; many at once become one sentence. */
export function announce(news) {
  const serious = news.filter(({severity}) => RANK[severity] > 0);
  if (serious.length === 0) {
    return;
  }
  const {severity, subject, text} = serious.at(-1);
  const more = serious.length > 1 ? `, and ${serious.length - 1} more` : '';
  byId('announcer').textContent = `${severity}: ${subject}: ${text}${more}`;
}

const keyOf = ({instance, seq, own}) => (own ? `own ${own}` : `${instance} ${seq}`);

function makeEntry({at, kind, severity, subject, text}) {
  const date = new Date(at);
  return element('li', {class: 'entry', 'data-testid': 'event', 'data-severity': severity, 'data-kind': kind},
    icon(severity in RANK ? severity : 'info'),
    element('p', {class: 'head'},
      element('time', {datetime: at, title: date.toString(), text: format.time(date)}), ' ',
      element('span', {class: 'severity', text: severity}), ' ',
      element('span', {class: 'subject', text: subject})),
    element('p', {class: 'text', text}));
}
