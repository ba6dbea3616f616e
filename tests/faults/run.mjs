// SPDX-License-Identifier: Apache-2.0
// Runs scenarios one after the other. Those that want the same stack share it, until one fails.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, tail, writeJson } from '../../deploy/local/files.mjs';
import { localDirectory } from '../../deploy/local/layout.mjs';
import { plentyOfRequests } from '../integration/lib/zoom-api.mjs';
import { startStack } from '../support-js/stack.mjs';
import { scenarios } from './catalogue.mjs';
import { Random } from './random.mjs';
import { World } from './world.mjs';

/** What a failed scenario leaves for whoever looks into it: the checker's whole input. */
export const evidenceDirectory = join(localDirectory, 'faults');

const shapes = {
  standard: { services: ['tokenVault', 'accountLink'], replicas: { tokenVault: 3, accountLink: 2 } },
  whole: {},
  requests: { services: ['tokenVault', 'accountLink', 'zoomApi'], replicas: { zoomApi: 3 } },
};

/** A quick run has short leases and gives Zoom little time; a full one has the product's own durations. */
const settings = (quick) => ({
  leaseMs: quick ? 11_000 : 15_000,
  overrides: {
    tokenVault: quick
      ? { zoom: { token_timeout_ms: 3_000 }, lifetimes: { lease_s: 11, sweep_interval_ms: 500, erasure_deadline_s: 10, revocation_in_request_s: 1 } }
      : { lifetimes: { sweep_interval_ms: 1_000 } },
    accountLink: { reconciler: { interval_ms: 200, grace_ms: 500 } },
    zoomApi: { rate_limits: plentyOfRequests, limits: { in_flight_per_user: 1_000 } },
  },
});

/**
 * @param {{names?: string[], quick: boolean}} options `names`: these only
 * @returns {{scenario: import('./catalogue.mjs').Scenario, mode: string}[]}
 */
export function selectionOf({ names, quick }) {
  const chosen = scenarios.filter(({ name, quick: inQuick }) => (names ? names.includes(name) : !quick || inQuick));
  return chosen.flatMap((scenario) => scenario.modes.map((mode) => ({ scenario, mode })));
}

/** What was done to processes, and every answer of Zoom that was spoilt. */
function countFaults({ faults, ledger }) {
  return faults.filter(({ kind }) => kind !== 'lease_ended').length + ledger.filter(({ type, outcome }) => type === 'fault_applied' || outcome === 'invalid_client').length;
}

/** The four figures and what else is known of a scenario; `ok` when every bar is met. */
function rowOf({ name, mode, seed, world, found, faults, bars, seconds }) {
  const counts = { lost: found.lost.length, doubled: found.doubled.length, unexplained: found.unexplained.length, resurrected: found.resurrected.length };
  return {
    name, mode, seed, faults, ...counts,
    windowLosses: found.windowLosses, orphans: found.orphans, calls: world.history.calls.length, seconds, bars,
    findings: ['lost', 'doubled', 'unexplained', 'resurrected'].flatMap((kind) => found[kind].slice(0, 20).map((text) => `${kind}: ${text}`)),
    ok: Object.values(counts).every((count) => count === 0) && bars.every(({ ok }) => ok),
  };
}

/** The end of the log of each service: a stack that broke off is removed. */
function lastWords(stack) {
  const replicas = stack ? [...stack.tokenVault, ...stack.accountLink, ...stack.zoomApi] : [];
  return replicas.map(({ name, logFile }) => `\n${name}:\n${tail(logFile, 4)}`).join('');
}

const empty = { faults: 0, lost: 0, doubled: 0, unexplained: 0, resurrected: 0 };

export class FaultRun {
  #stack;
  #shape;
  #worlds = 0;
  #present;

  /**
   * @param {{seed: string, quick: boolean, report?: (text: string) => void}} options `report` is told the progress
   */
  constructor({ seed, quick, report = () => {} }) {
    Object.assign(this, { seed, quick, report, settings: settings(quick) });
  }

  async #stackFor(shape) {
    if (this.#shape === shape) return this.#stack;
    await this.close();
    this.report(`a stack of the shape "${shape}" comes up`);
    this.#stack = await startStack({ ...shapes[shape], durable: true, overrides: this.settings.overrides });
    this.#shape = shape;
    return this.#stack;
  }

  /**
   * Runs a scenario in a mode.
   * @returns {Promise<object>} its row: {name, mode, seed, faults, lost, doubled, unexplained, resurrected, …, ok}; a scenario
   *   that could not be run to its end has `error`, one that cannot be run here `skipped`
   */
  async run({ scenario, mode }) {
    const { name } = scenario;
    const head = { name, mode, seed: this.seed };
    const reason = await scenario.unavailable?.();
    if (reason) return { ...head, ...empty, skipped: reason, bars: [], findings: [], ok: true };
    const began = performance.now();
    let world;
    try {
      const stack = await this.#stackFor(scenario.stack);
      this.#worlds += 1;
      world = new World(stack, {
        prefix: `${name}-${mode}-${this.#worlds}`, mode, random: new Random(`${this.seed}/${name}/${mode}`), quick: this.quick, leaseMs: this.settings.leaseMs,
      });
      this.#present = { scenario, world };
      await world.open();
      await scenario.run(world, this.report);
      const { evidence, ...found } = await world.judge();
      const bars = [...world.bars, ...(scenario.bars?.(found) ?? [])];
      const row = rowOf({ ...head, world, found, faults: countFaults(evidence), bars, seconds: Math.round((performance.now() - began) / 1000) });
      if (!row.ok) this.#keep(row, evidence);
      await scenario.cleanUp?.(world);
      if (scenario.spoilsStack) await this.close();
      return row;
    } catch (error) {
      const logs = lastWords(this.#stack);
      await Promise.resolve(world && scenario.cleanUp?.(world)).catch(() => {});
      const defects = await this.close().then(() => '', (defect) => `\n${defect.message}`);
      return { ...head, ...empty, faults: world?.history.faults.length ?? 0, bars: world?.bars ?? [], findings: [], error: `${[error.stack, ...(error.advice ?? [])].join('\n')}${error.cause ? `\ncause: ${error.cause.stack}` : ''}${logs}${defects}`, ok: false };
    } finally {
      this.#present = undefined;
      world?.close();
    }
  }

  #keep(row, evidence) {
    ensureDirectory(evidenceDirectory);
    row.evidence = writeJson(join(evidenceDirectory, `${row.name}-${row.mode}.json`), { row, evidence });
  }

  /** Ends everything in the middle of a scenario, without a judgement: somebody interrupted the run. */
  async abandon() {
    const { scenario, world } = this.#present ?? {};
    const { directory } = this.#stack ?? {};
    await Promise.resolve(world && scenario.cleanUp?.(world)).catch(() => {});
    // The interruption may have reached the processes as well.
    await this.close().catch(() => {});
    if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Ends the stack. @throws when a process misbehaved: a sanitizer's report, an end of its own */
  async close() {
    const stack = this.#stack;
    this.#stack = undefined;
    this.#shape = undefined;
    await stack?.stop();
  }
}
