// One declared application at work: its source, its loader, its syncer and its notifier, put together. Decides nothing.
import type { StoredOf } from '../model/resource.ts';
import type { TimeKeeping } from '../runtime/kept-time.ts';
import type { StoreFeed } from '../runtime/store-feed.ts';
import { type Metrics, noMetrics } from '../signals/metrics/metrics.ts';
import type { Courier } from '../signals/notify/courier.ts';
import { Notifier } from '../signals/notify/notifier.ts';
import { faultySource, type OpenDeclaredSource, type SourceFinding } from '../sources/declared-source.ts';
import { type DeclaredLoading, declaredLoader } from '../sources/manifest-loader.ts';
import type { Store } from '../store/store.ts';
import { applicationOf } from '../sync/applied.ts';
import { type CommitSource, SourceError } from '../sync/commit-source.ts';
import { followedSource } from '../sync/followed-source.ts';
import type { OrderDesk } from '../sync/gates/orders.ts';
import type { ImagePreparer, PlacementCheck } from '../sync/ports.ts';
import type { Notary } from '../sync/receipts/receipt.ts';
import { Syncer } from '../sync/syncer.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import { measuredSource } from './measured.ts';
import type { ControlPlaneParts } from './parts.ts';

/** What the syncers of all applications share. */
export interface SyncerSurroundings {
  /** Tells what changes in the store. */
  readonly feed: StoreFeed;
  readonly images: ImagePreparer;
  readonly checkPlacement: PlacementCheck;
  /** Whether each pod of the node was looked at once: nothing is judged before. */
  readonly isObserved: () => boolean;
  /** Who sees that the clock was set. */
  readonly keptTime: TimeKeeping;
}

/** What all declared applications share. */
export interface SharedParts extends SyncerSurroundings, DeclaredLoading {
  readonly store: Store;
  readonly openSource: OpenDeclaredSource;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly courier?: Courier | undefined;
  /** What people say beside Git. */
  readonly orders?: OrderDesk | undefined;
  readonly softDelete?: string | undefined;
  /** Who signs receipts. */
  readonly notary?: Notary | undefined;
  readonly intervalMs: number;
  /** The command line follows files on disk: they have no commits at which others could stand. */
  readonly isOfFiles?: boolean;
}

/** What they have of a control plane. */
export function sharedParts(
  parts: ControlPlaneParts,
): Omit<SharedParts, keyof SyncerSurroundings> & { readonly removalTimeoutMs: number } {
  const { store, clock, ids, logger, metrics, courier, orders, softDelete, notary, intervalMs, timeoutMs, loading = {} } = parts;
  const nowhere: OpenDeclaredSource = ({ path }) => faultySource(path, 'sources of declared applications cannot be opened here');
  return {
    store,
    clock,
    ids,
    logger,
    metrics,
    courier,
    orders,
    softDelete,
    notary,
    intervalMs,
    loading,
    openSource: parts.openDeclared ?? nowhere,
    fixedTimeoutMs: parts.isTimeoutFixed === true ? timeoutMs : undefined,
    removalTimeoutMs: timeoutMs,
    isOfFiles: parts.source.revision === 'working tree',
  };
}

/** How an application stands to the others. */
export interface ApplicationLinks {
  /** The commit that a follower is to be at. */
  readonly followed: () => string | undefined;
  /** What its newest commit waits for. */
  readonly dependencies: () => readonly string[];
  /** Hears that something new is known of its source. */
  readonly onSource: () => void;
}

/** One that works. */
export interface BegunApplication {
  readonly name: string;
  readonly source: CommitSource;
  /** It stands where its parent is live. */
  readonly isFollower: boolean;
  readonly syncer: Syncer;
  readonly notifier: Notifier | undefined;
  /** Stops working; what runs goes on. */
  stop(): Promise<void>;
}

type StoredApplication = StoredOf<'Application'>;

/** Begins to work on what the store says of an application. */
export function beginApplication(
  application: StoredApplication,
  found: SourceFinding,
  { followed, ...links }: ApplicationLinks,
  parts: SharedParts,
): BegunApplication {
  const { store, feed, clock, ids, logger, images, checkPlacement, intervalMs, isObserved, courier, metrics = noMetrics } = parts;
  const { name } = application.metadata;
  const isFollower = 'wanted' in found && found.isFollower && !(found.wanted.revision === 'same' && parts.isOfFiles === true);
  const opened = openSource(application, found, isFollower ? followed : undefined, parts);
  const source = parts.metrics === undefined ? opened : measuredSource(opened, name, metrics, clock);
  const syncer = new Syncer({
    application: { name, spec: { ...application.spec, repo: source.description, revision: source.revision }, isDeclared: true },
    store,
    feed,
    source,
    load: declaredLoader(application, parts),
    images,
    checkPlacement,
    clock,
    ids,
    logger,
    intervalMs,
    isObserved,
    ...links,
    ...(parts.orders === undefined ? {} : { orders: parts.orders }),
    keptTime: parts.keptTime,
    softDelete: parts.softDelete,
    ...(parts.notary === undefined ? {} : { notary: parts.notary }),
    onRepair: (objects) => metrics.count('holdfast_drift_repairs_total', { application: name }, objects),
  });
  const told = { store, feed, clock, ids, logger, metrics, application: name };
  const notifier = courier === undefined ? undefined : new Notifier({ courier, ...told });
  notifier?.start();
  syncer.start();
  const stop = async (): Promise<void> => {
    await syncer.stop();
    await notifier?.stop();
    await source.close();
  };
  return { name, source, isFollower, syncer, notifier, stop };
}

function openSource(
  application: StoredApplication,
  found: SourceFinding,
  commit: (() => string | undefined) | undefined,
  parts: SharedParts,
): CommitSource {
  const description = application.spec.source?.repository ?? '';
  if ('fault' in found) return faultySource(description, found.fault);
  try {
    const lastGood = (): string | undefined =>
      parts.store.get('Application', '', application.metadata.name)?.status?.lastGood?.id;
    const files = parts.openSource({ ...found.wanted, lastGood });
    return commit !== undefined ? followedSource({ files, parent: applicationOf(application) ?? '', commit }) : files;
  } catch (error) {
    if (error instanceof SourceError) return faultySource(description, error);
    throw error;
  }
}
