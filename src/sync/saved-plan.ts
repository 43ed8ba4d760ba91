// A plan that was agreed to, as a file: what it was made for, and against what. A saved plan is never carried out by itself; it says whether
// the plan that is made now is still the same one, and what has moved if not. Pure, and without a single value: objects are known by marks
// that only the installation that made them can make again, so that nobody can guess at a Secret's value by a file that lies around.
import { canonicalJson, digestOf } from '../model/hash.ts';
import { displayKey, keyOf, keyString, type ResourceKey, type Stored } from '../model/resource.ts';
import { comparable, isSystemOwned } from './applied.ts';
import { span } from './phrases.ts';
import type { PlannedChange } from './planned.ts';
import { type FoundPlan } from './ports.ts';

/** The format of the file. A later one has another name. */
const FORMAT = 'holdfast.dev/plan/v1';
/** More would not be read. */
const MAX_TOLD = 10;

/** Marks a text: equal texts, equal marks, and no way back or forth without the installation's key. */
export type Seal = (text: string) => string;

/** One object of a plan, and what it was planned against. */
export interface SavedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `run`: the Job of a hook. */
  readonly action: PlannedChange['action'] | 'run';
  /** Of the object that was there. */
  readonly uid?: string;
  /** What was there of that which a commit owns; absent where it stays as it is, or goes. */
  readonly was?: string;
  /** What is to be there. */
  readonly wanted?: string;
  /** For how long it can be brought back once it is deleted, in milliseconds; absent: not at all. */
  readonly keptMs?: number;
}

/** What a plan was made for. */
export interface PlanPlace {
  readonly cluster: string;
  readonly application: string;
  /** The identity of the Docker Engine. */
  readonly engine: string;
  /** Where the application comes from, without credentials, and the path in it. */
  readonly source: string;
}

export interface SavedPlan extends PlanPlace {
  readonly format: typeof FORMAT;
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string };
  /** The commit that was live; null when none was. */
  readonly live: string | null;
  /** Known to belong to the key that made the marks. */
  readonly key: string;
  readonly objects: readonly SavedObject[];
}

/** What is to be kept of a plan. */
export function savedPlan(place: PlanPlace, { plan, status, loaded }: FoundPlan, seal: Seal): SavedPlan {
  const { cluster, application, engine, source } = place;
  const { id, subject, author } = loaded.commit;
  const wanted = new Map(loaded.manifests.map(({ resource }) => [keyString(keyOf(resource)), resource]));
  const mark = (value: unknown): string => seal(canonicalJson(value));
  const objects = plan.changes.map((change): SavedObject => {
    const { key, action, live, keptMs } = change;
    const next = wanted.get(keyString(key));
    return {
      ...key,
      action,
      ...(live === undefined ? {} : { uid: live.metadata.uid }),
      ...(live === undefined || action === 'unchanged' || action === 'delete' ? {} : { was: mark(ownedPart(live)) }),
      ...(next === undefined || action === 'unchanged' ? {} : { wanted: mark(comparable(next)) }),
      ...(keptMs === undefined ? {} : { keptMs }),
    };
  });
  const hooks = (plan.hooks ?? []).map(({ key }): SavedObject => {
    const next = wanted.get(keyString(key));
    return { ...key, action: 'run', ...(next === undefined ? {} : { wanted: mark(comparable(next)) }) };
  });
  return {
    format: FORMAT,
    cluster,
    application,
    engine,
    source,
    commit: { id, subject, author },
    live: status.lastGood?.id ?? null,
    key: seal('the key of this plan').slice(0, 16),
    objects: [...objects, ...hooks],
  };
}

/** What a commit owns of an object: not its identity, its status or what the system writes on it. */
function ownedPart(live: Stored): unknown {
  const { metadata: _metadata, ...body } = comparable(live);
  const own = (map: Readonly<Record<string, string>> | undefined): Record<string, string> =>
    Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !isSystemOwned(name)));
  return { ...body, labels: own(live.metadata.labels), annotations: own(live.metadata.annotations) };
}

/** What has moved between a saved plan and the one that is made now, for people; empty when they are the same. */
export function movedSince(saved: SavedPlan, now: SavedPlan): readonly string[] {
  const place = movedPlace(saved, now);
  if (place.length > 0) return place;
  const commit = movedCommit(saved, now);
  if (commit.length > 0) return commit;
  const before = new Map(saved.objects.map((object) => [idOf(object), object]));
  const after = new Map(now.objects.map((object) => [idOf(object), object]));
  const moved = [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const told = movedObject(before.get(id), after.get(id));
    return told === undefined ? [] : [told];
  });
  const rest = moved.length - MAX_TOLD;
  return rest > 0 ? [...moved.slice(0, MAX_TOLD), `and ${rest} more`] : moved;
}

function idOf({ action, kind, namespace, name }: SavedObject): string {
  return `${action === 'run' ? 'run ' : ''}${keyString({ kind, namespace, name } as ResourceKey)}`;
}

function movedPlace(saved: SavedPlan, now: SavedPlan): readonly string[] {
  const told = (what: string, field: keyof PlanPlace): string[] =>
    saved[field] === now[field] ? [] : [`it is for ${what} ${saved[field]}, and this is ${now[field]}`];
  const moved = [
    ...told('cluster', 'cluster'),
    ...told('application', 'application'),
    ...told('Docker Engine', 'engine'),
    ...told('source', 'source'),
  ];
  return moved.length > 0 || saved.key === now.key ? moved : ['it was made with another data folder'];
}

function movedCommit(saved: SavedPlan, now: SavedPlan): readonly string[] {
  const phrase = (id: string | null): string => (id === null ? 'nothing' : `commit ${shortId(id)}`);
  if (now.live === saved.commit.id && saved.live !== saved.commit.id)
    return [`${phrase(saved.commit.id)} is live already: this plan has been carried out`];
  return [
    ...(saved.live === now.live ? [] : [`${phrase(now.live)} is live, and the plan was made when ${phrase(saved.live)} was`]),
    ...(saved.commit.id === now.commit.id
      ? []
      : [`the source is at ${phrase(now.commit.id)}, and the plan is of ${phrase(saved.commit.id)}`]),
  ];
}

function shortId(id: string): string {
  return id.startsWith('worktree-') ? id : id.slice(0, 7);
}

const doing: Record<SavedObject['action'], string> = {
  create: 'be created',
  update: 'be changed',
  recreate: 'be recreated',
  delete: 'be deleted',
  unchanged: 'stay as it is',
  run: 'run as a hook',
};

function movedObject(saved: SavedObject | undefined, now: SavedObject | undefined): string | undefined {
  if (saved === undefined && now === undefined) return undefined;
  const { kind, namespace, name } = (saved ?? now) as SavedObject;
  const object = displayKey({ kind, namespace, name } as ResourceKey);
  if (saved === undefined) return `${object} would ${doing[now?.action ?? 'unchanged']}, and the plan does not know of it`;
  if (now === undefined) return `${object} would ${doing[saved.action]} by the plan, and is no part of it any more`;
  if (saved.action !== now.action) return `${object} would ${doing[now.action]}, and by the plan ${doing[saved.action]}`;
  if (saved.uid !== now.uid) return `${object} is not the object that was there: it was deleted and made anew`;
  if (saved.wanted !== now.wanted) return `${object} is rendered otherwise: variables, a remote base or a chart differ`;
  if (saved.keptMs !== now.keptMs) return `${object} could be brought back ${keptText(now)}, and by the plan ${keptText(saved)}`;
  return saved.was === now.was ? undefined : `${object} was changed since`;
}

function keptText({ keptMs }: SavedObject): string {
  return keptMs === undefined ? 'never' : `for ${span(keptMs)}`;
}

/** The text of the file. */
export function planFile(plan: SavedPlan): string {
  return `${JSON.stringify({ ...plan, checksum: checksumOf(plan) }, null, 2)}\n`;
}

function checksumOf(plan: object): string {
  return `sha256:${digestOf(canonicalJson(plan))}`;
}

/** The plan in a file, or why there is none. */
export function readPlanFile(
  text: string,
): { readonly ok: true; readonly plan: SavedPlan } | { readonly ok: false; readonly message: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: 'it is not JSON; it may be cut off' };
  }
  if (typeof value !== 'object' || value === null || !('format' in value))
    return { ok: false, message: 'it is no plan; "holdfast diff --out FILE" saves one' };
  if (value.format !== FORMAT)
    return { ok: false, message: `its format is ${JSON.stringify(value.format)}, and this version reads ${FORMAT}` };
  const { checksum, ...plan } = value as unknown as SavedPlan & { checksum?: unknown };
  // What has the checksum of a plan was written by `planFile`: its shape is the one above.
  if (checksum !== checksumOf(plan)) return { ok: false, message: 'it is damaged: its checksum is another one' };
  return { ok: true, plan };
}
