// Selectors of objects, as `target`, `select` and `reject` have them: regular expressions for the parts of an id, and selectors in
// Kubernetes' own syntax for labels and annotations.
import { mapAt } from '../field-path.ts';
import { type LabelTest, parseLabelSelector } from '../label-selector.ts';
import type { PlainMap, ResourceId } from '../resource.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { refuseUnknown, reportInvalid, type Settings, textOf } from './settings.ts';

/** What is selected. Parts that are not given take everything. */
export interface Selector {
  /** Whether group, version, kind, name and namespace are all absent. */
  readonly hasNoId: boolean;
  readonly hasNoLabels: boolean;
  takesKind(id: Pick<ResourceId, 'group' | 'version' | 'kind'>): boolean;
  takesName(name: string): boolean;
  takesNamespace(namespace: string): boolean;
  /** By both the labels and the annotations of an object. */
  takesLabels(value: Readonly<PlainMap>): boolean;
}

const idParts = ['group', 'version', 'kind', 'name', 'namespace'] as const;
const labelParts = ['labelSelector', 'annotationSelector'] as const;

/** Reads a selector; undefined, and problems, when a part of it cannot be read. */
export function readSelector(settings: Settings): Selector | undefined {
  refuseUnknown(settings, [...idParts, ...labelParts]);
  const patterns = new Map<string, Pattern>();
  const tests = new Map<string, LabelTest>();
  let isSound = true;
  for (const part of idParts) {
    const source = textOf(settings, part);
    const pattern = source === '' ? undefined : compilePattern(source);
    if (pattern === undefined) continue;
    if ('fault' in pattern) {
      reportInvalid(settings, [part], source, `is not a regular expression that is supported: ${pattern.fault}`);
      isSound = false;
    } else patterns.set(part, pattern);
  }
  for (const part of labelParts) {
    const source = textOf(settings, part);
    if (source.trim() === '') continue;
    const test = parseLabelSelector(source);
    if ('fault' in test) {
      settings.report([part], 'Invalid', test.fault);
      isSound = false;
    } else tests.set(part, test);
  }
  if (!isSound) return undefined;
  const takes = (part: (typeof idParts)[number], text: string): boolean => patterns.get(part)?.isAll(text) ?? true;
  return {
    hasNoId: patterns.size === 0,
    hasNoLabels: tests.size === 0,
    takesKind: ({ group, version, kind }) => takes('group', group) && takes('version', version) && takes('kind', kind),
    takesName: (name) => takes('name', name),
    takesNamespace: (namespace) => takes('namespace', namespace),
    takesLabels: (value) => {
      const metadata = mapAt(value, 'metadata');
      const has = (part: (typeof labelParts)[number], field: string): boolean =>
        tests.get(part)?.(mapAt(metadata, field) ?? {}) ?? true;
      return has('labelSelector', 'labels') && has('annotationSelector', 'annotations');
    },
  };
}
