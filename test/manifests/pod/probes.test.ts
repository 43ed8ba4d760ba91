// Probes and hooks.
import { expect, test } from 'vitest';
import { containerFaults } from './pod-faults.ts';

const probe = (fields: string, kind = 'livenessProbe'): string => `      ${kind}: {${fields}}\n`;
const hook = (fields: string): string => `      lifecycle: {preStop: {${fields}}}\n`;
const tcp = 'tcpSocket: {port: 80}';
const negative = 'must be greater than or equal to 0';

test.each<[string, string, string[]]>([
  ['no handler', probe('periodSeconds: 5'), ['livenessProbe: Required value: must specify a handler type']],
  ['two handlers', probe(`${tcp}, grpc: {port: 1}`), ['livenessProbe.grpc: Forbidden: may not specify more than 1 handler type']],
  ['no command', probe('exec: {}'), ['livenessProbe.exec.command: Required value']],
  ['an empty command', probe('exec: {command: []}'), ['livenessProbe.exec.command: Required value']],
  ['no port', probe('httpGet: {path: /}'), ['livenessProbe.httpGet.port: Required value']],
  [
    'a port that is none',
    probe('httpGet: {port: 0}'),
    ['livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  ['a port name that the container has', `      ports: [{containerPort: 80, name: web}]\n${probe('httpGet: {port: web}')}`, []],
  ['a port name that it has not', probe('tcpSocket: {port: web}'), ['livenessProbe.tcpSocket.port: Not found: "web"']],
  [
    'a port number as text',
    probe('httpGet: {port: "80"}'),
    ['livenessProbe.httpGet.port: Invalid value: "80": must contain at least one letter (a-z)'],
  ],
  [
    'a scheme',
    probe('httpGet: {port: 80, scheme: https}'),
    ['livenessProbe.httpGet.scheme: "https" is not one of HTTP, HTTPS. Did you mean "HTTPS"?'],
  ],
  [
    'a header',
    probe('httpGet: {port: 80, httpHeaders: [{name: "X Y", value: z}]}'),
    [
      "livenessProbe.httpGet.httpHeaders[0].name: Invalid value: \"X Y\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
  ],
  [
    'a port of gRPC',
    probe('grpc: {port: 70000}'),
    ['livenessProbe.grpc.port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'a port of gRPC by name',
    probe('grpc: {port: web}'),
    ['livenessProbe.grpc.port: must be a whole number, not the string "web"'],
  ],
  [
    'negative numbers',
    probe(`${tcp}, initialDelaySeconds: -1, periodSeconds: -2, timeoutSeconds: -3, failureThreshold: -4`),
    [
      `livenessProbe.initialDelaySeconds: Invalid value: -1: ${negative}`,
      `livenessProbe.periodSeconds: Invalid value: -2: ${negative}`,
      `livenessProbe.timeoutSeconds: Invalid value: -3: ${negative}`,
      `livenessProbe.failureThreshold: Invalid value: -4: ${negative}`,
    ],
  ],
  [
    'two successes until alive',
    probe(`${tcp}, successThreshold: 2`),
    ['livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  ],
  [
    'two successes until started',
    probe(`${tcp}, successThreshold: 2`, 'startupProbe'),
    ['startupProbe.successThreshold: Invalid value: 2: must be 1'],
  ],
  ['two successes until ready', probe(`${tcp}, successThreshold: 2`, 'readinessProbe'), []],
  [
    'no grace',
    probe(`${tcp}, terminationGracePeriodSeconds: 0`),
    ['livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0'],
  ],
  [
    'a grace of readiness',
    probe(`${tcp}, terminationGracePeriodSeconds: 5`, 'readinessProbe'),
    ['readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes'],
  ],
  ['a hook without a handler', hook(''), ['lifecycle.preStop: Required value: must specify a handler type']],
  [
    'a hook of two handlers',
    hook('exec: {command: [a]}, sleep: {seconds: 1}'),
    ['lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type'],
  ],
  ['a hook that asks a port', hook('httpGet: {port: web}'), ['lifecycle.preStop.httpGet.port: Not found: "web"']],
  ['a hook over gRPC', hook('grpc: {port: 1}'), ['lifecycle.preStop.grpc: unknown field "grpc".']],
  ['a sleep', hook('sleep: {seconds: 30}'), []],
  ['no sleep at all', hook('sleep: {seconds: 0}'), []],
  [
    'a sleep longer than the grace',
    hook('sleep: {seconds: 31}'),
    ['lifecycle.preStop.sleep.seconds: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)'],
  ],
  [
    'a signal without an operating system',
    '      lifecycle: {stopSignal: SIGUSR1}\n',
    ['lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`'],
  ],
  ['a signal', '      lifecycle: {stopSignal: SIGRTMIN+3}\n  os: {name: linux}\n', []],
  [
    'a signal that Windows has not',
    '      lifecycle: {stopSignal: SIGUSR1}\n  os: {name: windows}\n',
    ['lifecycle.stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"'],
  ],
])('%s', (_name, fields, faults) => {
  expect(containerFaults(fields)).toEqual(faults);
});
