// PodDisruptionBudgets of policy/v1beta1, role bindings of rbac.authorization.k8s.io/v1alpha1 and RuntimeClasses of node.k8s.io/v1alpha1
// → their current versions.
import { isPlainObject } from '../schema/admit.ts';
import { type Converter, isBlank, openItems, openObject, take } from './draft.ts';

/** A label that no pod has: Kubernetes writes it where an empty selector of the old version is to select nothing. */
const NO_POD = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';

/** An empty selector selected nothing; today it selects everything. */
export const budgetOfBeta1: Converter = ({ value, moves, remarks }) => {
  const spec = openObject(value, 'spec');
  const selector = spec?.['selector'];
  if (spec === undefined || !isPlainObject(selector)) return;
  const { matchLabels, matchExpressions } = selector;
  const isEmpty = (part: unknown): boolean =>
    part === undefined || part === null || (typeof part === 'object' && Object.keys(part).length === 0);
  if (!isEmpty(matchLabels) || !isEmpty(matchExpressions)) return;
  spec['selector'] = { ...selector, matchExpressions: [{ key: NO_POD, operator: 'Exists' }] };
  moves.push([
    ['spec', 'selector', 'matchExpressions'],
    ['spec', 'selector'],
  ]);
  remarks.push('Its empty selector selects no pod, as it did in that version.');
};

/** Subjects named the version of their kind where today they name its group. */
export const bindingOfAlpha1: Converter = ({ value, moves }) => {
  for (const [subject, index] of openItems(value, 'subjects')) {
    const apiVersion = take(subject, 'apiVersion');
    if (typeof apiVersion !== 'string' || !isBlank(subject['apiGroup'])) continue;
    subject['apiGroup'] = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    moves.push([
      ['subjects', index, 'apiGroup'],
      ['subjects', index, 'apiVersion'],
    ]);
  }
};

/** What is at the top today was below `spec`. */
export const runtimeClassOfAlpha1: Converter = ({ value, moves }) => {
  const spec = openObject(value, 'spec');
  if (spec === undefined) return;
  delete value['spec'];
  for (const [to, from] of Object.entries({ handler: 'runtimeHandler', overhead: 'overhead', scheduling: 'scheduling' })) {
    const entry = take(spec, from);
    if (entry !== undefined) value[to] = entry;
    moves.push([[to], ['spec', from]]);
  }
  if (Object.keys(spec).length > 0) value['spec'] = spec;
};
