// Rules for the containers of a pod: ordinary, init and ephemeral ones (Kubernetes, validateContainers and its like).
import type { Container, ContainerPort, EphemeralContainer, PodSpec } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, invalid, notFound, type Report } from '../report.ts';
import { checkEnv, checkEnvFrom } from './env.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkLifecycle } from './handler.ts';
import { checkMounts } from './mount.ts';
import type { PodScope } from './pod-scope.ts';
import { checkProbes } from './probe.ts';
import { checkResizePolicy, checkResources } from './resources.ts';
import { checkRestartPolicy } from './restart.ts';
import { checkSecurityContext } from './security.ts';
import { checkDnsLabel, checkIp, checkPortName, checkPortNumber } from './syntax.ts';

/** All containers of a pod; their names are unique among all of them. */
export function checkContainers(spec: PodSpec, path: Path, scope: PodScope, report: Report): void {
  const names = new Set<string>();
  const hostPorts = new Set<string>();
  for (const [container, here] of eachOf(spec.containers, [...path, 'containers'])) {
    checkCommon(container, spec, here, names, scope, report);
    checkHostPorts(container.ports, [...here, 'ports'], hostPorts, report);
    checkLifecycle(container, [...here, 'lifecycle'], scope, report);
    checkProbes(container, here, scope, report);
    checkRestartPolicy(container, here, report);
  }
  for (const [container, here] of eachOf(spec.initContainers, [...path, 'initContainers']))
    checkInitContainer(container, spec, here, names, scope, report);
  for (const [container, here] of eachOf(spec.ephemeralContainers, [...path, 'ephemeralContainers']))
    checkEphemeral(container, spec, here, names, scope, report);
}

function checkCommon(container: Container, spec: PodSpec, path: Path, names: Set<string>, scope: PodScope, report: Report): void {
  const { name, image } = container;
  if (holds(checkDnsLabel(name), name, [...path, 'name'], report) && names.has(name))
    report([...path, 'name'], 'Duplicate', duplicate(name));
  names.add(name);
  if (image !== image.trim())
    report([...path, 'image'], 'Invalid', invalid(image, 'must not have leading or trailing whitespace'));
  checkEnv(container.env, [...path, 'env'], scope, report);
  checkEnvFrom(container.envFrom, [...path, 'envFrom'], report);
  checkPorts(container.ports, [...path, 'ports'], spec.hostNetwork === true, report);
  if (container.resources !== undefined) checkResources(container.resources, [...path, 'resources'], scope.claims, report);
  checkResizePolicy(container.resizePolicy, [...path, 'resizePolicy'], scope.restartPolicy, report);
  checkMounts(container, path, scope, report);
  checkSecurityContext(container.securityContext, spec.securityContext, [...path, 'securityContext'], scope, report);
}

const needsSidecar = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function checkInitContainer(
  container: Container,
  spec: PodSpec,
  path: Path,
  names: Set<string>,
  scope: PodScope,
  report: Report,
): void {
  const { restartPolicy } = container;
  checkCommon(container, spec, path, names, scope, report);
  // Init containers run one by one: only the ports of one and the same can get in each other's way.
  checkHostPorts(container.ports, [...path, 'ports'], new Set(), report);
  checkRestartPolicy(container, path, report);
  if (restartPolicy === 'Always') {
    checkLifecycle(container, [...path, 'lifecycle'], scope, report);
    checkProbes(container, path, scope, report);
    return;
  }
  for (const field of needsSidecar)
    if (container[field] !== undefined)
      report([...path, field], 'Invalid', forbidden('may not be set for init containers without restartPolicy=Always'));
  if (container.resizePolicy !== undefined)
    report([...path, 'resizePolicy'], 'Invalid', forbidden('must not be set for init containers'));
}

const notForEphemeral = ['ports', 'resources', 'resizePolicy', 'restartPolicy', ...needsSidecar] as const;

function checkEphemeral(
  container: EphemeralContainer,
  spec: PodSpec,
  path: Path,
  names: Set<string>,
  scope: PodScope,
  report: Report,
): void {
  checkCommon(container, spec, path, names, scope, report);
  const { targetContainerName: target } = container;
  if (target !== undefined && !scope.containers.has(target))
    report([...path, 'targetContainerName'], 'NotFound', notFound(target));
  const ban = (place: Path): void => report(place, 'Invalid', forbidden('cannot be set for an Ephemeral Container'));
  for (const field of notForEphemeral) if (container[field] !== undefined) ban([...path, field]);
  for (const [mount, here] of eachOf(container.volumeMounts, [...path, 'volumeMounts']))
    for (const field of ['subPath', 'subPathExpr'] as const) if (mount[field] !== undefined) ban([...here, field]);
}

function checkPorts(ports: Container['ports'], path: Path, isHostNetwork: boolean, report: Report): void {
  const names = new Set<string>();
  for (const [{ name, containerPort, hostPort, hostIP }, here] of eachOf(ports, path)) {
    if (name !== undefined) {
      if (holds(checkPortName(name), name, [...here, 'name'], report) && names.has(name))
        report([...here, 'name'], 'Duplicate', duplicate(name));
      names.add(name);
    }
    holds(checkPortNumber(containerPort), containerPort, [...here, 'containerPort'], report);
    holdsIfGiven(hostIP, checkIp, [...here, 'hostIP'], report);
    // A port without a host port gets its own number there.
    if (isHostNetwork && hostPort !== undefined && hostPort !== containerPort)
      report([...here, 'hostPort'], 'Invalid', invalid(hostPort, 'must match `containerPort` when `hostNetwork` is true'));
  }
}

function checkHostPorts(ports: Container['ports'], path: Path, taken: Set<string>, report: Report): void {
  for (const [{ hostPort, ...port }, item] of eachOf<ContainerPort>(ports, path)) {
    if (hostPort === undefined) continue;
    const here = [...item, 'hostPort'];
    const key = `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${hostPort}`;
    if (holds(checkPortNumber(hostPort), hostPort, here, report) && taken.has(key)) report(here, 'Duplicate', duplicate(key));
    taken.add(key);
  }
}
