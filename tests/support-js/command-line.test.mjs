// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../../deploy/local/layout.mjs';

const dev = (...args) => spawnSync(join(root, 'deploy/dev'), args, { encoding: 'utf8', cwd: '/' });

describe('deploy/dev', () => {
  for (const args of [[], ['--help'], ['help']]) {
    test(`${args.join(' ') || 'without arguments'}: lists the verbs`, () => {
      const { status, stdout } = dev(...args);
      assert.equal(status, 0);
      for (const verb of ['up', 'down', 'status', 'test', 'fmt', 'lint']) assert.match(stdout, new RegExp(`^  ${verb} `, 'm'));
    });
  }

  for (const verb of ['up', 'down', 'status', 'test', 'fmt', 'lint', 'build']) {
    test(`${verb} --help: says how to call it and does nothing`, () => {
      const { status, stdout } = dev(verb, '--help');
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`^Usage: deploy/dev ${verb}`));
    });
  }

  const mistakes = [
    [['fly'], /unknown verb 'fly'/],
    [['up', '--fast'], /up does not know '--fast'/],
    [['up', '--zoom-config'], /--zoom-config needs a file/],
    [['down', 'now'], /down takes no arguments/],
    [['status', '--xml'], /status takes only --json/],
    [['test', '--layer', 'smoke'], /there is no layer 'smoke'/],
    [['test', '--layer'], /--layer needs/],
    [['fmt', '--all'], /fmt takes only --check/],
    [['build'], /build needs a preset/],
  ];
  for (const [args, message] of mistakes) {
    test(`${args.join(' ')}: is refused with status 2 and a reason`, () => {
      const { status, stderr } = dev(...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
    });
  }
});
