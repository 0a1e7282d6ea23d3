/**
 * What the page says about the whole: connection, readiness, banners, drain, title, and the tiles with the figures of now.
 * @module
 */

import {byId, setAttribute, setHidden, setIcon, setText} from './dom.js';
import * as format from './format.js';

/** A restart stays in the list of events; its banner goes after this. */
const RESTART_SHOWN_MS = 30_000;
const MINUTE = 60;

/** @param {import('./model.js').Model} model */
export function renderStatus(model) {
  renderConnection(model);
  if (model.state === null) {
    return;
  }
  renderReadiness(model);
  renderDrain(model.state.drain);
  renderTiles(model);
  renderTitle(model);
}

/** Changes with the time alone, so it is called while nothing comes, too. */
export function renderConnection(model) {
  const lost = model.lostSince !== null;
  const connection = byId('connection');
  const state = lost ? 'lost' : model.live ? 'live' : 'connecting';
  setAttribute(connection, 'data-state', state);
  setText(connection.lastElementChild, state);
  setIcon(connection.firstElementChild, {lost: 'open', live: 'closed', connecting: 'info'}[state]);
  setAttribute(document.documentElement, 'data-connection', state);
  setHidden(byId('lost'), !lost);
  if (lost) {
    // The time since is not in the live region: it would be read out every second.
    setText(byId('lost-text'), `Disconnected since ${format.time(model.lostSince)}.${model.unauthorized ? '' : ' Trying again.'}`);
    setText(byId('lost-for'), `${format.wholeSeconds((Date.now() - model.lostSince) / 1000)} ago`);
  }
  renderRestart(model);
  if (lost) {
    renderUnknown(model);
    renderTitle(model);
  }
}

function renderRestart({restart, lostSince}) {
  const age = restart === null ? Infinity : Date.now() - restart.at;
  const shown = age < RESTART_SHOWN_MS && lostSince === null;
  const banner = byId('restarted');
  setHidden(banner, !shown);
  if (shown) {
    setText(banner.lastElementChild, restart.text);
    banner.classList.toggle('fading', age > RESTART_SHOWN_MS - 3000);
  }
}

function renderReadiness({state}) {
  if (state.ready) {
    readiness('ready', 'closed', 'Ready', 'all upstreams are usable');
  } else {
    readiness('not-ready', 'open', 'Not ready', state.reason ?? '');
  }
}

/** Whether a gateway that can't be heard is ready, nobody knows. */
function renderUnknown({state, lostSince}) {
  const was = state === null ? 'never heard of the gateway' : `was ${state.ready ? 'ready' : 'not ready'} at ${format.time(lostSince)}`;
  readiness('unknown', 'info', 'Unknown', was);
}

function readiness(state, lamp, word, reason) {
  const ready = byId('ready');
  setAttribute(ready, 'data-state', state);
  setIcon(ready.querySelector('svg'), lamp);
  setText(byId('ready-text'), word);
  setText(byId('ready-reason'), reason);
}

function renderDrain(drain) {
  setHidden(byId('drain'), drain === null);
  if (drain === null) {
    return;
  }
  const gone = drain.total - drain.remaining;
  const progress = byId('drain-progress');
  progress.max = Math.max(1, drain.total);
  progress.value = drain.total === 0 ? 1 : gone;
  setText(byId('drain-remaining'), `${format.plural(drain.remaining, 'session')} left`);
  setText(byId('drain-gone'), drain.summary ?? `${format.count(gone)} of ${format.count(drain.total)} gone`);
}

function renderTiles({state, traffic}) {
  const {connections, queue, messages, messageBytes} = state;
  const minute = (name) => `+${format.count(traffic.sum(name, MINUTE))} in 1 min`;
  tile('active-connections', format.count(connections.active), minute('opened').replace('in', 'opened in'));
  tile('total-connections', format.compact(connections.total), `in ${format.wholeSeconds(state.uptimeSeconds)}`);
  tile('failed', format.compact(connections.failed), minute('failed'), traffic.sum('failed', MINUTE) > 0);
  tile('timeouts', format.compact(connections.timeouts), minute('timeouts'), traffic.sum('timeouts', MINUTE) > 0);
  tile('reconnections', format.compact(connections.reconnections), minute('reconnections'));
  tile('reconnecting', format.count(connections.reconnecting), connections.reconnecting > 0 ? 'wait for an upstream' : 'none waits', connections.reconnecting > 0);
  tile('messages-to-upstream', format.rate(traffic.last('messagesUp')), `${format.compact(messages.to_upstream)} in all`);
  tile('messages-to-client', format.rate(traffic.last('messagesDown')), `${format.compact(messages.to_client)} in all`);
  tile('bytes-to-upstream', format.byteRate(traffic.last('bytesUp')), `${format.bytes(messageBytes.to_upstream)} in all`);
  tile('bytes-to-client', format.byteRate(traffic.last('bytesDown')), `${format.bytes(messageBytes.to_client)} in all`);
  const waiting = queue.messages - queue.unconfirmed;
  tile('queued', format.compact(waiting), `${format.bytes(queue.buffered)} of ${format.bytes(queue.limitBytes)} kept`, waiting > 0);
  tile('uptime', format.wholeSeconds(state.uptimeSeconds), `version ${state.version}`);
}

function tile(id, value, detail, noticeable = false) {
  const box = byId(id);
  setText(box.querySelector('.value'), value);
  setText(box.querySelector('.detail'), detail);
  box.classList.toggle('noticeable', noticeable);
}

function renderTitle(model) {
  const concern = worst(model);
  const title = concern === null ? 'Tidegate' : `${concern} · Tidegate`;
  if (document.title !== title) {
    document.title = title;
  }
  // Another icon can't be had while the gateway is away.
  if (model.lostSince === null) {
    const alarming = concern !== null && concern.startsWith('●');
    setAttribute(byId('favicon'), 'href', `dashboard/favicon${alarming ? '-alert' : ''}.svg`);
  }
}

/** What deserves to be seen on a tab in the background. */
function worst({state, lostSince}) {
  if (lostSince !== null) {
    return '● disconnected';
  }
  if (state === null) {
    return null;
  }
  if (state.drain !== null) {
    return `◐ draining, ${format.count(state.drain.remaining)} left`;
  }
  const open = endpoints(state).filter((endpoint) => endpoint.breaker === 'open').length;
  if (open > 0) {
    return `● ${format.plural(open, 'open breaker')}`;
  }
  return state.ready ? null : '● not ready';
}

const endpoints = (state) => Object.values(state.upstreams).flatMap((upstream) => Object.values(upstream.endpoints));
