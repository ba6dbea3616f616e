// SPDX-License-Identifier: Apache-2.0
// Events on their way to an endpoint of the project's owner: signed as Standard Webhooks says and as the genuine, unmodified
// @nangohq/node verifies it, tried again, given up, replayed; two replicas of automation.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Nango } from '@nangohq/node';
import { prepareAuthority } from '../../deploy/local/authority.mjs';
import { startStack } from '../support-js/stack.mjs';
import { eventually, failureOf } from './lib/conditions.mjs';
import { dumpOf, literal, setAccessExpiry } from './lib/databases.mjs';
import { assertProblem, GatewayDriver } from './lib/gateway.mjs';
import { Receiver, verifiesAsStandardWebhook } from './lib/receiver.mjs';
import { canary, payloadsOf, WebhookDriver } from './lib/webhooks.mjs';

const many = 1_000_000;
const linkEvents = ['link.connected', 'link.reconnect_required', 'link.recovered', 'link.erased'];

let stack;
let driver;
let links;
let admin;
let receiver;
/** An endpoint that stays, and is told when others are disabled. */
let lasting;
/** Every secret that was shown once, to look for it afterwards. */
const shown = [];

before(async () => {
  const rates = { per_user_per_minute: many, per_address_per_minute: many, connect_per_user_per_minute: many };
  stack = await startStack({
    services: ['tokenVault', 'callLink', 'accountLink', 'automation', 'gateway'],
    replicas: { automation: 2 },
    webhooks: true,
    durable: false,
    overrides: {
      gateway: { rate_limits: rates },
      automation: {
        webhooks: { hold_ms: 0, poll_interval_ms: 50, erasure_interval_ms: 50 },
        deliveries: { poll_interval_ms: 50, follow_interval_ms: 50 },
      },
    },
  });
  driver = new GatewayDriver(stack);
  links = new WebhookDriver(stack);
  admin = driver.person({ roles: ['admin'] });
  receiver = await Receiver.start((await prepareAuthority(dirname(stack.caFile))).of('localhost'));
  // The project is followed from here on.
  lasting = await newEndpoint(['webhook_endpoint.disabled']);
});
after(async () => {
  await receiver?.stop();
  links?.close();
  driver?.close();
  await stack?.stop();
});

const sql = (text) => stack.postgres.query('automation', text);
const change = (text) => stack.postgres.execute('automation', text);

let endpoints = 0;
/** Makes an endpoint of its own path. @returns {Promise<{id: string, path: string, secret: string}>} */
async function newEndpoint(eventTypes, { status = 204 } = {}) {
  endpoints += 1;
  const path = `/hook-${endpoints}/${status}`;
  const answer = await admin.api('POST', '/webhookEndpoints', { url: receiver.url(path), eventTypes });
  assert.equal(answer.status, 201, answer.text);
  shown.push(answer.json.secret);
  const id = answer.json.webhookEndpoint.webhookEndpointId;
  await eventually('the project is followed', async () => (await sql('SELECT settled FROM link_watches WHERE settled')).length === 1);
  return { id, path, secret: answer.json.secret, endpoint: answer.json.webhookEndpoint };
}

async function remove({ id }) {
  const answer = await admin.api('DELETE', `/webhookEndpoints/${id}`);
  assert.equal(answer.status, 204, answer.text);
}

/** An endpoint for as long as a test needs it. */
async function withEndpoint(eventTypes, options, body) {
  const made = await newEndpoint(eventTypes, options);
  try {
    return await body(made);
  } finally {
    await remove(made);
  }
}

const read = async ({ id }) => (await admin.api('GET', `/webhookEndpoints/${id}`)).json;
const deliveries = async ({ id }, query = '') => (await admin.api('GET', `/webhookEndpoints/${id}/deliveries${query}`)).json.webhookDeliveries;
const untilDelivery = (endpoint, state, lastAnswer) => eventually(`a delivery is ${state} after ${lastAnswer}`, async () =>
  (await deliveries(endpoint)).find((delivery) => delivery.state === state && delivery.lastAnswer === lastAnswer));
/** Lets the time come when deliveries are tried again. */
const age = ({ id }) => change(`UPDATE deliveries SET next_attempt_at = now() WHERE endpoint_id = ${literal(id)} AND state = 'pending'`);
const nangoWith = (webhookSigningKey) => new Nango({ host: `${stack.publicUrl}/nango`, apiKey: 'not used to verify', webhookSigningKey });
const verifies = (secret, { body, headers }) => nangoWith(secret).verifyIncomingWebhookRequest(body, headers);

describe('a webhook', () => {
  test('is verified by the genuine client of Nango and as Standard Webhooks says, and by no other key or body', () =>
    withEndpoint(['link.connected'], {}, async (endpoint) => {
      const { person } = await driver.connected();
      const [message] = await receiver.until(endpoint.path, 1);
      assert.equal(message.method, 'POST');
      assert.equal(message.headers['content-type'], 'application/json');
      const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
      const changed = { ...message, body: message.body.replace(person.userId, 'somebody') };
      assert.notEqual(changed.body, message.body);

      assert.equal(verifies(endpoint.secret, message), true);
      assert.equal(verifies(endpoint.secret, changed), false);
      assert.equal(verifies(other, message), false);
      const asSecretKey = new Nango({ host: stack.publicUrl, secretKey: endpoint.secret });
      assert.equal(asSecretKey.verifyIncomingWebhookRequest(message.body, message.headers), true);
      // What that client itself calls unsafe has no header to check.
      assert.equal(asSecretKey.verifyWebhookSignature(message.headers['x-nango-signature'], message.json), false);

      assert.equal(verifiesAsStandardWebhook(endpoint.secret, message), true);
      assert.equal(verifiesAsStandardWebhook(endpoint.secret, changed), false);
      assert.equal(verifiesAsStandardWebhook(other, message), false);
      const earlier = { ...message, headers: { ...message.headers, 'webhook-timestamp': String(Number(message.headers['webhook-timestamp']) - 1) } };
      assert.equal(verifiesAsStandardWebhook(endpoint.secret, earlier), false);

      const { type, timestamp, data } = message.json;
      const link = await person.link();
      assert.equal(type, 'link.connected');
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000);
      assert.deepEqual(data, { projectId: 'demo', userId: person.userId, linkId: link.linkId, generation: 1, cause: null });
    }));

  test('tells each turn of a link\'s life once, with nothing of Zoom\'s', () => withEndpoint(linkEvents, {}, async (endpoint) => {
    const person = await links.newPerson();
    const mine = () => receiver.at(endpoint.path).filter(({ json }) => json.data.userId === person.userId);
    const told = (count) => eventually(`${count} events are told`, () => mine().length === count);
    await told(1);
    await setAccessExpiry(stack, person.userId, -1);
    await stack.simulator.changeUser(person.zoomUser.id, { status: 'inactive' });
    assert.equal((await failureOf(links.accessToken(person.userId))).reason, 'RECONNECT_REQUIRED');
    await told(2);
    await stack.simulator.changeUser(person.zoomUser.id, { status: 'active' });
    await links.connectThrough(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    await told(3);
    await links.disconnect(person.userId);
    await told(4);
    const events = mine();
    assert.deepEqual(events.map(({ json }) => [json.type, json.data.generation, json.data.cause]).sort(),
      [['link.connected', 1, null], ['link.erased', 3, 'disconnected'], ['link.reconnect_required', 1, 'revoked'], ['link.recovered', 2, null]]);
    assert.equal(new Set(events.map(({ headers }) => headers['webhook-id'])).size, 4);
    for (const { body } of events) {
      for (const personal of [person.zoomUser.id, person.zoomUser.email, person.zoomUser.account_id]) assert.ok(!body.includes(personal));
    }
  }));

  test('tells a Zoom event to those who want it, and is deleted with the link', () => withEndpoint(['meeting.created', 'link.erased'], {}, async (endpoint) => {
    const person = await links.newPerson();
    const topic = canary();
    await links.send(links.message('meeting.created', payloadsOf(person.zoomUser, topic)['meeting.created']));
    await links.send(links.message('meeting.ended', payloadsOf(person.zoomUser, topic)['meeting.ended']));
    const [message] = await receiver.until(endpoint.path, 1, 'meeting.created');
    assert.equal(verifies(endpoint.secret, message), true);
    const [told] = await links.told(person.userId, 2);
    assert.equal(message.headers['webhook-id'], told.eventId);
    const { data } = message.json;
    assert.deepEqual([data.userId, data.trigger, data.meeting.meetingId, data.meeting.topic], [person.userId, 'New Meeting', '98884753832', topic]);
    assert.ok(!(await dumpOf(stack, 'automation')).includes(topic), 'what is sent lies sealed');

    await links.disconnect(person.userId);
    await receiver.until(endpoint.path, 1, 'link.erased');
    await eventually('its deliveries are gone', async () => (await sql(`SELECT 1 FROM deliveries WHERE message_id = ${literal(told.eventId)}`)).length === 0);
    assert.equal(receiver.at(endpoint.path, 'meeting.ended').length, 0);
  }));

  test('that is not taken is tried again under its id, signed anew, until it is', () => withEndpoint(['link.connected'], {}, async (endpoint) => {
    receiver.answers.set(endpoint.path, [500, 302]);
    await driver.connected();
    const failed = await untilDelivery(endpoint, 'pending', '5xx');
    assert.deepEqual([failed.attemptCount, failed.endTime], [1, null]);
    const wait = Date.parse(failed.nextAttemptTime) - Date.now();
    assert.ok(wait > 0 && wait < 6_500, `in ${wait} ms`);
    assert.ok((await read(endpoint)).failingSinceTime);
    await age(endpoint);
    await untilDelivery(endpoint, 'pending', '3xx');
    await age(endpoint);
    const delivered = await untilDelivery(endpoint, 'delivered', '2xx');
    assert.equal(delivered.attemptCount, 3);
    const messages = receiver.at(endpoint.path);
    assert.equal(messages.length, 3);
    assert.deepEqual(new Set(messages.map(({ headers }) => headers['webhook-id'])), new Set([delivered.messageId]));
    for (const message of messages) assert.ok(verifies(endpoint.secret, message) && verifiesAsStandardWebhook(endpoint.secret, message));
    assert.deepEqual(receiver.received.filter(({ path }) => path === '/redirected'), [], 'no redirect is followed');
    assert.equal((await read(endpoint)).failingSinceTime, null);
  }));

  test('is given up after ten attempts and kept for a replay', () => withEndpoint(['link.connected'], {}, async (endpoint) => {
    receiver.answers.set(endpoint.path, [500, 503]);
    await driver.connected();
    await untilDelivery(endpoint, 'pending', '5xx');
    await change(`UPDATE deliveries SET attempts = 9, next_attempt_at = now() WHERE endpoint_id = ${literal(endpoint.id)}`);
    const dead = await untilDelivery(endpoint, 'dead', '5xx');
    assert.deepEqual([dead.attemptCount, dead.nextAttemptTime], [10, null]);

    const replayed = await admin.api('POST', `/webhookEndpoints/${endpoint.id}/deliveries:replay`, {});
    assert.deepEqual([replayed.status, replayed.json], [200, { replayedCount: 1 }]);
    const delivered = await untilDelivery(endpoint, 'delivered', '2xx');
    assert.deepEqual([delivered.webhookDeliveryId, delivered.messageId, delivered.attemptCount, delivered.replayCount], [dead.webhookDeliveryId, dead.messageId, 1, 1]);
    const again = await admin.api('POST', `/webhookEndpoints/${endpoint.id}/deliveries:replay`, { webhookDeliveryIds: [dead.webhookDeliveryId] });
    assert.deepEqual(again.json, { replayedCount: 1 });
    await receiver.until(endpoint.path, 4);
    assert.deepEqual((await admin.api('POST', `/webhookEndpoints/${endpoint.id}/deliveries:replay`, {})).json, { replayedCount: 0 });
  }));

  test('reaches no private address, and nothing is told of it but that', async () => {
    const overrides = { deliveries: { allow_private_addresses: false } };
    await Promise.all(stack.automation.map((replica) => replica.restart({ overrides })));
    await withEndpoint(['link.connected'], {}, async (endpoint) => {
      await driver.connected();
      await untilDelivery(endpoint, 'pending', 'HTTPS_ADDRESS_REFUSED');
      assert.deepEqual(receiver.at(endpoint.path), []);
    });
    await Promise.all(stack.automation.map((replica) => replica.restart()));
  });

  test('is sent by the other replica when one dies between sending it and noting it', () => withEndpoint(['link.connected'], {}, async (endpoint) => {
    await stack.automation[0].kill();
    await stack.automation[1].restart({ crashPoints: ['automation.deliver.after'] });
    await driver.connected();
    const [first] = await receiver.until(endpoint.path, 1);
    await stack.automation[1].willCrash();
    await stack.automation[0].restart();
    await age(endpoint);
    const delivered = await untilDelivery(endpoint, 'delivered', '2xx');
    assert.equal(delivered.attemptCount, 2);
    assert.deepEqual(receiver.at(endpoint.path).map(({ headers }) => headers['webhook-id']), [first.headers['webhook-id'], first.headers['webhook-id']]);
    await stack.automation[1].restart();
  }));
});

describe('an endpoint', () => {
  test('whose secret is rotated is signed for with both until the overlap ends', () => withEndpoint(['link.connected'], {}, async (endpoint) => {
    const rotate = (body) => admin.api('POST', `/webhookEndpoints/${endpoint.id}/secret:rotate`, body);
    const rotated = await rotate({ overlapSeconds: 3_600 });
    assert.equal(rotated.status, 200, rotated.text);
    const { secret } = rotated.json;
    shown.push(secret);
    assert.notEqual(secret, endpoint.secret);
    assert.ok(rotated.json.webhookEndpoint.previousExpireTime);
    assertProblem(await rotate({}), { status: 409, reason: 'WEBHOOK_ENDPOINT_ROTATING' });

    await driver.connected();
    const [during] = await receiver.until(endpoint.path, 1);
    assert.ok(verifiesAsStandardWebhook(endpoint.secret, during) && verifiesAsStandardWebhook(secret, during));
    assert.deepEqual([verifies(endpoint.secret, during), verifies(secret, during)], [true, false], 'one signature fits the header: that of the secret which programs have');

    await change(`UPDATE endpoint_secrets SET expires_at = now() WHERE endpoint_id = ${literal(endpoint.id)} AND expires_at IS NOT NULL`);
    await driver.connected();
    const [, later] = await receiver.until(endpoint.path, 2);
    assert.deepEqual([verifies(endpoint.secret, later), verifies(secret, later)], [false, true]);
    assert.deepEqual([verifiesAsStandardWebhook(endpoint.secret, later), verifiesAsStandardWebhook(secret, later)], [false, true]);
  }));

  test('that is disabled gets nothing, and later what still waited', () => withEndpoint(['link.connected'], {}, async (endpoint) => {
    receiver.answers.set(endpoint.path, [500]);
    await driver.connected();
    await untilDelivery(endpoint, 'pending', '5xx');
    const disabled = await admin.api('PATCH', `/webhookEndpoints/${endpoint.id}`, { enabled: false });
    assert.deepEqual([disabled.json.enabled, disabled.json.disabledReason], [false, 'ADMINISTRATOR']);
    await age(endpoint);
    await withEndpoint(['link.connected'], {}, async (other) => {
      await driver.connected();
      await receiver.until(other.path, 1);
    });
    assert.equal(receiver.at(endpoint.path).length, 1);
    assert.equal((await deliveries(endpoint)).length, 1);
    const enabled = await admin.api('PATCH', `/webhookEndpoints/${endpoint.id}`, { enabled: true });
    assert.deepEqual([enabled.json.enabled, enabled.json.disabledReason], [true, null]);
    await receiver.until(endpoint.path, 2);
  }));

  test('that failed for five days, or is gone, is disabled, and the others are told', async () => {
    const disabledAs = async (endpoint, reason) => {
      await eventually(`the endpoint is disabled: ${reason}`, async () => (await read(endpoint)).disabledReason === reason);
      const found = await eventually('the other endpoint is told', () =>
        receiver.at(lasting.path).find(({ json }) => json.data.webhookEndpointId === endpoint.id));
      assert.deepEqual(found.json.data, { projectId: 'demo', webhookEndpointId: endpoint.id, reason });
    };
    await withEndpoint(['link.connected'], { status: 410 }, async (gone) => {
      await driver.connected();
      await disabledAs(gone, 'GONE');
    });
    await withEndpoint(['link.connected'], { status: 500 }, async (failing) => {
      await driver.connected();
      await untilDelivery(failing, 'pending', '5xx');
      assert.equal((await read(failing)).enabled, true);
      await change(`UPDATE webhook_endpoints SET failing_since = now() - interval '121 hours' WHERE endpoint_id = ${literal(failing.id)}`);
      await age(failing);
      await disabledAs(failing, 'FAILING');
    });
  });

  test('is made and seen by administrators alone, and its secret once', async () => {
    const made = await newEndpoint(['link.erased', 'link.connected']);
    const { endpoint } = made;
    assert.match(made.secret, /^whsec_[0-9A-Za-z+/]{43}=$/);
    assert.deepEqual([endpoint.eventTypes, endpoint.enabled, endpoint.disabledReason], [['link.connected', 'link.erased'], true, null]);
    assert.deepEqual(await read(made), endpoint);
    const listed = await admin.api('GET', '/webhookEndpoints');
    assert.deepEqual(listed.json.webhookEndpoints, [lasting.endpoint, endpoint]);
    assert.ok(!listed.text.includes('whsec_'));
    const changed = await admin.api('PATCH', `/webhookEndpoints/${made.id}`, { eventTypes: ['link.recovered'], url: receiver.url('/elsewhere') });
    assert.deepEqual([changed.json.eventTypes, changed.json.url], [['link.recovered'], receiver.url('/elsewhere')]);

    const anybody = driver.person();
    for (const [method, path, body] of [['GET', ''], ['POST', '', { url: 'https://a.example/', eventTypes: ['link.erased'] }], ['GET', `/${made.id}`],
      ['PATCH', `/${made.id}`, { enabled: false }], ['DELETE', `/${made.id}`], ['POST', `/${made.id}/secret:rotate`, {}], ['GET', `/${made.id}/deliveries`],
      ['POST', `/${made.id}/deliveries:replay`, {}]]) {
      assertProblem(await anybody.api(method, `/webhookEndpoints${path}`, body), { status: 403, reason: 'ADMIN_REQUIRED' }, `${method} ${path}`);
    }
    await remove(made);
    assertProblem(await admin.api('GET', `/webhookEndpoints/${made.id}`), { status: 404, reason: 'WEBHOOK_ENDPOINT_NOT_FOUND' });
    assertProblem(await admin.api('GET', `/webhookEndpoints/${randomUUID()}/deliveries`), { status: 404, reason: 'WEBHOOK_ENDPOINT_NOT_FOUND' });
    const actions = await sql('SELECT DISTINCT action FROM audit WHERE action LIKE \'webhook_%\' ORDER BY 1');
    assert.deepEqual(actions.map(({ action }) => action), ['webhook_deliveries.replayed', 'webhook_endpoint.created', 'webhook_endpoint.deleted',
      'webhook_endpoint.disabled', 'webhook_endpoint.secret_rotated', 'webhook_endpoint.updated']);
  });

  test('leaves no secret in the database or a log', async () => {
    const places = [await dumpOf(stack, 'automation'), await dumpOf(stack, 'token_vault'), ...stack.automation.map(({ log }) => log), ...stack.gateway.map(({ log }) => log)];
    assert.ok(shown.length > 8);
    for (const secret of shown) {
      for (const place of places) assert.ok(!place.includes(secret.slice(6)));
    }
  });
});
