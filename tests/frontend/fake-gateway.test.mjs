// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { startFakeGateway } from './fake-gateway.mjs';

let gateway;
let cookie;
before(async () => { gateway = await startFakeGateway(); cookie = gateway.signIn(); });
after(async () => { await gateway.close(); });

async function call(method, path, body, headers = {}) {
  const response = await fetch(`${gateway.url}${path.startsWith('/v1') ? path : `/v1/projects/demo${path}`}`, {
    method, redirect: 'manual',
    headers: { cookie, origin: gateway.url, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
}

async function throughZoom(query, account = 'demo.sales@zoom.example') {
  gateway.switches.zoomAccount = { displayName: 'Demo Sales', email: account };
  const { body } = await call('POST', '/link:connect', { reconnect: query.reconnect ?? false });
  const opened = await fetch(body.connectUrl, { headers: { cookie }, redirect: 'manual' });
  const attemptCookie = opened.headers.getSetCookie()[0].split(';')[0];
  const state = new URL(opened.headers.get('location'), gateway.url).searchParams.get('state');
  const answer = await fetch(`${gateway.url}/oauth/callback?${query.error ? 'error=access_denied' : 'code=c'}&state=${state}`, {
    headers: { cookie: `${cookie}; ${query.cookie ?? attemptCookie}` }, redirect: 'manual',
  });
  return answer.headers.get('location');
}

describe('the gate of the API', () => {
  it('asks for a session', async () => {
    const { status, body } = await call('GET', '/link', undefined, { cookie: '' });
    assert.equal(status, 401);
    assert.equal(body.reason, 'SESSION_REQUIRED');
  });

  it('asks for the page\'s origin on unsafe methods under a cookie', async () => {
    assert.equal((await call('POST', '/link:connect', { reconnect: false }, { origin: 'https://evil.example' })).status, 403);
  });

  it('answers problem+json with type, reason and reference', async () => {
    const { body, headers } = await call('GET', '/nowhere');
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(body.type, 'https://shodan.example/problems/NOT_FOUND');
    assert.equal(body.status, 404);
    assert.ok(body.requestId);
  });

  it('serves the screens under the production policy', async () => {
    const response = await fetch(`${gateway.url}/app/people/any`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
    const html = await response.text();
    assert.doesNotMatch(html, /<style|style=|<script(?![^>]*src=)|\son\w+=/);
  });
});

describe('the shell', () => {
  it('preloads every module of the screens, and only modules that exist', async () => {
    const html = await (await fetch(`${gateway.url}/app/`)).text();
    const listed = [...html.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, href]) => href).sort();
    const root = new URL('../../services/gateway/static/', import.meta.url);
    const modules = async (folder) => (await readdir(new URL(folder, root))).filter((name) => name.endsWith('.mjs')).map((name) => `/${folder}${name}`);
    // The program itself, and the client of other pages.
    const others = ['/app/assets/app.mjs', '/components/zoom-connect.mjs'];
    const present = [...await modules('app/assets/'), ...await modules('components/')].filter((path) => !others.includes(path));
    assert.deepEqual(listed, present.sort());
  });

  it('imports only names that the other module exports', async () => {
    const root = new URL('../../services/gateway/static/', import.meta.url);
    const texts = new Map();
    for (const [folder, prefix] of [['app/assets/', '/app/assets/'], ['components/', '/components/']]) {
      for (const name of await readdir(new URL(folder, root))) {
        if (name.endsWith('.mjs')) texts.set(prefix + name, await readFile(new URL(folder + name, root), 'utf8'));
      }
    }
    const missing = [];
    let names = 0;
    for (const [path, text] of texts) {
      for (const [, list, from] of text.matchAll(/^import \{([^}]+)\} from '([^']+)';/gm)) {
        const target = texts.get(new URL(from, `https://shell.example${path}`).pathname) ?? '';
        for (const name of list.split(',').map((part) => part.trim().split(' as ')[0]).filter(Boolean)) {
          names += 1;
          if (!new RegExp(`^export (?:async )?(?:const|let|class|function\\*?) ${name}\\b|^export \\{[^}]*\\b${name}\\b[^}]*\\}`, 'm').test(target)) missing.push(`${path}: ${name} of ${from}`);
        }
      }
    }
    assert.deepEqual(missing, []);
    assert.ok(names > 50, `${names}`);
  });
});

describe('a link', () => {
  it('is connected through Zoom, once, and refuses a second connect', async () => {
    assert.equal(await throughZoom({}), '/app/settings/integrations?zoom_result=connected');
    const { body } = await call('GET', '/link');
    assert.equal(body.state, 'active');
    assert.equal(body.lastAttempt.state, 'succeeded');
    assert.equal((await call('POST', '/link:connect', { reconnect: false })).body.reason, 'LINK_ALREADY_ACTIVE');
  });

  it('is reconnected only with the same account', async () => {
    assert.match(await throughZoom({ reconnect: true }, 'other@zoom.example'), /zoom_result=different_account$/);
    assert.match(await throughZoom({ reconnect: true }), /zoom_result=connected$/);
  });

  it('reports a decline and a foreign browser', async () => {
    assert.match(await throughZoom({ reconnect: true, error: true }), /zoom_result=cancelled$/);
    assert.match(await throughZoom({ reconnect: true, cookie: 'x=y' }), /zoom_result=wrong_browser$/);
  });

  it('is disconnected once per request id, with a receipt', async () => {
    const requestId = randomUUID();
    const first = await call('POST', '/link:disconnect', { requestId });
    assert.equal(first.status, 200);
    assert.equal(first.body.link.state, 'none');
    assert.equal(first.body.receipt.revokedAtZoom, 'yes');
    assert.deepEqual((await call('POST', '/link:disconnect', { requestId })).body, first.body);
  });
});

describe('calls and notes', () => {
  const number = { number: '03-1234-5678', defaultRegion: 'JP', companyId: 'c1', personId: 'p1' };

  it('need a link for a call', async () => {
    assert.equal((await call('POST', '/calls', { requestId: randomUUID(), ...number })).status, 409);
  });

  it('record a call once per request id', async () => {
    gateway.store.setLink('demo', 'demo-sales', { state: 'reconnect_required', cause: 'revoked' });
    const requestId = randomUUID();
    const first = await call('POST', '/calls', { requestId, ...number });
    assert.equal(first.status, 201);
    assert.equal(first.body.callUri, 'zoomphonecall://+81312345678');
    assert.deepEqual((await call('POST', '/calls', { requestId, ...number })).body, first.body);
    assert.equal((await call('POST', '/calls', { requestId, ...number, number: '090-1234-5678' })).status, 409);
    assert.equal((await call('GET', '/calls?personId=p1')).body.calls.length, 1);
  });

  it('refuse what must not be dialled', async () => {
    const { status, body } = await call('POST', '/calls', { requestId: randomUUID(), number: '110', defaultRegion: 'JP' });
    assert.equal(status, 400);
    assert.equal(body.errors[0].reason, 'NUMBER_EMERGENCY');
  });

  it('page notes newest first and guard changes with etags', async () => {
    for (const text of ['one', 'two', 'three']) await call('POST', '/notes', { requestId: randomUUID(), text, companyId: 'c9' });
    const first = (await call('GET', '/notes?companyId=c9&pageSize=2')).body;
    assert.deepEqual(first.notes.map(({ text }) => text), ['three', 'two']);
    const second = (await call('GET', `/notes?companyId=c9&pageSize=2&pageToken=${first.nextPageToken}`)).body;
    assert.deepEqual(second.notes.map(({ text }) => text), ['one']);
    assert.ok(!second.nextPageToken);
    const [note] = second.notes;
    const changed = await call('PATCH', `/notes/${note.noteId}`, { text: 'uno', etag: note.etag });
    assert.equal(changed.body.text, 'uno');
    assert.equal((await call('PATCH', `/notes/${note.noteId}`, { text: 'eins', etag: note.etag })).status, 409);
    assert.equal((await call('DELETE', `/notes/${note.noteId}`)).status, 204);
    assert.equal((await call('GET', `/notes/${note.noteId}`)).status, 404);
  });

  it('resolve numbers in the order they were given', async () => {
    const numbers = ['03-1234-5678 ext. 204', '110', '', '+999 12345678', '+1 555 555 0142', '０３−１２３４−５６７８'];
    const { body } = await call('POST', '/callLinks:build', { defaultRegion: 'JP', numbers });
    assert.deepEqual(body.callLinks.map((link) => link.notice?.reason ?? link.error?.reason ?? link.e164), [
      'EXTENSION_NOT_DIALLED', 'NUMBER_EMERGENCY', 'NUMBER_EMPTY', 'NUMBER_UNKNOWN_COUNTRY_CODE', 'NUMBER_OUTSIDE_KNOWN_RANGES', '+81312345678',
    ]);
    assert.equal((await call('POST', '/callLinks:build', { defaultRegion: 'JP', numbers: [] })).status, 400);
  });
});
