// SPDX-License-Identifier: Apache-2.0

import { h } from './dom.mjs';
import { setBusy } from './feedback.mjs';

/**
 * A list read page by page: skeleton, rows, "Show more", empty state, error with retry. Records
 * that arrive twice (added here, then again with a page) are shown once.
 *
 * @template T
 * @typedef {object} PagedListOptions
 * @property {(page:{pageSize:number, pageToken?:string}, options:{signal:AbortSignal}) => Promise<{items:T[], nextPageToken?:string}>} load
 * @property {(item:T) => string} idOf
 * @property {(item:T) => HTMLElement} row
 * @property {() => HTMLElement[]} skeleton
 * @property {() => HTMLElement} empty
 * @property {(error:unknown, retry:() => void) => HTMLElement} failed
 * @property {(error:unknown) => void} onError
 * @property {() => void} [onAppended] rows of another page were added
 * @property {() => void} onReady the first page is shown, or its failure
 * @property {number} pageSize
 * @property {string} more label of the button
 * @property {string} loading text for assistive technology
 */
export class PagedList {
  #options;
  #rows = new Map();
  #list;
  #foot;
  #next = '';
  #stop = null;
  #ready = false;

  /** @param {PagedListOptions} options */
  constructor(options) {
    this.#options = options;
    this.#list = h('ul', { class: 'records' });
    this.#foot = h('div', { class: 'foot' });
    this.element = h('div', { class: 'list', 'aria-busy': 'true' }, this.#list, this.#foot);
  }

  /** Reads the first page. Rows that are shown stay until the new ones are there. */
  async load() {
    this.stop();
    const { signal } = (this.#stop = new AbortController());
    if (!this.#ready) {
      this.#foot.replaceChildren(h('span', { class: 'visually-hidden', text: this.#options.loading }), ...this.#options.skeleton());
    }
    this.element.setAttribute('aria-busy', 'true');
    try {
      const page = await this.#options.load({ pageSize: this.#options.pageSize }, { signal });
      this.#ready = true;
      this.#clear();
      this.#append(page);
    } catch (error) {
      if (error.kind === 'aborted') return;
      this.#options.onError(error);
      if (!this.#ready) this.#foot.replaceChildren(h('div', { class: 'pad', role: 'alert' }, this.#options.failed(error, () => { this.load(); })));
    }
    this.element.setAttribute('aria-busy', 'false');
    this.#options.onReady();
  }

  stop() { this.#stop?.abort(); }

  prepend(item) {
    if (this.#rows.has(this.#options.idOf(item))) return;
    const row = this.#options.row(item);
    this.#rows.set(this.#options.idOf(item), row);
    this.#list.prepend(row);
    if (this.#ready) this.#renderFoot();
  }

  replace(item) {
    const id = this.#options.idOf(item);
    const row = this.#options.row(item);
    this.#rows.get(id)?.replaceWith(row);
    this.#rows.set(id, row);
    return row;
  }

  /** @returns {HTMLElement|null} the row that took its place, for the focus */
  remove(id) {
    const row = this.#rows.get(id);
    if (!row) return null;
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#rows.delete(id);
    this.#renderFoot();
    return neighbour;
  }

  #clear() {
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  #append({ items, nextPageToken }) {
    const added = [];
    for (const item of items) {
      const id = this.#options.idOf(item);
      if (this.#rows.has(id)) continue;
      const row = this.#options.row(item);
      this.#rows.set(id, row);
      added.push(row);
    }
    this.#list.append(...added);
    this.#next = nextPageToken ?? '';
    this.#renderFoot();
    this.#options.onAppended?.();
    return added;
  }

  #renderFoot() {
    if (this.#rows.size === 0 && !this.#next) this.#foot.replaceChildren(this.#options.empty());
    else if (!this.#next) this.#foot.replaceChildren();
    else {
      const button = h('button', { type: 'button', class: 'button compact', text: this.#options.more, on: { click: () => this.#more(button) } });
      this.#foot.replaceChildren(h('div', { class: 'pad' }, button));
    }
  }

  async #more(button) {
    if (button.getAttribute('aria-disabled')) return;
    setBusy(button, true);
    try {
      const page = await this.#options.load({ pageSize: this.#options.pageSize, pageToken: this.#next }, { signal: this.#stop.signal });
      const [first] = this.#append(page);
      // The button is gone or moved: continue reading at the first new record.
      if (first) { first.tabIndex = -1; first.focus({ preventScroll: true }); }
    } catch (error) {
      if (error.kind === 'aborted') return;
      this.#options.onError(error);
      setBusy(button, false);
      this.#foot.replaceChildren(h('div', { class: 'pad', role: 'alert' },
        this.#options.failed(error, () => { this.#renderFoot(); this.#foot.querySelector('button')?.click(); })));
    }
  }
}
