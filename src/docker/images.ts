// Images: known, pulled, or made from bytes of our own.
import { EngineError, type FileEntry } from '../kubelet/engine/container-engine.ts';
import { packFiles } from './archive.ts';
import type { IdBody, ProgressBody } from './bodies.ts';
import { type Connection, chunksOf, type EngineRequest } from './connection.ts';
import { RefusedByEngine, toEngineError, toPullError } from './failures.ts';
import { jsonLines } from './lines.ts';
import { splitReference, toPullQuery } from './mapping.ts';

/** See ContainerEngine.image. */
export async function findImage(connection: Connection, reference: string, signal: AbortSignal): Promise<string | undefined> {
  const request: EngineRequest = {
    what: `look for image ${reference}`,
    method: 'GET',
    path: `/images/${reference}/json`,
    expect: [200, 404],
    signal,
  };
  const { status, bytes } = await connection.call(request);
  if (status === 404) return undefined;
  const body = JSON.parse(bytes.toString()) as IdBody;
  return body.Id;
}

/** See ContainerEngine.pull: follows the progress to its end, since failures are told there under status 200. */
export async function pullImage(connection: Connection, reference: string, signal: AbortSignal): Promise<void> {
  try {
    await followProgress(connection, {
      what: `pull ${reference}`,
      method: 'POST',
      path: '/images/create',
      query: toPullQuery(reference),
      expect: [200],
      signal,
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof EngineError)) throw error;
    if (error.cause instanceof RefusedByEngine) throw toPullError(reference, error.cause.status, error.cause.message, error);
    throw error.fault === 'Failed' ? toPullError(reference, undefined, error.message, error) : error;
  }
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

async function followProgress(connection: Connection, request: EngineRequest): Promise<void> {
  const response = await connection.open(request);
  try {
    for await (const line of jsonLines<ProgressBody>(chunksOf(response))) {
      const message = line.errorDetail?.message ?? line.error;
      if (message !== undefined) throw new EngineError('Failed', message);
    }
  } catch (error) {
    throw toEngineError(error, request.what, connection.address);
  }
}
