/**
 * What the page knows: the newest state, and what it made of all that came before. It touches no DOM, so that it gathers
 * while the page is hidden, and is bounded, so that the page can stay open.
 * @module
 */

import {History} from './history.js';
import {wholeSeconds} from './format.js';

/** What is kept: an hour. */
const KEPT_SECONDS = 3600;
const STATE_SECONDS = 1;
const LEAST_RATE_SECONDS = 0.5;
const PERFORMANCE_SECONDS = 5;
const HAPPENED_KEPT = 300;
/** A retry success rate over less would be all or nothing. */
const RETRY_WINDOW_SECONDS = 60;

const PERCENTILES = ['p50', 'p90', 'p99', 'p99.9'];
const TRAFFIC = ['messagesUp', 'messagesDown', 'bytesUp', 'bytesDown', 'active', 'reconnecting', 'reconnections', 'failed',
  'timeouts', 'opened', 'queued', 'unconfirmed', 'buffered', 'duplicate', 'first'];
const LATENCIES = {
  relayUp: (latency) => latency.relay.to_upstream,
  relayDown: (latency) => latency.relay.to_client,
  request: (latency) => latency.request,
  handshake: (latency) => latency.handshake,
  queueWait: (latency) => latency.queueWait,
  reconnect: (latency) => latency.reconnect,
  pingClient: (latency) => latency.pingRtt.client,
  pingUpstream: (latency) => latency.pingRtt.upstream,
};

/** The columns of a latency, one per percentile. */
export const percentileColumns = (name) => PERCENTILES.map((percentile) => `${name}.${percentile}`);

const history = (names, seconds, gapSeconds) => new History(names, {capacity: KEPT_SECONDS / seconds, gapSeconds});

export class Model {
  state = null;
  performance = null;
  aggregates = null;
  /** Newest first. */
  happened = [];
  /** Since when (Date) the stream is lost, or null; at first it is neither lost nor up. */
  lostSince = null;
  live = false;
  /** Whether the gateway wants a token before it says anything. */
  unauthorized = false;
  /** {at: Date, text} of the newest restart that was seen, or null. */
  restart = null;
  traffic = history(TRAFFIC, STATE_SECONDS, 3.5);
  latency = history([...Object.keys(LATENCIES).flatMap(percentileColumns), 'retrySuccess', 'retries', 'heapUsed', 'heapCommitted',
    'directUsed', 'resident'], PERFORMANCE_SECONDS, 13);
  /** {from, time, relay, request} per interval, oldest first; `time` is its end. */
  heat = [];
  heatBounds = [];
  #receivedAt = 0;
  #ownEntries = 0;

  /** The time at the gateway, in seconds: its clock, not the browser's, is the one that its log has. */
  now() {
    return this.state === null ? Date.now() / 1000 : (Date.parse(this.state.at) + Date.now() - this.#receivedAt) / 1000;
  }

  lost(at = new Date()) {
    this.live = false;
    this.lostSince ??= at;
  }

  /** @return {object[]} the entries that are news, oldest first: none of those that the gateway sends on connecting */
  apply(type, data) {
    switch (type) {
      case 'state':
        return this.#applyState(data);
      case 'performance':
        this.#applyPerformance(data);
        return [];
      case 'aggregates':
        this.aggregates = data;
        return [];
      default:
        // A newer gateway may send more.
        return [];
    }
  }

  #applyState(state) {
    const before = this.state;
    const restarted = before !== null && before.instance !== state.instance;
    const news = restarted ? [this.#restarted(state)] : [];
    const known = before === null || restarted ? 0 : this.#lastSeq();
    const fresh = state.happened.filter((entry) => entry.seq > known).map((entry) => ({...entry, instance: state.instance}));
    this.#remember(fresh.concat(news));
    this.#pushTraffic(state);
    this.state = state;
    this.#receivedAt = Date.now();
    this.live = true;
    this.unauthorized = false;
    this.lostSince = null;
    return before === null ? [] : news.concat(fresh);
  }

  #base = null;

  /** A state on connecting may be close to the next: a rate over so short a time is noise, so the next spans both. */
  #pushTraffic(state) {
    const before = this.#base?.instance === state.instance ? this.#base : null;
    const elapsed = before === null ? 0 : (Date.parse(state.at) - Date.parse(before.at)) / 1000;
    const measurable = elapsed >= LEAST_RATE_SECONDS;
    this.traffic.push(Date.parse(state.at) / 1000, {...levels(state), ...(measurable ? growth(before, state, elapsed) : {})});
    if (before === null || measurable || elapsed < 0) {
      this.#base = state;
    }
  }

  #restarted(state) {
    const at = new Date();
    const gone = this.lostSince === null ? 0 : (at - this.lostSince) / 1000 - state.uptimeSeconds;
    // A page that slept through it can't tell for how long.
    const down = gone > 0 ? ` (down for ${wholeSeconds(Math.max(1, Math.round(gone)))})` : '';
    const text = `The gateway was restarted${down}`;
    this.restart = {at, text};
    this.performance = null;
    this.traffic.interrupt();
    this.latency.interrupt();
    return {seq: 0, own: ++this.#ownEntries, instance: state.instance, at: state.startedAt, kind: 'gateway', severity: 'warning', subject: 'gateway', text};
  }

  #lastSeq() {
    const instance = this.state.instance;
    return this.happened.reduce((last, entry) => (entry.instance === instance ? Math.max(last, entry.seq) : last), 0);
  }

  #remember(entries) {
    this.happened = [...entries.reverse(), ...this.happened].slice(0, HAPPENED_KEPT);
  }

  #applyPerformance(performance) {
    const row = {...performance.memory};
    for (const [name, of] of Object.entries(LATENCIES)) {
      const values = of(performance.latency);
      PERCENTILES.forEach((percentile) => {
        row[`${name}.${percentile}`] = values.count > 0 ? values[percentile] : null;
      });
    }
    Object.assign(row, this.#retries(performance.retry));
    const time = Date.parse(performance.at) / 1000;
    if (time > this.latency.lastTime) {
      this.#applyHeat(time, performance);
    }
    this.latency.push(time, row);
    this.performance = performance;
  }

  #retryTotals = [];

  /** The success rate over the last minute, out of totals since the start. */
  #retries(now) {
    const totals = this.#retryTotals;
    if (totals.length > 0 && now.attempts < totals.at(-1).attempts) {
      totals.length = 0;
    }
    totals.push(now);
    totals.splice(0, totals.length - 1 - RETRY_WINDOW_SECONDS / PERFORMANCE_SECONDS);
    const successes = now.successes - totals[0].successes;
    const ended = successes + now.failures - totals[0].failures;
    return {retries: now.attempts - totals[0].attempts, retrySuccess: ended > 0 ? successes / ended : null};
  }

  #applyHeat(time, {heat, intervalSeconds}) {
    if (heat.boundsMillis.length !== this.heatBounds.length) {
      this.heat.length = 0;
    }
    this.heatBounds = heat.boundsMillis;
    this.heat.push({time, from: time - intervalSeconds, relay: heat.relay, request: heat.request});
    this.heat.splice(0, this.heat.length - KEPT_SECONDS / PERFORMANCE_SECONDS);
  }
}

const levels = ({connections, queue}) => ({active: connections.active, reconnecting: connections.reconnecting,
  queued: queue.messages - queue.unconfirmed, unconfirmed: queue.unconfirmed, buffered: queue.buffered});

/** What became of totals between two states of one process: rates, and counts of what is rare. Nothing is ever negative. */
function growth(before, state, elapsed) {
  const grown = (of) => {
    const difference = of(state) - of(before);
    return difference >= 0 ? difference : null;
  };
  const perSecond = (of) => {
    const difference = grown(of);
    return difference === null ? null : difference / elapsed;
  };
  return {
    messagesUp: perSecond((of) => of.messages.to_upstream),
    messagesDown: perSecond((of) => of.messages.to_client),
    bytesUp: perSecond((of) => of.messageBytes.to_upstream),
    bytesDown: perSecond((of) => of.messageBytes.to_client),
    duplicate: perSecond((of) => of.dedup.duplicate),
    first: perSecond((of) => of.dedup.first),
    reconnections: grown((of) => of.connections.reconnections),
    failed: grown((of) => of.connections.failed),
    timeouts: grown((of) => of.connections.timeouts),
    opened: grown((of) => of.connections.total),
  };
}
