// A store that was lost knows the pods that run, and not yet what leads to them: a data plane brought in line with it would take away all that
// works. Until what has pods here was applied and the pods were looked at, the container keeps what it holds. What an application that nobody
// applies had is kept until somebody does, or its pods are gone: its Services, its policies (see policies/recalled.ts), and routes to its pods.
import { findCondition } from '../../model/conditions.ts';
import { forgottenApplications, foundApplicationOf, wasApplied } from '../../model/found-applications.ts';
import type { StoreReader } from '../../store/store.ts';
import type { Fragment } from '../fragment.ts';
import type { Lane } from './lane.ts';

/** How long pods that ran before may take to be found ready again. One that was not ready before never is. */
const PODS_MS = 10_000;
/** How long the other applications that have pods here are waited for, once one was applied: pods of that one come and go meanwhile. */
const APPLICATIONS_MS = 30_000;
const LOOK_AGAIN_MS = 200;
const LOOK_FOR_REST_MS = 1_000;
const SERVICE_PREFIX = 'service/';

/** Knows whether a store is whole. Asked before the first time that a data plane is brought in line with it. */
export class LostStore {
  readonly #now: () => number;
  readonly #onMissing: (message: string | undefined) => void;
  /** Uids of pods that were there before anything that a commit wants was. */
  #found: ReadonlySet<string> | undefined;
  #appliedAtMs: number | undefined;
  #isWhole = false;
  /** Whether no application is missing: it stays so. */
  #isComplete = false;
  #told: string | undefined;

  /** `now` is in epoch milliseconds. `onMissing` hears what is kept for which applications, for people, and undefined when nothing is any more. */
  constructor(now: () => number, onMissing: (message: string | undefined) => void = () => {}) {
    this.#now = now;
    this.#onMissing = onMissing;
  }

  /** Whether the store says all that is to be waited for. Once true it stays so. */
  isWhole(store: StoreReader): boolean {
    this.#isWhole ||= this.#look(store);
    this.#tell(this.missing(store));
    return this.#isWhole;
  }

  /** Applications that have pods here and of which this store knows no commit. */
  missing(store: StoreReader): readonly string[] {
    if (this.#isComplete) return [];
    const names = forgottenApplications(store.list('Application'), store.list('Pod'));
    this.#isComplete = this.#isWhole && names.length === 0;
    return names;
  }

  /** Whether a fragment that was found, and that nothing in the store explains, leads to pods of an application that is missing. */
  keeps(id: string, { rules, records }: Fragment, store: StoreReader): boolean {
    if (this.#isComplete || !id.startsWith(SERVICE_PREFIX)) return false;
    const missing = new Set(this.missing(store));
    const text = [
      ...[...rules.chains.values()].flat(),
      ...[...rules.elements.values()].flatMap((entries) => [...entries].flat()),
      ...records,
    ].join('\n');
    return store.list('Pod').some((pod) => missing.has(foundApplicationOf(pod) ?? '') && mentions(text, pod.status?.podIP ?? ''));
  }

  /**
   * Whether a proxy that was found leads to pods of an application that is missing: by the addresses that it leads to. Its routes are nobody's
   * who is known, so that all of them stay.
   */
  keepsRoutes(addresses: ReadonlySet<string>, store: StoreReader): boolean {
    const missing = new Set(this.missing(store));
    if (missing.size === 0) return false;
    return store.list('Pod').some((pod) => missing.has(foundApplicationOf(pod) ?? '') && addresses.has(pod.status?.podIP ?? ''));
  }

  #look(store: StoreReader): boolean {
    const applications = store.list('Application');
    if (!applications.some(wasApplied)) {
      this.#found ??= new Set(store.list('Pod').map(({ metadata }) => metadata.uid));
      return false;
    }
    this.#appliedAtMs ??= this.#now();
    const sinceMs = this.#now() - this.#appliedAtMs;
    // One whose commit is refused does not come by waiting.
    const awaited = this.missing(store).filter((name) => store.get('Application', '', name)?.status?.held === undefined);
    if (awaited.length > 0 && sinceMs < APPLICATIONS_MS) return false;
    if (this.#found === undefined || this.#found.size === 0 || sinceMs >= PODS_MS) return true;
    const found = this.#found;
    return store
      .list('Pod')
      .every(({ metadata, status }) => !found.has(metadata.uid) || findCondition(status?.conditions, 'Ready')?.status === 'True');
  }

  #tell(missing: readonly string[]): void {
    const message = this.#appliedAtMs === undefined ? undefined : missingMessage(missing, this.#isWhole);
    if (message === this.#told) return;
    this.#told = message;
    this.#onMissing(message);
  }
}

function missingMessage(missing: readonly string[], isWhole: boolean): string | undefined {
  if (missing.length === 0) return undefined;
  const names = missing.map((name) => `"${name}"`).join(', ');
  const who = missing.length === 1 ? `application ${names} has` : `applications ${names} have`;
  const what = isWhole
    ? 'their NetworkPolicies and the Services that lead to these pods are kept as they were found, and so are the routes of all Ingresses if some lead to them'
    : `all that was programmed is kept as it was found, for at most ${APPLICATIONS_MS / 1000} seconds`;
  return `${who} pods here, and no commit of which the store knows: ${what}; run holdfast reconcile with --application for each`;
}

/** Whether an address is in a text, and not merely the beginning or the end of another one. */
function mentions(text: string, address: string): boolean {
  return address !== '' && new RegExp(`(?<![\\d.])${address.replaceAll('.', '\\.')}(?!\\d|\\.\\d)`).test(text);
}

/** A lane that sends nothing before the store is whole. */
export function heldBack(lane: Lane, lostStore: LostStore): Lane {
  return {
    name: lane.name,
    isEssential: lane.isEssential,
    reset: (store) => lane.reset(store),
    take: (event, store) => lane.take(event, store),
    forget: () => lane.forget(),
    apply: async (pass) => {
      if (!lostStore.isWhole(pass.store)) return { checkAgainAfterMs: LOOK_AGAIN_MS };
      const result = await lane.apply(pass);
      // What is kept for an application goes when it is there, or when its pods are gone: nothing else wakes the lane then.
      return lostStore.missing(pass.store).length === 0 ? result : { checkAgainAfterMs: LOOK_FOR_REST_MS, ...result };
    },
  };
}
