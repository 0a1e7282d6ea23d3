/**
 * A lamp for the breaker of each endpoint, by upstream. A state has a shape and a word, besides its colour.
 * @module
 */

import {byId, element, icon, reconcile, setAttribute, setHidden, setIcon, setText} from './dom.js';
import * as format from './format.js';

const WORDS = {closed: 'Closed', half_open: 'Half-open', open: 'Open'};
/** From here on an upstream's cards are small, and those that need a look come first. */
const MANY = 13;
const groups = new Map();

/** @param {object} upstreams as the gateway has them, by name */
export function renderBreakers(upstreams) {
  const names = Object.keys(upstreams);
  setHidden(byId('no-upstreams'), names.length > 0);
  reconcile(byId('upstream-list'), groups, names, makeGroup);
  names.forEach((name) => renderGroup(groups.get(name), name, upstreams[name]));
}

function makeGroup(name) {
  const group = element('section', {class: 'upstream', 'data-testid': 'upstream', 'data-upstream': name},
    element('header', {}, element('h3', {text: name}), element('p', {class: 'summary'}),
      element('p', {class: 'waiting', 'data-testid': 'waiting'})),
    element('ul', {class: 'endpoints'}));
  group.known = new Map();
  return group;
}

function renderGroup(group, name, {waiting, endpoints}) {
  const many = Object.keys(endpoints).length >= MANY;
  const labels = many ? worstFirst(endpoints) : Object.keys(endpoints);
  group.classList.toggle('many', many);
  renderSummary(group.querySelector('.summary'), Object.values(endpoints));
  const line = group.querySelector('.waiting');
  setText(line, waiting === 0 ? 'none waiting' : `${format.plural(waiting, 'session')} waiting`);
  setAttribute(line, 'data-waiting', String(waiting));
  reconcile(group.lastElementChild, group.known, labels, (label) => makeEndpoint(name, label));
  labels.forEach((label) => renderEndpoint(group.known.get(label), endpoints[label]));
}

const worstFirst = (endpoints) => Object.keys(endpoints).sort((one, other) => rank(endpoints[one]) - rank(endpoints[other]));

function rank({breaker, forced, draining, vanished, healthy}) {
  return breaker === 'open' ? 0 : breaker === 'half_open' ? 1 : forced || draining || vanished || !healthy ? 2 : 3;
}

function renderSummary(line, endpoints) {
  const usable = endpoints.filter((endpoint) => endpoint.breaker !== 'open' && !endpoint.draining && !endpoint.vanished).length;
  setText(line, `${usable} of ${format.plural(endpoints.length, 'endpoint')} usable`);
  setAttribute(line, 'data-usable', String(usable));
}

function makeEndpoint(upstream, label) {
  return element('li', {class: 'endpoint', 'data-testid': 'breaker', 'data-upstream': upstream, 'data-endpoint': label},
    icon('closed'),
    element('p', {class: 'label', text: label, title: label}),
    element('p', {class: 'lamp-text'}),
    element('p', {class: 'badges'}),
    element('p', {class: 'figures'}));
}

function renderEndpoint(card, endpoint) {
  setAttribute(card, 'data-state', endpoint.breaker);
  setIcon(card.firstElementChild, endpoint.breaker);
  setText(card.querySelector('.lamp-text'), lampText(endpoint));
  renderBadges(card.querySelector('.badges'), endpoint);
  setText(card.querySelector('.figures'), figures(endpoint));
}

function lampText({breaker, forced, nextProbeMillis}) {
  const word = WORDS[breaker] ?? breaker;
  if (forced) {
    return `${word}, held by an operator`;
  }
  if (breaker === 'half_open') {
    return `${word}, probing`;
  }
  if (breaker !== 'open') {
    return word;
  }
  return nextProbeMillis > 0 ? `${word}, probe in ${format.seconds(Math.ceil(nextProbeMillis / 1000))}` : `${word}, probe is due`;
}

function renderBadges(line, {forced, draining, vanished, healthy}) {
  const badges = [[forced, 'forced'], [draining, 'draining'], [vanished, 'vanished'], [!healthy, 'unhealthy']]
    .filter(([shown]) => shown).map(([, name]) => name);
  if (line.dataset.badges !== badges.join(' ')) {
    line.dataset.badges = badges.join(' ');
    line.replaceChildren(...badges.map((name) => element('span', {class: `badge ${name}`, 'data-testid': 'badge', text: name})));
  }
}

function figures({connections, dials, failureRate, transitions}) {
  return [
    `${format.compact(connections)} up`,
    `${format.compact(dials)} dialled`,
    failureRate === null ? 'too few to judge' : `${format.percent(failureRate / 100)} fail`,
    transitions.open === 0 ? '' : `opened ${format.compact(transitions.open)}×`,
  ].filter(Boolean).join(' · ');
}
