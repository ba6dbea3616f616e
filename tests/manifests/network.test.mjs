// SPDX-License-Identifier: Apache-2.0
// The network policies against the design's table of services, cell by cell. The expected cells are written by hand.
// Whether a cluster enforces its policies is up to its network plugin and not claimed here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inNetwork, network } from './network.mjs';
import { overlays, pods, render } from './render.mjs';

const namespaces = {
  shodan: { labels: { 'kubernetes.io/metadata.name': 'shodan' } },
  'kube-system': { labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  monitoring: { labels: { 'kubernetes.io/metadata.name': 'monitoring', 'shodan.example/monitoring': 'true' } },
  elsewhere: { labels: { 'kubernetes.io/metadata.name': 'elsewhere' } },
};
const named = (name, namespace = 'shodan') => ({ namespace, labels: { 'app.kubernetes.io/name': name } });
const internal = (service) => ({ namespace: 'shodan', labels: { 'app.kubernetes.io/name': 'crm-sync', [`shodan.example/calls-${service}`]: 'true' } });

const ends = {
  gateway: named('gateway'),
  'token-vault': named('token-vault'),
  'call-link': named('call-link'),
  'account-link': named('account-link'),
  'zoom-api': named('zoom-api'),
  automation: named('automation'),
  'vault migration': named('token-vault-migration'),
  'link migration': named('account-link-migration'),
  'request migration': named('zoom-api-migration'),
  'event migration': named('automation-migration'),
  'client of token-vault': internal('token-vault'),
  'client of call-link': internal('call-link'),
  'client of account-link': internal('account-link'),
  'client of zoom-api': internal('zoom-api'),
  'client of automation': internal('automation'),
  stranger: named('stranger'),
  'gateway of another namespace': named('gateway', 'elsewhere'),
  'internet': { address: '203.0.113.9' },
};

/** Who may open a connection to each service's main port: the column "called by" of the table. */
const calledBy = {
  gateway: { port: 8443, callers: ['internet'] },
  'token-vault': { port: 9201, callers: ['gateway', 'account-link', 'zoom-api', 'automation', 'client of token-vault'] },
  'call-link': { port: 9202, callers: ['gateway', 'client of call-link'] },
  'account-link': { port: 9203, callers: ['gateway', 'automation', 'client of account-link'] },
  'zoom-api': { port: 9204, callers: ['gateway', 'automation', 'client of zoom-api'] },
  automation: { port: 9205, callers: ['gateway', 'client of automation'] },
};

/** Those that are deployed from here, so that their own way out is decided here as well. */
const ways = {
  gateway: ['token-vault', 'call-link', 'account-link', 'zoom-api', 'automation'],
  'token-vault': [],
  'call-link': [],
  'account-link': ['token-vault'],
  'zoom-api': ['token-vault'],
  automation: ['token-vault', 'account-link'],
  'vault migration': [],
  'link migration': [],
  'request migration': [],
  'event migration': [],
  'client of token-vault': ['token-vault'],
  'client of call-link': ['call-link'],
  'client of account-link': ['account-link'],
  'client of zoom-api': ['zoom-api'],
  'client of automation': ['automation'],
  stranger: [],
};

const adminPorts = { gateway: 9180, 'token-vault': 9181, 'call-link': 9182, 'account-link': 9183, 'zoom-api': 9184, automation: 9185 };
const postgresClients = ['token-vault', 'account-link', 'zoom-api', 'automation', 'vault migration', 'link migration', 'request migration', 'event migration'];
const redisClients = ['gateway', 'zoom-api'];
const internetClients = ['token-vault', 'zoom-api', 'automation', 'gateway'];
const ours = ['gateway', 'token-vault', 'call-link', 'account-link', 'zoom-api', 'automation', 'vault migration', 'link migration', 'request migration', 'event migration',
  'stranger'];

const stores = {
  local: { postgresql: named('postgresql'), redis: named('redis') },
  production: { postgresql: { address: '10.20.30.5' }, redis: { address: '10.20.30.20' } },
};

test('an address is in a network by its leading bits', () => {
  assert.equal(inNetwork('10.20.30.15', '10.20.30.0/28'), true);
  assert.equal(inNetwork('10.20.30.16', '10.20.30.0/28'), false);
  assert.equal(inNetwork('172.31.255.255', '172.16.0.0/12'), true);
  assert.equal(inNetwork('203.0.113.9', '0.0.0.0/0'), true);
});

for (const overlay of overlays) {
  const objects = render(overlay);
  const net = network(objects.filter(({ kind }) => kind === 'NetworkPolicy'), namespaces);

  describe(`overlay ${overlay}: who is let in`, () => {
    for (const [service, { port, callers }] of Object.entries(calledBy)) {
      for (const [name, from] of Object.entries(ends)) {
        const expected = callers.includes(name);
        // Only the edge is open to addresses; which pods' addresses count as such is the plugin's affair.
        test(`${service} ${expected ? 'admits' : 'refuses'} ${name}`, () => {
          assert.equal(net.admits(from, ends[service], port), expected);
        });
      }
    }
  });

  describe(`overlay ${overlay}: who is let out`, () => {
    for (const [name, targets] of Object.entries(ways)) {
      for (const service of Object.keys(calledBy)) {
        const expected = targets.includes(service);
        test(`${name} ${expected ? 'reaches' : 'does not reach'} ${service}`, () => {
          assert.equal(net.releases(ends[name], ends[service], calledBy[service].port), expected);
          assert.equal(net.allows(ends[name], ends[service], calledBy[service].port), expected);
        });
      }
    }
  });

  describe(`overlay ${overlay}: data stores`, () => {
    for (const name of ours) {
      test(`${name} ${postgresClients.includes(name) ? 'reaches' : 'does not reach'} PostgreSQL`, () => {
        assert.equal(net.allows(ends[name], stores[overlay].postgresql, 5432), postgresClients.includes(name));
      });
      test(`${name} ${redisClients.includes(name) ? 'reaches' : 'does not reach'} Redis`, () => {
        assert.equal(net.allows(ends[name], stores[overlay].redis, 6379), redisClients.includes(name));
      });
    }
  });

  describe(`overlay ${overlay}: the internet, names, metrics`, () => {
    for (const name of ours) {
      test(`${name} ${internetClients.includes(name) ? 'reaches' : 'does not reach'} HTTPS on the internet`, () => {
        assert.equal(net.allows(ends[name], { address: '203.0.113.9' }, 443), internetClients.includes(name));
      });
      test(`${name} reaches no other port there, no private address, no cloud metadata`, () => {
        for (const port of [22, 25, 80, 5432, 6379, 8443]) assert.equal(net.allows(ends[name], { address: '203.0.113.9' }, port), false);
        for (const address of ['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '127.0.0.1', '100.64.0.1']) {
          for (const port of [80, 443]) assert.equal(net.allows(ends[name], { address }, port), false, `${address}:${port}`);
        }
      });
      test(`${name} asks the cluster's name server and no other pod there`, () => {
        const names = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
        for (const protocol of ['UDP', 'TCP']) assert.equal(net.allows(ends[name], names, 53, protocol), true);
        assert.equal(net.allows(ends[name], names, 443), false);
        assert.equal(net.allows(ends[name], { namespace: 'kube-system', labels: { 'k8s-app': 'metrics' } }, 53, 'UDP'), false);
        assert.equal(net.allows(ends[name], { namespace: 'elsewhere', labels: { 'k8s-app': 'kube-dns' } }, 53, 'UDP'), false);
      });
    }
    for (const [service, port] of Object.entries(adminPorts)) {
      test(`Prometheus of a labelled namespace reads ${service}'s metrics, and nobody else does`, () => {
        assert.equal(net.allows(named('prometheus', 'monitoring'), ends[service], port), true);
        assert.equal(net.allows(named('prometheus', 'elsewhere'), ends[service], port), false);
        assert.equal(net.allows(named('prometheus'), ends[service], port), false);
        assert.equal(net.allows(named('grafana', 'monitoring'), ends[service], port), false);
        for (const [name, from] of Object.entries(ends)) assert.equal(net.admits(from, ends[service], port), false, name);
        assert.equal(net.allows(named('prometheus', 'monitoring'), ends[service], calledBy[service].port), false);
      });
    }
  });

  test(`overlay ${overlay}: every pod that runs is closed both ways by default`, () => {
    const closed = network(objects.filter(({ metadata }) => metadata.name === 'default-deny'), namespaces);
    for (const { name, labels } of pods(objects)) {
      const pod = { namespace: 'shodan', labels };
      assert.equal(closed.admits(ends.internet, pod, 443), false, name);
      assert.equal(closed.releases(pod, ends.internet, 443), false, name);
    }
  });

  test(`overlay ${overlay}: every policy of a pod by name selects a pod that exists`, () => {
    const names = new Set([...pods(objects).map(({ labels }) => labels['app.kubernetes.io/name'])]);
    for (const { metadata, spec } of objects.filter(({ kind }) => kind === 'NetworkPolicy')) {
      const wanted = [spec.podSelector.matchLabels?.['app.kubernetes.io/name'] ?? [], (spec.podSelector.matchExpressions ?? []).flatMap(({ values }) => values)].flat();
      for (const name of wanted) assert.ok(names.has(name), `${metadata.name}: ${name}`);
    }
  });
}
