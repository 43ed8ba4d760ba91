// Why pods that an owner lacks are not there, where its own status does not say so: Kubernetes has no condition for it on Jobs, StatefulSets and
// DaemonSets. What counts is whether one would be let in now, not what was told when it was tried. Pure.
import type { PodTemplateSpec, StoredOf } from '../../model/resource.ts';
import { Admitter } from '../../runtime/admission.ts';
import type { StoreReader } from '../../store/store.ts';
import { joined } from './verdict.ts';

type Owner = StoredOf<'Job'> | StoredOf<'StatefulSet'> | StoredOf<'DaemonSet'>;

/** `FailedCreate: pods "web-" is forbidden: exceeded quota: …`; undefined when a pod of this owner would be let into its namespace. */
export function refusedPod({ metadata, spec }: Owner, reader: StoreReader): string | undefined {
  const template: PodTemplateSpec = spec.template;
  const { name, namespace = 'default' } = metadata;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `${name}-`, namespace } } as const;
  const admission = new Admitter(reader).admit({ ...pod, spec: template.spec });
  return admission.ok ? undefined : joined('FailedCreate', admission.message);
}
