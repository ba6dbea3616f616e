// SPDX-License-Identifier: Apache-2.0
// Runs a pod's container: its image's root, read-only, with exactly the listed mounts, as the user, groups and
// capabilities of its security contexts.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fillVolumes } from './volumes.mjs';

const sh = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

/** The devices that every container has. */
const devices = ['null', 'zero', 'full', 'random', 'urandom'];

/** Makes a file or directory to mount over, as a container runtime does in the image's upper layer. */
function mountPoint(path, isDirectory) {
  mkdirSync(isDirectory ? path : dirname(path), { recursive: true });
  if (!isDirectory && !existsSync(path)) writeFileSync(path, '');
}

function bind(source, target, { isDirectory = true, readOnly = true } = {}) {
  sh('mount', '--bind', source, target);
  if (readOnly) sh('mount', '-o', 'remount,bind,ro,nosuid,nodev', target);
  return isDirectory;
}

/** What the kubelet and the runtime add to every container. @returns {string[]} their mount points */
function mountSystem(root, directory, hosts) {
  const files = { hosts, 'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n', hostname: 'pod\n' };
  sh('mount', '-t', 'proc', '-o', 'nosuid,nodev,noexec', 'proc', join(root, 'proc'));
  sh('mount', '-t', 'tmpfs', '-o', 'mode=755,nosuid,size=64k', 'tmpfs', join(root, 'dev'));
  for (const name of devices) {
    mountPoint(join(root, 'dev', name), false);
    sh('mount', '--bind', `/dev/${name}`, join(root, 'dev', name));
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), 0o644);
    bind(join(directory, name), join(root, 'etc', name), { isDirectory: false });
  }
  return ['/proc', '/dev', ...devices.map((name) => `/dev/${name}`), ...Object.keys(files).map((name) => `/etc/${name}`)];
}

/**
 * Mounts a pod's root.
 * @param {object[]} objects the rendered overlay
 * @param {object} pod see tests/manifests/render.mjs
 * @param {{image: string, directory: string, secretsDirectory: string, hosts: string}} places `image`: the image's
 *   root; `directory`: for this pod
 * @returns {{root: string, mounts: string[]}} `mounts`: every mount point that there should be
 */
export function prepareRoot(objects, pod, { image, directory, secretsDirectory, hosts }) {
  const root = join(directory, 'root');
  const [container] = pod.spec.containers;
  mkdirSync(root, { recursive: true });
  const volumes = fillVolumes(objects, pod.spec, { directory: join(directory, 'volumes'), secretsDirectory });
  for (const name of ['hosts', 'resolv.conf', 'hostname']) mountPoint(join(image, 'etc', name), false);
  for (const { mountPath } of container.volumeMounts) mountPoint(join(image, mountPath), true);

  sh('mount', '--bind', image, root);
  const system = mountSystem(root, directory, hosts);
  for (const { name, mountPath, readOnly } of container.volumeMounts) {
    const source = volumes.get(name);
    if (source) bind(source, join(root, mountPath), { readOnly });
    else sh('mount', '-t', 'tmpfs', '-o', `nosuid,nodev,mode=2770,gid=${pod.spec.securityContext.fsGroup}`, 'tmpfs', join(root, mountPath));
  }
  if (container.securityContext.readOnlyRootFilesystem) sh('mount', '-o', 'remount,bind,ro', root);
  return { root, mounts: ['/', ...system, ...container.volumeMounts.map(({ mountPath }) => mountPath)] };
}

/**
 * @param {object} pod
 * @param {string} root
 * @param {{entrypoint: string, logFile: string, environment?: Record<string, string>}} options
 * @returns {import('node:child_process').ChildProcess}
 */
export function startContainer(pod, root, { entrypoint, logFile, environment }) {
  const [container] = pod.spec.containers;
  const { runAsUser: user, runAsGroup: group, fsGroup } = pod.spec.securityContext;
  const log = openSync(logFile, 'a', 0o600);
  // The three capabilities are what chroot itself needs; the change of user takes them away.
  const kept = ['setuid', 'setgid', 'sys_chroot'].map((name) => `+${name}`).join(',');
  return spawn('setpriv', [
    ...(container.securityContext.allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
    '--inh-caps=-all', `--bounding-set=-all,${kept}`, '--',
    '/usr/sbin/chroot', `--userspec=${user}:${group}`, `--groups=${fsGroup}`, root,
    ...(container.command ?? [entrypoint]), ...(container.args ?? []),
  ], { stdio: ['ignore', log, log], env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOSTNAME: 'pod', ...environment } });
}

/** Undoes the kernel's escapes in a path of mountinfo. */
const unescape = (text) => text.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));

/**
 * Looks at a running container from outside.
 * @param {number} pid
 * @param {{root: string, mounts: string[]}} prepared
 * @param {object} pod
 * @returns {string[]} what differs from the manifest
 */
export function deviations(pid, { root, mounts }, pod) {
  const status = Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n').map((line) => line.split(/:\s*/, 2)));
  const { runAsUser: user, runAsGroup: group, fsGroup } = pod.spec.securityContext;
  const expected = {
    Uid: Array(4).fill(user).join('\t'),
    Gid: Array(4).fill(group).join('\t'),
    Groups: String(fsGroup),
    CapInh: '0'.repeat(16), CapPrm: '0'.repeat(16), CapEff: '0'.repeat(16), CapAmb: '0'.repeat(16),
    NoNewPrivs: '1',
  };
  const problems = Object.entries(expected).filter(([key, value]) => status[key].trim() !== value)
    .map(([key, value]) => `${key} is ${status[key]}, not ${value}`);

  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n').map((line) => line.split(' '));
  const found = lines.map(([, , , , path, options]) => ({ path: unescape(path), options: options.split(',') }))
    .filter(({ path }) => path === root || path.startsWith(`${root}/`))
    .map(({ path, options }) => ({ path: path.slice(root.length) || '/', readOnly: options.includes('ro') }));
  const writable = pod.spec.containers[0].volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
  for (const { path } of found) if (!mounts.includes(path)) problems.push(`${path} is mounted`);
  for (const path of mounts) {
    const mount = found.findLast((item) => item.path === path);
    if (!mount) problems.push(`${path} is not mounted`);
    else if (!mount.readOnly && !writable.includes(path) && !path.startsWith('/dev') && path !== '/proc') problems.push(`${path} is writable`);
  }
  return problems;
}
