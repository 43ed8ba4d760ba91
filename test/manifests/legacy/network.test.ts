// Ingresses and EndpointSlices of old versions.
import { expect, test } from 'vitest';
import { convertLegacy } from '../../../src/manifests/legacy/legacy.ts';
import { loadText, told } from '../../support/manifest-text.ts';
import { faultsOf, headOf, resourceOf } from '../../support/workload-text.ts';

const old = (spec: string, apiVersion = 'networking.k8s.io/v1beta1'): string => `${headOf('Ingress', apiVersion)}spec:\n${spec}`;
const paths = (...items: string[]): string =>
  old(`  rules:\n    - host: a.example\n      http:\n        paths:\n${items.map((item) => `          - ${item}\n`).join('')}`);

test.each(['networking.k8s.io/v1beta1', 'extensions/v1beta1'])('an Ingress of %s', (apiVersion) => {
  const text = `apiVersion: ${apiVersion}
kind: Ingress
metadata: {name: x, annotations: {kubernetes.io/ingress.class: nginx}}
spec:
  backend: {serviceName: front, servicePort: http}
  rules:
    - host: a.example
      http:
        paths:
          - {path: /a, backend: {serviceName: web, servicePort: 80}}
          - {path: /b, pathType: Prefix, backend: {resource: {apiGroup: g.example, kind: Bucket, name: b}}}
`;
  expect(told(loadText(text))[0]).toBe(
    `note Converted a.yaml:1:1 apiVersion: Ingress ${apiVersion} is read as networking.k8s.io/v1; write that`,
  );
  expect(resourceOf(text)).toMatchObject({
    apiVersion: 'networking.k8s.io/v1',
    metadata: { annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
    spec: {
      defaultBackend: { service: { name: 'front', port: { name: 'http' } } },
      rules: [
        {
          host: 'a.example',
          http: {
            paths: [
              { path: '/a', pathType: 'ImplementationSpecific', backend: { service: { name: 'web', port: { number: 80 } } } },
              { path: '/b', pathType: 'Prefix', backend: { resource: { apiGroup: 'g.example', kind: 'Bucket', name: 'b' } } },
            ],
          },
        },
      ],
    },
  });
});

/** The place and the field of every fault. */
const places = (text: string): string[] => faultsOf(text).map((line) => line.split(' ').slice(2, 4).join(' '));

test.each<[string, string, string[]]>([
  [
    'a Service name that is a number',
    paths('{path: /, backend: {serviceName: 5, servicePort: 80}}'),
    ['a.yaml:9:33 spec.rules[0].http.paths[0].backend.service.name:'],
  ],
  [
    'a port that is out of range',
    paths(
      '{path: /, backend: {serviceName: web, servicePort: 80}}',
      '{path: /b, backend: {serviceName: web, servicePort: 99999}}',
    ),
    ['a.yaml:10:52 spec.rules[0].http.paths[1].backend.service.port.number:'],
  ],
  [
    'a default backend without a Service',
    old('  backend: {servicePort: 80}\n'),
    ['a.yaml:5:3 spec.defaultBackend.service.name:'],
  ],
  [
    'a field of today in the version of old',
    paths('{path: /, backend: {service: {name: web, port: {number: 80}}, serviceName: web}}'),
    ['a.yaml:9:75 spec.rules[0].http.paths[0].backend.serviceName:'],
  ],
])('%s is told where it is written', (_name, text, expected) => {
  expect(places(text)).toEqual(expected);
});

test('an EndpointSlice tells node and zone in fields of their own', () => {
  const topology = { 'kubernetes.io/hostname': 'n1', 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r' };
  const conversion = convertLegacy('discovery.k8s.io/v1beta1', 'EndpointSlice', {
    endpoints: [{ addresses: ['10.0.0.1'], topology }],
  });
  expect(conversion?.value).toEqual({
    apiVersion: 'discovery.k8s.io/v1',
    endpoints: [
      { addresses: ['10.0.0.1'], nodeName: 'n1', zone: 'z', deprecatedTopology: { 'topology.kubernetes.io/region': 'r' } },
    ],
  });
  expect(conversion?.placeOf(['endpoints', 0, 'zone'])).toEqual(['endpoints', 0, 'topology', 'topology.kubernetes.io/zone']);
  expect(conversion?.placeOf(['endpoints', 0, 'addresses', 0])).toEqual(['endpoints', 0, 'addresses', 0]);
});
