// The defaults of the Kubernetes API server for the fields that Holdfast has (API reference, and pkg/apis/*/defaults.go).
// Doing it twice changes nothing. Works in place on an object that nobody else has seen yet.
import type {
  Container,
  Deployment,
  ObjectMeta,
  PersistentVolumeClaim,
  PodSpec,
  PodTemplateSpec,
  Probe,
  ReplicaSet,
  Resource,
  ResourceRequirements,
  Secret,
  Volume,
} from '../../model/resource.ts';
import { isNamespaced } from '../../model/resource.ts';
import { checkDnsLabel } from '../rules/syntax.ts';

const DEFAULT_FILE_MODE = 0o644;

/** Fills in what the manifest leaves open. */
export function setDefaults(resource: Resource): void {
  if (isNamespaced(resource.kind)) resource.metadata.namespace ??= 'default';
  switch (resource.kind) {
    case 'Pod':
      return defaultPodSpec(resource.spec);
    case 'Deployment':
      return defaultDeployment(resource);
    case 'ReplicaSet':
      return defaultReplicaSet(resource);
    case 'Secret':
      return defaultSecret(resource);
    case 'ConfigMap':
      if (resource.binaryData !== undefined) resource.binaryData = withoutLineBreaks(resource.binaryData);
      return;
    case 'PersistentVolumeClaim':
      return defaultClaim(resource);
    case 'Namespace':
      return labelNamespace(resource.metadata);
    case 'Application':
    case 'ApplicationRevision':
    case 'Event':
    case 'Node':
      return;
  }
}

/** Kubernetes labels every namespace with its name, so that selectors can name it. A wrong name is told once, as the name. */
function labelNamespace(metadata: ObjectMeta): void {
  if (metadata.name === undefined || checkDnsLabel(metadata.name) !== undefined) return;
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

function defaultDeployment({ spec }: Deployment): void {
  spec.replicas ??= 1;
  spec.minReadySeconds ??= 0;
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.strategy ??= {};
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  defaultTemplate(spec.template);
}

function defaultReplicaSet({ spec }: ReplicaSet): void {
  spec.replicas ??= 1;
  spec.minReadySeconds ??= 0;
  if (spec.template !== undefined) defaultTemplate(spec.template);
}

function defaultTemplate(template: PodTemplateSpec): void {
  dropEmptyMeta(template);
  defaultPodSpec(template.spec);
}

function dropEmptyMeta(template: { metadata?: ObjectMeta }): void {
  if (template.metadata !== undefined && Object.keys(template.metadata).length === 0) delete template.metadata;
}

function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= 'default-scheduler';
  // The old name of the field.
  if (spec.serviceAccount !== undefined) spec.serviceAccountName ??= spec.serviceAccount;
  delete spec.serviceAccount;
  for (const container of spec.containers) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= pullsLatest(container.image) ? 'Always' : 'IfNotPresent';
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const { valueFrom } of container.env ?? []) if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    if (probe !== undefined) defaultProbe(probe);
  if (container.resources === undefined) return;
  defaultRequests(container.resources);
  if (Object.keys(container.resources).length === 0) delete container.resources;
}

/** Whether an image reference means the tag `latest`: no tag and no digest, or the tag itself. */
function pullsLatest(image: string): boolean {
  const [name = '', digest] = image.split('@', 2);
  const tag = /:([^/:]*)$/.exec(name)?.[1];
  return tag === 'latest' || (tag === undefined && digest === undefined);
}

/** A limit without a request is also the request. Kubernetes does this on pods; here the template is where pods come from. */
function defaultRequests(resources: ResourceRequirements): void {
  for (const list of [resources.limits, resources.requests]) {
    if (list === undefined) continue;
    if (typeof list.cpu === 'number') list.cpu = String(list.cpu);
    if (typeof list.memory === 'number') list.memory = String(list.memory);
  }
  const { limits } = resources;
  if (limits !== undefined && Object.keys(limits).length > 0) resources.requests = { ...limits, ...resources.requests };
  if (limits !== undefined && Object.keys(limits).length === 0) delete resources.limits;
  if (resources.requests !== undefined && Object.keys(resources.requests).length === 0) delete resources.requests;
}

function defaultProbe(probe: Probe): void {
  probe.periodSeconds ??= 10;
  probe.timeoutSeconds ??= 1;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.httpGet === undefined) return;
  probe.httpGet.path ??= '/';
  probe.httpGet.scheme ??= 'HTTP';
}

function defaultVolume(volume: Volume): void {
  const { configMap, secret, hostPath } = volume;
  // A volume without a source is an empty directory.
  if (Object.keys(volume).length === 1) volume.emptyDir = {};
  if (configMap !== undefined) configMap.defaultMode ??= DEFAULT_FILE_MODE;
  if (secret !== undefined) secret.defaultMode ??= DEFAULT_FILE_MODE;
  if (hostPath !== undefined) hostPath.type ??= '';
  if (typeof volume.emptyDir?.sizeLimit === 'number') volume.emptyDir.sizeLimit = String(volume.emptyDir.sizeLimit);
}

function defaultClaim({ spec }: PersistentVolumeClaim): void {
  spec.volumeMode ??= 'Filesystem';
  for (const list of [spec.resources.requests, spec.resources.limits])
    if (typeof list?.storage === 'number') list.storage = String(list.storage);
}

type Data = Record<string, string>;

/** `stringData` wins over `data` and is not kept. */
function defaultSecret(secret: Secret): void {
  secret.type ??= 'Opaque';
  const { stringData, data } = secret;
  delete secret.stringData;
  const encoded = Object.entries(stringData ?? {}).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]);
  if (data === undefined && encoded.length === 0) return;
  secret.data = { ...withoutLineBreaks(data), ...(Object.fromEntries(encoded) as Data) };
}

/** Base64 in one line, as an API server gives it back. */
function withoutLineBreaks(data: Readonly<Data> | undefined): Data {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, text]) => [key, text.replace(/[\r\n]/g, '')]));
}
