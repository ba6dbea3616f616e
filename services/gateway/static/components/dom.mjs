// SPDX-License-Identifier: Apache-2.0
//
// Small DOM helpers. Text always enters as text nodes, never as markup, so nothing a user or a
// server wrote can become HTML.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Creates an element. `props`: `class`, `text`, `on` ({event: handler}), `ref` (called with the
 * element), anything else an attribute; false, null and undefined leave the attribute out.
 * Children are nodes or strings; null and false are skipped.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'text') element.textContent = value;
    else if (name === 'on') for (const [type, handler] of Object.entries(value)) element.addEventListener(type, handler);
    else if (name === 'ref') value(element);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A decorative 24×24 line icon; hidden from assistive technology. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  svg.setAttribute('class', 'icon');
  for (const data of ICONS[name] ?? []) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', data);
    svg.append(path);
  }
  return svg;
}

/** A constructable stylesheet: allowed by style-src 'self', shared by all instances. */
export function sheet(css) {
  const result = new CSSStyleSheet();
  result.replaceSync(css);
  return result;
}

/** Defines a custom element once; a second import of the module must not fail. */
export function define(name, constructor) {
  if (!customElements.get(name)) customElements.define(name, constructor);
}

/** "Mika Sato" → "MS". */
export function initials(name) {
  const words = String(name ?? '').trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => Array.from(word)[0].toLocaleUpperCase()).join('') || '?';
}

const ICONS = {
  phone: ['M21 16.5v2.6a2 2 0 0 1-2.2 2 18.4 18.4 0 0 1-8-2.9 18 18 0 0 1-5.6-5.5A18.4 18.4 0 0 1 2.3 4.6 2 2 0 0 1 4.3 2.5h2.6a2 2 0 0 1 2 1.7c.1.9.3 1.8.6 2.6a2 2 0 0 1-.4 2.1L8 10a14.5 14.5 0 0 0 5.5 5.5l1.1-1.1a2 2 0 0 1 2.1-.4c.8.3 1.7.5 2.6.6A2 2 0 0 1 21 16.5Z'],
  outgoing: ['M7 17 17 7', 'M9 7h8v8'],
  check: ['m5 12.5 4.5 4.5L19 7'],
  alert: ['M12 8v5', 'M12 16.5v.01', 'M10.3 3.9 2.4 17.6A2 2 0 0 0 4.1 20.6h15.8a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z'],
  info: ['M12 11v5', 'M12 7.5v.01', 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z'],
  close: ['M6 6l12 12', 'M18 6 6 18'],
  note: ['M6 3h9l4 4v14H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Z', 'M9 12h6', 'M9 16h6'],
  search: ['M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z', 'm20 20-4-4'],
  chevron: ['m7 10 5 5 5-5'],
  building: ['M4 21V5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v16', 'M15 9h3a2 2 0 0 1 2 2v10', 'M2.5 21h19', 'M8 7.5h3', 'M8 11.5h3', 'M8 15.5h3'],
  person: ['M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z', 'M4.5 20.5c.8-3.5 3.8-5.5 7.5-5.5s6.7 2 7.5 5.5'],
  plug: ['M9 3v5', 'M15 3v5', 'M6 8h12v3a6 6 0 0 1-12 0Z', 'M12 17v4'],
  gear: ['M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z', 'M19.4 13.5a7.7 7.7 0 0 0 0-3l2-1.5-2-3.5-2.4 1a7.7 7.7 0 0 0-2.6-1.5L14 2.5h-4l-.4 2.5A7.7 7.7 0 0 0 7 6.5l-2.4-1-2 3.5 2 1.5a7.7 7.7 0 0 0 0 3l-2 1.5 2 3.5 2.4-1a7.7 7.7 0 0 0 2.6 1.5l.4 2.5h4l.4-2.5a7.7 7.7 0 0 0 2.6-1.5l2.4 1 2-3.5Z'],
  exit: ['M9 4H5a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h4', 'M15 8l4 4-4 4', 'M19 12H9'],
  globe: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M3 12h18', 'M12 3c2.5 2.5 3.8 5.5 3.8 9s-1.3 6.5-3.8 9c-2.5-2.5-3.8-5.5-3.8-9S9.5 5.5 12 3Z'],
  mail: ['M4 5.5h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1Z', 'm4 7.5 8 5.5 8-5.5'],
};
