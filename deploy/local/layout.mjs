// SPDX-License-Identifier: Apache-2.0
// Where things are in the checkout and below a stack's directory.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Everything `deploy/dev up` keeps: data, keys, logs, state. Never committed. */
export const localDirectory = join(root, '.local');

/** The services in the order in which they are named to people. */
export const serviceNames = ['token-vault', 'call-link', 'account-link', 'zoom-api', 'automation', 'gateway'];

/** The services that own a database; the database bears the service's name with an underscore. */
export const databaseServices = ['token-vault', 'account-link', 'zoom-api', 'automation'];

/** @param {string} service a service's name @returns {string} its database and its run-time role */
export const databaseName = (service) => service.replaceAll('-', '_');

/** @param {string} preset a CMake preset @returns {string} where its programs are */
export const binaryDirectory = (preset) => join(root, 'build', preset, 'bin');

/**
 * The parts of a stack's directory.
 * @param {string} directory absolute
 */
export function stackLayout(directory) {
  return {
    directory,
    keys: join(directory, 'keys'),
    certificates: join(directory, 'certificates'),
    config: join(directory, 'config'),
    log: join(directory, 'log'),
    run: join(directory, 'run'),
    postgres: join(directory, 'postgres'),
    redis: join(directory, 'redis'),
    simulator: join(directory, 'simulator'),
  };
}
