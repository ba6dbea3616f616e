// SPDX-License-Identifier: Apache-2.0
// `deploy/dev rpc` against running services.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../deploy/local/layout.mjs';
import { run } from '../../deploy/local/processes.mjs';
import { rpc } from '../../deploy/local/rpc/command.mjs';
import { ExampleRunner, examplesOf } from '../support-js/examples.mjs';
import { startStack } from '../support-js/stack.mjs';

let stack;
before(async () => {
  stack = await startStack({ services: ['tokenVault', 'callLink', 'accountLink', 'zoomApi', 'automation'], durable: false });
});
after(() => stack?.stop());

/** Runs the command against the stack. @returns {Promise<{ok: boolean, lines: string[], complaints: string[]}>} */
async function call(...args) {
  const lines = [];
  const complaints = [];
  const ok = await rpc([root, ...args], {
    stack: () => ({
      endpoints: [...stack.tokenVault, ...stack.callLink, ...stack.accountLink, ...stack.zoomApi, ...stack.automation].map(({ service, target }) => ({ service, target })),
      certificates: dirname(stack.certificateOf('operator').certificateFile),
      assertionKeyFile: stack.keys.assertionPrivateKeyFile,
      policy: JSON.parse(readFileSync(join(root, 'services/policy.json'), 'utf8')),
    }),
    write: (line) => lines.push(line),
    complain: (line) => complaints.push(line),
  });
  return { ok, lines, complaints };
}

const link = { projectId: 'demo', userId: 'hanako.suzuki' };

describe('the local stack', () => {
  test('lists every method of the policy file, with who may call it', async () => {
    const { lines } = await call('--list');
    const listed = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim().split(' ')[0]);
    const { methods } = JSON.parse(readFileSync(join(root, 'services/policy.json'), 'utf8'));
    assert.deepEqual(listed.sort(), Object.keys(methods).map((path) => path.split('/')[2]).sort());
    assert.ok(lines.some((line) => /AdminDisconnect +gateway \(admin\)/.test(line)));
  });

  test('describes a method', async () => {
    const { lines } = await call('GetLink', '--describe');
    assert.match(lines.join('\n'), /rpc GetLink\(shodan\.accountlink\.v1\.GetLinkRequest\)[\s\S]*message shodan\.accountlink\.v1\.GetLinkRequest \{\n {2}string projectId/);
  });

  test('calls a method as the identity that the policy names', async () => {
    const { ok, lines, complaints } = await call('BuildCallLink', '{"number": "03-1234-5678", "defaultRegion": "JP"}');
    assert.equal(ok, true, complaints.join('\n'));
    assert.equal(JSON.parse(lines.join('\n')).callLink.e164, '+81312345678');
    assert.deepEqual(complaints, ['as gateway']);
  });

  test('calls a method for a user, with an assertion of the local gateway\'s key', async () => {
    const { ok, lines, complaints } = await call('shodan.accountlink.v1.AccountLinkService/ListCalls', JSON.stringify(link));
    assert.equal(ok, true, complaints.join('\n'));
    assert.deepEqual(JSON.parse(lines.join('\n')), {});
    assert.deepEqual(complaints, ['as gateway, for hanako.suzuki of demo (user)']);
  });

  test('tells code, reason, text and metadata of a refusal', async () => {
    const { ok, lines, complaints } = await call('ListCalls', JSON.stringify(link), '--user', 'taro.watanabe');
    assert.deepEqual([ok, lines], [false, []]);
    assert.match(complaints[1], /^PERMISSION_DENIED [A-Z_]+: ./);
    const fields = await call('GetLink', '{"projectId": "No Project", "userId": "u"}', '--as', 'gateway');
    assert.equal(fields.ok, false);
    assert.match(fields.complaints.join('\n'), /^INVALID_ARGUMENT INVALID_FIELD: .*\n {2}projectId: must be /m);
  });

  test('lets the service refuse an identity', async () => {
    const { ok, complaints } = await call('EraseGrant', '{}', '--as', 'call-link');
    assert.equal(ok, false);
    assert.match(complaints[1], /^PERMISSION_DENIED CALLER_NOT_ALLOWED: /);
  });

  test('prints a stream of answers one a line, until the deadline', async () => {
    const { ok, lines, complaints } = await call('WatchLinks', '{"projectId": "demo"}', '--deadline', '1');
    assert.equal(ok, false);
    assert.match(complaints[1], /^DEADLINE_EXCEEDED/);
    for (const line of lines) assert.equal(typeof JSON.parse(line), 'object');
  });

  test('sends a stream of messages, one a line, for the user of its head', async () => {
    const head = { projectId: 'demo', userId: 'nobody', requestId: randomUUID(), method: 'POST', path: 'users/me/meetings', contentType: 'application/json', contentLength: 2 };
    const { ok, complaints } = await call('SendRequest', `${JSON.stringify({ head })}\n{"chunk": "e30="}\n`, '--as', 'gateway');
    assert.equal(ok, false);
    assert.equal(complaints[0], 'as gateway, for nobody of demo (user)');
    assert.match(complaints[1], /^NOT_FOUND NOT_CONNECTED: /);
  });

  test('says what is wrong before it calls', async () => {
    await assert.rejects(call('GetLnk'), /there is no method GetLnk/);
    await assert.rejects(call('GetLink', '{"project": 1}', '--as', 'gateway'), /project is not a field of shodan\.accountlink\.v1\.GetLinkRequest/);
    await assert.rejects(call('AdminDisconnect', '{}'), /an administrator calls this method/);
  });
});

describe('a service elsewhere', () => {
  const elsewhere = (identity, target) => {
    const { certificateFile, privateKeyFile } = stack.certificateOf(identity);
    return ['--address', target, '--ca', stack.caFile, '--cert', certificateFile, '--key', privateKeyFile];
  };
  const dev = (...args) => run(join(root, 'deploy/dev'), ['rpc', ...args]);

  test('is called with the certificate that is given; the answer goes to standard output', async () => {
    const result = await dev('BuildCallLink', '{"number": "+1 212 555 0123"}', ...elsewhere('automation', stack.callLink[0].target));
    assert.equal(result.status, 0, result.stderr);
    assert.equal(JSON.parse(result.stdout).callLink.e164, '+12125550123');
  });

  test('refuses with status 1 and its reasons on standard error', async () => {
    const result = await dev('EraseGrant', '{}', ...elsewhere('automation', stack.tokenVault[0].target));
    assert.deepEqual([result.status, result.stdout], [1, '']);
    assert.match(result.stderr, /^PERMISSION_DENIED CALLER_NOT_ALLOWED: /m);
  });

  test('that nobody serves is named', async () => {
    const result = await dev('GetLink', '{}', ...elsewhere('automation', 'localhost:1'));
    assert.equal(result.status, 1);
    assert.match(result.stderr, /localhost:1 cannot be reached/);
  });
});

describe('the example of proto/README.md', () => {
  const examples = examplesOf(join(root, 'proto/README.md'));
  let runner;
  before(() => {
    const { certificateFile, privateKeyFile } = stack.certificateOf('automation');
    const packages = join(root, 'tests/node_modules');
    runner = new ExampleRunner(
      { '@grpc/grpc-js': join(packages, '@grpc/grpc-js'), '@grpc/proto-loader': join(packages, '@grpc/proto-loader') },
      {
        PROTO: join(root, 'proto'), TARGET: stack.accountLink[0].target, CA_FILE: stack.caFile,
        CERTIFICATE_FILE: certificateFile, KEY_FILE: privateKeyFile,
      },
    );
  });
  after(() => runner?.remove());

  test('tells the state of a link', async () => {
    const { status, lines, errors } = await runner.run('link.mjs', examples.get('link.mjs'), { environment: { USER_ID: 'hanako.suzuki' } });
    assert.deepEqual([status, lines, errors], [0, ['LINK_STATE_NONE'], '']);
  });

  test('tells code and reason of a refusal', async () => {
    const { lines } = await runner.run('link.mjs', examples.get('link.mjs'), { environment: { USER_ID: '' } });
    assert.deepEqual(lines, ['INVALID_ARGUMENT INVALID_FIELD']);
  });
});
