// SPDX-License-Identifier: Apache-2.0
// One process of a test's stack, to be killed and restarted at will.
import { readFileSync } from 'node:fs';
import { identityOf, isAlive, start, stop } from './processes.mjs';
import { forget, waitUntilReady } from './specification.mjs';

const sanitizerReport = /ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error: /;

export class Replica {
  #specification;
  #options;
  #child;
  #identity;
  #exit = Promise.resolve({ status: null, signal: null });
  #expectedToEnd = false;
  #surprises = [];

  /**
   * @param {import('./specification.mjs').Specification} specification
   * @param {{deadlineMs: number, reconfigure: Function}} options `reconfigure(service, index, changes)` answers a
   *   specification with another configuration
   */
  constructor(specification, options) {
    this.#specification = specification;
    this.#options = options;
  }

  get name() { return this.#specification.name; }
  /** The service's name; undefined for a data store or the simulator. */
  get service() { return this.#specification.service; }
  get ports() { return this.#specification.ports; }
  get pid() { return this.#identity?.pid; }
  get logFile() { return this.#specification.logFile; }
  get configFile() { return this.#specification.configFile; }
  /** What a gRPC client connects to. */
  get target() { return `localhost:${this.ports.grpc}`; }
  /** Base URL of /healthz, /readyz and /metrics. */
  get adminUrl() { return `http://127.0.0.1:${this.ports.admin}`; }
  get isAlive() { return isAlive(this.#identity); }
  /** Resolves with {status, signal} once the present process has ended. */
  get exited() { return this.#exit; }
  /** Everything the process has written. */
  get log() { return readFileSync(this.logFile, 'utf8'); }

  /** Starts the process; with `wait` false, without waiting for its readiness. */
  async start({ wait = true } = {}) {
    forget(this.#specification);
    this.#expectedToEnd = false;
    this.#child = start({ ...this.#specification, lifetime: 'parent' });
    this.#identity = identityOf(this.#child);
    this.#exit = new Promise((resolve) => {
      const done = (status, signal) => resolve({ status, signal });
      this.#child.once('exit', done);
      this.#child.once('error', () => done(127, null));
    });
    this.#exit.then(({ status, signal }) => this.#judge(status, signal));
    if (wait) await this.ready();
  }

  #judge(status, signal) {
    if (!this.#expectedToEnd) this.#surprises.push(`${this.name} ended on its own (${signal ?? `status ${status}`})`);
  }

  ready() {
    return waitUntilReady(this.#specification, this.#identity, this.#options.deadlineMs);
  }

  /**
   * Sends a signal; for one that ends a process, resolves when it has ended.
   * @param {NodeJS.Signals} [signal]
   */
  async kill(signal = 'SIGKILL') {
    this.#expectedToEnd = true;
    if (this.isAlive) process.kill(this.pid, signal);
    return this.#exit;
  }

  /** Stops the process for a while (SIGSTOP): its sockets stay open and nothing answers. */
  pause() { process.kill(this.pid, 'SIGSTOP'); }
  resume() { process.kill(this.pid, 'SIGCONT'); }

  /** Tells the stack that the process is about to kill itself at a crash point; resolves when it has. */
  async willCrash() {
    this.#expectedToEnd = true;
    return this.#exit;
  }

  /**
   * Starts again on the same ports, killing what still runs.
   * @param {{crashPoints?: string[], overrides?: object, wait?: boolean}} [options] `overrides` is merged over the
   *   configuration the stack began with; without them, that configuration
   */
  async restart({ crashPoints = [], overrides = {}, wait = true } = {}) {
    await this.kill();
    const { service, index } = this.#specification;
    if (service) this.#specification = this.#options.reconfigure(service, index, { crash_points: crashPoints }, overrides);
    await this.start({ wait });
    if (crashPoints.length > 0) this.#expectedToEnd = true;
  }

  /** Asks the process to end and waits. */
  async stop() {
    this.#expectedToEnd = true;
    if (!this.isAlive) return;
    this.resume();
    const inTime = await stop(this.#identity, { signal: this.#specification.stopSignal, deadlineMs: 30_000 });
    const { status } = await this.#exit;
    if (!inTime) this.#surprises.push(`${this.name} did not end within 30 s of ${this.#specification.stopSignal}`);
    else if (status !== 0 && this.#specification.service) this.#surprises.push(`${this.name} ended with status ${status}`);
  }

  /** @returns {string[]} what went wrong in this process's life */
  defects() {
    const reports = this.log.split('\n').filter((line) => sanitizerReport.test(line)).slice(0, 3);
    return [...this.#surprises, ...reports.map((line) => `${this.name}: ${line}`)];
  }
}
