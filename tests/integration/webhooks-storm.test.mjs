// SPDX-License-Identifier: Apache-2.0
// A storm of webhooks: each event comes one to five times, shuffled, a tenth of what comes is damaged, and every replica that
// a webhook passes through is killed twice. At the end every user was told exactly the events that Zoom signed.
// SHODAN_WEBHOOK_EVENTS says how many events (1,200).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { zoomJson } from '../zoom-simulator/webhooks.mjs';
import { startStack } from '../support-js/stack.mjs';
import { eventually } from './lib/conditions.mjs';
import { nextMoment, payloadsOf, secondsNow, WebhookDriver } from './lib/webhooks.mjs';

const count = Number(process.env.SHODAN_WEBHOOK_EVENTS ?? 1_200);
const people = 6;
const senders = 16;
const killsOfEach = 2;
const damagedShare = 0.1;
const zoomWaitsMs = 3_000;
/** Long enough for any size: waiting longer than that means that nothing moves. */
const patienceMs = 60_000 + count * 50;

let stack;
let driver;

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'callLink', 'accountLink', 'automation', 'gateway'],
    replicas: { automation: 2, gateway: 2 },
    webhooks: true,
    durable: false,
    overrides: {
      automation: { webhooks: { hold_ms: 300, poll_interval_ms: 50, first_retry_ms: 50, lease_ms: 2_000 } },
      gateway: { rate_limits: { webhooks_per_address_per_minute: 1_000_000 } },
    },
  });
  driver = new WebhookDriver(stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});

/** A generator of numbers below 1 that is the same in every run (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled(list, random) {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** The bytes with one bit turned. */
function damaged(bytes, random) {
  const copy = Buffer.from(bytes);
  copy[Math.floor(random() * copy.length)] ^= 1 << Math.floor(random() * 8);
  return copy;
}

const percentile = (times, share) => [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))];

describe('a storm of webhooks', () => {
  test(`of ${count} events leaves what the model says, accepts nothing forged, and is answered while Zoom waits`, async (context) => {
    const random = randomFrom(20_300_101);
    const users = await Promise.all(Array.from({ length: people }, () => driver.newPerson()));
    const events = Array.from({ length: count }, (_, index) => {
      const user = users[index % people];
      const topic = `event ${index}`;
      return { user: user.userId, topic, bytes: Buffer.from(zoomJson(driver.message('meeting.created', payloadsOf(user.zoomUser, topic)['meeting.created'], nextMoment()))) };
    });
    const deliveries = shuffled(events.flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 5) }, () => event)), random);

    const seen = { accepted: 0, refused: 0, again: 0, forged: 0, kills: 0 };
    const times = [];
    let ended = false;
    // Each gateway uses a replica of automation of its own.
    let turn = 0;
    const address = () => {
      turn += 1;
      return { path: `https://localhost:${stack.gateway[turn % 2].ports.https}/webhooks/zoom/demo` };
    };
    /** Sends bytes with the signature of `signed`; again, as Zoom does, while nobody is there to judge them. */
    async function untilAnswered(bytes, signed) {
      for (;;) {
        const started = performance.now();
        const timestamp = secondsNow();
        const answer = await driver.send(bytes, { ...address(), timestamp, signature: driver.signature(signed, timestamp) }).catch(() => ({ status: 0 }));
        if (answer.status > 0 && answer.status < 500) return { ...answer, time: performance.now() - started };
        seen.again += 1;
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
    }
    async function deliver({ bytes }) {
      if (random() < damagedShare) {
        const forged = await untilAnswered(damaged(bytes, random), bytes);
        seen[forged.status === 401 ? 'refused' : 'forged'] += 1;
      }
      const answer = await untilAnswered(bytes, bytes);
      assert.equal(answer.status, 204, answer.text);
      seen.accepted += 1;
      times.push(answer.time);
    }
    const victims = Array.from({ length: killsOfEach }, () => [...stack.automation, ...stack.tokenVault, ...stack.gateway]).flat();
    const killer = (async () => {
      for (const [index, victim] of victims.entries()) {
        await eventually('some were accepted', () => ended || seen.accepted >= ((index + 1) * deliveries.length) / (victims.length + 1), patienceMs, 20);
        if (ended) return;
        await victim.restart();
        seen.kills += 1;
      }
    })();
    const left = [...deliveries];
    const sending = Array.from({ length: senders }, async () => {
      for (let event = left.pop(); event; event = left.pop()) await deliver(event);
    });
    await Promise.all([killer, ...sending]).finally(() => { ended = true; });
    await driver.idle(patienceMs);

    assert.equal(seen.forged, 0);
    assert.equal(seen.kills, victims.length);
    for (const { userId } of users) {
      const told = await driver.events(userId);
      const wanted = events.filter(({ user }) => user === userId).map(({ topic }) => topic).sort();
      assert.deepEqual(told.map(({ meeting }) => meeting.topic).sort(), wanted);
      assert.deepEqual(told.map(({ sequence }) => Number(sequence)), wanted.map((_, index) => index + 1));
      const inTime = told.filter(({ late }) => !late).map(({ eventTime }) => Number(eventTime.seconds));
      assert.deepEqual(inTime, [...inTime].sort((a, b) => a - b));
    }
    assert.ok(percentile(times, 0.99) < zoomWaitsMs);
    context.diagnostic(`${deliveries.length} deliveries: ${JSON.stringify(seen)}; answered in ${percentile(times, 0.5).toFixed(0)} ms (median), ${percentile(times, 0.99).toFixed(0)} ms (p99)`);
  });
});
