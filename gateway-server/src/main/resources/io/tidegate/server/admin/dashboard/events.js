/**
 * A reader of the gateway's event stream. It reads by fetch(), as an EventSource can't send a token, and connects again,
 * with backoff, until it is closed.
 * @module
 */

import {Unauthorized, get} from './api.js';

const FIRST_DELAY = 500;
const MAX_DELAY = 5000;
/** State comes each second: a stream this silent is dead, whatever TCP believes. */
const SILENCE = 6000;
/** No event comes near this; whoever sends more without an end isn't a gateway. */
const MAX_EVENT = 32 * 1024 * 1024;

/**
 * Splits a text/event-stream into events.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class EventParser {
  #rest = '';
  #type = '';
  #data = [];
  #size = 0;
  #emit;

  /** @param {function(string, string)} emit takes type and data of each event */
  constructor(emit) {
    this.#emit = emit;
  }

  push(text) {
    // A CR at the end may be half of a CRLF: it waits for what follows.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    this.#size += text.length;
    if (this.#size > MAX_EVENT) {
      throw new Error('an event without an end');
    }
    lines.forEach((line) => this.#line(line));
  }

  #line(line) {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      this.#type = value;
    } else if (field === 'data') {
      this.#data.push(value);
    }
  }

  #dispatch() {
    const [type, data] = [this.#type || 'message', this.#data];
    this.#type = '';
    this.#data = [];
    this.#size = this.#rest.length;
    if (data.length > 0) {
      this.#emit(type, data.join('\n'));
    }
  }
}

/**
 * The stream, for as long as the page lives.
 *
 * `onEvent(type, data)` takes each event, parsed; `onLost()` is called when a stream ends or a first one can't be had, and
 * not again until one was up; `onUnauthorized(error)` when the gateway wants a token: the stream then waits for `retry()`.
 */
export class EventStream {
  #listener;
  #delay = FIRST_DELAY;
  #lost = false;
  #timer = 0;
  #abort = null;

  constructor(listener) {
    this.#listener = listener;
  }

  /** Connects at once, whatever it waits for. */
  retry() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#run();
  }

  async #run() {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      await this.#read(abort);
    } catch (failure) {
      if (this.#abort === abort && failure instanceof Unauthorized) {
        this.#listener.onUnauthorized(failure);
        return;
      }
    }
    // Another run may have begun meanwhile: this one is of no interest then.
    if (this.#abort === abort) {
      this.#later();
    }
  }

  async #read(abort) {
    const watchdog = new Watchdog(() => abort.abort());
    try {
      const response = await get('events', abort.signal);
      const parser = new EventParser((type, data) => this.#event(type, data));
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const {done, value} = await reader.read();
        if (done) {
          return;
        }
        watchdog.feed();
        parser.push(value);
      }
    } finally {
      watchdog.stop();
    }
  }

  #event(type, data) {
    this.#delay = FIRST_DELAY;
    this.#lost = false;
    try {
      this.#listener.onEvent(type, JSON.parse(data));
    } catch (failure) {
      // One event that the page can't show is no reason to lose those that follow.
      console.error(`event ${type}`, failure);
    }
  }

  #later() {
    if (!this.#lost) {
      this.#lost = true;
      this.#listener.onLost();
    }
    this.#timer = setTimeout(() => this.#run(), this.#delay);
    this.#delay = Math.min(MAX_DELAY, this.#delay * 2);
  }
}

/** Barks when it wasn't fed for a while, unless the page itself slept. */
class Watchdog {
  #fed = performance.now();
  #looked = this.#fed;
  #timer;

  constructor(bark) {
    this.#timer = setInterval(() => {
      const now = performance.now();
      // A frozen tab or laptop: what came meanwhile hasn't been read yet.
      const slept = now - this.#looked > SILENCE / 2;
      this.#looked = now;
      if (slept) {
        this.#fed = now;
      } else if (now - this.#fed > SILENCE) {
        bark();
      }
    }, 1000);
  }

  feed() {
    this.#fed = performance.now();
  }

  stop() {
    clearInterval(this.#timer);
  }
}
