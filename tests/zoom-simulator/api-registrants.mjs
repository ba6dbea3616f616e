// SPDX-License-Identifier: Apache-2.0
// Registrants of a meeting in the REST API.
import { json } from './answers.mjs';
import { approvesByHand, noContent, ownMeeting, paged, readPaging, registrantJoinUrl, takesRegistrants } from './api-meetings.mjs';
import { apiErrors } from './zoom-errors.mjs';

const STATUSES = ['pending', 'approved', 'denied'];
const ACTIONS = { approve: 'approved', cancel: 'pending', deny: 'denied' };
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** Texts that Zoom takes beside the required ones, with the most characters. */
const TEXTS = {
  last_name: 64, address: 128, city: 128, country: 2, zip: 64, state: 128, phone: 128, industry: 128, org: 128,
  job_title: 128, purchasing_time_frame: 64, role_in_purchase_process: 64, no_of_employees: 64, comments: 2000, language: 16,
};

/** @returns `{fields}`, or `{answer}` that refuses */
function readRegistrant(input) {
  const wrong = [];
  const complain = (field) => wrong.push({ field, message: 'Invalid field.' });
  const isText = (value, most) => typeof value === 'string' && [...value].length <= most;
  if (!isText(input.email, 128) || !EMAIL.test(input.email)) complain('email');
  if (!isText(input.first_name, 64) || input.first_name === '') complain('first_name');
  const given = Object.entries(TEXTS).filter(([name]) => input[name] !== undefined);
  for (const [name, most] of given) if (!isText(input[name], most)) complain(name);
  const { custom_questions: questions } = input;
  if (questions !== undefined && !Array.isArray(questions)) complain('custom_questions');
  if (wrong.length > 0) return { answer: apiErrors.validation(wrong) };
  const texts = Object.fromEntries(given.map(([name]) => [name, input[name]]));
  const { email, first_name } = input;
  return { fields: { email, first_name, ...texts, ...(questions ? { custom_questions: questions } : {}) } };
}

/** Runs an endpoint of a meeting that takes registrants. */
const onRegistration = (handle) => (request) => {
  const { sim, user, parameters } = request;
  const meeting = ownMeeting(sim, user, parameters.meeting);
  if (!meeting) return apiErrors.noSuchMeeting(parameters.meeting);
  if (sim.switches.registration_needs_licence && user.type === 1) return apiErrors.paidUsersOnly();
  if (!takesRegistrants(meeting)) return apiErrors.noRegistration(parameters.meeting);
  return handle({ ...request, meeting });
};

const onRegistrant = (handle) =>
  onRegistration((request) => {
    const { meeting, parameters } = request;
    const registrant = meeting.registrants.find(({ id }) => id === parameters.registrant);
    return registrant ? handle({ ...request, registrant }) : apiErrors.noSuchRegistrant();
  });

const record = (sim, type, { context, grant, meeting, registrant }) =>
  sim.ledger.append(type, {
    request_id: context.requestId,
    user_id: grant.user_id,
    meeting_id: String(meeting.id),
    registrant_id: registrant.id,
    email: registrant.email,
  });

const view = (sim, meeting) => (registrant) => ({ ...registrant, join_url: registrantJoinUrl(sim, meeting, registrant) });

const add = onRegistration((request) => {
  const { sim, context, meeting, input } = request;
  const { fields, answer } = readRegistrant(input);
  if (answer) return answer;
  const wanted = (context.query.get('occurrence_ids') ?? '').split(',').filter(Boolean);
  const chosen = meeting.occurrences.filter(({ occurrence_id: id }) => wanted.length === 0 || wanted.includes(id));
  if (chosen.length < wanted.length) return apiErrors.noSuchMeeting(meeting.id);
  const status = approvesByHand(meeting) && input.auto_approve !== true ? 'pending' : 'approved';
  const registrant = sim.meetings.register(meeting, fields, status);
  record(sim, 'registrant_added', { ...request, registrant });
  const { topic, start_time: start } = meeting.fields;
  return json(201, {
    // The meeting's number, not the registrant's id.
    id: meeting.id,
    registrant_id: registrant.id,
    topic,
    start_time: start,
    join_url: registrantJoinUrl(sim, meeting, registrant),
    occurrences: chosen,
    participant_pin_code: registrant.participant_pin_code,
  });
});

const list = onRegistration(({ sim, context, meeting }) => {
  const status = context.query.get('status') ?? 'approved';
  if (!STATUSES.includes(status)) return apiErrors.validation([{ field: 'status', message: 'Invalid field.' }]);
  const { answer, ...paging } = readPaging(context.query);
  if (answer) return answer;
  const items = meeting.registrants.filter((registrant) => registrant.status === status);
  return paged({ sim, name: `registrants ${meeting.id} ${status}`, items, paging, member: 'registrants', view: view(sim, meeting) });
});

const get = onRegistrant(({ sim, meeting, registrant }) => json(200, view(sim, meeting)(registrant)));

const remove = onRegistrant((request) => {
  request.sim.meetings.unregister(request.meeting, request.registrant);
  record(request.sim, 'registrant_deleted', request);
  return noContent();
});

const setStatus = onRegistration(({ sim, meeting, input }) => {
  const status = ACTIONS[input.action];
  if (!status) return apiErrors.validation([{ field: 'action', message: 'Invalid field.' }]);
  const named = [input.registrants ?? []].flat();
  const fits = (registrant) => named.some(({ id, email }) => id === registrant.id || email === registrant.email);
  for (const registrant of meeting.registrants.filter(fits)) registrant.status = status;
  sim.meetings.changed();
  return noContent();
});

const adding = { scopes: ['meeting:write:registrant'], classic: ['meeting:write'] };
const listing = { scopes: ['meeting:read:list_registrants'], classic: ['meeting:read'] };
const reading = { scopes: ['meeting:read:registrant'], classic: ['meeting:read'] };
const deleting = { scopes: ['meeting:delete:registrant'], classic: ['meeting:write'] };
const deciding = { scopes: ['meeting:update:registrant_status'], classic: ['meeting:write'] };

/** Endpoints, as MEETING_ROUTES; the fixed path stands before the one with a name in its place. */
export const REGISTRANT_ROUTES = [
  { method: 'PUT', path: '/meetings/{meeting}/registrants/status', category: 'Light', ...deciding, handle: setStatus, takesBody: true },
  { method: 'POST', path: '/meetings/{meeting}/registrants', category: 'Light', ...adding, handle: add, takesBody: true },
  { method: 'GET', path: '/meetings/{meeting}/registrants', category: 'Medium', ...listing, handle: list },
  { method: 'GET', path: '/meetings/{meeting}/registrants/{registrant}', category: 'Light', ...reading, handle: get },
  { method: 'DELETE', path: '/meetings/{meeting}/registrants/{registrant}', category: 'Light', ...deleting, handle: remove },
];
