// SPDX-License-Identifier: Apache-2.0
// The checker finds each kind of violation that is planted, and nothing where nothing was.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check } from './checker.mjs';
import { MadeUp } from './made-up.mjs';

const kinds = ['lost', 'doubled', 'unexplained', 'resurrected'];

/** Judges a made-up run and asserts that exactly these kinds of violations were found, by these words. */
function assertFound({ evidence }, expected = {}, counts = {}) {
  const found = check(evidence);
  for (const kind of kinds) {
    const pattern = expected[kind];
    assert.deepEqual(found[kind].map((text) => !pattern || !pattern.test(text) ? text : 'as expected'), pattern ? found[kind].map(() => 'as expected') : [], kind);
    if (pattern) assert.notEqual(found[kind].length, 0, `nothing ${kind} was found`);
  }
  for (const name of ['windowLosses', 'orphans']) assert.equal(found[name], counts[name] ?? 0, name);
}

/** A refresh whose answer is lost with a killed vault, and the refusal that a strict Zoom gives the next one. */
function lostAnswer(run, { kill = true } = {}) {
  run.later();
  run.refresh('g1', 'a', 'b');
  if (kill) run.kill();
  run.later(31);
  run.refresh('g1', 'a', null);
  run.becomes('reconnect_required', { cause: 'lost_response' });
  return run;
}

describe('a run in which everything went well', () => {
  for (const mode of ['strict', 'grace']) {
    test(`has no findings (${mode})`, () => {
      const run = new MadeUp(mode).connect();
      run.refresh('g1', 'a', 'b');
      run.token(2, 'b');
      assertFound(run.probe('b'));
    });
  }

  test('has no findings after a disconnect with a receipt', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    assertFound(run);
  });

  test('has no findings when a killed vault\'s token was repeated in grace', () => {
    const run = new MadeUp('grace').connect();
    run.refresh('g1', 'a', 'b');
    run.kill();
    run.later(31);
    run.refresh('g1', 'a', 'c', { outcome: 'issued_in_grace' });
    assertFound(run.probe('c'));
  });
});

describe('lost', () => {
  test('is a link that needs a reconnect although Zoom\'s answer reached a vault that nobody killed', () => {
    assertFound(lostAnswer(new MadeUp().connect(), { kill: false }), { lost: /reconnect_required \(lost_response\)/ });
  });

  test('is a link that needs a reconnect where Zoom has a grace period, whatever was killed', () => {
    assertFound(lostAnswer(new MadeUp('grace').connect()), { lost: /reconnect_required/ });
  });

  test('is not a link whose answer a strict Zoom issued to a vault that was killed: that is counted apart', () => {
    assertFound(lostAnswer(new MadeUp().connect()), {}, { windowLosses: 1 });
  });

  test('is a link that is active and whose tokens do not work', () => {
    const run = new MadeUp().connect();
    run.call('probe', { ok: false, code: 'UNAVAILABLE', reason: null, message: 'refused' });
    assertFound(run, { lost: /tokens do not work/ });
  });

  test('is a link that is gone and that nobody ended', () => {
    const run = new MadeUp().connect();
    run.becomes('none', { generation: 2 });
    assertFound(run, { lost: /nobody asked for it/ });
  });

  test('is a healthy grant that another one\'s revocation ended', () => {
    const run = new MadeUp().connect();
    run.entry('revocation', { outcome: 'revoked', grant_id: 'g0', other_grants_ended: 1, ended_grant_ids: ['g0', 'g1'] });
    assertFound(run.probe(), { lost: /ended 1 healthy/ });
  });

  test('is not a link whose app the user removed at Zoom', () => {
    const run = new MadeUp().connect();
    run.entry('grant_ended', { grant_id: 'g1', reason: 'app_removed' });
    run.refresh('g1', 'a', null, { outcome: 'grant_ended' });
    run.becomes('reconnect_required', { cause: 'revoked' });
    assertFound(run);
  });
});

describe('doubled', () => {
  test('is a token that was exchanged twice within its lease, with the first answer received', () => {
    const run = new MadeUp('grace').connect();
    run.refresh('g1', 'a', 'b');
    run.later();
    run.refresh('g1', 'a', 'c', { outcome: 'issued_in_grace' });
    assertFound(run.probe('c'), { doubled: /rt-a was exchanged/, unexplained: /never stored/ });
  });

  test('is not an exchange after an answer that did not leave Zoom whole', () => {
    const run = new MadeUp('grace').connect();
    run.refresh('g1', 'a', 'b', { complete: false });
    run.refresh('g1', 'a', 'c', { outcome: 'issued_in_grace' });
    assertFound(run.probe('c'));
  });

  test('is a code that was exchanged twice', () => {
    const run = new MadeUp().connect();
    run.entry('code_exchange', { outcome: 'code_used', request_id: 'q-again', code_id: 'c-g1', grant_id: 'g1' });
    assertFound(run.probe(), { doubled: /code c-g1/ });
  });

  test('is an event that stands twice', () => {
    const run = new MadeUp().connect();
    run.becomes('active');
    assertFound(run.probe(), { doubled: /event active/ });
  });

  test('is a second disconnect out of one request', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    run.becomes('none', { generation: 3, cause: 'disconnected' });
    assertFound(run, { doubled: /2 disconnects out of 1/ });
  });

  test('is two access tokens under one version', () => {
    const run = new MadeUp().connect();
    run.refresh('g1', 'a', 'b');
    run.token(2, 'b');
    run.token(2, 'a');
    assertFound(run.probe('b'), { doubled: /two access tokens/ });
  });
});

describe('unexplained', () => {
  const spoil = {
    'is a link that the two databases disagree on': [(run) => { run.evidence.links[0].state = 'none'; }, /account-link says/],
    'is a state without an audit row': [(run) => { run.evidence.audit = []; }, /not in the audit/],
    'is a state without an event': [(run) => { run.evidence.grants[0].generation = 2; run.evidence.links[0].generation = 2; }, /its last event/],
    'is a cause that is not in the list': [(run) => { run.evidence.grants[0].cause = run.evidence.links[0].cause = run.evidence.events[0].cause = 'unknown'; }, /not in the list/],
    'is a refresh that has no recorded end': [(run) => { run.evidence.grants[0].intent = true; }, /no recorded end/],
    'is a pending grant that is left': [(run) => { run.evidence.pending.push({ user_id: 'u-1' }); }, /pending grants/],
    'is a revocation that is left open': [(run) => { run.evidence.revocations.push({ user_id: 'u-1', wiped_at: null, secret_bytes: 9 }); }, /revocations are open/],
    'is a token that was handed to somebody else': [(run) => { run.token(1, 'of-nobody'); }, /issued to nobody/],
    'is an answer INTERNAL': [(run) => { run.call('token', { ok: false, code: 'INTERNAL', reason: 'DEFECT', message: 'INTERNAL DEFECT' }); }, /failed with INTERNAL/],
    'is the answer that there is no grant, to somebody who is connected': [(run) => { run.call('token', { ok: false, code: 'NOT_FOUND', reason: 'GRANT_NOT_FOUND' }); }, /there is no grant/],
  };
  for (const [title, [act, pattern]] of Object.entries(spoil)) {
    test(title, () => {
      const run = new MadeUp().connect();
      act(run);
      assertFound(run.probe(), { unexplained: pattern });
    });
  }

  test('is a loss that showed only after more than 60 s', () => {
    const run = lostAnswer(new MadeUp().connect());
    run.evidence.events.at(-1).created_at = new Date(run.later(60)).toISOString();
    assertFound(run, { unexplained: /within 60 s/ }, { windowLosses: 1 });
  });

  test('is a pair of tokens that was delivered and never stored', () => {
    const run = new MadeUp('grace').connect();
    run.refresh('g1', 'a', 'b');
    run.later(31);
    run.refresh('g1', 'a', 'c', { outcome: 'issued_in_grace' });
    assertFound(run.probe('c'), { unexplained: /never stored/ });
  });
});

describe('resurrected', () => {
  test('is a token that was handed out after the disconnect', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    run.token(1, 'a', { generation: 1 });
    assertFound(run, { resurrected: /got a token/ });
  });

  test('is a grant that is active again', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    run.becomes('active', { generation: 2 });
    run.evidence.grants[0].state = 'active';
    const found = check(run.evidence);
    assert.match(found.resurrected.join('\n'), /active after the disconnect/);
  });

  test('is a link that is active again in account-link', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    run.evidence.links[0].state = 'active';
    const found = check(run.evidence);
    assert.match(found.resurrected.join('\n'), /link is active/);
  });

  test('is ciphertext, a tag or a profile that an ended grant holds', () => {
    for (const change of [{ secret_bytes: 12 }, { identified: true }, { account_known: true }, { has_profile: true }]) {
      const run = new MadeUp().connect();
      run.disconnect();
      Object.assign(run.evidence.grants[0], change);
      assertFound(run, { resurrected: /ended grant holds/ });
    }
  });

  test('is a token that works at Zoom though the receipt says it was revoked', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    run.evidence.live.push({ grantId: 'g1', kind: 'refresh_token' });
    assertFound(run, { resurrected: /receipt says it was revoked/ });
  });

  test('is a token that works at Zoom without a receipt that says so, while Zoom could be reached', () => {
    const run = new MadeUp().connect();
    run.disconnect({ revokedAtZoom: false });
    run.evidence.live.push({ grantId: 'g1', kind: 'refresh_token' });
    assertFound(run, { resurrected: /works at Zoom after/ });
  });

  test('is not a token that works at Zoom which could not be reached for the whole time', () => {
    const run = new MadeUp().connect();
    const { begunAt, endedAt } = run.disconnect({ revokedAtZoom: false });
    run.evidence.live.push({ grantId: 'g1', kind: 'refresh_token' });
    run.evidence.faults.push({ kind: 'zoom_down', target: 'zoom', from: begunAt - 100, to: endedAt });
    assertFound(run);
  });

  test('is not a token whose answer died with a killed vault: nobody holds it', () => {
    const run = new MadeUp().connect();
    run.refresh('g1', 'a', 'b');
    run.kill();
    run.disconnect({ revokedAtZoom: false });
    run.evidence.live.push({ grantId: 'g1', kind: 'refresh_token' });
    assertFound(run, {}, { orphans: 1 });
  });

  test('is a pending grant that outlived the disconnect', () => {
    const run = new MadeUp().connect();
    run.disconnect();
    run.evidence.pending.push({ user_id: 'u-1' });
    assert.match(check(run.evidence).resurrected.join('\n'), /pending grant/);
  });
});
