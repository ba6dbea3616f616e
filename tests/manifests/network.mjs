// SPDX-License-Identifier: Apache-2.0
// What the network policies of a namespace allow, computed as the API's documentation defines it: policies add up, a
// pod that no policy selects for a direction is open in it, and a connection needs both its ends' consent.

/** A pod: `{namespace, labels}`; namespaces by name: `{labels}`. An address outside: `{address}` (IPv4). */

const matches = (selector, labels) =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  && (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
    switch (operator) {
      case 'In': return values.includes(labels[key]);
      case 'NotIn': return !values.includes(labels[key]);
      case 'Exists': return key in labels;
      case 'DoesNotExist': return !(key in labels);
      default: throw new Error(`unknown operator ${operator}`);
    }
  });

const toNumber = (address) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** @returns {boolean} whether an IPv4 address is in a network; an IPv6 network holds none */
export function inNetwork(address, cidr) {
  const [base, bits] = cidr.split('/');
  if (base.includes(':')) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(base) / size);
}

function peerMatches(peer, other, policyNamespace, namespaces) {
  if (peer.ipBlock) {
    return Boolean(other.address) && inNetwork(other.address, peer.ipBlock.cidr)
      && !(peer.ipBlock.except ?? []).some((cidr) => inNetwork(other.address, cidr));
  }
  if (other.address) return false;
  const namespaceFits = peer.namespaceSelector
    ? matches(peer.namespaceSelector, namespaces[other.namespace].labels)
    : other.namespace === policyNamespace;
  return namespaceFits && (!peer.podSelector || matches(peer.podSelector, other.labels));
}

const portMatches = (ports, protocol, port) => !ports || ports.some((entry) => (entry.protocol ?? 'TCP') === protocol && entry.port === port);

/**
 * @param {object[]} policies
 * @param {Record<string, {labels: object}>} namespaces
 */
export function network(policies, namespaces) {
  const consents = (pod, other, direction, protocol, port) => {
    if (pod.address) return true;
    const [type, rules, peers] = direction === 'in' ? ['Ingress', 'ingress', 'from'] : ['Egress', 'egress', 'to'];
    const own = policies.filter(({ metadata, spec }) => metadata.namespace === pod.namespace
      && spec.policyTypes.includes(type) && matches(spec.podSelector, pod.labels));
    if (own.length === 0) return true;
    return own.some(({ metadata, spec }) => (spec[rules] ?? []).some((rule) => portMatches(rule.ports, protocol, port)
      && (!rule[peers] || rule[peers].some((peer) => peerMatches(peer, other, metadata.namespace, namespaces)))));
  };
  return {
    /** Whether `from` may open a connection to `to` at `port`. */
    allows: (from, to, port, protocol = 'TCP') => consents(from, to, 'out', protocol, port) && consents(to, from, 'in', protocol, port),
    /** Whether `to` lets `from` in at `port`, whatever `from`'s own policies say. */
    admits: (from, to, port, protocol = 'TCP') => consents(to, from, 'in', protocol, port),
    /** Whether `from` is let out to `port` of `to`, whatever `to`'s own policies say. */
    releases: (from, to, port, protocol = 'TCP') => consents(from, to, 'out', protocol, port),
  };
}
