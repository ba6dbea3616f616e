// SPDX-License-Identifier: Apache-2.0
// `deploy/dev rpc`: calls a method of a running service by what the service says about itself.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signAssertion } from '../assertions.mjs';
import { UserError } from '../errors.mjs';
import { localDirectory, root, serviceNames, stackLayout } from '../layout.mjs';
import { projectId as demoProject } from '../projects.mjs';
import { readState } from '../state.mjs';
import { callMethod, CallRefused } from './call.mjs';
import { callerOf, rulesOf } from './caller.mjs';
import { describeMethod, listMethods } from './describe.mjs';
import { decodeMessage, encodeMessage } from './json.mjs';
import { requestsOf, rpcOptions } from './options.mjs';
import { reflect } from './schema.mjs';

const usualDeadlineMs = 10_000;
/** Who asks the services of the local stack what they offer. */
const asker = 'operator';
/** Stands in the audit where a method for API keys is called by hand: no key has this id. */
const noApiKey = '00000000-0000-0000-0000-000000000000';

/**
 * @typedef {{service: string, target: string}} Endpoint `service`: the process, which is the audience of an assertion
 * @typedef {object} Stack a stack on this machine
 * @property {Endpoint[]} endpoints its gRPC services
 * @property {string} certificates where its authority keeps everybody's certificate
 * @property {string} assertionKeyFile the gateway's key
 * @property {object} policy
 */

/** @returns {Stack} what `deploy/dev up` has started */
export function localStack() {
  const layout = stackLayout(localDirectory);
  const endpoints = readState().processes.filter(({ name }) => serviceNames.includes(name) && name !== 'gateway')
    .map(({ name, ports }) => ({ service: name, target: `localhost:${ports.grpc ?? ports.main}` }));
  if (endpoints.length === 0) throw new UserError('nothing is running that could be called.', 'Run: deploy/dev up --detach', 'or name a service elsewhere with --address.');
  return {
    endpoints, certificates: layout.certificates, assertionKeyFile: join(layout.keys, 'assertion.key'),
    policy: JSON.parse(readFileSync(join(root, 'services/policy.json'), 'utf8')),
  };
}

const accessOf = ({ certificates }, { service, target }, identity) => ({
  target, title: service, caFile: join(certificates, 'ca.pem'),
  certificateFile: join(certificates, `${identity}.pem`), privateKeyFile: join(certificates, `${identity}.key`),
});

/** Methods by short or full name; `found` says where each is. */
function methodNamed(name, found) {
  const wanted = name.replace(/^\//, '').replace(/\.([^./]+)$/, '/$1');
  const matches = found.flatMap((place) => [...place.schema.methods.values()]
    .filter((method) => method.path.slice(1) === wanted || (!name.includes('/') && !name.includes('.') && method.name === name))
    .map((method) => ({ ...place, method })));
  if (matches.length === 1) return matches[0];
  if (matches.length > 1) throw new UserError(`${name} is the name of several methods.`, ...matches.map(({ method }) => method.path.slice(1)));
  throw new UserError(`there is no method ${name}.`, 'deploy/dev rpc --list shows them all.');
}

/** The metadata and the certificate of a call in the local stack. */
function localCaller(stack, { endpoint, method }, options, request, say) {
  const caller = callerOf(rulesOf(stack.policy, method.path), options, request);
  const project = options.projectId ?? request.projectId ?? request.project_id ?? demoProject;
  const named = caller.mode === 'api_key' ? `an API key with ${caller.scope}` : caller.userId;
  say(`as ${caller.identity}${named === null ? '' : `, for ${named} of ${project} (${caller.mode})`}`);
  const behind = caller.mode === 'api_key' ? { apiKeyId: noApiKey, scopes: [caller.scope] } : { userId: caller.userId, admin: caller.mode === 'admin' };
  const assertion = caller.mode === 'service' ? {} : {
    'x-shodan-assertion': signAssertion({ privateKeyFile: stack.assertionKeyFile, audience: endpoint.service, projectId: project, ...behind }),
  };
  return { access: accessOf(stack, endpoint, caller.identity), metadata: assertion };
}

const isObject = (value) => value !== null && typeof value === 'object';

/** What a request says about its user; in a stream of parts the first one does, in its head. */
function firstOf(requests) {
  const [first] = requests;
  return isObject(first) ? { ...(isObject(first.head) ? first.head : {}), ...first } : {};
}

async function call(place, caller, options, requests, write) {
  const { schema, method } = place;
  const hide = options.remote !== null && !options.reveal;
  const stream = method.responseStream;
  const deadlineMs = options.deadlineMs ?? (stream && !method.requestStream ? null : usualDeadlineMs);
  await callMethod(caller.access, method.path, requests.map((request) => encodeMessage(schema, method.input, request)), {
    deadlineMs,
    metadata: { 'x-request-id': options.requestId ?? randomUUID(), ...caller.metadata },
    onMessage: (message) => write(JSON.stringify(decodeMessage(schema, method.output, message, { hide }), null, stream ? undefined : 2)),
  });
}

/** A refusal as lines for the terminal. */
export function refusalLines({ codeName, reason, message, metadata, fields, retryAfterMs }) {
  return [
    `${codeName}${reason ? ` ${reason}` : ''}: ${message}`,
    ...fields.map(({ field, description }) => `  ${field}: ${description}`),
    ...Object.entries(metadata).map(([key, value]) => `  ${key} = ${value}`),
    ...(retryAfterMs === null ? [] : [`  to be tried again after ${retryAfterMs} ms`]),
  ];
}

/**
 * @param {string[]} args the directory of the caller, then the command line after "rpc"
 * @param {{stack?: () => Stack, write?: (line: string) => void, complain?: (line: string) => void}} [surroundings]
 * @returns {Promise<boolean>} false: the service refused, and its reasons were told
 */
export async function rpc([directory, ...args], surroundings = {}) {
  // Nobody reads a stream any more once `head` has what it wanted.
  if (!surroundings.write) process.stdout.once('error', () => process.exit());
  const write = surroundings.write ?? ((line) => process.stdout.write(`${line}\n`));
  const complain = surroundings.complain ?? ((line) => process.stderr.write(`${line}\n`));
  const options = rpcOptions(args, directory);
  const stack = options.remote ? null : (surroundings.stack ?? localStack)();
  const endpoints = stack ? stack.endpoints : [{ service: '', target: options.remote.target }];
  const found = await Promise.all(endpoints.map(async (endpoint) => ({
    endpoint, schema: await reflect(options.remote ?? accessOf(stack, endpoint, asker)),
  })));
  const rules = stack && ((path) => rulesOf(stack.policy, path));
  if (options.list) {
    listMethods(found.map(({ schema }) => schema), rules).forEach(write);
    return true;
  }
  const place = methodNamed(options.method, found);
  if (options.describe) {
    describeMethod(place.schema, place.method, rules?.(place.method.path)).forEach(write);
    return true;
  }
  const requests = requestsOf(options.input, place.method.requestStream);
  const caller = stack ? localCaller(stack, place, options, firstOf(requests), complain) : { access: options.remote, metadata: {} };
  try {
    await call(place, caller, options, requests, write);
    return true;
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    refusalLines(error).forEach(complain);
    return false;
  }
}
