// The tables of `holdfast get`, as kubectl prints them. The columns of each kind are in tables/.
import type { Kind, Stored, StoredOf } from '../model/resource.ts';
import { clusterTables } from './tables/cluster.ts';
import { ageColumn, type Column, name, type Tables } from './tables/columns.ts';
import { ingressTables } from './tables/ingress.ts';
import { jobTables } from './tables/jobs.ts';
import { networkTables } from './tables/network.ts';
import { policyTables } from './tables/policy.ts';
import { storageTables } from './tables/storage.ts';
import { workloadTables } from './tables/workloads.ts';

/** Kinds that have more to show than a name and an age. */
const tables: Tables = {
  ...clusterTables,
  ...ingressTables,
  ...jobTables,
  ...networkTables,
  ...policyTables,
  ...storageTables,
  ...workloadTables,
};

/** Heading and rows for objects of one kind. */
export function tableOf<K extends Kind>(
  kind: K,
  objects: readonly StoredOf<K>[],
  options: { readonly isWide: boolean; readonly withNamespace: boolean; readonly prefix: string; readonly nowMs: number },
): { readonly header: string[]; readonly rows: string[][] } {
  const all: readonly Column<StoredOf<K>>[] = tables[kind] ?? [name, ageColumn];
  const shown = all.filter((column) => options.isWide || column.isWide !== true);
  const rows = objects.map((object: Stored & StoredOf<K>) => {
    const cells = shown.map(
      (column) => (column.heading === 'NAME' ? options.prefix : '') + column.cell(object, options.nowMs, options.isWide),
    );
    return options.withNamespace ? [object.metadata.namespace ?? 'default', ...cells] : cells;
  });
  return { header: [...(options.withNamespace ? ['NAMESPACE'] : []), ...shown.map((column) => column.heading)], rows };
}
