// Whether what a person wants back can come now. It is asked all that a commit is asked before it is applied: what only the whole set shows,
// images, places. Pure but for asking for images, which starts pulls and waits for none.
import type { Manifest } from '../../manifests/load.ts';
import type { Problem } from '../../manifests/problem.ts';
import {
  type ApplicationStatus,
  displayKey,
  keyString,
  parseKey,
  type StoredOf,
  type UndeleteWish,
} from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';
import { type Patience, phaseMs } from '../gates/timeouts.ts';
import { type JudgedWish } from '../observed.ts';
import { planSync } from '../plan.ts';
import { type PlannedChange, type SyncPlan } from '../planned.ts';
import type { ImagePreparer, PlacementCheck } from '../ports.ts';
import { networkProblems, setProblems } from '../preflight.ts';
import { prepareImages } from '../preflight-images.ts';
import { type DeletedRecord, entryOfRecord, keyOfRecord, manifestOf, recordOf } from './records.ts';

/** An image is not asked for again sooner than that. */
const SOONEST_RETRY_MS = 1_000;

export interface UndeleteInput {
  readonly application: StoredOf<'Application'>;
  readonly status: ApplicationStatus;
  readonly store: StoreReader;
  /** The commit whose objects run, and what it declares. */
  readonly commit: string;
  readonly declared: ReadonlySet<string>;
  readonly now: number;
}

/** What it takes to say whether objects can run. */
export interface Surroundings {
  /** What should run without them, and what is yet to go of what runs. */
  readonly manifests: readonly Manifest[];
  readonly plan: Pick<SyncPlan, 'changes'>;
  readonly images: ImagePreparer;
  readonly checkPlacement: PlacementCheck;
  readonly patience: Patience;
}

/** All of a wish or nothing: half of what belongs together is no help. */
export function judgeWish(wish: UndeleteWish, input: UndeleteInput, around: Surroundings): JudgedWish {
  const { application, store, commit, declared } = input;
  const faults: string[] = [];
  const records = wish.objects.flatMap((text): DeletedRecord[] => {
    const key = parseKey(text);
    const record = recordOf(store, application.metadata.name, key);
    if (declared.has(text)) faults.push(`${displayKey(key)} is declared again by ${commit.slice(0, 7)}`);
    else if (record === undefined) faults.push(`nothing is kept of ${displayKey(key)} any more`);
    // Whoever was killed in between hears an order twice.
    else if (record.spec.undeleted?.commit !== commit) return [record];
    return [];
  });
  const { changes, problems } = planOf(records, input);
  faults.push(...errorsOf(problems));
  if (faults.length === 0) faults.push(...errorsOf(newProblems(records, input, around)));
  if (faults.length > 0) return { wish, records: [], refusal: faults.join('; '), waitingFor: [] };
  return records.length === 0 ? { wish, records, waitingFor: [] } : needing({ wish, records, changes }, input, around);
}

/** What objects that come back change of what is there. */
export function planOf(records: readonly DeletedRecord[], { application, store }: UndeleteInput): ReturnType<typeof planSync> {
  const { name } = application.metadata;
  const inventory = records.map(entryOfRecord);
  return planSync({ desired: records.map(manifestOf), live: store, inventory, application: name, mode: 'commit', ignore: [] });
}

/** What is wrong with everything together, and is not without the objects. */
function newProblems(records: readonly DeletedRecord[], input: UndeleteInput, around: Surroundings): readonly Problem[] {
  const { store, application } = input;
  const back = records.map(manifestOf);
  const all = (manifests: readonly Manifest[]): readonly Problem[] =>
    setProblems({ manifests, store, application: application.metadata.name }, around.plan);
  const nameOf = ({ file, line, field, message }: Problem): string => JSON.stringify([file, line, field, message]);
  const known = new Set(all(around.manifests).map(nameOf));
  const found = all([...around.manifests, ...back]).filter((problem) => !known.has(nameOf(problem)));
  return [...found, ...networkProblems(back, store)];
}

function errorsOf(problems: readonly Problem[]): readonly string[] {
  return problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

/** What the nodes have to have for it. */
function needing(
  { wish, records, changes }: Pick<JudgedWish, 'wish' | 'records'> & { readonly changes: readonly PlannedChange[] },
  { store, now }: UndeleteInput,
  { manifests, images, checkPlacement, patience }: Surroundings,
): JudgedWish {
  const plan: SyncPlan = { changes, forgotten: [], kept: [], problems: [] };
  const found = prepareImages({ manifests: records.map(manifestOf), plan, store, images, wish: `undelete ${wish.at}` });
  const own = new Set(records.map((record) => keyString(keyOfRecord(record))));
  // What has just been brought back may not have its pods yet: its places are taken all the same.
  const wanted = [
    ...manifests.map(({ resource }) => resource),
    ...changes.flatMap(({ next }) => (next === undefined ? [] : [next])),
  ];
  const unplaced = checkPlacement(wanted, now).filter(({ key }) => own.has(key));
  const failed = found.failed.map(({ message }) => message);
  const waiting = [...unplaced.map(({ key, message }) => `${displayKey(parseKey(key))}: ${message}`), ...errorsOf(found.waiting)];
  const deadlineMs = (wish.since === undefined ? now : fromRfc3339(wish.since)) + phaseMs('preflighting', patience);
  const isHopeless = failed.length > 0 || unplaced.some(({ isLasting }) => isLasting === true) || now >= deadlineMs;
  if (waiting.length + failed.length === 0) return { wish, records, waitingFor: [] };
  if (isHopeless) return { wish, records: [], refusal: [...failed, ...waiting].join('; '), waitingFor: [] };
  const retryAtMs = found.retryAtMs === undefined ? deadlineMs : Math.max(found.retryAtMs, now + SOONEST_RETRY_MS);
  return { wish, records: [], waitingFor: waiting, againAtMs: Math.min(retryAtMs, deadlineMs) };
}
