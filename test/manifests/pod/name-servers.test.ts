import { expect, test } from 'vitest';
import { loadText } from '../../support/manifest-text.ts';

const NOTE =
  'spec.dnsConfig.nameservers: on a host whose own resolver listens on its loopback alone they take the place of its servers, instead of following them';

test.each([
  ['alone', 'dnsPolicy: None, ', []],
  ['behind the DNS of the cluster', '', []],
  ['behind the DNS of the cluster, by name', 'dnsPolicy: ClusterFirst, ', []],
  ["behind it on the host's network", 'dnsPolicy: ClusterFirstWithHostNet, hostNetwork: true, ', []],
  ["behind the host's own", 'dnsPolicy: Default, ', [NOTE]],
  ["behind the host's own on its network", 'hostNetwork: true, ', [NOTE]],
])('name servers %s', (_what, spec, notes) => {
  const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {${spec}dnsConfig: {nameservers: [192.0.2.1]}, containers: [{name: c, image: i}]}\n`;
  expect(loadText(text).problems.map(({ field, message }) => `${field}: ${message}`)).toEqual(notes);
});
