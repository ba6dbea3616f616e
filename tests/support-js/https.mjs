// SPDX-License-Identifier: Apache-2.0
// Requests to a stack's gateway that trust its authority. One request, one answer: no redirect is followed and no
// cookie kept, so that a test sees what the gateway sent.
import http from 'node:http';
import https from 'node:https';

const moduleOf = (url) => (url.startsWith('http:') ? http : https);

/**
 * @param {{publicUrl: string, ca?: string}} stack or another server, plain http included
 * @returns {{fetch: Function, close: () => void}}
 */
export function gatewayClient({ publicUrl, ca }) {
  const agent = new (moduleOf(publicUrl).Agent)({ ca, keepAlive: true, maxSockets: 256 });
  return {
    /**
     * @param {string} path on the gateway, or an absolute URL
     * @param {{method?: string, headers?: Record<string, string>, json?: any, form?: Record<string,string>, body?: string|Buffer,
     *   bearer?: string, cookie?: string, origin?: boolean, timeoutMs?: number}} [options] `origin`: send the gateway's own
     * @returns {Promise<{status: number, headers: object, text: string, bytes: Buffer, json: any, cookies:
     *   Record<string,string>}>} `json` is undefined unless the answer is JSON
     */
    fetch: (path, options = {}) => send(new URL(path, publicUrl), { ...options, agent, publicUrl }),
    close: () => agent.destroy(),
  };
}

function bodyOf({ json, form, body }) {
  if (json !== undefined) return { type: 'application/json', text: JSON.stringify(json) };
  if (form !== undefined) return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() };
  return { type: undefined, text: body };
}

function send(url, options) {
  const { type, text } = bodyOf(options);
  const headers = {
    ...(type ? { 'content-type': type } : {}),
    ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...(options.bearer ? { authorization: `Bearer ${options.bearer}` } : {}),
    ...(options.cookie ? { cookie: options.cookie } : {}),
    ...(options.origin ? { origin: options.publicUrl } : {}),
    ...options.headers,
  };
  const method = options.method ?? (text === undefined ? 'GET' : 'POST');
  return new Promise((resolve, reject) => {
    const outgoing = moduleOf(options.publicUrl).request(url, { method, headers, agent: options.agent, timeout: options.timeoutMs ?? 30_000 }, (answer) => {
      const received = [];
      answer.on('data', (chunk) => { received.push(chunk); });
      answer.on('error', reject);
      answer.on('end', () => resolve(answerOf(answer, Buffer.concat(received))));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url.pathname}: no answer in time`)));
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

function answerOf({ statusCode, headers }, bytes) {
  const text = bytes.toString('utf8');
  const isJson = /^application\/(.+\+)?json\b/.test(headers['content-type'] ?? '');
  const cookies = Object.fromEntries((headers['set-cookie'] ?? []).map((line) => {
    const pair = line.split(';', 1)[0];
    return [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  }));
  return { status: statusCode, headers, text, bytes, json: isJson ? JSON.parse(text) : undefined, cookies };
}
