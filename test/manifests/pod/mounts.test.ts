// Mounts and block devices.
import { expect, test } from 'vitest';
import { containerFaults } from './pod-faults.ts';

const volumes =
  '  volumes: [{name: v}, {name: p, persistentVolumeClaim: {claimName: d}}, {name: i, image: {reference: "a:1"}}]\n';

test.each<[string, string, string[]]>([
  ['no such volume', 'volumeMounts: [{name: z, mountPath: /z}]', ['volumeMounts[0].name: Not found: "z"']],
  ['no path', 'volumeMounts: [{name: v}]', ['volumeMounts[0].mountPath: Required value']],
  [
    'a relative path',
    'volumeMounts: [{name: v, mountPath: v}]',
    ['volumeMounts[0].mountPath: Invalid value: "v": must be an absolute path'],
  ],
  [
    'a colon in a path',
    'volumeMounts: [{name: v, mountPath: "/a:b"}]',
    ['volumeMounts[0].mountPath: Invalid value: "/a:b": must not contain \':\''],
  ],
  [
    'one path twice',
    'volumeMounts: [{name: v, mountPath: /v}, {name: p, mountPath: /v}]',
    ['volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
  ],
  ['one volume twice', 'volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /w}]', []],
  [
    'a part outside of the volume',
    'volumeMounts: [{name: v, mountPath: /v, subPath: a/../../b}]',
    ['volumeMounts[0].subPath: Invalid value: "a/../../b": must not contain \'..\''],
  ],
  [
    'an absolute part',
    'volumeMounts: [{name: v, mountPath: /v, subPathExpr: /$(A)}]',
    ['volumeMounts[0].subPathExpr: Invalid value: "/$(A)": must be a relative path'],
  ],
  [
    'both kinds of part',
    'volumeMounts: [{name: v, mountPath: /v, subPath: a, subPathExpr: b}]',
    ['volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive'],
  ],
  [
    'a part of an image',
    'volumeMounts: [{name: i, mountPath: /v, subPath: a}]',
    ['volumeMounts[0].subPath: Invalid value: "a": not allowed in image volume sources'],
  ],
  [
    'propagation to the host',
    'volumeMounts: [{name: v, mountPath: /v, mountPropagation: Bidirectional}]',
    ['volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers'],
  ],
  [
    'propagation to the host by a privileged container',
    'volumeMounts: [{name: v, mountPath: /v, mountPropagation: Bidirectional}]\n      securityContext: {privileged: true}',
    [],
  ],
  [
    'propagation that there is not',
    'volumeMounts: [{name: v, mountPath: /v, mountPropagation: Both}]',
    ['volumeMounts[0].mountPropagation: "Both" is not one of None, HostToContainer, Bidirectional.'],
  ],
  [
    'recursive, and not read-only',
    'volumeMounts: [{name: v, mountPath: /v, recursiveReadOnly: Enabled}]',
    ['volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true'],
  ],
  [
    'recursive, and propagated',
    'volumeMounts: [{name: v, mountPath: /v, readOnly: true, recursiveReadOnly: IfPossible, mountPropagation: HostToContainer}]',
    ['volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified'],
  ],
  ['a device', 'volumeDevices: [{name: p, devicePath: /dev/x}]', []],
  ['a device of nothing', 'volumeDevices: [{name: z, devicePath: /dev/x}]', ['volumeDevices[0].name: Not found: "z"']],
  [
    'a device of a directory',
    'volumeDevices: [{name: v, devicePath: /dev/x}]',
    [
      'volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    ],
  ],
  [
    'a device twice',
    'volumeDevices: [{name: p, devicePath: /dev/x}, {name: p, devicePath: /dev/x}]',
    [
      'volumeDevices[1].name: Invalid value: "p": must be unique',
      'volumeDevices[1].devicePath: Invalid value: "/dev/x": must be unique',
    ],
  ],
  [
    'a device with a step upwards',
    'volumeDevices: [{name: p, devicePath: /dev/../x}]',
    ['volumeDevices[0].devicePath: Invalid value: "/dev/../x": can not contain backsteps (\'..\')'],
  ],
  [
    'a device that is mounted too',
    'volumeDevices: [{name: p, devicePath: /x}]\n      volumeMounts: [{name: p, mountPath: /x}]',
    [
      'volumeDevices[0].name: Invalid value: "p": must not already exist in volumeMounts',
      'volumeDevices[0].devicePath: Invalid value: "/x": must not already exist as a path in volumeMounts',
      'volumeMounts[0].name: Invalid value: "p": must not already exist in volumeDevices',
      'volumeMounts[0].mountPath: Invalid value: "/x": must not already exist as a path in volumeDevices',
    ],
  ],
])('%s', (_name, fields, faults) => {
  expect(containerFaults(`      ${fields}\n`, volumes)).toEqual(faults);
});
