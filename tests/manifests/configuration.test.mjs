// SPDX-License-Identifier: Apache-2.0
// What a service's configuration says and what its manifests give it have to agree.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configurationOf, find, leaves, overlays, pod, pods, projectsOf, render, root, services } from './render.mjs';

/** What the image of each service holds below /opt/shodan, in the names of the checkout. */
const imageFiles = {
  '/opt/shodan/policy.json': 'services/policy.json',
  '/opt/shodan/static': 'services/gateway/static',
};
const ports = {
  gateway: { main: 8443, name: 'https', service: 443, admin: 9180 },
  'token-vault': { main: 9201, name: 'grpc', service: 9201, admin: 9181 },
  'call-link': { main: 9202, name: 'grpc', service: 9202, admin: 9182 },
  'account-link': { main: 9203, name: 'grpc', service: 9203, admin: 9183 },
  'zoom-api': { main: 9204, name: 'grpc', service: 9204, admin: 9184 },
  automation: { main: 9205, name: 'grpc', service: 9205, admin: 9185 },
};
/** Who reads the projects file, and which files named in it. */
const projectReaders = {
  'token-vault': ['client_secret_file', 'webhook_secret_file', 'jwks_file', 'ca_file'],
  'token-vault-migration': ['client_secret_file', 'webhook_secret_file', 'jwks_file', 'ca_file'],
  'account-link': ['jwks_file', 'ca_file'],
  'account-link-migration': ['jwks_file', 'ca_file'],
};
const databaseOwners = ['token-vault', 'account-link', 'zoom-api', 'automation'];
const ourPods = [...services, ...databaseOwners.map((name) => `${name}-migration`)];

/** The objects and keys to make by hand, from the README's table: "| `name` | Secret | `key`, `key` | …". */
function documentedObjects() {
  const rows = readFileSync(join(root, 'k8s/README.md'), 'utf8')
    .matchAll(/^\| `([a-z0-9-]+)` \| (Secret|ConfigMap) \| ((?:`[^`]+`(?:, )?)+) \|/gm);
  return new Map([...rows].map(([, name, kind, keys]) => [`${kind}/${name}`, [...keys.matchAll(/`([^`]+)`/g)].map(([, key]) => key)]));
}

/** @returns {string|undefined} the key of the Secret or ConfigMap that a path in a container shows */
function mountedAs(objects, { spec }, path) {
  const mount = spec.containers[0].volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
  if (!mount) return undefined;
  const { configMap, secret } = spec.volumes.find(({ name }) => name === mount.name);
  const reference = secret ? `Secret/${secret.secretName}` : `ConfigMap/${configMap.name}`;
  const key = path.slice(mount.mountPath.length + 1);
  const generated = objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === reference);
  const keys = generated ? Object.keys(generated.data) : documentedObjects().get(reference) ?? [];
  return keys.includes(key) ? `${reference}#${key}` : undefined;
}

/** The names of a workload's volume claims: one volume each for every replica, kept over its pods. */
const claimsOf = ({ object }) => (object.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);

/** @returns {boolean} whether a path in a container is a directory of the pod's, or of the replica's, own */
const isOwnDirectory = (item, path) => item.spec.containers[0].volumeMounts.some(({ name, mountPath, readOnly }) =>
  mountPath === path && !readOnly && (claimsOf(item).includes(name) || item.spec.volumes.find((volume) => volume.name === name).emptyDir));

const isPath = ([key, value]) => /(_file|_directory)$/.test(key) && typeof value === 'string';

for (const overlay of overlays) {
  const objects = render(overlay);

  for (const name of ourPods) {
    describe(`overlay ${overlay}: ${name}`, () => {
      const item = pod(objects, name);
      const configuration = configurationOf(objects, item);
      const container = item.spec.containers[0];

      test('starts with the configuration file that is mounted', () => {
        const [option, path, ...rest] = container.args;
        assert.equal(option, '--config');
        assert.match(mountedAs(objects, item, path) ?? '', /^ConfigMap\/.*#config\.json$/);
        assert.deepEqual(rest, name.endsWith('-migration') ? ['--migrate'] : []);
        assert.equal(container.command, undefined);
      });

      test('every file that the configuration names is in the image or mounted from a known key', () => {
        const paths = leaves(configuration).filter(isPath);
        assert.ok(paths.length >= 5);
        for (const [key, path] of paths) {
          if (path in imageFiles || isOwnDirectory(item, path)) continue;
          assert.ok(mountedAs(objects, item, path), `${key}: ${path}`);
        }
      });

      test('every file that it reads from the projects file is mounted', () => {
        const keys = projectReaders[name] ?? [];
        if (keys.length > 0) assert.match(mountedAs(objects, item, configuration.projects_file), /#projects\.json$/);
        else assert.equal(configuration.projects_file, undefined);
        for (const [key, path] of leaves(projectsOf(objects)).filter(isPath)) {
          if (keys.includes(key.split('.').at(-1))) assert.ok(mountedAs(objects, item, path), `${key}: ${path}`);
        }
      });

      test('every mount is read by it, and every volume is mounted', () => {
        const read = [...leaves(configuration), ...((projectReaders[name] ?? []).length > 0 ? leaves(projectsOf(objects)) : [])]
          .map(([, value]) => value).filter((value) => typeof value === 'string');
        for (const { mountPath } of container.volumeMounts) {
          assert.ok([...read, container.args[1]].some((path) => path === mountPath || path.startsWith(`${mountPath}/`)), mountPath);
        }
        assert.deepEqual([...item.spec.volumes.map((volume) => volume.name), ...claimsOf(item)].sort(), container.volumeMounts.map((mount) => mount.name).sort());
      });

      test('holds no password, key or token, only paths', () => {
        for (const [key, value] of leaves(configuration)) {
          if (/(password|secret|private_key|token|key_ring)/.test(key.split('.').at(-1))) {
            assert.ok(key.endsWith('_file') || key === 'backends.token_vault', `${key} = ${value}`);
          }
        }
      });
    });
  }

  for (const name of services) {
    describe(`overlay ${overlay}: ${name}: ports and time`, () => {
      const item = pod(objects, name);
      const configuration = configurationOf(objects, item);
      const container = item.spec.containers[0];
      const expected = ports[name];

      test('configuration, container, Service and probes agree on the ports', () => {
        assert.equal((configuration.https ?? configuration.grpc).listen, `0.0.0.0:${expected.main}`);
        assert.equal(configuration.admin.listen, `0.0.0.0:${expected.admin}`);
        assert.deepEqual(container.ports.map((port) => [port.name, port.containerPort]), [[expected.name, expected.main], ['admin', expected.admin]]);
        const service = find(objects, 'Service', name);
        assert.deepEqual(service.spec.ports, [{ name: expected.name, port: expected.service, targetPort: expected.name, protocol: 'TCP' }]);
        assert.deepEqual(service.spec.selector, { 'app.kubernetes.io/name': name });
        assert.equal(item.labels['app.kubernetes.io/name'], name);
      });

      test('start and life are asked at /healthz, readiness at /readyz, on the administration port', () => {
        const asked = (probe) => [container[probe].httpGet.path, container[probe].httpGet.port];
        assert.deepEqual(asked('startupProbe'), ['/healthz', 'admin']);
        assert.deepEqual(asked('livenessProbe'), ['/healthz', 'admin']);
        assert.deepEqual(asked('readinessProbe'), ['/readyz', 'admin']);
      });

      test('may take 60 s to start and is declared dead only after a minute of silence', () => {
        const patience = ({ periodSeconds, failureThreshold }) => periodSeconds * failureThreshold;
        assert.ok(patience(container.startupProbe) >= 60);
        assert.ok(patience(container.livenessProbe) >= 60);
        assert.ok(patience(container.readinessProbe) <= 15);
      });

      test('is given the time to drain, to end the longest request, and to commit', () => {
        // Seconds. The drain times of the gRPC services are compiled in (services/*/limits.h).
        const drain = { gateway: configuration.drain_s + (configuration.limits?.drain_accept_ms ?? 2000) / 1000, 'token-vault': 30, 'call-link': 20, 'account-link': 20, 'zoom-api': 30, automation: 20 }[name];
        const longest = { gateway: 20, 'token-vault': (configuration.zoom?.token_timeout_ms ?? 10_000) / 1000, 'call-link': 1, 'account-link': 8, 'zoom-api': 60, automation: 20 }[name];
        assert.ok(item.spec.terminationGracePeriodSeconds >= Math.max(45, drain + longest + 5));
      });

      test('one pod at a time may be taken away; where no replica keeps anything, a new one comes first', () => {
        assert.equal(find(objects, 'PodDisruptionBudget', name).spec.maxUnavailable, 1);
        assert.deepEqual(find(objects, 'PodDisruptionBudget', name).spec.selector.matchLabels, { 'app.kubernetes.io/name': name });
        if (item.kind === 'StatefulSet') assert.deepEqual(item.object.spec.updateStrategy, { type: 'RollingUpdate' });
        else assert.deepEqual(item.object.spec.strategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
        assert.deepEqual(item.spec.topologySpreadConstraints.map(({ topologyKey }) => topologyKey), ['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
      });

      test('has an account of its own, which its certificate names', () => {
        assert.equal(item.spec.serviceAccountName, name);
        assert.equal(item.object.metadata.namespace, 'shodan');
      });
    });
  }

  describe(`overlay ${overlay}: the services among themselves`, () => {
    const configurations = Object.fromEntries(ourPods.map((name) => [name, configurationOf(objects, pod(objects, name))]));

    test('every target is a Service and its port', () => {
      const { backends } = configurations.gateway;
      const targets = [backends.token_vault, backends.call_link, backends.account_link, backends.zoom_api, backends.automation,
        configurations['account-link'].vault.target, configurations['zoom-api'].vault.target,
        configurations.automation.vault.target, configurations.automation.account_link.target];
      assert.deepEqual(targets, ['token-vault:9201', 'call-link:9202', 'account-link:9203', 'zoom-api:9204', 'automation:9205', 'token-vault:9201', 'token-vault:9201',
        'token-vault:9201', 'account-link:9203']);
      for (const target of targets) {
        const [host, port] = target.split(':');
        assert.equal(find(objects, 'Service', host).spec.ports[0].port, Number(port));
      }
    });

    test('a migration differs from its service in the owner\'s account and the size of the pool only', () => {
      for (const name of databaseOwners) {
        const { owner_user: owner, owner_password_file: file, max_connections: size, ...database } = configurations[`${name}-migration`].database;
        assert.equal(owner, `${database.user}_owner`);
        assert.equal(file, '/etc/shodan/database-owner/password');
        assert.ok(size > 0);
        const { max_connections: ignored, ...own } = configurations[name].database;
        assert.deepEqual({ ...configurations[`${name}-migration`], database }, { ...configurations[name], database: own });
      }
    });

    test('each service has a database role of its own', () => {
      assert.deepEqual(databaseOwners.map((name) => [configurations[name].database.name, configurations[name].database.user]),
        [['token_vault', 'token_vault'], ['account_link', 'account_link'], ['zoom_api', 'zoom_api'], ['automation', 'automation']]);
    });

    test('PostgreSQL is verified in full and Redis is reached over TLS', () => {
      for (const name of databaseOwners.flatMap((service) => [service, `${service}-migration`])) {
        assert.equal(configurations[name].database.sslmode, 'verify-full');
      }
      for (const name of ['gateway', 'zoom-api']) assert.equal(configurations[name].redis.tls.ca_file, '/etc/shodan/redis-ca/ca.crt');
    });

    test('the gateway\'s project exists, and its redirect URL is the gateway\'s', () => {
      const { projects } = projectsOf(objects);
      const project = projects.find(({ project_id: id }) => id === configurations.gateway.default_project);
      assert.equal(project.zoom_app.redirect_url, `${configurations.gateway.public_url}/oauth/callback`);
    });
  });

  describe(`overlay ${overlay}: images and secrets`, () => {
    test('every image has a version or a digest, and never "latest"', () => {
      for (const { name, spec } of pods(objects)) {
        for (const { image } of spec.containers) {
          assert.match(image, /(:[0-9][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$/, name);
          assert.doesNotMatch(image, /latest/);
        }
      }
    });

    test('no Secret is in the repository, and nothing looks like one', () => {
      assert.deepEqual(objects.filter(({ kind }) => kind === 'Secret'), []);
      const text = JSON.stringify(objects);
      assert.doesNotMatch(text, /BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{10,}|AKIA[0-9A-Z]{16}/);
      assert.doesNotMatch(text, /"[A-Za-z0-9+/_-]{43}=?"/);
    });

    test('every Secret and ConfigMap that a pod mounts is generated or in the README\'s table', () => {
      const documented = documentedObjects();
      const generated = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
      for (const { name, spec } of pods(objects)) {
        for (const { secret, configMap } of spec.volumes ?? []) {
          const reference = secret ? `Secret/${secret.secretName}` : configMap && `ConfigMap/${configMap.name}`;
          if (reference) assert.ok(generated.has(reference) || documented.has(reference), `${name}: ${reference}`);
        }
      }
    });
  });
}

/** What the autoscaler decides about. */
const scaled = ['gateway', 'zoom-api'];

describe('overlay production', () => {
  const objects = render('production');
  const configurations = ourPods.map((name) => configurationOf(objects, pod(objects, name)));

  test('runs in the environment "production", without the development issuer', () => {
    for (const configuration of configurations) {
      assert.equal(configuration.environment, 'production');
      assert.equal(configuration.development_issuer, undefined);
      assert.equal(configuration.crash_points, undefined);
    }
  });
  test('runs images by digest only', () => {
    for (const { spec } of pods(objects)) assert.match(spec.containers[0].image, /^registry\.shodan\.example\/zoom-phone\/[a-z-]+@sha256:[0-9a-f]{64}$/);
  });
  test('keeps at least two pods of each service when one is taken away', () => {
    for (const name of services) {
      const { replicas } = pod(objects, name).object.spec;
      const least = scaled.includes(name) ? find(objects, 'HorizontalPodAutoscaler', name).spec.minReplicas : replicas;
      assert.ok(least - find(objects, 'PodDisruptionBudget', name).spec.maxUnavailable >= 2, name);
    }
  });
  for (const name of scaled) {
    test(`lets the autoscaler alone decide about ${name}`, () => {
      assert.equal(pod(objects, name).object.spec.replicas, undefined);
      const { spec } = find(objects, 'HorizontalPodAutoscaler', name);
      assert.deepEqual(spec.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'Deployment', name });
      assert.ok(spec.maxReplicas > spec.minReplicas);
    });
  }
  test('opens the gateway, and nothing else, to the outside, with the callers\' addresses', () => {
    for (const { metadata, spec } of objects.filter(({ kind }) => kind === 'Service')) {
      assert.equal(spec.type, metadata.name === 'gateway' ? 'LoadBalancer' : 'ClusterIP');
    }
    assert.equal(find(objects, 'Service', 'gateway').spec.externalTrafficPolicy, 'Local');
  });
  test('runs no data store of its own', () => {
    assert.deepEqual(pods(objects).map(({ name }) => name.replace('-migration', '')).filter((name) => !services.includes(name)), []);
  });
  test('keeps the ledger of erasures and the spool of each token-vault on volumes of its own, and all of them start at once', () => {
    const vault = pod(objects, 'token-vault');
    assert.equal(vault.kind, 'StatefulSet');
    assert.deepEqual(claimsOf(vault).sort(), ['ledger', 'spool']);
    for (const { spec } of vault.object.spec.volumeClaimTemplates) assert.deepEqual(spec.accessModes, ['ReadWriteOnce']);
    assert.equal(vault.object.spec.podManagementPolicy, 'Parallel');
    assert.equal(find(objects, 'Service', vault.object.spec.serviceName).metadata.name, 'token-vault');
    const { ledger_directory: ledger, spool_directory: spool } = configurationOf(objects, vault);
    assert.deepEqual([ledger, spool], ['/var/lib/shodan/ledger', '/var/lib/shodan/spool']);
  });
});

describe('overlay local', () => {
  const objects = render('local');

  test('runs one pod of each service and of each data store', () => {
    for (const { kind, object } of pods(objects)) if (kind !== 'Job') assert.equal(object.spec.replicas, 1);
    assert.deepEqual(pods(objects).map(({ name }) => name).sort(),
      ['account-link', 'account-link-migration', 'automation', 'automation-migration', 'call-link', 'gateway', 'postgresql', 'redis', 'token-vault', 'token-vault-migration', 'zoom-api', 'zoom-api-migration']);
  });
  test('signs demo users in with a key that the projects file trusts', () => {
    const gateway = configurationOf(objects, pod(objects, 'gateway'));
    assert.equal(gateway.environment, 'development');
    assert.ok(gateway.development_issuer.users.length > 0);
    assert.equal(projectsOf(objects).projects[0].token_issuers[0].issuer, `${gateway.public_url}/dev`);
  });
  test('opens nothing to the outside', () => {
    for (const { spec } of objects.filter(({ kind }) => kind === 'Service')) assert.equal(spec.type, 'ClusterIP');
  });
  test('the data stores\' Services lead to their ports', () => {
    for (const [name, port] of [['postgresql', 5432], ['redis', 6379]]) {
      assert.equal(find(objects, 'Service', name).spec.ports[0].port, port);
      assert.equal(pod(objects, name).spec.containers[0].ports[0].containerPort, port);
    }
  });
});
