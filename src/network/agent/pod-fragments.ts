// The fragments of pods by namespace: their names.
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import { type Fragment, NO_RULES } from '../fragment.ts';
import { podRecords } from '../names/pod-records.ts';
import type { FragmentSource } from './fragment-source.ts';

const PREFIX = 'pods/';

/** The source of the fragments `pods/NAMESPACE`. */
export class PodFragments implements FragmentSource {
  reset(store: StoreReader): readonly string[] {
    return [...new Set(store.list('Pod').map(({ metadata }) => idOf(metadata.namespace)))];
  }

  take({ resource }: WatchEvent): readonly string[] {
    return resource.kind === 'Pod' ? [idOf(resource.metadata.namespace)] : [];
  }

  plan(id: string, store: StoreReader): Fragment | undefined {
    if (!id.startsWith(PREFIX)) return undefined;
    const records = podRecords(store.list('Pod', id.slice(PREFIX.length)));
    return records.size === 0 ? undefined : { rules: NO_RULES, records };
  }
}

function idOf(namespace = 'default'): string {
  return `${PREFIX}${namespace}`;
}
