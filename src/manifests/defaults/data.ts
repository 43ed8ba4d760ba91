// The defaults of ConfigMaps and Secrets (Kubernetes, SetDefaults_Secret, and what the API server makes of `stringData`).
import type { ConfigMap, Secret } from '../../model/resource.ts';

type Data = Record<string, string>;

/** Base64 in one line. */
export function defaultConfigMap(map: ConfigMap): void {
  if (map.binaryData !== undefined) map.binaryData = withoutLineBreaks(map.binaryData);
}

/** The type. `stringData` wins over `data` and is not kept. */
export function defaultSecret(secret: Secret): void {
  secret.type ??= 'Opaque';
  const { stringData, data } = secret;
  delete secret.stringData;
  const encoded = Object.entries(stringData ?? {}).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]);
  if (data === undefined && encoded.length === 0) return;
  secret.data = { ...withoutLineBreaks(data), ...(Object.fromEntries(encoded) as Data) };
}

/** Base64 in one line, as an API server gives it back. */
function withoutLineBreaks(data: Readonly<Data> | undefined): Data {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, text]) => [key, text.replace(/[\r\n]/g, '')]));
}
