// SPDX-License-Identifier: Apache-2.0
// The control API below /_control: routing, the control token, errors. control-routes.mjs has the actions.
import { timingSafeEqual } from 'node:crypto';
import { json, page, redirect } from './answers.mjs';
import { ControlError } from './control-common.mjs';
import { CONTROL_ROUTES } from './control-routes.mjs';
import { controlPage } from './pages.mjs';
import { InvalidInput } from './schema.mjs';

const TABLE = CONTROL_ROUTES.map(([method, template, handle]) => ({
  method,
  // Each {name} is one path segment.
  pattern: new RegExp(`^/_control${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  handle,
}));

/** @returns the answer to a request below /_control */
export async function handleControl(sim, context) {
  const { method, path } = context;
  if (path === '/_control') return redirect(302, '/_control/');
  if (path === '/_control/' && method === 'GET') return page(200, controlPage());
  if (!authorized(sim, context))
    return problem(401, 'UNAUTHENTICATED', 'send the control token as Authorization: Bearer');
  const matching = TABLE.filter(({ pattern }) => pattern.test(path));
  const found = matching.find((route) => route.method === method);
  if (matching.length === 0)
    return problem(404, 'NO_SUCH_ROUTE', `${path} is not part of the control API; README.md lists it`);
  if (!found)
    return problem(405, 'METHOD_NOT_ALLOWED', `${path} takes ${matching.map((route) => route.method).join(', ')}`);
  try {
    const parameters = decoded(found.pattern.exec(path).groups);
    const result = await found.handle({ sim, parameters, query: context.query, input: readInput(context) });
    return json(200, result ?? {});
  } catch (error) {
    if (error instanceof InvalidInput) return problem(400, 'INVALID_INPUT', error.message, error.problems);
    if (error instanceof ControlError) return problem(error.status, error.reason, error.message);
    if (error.conflict) return problem(409, 'ALREADY_EXISTS', error.message);
    throw error;
  }
}

function problem(status, reason, message, problems = []) {
  return json(status, { error: { reason, message, problems } });
}

function authorized(sim, context) {
  if (!sim.controlToken) return true;
  const given = Buffer.from(/^Bearer +(\S+)$/i.exec(context.headers.authorization ?? '')?.[1] ?? '');
  const wanted = Buffer.from(sim.controlToken);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function decoded(groups) {
  try {
    return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new ControlError(400, 'INVALID_INPUT', 'the path is not a valid percent-encoding');
  }
}

/** JSON only, and only as JSON: another site's page cannot send that type without asking first. */
function readInput(context) {
  if (
    context.method !== 'GET' &&
    context.method !== 'DELETE' &&
    !(context.headers['content-type'] ?? '').startsWith('application/json')
  ) {
    throw new ControlError(415, 'NOT_JSON', 'send a JSON body with content-type: application/json');
  }
  if (context.body.length === 0) return {};
  try {
    const input = JSON.parse(context.body.toString('utf8'));
    if (input === null || typeof input !== 'object' || Array.isArray(input)) throw new SyntaxError('not an object');
    return input;
  } catch (error) {
    throw new ControlError(400, 'INVALID_INPUT', `the body is not a JSON object: ${error.message}`);
  }
}
