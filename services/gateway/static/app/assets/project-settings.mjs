// SPDX-License-Identifier: Apache-2.0
//
// <shodan-project-settings>: Settings → Administration → Project. Who may sign in, from where, and where the OAuth flow ends.

import { contextOf } from '/components/context.mjs';
import { define, h } from '/components/dom.mjs';
import { confirmDialog, liveRegion, loadError, messageBox, setBusy, skeletonRows } from '/components/feedback.mjs';
import { describeError } from '/components/messages.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from '/components/styles.mjs';
import { field, FormProblems, formSheet } from './administration-form.mjs';

/** The members of a token issuer, as they are shown. */
const ISSUER = [
  { name: 'issuer', label: 'Issuer', hint: 'The claim iss, exactly.' },
  { name: 'audience', label: 'Audience', hint: 'What the claim aud has to hold.' },
  { name: 'jwksUrl', label: 'URL of its keys (JWKS)', hint: 'Empty where the keys are given below.' },
  { name: 'jwks', label: 'Keys (JWKS)', area: true, hint: 'Public keys only. Empty where a URL is given.' },
  { name: 'userClaim', label: 'Claim of the user' },
  { name: 'nameClaim', label: 'Claim of the name' },
  { name: 'roleClaim', label: 'Claim of the roles' },
  { name: 'adminRole', label: 'Role of administrators', hint: 'Empty: nobody of this issuer is one.' },
];
const NEW_ISSUER = { issuer: '', audience: '', jwksUrl: null, jwks: null, userClaim: 'sub', nameClaim: 'name', roleClaim: 'roles', adminRole: null };

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** "tokenIssuers[1].jwksUrl" and "origins[2]" as the ids of the form's fields. */
export const fieldOfProblem = (name) => name.replace(/^tokenIssuers\[(\d+)\]\.?(\w*)$/, (_, index, member) => `issuer${index}-${member || 'issuer'}`).replace(/\[.*/, '');

export class ShodanProjectSettings extends HTMLElement {
  #context = null;
  #root = null;
  #live = liveRegion();
  #settings = null;
  #parts = {};
  #problems = null;

  connectedCallback() {
    this.#context = contextOf(this);
    if (this.#root) return;
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, formSheet];
    this.#problems = new FormProblems(this.#root, (...content) => this.#parts.result.replaceChildren(...content));
    this.#load();
  }

  async #load() {
    this.#root.replaceChildren(h('section', { class: 'card', 'aria-busy': 'true' }, skeletonRows(4, 'field')));
    try {
      this.#settings = await this.#context.client.getProjectSettings();
      this.#render();
    } catch (error) {
      this.#context.noticeError(error);
      this.#root.replaceChildren(h('section', { class: 'card' }, loadError('The project could not be loaded', describeError(error), () => this.#load())));
    }
  }

  #render(message = null) {
    const { displayName, settingsUrl, origins, tokenIssuers } = this.#settings;
    const text = (value) => h('input', { type: 'text', value, autocomplete: 'off', spellcheck: 'false' });
    const parts = {
      displayName: text(displayName),
      settingsUrl: text(settingsUrl),
      origins: h('textarea', { spellcheck: 'false', text: origins.join('\n') }),
      issuers: h('div', { class: 'issuers' }),
      result: h('div', { class: 'result', role: 'status', tabindex: '-1' }),
      save: h('button', { type: 'submit', class: 'button primary', text: 'Save' }),
    };
    this.#parts = parts;
    this.#root.replaceChildren(this.#live.element, h('section', { class: 'card', 'aria-labelledby': 'project' },
      h('h2', { id: 'project', text: 'Project' }),
      h('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.#save(); } } },
        field({ name: 'displayName', label: 'Name', input: parts.displayName, hint: `Users see it while they connect. The project's id is ${this.#settings.projectId}.` }),
        field({ name: 'settingsUrl', label: 'Settings URL', input: parts.settingsUrl, hint: 'Where the browser comes back to from Zoom; a page of one of the origins below.' }),
        field({ name: 'origins', label: 'Allowed origins', input: parts.origins, hint: 'One a line, such as https://crm.example.com. Pages of other origins are refused.' }),
        h('h3', { text: 'Token issuers' }),
        h('p', { class: 'muted', text: 'Whose session tokens are accepted. Take care: without the right one nobody gets in.' }),
        parts.issuers,
        h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button compact', text: 'Add an issuer', on: { click: () => this.#addIssuer() } })),
        parts.result,
        h('div', { class: 'actions' }, parts.save))));
    this.#showIssuers(tokenIssuers);
    if (message) parts.result.replaceChildren(message);
  }

  #showIssuers(issuers) {
    this.#parts.issuers.replaceChildren(...issuers.map((issuer, index) => h('fieldset', { 'data-index': index },
      h('legend', { text: issuer.issuer || 'New issuer' }),
      ISSUER.map(({ name, label, hint, area }) => field({
        name: `issuer${index}-${name}`, label, hint,
        input: area ? h('textarea', { spellcheck: 'false', text: issuer[name] ?? '' }) : h('input', { type: 'text', value: issuer[name] ?? '', autocomplete: 'off', spellcheck: 'false' }),
      })),
      issuers.length > 1 && h('div', { class: 'actions' }, h('button', {
        type: 'button', class: 'button compact', text: 'Remove this issuer', 'aria-label': `Remove the issuer ${issuer.issuer || 'that is new'}`,
        on: { click: () => this.#removeIssuer(index) },
      })))));
  }

  #issuers() {
    return [...this.#parts.issuers.children].map((_, index) => Object.fromEntries(ISSUER.map(({ name }) => {
      const value = this.#root.getElementById(`field-issuer${index}-${name}`).value.trim();
      return [name, value === '' && NEW_ISSUER[name] === null ? null : value];
    })));
  }

  #addIssuer() {
    const issuers = this.#issuers();
    this.#showIssuers([...issuers, NEW_ISSUER]);
    this.#root.getElementById(`field-issuer${issuers.length}-issuer`).focus();
  }

  #removeIssuer(index) {
    const issuers = this.#issuers();
    this.#showIssuers(issuers.filter((_, at) => at !== index));
    this.#live.say(`Issuer ${issuers[index].issuer} removed. Save to make it so.`);
    this.#parts.save.focus();
  }

  /** What differs from the settings as they were loaded. */
  #change() {
    const { displayName, settingsUrl, origins } = this.#parts;
    const entered = {
      displayName: displayName.value.trim(), settingsUrl: settingsUrl.value.trim(),
      origins: origins.value.split(/\s+/).filter(Boolean), tokenIssuers: this.#issuers(),
    };
    return Object.fromEntries(Object.entries(entered).filter(([name, value]) => !same(value, this.#settings[name])));
  }

  async #save() {
    this.#problems.clear();
    const change = this.#change();
    if (Object.keys(change).length === 0) {
      this.#parts.result.replaceChildren(messageBox({ tone: 'info', title: 'Nothing was changed' }));
      return;
    }
    if (this.#parts.save.getAttribute('aria-disabled')) return;
    if (change.tokenIssuers && !await this.#confirmIssuers()) return;
    setBusy(this.#parts.save, true);
    try {
      this.#settings = await this.#context.client.updateProjectSettings({ ...change, etag: this.#settings.etag });
      this.#render(messageBox({ tone: 'success', title: 'Project saved', detail: 'Every part of Shodan Pro follows within 30 seconds.' }));
      this.#parts.result.focus();
    } catch (error) {
      this.#context.noticeError(error);
      this.#problems.fail(error, { title: 'Somebody else changed the project', load: () => this.#load() }, fieldOfProblem);
    } finally {
      setBusy(this.#parts.save, false);
    }
  }

  #confirmIssuers() {
    return confirmDialog(this.#root, {
      title: 'Change who may sign in?', confirm: 'Change', danger: true,
      body: [h('p', { text: 'Sessions of an issuer that is removed or changed end within 30 seconds, your own included. If nobody can sign in any more, an operator has to correct the projects file.' })],
    });
  }
}

define('shodan-project-settings', ShodanProjectSettings);
