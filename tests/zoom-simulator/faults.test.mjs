// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { demoApp, send, startSimulator } from './client.mjs';
import {
  authorizationUrl,
  connect,
  exchange,
  INVALID_TOKEN,
  newCode,
  newUser,
  readProfile,
  refresh,
  revoke,
} from './fixture.mjs';

let sim;
before(async () => {
  sim = await startSimulator();
});
after(() => sim.stop());
beforeEach(() => sim.reset());

const worksOnce = async (token) => {
  const next = await refresh(sim, token);
  assert.equal(next.status, 200);
};

/** The bytes of an answer as they came, up to the end of the connection. */
function rawAnswer(token) {
  return new Promise((resolve) => {
    const body = `grant_type=refresh_token&refresh_token=${token}&client_id=${demoApp().client_id}&client_secret=${demoApp().client_secret}`;
    const socket = net.connect(sim.port, '127.0.0.1');
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(
      `POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
}

describe('a fault', () => {
  test('answers with a status and body without processing', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({
      endpoint: 'token',
      answer: { status: 503, body: { reason: 'down' }, headers: { 'x-test': '1' } },
    });
    const answer = await refresh(sim, token);
    assert.deepEqual([answer.status, answer.json(), answer.headers['x-test']], [503, { reason: 'down' }, '1']);
    await worksOnce(token);
  });

  test('answers with a status although it was processed', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', process: true, answer: { status: 500 } });
    assert.equal((await refresh(sim, token)).status, 500);
    assert.deepEqual((await refresh(sim, token)).json(), INVALID_TOKEN);
  });

  test('answers with HTML, garbage or nothing', async () => {
    for (const preset of ['html', 'garbage', 'empty'])
      await sim.addFault({ endpoint: 'token', answer: { preset, status: 200 } });
    const answers = [await refresh(sim, 'x'), await refresh(sim, 'x'), await refresh(sim, 'x')];
    assert.match(answers[0].text, /<html>/);
    assert.equal(answers[0].headers['content-type'], 'text/html');
    assert.throws(() => answers[1].json());
    assert.equal(answers[2].text, '');
  });

  test('resets the connection before processing: the token still works', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', before: { reset: true } });
    await assert.rejects(refresh(sim, token), { code: 'ECONNRESET' });
    await worksOnce(token);
  });

  test('resets the connection after issuing: the ledger shows what was issued and never answered', async () => {
    const { refresh_token: token, user } = await connect(sim);
    const after = await sim.position();
    await sim.addFault({ endpoint: 'token', after: { reset: true } });
    await assert.rejects(refresh(sim, token), { code: 'ECONNRESET' });
    const [answered] = await sim.waitLedger({ type: 'answered' }, { after });
    const [issued] = await sim.ledger(
      { type: 'tokens_issued', user_id: user.id, request_id: answered.request_id },
      after,
    );
    assert.deepEqual([answered.complete, answered.status], [false, null]);
    assert.equal((await refresh(sim, issued.refresh_token)).status, 200);
  });

  test('truncates the body at every byte it is told', async () => {
    const whole = (await connect(sim)).refresh_token;
    const { text } = await refresh(sim, whole);
    const announced = text.length;
    for (const at of [0, 1, Math.floor(announced / 2), announced - 1]) {
      const { refresh_token: token } = await connect(sim);
      const after = await sim.position();
      await sim.addFault({ endpoint: 'token', truncate_at: at });
      const [head, body] = (await rawAnswer(token)).split('\r\n\r\n');
      assert.match(head, /^HTTP\/1\.1 200 /);
      assert.ok(Number(/content-length: (\d+)/i.exec(head)[1]) > at);
      assert.equal(body.length, at);
      const [answered] = await sim.waitLedger({ type: 'answered' }, { after });
      assert.equal(answered.complete, false);
      assert.deepEqual((await refresh(sim, token)).json(), INVALID_TOKEN);
    }
  });

  test('makes a client fail on a truncated body', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', truncate_at: 10 });
    await assert.rejects(refresh(sim, token), { code: 'ECONNRESET' });
  });

  test('drips the body', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', drip: { bytes: 100, interval_ms: 1 } });
    const answer = await refresh(sim, token);
    assert.equal(typeof answer.json().access_token, 'string');
  });

  test('delays before and after processing', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', before: { delay_ms: 30 }, after: { delay_ms: 30 } });
    const start = performance.now();
    await worksOnce(token);
    assert.ok(performance.now() - start >= 59);
  });

  for (const [shape, pattern] of [
    ['seconds', /^30$/],
    ['http_date', / GMT$/],
    ['iso8601', /^\d{4}-.*\dZ$/],
    ['none', undefined],
  ]) {
    test(`answers 429 with Retry-After as ${shape}, at the token endpoint and the API`, async () => {
      const { refresh_token: token, access_token: access } = await connect(sim);
      for (const endpoint of ['token', 'profile'])
        await sim.addFault({ endpoint, rate_limit: { retry_after: shape, after_s: 30 } });
      for (const answer of [await readProfile(sim, access), await refresh(sim, token)]) {
        assert.equal(answer.status, 429);
        if (pattern) assert.match(answer.headers['retry-after'], pattern);
        else assert.equal(answer.headers['retry-after'], undefined);
      }
      const limited = await sim.ledger({ type: 'rate_limited' });
      assert.deepEqual(
        limited.map(({ retry_at: at }) => at === null),
        [shape === 'none', shape === 'none'],
      );
      await worksOnce(token);
    });
  }

  test('meets the next N requests, after a number that it spares', async () => {
    await sim.addFault({ endpoint: 'token', skip: 1, times: 2, answer: { status: 500 } });
    const statuses = [];
    for (let round = 0; round < 4; round++) statuses.push((await refresh(sim, 'unknown')).status);
    assert.deepEqual(statuses, [400, 500, 500, 400]);
    assert.deepEqual(await sim.faults(), []);
  });

  test('stays until it is removed when times is null', async () => {
    const fault = await sim.addFault({ endpoint: '*', times: null, answer: { status: 500 } });
    for (let round = 0; round < 3; round++) assert.equal((await refresh(sim, 'x')).status, 500);
    assert.equal((await send(authorizationUrl(sim))).status, 500);
    assert.equal((await sim.call('DELETE', `/faults/${fault.id}`)).removed, 1);
    assert.equal((await refresh(sim, 'x')).status, 400);
  });

  test('meets one user, client or grant type only', async () => {
    const [one, two] = [await connect(sim), await connect(sim)];
    const match = { user_id: one.user.id, client_id: demoApp().client_id };
    await sim.addFault({
      endpoint: 'token',
      match: { ...match, grant_type: 'refresh_token' },
      answer: { status: 500 },
    });
    await sim.addFault({ endpoint: 'profile', match, answer: { status: 500 } });
    await sim.addFault({ endpoint: 'revoke', match, answer: { status: 500 } });
    assert.equal((await refresh(sim, two.refresh_token)).status, 200);
    assert.equal((await exchange(sim, await newCode(sim, one.user))).status, 200);
    const { access_token: access, refresh_token: token } = await connect(sim, one.user);
    assert.equal((await refresh(sim, token)).status, 500);
    assert.equal((await readProfile(sim, access)).status, 500);
    assert.equal((await revoke(sim, token)).status, 500);
    assert.equal((await revoke(sim, token)).status, 200);
  });

  test('is in the ledger with what was presented, even when nothing was processed', async () => {
    const { refresh_token: token, user } = await connect(sim);
    const fault = await sim.addFault({ endpoint: 'token', answer: { status: 500 } });
    await refresh(sim, token);
    const [entry] = await sim.ledger({ type: 'fault_applied' });
    assert.deepEqual(
      [entry.fault_id, entry.processed, entry.user_id, entry.presented_refresh_token, entry.grant_type],
      [fault.id, false, user.id, token, 'refresh_token'],
    );
  });

  test('is refused with every wrong key named', async () => {
    await assert.rejects(sim.addFault({ endpoint: 'nowhere', answer: { status: 99 }, unknown: 1 }), (error) => {
      assert.deepEqual(error.problems.map(({ field }) => field).sort(), ['answer.status', 'endpoint', 'unknown']);
      return true;
    });
    await assert.rejects(sim.addFault({ endpoint: 'token', answer: {}, rate_limit: {} }), /cannot be combined/);
  });
});

describe('a barrier', () => {
  test('holds requests before processing until they are released, and tells how many', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', times: 3, before: { hold: 'gate' } });
    const answers = [refresh(sim, token), refresh(sim, token), refresh(sim, token)];
    assert.equal((await sim.waitHeld('gate', 3)).length, 3);
    assert.equal((await sim.ledger({ type: 'refresh' })).length, 0);
    assert.equal(await sim.release('gate', 1), 1);
    assert.equal((await answers[0]).status, 200);
    assert.equal(await sim.release('gate'), 2);
    assert.deepEqual(
      (await Promise.all(answers)).map(({ status }) => status),
      [200, 400, 400],
    );
  });

  test('holds the answer after issuing', async () => {
    const { refresh_token: token, user } = await connect(sim);
    await sim.addFault({ endpoint: 'token', after: { hold: 'issued' } });
    const answer = refresh(sim, token);
    const [held] = await sim.waitHeld('issued');
    assert.equal(held.user_id, user.id);
    assert.equal((await sim.grants({ user_id: user.id }))[0].refreshes, 1);
    await sim.release('issued');
    assert.equal((await answer).status, 200);
  });

  test('tells a test that too few came', async () => {
    await assert.rejects(sim.waitHeld('nobody', 1, 1), /0 of 1 requests held/);
  });

  test('holds 200 requests at once', async () => {
    const users = await Promise.all(Array.from({ length: 200 }, () => connect(sim)));
    await sim.addFault({ endpoint: 'token', times: 200, after: { hold: 'many' } });
    const answers = users.map(({ refresh_token: token }) => refresh(sim, token));
    await sim.waitHeld('many', 200);
    assert.equal(await sim.release('many'), 200);
    assert.ok((await Promise.all(answers)).every(({ status }) => status === 200));
  });
});

test('faults meet the pages too', async () => {
  await sim.addFault({ endpoint: 'authorize', answer: { preset: 'html', status: 502 } });
  assert.equal((await send(authorizationUrl(sim))).status, 502);
  const user = await newUser(sim);
  assert.ok(await newCode(sim, user));
});
