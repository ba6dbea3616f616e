// SPDX-License-Identifier: Apache-2.0
// Sites that are not the gateway's: a server of its own under names that every browser looks for on this machine.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { dirname } from 'node:path';
import { issueServerCertificate } from '../../../deploy/local/authority.mjs';

const names = { ours: 'app.localhost', strangers: 'evil.localhost' };

export class OtherSite {
  #files = new Map();

  /** Takes a port; nobody is answered before certify(). @returns {Promise<OtherSite>} */
  static async listen() {
    const site = new OtherSite();
    site.server = createServer((request, response) => site.#answer(request, response));
    await new Promise((resolve) => { site.server.listen(0, '127.0.0.1', resolve); });
    return site;
  }

  /** @param {string} caFile of the authority that a story's browser trusts */
  async certify(caFile) {
    const files = await issueServerCertificate(dirname(caFile), 'other-site', Object.values(names).map((name) => `DNS:${name}`));
    this.server.setSecureContext({ cert: readFileSync(files.certificateFile), key: readFileSync(files.privateKeyFile) });
  }

  #originOf(name) { return `https://${name}:${this.server.address().port}`; }

  /** Of a site that uses the project, and of one that nobody knows. */
  get origin() { return this.#originOf(names.ours); }
  get strangersOrigin() { return this.#originOf(names.strangers); }

  /** Puts a file on both sites. @returns {string} its path */
  put(path, type, body) {
    this.#files.set(path, { type, body });
    return path;
  }

  #answer({ url }, response) {
    const file = this.#files.get(new URL(url, this.origin).pathname);
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.body ?? 'nothing');
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
