// The image of the network container on an engine: looked for, pulled, or made of an archive.
import type { Readable } from 'node:stream';
import type { ImageSeen } from '../kubelet/engine/container-engine.ts';
import { Connection } from './connection.ts';
import type { DockerHost } from './docker-host.ts';
import { findImage, followProgress, pullImage } from './images.ts';
import { splitReference } from './mapping.ts';

/** What `docker load` says of each image that it has read. */
const LOADED = /Loaded image(?: ID)?: (\S+)/g;

/** Images on one engine. All calls throw EngineError. */
export class ImageShelf {
  readonly #connection: Connection;

  constructor(host: DockerHost) {
    this.#connection = new Connection(host);
  }

  find(reference: string, signal: AbortSignal): Promise<ImageSeen | undefined> {
    return findImage(this.#connection, reference, signal);
  }

  pull(reference: string, signal: AbortSignal): Promise<void> {
    return pullImage(this.#connection, { reference }, signal);
  }

  /** Makes an image of a root file system: an archive as `docker export` writes it. */
  async importArchive(reference: string, archive: Readable, signal: AbortSignal): Promise<void> {
    const { repository, tag = 'latest' } = splitReference(reference);
    const query = { fromSrc: '-', repo: repository, tag };
    const what = `import image ${reference}`;
    await followProgress(this.#connection, {
      what,
      method: 'POST',
      path: '/images/create',
      query,
      archive,
      expect: [200],
      signal,
    });
  }

  /** Takes the images of an archive as `docker save` writes it; returns their names, or ids where they have none. */
  async loadArchive(archive: Readable, signal: AbortSignal): Promise<readonly string[]> {
    const request = { what: 'load an image', method: 'POST', path: '/images/load', archive, expect: [200], signal } as const;
    const names: string[] = [];
    await followProgress(this.#connection, request, ({ stream = '' }) => {
      for (const [, name = ''] of stream.matchAll(LOADED)) names.push(name);
    });
    return names;
  }

  /** Gives an image a further name. */
  async tag(source: string, reference: string, signal: AbortSignal): Promise<void> {
    const { repository, tag = 'latest' } = splitReference(reference);
    const what = `name image ${source} ${reference}`;
    const query = { repo: repository, tag };
    await this.#connection.call({ what, method: 'POST', path: `/images/${source}/tag`, query, expect: [201], signal });
  }
}
