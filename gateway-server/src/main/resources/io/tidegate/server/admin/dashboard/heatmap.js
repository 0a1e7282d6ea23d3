/**
 * How latencies are distributed, over time: a column per interval, a row per bucket (their bounds grow exponentially, so
 * the scale is logarithmic), and the darker the more. The same numbers are there as a sentence and as a table.
 * @module
 */

import {element, setAttribute, setHidden, setText} from './dom.js';
import * as format from './format.js';
import {colour} from './theme.js';

const SHADES = 5;

export class Heatmap {
  #definition;
  #canvas = element('canvas', {class: 'heat', role: 'img'});
  #empty;
  #readout = element('p', {class: 'readout', text: ' '});
  #summary = element('p', {class: 'heat-summary'});
  #legendMax = element('span', {});
  #rows = element('tbody');
  #details;
  #drawn = null;

  /** @param {{id: string, title: string, empty: string}} definition */
  constructor(definition, parent) {
    this.#definition = definition;
    this.#empty = element('p', {class: 'empty', text: definition.empty});
    setAttribute(this.#canvas, 'aria-label', `${definition.title}, heat map: no data yet`);
    this.#details = element('details', {}, element('summary', {text: 'As a table'}), this.#table());
    parent.append(element('figure', {class: 'panel heat-panel', 'data-testid': 'heatmap', 'data-heatmap': definition.id},
      element('figcaption', {}, element('h3', {text: definition.title}, element('small', {text: 'how many took how long'})), this.#legend()),
      element('div', {class: 'plot-area'}, this.#canvas, this.#empty),
      this.#readout, this.#summary, this.#details));
    new ResizeObserver(() => this.restyle()).observe(this.#canvas);
    this.#details.addEventListener('toggle', () => this.restyle());
    this.#canvas.addEventListener('pointermove', (event) => this.#read(event));
    this.#canvas.addEventListener('pointerleave', () => setText(this.#readout, ' '));
  }

  /**
   * @param {import('./model.js').Model} model
   * @param {number} span seconds from end to end
   */
  render(model, span) {
    const now = model.now();
    const columns = model.heat.filter(({time}) => time >= now - span)
      .map((entry) => ({from: entry.from, time: entry.time, counts: entry[this.#definition.id]}));
    const totals = model.heatBounds.concat(Infinity).map((bound, row) => columns.reduce((sum, {counts}) => sum + counts[row], 0));
    this.#drawn = {now, span, columns, bounds: model.heatBounds, totals, total: totals.reduce((sum, n) => sum + n, 0)};
    this.restyle();
  }

  restyle() {
    if (this.#drawn === null) {
      return;
    }
    setHidden(this.#empty, this.#drawn.total > 0);
    this.#draw();
    this.#summarise();
    if (this.#details.open) {
      this.#renderTable();
    }
  }

  #draw() {
    const {columns, now, span} = this.#drawn;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(this.#canvas.clientWidth * ratio), Math.round(this.#canvas.clientHeight * ratio)];
    if (width === 0) {
      return;
    }
    this.#canvas.width = width;
    this.#canvas.height = height;
    const area = this.#area(ratio);
    const context = this.#canvas.getContext('2d');
    context.fillStyle = colour('--raised');
    context.fillRect(area.left, 0, area.width, area.height);
    const most = columns.reduce((max, {counts}) => Math.max(max, ...counts), 0);
    const shade = shades(most);
    const xOf = (time) => area.left + ((time - (now - span)) / span) * area.width;
    columns.forEach(({from, time, counts}, index) => {
      // Clocks of two threads differ by some milliseconds, and edges are rounded: hairlines of background would show.
      const previous = columns[index - 1]?.time ?? -Infinity;
      const left = Math.max(area.left, Math.round(xOf(Math.abs(from - previous) < 1 ? previous : from)));
      const right = Math.max(left + 1, Math.round(xOf(time)));
      counts.forEach((n, row) => {
        if (n > 0) {
          const [top, bottom] = [counts.length - 1 - row, counts.length - row].map((edge) => Math.round(area.row * edge));
          context.fillStyle = shade(n);
          context.fillRect(left, top, right - left, bottom - top);
        }
      });
    });
    this.#drawAxes(context, area, ratio);
    setText(this.#legendMax, most > 0 ? format.compact(most) : '');
  }

  #area(ratio) {
    const size = parseFloat(getComputedStyle(this.#canvas).fontSize) * ratio;
    const [left, bottom] = [size * 5.2, size * 1.8];
    const height = this.#canvas.height - bottom;
    return {left, height, width: this.#canvas.width - left, height, row: height / (this.#drawn.bounds.length + 1), size};
  }

  #drawAxes(context, area, ratio) {
    const {bounds, now, span} = this.#drawn;
    context.fillStyle = colour('--muted');
    context.font = `${area.size}px system-ui, sans-serif`;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const every = Math.max(1, Math.ceil((area.size * 1.4) / area.row));
    bounds.forEach((bound, row) => {
      if (row % every === 0) {
        const y = area.row * (bounds.length - row);
        context.fillText(format.millis(bound), area.left - 6 * ratio, Math.max(area.size / 2, y));
      }
    });
    context.textBaseline = 'bottom';
    context.textAlign = 'left';
    context.fillText(format.time(new Date((now - span) * 1000)), area.left, this.#canvas.height);
    context.textAlign = 'right';
    context.fillText(format.time(new Date(now * 1000)), this.#canvas.width, this.#canvas.height);
  }

  #read({offsetX, offsetY}) {
    if (this.#drawn === null) {
      return;
    }
    const {now, span, columns, bounds} = this.#drawn;
    const area = this.#area(devicePixelRatio);
    const time = now - span + ((offsetX * devicePixelRatio - area.left) / area.width) * span;
    const row = bounds.length - Math.floor((offsetY * devicePixelRatio) / area.row);
    const column = columns.find((candidate) => candidate.time >= time && candidate.from <= time);
    const inside = column !== undefined && row >= 0 && row <= bounds.length;
    setText(this.#readout, inside ? `${format.time(new Date(column.time * 1000))}, ${bucket(bounds, row)}: ${format.count(column.counts[row])}` : ' ');
  }

  #summarise() {
    const {totals, total, bounds, span} = this.#drawn;
    const text = total === 0 ? this.#definition.empty : sentence(totals, total, bounds, span);
    setText(this.#summary, total === 0 ? '' : text);
    setAttribute(this.#canvas, 'aria-label', `${this.#definition.title}, heat map: ${text}`);
  }

  #legend() {
    const scale = Array.from({length: SHADES}, (_, index) => element('span', {class: 'shade', 'data-shade': index + 1}));
    return element('p', {class: 'heat-legend'}, element('span', {text: '1'}), ...scale, this.#legendMax,
      element('span', {class: 'unit', text: 'per 5 s'}));
  }

  #table() {
    const head = ['Took', 'Count', 'Share'].map((text) => element('th', {scope: 'col', text}));
    return element('table', {}, element('caption', {class: 'visually-hidden', text: `${this.#definition.title}: counts by bucket`}),
      element('thead', {}, element('tr', {}, ...head)), this.#rows);
  }

  #renderTable() {
    const {totals, total, bounds} = this.#drawn;
    this.#rows.replaceChildren(...totals.map((n, row) => element('tr', {},
      element('th', {scope: 'row', text: bucket(bounds, row)}),
      element('td', {text: format.count(n)}),
      element('td', {text: total === 0 ? format.NONE : format.percent(n / total)}))));
  }
}

function bucket(bounds, row) {
  if (row === bounds.length) {
    return `over ${format.millis(bounds.at(-1))}`;
  }
  return row === 0 ? `up to ${format.millis(bounds[0])}` : `${format.millis(bounds[row - 1])} to ${format.millis(bounds[row])}`;
}

function sentence(totals, total, bounds, span) {
  const fullest = totals.indexOf(Math.max(...totals));
  const slowest = totals.findLastIndex((n) => n > 0);
  return `${format.compact(total)} in ${format.wholeSeconds(span)}: ${format.percent(totals[fullest] / total)} took ${bucket(bounds, fullest)}, `
    + `the slowest ${slowest === bounds.length ? '' : 'up to '}${slowest === bounds.length ? bucket(bounds, slowest) : format.millis(bounds[slowest])}.`;
}

/** Counts differ by orders of magnitude, so the shade goes with their logarithm. */
function shades(most) {
  const colours = Array.from({length: SHADES}, (_, index) => colour(`--heat-${index + 1}`));
  const top = Math.log(Math.max(most, 2));
  return (n) => colours[Math.min(SHADES - 1, Math.floor((Math.log(n) / top) * SHADES))];
}
