// The files of an image, copied into a container: through a container of the image that never runs.
import { createHash } from 'node:crypto';
import { CARRIER_ROLE, CLUSTER_LABEL, ROLE_LABEL } from '../kubelet/labels.ts';
import { cleanName, filterArchive } from './archive.ts';
import type { IdBody } from './bodies.ts';
import { type Connection, chunksOf } from './connection.ts';
import type { Containers } from './containers.ts';
import { toEngineError } from './failures.ts';
import { archivePath } from './files.ts';

const NAME_LENGTH = 24;
/** What the engine puts into each container that it makes. */
const OF_THE_ENGINE = /^(\.dockerenv$|(dev|proc|sys)(\/|$))/;
/** What the engine puts there unless the image has it, as empty files or a link. */
const EMPTY_UNLESS_OF_THE_IMAGE = /^etc\/(hostname|hosts|resolv\.conf|mtab)$/;

/** What is copied where. */
export interface ImageCopy {
  readonly cluster: string;
  readonly reference: string;
  readonly id: string;
  readonly directory: string;
}

/** See ContainerEngine.copyImage. */
export async function copyImageInto(
  connection: Connection,
  containers: Containers,
  { cluster, reference, id, directory }: ImageCopy,
  signal: AbortSignal,
): Promise<void> {
  // The same name each time, so that what a killed process left is used and removed by the next.
  const key = createHash('sha256').update(`${cluster}\n${reference}\n${id}\n${directory}`).digest('hex').slice(0, NAME_LENGTH);
  const source = await createSource(connection, containers, `hf.${cluster}._image.${key}`, reference, cluster, signal);
  const what = `copy the files of image ${reference}`;
  try {
    const response = await connection.open({
      what,
      method: 'GET',
      path: archivePath(source),
      query: { path: '/.' },
      expect: [200],
      signal,
    });
    const archive = filterArchive(chunksOf(response), ({ name, size }) => {
      const path = cleanName(name);
      return !OF_THE_ENGINE.test(path) && !(size === 0 && EMPTY_UNLESS_OF_THE_IMAGE.test(path));
    });
    await connection.call({
      what,
      method: 'PUT',
      path: archivePath(id),
      query: { path: directory },
      archive,
      expect: [200],
      signal,
    });
  } catch (error) {
    throw toEngineError(error, what, connection.address);
  } finally {
    await containers.remove(source, signal);
  }
}

async function createSource(
  connection: Connection,
  containers: Containers,
  name: string,
  reference: string,
  cluster: string,
  signal: AbortSignal,
): Promise<string> {
  const { status, bytes } = await connection.call({
    what: `create container ${name}`,
    method: 'POST',
    path: '/containers/create',
    query: { name },
    // An image of files alone has no command, without which the engine makes no container.
    body: {
      Image: reference,
      Cmd: ['/'],
      Labels: { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: CARRIER_ROLE },
      HostConfig: { NetworkMode: 'none' },
    },
    expect: [201, 409],
    signal,
  });
  if (status === 201) return (JSON.parse(bytes.toString()) as IdBody).Id ?? '';
  const holder = await containers.body(name, signal);
  const found = holder?.Id ?? name;
  await containers.own(found, signal);
  return found;
}
