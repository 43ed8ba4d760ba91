// What a network container holds of Ingresses, as its own files say: so a controller that has forgotten everything goes on without a reload.
import type { HeldBackends } from './plan.ts';
import type { Slot } from './slots.ts';

/** What is held. */
export interface IngressState {
  readonly revision: string;
  readonly backends: HeldBackends;
  /** SHA-256 of the certificates by file name. */
  readonly certificates: ReadonlyMap<string, string>;
  readonly challenges: ReadonlyMap<string, string>;
}

const SERVER = /^ {2}server s\d+ (\d+\.\d+\.\d+\.\d+):(\d+)(.*)$/;

/** Reads what stateScript tells; undefined when nothing is held. Lines that are not understood are passed over. */
export function readState(output: string): IngressState | undefined {
  let revision: string | undefined;
  const backends = new Map<string, Slot[]>();
  const certificates = new Map<string, string>();
  const challenges = new Map<string, string>();
  let slots: Slot[] = [];
  for (const line of output.split('\n')) {
    const [first = '', second = '', third = ''] = line.trim().split(/ +/);
    if (first === 'revision') revision = second.split('.')[0];
    else if (first === 'backend') {
      slots = [];
      backends.set(second, slots);
    } else if (first === 'challenge') challenges.set(second.slice(second.lastIndexOf('/') + 1), third);
    else if (/^[0-9a-f]{64}$/.test(first)) certificates.set(second, first);
    else {
      const slot = slotOf(line);
      if (slot !== undefined) slots.push(slot);
    }
  }
  return revision === undefined || revision === '' ? undefined : { revision, backends, certificates, challenges };
}

function slotOf(line: string): Slot | undefined {
  const [, address, port, words = ''] = SERVER.exec(line) ?? [];
  if (address === undefined) return undefined;
  const state = words.endsWith(' disabled') ? 'maint' : words.endsWith(' weight 0') ? 'drain' : 'ready';
  return address === '0.0.0.0' ? { address: '', port: 0, state } : { address, port: Number(port), state };
}
