// Which port of a pod a port of a Service means (Kubernetes, "Service": port definitions, targetPort).
import type { Pod, ServicePort } from './resource.ts';

/**
 * The port of this pod: the number itself, or the container port of that name and protocol. A name is looked for in the containers and in
 * sidecars; undefined when the pod has no such port. Different pods may have different numbers under one name.
 */
export function targetPortOf(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  const wanted = targetPort ?? port;
  if (typeof wanted === 'number') return wanted === 0 ? port : wanted;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports } of [...pod.spec.containers, ...sidecars])
    for (const { name, containerPort, protocol: served = 'TCP' } of ports ?? [])
      if (name === wanted && served === protocol) return containerPort;
  return undefined;
}
