// Rules for the ConfigMap that declares pools of addresses: neither its ranges nor the annotation that says whether nodes answer for them must be misread.
import { ANNOUNCE_ANNOTATION, POOLS_CONFIG_MAP, readPool } from '../../model/address-pools.ts';
import type { ConfigMap } from '../../model/resource.ts';
import { invalid, type Report, unsupported } from '../report.ts';
import { nearest } from '../suggest.ts';

/** How other annotations begin that would be taken for it. */
const ALIKE = 'holdfast.dev/ann';
const VALUES = ['enabled', 'disabled'] as const;

/** Pools are ranges; their annotation has one of its two values, and none is nearly but not quite it. Other ConfigMaps are not concerned. */
export function checkAddressPools({ metadata, data = {} }: ConfigMap, report: Report): void {
  const { name, namespace = POOLS_CONFIG_MAP.namespace, annotations = {} } = metadata;
  if (name !== POOLS_CONFIG_MAP.name || namespace !== POOLS_CONFIG_MAP.namespace) return;
  for (const [key, text] of Object.entries(data))
    for (const problem of readPool(key, text).problems) report(['data', key], 'Invalid', invalid(text, problem));
  for (const [key, value] of Object.entries(annotations)) {
    const path = ['metadata', 'annotations', key];
    if (key === ANNOUNCE_ANNOTATION) {
      if (!VALUES.some((each) => each === value)) report(path, 'Invalid', unsupported(value, VALUES));
    } else if (key.startsWith(ALIKE) || nearest(key, [ANNOUNCE_ANNOTATION]) !== undefined)
      report(path, 'Invalid', invalid(key, `there is no such annotation. Did you mean "${ANNOUNCE_ANNOTATION}"?`));
  }
}
