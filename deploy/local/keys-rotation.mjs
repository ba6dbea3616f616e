// SPDX-License-Identifier: Apache-2.0
// `deploy/dev keys status|rotate|retire`: the rotation of the vault's key epochs. Each verb goes on where an earlier run
// was cut off: what is done shows in the key-ring file and in the vault's answers.
import { join } from 'node:path';
import { UserError } from './errors.mjs';
import { addKey, epochsIn, notePrimary, removeKey } from './keys-ring.mjs';
import { localDirectory, stackLayout } from './layout.mjs';
import { CallRefused, operatorCall } from './operator-call.mjs';
import { decode, encodeNumbers } from './protobuf.mjs';
import { waitFor } from './processes.mjs';
import { readState } from './state.mjs';

const stateNames = ['unspecified', 'added', 'primary', 'readable', 'retired', 'destroyed'];

// proto/shodan/tokenvault/v1/keys.proto
const epochType = {
  1: ['keyEpoch', 'int'], 2: ['state', 'int'], 3: ['fingerprint', 'string'], 4: ['createTime', 'time'], 5: ['promoteTime', 'time'],
  6: ['replaceTime', 'time'], 7: ['retireTime', 'time'], 8: ['destroyTime', 'time'], 9: ['rowCount', 'int'], 10: ['replicaCount', 'int'],
};
const replicaType = {
  1: ['replica', 'string'], 2: ['primaryEpoch', 'int'], 3: ['keyEpochs', ['int']], 4: ['problem', 'string'], 5: ['reportTime', 'time'], 6: ['live', 'bool'],
};
const statusType = { 1: ['epochs', [epochType]], 2: ['replicas', [replicaType]] };

/** A replica counts for a minute after its last report, so one that died holds a rotation up for as long. */
const reportsDeadlineMs = 90_000;
const rewrapDeadlineMs = 3_600_000;

/** The key administration of one vault. */
export class KeyAdministration {
  /** @param {{target: string, caFile: string, certificateFile: string, privateKeyFile: string, keyRingFile: string}} access */
  constructor(access) {
    this.access = access;
  }

  #call(method, request = {}) {
    return operatorCall(this.access, `/shodan.tokenvault.v1.TokenVaultService/${method}`, encodeNumbers(request), 30_000);
  }

  /** @returns {Promise<{epochs: object[], replicas: object[]}>} state as a word */
  async status() {
    const { epochs, replicas } = decode(statusType, await this.#call('GetKeyStatus'));
    return { epochs: epochs.map((epoch) => ({ ...epoch, state: stateNames[epoch.state] })), replicas };
  }

  promote(keyEpoch) { return this.#call('RotateKeys', { 1: keyEpoch }); }
  retire(keyEpoch) { return this.#call('RetireKeys', { 1: keyEpoch }); }
  destroy(keyEpoch) { return this.#call('DestroyKeys', { 1: keyEpoch }); }

  async #until(check, deadlineMs, complaint) {
    if (await waitFor(async () => check(await this.status()), deadlineMs, 250)) return;
    throw new UserError(complaint, 'Look at `deploy/dev keys status`, then run the same command again: it goes on from here.');
  }

  /**
   * Adds a key, promotes it, and waits until nothing is left under the former ones.
   * @param {(text: string) => void} report
   * @returns {Promise<number>} the new primary epoch
   */
  async rotate(report) {
    const { keyRingFile } = this.access;
    const before = await this.status();
    const primary = before.epochs.find(({ state }) => state === 'primary').keyEpoch;
    const known = [...before.epochs.map(({ keyEpoch }) => keyEpoch), ...epochsIn(keyRingFile)];
    // An interrupted run may have got as far as adding a key, or as promoting it.
    const rewrapping = before.epochs.some(({ state, rowCount }) => state === 'readable' && rowCount > 0);
    const next = rewrapping ? primary : epochsIn(keyRingFile).find((epoch) => epoch > primary) ?? Math.max(...known) + 1;
    if (!rewrapping) await this.#addAndPromote(next, report);
    notePrimary(keyRingFile, next);
    report(`key epoch ${next}: primary; sealing again what is left under the others`);
    let shown = -1;
    await this.#until(({ epochs }) => {
      const left = epochs.filter(({ state }) => state === 'readable').reduce((sum, { rowCount }) => sum + rowCount, 0);
      if (left !== shown) report(`rows left: ${left}`);
      shown = left;
      return left === 0;
    }, rewrapDeadlineMs, 'rows are still sealed under former key epochs.');
    return next;
  }

  async #addAndPromote(next, report) {
    addKey(this.access.keyRingFile, next);
    report(`key epoch ${next}: added; waiting until every replica has it`);
    await this.#until(({ epochs, replicas }) => {
      const live = replicas.filter((replica) => replica.live);
      return live.length > 0 && epochs.find(({ keyEpoch }) => keyEpoch === next)?.replicaCount === live.length;
    }, reportsDeadlineMs, `not every replica has taken over the key-ring file with key epoch ${next}.`);
    await this.promote(next);
  }

  /**
   * Retires former epochs without rows, removes their keys from the key-ring file, and records that they are gone.
   * @param {(text: string) => void} report
   * @returns {Promise<number[]>} the epochs destroyed
   */
  async retireUnused(report) {
    const destroyed = [];
    const { epochs } = await this.status();
    // A file must name a primary epoch that it holds; an interrupted rotation may have left the former one.
    notePrimary(this.access.keyRingFile, epochs.find(({ state }) => state === 'primary').keyEpoch);
    for (const { keyEpoch, state } of epochs.filter((epoch) => ['readable', 'retired'].includes(epoch.state))) {
      if (state === 'readable') await this.#retireWhenUnused(keyEpoch, report);
      removeKey(this.access.keyRingFile, keyEpoch);
      report(`key epoch ${keyEpoch}: retired, its key removed; waiting until no replica has it`);
      await this.#until(({ epochs: now }) => now.find((epoch) => epoch.keyEpoch === keyEpoch).replicaCount === 0, reportsDeadlineMs,
        `replicas still have the key of key epoch ${keyEpoch}.`);
      await this.destroy(keyEpoch);
      report(`key epoch ${keyEpoch}: destroyed`);
      destroyed.push(keyEpoch);
    }
    return destroyed;
  }

  /** Tokens that a disconnect has just moved out of the way are gone within a minute. */
  async #retireWhenUnused(keyEpoch, report) {
    report(`key epoch ${keyEpoch}: retiring`);
    let refusal;
    const retired = await waitFor(() => this.retire(keyEpoch).then(() => true, (error) => {
      if (!(error instanceof CallRefused) || error.reason !== 'KEY_EPOCH_IN_USE') throw error;
      refusal = error;
      return false;
    }), reportsDeadlineMs, 500);
    if (!retired) throw refusal;
  }
}

/** The vault of `deploy/dev up`. */
function localAdministration() {
  const running = readState().processes.find(({ name }) => name === 'token-vault');
  if (!running) throw new UserError('the token-vault does not run.', 'Run: deploy/dev up --detach');
  const layout = stackLayout(localDirectory);
  const file = (name) => join(layout.certificates, name);
  return new KeyAdministration({
    target: `localhost:${running.ports.main}`,
    caFile: file('ca.pem'), certificateFile: file('operator.pem'), privateKeyFile: file('operator.key'),
    keyRingFile: join(layout.keys, 'key-ring.json'),
  });
}

/** @param {{epochs: object[], replicas: object[]}} status @returns {string} for people */
export function statusText({ epochs, replicas }) {
  const lines = ['key epoch  state      fingerprint       rows        replicas  primary since'];
  for (const { keyEpoch, state, fingerprint, rowCount, replicaCount, promoteTime } of epochs) {
    const cells = [String(keyEpoch).padEnd(9), state.padEnd(9), fingerprint, String(rowCount).padEnd(10), String(replicaCount).padEnd(8), promoteTime ?? ''];
    lines.push(cells.join('  ').trimEnd());
  }
  for (const { replica, primaryEpoch, keyEpochs, problem, live } of replicas.filter((item) => item.live || item.problem)) {
    const what = `${live ? 'live' : 'silent'}, has ${keyEpochs.join(', ')}, seals under ${primaryEpoch}`;
    lines.push(`replica ${replica}: ${what}${problem ? `; its key-ring file was not taken over: ${problem}` : ''}`);
  }
  return lines.join('\n');
}

/** @param {string[]} args 'status' [--json], 'rotate' or 'retire' */
export async function keys(args) {
  const say = (text) => process.stdout.write(`${text}\n`);
  const [verb, ...rest] = args;
  if (!['status', 'rotate', 'retire'].includes(verb) || !(rest.length === 0 || (verb === 'status' && rest.join(' ') === '--json'))) {
    throw new UserError('keys takes one of: status [--json], rotate, retire.');
  }
  const administration = localAdministration();
  if (verb === 'status') {
    const status = await administration.status();
    if (rest.length > 0) say(JSON.stringify(status));
    else say(statusText(status));
  } else if (verb === 'rotate') {
    say(`key epoch ${await administration.rotate(say)} is primary, nothing is left under the others. Next: deploy/dev keys retire`);
  } else {
    const destroyed = await administration.retireUnused(say);
    say(destroyed.length > 0 ? `destroyed: ${destroyed.join(', ')}` : 'no former key epoch is left');
  }
}
