// SPDX-License-Identifier: Apache-2.0
// The table of http-input.test.mjs for webhooks that came from Zoom, and for the endpoints of those that go out.
import { long, texts, unknownId } from './values.mjs';

const noEndpoint = (below, json) => [
  [`/webhookEndpoints/${unknownId}${below}`, json, { status: 404, reason: 'WEBHOOK_ENDPOINT_NOT_FOUND' }],
  [`/webhookEndpoints/x${below}`, json, { status: 400, reason: 'INVALID_FIELD', fields: ['webhookEndpointId'] }],
];

export const webhookRoutes = {
  'GET /v1/projects/{project}/webhookEndpoints': { request: () => ['/webhookEndpoints'], admin: true },
  'POST /v1/projects/{project}/webhookEndpoints': {
    request: () => ['/webhookEndpoints', { url: 'http://a.example/', eventTypes: ['link.erased'] }],
    admin: true,
    refused: () => [
      ...[undefined, '', 'x', 'http://a.example/', 'ftp://a.example/', 'https://u:p@a.example/', 'https://a.example/#x', 'https:///x', `https://a.example/${long(2049)}`].map((url) =>
        ['/webhookEndpoints', { url, eventTypes: ['link.erased'] }, { status: 400, reason: 'INVALID_FIELD', fields: ['url'] }]),
      ...[undefined, [], 'link.erased', ['link.erased', 'link.erased'], ['x'], ['webhook'], Array(15).fill('link.erased')].map((eventTypes) =>
        ['/webhookEndpoints', { url: 'https://a.example/', eventTypes }, { status: 400, reason: 'INVALID_FIELD', fields: ['eventTypes'] }]),
      ['/webhookEndpoints', { url: 'https://a.example/', eventTypes: ['link.erased'], surprise: 1 }, { status: 400, reason: 'INVALID_FIELD', fields: ['surprise'] }],
    ],
  },
  'GET /v1/projects/{project}/webhookEndpoints/{webhookEndpoint}': {
    request: () => [`/webhookEndpoints/${unknownId}`],
    admin: true,
    refused: () => noEndpoint(''),
  },
  'PATCH /v1/projects/{project}/webhookEndpoints/{webhookEndpoint}': {
    request: () => [`/webhookEndpoints/${unknownId}`, { enabled: true }],
    admin: true,
    bad: { url: texts('', 'x', 'http://a.example/'), eventTypes: ['x', 7, {}, [], ['x'], ['link.erased', 'link.erased']], enabled: ['yes', 1, {}], surprise: [1] },
    refused: () => [...noEndpoint('', { enabled: true }), [`/webhookEndpoints/${unknownId}`, {}, { status: 400, reason: 'INVALID_FIELD', fields: ['body'] }]],
  },
  'DELETE /v1/projects/{project}/webhookEndpoints/{webhookEndpoint}': {
    request: () => [`/webhookEndpoints/${unknownId}`],
    admin: true,
    refused: () => noEndpoint(''),
  },
  'POST /v1/projects/{project}/webhookEndpoints/{webhookEndpoint}/secret:rotate': {
    request: () => [`/webhookEndpoints/${unknownId}/secret:rotate`, {}],
    admin: true,
    bad: { overlapSeconds: [-1, 2_592_001, '1', 1.5, []], surprise: [1] },
    refused: () => noEndpoint('/secret:rotate', {}),
  },
  'GET /v1/projects/{project}/webhookEndpoints/{webhookEndpoint}/deliveries': {
    request: () => [`/webhookEndpoints/${unknownId}/deliveries`],
    admin: true,
    refused: () => [
      ...noEndpoint('/deliveries'),
      ...[['state', 'DEAD'], ['pageSize', '0'], ['pageSize', '101'], ['pageToken', 'x'], ['surprise', '1']].map(([field, value]) =>
        [`/webhookEndpoints/${unknownId}/deliveries?${field}=${value}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: [field] }]),
    ],
  },
  'POST /v1/projects/{project}/webhookEndpoints/{webhookEndpoint}/deliveries:replay': {
    request: () => [`/webhookEndpoints/${unknownId}/deliveries:replay`, {}],
    admin: true,
    bad: { webhookDeliveryIds: ['x', 7, {}, [], ['x'], [unknownId.toUpperCase()], Array(101).fill(unknownId)], surprise: [1] },
    refused: () => noEndpoint('/deliveries:replay', {}),
  },
  'GET /v1/projects/{project}/webhooks': {
    request: () => ['/webhooks'],
    admin: true,
    refused: () => [
      ...['all', 'PARKED', '1'].map((state) => [`/webhooks?state=${state}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['state'] }]),
      ...['yesterday', '2026-11-22', '1969-12-31T23:59:59Z', '2201-01-01T00:00:00Z'].map((time) => [`/webhooks?startTime=${time}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['startTime'] }]),
      ['/webhooks?state=x&endTime=x', undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['state', 'endTime'] }],
      ...['0', '101', 'x'].map((size) => [`/webhooks?pageSize=${size}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['pageSize'] }]),
      ['/webhooks?pageToken=x', undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['pageToken'] }],
    ],
  },
  'POST /v1/projects/{project}/webhooks:replay': {
    request: () => ['/webhooks:replay', { webhookIds: [unknownId] }],
    admin: true,
    bad: { webhookIds: [[], ['x'], 'x', Array(501).fill(unknownId)], startTime: [1, 'x'], endTime: [1, 'x'], state: ['settled', 1], surprise: [1] },
    refused: () => [
      ['/webhooks:replay', {}, { status: 400, reason: 'INVALID_FIELD', fields: ['webhookIds'] }],
      ['/webhooks:replay', { startTime: '2026-11-22T00:00:00Z' }, { status: 400, reason: 'INVALID_FIELD', fields: ['webhookIds'] }],
    ],
  },
};
