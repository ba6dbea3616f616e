// SPDX-License-Identifier: Apache-2.0
// Every story of the product in a real browser, against one stack. One story alone:
//   node --test --test-name-pattern='three pieces of advice' tests/e2e/e2e.test.mjs
import { after, before, describe } from 'node:test';
import { World } from './lib/world.mjs';
import { administrationStories } from './stories/administration.mjs';
import { apiKeyStories } from './stories/api-keys.mjs';
import { callingStories } from './stories/calling.mjs';
import { clientStories } from './stories/clients.mjs';
import { complaintStories } from './stories/complaints.mjs';
import { connectingStories } from './stories/connecting.mjs';
import { disconnectingStories } from './stories/disconnecting.mjs';
import { failedConnectingStories } from './stories/failed-connecting.mjs';
import { keyboardStories } from './stories/keyboard.mjs';
import { notesStories } from './stories/notes.mjs';
import { paragonStories } from './stories/paragon.mjs';
import { screenStories } from './stories/screens.mjs';
import { sessionStories } from './stories/sessions.mjs';
import { webhookEndpointStories } from './stories/webhook-endpoints.mjs';
import { webhookStories } from './stories/webhooks.mjs';

const chapters = {
  'Connecting Zoom': connectingStories,
  'Connecting Zoom goes wrong': failedConnectingStories,
  'Calling': callingStories,
  'Call history and notes': notesStories,
  'Disconnecting Zoom': disconnectingStories,
  'Sessions': sessionStories,
  'Pages of others': clientStories,
  'Pages of others with the connector’s own package': paragonStories,
  'Keyboard alone': keyboardStories,
  'Administration': administrationStories,
  'API keys': apiKeyStories,
  'Webhooks': webhookStories,
  'Endpoints': webhookEndpointStories,
  'Screens': screenStories,
  'What a story notices': complaintStories,
};

/** While one story waits for an answer, another one can work. */
const chaptersAtOnce = 2;

describe('Zoom Phone in Shodan Pro', { concurrency: chaptersAtOnce }, () => {
  const world = new World();
  before(() => world.start(), { timeout: 120_000 });
  after(() => world.stop(), { timeout: 60_000 });
  for (const [title, tell] of Object.entries(chapters)) describe(title, () => tell(world));
});
