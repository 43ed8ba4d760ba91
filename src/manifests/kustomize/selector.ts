// Which objects a selector of a kustomization means (kustomize's Selector): patterns for the whole of a name, and label selectors.
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { mapAt } from './field-path.ts';
import { originalId } from './ids.ts';
import { type LabelTest, parseLabelSelector } from './label-selector.ts';
import type { BuildResource } from './resource.ts';
import { currentId, effectiveNamespace } from './steps/identity.ts';
import { compilePattern, type Pattern } from './steps/pattern.ts';

/** Tells a fault of a selector; the path is relative to it. */
export type SelectorReport = (path: Path, reason: ProblemReason, message: string) => void;

type Test = (resource: BuildResource) => boolean;

/**
 * The test for a selector. Names and namespaces match as they are or as they first were; group, version and kind as they are. Undefined when
 * a part of it cannot be read, which is then reported.
 */
export function readSelector(selector: Readonly<Record<string, unknown>>, report: SelectorReport): Test | undefined {
  let isSound = true;
  const patternAt = (key: string): Pattern | undefined => {
    const source = selector[key] ?? '';
    if (source === '') return undefined;
    const pattern = typeof source === 'string' ? compilePattern(source) : { fault: 'it must be a string' };
    if (!('fault' in pattern)) return pattern;
    isSound = false;
    report([key], 'Invalid', `${JSON.stringify(source)} is no pattern: ${pattern.fault}`);
    return undefined;
  };
  const labelsAt = (key: string): LabelTest | undefined => {
    const source = selector[key] ?? '';
    if (typeof source !== 'string' || source.trim() === '') return undefined;
    const test = parseLabelSelector(source);
    if (!('fault' in test)) return test;
    isSound = false;
    report([key], 'Invalid', test.fault);
    return undefined;
  };
  const [group, version, kind, name, namespace] = ['group', 'version', 'kind', 'name', 'namespace'].map(patternAt);
  const [labels, annotations] = [labelsAt('labelSelector'), labelsAt('annotationSelector')];
  if (!isSound) return undefined;
  return (resource) => {
    const [now, first] = [currentId(resource.value), originalId(resource)];
    return (
      fits(namespace, effectiveNamespace(first), effectiveNamespace(now)) &&
      fits(name, first.name, now.name) &&
      fits(group, now.group) &&
      fits(version, now.version) &&
      fits(kind, now.kind) &&
      (labels?.(metadataMap(resource, 'labels')) ?? true) &&
      (annotations?.(metadataMap(resource, 'annotations')) ?? true)
    );
  };
}

function fits(pattern: Pattern | undefined, ...texts: readonly string[]): boolean {
  return pattern === undefined || texts.some((text) => pattern.isAll(text));
}

function metadataMap({ value }: BuildResource, key: string): Readonly<Record<string, unknown>> {
  return mapAt(mapAt(value, 'metadata'), key) ?? {};
}
