// The ConfigMap of address pools: whether nodes answer for them is not to be misread.
import { expect, test } from 'vitest';
import { faultsOf } from '../../support/object-faults.ts';

const pools = (annotations: string, name = 'holdfast-address-pools', namespace = 'namespace: holdfast-system'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, ${namespace}${namespace === '' ? '' : ', '}annotations: {${annotations}}}\ndata: {default: 10.0.0.0/28}\n`;
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
  [pools('holdfast.dev/announce: "no"', 'others'), []],
  [pools('holdfast.dev/announce: "no"', 'holdfast-address-pools', 'namespace: shop'), []],
])('%s', (text, expected) => {
  expect(faultsOf(text)).toEqual(expected);
});
