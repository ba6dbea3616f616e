// SPDX-License-Identifier: Apache-2.0
// The vault's protocol with Zoom: authorizing, exchanging once, activating, handing out, following the changes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { authorizeHeadlessly, startStack } from '../support-js/stack.mjs';
import { atOnce, eventually, failureOf } from './lib/conditions.mjs';
import { age, grantRow } from './lib/databases.mjs';
import { VaultDriver } from './lib/vault.mjs';

const projectId = 'demo';
let stack;
let vault;
let simulator;

before(async () => {
  stack = await startStack({ services: ['tokenVault'], durable: false });
  vault = new VaultDriver(stack);
  ({ simulator } = stack);
});
after(async () => {
  vault.close();
  await stack.stop();
});

describe('a connection in the vault', () => {
  test('lives from the authorization through a refresh to its erasure', async () => {
    const userId = vault.newUser();
    const zoomUser = await vault.newZoomUser();
    const { attempt, ticket } = await vault.startAuthorization(userId, { displayName: 'Hanako Suzuki' });
    assert.equal(attempt.state, 'ATTEMPT_STATE_PENDING');
    const { redirect } = await vault.redeem(ticket, userId);
    const location = new URL(await authorizeHeadlessly(redirect.authorizationUrl, zoomUser));
    assert.equal(`${location.origin}${location.pathname}`, `${stack.publicUrl}/oauth/callback`);
    const { attempt: exchanged, existingLinkId, identityMatch } = await vault.exchange({
      state: location.searchParams.get('state'), code: location.searchParams.get('code'), cookieValue: redirect.cookieValue,
    });
    assert.deepEqual([exchanged.state, existingLinkId, identityMatch], ['ATTEMPT_STATE_EXCHANGED', '', 'IDENTITY_MATCH_NO_LINK_IDENTITY']);

    const linkId = randomUUID();
    const { generation, supersededLink } = await vault.activate({ attemptId: attempt.attemptId, linkId, userId });
    assert.deepEqual([generation, supersededLink], ['1', null]);
    const { profile, grantState } = await vault.profile(userId);
    assert.deepEqual({ ...profile, grantState }, {
      displayName: zoomUser.display_name, email: zoomUser.email, grantedScopes: ['user:read:user'], missingScopes: [],
      grantState: 'GRANT_STATE_ACTIVE',
    });

    const first = await vault.accessToken(userId);
    assert.deepEqual(await vault.whoIs(first), { status: 200, id: zoomUser.id });
    assert.equal(first.apiBaseUrl, `${simulator.url}/v2`);
    assert.deepEqual(first.scopes, ['user:read:user']);
    const second = await vault.accessToken(userId, { rejectedTokenVersion: first.tokenVersion });
    assert.notEqual(second.accessToken, first.accessToken);
    assert.equal(Number(second.tokenVersion), Number(first.tokenVersion) + 1);
    assert.equal((await vault.whoIs(second)).status, 200);

    const { state, receipt } = await vault.erase({ linkId, userId, generation });
    assert.equal(state, 'GRANT_STATE_NONE');
    assert.deepEqual([receipt.linkId, receipt.generation, receipt.revokedAtZoom], [linkId, '2', true]);
    assert.ok(receipt.endTime);
    assert.notEqual((await vault.whoIs(second)).status, 200);
    assert.equal((await failureOf(vault.accessToken(userId))).reason, 'GRANT_NOT_FOUND');
    assert.equal((await failureOf(vault.profile(userId))).reason, 'GRANT_NOT_FOUND');
    const row = await grantRow(stack, userId);
    assert.deepEqual([row.state, row.generation, row.access_bytes, row.refresh_bytes, row.identified, row.account_known, row.has_profile, row.scope],
      ['none', 2, 0, 0, false, false, false, '']);
    assert.deepEqual((await vault.events(linkId)).map(({ state: to, generation: at, cause }) => [to, at, cause]), [
      ['GRANT_STATE_ACTIVE', '1', 'GRANT_CAUSE_UNSPECIFIED'],
      ['GRANT_STATE_DISCONNECTING', '2', 'GRANT_CAUSE_DISCONNECTED'],
      ['GRANT_STATE_NONE', '2', 'GRANT_CAUSE_DISCONNECTED'],
    ]);
  });

  test('begins at a URL with state and PKCE S256, and without a scope parameter', async () => {
    const userId = vault.newUser();
    const { ticket } = await vault.startAuthorization(userId);
    const { redirect } = await vault.redeem(ticket, userId);
    const query = new URL(redirect.authorizationUrl).searchParams;
    assert.deepEqual([...query.keys()].sort(), ['client_id', 'code_challenge', 'code_challenge_method', 'redirect_uri', 'response_type', 'state']);
    assert.equal(query.get('code_challenge_method'), 'S256');
    assert.equal(Buffer.from(query.get('code_challenge'), 'base64url').length, 32);
    assert.ok(Buffer.from(query.get('state'), 'base64url').length >= 16);
    assert.match(redirect.cookieName, /^__Host-/);
    assert.equal(redirect.maxAge.seconds, '600');
  });

  test('hands out tokens with a tag that users of one Zoom account share and others do not', async () => {
    const [one, two] = [await vault.connect(), await vault.connect()];
    const elsewhere = await vault.connect({ zoomUser: await vault.newZoomUser({ account_id: 'another-account' }) });
    const [tag, same, other] = (await Promise.all([one, two, elsewhere].map(({ userId }) => vault.accessToken(userId)))).map(({ accountTag }) => accountTag);
    assert.equal(tag.length, 32);
    assert.deepEqual(same, tag);
    assert.notDeepEqual(other, tag);
  });

  test('tells which expected scopes were not granted, and works all the same', async () => {
    const { client_id: clientId } = (await simulator.apps())[0];
    await simulator.changeApp(clientId, { scopes: ['user:read:email', 'user:read:user:admin'] });
    const wide = await vault.connect();
    assert.deepEqual((await vault.profile(wide.userId)).profile.missingScopes, [], 'an :admin scope counts as its narrower one');
    await simulator.changeApp(clientId, { scopes: ['user:read', 'user:read:email'] });
    const narrow = await vault.connect();
    await simulator.changeApp(clientId, { scopes: ['user:read:user'] });
    const { profile, grantState } = await vault.profile(narrow.userId);
    assert.deepEqual([profile.grantedScopes, profile.missingScopes, grantState], [['user:read', 'user:read:email'], ['user:read:user'], 'GRANT_STATE_ACTIVE']);
    assert.ok(await vault.isHealthy(narrow));
  });
});

describe('a ticket', () => {
  test('is good for one redemption, also of 16 at once', async () => {
    const userId = vault.newUser();
    const { ticket } = await vault.startAuthorization(userId);
    const { values, errors } = await atOnce(16, () => vault.redeem(ticket, userId));
    assert.equal(values.length, 1);
    assert.deepEqual(new Set(errors.map(({ reason }) => reason)), new Set(['TICKET_INVALID']));
  });

  test('that is unknown or older than its minute is refused', async () => {
    assert.equal((await failureOf(vault.redeem('never-issued', 'x'))).reason, 'TICKET_INVALID');
    const userId = vault.newUser();
    const { ticket } = await vault.startAuthorization(userId);
    await age(stack, userId, 'attempts', ['ticket_expires_at'], 60);
    assert.equal((await failureOf(vault.redeem(ticket, userId))).reason, 'TICKET_INVALID');
  });

  test('in another user\'s session is refused and stays good for its own', async () => {
    const userId = vault.newUser();
    const { ticket } = await vault.startAuthorization(userId);
    const error = await failureOf(vault.redeem(ticket, vault.newUser()));
    assert.deepEqual([error.code, error.reason], ['PERMISSION_DENIED', 'TICKET_OTHER_USER']);
    assert.ok((await vault.redeem(ticket, userId)).redirect);
  });

  test('without a session asks for a confirmation that names the user, then redirects', async () => {
    const userId = vault.newUser();
    const { ticket } = await vault.startAuthorization(userId, { displayName: 'Taro Watanabe' });
    assert.deepEqual((await vault.redeem(ticket)).confirmation, { userDisplayName: 'Taro Watanabe', projectId });
    assert.ok((await vault.as('gateway').redeemTicket({ ticket, confirmed: true })).redirect);
  });
});

describe('the code of an attempt', () => {
  test('is exchanged once, whatever 64 parallel callbacks with one state do', async () => {
    const zoomUser = await vault.newZoomUser();
    const mark = await simulator.position();
    const answer = await vault.authorize(vault.newUser(), zoomUser);
    const { values, errors } = await atOnce(64, () => vault.exchange(answer));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map(({ attempt }) => attempt.attemptId)), new Set([answer.attemptId]));
    assert.ok(values.every(({ attempt }) => ['ATTEMPT_STATE_EXCHANGING', 'ATTEMPT_STATE_EXCHANGED'].includes(attempt.state)));
    assert.equal((await vault.exchange(answer)).attempt.state, 'ATTEMPT_STATE_EXCHANGED');
    const exchanges = await simulator.ledger({ type: 'code_exchange', user_id: zoomUser.id }, mark);
    assert.deepEqual(exchanges.map(({ outcome }) => outcome), ['issued']);
  });

  test('is not sent to Zoom when state or cookie do not fit', async () => {
    const zoomUser = await vault.newZoomUser();
    const userId = vault.newUser();
    const answer = await vault.authorize(userId, zoomUser);
    const other = await vault.authorize(userId, zoomUser);
    const mark = await simulator.position();
    for (const wrong of [{ state: other.state }, { cookieValue: other.cookieValue }, { state: 'made-up' }, { cookieValue: 'made-up' }]) {
      const error = await failureOf(vault.exchange({ ...answer, ...wrong }));
      assert.deepEqual([error.code, error.reason], ['FAILED_PRECONDITION', 'ATTEMPT_MISMATCH']);
    }
    assert.deepEqual(await simulator.ledger({ type: 'code_exchange' }, mark), []);
    assert.equal((await vault.exchange(answer)).attempt.state, 'ATTEMPT_STATE_EXCHANGED', 'the attempt is still good');
  });

  test('is not asked for after a decline: the attempt ends as cancelled', async () => {
    const userId = vault.newUser();
    const mark = await simulator.position();
    const answer = await vault.authorize(userId, await vault.newZoomUser(), { allow: false, pages: true });
    assert.equal(answer.error, 'access_denied');
    const { attempt } = await vault.exchange(answer);
    assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_CANCELLED']);
    assert.deepEqual(await simulator.ledger({ type: ['code_exchange', 'token_request_refused'] }, mark), []);
  });

  test('of an attempt older than its life is not exchanged: the attempt ends as expired', async () => {
    const userId = vault.newUser();
    const answer = await vault.authorize(userId, await vault.newZoomUser());
    const mark = await simulator.position();
    await age(stack, userId, 'attempts', ['expires_at'], 600);
    await vault.exchange(answer);
    const { attempt } = await eventually('the attempt expires', async () => {
      const found = await vault.as('gateway').getAttempt({ projectId, userId });
      return found.attempt.state === 'ATTEMPT_STATE_ENDED' && found;
    });
    assert.deepEqual([attempt.attemptId, attempt.result], [answer.attemptId, 'ATTEMPT_RESULT_EXPIRED']);
    assert.deepEqual(await simulator.ledger({ type: 'code_exchange' }, mark), []);
  });

  test('that Zoom refuses ends the attempt as a system error, and no user is marked', async () => {
    const userId = vault.newUser();
    const answer = await vault.authorize(userId, await vault.newZoomUser());
    await simulator.expire({ code: answer.code });
    const { attempt } = await vault.exchange(answer);
    assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_SYSTEM_ERROR']);
    assert.equal(await grantRow(stack, userId), undefined);
  });

  test('is stored before anything is validated: a profile that Zoom does not give yet comes with the sweep', async () => {
    const userId = vault.newUser();
    const zoomUser = await vault.newZoomUser();
    await simulator.addFault({ endpoint: 'profile', match: { user_id: zoomUser.id }, answer: { status: 503 } });
    const { attemptId, exchanged } = await vault.pend(userId, zoomUser);
    assert.deepEqual([exchanged.attempt.state, exchanged.identityMatch], ['ATTEMPT_STATE_EXCHANGED', 'IDENTITY_MATCH_UNSPECIFIED']);
    await stack.postgres.execute('token_vault', `UPDATE pending_grants SET next_identify_at = now() WHERE attempt_id = '${attemptId}'`);
    await eventually('the Zoom user is known', async () =>
      (await vault.as('gateway').getAttempt({ projectId, userId, attemptId })).identityMatch === 'IDENTITY_MATCH_NO_LINK_IDENTITY');
    const linkId = randomUUID();
    await vault.activate({ attemptId, linkId, userId });
    assert.ok(await vault.isHealthy({ userId, zoomUser }));
  });
});

describe('activating a pending grant', () => {
  test('is idempotent by its decision, also for 16 at once', async () => {
    const userId = vault.newUser();
    const { attemptId } = await vault.pend(userId, await vault.newZoomUser());
    const [linkId, decisionId] = [randomUUID(), randomUUID()];
    const { values, errors } = await atOnce(16, () => vault.activate({ attemptId, linkId, userId, decisionId }));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map(({ generation }) => generation)), new Set(['1']));
    assert.equal((await vault.events(linkId)).length, 1);
    const error = await failureOf(vault.activate({ attemptId, linkId, userId, expectedGeneration: 1 }));
    assert.deepEqual([error.code, error.reason], ['NOT_FOUND', 'PENDING_GRANT_NOT_FOUND']);
  });

  test('with another generation than the link\'s is sent back to decide again', async () => {
    const connected = await vault.connect();
    const { attemptId } = await vault.pend(connected.userId, connected.zoomUser, { purpose: 'RECONNECT' });
    for (const expectedGeneration of [0, 2]) {
      const error = await failureOf(vault.activate({ attemptId, linkId: connected.linkId, userId: connected.userId, expectedGeneration }));
      assert.deepEqual([error.code, error.reason], ['ABORTED', 'GENERATION_MISMATCH']);
    }
    const { generation } = await vault.activate({ attemptId, linkId: connected.linkId, userId: connected.userId, expectedGeneration: 1 });
    assert.equal(generation, '2');
    assert.ok(await vault.isHealthy(connected));
  });

  test('for another user or project than the attempt\'s finds nothing', async () => {
    const { attemptId } = await vault.pend(vault.newUser(), await vault.newZoomUser());
    const error = await failureOf(vault.activate({ attemptId, linkId: randomUUID(), userId: vault.newUser() }));
    assert.deepEqual([error.code, error.reason], ['NOT_FOUND', 'PENDING_GRANT_NOT_FOUND']);
  });

  test('into another link than the user\'s, or another user\'s link, is refused', async () => {
    const connected = await vault.connect();
    const own = await vault.pend(connected.userId, connected.zoomUser, { purpose: 'RECONNECT' });
    const stranger = vault.newUser();
    const strangers = await vault.pend(stranger, await vault.newZoomUser());
    for (const request of [
      { attemptId: own.attemptId, linkId: randomUUID(), userId: connected.userId, expectedGeneration: 1 },
      { attemptId: strangers.attemptId, linkId: connected.linkId, userId: stranger, expectedGeneration: 1 },
    ]) {
      const error = await failureOf(vault.activate(request));
      assert.deepEqual([error.code, error.reason], ['FAILED_PRECONDITION', 'LINK_MISMATCH']);
    }
  });

  test('ends another user\'s link with the same Zoom user as taken over, and revokes nothing', async () => {
    const earlier = await vault.connect();
    const userId = vault.newUser();
    const mark = await simulator.position();
    const { attemptId, exchanged } = await vault.pend(userId, earlier.zoomUser);
    assert.equal(exchanged.existingLinkId, earlier.linkId);
    const linkId = randomUUID();
    const { generation, supersededLink } = await vault.activate({ attemptId, linkId, userId });
    assert.equal(generation, '1');
    assert.deepEqual(supersededLink, { linkId: earlier.linkId, projectId, userId: earlier.userId, generation: '2' });
    const row = await grantRow(stack, earlier.userId);
    assert.deepEqual([row.state, row.cause, row.generation, row.refresh_bytes, row.identified, row.has_profile], ['none', 'taken_over', 2, 0, false, false]);
    assert.deepEqual((await vault.events(earlier.linkId)).map(({ cause }) => cause), ['GRANT_CAUSE_UNSPECIFIED', 'GRANT_CAUSE_TAKEN_OVER']);
    assert.ok(await vault.isHealthy({ userId, zoomUser: earlier.zoomUser }));
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }, mark), []);
  });

  test('compares the Zoom user with the one of the user\'s own link', async () => {
    const connected = await vault.connect();
    const same = await vault.pend(connected.userId, connected.zoomUser, { purpose: 'RECONNECT' });
    assert.equal(same.exchanged.identityMatch, 'IDENTITY_MATCH_SAME');
    const different = await vault.pend(connected.userId, await vault.newZoomUser(), { purpose: 'RECONNECT' });
    assert.equal(different.exchanged.identityMatch, 'IDENTITY_MATCH_DIFFERENT');
    assert.equal(different.exchanged.existingLinkId, '');
  });
});

describe('pending grants and events', () => {
  test('list what awaits a decision, oldest first and in pages, and forget what was discarded', async () => {
    const service = vault.as('account-link');
    const listAll = async (pageSize) => {
      const found = [];
      for (let pageToken = ''; ;) {
        const page = await service.listPendingGrants({ pageSize, pageToken });
        found.push(...page.pendingGrants.map(({ attemptId }) => attemptId));
        if (page.nextPageToken === '') return found;
        pageToken = page.nextPageToken;
      }
    };
    const earlier = await listAll(1000);
    const added = [];
    for (let i = 0; i < 3; i += 1) added.push((await vault.pend(vault.newUser(), await vault.newZoomUser())).attemptId);
    assert.deepEqual(await listAll(1), [...earlier, ...added]);
    assert.deepEqual((await service.listPendingGrants({ minAge: { seconds: 3600 } })).pendingGrants, []);

    const discard = { attemptId: added[1], decisionId: randomUUID(), result: 'ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED' };
    assert.deepEqual((await atOnce(8, () => service.discardPendingGrant(discard))).errors, [], 'idempotent by its decision');
    assert.equal((await failureOf(service.discardPendingGrant({ ...discard, decisionId: randomUUID() }))).reason, 'PENDING_GRANT_NOT_FOUND');
    assert.deepEqual(await listAll(2), [...earlier, added[0], added[2]]);
    const [row] = await stack.postgres.query('token_vault', `SELECT state, result FROM attempts WHERE attempt_id = '${added[1]}'`);
    assert.deepEqual(row, { state: 'ended', result: 'other_account_connected' });
  });

  test('follow the order of commit without a gap a reader could miss', async () => {
    const seen = [];
    const service = vault.as('account-link');
    let running = true;
    const reader = (async () => {
      for (let afterEventId = 0; ;) {
        const stopAfter = !running;
        const { events } = await service.listGrantEvents({ afterEventId, pageSize: 7 });
        for (const event of events) seen.push(event);
        if (events.length > 0) afterEventId = events.at(-1).eventId;
        else if (stopAfter) return;
      }
    })();
    await atOnce(12, () => vault.connect());
    running = false;
    await reader;
    const [{ count }] = await stack.postgres.query('token_vault', 'SELECT count(*)::int AS count FROM grant_events');
    assert.equal(seen.length, count);
    assert.ok(seen.every((event, index) => index === 0 || BigInt(event.eventId) > BigInt(seen[index - 1].eventId)));
  });
});
