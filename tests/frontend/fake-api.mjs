// SPDX-License-Identifier: Apache-2.0
//
// The browser API of the fake gateway, one row per route below /v1/projects/{project}.

import { buildCallLink } from './fake-call-links.mjs';
import { checkOutcome, checkText, invalid, Problem } from './fake-store.mjs';

const ID_BYTES = 255;

function opaqueId(field, value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > ID_BYTES) {
    throw invalid(field, 'OUT_OF_RANGE', `must have 1 to ${ID_BYTES} bytes`);
  }
  return value;
}

function requireNumbers(numbers) {
  if (!Array.isArray(numbers) || numbers.length < 1 || numbers.length > 200 || !numbers.every((number) => typeof number === 'string')) {
    throw invalid('numbers', 'OUT_OF_RANGE', 'must be 1 to 200 texts');
  }
}

function connect({ state, session, json }) {
  const attempt = state.store.startAttempt(state.project, session.userId, json.reconnect === true, state.switches);
  return { body: { attemptId: attempt.attemptId, connectUrl: `${state.origin}/connect?ticket=${attempt.ticket}`, expireTime: attempt.expireTime } };
}

function disconnect({ state, owner, json }, userId, cause) {
  const { store, switches, project } = state;
  return store.once(owner, json.requestId, { method: 'disconnect', userId }, () => {
    const later = switches.disconnectLater && store.link(project, userId).state !== 'none';
    const receipt = store.disconnect(project, userId, { revokedAtZoom: later ? 'unconfirmed' : switches.revokedAtZoom, later, cause });
    return { status: later ? 202 : 200, body: { link: { ...store.link(project, userId) }, receipt } };
  });
}

function createCall({ state, session, owner, json }) {
  const link = state.store.link(state.project, session.userId);
  if (link.state !== 'active' && link.state !== 'reconnect_required') {
    throw new Problem(409, 'LINK_NOT_ACTIVE', 'link: no Zoom account is connected; connect one in Settings → Integrations');
  }
  const { requestId, number, defaultRegion = '' } = json;
  if (typeof number !== 'string') throw invalid('number', 'REQUIRED', 'is required');
  const companyId = opaqueId('companyId', json.companyId);
  const personId = opaqueId('personId', json.personId);
  const built = buildCallLink(number, defaultRegion);
  if (!built.ok) throw new Problem(400, built.error.reason, built.error.detail, { errors: [{ field: 'number', ...built.error }] });
  return state.store.once(owner, requestId, { method: 'call', number, defaultRegion, companyId, personId }, () => {
    const call = state.store.add('call', owner, {
      number: built.e164, inputNumber: number, region: built.region, companyId, personId,
      outcome: 'unspecified', startTime: new Date(state.now()).toISOString(), durationSeconds: null,
    });
    return { status: 201, body: { call, callUri: built.callUri, telUri: built.telUri, notice: built.notice } };
  });
}

function updateCall({ state, owner, ids, json }) {
  const fields = {};
  if (json.outcome !== undefined) { checkOutcome(json.outcome); fields.outcome = json.outcome; }
  if (json.durationSeconds !== undefined) {
    if (!Number.isInteger(json.durationSeconds) || json.durationSeconds < 0) throw invalid('durationSeconds', 'OUT_OF_RANGE', 'must be 0 or more');
    fields.durationSeconds = json.durationSeconds;
  }
  return { body: state.store.update('call', owner, ids[0], fields, json.etag) };
}

function createNote({ state, owner, json }) {
  checkText(json.text);
  const fields = {
    text: json.text, companyId: opaqueId('companyId', json.companyId), personId: opaqueId('personId', json.personId), callId: opaqueId('callId', json.callId),
  };
  if (!fields.companyId && !fields.personId && !fields.callId) throw invalid('companyId', 'REQUIRED', 'is required, or personId or callId');
  return state.store.once(owner, json.requestId, { method: 'note', ...fields }, () => ({ status: 201, body: state.store.add('note', owner, fields) }));
}

function updateNote({ state, owner, ids, json }) {
  checkText(json.text);
  return { body: state.store.update('note', owner, ids[0], { text: json.text }, json.etag) };
}

function listOf(kind, name) {
  return ({ state, owner, query }) => {
    const { items, nextPageToken } = state.store.list(kind, owner, query);
    return { body: { [name]: items, nextPageToken } };
  };
}

const readOne = (kind) => ({ state, owner, ids }) => ({ body: state.store.get(kind, owner, ids[0]) });
const removeOne = (kind) => ({ state, owner, ids }) => { state.store.remove(kind, owner, ids[0]); return { status: 204 }; };

/** [method, pattern of the path below the project, handler] */
export const API = [
  ['GET', /^\/session$/, ({ state, session }) => ({ body: { projectId: state.project, ...session, admin: session.roles.includes('admin') } })],
  ['GET', /^\/link$/, ({ state, session }) => ({ body: state.store.link(state.project, session.userId) })],
  ['POST', /^\/link:connect$/, connect],
  ['POST', /^\/link:disconnect$/, (exchange) => disconnect(exchange, exchange.session.userId, 'disconnected')],
  ['POST', /^\/users\/([^/]+)\/link:disconnect$/, (exchange) => {
    if (!exchange.session.roles.includes('admin')) throw new Problem(403, 'ADMIN_REQUIRED', 'session: the admin role is required');
    return disconnect(exchange, exchange.ids[0], 'disconnected_by_admin');
  }],
  ['POST', /^\/callLinks:build$/, ({ json }) => {
    requireNumbers(json.numbers);
    return { body: { callLinks: json.numbers.map((number) => buildCallLink(number, json.defaultRegion ?? '')) } };
  }],
  ['POST', /^\/calls$/, createCall],
  ['GET', /^\/calls$/, listOf('call', 'calls')],
  ['GET', /^\/calls\/([^/]+)$/, readOne('call')],
  ['PATCH', /^\/calls\/([^/]+)$/, updateCall],
  ['DELETE', /^\/calls\/([^/]+)$/, removeOne('call')],
  ['POST', /^\/notes$/, createNote],
  ['GET', /^\/notes$/, listOf('note', 'notes')],
  ['GET', /^\/notes\/([^/]+)$/, readOne('note')],
  ['PATCH', /^\/notes\/([^/]+)$/, updateNote],
  ['DELETE', /^\/notes\/([^/]+)$/, removeOne('note')],
];
