// What is wrong with an object, for tables of rules: kinds and fields that are refused are judged like all others.
import { formatProblem } from '../../src/manifests/problem.ts';
import { loadText } from './manifest-text.ts';

/** The faults of the objects of a text, as `field: message`, without refusals and notes. */
export function faultsOf(text: string): string[] {
  return loadText(text)
    .problems.filter(({ severity, reason }) => severity === 'error' && !reason.startsWith('Unsupported'))
    .map((problem) => formatProblem({ ...problem, file: '' }));
}

/** The same for one object of a kind; what follows its metadata is given. */
export function faultsOfKind(kind: string, apiVersion: string, rest: string, name = 'x'): string[] {
  return faultsOf(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${JSON.stringify(name)}}\n${rest}\n`);
}
