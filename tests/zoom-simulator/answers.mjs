// SPDX-License-Identifier: Apache-2.0
// Answers as plain values `{status, headers, body}`: handlers return them, the server sends them.
import { randomText } from './random.mjs';

// form-action is left out on purpose: browsers apply it to redirects too, and the permission form
// redirects to the app's redirect URI, which redirects on to wherever the app lives.
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/** A JSON answer as Zoom sends it. */
export function json(status, value, headers = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function page(status, markup, headers = {}) {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      ...headers,
    },
    body: Buffer.from(markup),
  };
}

export function redirect(status, location, headers = {}) {
  return { status, headers: { location, 'cache-control': 'no-store', ...headers }, body: Buffer.alloc(0) };
}

/** A fresh value for the x-zm-trackingid header. */
export const trackingId = () => `v=2.0;clid=us02;rid=WEB_${randomText(16, 'hex')}`;

/** Adds query parameters to a URI without touching what it holds already. */
export function withParameters(uri, parameters) {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}
