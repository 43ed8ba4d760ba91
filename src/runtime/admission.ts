// Admission of what is created (Kubernetes, "Admission Control"), the one way by which planners' actions and the syncer's changes reach the
// store: looks up the policies of the namespace and asks src/model/admission. Must not write.
import { admitPod, type PodAdmissionContext } from '../model/admission/admit-pod.ts';
import { type Amounts, added } from '../model/admission/amounts.ts';
import { claimLimitFaults } from '../model/admission/limits.ts';
import { countedKinds, countedUsage, quotaFault, resourceName, totalUsage } from '../model/admission/quota.ts';
import type { ServiceAllocator } from '../model/admission/service-allocation.ts';
import { isEnding } from '../model/deletion.ts';
import {
  isNamespaced,
  type Kind,
  keyOf,
  type Pod,
  type Resource,
  type ResourceOf,
  type ResourceQuota,
  type Service,
} from '../model/resource.ts';
import { allocatorOf } from './address-records.ts';
import { type PolicyReader } from './policy-reader.ts';

/** The object as it is to be stored, or why it is refused: `pods "web-x" is forbidden: …`. */
export type Admission =
  | { readonly ok: true; readonly resource: Resource; readonly audit: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Admits the objects of one transaction, one after the other: each counts in the quotas for those after it. */
export class Admitter {
  readonly #reader: PolicyReader;
  readonly #used = new Map<ResourceQuota, Amounts>();
  readonly #areServicesComplete: boolean;
  #allocator: ServiceAllocator | undefined;

  /** `areServicesComplete`: they have their addresses and node ports already, given by an allocator that knows more. */
  constructor(reader: PolicyReader, options: { readonly areServicesComplete?: true } = {}) {
    this.#reader = reader;
    this.#areServicesComplete = options.areServicesComplete === true;
  }

  /** Judges one creation. */
  admit(resource: Resource): Admission {
    const { kind, namespace, name } = keyOf(resource);
    if (!isNamespaced(kind) || kind === 'Event') return { ok: true, resource, audit: [] };
    const forbidden = (message: string): Admission => ({
      ok: false,
      message: `${resourceName(kind)} "${name}" is forbidden: ${message}`,
    });
    const owner = this.#reader.get('Namespace', '', namespace);
    if (owner !== undefined && isEnding(owner))
      return forbidden(`unable to create new content in namespace ${namespace} because it is being terminated`);
    const quotas = this.#quotas(namespace);
    const admitted: { fault: string | undefined; resource: Resource; audit: readonly string[] } =
      resource.kind === 'Pod'
        ? this.#admitPod(resource, namespace, quotas)
        : { fault: this.#otherFault(resource, namespace, quotas), resource, audit: [] };
    if (admitted.fault !== undefined) return forbidden(admitted.fault);
    if (resource.kind === 'Service' && !this.#areServicesComplete) {
      const allocated = this.#allocate(resource);
      if (typeof allocated === 'string') return forbidden(allocated);
      admitted.resource = allocated;
    }
    for (const { quota, used } of quotas) this.#used.set(quota, added(used, countedUsage(quota.spec ?? {}, admitted.resource)));
    return { ok: true, resource: admitted.resource, audit: admitted.audit };
  }

  /** A Service with its address and node ports, or why it cannot have them. */
  #allocate(service: Service): Service | string {
    this.#allocator ??= allocatorOf(this.#reader);
    const fault = this.#allocator.claim(service);
    if (fault !== undefined) return fault.message;
    const result = this.#allocator.complete(service);
    return result.ok ? result.service : result.fault.message;
  }

  #admitPod(
    pod: Pod,
    namespace: string,
    quotas: PodAdmissionContext['quotas'],
  ): { fault: string | undefined; resource: Pod; audit: readonly string[] } {
    const result = admitPod(pod, podContext(this.#reader, namespace, quotas));
    return result.ok
      ? { fault: undefined, resource: result.pod, audit: result.audit }
      : { fault: result.message, resource: pod, audit: [] };
  }

  #otherFault(resource: Exclude<Resource, Pod>, namespace: string, quotas: PodAdmissionContext['quotas']): string | undefined {
    if (resource.kind === 'PersistentVolumeClaim') {
      const [fault] = claimLimitFaults(resource, this.#reader.list('LimitRange', namespace));
      if (fault !== undefined) return fault;
    }
    for (const { quota, used } of quotas) {
      const fault = quotaFault(quota, used, resource);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #quotas(namespace: string): PodAdmissionContext['quotas'] {
    return this.#reader.list('ResourceQuota', namespace).map((quota) => {
      const used = this.#used.get(quota) ?? usedOf(this.#reader, quota, namespace);
      this.#used.set(quota, used);
      return { quota, used };
    });
  }
}

/** What a pod meets in a namespace. */
export function podContext(reader: PolicyReader, namespace: string, quotas: PodAdmissionContext['quotas']): PodAdmissionContext {
  return {
    namespace: reader.get('Namespace', '', namespace),
    limitRanges: reader.list('LimitRange', namespace),
    priorityClasses: reader.list('PriorityClass'),
    runtimeClass: (name) => reader.get('RuntimeClass', '', name),
    serviceAccount: (name) => reader.get('ServiceAccount', namespace, name),
    quotas,
  };
}

/** What the objects of a namespace use of a quota. Costs time in proportion to the objects of the kinds that it counts. */
export function usedOf(reader: PolicyReader, { spec = {} }: ResourceQuota, namespace: string): Amounts {
  const objects = countedKinds(spec).flatMap((kind): readonly ResourceOf<Kind>[] => reader.list(kind, namespace));
  return totalUsage(spec, objects);
}
