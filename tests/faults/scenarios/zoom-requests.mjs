// SPDX-License-Identifier: Apache-2.0
// Unsafe requests to Zoom while zoom-api is killed and the network to Zoom breaks: none arrives twice, and what a
// client was told is true.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { meetingScopes, ZoomApiDriver } from '../../integration/lib/zoom-api.mjs';
import { TcpProxy } from '../tcp-proxy.mjs';
import { inBackground, pause, spread } from '../world.mjs';

/** Answers that say that this call did nothing. */
const nothingDone = ['ZOOM_UNAVAILABLE', 'ZOOM_RATE_LIMITED', 'VAULT_UNAVAILABLE', 'DATABASE_UNAVAILABLE', 'SERVER_BUSY', 'DEADLINE_PASSED'];
const mostAttempts = 200;

/** A copy of the projects file in which Zoom's API is behind the proxy. */
function projectsBehind(stack, port) {
  const projects = JSON.parse(readFileSync(stack.projectsFile, 'utf8'));
  for (const { zoom_app: app } of projects.projects) app.api_base_url = `http://127.0.0.1:${port}/v2`;
  const file = join(stack.directory, 'projects-behind-proxy.json');
  writeFileSync(file, JSON.stringify(projects));
  return file;
}

/**
 * One client with one request: repeats it under its id until it has an end.
 * @returns {Promise<'done'|'not done'|'unknown'|'no end'>} what it was told last
 */
async function persist(world, driver, { person, topic, patient }) {
  const request = { method: 'POST', path: 'users/me/meetings', query: `probe=${topic}`, body: { topic }, requestId: randomUUID() };
  let unanswered = false;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const replica = await world.any('zoomApi');
    const told = await driver.send(person.userId, request, { replica, deadlineMs: 10_000 }).then(({ status }) => status, ({ reason }) => reason);
    if (told === 201 || told === 'REQUEST_COMPLETED') return 'done';
    if (told === 'OUTCOME_UNKNOWN') return 'unknown';
    // An impatient client takes "nothing was done" as its end, unless an earlier call of its own had no answer at all.
    unanswered ||= !told;
    if (!patient && !unanswered && nothingDone.includes(told)) return 'not done';
    await pause(50);
  }
  return 'no end';
}

/** The network to Zoom, a new behaviour several times a second. */
async function weather({ world, proxy, random, isOver }) {
  while (!isOver()) {
    const behaviour = random.pick([
      {}, {}, { toClient: { delayMs: 5, jitterMs: 20 } }, { toServer: { jitterMs: 20 } }, { toClient: { cutAtByte: 200 + random.integer(4_000) } },
      { toServer: { cutAtByte: 200 + random.integer(4_000) } }, { refuse: true }, { toClient: { bytesPerSecond: 50_000 } },
    ]);
    proxy.set(behaviour);
    world.history.fault('network', 'zoom');
    await pause(100 + random.integer(300));
    if (behaviour.refuse || random.chance(0.2)) proxy.cutAll();
  }
  proxy.set();
}

const countBy = (items, keyOf) => items.reduce((counts, item) => counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1), new Map());

/** Compares what clients were told with what Zoom saw and did. */
async function compare(world, outcomes) {
  const seen = countBy(await world.simulator.ledger({ type: 'request_seen', method: 'POST' }), ({ query }) => new URLSearchParams(query).get('probe'));
  const made = countBy(await world.simulator.ledger({ type: 'meeting_created' }), ({ topic }) => topic);
  const told = (outcome) => [...outcomes].filter(([, last]) => last === outcome).map(([topic]) => topic);
  const none = (name, topics) => world.bar(name, topics.length, topics.length === 0);
  for (const outcome of ['done', 'not done', 'unknown']) world.bar(`told "${outcome}"`, told(outcome).length, true);
  world.bar('of "unknown": done at Zoom', told('unknown').filter((topic) => made.has(topic)).length, true);
  none('without an end', told('no end'));
  none('seen twice by Zoom', [...seen].filter(([, count]) => count > 1));
  none('done twice at Zoom', [...made].filter(([, count]) => count > 1));
  none('told "done", not done', told('done').filter((topic) => !made.has(topic)));
  none('told "not done", seen by Zoom', told('not done').filter((topic) => seen.has(topic)));
}

export default {
  name: 'zoom-requests',
  title: 'unsafe requests to Zoom: kill -9 of a random zoom-api every 200 ms, network to Zoom broken',
  modes: ['strict'],
  stack: 'requests',
  quick: false,
  minutes: 5,

  async run(world, report) {
    const { stack, simulator } = world;
    const random = world.random.fork('requests');
    const proxy = await new TcpProxy({ port: Number(new URL(simulator.url).port) }, random.fork('network')).start();
    const driver = new ZoomApiDriver(stack);
    const outcomes = new Map();
    try {
      await simulator.changeApp(world.clientId, { scopes: meetingScopes });
      const people = await world.newPeople(world.size(5, 40));
      await stack.tokenVault[0].restart({ overrides: { projects_file: projectsBehind(stack, proxy.port) } });
      const topics = Array.from({ length: world.size(300, 10_000) }, (_, index) => `${world.prefix}-${index}`);
      let over = false;
      const storms = inBackground(() => weather({ world, proxy, random: random.fork('weather'), isOver: () => over }));
      const killer = world.killer({ replicas: stack.zoomApi, everyMs: 200 });
      try {
        await spread(topics, 24, async (topic) => {
          outcomes.set(topic, await persist(world, driver, { person: random.pick(people), topic, patient: random.chance(0.6) }));
          report(`${outcomes.size} of ${topics.length} requests`);
        });
      } finally {
        over = true;
        await storms;
        world.bar('kills', await killer.stop(), true);
      }
      world.bar('requests', outcomes.size, outcomes.size === topics.length);
      await compare(world, outcomes);
    } finally {
      driver.close();
      await stack.tokenVault[0].restart();
      await proxy.stop();
    }
  },
};
