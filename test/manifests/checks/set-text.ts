// Sets of objects as short texts, and what is said about them as sets.
import { checkSet } from '../../../src/manifests/checks/check-set.ts';
import type { Surroundings } from '../../../src/manifests/checks/object-set.ts';
import type { Problem } from '../../../src/manifests/problem.ts';
import { loadText, told } from '../../support/manifest-text.ts';

const versions: Readonly<Record<string, string>> = {
  CronJob: 'batch/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  ClusterRole: 'rbac.authorization.k8s.io/v1',
  DaemonSet: 'apps/v1',
  Deployment: 'apps/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Ingress: 'networking.k8s.io/v1',
  IngressClass: 'networking.k8s.io/v1',
  Job: 'batch/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PodDisruptionBudget: 'policy/v1',
  PriorityClass: 'scheduling.k8s.io/v1',
  ReplicaSet: 'apps/v1',
  Role: 'rbac.authorization.k8s.io/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  RuntimeClass: 'node.k8s.io/v1',
  StatefulSet: 'apps/v1',
  StorageClass: 'storage.k8s.io/v1',
};

/** One object: its metadata on line 3, then the rest of it. `metadata` is flow YAML, such as `namespace: shop`. */
export function object(kind: string, name: string, rest = '', metadata = ''): string {
  const more = metadata === '' ? '' : `, ${metadata}`;
  return `apiVersion: ${versions[kind] ?? 'v1'}\nkind: ${kind}\nmetadata: {name: ${name}${more}}\n${rest}`;
}

/** A pod specification in one line. */
export function pod(container = '', spec = ''): string {
  const more = (text: string): string => (text === '' ? '' : `, ${text}`);
  return `{containers: [{name: main, image: "i:1"${more(container)}}]${more(spec)}}`;
}

/** A workload whose pods have the label `app` of its own name, selected by it. The template's specification is on line 7. */
export function workload(kind: string, name: string, spec = pod(), rest = '', labels = `app: ${name}`): string {
  const text = `spec:\n  selector: {matchLabels: {${labels}}}\n  template:\n    metadata: {labels: {${labels}}}\n    spec: ${spec}\n`;
  return object(kind, name, text.replace('  template', `${rest}  template`));
}

/** A Job or CronJob. */
export function job(kind: 'Job' | 'CronJob', name: string, spec = pod()): string {
  const template = `template: {metadata: {labels: {app: ${name}}}, spec: ${spec.replace(/\}$/, ', restartPolicy: Never}')}}`;
  return object(
    kind,
    name,
    kind === 'Job' ? `spec: {${template}}\n` : `spec: {schedule: "0 1 * * *", jobTemplate: {spec: {${template}}}}\n`,
  );
}

export function service(name: string, spec: string, metadata = ''): string {
  return object('Service', name, `spec: {${spec}}\n`, metadata);
}

/** Files as one set: each text is a file, `a.yaml`, `b.yaml` and so on. */
export function findProblems(texts: readonly string[], surroundings?: Partial<Surroundings>): Problem[] {
  const manifests = texts.flatMap((text, index) => {
    const { manifests: found, problems } = loadText(text, `${String.fromCodePoint(97 + index)}.yaml`);
    const faults = problems.filter(({ severity, reason }) => severity === 'error' && !reason.startsWith('Unsupported'));
    if (faults.length > 0) throw new Error(told({ problems: faults }).join('\n'));
    return found;
  });
  const nothing: Surroundings = { exists: () => undefined, hasPods: () => false, hasLimits: () => false };
  return checkSet(manifests, { ...nothing, ...surroundings });
}

/** What is said about a set. */
export function judge(texts: readonly string[], surroundings?: Partial<Surroundings>): string[] {
  return told({ problems: findProblems(texts, surroundings) });
}
