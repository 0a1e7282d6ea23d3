/**
 * The table of sessions: asked for a page at a time, again every two seconds while it can be seen.
 * @module
 */

import {Unauthorized, get} from './api.js';
import {byId, element, reconcile, setAttribute, setHidden, setText} from './dom.js';
import * as format from './format.js';

const REFRESH_MS = 2000;
const PAGE = 50;
/** Which way each order goes is the gateway's, so a column has one. */
const DIRECTION = {id: 'ascending', queue: 'descending', age: 'descending', latency: 'descending', slowest: 'descending'};

const rowsById = new Map();
const query = {sort: 'slowest', route: '', endpoint: ''};
/** The cursors of the pages up to this one; the first has none. */
let cursors = [null];
let next = null;
let seen = false;
let timer = 0;
let request = null;
let onUnauthorized = () => {};

/** @param {function(Error)} unauthorized called when the gateway wants a token */
export function startSessions(unauthorized) {
  onUnauthorized = unauthorized;
  document.querySelectorAll('#sessions [data-sort]').forEach((button) => {
    button.addEventListener('click', () => ask({sort: button.dataset.sort}));
  });
  for (const filter of ['route', 'endpoint']) {
    byId(`filter-${filter}`).addEventListener('change', (event) => ask({[filter]: event.target.value}));
  }
  byId('previous').addEventListener('click', () => turn(() => cursors.pop()));
  byId('next').addEventListener('click', () => turn(() => cursors.push(next)));
  document.addEventListener('visibilitychange', () => schedule(0));
  new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    schedule(0);
  }).observe(byId('sessions'));
}

/** Asks now, such as after a token was given. */
export function refreshSessions() {
  schedule(0);
}

/** Offers what there is to filter by; what was chosen stays, even when it is gone. */
export function renderFilters(routes, upstreams) {
  offer(byId('filter-route'), Object.keys(routes ?? {}));
  offer(byId('filter-endpoint'), [...new Set(Object.values(upstreams).flatMap(({endpoints}) => Object.keys(endpoints)))]);
}

function offer(select, labels) {
  const wanted = select.value === '' || labels.includes(select.value) ? labels : [...labels, select.value];
  const present = [...select.options].slice(1).map(({value}) => value);
  if (wanted.join('\n') !== present.join('\n')) {
    const chosen = select.value;
    select.replaceChildren(select.options[0], ...wanted.map((label) => element('option', {value: label, text: label})));
    select.value = chosen;
  }
}

function ask(change) {
  Object.assign(query, change);
  cursors = [null];
  schedule(0);
}

function turn(change) {
  change();
  byId('session-box').scrollTop = 0;
  schedule(0);
}

function schedule(delay) {
  clearTimeout(timer);
  if (delay === 0) {
    request?.abort();
  }
  if (seen && !document.hidden) {
    timer = setTimeout(refresh, delay);
  }
}

async function refresh() {
  const abort = new AbortController();
  request = abort;
  try {
    const response = await get(`sessions?${parameters()}`, abort.signal);
    const page = await response.json();
    if (request === abort) {
      render(page);
    }
  } catch (failure) {
    if (request !== abort || abort.signal.aborted) {
      return;
    }
    if (failure instanceof Unauthorized) {
      onUnauthorized(failure);
      return;
    }
    setText(byId('session-status'), 'Can’t be read at the moment.');
    // A cursor may be one of another process.
    cursors = [null];
  }
  schedule(REFRESH_MS);
}

function parameters() {
  const parameters = new URLSearchParams({limit: PAGE, sort: query.sort});
  const after = cursors.at(-1);
  for (const [name, value] of [['after', after], ['route', query.route], ['endpoint', query.endpoint]]) {
    if (value) {
      parameters.set(name, value);
    }
  }
  return parameters;
}

function render({total, sessions, next: following}) {
  next = following;
  const byKey = new Map(sessions.map((session) => [String(session.id), session]));
  reconcile(byId('session-rows'), rowsById, [...byKey.keys()], makeRow);
  byKey.forEach((session, key) => renderRow(rowsById.get(key), session));
  renderSort();
  renderPaging(total, sessions.length);
}

function renderSort() {
  document.querySelectorAll('#sessions [data-sort]').forEach((button) => {
    const sorted = button.dataset.sort === query.sort;
    const header = button.closest('th');
    if (sorted) {
      setAttribute(header, 'aria-sort', DIRECTION[query.sort]);
    } else {
      header.removeAttribute('aria-sort');
    }
  });
}

function renderPaging(total, shown) {
  const from = (cursors.length - 1) * PAGE + 1;
  const range = shown === 0 ? 'None' : `${format.count(from)} to ${format.count(from + shown - 1)}`;
  setText(byId('session-status'), total === 0 ? noneText() : `${range} of ${format.count(total)}`);
  byId('previous').disabled = cursors.length === 1;
  byId('next').disabled = next === null;
  setHidden(byId('session-box'), total === 0);
}

const noneText = () => (query.route || query.endpoint ? 'No session matches.' : 'No sessions.');

/** The cells of a row after the first: how each is filled, and whether it holds a number. */
const CELLS = [
  {text: ({pendingBytes}) => format.bytes(pendingBytes.client), number: true, notable: ({pendingBytes}) => pendingBytes.client > 0},
  {text: ({queue}) => (queue.messages === 0 ? '0' : `${format.count(queue.messages)} (${format.bytes(queue.bytes)})`), number: true, notable: ({queue}) => queue.messages > 0},
  {text: ({latencyMillis}) => format.millis(latencyMillis), number: true},
  {text: ({ageSeconds}) => format.wholeSeconds(ageSeconds), number: true},
  {text: ({idleSeconds}) => format.wholeSeconds(idleSeconds), number: true},
  {text: ({state, heldBack}) => state + held(heldBack), notable: ({state}) => state !== 'relaying'},
  {text: ({route}) => route},
  {text: ({endpoint, upstream}) => endpoint ?? `none now (${upstream})`, notable: ({endpoint}) => endpoint === null},
  {text: ({client}) => client},
  {text: ({messages}) => format.compact(messages.to_upstream), number: true},
  {text: ({messages}) => format.compact(messages.to_client), number: true},
  {text: ({traceId}) => (traceId === null ? format.NONE : traceId.slice(0, 8)), title: ({traceId}) => traceId ?? ''},
];

/** Reading from a peer is held back while the other one is slow. */
function held({client, upstream}) {
  const sides = [client && 'client', upstream && 'upstream'].filter(Boolean);
  return sides.length === 0 ? '' : `, ${sides.join(' and ')} held back`;
}

function makeRow(id) {
  return element('tr', {'data-testid': 'session-row', 'data-session': id},
    element('th', {scope: 'row', class: 'number', text: id}),
    ...CELLS.map(({number}) => element('td', {class: number ? 'number' : 'text'})));
}

function renderRow(row, session) {
  CELLS.forEach(({text, title, notable}, index) => {
    const cell = row.children[index + 1];
    const content = text(session);
    setText(cell, content);
    setAttribute(cell, 'title', title ? title(session) : content);
    cell.classList.toggle('notable', notable?.(session) ?? false);
  });
}
