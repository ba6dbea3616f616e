// SPDX-License-Identifier: Apache-2.0
// Renders an overlay with the kubectl at hand and finds things in the result.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** The root of the checkout. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

export const overlays = ['local', 'production'];
export const services = ['gateway', 'token-vault', 'call-link', 'account-link', 'zoom-api', 'automation'];

/** @param {string} text YAML, one or more documents @returns {object[]} @throws on anything that is not plain YAML */
export function parseYaml(text) {
  return parseAllDocuments(text).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    return document.toJS();
  }).filter(Boolean);
}

const rendered = new Map();

/**
 * @param {string} overlay a directory below k8s/overlays
 * @param {string} [program] the kubectl to use
 * @returns {object[]} every object, in kubectl's order
 */
export function render(overlay, program = 'kubectl') {
  const key = `${program} ${overlay}`;
  if (!rendered.has(key)) {
    const text = execFileSync(program, ['kustomize', resolve(root, 'k8s/overlays', overlay)], {
      encoding: 'utf8', maxBuffer: 1 << 24, stdio: ['ignore', 'pipe', 'pipe'],
    });
    rendered.set(key, parseYaml(text));
  }
  return structuredClone(rendered.get(key));
}

/** @returns {object} the object of that kind and name; a generated name counts without its hash */
export function find(objects, kind, name) {
  const found = objects.filter((object) => object.kind === kind
    && (object.metadata.name === name || object.metadata.name.replace(/-[a-z0-9]{10}$/, '') === name));
  if (found.length !== 1) throw new Error(`${found.length} objects are ${kind}/${name}; one was expected`);
  return found[0];
}

const workloadKinds = ['Deployment', 'StatefulSet', 'Job'];

/** @returns {{name: string, kind: string, object: object, labels: object, spec: object}[]} the pods that will run */
export function pods(objects) {
  return objects.filter(({ kind }) => workloadKinds.includes(kind)).map((object) => ({
    name: object.metadata.name,
    kind: object.kind,
    object,
    labels: object.spec.template.metadata.labels,
    spec: object.spec.template.spec,
  }));
}

/** @returns {object} the pod of that workload */
export const pod = (objects, name) => pods(objects).find((item) => item.name === name);

/** @returns {object} the JSON configuration that a pod's program reads, out of its ConfigMap */
export function configurationOf(objects, { spec }) {
  const volume = spec.volumes.find(({ name }) => name === 'config');
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === volume.configMap.name);
  if (!map) throw new Error(`there is no ConfigMap ${volume.configMap.name}`);
  return JSON.parse(map.data['config.json']);
}

/** @returns {object} the projects file of an overlay */
export const projectsOf = (objects) => JSON.parse(find(objects, 'ConfigMap', 'projects').data['projects.json']);

/** @returns {[string, any][]} every leaf of a value with its path, such as ["database.host", "postgresql"] */
export function leaves(value, path = '') {
  if (value === null || typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}
