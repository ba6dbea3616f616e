// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { find, leaves, pod, pods, render, root, services } from './render.mjs';

const file = join(root, 'deploy/compose.yaml');
const compose = parse(readFileSync(file, 'utf8'), { merge: true });
const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
const objects = render('local');

const stores = ['postgresql', 'redis'];
const migrations = ['token-vault-migration', 'account-link-migration', 'zoom-api-migration', 'automation-migration'];
const ours = [...services, ...migrations];

/** What a container finds at each path: the name of the secret or config that is mounted there. */
const mounted = (service) => new Map([...(service.secrets ?? []), ...(service.configs ?? [])].map(({ source, target }) => [target, source]));
const fileOf = (name) => (compose.configs[name] ?? compose.secrets[name]).file;
const inCheckout = (name) => resolve(root, 'deploy', fileOf(name));

const permittedKeys = new Set(['image', 'build', 'user', 'read_only', 'cap_drop', 'security_opt', 'restart', 'command', 'entrypoint', 'environment',
  'depends_on', 'networks', 'ports', 'configs', 'secrets', 'tmpfs', 'volumes', 'healthcheck', 'stop_grace_period']);

describe('deploy/compose.yaml', () => {
  test('has the data stores, the migrations and the six services', () => {
    assert.deepEqual(Object.keys(compose.services).sort(), [...ours, ...stores].sort());
    assert.deepEqual(Object.keys(compose).filter((key) => !key.startsWith('x-')).sort(), ['configs', 'name', 'networks', 'secrets', 'services', 'volumes']);
  });

  test('uses keys of the Compose specification only', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      for (const key of Object.keys(service)) assert.ok(permittedKeys.has(key), `${name}.${key}`);
    }
  });

  test('every name that a service uses is defined, and everything defined is used', () => {
    const used = { networks: new Set(), secrets: new Set(), configs: new Set(), volumes: new Set() };
    for (const [name, service] of Object.entries(compose.services)) {
      for (const network of service.networks) used.networks.add(network);
      for (const { source } of service.secrets ?? []) used.secrets.add(source);
      for (const { source } of service.configs ?? []) used.configs.add(source);
      for (const volume of service.volumes ?? []) used.volumes.add(volume.split(':')[0]);
      for (const other of Object.keys(service.depends_on ?? {})) assert.ok(compose.services[other], `${name} depends on ${other}`);
    }
    for (const [kind, names] of Object.entries(used)) assert.deepEqual([...names].sort(), Object.keys(compose[kind]).sort(), kind);
  });

  for (const name of [...ours, ...stores]) {
    test(`${name} runs without rights: not as root, on a read-only root, no capability, none to gain`, () => {
      const service = compose.services[name];
      const { runAsUser: user, runAsGroup: group } = pod(objects, name).spec.securityContext;
      assert.equal(service.user, `${user}:${group}`);
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
      assert.equal(service.privileged, undefined);
    });
    test(`${name} has a versioned image, and no secret among its variables`, () => {
      const { image, environment } = compose.services[name];
      assert.match(image, /^[a-z-]+(\/[a-z-]+)?:(\$\{VERSION:-[0-9.]+\}|[0-9][a-z0-9.-]+)$/);
      for (const key of Object.keys(environment ?? {})) assert.ok(!/password|secret|token|key/i.test(key) || key.endsWith('_FILE'), key);
    });
  }

  for (const name of ours) {
    const service = compose.services[name];
    test(`${name} is built from its stage of the Dockerfile`, () => {
      const stage = name.replace('-migration', '');
      assert.equal(service.build.target, stage);
      assert.equal(service.build.dockerfile, 'deploy/Dockerfile');
      assert.match(dockerfile, new RegExp(`^FROM scratch AS ${stage}$`, 'm'));
    });

    test(`${name} finds every file that its configuration names, and no other`, () => {
      const paths = mounted(service);
      const configuration = JSON.parse(readFileSync(inCheckout(paths.get('/etc/shodan/config/config.json')), 'utf8'));
      const wanted = new Set(['/etc/shodan/config/config.json']);
      const add = (value) => leaves(value).filter(([key, path]) => key.endsWith('_file') && path?.startsWith('/etc/')).forEach(([, path]) => wanted.add(path));
      add(configuration);
      if (configuration.projects_file) {
        const projects = JSON.parse(readFileSync(inCheckout(paths.get(configuration.projects_file)), 'utf8'));
        if (!name.startsWith('token-vault')) for (const { zoom_app: app } of projects.projects) delete app.client_secret_file;
        add(projects);
      }
      assert.deepEqual([...paths.keys()].sort(), [...wanted].sort());
    });
  }

  test('the services read the very files of the local overlay', () => {
    for (const name of ours) {
      const { configMap } = pod(objects, name).spec.volumes.find((volume) => volume.name === 'config');
      const rendered = find(objects, 'ConfigMap', configMap.name).data['config.json'];
      assert.equal(readFileSync(inCheckout(mounted(compose.services[name]).get('/etc/shodan/config/config.json')), 'utf8'), rendered, name);
    }
  });

  test('files come from the checkout or from the directory of secrets, under the names of the Kubernetes objects', () => {
    const keys = new Set(pods(objects).flatMap(({ spec }) => spec.volumes.flatMap(({ secret, configMap }) => secret?.secretName ?? configMap?.name ?? [])));
    for (const { file: path } of [...Object.values(compose.secrets), ...Object.values(compose.configs)]) {
      const generated = /^\$\{SHODAN_SECRETS:-\.\.\/\.local\/trial\}\/(?:secrets|configmaps)\/([a-z-]+)\/[a-z.-]+$/.exec(path);
      if (generated) assert.ok(keys.has(generated[1]), path);
      else assert.ok(existsSync(resolve(root, 'deploy', path)), path);
    }
    for (const { file: path } of Object.values(compose.secrets)) assert.match(path, /^\$\{SHODAN_SECRETS/);
  });

  test('a service starts after its migration, and a migration after PostgreSQL answers', () => {
    for (const name of migrations) {
      assert.deepEqual(compose.services[name].depends_on, { postgresql: { condition: 'service_healthy' } });
      assert.deepEqual(compose.services[name].command.slice(-1), ['--migrate']);
      assert.equal(compose.services[name.replace('-migration', '')].depends_on[name].condition, 'service_completed_successfully');
    }
  });

  test('only the gateway is published, on this machine\'s loopback', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      assert.deepEqual(service.ports ?? [], name === 'gateway' ? ['127.0.0.1:8443:8443'] : []);
    }
  });

  test('only the gateway, token-vault and zoom-api reach the outside; each shares networks with its peers only', () => {
    const members = (network) => Object.entries(compose.services).filter(([, { networks }]) => networks.includes(network)).map(([name]) => name).sort();
    assert.deepEqual(members('outside'), ['gateway', 'token-vault', 'zoom-api']);
    assert.deepEqual(members('limits'), ['gateway', 'redis', 'zoom-api']);
    assert.deepEqual(members('databases'), ['account-link', 'account-link-migration', 'automation', 'automation-migration', 'postgresql', 'token-vault', 'token-vault-migration', 'zoom-api', 'zoom-api-migration']);
    assert.deepEqual(members('calls'), ['account-link', 'automation', 'call-link', 'gateway', 'token-vault', 'zoom-api']);
    for (const [name, network] of Object.entries(compose.networks)) assert.equal(network.internal === true, name !== 'outside');
  });

  test('the grace periods and the data stores\' arguments are those of the local overlay', () => {
    for (const name of services) assert.equal(compose.services[name].stop_grace_period, `${pod(objects, name).spec.terminationGracePeriodSeconds}s`);
    const container = (name) => pod(objects, name).spec.containers[0];
    assert.deepEqual(compose.services.postgresql.command, container('postgresql').args);
    assert.deepEqual([...compose.services.redis.entrypoint, ...compose.services.redis.command], container('redis').command);
    assert.equal(compose.services.postgresql.image, container('postgresql').image);
    assert.equal(compose.services.redis.image, container('redis').image);
  });
});

describe('deploy/Dockerfile', () => {
  test('takes its base as an argument and names no other image', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)( AS (\S+))?$/gm)].map(([, base, , name]) => [base, name]);
    assert.deepEqual(bases, [['${BASE}', 'packages'], ['packages', 'build'], ...services.map((name) => ['scratch', name])]);
    assert.match(dockerfile, /^ARG BASE=debian:12-slim$/m);
  });
  for (const name of services) {
    const [, stage] = dockerfile.split(new RegExp(`^FROM scratch AS ${name}$`, 'm'));
    const text = stage.split(/^FROM /m)[0];
    test(`the image of ${name} runs its program as 65532, with its version on a label, and checks nothing on its own`, () => {
      assert.match(text, /^USER 65532:65532$/m);
      assert.match(text, /^HEALTHCHECK NONE$/m);
      assert.match(text, /org\.opencontainers\.image\.version="\$\{VERSION\}"/);
      assert.match(text, new RegExp(`^ENTRYPOINT \\["/opt/shodan/bin/${name}"\\]$`, 'm'));
      assert.match(text, new RegExp(`^COPY --from=build /roots/${name}/ /$`, 'm'));
      assert.doesNotMatch(text, /^RUN /m);
    });
    test(`the image of ${name} exposes the ports of its manifest`, () => {
      const ports = pod(objects, name).spec.containers[0].ports.map(({ containerPort }) => containerPort);
      assert.match(text, new RegExp(`^EXPOSE ${ports.join(' ')}$`, 'm'));
    });
  }
  test('the build context holds what the Dockerfile copies and little else', () => {
    const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources.split(' '));
    assert.equal(ignore[0], '*');
    for (const source of copied) {
      assert.ok(ignore.some((line) => line.startsWith('!') && (source === line.slice(1) || source.startsWith(`${line.slice(1)}/`))), source);
    }
  });
});
