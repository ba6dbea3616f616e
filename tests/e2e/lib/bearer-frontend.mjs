// SPDX-License-Identifier: Apache-2.0
// A frontend that holds its session itself and sends it as a Bearer token: the product's own components in a page of
// somebody else's. The page is put in front of the gateway by the browser; everything it loads and asks is real.

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Integrations</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<script type="module" src="/bearer-frontend/main.mjs"></script></head>
<body><main><h1>Integrations</h1><zoom-phone-integration></zoom-phone-integration></main></body></html>`;

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";

/** @param {object} salesperson whose browser gets the page at /bearer-frontend/ @param {string} token the session */
export async function serveBearerFrontend({ context }, token) {
  const program = `import { configureZoomPhone } from '/components/context.mjs';
configureZoomPhone({ project: 'demo', getToken: () => ${JSON.stringify(token)} });
await import('/components/index.mjs');`;
  await context.route('**/bearer-frontend/', (route) => route.fulfill({
    contentType: 'text/html', headers: { 'content-security-policy': policy }, body: page,
  }));
  await context.route('**/bearer-frontend/main.mjs', (route) => route.fulfill({
    contentType: 'text/javascript', body: program,
  }));
}
