// The ports of `holdfast port-forward`: from `8080:http` and a pod, or a Service and one of its pods, to numbers.
import type { Pod, StoredOf } from '../model/resource.ts';
import { isHeadless, targetPortOf } from '../model/service.ts';
import { UsageFault } from './usage-fault.ts';

/** A port of this machine and the port of the pod that it leads to. `local` 0 stands for any that is free. */
export interface PortMapping {
  readonly local: number;
  readonly remote: number;
}

/** A mapping as it was written. */
interface WrittenMapping {
  readonly text: string;
  /** Absent when only the remote port was given. */
  readonly local?: number;
  /** A number or the name of a port. */
  readonly remote: number | string;
}

const MAX_PORT = 65_535;
const MAPPING = /^(?:(\d*):)?([a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?)$/i;

/** `[LOCAL:]REMOTE` or `:REMOTE`. Throws UsageFault. */
function parseMapping(text: string): WrittenMapping {
  const [, localText, remoteText = ''] = MAPPING.exec(text) ?? [];
  const remote = /^\d+$/.test(remoteText) ? Number(remoteText) : remoteText;
  const local = localText === undefined ? undefined : Number(localText);
  const isPort = (port: number, least: number): boolean => port >= least && port <= MAX_PORT;
  if (remoteText === '' || (typeof remote === 'number' && !isPort(remote, 1)) || (local !== undefined && !isPort(local, 0)))
    throw new UsageFault(`"${text}" is not [LOCAL:]REMOTE, for example 8080:80, 80, :80 or 8080:http`);
  return { text, remote, ...(local === undefined ? {} : { local }) };
}

/** What the arguments mean for a pod: numbers are its own ports, names those that its containers give them. Throws UsageFault. */
export function podMappings(texts: readonly string[], pod: Pod): readonly PortMapping[] {
  return texts.map(parseMapping).map(({ local, remote }) => {
    const port = typeof remote === 'number' ? remote : targetPortOf({ port: 0, targetPort: remote }, pod.spec);
    if (port === undefined) throw new UsageFault(`pod/${pod.metadata.name ?? ''} has no TCP port named "${remote}"`);
    return { local: local ?? port, remote: port };
  });
}

/**
 * What the arguments mean for a Service: numbers and names are its own ports, which lead to the pod's. Of a Service without a virtual
 * address, numbers are the pod's own. Throws UsageFault.
 */
export function serviceMappings(texts: readonly string[], service: StoredOf<'Service'>, pod: Pod): readonly PortMapping[] {
  const { name } = service.metadata;
  const { ports = [] } = service.spec;
  return texts.map(parseMapping).map(({ local, remote }) => {
    const meant = ports.filter((port) => (typeof remote === 'number' ? port.port === remote : port.name === remote));
    const found = meant.find(({ protocol = 'TCP' }) => protocol === 'TCP');
    if (found === undefined) {
      const known = ports.map((port) => (port.name === undefined ? String(port.port) : `${port.port} (${port.name})`)).join(', ');
      const [other] = meant;
      throw new UsageFault(
        other === undefined
          ? `service/${name} does not have a service port ${remote}; it has ${known === '' ? 'none' : known}`
          : `port ${remote} of service/${name} is ${other.protocol}, and only TCP can be forwarded`,
      );
    }
    const target = isHeadless(service.spec) && typeof remote === 'number' ? remote : targetPortOf(found, pod.spec);
    if (target === undefined)
      throw new UsageFault(
        `pod/${pod.metadata.name ?? ''} has no port named "${found.targetPort}", to which service/${name} leads`,
      );
    return { local: local ?? found.port, remote: target };
  });
}
