// Ingresses that ask for what Holdfast does not do: annotations of other controllers, paths that cannot be compared, classes of somebody else,
// passwords that nobody can check. And certificates that cannot be served.
import { readAnnotations } from '../../model/ingress/annotations.ts';
import { CLASS_ANNOTATION, servingOfClass, UNDECLARED_CLASSES } from '../../model/ingress/class.ts';
import { secretFindings } from '../../model/ingress/findings.ts';
import { comparison } from '../../model/ingress/routes.ts';
import { keyString, type Secret } from '../../model/resource.ts';
import type { FactsOf } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';

/** Annotations of the known controllers: each is honoured, or told of at its line. */
export function checkIngresses(set: ObjectSet, tell: Tell): void {
  for (const at of set.ofKind('IngressClass')) {
    const serving = servingOfClass(at.key.name, at.resource.spec?.controller ?? '');
    const path = ['spec', 'controller'];
    if (!serving.isServed)
      tell({ at, path, severity: 'note', reason: 'NoEffect', message: `nobody serves its Ingresses here: ${serving.reason}.` });
    else if (serving.note !== undefined) tell({ at, path, severity: 'note', reason: 'NoEffect', message: `${serving.note}.` });
  }
  for (const at of set.ofKind('Ingress')) {
    tellClass(at, set, tell);
    const { settings, findings } = readAnnotations(at.resource.metadata.annotations);
    for (const { annotation, severity, message } of findings) {
      const path = ['metadata', 'annotations', annotation];
      tell({ at, path, severity, reason: severity === 'error' ? 'UnsupportedField' : 'NoEffect', message: `${message}.` });
    }
    for (const [index, { http }] of (at.resource.spec.rules ?? []).entries())
      for (const [place, { path: text = '', pathType }] of (http?.paths ?? []).entries()) {
        const compared = comparison(text === '' ? '/' : text, pathType, settings);
        const path = ['spec', 'rules', index, 'http', 'paths', place, 'path'];
        if (typeof compared === 'string') tell({ at, path, severity: 'error', reason: 'Invalid', message: `${compared}.` });
      }
    tellSecrets(at, set, tell);
  }
}

/** Secrets of the set that cannot be what the Ingress wants them for. Of those that are missing the references tell. */
function tellSecrets(at: FactsOf<'Ingress'>, set: ObjectSet, tell: Tell): void {
  const secretOf = (namespace: string, name: string): Secret | undefined => {
    const found = set.byId(keyString({ kind: 'Secret', namespace, name }))?.resource;
    return found?.kind === 'Secret' ? found : undefined;
  };
  for (const { path, message, isMissing, isUnsupported } of secretFindings(at.resource, at.key.namespace, secretOf)) {
    if (isMissing) continue;
    const verdict = isUnsupported
      ? ({ severity: 'error', reason: 'UnsupportedField' } as const)
      : ({ severity: 'note', reason: 'Invalid' } as const);
    tell({ at, path, ...verdict, message: `${message}.` });
  }
}

/** The annotation needs no IngressClass, so nothing else asks whether there is somebody who serves what it names. */
function tellClass(at: FactsOf<'Ingress'>, set: ObjectSet, tell: Tell): void {
  const { metadata, spec } = at.resource;
  const name = metadata.annotations?.[CLASS_ANNOTATION];
  if (
    spec.ingressClassName !== undefined ||
    name === undefined ||
    set.byId(keyString({ kind: 'IngressClass', namespace: '', name }))
  )
    return;
  if (UNDECLARED_CLASSES.has(name) || set.surroundings.exists('IngressClass', '', name) !== undefined) return;
  const path = ['metadata', 'annotations', CLASS_ANNOTATION];
  const message = `IngressClass "${name}" is not declared: until it is, nobody serves the Ingress.`;
  tell({ at, path, severity: 'note', reason: 'NotFound', message });
}
