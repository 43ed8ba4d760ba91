// A resource as a Kubernetes API server would hand it to an expression, where its manifest may be shorter.
import type { Container, Resource, ResourceRequirements } from '../../model/resource.ts';
import { podSpecOf } from '../../model/workload.ts';

/** Every container has `resources`, if only an empty one, and quantities are texts. */
export function served<R extends Resource>(resource: R): R {
  if (podSpecOf(resource) === undefined) return resource;
  const copy = structuredClone(resource);
  const spec = podSpecOf(copy);
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) complete(container);
  return copy;
}

function complete(container: Container): void {
  const { limits, requests, ...rest } = container.resources ?? {};
  container.resources = {
    ...rest,
    ...(limits === undefined ? {} : { limits: asTexts(limits) }),
    ...(requests === undefined ? {} : { requests: asTexts(requests) }),
  };
}

type Quantities = NonNullable<ResourceRequirements['limits']>;

function asTexts(quantities: Quantities): Quantities {
  return Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, String(quantity)]));
}
