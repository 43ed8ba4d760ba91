// An image registry on a port of 127.0.0.1, which Docker uses without TLS: just enough of the distribution protocol for a pull, and
// able to fail in ways that a real one only does in trouble.
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { packFiles } from '../../src/docker/archive.ts';
import type { FileEntry } from '../../src/kubelet/engine/container-engine.ts';

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

export interface ScriptedRegistry {
  /** `127.0.0.1:PORT`, the beginning of a reference. */
  readonly address: string;
  /** Publishes an image of one layer; returns its reference. */
  publish(repository: string, tag: string, files: readonly FileEntry[], entrypoint: readonly string[]): Promise<string>;
  /** From now on every request has this answer; undefined: as it should be. */
  failWith(status: number | 'cut' | undefined): void;
  close(): Promise<void>;
}

/** Starts an empty registry. */
export async function openRegistry(): Promise<ScriptedRegistry> {
  const answers = new Map<string, { type: string; bytes: Buffer }>();
  answers.set('/v2/', { type: 'application/json', bytes: Buffer.from('{}') });
  let failure: number | 'cut' | undefined;
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    if (failure === 'cut') request.socket.destroy();
    else if (failure !== undefined) refuse(response, failure, 'DENIED');
    else if (answer === undefined) refuse(response, 404, 'MANIFEST_UNKNOWN');
    else {
      const headers = { 'Content-Type': answer.type, 'Content-Length': answer.bytes.length };
      response.writeHead(200, { ...headers, 'Docker-Content-Digest': digestOf(answer.bytes) });
      response.end(request.method === 'HEAD' ? undefined : answer.bytes);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  const address = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  return {
    address,
    publish: async (repository, tag, files, entrypoint) => {
      const layer = await packFiles(files);
      const config = configOf(layer, entrypoint);
      const manifest = manifestOf(layer, config);
      for (const bytes of [layer, config])
        answers.set(`/v2/${repository}/blobs/${digestOf(bytes)}`, { type: 'application/octet-stream', bytes });
      for (const name of [tag, digestOf(manifest)])
        answers.set(`/v2/${repository}/manifests/${name}`, { type: MANIFEST_TYPE, bytes: manifest });
      return `${address}/${repository}:${tag}`;
    },
    failWith: (status) => {
      failure = status;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function configOf(layer: Buffer, entrypoint: readonly string[]): Buffer {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
  return Buffer.from(JSON.stringify({ architecture, os: 'linux', config: { Entrypoint: entrypoint }, rootfs }));
}

function manifestOf(layer: Buffer, config: Buffer): Buffer {
  const part = (mediaType: string, bytes: Buffer): object => ({ mediaType, size: bytes.length, digest: digestOf(bytes) });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: part('application/vnd.docker.container.image.v1+json', config),
      layers: [part('application/vnd.docker.image.rootfs.diff.tar', layer)],
    }),
  );
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] }));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
