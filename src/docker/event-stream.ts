// Events of our containers. They only wake the kubelet: a lost one costs time until the next relist, never correctness.
import { EngineError, type EngineEvent } from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL } from '../kubelet/labels.ts';
import type { ContainerBody, EventBody } from './bodies.ts';
import { type Connection, chunksOf } from './connection.ts';
import { toEngineError } from './failures.ts';
import { jsonLines } from './lines.ts';

/** Without exec_*, attach, top…: those change nothing, and probes make thousands of them. */
const ACTIONS = 'create start die destroy oom pause unpause update rename stop restart connect disconnect'.split(' ');
const WHAT = 'follow the events';

type Labels = Readonly<Record<string, string>> | undefined;

/** See ContainerEngine.events. `labelsOf` answers for a container whose creation the stream has not seen: undefined when it is not ours. */
export async function* followEvents(
  connection: Connection,
  cluster: string,
  sinceMs: number,
  signal: AbortSignal,
  labelsOf: (id: string, signal: AbortSignal) => Promise<Labels>,
): AsyncGenerator<EngineEvent> {
  /** Events of networks carry the container's id alone. */
  const known = new Map<string, Labels>();
  try {
    const response = await connection.open({
      what: WHAT,
      method: 'GET',
      path: '/events',
      query: { since: toSeconds(sinceMs), filters: { type: ['container', 'network'], event: ACTIONS } },
      expect: [200],
      signal,
    });
    for await (const body of jsonLines<EventBody>(chunksOf(response))) {
      const id = (body.Type === 'network' ? body.Actor?.Attributes?.['container'] : body.Actor?.ID) ?? '';
      // A network that comes or goes as a whole names no container.
      if (id === '') continue;
      const action = body.Action ?? '';
      if (body.Type === 'container') known.set(id, ownLabels(body.Actor?.Attributes ?? {}, cluster));
      else if (!known.has(id)) known.set(id, await labelsOf(id, signal));
      const labels = known.get(id);
      if (action === 'destroy') known.delete(id);
      if (labels !== undefined) yield { containerId: id, labels, action };
    }
  } catch (error) {
    if (signal.aborted) return;
    throw toEngineError(error, WHAT, connection.address);
  }
  if (!signal.aborted) throw new EngineError('Unreachable', `${WHAT}: ${connection.address} closed the stream`);
}

/** The attributes of a container's event are its labels, and name and image beside them. */
function ownLabels(attributes: Readonly<Record<string, string>>, cluster: string): Labels {
  if (attributes[CLUSTER_LABEL] !== cluster) return undefined;
  const { name: _name, image: _image, ...labels } = attributes;
  return labels;
}

/** Docker takes seconds with nanoseconds as the fraction. */
function toSeconds(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}000000`;
}

/** Labels of an inspected container when it is ours. */
export function labelsOfOurs(body: ContainerBody, cluster: string): Labels {
  const labels = body.Config?.Labels ?? {};
  return labels[CLUSTER_LABEL] === cluster ? labels : undefined;
}
