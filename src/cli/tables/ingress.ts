// The columns of Ingresses and their classes, as kubectl prints them.
import { CLASS_ANNOTATION } from '../../model/ingress/class.ts';
import type { Ingress } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { ageColumn, name, none, orNone, type Tables } from './columns.ts';
import { balancerText, firstFew } from './shortened.ts';

export const ingressTables: Tables = {
  Ingress: [
    name,
    { heading: 'CLASS', cell: ({ spec, metadata }) => orNone(spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION]) },
    { heading: 'HOSTS', cell: hosts },
    { heading: 'ADDRESS', cell: ({ status }, _nowMs, isWide) => printable(balancerText(status, isWide)) },
    { heading: 'PORTS', cell: ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80') },
    ageColumn,
  ],
  IngressClass: [
    name,
    { heading: 'CONTROLLER', cell: ({ spec }) => printable(spec?.controller ?? '') },
    { heading: 'PARAMETERS', cell: () => none },
    ageColumn,
  ],
};

function hosts({ spec }: Ingress): string {
  const all = (spec.rules ?? []).flatMap(({ host = '' }) => (host === '' ? [] : [host]));
  return all.length === 0 ? '*' : firstFew(all);
}
