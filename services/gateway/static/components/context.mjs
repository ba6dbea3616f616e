// SPDX-License-Identifier: Apache-2.0
//
// What the components of one page share: one API client, one link status, one batch of call
// links, one cache of calls, per (base URL, project).
//
//   import { configureZoomPhone } from '/components/context.mjs';
//   configureZoomPhone({ project: 'demo', settingsUrl: '/settings/integrations' });
//
// Attributes `project` and `base-url` on a component win over this.

import { ApiClient } from './api-client.mjs';
import { CallLinkBatcher } from './call-link-batcher.mjs';
import { LinkStore } from './link-store.mjs';

const defaults = { project: '', baseUrl: '', settingsUrl: '/app/settings/integrations', getToken: undefined, navigate: undefined };
const contexts = new Map();

/**
 * Sets the defaults of all components; call it before the first one is connected.
 * @param {object} options
 * @param {string} [options.project] @param {string} [options.baseUrl] @param {string} [options.settingsUrl]
 * @param {() => (string|Promise<string>)} [options.getToken] session JWT where the page has no cookie
 * @param {(uri:string) => void} [options.navigate] hands a call URI to the operating system; for
 *   hosts that do it themselves (a desktop shell, a test). Default: the page navigates to it.
 */
export function configureZoomPhone(options) {
  Object.assign(defaults, options);
}

/**
 * Events of a context: "call-created" {call}, "note-for-call" {call}, "signed-out".
 */
export class ZoomPhoneContext extends EventTarget {
  constructor({ project, baseUrl, settingsUrl, getToken, navigate }) {
    super();
    this.settingsUrl = settingsUrl;
    this.navigate = navigate;
    this.client = new ApiClient({ project, baseUrl, getToken });
    this.link = new LinkStore((options) => this.client.getLink(options));
    this.callLinks = new CallLinkBatcher((request) => this.client.buildCallLinks(request));
    /** Calls seen on this page by id, so that a note can name its call. */
    this.calls = new Map();
    /** Unsaved note texts by record, so that leaving a screen loses nothing. */
    this.drafts = new Map();
  }

  emit(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  /** Tells the host page once a request says that the session has ended. */
  noticeError(error) {
    if (error?.isSignedOut) this.emit('signed-out');
  }
}

/** The context of a component, from its attributes and the defaults. */
export function contextOf(element) {
  const project = element.getAttribute('project') || defaults.project;
  const baseUrl = element.getAttribute('base-url') ?? defaults.baseUrl;
  if (!project) throw new TypeError(`<${element.localName}>: set the attribute "project" or call configureZoomPhone`);
  const key = `${baseUrl}|${project}`;
  if (!contexts.has(key)) contexts.set(key, new ZoomPhoneContext({ ...defaults, project, baseUrl }));
  return contexts.get(key);
}
