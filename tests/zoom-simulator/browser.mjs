// SPDX-License-Identifier: Apache-2.0
// For tests: plain HTTP requests, and the way of a person through the simulator's pages.
import http from 'node:http';
import https from 'node:https';

/**
 * One HTTP request, redirects not followed.
 * @param options `{method, headers, body, ca, agent}`; ca is PEM text
 * @returns {Promise<{status, headers, text, json(): any}>} rejects when the connection fails or the
 *   body ends before its announced length
 */
export function send(url, { method = 'GET', headers = {}, body, ca, agent } = {}) {
  return new Promise((resolve, reject) => {
    const module = url.startsWith('https:') ? https : http;
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = module.request(url, { method, headers: { ...length, ...headers }, ca, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A form post; `form` is an object of texts. */
export const sendForm = (url, form, options = {}) =>
  send(url, {
    ...options,
    method: 'POST',
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers },
  });

/** The Authorization header of client_secret_basic. */
export const basic = (id, secret) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Keeps cookies between requests to one origin and follows nothing on its own. */
export class Browser {
  #cookies = new Map();

  constructor({ ca } = {}) {
    this.ca = ca;
  }

  /** @returns as send() */
  async open(url, { form, headers = {} } = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { ...headers, ...(cookie ? { cookie } : {}) };
    const answer = await (form
      ? sendForm(url, form, { headers: all, ca: this.ca })
      : send(url, { headers: all, ca: this.ca }));
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /; *max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}

/**
 * Goes through the real pages: opens the authorization URL, signs in (unless this browser already
 * is), answers the permission page.
 * @param authorizationUrl of this simulator
 * @param user `{email, password}`
 * @param options `{allow = true, ca, browser}`; give a Browser to keep its session
 * @returns {Promise<string|null>} the redirect location; null when a decline does not redirect
 * @throws {Error} with the page's heading when the simulator shows another page
 */
export async function authorizeHeadlessly(
  authorizationUrl,
  user,
  { allow = true, ca, browser = new Browser({ ca }) } = {},
) {
  const { origin } = new URL(authorizationUrl);
  let page = await browser.open(authorizationUrl);
  if (page.text.includes('action="/signin"')) {
    const form = { request: requestIdOf(page), email: user.email, password: user.password };
    const answer = await browser.open(`${origin}/signin`, { form });
    if (answer.status !== 303) throw unexpected(answer);
    page = await browser.open(`${origin}${answer.headers.location}`);
  }
  if (!page.text.includes('name="decision"')) throw unexpected(page);
  const decision = allow ? 'allow' : 'decline';
  const answer = await browser.open(`${origin}/oauth/consent`, { form: { request: requestIdOf(page), decision } });
  if (answer.status === 302) return answer.headers.location;
  if (!allow && answer.status === 200) return null;
  throw unexpected(answer);
}

const requestIdOf = (page) => {
  const match = /name="request" value="([^"]+)"/.exec(page.text);
  if (!match) throw unexpected(page);
  return match[1];
};

function unexpected(page) {
  const heading = /<h1>([^<]*)</.exec(page.text)?.[1] ?? page.text.slice(0, 200);
  const detail = /class="problem"[^>]*>([^<]*)</.exec(page.text)?.[1];
  return new Error(`unexpected page (${page.status}): ${heading}${detail ? `: ${detail}` : ''}`);
}
