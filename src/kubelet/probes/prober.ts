// The network half of probes, as a port: the kubelet says what to ask, an adapter asks it.
import type { HttpHeader } from '../../model/resource.ts';
import type { ProbeResult } from './probe-state.ts';

/** The pod behind an address, for adapters that have to go through it: who runs elsewhere may have no route to the network of pods. */
export interface AskedPod {
  readonly sandboxId: string;
  /** Whether its network is that of its host. */
  readonly isOnHostNetwork: boolean;
}

/**
 * Asks pods over the network. Failing to answer is a result, not an error; rejects when `signal` is aborted, and with EngineError when the
 * engine did not do its part, which says nothing about who was to be asked. `pod` is absent when the address is not a pod's own.
 */
export interface Prober {
  /**
   * GET. Any status from 200 to 399 is a success; certificates are not verified; redirects are followed on the same host only, and one to
   * another is a success with a warning.
   */
  http(url: string, headers: readonly HttpHeader[], timeoutMs: number, signal: AbortSignal, pod?: AskedPod): Promise<ProbeResult>;
  /** Succeeds when a connection can be opened. */
  tcp(host: string, port: number, timeoutMs: number, signal: AbortSignal, pod?: AskedPod): Promise<ProbeResult>;
  /** Asks the gRPC health service (grpc.health.v1) about a service, the whole server when its name is empty. Succeeds when it is SERVING. */
  grpc(host: string, port: number, service: string, timeoutMs: number, signal: AbortSignal, pod?: AskedPod): Promise<ProbeResult>;
}
