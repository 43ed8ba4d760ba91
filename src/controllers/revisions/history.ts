// The history of a workload that replaces its pods itself: one ControllerRevision per template (Kubernetes, "ControllerRevision"). Says
// which revision the current template has, and which ones are kept. Shared by StatefulSets and DaemonSets; must not touch pods.
import type { Action } from '../../model/action.ts';
import type { ControllerRevision, LabelSelector, PodTemplateSpec, Stored, StoredOf } from '../../model/resource.ts';
import { controllerOf, controllerReference, keyOf } from '../../model/resource.ts';
import { isSameTemplate, templateRevisionHash } from '../../model/revision.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, isRecovered, namespaceOf, planClaims } from '../claims.ts';

export type StoredRevision = StoredOf<'ControllerRevision'>;

/** What has revisions. */
export type RevisionedOwner = StoredOf<'StatefulSet'> | StoredOf<'DaemonSet'>;

/** The revisions around a workload. */
export interface HistoryObserved {
  /** Those whose managing controller it is, older ones first. */
  readonly owned: readonly StoredRevision[];
  /** Those that it may adopt: its selector matches, nobody owns them. */
  readonly orphans: readonly StoredRevision[];
  /** Names in use by others, and whether they will be free soon because their owner is gone. */
  readonly taken: ReadonlyMap<string, { readonly isGoing: boolean }>;
}

/** A template that has, or is about to have, a revision. */
export interface Revision {
  readonly name: string;
  readonly hash: string;
  readonly template: PodTemplateSpec;
}

/** The current template's revision and what it takes to have it. */
export interface History {
  readonly update: Revision;
  readonly actions: readonly Action[];
  readonly collisionCount: number | undefined;
}

/** Older ones first. */
function byNumber(a: StoredRevision, b: StoredRevision): number {
  return a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** Reads them. */
export function observeHistory(store: StoreReader, owner: RevisionedOwner): HistoryObserved {
  const owned = store.listOwned('ControllerRevision', owner.metadata.uid).toSorted(byNumber);
  const others = store
    .list('ControllerRevision', namespaceOf(owner))
    .filter((revision) => controllerOf(revision)?.uid !== owner.metadata.uid);
  const isTheirs = (revision: StoredRevision): boolean =>
    isOrphan(store, revision) && matchesSelector(owner.spec.selector, revision.metadata.labels);
  const isGoing = (revision: StoredRevision): boolean => {
    const controller = controllerOf(revision);
    const isLeft = controller !== undefined && isOwnerGone(store, namespaceOf(revision), controller) && !isRecovered(revision);
    return revision.metadata.deletionTimestamp !== undefined || isLeft;
  };
  const orphans = others.filter(isTheirs);
  const isNamesake = ({ metadata }: StoredRevision): boolean => metadata.name.startsWith(`${owner.metadata.name}-`);
  const taken = others.filter((revision) => isNamesake(revision) && (!orphans.includes(revision) || isGoing(revision)));
  return { owned, orphans, taken: new Map(taken.map((revision) => [revision.metadata.name, { isGoing: isGoing(revision) }])) };
}

/** Adoptions and releases of revisions; to be carried out before anything else is planned. */
export function planRevisionClaims(owner: Stored, selector: LabelSelector, { owned, orphans }: HistoryObserved): Action[] {
  return planClaims(owner, selector, owned, orphans);
}

/** The template that a revision holds; undefined for one that holds none. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  // A parsing edge: `data` is the patch that newRevision wrote, and free of form to everybody else.
  const { spec } = (revision.data ?? {}) as { spec?: { template?: PodTemplateSpec & { $patch?: string } } };
  if (spec?.template?.spec === undefined) return undefined;
  const { $patch: _patch, ...template } = spec.template;
  return template;
}

/** A stored revision as a template with a name. `hashLabel` is the label that carries its hash. */
export function revisionOf(stored: StoredRevision, hashLabel: string, fallback: PodTemplateSpec): Revision {
  const hash = stored.metadata.labels?.[hashLabel] ?? stored.metadata.name;
  return { name: stored.metadata.name, hash, template: templateOf(stored) ?? fallback };
}

function newRevision(owner: RevisionedOwner, { name, hash }: Revision, hashLabel: string, number: number): ControllerRevision {
  const { template } = owner.spec;
  const { annotations } = owner.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace: namespaceOf(owner),
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(owner)],
    },
    data: { spec: { template: { ...template, $patch: 'replace' } } },
    revision: number,
  };
}

/** The revision of the current template: an equal one that is there and becomes the newest, or one that is made. */
export function planHistory(owner: RevisionedOwner, observed: HistoryObserved, hashLabel: string): History | 'waiting' {
  const { template } = owner.spec;
  const { owned, taken } = observed;
  const highest = owned.at(-1)?.revision ?? 0;
  const equal = owned.findLast((revision) => {
    const held = templateOf(revision);
    return revision.metadata.deletionTimestamp === undefined && held !== undefined && isSameTemplate(held, template);
  });
  const counted = owner.status?.collisionCount;
  if (equal !== undefined) {
    const update = revisionOf(equal, hashLabel, template);
    const isNewest = equal.revision === highest;
    const why = { reason: 'RevisionRenumbered', message: `Revision ${equal.metadata.name} is the current one again` };
    const actions: Action[] = isNewest ? [] : [{ type: 'update', resource: { ...equal, revision: highest + 1 }, ...why }];
    return { update, actions, collisionCount: counted };
  }
  for (let collisions = counted ?? 0; ; collisions++) {
    const hash = templateRevisionHash(template, collisions);
    const name = `${owner.metadata.name}-${hash}`;
    const holder = taken.get(name);
    if (holder?.isGoing === true || owned.some((revision) => revision.metadata.name === name && isEnding(revision)))
      return 'waiting';
    if (holder !== undefined || owned.some((revision) => revision.metadata.name === name)) continue;
    const update = { name, hash, template };
    const resource = newRevision(owner, update, hashLabel, highest + 1);
    const why = { reason: 'RevisionCreated', message: `Created revision ${name}` };
    return { update, actions: [{ type: 'create', resource, ...why }], collisionCount: collisions === 0 ? counted : collisions };
  }
}

function isEnding(revision: StoredRevision): boolean {
  return revision.metadata.deletionTimestamp !== undefined;
}

/** Deletions of the oldest of these revisions until `count` fewer are left. */
export function removeOldest(revisions: readonly StoredRevision[], count: number, limit: number): Action[] {
  return revisions
    .filter((revision) => !isEnding(revision))
    .slice(0, Math.max(0, count))
    .map((revision) => ({
      type: 'delete',
      key: keyOf(revision),
      uid: revision.metadata.uid,
      reason: 'RevisionHistoryLimit',
      message: `Deleted revision ${revision.metadata.name}: the last ${limit} old ones are kept`,
    }));
}
