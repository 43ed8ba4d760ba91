// What a commit waits for before it is applied: other applications, live and healthy at their own newest commits. Pure.
import { isEnding } from '../model/deletion.ts';
import type { StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { commitName } from './phrases.ts';

/** The commit that the source of an application is at now; undefined while nobody has asked it. */
export type NewestCommit = (application: string) => string | undefined;

/** One line for each application that is not as it must be; empty when all are. */
export function dependencyWaits(names: readonly string[], newest: NewestCommit, reader: StoreReader): readonly string[] {
  return names.flatMap((name) => {
    const wait = waitFor(reader.get('Application', '', name), newest(name));
    return wait === undefined ? [] : [`application/${name}${wait}`];
  });
}

function waitFor(application: StoredOf<'Application'> | undefined, newest: string | undefined): string | undefined {
  if (application === undefined) return ', which is not declared yet';
  if (isEnding(application)) return ', which is being removed';
  const { lastGood, held, quarantined, attempt, source, health = 'Unknown' } = application.status ?? {};
  if (source?.ready === false) return `, whose source cannot be read: ${source.message}`;
  if (newest === undefined) return ', whose source was not read yet';
  if (lastGood?.id !== newest) {
    const ill = [quarantined, held].find((record) => record?.commit.id === newest);
    if (ill !== undefined) return `, whose newest ${commitName(newest)} is not live (${ill.outcome}): ${ill.message}`;
    const phase = attempt?.commit.id === newest ? `, which is ${attempt.phase}` : '';
    return ` to be live at its newest ${commitName(newest)}${phase}`;
  }
  if (attempt !== undefined) return ` to be done with ${commitName(attempt.commit.id)}`;
  return health === 'Healthy' ? undefined : ` to be healthy; it is ${health.toLowerCase()}`;
}

/** Which applications wait for which others, by the name of those that are waited for. */
export class Dependents {
  readonly #waitsFor = new Map<string, readonly string[]>();
  readonly #waiting = new Map<string, Set<string>>();

  /** What an application says now that it depends on; undefined: nothing, or that it is gone. */
  set(application: string, dependsOn: readonly { readonly name: string }[] = []): void {
    for (const name of this.#waitsFor.get(application) ?? []) this.#drop(name, application);
    this.#waitsFor.delete(application);
    if (dependsOn.length === 0) return;
    const names = dependsOn.map(({ name }) => name);
    this.#waitsFor.set(application, names);
    for (const name of names) this.#waiting.set(name, (this.#waiting.get(name) ?? new Set()).add(application));
  }

  /** Those that wait for this one. */
  of(application: string): Iterable<string> {
    return this.#waiting.get(application) ?? [];
  }

  #drop(name: string, application: string): void {
    const waiting = this.#waiting.get(name);
    waiting?.delete(application);
    if (waiting?.size === 0) this.#waiting.delete(name);
  }
}
