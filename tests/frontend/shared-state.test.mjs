// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallLinkBatcher } from '../../services/gateway/static/components/call-link-batcher.mjs';
import { absoluteTime, characterCount, duration, excerpt, regionName, relativeTime } from '../../services/gateway/static/components/format.mjs';
import { LinkStore } from '../../services/gateway/static/components/link-store.mjs';
import { matchRoute } from '../../services/gateway/static/app/assets/router.mjs';

function batcher(build) {
  const requests = [];
  let flush = () => {};
  const answer = build ?? (({ numbers }) => numbers.map((number) => ({ ok: true, e164: `+${number}`, international: `+ ${number}` })));
  const result = new CallLinkBatcher(async (request) => {
    requests.push(request);
    return { callLinks: await answer(request) };
  }, (run) => { flush = run; });
  return { batcher: result, requests, flush: () => flush() };
}

describe('call links of a screen', () => {
  it('are asked for in one request per region, every number once', async () => {
    const { batcher: links, requests, flush } = batcher();
    const all = Promise.all([links.request('1', 'JP'), links.request('2', 'JP'), links.request('1', 'JP'), links.request('1', 'GB')]);
    flush();
    const [first, second, again] = await all;
    assert.deepEqual(requests, [{ defaultRegion: 'JP', numbers: ['1', '2'] }, { defaultRegion: 'GB', numbers: ['1'] }]);
    assert.equal(second.e164, '+2');
    assert.equal(first, again);
    assert.equal(links.peek('1', 'JP'), first);
    assert.equal(links.display('+2'), '+ 2');
    assert.equal(links.display('+9'), '+9');
  });

  it('are split at 200 numbers', async () => {
    const { batcher: links, requests, flush } = batcher();
    const all = Promise.all(Array.from({ length: 201 }, (_, index) => links.request(String(index), 'JP')));
    flush();
    await all;
    assert.deepEqual(requests.map(({ numbers }) => numbers.length), [200, 1]);
  });

  it('are asked for again after a failure', async () => {
    let calls = 0;
    const { batcher: links, flush } = batcher(({ numbers }) => {
      calls += 1;
      if (calls === 1) throw new Error('down');
      return numbers.map(() => ({ ok: true }));
    });
    const failed = links.request('1', 'JP');
    flush();
    await assert.rejects(failed, /down/);
    assert.equal(links.peek('1', 'JP'), null);
    const second = links.request('1', 'JP');
    flush();
    assert.deepEqual(await second, { ok: true });
  });

  it('fail together when the answer has the wrong length', async () => {
    const { batcher: links, flush } = batcher(() => []);
    const failed = links.request('1', 'JP');
    flush();
    await assert.rejects(failed, TypeError);
  });

  it('are idle only when every asked number has its answer, or its failure', async () => {
    const { batcher: links, flush } = batcher(() => []);
    assert.equal(links.isIdle, true);
    const failed = links.request('1', 'JP');
    assert.equal(links.isIdle, false, 'waiting to be sent');
    flush();
    assert.equal(links.isIdle, false, 'under way');
    await assert.rejects(failed);
    assert.equal(links.isIdle, true);
  });
});

describe('the link status of a page', () => {
  it('is read once for components that ask at the same time, and kept for a minute', async () => {
    let now = 0;
    let reads = 0;
    const store = new LinkStore(async () => ({ state: 'none', read: ++reads }), () => now);
    const [first, second] = await Promise.all([store.get(), store.get()]);
    assert.equal(first, second);
    assert.equal((await store.get()).read, 1);
    now = 60_001;
    assert.equal((await store.get()).read, 2);
  });

  it('is not overwritten by a read that started before it was set', async () => {
    let answer;
    const store = new LinkStore(() => new Promise((resolve) => { answer = resolve; }));
    const read = store.refresh();
    store.set({ state: 'none' });
    answer({ state: 'active' });
    assert.deepEqual(await read, { state: 'none' });
    assert.deepEqual(store.value, { state: 'none' });
  });

  it('stays what it was when a read fails, and is read again next time', async () => {
    let fail = true;
    const store = new LinkStore(async () => { if (fail) throw new Error('down'); return { state: 'active' }; });
    await assert.rejects(store.refresh(), /down/);
    fail = false;
    assert.deepEqual(await store.refresh(), { state: 'active' });
  });
});

describe('formats', () => {
  const now = Date.parse('2030-06-15T12:00:00Z');

  it('say how long ago something was', () => {
    assert.equal(relativeTime('2030-06-15T11:59:50Z', now), 'just now');
    assert.equal(relativeTime('2030-06-15T12:00:20Z', now), 'just now');
    assert.equal(relativeTime('2030-06-15T11:59:00Z', now), '1 minute ago');
    assert.equal(relativeTime('2030-06-15T09:00:00Z', now), '3 hours ago');
    assert.equal(relativeTime('2030-06-14T12:00:00Z', now), 'yesterday');
    assert.equal(relativeTime('2028-06-15T12:00:00Z', now), '2 years ago');
    assert.equal(relativeTime('not a time', now), '');
  });

  it('show a time in full', () => {
    assert.match(absoluteTime('2030-06-15T12:00:00Z', { timeZone: 'Asia/Tokyo' }), /15 Jun 2030, 21:00/);
    assert.equal(absoluteTime('x'), '');
  });

  it('show a duration only when there is one', () => {
    assert.equal(duration(0), '');
    assert.equal(duration(undefined), '');
    assert.equal(duration(47), '47 s');
    assert.equal(duration(75), '1 min 15 s');
    assert.equal(duration(3_660), '1 h 1 min');
  });

  it('name regions, and nothing that is not one', () => {
    assert.equal(regionName('JP'), 'Japan');
    assert.equal(regionName('001'), '');
    assert.equal(regionName(null), '');
  });

  it('count characters as the API does', () => {
    assert.equal(characterCount('a😀'), 2);
  });

  it('shorten a text to its first words', () => {
    assert.equal(excerpt(' one\n two '), 'one two');
    assert.equal(excerpt('😀'.repeat(50), 5), '😀😀😀😀…');
  });
});

describe('routes of the demo', () => {
  it('have a screen each', () => {
    const name = (path) => matchRoute(path).name;
    assert.equal(name('/app/'), 'companies');
    assert.equal(name('/app/companies'), 'companies');
    assert.deepEqual(matchRoute('/app/companies/a%20b'), { name: 'company', id: 'a b' });
    assert.deepEqual(matchRoute('/app/people/p1'), { name: 'person', id: 'p1' });
    assert.equal(name('/app/settings'), 'profile');
    assert.equal(name('/app/settings/integrations'), 'integrations');
    assert.equal(name('/app/companies/%zz'), 'missing');
    assert.equal(name('/app/nothing'), 'missing');
  });
});
