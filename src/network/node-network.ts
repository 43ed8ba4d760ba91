// What the planners must know of the node that they plan for, and of the cluster. Types only.

/** How a node reaches the pods of another one. */
export interface NodeRoute {
  readonly name: string;
  /** The node's slice of the pod range: `10.244.1.0/24`. */
  readonly podRange: string;
  /** Where its host is reached by the others. */
  readonly address: string;
}

/** One node of the cluster's network, as seen from itself. */
export interface NodeNetwork extends NodeRoute {
  readonly cluster: string;
  /** The node's zone (label topology.kubernetes.io/zone), when it has one. */
  readonly zone?: string;
  /** The bridge of its pods on the host: at most 15 characters. */
  readonly bridge: string;
  /** The bridge's own address, the first of the slice: the gateway of the pods. */
  readonly gateway: string;
  /** The range of all pods: `10.244.0.0/16`. */
  readonly clusterRange: string;
  /** The range of Service addresses: `10.96.0.0/16`. */
  readonly serviceRange: string;
  /** Where pods find DNS, an address of the service range: `10.96.0.10`. */
  readonly dnsAddress: string;
  /** Ports that NodePort Services have on every host. */
  readonly nodePorts: { readonly first: number; readonly last: number };
  /** The others. */
  readonly peers: readonly NodeRoute[];
  /** The ports of the host on which Ingresses are served; 80 and 443 when absent. */
  readonly ingress?: { readonly httpPort: number; readonly httpsPort: number };
}
