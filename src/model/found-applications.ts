// Applications whose pods were found on a host by a store that has forgotten them: what they had beside pods (Services, policies, Ingresses) is not
// known before a commit of theirs is applied, and must not be taken for unwanted. Pure.
import type { Application, ObjectMeta } from './generated.ts';
import { APPLICATION_ANNOTATION } from './resource.ts';

type Named = { readonly metadata: ObjectMeta };

/** Whether a commit of this application was ever written to the store. */
export function wasApplied({ status = {} }: Pick<Application, 'status'>): boolean {
  const { lastGood, quarantined, attempt, inventory = [] } = status;
  return lastGood !== undefined || quarantined !== undefined || attempt?.appliedAt !== undefined || inventory.length > 0;
}

/** The application that a pod says it comes from; undefined when it says nothing, or when it is about to go. */
export function foundApplicationOf({ metadata }: Named): string | undefined {
  return metadata.deletionTimestamp === undefined ? metadata.annotations?.[APPLICATION_ANNOTATION] : undefined;
}

/** Names of applications that have pods here and of which no commit was applied yet, in order. Empty unless a store was lost. */
export function forgottenApplications(
  applications: readonly (Pick<Application, 'status'> & Named)[],
  pods: readonly Named[],
): readonly string[] {
  const applied = new Set(applications.filter(wasApplied).map(({ metadata }) => metadata.name));
  const found = new Set(pods.map(foundApplicationOf));
  return [...found].flatMap((name) => (name === undefined || applied.has(name) ? [] : [name])).toSorted();
}
