// How a connection to a pod is made, for those who ask something over it. Which way is taken: pod-routes.ts.
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AskedPod } from '../kubelet/probes/prober.ts';
import type { ProbeTime } from './probe-time.ts';

/** Opens a connection, which ends with the time's signal. Rejects with what the system says, or with EngineError. */
export type Dial = (host: string, port: number, time: ProbeTime, pod: AskedPod | undefined) => Promise<Duplex>;

/** Over the network of this machine. */
export function dialDirectly(host: string, port: number, { signal }: Pick<ProbeTime, 'signal'>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    // It stays: a connection that breaks when nobody uses it any more is no fault.
    socket.on('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}
