/**
 * The charts of the page: which there are, and when each is drawn.
 * @module
 */

import {Chart} from './charts.js';
import {byId} from './dom.js';
import * as format from './format.js';
import {Heatmap} from './heatmap.js';
import {percentileColumns} from './model.js';
import {onTheme} from './theme.js';

const KEY = 'tidegate.span';
/** In seconds. */
const LEAST_SPAN = 60;
const UP = '--to-upstream';
const DOWN = '--to-client';

const directions = (up, down) => [
  {column: up, label: 'to upstream', colour: UP},
  {column: down, label: 'to client', colour: DOWN},
];

const percentiles = (name) => percentileColumns(name).map((column, index) => ({
  column, label: ['p50', 'p90', 'p99', 'p99.9'][index], colour: `--percentile-${index + 1}`,
}));

const latency = (id, title, name, empty, marker) => ({id, title, marker, empty, log: true, format: format.millis, lines: percentiles(name)});

/** Out of each state, every second. */
const TRAFFIC = [
  {id: 'messages', title: 'Messages', note: 'per second', empty: 'no messages yet', format: format.rate, lines: directions('messagesUp', 'messagesDown')},
  {id: 'bytes', title: 'Bytes', note: 'payload, per second', empty: 'no messages yet', binary: true, format: format.byteRate, lines: directions('bytesUp', 'bytesDown')},
  {id: 'connections', title: 'Connections', empty: 'no data yet', format: format.compact, lines: [
    {column: 'active', label: 'active', colour: '--series-1', fill: true},
    {column: 'reconnecting', label: 'reconnecting', colour: '--series-2'},
  ]},
  {id: 'queue', title: 'Queues', note: 'messages', empty: 'no data yet', format: format.compact, lines: [
    {column: 'queued', label: 'waiting', colour: '--series-1', fill: true},
    {column: 'unconfirmed', label: 'unconfirmed', colour: '--series-2'},
  ]},
  {id: 'reconnects', title: 'Reconnects', note: 'per second', empty: 'no data yet', format: format.compact, lines: [
    {column: 'reconnections', label: 'reconnected', colour: '--series-1', fill: true},
    {column: 'failed', label: 'connects failed', colour: '--bad'},
  ]},
  {id: 'dedup', title: 'Dedup', note: 'keys per second', empty: 'no data yet', format: format.rate, lines: [
    {column: 'duplicate', label: 'duplicates', colour: '--series-2', fill: true},
    {column: 'first', label: 'first seen', colour: '--series-1'},
  ]},
];

/** Out of each performance, every 5 s. */
const RESOURCES = [
  {id: 'retry', title: 'Retry success', note: 'of the last minute', empty: 'no dial was retried in this time', format: format.percent, max: 1, lines: [
    {column: 'retrySuccess', label: 'succeeded', colour: '--series-1', fill: true},
  ]},
  {id: 'memory', title: 'Memory', empty: 'no data yet', binary: true, format: format.bytes, lines: [
    {column: 'heapUsed', label: 'heap used', colour: '--series-1', fill: true},
    {column: 'heapCommitted', label: 'heap committed', colour: '--series-1', dash: [4, 3]},
    {column: 'directUsed', label: 'direct', colour: '--series-3'},
    {column: 'resident', label: 'resident', colour: '--series-2'},
  ]},
];

const LATENCY = [
  latency('relay-to-upstream', 'Relay to upstream', 'relayUp', 'nothing relayed in this time', UP),
  latency('relay-to-client', 'Relay to client', 'relayDown', 'nothing relayed in this time', DOWN),
  latency('request', 'Requests, until their reply', 'request', 'no requests in this time (routes with requests have them)'),
  latency('handshake', 'Opening handshakes', 'handshake', 'no handshakes in this time'),
  latency('dwell', 'Dwell in the queue', 'queueWait', 'no message had to wait in this time'),
  latency('reconnect-time', 'Time to reconnect', 'reconnect', 'no session lost its upstream in this time'),
  latency('ping-upstream', 'Ping to upstream and back', 'pingUpstream', 'no pings in this time', UP),
  latency('ping-client', 'Ping to client and back', 'pingClient', 'no pings in this time', DOWN),
];

const HEATMAPS = [
  {id: 'relay', title: 'Relay latency', empty: 'nothing relayed in this time'},
  {id: 'request', title: 'Request latency', empty: 'no requests in this time (routes with requests have them)'},
];

export class Panels {
  #traffic;
  #performance;
  #heatmaps;
  #span;

  /** @param {function()} changed called when another time span is chosen */
  constructor(changed) {
    this.#traffic = TRAFFIC.map((definition) => new Chart(definition, byId('traffic-charts')));
    this.#performance = [
      ...RESOURCES.map((definition) => new Chart(definition, byId('traffic-charts'))),
      ...LATENCY.map((definition) => new Chart(definition, byId('latency-charts'))),
    ];
    this.#heatmaps = HEATMAPS.map((definition) => new Heatmap(definition, byId('heatmaps')));
    onTheme(() => [...this.#traffic, ...this.#performance, ...this.#heatmaps].forEach((chart) => chart.restyle()));
    this.#startSpan(changed);
  }

  #startSpan(changed) {
    const select = byId('span');
    const stored = Number(sessionStorage.getItem(KEY));
    if ([...select.options].some(({value}) => Number(value) === stored)) {
      select.value = String(stored);
    }
    this.#span = Number(select.value);
    select.addEventListener('change', () => {
      this.#span = Number(select.value);
      sessionStorage.setItem(KEY, select.value);
      changed();
    });
  }

  renderTraffic(model) {
    this.#traffic.forEach((chart) => chart.render(model.traffic, model.now(), this.#spanOf(model)));
  }

  renderPerformance(model) {
    const span = this.#spanOf(model);
    this.#performance.forEach((chart) => chart.render(model.latency, model.now(), span));
    this.#heatmaps.forEach((heatmap) => heatmap.render(model, span));
  }

  /** A page that was just opened shows what there is, rather than a sliver at the right. */
  #spanOf(model) {
    return Math.min(this.#span, Math.max(LEAST_SPAN, model.now() - model.traffic.firstTime));
  }
}
