/**
 * One chart over time: a uPlot in a panel with a legend of its own, which has the newest values, or those under the cursor.
 * @module
 */

import uPlot from './uplot/uPlot.esm.js';
import {element, setAttribute, setHidden, setText} from './dom.js';
import {NONE, time, wholeSeconds} from './format.js';
import {colour} from './theme.js';

/** Screen readers get a new summary this often at most. */
const SUMMARY_MS = 5000;
const SYNC = 'time';
/** Steps between bytes on an axis: 1 to 512 of each of B, KiB, … */
const BINARY = Array.from({length: 50}, (_, power) => 2 ** power);

/**
 * @typedef {object} Line
 * @property {string} column of the history
 * @property {string} label
 * @property {string} colour a custom property
 * @property {boolean} [fill] the area below it, too
 * @property {number[]} [dash]
 *
 * @typedef {object} ChartDefinition
 * @property {string} id
 * @property {string} title
 * @property {string} [marker] the colour of what the whole chart is about
 * @property {string} [note] what the numbers are
 * @property {string} empty what to say without data
 * @property {function(number): string} format
 * @property {boolean} [log] a logarithmic scale
 * @property {number} [max] the fixed end of a linear scale
 * @property {boolean} [binary] whether it counts bytes
 * @property {Line[]} lines
 */

export class Chart {
  #definition;
  #plot;
  #box;
  #empty;
  #at = element('p', {class: 'at', 'aria-hidden': 'true', hidden: ''});
  #values = [];
  #range = [0, 1];
  #summarised = -Infinity;
  #seen = true;
  #drawn = false;
  #pending = null;

  /** @param {ChartDefinition} definition */
  constructor(definition, parent) {
    this.#definition = definition;
    this.#box = element('div', {class: 'plot fresh', role: 'img', 'aria-label': `${definition.title}: no data yet`});
    this.#empty = element('p', {class: 'empty', text: definition.empty});
    parent.append(element('figure', {class: 'panel', 'data-testid': 'chart', 'data-chart': definition.id},
      this.#caption(), element('div', {class: 'plot-area'}, this.#box, this.#at, this.#empty)));
    this.#plot = new uPlot(this.#options(), [[], ...definition.lines.map(() => [])], this.#box);
    new ResizeObserver(() => this.#resize()).observe(this.#box);
    // What is scrolled away isn't drawn until it is back.
    new IntersectionObserver((entries) => this.#show(entries.at(-1).isIntersecting), {rootMargin: '300px'}).observe(this.#box);
  }

  /**
   * @param {import('./history.js').History} history
   * @param {number} now the right end, in seconds
   * @param {number} span seconds from end to end
   */
  render(history, now, span) {
    // Drawn once in any case: axes without a time look broken while one scrolls.
    if (!this.#seen && this.#drawn) {
      this.#pending = [history, now, span];
      return;
    }
    this.#pending = null;
    this.#drawn = true;
    this.#range = [now - span, now];
    const data = history.slice(this.#definition.lines.map(({column}) => column), now - span);
    const blank = data.slice(1).every((column) => column.every((value) => value === null));
    setHidden(this.#empty, !blank);
    this.#box.classList.remove('fresh');
    this.#box.classList.toggle('blank', blank);
    this.#plot.setData(data);
    this.#renderValues();
    this.#summarise(blank, span);
  }

  restyle() {
    this.#plot.redraw(false, true);
  }

  #show(seen) {
    this.#seen = seen;
    if (seen && this.#pending !== null) {
      this.render(...this.#pending);
    }
  }

  #resize() {
    const {clientWidth: width, clientHeight: height} = this.#box;
    if (width > 0 && height > 0 && (width !== this.#plot.width || height !== this.#plot.height)) {
      this.#plot.setSize({width, height});
    }
  }

  #caption() {
    const {title, marker, note, lines} = this.#definition;
    const heading = element('h3', {text: title});
    if (marker) {
      heading.prepend(swatch(marker));
    }
    if (note) {
      heading.append(element('small', {text: note}));
    }
    return element('figcaption', {}, heading,
      element('ul', {class: 'legend'}, ...lines.map((line, index) => element('li', {}, this.#key(line, index)))));
  }

  #key({label, colour: name, dash}, index) {
    const value = element('span', {class: 'value', text: NONE});
    this.#values.push(value);
    const key = element('button', {type: 'button', 'aria-pressed': 'true', title: `show or hide ${label}`},
      swatch(name, dash), element('span', {text: label}), value);
    key.addEventListener('click', () => {
      const show = key.getAttribute('aria-pressed') !== 'true';
      setAttribute(key, 'aria-pressed', String(show));
      this.#plot.setSeries(index + 1, {show});
    });
    return key;
  }

  #renderValues() {
    const {data, cursor} = this.#plot;
    const pointed = Number.isInteger(cursor.idx);
    setHidden(this.#at, !pointed);
    if (pointed) {
      setText(this.#at, time(new Date(data[0][cursor.idx] * 1000)));
    }
    this.#definition.lines.forEach((line, index) => {
      const column = data[index + 1];
      const value = pointed ? column[cursor.idx] : column.at(-1);
      setText(this.#values[index], value === null || value === undefined ? NONE : this.#definition.format(value));
    });
  }

  #summarise(blank, span) {
    const now = performance.now();
    if (now - this.#summarised < SUMMARY_MS) {
      return;
    }
    this.#summarised = now;
    const {title, note, empty, lines, format} = this.#definition;
    const values = lines.map(({label}, index) => {
      const column = this.#plot.data[index + 1];
      const last = column.at(-1) ?? null;
      const highest = column.reduce((max, value) => (value !== null && value > max ? value : max), 0);
      return `${label} ${last === null ? 'none' : format(last)}, at most ${format(highest)}`;
    });
    const text = blank ? empty : `${values.join('; ')}; over ${wholeSeconds(span)}`;
    setAttribute(this.#box, 'aria-label', `${title}${note ? `, ${note}` : ''}: ${text}`);
  }

  #options() {
    const {lines, log, max, binary, format} = this.#definition;
    const size = rem();
    const font = `${Math.round(size * 0.72)}px system-ui, sans-serif`;
    const axis = {
      font,
      stroke: () => colour('--muted'),
      grid: {stroke: () => colour('--grid'), width: 1},
      ticks: {show: false},
    };
    return {
      width: 300,
      height: 150,
      legend: {show: false},
      cursor: {y: false, drag: {x: false, y: false}, sync: {key: SYNC}, points: {size: 6}},
      padding: [size * 0.5, size * 1.5, 0, 0],
      scales: {x: {range: () => this.#range}, y: log ? {distr: 3, range: logRange} : {range: linearRange(max)}},
      series: [{}, ...lines.map(seriesOf)],
      axes: [
        {...axis, size: size * 1.7, space: size * 5, values: timeOfDay},
        {...axis, size: size * 4.2, space: size * 1.9, gap: size * 0.3, ...(binary ? {incrs: BINARY} : {}),
          values: (plot, splits) => splits.map((split) => (split === null ? '' : format(split)))},
      ],
      hooks: {setCursor: [() => this.#renderValues()]},
    };
  }
}

const swatch = (name, dash) => element('span', {class: `swatch${dash ? ' dashed' : ''}`, 'data-colour': name.slice(2), 'aria-hidden': 'true'});

const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

function seriesOf({label, colour: name, fill, dash}) {
  return {
    label,
    dash,
    width: 1.5,
    stroke: () => colour(name),
    fill: fill ? () => `${colour(name)}22` : undefined,
    points: {size: 4, fill: () => colour(name), filter: isolated},
  };
}

/** A value between two gaps has no line: it needs a point. */
function isolated(plot, series, show) {
  if (show) {
    return null;
  }
  const column = plot.data[series];
  const alone = (index) => column[index] !== null && (column[index - 1] ?? null) === null && (column[index + 1] ?? null) === null;
  return [...column.keys()].filter(alone);
}

const linearRange = (fixed) => (plot, min, max) => [0, fixed ?? (max > 0 ? max * 1.1 : 1)];

function logRange(plot, min, max) {
  if (!(max > 0)) {
    return [0.1, 100];
  }
  const floor = Math.max(min, 0.001);
  return [10 ** Math.floor(Math.log10(floor)), 10 ** Math.ceil(Math.log10(Math.max(max, floor * 1.01)))];
}

function timeOfDay(plot, splits, axis, space, increment) {
  const options = {hour: '2-digit', minute: '2-digit', ...(increment < 60 ? {second: '2-digit'} : {})};
  const format = new Intl.DateTimeFormat('en-GB', options);
  return splits.map((split) => format.format(split * 1000));
}
