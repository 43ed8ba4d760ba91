// Generated from schemas/ by `npm run generate`. Do not edit.
/** What a kind is called. */
interface KindNaming {
  readonly apiVersion: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
  /** Whether manifests may hold it today. */
  readonly isSupported: boolean;
}

/** Every kind that has a schema. */
export const kindNaming = {
  Application: {"apiVersion":"holdfast.dev/v1","plural":"applications","shortNames":["app","apps"],"isNamespaced":false,"isSupported":true},
  ApplicationRevision: {"apiVersion":"holdfast.dev/v1","plural":"applicationrevisions","shortNames":["revision","revisions"],"isNamespaced":false,"isSupported":true},
  ConfigMap: {"apiVersion":"v1","plural":"configmaps","shortNames":["cm"],"isNamespaced":true,"isSupported":true},
  Deployment: {"apiVersion":"apps/v1","plural":"deployments","shortNames":["deploy"],"isNamespaced":true,"isSupported":true},
  Event: {"apiVersion":"v1","plural":"events","shortNames":["ev"],"isNamespaced":true,"isSupported":true},
  Namespace: {"apiVersion":"v1","plural":"namespaces","shortNames":["ns"],"isNamespaced":false,"isSupported":true},
  Node: {"apiVersion":"v1","plural":"nodes","shortNames":["no"],"isNamespaced":false,"isSupported":true},
  PersistentVolumeClaim: {"apiVersion":"v1","plural":"persistentvolumeclaims","shortNames":["pvc"],"isNamespaced":true,"isSupported":true},
  Pod: {"apiVersion":"v1","plural":"pods","shortNames":["po"],"isNamespaced":true,"isSupported":true},
  ReplicaSet: {"apiVersion":"apps/v1","plural":"replicasets","shortNames":["rs"],"isNamespaced":true,"isSupported":true},
  Secret: {"apiVersion":"v1","plural":"secrets","shortNames":[],"isNamespaced":true,"isSupported":true},
} as const satisfies Readonly<Record<string, KindNaming>>;
