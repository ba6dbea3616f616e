// SPDX-License-Identifier: Apache-2.0
// Verification of AWS Signature Version 4 in the Authorization header, written from the server's side: it recomputes the
// signature from the request as it arrived.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const allowedSkewMs = 5 * 60 * 1000;

function timeOf(stamp) {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp ?? '');
  return parts ? Date.UTC(parts[1], parts[2] - 1, parts[3], parts[4], parts[5], parts[6]) : NaN;
}

const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(url) {
  return [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&');
}

/**
 * @param {{method: string, url: string, headers: Record<string, string>, body: Buffer}} request as node:http has it
 * @param {{region: string, service: string, now: number, credentials: Record<string, {secret: string, sessionToken?: string}>}} expected
 * @returns {string|null} the AWS error type, or null when the request is signed as it should be
 */
export function verifySigV4({ method, url, headers, body }, { region, service, now, credentials }) {
  const match = pattern.exec(headers.authorization ?? '');
  if (!match) return headers.authorization ? 'IncompleteSignatureException' : 'MissingAuthenticationTokenException';
  const [, id, day, askedRegion, askedService, signedHeaders, signature] = match;
  const known = credentials[id];
  if (!known || (known.sessionToken ?? undefined) !== headers['x-amz-security-token']) return 'UnrecognizedClientException';
  const stamp = headers['x-amz-date'];
  if (!(Math.abs(timeOf(stamp) - now) <= allowedSkewMs) || !stamp.startsWith(day)) return 'InvalidSignatureException';
  if (askedRegion !== region || askedService !== service) return 'InvalidSignatureException';
  const names = signedHeaders.split(';');
  const mustSign = ['host', ...Object.keys(headers).filter((name) => name === 'x-amz-date' || name === 'x-amz-target' || name === 'x-amz-security-token')];
  if (names.join() !== [...names].sort().join() || mustSign.some((name) => !names.includes(name))) return 'InvalidSignatureException';
  const target = new URL(url, 'http://stand-in');
  const canonical = [
    method, target.pathname, canonicalQuery(target),
    ...names.map((name) => `${name}:${String(headers[name] ?? '').trim().replace(/ +/g, ' ')}`), '',
    signedHeaders, sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce((secret, part) => hmac(secret, part), `AWS4${known.secret}`);
  const wanted = hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`);
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex')) ? null : 'InvalidSignatureException';
}
