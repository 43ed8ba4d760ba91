// The columns of Ingresses and their classes, as kubectl prints them.
import { CLASS_ANNOTATION } from '../../model/ingress/class.ts';
import type { Ingress } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { ageColumn, name, none, orNone, type Tables } from './columns.ts';

/** Hosts that are shown. */
const SHOWN_HOSTS = 3;
/** Longer texts of addresses are cut, unless the table is wide. */
const MAX_ADDRESS_CHARACTERS = 16;

export const ingressTables: Tables = {
  Ingress: [
    name,
    { heading: 'CLASS', cell: ({ spec, metadata }) => orNone(spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION]) },
    { heading: 'HOSTS', cell: hosts },
    { heading: 'ADDRESS', cell: (ingress, _nowMs, isWide) => addresses(ingress, isWide) },
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
  if (all.length === 0) return '*';
  const shown = printable(all.slice(0, SHOWN_HOSTS).join(','));
  return all.length > SHOWN_HOSTS ? `${shown} + ${all.length - SHOWN_HOSTS} more...` : shown;
}

function addresses({ status }: Ingress, isWide: boolean): string {
  const text = (status?.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip)).join(',');
  const isCut = !isWide && text.length > MAX_ADDRESS_CHARACTERS;
  return printable(isCut ? `${text.slice(0, MAX_ADDRESS_CHARACTERS - 3)}...` : text);
}
