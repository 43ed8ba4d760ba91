// Generated from schemas/ by `npm run generate`. Do not edit.
/**
 * Any object that Holdfast knows.
 */
export type Resource =
  | APIService
  | Application
  | ApplicationRevision
  | ClusterRole
  | ClusterRoleBinding
  | ConfigMap
  | ControllerRevision
  | CronJob
  | CSIDriver
  | CustomResourceDefinition
  | DaemonSet
  | DeletedObject
  | Deployment
  | DockerHost
  | Endpoints
  | EndpointSlice
  | Event
  | HorizontalPodAutoscaler
  | Ingress
  | IngressClass
  | IPAddress
  | Job
  | Lease
  | LimitRange
  | MutatingWebhookConfiguration
  | Namespace
  | NetworkPolicy
  | Node
  | PersistentVolume
  | PersistentVolumeClaim
  | Pod
  | PodDisruptionBudget
  | PriorityClass
  | Receipt
  | ReplicaSet
  | ReplicationController
  | ResourceQuota
  | Role
  | RoleBinding
  | RuntimeClass
  | Secret
  | Service
  | ServiceAccount
  | ServiceCIDR
  | StatefulSet
  | StorageClass
  | ValidatingWebhookConfiguration
  | VolumeAttributesClass;
/**
 * How the manifests of the path are read and applied.
 */
export type ApplicationSpec = {
  /** The repository, without credentials. */ repo: string;
  /** Branch, tag or commit that is followed. */ revision: string;
  /** The path in the repository. */ path: string;
  /** Seconds until a commit must be healthy. */ timeoutSeconds: number;
  /** Who is told what. */ notifications?: {
    type: 'webhook' | 'slack' | 'discord' | 'ntfy' | 'email';
    url?: string;
    urlFrom?: {secretKeyRef: {name: string; key: string; namespace?: string}};
    to?: string[];
    from?: string;
    events?: NotificationEvent[];
    template?: string;
  }[];
  /** Whether new commits wait. */ suspend?: boolean;
  /** When new commits are let through. */ windows?: {
    kind: 'allow' | 'deny';
    schedule: string;
    duration: string;
    timeZone?: string;
    manual?: boolean;
  }[];
  /** How often a commit that failed is tried again. */ retry?: {
    limit: number;
    backoff?: {duration?: string; factor?: number; maxDuration?: string};
  };
  /** Seconds that phases may take. */ timeouts?: {
    fetch?: number;
    preflight?: number;
    apply?: number;
    hooks?: number;
    verify?: number;
    rollback?: number;
  };
  /** What becomes of a commit that failed. */ rollback?: {
    enabled?: boolean;
    revert?: {
      push?: {};
      pullRequest?: {
        provider?: 'github' | 'gitlab' | 'gitea' | 'forgejo' | 'bitbucket';
        title?: string;
        branch?: string;
      };
      secretRef?: {name: string; namespace?: string};
      author?: {name: string; email: string};
    };
  };
  /** Fields that something else may own. */ ignoreDifferences?: {
    kind: string;
    name?: string;
    namespace?: string;
    jsonPointers: string[];
    reason: string;
  }[];
  /** Whether drift is put right. */ drift?: 'repair' | 'report';
  /** How much may go at once. */ pruneGuard?: {maxPercent?: number};
  /** How long what is removed is kept. */ softDelete?: string;
  /** What must be true of objects, beside what their kinds ask. */ healthCheckExprs?: HealthCheckExpr[];
  /** The commit that says so; absent when none ever said anything. */ settingsFrom?: string;
  /** Of one that another declares. */ source?: {
    repository?: string;
    branch?: string;
    tag?: string;
    semver?: string;
    commit?: string;
    secretRef?: {name: string; namespace?: string};
  };
  verify?: {mode?: 'head' | 'all'; secretRef: {name: string; namespace?: string}};
  targetNamespace?: string;
  dependsOn?: {name: string}[];
  prune?: boolean;
  substitute?: {[name: string]: string};
  substituteFrom?: unknown[];
  strictSubstitution?: boolean;
  skipUnknownKinds?: boolean;
};
/**
 * What a receiver can be told of.
 */
export type NotificationEvent =
  'live' | 'rolled-back' | 'held' | 'failed' | 'drift' | 'source-unready' | 'suspended' | 'resumed' | 'recovered';
/**
 * An amount in Kubernetes notation, for example 250m, 64Mi or 2.
 */
export type Quantity = string | number;
/**
 * A number, or a percentage such as 25%, or the name of a port.
 */
export type IntOrString = number | string;

/**
 * Adds a server to the Kubernetes API.
 */
export interface APIService {
  /**
   * The version of the kind.
   */
  apiVersion: 'apiregistration.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'APIService';
  metadata: ObjectMeta;
  spec: APIServiceSpec;
  status?: APIServiceStatus;
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
  /**
   * Names of controllers that must agree before the object goes.
   */
  finalizers?: string[];
  /**
   * A prefix that an API server makes a name of.
   */
  generateName?: string;
  /**
   * Who set which field.
   */
  managedFields?: {}[];
  /**
   * The path of the object in the API.
   */
  selfLink?: string;
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
 * A version of a group of the Kubernetes API, and who serves it.
 */
export interface APIServiceSpec {
  /**
   * The group.
   */
  group?: string;
  /**
   * The version.
   */
  version?: string;
  service?: APIServiceReference;
  /**
   * The certificates to trust, PEM in base64.
   */
  caBundle?: string;
  /**
   * Whether any certificate will do.
   */
  insecureSkipTLSVerify?: boolean;
  /**
   * The rank of the group, 1 to 20000.
   */
  groupPriorityMinimum: number;
  /**
   * The rank of the version in its group, 1 to 1000.
   */
  versionPriority: number;
}
/**
 * The Service that serves it; the API server itself when absent.
 */
export interface APIServiceReference {
  /**
   * Its namespace.
   */
  namespace: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * Its port; 443 when absent.
   */
  port?: number;
}
/**
 * What is known of it.
 */
export interface APIServiceStatus {
  /**
   * Facts about it.
   */
  conditions?: Condition[];
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
 * What comes from one path of one repository and moves as one. A manifest with `path` or `source` declares a further application; one without them, once in a path, configures how the others there are read.
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
  notifications?: NotificationStatus;
  commitStatuses?: CommitStatusReport;
  revert?: RevertReport;
  suspension?: Suspension;
  /**
   * The last ones that have ended, newest first.
   */
  suspensions?: Suspension[];
  /**
   * What was changed behind Git's back, newest first.
   */
  drift?: DriftRecord[];
  manual?: ManualRetry;
  /**
   * What persons want back that commits have removed, until that is done.
   */
  undelete?: UndeleteWish[];
  /**
   * What was brought back, newest first.
   */
  undeletions?: Undeletion[];
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
  phase:
    | 'fetched'
    | 'validated'
    | 'waiting'
    | 'preflighting'
    | 'pre-sync'
    | 'applying'
    | 'verifying'
    | 'post-sync'
    | 'pruning'
    | 'rolling-back'
    | 'sync-fail';
  /**
   * When it was first seen, RFC 3339.
   */
  startedAt: string;
  /**
   * When its objects were written, RFC 3339.
   */
  appliedAt?: string;
  /**
   * The phases that it went through, with their beginnings.
   */
  phases?: PhaseTime[];
  /**
   * When the phase will have failed, RFC 3339; while it waits for its time, when that comes, and absent when nobody knows.
   */
  deadline?: string;
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
  /**
   * The wave that is being applied; absent when there is only one.
   */
  wave?: number;
  /**
   * The wave that comes when everything of the present one is healthy.
   */
  nextWave?: number;
  /**
   * Before anything of it is applied: the commit that was under way when it came, and may be half applied.
   */
  replaces?: string;
  /**
   * What the Jobs of this attempt's hooks are known by.
   */
  run?: string;
  /**
   * Its hooks, in the order in which they run.
   */
  hooks?: SyncHook[];
  /**
   * Which try it is, when it failed before: 1 for the first after that.
   */
  retry?: number;
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
 * When a phase of a commit began.
 */
export interface PhaseTime {
  /**
   * The phase.
   */
  phase: string;
  /**
   * When it began, RFC 3339.
   */
  at: string;
}
/**
 * A hook of a commit, and what became of it.
 */
export interface SyncHook {
  /**
   * The namespace of its Job.
   */
  namespace: string;
  /**
   * The name of its Job.
   */
  name: string;
  /**
   * When it runs.
   */
  event: 'pre-sync' | 'sync' | 'post-sync' | 'sync-fail';
  /**
   * Its wave, when that is not 0.
   */
  wave?: number;
  /**
   * How far it is.
   */
  state: 'pending' | 'running' | 'succeeded' | 'failed';
  /**
   * When its Job was made, RFC 3339.
   */
  startedAt?: string;
  /**
   * When its end was seen, RFC 3339.
   */
  finishedAt?: string;
  /**
   * Why it failed.
   */
  message?: string;
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
  /**
   * The phases that it went through, with their beginnings.
   */
  phases?: PhaseTime[];
  /**
   * It failed before any of its objects was written.
   */
  nothingApplied?: boolean;
  /**
   * Its hooks that ran.
   */
  hooks?: SyncHook[];
  /**
   * Which try it was, when it failed before: 1 for the first after that.
   */
  retry?: number;
  /**
   * It failed and nothing is taken back: the commit that stays as it is.
   */
  stays?: string;
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
  finished?: FinishedJob;
  /**
   * Its wave, when that is not 0.
   */
  wave?: number;
  /**
   * Of a hook's Job: when it runs.
   */
  hook?: 'pre-sync' | 'sync' | 'post-sync' | 'sync-fail';
  /**
   * No commit declares it: it was removed and brought back, and stays until the next commit is live.
   */
  undeleted?: boolean;
}
/**
 * A Job that has ended, as it is remembered when it is gone.
 */
export interface FinishedJob {
  /**
   * A hash of those parts of its spec that cannot be changed: with another one it is another Job, and runs.
   */
  identity: string;
  /**
   * How it ended.
   */
  result: 'Complete' | 'Failed';
  /**
   * When, RFC 3339.
   */
  time: string;
}
/**
 * What there is to tell, and who knows it.
 */
export interface NotificationStatus {
  /**
   * The number of the last notice.
   */
  number: number;
  /**
   * The last ones, newest first.
   */
  notices: Notice[];
  lastRecord?: NoticedRecord;
  /**
   * Up to when drift was looked at, RFC 3339.
   */
  driftUpTo: string;
  /**
   * What is wrong and was told: when it is over, that is told too.
   */
  troubles: ('source' | 'drift' | 'commit' | 'suspension')[];
  /**
   * The receivers.
   */
  targets: NotificationTargetStatus[];
}
/**
 * Something that receivers are told of.
 */
export interface Notice {
  /**
   * Its number, growing.
   */
  number: number;
  event: NotificationEvent;
  /**
   * When it happened, RFC 3339.
   */
  at: string;
  commit?: CommitInfo;
  /**
   * How that commit ended.
   */
  outcome?: string;
  /**
   * Why.
   */
  reason: string;
}
/**
 * The last entry of the history that was looked at.
 */
export interface NoticedRecord {
  /**
   * The commit.
   */
  commit: string;
  /**
   * How it ended.
   */
  outcome: string;
  /**
   * When, RFC 3339.
   */
  finishedAt: string;
}
/**
 * What a receiver was told.
 */
export interface NotificationTargetStatus {
  /**
   * A hash of its type and of where it is.
   */
  id: string;
  /**
   * In which form it is told.
   */
  type: string;
  /**
   * The host, or the Secret that holds the address.
   */
  to: string;
  /**
   * The number of the last notice that it has.
   */
  toldUpTo: number;
  /**
   * When it was last sent something, newest first, RFC 3339.
   */
  sentAt: string[];
  /**
   * A hash of what it was told of last and why, when that was bad.
   */
  lastCause?: string;
  /**
   * How many messages in a row told of that alone, after the first.
   */
  repeats?: number;
  failing?: NotificationFailure;
}
/**
 * Why it cannot be told.
 */
export interface NotificationFailure {
  /**
   * Since when, RFC 3339.
   */
  since: string;
  /**
   * The cause for a person.
   */
  message: string;
}
/**
 * What the forge was told of commits.
 */
export interface CommitStatusReport {
  /**
   * Commits that ended before are not told of, RFC 3339.
   */
  from: string;
  /**
   * The commits that something is known of, the last one that was told first.
   */
  told: ToldCommitStatus[];
  failing?: CommitStatusFailure;
}
/**
 * A commit that has a status.
 */
export interface ToldCommitStatus {
  /**
   * The full hash.
   */
  commit: string;
  /**
   * Its status.
   */
  state: 'pending' | 'success' | 'failure' | 'superseded';
  /**
   * Since when it has it, RFC 3339.
   */
  at: string;
}
/**
 * Why it cannot be told.
 */
export interface CommitStatusFailure {
  /**
   * Since when, RFC 3339.
   */
  since: string;
  /**
   * The cause for a person.
   */
  message: string;
}
/**
 * What became of the revert of a commit in its repository.
 */
export interface RevertReport {
  /**
   * The full hash of the commit that was rolled back.
   */
  commit: string;
  /**
   * How far it is: to be done, put on the branch that is followed, proposed to the forge, or not needed because somebody has acted already.
   */
  state: 'pending' | 'pushed' | 'proposed' | 'overtaken';
  /**
   * Since when, RFC 3339.
   */
  since: string;
  /**
   * The branch that it is, or is to be, put on.
   */
  branch?: string;
  /**
   * The full hash of the commit that reverts it.
   */
  revert?: string;
  /**
   * Where its merge is proposed.
   */
  pullRequest?: string;
  /**
   * Why it is not done.
   */
  message?: string;
}
/**
 * Why nothing is synced.
 */
export interface Suspension {
  /**
   * Who said so: a person by `holdfast suspend`, or the commit by `spec.suspend`.
   */
  by: 'command' | 'git';
  /**
   * The person, or the author of the commit.
   */
  who: string;
  /**
   * Why.
   */
  reason: string;
  /**
   * Since when, RFC 3339.
   */
  since: string;
  /**
   * When it ends by itself, RFC 3339; absent when it does not.
   */
  until?: string;
  /**
   * When it has ended, RFC 3339.
   */
  endedAt?: string;
  /**
   * Who ended it; absent when it ended by itself.
   */
  endedBy?: string;
}
/**
 * What was changed in one object behind Git's back.
 */
export interface DriftRecord {
  /**
   * Kind of the object.
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
   * The fields, with what the commit says and what was found. No value of a Secret.
   */
  message: string;
  /**
   * When it was noticed first, RFC 3339.
   */
  since: string;
  /**
   * When it was put right last, RFC 3339; absent when it is left as it is.
   */
  last?: string;
  /**
   * How often it was put right; 0 when it is left as it is.
   */
  count: number;
  /**
   * When what was left was no longer so, RFC 3339.
   */
  endedAt?: string;
}
/**
 * That a person wants the commit tried again.
 */
export interface ManualRetry {
  /**
   * The commit.
   */
  commit: string;
  /**
   * The person.
   */
  who: string;
  /**
   * When it was said, RFC 3339, to the millisecond.
   */
  at: string;
}
/**
 * That a person wants objects back that were removed.
 */
export interface UndeleteWish {
  /**
   * The person.
   */
  who: string;
  /**
   * When it was said, RFC 3339, to the millisecond.
   */
  at: string;
  /**
   * The objects, as `Kind/namespace/name`.
   */
  objects: string[];
  /**
   * Since when it waits for what the objects need.
   */
  since?: string;
  /**
   * What the objects need that is not there yet.
   */
  waitingFor?: string[];
}
/**
 * Objects that were removed and brought back without a commit.
 */
export interface Undeletion {
  /**
   * The person.
   */
  who: string;
  /**
   * When they came back, RFC 3339.
   */
  at: string;
  /**
   * The objects, as `Kind/namespace/name`.
   */
  objects: string[];
  /**
   * The commit that was live and does not declare them.
   */
  commit: string;
  /**
   * When another commit had its way with them, RFC 3339.
   */
  endedAt?: string;
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
  /**
   * What must be true of them, beside what their kinds ask.
   */
  healthCheckExprs?: HealthCheckExpr[];
}
/**
 * What must be true of the declared objects of a kind for them to be healthy, as Flux has it. Expressions know the fields of the object by their names (`metadata`, `spec`, `status`…) and all of it as `object`.
 */
export interface HealthCheckExpr {
  /**
   * The apiVersion of the objects.
   */
  apiVersion: string;
  /**
   * Their kind.
   */
  kind: string;
  /**
   * The name of the object; all of the kind when absent.
   */
  name?: string;
  /**
   * Its namespace; any when absent.
   */
  namespace?: string;
  /**
   * True when the object is healthy.
   */
  current: string;
  /**
   * True while it is on its way; it wins over the other two.
   */
  inProgress?: string;
  /**
   * True when waiting is pointless: the commit has failed then. It wins over `current`.
   */
  failed?: string;
  /**
   * What is said while the object is not healthy.
   */
  message?: string;
  /**
   * An expression that makes the message; it wins over `message`.
   */
  messageExpression?: string;
}
/**
 * What may be done in every namespace, and with what lives in none.
 */
export interface ClusterRole {
  /**
   * The version of the kind.
   */
  apiVersion: 'rbac.authorization.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'ClusterRole';
  metadata: ObjectMeta;
  /**
   * What may be done.
   */
  rules?: PolicyRule[];
  aggregationRule?: AggregationRule;
}
/**
 * What may be done with which objects.
 */
export interface PolicyRule {
  /**
   * What may be done, or * for everything.
   */
  verbs: string[];
  /**
   * The groups of the kinds; the empty text is the core group, * is every group.
   */
  apiGroups?: string[];
  /**
   * The kinds in the plural, or * for all.
   */
  resources?: string[];
  /**
   * Names of single objects; all when absent.
   */
  resourceNames?: string[];
  /**
   * Paths of the API that are no objects; for ClusterRoles alone.
   */
  nonResourceURLs?: string[];
}
/**
 * Puts a ClusterRole together from others.
 */
export interface AggregationRule {
  /**
   * Labels of the others; what one of them selects belongs.
   */
  clusterRoleSelectors?: LabelSelector[];
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
 * Grants a ClusterRole everywhere.
 */
export interface ClusterRoleBinding {
  /**
   * The version of the kind.
   */
  apiVersion: 'rbac.authorization.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'ClusterRoleBinding';
  metadata: ObjectMeta;
  roleRef: RoleRef;
  /**
   * Who it is granted to.
   */
  subjects?: Subject[];
}
/**
 * The role that a binding grants.
 */
export interface RoleRef {
  /**
   * The group of roles: rbac.authorization.k8s.io, which is also meant when absent.
   */
  apiGroup?: string;
  /**
   * Role or ClusterRole.
   */
  kind: 'Role' | 'ClusterRole';
  /**
   * Its name.
   */
  name: string;
}
/**
 * Who a role is granted to.
 */
export interface Subject {
  /**
   * What it is.
   */
  kind: 'ServiceAccount' | 'User' | 'Group';
  /**
   * Its name.
   */
  name: string;
  /**
   * The namespace of a service account.
   */
  namespace?: string;
  /**
   * The group of users and groups: rbac.authorization.k8s.io, which is also meant when absent; empty for service accounts.
   */
  apiGroup?: string;
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
   * Texts by key: for environment variables, files of a volume and arguments. Numbers and booleans need quotes.
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
 * An earlier state of a StatefulSet or DaemonSet.
 */
export interface ControllerRevision {
  /**
   * The version of the kind.
   */
  apiVersion: 'apps/v1';
  /**
   * The kind.
   */
  kind: 'ControllerRevision';
  metadata: ObjectMeta;
  /**
   * The state.
   */
  data?: {};
  /**
   * The number of the state; later states have higher numbers.
   */
  revision: number;
}
/**
 * Starts Jobs at fixed times.
 */
export interface CronJob {
  /**
   * The version of the kind.
   */
  apiVersion: 'batch/v1';
  /**
   * The kind.
   */
  kind: 'CronJob';
  metadata: ObjectMeta;
  spec: CronJobSpec;
  status?: CronJobStatus;
}
/**
 * A Job at fixed times.
 */
export interface CronJobSpec {
  /**
   * When: five fields as in cron, or a word such as @daily.
   */
  schedule: string;
  /**
   * The time zone of the schedule, such as Europe/Berlin; UTC when absent.
   */
  timeZone?: string;
  /**
   * Seconds after which a missed start is left out; never when absent.
   */
  startingDeadlineSeconds?: number;
  /**
   * What to do while the last Job still runs: start another, start none, or replace it.
   */
  concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
  /**
   * Whether no Jobs are started.
   */
  suspend?: boolean;
  jobTemplate: JobTemplateSpec;
  /**
   * Succeeded Jobs to keep; 3 when absent.
   */
  successfulJobsHistoryLimit?: number;
  /**
   * Failed Jobs to keep; 1 when absent.
   */
  failedJobsHistoryLimit?: number;
}
/**
 * What the Jobs of a CronJob look like.
 */
export interface JobTemplateSpec {
  metadata?: ObjectMeta;
  spec: JobSpec;
}
/**
 * Pods that run until enough of them have succeeded.
 */
export interface JobSpec {
  /**
   * How many pods run at a time; 1 when absent.
   */
  parallelism?: number;
  /**
   * How many pods must succeed; when absent, one success ends the Job.
   */
  completions?: number;
  /**
   * Whether any pods count, or one for every index; NonIndexed when absent.
   */
  completionMode?: 'NonIndexed' | 'Indexed';
  /**
   * Failed pods until the Job has failed; 6 when absent.
   */
  backoffLimit?: number;
  /**
   * Failed pods of one index until the index has failed.
   */
  backoffLimitPerIndex?: number;
  /**
   * Failed indexes until the Job has failed.
   */
  maxFailedIndexes?: number;
  /**
   * Seconds until the Job is ended and has failed.
   */
  activeDeadlineSeconds?: number;
  /**
   * Seconds that the Job is kept after its end; for ever when absent.
   */
  ttlSecondsAfterFinished?: number;
  /**
   * Whether the Job waits, with no pods.
   */
  suspend?: boolean;
  podFailurePolicy?: PodFailurePolicy;
  successPolicy?: SuccessPolicy;
  /**
   * Whether a new pod is made while the old one is still ending.
   */
  podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed';
  selector?: LabelSelector;
  /**
   * Whether the selector of the manifest is used.
   */
  manualSelector?: boolean;
  /**
   * The controller that runs the Job; the own one when absent.
   */
  managedBy?: string;
  template: PodTemplateSpec;
}
/**
 * How failures of pods count. The first rule that applies decides.
 */
export interface PodFailurePolicy {
  /**
   * The rules in their order.
   */
  rules: PodFailureRule[];
}
/**
 * What to do about a pod that failed in a certain way.
 */
export interface PodFailureRule {
  /**
   * Fail the Job or the index, leave the failure out of the count, or count it.
   */
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  onExitCodes?: ExitCodesRequirement;
  /**
   * Applies to pods with one of these conditions.
   */
  onPodConditions?: PodConditionPattern[];
}
/**
 * A condition on how containers of a failed pod ended.
 */
export interface ExitCodesRequirement {
  /**
   * The container that is looked at; all of them when absent.
   */
  containerName?: string;
  /**
   * Whether the exit code must be among the values.
   */
  operator: 'In' | 'NotIn';
  /**
   * Exit codes in ascending order.
   *
   * Items: An exit code.
   */
  values: number[];
}
/**
 * A condition of a failed pod.
 */
export interface PodConditionPattern {
  /**
   * The type of the condition.
   */
  type: string;
  /**
   * Its status; True when absent.
   */
  status?: 'True' | 'False' | 'Unknown';
}
/**
 * When an indexed Job has succeeded before all its indexes have.
 */
export interface SuccessPolicy {
  /**
   * The rules; one that holds is enough.
   */
  rules: SuccessRule[];
}
/**
 * Indexes that make the Job succeed once they have.
 */
export interface SuccessRule {
  /**
   * Indexes such as 0,2-4 that must succeed; all of them when absent.
   */
  succeededIndexes?: string;
  /**
   * How many of them must succeed; all of them when absent.
   */
  succeededCount?: number;
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
   * The image to run, such as nginx:1.27 or registry.example.com/shop/web@sha256:…; only a digest keeps it fixed.
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
   * The directory that the command starts in; that of the image when absent.
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
   * Ports that it listens on. They are names for probes, and publish nothing unless hostPort is given.
   */
  ports?: ContainerPort[];
  resources?: ResourceRequirements;
  /**
   * Where volumes of the pod appear in the container.
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
   * The name of the variable, such as LOG_LEVEL.
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
   * The key in its data.
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
   * Put before every key to make the name of its variable.
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
   * The protocol; TCP when absent.
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
   * The name of a volume of the pod.
   */
  name: string;
  /**
   * The absolute path in the container, such as /data.
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
   * The name of a ConfigMap in the namespace of the pod.
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
   * The name of a Secret in the namespace of the pod.
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
   * The name of a PersistentVolumeClaim in the namespace of the pod.
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
   * The absolute path on the machine of the Docker Engine.
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
   * Who may use it.
   */
  accessModes: ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  resources: ClaimResources;
  /**
   * The class of storage; empty for declared volumes only. A class that is not declared means Docker's local volume driver.
   */
  storageClassName?: string;
  /**
   * Whether pods get a file system or a raw device; Filesystem when absent.
   */
  volumeMode?: 'Filesystem' | 'Block';
  /**
   * A certain PersistentVolume that the claim takes.
   */
  volumeName?: string;
  selector?: LabelSelector;
  dataSource?: TypedLocalObjectReference;
  dataSourceRef?: TypedObjectReference;
  /**
   * The class of attributes, such as the speed, that the driver gives the volume.
   */
  volumeAttributesClassName?: string;
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
 * Names an object of the same namespace.
 */
export interface TypedLocalObjectReference {
  /**
   * The group of its kind; the core group when absent.
   */
  apiGroup?: string;
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its name.
   */
  name: string;
}
/**
 * Names an object, perhaps of another namespace.
 */
export interface TypedObjectReference {
  /**
   * The group of its kind; the core group when absent.
   */
  apiGroup?: string;
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * Its namespace; the same when absent.
   */
  namespace?: string;
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
 * What is known of a CronJob.
 */
export interface CronJobStatus {
  /**
   * Jobs that run.
   */
  active?: ObjectReference[];
  /**
   * When a Job was last started, RFC 3339.
   */
  lastScheduleTime?: string;
  /**
   * When a Job last succeeded, RFC 3339.
   */
  lastSuccessfulTime?: string;
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
 * What a storage driver can do and wants.
 */
export interface CSIDriver {
  /**
   * The version of the kind.
   */
  apiVersion: 'storage.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'CSIDriver';
  metadata: ObjectMeta;
  spec: CSIDriverSpec;
}
/**
 * What a storage driver can do and wants.
 */
export interface CSIDriverSpec {
  /**
   * Whether volumes are attached before they are mounted; true when absent.
   */
  attachRequired?: boolean;
  /**
   * Whether the driver is told about the pod; false when absent.
   */
  podInfoOnMount?: boolean;
  /**
   * Which volumes it makes: lasting ones, or ones of a single pod; Persistent when absent.
   */
  volumeLifecycleModes?: ('Persistent' | 'Ephemeral')[];
  /**
   * Whether it reports how much room it has; false when absent.
   */
  storageCapacity?: boolean;
  /**
   * Whether files are given to the group of the pod; ReadWriteOnceWithFSType when absent.
   */
  fsGroupPolicy?: 'ReadWriteOnceWithFSType' | 'File' | 'None';
  /**
   * Tokens of the service account of the pod that the driver wants.
   */
  tokenRequests?: CSITokenRequest[];
  /**
   * Whether mounting is repeated from time to time; false when absent.
   */
  requiresRepublish?: boolean;
  /**
   * Whether it takes the SELinux context as a mount option; false when absent.
   */
  seLinuxMount?: boolean;
  /**
   * Seconds between two questions of how many volumes a node can have; at least 10.
   */
  nodeAllocatableUpdatePeriodSeconds?: number;
  /**
   * Whether tokens are handed over as secrets of the call.
   */
  serviceAccountTokenInSecrets?: boolean;
  /**
   * Whether pods with volumes of the driver stay away from nodes without it.
   */
  preventPodSchedulingIfMissing?: boolean;
}
/**
 * A token that a driver wants.
 */
export interface CSITokenRequest {
  /**
   * Who the token is for.
   */
  audience: string;
  /**
   * How long it lives, at least 600.
   */
  expirationSeconds?: number;
}
/**
 * Adds a kind to the Kubernetes API.
 */
export interface CustomResourceDefinition {
  /**
   * The version of the kind.
   */
  apiVersion: 'apiextensions.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'CustomResourceDefinition';
  metadata: ObjectMeta;
  spec: CustomResourceDefinitionSpec;
  status?: CustomResourceDefinitionStatus;
}
/**
 * A kind of objects that Kubernetes itself does not have.
 */
export interface CustomResourceDefinitionSpec {
  /**
   * The group: a domain.
   */
  group: string;
  names: CustomResourceNames;
  /**
   * Whether the objects live in namespaces.
   */
  scope: 'Namespaced' | 'Cluster';
  /**
   * The versions; exactly one is stored.
   */
  versions: CustomResourceVersion[];
  conversion?: CustomResourceConversion;
  /**
   * Whether fields are kept that the schema does not have.
   */
  preserveUnknownFields?: boolean;
}
/**
 * What the kind is called.
 */
export interface CustomResourceNames {
  /**
   * The name in the plural, as in paths of the API.
   */
  plural: string;
  /**
   * The name in the singular; the kind in lower case when absent.
   */
  singular?: string;
  /**
   * The kind.
   */
  kind: string;
  /**
   * The kind of lists; the kind and List when absent.
   */
  listKind?: string;
  /**
   * Short names for kubectl.
   */
  shortNames?: string[];
  /**
   * Groups of kinds that kubectl knows, such as all.
   */
  categories?: string[];
}
/**
 * One version of the kind.
 */
export interface CustomResourceVersion {
  /**
   * Its name, such as v1.
   */
  name: string;
  /**
   * Whether it can be asked for.
   */
  served: boolean;
  /**
   * Whether objects are stored in it.
   */
  storage: boolean;
  /**
   * Whether its use is warned of.
   */
  deprecated?: boolean;
  /**
   * The warning.
   */
  deprecationWarning?: string;
  schema?: CustomResourceValidation;
  subresources?: CustomResourceSubresources;
  /**
   * Columns that kubectl get shows.
   */
  additionalPrinterColumns?: CustomResourceColumn[];
  /**
   * Fields that objects can be selected by.
   */
  selectableFields?: SelectableField[];
}
/**
 * The form of the objects.
 */
export interface CustomResourceValidation {
  openAPIV3Schema?: JSONSchemaProps;
}
/**
 * A part of an OpenAPI v3 schema.
 */
export interface JSONSchemaProps {
  /**
   * The dialect.
   */
  $schema?: string;
  /**
   * Another schema.
   */
  $ref?: string;
  /**
   * The identity of the schema.
   */
  id?: string;
  /**
   * A title.
   */
  title?: string;
  /**
   * What it describes.
   */
  description?: string;
  /**
   * The type.
   */
  type?: string;
  /**
   * The format.
   */
  format?: string;
  /**
   * Whether null is allowed.
   */
  nullable?: boolean;
  /**
   * The default.
   */
  default?: {
    [k: string]: unknown;
  };
  /**
   * An example.
   */
  example?: {
    [k: string]: unknown;
  };
  /**
   * The values that are allowed.
   */
  enum?: unknown[];
  /**
   * The largest number.
   */
  maximum?: number;
  /**
   * Whether it is excluded.
   */
  exclusiveMaximum?: boolean;
  /**
   * The smallest number.
   */
  minimum?: number;
  /**
   * Whether it is excluded.
   */
  exclusiveMinimum?: boolean;
  /**
   * What the number is a multiple of.
   */
  multipleOf?: number;
  /**
   * The largest length of a text.
   */
  maxLength?: number;
  /**
   * The smallest length of a text.
   */
  minLength?: number;
  /**
   * The form of a text.
   */
  pattern?: string;
  /**
   * The largest length of a list.
   */
  maxItems?: number;
  /**
   * The smallest length of a list.
   */
  minItems?: number;
  /**
   * Whether items must differ.
   */
  uniqueItems?: boolean;
  /**
   * The largest number of fields.
   */
  maxProperties?: number;
  /**
   * The smallest number of fields.
   */
  minProperties?: number;
  /**
   * Fields that must be there.
   */
  required?: string[];
  /**
   * Fields.
   */
  properties?: {
    [k: string]: JSONSchemaProps;
  };
  /**
   * Fields by the form of their name.
   */
  patternProperties?: {
    [k: string]: JSONSchemaProps;
  };
  /**
   * Other fields: a schema, or whether there may be any.
   */
  additionalProperties?: {} | boolean;
  /**
   * The items of a list.
   */
  items?: {} | unknown[];
  /**
   * Other items: a schema, or whether there may be any.
   */
  additionalItems?: {} | boolean;
  /**
   * All must hold.
   */
  allOf?: JSONSchemaProps[];
  /**
   * One must hold.
   */
  anyOf?: JSONSchemaProps[];
  /**
   * Exactly one must hold.
   */
  oneOf?: JSONSchemaProps[];
  not?: JSONSchemaProps;
  /**
   * Schemas that others refer to.
   */
  definitions?: {
    [k: string]: JSONSchemaProps;
  };
  /**
   * What fields need beside them.
   */
  dependencies?: {
    [k: string]: unknown;
  };
  externalDocs?: ExternalDocumentation;
  /**
   * Whether fields are kept that the schema does not have.
   */
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  /**
   * Whether it is a whole object.
   */
  'x-kubernetes-embedded-resource'?: boolean;
  /**
   * Whether it is a number or a text.
   */
  'x-kubernetes-int-or-string'?: boolean;
  /**
   * The fields that tell items apart.
   */
  'x-kubernetes-list-map-keys'?: string[];
  /**
   * How lists are merged.
   */
  'x-kubernetes-list-type'?: string;
  /**
   * How maps are merged.
   */
  'x-kubernetes-map-type'?: string;
  /**
   * Conditions in CEL.
   */
  'x-kubernetes-validations'?: ValidationRule[];
}
/**
 * Where more is written.
 */
export interface ExternalDocumentation {
  /**
   * What is written there.
   */
  description?: string;
  /**
   * The address.
   */
  url?: string;
}
/**
 * A condition in CEL.
 */
export interface ValidationRule {
  /**
   * The condition.
   */
  rule: string;
  /**
   * What to say when it does not hold.
   */
  message?: string;
  /**
   * What to say, computed in CEL.
   */
  messageExpression?: string;
  /**
   * The kind of error.
   */
  reason?: string;
  /**
   * The field to blame.
   */
  fieldPath?: string;
  /**
   * Whether it also applies when there was no value before.
   */
  optionalOldSelf?: boolean;
}
/**
 * Parts of the objects with a path of their own.
 */
export interface CustomResourceSubresources {
  /**
   * The status; nothing more to say.
   */
  status?: {};
  scale?: CustomResourceScale;
}
/**
 * Where the number of replicas stands.
 */
export interface CustomResourceScale {
  /**
   * The wanted number.
   */
  specReplicasPath: string;
  /**
   * The actual number.
   */
  statusReplicasPath: string;
  /**
   * The selector of the pods.
   */
  labelSelectorPath?: string;
}
/**
 * A column that kubectl get shows.
 */
export interface CustomResourceColumn {
  /**
   * Its heading.
   */
  name: string;
  /**
   * What it shows.
   */
  type: 'integer' | 'number' | 'string' | 'boolean' | 'date';
  /**
   * How it is written.
   */
  format?: string;
  /**
   * What it tells.
   */
  description?: string;
  /**
   * 0 when it is always shown.
   */
  priority?: number;
  /**
   * Where the value stands.
   */
  jsonPath: string;
}
/**
 * A field.
 */
export interface SelectableField {
  /**
   * Its path.
   */
  jsonPath: string;
}
/**
 * How one version is made of another.
 */
export interface CustomResourceConversion {
  /**
   * Not at all beyond its name, or by a webhook.
   */
  strategy: 'None' | 'Webhook';
  webhook?: WebhookConversion;
}
/**
 * The webhook.
 */
export interface WebhookConversion {
  clientConfig?: ConversionClientConfig;
  /**
   * The versions of ConversionReview that it understands, the best first.
   */
  conversionReviewVersions: string[];
}
/**
 * What is called: a URL or a Service.
 */
export interface ConversionClientConfig {
  /**
   * The URL; https.
   */
  url?: string;
  service?: ConversionService;
  /**
   * The certificates to trust, PEM in base64.
   */
  caBundle?: string;
}
/**
 * A Service that is called.
 */
export interface ConversionService {
  /**
   * Its namespace.
   */
  namespace: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * The path of the call.
   */
  path?: string;
  /**
   * Its port; 443 when absent.
   */
  port?: number;
}
/**
 * What is known of a definition.
 */
export interface CustomResourceDefinitionStatus {
  /**
   * Facts about it.
   */
  conditions?: Condition[];
  acceptedNames?: CustomResourceAcceptedNames;
  /**
   * The versions that objects were ever stored in.
   */
  storedVersions?: string[];
}
/**
 * What the kind is called in fact.
 */
export interface CustomResourceAcceptedNames {
  /**
   * The name in the plural, as in paths of the API.
   */
  plural: string;
  /**
   * The name in the singular; the kind in lower case when absent.
   */
  singular?: string;
  /**
   * The kind.
   */
  kind: string;
  /**
   * The kind of lists; the kind and List when absent.
   */
  listKind?: string;
  /**
   * Short names for kubectl.
   */
  shortNames?: string[];
  /**
   * Groups of kinds that kubectl knows, such as all.
   */
  categories?: string[];
}
/**
 * Keeps one pod running on every node.
 */
export interface DaemonSet {
  /**
   * The version of the kind.
   */
  apiVersion: 'apps/v1';
  /**
   * The kind.
   */
  kind: 'DaemonSet';
  metadata: ObjectMeta;
  spec: DaemonSetSpec;
  status?: DaemonSetStatus;
}
/**
 * One pod on every node that fits.
 */
export interface DaemonSetSpec {
  selector: LabelSelector;
  template: PodTemplateSpec;
  updateStrategy?: DaemonSetUpdateStrategy;
  /**
   * Seconds a pod must be ready to count as available.
   */
  minReadySeconds?: number;
  /**
   * Old revisions to keep; 10 when absent.
   */
  revisionHistoryLimit?: number;
}
/**
 * When pods of an old template are replaced.
 */
export interface DaemonSetUpdateStrategy {
  /**
   * RollingUpdate, or OnDelete: only when somebody deletes them.
   */
  type?: 'RollingUpdate' | 'OnDelete';
  rollingUpdate?: DaemonSetRollingUpdate;
}
/**
 * The limits of a rolling update of a DaemonSet. One of the two must be zero.
 */
export interface DaemonSetRollingUpdate {
  maxUnavailable?: IntOrString;
  maxSurge?: IntOrString;
}
/**
 * What is known of a DaemonSet.
 */
export interface DaemonSetStatus {
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * Nodes that should have its pod.
   */
  desiredNumberScheduled?: number;
  /**
   * Nodes that should have its pod and do.
   */
  currentNumberScheduled?: number;
  /**
   * Nodes that should not have its pod and do.
   */
  numberMisscheduled?: number;
  /**
   * Nodes whose pod is ready.
   */
  numberReady?: number;
  /**
   * Nodes with a pod of the current template.
   */
  updatedNumberScheduled?: number;
  /**
   * Nodes whose pod has been ready long enough.
   */
  numberAvailable?: number;
  /**
   * Nodes that lack an available pod.
   */
  numberUnavailable?: number;
  /**
   * Name collisions so far.
   */
  collisionCount?: number;
  /**
   * What is known about it.
   */
  conditions?: Condition[];
}
/**
 * An object that a commit removed, kept for a while so that it can be brought back. The name is the application's and the object's.
 */
export interface DeletedObject {
  /**
   * The version of the kind.
   */
  apiVersion: 'holdfast.dev/v1';
  /**
   * The kind.
   */
  kind: 'DeletedObject';
  metadata: ObjectMeta;
  spec: DeletedObjectSpec;
}
/**
 * What it was, and until when it is kept.
 */
export interface DeletedObjectSpec {
  /**
   * The application.
   */
  application: string;
  entry: InventoryEntry;
  /**
   * The object as it was declared.
   */
  resource: unknown;
  removedBy: CommitInfo;
  /**
   * When it was removed, RFC 3339.
   */
  deletedAt: string;
  /**
   * When it is forgotten, RFC 3339.
   */
  until: string;
  undeleted?: UndeletedMark;
}
/**
 * Set when it was brought back.
 */
export interface UndeletedMark {
  /**
   * The person.
   */
  who: string;
  /**
   * When, RFC 3339.
   */
  at: string;
  /**
   * The commit beside whose objects it runs: with another one it goes.
   */
  commit: string;
  /**
   * Something is in its way that has not ended yet.
   */
  isPending?: boolean;
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
 * A Docker Engine that pods may run on.
 */
export interface DockerHost {
  /**
   * The version of the kind.
   */
  apiVersion: 'holdfast.dev/v1';
  /**
   * The kind.
   */
  kind: 'DockerHost';
  metadata: ObjectMeta;
  spec: DockerHostSpec;
}
/**
 * How the engine is reached, and which pods it takes.
 */
export interface DockerHostSpec {
  /**
   * Where the engine listens: ssh://user@host, tcp://host:port or unix:///path.
   */
  address: string;
  labels?: Labels;
  /**
   * Taints of the node: only pods that tolerate them are placed there.
   */
  taints?: DockerHostTaint[];
  /**
   * Whether new pods stay away.
   */
  unschedulable?: boolean;
  credentials?: DockerHostCredentials;
  /**
   * The address under which other hosts reach this one.
   */
  advertiseAddress?: string;
  /**
   * The range that the addresses of its pods come from.
   */
  podCIDR?: string;
}
/**
 * One taint.
 */
export interface DockerHostTaint {
  /**
   * Its key.
   */
  key: string;
  /**
   * Its value.
   */
  value?: string;
  /**
   * What it does to pods that do not tolerate it.
   */
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}
/**
 * Secrets with what is needed to log in.
 */
export interface DockerHostCredentials {
  /**
   * A Secret of type kubernetes.io/ssh-auth for an ssh:// address, with `known_hosts` beside the key.
   */
  sshSecretName?: string;
  /**
   * A Secret with `ca.crt`, `tls.crt` and `tls.key` for a tcp:// address.
   */
  tlsSecretName?: string;
  /**
   * The namespace of the Secret.
   */
  namespace?: string;
}
/**
 * The addresses behind a Service, written by hand.
 */
export interface Endpoints {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Endpoints';
  metadata: ObjectMeta;
  /**
   * The addresses and their ports.
   */
  subsets?: EndpointSubset[];
}
/**
 * Addresses that serve the same ports.
 */
export interface EndpointSubset {
  /**
   * Addresses that take traffic.
   */
  addresses?: EndpointAddress[];
  /**
   * Addresses that take no traffic yet.
   */
  notReadyAddresses?: EndpointAddress[];
  /**
   * The ports that all the addresses serve.
   */
  ports?: EndpointPort[];
}
/**
 * One address behind a Service.
 */
export interface EndpointAddress {
  /**
   * The IP address.
   */
  ip: string;
  /**
   * The name below that of a Service without a virtual address.
   */
  hostname?: string;
  /**
   * The node that the address is on.
   */
  nodeName?: string;
  targetRef?: PartialObjectReference;
}
/**
 * Names an object as far as it is known.
 */
export interface PartialObjectReference {
  /**
   * Its apiVersion.
   */
  apiVersion?: string;
  /**
   * Its kind.
   */
  kind?: string;
  /**
   * Its namespace.
   */
  namespace?: string;
  /**
   * Its name.
   */
  name?: string;
  /**
   * Its uid.
   */
  uid?: string;
  /**
   * Its version.
   */
  resourceVersion?: string;
  /**
   * The part of it that is meant.
   */
  fieldPath?: string;
}
/**
 * One port of the addresses.
 */
export interface EndpointPort {
  /**
   * The name of the port, as in the Service; required when there are several.
   */
  name?: string;
  /**
   * The port.
   */
  port: number;
  /**
   * The protocol; TCP when absent.
   */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /**
   * What is spoken on the port, such as http, for proxies that read along.
   */
  appProtocol?: string;
}
/**
 * A part of the addresses behind a Service.
 */
export interface EndpointSlice {
  /**
   * The version of the kind.
   */
  apiVersion: 'discovery.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'EndpointSlice';
  metadata: ObjectMeta;
  /**
   * What the addresses are.
   */
  addressType: 'IPv4' | 'IPv6' | 'FQDN';
  /**
   * The backends, at most 1000.
   */
  endpoints?: Endpoint[];
  /**
   * The ports that all backends serve, at most 100.
   */
  ports?: EndpointSlicePort[];
}
/**
 * One backend of a Service.
 */
export interface Endpoint {
  /**
   * Its addresses; all stand for the same backend.
   */
  addresses: string[];
  conditions?: EndpointConditions;
  /**
   * The name below that of a Service without a virtual address.
   */
  hostname?: string;
  /**
   * The node that it is on.
   */
  nodeName?: string;
  /**
   * The zone that it is in.
   */
  zone?: string;
  hints?: EndpointHints;
  targetRef?: PartialObjectReference;
  /**
   * Labels of its place, from before zone and nodeName.
   */
  deprecatedTopology?: {
    [k: string]: string;
  };
}
/**
 * Whether a backend takes traffic.
 */
export interface EndpointConditions {
  /**
   * Whether it takes traffic; unknown counts as true.
   */
  ready?: boolean;
  /**
   * Whether it would take traffic if it were not about to end.
   */
  serving?: boolean;
  /**
   * Whether it is about to end.
   */
  terminating?: boolean;
}
/**
 * Who should use a backend.
 */
export interface EndpointHints {
  /**
   * Zones.
   */
  forZones?: ForZone[];
  /**
   * Nodes.
   */
  forNodes?: ForNode[];
}
/**
 * A zone.
 */
export interface ForZone {
  /**
   * Its name.
   */
  name: string;
}
/**
 * A node.
 */
export interface ForNode {
  /**
   * Its name.
   */
  name: string;
}
/**
 * One port of the backends.
 */
export interface EndpointSlicePort {
  /**
   * The name of the port, as in the Service; empty when absent.
   */
  name?: string;
  /**
   * The port; all ports when absent.
   */
  port?: number;
  /**
   * The protocol; TCP when absent.
   */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /**
   * What is spoken on the port, such as http, for proxies that read along.
   */
  appProtocol?: string;
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
 * Sets the number of pods of a workload by what they use.
 */
export interface HorizontalPodAutoscaler {
  /**
   * The version of the kind.
   */
  apiVersion: 'autoscaling/v2';
  /**
   * The kind.
   */
  kind: 'HorizontalPodAutoscaler';
  metadata: ObjectMeta;
  spec: HorizontalPodAutoscalerSpec;
  status?: HorizontalPodAutoscalerStatus;
}
/**
 * What is scaled, by what, and between which numbers.
 */
export interface HorizontalPodAutoscalerSpec {
  scaleTargetRef: MetricTargetReference;
  /**
   * The lowest number of pods; 1 when absent.
   */
  minReplicas?: number;
  /**
   * The highest number of pods.
   */
  maxReplicas: number;
  /**
   * What decides; cpu at 80 per cent of the requests when absent.
   */
  metrics?: MetricSpec[];
  behavior?: ScalingBehavior;
}
/**
 * Names an object of the same namespace.
 */
export interface MetricTargetReference {
  /**
   * Its apiVersion.
   */
  apiVersion?: string;
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its name.
   */
  name: string;
}
/**
 * One metric and the value to hold it at.
 */
export interface MetricSpec {
  /**
   * Which of the metrics is given.
   */
  type: 'ContainerResource' | 'External' | 'Object' | 'Pods' | 'Resource';
  resource?: ResourceMetric;
  containerResource?: ContainerResourceMetric;
  pods?: PodsMetric;
  object?: ObjectMetric;
  external?: ExternalMetric;
}
/**
 * What the pods use of a resource that they request.
 */
export interface ResourceMetric {
  /**
   * The resource, such as cpu.
   */
  name: string;
  target: MetricTarget;
}
/**
 * The value to hold a metric at.
 */
export interface MetricTarget {
  /**
   * Which of the values is given.
   */
  type: 'Utilization' | 'Value' | 'AverageValue';
  value?: Quantity;
  averageValue?: Quantity;
  /**
   * Per cent of what the pods request, on average.
   */
  averageUtilization?: number;
}
/**
 * What one container of each pod uses of a resource.
 */
export interface ContainerResourceMetric {
  /**
   * The resource, such as cpu.
   */
  name: string;
  /**
   * The container.
   */
  container: string;
  target: MetricTarget;
}
/**
 * A metric of the pods, on average.
 */
export interface PodsMetric {
  metric: MetricIdentifier;
  target: MetricTarget;
}
/**
 * Names a metric.
 */
export interface MetricIdentifier {
  /**
   * Its name.
   */
  name: string;
  selector?: LabelSelector;
}
/**
 * A metric of another object.
 */
export interface ObjectMetric {
  describedObject: MetricTargetReference;
  metric: MetricIdentifier;
  target: MetricTarget;
}
/**
 * A metric of something outside.
 */
export interface ExternalMetric {
  metric: MetricIdentifier;
  target: MetricTarget;
}
/**
 * How fast the number of pods changes.
 */
export interface ScalingBehavior {
  scaleUp?: ScalingRules;
  scaleDown?: ScalingRules;
}
/**
 * How fast the number of pods changes in one direction.
 */
export interface ScalingRules {
  /**
   * Seconds of earlier advice that are taken into account.
   */
  stabilizationWindowSeconds?: number;
  /**
   * Which policy counts when there are several; Max when absent.
   */
  selectPolicy?: 'Max' | 'Min' | 'Disabled';
  /**
   * Limits of the change.
   */
  policies?: ScalingPolicy[];
  tolerance?: Quantity;
}
/**
 * How much may change in a time.
 */
export interface ScalingPolicy {
  /**
   * Whether the value is a number of pods or per cent.
   */
  type: 'Pods' | 'Percent';
  /**
   * How much.
   */
  value: number;
  /**
   * In how many seconds.
   */
  periodSeconds: number;
}
/**
 * What is known of a HorizontalPodAutoscaler.
 */
export interface HorizontalPodAutoscalerStatus {
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * When it last changed the number, RFC 3339.
   */
  lastScaleTime?: string;
  /**
   * Pods there are.
   */
  currentReplicas?: number;
  /**
   * Pods there should be.
   */
  desiredReplicas?: number;
  /**
   * The metrics as they were measured.
   */
  currentMetrics?: MetricStatus[];
  /**
   * AbleToScale, ScalingActive and ScalingLimited.
   */
  conditions?: Condition[];
}
/**
 * One metric as it was measured.
 */
export interface MetricStatus {
  /**
   * Which of the metrics is given.
   */
  type: string;
  resource?: ResourceMetricStatus;
  containerResource?: ContainerResourceMetricStatus;
  pods?: PodsMetricStatus;
  object?: ObjectMetricStatus;
  external?: ExternalMetricStatus;
}
/**
 * What the pods use of a resource.
 */
export interface ResourceMetricStatus {
  /**
   * The resource.
   */
  name?: string;
  current?: MetricValue;
}
/**
 * A metric as it was measured.
 */
export interface MetricValue {
  value?: Quantity;
  averageValue?: Quantity;
  /**
   * Per cent of what the pods request.
   */
  averageUtilization?: number;
}
/**
 * What one container uses of a resource.
 */
export interface ContainerResourceMetricStatus {
  /**
   * The resource.
   */
  name?: string;
  /**
   * The container.
   */
  container?: string;
  current?: MetricValue;
}
/**
 * A metric of the pods.
 */
export interface PodsMetricStatus {
  metric?: MetricIdentifier;
  current?: MetricValue;
}
/**
 * A metric of another object.
 */
export interface ObjectMetricStatus {
  describedObject?: MetricTargetReference;
  metric?: MetricIdentifier;
  current?: MetricValue;
}
/**
 * A metric of something outside.
 */
export interface ExternalMetricStatus {
  metric?: MetricIdentifier;
  current?: MetricValue;
}
/**
 * Leads requests from outside to Services, by host and path.
 */
export interface Ingress {
  /**
   * The version of the kind.
   */
  apiVersion: 'networking.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'Ingress';
  metadata: ObjectMeta;
  spec: IngressSpec;
  status?: IngressStatus;
}
/**
 * Which hosts and paths lead to which Services.
 */
export interface IngressSpec {
  /**
   * The class of the Ingress.
   */
  ingressClassName?: string;
  defaultBackend?: IngressBackend;
  /**
   * Hosts and their paths.
   */
  rules?: IngressRule[];
  /**
   * Certificates.
   */
  tls?: IngressTLS[];
}
/**
 * Where requests go: to a Service or to another object.
 */
export interface IngressBackend {
  service?: IngressServiceBackend;
  resource?: TypedLocalObjectReference;
}
/**
 * A port of a Service.
 */
export interface IngressServiceBackend {
  /**
   * The Service.
   */
  name: string;
  port?: ServiceBackendPort;
}
/**
 * A port by name or by number.
 */
export interface ServiceBackendPort {
  /**
   * The name of the port.
   */
  name?: string;
  /**
   * The number of the port.
   */
  number?: number;
}
/**
 * The paths of one host.
 */
export interface IngressRule {
  /**
   * The host, or *. and a domain; every host when absent.
   */
  host?: string;
  http?: HTTPIngressRuleValue;
}
/**
 * Paths of a host.
 */
export interface HTTPIngressRuleValue {
  /**
   * The paths; the longest match wins.
   */
  paths: HTTPIngressPath[];
}
/**
 * One path and where it leads.
 */
export interface HTTPIngressPath {
  /**
   * The path; it starts with a slash.
   */
  path?: string;
  /**
   * How the path is compared: as a whole, by its leading elements, or as the class likes.
   */
  pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  backend: IngressBackend;
}
/**
 * A certificate and its hosts.
 */
export interface IngressTLS {
  /**
   * The hosts that it is for.
   */
  hosts?: string[];
  /**
   * The Secret that holds certificate and key.
   */
  secretName?: string;
}
/**
 * What is known of an Ingress.
 */
export interface IngressStatus {
  loadBalancer?: IngressLoadBalancerStatus;
}
/**
 * Where an Ingress can be reached.
 */
export interface IngressLoadBalancerStatus {
  /**
   * Its addresses.
   */
  ingress?: IngressLoadBalancerIngress[];
}
/**
 * One address of an Ingress.
 */
export interface IngressLoadBalancerIngress {
  /**
   * The IP address.
   */
  ip?: string;
  /**
   * The DNS name.
   */
  hostname?: string;
  /**
   * Its ports.
   */
  ports?: IngressPortStatus[];
}
/**
 * A port that a load balancer serves.
 */
export interface IngressPortStatus {
  /**
   * The port.
   */
  port: number;
  /**
   * The protocol.
   */
  protocol: 'TCP' | 'UDP' | 'SCTP';
  /**
   * Why the port is not served.
   */
  error?: string;
}
/**
 * Names who serves a class of Ingresses.
 */
export interface IngressClass {
  /**
   * The version of the kind.
   */
  apiVersion: 'networking.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'IngressClass';
  metadata: ObjectMeta;
  spec?: IngressClassSpec;
}
/**
 * Who serves the Ingresses of a class.
 */
export interface IngressClassSpec {
  /**
   * The name of the controller: a domain, a slash and a path.
   */
  controller: string;
  parameters?: IngressClassParameters;
}
/**
 * An object with settings.
 */
export interface IngressClassParameters {
  /**
   * The group of its kind.
   */
  apiGroup?: string;
  /**
   * Its kind.
   */
  kind: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * Whether it lives in a namespace; Cluster when absent.
   */
  scope?: 'Cluster' | 'Namespace';
  /**
   * Its namespace, with scope Namespace.
   */
  namespace?: string;
}
/**
 * An address that is taken, and by whom. The name is the address.
 */
export interface IPAddress {
  /**
   * The version of the kind.
   */
  apiVersion: 'networking.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'IPAddress';
  metadata: ObjectMeta;
  spec: IPAddressSpec;
}
/**
 * Who has it.
 */
export interface IPAddressSpec {
  parentRef: ParentReference;
}
/**
 * The object that has the address.
 */
export interface ParentReference {
  /**
   * The group of its kind.
   */
  group?: string;
  /**
   * Its kind in the plural.
   */
  resource: string;
  /**
   * Its namespace.
   */
  namespace?: string;
  /**
   * Its name.
   */
  name: string;
}
/**
 * Runs pods until enough of them have succeeded.
 */
export interface Job {
  /**
   * The version of the kind.
   */
  apiVersion: 'batch/v1';
  /**
   * The kind.
   */
  kind: 'Job';
  metadata: ObjectMeta;
  spec: JobSpec;
  status?: JobStatus;
}
/**
 * What is known of a Job.
 */
export interface JobStatus {
  /**
   * When it began, RFC 3339.
   */
  startTime?: string;
  /**
   * When it succeeded, RFC 3339.
   */
  completionTime?: string;
  /**
   * Pods that have not ended.
   */
  active?: number;
  /**
   * Pods that are ready.
   */
  ready?: number;
  /**
   * Pods that are being deleted.
   */
  terminating?: number;
  /**
   * Pods that succeeded.
   */
  succeeded?: number;
  /**
   * Pods that failed.
   */
  failed?: number;
  /**
   * Indexes that succeeded, such as 0,2-4.
   */
  completedIndexes?: string;
  /**
   * Indexes that failed.
   */
  failedIndexes?: string;
  uncountedTerminatedPods?: UncountedPods;
  /**
   * Complete, Failed, Suspended and others.
   */
  conditions?: Condition[];
}
/**
 * Pods that have ended and are not in the counts yet.
 */
export interface UncountedPods {
  /**
   * Identities of pods that succeeded.
   */
  succeeded?: string[];
  /**
   * Identities of pods that failed.
   */
  failed?: string[];
}
/**
 * Says which of several programs leads, and until when.
 */
export interface Lease {
  /**
   * The version of the kind.
   */
  apiVersion: 'coordination.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'Lease';
  metadata: ObjectMeta;
  spec?: LeaseSpec;
}
/**
 * Who holds a lease, and until when.
 */
export interface LeaseSpec {
  /**
   * The holder.
   */
  holderIdentity?: string;
  /**
   * Seconds after which others may take it.
   */
  leaseDurationSeconds?: number;
  /**
   * When it was taken, RFC 3339 with microseconds.
   */
  acquireTime?: string;
  /**
   * When it was last renewed, RFC 3339 with microseconds.
   */
  renewTime?: string;
  /**
   * How often it went from one holder to another.
   */
  leaseTransitions?: number;
  /**
   * How the holder is chosen when several ask.
   */
  strategy?: string;
  /**
   * Who should take it next.
   */
  preferredHolder?: string;
}
/**
 * Sets bounds and defaults for the objects of a namespace.
 */
export interface LimitRange {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'LimitRange';
  metadata: ObjectMeta;
  spec?: LimitRangeSpec;
}
/**
 * Bounds and defaults for the objects of a namespace.
 */
export interface LimitRangeSpec {
  /**
   * One entry for each type.
   */
  limits: LimitRangeItem[];
}
/**
 * Bounds and defaults for one type of object.
 */
export interface LimitRangeItem {
  /**
   * Container, Pod or PersistentVolumeClaim.
   */
  type: string;
  min?: ResourceAmounts;
  max?: ResourceAmounts;
  default?: ResourceAmounts;
  defaultRequest?: ResourceAmounts;
  maxLimitRequestRatio?: ResourceAmounts;
}
/**
 * Amounts by the name of what is counted.
 */
export interface ResourceAmounts {
  [k: string]: Quantity;
}
/**
 * Programs that may change objects before they are stored.
 */
export interface MutatingWebhookConfiguration {
  /**
   * The version of the kind.
   */
  apiVersion: 'admissionregistration.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'MutatingWebhookConfiguration';
  metadata: ObjectMeta;
  /**
   * The programs.
   */
  webhooks?: MutatingWebhook[];
}
/**
 * Is asked to change objects before they are stored.
 */
export interface MutatingWebhook {
  /**
   * The name: a domain of at least three parts.
   */
  name: string;
  clientConfig: WebhookClientConfig;
  /**
   * The requests that it is called for.
   */
  rules?: RuleWithOperations[];
  /**
   * Whether a request fails when the call does; Fail when absent.
   */
  failurePolicy?: 'Fail' | 'Ignore';
  /**
   * Whether other versions of the same kind match as well; Equivalent when absent.
   */
  matchPolicy?: 'Equivalent' | 'Exact';
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
  /**
   * Conditions that the request must meet, in CEL.
   */
  matchConditions?: MatchCondition[];
  /**
   * Whether the call changes anything else.
   */
  sideEffects: 'None' | 'NoneOnDryRun' | 'Some' | 'Unknown';
  /**
   * How long the call may take, 1 to 30; 10 when absent.
   */
  timeoutSeconds?: number;
  /**
   * The versions of AdmissionReview that it understands, the best first.
   */
  admissionReviewVersions: string[];
  /**
   * Whether it is called again after others have changed the object; Never when absent.
   */
  reinvocationPolicy?: 'Never' | 'IfNeeded';
}
/**
 * What is called: a URL or a Service.
 */
export interface WebhookClientConfig {
  /**
   * The URL; https.
   */
  url?: string;
  service?: WebhookService;
  /**
   * The certificates to trust, PEM in base64.
   */
  caBundle?: string;
}
/**
 * A Service that is called.
 */
export interface WebhookService {
  /**
   * Its namespace.
   */
  namespace: string;
  /**
   * Its name.
   */
  name: string;
  /**
   * The path of the call.
   */
  path?: string;
  /**
   * Its port; 443 when absent.
   */
  port?: number;
}
/**
 * Requests, by operation and kind.
 */
export interface RuleWithOperations {
  /**
   * The operations.
   */
  operations: ('*' | 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT')[];
  /**
   * The groups of the kinds; * for all.
   */
  apiGroups: string[];
  /**
   * The versions of the kinds; * for all.
   */
  apiVersions: string[];
  /**
   * The kinds in the plural, perhaps with a part of them after a slash.
   */
  resources: string[];
  /**
   * Whether kinds with or without a namespace are meant; * for both, also when absent.
   */
  scope?: '*' | 'Cluster' | 'Namespaced';
}
/**
 * A condition on a request.
 */
export interface MatchCondition {
  /**
   * Its name.
   */
  name: string;
  /**
   * The condition in CEL.
   */
  expression: string;
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
 * What must happen before a namespace is gone.
 */
export interface NamespaceSpec {
  /**
   * Names of those who clean up first.
   */
  finalizers?: string[];
}
/**
 * What is known of a namespace.
 */
export interface NamespaceStatus {
  /**
   * Active, or Terminating.
   */
  phase?: 'Active' | 'Terminating';
  /**
   * What keeps it from being removed.
   */
  conditions?: Condition[];
}
/**
 * Restricts what pods talk to and who talks to them.
 */
export interface NetworkPolicy {
  /**
   * The version of the kind.
   */
  apiVersion: 'networking.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'NetworkPolicy';
  metadata: ObjectMeta;
  spec?: NetworkPolicySpec;
}
/**
 * What the chosen pods may talk to and who may talk to them.
 */
export interface NetworkPolicySpec {
  podSelector?: LabelSelector;
  /**
   * Which directions are restricted; when absent, Ingress, and Egress if there are rules for it.
   */
  policyTypes?: ('Ingress' | 'Egress')[];
  /**
   * What may come in: whatever one of the rules allows.
   */
  ingress?: NetworkPolicyIngressRule[];
  /**
   * What may go out: whatever one of the rules allows.
   */
  egress?: NetworkPolicyEgressRule[];
}
/**
 * Something that may come in.
 */
export interface NetworkPolicyIngressRule {
  /**
   * The sources; all when absent.
   */
  from?: NetworkPolicyPeer[];
  /**
   * The ports of the pods; all when absent.
   */
  ports?: NetworkPolicyPort[];
}
/**
 * The other side: pods or a network.
 */
export interface NetworkPolicyPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: IPBlock;
}
/**
 * A network.
 */
export interface IPBlock {
  /**
   * The network as a CIDR. One of IPv6 matches nothing, since pods have addresses of IPv4.
   */
  cidr: string;
  /**
   * Networks inside it that do not belong.
   */
  except?: string[];
}
/**
 * A port or a range of ports.
 */
export interface NetworkPolicyPort {
  /**
   * The protocol; TCP when absent.
   */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  port?: IntOrString;
  /**
   * The last port of a range that starts with port.
   */
  endPort?: number;
}
/**
 * Something that may go out.
 */
export interface NetworkPolicyEgressRule {
  /**
   * The destinations; all when absent.
   */
  to?: NetworkPolicyPeer[];
  /**
   * The ports of the destinations; all when absent.
   */
  ports?: NetworkPolicyPort[];
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
  /**
   * What keeps pods away that do not tolerate it.
   */
  taints?: Taint[];
  /**
   * The range that the addresses of its pods are of.
   */
  podCIDR?: string;
  /**
   * The same as a list.
   */
  podCIDRs?: string[];
}
/**
 * Keeps pods off a node that do not tolerate it.
 */
export interface Taint {
  /**
   * What it is called.
   */
  key: string;
  /**
   * Its value; empty when absent.
   */
  value?: string;
  /**
   * Whether pods are not placed there, rather not placed there, or also removed.
   */
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /**
   * When it was added, RFC 3339; for NoExecute.
   */
  timeAdded?: string;
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
  /**
   * Bytes of local disk; absent where the engine does not tell.
   */
  'ephemeral-storage'?: string;
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
 * A piece of storage that claims can take.
 */
export interface PersistentVolume {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'PersistentVolume';
  metadata: ObjectMeta;
  spec: PersistentVolumeSpec;
  status?: PersistentVolumeStatus;
}
/**
 * A piece of storage and who may take it.
 */
export interface PersistentVolumeSpec {
  /**
   * The size, as storage.
   */
  capacity: {
    [k: string]: Quantity;
  };
  /**
   * Who may use it.
   */
  accessModes: ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  /**
   * What becomes of it when its claim goes; Retain when absent.
   */
  persistentVolumeReclaimPolicy?: 'Retain' | 'Delete' | 'Recycle';
  /**
   * The class that it belongs to.
   */
  storageClassName?: string;
  /**
   * Whether pods get a file system or a raw device; Filesystem when absent.
   */
  volumeMode?: 'Filesystem' | 'Block';
  /**
   * Options for mounting it, such as ro.
   */
  mountOptions?: string[];
  claimRef?: PartialObjectReference;
  nodeAffinity?: VolumeNodeAffinity;
  /**
   * The class of attributes that it has.
   */
  volumeAttributesClassName?: string;
  hostPath?: HostPathVolumeSource;
  local?: LocalVolumeSource;
  nfs?: NFSVolumeSource;
  csi?: CSIPersistentVolumeSource;
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  azureFile?: AzureFilePersistentVolumeSource;
  cephfs?: CephFSPersistentVolumeSource;
  cinder?: CinderPersistentVolumeSource;
  fc?: FCVolumeSource;
  flexVolume?: FlexPersistentVolumeSource;
  flocker?: FlockerVolumeSource;
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  glusterfs?: GlusterfsPersistentVolumeSource;
  iscsi?: ISCSIPersistentVolumeSource;
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  portworxVolume?: PortworxVolumeSource;
  quobyte?: QuobyteVolumeSource;
  rbd?: RBDPersistentVolumeSource;
  scaleIO?: ScaleIOPersistentVolumeSource;
  storageos?: StorageOSPersistentVolumeSource;
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
}
/**
 * The nodes that reach a volume.
 */
export interface VolumeNodeAffinity {
  required?: NodeSelector;
}
/**
 * A disk or directory of a certain node.
 */
export interface LocalVolumeSource {
  /**
   * The path on the node.
   */
  path: string;
  /**
   * The file system on it.
   */
  fsType?: string;
}
/**
 * A volume of a storage driver.
 */
export interface CSIPersistentVolumeSource {
  /**
   * The name of the driver.
   */
  driver: string;
  /**
   * What the driver calls the volume.
   */
  volumeHandle: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * What the driver noted about the volume.
   */
  volumeAttributes?: {
    [k: string]: string;
  };
  controllerPublishSecretRef?: SecretReference;
  controllerExpandSecretRef?: SecretReference;
  nodeStageSecretRef?: SecretReference;
  nodePublishSecretRef?: SecretReference;
  nodeExpandSecretRef?: SecretReference;
}
/**
 * A Secret of any namespace.
 */
export interface SecretReference {
  /**
   * Its name.
   */
  name?: string;
  /**
   * Its namespace.
   */
  namespace?: string;
}
/**
 * A share of Azure.
 */
export interface AzureFilePersistentVolumeSource {
  /**
   * The Secret with the account and its key.
   */
  secretName: string;
  /**
   * The namespace of the Secret.
   */
  secretNamespace?: string;
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
export interface CephFSPersistentVolumeSource {
  /**
   * The monitors.
   */
  monitors: string[];
  /**
   * The directory; / when absent.
   */
  path?: string;
  /**
   * The user; admin when absent.
   */
  user?: string;
  /**
   * The file with the key.
   */
  secretFile?: string;
  secretRef?: SecretReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A disk of OpenStack.
 */
export interface CinderPersistentVolumeSource {
  /**
   * The disk.
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
  secretRef?: SecretReference;
}
/**
 * A volume of a FlexVolume driver.
 */
export interface FlexPersistentVolumeSource {
  /**
   * The driver.
   */
  driver: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  secretRef?: SecretReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  /**
   * Options of the driver.
   */
  options?: {
    [k: string]: string;
  };
}
/**
 * A volume of Gluster.
 */
export interface GlusterfsPersistentVolumeSource {
  /**
   * The Endpoints of the servers.
   */
  endpoints: string;
  /**
   * The namespace of the Endpoints.
   */
  endpointsNamespace?: string;
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
 * A disk behind iSCSI.
 */
export interface ISCSIPersistentVolumeSource {
  /**
   * The portal: an address, and a port unless it is 3260.
   */
  targetPortal: string;
  /**
   * The qualified name of the target.
   */
  iqn: string;
  /**
   * The number of the disk.
   */
  lun: number;
  /**
   * The interface; default when absent.
   */
  iscsiInterface?: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  /**
   * More portals.
   */
  portals?: string[];
  /**
   * Whether discovery authenticates.
   */
  chapAuthDiscovery?: boolean;
  /**
   * Whether sessions authenticate.
   */
  chapAuthSession?: boolean;
  secretRef?: SecretReference;
  /**
   * The name of the initiator.
   */
  initiatorName?: string;
}
/**
 * A disk of Ceph.
 */
export interface RBDPersistentVolumeSource {
  /**
   * The monitors.
   */
  monitors: string[];
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
   * The file with the key; /etc/ceph/keyring when absent.
   */
  keyring?: string;
  secretRef?: SecretReference;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
}
/**
 * A volume of ScaleIO.
 */
export interface ScaleIOPersistentVolumeSource {
  /**
   * The address of the gateway.
   */
  gateway: string;
  /**
   * The storage system.
   */
  system: string;
  secretRef: SecretReference;
  /**
   * Whether TLS is used.
   */
  sslEnabled?: boolean;
  /**
   * The protection domain.
   */
  protectionDomain?: string;
  /**
   * The pool.
   */
  storagePool?: string;
  /**
   * ThickProvisioned or ThinProvisioned; the latter when absent.
   */
  storageMode?: string;
  /**
   * The volume.
   */
  volumeName?: string;
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
export interface StorageOSPersistentVolumeSource {
  /**
   * The volume.
   */
  volumeName?: string;
  /**
   * The namespace of the volume.
   */
  volumeNamespace?: string;
  /**
   * The file system on it.
   */
  fsType?: string;
  /**
   * Whether it cannot be written to.
   */
  readOnly?: boolean;
  secretRef?: PartialObjectReference;
}
/**
 * What is known of a volume.
 */
export interface PersistentVolumeStatus {
  /**
   * Where it is in its life.
   */
  phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
  /**
   * Why it is there, for a person.
   */
  message?: string;
  /**
   * A CamelCase word for the cause of a failure.
   */
  reason?: string;
  /**
   * When the phase last changed, RFC 3339.
   */
  lastPhaseTransitionTime?: string;
}
/**
 * Storage that outlives pods: a Docker volume that is made for it, or a PersistentVolume. The data are kept when the manifest is deleted.
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
   * Pending until it has a volume.
   */
  phase?: 'Pending' | 'Bound' | 'Lost';
  /**
   * The access modes that the volume has.
   */
  accessModes?: ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  /**
   * What the volume holds, by resource.
   */
  capacity?: {
    [k: string]: Quantity;
  };
  /**
   * Facts about the claim.
   */
  conditions?: Condition[];
  /**
   * The size while it grows, by resource.
   */
  allocatedResources?: {
    [k: string]: Quantity;
  };
  /**
   * How far the growth is, by resource.
   */
  allocatedResourceStatuses?: {
    [k: string]: string;
  };
  /**
   * The class of attributes that the volume has.
   */
  currentVolumeAttributesClassName?: string;
  modifyVolumeStatus?: ModifyVolumeStatus;
}
/**
 * How far a change of attributes is.
 */
export interface ModifyVolumeStatus {
  /**
   * The class of attributes that it is to get.
   */
  targetVolumeAttributesClassName?: string;
  /**
   * Pending, InProgress or Infeasible.
   */
  status: string;
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
   * One entry per init container and sidecar.
   */
  initContainerStatuses?: ContainerStatus[];
  /**
   * One entry per ephemeral container.
   */
  ephemeralContainerStatuses?: ContainerStatus[];
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
   * The addresses of the host.
   */
  hostIPs?: PodIp[];
  /**
   * When the kubelet took the pod on, RFC 3339.
   */
  startTime?: string;
  /**
   * The node on which pods of lower priority make room for it.
   */
  nominatedNodeName?: string;
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
 * Says how many pods may be evicted at a time.
 */
export interface PodDisruptionBudget {
  /**
   * The version of the kind.
   */
  apiVersion: 'policy/v1';
  /**
   * The kind.
   */
  kind: 'PodDisruptionBudget';
  metadata: ObjectMeta;
  spec?: PodDisruptionBudgetSpec;
  status?: PodDisruptionBudgetStatus;
}
/**
 * How many pods may be evicted at a time. One of the two numbers is given, not both.
 */
export interface PodDisruptionBudgetSpec {
  minAvailable?: IntOrString;
  maxUnavailable?: IntOrString;
  selector?: LabelSelector;
  /**
   * Whether pods that are not ready may always be evicted; IfHealthyBudget when absent.
   */
  unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
}
/**
 * What is known of a PodDisruptionBudget.
 */
export interface PodDisruptionBudgetStatus {
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * Pods that may be evicted now.
   */
  disruptionsAllowed?: number;
  /**
   * Pods that are ready.
   */
  currentHealthy?: number;
  /**
   * Pods that must be ready.
   */
  desiredHealthy?: number;
  /**
   * Pods that it counts.
   */
  expectedPods?: number;
  /**
   * Pods whose eviction was allowed, and when, RFC 3339.
   */
  disruptedPods?: {
    [k: string]: string;
  };
  /**
   * DisruptionAllowed.
   */
  conditions?: Condition[];
}
/**
 * A name for how important pods are.
 */
export interface PriorityClass {
  /**
   * The version of the kind.
   */
  apiVersion: 'scheduling.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'PriorityClass';
  metadata: ObjectMeta;
  /**
   * The priority of the pods that name it; higher is more important.
   */
  value: number;
  /**
   * Whether pods that name no class belong to this one.
   */
  globalDefault?: boolean;
  /**
   * What it is for.
   */
  description?: string;
  /**
   * Whether its pods may displace others; PreemptLowerPriority when absent.
   */
  preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
}
/**
 * What became of one sync, signed. The name is the application's and the number in its chain.
 */
export interface Receipt {
  /**
   * The version of the kind.
   */
  apiVersion: 'holdfast.dev/v1';
  /**
   * The kind.
   */
  kind: 'Receipt';
  metadata: ObjectMeta;
  spec: ReceiptSpec;
}
/**
 * The document and its signature.
 */
export interface ReceiptSpec {
  /**
   * The application.
   */
  application: string;
  /**
   * Its number in the chain, from 1.
   */
  sequence: number;
  /**
   * What is signed: canonical JSON (RFC 8785).
   */
  document: string;
  /**
   * Its Ed25519 signature (RFC 8032), Base64.
   */
  signature: string;
  /**
   * The key that verifies it, Base64.
   */
  publicKey: string;
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
 * Keeps a number of equal pods running; the forerunner of the ReplicaSet.
 */
export interface ReplicationController {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'ReplicationController';
  metadata: ObjectMeta;
  spec: ReplicationControllerSpec;
  status?: ReplicationControllerStatus;
}
/**
 * How many pods of which template.
 */
export interface ReplicationControllerSpec {
  /**
   * How many pods; 1 when absent.
   */
  replicas?: number;
  /**
   * Seconds a pod must be ready to count as available.
   */
  minReadySeconds?: number;
  selector?: Labels;
  template?: PodTemplateSpec;
}
/**
 * What is known of a ReplicationController.
 */
export interface ReplicationControllerStatus {
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
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * ReplicaFailure.
   */
  conditions?: Condition[];
}
/**
 * Limits what a namespace may use.
 */
export interface ResourceQuota {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'ResourceQuota';
  metadata: ObjectMeta;
  spec?: ResourceQuotaSpec;
  status?: ResourceQuotaStatus;
}
/**
 * How much a namespace may use.
 */
export interface ResourceQuotaSpec {
  hard?: ResourceAmounts;
  /**
   * What is counted; everything when absent.
   */
  scopes?: (
    | 'Terminating'
    | 'NotTerminating'
    | 'BestEffort'
    | 'NotBestEffort'
    | 'PriorityClass'
    | 'CrossNamespacePodAffinity'
    | 'VolumeAttributesClass'
  )[];
  scopeSelector?: ScopeSelector;
}
/**
 * Selects what a quota counts. All conditions must hold.
 */
export interface ScopeSelector {
  /**
   * The conditions.
   */
  matchExpressions?: ScopeRequirement[];
}
/**
 * A condition on what a quota counts.
 */
export interface ScopeRequirement {
  /**
   * The scope.
   */
  scopeName:
    | 'Terminating'
    | 'NotTerminating'
    | 'BestEffort'
    | 'NotBestEffort'
    | 'PriorityClass'
    | 'CrossNamespacePodAffinity'
    | 'VolumeAttributesClass';
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
 * What is known of a ResourceQuota.
 */
export interface ResourceQuotaStatus {
  hard?: ResourceAmounts;
  used?: ResourceAmounts;
}
/**
 * What may be done in a namespace.
 */
export interface Role {
  /**
   * The version of the kind.
   */
  apiVersion: 'rbac.authorization.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'Role';
  metadata: ObjectMeta;
  /**
   * What may be done.
   */
  rules?: PolicyRule[];
}
/**
 * Grants a role in a namespace.
 */
export interface RoleBinding {
  /**
   * The version of the kind.
   */
  apiVersion: 'rbac.authorization.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'RoleBinding';
  metadata: ObjectMeta;
  roleRef: RoleRef;
  /**
   * Who it is granted to.
   */
  subjects?: Subject[];
}
/**
 * A name for a way to run containers.
 */
export interface RuntimeClass {
  /**
   * The version of the kind.
   */
  apiVersion: 'node.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'RuntimeClass';
  metadata: ObjectMeta;
  /**
   * What the container runtime calls it.
   */
  handler: string;
  overhead?: RuntimeOverhead;
  scheduling?: RuntimeScheduling;
}
/**
 * What a pod of a runtime costs beside its containers.
 */
export interface RuntimeOverhead {
  podFixed?: ResourceAmounts;
}
/**
 * Nodes that have a runtime.
 */
export interface RuntimeScheduling {
  nodeSelector?: Labels;
  /**
   * Taints that its pods bear.
   */
  tolerations?: Toleration[];
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
   * Values by key, in base64; plain text belongs under stringData.
   */
  data?: {
    [k: string]: string;
  };
  /**
   * Values by key as plain text; they are encoded into data and win over it.
   */
  stringData?: {
    [k: string]: string;
  };
  /**
   * Whether a change of the data is refused.
   */
  immutable?: boolean;
}
/**
 * One address and name for a set of pods.
 */
export interface Service {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'Service';
  metadata: ObjectMeta;
  spec: ServiceSpec;
  status?: ServiceStatus;
}
/**
 * Which pods are reached, under which address and ports.
 */
export interface ServiceSpec {
  /**
   * Where the Service can be reached from: inside, on every node, from a load balancer, or as another name; ClusterIP when absent.
   */
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  selector?: Labels;
  /**
   * The ports that are served.
   */
  ports?: ServicePort[];
  /**
   * The virtual address; None for a Service that is a name for the addresses of its pods.
   */
  clusterIP?: string;
  /**
   * The virtual addresses, at most one of each family; the first is clusterIP.
   */
  clusterIPs?: string[];
  /**
   * The families of its addresses: IPv4; IPv6 is refused, because pods and Services have IPv4 addresses alone.
   */
  ipFamilies?: ('IPv4' | 'IPv6')[];
  /**
   * Whether addresses of one or of both families are wanted; SingleStack when absent.
   */
  ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  /**
   * Addresses of nodes on which the ports are served as well.
   */
  externalIPs?: string[];
  /**
   * The DNS name that a Service of type ExternalName stands for.
   */
  externalName?: string;
  /**
   * Whether traffic from outside goes to any pod or stays on the node that it reached; Cluster when absent.
   */
  externalTrafficPolicy?: 'Cluster' | 'Local';
  /**
   * Whether traffic from inside goes to any pod or stays on its node; Cluster when absent.
   */
  internalTrafficPolicy?: 'Cluster' | 'Local';
  /**
   * Which pods are preferred: those nearby, in the same zone, or on the same node.
   */
  trafficDistribution?: 'PreferClose' | 'PreferSameZone' | 'PreferSameNode';
  /**
   * The port of every node that tells a load balancer whether it has pods, with externalTrafficPolicy Local.
   */
  healthCheckNodePort?: number;
  /**
   * Whether pods are reached before they are ready.
   */
  publishNotReadyAddresses?: boolean;
  /**
   * Whether a client stays with its pod; None when absent.
   */
  sessionAffinity?: 'None' | 'ClientIP';
  sessionAffinityConfig?: SessionAffinityConfig;
  /**
   * Whether a Service of type LoadBalancer gets ports of the nodes too; true when absent.
   */
  allocateLoadBalancerNodePorts?: boolean;
  /**
   * The kind of load balancer: holdfast.dev/load-balancer, as without it; others are refused, because nothing would serve them.
   */
  loadBalancerClass?: string;
  /**
   * The address that the load balancer is asked for.
   */
  loadBalancerIP?: string;
  /**
   * The networks that the load balancer lets in, as CIDRs; all when absent.
   */
  loadBalancerSourceRanges?: string[];
}
/**
 * One port of a Service.
 */
export interface ServicePort {
  /**
   * The name of the port; required when there are several.
   */
  name?: string;
  /**
   * The protocol; TCP when absent.
   */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /**
   * What is spoken on the port, such as http, for proxies that read along.
   */
  appProtocol?: string;
  /**
   * The port of the Service.
   */
  port: number;
  targetPort?: IntOrString;
  /**
   * The port of every node, 30000 to 32767; chosen when absent.
   */
  nodePort?: number;
}
/**
 * How a client stays with its pod.
 */
export interface SessionAffinityConfig {
  clientIP?: ClientIPConfig;
}
/**
 * Affinity by the address of the client.
 */
export interface ClientIPConfig {
  /**
   * Seconds without a connection after which the client may get another pod, 1 to 86400; 10800 when absent.
   */
  timeoutSeconds?: number;
}
/**
 * What is known of a Service.
 */
export interface ServiceStatus {
  loadBalancer?: LoadBalancerStatus;
  /**
   * Facts about the Service.
   */
  conditions?: Condition[];
}
/**
 * Where a load balancer can be reached.
 */
export interface LoadBalancerStatus {
  /**
   * Its addresses.
   */
  ingress?: LoadBalancerIngress[];
}
/**
 * One address of a load balancer.
 */
export interface LoadBalancerIngress {
  /**
   * The IP address.
   */
  ip?: string;
  /**
   * Whether packets arrive with the address of the load balancer (VIP) or that of the node (Proxy).
   */
  ipMode?: 'VIP' | 'Proxy';
  /**
   * The DNS name.
   */
  hostname?: string;
  /**
   * Its ports.
   */
  ports?: LoadBalancerPortStatus[];
}
/**
 * A port that a load balancer serves.
 */
export interface LoadBalancerPortStatus {
  /**
   * The port.
   */
  port: number;
  /**
   * The protocol.
   */
  protocol: 'TCP' | 'UDP' | 'SCTP';
  /**
   * Why the port is not served.
   */
  error?: string;
}
/**
 * The identity of pods towards the Kubernetes API.
 */
export interface ServiceAccount {
  /**
   * The version of the kind.
   */
  apiVersion: 'v1';
  /**
   * The kind.
   */
  kind: 'ServiceAccount';
  metadata: ObjectMeta;
  /**
   * Whether pods get a token of the account.
   */
  automountServiceAccountToken?: boolean;
  /**
   * Secrets that pods of the account may use.
   */
  secrets?: PartialObjectReference[];
  /**
   * Credentials for registries that pods of the account use.
   */
  imagePullSecrets?: LocalObjectReference[];
}
/**
 * The range that the addresses of Services are of.
 */
export interface ServiceCIDR {
  /**
   * The version of the kind.
   */
  apiVersion: 'networking.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'ServiceCIDR';
  metadata: ObjectMeta;
  spec?: ServiceCIDRSpec;
  status?: ServiceCIDRStatus;
}
/**
 * The range.
 */
export interface ServiceCIDRSpec {
  /**
   * The range as a CIDR.
   */
  cidrs?: string[];
}
/**
 * What is known of it.
 */
export interface ServiceCIDRStatus {
  /**
   * Facts about the range.
   */
  conditions?: Condition[];
}
/**
 * Keeps pods with fixed names running, each with claims of its own.
 */
export interface StatefulSet {
  /**
   * The version of the kind.
   */
  apiVersion: 'apps/v1';
  /**
   * The kind.
   */
  kind: 'StatefulSet';
  metadata: ObjectMeta;
  spec: StatefulSetSpec;
  status?: StatefulSetStatus;
}
/**
 * Pods with fixed names, and a claim of their own for each.
 */
export interface StatefulSetSpec {
  /**
   * How many pods; 1 when absent.
   */
  replicas?: number;
  selector: LabelSelector;
  template: PodTemplateSpec;
  /**
   * The headless Service that gives the pods their names in DNS.
   */
  serviceName?: string;
  /**
   * Claims that every pod gets one of.
   */
  volumeClaimTemplates?: VolumeClaimTemplate[];
  /**
   * Whether pods start and end one after another or all at once; OrderedReady when absent.
   */
  podManagementPolicy?: 'OrderedReady' | 'Parallel';
  updateStrategy?: StatefulSetUpdateStrategy;
  /**
   * Old revisions to keep; 10 when absent.
   */
  revisionHistoryLimit?: number;
  /**
   * Seconds a pod must be ready to count as available.
   */
  minReadySeconds?: number;
  persistentVolumeClaimRetentionPolicy?: ClaimRetentionPolicy;
  ordinals?: StatefulSetOrdinals;
}
/**
 * A claim that every pod of a StatefulSet gets one of, named after the template and the pod.
 */
export interface VolumeClaimTemplate {
  /**
   * v1, or nothing.
   */
  apiVersion?: 'v1';
  /**
   * PersistentVolumeClaim, or nothing.
   */
  kind?: 'PersistentVolumeClaim';
  metadata?: ObjectMeta;
  spec: ClaimSpec;
  /**
   * What is known of a claim; meaningless in a template.
   */
  status?: {};
}
/**
 * When pods of an old template are replaced.
 */
export interface StatefulSetUpdateStrategy {
  /**
   * RollingUpdate, or OnDelete: only when somebody deletes them.
   */
  type?: 'RollingUpdate' | 'OnDelete';
  rollingUpdate?: StatefulSetRollingUpdate;
}
/**
 * The limits of a rolling update of a StatefulSet.
 */
export interface StatefulSetRollingUpdate {
  /**
   * Pods with a lower number keep the old template; 0 when absent.
   */
  partition?: number;
  maxUnavailable?: IntOrString;
}
/**
 * What becomes of the claims of pods that go for good.
 */
export interface ClaimRetentionPolicy {
  /**
   * When the StatefulSet is deleted; Retain when absent.
   */
  whenDeleted?: 'Retain' | 'Delete';
  /**
   * When there are fewer replicas; Retain when absent.
   */
  whenScaled?: 'Retain' | 'Delete';
}
/**
 * How the pods of a StatefulSet are numbered.
 */
export interface StatefulSetOrdinals {
  /**
   * The number of the first pod; 0 when absent.
   */
  start?: number;
}
/**
 * What is known of a StatefulSet.
 */
export interface StatefulSetStatus {
  /**
   * The generation that this status is about.
   */
  observedGeneration?: number;
  /**
   * Pods there are.
   */
  replicas?: number;
  /**
   * Pods that are ready.
   */
  readyReplicas?: number;
  /**
   * Pods that have been ready long enough.
   */
  availableReplicas?: number;
  /**
   * Pods of the current revision.
   */
  currentReplicas?: number;
  /**
   * Pods of the revision that is rolled out.
   */
  updatedReplicas?: number;
  /**
   * The revision that is replaced.
   */
  currentRevision?: string;
  /**
   * The revision that is rolled out.
   */
  updateRevision?: string;
  /**
   * Name collisions so far.
   */
  collisionCount?: number;
  /**
   * What is known about it.
   */
  conditions?: Condition[];
}
/**
 * How volumes of a class are made.
 */
export interface StorageClass {
  /**
   * The version of the kind.
   */
  apiVersion: 'storage.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'StorageClass';
  metadata: ObjectMeta;
  /**
   * The driver that makes them.
   */
  provisioner: string;
  /**
   * Settings of the driver.
   */
  parameters?: {
    [k: string]: string;
  };
  /**
   * What becomes of a volume when its claim goes; Delete when absent.
   */
  reclaimPolicy?: 'Delete' | 'Retain';
  /**
   * Options for mounting the volumes.
   */
  mountOptions?: string[];
  /**
   * Whether claims may grow.
   */
  allowVolumeExpansion?: boolean;
  /**
   * Whether a volume is made at once or when a pod first uses its claim; Immediate when absent.
   */
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
  /**
   * Where volumes may be made.
   */
  allowedTopologies?: TopologySelectorTerm[];
}
/**
 * Labels of the places where volumes may be made; all must match.
 */
export interface TopologySelectorTerm {
  /**
   * The labels.
   */
  matchLabelExpressions?: TopologySelectorLabelRequirement[];
}
/**
 * A label and the values that it may have.
 */
export interface TopologySelectorLabelRequirement {
  /**
   * The label.
   */
  key: string;
  /**
   * The values.
   */
  values: string[];
}
/**
 * Programs that are asked whether a request is allowed.
 */
export interface ValidatingWebhookConfiguration {
  /**
   * The version of the kind.
   */
  apiVersion: 'admissionregistration.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'ValidatingWebhookConfiguration';
  metadata: ObjectMeta;
  /**
   * The programs.
   */
  webhooks?: ValidatingWebhook[];
}
/**
 * Is asked whether a request is allowed.
 */
export interface ValidatingWebhook {
  /**
   * The name: a domain of at least three parts.
   */
  name: string;
  clientConfig: WebhookClientConfig;
  /**
   * The requests that it is called for.
   */
  rules?: RuleWithOperations[];
  /**
   * Whether a request fails when the call does; Fail when absent.
   */
  failurePolicy?: 'Fail' | 'Ignore';
  /**
   * Whether other versions of the same kind match as well; Equivalent when absent.
   */
  matchPolicy?: 'Equivalent' | 'Exact';
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
  /**
   * Conditions that the request must meet, in CEL.
   */
  matchConditions?: MatchCondition[];
  /**
   * Whether the call changes anything else.
   */
  sideEffects: 'None' | 'NoneOnDryRun' | 'Some' | 'Unknown';
  /**
   * How long the call may take, 1 to 30; 10 when absent.
   */
  timeoutSeconds?: number;
  /**
   * The versions of AdmissionReview that it understands, the best first.
   */
  admissionReviewVersions: string[];
}
/**
 * Attributes that a driver can give to a volume.
 */
export interface VolumeAttributesClass {
  /**
   * The version of the kind.
   */
  apiVersion: 'storage.k8s.io/v1';
  /**
   * The kind.
   */
  kind: 'VolumeAttributesClass';
  metadata: ObjectMeta;
  /**
   * The driver.
   */
  driverName: string;
  /**
   * The attributes.
   */
  parameters?: {
    [k: string]: string;
  };
}
