// SPDX-License-Identifier: Apache-2.0
// The actions of the control API. README.md has the table for users.
import { appOf, ControlError, found, number, userOf } from './control-common.mjs';
import { GRANT_ROUTES } from './control-grants.mjs';
import { checkAuthorizationRequest, decide, installFromMarketplace } from './oauth-authorize.mjs';
import { boolean, integer, InvalidInput, json, object, parse, string } from './schema.mjs';
import { describeSwitches, readSwitchChanges } from './switches.mjs';

const LONGEST_WAIT_MS = 120_000;
const LARGEST_PAGE = 10_000;

// ---- users and apps

function viewUser(sim, user) {
  const connected = sim.apps.list().flatMap((app) =>
    sim.grants.aliveOf(app.client_id, user.id).map((grant) => ({
      client_id: app.client_id,
      app_name: app.name,
      grant_id: grant.id,
    })),
  );
  return { ...user, display_name: user.display_name ?? `${user.first_name} ${user.last_name}`, connected };
}

function addUser({ sim, input }) {
  const user = sim.users.add(input);
  sim.state.changed();
  return viewUser(sim, user);
}

const REMOVAL = object({ client_id: string(), webhook_lost: boolean({ default: false }) });

function removeAppOfUser({ sim, parameters, input }) {
  const { client_id: clientId, webhook_lost: webhookLost } = parse(REMOVAL, input);
  return { ended_grant_ids: sim.removeApp(appOf(sim, clientId), userOf(sim, parameters.user), { webhookLost }) };
}

function removeAppDefinition({ sim, parameters }) {
  appOf(sim, parameters.app);
  sim.apps.remove(parameters.app);
}

// ---- authorizations without pages

const INSTALL = object({ user_id: string({ required: true }), client_id: string(), redirect_uri: string() });

function install({ sim, input }) {
  const { user_id: userId, client_id: clientId, redirect_uri: wanted } = parse(INSTALL, input);
  const app = appOf(sim, clientId);
  const redirectUri = wanted ?? app.redirect_uris[0];
  if (!app.redirect_uris.includes(redirectUri)) {
    throw new InvalidInput([{ field: 'redirect_uri', detail: 'is not in the allow list of the app' }]);
  }
  return { location: installFromMarketplace(sim, { app, user: userOf(sim, userId), redirectUri }) };
}

const AUTHORIZATION = object({
  authorization_url: string({ required: true, max: 16_384 }),
  user_id: string({ required: true }),
  allow: boolean({ default: true }),
});

function authorize({ sim, input }) {
  const { authorization_url: address, user_id: userId, allow } = parse(AUTHORIZATION, input);
  const query = new URLSearchParams(address.slice(address.indexOf('?') + 1));
  const { request, refusal } = checkAuthorizationRequest(sim, query);
  if (refusal) throw new ControlError(400, 'REFUSED', refusal.detail);
  return { location: decide(sim, { request, user: userOf(sim, userId), allow }) };
}

// ---- ledger and barriers

const LEDGER_POSITION = ['after', 'limit', 'count', 'timeout_ms'];

/** Every other query parameter is a field to match; a repeated one, or commas, mean "one of". */
function ledgerFilter(query) {
  const filter = {};
  for (const name of new Set(query.keys())) {
    if (!LEDGER_POSITION.includes(name)) filter[name] = query.getAll(name).flatMap((value) => value.split(','));
  }
  return filter;
}

function readLedger({ sim, query }) {
  const after = number(query, 'after', 0, Number.MAX_SAFE_INTEGER);
  const limit = number(query, 'limit', 1000, LARGEST_PAGE);
  const entries = sim.ledger.read({ after, limit, filter: ledgerFilter(query) });
  const more = limit > 0 && entries.length === limit;
  return { entries, last: sim.ledger.last, next_after: more ? entries.at(-1).seq : sim.ledger.last, more };
}

const waitLedger = ({ sim, query }) =>
  sim.ledger.wait({
    after: number(query, 'after', 0, Number.MAX_SAFE_INTEGER),
    count: number(query, 'count', 1, LARGEST_PAGE),
    timeoutMs: number(query, 'timeout_ms', 10_000, LONGEST_WAIT_MS),
    filter: ledgerFilter(query),
  });

async function barrier({ sim, parameters, query }) {
  const wanted = number(query, 'held', 0, LARGEST_PAGE);
  const reached = await sim.barriers.waitHeld(
    parameters.name,
    wanted,
    number(query, 'timeout_ms', 10_000, LONGEST_WAIT_MS),
  );
  return { name: parameters.name, held: sim.barriers.held(parameters.name), timed_out: !reached };
}

const RELEASE = object({ count: integer({ min: 1 }) });

const release = ({ sim, parameters, input }) => ({
  released: sim.barriers.release(parameters.name, parse(RELEASE, input).count ?? Infinity),
});

// ---- meetings

function listMeetings({ sim, query }) {
  const hostId = query.has('user_id') ? userOf(sim, query.get('user_id')).id : undefined;
  return { meetings: sim.meetings.list(hostId) };
}

const MEETING_CHANGE = object({ status: string({ values: ['waiting', 'started'], required: true }) });

function changeMeeting({ sim, parameters, input }) {
  const meeting = found(sim.meetings.find(parameters.meeting), 'meeting');
  sim.meetings.setStatus(meeting, parse(MEETING_CHANGE, input).status);
  return meeting;
}

// ---- the rest

const WEBHOOK = object({ client_id: string(), message: json({ required: true }) });

function sendWebhook({ sim, input }) {
  const { client_id: clientId, message } = parse(WEBHOOK, input);
  const app = appOf(sim, clientId);
  if (!app.webhook)
    throw new ControlError(409, 'NO_WEBHOOK', 'the app has no webhook; set one with PATCH /_control/apps/{client_id}');
  return { delivery_id: sim.webhooks.send(app, message) };
}

const status = ({ sim }) => ({
  url: sim.url,
  ledger_last: sim.ledger.last,
  users: sim.users.list().length,
  apps: sim.apps.list().length,
  faults: sim.faults.list().length,
  barriers: sim.barriers.names(),
  webhooks_waiting: sim.webhooks.waiting(),
  ...sim.grants.counts,
});

function changeSwitches({ sim, input }) {
  const changes = readSwitchChanges(input);
  Object.assign(sim.switches, changes);
  sim.ledger.append('switches_changed', { changes });
  return sim.switches;
}

/** [method, path below /_control, handler({sim, parameters, query, input}) -> JSON] */
export const CONTROL_ROUTES = [
  ['GET', '/status', status],
  ['POST', '/reset', ({ sim }) => sim.reset()],
  ['GET', '/users', ({ sim }) => ({ users: sim.users.list().map((user) => viewUser(sim, user)) })],
  ['POST', '/users', addUser],
  ['GET', '/users/{user}', ({ sim, parameters }) => viewUser(sim, userOf(sim, parameters.user))],
  [
    'PATCH',
    '/users/{user}',
    ({ sim, parameters, input }) => viewUser(sim, sim.changeUser(userOf(sim, parameters.user), input)),
  ],
  ['DELETE', '/users/{user}', ({ sim, parameters }) => sim.deleteUser(userOf(sim, parameters.user))],
  ['POST', '/users/{user}/remove-app', removeAppOfUser],
  ['GET', '/apps', ({ sim }) => ({ apps: sim.apps.list() })],
  [
    'POST',
    '/apps',
    ({ sim, input }) => {
      if (sim.apps.get(input.client_id))
        throw new ControlError(409, 'ALREADY_EXISTS', `the app ${input.client_id} exists`);
      return sim.apps.add(input);
    },
  ],
  ['PATCH', '/apps/{app}', ({ sim, parameters, input }) => sim.apps.change(appOf(sim, parameters.app), input)],
  ['DELETE', '/apps/{app}', removeAppDefinition],
  ['GET', '/switches', ({ sim }) => sim.switches],
  ['PATCH', '/switches', changeSwitches],
  ['GET', '/switches/descriptions', () => ({ switches: describeSwitches() })],
  ['GET', '/faults', ({ sim }) => ({ faults: sim.faults.list() })],
  ['POST', '/faults', ({ sim, input }) => sim.faults.add(input)],
  ['DELETE', '/faults', ({ sim }) => ({ removed: sim.faults.remove() })],
  ['DELETE', '/faults/{fault}', ({ sim, parameters }) => ({ removed: sim.faults.remove(parameters.fault) })],
  ['GET', '/barriers/{name}', barrier],
  ['POST', '/barriers/{name}/release', release],
  ['GET', '/ledger', readLedger],
  ['GET', '/ledger/wait', waitLedger],
  ...GRANT_ROUTES,
  ['GET', '/meetings', listMeetings],
  ['PATCH', '/meetings/{meeting}', changeMeeting],
  ['POST', '/installs', install],
  ['POST', '/authorizations', authorize],
  ['GET', '/webhooks', ({ sim }) => ({ waiting: sim.webhooks.waiting() })],
  ['POST', '/webhooks', sendWebhook],
  ['POST', '/webhooks/retry-now', ({ sim }) => ({ attempted: sim.webhooks.retryNow() })],
];
