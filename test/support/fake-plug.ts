// The plug of a node with a fake engine: what it plugs in has a network, until it is started again.
import type { PlugRequest, SandboxPlug } from '../../src/kubelet/addresses/sandbox-plug.ts';
import type { FakeEngine } from './fake-engine.ts';

/** A plug that works until it is told otherwise. */
export class FakePlug implements SandboxPlug {
  /** The engine of its node. */
  engine: FakeEngine | undefined;
  isThere = true;
  /** What calls end in: `late`: the sandbox is plugged in, and nobody hears of it. */
  fault: 'refused' | 'late' | 'hang' | undefined;
  readonly requests: PlugRequest[] = [];

  isReady(): boolean {
    return this.isThere;
  }

  async plug(request: PlugRequest, signal: AbortSignal): Promise<void> {
    this.requests.push(request);
    if (this.fault === 'hang') await aborted(signal);
    if (!this.isThere || this.fault === 'refused') throw new Error('the plug does not run');
    const { containerId, pid, directory, files } = request;
    const entries = Object.entries(files).map(
      ([path, text]) => ({ path, type: 'file', mode: 0o644, content: Buffer.from(text) }) as const,
    );
    if (this.engine?.plugIn(containerId, pid, directory, entries) !== true) throw new Error('there is no such process');
    if (this.fault === 'late') throw new Error('the connection broke');
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  });
}
