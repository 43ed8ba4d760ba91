// What somebody changed on a living container behind our back: it is replaced, and the event says what was found. Pure.
import type { Container, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL, PIDS_LIMIT_LABEL } from '../labels.ts';
import { containerName, networkName, podNetworkName, sandboxNetwork } from '../names.ts';
import { labelNumber } from '../plan/runs.ts';
import { identityOf, sandboxSpec } from './container-spec.ts';
import { engineResources } from './resources.ts';
import { isBare } from './sandbox-way.ts';

/** What may be edited on a living container, as it has to be. */
export interface ExpectedSettings {
  readonly name: string;
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly cpuShares: number;
  readonly networks: readonly string[];
  /** Networks that it may be on instead: one that was made before pods got their addresses otherwise stays where it is. */
  readonly formerNetworks?: readonly string[];
}

/** What the settings of a sandbox have to be. */
export function expectedSandbox(pod: StoredOf<'Pod'>, sandbox: ContainerSeen, environment: PodEnvironment): ExpectedSettings {
  const attempt = labelNumber(sandbox, ATTEMPT_LABEL);
  const { name, memoryBytes, nanoCpus, cpuShares } = sandboxSpec(pod, environment, attempt);
  const { cluster } = environment;
  const settings = { name, memoryBytes, nanoCpus, cpuShares };
  if (pod.spec.hostNetwork === true) return { ...settings, networks: ['host'] };
  if (isBare(sandbox)) return { ...settings, networks: [] };
  const network = sandboxNetwork(environment);
  const formerNetworks = [networkName(cluster), podNetworkName(cluster)].filter((name) => name !== network);
  return { ...settings, networks: [network], formerNetworks };
}

/** What a container's settings have to be. */
export function expectedContainer(
  pod: StoredOf<'Pod'>,
  container: Container,
  attempt: number,
  environment: PodEnvironment,
): ExpectedSettings {
  const { memoryBytes, nanoCpus, cpuShares } = engineResources(pod, container, environment.node);
  const name = containerName(identityOf(pod, environment.cluster), container.name, attempt);
  return { name, memoryBytes, nanoCpus, cpuShares, networks: [] };
}

/** What somebody changed by hand, as `field old → new, …`; undefined when nothing differs. */
export function handEdits(expected: ExpectedSettings, seen: ContainerSeen): string | undefined {
  const { settings, labels } = seen;
  const edits: string[] = [];
  const compare = (field: string, wanted: string | number, found: string | number): void => {
    if (wanted !== found) edits.push(`${field} ${wanted} → ${found}`);
  };
  compare('name', expected.name, settings.name);
  compare('memory', expected.memoryBytes, settings.memoryBytes);
  compare('nanoCpus', expected.nanoCpus, settings.nanoCpus);
  compare('cpuShares', expected.cpuShares, settings.cpuShares);
  // A setting of the node, which may be another one by now: what counts is what the container was made with.
  compare('pidsLimit', Number(labels[PIDS_LIMIT_LABEL] ?? 0), settings.pidsLimit);
  compare('restartPolicy', 'no', settings.restartPolicy === '' ? 'no' : settings.restartPolicy);
  // A container that does not run may be shown without its networks.
  const isFormer = settings.networks.length === 1 && expected.formerNetworks?.includes(settings.networks[0] ?? '') === true;
  if (!isFormer && (seen.state === 'running' || settings.networks.length > 0))
    compare('networks', expected.networks.join(' ') || 'none', [...settings.networks].sort().join(' ') || 'none');
  for (const other of settings.others) edits.push(other.replace('=', ' none → '));
  if (seen.state === 'paused') edits.push('paused no → yes');
  return edits.length === 0 ? undefined : edits.join(', ');
}
