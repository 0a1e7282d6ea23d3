/**
 * The table of routes: what became of the messages that each took. It comes with the aggregates, every 30 s.
 * @module
 */

import {byId, element, reconcile, setAttribute, setHidden, setText} from './dom.js';
import * as format from './format.js';

const known = new Map();

const sum = (counts) => Object.values(counts ?? {}).reduce((total, n) => total + n, 0);

/** `1000 ×3, 1001 ×12` */
const listed = (counts) => Object.entries(counts ?? {}).map(([name, n]) => `${name} ×${format.compact(n)}`).join(', ');

const CELLS = [
  {text: ({connections}) => format.count(connections)},
  {text: ({accounting}) => format.compact(accounting.accepted)},
  {text: ({accounting}) => format.compact(accounting.delivered)},
  {text: ({accounting}) => format.compact(accounting.queued)},
  {text: ({accounting}) => format.compact(accounting.unconfirmed)},
  {text: ({accounting}) => format.compact(accounting.expired)},
  {text: ({accounting}) => format.compact(accounting.duplicate)},
  {text: ({accounting}) => format.compact(sum(accounting.dropped)), title: ({accounting}) => listed(accounting.dropped), notable: ({accounting}) => sum(accounting.dropped) > 0},
  {text: ({handshakes}) => listed(handshakes) || format.NONE, words: true},
  {text: ({closes}) => closesText(closes) || format.NONE, words: true},
];

/** @param {object|null} aggregates */
export function renderRoutes(aggregates) {
  if (aggregates === null) {
    return;
  }
  const {routes, at} = aggregates;
  const labels = Object.keys(routes);
  setText(byId('routes-at'), labels.length === 0 ? 'No routes are known.' : `as of ${format.time(new Date(at))}`);
  setHidden(byId('route-box'), labels.length === 0);
  reconcile(byId('route-rows'), known, labels, makeRow);
  labels.forEach((label) => renderRow(known.get(label), routes[label]));
}

function closesText(closes) {
  return Object.entries(closes ?? {}).filter(([, counts]) => sum(counts) > 0)
    .map(([side, counts]) => `${side} ${listed(counts)}`).join('; ');
}

function makeRow(label) {
  return element('tr', {'data-testid': 'route-row', 'data-route': label},
    element('th', {scope: 'row', text: label}),
    ...CELLS.map(({words}) => element('td', {class: words ? 'text' : 'number'})));
}

function renderRow(row, route) {
  CELLS.forEach(({text, title, notable}, index) => {
    const cell = row.children[index + 1];
    setText(cell, text(route));
    setAttribute(cell, 'title', title ? title(route) : cell.textContent);
    cell.classList.toggle('notable', notable?.(route) ?? false);
  });
}
