// SPDX-License-Identifier: Apache-2.0
// The pages that people see. No script and no inline style; styles are in assets/style.css.

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ESCAPES[character]);

// What a permission lets an app do, in words; others are shown by name.
const PERMISSIONS = {
  'user:read:user': 'View your profile',
  'user:read:email': 'View your email address',
  'user:read': 'View your profile',
  'meeting:read:meeting': 'View a meeting',
  'meeting:write:meeting': 'Create a meeting for you',
  'meeting:update:meeting': 'Update your meetings',
  'meeting:delete:meeting': 'Delete your meetings',
  'phone:read:user': 'View your Zoom Phone settings',
  'phone:read:list_call_logs': 'View your call logs',
  'phone:read:call_log': 'View a call log',
  'phone:read:call_recording': 'View a call recording',
};

function layout(title, main, { wide = false, script = '' } = {}) {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_assets/style.css">
${script}</head>
<body${wide ? ' class="wide"' : ''}>
<header class="bar"><span class="brand">Zoom simulator</span><span class="tag">Test environment</span></header>
<main>
${main}
</main>
<footer class="foot">This page stands in for Zoom while you try or test an app. It is not a Zoom service.</footer>
</body>
</html>
`;
}

/** @param problem text of what was wrong with the last attempt, if any */
export function signInPage({ app, id, problem = '', email = '', showHelp = false }) {
  const invalid = problem ? ' aria-invalid="true" aria-describedby="problem"' : '';
  return layout(
    problem ? 'Error: Sign In' : 'Sign In',
    `<div class="card">
<h1>Sign In</h1>
<p class="lead">to continue to <strong>${escape(app.name)}</strong></p>
${problem ? `<p id="problem" class="problem" role="alert">${escape(problem)}</p>\n` : ''}<form method="post" action="/signin">
<input type="hidden" name="request" value="${escape(id)}">
<div class="field"><label for="email">Email Address</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${escape(email)}"${invalid}${email ? '' : ' autofocus'}></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${invalid}${email ? ' autofocus' : ''}></div>
<button class="primary" type="submit">Sign In</button>
</form>
${showHelp ? '<p class="hint">The test users and their passwords are on the <a href="/_control/">control page</a>.</p>\n' : ''}</div>`,
  );
}

export function permissionPage({ app, scopes, user, id }) {
  const name = user.display_name ?? `${user.first_name} ${user.last_name}`;
  const rows = scopes
    .map(
      (scope) =>
        `<li><span class="what">${escape(PERMISSIONS[scope] ?? 'Use this permission')}</span>` +
        ` <code>${escape(scope)}</code></li>`,
    )
    .join('\n');
  return layout(
    `Allow ${app.name}?`,
    `<div class="card">
<h1>${escape(app.name)} is requesting access to your Zoom account</h1>
${app.description ? `<p>${escape(app.description)}</p>\n` : ''}<form method="post" action="/oauth/consent">
<input type="hidden" name="request" value="${escape(id)}">
<div class="account">
<div><span class="name">${escape(name)}</span><br><span class="address">${escape(user.email)}</span></div>
<button class="link" type="submit" name="decision" value="switch">Use another account</button>
</div>
<h2>${escape(app.name)} will be able to</h2>
<ul class="permissions">
${rows}
</ul>
<p class="hint">By clicking Allow, you let this app use the information above. You can remove it at any time under Manage, Added Apps.</p>
<div class="actions">
<button class="primary" type="submit" name="decision" value="allow">Allow</button>
<button class="secondary" type="submit" name="decision" value="decline">Decline</button>
</div>
</form>
</div>`,
  );
}

/**
 * @param detail what is wrong, with Zoom's error number where it has one
 * @param advice what to do about it
 */
export function errorPage({ title, detail, advice = 'The app that sent you here has to correct its request.' }) {
  return layout(
    title,
    `<div class="card">
<h1>${escape(title)}</h1>
<p class="problem">${escape(detail)}</p>
<p>${escape(advice)}</p>
</div>`,
  );
}

export function declinedPage(app) {
  return layout(
    'Access declined',
    `<div class="card">
<h1>You declined</h1>
<p>${escape(app.name)} did not get access to your Zoom account. You can close this window.</p>
</div>`,
  );
}

/** The control page; assets/control.mjs fills it through the control API. */
export function controlPage() {
  return layout(
    'Zoom simulator: control',
    `<h1>Control page</h1>
<p>Play the part of Zoom: change passwords, deactivate people, remove the app, and see what the app asked for.</p>
<p id="status" class="status" role="status"></p>
<form id="token-form" class="card narrow" hidden>
<div class="field"><label for="token">Control token</label>
<input id="token" type="password" autocomplete="off" required></div>
<button class="primary" type="submit">Continue</button>
</form>
<div id="content" hidden>
<section>
<h2 id="users-title">Users</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="users-title"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Email</th><th scope="col">Password</th><th scope="col">Account</th><th scope="col">Phone</th><th scope="col">Status</th><th scope="col">Connected to</th><th scope="col">Actions</th></tr></thead>
<tbody id="users"></tbody></table></div>
</section>
<section>
<h2 id="ledger-title">Ledger</h2>
<p>The newest lines first; the complete ledger is at <code>/_control/ledger</code>.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="ledger-title"><table>
<thead><tr><th scope="col">No.</th><th scope="col">Time</th><th scope="col">What</th><th scope="col">Outcome</th><th scope="col">User</th><th scope="col">Details</th></tr></thead>
<tbody id="ledger"></tbody></table></div>
</section>
<section>
<h2>Switches</h2>
<p>What could not be confirmed about Zoom, or what you want to vary. A change counts at once, until the simulator restarts.</p>
<div id="switches" class="switches"></div>
</section>
</div>
<noscript><p class="problem">This page needs JavaScript. The control API below /_control/ works without it.</p></noscript>`,
    {
      wide: true,
      script: '<script type="module" src="/_assets/control.mjs"></script>\n',
    },
  );
}
