// SPDX-License-Identifier: Apache-2.0
// Searching for what must not be anywhere: texts and keys in every shape in which they might have been written.
import { run } from '../../../deploy/local/processes.mjs';

const percent = (text) => [...Buffer.from(text)].map((byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}).join('');

const jsonEscaped = (text) => [...text].flatMap((character) => (character.codePointAt(0) < 0x80
  ? [JSON.stringify(character).slice(1, -1)]
  : character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))).join('');

/** The part of a base64 that is the same whatever stands before and after the bytes, for each of three alignments. */
function base64Cores(bytes, encoding) {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding).replace(/=+$/, '');
    const complete = Math.floor((shift + bytes.length) / 3) * 4;
    return encoded.slice(shift === 0 ? 0 : 4, complete);
  });
}

/** Of bytes the longest run that a line-oriented search can look for. */
function longestRun(bytes) {
  const runs = bytes.toString('latin1').split(/[\n\0]/);
  return Buffer.from(runs.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), ''), 'latin1');
}

function shapesOfBytes(bytes) {
  const hex = bytes.toString('hex');
  return [...base64Cores(bytes, 'base64'), ...base64Cores(bytes, 'base64url'), hex, hex.toUpperCase()];
}

function shapesOfText(text) {
  const encoded = percent(text);
  const escaped = jsonEscaped(text);
  const json = JSON.stringify(text).slice(1, -1);
  // Where JSON stands within JSON all of it is escaped again; in a dump only backslashes are.
  const again = [json, escaped].flatMap((inner) => [JSON.stringify(inner).slice(1, -1), inner.replaceAll('\\', '\\\\')]);
  return [
    text, ...shapesOfBytes(Buffer.from(text)), encoded, encoded.toLowerCase(), encodeURIComponent(text), encoded.replaceAll('%20', '+'),
    escaped, escaped.replace(/\\u[0-9a-f]{4}/g, (unit) => `\\u${unit.slice(2).toUpperCase()}`), json, json.replaceAll('/', '\\/'), ...again,
  ];
}

/**
 * @param {string|Buffer} content a text, or the bytes of a key
 * @returns {Buffer[]} it raw, in base64 and base64url at each alignment, hex in both cases; a text also percent-encoded, JSON-escaped and in
 *   UTF-16
 */
export function shapesOf(content) {
  const shapes = typeof content === 'string'
    ? [...shapesOfText(content).map((text) => Buffer.from(text)), Buffer.from(content, 'utf16le')]
    : [longestRun(content), ...shapesOfBytes(content).map((text) => Buffer.from(text))];
  const searchable = shapes.filter((shape) => shape.length >= 6 && !shape.includes('\n'));
  return [...new Map(searchable.map((shape) => [shape.toString('latin1'), shape])).values()];
}

/** How many shapes a search looks for. */
export const countShapes = (contents) => Object.values(contents).reduce((sum, content) => sum + shapesOf(content).length, 0);

/**
 * Looks for texts below directories, in files as they are on disk.
 * @param {Record<string, string|Buffer>} contents by what they are, for the report; each long enough to be no coincidence
 * @param {string[]} places files and directories
 * @returns {Promise<{file: string, what: string}[]>} an entry for each file and content that was found
 */
export async function findContents(contents, places) {
  const shapes = Object.entries(contents).flatMap(([what, content]) => shapesOf(content).map((shape) => ({ what, shape })));
  if (shapes.length === 0 || places.length === 0) return [];
  const whatIs = new Map(shapes.map(({ what, shape }) => [shape.toString(), what]));
  const input = Buffer.concat(shapes.flatMap(({ shape }, index) => (index === 0 ? [shape] : [Buffer.from('\n'), shape])));
  const result = await run('grep', ['-raoF', '--no-messages', '-H', '-Z', '-f', '-', '--', ...places], { environment: { LC_ALL: 'C' }, input });
  // 2: a file went away while it was looked for.
  if (result.status > 1 && result.stderr) throw new Error(`grep failed: ${result.stderr}`);
  const found = new Map();
  for (const line of result.stdout.split('\n').filter(Boolean)) {
    const end = line.indexOf('\0');
    const [file, match] = [line.slice(0, end), line.slice(end + 1)];
    const what = whatIs.get(match) ?? 'a shape of several contents';
    found.set(`${file}\0${what}`, { file, what });
  }
  return [...found.values()].sort((a, b) => (`${a.file}: ${a.what}` < `${b.file}: ${b.what}` ? -1 : 1));
}

/** findContents() as sentences: "FILE: WHAT". */
export async function findTexts(contents, places) {
  return (await findContents(contents, places)).map(({ file, what }) => `${file}: ${what}`);
}

/** The data of a Zoom user that no coincidence brings about; `word` is in all of it. */
export const canaryUser = (word, number = 0) => ({
  id: `Zu${word}xyz01abcdefghijklm`.slice(0, 22), account_id: `Za${word}xyz02abcdefghijklm`.slice(0, 22),
  email: `kanarie.${word.toLowerCase()}@vogel-${word.toLowerCase()}.example`, first_name: `Kanarienvogel${word}`, last_name: `Von der ${word}burg`,
  display_name: `金糸雀 ${word} "Tweety" Käfig`, phone_number: `+8145550${1000 + number}`,
});

/** @param {object[]} zoomUsers @returns {Record<string, string>} everything that Zoom told about them */
export const personalDataOf = (zoomUsers) => Object.fromEntries(zoomUsers.flatMap((zoomUser) =>
  ['id', 'account_id', 'email', 'first_name', 'last_name', 'display_name', 'phone_number'].map((key) => [`${key} of ${zoomUser.email}`, zoomUser[key]])));
