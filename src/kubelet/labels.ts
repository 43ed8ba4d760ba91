// Labels and names of what Holdfast makes in Docker. They are the only memory that survives a lost store.

/** The cluster that an object belongs to. What lacks it is not ours and is never touched. */
export const CLUSTER_LABEL = 'holdfast.dev/cluster';
/**
 * `sandbox`, `container`, `carrier`, `network`, `plug` or `bridge` (see there) on containers; `pod`, `claim`, `mount` (of a server that others fill), `undelete` (a
 * wish) or `network` on volumes.
 */
export const ROLE_LABEL = 'holdfast.dev/role';
/** A container that never runs and only lends its files or mounts for a moment: what is left of one is removed. */
export const CARRIER_ROLE = 'carrier';
/** The node's network container and the volume of its state: no pod's, so that the kubelet leaves both alone. */
export const NETWORK_ROLE = 'network';
/** The container that plugs sandboxes in. */
export const PLUG_ROLE = 'plug';
/** A container on the network of pods, which Docker keeps for its sake while all others are plugged in behind its back. */
export const BRIDGE_ROLE = 'bridge';
export const NAMESPACE_LABEL = 'holdfast.dev/namespace';
export const POD_LABEL = 'holdfast.dev/pod';
export const POD_UID_LABEL = 'holdfast.dev/pod-uid';
/** Name of the container in the pod; containers only. */
export const CONTAINER_LABEL = 'holdfast.dev/container';
/** Counts the runs of a container, or of the sandbox, from 0. */
export const ATTEMPT_LABEL = 'holdfast.dev/attempt';
/** Hash of what the container was made from; another hash means that it is to be replaced. */
export const SPEC_HASH_LABEL = 'holdfast.dev/spec-hash';
/** On sandboxes: the pod as JSON, without status. Never holds values of Secrets. */
export const POD_JSON_LABEL = 'holdfast.dev/pod-json';
/** On sandboxes that Docker has given no network: the address that they are plugged in with. */
export const PLUG_ADDRESS_LABEL = 'holdfast.dev/plug-address';
/** On the network of pods: the ranges of the whole cluster, so that a lost store knows them again. Nodes have them as annotations. */
export const POD_RANGE_LABEL = 'holdfast.dev/pod-range';
export const SERVICE_RANGE_LABEL = 'holdfast.dev/service-range';
/** On volumes of claims: the claim's name. */
export const CLAIM_LABEL = 'holdfast.dev/claim';
/** On volumes of claims: name, class, size, access modes and application, so that a lost store knows the PersistentVolume again. */
export const VOLUME_LABEL = 'holdfast.dev/persistent-volume';
export const STORAGE_CLASS_LABEL = 'holdfast.dev/storage-class';
export const CAPACITY_LABEL = 'holdfast.dev/capacity';
export const ACCESS_MODES_LABEL = 'holdfast.dev/access-modes';
export const APPLICATION_LABEL = 'holdfast.dev/application';
/** On a wish to have a kept volume back, which `holdfast volumes undelete` leaves with the engine: the Docker volume that is wanted. */
export const WANTED_LABEL = 'holdfast.dev/wanted-volume';
/** On containers: id of the sandbox that they were made in. A container of another sandbox is to be replaced. */
export const SANDBOX_LABEL = 'holdfast.dev/sandbox';
/** On containers: when that sandbox had been started, epoch milliseconds by the engine's clock. Started again it has another network. */
export const SANDBOX_START_LABEL = 'holdfast.dev/sandbox-start';
/** On containers with a limit of processes: that limit. The node's setting may change later. */
export const PIDS_LIMIT_LABEL = 'holdfast.dev/pids-limit';
/** On containers: how many restarts in a row, each soon after the last, led to this run. It decides the next back-off. */
export const STREAK_LABEL = 'holdfast.dev/restarts-in-a-row';
