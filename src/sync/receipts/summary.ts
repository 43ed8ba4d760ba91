// What a commit says, in short: its objects with a digest of each, the images that they name and how many pods they want. Pure.
import { canonicalize } from '../../model/canonical-json.ts';
import { digestOf } from '../../model/hash.ts';
import { type Desired, keyOf } from '../../model/resource.ts';
import { allContainersOf, podSpecOf } from '../../model/workload.ts';

/** One object of a commit. */
export interface ObjectSummary {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** SHA-256 of the rendered object; of a Secret with marks in place of its values. */
  readonly digest: string;
  readonly images?: readonly string[];
  readonly replicas?: number;
}

/** All objects, in their order. `seal` marks values of Secrets: another value, another mark. */
export function summaryOf(resources: readonly Desired[], seal: (text: string) => string): readonly ObjectSummary[] {
  return resources.map((resource): ObjectSummary => {
    const spec = podSpecOf(resource);
    const images = spec === undefined ? [] : [...new Set(allContainersOf(spec).map(({ image }) => image))].toSorted();
    const replicas =
      'spec' in resource && resource.spec !== undefined && 'replicas' in resource.spec ? resource.spec.replicas : undefined;
    return {
      ...keyOf(resource),
      digest: `sha256:${digestOf(canonicalize(withoutValues(resource, seal)))}`,
      ...(images.length === 0 ? {} : { images }),
      ...(replicas === undefined ? {} : { replicas }),
    };
  });
}

function withoutValues(resource: Desired, seal: (text: string) => string): unknown {
  if (resource.kind !== 'Secret') return resource;
  const marked = (map: Readonly<Record<string, string>> | undefined): object =>
    Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, seal(value)]));
  const { annotations, ...metadata } = resource.metadata;
  // Tools leave copies of the whole object in annotations.
  return {
    ...resource,
    metadata: { ...metadata, annotations: marked(annotations) },
    data: marked(resource.data),
    stringData: marked(resource.stringData),
  };
}
