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
  APIService: {"apiVersion":"apiregistration.k8s.io/v1","plural":"apiservices","shortNames":[],"isNamespaced":false,"isSupported":false},
  Application: {"apiVersion":"holdfast.dev/v1","plural":"applications","shortNames":["app","apps"],"isNamespaced":false,"isSupported":true},
  ApplicationRevision: {"apiVersion":"holdfast.dev/v1","plural":"applicationrevisions","shortNames":["revision","revisions"],"isNamespaced":false,"isSupported":true},
  ClusterRole: {"apiVersion":"rbac.authorization.k8s.io/v1","plural":"clusterroles","shortNames":[],"isNamespaced":false,"isSupported":true},
  ClusterRoleBinding: {"apiVersion":"rbac.authorization.k8s.io/v1","plural":"clusterrolebindings","shortNames":[],"isNamespaced":false,"isSupported":true},
  ConfigMap: {"apiVersion":"v1","plural":"configmaps","shortNames":["cm"],"isNamespaced":true,"isSupported":true},
  ControllerRevision: {"apiVersion":"apps/v1","plural":"controllerrevisions","shortNames":[],"isNamespaced":true,"isSupported":true},
  CronJob: {"apiVersion":"batch/v1","plural":"cronjobs","shortNames":["cj"],"isNamespaced":true,"isSupported":true},
  CSIDriver: {"apiVersion":"storage.k8s.io/v1","plural":"csidrivers","shortNames":[],"isNamespaced":false,"isSupported":true},
  CustomResourceDefinition: {"apiVersion":"apiextensions.k8s.io/v1","plural":"customresourcedefinitions","shortNames":["crd","crds"],"isNamespaced":false,"isSupported":false},
  DaemonSet: {"apiVersion":"apps/v1","plural":"daemonsets","shortNames":["ds"],"isNamespaced":true,"isSupported":true},
  DeletedObject: {"apiVersion":"holdfast.dev/v1","plural":"deletedobjects","shortNames":["deleted"],"isNamespaced":false,"isSupported":true},
  Deployment: {"apiVersion":"apps/v1","plural":"deployments","shortNames":["deploy"],"isNamespaced":true,"isSupported":true},
  DockerHost: {"apiVersion":"holdfast.dev/v1","plural":"dockerhosts","shortNames":[],"isNamespaced":false,"isSupported":false},
  Endpoints: {"apiVersion":"v1","plural":"endpoints","shortNames":["ep"],"isNamespaced":true,"isSupported":true},
  EndpointSlice: {"apiVersion":"discovery.k8s.io/v1","plural":"endpointslices","shortNames":[],"isNamespaced":true,"isSupported":true},
  Event: {"apiVersion":"v1","plural":"events","shortNames":["ev"],"isNamespaced":true,"isSupported":true},
  HorizontalPodAutoscaler: {"apiVersion":"autoscaling/v2","plural":"horizontalpodautoscalers","shortNames":["hpa"],"isNamespaced":true,"isSupported":false},
  Ingress: {"apiVersion":"networking.k8s.io/v1","plural":"ingresses","shortNames":["ing"],"isNamespaced":true,"isSupported":true},
  IngressClass: {"apiVersion":"networking.k8s.io/v1","plural":"ingressclasses","shortNames":[],"isNamespaced":false,"isSupported":true},
  IPAddress: {"apiVersion":"networking.k8s.io/v1","plural":"ipaddresses","shortNames":["ip"],"isNamespaced":false,"isSupported":true},
  Job: {"apiVersion":"batch/v1","plural":"jobs","shortNames":[],"isNamespaced":true,"isSupported":true},
  Lease: {"apiVersion":"coordination.k8s.io/v1","plural":"leases","shortNames":[],"isNamespaced":true,"isSupported":true},
  LimitRange: {"apiVersion":"v1","plural":"limitranges","shortNames":["limits"],"isNamespaced":true,"isSupported":true},
  MutatingWebhookConfiguration: {"apiVersion":"admissionregistration.k8s.io/v1","plural":"mutatingwebhookconfigurations","shortNames":[],"isNamespaced":false,"isSupported":false},
  Namespace: {"apiVersion":"v1","plural":"namespaces","shortNames":["ns"],"isNamespaced":false,"isSupported":true},
  NetworkPolicy: {"apiVersion":"networking.k8s.io/v1","plural":"networkpolicies","shortNames":["netpol"],"isNamespaced":true,"isSupported":true},
  Node: {"apiVersion":"v1","plural":"nodes","shortNames":["no"],"isNamespaced":false,"isSupported":true},
  PersistentVolume: {"apiVersion":"v1","plural":"persistentvolumes","shortNames":["pv"],"isNamespaced":false,"isSupported":true},
  PersistentVolumeClaim: {"apiVersion":"v1","plural":"persistentvolumeclaims","shortNames":["pvc"],"isNamespaced":true,"isSupported":true},
  Pod: {"apiVersion":"v1","plural":"pods","shortNames":["po"],"isNamespaced":true,"isSupported":true},
  PodDisruptionBudget: {"apiVersion":"policy/v1","plural":"poddisruptionbudgets","shortNames":["pdb"],"isNamespaced":true,"isSupported":true},
  PriorityClass: {"apiVersion":"scheduling.k8s.io/v1","plural":"priorityclasses","shortNames":["pc"],"isNamespaced":false,"isSupported":true},
  Receipt: {"apiVersion":"holdfast.dev/v1","plural":"receipts","shortNames":["receipts"],"isNamespaced":false,"isSupported":true},
  ReplicaSet: {"apiVersion":"apps/v1","plural":"replicasets","shortNames":["rs"],"isNamespaced":true,"isSupported":true},
  ReplicationController: {"apiVersion":"v1","plural":"replicationcontrollers","shortNames":["rc"],"isNamespaced":true,"isSupported":true},
  ResourceQuota: {"apiVersion":"v1","plural":"resourcequotas","shortNames":["quota"],"isNamespaced":true,"isSupported":true},
  Role: {"apiVersion":"rbac.authorization.k8s.io/v1","plural":"roles","shortNames":[],"isNamespaced":true,"isSupported":true},
  RoleBinding: {"apiVersion":"rbac.authorization.k8s.io/v1","plural":"rolebindings","shortNames":[],"isNamespaced":true,"isSupported":true},
  RuntimeClass: {"apiVersion":"node.k8s.io/v1","plural":"runtimeclasses","shortNames":[],"isNamespaced":false,"isSupported":true},
  Secret: {"apiVersion":"v1","plural":"secrets","shortNames":[],"isNamespaced":true,"isSupported":true},
  Service: {"apiVersion":"v1","plural":"services","shortNames":["svc"],"isNamespaced":true,"isSupported":true},
  ServiceAccount: {"apiVersion":"v1","plural":"serviceaccounts","shortNames":["sa"],"isNamespaced":true,"isSupported":true},
  ServiceCIDR: {"apiVersion":"networking.k8s.io/v1","plural":"servicecidrs","shortNames":[],"isNamespaced":false,"isSupported":true},
  StatefulSet: {"apiVersion":"apps/v1","plural":"statefulsets","shortNames":["sts"],"isNamespaced":true,"isSupported":true},
  StorageClass: {"apiVersion":"storage.k8s.io/v1","plural":"storageclasses","shortNames":["sc"],"isNamespaced":false,"isSupported":true},
  ValidatingWebhookConfiguration: {"apiVersion":"admissionregistration.k8s.io/v1","plural":"validatingwebhookconfigurations","shortNames":[],"isNamespaced":false,"isSupported":false},
  VolumeAttributesClass: {"apiVersion":"storage.k8s.io/v1","plural":"volumeattributesclasses","shortNames":["vac"],"isNamespaced":false,"isSupported":true},
} as const satisfies Readonly<Record<string, KindNaming>>;
