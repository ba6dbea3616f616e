// SPDX-License-Identifier: Apache-2.0
//
// Client-side routes of the demo CRM. Pure path matching and the interception of links.

const ROUTES = [
  ['companies', /^\/app\/(?:companies\/?)?$/],
  ['company', /^\/app\/companies\/([^/]+)\/?$/],
  ['person', /^\/app\/people\/([^/]+)\/?$/],
  ['profile', /^\/app\/settings\/?$/],
  ['zoomApp', /^\/app\/settings\/administration\/zoom-app\/?$/],
  ['project', /^\/app\/settings\/administration\/project\/?$/],
  ['apiKeys', /^\/app\/settings\/administration\/api-keys\/?$/],
  ['webhookEndpoints', /^\/app\/settings\/administration\/webhook-endpoints\/?$/],
  ['webhooks', /^\/app\/settings\/administration\/webhooks\/?$/],
  ['integrations', /^\/app\/settings\/integrations\/?$/],
];

/**
 * @param {string} path pathname
 * @returns {{name:string, id:string}} name "missing" for a path without a screen
 */
export function matchRoute(path) {
  for (const [name, pattern] of ROUTES) {
    const match = pattern.exec(path);
    if (!match) continue;
    try {
      return { name, id: match[1] ? decodeURIComponent(match[1]) : '' };
    } catch {
      break;
    }
  }
  return { name: 'missing', id: '' };
}

/**
 * Follows links below /app/ without a page load, also those inside shadow trees. Links with a
 * target, a modifier key or another origin are the browser's.
 * @param {(path: string) => void} render called with the pathname after every navigation
 * @returns {(href: string) => void} navigate
 */
export function startRouter(render) {
  const navigate = (href) => {
    if (href !== location.pathname + location.search) history.pushState(null, '', href);
    render(location.pathname);
  };
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || link.target || link.origin !== location.origin || !link.pathname.startsWith('/app/')) return;
    if (link.pathname.startsWith('/app/assets/')) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
  window.addEventListener('popstate', () => render(location.pathname));
  return navigate;
}
