// What the commands need from the outside. main.ts builds it; tests build their own.
import type { ContainerEngine } from '../kubelet/engine/container-engine.ts';
import type { LoadResult } from '../manifests/load.ts';
import type { Problem } from '../manifests/problem.ts';
import type { DecryptionKeys } from '../manifests/sops/keys.ts';
import type { Desired } from '../model/resource.ts';
import type { NodeContainer } from '../network/node-container.ts';
import type { Store } from '../store/store.ts';
import type { DataNote } from '../sync/data-notes.ts';
import type { RetryOrder, SuspendOrder, SyncAnswer, SyncOrder, UndeleteOrder } from '../sync/gates/orders.ts';
import type { Outcome, OutcomeAction } from '../sync/outcome.ts';
import type { ImageKnown } from '../sync/ports.ts';
import type { Clock } from '../system/clock.ts';
import type { CommitStatusChoices } from './commit-status-options.ts';
import type { MailChoices } from './mail-options.ts';
import type { NodeChoices } from './node-options.ts';
import type { SignalChoices } from './signal-options.ts';

/** Where the commit comes from. */
export interface SourceOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly commit?: string;
  readonly path: string;
  readonly workingTree: boolean;
  readonly username?: string;
  /** Password and token themselves come from the environment only, never from the command line; at most one of the four is there. */
  readonly password?: string;
  readonly passwordFile?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly sshKeyFile?: string;
  readonly knownHostsFile?: string;
  /** Which commits have to be signed, and the files and folders with the keys that may; absent: none has to be. */
  readonly verify?: { readonly mode: 'head' | 'all'; readonly keys: readonly string[] };
}

/** How manifests are read. */
export interface LoadSettings {
  /** Custom resources and kinds that only a real cluster has are left out with a note, not refused. */
  readonly skipUnknownKinds: boolean;
  /** Variables of the command line; they win over all others. */
  readonly substitute: Readonly<Record<string, string>>;
  /** Objects are judged one by one, not as sets that have to stand alone. */
  readonly areSetsLeft?: true;
  /** Where the age keys are; absent: where the environment says. */
  readonly ageKeyFile?: string;
  /** Files and folders with policies; absent: what the environment names. */
  readonly policies?: readonly string[];
}

/** Where the state is, and which containers are ours. */
export interface PlaceOptions {
  readonly dataDir: string;
  readonly cluster: string;
}

export interface ReconcileOptions
  extends SourceOptions,
    PlaceOptions,
    LoadSettings,
    NodeChoices,
    SignalChoices,
    CommitStatusChoices,
    MailChoices {
  /** Name of the application; derived from path or repository when absent. */
  readonly application?: string;
  readonly once: boolean;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Whether it was given, so that no commit may say otherwise. */
  readonly isTimeoutFixed: boolean;
  /** For how long what commits remove can be brought back, where an application does not say. */
  readonly softDelete?: string;
  /** The file of the plan that was agreed to: nothing else may be applied. */
  readonly planFile?: string;
  /** Where a plan that is made is to be saved. */
  readonly planOut?: string;
  /** The key that signs receipts; absent: that of the data folder. */
  readonly receiptKeyFile?: string;
}

/** What `validate` read. */
export interface ValidatedPaths extends LoadResult {
  /** How many manifest files were read. */
  readonly fileCount: number;
}

/** A control plane in this process. */
export interface RunningControlPlane {
  readonly application: string;
  readonly store: Store;
  /** With `once`: how it ended. Without: never settles before `stop`. */
  readonly outcome: Promise<Outcome>;
  /** Where it takes webhooks and shows metrics, as a sentence; absent when nowhere. */
  readonly listening?: string;
  /** Stops working; containers go on. Harmless twice. */
  stop(): Promise<void>;
}

/** What a dry run found. */
export interface DryRun {
  readonly application: string;
  /** The commit that another one was compared with; absent when it was compared with what runs. */
  readonly from?: { readonly id: string; readonly subject: string; readonly author: string };
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string } | undefined;
  /** Without the unchanged ones. */
  readonly actions: readonly OutcomeAction[];
  readonly unchanged: number;
  readonly problems: readonly Problem[];
  /** Images that have to be pulled, or of which that is not known; absent where no engine is concerned. */
  readonly images?: readonly ImageKnown[];
  /** Applications that the commit declares, whose changes are not among these. */
  readonly declares?: readonly string[];
  /** What it means for data; absent where nothing is known to run. */
  readonly data?: readonly DataNote[];
}

/** What a commit says. */
export interface RenderedCommit {
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string };
  readonly resources: readonly Desired[];
}

/** The files that `holdfast secrets` works on. All calls throw UsageFault for what the user has to mend. */
export interface SecretFiles {
  read(path: string): Promise<Uint8Array>;
  /** Puts new content in the place of a file, in one step; its mode stays. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes a file that is not there yet; a private one can be read by its owner alone. */
  create(path: string, bytes: Uint8Array, isPrivate: boolean): Promise<void>;
  /** The nearest `.sops.yaml` above a file, and the path of the file from there. */
  findRules(path: string): Promise<{ readonly file: string; readonly text: string; readonly path: string } | undefined>;
  readKeys(options: { readonly ageKeyFile?: string }): Promise<DecryptionKeys>;
  random(length: number): Uint8Array;
  /** Lends a private copy of a plain text under the name of the file; it is gone when `work` has ended, however it ends. */
  edit<T>(path: string, bytes: Uint8Array, work: (file: EditedFile) => Promise<T>): Promise<T>;
  /** Waits for Enter. Throws UsageFault when the user gives up. */
  question(text: string): Promise<void>;
}

/** A file that a person edits. */
export interface EditedFile {
  /** Runs the user's editor until it ends. */
  open(): Promise<void>;
  read(): Promise<Uint8Array>;
}

/** A connection that somebody made to a port of this machine. */
export interface LocalConnection {
  /** What comes in, until the other side has sent all. Read once. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Aborted when the connection is over, both ways. */
  readonly ended: AbortSignal;
  /** Resolves when the bytes are on their way; what is not taken any more is lost without a word. Never rejects. */
  send(bytes: Uint8Array): Promise<void>;
  /** Ends it when what was sent has gone out. Harmless when it has ended. */
  close(): void;
}

/** What one command says of one application. */
export type Order =
  | { readonly say: 'suspend'; readonly suspend: SuspendOrder }
  | { readonly say: 'resume'; readonly who: string }
  | { readonly say: 'retry'; readonly retry: RetryOrder }
  | { readonly say: 'undelete'; readonly undelete: UndeleteOrder };

/** An order to sync that was given. */
export interface SyncAsked {
  /** What the controller answers; undefined as long as it does not. */
  answer(): SyncAnswer | undefined;
  /** Nobody waits any more. Harmless twice. Never throws. */
  withdraw(): void;
}

/** A port of this machine that is listened on. */
export interface LocalListener {
  readonly port: number;
  /** Ends it with all its connections. */
  close(): void;
}

export interface Parts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly stdout: { write(text: string | Uint8Array): void; readonly isTTY: boolean; readonly columns: number };
  readonly stderr: { write(text: string | Uint8Array): void; readonly isTTY: boolean; readonly columns: number };
  readonly stdin: { readonly isTTY: boolean };
  readonly clock: Clock;
  readonly processId: number;
  /** The user's number (`process.getuid`), where the platform has one. */
  readonly uid: number | undefined;
  /** Aborted by the first Ctrl-C or SIGTERM; see interrupts.ts. */
  readonly interrupted: AbortSignal;
  /** Starts everything. Throws UsageFault. */
  startControlPlane(options: ReconcileOptions): Promise<RunningControlPlane>;
  /** Plans against store and commit; writes nothing, pulls nothing. Throws UsageFault. */
  dryRun(options: ReconcileOptions): Promise<DryRun>;
  /** What going from one revision to another would change, by the two alone. Throws UsageFault. */
  compareCommits(options: ReconcileOptions, from: string, to: string): Promise<DryRun>;
  /** What a commit of the repository says, rendered anew. Throws UsageFault when it cannot be had, or is not valid. */
  renderCommit(options: ReconcileOptions, revision: string): Promise<RenderedCommit>;
  /** The store for reading, also while a controller writes it. Throws UsageFault when there is none. */
  openStore(place: PlaceOptions): Promise<Store>;
  /** Says something to the controller of the data folder, now or later: see order-desk.ts. Throws UsageFault. */
  giveOrder(place: PlaceOptions, application: string, order: Order): void;
  /** Has the controller of the data folder look at Git now: see sync-desk.ts. Throws UsageFault. */
  askSync(place: PlaceOptions, order: SyncOrder): SyncAsked;
  /** Which process reconciles with this data folder now, for people; undefined when none does. Throws UsageFault. */
  controllerOf(place: PlaceOptions): Promise<string | undefined>;
  /** The public key of a data folder, Base64; undefined when nothing was signed with it yet. Throws UsageFault. */
  receiptKey(dataDir: string): Promise<string | undefined>;
  /** Keeps controllers away from a cluster on the engine until the result is called. Throws UsageFault when one runs or no engine answers. */
  lockCluster(place: PlaceOptions): Promise<() => Promise<void>>;
  /** Throws UsageFault when no engine answers. */
  openEngine(place: PlaceOptions): Promise<ContainerEngine>;
  /** The network container of the node; who asks closes it. Throws UsageFault when no engine answers. */
  openNodeContainer(place: PlaceOptions): Promise<NodeContainer>;
  /** Listens on an address of this machine for TCP; port 0 takes any that is free. Throws UsageFault. */
  listen(address: string, port: number, onConnection: (connection: LocalConnection) => void): Promise<LocalListener>;
  /** Reads manifests from files and folders, for `validate`; `-` is standard input. */
  loadPaths(paths: readonly string[], settings: LoadSettings): Promise<ValidatedPaths>;
  /** A file as its repository calls it, for programs that look at the repository as a whole; as it was given where there is none. */
  repositoryPath(file: string): string;
  /** One line of a file on disk, as text, from 1; undefined when it cannot be read. */
  readSourceLine(file: string, line: number): string | undefined;
  readonly secretFiles: SecretFiles;
  /** Asks the person at the terminal and waits for a line. Throws UsageFault when the person gives up. */
  readonly answer: (question: string) => Promise<string>;
}
