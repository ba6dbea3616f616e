// SPDX-License-Identifier: Apache-2.0
// Every scenario, in the order in which they run.
import crashPoints from './scenarios/crash-points.mjs';
import redis from './scenarios/redis.mjs';
import canaries from './scenarios/canaries.mjs';
import killReplicas from './scenarios/kill-replicas.mjs';
import terminateReplicas from './scenarios/terminate-replicas.mjs';
import oneExchange from './scenarios/one-exchange.mjs';
import postgresRestart from './scenarios/postgres-restart.mjs';
import storeNetwork from './scenarios/store-network.mjs';
import disconnectRaces from './scenarios/disconnect-races.mjs';
import zoomFailures from './scenarios/zoom-failures.mjs';
import tokenAnswers from './scenarios/token-answers.mjs';
import invalidClient from './scenarios/invalid-client.mjs';
import erasureTimes from './scenarios/erasure-times.mjs';
import postgresDiskFull from './scenarios/postgres-disk-full.mjs';
import postgresFailover from './scenarios/postgres-failover.mjs';
import backupRestore from './scenarios/backup-restore.mjs';
import keyRotation from './scenarios/key-rotation.mjs';
import systemCalls from './scenarios/system-calls.mjs';
import zoomRequests from './scenarios/zoom-requests.mjs';
import rateBudget from './scenarios/rate-budget.mjs';
import requestEscapes from './scenarios/request-escapes.mjs';

/**
 * @typedef {object} Scenario
 * @property {string} name @property {string} title
 * @property {('grace'|'strict')[]} modes @property {'standard'|'whole'|'requests'} stack see run.mjs
 * @property {boolean} quick whether a quick run has it
 * @property {number} minutes about how long it takes at full size, over all its modes, on two cores
 * @property {(world: import('./world.mjs').World, report: (text: string) => void) => Promise<void>} run
 * @property {(found: object) => {name: string, value: any, ok: boolean}[]} [bars] on what the checker found
 * @property {() => Promise<string|undefined>} [unavailable] why it cannot run on this machine
 * @property {(world: import('./world.mjs').World) => Promise<void>} [cleanUp] after the judgement
 * @property {boolean} [spoilsStack] whether the stack is of no use to other scenarios afterwards
 */

/** @type {Scenario[]} those that share a stack stand together */
export const scenarios = [
  crashPoints, redis, canaries, systemCalls, killReplicas, terminateReplicas, oneExchange, postgresRestart, storeNetwork, disconnectRaces, zoomFailures,
  tokenAnswers, invalidClient, erasureTimes, postgresDiskFull, postgresFailover, backupRestore, keyRotation,
  zoomRequests, rateBudget, requestEscapes,
];
