// SPDX-License-Identifier: Apache-2.0
// What the token and revoke endpoints share: reading parameters and authenticating the client.

/**
 * The parameters of a form post; Zoom takes them from the query as well.
 * @returns a Map, or null when the body is no form or a parameter is repeated
 */
export function readParameters(context) {
  const type = (context.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (context.body.length > 0 && type !== 'application/x-www-form-urlencoded') return null;
  const parameters = new Map();
  for (const source of [new URLSearchParams(context.body.toString('utf8')), context.query]) {
    const seen = new Set();
    for (const [name, value] of source) {
      if (seen.has(name)) return null;
      seen.add(name);
      if (!parameters.has(name)) parameters.set(name, value);
    }
  }
  return parameters;
}

/**
 * Authenticates the client by client_secret_basic, client_secret_post or, where the app allows it,
 * by its id alone (a public client with PKCE).
 * @returns `{app, method}`; app is null when it failed
 */
export function authenticateClient(apps, context, parameters) {
  const credentials = basicCredentials(context.headers.authorization);
  const method = credentials ? 'client_secret_basic' : parameters.has('client_secret') ? 'client_secret_post' : 'none';
  const id = credentials?.id ?? parameters.get('client_id');
  const secrets = credentials?.secrets ?? [parameters.get('client_secret')];
  const app = apps.get(id);
  const contradicts = parameters.has('client_id') && parameters.get('client_id') !== id;
  if (!app || !app.enabled || contradicts || !app.client_authentication.includes(method)) return { app: null, method };
  if (context.headers.authorization && !credentials) return { app: null, method };
  if (method !== 'none' && (!app.client_secret || !secrets.includes(app.client_secret))) return { app: null, method };
  return { app, method };
}

/** The client id that a request claims, without proof; for choosing faults and for the ledger. */
export function claimedClientId(context, parameters) {
  return basicCredentials(context.headers.authorization)?.id ?? parameters?.get('client_id') ?? null;
}

function basicCredentials(header) {
  const match = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '');
  if (!match) return null;
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return null;
  const sent = text.slice(colon + 1);
  return { id: formDecoded(text.slice(0, colon)), secrets: [sent, formDecoded(sent)] };
}

// RFC 6749 2.3.1 has both parts form-encoded, Zoom's documentation raw: either is accepted.
function formDecoded(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
