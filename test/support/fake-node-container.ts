// A network container in memory. What its scripts do is up to the test; it says itself only what `echo` says.
import { isDeepStrictEqual } from 'node:util';
import {
  type NodeContainer,
  NodeContainerError,
  type NodeContainerSpec,
  type ScriptResult,
} from '../../src/network/node-container.ts';

/** What comes of a script; one that hangs never resolves. */
export type Answer = (script: string) => ScriptResult | Promise<ScriptResult>;

/** `echo TEXT; exit CODE`, `sleep …` for one that hangs, and anything else that succeeds silently. */
const echoing: Answer = (script) => {
  if (script.startsWith('sleep ')) return new Promise(() => {});
  const [, text, code = '0'] = /^echo (.*?)(?:; exit (\d+))?$/.exec(script) ?? [];
  return { exitCode: Number(code), output: text === undefined ? '' : `${text}\n` };
};

/** See test/contract/node-container.contract.ts for what it has in common with the real one. */
export class FakeNodeContainer implements NodeContainer {
  /** All scripts that were begun. */
  readonly scripts: string[] = [];
  answer: Answer = echoing;
  /** Calls fail so while it is there. */
  fault: NodeContainerError | undefined;
  /** How often it was made anew or started. */
  starts = 0;
  isRunning = false;
  spec: NodeContainerSpec | undefined;
  isForeign = false;
  #last: Promise<unknown> = Promise.resolve();

  async ensure(spec: NodeContainerSpec, signal: AbortSignal): Promise<boolean> {
    this.#mustAnswer(signal);
    this.#mustBeOurs();
    if (this.isRunning && isDeepStrictEqual(this.spec, spec)) return false;
    this.spec = spec;
    this.isRunning = true;
    this.starts += 1;
    return true;
  }

  async run(script: string, signal: AbortSignal): Promise<ScriptResult> {
    const begin = async (): Promise<ScriptResult> => {
      this.#mustAnswer(signal);
      if (!this.isRunning) throw new NodeContainerError('NotRunning', 'the network container does not run');
      this.scripts.push(script);
      return await this.answer(script);
    };
    const result = unlessAborted(this.#last.then(begin), signal);
    this.#last = result.catch(() => {});
    return await result;
  }

  async remove(signal: AbortSignal): Promise<void> {
    this.#mustAnswer(signal);
    this.#mustBeOurs();
    this.isRunning = false;
    this.spec = undefined;
  }

  close(): void {}

  /** It ends; Docker has not started it again yet. */
  kill(): void {
    this.isRunning = false;
  }

  #mustAnswer(signal: AbortSignal): void {
    if (signal.aborted) throw givenUp();
    if (this.fault !== undefined) throw this.fault;
  }

  #mustBeOurs(): void {
    if (this.isForeign) throw new NodeContainerError('Failed', 'the container exists and does not belong to the cluster');
  }
}

const givenUp = (): NodeContainerError => new NodeContainerError('Unreachable', 'given up');

function unlessAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(givenUp()), { once: true });
    running.then(resolve, reject);
  });
}
