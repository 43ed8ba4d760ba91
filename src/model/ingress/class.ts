// Who serves an Ingress: by its class, by the annotation from before there were classes, or by the default class (Kubernetes, "Ingress
// class"). Pure; asked wherever Ingresses are planned, judged or explained.
import type { Ingress, IngressClass } from '../resource.ts';

/** What an IngressClass says to be served by Holdfast. */
export const INGRESS_CONTROLLER = 'holdfast.dev/ingress';
/** Names the class of an Ingress, from before spec.ingressClassName. It needs no IngressClass. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
/** On an IngressClass: that of Ingresses that name none. */
export const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

/** Controllers that Holdfast stands in for: their classes come with manifests, and nothing else could serve them here. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['k8s.io/ingress-nginx', 'ingress-nginx'],
  ['traefik.io/ingress-controller', 'Traefik'],
]);
/** Classes that are served without being declared: with those controllers it is their chart that declares them. */
export const UNDECLARED_CLASSES: ReadonlySet<string> = new Set(['holdfast', 'nginx', 'traefik']);

/** Whether Holdfast serves an Ingress. `note`: it does so in somebody's place. `reason`: why it does not. */
export type Serving = { readonly isServed: true; readonly note?: string } | { readonly isServed: false; readonly reason: string };

/** Whether Holdfast serves the Ingresses of a class, by its name and controller, and in whose place. */
export function servingOfClass(name: string, controller: string): Serving {
  if (controller === INGRESS_CONTROLLER) return { isServed: true };
  const place = standIns.get(controller);
  if (place !== undefined) return { isServed: true, note: `Holdfast serves class "${name}" in the place of ${place}` };
  return {
    isServed: false,
    reason: `class "${name}" is that of controller ${controller}, which Holdfast is not: give the Ingress a class whose controller is ${INGRESS_CONTROLLER}, or none`,
  };
}

/** Whether Holdfast serves an Ingress, among the classes that there are. */
export function servingOf({ metadata, spec }: Ingress, classes: readonly IngressClass[]): Serving {
  const name = spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION];
  if (name !== undefined && name !== '') {
    const declared = classes.find((its) => its.metadata.name === name);
    if (declared !== undefined) return servingOfClass(name, declared.spec?.controller ?? '');
    if (UNDECLARED_CLASSES.has(name)) return { isServed: true };
    return { isServed: false, reason: `there is no IngressClass "${name}": declare it with controller ${INGRESS_CONTROLLER}` };
  }
  const byDefault = classes.find((its) => its.metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true');
  if (byDefault !== undefined) return servingOfClass(byDefault.metadata.name ?? '', byDefault.spec?.controller ?? '');
  if (classes.length === 0) return { isServed: true };
  return {
    isServed: false,
    reason: `it names no class, and none of the IngressClasses is the default: set spec.ingressClassName, or annotate a class with ${DEFAULT_CLASS_ANNOTATION}: "true"`,
  };
}
