// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { authorizeHeadlessly, demoApp, send, startSimulator } from './client.mjs';
import { readConfig, readConfigFile } from './config.mjs';
import {
  authorizationUrl,
  connect,
  exchange,
  newCode,
  newUser,
  readProfile,
  refresh,
  webhookReceiver,
} from './fixture.mjs';
import { Simulator } from './simulator.mjs';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

let directory;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'zoom-simulator-test-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the command to its end. @returns `{status, stdout, stderr}` */
async function run(...options) {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      result[name] += text;
    });
  const [status] = await once(child, 'close');
  return { status, ...result };
}

function configFile(config) {
  const file = join(mkdtempSync(join(directory, 'config-')), 'config.json');
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
}

describe('the command', () => {
  test('explains itself, and exits with 2 and a reason when it is called wrongly', async () => {
    const [help, missing] = await Promise.all([run('--help'), run('--config', '/nonexistent')]);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--config FILE/);
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /\/nonexistent.*ENOENT/);
  });

  test('comes with an example configuration that is valid', () => {
    const { apps } = readConfigFile(fileURLToPath(new URL('./config.example.json', import.meta.url)));
    assert.equal(apps[0].name, 'Shodan Pro');
  });

  test('names every wrong key of a configuration at once', () => {
    const wrong = configFile({
      listen: { host: '0.0.0.0', port: 70_000 },
      apps: [{ client_id: 'a b', rotation: 'never' }],
      users: [{ email: 1 }],
      typo: 1,
    });
    assert.throws(
      () => readConfigFile(wrong),
      ({ message }) => {
        for (const field of [
          'listen.port',
          'apps[0].client_id',
          'apps[0].name',
          'apps[0].redirect_uris',
          'apps[0].rotation',
          'users[0].email',
          'typo',
        ]) {
          assert.ok(message.includes(`${field}:`), field);
        }
        return message.startsWith(wrong);
      },
    );
    assert.throws(() => readConfigFile(configFile('{')), /config\.json: /);
    const open = configFile({ listen: { host: '0.0.0.0' }, apps: [demoApp()], switches: { decline: 1 } });
    assert.throws(() => readConfigFile(open), /listen\.host: plain http.*switches\.decline/);
  });

  test('prints one line, writes the port file, reads secrets from files, and ends cleanly on SIGTERM', async () => {
    const portFile = join(directory, 'deep', 'port.json');
    const secretFile = join(directory, 'client-secret');
    writeFileSync(secretFile, `${demoApp().client_secret}\n`);
    const app = demoApp({ client_secret: undefined, client_secret_file: secretFile });
    const sim = await startSimulator({ port_file: portFile, apps: [app] });
    assert.equal((await connect(sim)).token_type, 'bearer');
    const written = JSON.parse(readFileSync(portFile, 'utf8'));
    assert.deepEqual([written.event, written.url, written.port], ['listening', sim.url, sim.port]);
    assert.match(sim.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(await sim.stop(), 0);
  });

  test('ends with a held request and a waiting test still open', async () => {
    const sim = await startSimulator();
    await sim.addFault({ endpoint: 'token', before: { hold: 'gate' } });
    const held = assert.rejects(refresh(sim, 'x'));
    await sim.waitHeld('gate');
    const wait = assert.rejects(sim.waitLedger({ type: 'nothing' }));
    assert.equal(await sim.stop(), 0);
    await Promise.all([held, wait]);
  });

  test('ends with its parent', async () => {
    const child = spawn(process.execPath, [MAIN, '--config', configFile({ apps: [demoApp()] }), '--end-with-stdin'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.stdin.end();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('exits with 1 when its port is taken', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const file = configFile({ listen: { port: other.address().port }, apps: [demoApp()] });
    const { status, stderr } = await run('--config', file);
    other.close();
    assert.equal(status, 1);
    assert.match(stderr, /EADDRINUSE/);
  });
});

describe('the state file', () => {
  test('keeps users, codes, grants and meetings over a restart, for the owner’s eyes only', async () => {
    const file = join(directory, 'state', 'state.json');
    const apps = [demoApp({ scopes: ['user:read:user', 'meeting:write', 'meeting:read'] })];
    const first = await startSimulator({ state_file: file, apps });
    const connected = await connect(first);
    const spent = (await refresh(first, connected.refresh_token)).json();
    const [kenji] = (await first.users()).filter(({ email }) => email.startsWith('kenji'));
    await first.changeUser(kenji.id, { password: 'changed-1', status: 'inactive' });
    const ended = await connect(first);
    await first.removeApp(ended.user.id);
    const code = await newCode(first, await newUser(first));
    const headers = { authorization: `Bearer ${spent.access_token}` };
    const made = await send(`${first.url}/v2/users/me/meetings`, { method: 'POST', headers, body: '{}' });
    const position = await first.position();
    assert.equal(await first.stop(), 0);
    assert.equal(statSync(file).mode & 0o777, 0o600);

    const second = await startSimulator({ state_file: file, apps });
    assert.equal((await send(`${second.url}/v2/meetings/${made.json().id}`, { headers })).json().uuid, made.json().uuid);
    assert.ok((await second.position()) >= position);
    assert.equal((await readProfile(second, spent.access_token)).json().id, connected.user.id);
    assert.equal((await refresh(second, connected.refresh_token)).status, 400);
    assert.equal((await refresh(second, spent.refresh_token)).status, 200);
    assert.equal((await refresh(second, ended.refresh_token)).status, 400);
    assert.equal((await exchange(second, code)).status, 200);
    const restored = await second.user(kenji.id);
    assert.deepEqual([restored.password, restored.status, (await second.users()).length], ['changed-1', 'inactive', 9]);
    const ids = (await second.grants()).map(({ grant_id: id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    await second.stop();
  });

  test('is written soon after a change, so that even a kill loses little', async () => {
    const file = join(directory, 'killed.json');
    const first = await startSimulator({ state_file: file });
    const { refresh_token: token } = await connect(first);
    const deadline = Date.now() + 5000;
    const stored = () => {
      try {
        return readFileSync(file, 'utf8').includes(token);
      } catch {
        return false;
      }
    };
    while (!stored() && Date.now() < deadline) await first.status();
    await first.kill('SIGKILL');
    const second = await startSimulator({ state_file: file });
    assert.equal((await refresh(second, token)).status, 200);
    await second.stop();
  });

  test('stops the start with a clear message when it is damaged', () => {
    const file = join(directory, 'damaged.json');
    for (const text of ['{"format":', '{"format":0}', '{"format":1,"users":[],"grants":{}}']) {
      writeFileSync(file, text);
      assert.throws(
        () => new Simulator(readConfig({ apps: [demoApp()], state_file: file })),
        /damaged\.json: not a state file/,
      );
    }
  });
});

describe('over TLS', () => {
  let sim;
  before(async () => {
    const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        certificate,
      ],
      { stdio: 'ignore' },
    );
    sim = await startSimulator(
      { tls: { certificate_file: certificate, private_key_file: key } },
      { ca: readFileSync(certificate, 'utf8') },
    );
  });
  after(() => sim?.stop());

  test('everything works as it does without', async () => {
    assert.match(sim.url, /^https:\/\/localhost:\d+$/);
    const user = await newUser(sim);
    const location = await authorizeHeadlessly(authorizationUrl(sim), user, { ca: sim.ca });
    const answer = await exchange(sim, new URL(location).searchParams.get('code'));
    assert.equal((await readProfile(sim, answer.json().access_token)).json().id, user.id);
  });

  test('a reset and a truncation reach the client as such', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.addFault({ endpoint: 'token', before: { reset: true } });
    await assert.rejects(refresh(sim, token), { code: 'ECONNRESET' });
    await sim.addFault({ endpoint: 'token', truncate_at: 5 });
    await assert.rejects(refresh(sim, token));
    assert.equal((await sim.ledger({ type: 'refresh', outcome: 'issued' })).length, 1);
  });

  test('a webhook reaches a receiver whose certificate the app’s ca_file admits, and no other', async (t) => {
    const receiver = await webhookReceiver([], { cert: sim.ca, key: readFileSync(join(directory, 'key.pem')) });
    t.after(receiver.close);
    const webhook = { url: receiver.url, secret_token: 'secret-token' };
    await sim.changeApp(demoApp().client_id, { webhook });
    await sim.sendWebhook({ event: 'untrusted.event', payload: {} });
    const [untrusted] = await sim.waitLedger({ type: 'webhook_sent', event: 'untrusted.event' });
    await sim.changeApp(demoApp().client_id, { webhook: { ...webhook, ca_file: join(directory, 'certificate.pem') } });
    await sim.sendWebhook({ event: 'trusted.event', payload: {} });
    const [trusted] = await sim.waitLedger({ type: 'webhook_sent', event: 'trusted.event' });
    assert.deepEqual([untrusted.outcome, trusted.outcome, receiver.received.length], ['failed', 'delivered', 1]);
  });
});
