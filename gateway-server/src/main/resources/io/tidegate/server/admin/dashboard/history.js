/**
 * Time series of a bounded length: columns of equal length, the first of which is the time in seconds.
 * @module
 */

export class History {
  #names;
  #columns;
  #capacity;
  #gap;
  #interrupted = false;

  /**
   * @param {string[]} names of the columns, without the time
   * @param {{capacity: number, gapSeconds: number}} bounds rows kept, and the time without a row that is a gap
   */
  constructor(names, {capacity, gapSeconds}) {
    this.#names = names;
    this.#capacity = capacity;
    this.#gap = gapSeconds;
    this.clear();
  }

  clear() {
    this.#columns = Array.from({length: this.#names.length + 1}, () => []);
  }

  get length() {
    return this.#columns[0].length;
  }

  /** Leaves a gap before the next row, however soon it comes. */
  interrupt() {
    this.#interrupted = true;
  }

  get firstTime() {
    return this.#columns[0][0] ?? Infinity;
  }

  get lastTime() {
    return this.#columns[0].at(-1) ?? -Infinity;
  }

  /**
   * Adds a row. What is missing or not finite is null: nothing is drawn there. A row no newer than the last is left out, but
   * when clocks were set back by more than some seconds, the history begins anew.
   */
  push(time, row) {
    const last = this.lastTime;
    if (time < last - this.#gap) {
      this.clear();
    } else if (time <= last) {
      return;
    } else if (this.length > 0 && (this.#interrupted || time - last > this.#gap)) {
      this.#append((last + time) / 2, {});
    }
    this.#interrupted = false;
    this.#append(time, row);
    this.#trim();
  }

  /** The columns asked for, from `since` on, as uPlot takes them: the time comes first. */
  slice(names, since) {
    const from = this.#from(since);
    return [this.#columns[0], ...names.map((name) => this.column(name))].map((column) => column.slice(from));
  }

  column(name) {
    return this.#columns[this.#names.indexOf(name) + 1];
  }

  last(name) {
    return this.column(name).at(-1) ?? null;
  }

  /** The sum of a column over the last seconds. */
  sum(name, seconds) {
    const from = this.#from(this.lastTime - seconds);
    return this.column(name).slice(from).reduce((sum, value) => sum + (value ?? 0), 0);
  }

  /** The first row at or after a time. The ends of a chart need a neighbour outside, so it is one earlier. */
  #from(since) {
    const times = this.#columns[0];
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < since) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Math.max(0, low - 1);
  }

  #append(time, row) {
    this.#columns[0].push(time);
    this.#names.forEach((name, index) => this.#columns[index + 1].push(Number.isFinite(row[name]) ? row[name] : null));
  }

  /** Trims some rows at a time: to move all of them for each new one is work for nothing. */
  #trim() {
    if (this.length > this.#capacity * 1.1) {
      this.#columns.forEach((column) => column.splice(0, column.length - this.#capacity));
    }
  }
}
