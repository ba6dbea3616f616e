// SPDX-License-Identifier: Apache-2.0
// Very many grants, sealed as the vault seals them and stored by COPY. Zoom does not know their users: their access tokens are young enough to be
// handed out as they are.
import { randomBytes, randomUUID } from 'node:crypto';
import { literal } from '../integration/lib/databases.mjs';
import { openField, sealedFields, sealField } from '../integration/lib/sealed-fields.mjs';

const rowsOfCopy = 1_000;
const projectId = 'demo';
/** About what Zoom's tokens are long. */
const padding = 'x'.repeat(600);

const hex = (bytes) => `\\\\x${bytes.toString('hex')}`;

export class BulkGrants {
  #linkIds = new Map();

  /** @param {object} stack see startStack @param {string} name in every user id */
  constructor(stack, name) {
    Object.assign(this, { stack, name });
  }

  userId(index) { return `${this.name}-${index}`; }

  /** What a field of a grant was sealed from. */
  plaintext(column, index) { return `${this.name} ${column} ${index} ${padding}`; }

  #rowsOf(index, epoch, appId, [now, later]) {
    const linkId = randomUUID();
    this.#linkIds.set(linkId, index);
    const userId = this.userId(index);
    const seal = (table, field, tokenVersion) => hex(sealField(epoch, { table, field, rowId: linkId, projectId, userId, generation: 1, tokenVersion }, this.plaintext(field, index)));
    const tag = () => hex(randomBytes(32));
    return {
      grant: [linkId, projectId, userId, appId, 1, 1, 'active', seal('grants', 'access_token', 1), seal('grants', 'refresh_token', 1), 'user:read:user', tag(), tag(), 1, now, now, later].join('\t'),
      profile: [linkId, 1, seal('grant_profiles', 'profile'), seal('grant_profiles', 'link_data_key'), epoch.keyEpoch].join('\t'),
    };
  }

  /**
   * @param {number} count @param {{keyEpoch: number, key: Buffer}} epoch the primary one
   * @param {(done: number) => void} [report]
   */
  async insert(count, epoch, report = () => {}) {
    const [{ zoom_app_id: appId }] = await this.stack.postgres.query('token_vault', `SELECT zoom_app_id FROM zoom_apps WHERE is_current AND project_id = ${literal(projectId)}`);
    const times = [0, 10 * 3_600_000].map((later) => new Date(Date.now() + later).toISOString());
    for (let from = 0; from < count; from += rowsOfCopy) {
      const rows = Array.from({ length: Math.min(rowsOfCopy, count - from) }, (_, index) => this.#rowsOf(from + index, epoch, appId, times));
      await this.stack.postgres.execute('token_vault', `BEGIN;
COPY grants (link_id, project_id, user_id, zoom_app_id, generation, token_version, state, access_token, refresh_token, scope, identity_tag, account_tag, tag_version, sent_at, stored_at, access_expires_at) FROM STDIN;
${rows.map(({ grant }) => grant).join('\n')}
\\.
COPY grant_profiles (link_id, generation, profile, link_data_key, key_epoch) FROM STDIN;
${rows.map(({ profile }) => profile).join('\n')}
\\.
COMMIT;`);
      report(from + rows.length);
    }
  }

  /**
   * Opens every field of these grants by hand.
   * @param {{keyEpoch: number, key: Buffer}} epoch
   * @returns {Promise<{fields: number, wrong: number}>} `wrong`: not opened by this key, or holding something else than was sealed
   */
  async verify({ key }) {
    const result = { fields: 0, wrong: 0 };
    for await (const { id, column, sealed } of sealedFields(this.stack.postgres)) {
      const index = this.#linkIds.get(id);
      if (index === undefined) continue;
      result.fields += 1;
      if (openField(key, sealed)?.toString() !== this.plaintext(column, index)) result.wrong += 1;
    }
    return result;
  }
}
