// The network container and the plug as Docker is told to make them. Pure.
import { CLUSTER_LABEL, NETWORK_ROLE, PLUG_ROLE, ROLE_LABEL, SPEC_HASH_LABEL } from '../kubelet/labels.ts';
import { hashOf } from '../model/hash.ts';
import { type NodeContainerSpec, STATE_DIRECTORY } from '../network/node-container.ts';

const HASH_LENGTH = 16;
/** What its programs need: to program the kernel, to listen at low ports, to become another user, and to read and end what that one has. */
const CAPABILITIES = ['NET_ADMIN', 'NET_RAW', 'NET_BIND_SERVICE', 'SETUID', 'SETGID', 'CHOWN', 'FOWNER', 'DAC_OVERRIDE', 'KILL'];
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } };
/**
 * On a busy host its scripts have the processor before pods, of which one that asks for a whole one has 1024: what they do takes milliseconds, and a pod
 * that left is lost to its clients until it is done.
 */
const CPU_SHARES = 8192;
/** Seconds after SIGTERM. Nothing of what it programmed depends on how it ends. */
const STOP_TIMEOUT_SECONDS = 5;

/** A container of a node's network, and its volume if it has one. */
export interface NodeContainerKind {
  readonly name: string;
  readonly volume?: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  /** Body of `POST /containers/create`. The label with the hash tells what it was made from, files included. */
  readonly body: (spec: NodeContainerSpec) => object;
  /** Whether scripts wait for those that the container runs by itself. */
  readonly isLocking: boolean;
}

/** The network container of a cluster. */
export function networkContainerKind(cluster: string): NodeContainerKind {
  const volume = { name: networkVolumeName(cluster), labels: networkVolumeLabels(cluster) };
  return { name: networkContainerName(cluster), volume, body: (spec) => networkContainerBody(cluster, spec), isLocking: true };
}

/** The plug of a cluster. */
export function plugKind(cluster: string): NodeContainerKind {
  return { name: `hf.${cluster}._plug`, body: (spec) => plugBody(cluster, spec), isLocking: false };
}

/**
 * On the host's network, where it makes cables, and among the host's processes, whose network namespaces it enters by their numbers. The kernel lets
 * it open those of processes that may do nothing that it may not: it has what sandboxes have, which is what Docker gives without asking, and so may
 * not open those of the host's own processes.
 */
function plugBody(cluster: string, { image, command }: NodeContainerSpec): object {
  const body = {
    Image: image,
    Entrypoint: command,
    Cmd: [],
    User: '0:0',
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    StopTimeout: STOP_TIMEOUT_SECONDS,
    HostConfig: {
      NetworkMode: 'host',
      PidMode: 'host',
      CapAdd: ['NET_ADMIN', 'SYS_ADMIN'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'always' },
      OomScoreAdj: 0,
      LogConfig: LOG_CONFIG,
    },
  };
  const labels = { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: PLUG_ROLE, [SPEC_HASH_LABEL]: hashOf(body, HASH_LENGTH) };
  return { ...body, Labels: labels };
}

/** Name of the container. An underscore cannot occur in a namespace, so no pod's container has it. */
export function networkContainerName(cluster: string): string {
  return `hf.${cluster}._network`;
}

/** Name of the volume with its state; no claim's volume is named so either. */
export function networkVolumeName(cluster: string): string {
  return `hf-${cluster}._network`;
}

function networkVolumeLabels(cluster: string): Readonly<Record<string, string>> {
  return { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: NETWORK_ROLE };
}

/** Body of `POST /containers/create`. The label with the hash tells what it was made from, files included. */
export function networkContainerBody(cluster: string, { image, files, command }: NodeContainerSpec): object {
  const body = {
    Image: image,
    Entrypoint: command,
    Cmd: [],
    User: '0:0',
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    StopTimeout: STOP_TIMEOUT_SECONDS,
    HostConfig: {
      NetworkMode: 'host',
      // The host's users, where the engine gives containers others: those own neither its network nor, on the volume, the files.
      UsernsMode: 'host',
      CapDrop: ['ALL'],
      CapAdd: CAPABILITIES,
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'always' },
      CpuShares: CPU_SHARES,
      // No score for times when memory is short: not every engine may give a better one than 0, and pods have worse ones.
      OomScoreAdj: 0,
      LogConfig: LOG_CONFIG,
      Mounts: [{ Type: 'volume', Source: networkVolumeName(cluster), Target: STATE_DIRECTORY, VolumeOptions: { NoCopy: true } }],
    },
  };
  const hash = hashOf({ body, files }, HASH_LENGTH);
  return { ...body, Labels: { ...networkVolumeLabels(cluster), [SPEC_HASH_LABEL]: hash } };
}

/** The hash that the body carries. */
export function hashOfBody(body: object): string {
  return 'Labels' in body ? ((body.Labels as Record<string, string>)[SPEC_HASH_LABEL] ?? '') : '';
}
