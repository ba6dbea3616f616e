// SPDX-License-Identifier: Apache-2.0

/** An error whose message is meant for the person at the terminal; `advice` lines follow it. */
export class UserError extends Error {
  /** @param {string} message @param {...string} advice */
  constructor(message, ...advice) {
    super(message);
    this.name = 'UserError';
    this.advice = advice.filter(Boolean);
  }
}

/** Prints an error the way deploy/dev does: plain for a UserError, with its stack for a defect. */
export function printError(error) {
  if (error?.code === 'EACCES' && error.path) {
    process.stderr.write(`deploy/dev: no permission for ${error.path}.\n  If another user ran deploy/dev here before, go on as that user, or remove .local/.\n`);
    return;
  }
  if (!(error instanceof UserError)) {
    process.stderr.write(`deploy/dev: ${error?.stack ?? error}\n`);
    return;
  }
  process.stderr.write(`deploy/dev: ${error.message}\n`);
  for (const line of error.advice) process.stderr.write(`  ${line.replaceAll('\n', '\n  ')}\n`);
}
