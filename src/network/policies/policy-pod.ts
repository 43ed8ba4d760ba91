// Pods and namespaces as NetworkPolicies see them: labels, an address and named ports. Facts only.
import { parseAddress } from '../../model/ipv4.ts';
import { isFinished } from '../../model/pod-phase.ts';
import type { ContainerPort, StoredOf } from '../../model/resource.ts';
import { isSidecar } from '../../model/workload.ts';

/** Label of every namespace: its name (Kubernetes, "Automatic labelling"). */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

export type Labels = Readonly<Record<string, string>>;

/** A port that a container gives a name. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: NonNullable<ContainerPort['protocol']>;
  readonly port: number;
}

/** A pod with an address of its own. */
export interface PolicyPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** The name of its node. */
  readonly node: string;
  readonly address: string;
  readonly ports: readonly NamedPort[];
}

/**
 * What policies see of a pod. Undefined when they do not see it: it has no address yet, it is on the network of its host (then it is its node's
 * address, as Kubernetes allows), or it has ended. `address` is known before `status.podIP` tells it, and has to be given then, so that what
 * the policies say is in force before the first container starts.
 */
export function policyPod(pod: StoredOf<'Pod'>, address = pod.status?.podIP): PolicyPod | undefined {
  const { metadata, spec } = pod;
  if (spec.nodeName === undefined || spec.hostNetwork === true || isFinished(pod)) return undefined;
  if (address === undefined || parseAddress(address) === undefined) return undefined;
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  const ports = containers
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ name, protocol = 'TCP', containerPort }) =>
      name === undefined ? [] : [{ name, protocol, port: containerPort }],
    );
  const { namespace = 'default', name, labels = {} } = metadata;
  return { namespace, name, labels, node: spec.nodeName, address, ports };
}

/** The labels that namespaces were given, by name. */
type NamespaceLabels = ReadonlyMap<string, Labels>;

/** The labels of one namespace, with that of its name. One that nobody declared, such as `default`, has no other. */
export function labelsOf(namespace: string, namespaces: NamespaceLabels): Labels {
  return { ...namespaces.get(namespace), [NAMESPACE_NAME_LABEL]: namespace };
}
