// SPDX-License-Identifier: Apache-2.0
// Paths and queries that try to reach another path or host: a seeded attack grammar, and what may arrive.

const harmless = ['users', 'me', 'meetings', 'registrants', '89211000000', 'v2', 'a-b_c~d', '%E4%BC%9A', 'x%20y', 'phone', '=', '&', '/'];
const hostile = [
  '.', '..', '...', '/../', '/./', '//', '\\', '..\\', '%2e', '%2E%2e', '.%2e', '%252e%252e', '%25252e', '%2f', '%2F', '%252f', '%25252F', '%5c', '%255c',
  '..%2f', '%2e%2e%2f', '..%5c', '%2f..', '/..;/', ';', ';a=b', '%3b', '%u002e', '%c0%ae', '%c0%af', '%e0%80%af', '%ef%bc%8f', '%ef%bc%8e', '%E2%88%95',
  '％2e', 'ä', '\u202e', 'http://evil.example', 'https://', '//evil.example', '@evil.example', 'user:pw@', ':443', ':', 'file:///etc/passwd', '[::1]',
  '127.0.0.1', '169.254.169.254', 'oauth', 'token', '_control', 'reset', '?', '#', '%3f', '%23', '%00', '%0', '%0a', '%0d%0aHost:%20evil', '\r\n', '\n', '\t',
  ' ', '\x7f', '%7f', '%', '%2', '%zz', '%%', '+', '%2b', '*', '{', '}', '|', '<', '>', '"', '\'', '^', '`', '$', '!', '~', ',', '(', ')',
];
const all = [...harmless, ...hostile];
const base64 = 'ABCabcXYZxyz0189+///';

/**
 * One text of the grammar.
 * @param {import('../../faults/random.mjs').Random} random
 * @returns {string}
 */
export function hostileText(random) {
  const pick = (list) => list[random.integer(list.length)];
  const pieces = (list, most) => Array.from({ length: 1 + random.integer(most) }, () => pick(list) + (random.integer(3) === 0 ? '/' : '')).join('');
  switch (random.integer(5)) {
    case 0: return pieces(all, 8);
    case 1: return pieces(harmless, 8);
    case 2: return pieces(harmless, 5).replace(/\/+/g, '/').replace(/^\/|\/$/g, '') || 'users';
    case 3: {
      let uuid = `${Array.from({ length: 22 }, () => pick(base64)).join('')}==`;
      for (let rounds = random.integer(4); rounds > 0; rounds -= 1) uuid = encodeURIComponent(uuid);
      return `meetings/${uuid}${random.integer(4) === 0 ? pieces(all, 2) : ''}`;
    }
    default: return encodeURIComponent(pieces(all, 4).replace(/[\ud800-\udfff]/g, ''));
  }
}

const uuidForm = /^[A-Za-z0-9+/]{22}==$/;

/** The text, decoded as often as it takes. */
function fully(text) {
  for (let now = text, rounds = 0; ; rounds += 1) {
    const next = now.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (next === now || rounds > 8) return now;
    now = next;
  }
}

function faultOfSegment(segment) {
  if (!/^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})+$/.test(segment)) return 'characters outside the allowed alphabet';
  const meaning = fully(segment);
  if (meaning.includes('/') && uuidForm.test(meaning)) {
    const awkward = meaning.startsWith('/') || meaning.includes('//');
    const encoded = encodeURIComponent(meaning);
    return segment === (awkward ? encodeURIComponent(encoded) : encoded) ? null : 'a UUID in another encoding';
  }
  if (/^\.*$/.test(meaning)) return 'dots alone';
  return /[/\\?#;\x00-\x1f\x7f]/.test(meaning) ? 'a separator or control character' : null;
}

/**
 * What is wrong with a request that arrived.
 * @param {{path: string, query: string|null, host: string}} seen an entry `request_seen` of the simulator's ledger
 * @param {string} host the one that is allowed
 * @returns {string|null} null: of the allowed form
 */
export function faultOf({ path, query, host: given }, host) {
  if (given !== host) return `host ${given}`;
  if (!path.startsWith('/v2/')) return 'not below /v2/';
  for (const segment of path.slice('/v2/'.length).split('/')) {
    const fault = faultOfSegment(segment);
    if (fault) return `${fault} in ${segment}`;
  }
  const text = '(?:[A-Za-z0-9\\-._~]|%[0-9A-F]{2})';
  const form = new RegExp(`^${text}+=${text}*(?:&${text}+=${text}*)*$`);
  return query === null || form.test(query) ? null : 'a query outside the allowed form';
}
