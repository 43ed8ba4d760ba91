// What selectors can see of an object's pods: the labels of the template, and those that Kubernetes itself adds.
import type { Labels, ResourceKey } from '../../model/resource.ts';
import { TEMPLATE_HASH_LABEL } from '../../model/resource.ts';

/** The labels of an object's pods. */
export interface PodLook {
  readonly labels: Labels;
  /** Labels with values that are not known before the pods are there, and what the values look like. */
  readonly later: ReadonlyMap<string, RegExp>;
  /** The labels as texts, such as `app=web`. */
  readonly texts: readonly string[];
  /** Equal for pods that no selector tells apart. */
  readonly id: string;
}

const anything = /^/;
const ordinal = /^\d+$/;
const ofJobs: readonly (readonly [string, RegExp])[] = [
  ['controller-uid', anything],
  ['batch.kubernetes.io/controller-uid', anything],
  ['batch.kubernetes.io/job-completion-index', ordinal],
];
const laterByKind: Readonly<Record<string, ReadonlyMap<string, RegExp>>> = {
  Deployment: new Map([[TEMPLATE_HASH_LABEL, anything]]),
  DaemonSet: new Map([
    ['controller-revision-hash', anything],
    ['pod-template-generation', ordinal],
  ]),
  Job: new Map(ofJobs),
  CronJob: new Map([...ofJobs, ['job-name', anything], ['batch.kubernetes.io/job-name', anything]]),
};
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
/** Labels that pods get when they are made. */
export const laterKeys: ReadonlySet<string> = new Set([
  ...Object.values(laterByKind).flatMap((later) => [...later.keys()]),
  POD_NAME,
  POD_INDEX,
]);
const noLater: ReadonlyMap<string, RegExp> = new Map();

/** The look of the pods that an object with these labels in its template makes. */
export function lookOf(key: ResourceKey, template: Labels): PodLook {
  const { kind, name } = key;
  const labels = kind === 'Job' ? { ...template, 'job-name': name, 'batch.kubernetes.io/job-name': name } : template;
  const texts = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort();
  const owner = kind === 'StatefulSet' ? `${kind}/${name}` : Object.hasOwn(laterByKind, kind) ? kind : '';
  return { labels, later: laterOf(key), texts, id: [owner, ...texts].join(' ') };
}

function laterOf({ kind, name }: ResourceKey): ReadonlyMap<string, RegExp> {
  if (kind !== 'StatefulSet') return laterByKind[kind] ?? noLater;
  const own = name.replace(/[^a-z0-9]/gi, '\\$&');
  return new Map([
    ['controller-revision-hash', anything],
    [POD_NAME, new RegExp(`^${own}-\\d+$`)],
    [POD_INDEX, ordinal],
  ]);
}
