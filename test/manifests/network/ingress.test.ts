// Ingresses and their classes: every mistake with what people are told.
import { expect, test } from 'vitest';
import { dns1035, label, subdomain, wildcard } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  [
    'neither rules nor a backend',
    '{ingressClassName: nginx}',
    ['spec: Invalid value: either `defaultBackend` or `rules` must be specified'],
  ],
  ['a host alone', '{rules: [{host: shop.example}]}', []],
  ['no paths', '{rules: [{host: shop.example, http: {paths: []}}]}', ['spec.rules[0].http.paths: Required value']],
  [
    'an address',
    '{rules: [{host: 10.0.0.1}]}',
    ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  ],
  [
    'a bad host',
    '{rules: [{host: Shop.example}, {host: "shop.example:80"}]}',
    [
      `spec.rules[0].host: Invalid value: "Shop.example": ${subdomain}`,
      `spec.rules[1].host: Invalid value: "shop.example:80": ${subdomain}`,
    ],
  ],
  [
    'wildcards',
    '{rules: [{host: "*.shop.example"}, {host: "*shop.example"}, {host: "a.*.example"}, {host: "*"}]}',
    [
      `spec.rules[1].host: Invalid value: "*shop.example": ${wildcard}`,
      `spec.rules[2].host: Invalid value: "a.*.example": ${wildcard}`,
      `spec.rules[3].host: Invalid value: "*": ${wildcard}`,
    ],
  ],
  [
    'hosts of certificates',
    '{rules: [{host: a.example}], tls: [{hosts: ["*.example", "*", B.example], secretName: A_b}]}',
    [
      `spec.tls[0].hosts[1]: Invalid value: "*": ${wildcard}`,
      `spec.tls[0].hosts[2]: Invalid value: "B.example": ${subdomain}`,
      `spec.tls[0].secretName: Invalid value: "A_b": ${subdomain}`,
    ],
  ],
  [
    'a bad class',
    '{rules: [{host: a.example}], ingressClassName: Nginx_1}',
    [`spec.ingressClassName: Invalid value: "Nginx_1": ${subdomain}`],
  ],
])('Ingress: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Ingress', 'networking.k8s.io/v1', `spec: ${rest}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', '{path: /a, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}', []],
  [
    'no pathType',
    '{path: /a, backend: {service: {name: web, port: {number: 80}}}}',
    [
      'spec.rules[0].http.paths[0].pathType: Required value: write Prefix for the path and all below it, Exact for the path alone, or ImplementationSpecific for what controllers did before there was this field',
    ],
  ],
  [
    'a bad pathType',
    '{path: /a, pathType: exact, backend: {service: {name: web, port: {number: 80}}}}',
    ['spec.rules[0].http.paths[0].pathType: "exact" is not one of Exact, Prefix, ImplementationSpecific. Did you mean "Exact"?'],
  ],
  ['no backend', '{path: /a, pathType: Exact}', ['spec.rules[0].http.paths[0].backend: Required value']],
  [
    'not absolute',
    '{path: a, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}',
    ['spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path'],
  ],
  [
    'no path',
    '{pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}',
    ['spec.rules[0].http.paths[0].path: Invalid value: "": must be an absolute path'],
  ],
  ['no path, as the class likes', '{pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}', []],
  [
    'not absolute, as the class likes',
    '{path: "*", pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}',
    ['spec.rules[0].http.paths[0].path: Invalid value: "*": must be an absolute path'],
  ],
  [
    'steps',
    '{path: /a//b/./c/../d%2Fe, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}',
    [
      'spec.rules[0].http.paths[0].path: Invalid value: "/a//b/./c/../d%2Fe": must not contain \'//\'',
      'spec.rules[0].http.paths[0].path: Invalid value: "/a//b/./c/../d%2Fe": must not contain \'/./\'',
      'spec.rules[0].http.paths[0].path: Invalid value: "/a//b/./c/../d%2Fe": must not contain \'/../\'',
      'spec.rules[0].http.paths[0].path: Invalid value: "/a//b/./c/../d%2Fe": must not contain \'%2F\'',
    ],
  ],
  [
    'a step at the end',
    '{path: /a/.., pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, {path: /a/., pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}',
    [
      'spec.rules[0].http.paths[0].path: Invalid value: "/a/..": cannot end with \'/..\'',
      'spec.rules[0].http.paths[1].path: Invalid value: "/a/.": cannot end with \'/.\'',
    ],
  ],
  [
    'anything else, as the class likes',
    '{path: /a//b(/|$)(.*), pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}',
    [],
  ],
])('path: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Ingress', 'networking.k8s.io/v1', `spec: {rules: [{http: {paths: [${rest}]}}]}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['by name', '{service: {name: web, port: {name: http}}}', []],
  ['of nothing', '{}', ['spec.defaultBackend: Invalid value: resource or service backend is required']],
  [
    'of both',
    '{service: {name: web, port: {number: 80}}, resource: {kind: Bucket, name: a}}',
    ['spec.defaultBackend: Invalid value: cannot set both resource and service backends'],
  ],
  [
    'a resource',
    '{resource: {apiGroup: a_b, kind: Buc/ket, name: "a%b"}}',
    [
      `spec.defaultBackend.resource.apiGroup: Invalid value: "a_b": ${subdomain}`,
      'spec.defaultBackend.resource.kind: Invalid value: "Buc/ket": may not contain \'/\'',
      'spec.defaultBackend.resource.name: Invalid value: "a%b": may not contain \'%\'',
    ],
  ],
  ['no port', '{service: {name: web}}', ['spec.defaultBackend: Required value: port name or number is required']],
  [
    'two ports',
    '{service: {name: web, port: {name: http, number: 80}}}',
    ['spec.defaultBackend.service.port: Invalid value: cannot set both port name & port number'],
  ],
  [
    'a bad port',
    '{service: {name: web, port: {number: 70000}}}',
    ['spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'a bad port name',
    '{service: {name: web, port: {name: "80"}}}',
    ['spec.defaultBackend.service.port.name: Invalid value: "80": must contain at least one letter (a-z)'],
  ],
  [
    'a bad Service',
    '{service: {name: 1web, port: {number: 80}}}',
    [`spec.defaultBackend.service.name: Invalid value: "1web": ${dns1035}`],
  ],
  ['no name', '{service: {port: {number: 80}}}', ['spec.defaultBackend.service.name: Required value']],
  [
    'as long ago',
    '{serviceName: web, servicePort: 80}',
    [
      'spec.defaultBackend.serviceName: unknown field "serviceName".',
      'spec.defaultBackend.servicePort: unknown field "servicePort".',
    ],
  ],
])('backend: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Ingress', 'networking.k8s.io/v1', `spec: {defaultBackend: ${rest}}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'spec: {controller: k8s.io/ingress-nginx}', []],
  ['no spec', '', ['spec.controller: Required value']],
  ['no controller', 'spec: {parameters: {kind: A, name: a}}', ['spec.controller: Required value']],
  [
    'no path',
    'spec: {controller: nginx}',
    ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  ['a bad domain', 'spec: {controller: A_b/c}', [`spec.controller: Invalid value: "A_b/c": ${subdomain}`]],
  [
    'a bad path',
    'spec: {controller: "a.b/c d"}',
    [
      "spec.controller: Invalid value: \"a.b/c d\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
    ],
  ],
  [
    'too long',
    'spec: {controller: a.b/cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc}',
    ['spec.controller: Too long: may not be more than 250 bytes'],
  ],
  [
    'parameters',
    'spec: {controller: a.b/c, parameters: {apiGroup: A, kind: A/b, name: ..}}',
    [
      `spec.parameters.apiGroup: Invalid value: "A": ${subdomain}`,
      'spec.parameters.kind: Invalid value: "A/b": may not contain \'/\'',
      'spec.parameters.name: Invalid value: "..": may not be \'..\'',
    ],
  ],
  [
    'a namespace for all',
    'spec: {controller: a.b/c, parameters: {kind: A, name: a, namespace: b}}',
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
  [
    'no namespace',
    'spec: {controller: a.b/c, parameters: {kind: A, name: a, scope: Namespace}}',
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
  [
    'a bad namespace',
    'spec: {controller: a.b/c, parameters: {kind: A, name: a, scope: Namespace, namespace: A.b}}',
    [`spec.parameters.namespace: Invalid value: "A.b": ${label}`],
  ],
  [
    'a bad scope',
    'spec: {controller: a.b/c, parameters: {kind: A, name: a, scope: Namespaced}}',
    ['spec.parameters.scope: "Namespaced" is not one of Cluster, Namespace. Did you mean "Namespace"?'],
  ],
])('IngressClass: %s', (_what, rest, faults) => {
  expect(faultsOfKind('IngressClass', 'networking.k8s.io/v1', rest)).toEqual(faults);
});
