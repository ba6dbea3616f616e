// SPDX-License-Identifier: Apache-2.0
// The part of try-manifest that runs inside its namespaces.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pod as findPod, render, root as checkout } from '../../../tests/manifests/render.mjs';
import { deviations, prepareRoot, startContainer } from './container.mjs';
import { startPostgres, startRedis } from './stores.mjs';

const say = (text) => process.stdout.write(`${text}\n`);
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
const exitOf = (child) => (child.exitCode !== null || child.signalCode !== null
  ? Promise.resolve(child.exitCode ?? child.signalCode)
  : new Promise((done) => { child.once('exit', (code, signal) => done(code ?? signal)); }));

const serviceOf = (name) => name.replace(/-migration$/, '');

/** Sends a probe as the kubelet does. @returns {Promise<{status: number, text: string}>} status 0: nobody answers */
async function probe({ httpGet }, container) {
  const port = container.ports.find(({ name }) => name === httpGet.port).containerPort;
  return fetch(`http://127.0.0.1:${port}${httpGet.path}`, { signal: AbortSignal.timeout(1000) }).then(
    async (response) => ({ status: response.status, text: (await response.text()).trim() }),
    () => ({ status: 0, text: 'no answer' }),
  );
}

class Trial {
  constructor(objects, { binaries, secretsDirectory, directory }) {
    Object.assign(this, { objects, binaries, secretsDirectory, directory });
    const names = objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
    this.hosts = ['127.0.0.1 localhost', ...names.map((name) => `127.0.0.1 ${name} ${name}.shodan.svc`), ''].join('\n');
    this.images = new Map();
  }

  /** The root of a service's image, made by the same script as in the Dockerfile; one for each pod. */
  image(name) {
    const target = join(this.directory, 'images', name);
    mkdirSync(join(this.directory, 'images'), { recursive: true });
    execFileSync(join(checkout, 'deploy/images/runtime-root'), [serviceOf(name), join(this.binaries, serviceOf(name)), target], { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] });
    return target;
  }

  start(name) {
    const pod = findPod(this.objects, name);
    const directory = join(this.directory, 'pods', name);
    mkdirSync(directory, { recursive: true });
    const prepared = prepareRoot(this.objects, pod, { image: this.image(name), directory, secretsDirectory: this.secretsDirectory, hosts: this.hosts });
    const logFile = join(directory, 'log');
    const child = startContainer(pod, prepared.root, { entrypoint: `/opt/shodan/bin/${serviceOf(name)}`, logFile });
    return { name, pod, prepared, logFile, child, exit: exitOf(child) };
  }

  /** A job has to end with status 0. */
  async job(name) {
    const running = this.start(name);
    const code = await Promise.race([running.exit, pause(120_000).then(() => 'no end after 120 s')]);
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${readFileSync(running.logFile, 'utf8')}`);
    say(`${name}: done, status 0`);
  }

  /** A pod has to become ready before its startup probe gives up. */
  async pod(name) {
    const running = this.start(name);
    const [container] = running.pod.spec.containers;
    const { periodSeconds, failureThreshold } = container.startupProbe;
    const began = performance.now();
    for (;;) {
      const answer = await probe(container.readinessProbe, container);
      if (answer.status === 200) break;
      const dead = running.child.exitCode !== null || running.child.signalCode !== null;
      if (dead || performance.now() - began > periodSeconds * failureThreshold * 1000) {
        throw new Error(`${name} ${dead ? 'ended' : `is not ready (${answer.text})`}; its log:\n${readFileSync(running.logFile, 'utf8').slice(-4000)}`);
      }
      await pause(50);
    }
    const milliseconds = Math.round(performance.now() - began);
    const problems = deviations(running.child.pid, running.prepared, running.pod);
    if ((await probe(container.livenessProbe, container)).status !== 200) problems.push('the liveness probe fails');
    if (problems.length > 0) throw new Error(`${name} is not as its manifest says: ${problems.join('; ')}`);
    const { runAsUser: user } = running.pod.spec.securityContext;
    say(`${name}: ready at ${container.readinessProbe.httpGet.path} after ${milliseconds} ms as user ${user}, read-only root, ${container.volumeMounts.length} mounts, no capability`);
    return running;
  }

  /** SIGTERM has to end it within its grace period, with status 0. */
  async stop({ name, pod, child, exit, logFile }) {
    const began = performance.now();
    child.kill('SIGTERM');
    const limit = pod.spec.terminationGracePeriodSeconds * 1000;
    const code = await Promise.race([exit, pause(limit).then(() => `no end after ${limit / 1000} s`)]);
    if (code !== 0) throw new Error(`${name} ended with ${code} after SIGTERM:\n${readFileSync(logFile, 'utf8').slice(-4000)}`);
    say(`${name}: ended ${Math.round(performance.now() - began)} ms after SIGTERM, status 0`);
  }
}

async function run(services, options) {
  const objects = render('local');
  const trial = new Trial(objects, options);
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const store = (name) => ({ directory: join(options.directory, name), secretsDirectory: options.secretsDirectory });
  await startPostgres(objects, findPod(objects, 'postgresql'), store('postgresql'));
  await startRedis(objects, findPod(objects, 'redis'), store('redis'));
  say('postgresql and redis: started with their manifests\' arguments');
  for (const name of ['token-vault', 'account-link', 'zoom-api', 'automation'].filter((item) => services.includes(item))) await trial.job(`${name}-migration`);
  const running = [];
  for (const name of services) running.push(await trial.pod(name));
  for (const item of running.reverse()) await trial.stop(item);
}

const { values, positionals } = parseArgs({
  options: { binaries: { type: 'string', default: 'build/release/bin' }, secrets: { type: 'string' } },
  allowPositionals: true,
});
const order = ['token-vault', 'call-link', 'account-link', 'zoom-api', 'automation', 'gateway'];
const unknown = positionals.filter((name) => !order.includes(name));
const directory = mkdtempSync(join(tmpdir(), 'try-manifest-'));
let status = 1;
try {
  if (unknown.length > 0) throw new Error(`there is no service ${unknown.join(', ')}`);
  const services = order.filter((name) => positionals.length === 0 || positionals.includes(name));
  const binaries = resolve(values.binaries);
  const missing = services.filter((name) => !existsSync(join(binaries, name)));
  if (missing.length > 0) throw new Error(`not built yet in ${binaries}: ${missing.join(', ')}`);
  execFileSync('chmod', ['755', directory]);
  const secretsDirectory = values.secrets ? resolve(values.secrets) : join(directory, 'secrets');
  if (!values.secrets) execFileSync(join(checkout, 'deploy/images/make-secrets'), [secretsDirectory], { stdio: 'inherit' });
  await run(services, { binaries, secretsDirectory, directory });
  status = 0;
} catch (error) {
  process.stderr.write(`try-manifest: ${error.message}\n`);
}
// The namespaces end with this process; the files below the mounts are removed from outside their mount points.
execFileSync('sh', ['-c', `awk '$5 ~ "^${directory}/" {print $5}' /proc/self/mountinfo | sort -r | xargs -r -n 1 umount -l`]);
rmSync(directory, { recursive: true, force: true });
process.exit(status);
