// SPDX-License-Identifier: Apache-2.0
// Each rule of the Pod Security Standards' profile "restricted" (and of "baseline", which it contains), for every pod;
// then the house's own rules, which go further.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { find, overlays, pods, render } from './render.mjs';

const containersOf = ({ spec }) => [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];

/** Title, and a check that throws for a pod that breaks the rule. */
const rules = {
  'no host namespaces': ({ spec }) => {
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) assert.ok(!spec[key], key);
    assert.notEqual(spec.hostUsers, true);
  },
  'no host ports': (pod) => {
    for (const port of containersOf(pod).flatMap((container) => container.ports ?? [])) assert.ok(!port.hostPort);
  },
  'no privileged container': (pod) => {
    for (const { securityContext } of containersOf(pod)) assert.ok(!securityContext.privileged);
  },
  'volumes of the permitted types only': ({ spec }) => {
    const permitted = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
    for (const { name, ...source } of spec.volumes ?? []) {
      assert.equal(Object.keys(source).length, 1, name);
      assert.ok(permitted.includes(Object.keys(source)[0]), name);
    }
  },
  'no privilege escalation': (pod) => {
    for (const { securityContext } of containersOf(pod)) assert.equal(securityContext.allowPrivilegeEscalation, false);
  },
  'runs as non-root': (pod) => {
    for (const { securityContext } of containersOf(pod)) {
      assert.equal(securityContext.runAsNonRoot ?? pod.spec.securityContext.runAsNonRoot, true);
    }
  },
  'runs as a user other than 0': (pod) => {
    assert.ok(pod.spec.securityContext.runAsUser > 0);
    assert.ok(pod.spec.securityContext.runAsGroup > 0);
    for (const { securityContext } of containersOf(pod)) assert.equal(securityContext.runAsUser, undefined);
  },
  'seccomp profile RuntimeDefault': (pod) => {
    assert.equal(pod.spec.securityContext.seccompProfile.type, 'RuntimeDefault');
    for (const { securityContext } of containersOf(pod)) assert.equal(securityContext.seccompProfile, undefined);
  },
  'all capabilities dropped, none added': (pod) => {
    for (const { securityContext } of containersOf(pod)) assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] });
  },
  'no AppArmor, SELinux, /proc or sysctl override': (pod) => {
    for (const context of [pod.spec.securityContext, ...containersOf(pod).map((container) => container.securityContext)]) {
      for (const key of ['appArmorProfile', 'seLinuxOptions', 'procMount', 'sysctls', 'windowsOptions']) assert.equal(context[key], undefined, key);
    }
  },
  'no lifecycle or probe reaches another host': (pod) => {
    for (const container of containersOf(pod)) {
      assert.equal(container.lifecycle, undefined);
      for (const name of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        const probe = container[name] ?? {};
        assert.equal(probe.httpGet?.host, undefined);
        assert.equal(probe.tcpSocket?.host, undefined);
      }
    }
  },
};

const houseRules = {
  'the root file system is read-only': (pod) => {
    for (const { securityContext } of containersOf(pod)) assert.equal(securityContext.readOnlyRootFilesystem, true);
  },
  'no token of the Kubernetes API': (pod, objects) => {
    assert.equal(pod.spec.automountServiceAccountToken, false);
    assert.equal(find(objects, 'ServiceAccount', pod.spec.serviceAccountName).automountServiceAccountToken, false);
  },
  'no environment variables about other services, and none that hold a secret': (pod) => {
    assert.equal(pod.spec.enableServiceLinks, false);
    for (const container of containersOf(pod)) {
      assert.equal(container.envFrom, undefined);
      for (const variable of container.env ?? []) {
        assert.equal(variable.valueFrom, undefined, variable.name);
        assert.ok(!/password|secret|token|key/i.test(variable.name) || variable.name.endsWith('_FILE'), variable.name);
      }
    }
  },
  'configuration and secrets are mounted read-only, whole (so that a rotation arrives), and secrets for the group only': (pod) => {
    const volumes = new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, volume]));
    for (const mount of containersOf(pod).flatMap((container) => container.volumeMounts ?? [])) {
      const volume = volumes.get(mount.name);
      if (!volume?.secret && !volume?.configMap) continue;
      assert.equal(mount.readOnly, true, mount.name);
      assert.equal(mount.subPath, undefined, mount.name);
      if (volume.secret) assert.equal(volume.secret.defaultMode, 0o440, mount.name);
    }
    assert.equal(pod.spec.securityContext.fsGroup, pod.spec.securityContext.runAsGroup);
  },
  'requests of processor time and memory, and a limit of memory': (pod) => {
    for (const { resources } of containersOf(pod)) {
      assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
      assert.equal(resources.limits.cpu, undefined, 'a processor limit throttles deadlines');
    }
  },
};

for (const overlay of overlays) {
  const objects = render(overlay);

  test(`overlay ${overlay}: the namespace enforces the profile restricted`, () => {
    const { labels } = find(objects, 'Namespace', 'shodan').metadata;
    for (const mode of ['enforce', 'audit', 'warn']) assert.equal(labels[`pod-security.kubernetes.io/${mode}`], 'restricted');
  });

  for (const pod of pods(objects)) {
    describe(`overlay ${overlay}: pod of ${pod.kind} ${pod.name}`, () => {
      for (const [title, rule] of Object.entries({ ...rules, ...houseRules })) test(title, () => rule(pod, objects));
    });
  }
}
