// What is wrong with a pod, for tables of rules: fields that Holdfast does not have yet are typed and judged like all others.
import { formatProblem } from '../../../src/manifests/problem.ts';
import { loadText } from '../../support/manifest-text.ts';

/** The faults of a Pod with this specification, as `field: message`, without its first step and without refusals. */
export function podFaults(spec: string): string[] {
  return faultsOf(`apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n${spec}`);
}

/** The same for a pod of one container, with fields of that container; told from the container on. */
export function containerFaults(fields: string, ofPod = ''): string[] {
  return podFaults(`  containers:\n    - name: c\n      image: i:1\n${fields}${ofPod}`).map((line) =>
    line.replace('containers[0].', ''),
  );
}

/** The same for a whole document. */
export function faultsOf(text: string): string[] {
  return loadText(text)
    .problems.filter(({ severity, reason }) => severity === 'error' && reason !== 'UnsupportedField')
    .map((problem) => formatProblem({ ...problem, file: '' }).replace(/^spec\./, ''));
}

/** What a Pod with this specification is refused for, as `field: message`. */
export function podRefusals(spec: string): string[] {
  return loadText(`apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n${spec}`)
    .problems.filter(({ reason }) => reason === 'UnsupportedField')
    .map((problem) => formatProblem({ ...problem, file: '' }).replace(/^spec\./, ''));
}
