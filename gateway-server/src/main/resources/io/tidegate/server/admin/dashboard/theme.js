/**
 * Light, dark, or what the system says; and the colours of the style sheet for what is drawn on a canvas.
 * @module
 */

import {byId} from './dom.js';

const KEY = 'tidegate.theme';
const CHOICES = ['auto', 'light', 'dark'];
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = [];
let colours = new Map();

/** The value of a custom property, such as `--to-client`. Looked up once per theme. */
export function colour(name) {
  if (!colours.has(name)) {
    colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  return colours.get(name);
}

/** Called after the colours have changed. */
export function onTheme(listener) {
  listeners.push(listener);
}

export function startTheme() {
  const select = byId('theme');
  select.value = stored();
  const apply = () => show(select.value === 'auto' ? (system.matches ? 'dark' : 'light') : select.value);
  apply();
  select.addEventListener('change', () => {
    store(select.value);
    apply();
  });
  system.addEventListener('change', apply);
}

function show(theme) {
  document.documentElement.dataset.theme = theme;
  colours = new Map();
  listeners.forEach((listener) => listener());
}

// Storage may be blocked: then the choice lasts as long as the page.
function stored() {
  try {
    const choice = localStorage.getItem(KEY);
    return CHOICES.includes(choice) ? choice : 'auto';
  } catch {
    return 'auto';
  }
}

function store(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // As above.
  }
}
