// How applications end, one after the other: the one of the command line, what it declares, and what those declare. Decides nothing.

import type { StoreReader } from '../store/store.ts';
import { parentOf } from '../sync/declared.ts';
import type { Outcome } from '../sync/outcome.ts';
import type { Syncer } from '../sync/syncer.ts';
import type { Wait } from '../sync/waiters.ts';
import { type ApplicationPlane, below } from './application-plane.ts';

interface ConcludingParts {
  /** The application of the command line. */
  readonly name: string;
  readonly syncer: Syncer;
  readonly applications: ApplicationPlane;
  readonly store: StoreReader;
  readonly node: { settled(): Promise<void> };
}

interface Concluding {
  /** Of a single run. */
  readonly outcome: Promise<Outcome>;
  readonly conclude: (application: string | undefined, wait: Wait) => Promise<Outcome>;
}

/** The end of a single run, and the ends that somebody asks for. */
export function concluding({ name: root, syncer, applications, store, node }: ConcludingParts): Concluding {
  const withOthers = async (reaching: Promise<Outcome>, wait: Wait): Promise<Outcome> => {
    const reached = await reaching;
    const others = await applications.conclude(root, below(wait));
    // Whoever ends with the outcome leaves a network that is as the commit says.
    await node.settled();
    return others.length === 0 ? reached : { ...reached, applications: others };
  };
  const one = async (name: string, wait: Wait): Promise<Outcome> => {
    if (name === root) return await syncer.conclude(wait);
    const application = store.get('Application', '', name);
    const parent = application === undefined ? undefined : parentOf(application, store)?.metadata.name;
    if (parent === undefined || !applications.isFollower(name)) return await applications.concludeOne(name, wait);
    const above = await one(parent, wait);
    if (above.outcome === 'live') return await applications.concludeOne(name, below(wait));
    const message = `application ${parent}, which it follows, is not live: ${above.message}`;
    return { ...above, application: name, actions: [], message };
  };
  return {
    outcome: withOthers(syncer.outcome(), {}),
    conclude: async (name = root, wait) => {
      if (name !== root) return await one(name, wait);
      return await withOthers(syncer.conclude(wait), wait);
    },
  };
}
