// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { overlays, render } from './render.mjs';
import { schemaProblems } from './schema.mjs';

const deployment = (change) => {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'd' }] } },
    },
  };
  change(object);
  return object;
};

describe('the schema check', () => {
  test('accepts a correct object', async () => {
    assert.deepEqual(await schemaProblems(deployment(() => {})), []);
  });
  test('finds a value of the wrong type', async () => {
    assert.match((await schemaProblems(deployment((o) => { o.spec.replicas = 'two'; }))).join(), /replicas must be integer/);
  });
  test('finds a missing field', async () => {
    assert.match((await schemaProblems(deployment((o) => { delete o.spec.selector; }))).join(), /selector/);
  });
  for (const [where, change] of [
    ['at the top', (o) => { o.sepc = {}; }],
    ['in the specification', (o) => { o.spec.replica = 2; }],
    ['in a container', (o) => { o.spec.template.spec.containers[0].readOnlyRootFilesystem = true; }],
    ['in a volume', (o) => { o.spec.template.spec.volumes = [{ name: 'v', secret: { name: 's' } }]; }],
  ]) {
    test(`finds an unknown field ${where}`, async () => {
      assert.match((await schemaProblems(deployment(change))).join(), /^unknown field \S+$/);
    });
  }
});

for (const overlay of overlays) {
  describe(`overlay ${overlay}`, () => {
    const objects = render(overlay);

    test('every object has the shape that the Kubernetes API asks for, and no unknown field', async () => {
      assert.ok(objects.length > 30, `only ${objects.length} objects`);
      for (const object of objects) {
        assert.deepEqual(await schemaProblems(object), [], `${object.kind}/${object.metadata.name}`);
      }
    });

    test('everything is in the namespace shodan, and no two objects have one name', () => {
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      assert.equal(new Set(names).size, names.length);
      for (const { kind, metadata } of objects) {
        assert.equal(kind === 'Namespace' ? metadata.name : metadata.namespace, 'shodan', `${kind}/${metadata.name}`);
      }
    });
  });
}

// A second kubectl of another version, for example Debian's 1.20 beside a current one.
const otherKubectl = process.env.SHODAN_OTHER_KUBECTL;

/** Objects in one order and form; the suffix of a generated name is a hash that the versions compute differently. */
function normalised(objects) {
  const text = JSON.stringify(objects, (key, value) => {
    if (['labels', 'annotations'].includes(key) && Object.keys(value).length === 0) return undefined;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return JSON.parse(text.replaceAll(/"((?:[a-z-]+-config|projects|postgresql-databases))-[a-z0-9]{10}"/g, '"$1"'))
    .map((object) => JSON.stringify(object)).sort();
}

if (otherKubectl) {
  for (const overlay of overlays) {
    test(`overlay ${overlay}: ${otherKubectl} renders the same objects`, () => {
      assert.deepEqual(normalised(render(overlay, otherKubectl)), normalised(render(overlay)));
    });
  }
}
