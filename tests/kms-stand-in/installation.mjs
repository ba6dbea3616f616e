// SPDX-License-Identifier: Apache-2.0
// A KMS with one key, AWS's client from npm as the operator who wraps with it, and an instance whose role may unwrap.
import { randomBytes } from 'node:crypto';
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InstanceMetadata } from './instance-metadata.mjs';
import { KmsStandIn } from './server.mjs';

const region = 'eu-central-1';
const vault = { id: 'ASIAVAULT', secret: 'vault secret', sessionToken: 'session' };
const operator = { id: 'AKIDOPERATOR', secret: 'operator secret' };

export const alias = 'alias/shodan';

// Node 20 serves here; which Node AWS's newest client wants is of no interest to whoever runs a test.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** What binds a wrapped key to its entry of the ring. */
const contextOf = (name, id) => ({ shodan: 'key-ring', [name]: String(id) });

export class KmsInstallation {
  async start() {
    this.kms = await new KmsStandIn({
      region, credentials: { [vault.id]: { secret: vault.secret, sessionToken: vault.sessionToken }, [operator.id]: { secret: operator.secret } },
    }).start();
    this.kms.createKey(alias);
    this.client = new KMSClient({ region, endpoint: this.kms.endpoint, credentials: { accessKeyId: operator.id, secretAccessKey: operator.secret } });
    this.metadata = await new InstanceMetadata(vault).start();
    return this;
  }

  async stop() {
    this.client?.destroy();
    await this.metadata?.stop();
    await this.kms?.stop();
  }

  /** The vault's "kms". */
  get configuration() {
    return { region, endpoint: this.kms.endpoint, credentials: { source: 'instance_metadata', url: this.metadata.url } };
  }

  /**
   * @param {'key_epoch'|'tag_version'} name @param {number} id @param {string} state @param {Buffer} [key] default: a new one
   * @returns {Promise<object>} an entry of a key ring
   */
  async wrapped(name, id, state, key = randomBytes(32)) {
    const { CiphertextBlob } = await this.client.send(new EncryptCommand({ KeyId: alias, Plaintext: key, EncryptionContext: contextOf(name, id) }));
    return { [name]: id, state, kms_key_id: alias, wrapped_key: Buffer.from(CiphertextBlob).toString('base64') };
  }

  /** @param {object} entry of a key ring @returns {Promise<Buffer>} its key, as everybody gets it whom the KMS lets decrypt */
  async unwrapped({ key_epoch: epoch, tag_version: version, kms_key_id: keyId, wrapped_key: blob }) {
    const context = epoch === undefined ? contextOf('tag_version', version) : contextOf('key_epoch', epoch);
    const { Plaintext } = await this.client.send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: Buffer.from(blob, 'base64'), EncryptionContext: context }));
    return Buffer.from(Plaintext);
  }
}
