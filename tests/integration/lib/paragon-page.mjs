// SPDX-License-Identifier: Apache-2.0
// A page in which @useparagon/connect runs without a browser: as much of a window as that package uses, in this process.
// Where a pop-up window goes is told on the standard output, for the test that plays the person in front of it.

const attributesOf = (page) => Object.fromEntries([...page.matchAll(/ data-([a-z-]+)="([^"]*)"/g)].map(([, name, value]) => [
  name, value.replaceAll('&quot;', '"').replaceAll('&#39;', '\'').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
]));

/** What a pop-up window does with its first page: it keeps its cookies, and the page's script speaks to the opener. */
async function showFirstPage(url, origin, hear) {
  const answer = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'manual' });
  const cookies = Object.fromEntries(answer.headers.getSetCookie().map((line) => line.split(';', 1)[0].split('=')));
  const told = attributesOf(await answer.text());
  if (answer.status !== 200) console.log(`window ${JSON.stringify({ status: answer.status })}`);
  if (told.message && told.origin === origin) hear(JSON.parse(told.message), new URL(url).origin);
  return cookies;
}

/**
 * Makes `window`, `document` and `localStorage` for a page.
 * @param {string} origin of the page
 */
export function openPage(origin) {
  const listeners = [];
  const page = {
    location: { origin, href: `${origin}/` },
    innerHeight: 800,
    innerWidth: 1200,
    addEventListener: (type, listener) => { if (type === 'message') listeners.push(listener); },
    removeEventListener: (type, listener) => {
      if (listeners.includes(listener)) listeners.splice(listeners.indexOf(listener), 1);
    },
    open: (url) => {
      const popup = { opener: page, close: () => { popup.opener = null; } };
      const hear = (data, from) => [...listeners].forEach((listener) => listener({ data, origin: from, source: popup }));
      const cookies = showFirstPage(url, origin, hear);
      popup.location = {
        set href(next) { cookies.then((kept) => console.log(`navigate ${JSON.stringify({ url: next, cookies: kept })}`)); },
      };
      return popup;
    },
  };
  const element = () => ({ style: {}, appendChild: () => {}, addEventListener: () => {} });
  const stored = new Map();
  page.document = { readyState: 'complete', body: element(), createElement: element, querySelector: () => null, addEventListener: () => {} };
  page.localStorage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => { stored.set(key, String(value)); },
    removeItem: (key) => { stored.delete(key); },
  };
  Object.assign(globalThis, { window: page, document: page.document, localStorage: page.localStorage });
  return { stored, hear: (data, from) => listeners.forEach((listener) => listener({ data, origin: from, source: page })) };
}
