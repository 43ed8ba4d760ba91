// Images: known, pulled, removed, or made from bytes of our own.
import {
  EngineError,
  type FileEntry,
  type ImageSeen,
  type PullProgress,
  type PullRequest,
} from '../kubelet/engine/container-engine.ts';
import { packFiles } from './archive.ts';
import type { IdBody, ImageBody, ProgressBody } from './bodies.ts';
import { type Connection, chunksOf, type EngineRequest } from './connection.ts';
import { RefusedByEngine, toEngineError, toPullError } from './failures.ts';
import { jsonLines } from './lines.ts';
import { splitReference, toImageSeen, toPullQuery } from './mapping.ts';

/** See ContainerEngine.image. */
export async function findImage(connection: Connection, reference: string, signal: AbortSignal): Promise<ImageSeen | undefined> {
  const request: EngineRequest = {
    what: `look for image ${reference}`,
    method: 'GET',
    path: `/images/${reference}/json`,
    expect: [200, 404],
    signal,
  };
  const { status, bytes } = await connection.call(request);
  return status === 404 ? undefined : toImageSeen(JSON.parse(bytes.toString()) as ImageBody);
}

/** See ContainerEngine.listImages. */
export async function listAllImages(connection: Connection, signal: AbortSignal): Promise<readonly ImageSeen[]> {
  const request: EngineRequest = { what: 'list the images', method: 'GET', path: '/images/json', expect: [200], signal };
  return (await connection.json<readonly ImageBody[]>(request)).map(toImageSeen);
}

/** See ContainerEngine.removeImage. Without being asked, Docker would take an image from under containers that do not run. */
export async function removeOneImage(connection: Connection, id: string, signal: AbortSignal): Promise<void> {
  const what = `remove image ${id}`;
  const query = { all: true, limit: 1, filters: { ancestor: [id] } };
  const users = await connection.call({ what, method: 'GET', path: '/containers/json', query, expect: [200, 404], signal });
  const user = users.status === 404 ? undefined : (JSON.parse(users.bytes.toString()) as readonly IdBody[])[0];
  if (user !== undefined) throw new EngineError('Conflict', `${what}: container ${user.Id ?? ''} uses it`);
  // By force, since it may have several tags.
  await connection.call({ what, method: 'DELETE', path: `/images/${id}`, query: { force: true }, expect: [200, 404], signal });
}

/** See ContainerEngine.pull: follows the progress to its end, since failures are told there under status 200. */
export async function pullImage(connection: Connection, request: PullRequest, signal: AbortSignal): Promise<void> {
  const { reference, credentials, onProgress } = request;
  try {
    await followProgress(
      connection,
      {
        what: `pull ${reference}`,
        method: 'POST',
        path: '/images/create',
        query: toPullQuery(reference),
        expect: [200],
        signal,
        ...(credentials === undefined ? {} : { credentials }),
      },
      onProgress === undefined ? undefined : layersTo(onProgress),
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof EngineError)) throw error;
    if (error.cause instanceof RefusedByEngine) throw toPullError(reference, error.cause.status, error.cause.message, error);
    throw error.fault === 'Failed' ? toPullError(reference, undefined, error.message, error) : error;
  }
}

/** Adds up what is told of single layers. Only what is downloaded counts: unpacking is told in bytes, too. */
function layersTo(onProgress: NonNullable<PullRequest['onProgress']>): (line: ProgressBody) => void {
  const layers = new Map<string, PullProgress>();
  return ({ id, status, progressDetail }) => {
    if (id === undefined) return;
    const known = layers.get(id);
    const { current = 0, total = 0 } = progressDetail ?? {};
    if (status === 'Downloading' && total > 0) layers.set(id, { completedBytes: current, totalBytes: total });
    else if (status === 'Download complete' && known !== undefined)
      layers.set(id, { completedBytes: known.totalBytes, totalBytes: known.totalBytes });
    else return;
    const sum = { completedBytes: 0, totalBytes: 0 };
    for (const layer of layers.values()) {
      sum.completedBytes += layer.completedBytes;
      sum.totalBytes += layer.totalBytes;
    }
    onProgress(sum);
  };
}

/** See ContainerEngine.importImage. The engine records its own architecture for it. */
export async function importRootFileSystem(
  connection: Connection,
  reference: string,
  files: readonly FileEntry[],
  entrypoint: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { repository, tag } = splitReference(reference);
  await followProgress(connection, {
    what: `import image ${reference}`,
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo: repository, tag: tag ?? 'latest', changes: [`ENTRYPOINT ${JSON.stringify(entrypoint)}`] },
    archive: await packFiles(files),
    expect: [200],
    signal,
  });
}

/** Reads what the engine tells of a long call to its end; failures are told there under status 200. */
export async function followProgress(
  connection: Connection,
  request: EngineRequest,
  onLine: (line: ProgressBody) => void = () => {},
): Promise<void> {
  const response = await connection.open(request);
  try {
    for await (const line of jsonLines<ProgressBody>(chunksOf(response))) {
      const message = line.errorDetail?.message ?? line.error;
      if (message !== undefined) throw new EngineError('Failed', message);
      onLine(line);
    }
  } catch (error) {
    throw toEngineError(error, request.what, connection.address);
  }
}
