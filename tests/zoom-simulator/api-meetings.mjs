// SPDX-License-Identifier: Apache-2.0
// Meetings in the REST API: create, list, get, update, delete, end.
import { json } from './answers.mjs';
import { RECURRING } from './meetings.mjs';
import { apiErrors } from './zoom-errors.mjs';

const LARGEST_PAGE = 300;
const TYPES = [1, 2, 3, 8, 10];
const LISTS = ['scheduled', 'live', 'upcoming', 'upcoming_meetings', 'previous_meetings'];
const START_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z?$/;

/** An answer without a body, as Zoom gives it after a change. */
export const noContent = () => ({ status: 204, headers: {}, body: Buffer.alloc(0) });

const isText = (most) => (value) => typeof value === 'string' && [...value].length <= most;
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Fields of a meeting that can be set: name to what its value must be. Others are ignored, as Zoom does. */
const FIELDS = {
  topic: isText(200),
  type: (value) => TYPES.includes(value),
  start_time: (value) => typeof value === 'string' && (value === '' || START_TIME.test(value)),
  duration: (value) => Number.isSafeInteger(value) && value >= 0 && value <= 1440,
  timezone: isText(64),
  agenda: isText(2000),
  password: isText(10),
  settings: isObject,
  recurrence: isObject,
  tracking_fields: Array.isArray,
};

/** @returns `{fields}`, or `{answer}` that refuses */
function readFields(input) {
  const given = Object.entries(FIELDS).filter(([name]) => input[name] !== undefined);
  const misfits = given.filter(([name, fits]) => !fits(input[name]));
  const wrong = misfits.map(([field]) => ({ field, message: 'Invalid field.' }));
  if (wrong.length > 0) return { answer: apiErrors.validation(wrong) };
  return { fields: Object.fromEntries(given.map(([name]) => [name, input[name]])) };
}

/** @returns the meeting that a path names when it is the user's, else null */
export function ownMeeting(sim, user, reference) {
  const meeting = sim.meetings.find(reference);
  return meeting?.host_id === user.id ? meeting : null;
}

const approvalOf = ({ fields }) => fields.settings?.approval_type ?? 2;
const joinUrl = (sim, { id, password }) => `${sim.url}/j/${id}?pwd=${password}`;

/** @returns whether registration is on */
export const takesRegistrants = (meeting) => approvalOf(meeting) !== 2;

/** @returns whether registrants wait for the host's approval */
export const approvesByHand = (meeting) => approvalOf(meeting) === 1;

export const registrantJoinUrl = (sim, meeting, registrant) =>
  `${sim.url}/w/${meeting.id}?tk=${Buffer.from(registrant.id).toString('base64url')}`;

function listed(sim, meeting) {
  const { topic, type, start_time: start, duration, timezone, agenda } = meeting.fields;
  const view = { uuid: meeting.uuid, id: meeting.id, host_id: meeting.host_id, topic, type };
  if (type !== 3) view.start_time = start;
  return { ...view, duration, timezone, created_at: meeting.created_at, join_url: joinUrl(sim, meeting), agenda };
}

function detailed(sim, meeting, user) {
  const { fields } = meeting;
  const password = fields.password ?? meeting.password;
  const view = {
    ...listed(sim, meeting),
    host_email: user.email,
    status: meeting.status,
    agenda: fields.agenda ?? '',
    start_url: `${sim.url}/s/${meeting.id}?zak=${Buffer.from(`zak ${meeting.uuid}`).toString('base64url')}`,
    password,
    h323_password: '123456',
    pstn_password: '123456',
    encrypted_password: Buffer.from(password).toString('base64url'),
    settings: { host_video: false, participant_video: false, approval_type: 2, audio: 'both', ...fields.settings },
    creation_source: 'open_api',
    pre_schedule: false,
  };
  if (takesRegistrants(meeting)) view.registration_url = `${sim.url}/meeting/register/${meeting.id}`;
  if (RECURRING.includes(fields.type)) view.recurrence = fields.recurrence ?? {};
  if (meeting.occurrences.length > 0) view.occurrences = meeting.occurrences;
  if (fields.tracking_fields) view.tracking_fields = fields.tracking_fields;
  return view;
}

const record = (sim, type, { context, grant, meeting }, more = {}) =>
  sim.ledger.append(type, {
    request_id: context.requestId,
    user_id: grant.user_id,
    meeting_id: String(meeting.id),
    uuid: meeting.uuid,
    topic: meeting.fields.topic,
    ...more,
  });

/** A user's token acts for its user only, unless an administrator granted it. */
function isOwn({ user, grant, parameters }) {
  if (['me', user.id, user.email].includes(parameters.user)) return true;
  return grant.scopes.some((scope) => scope.endsWith(':admin'));
}

// ---- endpoints

function create({ sim, context, grant, user, parameters, input }) {
  const host = parameters.user === 'me' ? user : sim.users.find(parameters.user);
  if (!host || host.account_id !== user.account_id) return apiErrors.noSuchUser(parameters.user);
  if (!isOwn({ user, grant, parameters })) return apiErrors.missingScope(sim.switches, ['meeting:write:meeting:admin']);
  const { fields, answer } = readFields(input);
  if (answer) return answer;
  const limited = sim.limits.checkMeetingChange(context, grant);
  if (limited) return limited;
  const meeting = sim.meetings.create(host, fields);
  record(sim, 'meeting_created', { context, grant, meeting });
  return json(201, detailed(sim, meeting, host));
}

const MOMENTS = {
  scheduled: ({ fields }) => fields.type !== 1,
  live: ({ status }) => status === 'started',
  upcoming: ({ fields }) => fields.type === 3 || Date.parse(fields.start_time) >= Date.now(),
  previous_meetings: ({ fields }) =>
    fields.type !== 3 && Date.parse(fields.start_time) + fields.duration * 60_000 < Date.now(),
};

/** The numbers of a list request. @returns `{pageSize, token}`, or `{answer}` that refuses */
export function readPaging(query) {
  const given = query.get('page_size') ?? '30';
  const pageSize = Number(given);
  if (!/^\d{1,4}$/.test(given) || pageSize < 1 || pageSize > LARGEST_PAGE) {
    return { answer: apiErrors.validation([{ field: 'page_size', message: 'Invalid field.' }]) };
  }
  return { pageSize, token: query.get('next_page_token') ?? '' };
}

/** A page of a list as Zoom answers it. `name`: what has to stay the same from page to page */
export function paged({ sim, name, items, paging, member, view }) {
  const { pageSize, token } = paging;
  const lifetimeMs = sim.switches.page_token_lifetime_s * 1000;
  const page = sim.meetings.page({ name: `${name} ${pageSize}`, items, pageSize, token, lifetimeMs });
  if (!page) return apiErrors.badPageToken();
  return json(200, {
    page_count: Math.ceil(page.total / pageSize),
    page_number: 1,
    page_size: pageSize,
    total_records: page.total,
    next_page_token: page.nextPageToken,
    [member]: page.items.map(view),
  });
}

function list({ sim, context, grant, user, parameters }) {
  const host = parameters.user === 'me' ? user : sim.users.find(parameters.user);
  if (!host || host.account_id !== user.account_id) return apiErrors.noSuchUser(parameters.user);
  if (!isOwn({ user, grant, parameters })) {
    return apiErrors.missingScope(sim.switches, ['meeting:read:list_meetings:admin']);
  }
  const type = context.query.get('type') ?? 'scheduled';
  if (!LISTS.includes(type)) return apiErrors.validation([{ field: 'type', message: 'Invalid field.' }]);
  const { answer, ...paging } = readPaging(context.query);
  if (answer) return answer;
  const items = sim.meetings.list(host.id).filter(MOMENTS[type === 'upcoming_meetings' ? 'upcoming' : type]);
  const view = (meeting) => listed(sim, meeting);
  return paged({ sim, name: `meetings ${host.id} ${type}`, items, paging, member: 'meetings', view });
}

/** Runs an endpoint of one meeting, and of one date of it where the query names one. */
const onMeeting = (handle) => (request) => {
  const { sim, context, user, parameters } = request;
  const meeting = ownMeeting(sim, user, parameters.meeting);
  if (!meeting) return apiErrors.noSuchMeeting(parameters.meeting);
  const id = context.query.get('occurrence_id');
  const occurrence = id ? meeting.occurrences.find((one) => one.occurrence_id === id) : null;
  if (id && !occurrence) return apiErrors.noSuchMeeting(parameters.meeting);
  return handle({ ...request, meeting, occurrence });
};

const get = onMeeting(({ sim, user, meeting, occurrence }) => {
  const view = detailed(sim, meeting, user);
  if (!occurrence) return json(200, view);
  return json(200, { ...view, start_time: occurrence.start_time, duration: occurrence.duration });
});

const update = onMeeting(({ sim, context, grant, meeting, occurrence, input }) => {
  const { fields, answer } = readFields(input);
  if (answer) return answer;
  const limited = sim.limits.checkMeetingChange(context, grant);
  if (limited) return limited;
  const { start_time: start, duration } = fields;
  if (occurrence) {
    occurrence.start_time = start ?? occurrence.start_time;
    occurrence.duration = duration ?? occurrence.duration;
  } else {
    sim.meetings.change(meeting, fields);
  }
  const occurrenceId = occurrence?.occurrence_id ?? null;
  record(sim, 'meeting_updated', { context, grant, meeting }, { fields: Object.keys(fields), occurrence_id: occurrenceId });
  return noContent();
});

const remove = onMeeting(({ sim, context, grant, meeting, occurrence }) => {
  if (occurrence) occurrence.status = 'deleted';
  else sim.meetings.remove(meeting);
  record(sim, 'meeting_deleted', { context, grant, meeting }, { occurrence_id: occurrence?.occurrence_id ?? null });
  return noContent();
});

const setStatus = onMeeting(({ sim, meeting, input }) => {
  if (input.action !== 'end') return apiErrors.validation([{ field: 'action', message: 'Invalid field.' }]);
  sim.meetings.setStatus(meeting, 'waiting');
  return noContent();
});

const writing = { scopes: ['meeting:write:meeting'], classic: ['meeting:write'] };
const listing = { scopes: ['meeting:read:list_meetings'], classic: ['meeting:read'] };
const reading = { scopes: ['meeting:read:meeting'], classic: ['meeting:read'] };
const updating = { scopes: ['meeting:update:meeting'], classic: ['meeting:write'] };
const deleting = { scopes: ['meeting:delete:meeting'], classic: ['meeting:write'] };
const ending = { scopes: ['meeting:update:status'], classic: ['meeting:write'] };

/** Endpoints: method, path below /v2, Zoom's category, scopes of both families, handler. */
export const MEETING_ROUTES = [
  { method: 'POST', path: '/users/{user}/meetings', category: 'Medium', ...writing, handle: create, takesBody: true },
  { method: 'GET', path: '/users/{user}/meetings', category: 'Medium', ...listing, handle: list },
  { method: 'GET', path: '/meetings/{meeting}', category: 'Light', ...reading, handle: get },
  { method: 'PATCH', path: '/meetings/{meeting}', category: 'Light', ...updating, handle: update, takesBody: true },
  { method: 'DELETE', path: '/meetings/{meeting}', category: 'Light', ...deleting, handle: remove },
  { method: 'PUT', path: '/meetings/{meeting}/status', category: 'Light', ...ending, handle: setStatus, takesBody: true },
];
