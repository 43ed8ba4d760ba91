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
  dnsPolicy?: 'ClusterFirst' | 'Default' | 'ClusterFirstWithHostNet' | 'None';
  /**
   * The scheduler.
   */
  schedulerName?: 'default-scheduler';
  /**
   * Containers that run to their end, one after another, before the others start; with restartPolicy Always they keep running beside them.
   */
  initContainers?: Container[];
  /**
   * Containers that were added for debugging.
   */
  ephemeralContainers?: EphemeralContainer[];
  /**
   * Seconds until the pod is ended and counts as failed.
   */
  activeDeadlineSeconds?: number;
  affinity?: Affinity;
  dnsConfig?: PodDNSConfig;
  /**
   * Lines of the hosts file.
   */
  hostAliases?: HostAlias[];
  /**
   * Whether the pod shares the IPC namespace of the host.
   */
  hostIPC?: boolean;
  /**
   * Whether the pod uses the network of the host.
   */
  hostNetwork?: boolean;
  /**
   * Whether the pod sees the processes of the host.
   */
  hostPID?: boolean;
  /**
   * Whether users of the pod are those of the host.
   */
  hostUsers?: boolean;
  /**
   * The host name; the name of the pod when absent.
   */
  hostname?: string;
  /**
   * The whole host name, instead of the one that is made up.
   */
  hostnameOverride?: string;
  /**
   * Secrets with credentials for registries.
   */
  imagePullSecrets?: LocalObjectReference[];
  /**
   * Labels that the node must have.
   */
  nodeSelector?: {
    [k: string]: string;
  };
  os?: PodOS;
  overhead?: ResourceList;
  /**
   * Whether pods of lower priority make room.
   */
  preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
  /**
   * The priority, set from the class.
   */
  priority?: number;
  /**
   * The PriorityClass.
   */
  priorityClassName?: string;
  /**
   * Conditions that readiness waits for.
   */
  readinessGates?: PodReadinessGate[];
  /**
   * Claims for devices.
   */
  resourceClaims?: PodResourceClaim[];
  resources?: ResourceRequirements;
  /**
   * The RuntimeClass.
   */
  runtimeClassName?: string;
  /**
   * What placing the pod waits for.
   */
  schedulingGates?: PodSchedulingGate[];
  securityContext?: PodSecurityContext;
  /**
   * Whether the host name is the fully qualified one.
   */
  setHostnameAsFQDN?: boolean;
  /**
   * Whether the containers see the processes of each other.
   */
  shareProcessNamespace?: boolean;
  /**
   * The domain of the host name.
   */
  subdomain?: string;
  /**
   * Taints that the pod bears.
   */
  tolerations?: Toleration[];
  /**
   * How evenly pods are spread.
   */
  topologySpreadConstraints?: TopologySpreadConstraint[];
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
  lifecycle?: Lifecycle;
  securityContext?: SecurityContext;
  /**
   * Whether standard input stays open.
   */
  stdin?: boolean;
  /**
   * Whether standard input is closed after the first one who attached.
   */
  stdinOnce?: boolean;
  /**
   * Whether it has a terminal; needs stdin.
   */
  tty?: boolean;
  /**
   * Where volumes appear as block devices.
   */
  volumeDevices?: VolumeDevice[];
  /**
   * What a change of resources means for the running container.
   */
  resizePolicy?: ContainerResizePolicy[];
  /**
   * Always makes an init container a sidecar; for other containers Kubernetes allows it nowhere.
   */
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  /**
   * Rules by exit code that win over the restart policy.
   */
  restartPolicyRules?: ContainerRestartRule[];
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
  resourceFieldRef?: ResourceFieldSelector;
  fileKeyRef?: FileKeySelector;
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
 * An amount of resources of a container (downward API).
 */
export interface ResourceFieldSelector {
  /**
   * The container; needed in volumes, the container itself in its environment.
   */
  containerName?: string;
  /**
   * limits or requests, a dot, and the resource, such as limits.cpu.
   */
  resource: string;
  divisor?: Quantity;
}
/**
 * One variable of a file that lies in a volume.
 */
export interface FileKeySelector {
  /**
   * The emptyDir volume that holds the file.
   */
  volumeName: string;
  /**
   * The file in the volume; relative, without steps upwards.
   */
  path: string;
  /**
   * The variable in the file.
   */
  key: string;
  /**
   * Whether the file or the variable may be missing.
   */
  optional?: boolean;
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
 * A whole ConfigMap or Secret in the same namespace.
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
  /**
   * Claims of the pod that the container uses.
   */
  claims?: ResourceClaimUse[];
}
/**
 * Amounts by resource.
 */
export interface ResourceList {
  cpu?: Quantity;
  memory?: Quantity;
  'ephemeral-storage'?: Quantity;
}
/**
 * A claim of the pod that a container uses.
 */
export interface ResourceClaimUse {
  /**
   * An entry of resourceClaims of the pod.
   */
  name: string;
  /**
   * One request of the claim; all of them when absent.
   */
  request?: string;
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
  /**
   * A path in the volume that is mounted instead of its root.
   */
  subPath?: string;
  /**
   * As subPath, with $(NAME) replaced by variables of the container.
   */
  subPathExpr?: string;
  /**
   * Whether mounts that are made later pass between host and container.
   */
  mountPropagation?: 'None' | 'HostToContainer' | 'Bidirectional';
  /**
   * Whether mounts below a read-only mount are read-only too.
   */
  recursiveReadOnly?: 'Disabled' | 'IfPossible' | 'Enabled';
}
/**
 * A repeated health check.
 */
export interface Probe {
  exec?: ExecAction;
  httpGet?: HttpGetAction;
  tcpSocket?: TcpSocketAction;
  grpc?: GrpcAction;
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
  /**
   * Seconds of grace when this probe ends the container; that of the pod when absent.
   */
  terminationGracePeriodSeconds?: number;
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
 * Healthy when the gRPC health service answers SERVING.
 */
export interface GrpcAction {
  /**
   * The port, 1 to 65535.
   */
  port: number;
  /**
   * The service to ask about; the whole server when absent or empty.
   */
  service?: string;
}
/**
 * Hooks that run after the start and before the stop of a container.
 */
export interface Lifecycle {
  postStart?: LifecycleHandler;
  preStop?: LifecycleHandler;
  /**
   * The signal that asks the container to stop; that of the image when absent. Needs os.name of the pod.
   */
  stopSignal?:
    | 'SIGABRT'
    | 'SIGALRM'
    | 'SIGBUS'
    | 'SIGCHLD'
    | 'SIGCLD'
    | 'SIGCONT'
    | 'SIGFPE'
    | 'SIGHUP'
    | 'SIGILL'
    | 'SIGINT'
    | 'SIGIO'
    | 'SIGIOT'
    | 'SIGKILL'
    | 'SIGPIPE'
    | 'SIGPOLL'
    | 'SIGPROF'
    | 'SIGPWR'
    | 'SIGQUIT'
    | 'SIGSEGV'
    | 'SIGSTKFLT'
    | 'SIGSTOP'
    | 'SIGSYS'
    | 'SIGTERM'
    | 'SIGTRAP'
    | 'SIGTSTP'
    | 'SIGTTIN'
    | 'SIGTTOU'
    | 'SIGURG'
    | 'SIGUSR1'
    | 'SIGUSR2'
    | 'SIGVTALRM'
    | 'SIGWINCH'
    | 'SIGXCPU'
    | 'SIGXFSZ'
    | 'SIGRTMIN'
    | 'SIGRTMIN+1'
    | 'SIGRTMIN+2'
    | 'SIGRTMIN+3'
    | 'SIGRTMIN+4'
    | 'SIGRTMIN+5'
    | 'SIGRTMIN+6'
    | 'SIGRTMIN+7'
    | 'SIGRTMIN+8'
    | 'SIGRTMIN+9'
    | 'SIGRTMIN+10'
    | 'SIGRTMIN+11'
    | 'SIGRTMIN+12'
    | 'SIGRTMIN+13'
    | 'SIGRTMIN+14'
    | 'SIGRTMIN+15'
    | 'SIGRTMAX-14'
    | 'SIGRTMAX-13'
    | 'SIGRTMAX-12'
    | 'SIGRTMAX-11'
    | 'SIGRTMAX-10'
    | 'SIGRTMAX-9'
    | 'SIGRTMAX-8'
    | 'SIGRTMAX-7'
    | 'SIGRTMAX-6'
    | 'SIGRTMAX-5'
    | 'SIGRTMAX-4'
    | 'SIGRTMAX-3'
    | 'SIGRTMAX-2'
    | 'SIGRTMAX-1'
    | 'SIGRTMAX';
}
/**
 * What a hook does.
 */
export interface LifecycleHandler {
  exec?: ExecAction;
  httpGet?: HttpGetAction;
  tcpSocket?: TcpSocketAction;
  sleep?: SleepAction;
}
/**
 * Wait.
 */
export interface SleepAction {
  /**
   * How many seconds.
   */
  seconds: number;
}
/**
 * Security settings of a container; they win over those of the pod.
 */
export interface SecurityContext {
  /**
   * Whether it has every right on the host.
   */
  privileged?: boolean;
  /**
   * Whether a process may get more rights than its parent.
   */
  allowPrivilegeEscalation?: boolean;
  /**
   * Whether the file system of the image cannot be written to.
   */
  readOnlyRootFilesystem?: boolean;
  /**
   * The number of the user that runs it; that of the image when absent.
   */
  runAsUser?: number;
  /**
   * The number of the primary group; that of the image when absent.
   */
  runAsGroup?: number;
  /**
   * Whether it must not start as root.
   */
  runAsNonRoot?: boolean;
  capabilities?: Capabilities;
  seccompProfile?: SeccompProfile;
  appArmorProfile?: AppArmorProfile;
  seLinuxOptions?: SELinuxOptions;
  /**
   * How much of /proc is to be seen.
   */
  procMount?: 'Default' | 'Unmasked';
  windowsOptions?: WindowsSecurityContextOptions;
}
/**
 * Rights that are added to or taken from those of the container runtime.
 */
export interface Capabilities {
  /**
   * Rights to add, such as NET_ADMIN; ALL for all.
   */
  add?: string[];
  /**
   * Rights to take; ALL for all.
   */
  drop?: string[];
}
/**
 * Which system calls are allowed.
 */
export interface SeccompProfile {
  /**
   * A profile of the node, that of the container runtime, or none.
   */
  type: 'Localhost' | 'RuntimeDefault' | 'Unconfined';
  /**
   * The profile below the profile directory of the node; for Localhost alone.
   */
  localhostProfile?: string;
}
/**
 * Which AppArmor profile holds.
 */
export interface AppArmorProfile {
  /**
   * A profile of the node, that of the container runtime, or none.
   */
  type: 'Localhost' | 'RuntimeDefault' | 'Unconfined';
  /**
   * The profile that is loaded on the node; for Localhost alone.
   */
  localhostProfile?: string;
}
/**
 * The SELinux context.
 */
export interface SELinuxOptions {
  /**
   * The user label.
   */
  user?: string;
  /**
   * The role label.
   */
  role?: string;
  /**
   * The type label.
   */
  type?: string;
  /**
   * The level label.
   */
  level?: string;
}
/**
 * Settings that only Windows has.
 */
export interface WindowsSecurityContextOptions {
  /**
   * The name of the GMSA credential spec.
   */
  gmsaCredentialSpecName?: string;
  /**
   * The GMSA credential spec itself.
   */
  gmsaCredentialSpec?: string;
  /**
   * The user that the processes run as.
   */
  runAsUserName?: string;
  /**
   * Whether the container runs as a process of the host.
   */
  hostProcess?: boolean;
}
/**
 * Where a volume appears as a block device.
 */
export interface VolumeDevice {
  /**
   * The volume; it must be a claim.
   */
  name: string;
  /**
   * The path of the device in the container.
   */
  devicePath: string;
}
/**
 * What a change of one resource means for a running container.
 */
export interface ContainerResizePolicy {
  /**
   * The resource.
   */
  resourceName: 'cpu' | 'memory';
  /**
   * Whether the container is started again.
   */
  restartPolicy: 'NotRequired' | 'RestartContainer';
}
/**
 * A rule for what happens when a container ends.
 */
export interface ContainerRestartRule {
  /**
   * What to do when the rule holds.
   */
  action: 'Restart' | 'RestartAllContainers';
  exitCodes?: ContainerRestartRuleOnExitCodes;
}
/**
 * Exit codes that a rule is about.
 */
export interface ContainerRestartRuleOnExitCodes {
  /**
   * Whether the code has to be in the list.
   */
  operator: 'In' | 'NotIn';
  /**
   * Exit codes, 0 to 255.
   */
  values?: number[];
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
  projected?: ProjectedVolumeSource;
  downwardAPI?: DownwardAPIVolumeSource;
  nfs?: NFSVolumeSource;
  ephemeral?: EphemeralVolumeSource;
  image?: ImageVolumeSource;
  csi?: CSIVolumeSource;
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  azureFile?: AzureFileVolumeSource;
  cephfs?: CephFSVolumeSource;
  cinder?: CinderVolumeSource;
  fc?: FCVolumeSource;
  flexVolume?: FlexVolumeSource;
  flocker?: FlockerVolumeSource;
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  gitRepo?: GitRepoVolumeSource;
  glusterfs?: GlusterfsVolumeSource;
  iscsi?: ISCSIVolumeSource;
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  portworxVolume?: PortworxVolumeSource;
  quobyte?: QuobyteVolumeSource;
  rbd?: RBDVolumeSource;
  scaleIO?: ScaleIOVolumeSource;
  storageos?: StorageOSVolumeSource;
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
}
/**
 * An empty directory that lives as long as the pod.
 */
export interface EmptyDirVolumeSource {
  /**
   * Memory for a file system in memory; the disk of the host when empty.
   */
  medium?: '' | 'Memory' | 'HugePages' | 'HugePages-2Mi' | 'HugePages-1Gi';
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
 * Several sources in one directory.
 */
export interface ProjectedVolumeSource {
  /**
   * The sources.
   */
  sources?: VolumeProjection[];
  /**
   * Mode bits of the files; 0644 when absent.
   */
  defaultMode?: number;
}
/**
 * One source of a projected volume.
 */
export interface VolumeProjection {
  secret?: SecretProjection;
  configMap?: ConfigMapProjection;
  downwardAPI?: DownwardAPIProjection;
  serviceAccountToken?: ServiceAccountTokenProjection;
  clusterTrustBundle?: ClusterTrustBundleProjection;
  podCertificate?: PodCertificateProjection;
}
/**
 * The keys of a Secret as files.
 */
export interface SecretProjection {
  /**
   * The Secret.
   */
  name: string;
  /**
   * Only these keys, at these paths.
   */
  items?: KeyToPath[];
  /**
   * Whether the Secret may be missing.
   */
  optional?: boolean;
}
/**
 * The keys of a ConfigMap as files.
 */
export interface ConfigMapProjection {
  /**
   * The ConfigMap.
   */
  name: string;
  /**
   * Only these keys, at these paths.
   */
  items?: KeyToPath[];
  /**
   * Whether the ConfigMap may be missing.
   */
  optional?: boolean;
}
/**
 * Fields of the pod as files.
 */
export interface DownwardAPIProjection {
  /**
   * The files.
   */
  items?: DownwardAPIVolumeFile[];
}
/**
 * A file with a field of the pod.
 */
export interface DownwardAPIVolumeFile {
  /**
   * The file, relative to the mount.
   */
  path: string;
  fieldRef?: FieldSelector;
  resourceFieldRef?: ResourceFieldSelector;
  /**
   * Mode bits of the file, 0 to 0777.
   */
  mode?: number;
}
/**
 * A token of the service account of the pod as a file.
 */
export interface ServiceAccountTokenProjection {
  /**
   * The file, relative to the mount.
   */
  path: string;
  /**
   * Whom the token is for; the API server when absent.
   */
  audience?: string;
  /**
   * Seconds that a token is valid, at least 600; 3600 when absent.
   */
  expirationSeconds?: number;
}
/**
 * Certificates of authorities as a file.
 */
export interface ClusterTrustBundleProjection {
  /**
   * The file, relative to the mount.
   */
  path: string;
  /**
   * One bundle by name.
   */
  name?: string;
  /**
   * All bundles of a signer.
   */
  signerName?: string;
  labelSelector?: LabelSelector;
  /**
   * Whether the bundle may be missing.
   */
  optional?: boolean;
}
/**
 * A key and a certificate of the pod as files.
 */
export interface PodCertificateProjection {
  /**
   * Who signs the certificate.
   */
  signerName: string;
  /**
   * The kind of key.
   */
  keyType: 'RSA3072' | 'RSA4096' | 'ECDSAP256' | 'ECDSAP384' | 'ECDSAP521' | 'ED25519';
  /**
   * The longest time that the certificate may be valid.
   */
  maxExpirationSeconds?: number;
  /**
   * A file with the key and the chain.
   */
  credentialBundlePath?: string;
  /**
   * A file with the key.
   */
  keyPath?: string;
  /**
   * A file with the chain.
   */
  certificateChainPath?: string;
  /**
   * Notes for the signer.
   */
  userAnnotations?: {
    [k: string]: string;
  };
}
/**
 * Fields of the pod as files.
 */
export interface DownwardAPIVolumeSource {
  /**
   * The files.
   */
  items?: DownwardAPIVolumeFile[];
  /**
   * Mode bits of the files; 0644 when absent.
   */
  defaultMode?: number;
}
/**
 * A directory of an NFS server.
 */
export interface NFSVolumeSource {
  /**
   * The name or address of the server.
   */
  server: string;
  /**
   * The directory that the server exports.
   */
  path: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A claim of the pod alone.
 */
export interface EphemeralVolumeSource {
  volumeClaimTemplate: ClaimTemplate;
}
/**
 * A claim that is made for the pod and goes with it.
 */
export interface ClaimTemplate {
  metadata?: ObjectMeta;
  spec: ClaimSpec;
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
 * The files of an image, read-only.
 */
export interface ImageVolumeSource {
  /**
   * The image.
   */
  reference: string;
  /**
   * When to pull: Always for tag latest or no tag, else IfNotPresent.
   */
  pullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
}
/**
 * A volume that a CSI driver makes for the pod.
 */
export interface CSIVolumeSource {
  /**
   * The driver.
   */
  driver: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Settings for the driver.
   */
  volumeAttributes?: {
    [k: string]: string;
  };
  nodePublishSecretRef?: LocalObjectReference;
}
/**
 * An object in the same namespace.
 */
export interface LocalObjectReference {
  /**
   * Its name.
   */
  name?: string;
}
/**
 * A disk of AWS.
 */
export interface AWSElasticBlockStoreVolumeSource {
  /**
   * The disk.
   */
  volumeID: string;
  /**
   * The partition, 0 to 255.
   */
  partition?: number;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A disk of Azure.
 */
export interface AzureDiskVolumeSource {
  /**
   * The disk.
   */
  diskName: string;
  /**
   * The address of the disk.
   */
  diskURI: string;
  /**
   * What the host caches; ReadWrite when absent.
   */
  cachingMode?: 'None' | 'ReadOnly' | 'ReadWrite';
  /**
   * The kind of disk; Shared when absent.
   */
  kind?: 'Shared' | 'Dedicated' | 'Managed';
  /**
   * The file system on it; ext4 when absent.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A file share of Azure.
 */
export interface AzureFileVolumeSource {
  /**
   * A Secret with the account and its key.
   */
  secretName: string;
  /**
   * The share.
   */
  shareName: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A directory of CephFS.
 */
export interface CephFSVolumeSource {
  /**
   * The monitors.
   *
   * @minItems 1
   */
  monitors: [string, ...string[]];
  /**
   * The directory; / when absent.
   */
  path?: string;
  /**
   * The user; admin when absent.
   */
  user?: string;
  /**
   * A file with the key.
   */
  secretFile?: string;
  secretRef?: LocalObjectReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A disk of OpenStack.
 */
export interface CinderVolumeSource {
  /**
   * The disk.
   */
  volumeID: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  secretRef?: LocalObjectReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A disk over Fibre Channel.
 */
export interface FCVolumeSource {
  /**
   * World wide names of the target.
   */
  targetWWNs?: string[];
  /**
   * The number of the unit, 0 to 255.
   */
  lun?: number;
  /**
   * World wide identifiers of the volume, instead of the names.
   */
  wwids?: string[];
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A volume of a program on the node.
 */
export interface FlexVolumeSource {
  /**
   * The program.
   */
  driver: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  secretRef?: LocalObjectReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  /**
   * Settings for the program.
   */
  options?: {
    [k: string]: string;
  };
}
/**
 * A Flocker data set.
 */
export interface FlockerVolumeSource {
  /**
   * The data set by name.
   */
  datasetName?: string;
  /**
   * The data set by identifier.
   */
  datasetUUID?: string;
}
/**
 * A disk of Google Cloud.
 */
export interface GCEPersistentDiskVolumeSource {
  /**
   * The disk.
   */
  pdName: string;
  /**
   * The partition, 0 to 255.
   */
  partition?: number;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A checkout of a Git repository.
 */
export interface GitRepoVolumeSource {
  /**
   * The address of the repository.
   */
  repository: string;
  /**
   * The commit.
   */
  revision?: string;
  /**
   * The directory in the volume; relative.
   */
  directory?: string;
}
/**
 * A GlusterFS volume.
 */
export interface GlusterfsVolumeSource {
  /**
   * The Endpoints of the servers.
   */
  endpoints: string;
  /**
   * The volume.
   */
  path: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A disk over iSCSI.
 */
export interface ISCSIVolumeSource {
  /**
   * Address and port of the target.
   */
  targetPortal: string;
  /**
   * Further portals of the target.
   */
  portals?: string[];
  /**
   * The name of the target.
   */
  iqn: string;
  /**
   * The number of the unit, 0 to 255.
   */
  lun: number;
  /**
   * The interface; default when absent.
   */
  iscsiInterface?: string;
  /**
   * The name of the initiator.
   */
  initiatorName?: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  /**
   * Whether discovery uses CHAP.
   */
  chapAuthDiscovery?: boolean;
  /**
   * Whether the session uses CHAP.
   */
  chapAuthSession?: boolean;
  secretRef?: LocalObjectReference;
}
/**
 * A disk of Photon Controller.
 */
export interface PhotonPersistentDiskVolumeSource {
  /**
   * The disk.
   */
  pdID: string;
  /**
   * The file system on it.
   */
  fsType?: string;
}
/**
 * A volume of Portworx.
 */
export interface PortworxVolumeSource {
  /**
   * The volume.
   */
  volumeID: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A volume of Quobyte.
 */
export interface QuobyteVolumeSource {
  /**
   * Registries as host:port, separated by commas.
   */
  registry: string;
  /**
   * The volume.
   */
  volume: string;
  /**
   * The tenant.
   */
  tenant?: string;
  /**
   * The user.
   */
  user?: string;
  /**
   * The group.
   */
  group?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A block device of Ceph.
 */
export interface RBDVolumeSource {
  /**
   * The monitors.
   *
   * @minItems 1
   */
  monitors: [string, ...string[]];
  /**
   * The image.
   */
  image: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * The pool; rbd when absent.
   */
  pool?: string;
  /**
   * The user; admin when absent.
   */
  user?: string;
  /**
   * The key ring; /etc/ceph/keyring when absent.
   */
  keyring?: string;
  secretRef?: LocalObjectReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A volume of ScaleIO.
 */
export interface ScaleIOVolumeSource {
  /**
   * The gateway.
   */
  gateway: string;
  /**
   * The storage system.
   */
  system: string;
  /**
   * The volume.
   */
  volumeName: string;
  secretRef: LocalObjectReference;
  /**
   * The protection domain.
   */
  protectionDomain?: string;
  /**
   * The storage pool.
   */
  storagePool?: string;
  /**
   * ThickProvisioned or ThinProvisioned; ThinProvisioned when absent.
   */
  storageMode?: string;
  /**
   * Whether the gateway is asked over TLS.
   */
  sslEnabled?: boolean;
  /**
   * The file system on it; xfs when absent.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A volume of StorageOS.
 */
export interface StorageOSVolumeSource {
  /**
   * The volume.
   */
  volumeName: string;
  /**
   * The namespace of the volume; that of the pod when absent.
   */
  volumeNamespace?: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  secretRef?: LocalObjectReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A disk of vSphere.
 */
export interface VsphereVirtualDiskVolumeSource {
  /**
   * The path of the disk file.
   */
  volumePath: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * The storage policy by name.
   */
  storagePolicyName?: string;
  /**
   * The storage policy by identifier.
   */
  storagePolicyID?: string;
}
/**
 * A container for debugging that is added to a running pod.
 */
export interface EphemeralContainer {
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
  lifecycle?: Lifecycle;
  securityContext?: SecurityContext;
  /**
   * Whether standard input stays open.
   */
  stdin?: boolean;
  /**
   * Whether standard input is closed after the first one who attached.
   */
  stdinOnce?: boolean;
  /**
   * Whether it has a terminal; needs stdin.
   */
  tty?: boolean;
  /**
   * Where volumes appear as block devices.
   */
  volumeDevices?: VolumeDevice[];
  /**
   * What a change of resources means for the running container.
   */
  resizePolicy?: ContainerResizePolicy[];
  /**
   * Always makes an init container a sidecar; for other containers Kubernetes allows it nowhere.
   */
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  /**
   * Rules by exit code that win over the restart policy.
   */
  restartPolicyRules?: ContainerRestartRule[];
  /**
   * The container whose processes it sees.
   */
  targetContainerName?: string;
}
/**
 * What a pod wants to be beside.
 */
export interface Affinity {
  nodeAffinity?: NodeAffinity;
  podAffinity?: PodAffinity;
  podAntiAffinity?: PodAntiAffinity;
}
/**
 * Which nodes a pod needs or likes.
 */
export interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  /**
   * Nodes that it likes.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[];
}
/**
 * Which nodes; one of the terms must hold.
 */
export interface NodeSelector {
  /**
   * The terms.
   */
  nodeSelectorTerms: NodeSelectorTerm[];
}
/**
 * Conditions on one node; all must hold.
 */
export interface NodeSelectorTerm {
  /**
   * Conditions on labels.
   */
  matchExpressions?: NodeSelectorRequirement[];
  /**
   * Conditions on fields; Kubernetes knows metadata.name alone.
   */
  matchFields?: NodeSelectorRequirement[];
}
/**
 * A condition on a label or field of a node.
 */
export interface NodeSelectorRequirement {
  /**
   * The label or field.
   */
  key: string;
  /**
   * How to compare.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /**
   * The values to compare with; one whole number for Gt and Lt.
   */
  values?: string[];
}
/**
 * A wish for nodes.
 */
export interface PreferredSchedulingTerm {
  /**
   * How much it counts, 1 to 100.
   */
  weight: number;
  preference: NodeSelectorTerm;
}
/**
 * Pods that this one is put beside.
 */
export interface PodAffinity {
  /**
   * Pods that it needs beside it.
   */
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  /**
   * Pods that it likes beside it.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}
/**
 * Pods, and what counts as beside them.
 */
export interface PodAffinityTerm {
  labelSelector?: LabelSelector;
  /**
   * The namespaces of the pods; that of this pod when there is no selector either.
   */
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  /**
   * The label of nodes that must be equal to be beside each other.
   */
  topologyKey: string;
  /**
   * Labels in which the pods must be like this one.
   */
  matchLabelKeys?: string[];
  /**
   * Labels in which the pods must be unlike this one.
   */
  mismatchLabelKeys?: string[];
}
/**
 * A wish to be beside pods, or away from them.
 */
export interface WeightedPodAffinityTerm {
  /**
   * How much it counts, 1 to 100.
   */
  weight: number;
  podAffinityTerm: PodAffinityTerm;
}
/**
 * Pods that this one is kept away from.
 */
export interface PodAntiAffinity {
  /**
   * Pods that must not be beside it.
   */
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  /**
   * Pods that it does not like beside it.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}
/**
 * Settings of the resolver, besides those of the policy.
 */
export interface PodDNSConfig {
  /**
   * Addresses of name servers, three at most.
   */
  nameservers?: string[];
  /**
   * Search domains, 32 at most.
   */
  searches?: string[];
  /**
   * Options.
   */
  options?: PodDNSConfigOption[];
}
/**
 * An option of the resolver.
 */
export interface PodDNSConfigOption {
  /**
   * The option.
   */
  name: string;
  /**
   * Its value.
   */
  value?: string;
}
/**
 * A line of the hosts file.
 */
export interface HostAlias {
  /**
   * The address.
   */
  ip: string;
  /**
   * Its names.
   */
  hostnames?: string[];
}
/**
 * The operating system of a pod.
 */
export interface PodOS {
  /**
   * linux or windows.
   */
  name: 'linux' | 'windows';
}
/**
 * A condition that readiness waits for.
 */
export interface PodReadinessGate {
  /**
   * The condition.
   */
  conditionType: string;
}
/**
 * A claim for devices.
 */
export interface PodResourceClaim {
  /**
   * The name that containers refer to.
   */
  name: string;
  /**
   * A ResourceClaim.
   */
  resourceClaimName?: string;
  /**
   * A ResourceClaimTemplate that a claim is made from.
   */
  resourceClaimTemplateName?: string;
}
/**
 * Something that placing the pod waits for.
 */
export interface PodSchedulingGate {
  /**
   * The gate.
   */
  name: string;
}
/**
 * Security settings of all containers of a pod.
 */
export interface PodSecurityContext {
  /**
   * The number of the user that runs the containers; that of the image when absent.
   */
  runAsUser?: number;
  /**
   * The number of the primary group; that of the image when absent.
   */
  runAsGroup?: number;
  /**
   * Whether containers must not start as root.
   */
  runAsNonRoot?: boolean;
  /**
   * A group that owns the volumes of the pod.
   */
  fsGroup?: number;
  /**
   * When the group of a volume is changed.
   */
  fsGroupChangePolicy?: 'OnRootMismatch' | 'Always';
  /**
   * Further groups of the processes.
   */
  supplementalGroups?: number[];
  /**
   * Whether the groups of the image count too.
   */
  supplementalGroupsPolicy?: 'Merge' | 'Strict';
  seccompProfile?: SeccompProfile;
  appArmorProfile?: AppArmorProfile;
  seLinuxOptions?: SELinuxOptions;
  /**
   * How the label of a volume is changed.
   */
  seLinuxChangePolicy?: 'Recursive' | 'MountOption';
  /**
   * Kernel parameters.
   */
  sysctls?: Sysctl[];
  windowsOptions?: WindowsSecurityContextOptions;
}
/**
 * A kernel parameter of the namespaces of the pod.
 */
export interface Sysctl {
  /**
   * The parameter.
   */
  name: string;
  /**
   * Its value.
   */
  value: string;
}
/**
 * A taint of nodes that the pod bears.
 */
export interface Toleration {
  /**
   * The taint; every one when absent, with operator Exists.
   */
  key?: string;
  /**
   * How to compare; Equal when absent.
   */
  operator?: 'Equal' | 'Exists';
  /**
   * The value of the taint, for Equal.
   */
  value?: string;
  /**
   * The effect of the taint; every one when absent.
   */
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /**
   * Seconds until it is evicted all the same, for NoExecute; for ever when absent.
   */
  tolerationSeconds?: number;
}
/**
 * How evenly pods are spread.
 */
export interface TopologySpreadConstraint {
  /**
   * By how many pods two places may differ; at least 1.
   */
  maxSkew: number;
  /**
   * The label of nodes that makes a place.
   */
  topologyKey: string;
  /**
   * What to do when it cannot be kept.
   */
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  labelSelector?: LabelSelector;
  /**
   * How many places there must be; for DoNotSchedule.
   */
  minDomains?: number;
  /**
   * Whether nodes that the pod does not want count; Honor when absent.
   */
  nodeAffinityPolicy?: 'Honor' | 'Ignore';
  /**
   * Whether taints are looked at; Ignore when absent.
   */
  nodeTaintsPolicy?: 'Honor' | 'Ignore';
  /**
   * Labels in which counted pods must be like this one.
   */
  matchLabelKeys?: string[];
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
