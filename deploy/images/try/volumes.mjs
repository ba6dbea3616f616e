// SPDX-License-Identifier: Apache-2.0
// Fills a pod's volumes as the kubelet does: a directory with hidden data and a link for each key, owned by root and
// the pod's group.
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns {Record<string, string|Buffer>} the keys of a Secret or ConfigMap: generated, or below the secrets' directory */
function keysOf(objects, kind, name, secretsDirectory) {
  const generated = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (generated) return generated.data;
  const directory = join(secretsDirectory, `${kind.toLowerCase()}s`, name);
  if (!existsSync(directory)) throw new Error(`${kind} ${name} is neither generated nor in ${secretsDirectory}`);
  return Object.fromEntries(readdirSync(directory).map((key) => [key, readFileSync(join(directory, key))]));
}

function writeKeys(directory, keys, mode, group) {
  const data = join(directory, '..data');
  mkdirSync(data, { recursive: true });
  for (const [key, content] of Object.entries(keys)) {
    writeFileSync(join(data, key), content);
    chownSync(join(data, key), 0, group);
    chmodSync(join(data, key), mode);
    symlinkSync(join('..data', key), join(directory, key));
  }
  for (const path of [directory, data]) {
    chownSync(path, 0, group);
    chmodSync(path, 0o755);
  }
}

/**
 * @param {object[]} objects the rendered overlay
 * @param {object} spec a pod's
 * @param {{directory: string, secretsDirectory: string}} places
 * @returns {Map<string, string|null>} by the volume's name: its directory; null for an emptyDir
 */
export function fillVolumes(objects, spec, { directory, secretsDirectory }) {
  const group = spec.securityContext.fsGroup;
  return new Map((spec.volumes ?? []).map(({ name, secret, configMap, emptyDir }) => {
    if (emptyDir) return [name, null];
    const target = join(directory, name);
    const keys = secret
      ? keysOf(objects, 'Secret', secret.secretName, secretsDirectory)
      : keysOf(objects, 'ConfigMap', configMap.name, secretsDirectory);
    writeKeys(target, keys, (secret ?? configMap).defaultMode ?? 0o644, group);
    return [name, target];
  }));
}
