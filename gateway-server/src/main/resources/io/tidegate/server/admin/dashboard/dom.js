/**
 * The few DOM helpers that the page needs. Whatever the server says is set as text, never as markup: labels come from
 * configurations, DNS and clients.
 * @module
 */

const SVG = 'http://www.w3.org/2000/svg';

/** The element with that id. */
export const byId = (id) => document.getElementById(id);

/**
 * Makes an element. `attributes` are set as they are, except `text` (its text content); null and undefined are left out.
 * @param {string} tag
 * @param {Object<string, *>} [attributes]
 * @param {...(Node|string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') {
      made.textContent = value;
    } else if (value !== null && value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children);
  return made;
}

/** An icon out of the sprite in the page, invisible to screen readers: a text always says the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(SVG, 'use'));
  setIcon(svg, name);
  return svg;
}

export function setIcon(svg, name) {
  setAttribute(svg.firstElementChild, 'href', `#icon-${name}`);
}

/** Sets a text if it is another one, so that what stays the same costs no layout and disturbs no selection. */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

export function setAttribute(target, name, value) {
  if (target.getAttribute(name) !== value) {
    target.setAttribute(name, value);
  }
}

export function setHidden(target, hidden) {
  if (target.hidden !== hidden) {
    target.hidden = hidden;
  }
}

/**
 * Makes the children of a parent those of a list of keys, in its order; children that stay are kept as they are, with
 * their focus.
 * @param {Element} parent
 * @param {Map<string, Element>} known the children by key, kept by the caller
 * @param {string[]} keys
 * @param {function(string): Element} make
 */
export function reconcile(parent, known, keys, make) {
  const wanted = new Set(keys);
  for (const [key, child] of known) {
    if (!wanted.has(key)) {
      child.remove();
      known.delete(key);
    }
  }
  keys.forEach((key, index) => {
    if (!known.has(key)) {
      known.set(key, make(key));
    }
    const child = known.get(key);
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] ?? null);
    }
  });
}
