// Generated from schemas/ by `npm run generate`. Do not edit.
/** What a kind is called. */
interface KindNaming {
  readonly apiVersion: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
}

/** Every kind that has a schema. */
export const kindNaming = {
  Application: {"apiVersion":"holdfast.dev/v1","plural":"applications","shortNames":[],"isNamespaced":false},
  ApplicationRevision: {"apiVersion":"holdfast.dev/v1","plural":"applicationrevisions","shortNames":[],"isNamespaced":false},
  ConfigMap: {"apiVersion":"v1","plural":"configmaps","shortNames":[],"isNamespaced":true},
  Deployment: {"apiVersion":"apps/v1","plural":"deployments","shortNames":[],"isNamespaced":true},
  Event: {"apiVersion":"v1","plural":"events","shortNames":[],"isNamespaced":true},
  Namespace: {"apiVersion":"v1","plural":"namespaces","shortNames":[],"isNamespaced":false},
  Node: {"apiVersion":"v1","plural":"nodes","shortNames":[],"isNamespaced":false},
  PersistentVolumeClaim: {"apiVersion":"v1","plural":"persistentvolumeclaims","shortNames":[],"isNamespaced":true},
  Pod: {"apiVersion":"v1","plural":"pods","shortNames":[],"isNamespaced":true},
  ReplicaSet: {"apiVersion":"apps/v1","plural":"replicasets","shortNames":[],"isNamespaced":true},
  Secret: {"apiVersion":"v1","plural":"secrets","shortNames":[],"isNamespaced":true},
} as const satisfies Readonly<Record<string, KindNaming>>;
