// The ConfigMap of address pools: neither its ranges nor whether nodes answer for them are to be misread.
import { expect, test } from 'vitest';
import { faultsOf } from '../../support/object-faults.ts';

const pools = (annotations: string, name = 'holdfast-address-pools', namespace = 'namespace: holdfast-system'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, ${namespace}${namespace === '' ? '' : ', '}annotations: {${annotations}}}\ndata: {default: 10.0.0.0/28}\n`;
const ranges = (text: string, name = 'holdfast-address-pools'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: holdfast-system}\ndata: {default: "${text}"}\n`;
const noRange = (part: string, text: string): string =>
  `data.default: Invalid value: "${text}": "${part}" of pool "default" is not a range such as 10.0.0.0/28 or 10.0.0.1-10.0.0.9`;
const unknown = (key: string): string[] => [
  `metadata.annotations[${key}]: Invalid value: "${key}": there is no such annotation. Did you mean "holdfast.dev/announce"?`,
];
const unsupported = (value: string): string[] => [
  `metadata.annotations[holdfast.dev/announce]: Unsupported value: "${value}": supported values: "enabled", "disabled"`,
];

test.each<[string, string[]]>([
  [pools('holdfast.dev/announce: disabled'), []],
  [pools('holdfast.dev/announce: enabled, holdfast.dev/prune: disabled, example.com/announce: x'), []],
  [pools('holdfast.dev/announce: "false"'), unsupported('false')],
  [pools('holdfast.dev/announce: Disabled'), unsupported('Disabled')],
  [pools('holdfast.dev/anounce: disabled'), unknown('holdfast.dev/anounce')],
  [pools('holdfast.dev/announcement: disabled'), unknown('holdfast.dev/announcement')],
  [ranges('192.0.2.1 - 192.0.2.9, 10.0.0.0/28 10.1.0.1'), []],
  [ranges('192.0.2.9-192.0.2.1'), [noRange('192.0.2.9-192.0.2.1', '192.0.2.9-192.0.2.1')]],
  [ranges('192.0.2.0/28, 2001:db8::/64'), [noRange('2001:db8::/64', '192.0.2.0/28, 2001:db8::/64')]],
  [ranges('anything', 'others'), []],
  [pools('holdfast.dev/announce: "no"', 'others'), []],
  [pools('holdfast.dev/announce: "no"', 'holdfast-address-pools', 'namespace: shop'), []],
])('%s', (text, expected) => {
  expect(faultsOf(text)).toEqual(expected);
});
