// Services, their pods and their slices for tests.
import { planService, type ServiceObserved } from '../../../src/controllers/endpointslice/plan.ts';
import type { Action } from '../../../src/model/action.ts';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL, SLICE_MANAGER } from '../../../src/model/endpoint-slice.ts';
import {
  controllerReference,
  type Endpoint,
  type EndpointSlice,
  type ServiceSpec,
  type StoredOf,
} from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import { aPod, type PodOptions, START_MS } from '../../support/builders.ts';

type Slice = StoredOf<'EndpointSlice'>;

/** The Service `web` of pods labelled `app: web`: port 80, which is port 8080 of the pods. */
export function aService(
  options: { name?: string; namespace?: string; uid?: string; labels?: Record<string, string>; spec?: Partial<ServiceSpec> } = {},
): StoredOf<'Service'> {
  const { name = 'web', namespace = 'default' } = options;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      uid: options.uid ?? `uid-service-${namespace}-${name}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: toRfc3339(START_MS),
      ...(options.labels === undefined ? {} : { labels: options.labels }),
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.7',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
      ...options.spec,
    },
  };
}

/** A running and ready pod on node-a with an address. */
export function aServingPod(name: string, ip: string, options: PodOptions = {}): StoredOf<'Pod'> {
  return aPod({
    name,
    nodeName: 'node-a',
    readyAtMs: START_MS,
    ...options,
    status: { podIP: ip, podIPs: [{ ip }], startTime: toRfc3339(START_MS), ...options.status },
  });
}

/** The endpoint that a serving pod is. */
export function anEndpoint(name: string, ip: string, more: Partial<Endpoint> = {}): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'node-a',
    targetRef: { kind: 'Pod', namespace: 'default', name, uid: `uid-pod-default-${name}` },
    ...more,
  };
}

/** What the slices of a Service hold as it is written, without the name. */
export function sliceBody(service: StoredOf<'Service'>, endpoints: Endpoint[], ports: EndpointSlice['ports'] = []): object {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: aSliceName(name),
      namespace,
      labels: { ...service.metadata.labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: SLICE_MANAGER },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    ports,
    endpoints,
  };
}

function aSliceName(service: string): unknown {
  return { asymmetricMatch: (name: unknown) => typeof name === 'string' && new RegExp(`^${service}-[0-9a-f]{5}$`).test(name) };
}

/** A Service, its pods, and the slices that were written for it: plans are carried out on it. */
export class SliceWorld {
  slices: Slice[] = [];
  endpoints: StoredOf<'Endpoints'> | undefined;
  zones = new Map<string, string>();
  #revision = 1;

  /** Carries out a plan; returns the actions on slices. */
  plan(service: StoredOf<'Service'>, pods: readonly StoredOf<'Pod'>[], now = START_MS): readonly Action[] {
    const { actions } = planService(service, this.observed(pods), now);
    for (const action of actions) this.#perform(action);
    return actions.filter((action) => kindOf(action) === 'EndpointSlice');
  }

  observed(pods: readonly StoredOf<'Pod'>[]): ServiceObserved {
    const isTaken = (name: string): boolean => this.slices.some(({ metadata }) => metadata.name === name);
    return { pods, zones: this.zones, slices: this.slices, endpoints: this.endpoints, isTaken };
  }

  #perform(action: Action): void {
    if (action.type === 'create') {
      const resourceVersion = String(this.#revision++);
      const name = action.resource.metadata.name ?? '';
      const stored = {
        name,
        uid: `uid-${resourceVersion}`,
        resourceVersion,
        generation: 1,
        creationTimestamp: toRfc3339(START_MS),
      };
      if (action.resource.kind === 'EndpointSlice')
        this.slices = [...this.slices, { ...action.resource, metadata: { ...action.resource.metadata, ...stored } }].sort(byName);
      if (action.resource.kind === 'Endpoints')
        this.endpoints = { ...action.resource, metadata: { ...action.resource.metadata, ...stored } };
    }
    if (action.type === 'update') {
      const { resource } = action;
      if (resource.kind === 'EndpointSlice')
        this.slices = this.slices.map((slice) => (slice.metadata.name === resource.metadata.name ? resource : slice));
      if (resource.kind === 'Endpoints') this.endpoints = resource;
    }
    if (action.type === 'delete' && action.key.kind === 'EndpointSlice')
      this.slices = this.slices.filter(({ metadata }) => metadata.name !== action.key.name);
    if (action.type === 'delete' && action.key.kind === 'Endpoints') this.endpoints = undefined;
  }
}

function kindOf(action: Action): string {
  if (action.type === 'create' || action.type === 'update') return action.resource.kind;
  return action.type === 'delete' ? action.key.kind : '';
}

function byName(a: Slice, b: Slice): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
