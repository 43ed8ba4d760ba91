// Images that are there, on their way or nowhere, as a test says.
import type { ImagePreparer, ImageState, WantedImage } from '../../src/sync/ports.ts';

export class FakeImages implements ImagePreparer {
  /** What was asked for: `image policy attempt`. */
  readonly asked: string[] = [];
  /** By image; what is not named is present. */
  readonly states = new Map<string, ImageState>();
  readonly #callbacks = new Set<() => void>();

  prepare({ image, policy, wish, credentials }: WantedImage): ImageState {
    this.asked.push([image, policy, wish, ...credentials.map(({ username = '' }) => username)].join(' '));
    return this.states.get(image) ?? { state: 'present' };
  }

  /** How often a person wanted failures forgotten. */
  forgotten = 0;

  forgetFailures(): void {
    this.forgotten += 1;
  }

  /** Changes the state of an image and says so; undefined makes it present. */
  set(image: string, state: ImageState | undefined): void {
    if (state === undefined) this.states.delete(image);
    else this.states.set(image, state);
    for (const callback of this.#callbacks) callback();
  }

  onChange(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }
}
