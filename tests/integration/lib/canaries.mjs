// SPDX-License-Identifier: Apache-2.0
// Searching for what must not be anywhere: texts in every shape in which they might have been written.
import { run } from '../../../deploy/local/processes.mjs';

const percent = (text) => [...Buffer.from(text)].map((byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}).join('');

const jsonEscaped = (text) => [...text].flatMap((character) => (character.codePointAt(0) < 0x80
  ? [JSON.stringify(character).slice(1, -1)]
  : character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))).join('');

/** The part of a text's base64 that is the same whatever stands before and after it, for each of three alignments. */
function base64Cores(text, encoding) {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString(encoding).replace(/=+$/, '');
    const complete = Math.floor((shift + Buffer.byteLength(text)) / 3) * 4;
    return encoded.slice(shift === 0 ? 0 : 4, complete);
  });
}

/** @returns {string[]} a text raw, in base64, base64url, hex, percent-encoded and JSON-escaped */
export function shapesOf(text) {
  const hex = Buffer.from(text).toString('hex');
  const encoded = percent(text);
  const escaped = jsonEscaped(text);
  const shapes = [
    text, ...base64Cores(text, 'base64'), ...base64Cores(text, 'base64url'), hex, hex.toUpperCase(), encoded, encoded.toLowerCase(), encodeURIComponent(text),
    encoded.replaceAll('%20', '+'), escaped, escaped.toUpperCase().replaceAll('\\U', '\\u'), text.replaceAll('"', '\\"').replaceAll('/', '\\/'),
  ];
  return [...new Set(shapes)].filter((shape) => shape.length >= 6);
}

/**
 * Looks for texts below directories, in files as they are on disk.
 * @param {Record<string, string>} texts by what they are, for the report; each long enough to be no coincidence
 * @param {string[]} places files and directories
 * @returns {Promise<string[]>} "FILE: WHAT" for each file and text that was found
 */
export async function findTexts(texts, places) {
  const whatIs = new Map(Object.entries(texts).flatMap(([what, text]) => shapesOf(text).map((shape) => [shape, what])));
  const result = await run('grep', ['-raoF', '--no-messages', '-H', '-Z', '-f', '-', '--', ...places],
    { environment: { LC_ALL: 'C' }, input: [...whatIs.keys()].join('\n') });
  if (result.status > 1) throw new Error(`grep failed: ${result.stderr}`);
  const found = result.stdout.split('\n').filter(Boolean).map((line) => {
    const [file, match] = line.split('\0');
    return `${file}: ${whatIs.get(match) ?? match}`;
  });
  return [...new Set(found)].sort();
}
