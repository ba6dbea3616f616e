// SPDX-License-Identifier: Apache-2.0
// Checks an object against the Kubernetes API's schema (npm package kubernetes-models), unknown fields included: the
// package's checks read each field that the schema knows, so a field that nobody read is one that the API would drop.

/**
 * A view of a value that notes which of its fields are read.
 * @param {any} value
 * @param {string} path where it is
 * @param {{path: string, value: object, read: Set<string>}[]} notes
 */
function observe(value, path, notes) {
  if (value === null || typeof value !== 'object') return value;
  const read = new Set();
  const children = new Map();
  notes.push({ path, value, read });
  return new Proxy(value, {
    get(target, key, receiver) {
      if (typeof key === 'string') read.add(key);
      const child = Reflect.get(target, key, receiver);
      if (child === null || typeof child !== 'object') return child;
      if (!children.has(key)) children.set(key, observe(child, path === '' ? String(key) : `${path}.${String(key)}`, notes));
      return children.get(key);
    },
  });
}

/** @returns {string} the package's module of a kind, such as kubernetes-models/apps/v1/Deployment */
const moduleOf = ({ apiVersion, kind }) => `kubernetes-models/${apiVersion}/${kind}`;

/**
 * @param {object} object
 * @returns {Promise<string[]>} what is wrong with it, each problem with its place; empty when nothing is
 */
export async function schemaProblems(object) {
  const { [object.kind]: Model } = await import(moduleOf(object));
  const problems = [];
  const notes = [];
  const { apiVersion, kind, ...rest } = object;
  const model = new Model(rest);
  try {
    Model.prototype.validate.call(observe(model, '', notes));
  } catch (error) {
    problems.push(error.message);
  }
  for (const { path, value, read } of notes) {
    for (const key of Object.keys(value)) {
      if (!read.has(key)) problems.push(`unknown field ${path === '' ? key : `${path}.${key}`}`);
    }
  }
  return problems;
}
