// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../deploy/local/layout.mjs';
import { loadZoomConfig, readZoomConfig } from '../../deploy/local/zoom-config.mjs';

let directory;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'zoom-config-'));
  for (const name of ['client-secret.txt', 'webhook-secret.txt', 'authority.pem']) writeFileSync(join(directory, name), 'x');
  writeFileSync(join(directory, 'empty.txt'), '');
});
after(() => rmSync(directory, { recursive: true }));

const smallest = { client_id: 'id', client_secret_file: 'client-secret.txt' };
const elsewhere = {
  ...smallest,
  authorization_url: 'https://login.example/authorize',
  token_url: 'https://login.example/token',
  profile_url: 'https://api.example/me',
};
const read = (input) => readZoomConfig(input, directory);

describe('the file of up --zoom-config', () => {
  test('needs only the credentials for Zoom itself', () => {
    const { problems, app, gatewayPort } = read(smallest);
    assert.deepEqual(problems, []);
    assert.equal(app.authorization_url, 'https://zoom.us/oauth/authorize');
    assert.equal(app.revocation_url, 'https://zoom.us/oauth/revoke');
    assert.equal(app.client_secret_file, join(directory, 'client-secret.txt'));
    assert.equal(gatewayPort, 8443);
  });

  test('falls back to no URL of Zoom\'s once it names one of another server', () => {
    const { problems, app } = read(elsewhere);
    assert.deepEqual(problems, []);
    assert.equal(app.revocation_url, null);
    assert.equal(app.api_base_url, 'https://api.example');
    assert.doesNotMatch(JSON.stringify(app), /zoom\.us/);
  });

  test('is told every problem at once, each with its field', () => {
    const { problems } = read({
      authorization_url: 'http://login.example/authorize', token_url: 'nonsense', client_secret_file: 'missing.txt',
      client_authentication: 'password', expected_scopes: ['two words'], authorization_parameters: { state: 'x', prompt: 1 },
      profile_pointers: { email: 'email', nickname: '/n' }, ca_file: 'empty.txt', gateway_port: 70000, colour: 'blue',
    });
    const fields = problems.map((problem) => problem.slice(0, problem.indexOf(':'))).sort();
    assert.deepEqual(fields, [
      'authorization_parameters.prompt', 'authorization_parameters.state', 'authorization_url', 'ca_file',
      'client_authentication', 'client_id', 'client_secret_file', 'colour', 'expected_scopes[0]', 'gateway_port',
      'profile_pointers.email', 'profile_pointers.nickname', 'profile_pointers.user_id', 'profile_url', 'token_url',
    ]);
  });

  test('may use plain http on loopback addresses only', () => {
    for (const host of ['127.0.0.1', '127.8.9.10', 'localhost', '[::1]']) {
      assert.deepEqual(read({ ...elsewhere, token_url: `http://${host}:9000/token` }).problems, [], host);
    }
    for (const host of ['login.example', '10.0.0.1', '127.0.0.1.login.example']) {
      assert.match(read({ ...elsewhere, token_url: `http://${host}/token` }).problems.join(), /^token_url: must be https/, host);
    }
  });

  test('keeps secrets out of itself: only files are taken', () => {
    assert.match(read({ ...smallest, client_secret: 'hush' }).problems.join(), /^client_secret: is not a known key$/);
    assert.match(read({ ...smallest, client_secret_file: 'empty.txt' }).problems.join(), /^client_secret_file: the file is empty/);
  });

  test('needs no secret for a public client', () => {
    const { problems, app } = read({ client_id: 'id', client_authentication: 'none' });
    assert.deepEqual(problems, []);
    assert.equal(app.client_secret_file, null);
    assert.match(read({ ...smallest, client_authentication: 'none' }).problems.join(), /^client_secret_file: must be absent/);
  });

  test('may leave out every pointer but the user id', () => {
    const { problems, app } = read({ ...elsewhere, profile_pointers: { user_id: '/sub' } });
    assert.deepEqual(problems, []);
    assert.deepEqual(app.profile_pointers, { user_id: '/sub' });
  });

  test('that is no JSON object is refused in words', () => {
    assert.deepEqual(read([]).problems, ['the file must hold one JSON object']);
    assert.throws(() => loadZoomConfig(join(directory, 'authority.pem')), /it is not JSON/);
    assert.throws(() => loadZoomConfig(join(directory, 'absent.json')), /cannot be read \(ENOENT\)/);
  });

  test('is documented: the example of the help is complete and right', () => {
    const help = spawnSync(join(root, 'deploy/dev'), ['up', '--help'], { encoding: 'utf8' });
    assert.equal(help.status, 0, help.stderr);
    const example = JSON.parse(help.stdout.slice(help.stdout.indexOf('\n  {')));
    assert.deepEqual(read(example).problems, []);
    for (const key of Object.keys(example)) assert.match(help.stdout, new RegExp(`^  ${key}\\b`, 'm'), `${key} is not described`);
    const known = Object.keys({ ...read(example).app, gateway_port: 0 }).sort();
    assert.deepEqual(Object.keys(example).sort(), known);
  });
});
