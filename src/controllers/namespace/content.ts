// What is in a namespace, and in which order it goes with it: first what makes pods, and the pods; when those have ended, all the rest
// (Kubernetes, "Ordered namespace deletion"). Facts and their order only.
import { isEnding } from '../../model/deletion.ts';
import { kindNaming } from '../../model/kinds.generated.ts';
import type { Kind, Stored } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';

const runningKinds: readonly Kind[] = [
  'CronJob',
  'Job',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
];
const otherKinds = (Object.keys(kindNaming) as Kind[]).filter(
  (kind) => kindNaming[kind].isNamespaced && kind !== 'Event' && !runningKinds.includes(kind),
);

/** Kinds of the objects in a namespace, in the order in which they go. Events are records and are not counted. */
export const contentKinds: readonly Kind[] = [...runningKinds, ...otherKinds];

/** All objects of a namespace, in the order in which they go. */
export function contentOf(store: StoreReader, namespace: string): readonly Stored[] {
  return contentKinds.flatMap((kind): readonly Stored[] => store.list(kind, namespace));
}

/** Whether objects of this kind run, or make others run: they go first. */
export function isRunning({ kind }: Stored): boolean {
  return runningKinds.includes(kind);
}

/** Those that may be deleted now. */
export function nextToGo(content: readonly Stored[]): readonly Stored[] {
  const running = content.filter(isRunning);
  return (running.length > 0 ? running : content).filter((resource) => !isEnding(resource));
}
