// SPDX-License-Identifier: Apache-2.0
//
// Times, durations and regions in the reader's language (Intl).

const UNITS = [['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60]];

/**
 * "5 minutes ago". Anything within 45 s of now is "just now": clocks of browser and server differ.
 * @param {string} time RFC 3339
 */
export function relativeTime(time, now = Date.now(), locale = 'en') {
  const seconds = (Date.parse(time) - now) / 1000;
  if (Number.isNaN(seconds)) return '';
  if (Math.abs(seconds) < 45) return 'just now';
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length * 0.95) ?? UNITS[UNITS.length - 1];
  const amount = Math.round(seconds / size) || Math.sign(seconds);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(amount, unit);
}

/** "21 Nov 2025, 10:31" in the reader's time zone. */
export function absoluteTime(time, { locale = 'en-GB', timeZone } = {}) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return '';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
}

/** 75 → "1 min 15 s"; 0 and absent → "". */
export function duration(seconds) {
  if (!Number.isFinite(seconds) || seconds <= 0) return '';
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Math.floor(seconds % 60);
  return [hours && `${hours} h`, minutes && `${minutes} min`, !hours && rest && `${rest} s`].filter(Boolean).join(' ');
}

/** "JP" → "Japan"; "" for codes that are not a region (international freephone, say). */
export function regionName(region, locale = 'en') {
  if (!/^[A-Z]{2}$/.test(region ?? '')) return '';
  try {
    const name = new Intl.DisplayNames([locale], { type: 'region' }).of(region);
    return name === region ? '' : name;
  } catch {
    return '';
  }
}

/** Length as the API counts it: code points, not UTF-16 units. */
export function characterCount(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** First words of a text, for the accessible name of its buttons. */
export function excerpt(text, limit = 40) {
  const line = text.trim().replace(/\s+/gu, ' ');
  const characters = Array.from(line);
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('').trimEnd()}…`;
}
