// SPDX-License-Identifier: Apache-2.0
// `deploy/dev keys status|rotate|retire`: the rotation of the vault's key epochs and of its tag key. Each verb goes on where
// an earlier run was cut off: what is done shows in the key-ring file and in the vault's answers.
import { join } from 'node:path';
import { UserError } from './errors.mjs';
import { addKey, addTagKey, epochsIn, keepTagKey, notePrimary, removeKey, tagVersionsIn } from './keys-ring.mjs';
import { localDirectory, stackLayout } from './layout.mjs';
import { CallRefused, operatorCall } from './operator-call.mjs';
import { decode, encodeNumbers } from './protobuf.mjs';
import { waitFor } from './processes.mjs';
import { readState } from './state.mjs';

const tagStateNames = ['unspecified', 'added', 'next', 'current', 'former', 'retired'];
const stateNames = ['unspecified', 'added', 'primary', 'readable', 'retired', 'destroyed'];

// proto/shodan/tokenvault/v1/keys.proto
const epochType = {
  1: ['keyEpoch', 'int'], 2: ['state', 'int'], 3: ['fingerprint', 'string'], 4: ['createTime', 'time'], 5: ['promoteTime', 'time'],
  6: ['replaceTime', 'time'], 7: ['retireTime', 'time'], 8: ['destroyTime', 'time'], 9: ['rowCount', 'int'], 10: ['replicaCount', 'int'],
};
const replicaType = {
  1: ['replica', 'string'], 2: ['primaryEpoch', 'int'], 3: ['keyEpochs', ['int']], 4: ['problem', 'string'], 5: ['reportTime', 'time'], 6: ['live', 'bool'],
  7: ['tagVersion', 'int'], 8: ['nextTagVersion', 'int'], 9: ['tagVersions', ['int']],
};
const tagVersionType = {
  1: ['tagVersion', 'int'], 2: ['state', 'int'], 3: ['fingerprint', 'string'], 4: ['createTime', 'time'], 5: ['beginTime', 'time'],
  6: ['promoteTime', 'time'], 7: ['replaceTime', 'time'], 8: ['retireTime', 'time'], 9: ['rowsLeft', 'int'], 10: ['replicaCount', 'int'],
};
const scheduleType = { 1: ['rotationDueTime', 'time'], 2: ['overdueTime', 'time'] };
const statusType = { 1: ['epochs', [epochType]], 2: ['replicas', [replicaType]], 3: ['schedule', scheduleType], 4: ['tagVersions', [tagVersionType]] };

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

  /** @returns {Promise<{epochs: object[], replicas: object[], tagVersions: object[], schedule: object|null}>} state as a word */
  async status() {
    const { epochs, replicas, tagVersions, schedule } = decode(statusType, await this.#call('GetKeyStatus'));
    return {
      epochs: epochs.map((epoch) => ({ ...epoch, state: stateNames[epoch.state] })), replicas,
      tagVersions: tagVersions.map((version) => ({ ...version, state: tagStateNames[version.state] })),
      schedule,
    };
  }

  promote(keyEpoch) { return this.#call('RotateKeys', { 1: keyEpoch }); }
  retire(keyEpoch) { return this.#call('RetireKeys', { 1: keyEpoch }); }
  destroy(keyEpoch) { return this.#call('DestroyKeys', { 1: keyEpoch }); }

  beginTags(tagVersion) { return this.#call('BeginTagRotation', { 1: tagVersion }); }
  switchTags(tagVersion) { return this.#call('SwitchTags', { 1: tagVersion }); }
  retireTagKey(tagVersion) { return this.#call('RetireTagKey', { 1: tagVersion }); }

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
  #retireWhenUnused(keyEpoch, report) {
    report(`key epoch ${keyEpoch}: retiring`);
    return this.#whenNothingIsLeft(() => this.retire(keyEpoch), ['KEY_EPOCH_IN_USE']);
  }

  /** Repeats a step that is refused for one of these reasons, as long as a replica or a revocation may take. */
  async #whenNothingIsLeft(step, reasons) {
    let refusal;
    const done = await waitFor(() => step().then(() => true, (error) => {
      if (!(error instanceof CallRefused) || !reasons.includes(error.reason)) throw error;
      refusal = error;
      return false;
    }), reportsDeadlineMs, 500);
    if (!done) throw refusal;
  }

  /** Waits until the background pass has left no row of a tag version in a state. */
  async #untilTagged(version, state, report) {
    let shown = -1;
    await this.#until(({ tagVersions }) => {
      const { rowsLeft, state: now } = tagVersions.find(({ tagVersion }) => tagVersion === version);
      if (now !== state) return true;
      if (rowsLeft !== shown) report(`rows left: ${rowsLeft}`);
      shown = rowsLeft;
      return rowsLeft === 0;
    }, rewrapDeadlineMs, 'rows wait for their new tags.');
  }

  /**
   * Adds a tag key, has every row tagged under it too, makes it current, and waits until no tag under the former is left.
   * @param {(text: string) => void} report
   * @returns {Promise<number>} the current tag version
   */
  async rotateTags(report) {
    const { keyRingFile } = this.access;
    const { tagVersions } = await this.status();
    const inState = (wanted) => tagVersions.find(({ state }) => state === wanted)?.tagVersion;
    // An interrupted run may have got as far as the switch.
    const former = inState('former');
    if (former !== undefined) {
      await this.#untilTagged(former, 'former', report);
      return inState('current');
    }
    const current = inState('current');
    const known = [...tagVersions.map(({ tagVersion }) => tagVersion), ...tagVersionsIn(keyRingFile)];
    const next = inState('next') ?? tagVersionsIn(keyRingFile).find((version) => version > current) ?? Math.max(...known) + 1;
    addTagKey(keyRingFile, next);
    report(`tag version ${next}: added; waiting until every replica has it`);
    await this.#until(({ tagVersions: now, replicas }) => {
      const live = replicas.filter((replica) => replica.live);
      return live.length > 0 && now.find(({ tagVersion }) => tagVersion === next)?.replicaCount === live.length;
    }, reportsDeadlineMs, `not every replica has taken over the key-ring file with tag version ${next}.`);
    await this.beginTags(next);
    report(`tag version ${next}: in use beside ${current}; tagging what lacks it`);
    await this.#untilTagged(next, 'next', report);
    await this.#whenNothingIsLeft(() => this.switchTags(next), ['TAG_ROWS_LEFT', 'TAG_KEY_NOT_ON_ALL_REPLICAS']);
    report(`tag version ${next}: current; replacing the tags under ${current}`);
    await this.#untilTagged(current, 'former', report);
    return next;
  }

  /**
   * Retires the former tag version and removes its key from the key-ring file.
   * @param {(text: string) => void} report
   * @returns {Promise<number[]>} the versions whose keys went
   */
  async retireFormerTags(report) {
    const { keyRingFile } = this.access;
    const { tagVersions } = await this.status();
    const current = tagVersions.find(({ state }) => state === 'current').tagVersion;
    const former = tagVersions.find(({ state }) => state === 'former')?.tagVersion;
    if (former !== undefined) {
      report(`tag version ${former}: retiring`);
      await this.#whenNothingIsLeft(() => this.retireTagKey(former), ['TAG_ROWS_LEFT']);
    }
    const retired = (await this.status()).tagVersions.filter(({ state }) => state === 'retired').map(({ tagVersion }) => tagVersion);
    const gone = retired.filter((version) => tagVersionsIn(keyRingFile).includes(version));
    if (gone.length === 0) return [];
    keepTagKey(keyRingFile, current);
    report(`tag version ${gone.join(', ')}: retired, its key removed; waiting until no replica has it`);
    await this.#until(({ tagVersions: now }) => now.every(({ tagVersion, replicaCount }) => !gone.includes(tagVersion) || replicaCount === 0),
      reportsDeadlineMs, `replicas still have the key of tag version ${gone.join(', ')}.`);
    return gone;
  }
}

async function rotateOrRetireTags(administration, verb, say) {
  if (verb === 'rotate') {
    say(`tag version ${await administration.rotateTags(say)} is current, no tag is left under another. Next: deploy/dev keys retire --tags`);
    return;
  }
  const retired = await administration.retireFormerTags(say);
  say(retired.length > 0 ? `retired: tag version ${retired.join(', ')}` : 'no former tag key is left');
}

/** The vault of `deploy/dev up`. */
function localAdministration() {
  const running = readState().processes.find(({ name }) => name === 'token-vault');
  if (!running) throw new UserError('the token-vault does not run.', 'Run: deploy/dev up --detach');
  const layout = stackLayout(localDirectory);
  const file = (name) => join(layout.certificates, name);
  return new KeyAdministration({
    // The address it listens on: "localhost" may name another one first.
    target: `127.0.0.1:${running.ports.main}`,
    serverName: 'localhost',
    caFile: file('ca.pem'), certificateFile: file('operator.pem'), privateKeyFile: file('operator.key'),
    keyRingFile: join(layout.keys, 'key-ring.json'),
  });
}

/** @param {{epochs: object[], replicas: object[], tagVersions: object[]}} status @returns {string} for people */
export function statusText({ epochs, replicas, tagVersions, schedule }) {
  const lines = ['key epoch  state      fingerprint       rows        replicas  primary since'];
  for (const { keyEpoch, state, fingerprint, rowCount, replicaCount, promoteTime } of epochs) {
    const cells = [String(keyEpoch).padEnd(9), state.padEnd(9), fingerprint, String(rowCount).padEnd(10), String(replicaCount).padEnd(8), promoteTime ?? ''];
    lines.push(cells.join('  ').trimEnd());
  }
  if (schedule?.overdueTime) lines.push(`overdue since: ${schedule.overdueTime} (rotate and retire; until then receipts of disconnects name no date for backups)`);
  else if (schedule?.rotationDueTime) lines.push(`next rotation due: ${schedule.rotationDueTime}`);
  lines.push('tag version  state    fingerprint       rows left  replicas  current since');
  for (const { tagVersion, state, fingerprint, rowsLeft, replicaCount, promoteTime } of tagVersions) {
    const cells = [String(tagVersion).padEnd(11), state.padEnd(7), fingerprint.padEnd(16), String(rowsLeft).padEnd(9), String(replicaCount).padEnd(8), promoteTime ?? ''];
    lines.push(cells.join('  ').trimEnd());
  }
  for (const { replica, primaryEpoch, keyEpochs, problem, live } of replicas.filter((item) => item.live || item.problem)) {
    const what = `${live ? 'live' : 'silent'}, has ${keyEpochs.join(', ')}, seals under ${primaryEpoch}`;
    lines.push(`replica ${replica}: ${what}${problem ? `; its key-ring file was not taken over: ${problem}` : ''}`);
  }
  return lines.join('\n');
}

/** @param {string[]} args 'status' [--json], 'rotate' or 'retire' [--tags] */
export async function keys(args) {
  const say = (text) => process.stdout.write(`${text}\n`);
  const [verb, ...rest] = args;
  const option = { status: '--json', rotate: '--tags', retire: '--tags' }[verb];
  if (option === undefined || !(rest.length === 0 || rest.join(' ') === option)) {
    throw new UserError('keys takes one of: status [--json], rotate [--tags], retire [--tags].');
  }
  const administration = localAdministration();
  if (rest[0] === '--tags') {
    await rotateOrRetireTags(administration, verb, say);
    return;
  }
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
