// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { identities, identityUri, prepareAuthority } from '../../deploy/local/authority.mjs';
import { merge } from '../../deploy/local/files.mjs';
import { prepareKeys, thumbprint } from '../../deploy/local/keys.mjs';
import { freePort, freePortFrom, holderOf } from '../../deploy/local/ports.mjs';
import { isAlive, startTimeOf, waitFor } from '../../deploy/local/processes.mjs';
import { mintSession } from '../../deploy/local/sessions.mjs';
import { countJunit, countTap } from '../../deploy/local/testing/runners.mjs';

let directory;
before(() => { directory = mkdtempSync(join(tmpdir(), 'stack-parts-')); });
after(() => rmSync(directory, { recursive: true }));

describe('the local authority', () => {
  test('gives every identity a certificate that names it and that the authority signed', async () => {
    const authority = await prepareAuthority(join(directory, 'certificates'));
    const ca = new X509Certificate(readFileSync(authority.caFile));
    assert.ok(ca.ca);
    for (const identity of identities) {
      const { certificateFile, privateKeyFile } = authority.of(identity);
      const certificate = new X509Certificate(readFileSync(certificateFile));
      assert.ok(certificate.verify(ca.publicKey), identity);
      assert.equal(certificate.ca, false);
      assert.equal(certificate.subjectAltName, `URI:${identityUri(identity)}, DNS:${identity}, DNS:localhost, IP Address:127.0.0.1`);
      assert.equal(statSync(privateKeyFile).mode & 0o777, 0o600);
    }
    const gateway = new X509Certificate(readFileSync(authority.of('localhost').certificateFile));
    assert.equal(gateway.checkHost('localhost'), 'localhost');
    assert.doesNotMatch(gateway.subjectAltName, /spiffe/);
  });

  test('keeps what it has made', async () => {
    const first = readFileSync((await prepareAuthority(join(directory, 'kept'))).of('gateway').certificateFile);
    const second = readFileSync((await prepareAuthority(join(directory, 'kept'))).of('gateway').certificateFile);
    assert.deepEqual(first, second);
  });
});

describe('keys', () => {
  test('thumbprints are those of RFC 7638 (the example of RFC 8037, appendix A.3)', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    assert.equal(thumbprint(jwk), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  test('a minted session verifies with the issuer\'s published key', () => {
    const keys = prepareKeys(join(directory, 'keys'));
    const [jwk] = JSON.parse(readFileSync(keys.issuerKeysFile, 'utf8')).keys;
    const token = mintSession({ privateKeyFile: keys.issuerPrivateKeyFile, issuer: 'https://localhost/dev', userId: 'u1', roles: ['admin'] });
    const [header, payload, signature] = token.split('.');
    const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));
    assert.equal(decoded(header).kid, jwk.kid);
    assert.equal(decoded(payload).sub, 'u1');
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')));
  });
});

describe('ports', () => {
  test('are handed out once', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    assert.equal(new Set(ports).size, 20);
  });

  test('that are taken are passed over, and their holder is named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    assert.notEqual(await freePortFrom(port), port);
    assert.match(holderOf(port), new RegExp(`^process ${process.pid} `));
    server.close();
  });
});

describe('processes', () => {
  test('of a test end with it, even when it is killed', async () => {
    const program = `
      import { start } from ${JSON.stringify(new URL('../../deploy/local/processes.mjs', import.meta.url).href)};
      const child = start({ command: 'sleep', args: ['600'], logFile: ${JSON.stringify(join(directory, 'log'))}, lifetime: 'parent', workingDirectory: '/' });
      process.stdout.write(child.pid + '\\n');
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const child = { pid: Number(line), startTime: startTimeOf(Number(line)) };
    // The kernel is told about the parent just before the program is run.
    assert.ok(await waitFor(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n', 5_000));
    assert.ok(isAlive(child));
    parent.kill('SIGKILL');
    assert.ok(await waitFor(() => !isAlive(child), 5_000));
  });

  test('are not taken for their successors with the same id', () => {
    assert.ok(isAlive({ pid: process.pid, startTime: startTimeOf(process.pid) }));
    assert.equal(isAlive({ pid: process.pid, startTime: '1' }), false);
    assert.equal(isAlive(undefined), false);
  });
});

describe('test results', () => {
  test('of ctest are counted from its JUnit file', () => {
    const xml = `<?xml version="1.0"?><testsuite name="x" tests="4" failures="1" disabled="1" skipped="1">
      <testcase name="a" classname="a" time="0.1" status="run"><system-out>fine</system-out></testcase>
      <testcase name="b &lt;c&gt; &amp; d" classname="b" time="0.1" status="fail"><failure message=""/></testcase>
      <testcase name="e" classname="e" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
      <testcase name="f" classname="f" time="0" status="disabled"/></testsuite>`;
    assert.deepEqual(countJunit(xml), { passed: 1, failed: 1, skipped: 2, names: ['b <c> & d'] });
  });

  test('of node are counted from the end of its TAP report', () => {
    const tap = 'TAP version 13\n# Subtest: one\nok 1 - one\nnot ok 2 - two\n1..2\n# tests 4\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 1\n';
    assert.deepEqual(countTap(tap), { passed: 1, failed: 1, skipped: 2, names: ['two'] });
  });
});

test('settings merge deeply, and lists are replaced', () => {
  assert.deepEqual(merge({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] } }, { d: undefined, e: null }), { a: { b: 1, c: [3] }, d: 1, e: null });
});
