// The network half of probes, as a port: the kubelet says what to ask, an adapter asks it.
import type { HttpHeader } from '../../model/resource.ts';
import type { ProbeResult } from './probe-state.ts';

/** Asks pods over the network. Failing to answer is a result, not an error; rejects only when `signal` is aborted. */
export interface Prober {
  /**
   * GET. Any status from 200 to 399 is a success; certificates are not verified; redirects are followed on the same host only, and one to
   * another is a success with a warning.
   */
  http(url: string, headers: readonly HttpHeader[], timeoutMs: number, signal: AbortSignal): Promise<ProbeResult>;
  /** Succeeds when a connection can be opened. */
  tcp(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult>;
  /** Asks the gRPC health service (grpc.health.v1) about a service, the whole server when its name is empty. Succeeds when it is SERVING. */
  grpc(host: string, port: number, service: string, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult>;
}
