// SPDX-License-Identifier: Apache-2.0
// Sign-in sessions of browsers, and authorization requests on their way through the pages.
import { randomText } from './random.mjs';

const COOKIE = 'zoom_simulator_session';
const REQUEST_LIFETIME_MS = 3_600_000;
const MOST_REQUESTS = 50_000;

const identifier = () => randomText(18);

/** In memory only: after a restart people sign in again. */
export class Sessions {
  #userOf = new Map();
  #requests = new Map();

  constructor({ users, secureCookie }) {
    Object.assign(this, { users, secureCookie });
  }

  /** The user who is signed in with this browser; null when nobody is. */
  userOf(context) {
    const id = cookieOf(context.headers.cookie);
    const userId = id && this.#userOf.get(id);
    return userId ? this.users.get(userId) : null;
  }

  /** Signs a user in. @returns the set-cookie value */
  signIn(user) {
    const id = identifier();
    this.#userOf.set(id, user.id);
    return this.#cookie(id);
  }

  /** Signs this browser out. @returns the set-cookie value */
  signOut(context) {
    this.#userOf.delete(cookieOf(context.headers.cookie));
    return `${this.#cookie('')}; Max-Age=0`;
  }

  /** Ends all sessions of a user, as a change of password does. */
  endAllOf(user) {
    for (const [id, userId] of this.#userOf) if (userId === user.id) this.#userOf.delete(id);
  }

  /** Keeps a checked authorization request while its user signs in. @returns its id, not guessable */
  keepRequest(request) {
    // Insertion order is age order, so that the oldest go first.
    for (const [id, { kept_at: keptAt }] of this.#requests) {
      if (this.#requests.size < MOST_REQUESTS && Date.now() - keptAt < REQUEST_LIFETIME_MS) break;
      this.#requests.delete(id);
    }
    const id = identifier();
    this.#requests.set(id, { ...request, kept_at: Date.now(), location: null });
    return id;
  }

  /** The kept request; null when it is unknown or too old. */
  request(id) {
    return this.#requests.get(id) ?? null;
  }

  clear() {
    this.#userOf.clear();
    this.#requests.clear();
  }

  #cookie(value) {
    return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax${this.secureCookie ? '; Secure' : ''}`;
  }
}

function cookieOf(header) {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE) return value;
  }
  return null;
}
