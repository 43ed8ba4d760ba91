// The defaults of pods and of pod templates (Kubernetes, SetDefaults_PodSpec and its like). Fields that a manifest leaves out, and
// that mean nothing without others, stay away: what runs is compared with what is written, and nothing new may appear in it.
import type {
  Container,
  EphemeralContainer,
  HttpGetAction,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Quantity,
  ResourceList,
  ResourceRequirements,
} from '../../model/resource.ts';
import { plainAmount, totalRequests } from '../rules/pod-total.ts';
import { pullsLatest } from './image.ts';
import { defaultVolume } from './volume.ts';

/** A Pod: its specification, and what Kubernetes sets on pods alone. */
export function defaultPod({ spec }: Pod): void {
  defaultPodSpec(spec);
  defaultPodRequests(spec);
  if (spec.hostNetwork !== true) return;
  for (const { ports } of [...spec.containers, ...(spec.initContainers ?? [])])
    for (const port of ports ?? []) port.hostPort ??= port.containerPort;
}

/** The template of a workload. */
export function defaultTemplate(template: PodTemplateSpec): void {
  if (template.metadata !== undefined && Object.keys(template.metadata).length === 0) delete template.metadata;
  defaultPodSpec(template.spec);
}

/** What pods have, alone or in a template. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= 'default-scheduler';
  // The old name of the field. When the two differ, both stay, for the rules to tell.
  if (spec.serviceAccount !== undefined) spec.serviceAccountName ??= spec.serviceAccount;
  if (spec.serviceAccount === spec.serviceAccountName) delete spec.serviceAccount;
  for (const container of spec.containers) defaultContainer(container);
  for (const container of spec.initContainers ?? []) defaultContainer(container);
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  if (spec.overhead !== undefined) writeAsText(spec.overhead);
  for (const list of [spec.resources?.limits, spec.resources?.requests]) if (list !== undefined) writeAsText(list);
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ??= pullsLatest(container.image) ? 'Always' : 'IfNotPresent';
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const { valueFrom } of container.env ?? []) if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    if (probe !== undefined) defaultProbe(probe);
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (hook?.httpGet !== undefined) defaultHttpGet(hook.httpGet);
  if (container.resources === undefined) return;
  defaultRequests(container.resources);
  if (Object.keys(container.resources).length === 0) delete container.resources;
}

/** A limit without a request is also the request. Kubernetes does this on pods; here the template is where pods come from. */
function defaultRequests(resources: ResourceRequirements): void {
  for (const list of [resources.limits, resources.requests]) if (list !== undefined) writeAsText(list);
  const { limits } = resources;
  if (limits !== undefined && Object.keys(limits).length > 0) resources.requests = { ...limits, ...resources.requests };
  if (limits !== undefined && Object.keys(limits).length === 0) delete resources.limits;
  if (resources.requests !== undefined && Object.keys(resources.requests).length === 0) delete resources.requests;
}

/** Amounts are texts, as an API server gives them back. */
function writeAsText(list: ResourceList): void {
  const amounts: [string, Quantity][] = Object.entries(list);
  Object.assign(list, Object.fromEntries(amounts.map(([resource, amount]) => [resource, String(amount)])));
}

/** Limits of a whole pod without requests: what its containers request, or else the limits. */
function defaultPodRequests(spec: PodSpec): void {
  const { resources } = spec;
  const limits: [string, Quantity][] = Object.entries(resources?.limits ?? {});
  if (resources === undefined || limits.length === 0) return;
  const totals = [...totalRequests(spec)].filter(([resource]) => resource === 'cpu' || resource === 'memory');
  const requested = Object.fromEntries(totals.map(([resource, total]) => [resource, plainAmount(resource, total)]));
  resources.requests = { ...Object.fromEntries(limits), ...requested, ...resources.requests };
}

function defaultProbe(probe: Probe): void {
  probe.periodSeconds ??= 10;
  probe.timeoutSeconds ??= 1;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
  if (probe.httpGet !== undefined) defaultHttpGet(probe.httpGet);
}

function defaultHttpGet(action: HttpGetAction): void {
  action.path ??= '/';
  action.scheme ??= 'HTTP';
}
