// Container events of a cluster with the engine's own time stamps.
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';

export interface ContainerEvent {
  readonly id: string;
  readonly action: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch milliseconds with fractions. */
  readonly atMs: number;
}

const EVENT_TIMEOUT_MS = 60_000;

/** Follows the containers' `start` and `die` events until closed. */
export class EngineEvents {
  readonly #waiters = new Set<(event: ContainerEvent) => void>();
  #close: () => void = () => {};

  /** Resolves when the engine has begun to tell. */
  async open(dockerHost: string): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['start', 'die'] }));
    const target = dockerHost.startsWith('unix://')
      ? { socketPath: dockerHost.slice('unix://'.length) }
      : { host: new URL(dockerHost).hostname, port: new URL(dockerHost).port };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({ ...target, path: `/events?filters=${filters}` }, resolve);
      call.on('error', reject);
      call.end();
      this.#close = () => call.destroy();
    });
    // Closing ends the stream in the middle; readline hands that on.
    createInterface({ input: response })
      .on('line', (line) => this.#hear(line))
      .on('error', () => {});
  }

  #hear(line: string): void {
    const body = JSON.parse(line) as {
      Action: string;
      timeNano: number;
      Actor: { ID: string; Attributes: Record<string, string> };
    };
    const event = { id: body.Actor.ID, action: body.Action, labels: body.Actor.Attributes, atMs: body.timeNano / 1e6 };
    for (const tell of this.#waiters) tell(event);
  }

  /** The next event that matches. Rejects when none comes. */
  next(matches: (event: ContainerEvent) => boolean): Promise<ContainerEvent> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(hear);
      };
      const hear = (event: ContainerEvent): void => {
        if (!matches(event)) return;
        end();
        resolve(event);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error('the engine did not tell the event that was waited for'));
      }, EVENT_TIMEOUT_MS);
      this.#waiters.add(hear);
    });
  }

  close(): void {
    this.#close();
  }
}
