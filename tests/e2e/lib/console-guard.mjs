// SPDX-License-Identifier: Apache-2.0
// Everything a browser complains about: console errors and warnings (a violation of the Content-Security-Policy is one),
// uncaught exceptions, requests that fail. A story ends well only when there was nothing it had not announced.

/** Chromium's own line for an answer with an error status; the page cannot prevent it. */
const failedLoad = /^Failed to load resource: /;

/** A call URI has no handler here, and leaving a page aborts what it was loading. */
const harmless = ({ url, error }) => error === 'net::ERR_ABORTED' || url.startsWith('zoomphonecall:');

export class ConsoleGuard {
  #complaints = [];
  #expected = [];

  /** @param {import('playwright-core').BrowserContext} context every page of it is watched */
  constructor(context) {
    context.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      this.#note({ text: message.text(), url: message.location().url, load: failedLoad.test(message.text()) });
    });
    context.on('weberror', (problem) => this.#note({ text: String(problem.error().stack ?? problem.error()), url: '' }));
    context.on('requestfailed', (request) => {
      const failure = { url: request.url(), error: request.failure()?.errorText ?? '' };
      if (!harmless(failure)) this.#note({ text: `request failed: ${failure.error}`, url: failure.url, load: true });
    });
  }

  #note(complaint) { this.#complaints.push(complaint); }

  /**
   * Announces requests that the story makes fail. Each has to fail at least once.
   * @param {RegExp} url
   * @param {RegExp} [text] of the complaint, e.g. a status
   */
  expectFailedLoad(url, text = /./) { this.#expected.push({ url, text, met: false }); }

  /** Takes the complaints that fit off the list. @returns {boolean} whether there were any */
  take(pattern) {
    const before = this.#complaints.length;
    this.#complaints = this.#complaints.filter(({ text }) => !pattern.test(text));
    return this.#complaints.length < before;
  }

  /** @returns {string[]} what was not announced, and announcements that nothing came of */
  problems() {
    const unannounced = this.#complaints.filter((complaint) => {
      const announced = this.#expected.filter(({ url, text }) => complaint.load && url.test(complaint.url) && text.test(complaint.text));
      for (const entry of announced) entry.met = true;
      return announced.length === 0;
    });
    return [
      ...unannounced.map(({ text, url }) => `${text} (${url || 'no address'})`),
      ...this.#expected.filter(({ met }) => !met).map(({ url }) => `a failed request was announced and did not happen: ${url}`),
    ];
  }
}
