// Classes that are the default of their kind: there can be one each.
import type { Facts } from './facts.ts';
import type { ObjectSet, Spot, Tell } from './object-set.ts';

const storageAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
const INGRESS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

export function checkDefaultClasses(set: ObjectSet, tell: Tell): void {
  tellSecond(annotated(set.ofKind('StorageClass'), storageAnnotations), tell);
  tellSecond(annotated(set.ofKind('IngressClass'), [INGRESS_ANNOTATION]), tell);
  const priorities = set.ofKind('PriorityClass').filter(({ resource }) => resource.globalDefault === true);
  tellSecond(
    priorities.map((at) => ({ at, path: ['globalDefault'] })),
    tell,
  );
}

function annotated(classes: readonly Facts[], names: readonly string[]): Spot[] {
  return classes.flatMap((at) => {
    const name = names.find((annotation) => at.resource.metadata.annotations?.[annotation] === 'true');
    return name === undefined ? [] : [{ at, path: ['metadata', 'annotations', name] }];
  });
}

function tellSecond([first, ...others]: readonly Spot[], tell: Tell): void {
  if (first === undefined) return;
  for (const { at, path } of others) {
    const message = (name: string): string => `${name} is the default ${at.key.kind} already: there can be only one`;
    tell({ at, path, severity: 'error', reason: 'Conflict', message, other: first });
  }
}
