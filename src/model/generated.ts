// Generated from schemas/ by `npm run generate`. Do not edit.
/**
 * Any object that Holdfast knows.
 */
export type Resource =
  | Application
  | ApplicationRevision
  | ConfigMap
  | Deployment
  | Event
  | Namespace
  | Node
  | PersistentVolumeClaim
  | Pod
  | ReplicaSet
  | Secret;
/**
 * An amount in Kubernetes notation, for example 250m, 64Mi or 2.
 */
export type Quantity = string | number;
/**
 * A number, or a percentage such as 25%, or the name of a port.
 */
export type IntOrString = number | string;

/**
 * What comes from one path of one repository and moves as one.
 */
export interface Application {
  /**
   * The version of the kind.
   */
  apiVersion: 'holdfast.dev/v1';
  /**
   * The kind.
   */
  kind: 'Application';
  metadata: ObjectMeta;
  spec: ApplicationSpec;
  status?: ApplicationStatus;
}
/**
 * What every object has: its name, its namespace, its labels and annotations.
 */
export interface ObjectMeta {
  /**
   * The name, unique among objects of this kind in this namespace.
   */
  name?: string;
  /**
   * The namespace; "default" when absent.
   */
  namespace?: string;
  labels?: Labels;
  /**
   * Notes for tools. They select nothing.
   */
  annotations?: {
    [k: string]: string;
  };
  /**
   * Set by Holdfast: the identity of this object over its life.
   */
  uid?: string;
  /**
   * Set by Holdfast: the store revision of the last write.
   */
  resourceVersion?: string;
  /**
   * Set by Holdfast: counts the changes of the spec.
   */
  generation?: number;
  /**
   * Set by Holdfast: when the object was created, RFC 3339.
   */
  creationTimestamp?: string;
  /**
   * Set by Holdfast: the time by which the object is to be gone, RFC 3339.
   */
  deletionTimestamp?: string;
  /**
   * Set by Holdfast: the grace that the deletion grants, in seconds.
   */
  deletionGracePeriodSeconds?: number;
  /**
   * Set by Holdfast: the objects that this one belongs to.
   */
  ownerReferences?: OwnerReference[];
  finalizers?: unknown;
  /**
   * A prefix that an API server makes a name of.
   */
  generateName?: string;
  managedFields?: unknown;
  selfLink?: unknown;
}
/**
 * Names and values that selectors match.
 */
export interface Labels {
  [k: string]: string;
}
/**
 * The object that another one belongs to and is deleted with.
 */
export interface OwnerReference {
  /**
   * Its apiVersion.
   */
  apiVersion: string;
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * Its uid.
   */
  uid: string;
  /**
   * Whether it is the managing controller.
   */
  controller?: boolean;
  /**
   * Whether foreground deletion of the owner waits for this object.
   */
  blockOwnerDeletion?: boolean;
}
/**
 * Where an application comes from.
 */
export interface ApplicationSpec {
  /**
   * The repository, without credentials.
   */
  repo: string;
  /**
   * Branch, tag or commit that is followed.
   */
  revision: string;
  /**
   * The path in the repository.
   */
  path: string;
  /**
   * Seconds until a commit must be healthy.
   */
  timeoutSeconds: number;
}
/**
 * What is known of an application.
 */
export interface ApplicationStatus {
  source?: SourceStatus;
  attempt?: SyncAttempt;
  lastGood?: CommitInfo;
  quarantined?: SyncRecord;
  held?: SyncRecord;
  /**
   * What the application applied.
   */
  inventory?: InventoryEntry[];
  /**
   * How the last commits ended, newest first.
   */
  history?: SyncRecord[];
  /**
   * Whether everything is healthy now.
   */
  health?: 'Healthy' | 'Progressing' | 'Degraded' | 'Unknown';
  /**
   * Ready and Drifted.
   */
  conditions?: Condition[];
}
/**
 * Whether the repository can be read.
 */
export interface SourceStatus {
  /**
   * Whether the last try succeeded.
   */
  ready: boolean;
  /**
   * A CamelCase word for the cause.
   */
  reason: string;
  /**
   * The cause for a person.
   */
  message: string;
  /**
   * Since when, RFC 3339.
   */
  since: string;
}
/**
 * The commit under way.
 */
export interface SyncAttempt {
  commit: CommitInfo;
  /**
   * How far it is.
   */
  phase: 'fetched' | 'validated' | 'preflighting' | 'applying' | 'verifying' | 'pruning' | 'rolling-back';
  /**
   * When it was first seen, RFC 3339.
   */
  startedAt: string;
  /**
   * When its objects were written, RFC 3339.
   */
  appliedAt?: string;
  /**
   * When the phase will have failed, RFC 3339.
   */
  deadline: string;
  /**
   * What it waits for.
   */
  waitingFor?: string[];
  /**
   * How many objects it changed.
   */
  actions: number;
  /**
   * While rolling back: why.
   */
  cause?: string;
}
/**
 * A commit.
 */
export interface CommitInfo {
  /**
   * The full hash.
   */
  id: string;
  /**
   * The first line of its message.
   */
  subject: string;
  /**
   * Who wrote it.
   */
  author: string;
  /**
   * When, RFC 3339.
   */
  time: string;
}
/**
 * How one commit ended.
 */
export interface SyncRecord {
  commit: CommitInfo;
  /**
   * How it ended.
   */
  outcome: 'live' | 'invalid' | 'preflight-failed' | 'rolled-back' | 'failed';
  /**
   * Why.
   */
  message: string;
  /**
   * When it was first seen, RFC 3339.
   */
  startedAt: string;
  /**
   * When it ended, RFC 3339.
   */
  finishedAt: string;
  /**
   * How many objects it changed.
   */
  actions: number;
}
/**
 * One object that the application applied, and where it was written.
 */
export interface InventoryEntry {
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its namespace; empty for a cluster-wide kind.
   */
  namespace: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * Its uid.
   */
  uid?: string;
  /**
   * The file in the repository.
   */
  file: string;
  /**
   * The line where the document starts.
   */
  line: number;
  /**
   * The commit that last changed it.
   */
  commit: string;
  /**
   * Who wrote that commit.
   */
  author: string;
}
/**
 * One observed fact about an object, as Kubernetes reports it.
 */
export interface Condition {
  /**
   * What it is about.
   */
  type: string;
  /**
   * Whether it holds.
   */
  status: 'True' | 'False' | 'Unknown';
  /**
   * A CamelCase word for the cause.
   */
  reason?: string;
  /**
   * The cause for a person.
   */
  message?: string;
  /**
   * When status last changed, RFC 3339.
   */
  lastTransitionTime?: string;
  /**
   * When this condition was last updated, RFC 3339.
   */
  lastUpdateTime?: string;
  /**
   * The generation that it was observed at.
   */
  observedGeneration?: number;
}
/**
 * The objects of a commit as they were applied, for going back to it.
 */
export interface ApplicationRevision {
  /**
   * The version of the kind.
   */
  apiVersion: 'holdfast.dev/v1';
  /**
   * The kind.
   */
  kind: 'ApplicationRevision';
  metadata: ObjectMeta;
  spec: ApplicationRevisionSpec;
}
/**
 * The objects.
 */
export interface ApplicationRevisionSpec {
  /**
   * The application.
   */
  application: string;
  commit: CommitInfo;
  /**
   * The objects as they were applied.
   */
  resources: unknown[];
  /**
   * Where each was written.
   */
  inventory: InventoryEntry[];
}
/**
 * Configuration that pods read.
 */
export interface ConfigMap {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'ConfigMap';
  metadata: ObjectMeta;
  /**
   * Text by key.
   */
  data?: {
    [k: string]: string;
  };
  /**
   * Bytes by key, in base64.
   */
  binaryData?: {
    [k: string]: string;
  };
  /**
   * Whether a change of the data is refused.
   */
  immutable?: boolean;
}
/**
 * Keeps pods running and replaces them step by step when the template changes.
 */
export interface Deployment {
  /**
   * The version of the kind.
   */
  apiVersion: 'apps/v1';
  /**
   * The kind.
   */
  kind: 'Deployment';
  metadata: ObjectMeta;
  spec: DeploymentSpec;
  status?: DeploymentStatus;
}
/**
 * What a Deployment keeps running.
 */
export interface DeploymentSpec {
  /**
   * How many pods; 1 when absent.
   */
  replicas?: number;
  selector: LabelSelector;
  template: PodTemplateSpec;
  strategy?: DeploymentStrategy;
  /**
   * Seconds a pod must be ready to count as available.
   */
  minReadySeconds?: number;
  /**
   * Old ReplicaSets to keep; 10 when absent.
   */
  revisionHistoryLimit?: number;
  /**
   * Whether changes of the template wait.
   */
  paused?: boolean;
  /**
   * Seconds without progress until the rollout has failed; 600 when absent.
   */
  progressDeadlineSeconds?: number;
}
/**
 * Selects objects by their labels. All parts must hold.
 */
export interface LabelSelector {
  matchLabels?: Labels;
  /**
   * Conditions on labels.
   */
  matchExpressions?: LabelSelectorRequirement[];
}
/**
 * A condition on one label.
 */
export interface LabelSelectorRequirement {
  /**
   * The label.
   */
  key: string;
  /**
   * How to compare.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * The values to compare with, for In and NotIn.
   */
  values?: string[];
}
/**
 * What the pods of a workload look like.
 */
export interface PodTemplateSpec {
  metadata?: ObjectMeta;
  spec: PodSpec;
}
/**
 * What a pod runs.
 */
export interface PodSpec {
  /**
   * The containers; they share the network and the volumes.
   *
   * @minItems 1
   */
  containers: [Container, ...Container[]];
  /**
   * Volumes that the containers can mount.
   */
  volumes?: Volume[];
  /**
   * When a container that ended is started again.
   */
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  /**
   * Seconds between the request to stop and the kill; 30 when absent.
   */
  terminationGracePeriodSeconds?: number;
  /**
   * The node that the pod runs on; chosen by the scheduler when absent.
   */
  nodeName?: string;
  /**
   * Whether Services appear in the environment.
   */
  enableServiceLinks?: boolean;
  /**
   * Whether an API token is mounted.
   */
  automountServiceAccountToken?: boolean;
  /**
   * The identity towards the Kubernetes API.
   */
  serviceAccountName?: string;
  /**
   * The old name of serviceAccountName.
   */
  serviceAccount?: string;
  /**
   * How names are resolved.
   */
  dnsPolicy?: 'ClusterFirst' | 'Default';
  /**
   * The scheduler.
   */
  schedulerName?: 'default-scheduler';
  initContainers?: unknown;
  ephemeralContainers?: unknown;
  activeDeadlineSeconds?: unknown;
  affinity?: unknown;
  dnsConfig?: unknown;
  hostAliases?: unknown;
  hostIPC?: unknown;
  hostNetwork?: unknown;
  hostPID?: unknown;
  hostUsers?: unknown;
  hostname?: unknown;
  hostnameOverride?: unknown;
  imagePullSecrets?: unknown;
  nodeSelector?: unknown;
  os?: unknown;
  overhead?: unknown;
  preemptionPolicy?: unknown;
  priority?: unknown;
  priorityClassName?: unknown;
  readinessGates?: unknown;
  resourceClaims?: unknown;
  resources?: unknown;
  runtimeClassName?: unknown;
  schedulingGates?: unknown;
  securityContext?: unknown;
  setHostnameAsFQDN?: unknown;
  shareProcessNamespace?: unknown;
  subdomain?: unknown;
  tolerations?: unknown;
  topologySpreadConstraints?: unknown;
}
/**
 * One container of a pod.
 */
export interface Container {
  /**
   * The name, unique in the pod.
   */
  name: string;
  /**
   * The image.
   */
  image: string;
  /**
   * When to pull: Always for tag latest or no tag, else IfNotPresent.
   */
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /**
   * Replaces the entry point of the image. $(NAME) is replaced.
   */
  command?: string[];
  /**
   * Replaces the arguments of the image. $(NAME) is replaced.
   */
  args?: string[];
  /**
   * The directory to start in.
   */
  workingDir?: string;
  /**
   * Environment variables; they win over envFrom.
   */
  env?: EnvVar[];
  /**
   * Environment variables from whole ConfigMaps and Secrets; the last one wins.
   */
  envFrom?: EnvFromSource[];
  /**
   * Ports that it listens on.
   */
  ports?: ContainerPort[];
  resources?: ResourceRequirements;
  /**
   * Where volumes appear.
   */
  volumeMounts?: VolumeMount[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  /**
   * Where the container may leave its last words.
   */
  terminationMessagePath?: string;
  /**
   * How last words are found.
   */
  terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  lifecycle?: unknown;
  securityContext?: unknown;
  stdin?: unknown;
  stdinOnce?: unknown;
  tty?: unknown;
  volumeDevices?: unknown;
  resizePolicy?: unknown;
  restartPolicy?: unknown;
  restartPolicyRules?: unknown;
}
/**
 * One environment variable.
 */
export interface EnvVar {
  /**
   * The variable.
   */
  name: string;
  /**
   * The value. $(NAME) is replaced by an earlier variable; $$(NAME) stands for itself.
   */
  value?: string;
  valueFrom?: EnvVarSource;
}
/**
 * Where an environment variable takes its value from.
 */
export interface EnvVarSource {
  configMapKeyRef?: KeySelector;
  secretKeyRef?: KeySelector;
  fieldRef?: FieldSelector;
  resourceFieldRef?: unknown;
  fileKeyRef?: unknown;
}
/**
 * One key of a ConfigMap or Secret in the same namespace.
 */
export interface KeySelector {
  /**
   * The ConfigMap or Secret.
   */
  name: string;
  /**
   * The key.
   */
  key: string;
  /**
   * Whether it may be missing.
   */
  optional?: boolean;
}
/**
 * A field of the pod itself (downward API).
 */
export interface FieldSelector {
  /**
   * The version of the path.
   */
  apiVersion?: 'v1';
  /**
   * metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP, status.hostIPs, status.podIP or status.podIPs.
   */
  fieldPath: string;
}
/**
 * All keys of a ConfigMap or Secret as environment variables.
 */
export interface EnvFromSource {
  /**
   * Put before every key.
   */
  prefix?: string;
  configMapRef?: LocalReference;
  secretRef?: LocalReference;
}
/**
 * A ConfigMap or Secret in the same namespace.
 */
export interface LocalReference {
  /**
   * Its name.
   */
  name: string;
  /**
   * Whether it may be missing.
   */
  optional?: boolean;
}
/**
 * A port that the container listens on.
 */
export interface ContainerPort {
  /**
   * A name that probes can refer to.
   */
  name?: string;
  /**
   * The port, 1 to 65535.
   */
  containerPort: number;
  /**
   * The protocol.
   */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /**
   * Publish it on this port of the host.
   */
  hostPort?: number;
  /**
   * Publish it on this address of the host only.
   */
  hostIP?: string;
}
/**
 * What the container needs and may use.
 */
export interface ResourceRequirements {
  limits?: ResourceList;
  requests?: ResourceList;
  claims?: unknown;
}
/**
 * Amounts by resource.
 */
export interface ResourceList {
  cpu?: Quantity;
  memory?: Quantity;
  'ephemeral-storage'?: unknown;
}
/**
 * Where a volume of the pod appears in the container.
 */
export interface VolumeMount {
  /**
   * The volume.
   */
  name: string;
  /**
   * The path in the container.
   */
  mountPath: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  subPath?: unknown;
  subPathExpr?: unknown;
  mountPropagation?: unknown;
  recursiveReadOnly?: unknown;
}
/**
 * A repeated health check.
 */
export interface Probe {
  exec?: ExecAction;
  httpGet?: HttpGetAction;
  tcpSocket?: TcpSocketAction;
  grpc?: unknown;
  /**
   * Seconds before the first check; 0 when absent.
   */
  initialDelaySeconds?: number;
  /**
   * Seconds between checks; 10 when absent.
   */
  periodSeconds?: number;
  /**
   * Seconds until a check has failed; 1 when absent.
   */
  timeoutSeconds?: number;
  /**
   * Successes in a row until healthy; 1 when absent.
   */
  successThreshold?: number;
  /**
   * Failures in a row until unhealthy; 3 when absent.
   */
  failureThreshold?: number;
  terminationGracePeriodSeconds?: unknown;
}
/**
 * Healthy when the command, run in the container without a shell, exits with 0.
 */
export interface ExecAction {
  /**
   * The command and its arguments.
   */
  command: string[];
}
/**
 * Healthy when a GET answers with 200 to 399.
 */
export interface HttpGetAction {
  /**
   * The path; / when absent.
   */
  path?: string;
  port: IntOrString;
  /**
   * The address; the pod when absent.
   */
  host?: string;
  /**
   * The scheme; certificates are not verified.
   */
  scheme?: 'HTTP' | 'HTTPS';
  /**
   * Headers to send.
   */
  httpHeaders?: HttpHeader[];
}
/**
 * A header of a probe request.
 */
export interface HttpHeader {
  /**
   * The header.
   */
  name: string;
  /**
   * Its value.
   */
  value: string;
}
/**
 * Healthy when the port accepts a connection.
 */
export interface TcpSocketAction {
  port: IntOrString;
  /**
   * The address; the pod when absent.
   */
  host?: string;
}
/**
 * A volume of the pod.
 */
export interface Volume {
  /**
   * The name that volumeMounts refer to.
   */
  name: string;
  emptyDir?: EmptyDirVolumeSource;
  configMap?: ConfigMapVolumeSource;
  secret?: SecretVolumeSource;
  persistentVolumeClaim?: ClaimVolumeSource;
  hostPath?: HostPathVolumeSource;
  projected?: unknown;
  downwardAPI?: unknown;
  nfs?: unknown;
  ephemeral?: unknown;
  image?: unknown;
  csi?: unknown;
  awsElasticBlockStore?: unknown;
  azureDisk?: unknown;
  azureFile?: unknown;
  cephfs?: unknown;
  cinder?: unknown;
  fc?: unknown;
  flexVolume?: unknown;
  flocker?: unknown;
  gcePersistentDisk?: unknown;
  gitRepo?: unknown;
  glusterfs?: unknown;
  iscsi?: unknown;
  photonPersistentDisk?: unknown;
  portworxVolume?: unknown;
  quobyte?: unknown;
  rbd?: unknown;
  scaleIO?: unknown;
  storageos?: unknown;
  vsphereVolume?: unknown;
}
/**
 * An empty directory that lives as long as the pod.
 */
export interface EmptyDirVolumeSource {
  /**
   * Memory for a file system in memory; the disk of the host when empty.
   */
  medium?: '' | 'Memory';
  sizeLimit?: Quantity;
}
/**
 * The keys of a ConfigMap as files.
 */
export interface ConfigMapVolumeSource {
  /**
   * The ConfigMap.
   */
  name: string;
  /**
   * Only these keys, at these paths.
   */
  items?: KeyToPath[];
  /**
   * Mode bits of the files; 0644 when absent.
   */
  defaultMode?: number;
  /**
   * Whether the ConfigMap may be missing.
   */
  optional?: boolean;
}
/**
 * A key that becomes a file.
 */
export interface KeyToPath {
  /**
   * The key.
   */
  key: string;
  /**
   * The file, relative to the mount.
   */
  path: string;
  /**
   * Mode bits of the file, 0 to 0777.
   */
  mode?: number;
}
/**
 * The keys of a Secret as files in memory.
 */
export interface SecretVolumeSource {
  /**
   * The Secret.
   */
  secretName: string;
  /**
   * Only these keys, at these paths.
   */
  items?: KeyToPath[];
  /**
   * Mode bits of the files; 0644 when absent.
   */
  defaultMode?: number;
  /**
   * Whether the Secret may be missing.
   */
  optional?: boolean;
}
/**
 * The volume of a PersistentVolumeClaim.
 */
export interface ClaimVolumeSource {
  /**
   * The claim.
   */
  claimName: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A file or directory of the host.
 */
export interface HostPathVolumeSource {
  /**
   * The path on the host.
   */
  path: string;
  /**
   * What must be there before the pod starts.
   */
  type?: '' | 'DirectoryOrCreate' | 'Directory' | 'FileOrCreate' | 'File' | 'Socket' | 'CharDevice' | 'BlockDevice';
}
/**
 * How old pods are replaced by new ones.
 */
export interface DeploymentStrategy {
  /**
   * RollingUpdate or Recreate.
   */
  type?: 'RollingUpdate' | 'Recreate';
  rollingUpdate?: RollingUpdate;
}
/**
 * The limits of a rolling update.
 */
export interface RollingUpdate {
  maxSurge?: IntOrString;
  maxUnavailable?: IntOrString;
}
/**
 * What is known of a Deployment.
 */
export interface DeploymentStatus {
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * Pods there are.
   */
  replicas?: number;
  /**
   * Pods of the current template.
   */
  updatedReplicas?: number;
  /**
   * Pods that are ready.
   */
  readyReplicas?: number;
  /**
   * Pods that have been ready long enough.
   */
  availableReplicas?: number;
  /**
   * Pods that are missing.
   */
  unavailableReplicas?: number;
  /**
   * Pods that are being deleted.
   */
  terminatingReplicas?: number;
  /**
   * Name collisions so far.
   */
  collisionCount?: number;
  /**
   * Available, Progressing and ReplicaFailure.
   */
  conditions?: Condition[];
}
/**
 * Something that happened to an object, and why.
 */
export interface Event {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Event';
  metadata: ObjectMeta;
  involvedObject: ObjectReference;
  /**
   * A CamelCase word for the cause.
   */
  reason: string;
  /**
   * The cause for a person.
   */
  message: string;
  /**
   * Normal or Warning.
   */
  type: 'Normal' | 'Warning';
  /**
   * How often.
   */
  count: number;
  /**
   * When first, RFC 3339.
   */
  firstTimestamp: string;
  /**
   * When last, RFC 3339.
   */
  lastTimestamp: string;
  source: EventSource;
}
/**
 * Names an object.
 */
export interface ObjectReference {
  /**
   * Its apiVersion.
   */
  apiVersion?: string;
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its namespace.
   */
  namespace?: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * Its uid.
   */
  uid?: string;
}
/**
 * Who reports.
 */
export interface EventSource {
  /**
   * The part of Holdfast.
   */
  component?: string;
  /**
   * The node.
   */
  host?: string;
}
/**
 * A room of its own for names.
 */
export interface Namespace {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Namespace';
  metadata: ObjectMeta;
  spec?: NamespaceSpec;
  status?: NamespaceStatus;
}
/**
 * Nothing to say here.
 */
export interface NamespaceSpec {
  finalizers?: unknown;
}
/**
 * What is known of a namespace.
 */
export interface NamespaceStatus {
  /**
   * Active, or Terminating.
   */
  phase?: 'Active' | 'Terminating';
}
/**
 * A Docker host.
 */
export interface Node {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Node';
  metadata: ObjectMeta;
  spec?: NodeSpec;
  status?: NodeStatus;
}
/**
 * Settings of a node.
 */
export interface NodeSpec {
  /**
   * Whether new pods stay away.
   */
  unschedulable?: boolean;
}
/**
 * What is known of a node.
 */
export interface NodeStatus {
  capacity?: NodeAmounts;
  allocatable?: NodeAmounts;
  /**
   * Ready.
   */
  conditions?: Condition[];
  /**
   * Its addresses.
   */
  addresses?: NodeAddress[];
  nodeInfo?: NodeInfo;
}
/**
 * Amounts of a node.
 */
export interface NodeAmounts {
  /**
   * Processors.
   */
  cpu: string;
  /**
   * Bytes.
   */
  memory: string;
  /**
   * Pods.
   */
  pods: string;
}
/**
 * An address of a node.
 */
export interface NodeAddress {
  /**
   * Hostname or InternalIP.
   */
  type: 'Hostname' | 'InternalIP';
  /**
   * The address.
   */
  address: string;
}
/**
 * The engine of a node.
 */
export interface NodeInfo {
  /**
   * docker://VERSION.
   */
  containerRuntimeVersion?: string;
  /**
   * The operating system.
   */
  operatingSystem?: string;
  /**
   * The kernel.
   */
  kernelVersion?: string;
  /**
   * The processor architecture.
   */
  architecture?: string;
  /**
   * The identity that the Docker Engine gives itself.
   */
  engineID?: string;
}
/**
 * Storage that outlives pods: a Docker volume. It is kept when the manifest is deleted.
 */
export interface PersistentVolumeClaim {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'PersistentVolumeClaim';
  metadata: ObjectMeta;
  spec: ClaimSpec;
  status?: ClaimStatus;
}
/**
 * The storage that is asked for.
 */
export interface ClaimSpec {
  /**
   * Who may use it; a Docker volume serves every pod of its host.
   */
  accessModes: ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  resources: ClaimResources;
  /**
   * The class of storage.
   */
  storageClassName?: string;
  /**
   * Filesystem.
   */
  volumeMode?: 'Filesystem';
  volumeName?: unknown;
  selector?: unknown;
  dataSource?: unknown;
  dataSourceRef?: unknown;
  volumeAttributesClassName?: unknown;
}
/**
 * The size.
 */
export interface ClaimResources {
  requests?: ClaimRequests;
  limits?: ClaimLimits;
}
/**
 * The size.
 */
export interface ClaimRequests {
  storage?: Quantity;
}
/**
 * The largest size.
 */
export interface ClaimLimits {
  storage?: Quantity;
}
/**
 * What is known of a claim.
 */
export interface ClaimStatus {
  /**
   * Pending until the Docker volume is there.
   */
  phase?: 'Pending' | 'Bound' | 'Lost';
  /**
   * The Docker volume.
   */
  volume?: string;
}
/**
 * Containers that share a network and volumes.
 */
export interface Pod {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Pod';
  metadata: ObjectMeta;
  spec: PodSpec;
  status?: PodStatus;
}
/**
 * What is known of a pod.
 */
export interface PodStatus {
  /**
   * The phase.
   */
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /**
   * PodScheduled, Initialized, ContainersReady and Ready.
   */
  conditions?: Condition[];
  /**
   * A CamelCase word for the cause.
   */
  reason?: string;
  /**
   * The cause for a person.
   */
  message?: string;
  /**
   * One entry per container.
   */
  containerStatuses?: ContainerStatus[];
  /**
   * The address of the pod.
   */
  podIP?: string;
  /**
   * The addresses of the pod.
   */
  podIPs?: PodIp[];
  /**
   * The address of the host.
   */
  hostIP?: string;
  /**
   * When the kubelet took the pod on, RFC 3339.
   */
  startTime?: string;
  /**
   * The quality of service.
   */
  qosClass?: 'Guaranteed' | 'Burstable' | 'BestEffort';
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
}
/**
 * What is known of one container.
 */
export interface ContainerStatus {
  /**
   * The container.
   */
  name: string;
  /**
   * Whether it passes its readiness probe.
   */
  ready: boolean;
  /**
   * Whether it has passed its startup probe.
   */
  started?: boolean;
  /**
   * How often it was started again.
   */
  restartCount: number;
  /**
   * The image it runs.
   */
  image: string;
  /**
   * The image by digest.
   */
  imageID?: string;
  /**
   * docker://ID.
   */
  containerID?: string;
  state?: ContainerState;
  lastState?: ContainerState;
}
/**
 * Exactly one of the three.
 */
export interface ContainerState {
  waiting?: ContainerStateWaiting;
  running?: ContainerStateRunning;
  terminated?: ContainerStateTerminated;
}
/**
 * The container is not running yet.
 */
export interface ContainerStateWaiting {
  /**
   * A CamelCase word for the cause.
   */
  reason?: string;
  /**
   * The cause for a person.
   */
  message?: string;
}
/**
 * The container is running.
 */
export interface ContainerStateRunning {
  /**
   * Since when, RFC 3339.
   */
  startedAt?: string;
}
/**
 * The container has ended.
 */
export interface ContainerStateTerminated {
  /**
   * The exit code.
   */
  exitCode: number;
  /**
   * The signal that ended it.
   */
  signal?: number;
  /**
   * A CamelCase word for the cause.
   */
  reason?: string;
  /**
   * The cause for a person.
   */
  message?: string;
  /**
   * When it started, RFC 3339.
   */
  startedAt?: string;
  /**
   * When it ended, RFC 3339.
   */
  finishedAt?: string;
  /**
   * docker://ID.
   */
  containerID?: string;
}
/**
 * An address.
 */
export interface PodIp {
  /**
   * The address.
   */
  ip: string;
}
/**
 * Keeps a number of equal pods running.
 */
export interface ReplicaSet {
  /**
   * The version of the kind.
   */
  apiVersion: 'apps/v1';
  /**
   * The kind.
   */
  kind: 'ReplicaSet';
  metadata: ObjectMeta;
  spec: ReplicaSetSpec;
  status?: ReplicaSetStatus;
}
/**
 * How many pods of which template.
 */
export interface ReplicaSetSpec {
  /**
   * How many pods; 1 when absent.
   */
  replicas?: number;
  /**
   * Seconds a pod must be ready to count as available.
   */
  minReadySeconds?: number;
  selector: LabelSelector;
  template?: PodTemplateSpec;
}
/**
 * What is known of a ReplicaSet.
 */
export interface ReplicaSetStatus {
  /**
   * Pods there are.
   */
  replicas?: number;
  /**
   * Pods with all labels of the template.
   */
  fullyLabeledReplicas?: number;
  /**
   * Pods that are ready.
   */
  readyReplicas?: number;
  /**
   * Pods that have been ready long enough.
   */
  availableReplicas?: number;
  /**
   * Pods that are being deleted.
   */
  terminatingReplicas?: number;
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * ReplicaFailure.
   */
  conditions?: Condition[];
}
/**
 * Configuration that is not shown.
 */
export interface Secret {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Secret';
  metadata: ObjectMeta;
  /**
   * What is inside; Opaque when absent.
   */
  type?: string;
  /**
   * Bytes by key, in base64.
   */
  data?: {
    [k: string]: string;
  };
  /**
   * Text by key; wins over data.
   */
  stringData?: {
    [k: string]: string;
  };
  /**
   * Whether a change of the data is refused.
   */
  immutable?: boolean;
}
