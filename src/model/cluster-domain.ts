// The domain below which everything in a cluster has its name, as nearly every cluster has it (Kubernetes, "DNS for Services and Pods").
export const CLUSTER_DOMAIN = 'cluster.local';
