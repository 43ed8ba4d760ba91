// A network as the kubelet asks for it, and as it is seen: plain data of the ContainerEngine port.

/** A bridge network to have. What is absent is left to the engine. */
export interface NetworkSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses?: NetworkAddresses;
  /** The bridge on the host: at most 15 characters. */
  readonly bridge?: string;
  /** Whether everything that is routed to its containers reaches them, as pods are reached from other nodes. */
  readonly isOpen?: boolean;
}

/** The addresses of a network. */
export interface NetworkAddresses {
  /** `10.244.3.0/24`. */
  readonly subnet: string;
  readonly gateway: string;
  /** The part of the subnet from which the engine gives addresses to containers that ask for none. */
  readonly dynamic: string;
}

/** A network of the engine. */
export interface NetworkSeen {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** IPv4 only; empty for a network without addresses. */
  readonly subnets: readonly string[];
  /** The gateway of the first one; empty when the engine does not tell. */
  readonly gateway: string;
  /** The bridge on the host; empty for networks that have none. */
  readonly bridge: string;
}
