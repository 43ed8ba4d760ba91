// kustomize's built-in transformer configuration as a whole, which a layer without `configurations` has.
import { sortedConfig } from './config.ts';
import { commonAnnotations, commonLabels, names, namespaces, templateLabels, volumeClaimTemplateLabels } from './field-specs.ts';
import { nameReferences } from './reference-specs.ts';
import type { KustomizationFile, TransformerConfig } from './resource.ts';
import { imageFields, replicaFields, varReferenceFields } from './steps/field-specs.ts';

/** What is built in. */
export const defaultConfig: TransformerConfig = sortedConfig({
  namePrefix: names,
  nameSuffix: names,
  namespace: namespaces,
  commonLabels,
  labels: [],
  templateLabels,
  volumeClaimTemplateLabels,
  commonAnnotations,
  varReference: varReferenceFields,
  images: imageFields,
  replicas: replicaFields,
  nameReference: nameReferences,
});

/** The configuration by which the steps of a layer work. */
export function configOf({ config }: Pick<KustomizationFile, 'config'>): TransformerConfig {
  return config ?? defaultConfig;
}
