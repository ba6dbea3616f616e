// SPDX-License-Identifier: Apache-2.0
// The Zoom simulator as a process of the stack (tests/zoom-simulator holds the simulator itself).
import { join } from 'node:path';
import { merge, readJsonIfPresent, writeJson } from './files.mjs';
import { root } from './layout.mjs';
import { projectId, redirectUrl } from './projects.mjs';
import { filesBelow } from './specification.mjs';

const clientId = 'shodan-pro-local';
/** What a connection needs. */
const expectedScopes = ['user:read:user'];
/** What the meeting actions need besides. */
const meetingScopes = [
  'meeting:write:meeting', 'meeting:read:meeting', 'meeting:read:list_meetings', 'meeting:update:meeting', 'meeting:delete:meeting',
  'meeting:write:registrant', 'meeting:read:list_registrants', 'meeting:delete:registrant',
];
const folder = join(root, 'tests/zoom-simulator');

/**
 * @param {{layout: object, port: number, publicUrl: string, secretFile: string, keepState: boolean,
 *   meetings: boolean, webhook: {secretFile: string, caFile: string}|null, settings?: object}} options `keepState`:
 *   people and grants outlive a restart; `meetings`: the app has the scopes of the meeting actions; `webhook`: it sends
 *   webhooks to the gateway; `settings` is merged over the simulator's configuration
 * @returns {{url: string, controlUrl: string, zoomApp: object, process: object}}
 */
export function prepareSimulator({ layout, port, publicUrl, secretFile, keepState, meetings, webhook, settings }) {
  const url = `http://127.0.0.1:${port}`;
  const portFile = join(layout.run, 'zoom-simulator.ports.json');
  const configFile = writeJson(join(layout.config, 'zoom-simulator.json'), merge({
    listen: { host: '127.0.0.1', port },
    port_file: portFile,
    state_file: keepState ? join(layout.simulator, 'state.json') : undefined,
    apps: [{
      client_id: clientId,
      client_secret_file: secretFile,
      name: 'Shodan Pro',
      description: 'One-click calling from Shodan Pro through Zoom Phone.',
      redirect_uris: [redirectUrl(publicUrl)],
      scopes: [...expectedScopes, ...(meetings ? meetingScopes : [])],
      ...(webhook ? {
        webhook: {
          url: `${publicUrl}/webhooks/zoom/${projectId}`,
          secret_token_file: webhook.secretFile,
          ca_file: webhook.caFile,
        },
      } : {}),
    }],
  }, settings));
  return {
    url,
    controlUrl: `${url}/_control/`,
    configFile,
    zoomApp: {
      client_id: clientId,
      client_secret_file: secretFile,
      client_authentication: 'client_secret_basic',
      authorization_url: `${url}/oauth/authorize`,
      token_url: `${url}/oauth/token`,
      revocation_url: `${url}/oauth/revoke`,
      profile_url: `${url}/v2/users/me`,
      api_base_url: `${url}/v2`,
      expected_scopes: expectedScopes,
      request_scopes: [],
      authorization_parameters: {},
      profile_pointers: {
        user_id: '/id', account_id: '/account_id', email: '/email',
        display_name: '/display_name', first_name: '/first_name', last_name: '/last_name',
      },
      webhook_secret_file: webhook?.secretFile ?? null,
      ca_file: null,
    },
    process: {
      name: 'zoom-simulator',
      command: process.execPath,
      args: [join(folder, 'main.mjs'), '--config', configFile],
      workingDirectory: root,
      stopSignal: 'SIGTERM',
      logFile: join(layout.log, 'zoom-simulator.log'),
      portFile,
      ports: { main: port },
      inputs: [configFile, ...filesBelow(folder).filter((file) => !file.endsWith('.test.mjs'))],
      isReady: async () => readJsonIfPresent(portFile) !== undefined,
    },
  };
}
