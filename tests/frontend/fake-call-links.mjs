// SPDX-License-Identifier: Apache-2.0
//
// Call links of the fake gateway: a small model of number normalisation for four regions, enough
// to show every reason and notice of the API. It is no numbering plan.

const PLANS = {
  JP: {
    code: '81', trunk: '0', lengths: [9, 10], emergency: ['110', '118', '119'],
    known: /^(?:[1-9]\d{8}|[5789]0\d{8})$/,
    split: (n) => (n.length === 10 ? [n.slice(0, 2), n.slice(2, 6), n.slice(6)]
      : n.startsWith('120') ? [n.slice(0, 3), n.slice(3, 6), n.slice(6)]
        : /^[36]/.test(n) ? [n.slice(0, 1), n.slice(1, 5), n.slice(5)] : [n.slice(0, 2), n.slice(2, 5), n.slice(5)]),
    join: '-',
  },
  GB: {
    code: '44', trunk: '0', lengths: [9, 10], emergency: ['999', '112', '101', '111'],
    known: /^(?:[123]\d{8,9}|74\d{8}|75\d{8})$/,
    split: (n) => (n.startsWith('2') ? [n.slice(0, 2), n.slice(2, 6), n.slice(6)] : n.startsWith('7') ? [n.slice(0, 4), n.slice(4)] : [n.slice(0, 3), n.slice(3, 6), n.slice(6)]),
    join: ' ',
  },
  US: {
    code: '1', trunk: '1', lengths: [10], emergency: ['911', '988', '112'],
    known: /^(?!555)[2-9]\d{2}[2-9]\d{6}$/,
    split: (n) => [n.slice(0, 3), n.slice(3, 6), n.slice(6)], join: '-',
  },
  DE: {
    code: '49', trunk: '0', lengths: [6, 7, 8, 9, 10, 11, 12, 13], emergency: ['110', '112'],
    known: /^(?:[2-9]\d{5,12}|1[567]\d{8,9})$/,
    split: (n) => (n.startsWith('1') ? [n.slice(0, 4), n.slice(4)] : [n.slice(0, 2), n.slice(2)]), join: ' ',
  },
};
const BY_CODE = Object.entries(PLANS).sort(([, a], [, b]) => b.code.length - a.code.length);
const DETAILS = {
  NUMBER_EMPTY: 'number: must not be empty',
  NUMBER_TOO_LONG: 'number: must have at most 250 bytes',
  NUMBER_NOT_A_NUMBER: 'number: is not a phone number',
  NUMBER_TOO_SHORT: 'number: has too few digits',
  NUMBER_TOO_MANY_DIGITS: 'number: has more than 15 digits',
  NUMBER_REGION_REQUIRED: 'number: has no country code; set defaultRegion',
  NUMBER_UNKNOWN_COUNTRY_CODE: 'number: the country code does not exist',
  NUMBER_IMPOSSIBLE_LENGTH: 'number: has a length that does not exist in this country',
  NUMBER_EMERGENCY: 'number: emergency and short numbers are not dialled',
  NUMBER_REGION_INVALID: 'defaultRegion: is not an ISO 3166-1 alpha-2 code',
};
const ALLOWED = /^[+\d\s().\-/‐-―−]*$/u;
const EXTENSION = /\s*(?:;ext=|,|ext\.?|extension|x|#)\s*(\d{1,7})\s*$/iu;

/**
 * One call link as the API returns it.
 * @param {string} input @param {string} defaultRegion
 */
export function buildCallLink(input, defaultRegion) {
  const refuse = (reason) => ({
    input, ok: false, callUri: null, telUri: null, e164: null, national: null, international: null, region: null, notice: null,
    error: { reason, detail: DETAILS[reason] },
  });
  if (Buffer.byteLength(input) > 250) return refuse('NUMBER_TOO_LONG');
  const text = input.normalize('NFKC').trim();
  if (!text) return refuse('NUMBER_EMPTY');
  if (defaultRegion && !Object.hasOwn(PLANS, defaultRegion)) return refuse('NUMBER_REGION_INVALID');
  const extension = EXTENSION.exec(text)?.[1] ?? '';
  const main = extension ? text.replace(EXTENSION, '') : text;
  if (!ALLOWED.test(main)) return refuse('NUMBER_NOT_A_NUMBER');
  if (main.replace(/[^\d]/g, '').length > 24) return refuse('NUMBER_NOT_A_NUMBER');
  return resolve({ input, main, extension, defaultRegion, refuse });
}

function resolve({ input, main, extension, defaultRegion, refuse }) {
  const plan = PLANS[defaultRegion];
  let digits = main.replace(/\(0\)/, '').replace(/[^\d]/g, '');
  if (!digits) return refuse('NUMBER_NOT_A_NUMBER');
  const international = main.trimStart().startsWith('+') || (defaultRegion && defaultRegion !== 'US' && digits.startsWith('00'));
  if (!international && Object.values(PLANS).some(({ emergency }) => emergency.includes(digits))) return refuse('NUMBER_EMERGENCY');
  if (digits.length < 3) return refuse('NUMBER_TOO_SHORT');
  if (!international && !plan) return refuse('NUMBER_REGION_REQUIRED');
  let region = defaultRegion;
  if (international) {
    if (!main.trimStart().startsWith('+')) digits = digits.slice(2);
    if (digits.length > 15) return refuse('NUMBER_TOO_MANY_DIGITS');
    const found = BY_CODE.find(([, { code }]) => digits.startsWith(code));
    if (!found) return refuse('NUMBER_UNKNOWN_COUNTRY_CODE');
    region = found[0];
    digits = digits.slice(found[1].code.length);
  } else if (digits.startsWith(plan.trunk) && digits.length > plan.lengths[0]) digits = digits.slice(plan.trunk.length);
  const { code, lengths } = PLANS[region];
  if (code.length + digits.length > 15) return refuse('NUMBER_TOO_MANY_DIGITS');
  if (!lengths.includes(digits.length)) return refuse('NUMBER_IMPOSSIBLE_LENGTH');
  return accepted({ input, region, digits, extension });
}

function accepted({ input, region, digits, extension }) {
  const { code, trunk, split, join, known } = PLANS[region];
  const e164 = `+${code}${digits}`;
  const parts = split(digits).join(join);
  let notice = null;
  if (!known.test(digits)) notice = { reason: 'NUMBER_OUTSIDE_KNOWN_RANGES', detail: 'number: is outside of the known ranges' };
  else if (extension) notice = { reason: 'EXTENSION_NOT_DIALLED', detail: `number: extension ${extension} is not dialled` };
  return {
    input, ok: true,
    callUri: `zoomphonecall://${e164}`,
    telUri: `tel:${e164}${extension ? `;ext=${extension}` : ''}`,
    e164,
    national: region === 'US' ? `(${parts.slice(0, 3)}) ${parts.slice(4)}` : trunk + parts,
    international: `+${code} ${parts}`,
    region, notice, error: null,
  };
}
