// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { authorizeHeadlessly, Browser, demoApp, DEMO_REDIRECT_URI, send, startSimulator } from './client.mjs';
import { authorizationUrl, exchange, newUser, pkce } from './fixture.mjs';

const LOOPBACK_APP = demoApp({
  client_id: 'loopback',
  redirect_uris: ['http://127.0.0.1/callback', 'https://app.example/base'],
});
const PUBLIC_APP = demoApp({ client_id: 'public', client_authentication: ['none'] });

let sim;
before(async () => {
  sim = await startSimulator({
    apps: [demoApp({ scopes: ['user:read:user', 'phone:read:user'] }), LOOPBACK_APP, PUBLIC_APP],
  });
});
after(() => sim.stop());

const open = (parameters, headers) => send(authorizationUrl(sim, parameters), { headers });

describe('the pages', () => {
  test('lead through sign in and permission back to the app with code and state', async () => {
    const user = await newUser(sim);
    const location = await authorizeHeadlessly(authorizationUrl(sim, { state: 'a b&c=d' }), user);
    assert.match(
      location,
      /^https:\/\/localhost:8443\/oauth\/callback\?code=[A-Za-z0-9_-]{32,34}&state=a%20b%26c%3Dd$/,
    );
  });

  test('leave state away when none was given', async () => {
    const location = await authorizeHeadlessly(authorizationUrl(sim, { state: null }), await newUser(sim));
    assert.deepEqual([...new URL(location).searchParams.keys()], ['code']);
  });

  test('name the app and each permission, with Allow and Decline', async () => {
    const user = await newUser(sim, { display_name: '<b>田中</b>' });
    const browser = new Browser();
    const page = await browser.open(authorizationUrl(sim));
    assert.match(page.text, /<label for="email">Email Address<\/label>/);
    assert.match(page.text, /<button class="primary" type="submit">Sign In<\/button>/);
    await authorizeHeadlessly(authorizationUrl(sim), user, { browser });
    const permission = await browser.open(authorizationUrl(sim));
    assert.match(permission.text, /Shodan Pro is requesting access/);
    for (const scope of ['user:read:user', 'phone:read:user'])
      assert.ok(permission.text.includes(`<code>${scope}</code>`));
    assert.match(permission.text, />Allow<\/button>/);
    assert.match(permission.text, />Decline<\/button>/);
    assert.ok(permission.text.includes('&lt;b&gt;田中&lt;/b&gt;'));
  });

  test('are for people: language, title, policy, no script and no inline style', async () => {
    const { text, headers } = await open();
    assert.match(text, /<html lang="en">/);
    assert.match(text, /<title>Sign In<\/title>/);
    assert.doesNotMatch(text, /<script|<style| style=/);
    assert.match(headers['content-security-policy'], /default-src 'none'/);
    assert.equal(headers['referrer-policy'], 'same-origin');
  });

  test('refuse a wrong password and keep the address', async () => {
    const user = await newUser(sim, { email: 'wrong"quote@hanami.example' });
    const browser = new Browser();
    await assert.rejects(
      authorizeHeadlessly(authorizationUrl(sim), { ...user, password: 'no' }, { browser }),
      /401.*Incorrect email or password/,
    );
  });

  test('refuse a deactivated user', async () => {
    const user = await newUser(sim, { status: 'inactive' });
    await assert.rejects(authorizeHeadlessly(authorizationUrl(sim), user), /has been deactivated/);
  });

  test('show the permission page at once to who is signed in, with another account as a choice', async () => {
    const [first, second] = [await newUser(sim), await newUser(sim)];
    const browser = new Browser();
    await authorizeHeadlessly(authorizationUrl(sim), first, { browser });
    const page = await browser.open(authorizationUrl(sim));
    assert.ok(page.text.includes(first.email));
    const [, request] = /name="request" value="([^"]+)"/.exec(page.text);
    const answer = await browser.open(`${sim.url}/oauth/consent`, { form: { request, decision: 'switch' } });
    assert.equal(answer.status, 303);
    const signIn = await browser.open(`${sim.url}${answer.headers.location}`);
    assert.match(signIn.text, /action="\/signin"/);
    await authorizeHeadlessly(authorizationUrl(sim), second, { browser });
    assert.ok((await browser.open(authorizationUrl(sim))).text.includes(second.email));
  });

  test('a changed password ends the session of the sign-in page', async () => {
    const user = await newUser(sim);
    const browser = new Browser();
    await authorizeHeadlessly(authorizationUrl(sim), user, { browser });
    await sim.changeUser(user.id, { password: 'another-1' });
    assert.match((await browser.open(authorizationUrl(sim))).text, /action="\/signin"/);
    await assert.rejects(authorizeHeadlessly(authorizationUrl(sim), user), /Incorrect/);
    assert.match(await authorizeHeadlessly(authorizationUrl(sim), { ...user, password: 'another-1' }), /code=/);
  });

  test('a second click on Allow ends where the first one did', async () => {
    const user = await newUser(sim);
    const browser = new Browser();
    await authorizeHeadlessly(authorizationUrl(sim), user, { browser });
    const page = await browser.open(authorizationUrl(sim));
    const [, request] = /name="request" value="([^"]+)"/.exec(page.text);
    const click = () => browser.open(`${sim.url}/oauth/consent`, { form: { request, decision: 'allow' } });
    assert.equal((await click()).headers.location, (await click()).headers.location);
  });

  test('an unknown request says that the page has expired', async () => {
    const answer = await send(`${sim.url}/oauth/consent?request=nobody`);
    assert.equal(answer.status, 400);
    assert.match(answer.text, /This page has expired/);
  });

  test('Decline redirects with access_denied and state, or shows a page, by switch', async () => {
    const user = await newUser(sim);
    const location = new URL(await authorizeHeadlessly(authorizationUrl(sim), user, { allow: false }));
    assert.equal(location.searchParams.get('error'), 'access_denied');
    assert.equal(location.searchParams.get('state'), 'state-1');
    assert.equal(location.searchParams.get('code'), null);
    await sim.setSwitches({ decline: 'page' });
    assert.equal(await authorizeHeadlessly(authorizationUrl(sim), user, { allow: false }), null);
    await sim.setSwitches({ decline: 'redirect' });
  });
});

describe('GET /oauth/authorize', () => {
  const refused = [
    ['an unknown client', { client_id: 'nobody' }, /Invalid client_id: nobody \(4,702\)/],
    ['no client', { client_id: null }, /\(4,702\)/],
    [
      'another redirect URI',
      { redirect_uri: 'https://evil.example/<x>' },
      /Invalid redirect: https:\/\/evil\.example\/&lt;x&gt; \(4,700\)/,
    ],
    [
      'a redirect URI in other letters',
      { redirect_uri: DEMO_REDIRECT_URI.replace('oauth', 'OAuth') },
      /Invalid redirect/,
    ],
    ['a longer redirect URI', { redirect_uri: `${DEMO_REDIRECT_URI}/more` }, /Invalid redirect/],
    ['no redirect URI', { redirect_uri: null }, /Invalid redirect/],
    ['another response type', { response_type: 'token' }, /response_type/],
    ['a scope parameter', { scope: 'user:read:user' }, /Invalid scope \(4,700\)/],
    [
      'an unknown challenge method',
      { code_challenge: pkce().challenge, code_challenge_method: 'S512' },
      /code_challenge/,
    ],
    ['a malformed challenge', { code_challenge: 'short' }, /code_challenge/],
    ['a challenge method without a challenge', { code_challenge_method: 'S256' }, /code_challenge/],
    ['a public client without PKCE', { client_id: 'public' }, /code_challenge/],
  ];
  for (const [title, parameters, text] of refused) {
    test(`shows its own error page, and never redirects, for ${title}`, async () => {
      const answer = await open(parameters);
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.location, undefined);
      assert.match(answer.text, text);
    });
  }

  test('refuses a repeated parameter', async () => {
    const answer = await send(`${authorizationUrl(sim)}&state=again`);
    assert.equal(answer.status, 400);
  });

  test('answers JSON to who accepts JSON', async () => {
    const answer = await open({ redirect_uri: 'https://evil.example/' }, { accept: 'application/json' });
    assert.deepEqual(answer.json(), {
      status: false,
      errorCode: 4700,
      errorMessage: 'Invalid redirect url',
      result: null,
    });
  });

  test('refuses a disabled app', async () => {
    await sim.changeApp('loopback', { enabled: false });
    const answer = await open({ client_id: 'loopback', redirect_uri: 'http://127.0.0.1/callback' });
    await sim.changeApp('loopback', { enabled: true });
    assert.match(answer.text, /\(4,717\)/);
  });

  test('takes scopes of the app when the switch lets it, comma or space separated', async () => {
    await sim.setSwitches({ reject_scope_parameter: false });
    const narrow = new URL(
      await authorizeHeadlessly(authorizationUrl(sim, { scope: 'phone:read:user' }), await newUser(sim)),
    );
    const answer = await exchange(sim, narrow.searchParams.get('code'));
    const both = await open({ scope: 'phone:read:user,user:read:user' });
    const foreign = await open({ scope: 'meeting:write:meeting' });
    await sim.setSwitches({ reject_scope_parameter: true });
    assert.equal(answer.json().scope, 'phone:read:user');
    assert.equal(both.status, 200);
    assert.equal(foreign.status, 400);
  });

  test('matches a base URL as a prefix and ignores a loopback port, by switch', async () => {
    const deep = { client_id: 'loopback', redirect_uri: 'https://app.example/base/deeper' };
    const port = { client_id: 'loopback', redirect_uri: 'http://127.0.0.1:54321/callback' };
    const near = { client_id: 'loopback', redirect_uri: 'https://app.example/based' };
    const status = async (parameters) => (await open(parameters)).status;
    assert.deepEqual([await status(deep), await status(port)], [400, 400]);
    await sim.setSwitches({ redirect_match: 'prefix', ignore_loopback_port: true });
    assert.deepEqual([await status(deep), await status(port), await status(near)], [200, 200, 400]);
    await sim.setSwitches({ redirect_match: 'exact', ignore_loopback_port: false });
  });
});

test('a Marketplace install brings a code without state', async () => {
  const user = await newUser(sim);
  const location = new URL(await sim.install(user.id, { clientId: demoApp().client_id }));
  assert.deepEqual([...location.searchParams.keys()], ['code']);
  assert.equal((await exchange(sim, location.searchParams.get('code'))).status, 200);
});
