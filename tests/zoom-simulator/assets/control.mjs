// SPDX-License-Identifier: Apache-2.0
// The control page: shows users, ledger and switches, and acts through the control API.
const TOKEN_KEY = 'zoom-simulator-control-token';
const SHOWN_LINES = 40;

const part = (id) => document.getElementById(id);
const say = (text) => {
  part('status').textContent = text;
};

class Unauthorized extends Error {}

async function call(method, path, input) {
  const token = sessionStorage.getItem(TOKEN_KEY);
  const answer = await fetch(`/_control${path}`, {
    method,
    headers: {
      ...(input ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: input && JSON.stringify(input),
  });
  if (answer.status === 401) throw new Unauthorized('The control token is missing or wrong.');
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error?.message ?? `The simulator answered ${answer.status}.`);
  return result;
}

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

const cell = (...children) => element('td', {}, ...children);

function actionButton(label, name, act, disabled = false) {
  const button = element('button', { type: 'button', className: 'secondary', textContent: label, disabled });
  button.setAttribute('aria-label', `${label}: ${name}`);
  button.addEventListener('click', () => attempt(act));
  return button;
}

async function attempt(act) {
  try {
    say(await act());
    await showUsers();
  } catch (error) {
    refuse(error);
  }
}

function refuse(error) {
  say(error.message);
  if (!(error instanceof Unauthorized)) return;
  part('content').hidden = true;
  part('token-form').hidden = false;
  part('token').focus();
}

// "cherry-1" becomes "cherry-2": a person has to type it.
function nextPassword(old) {
  const match = /^(.*?)(\d+)$/.exec(old);
  return match ? `${match[1]}${Number(match[2]) + 1}` : `${old}-2`;
}

function userRow(user) {
  const change = (input, text) => async () => {
    await call('PATCH', `/users/${encodeURIComponent(user.id)}`, input);
    return text;
  };
  const password = nextPassword(user.password);
  const active = user.status === 'active';
  const actions = cell(
    actionButton(
      'Change password',
      user.display_name,
      change({ password }, `${user.display_name} has a new password: ${password}`),
    ),
    active
      ? actionButton(
          'Deactivate',
          user.display_name,
          change({ status: 'inactive' }, `${user.display_name} is deactivated.`),
        )
      : actionButton(
          'Activate',
          user.display_name,
          change({ status: 'active' }, `${user.display_name} is active again.`),
        ),
    actionButton(
      'Remove app',
      user.display_name,
      async () => {
        for (const { client_id: clientId } of user.connected) {
          await call('POST', `/users/${encodeURIComponent(user.id)}/remove-app`, { client_id: clientId });
        }
        return `${user.display_name} removed the app.`;
      },
      user.connected.length === 0,
    ),
  );
  actions.className = 'actions-cell';
  return element(
    'tr',
    {},
    cell(user.display_name),
    cell(user.email),
    cell(element('code', { textContent: user.password })),
    cell(user.account_id.slice(0, 6)),
    cell(user.zoom_phone ? 'Yes' : 'No'),
    cell(active ? 'Active' : 'Deactivated'),
    cell(user.connected.map((app) => app.app_name).join(', ') || 'nothing'),
    actions,
  );
}

async function showUsers() {
  const { users } = await call('GET', '/users');
  // Focus stays where it was, although the rows are new.
  const focused = document.activeElement?.closest?.('#users button')?.getAttribute('aria-label');
  part('users').replaceChildren(...users.map(userRow));
  if (!focused) return;
  const name = focused.slice(focused.indexOf(':'));
  const buttons = [...part('users').querySelectorAll('button:not(:disabled)')];
  const same = buttons.find((button) => button.getAttribute('aria-label') === focused);
  (same ?? buttons.find((button) => button.getAttribute('aria-label').endsWith(name)))?.focus();
}

function switchControl(description, value) {
  const { name, label, kind, values } = description;
  const id = `switch-${name}`;
  const send = async (chosen) => {
    try {
      await call('PATCH', '/switches', { [name]: chosen });
      say(`${label}: changed.`);
    } catch (error) {
      refuse(error);
    }
  };
  const technical = element('code', { textContent: name });
  const caption = element('label', { htmlFor: id, textContent: label });
  if (kind === 'boolean') {
    const box = element('input', { type: 'checkbox', id, checked: value });
    box.setAttribute('role', 'switch');
    box.addEventListener('change', () => send(box.checked));
    return element('div', { className: 'switch' }, element('div', { className: 'row' }, box, caption), technical);
  }
  const input = values
    ? element(
        'select',
        { id },
        ...values.map((choice) =>
          element('option', { value: choice, textContent: choice, selected: choice === value }),
        ),
      )
    : element('input', { type: 'number', id, min: 0, value });
  input.addEventListener('change', () => send(typeof value === 'number' ? Number(input.value) : input.value));
  return element('div', { className: 'switch' }, caption, input, technical);
}

async function showSwitches() {
  const [{ switches }, values] = await Promise.all([call('GET', '/switches/descriptions'), call('GET', '/switches')]);
  part('switches').replaceChildren(
    ...switches.map((description) => switchControl(description, values[description.name])),
  );
}

function detailsOf(entry) {
  const names = [
    'client_id',
    'grant_id',
    'refresh_token_id',
    'access_token_id',
    'changed',
    'reason',
    'event',
    'attempt',
    'status',
    'request_id',
  ];
  return names
    .filter((name) => entry[name] !== undefined && entry[name] !== null)
    .map((name) => `${name} ${entry[name]}`)
    .join(', ');
}

function ledgerRow(entry, names) {
  const details = cell(detailsOf(entry));
  details.className = 'long';
  return element(
    'tr',
    {},
    cell(String(entry.seq)),
    cell(entry.time.slice(11, 23)),
    cell(entry.type.replaceAll('_', ' ')),
    cell(String(entry.outcome ?? '').replaceAll('_', ' ')),
    cell(names.get(entry.user_id) ?? entry.user_id ?? ''),
    details,
  );
}

/** Follows the ledger by long polls; a user's row changes with it. */
async function followLedger() {
  let { last: after } = await call('GET', '/ledger?limit=0');
  after = Math.max(0, after - SHOWN_LINES);
  for (;;) {
    const { timed_out: timedOut } = await call('GET', `/ledger/wait?after=${after}&timeout_ms=60000`);
    if (timedOut) continue;
    const { entries, next_after: next } = await call('GET', `/ledger?after=${after}&limit=10000`);
    after = next;
    const { users } = await call('GET', '/users');
    const names = new Map(users.map((user) => [user.id, user.display_name]));
    const rows = entries
      .slice(-SHOWN_LINES)
      .reverse()
      .map((entry) => ledgerRow(entry, names));
    part('ledger').prepend(...rows);
    while (part('ledger').rows.length > SHOWN_LINES) part('ledger').deleteRow(-1);
    await showUsers();
  }
}

async function start() {
  try {
    await Promise.all([showUsers(), showSwitches()]);
    part('token-form').hidden = true;
    part('content').hidden = false;
    say('');
    await followLedger();
  } catch (error) {
    refuse(
      error instanceof TypeError
        ? new Error('The simulator does not answer. Reload this page when it runs again.')
        : error,
    );
  }
}

part('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN_KEY, part('token').value);
  start();
});

start();
