// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { demoApp, startSimulator } from './client.mjs';
import { connect, revoke, webhookReceiver } from './fixture.mjs';
import { Ledger } from './ledger.mjs';
import { signatureOf, Webhooks, zoomJson } from './webhooks.mjs';

const SECRET = 'test_webhook_secret_token';
const DEMO = demoApp().client_id;

let sim;
before(async () => {
  sim = await startSimulator();
});
after(() => sim.stop());
beforeEach(() => sim.reset());

async function withReceiver(t, { answers = [], ...webhook } = {}) {
  const receiver = await webhookReceiver(answers);
  t.after(receiver.close);
  await sim.changeApp(DEMO, { webhook: { url: receiver.url, secret_token: SECRET, ...webhook } });
  return receiver;
}

describe('app_deauthorized', () => {
  test('is not sent while the app has no webhook', async () => {
    const { user } = await connect(sim);
    await sim.removeApp(user.id);
    assert.deepEqual(await sim.ledger({ type: 'webhook_sent' }), []);
  });

  test('is lost when it is to be, and the grants die all the same', async (t) => {
    await withReceiver(t);
    const { user } = await connect(sim);
    assert.equal((await sim.removeApp(user.id, DEMO, { webhookLost: true })).ended_grant_ids.length, 1);
    assert.deepEqual(await sim.ledger({ type: 'webhook_sent' }), []);
    assert.deepEqual((await sim.status()).webhooks_waiting, []);
  });

  test('is sent, signed over its bytes, when the user removes the app', async (t) => {
    const receiver = await withReceiver(t, { verification_token: 'legacy' });
    const { user } = await connect(sim);
    await sim.removeApp(user.id);
    const [entry] = await sim.waitLedger({ type: 'webhook_sent', outcome: 'delivered' });
    const [{ headers, body }] = receiver.received;
    assert.equal(headers['x-zm-signature'], signatureOf(SECRET, headers['x-zm-request-timestamp'], body));
    assert.match(headers['x-zm-request-timestamp'], /^\d{10}$/);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['user-agent'], 'Zoom Marketplace/1.0a');
    assert.deepEqual([headers.clientid, headers.authorization], [DEMO, 'legacy']);
    const { event, payload, event_ts: time } = JSON.parse(body);
    assert.equal(event, 'app_deauthorized');
    assert.deepEqual([payload.user_id, payload.account_id, payload.client_id], [user.id, user.account_id, DEMO]);
    assert.match(payload.deauthorization_time, /^\d{4}-.*Z$/);
    assert.equal(typeof time, 'number');
    assert.deepEqual([entry.attempt, entry.status, entry.body], [1, 200, body.toString()]);
  });

  test('is sent after a revocation, unless the switch says else', async (t) => {
    await withReceiver(t);
    const first = await connect(sim);
    await revoke(sim, first.access_token);
    await sim.waitLedger({ type: 'webhook_sent', user_id: first.user.id });
    await sim.setSwitches({ revoke_sends_deauthorized: false });
    const second = await connect(sim);
    await revoke(sim, second.access_token);
    await sim.removeApp(first.user.id);
    await sim.waitLedger({ type: 'webhook_sent', user_id: first.user.id }, { count: 2 });
    assert.deepEqual(await sim.ledger({ type: 'webhook_sent', user_id: second.user.id }), []);
  });

  test('carries event_ts where the switch puts it', async (t) => {
    const receiver = await withReceiver(t);
    const { user } = await connect(sim);
    for (const place of ['payload', 'absent']) {
      await sim.setSwitches({ deauthorized_event_ts: place });
      const after = await sim.position();
      await sim.removeApp(user.id);
      await sim.waitLedger({ type: 'webhook_sent' }, { after });
    }
    const [inPayload, absent] = receiver.received.map(({ body }) => JSON.parse(body));
    assert.deepEqual([typeof inPayload.payload.event_ts, inPayload.event_ts], ['number', undefined]);
    assert.deepEqual([absent.payload.event_ts, absent.event_ts], [undefined, undefined]);
  });
});

describe('a webhook that fails', () => {
  test('is tried again after each configured delay, then dropped', async (t) => {
    const receiver = await withReceiver(t, { answers: [500, 404, 302, 500], retry_delays_ms: [0, 1, 1] });
    await sim.sendWebhook({ event: 'test.event', payload: {} });
    const entries = await sim.waitLedger({ type: 'webhook_sent' }, { count: 4 });
    assert.deepEqual(
      entries.map(({ attempt, will_retry: again, status }) => [attempt, again, status]),
      [
        [1, true, 500],
        [2, true, 404],
        [3, true, 302],
        [4, false, 500],
      ],
    );
    assert.equal(new Set(receiver.received.map(({ body }) => body.toString())).size, 1);
  });

  test('waits minutes by default, and can be told to try now', async (t) => {
    await withReceiver(t, { answers: [500] });
    await sim.sendWebhook({ event: 'test.event', payload: {} });
    await sim.waitLedger({ type: 'webhook_sent', attempt: 1 });
    assert.equal((await sim.status()).webhooks_waiting.length, 1);
    assert.equal((await sim.retryWebhooksNow()).attempted, 1);
    const [entry] = await sim.waitLedger({ type: 'webhook_sent', attempt: 2 });
    assert.equal(entry.outcome, 'delivered');
  });

  test('is not tried again on 4xx when the switch limits retries to server errors', async (t) => {
    await withReceiver(t, { answers: [404], retry_delays_ms: [0] });
    await sim.setSwitches({ webhook_retries: 'server_errors' });
    await sim.sendWebhook({ event: 'test.event', payload: {} });
    const [entry] = await sim.waitLedger({ type: 'webhook_sent' });
    assert.equal(entry.will_retry, false);
  });

  for (const [mode, timestamps] of [
    ['new', ['1000', '2000']],
    ['first', ['1000', '1000']],
  ]) {
    test(`is signed with its ${mode} timestamp when it is repeated, by switch`, async (t) => {
      const receiver = await webhookReceiver([500]);
      t.after(receiver.close);
      const ledger = new Ledger();
      const webhooks = new Webhooks({
        ledger,
        switches: { webhook_retry_timestamp: mode, webhook_retries: 'any_failure' },
      });
      const clock = t.mock.method(Date, 'now', () => 1_000_000);
      const webhook = { url: receiver.url, secret_token: SECRET, timeout_ms: 3000, retry_delays_ms: [60_000] };
      webhooks.send({ client_id: DEMO, webhook }, { event: 'test.event' });
      await ledger.wait({ filter: { attempt: 1 } });
      clock.mock.mockImplementation(() => 2_000_000);
      webhooks.retryNow();
      await ledger.wait({ filter: { attempt: 2 } });
      assert.deepEqual(
        receiver.received.map(({ headers }) => headers['x-zm-request-timestamp']),
        timestamps,
      );
      for (const { headers, body } of receiver.received) {
        assert.equal(headers['x-zm-signature'], signatureOf(SECRET, headers['x-zm-request-timestamp'], body));
      }
    });
  }

  test('counts an answer that does not come in time as a failure', async (t) => {
    await withReceiver(t, { answers: [null], timeout_ms: 30 });
    await sim.sendWebhook({ event: 'test.event', payload: {} });
    const [entry] = await sim.waitLedger({ type: 'webhook_sent' });
    assert.deepEqual([entry.outcome, entry.error, entry.will_retry], ['failed', 'timeout', true]);
  });

  test('counts a refused connection as a failure', async (t) => {
    const receiver = await withReceiver(t);
    await receiver.close();
    await sim.sendWebhook({ event: 'test.event', payload: {} });
    const [entry] = await sim.waitLedger({ type: 'webhook_sent' });
    assert.deepEqual([entry.outcome, entry.status, entry.error], ['failed', null, 'ECONNREFUSED']);
  });
});

describe('the signature', () => {
  test('fits a body that Zoom itself signed', () => {
    const body =
      '{"payload":{"plainToken":"xys8n8PGS7mAU0m5-YJjRA"},"event_ts":1720705455858,"event":"endpoint.url_validation"}';
    assert.equal(
      signatureOf('4fv1RkqGQUq5sWbEz6hA5A', '1720705455', body),
      'v0=93a1a675965ceb9c5a50c5dfb31f20e50f763be37a54ef74cd2d16a1a8e5c0d6',
    );
  });

  test('is over JSON with astral characters escaped and the rest raw, as Zoom writes it', () => {
    assert.equal(zoomJson({ topic: '🚒 ’ – é' }), '{"topic":"\\uD83D\\uDE92 ’ – é"}');
  });
});
