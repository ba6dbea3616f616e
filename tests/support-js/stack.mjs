// SPDX-License-Identifier: Apache-2.0
// A whole stack of real services for a test, with a client for its simulator.
import { startStack as start } from '../../deploy/local/stack.mjs';
import { SimulatorClient } from '../zoom-simulator/client.mjs';

export { demoUsers, projectId } from '../../deploy/local/projects.mjs';
export { everyService } from '../../deploy/local/stack.mjs';
export { identities, identityUri } from '../../deploy/local/authority.mjs';
export { authorizeHeadlessly } from '../zoom-simulator/client.mjs';

/**
 * Starts a stack; the options and the handle are those of deploy/local/stack.mjs. Besides, `simulator` is a
 * SimulatorClient (tests/zoom-simulator/client.mjs) whose `process` can be killed and restarted.
 */
export async function startStack(options) {
  const stack = await start(options);
  if (!stack.simulator) return stack;
  const client = new SimulatorClient({ url: stack.simulator.url });
  return {
    ...stack,
    simulator: Object.assign(client, stack.simulator),
    stop: () => {
      client.close();
      return stack.stop();
    },
  };
}
