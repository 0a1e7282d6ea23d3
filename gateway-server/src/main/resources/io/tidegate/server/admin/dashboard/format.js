/**
 * Numbers for people: few digits, with units. What isn't known is an en dash.
 * @module
 */

export const NONE = '–';

const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const precise = new Intl.NumberFormat('en', {maximumSignificantDigits: 3});
const clock = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const dated = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit'});

const known = (value) => Number.isFinite(value);

/** All digits, grouped: 12,345. */
export const count = (value) => (known(value) ? whole.format(value) : NONE);

/** Three digits: 12.3 k. */
export function compact(value) {
  if (!known(value)) {
    return NONE;
  }
  const size = Math.abs(value);
  if (size < 9999.5) {
    return size < 100 ? precise.format(value) : whole.format(value);
  }
  return scaled(value, 1000, [' k', ' M', ' G', ' T']);
}

/** 1.5 KiB. */
export function bytes(value) {
  if (!known(value)) {
    return NONE;
  }
  return Math.abs(value) < 1024 ? `${whole.format(value)} B` : scaled(value, 1024, [' KiB', ' MiB', ' GiB', ' TiB']);
}

export const byteRate = (value) => (known(value) ? `${bytes(value)}/s` : NONE);

export const rate = (value) => (known(value) ? `${compact(value)}/s` : NONE);

/** A share between 0 and 1. */
export const percent = (value) => (known(value) ? `${precise.format(value * 100)} %` : NONE);

/** A latency in milliseconds: 85 µs, 0.41 ms, 1.2 s. */
export function millis(value) {
  if (!known(value)) {
    return NONE;
  }
  if (value > 0 && value < 0.1) {
    return `${precise.format(value * 1000)} µs`;
  }
  return value < 1000 ? `${precise.format(value)} ms` : seconds(value / 1000);
}

/** A duration in seconds, in at most two units: 12 s, 3 min 4 s, 2 d 5 h. */
export function seconds(value) {
  if (!known(value)) {
    return NONE;
  }
  if (value < 10) {
    return `${precise.format(Math.round(value * 10) / 10)} s`;
  }
  const total = Math.round(value);
  if (total < 60) {
    return `${total} s`;
  }
  if (total < 3600) {
    return two(Math.floor(total / 60), 'min', total % 60, 's');
  }
  return total < 86400
    ? two(Math.floor(total / 3600), 'h', Math.floor((total % 3600) / 60), 'min')
    : two(Math.floor(total / 86400), 'd', Math.floor((total % 86400) / 3600), 'h');
}

/** A duration that counts in whole seconds, so that its width stays the same from tick to tick. */
export const wholeSeconds = (value) => seconds(Math.floor(value));

/** The time of day, with the date when it isn't today's. */
export function time(date) {
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : dated.format(date);
}

/** 1 session, 2 sessions. */
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

function two(first, firstUnit, second, secondUnit) {
  return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}

function scaled(value, base, units) {
  let rest = value / base;
  let unit = 0;
  // 999.6 would be shown as 1,000.
  while (Math.abs(rest) >= 999.5 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return precise.format(rest) + units[unit];
}
