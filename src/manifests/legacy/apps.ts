// Workloads of extensions/v1beta1, apps/v1beta1 and apps/v1beta2 → apps/v1, with the defaults that those versions had.
import { isPlainObject } from '../schema/admit.ts';
import { type Converter, type Draft, isBlank, openObject, type Plain } from './draft.ts';

/** How Kubernetes writes that there is no limit. */
const UNLIMITED = 2147483647;

/** A selector and labels that are absent are the labels of the template. */
const takeLabels: Converter = ({ value, moves, remarks }) => {
  const spec = openObject(value, 'spec');
  const template = spec?.['template'];
  const meta = isPlainObject(template) ? template['metadata'] : undefined;
  const labels = isPlainObject(meta) ? meta['labels'] : undefined;
  if (spec === undefined || !isPlainObject(labels) || Object.keys(labels).length === 0) return;
  const place = ['spec', 'template', 'metadata', 'labels'];
  if (isBlank(spec['selector'])) {
    spec['selector'] = { matchLabels: { ...labels } };
    moves.push([['spec', 'selector'], place], [['spec', 'selector', 'matchLabels'], place]);
    remarks.push('Its selector is the labels of the template, the default of that version.');
  }
  const metadata = openObject(value, 'metadata');
  const own = metadata?.['labels'];
  if (metadata === undefined || (isPlainObject(own) ? Object.keys(own).length > 0 : own !== undefined && own !== null)) return;
  metadata['labels'] = { ...labels };
  moves.push([['metadata', 'labels'], place]);
};

/** A wish to go back to an earlier revision is not a state. */
const refuseRollback: Converter = ({ value, refusals }) => {
  const spec = openObject(value, 'spec');
  if (spec === undefined || !Object.hasOwn(spec, 'rollbackTo')) return;
  if (!isBlank(spec['rollbackTo']))
    refusals.push({
      path: ['spec', 'rollbackTo'],
      message: 'rollbackTo is not supported: what a Deployment goes back to is in Git; write the earlier template',
    });
  delete spec['rollbackTo'];
};

const dropTemplateGeneration: Converter = ({ value, remarks }) => {
  const spec = openObject(value, 'spec');
  if (spec === undefined || !Object.hasOwn(spec, 'templateGeneration')) return;
  delete spec['templateGeneration'];
  remarks.push('Its templateGeneration is not used.');
};

/** Fields of the spec that differ in their defaults from the current version. */
const defaults =
  (fields: Readonly<Plain>): Converter =>
  ({ value }) => {
    const spec = openObject(value, 'spec');
    if (spec === undefined) return;
    for (const [key, entry] of Object.entries(fields)) if (isBlank(spec[key])) spec[key] = entry;
  };

/** The type of updateStrategy when none is given. */
const updateOnDelete: Converter = ({ value, remarks }) => {
  const spec = openObject(value, 'spec');
  if (spec === undefined) return;
  const strategy = openObject(spec, 'updateStrategy') ?? (isBlank(spec['updateStrategy']) ? {} : undefined);
  if (strategy === undefined || !isBlank(strategy['type'])) return;
  spec['updateStrategy'] = { ...strategy, type: 'OnDelete' };
  remarks.push('Its updateStrategy is OnDelete, the default of that version.');
};

/** One pod at a time, where nothing else is said. */
const rollOneByOne: Converter = ({ value, remarks }) => {
  const spec = openObject(value, 'spec');
  if (spec === undefined) return;
  const strategy = openObject(spec, 'strategy') ?? (isBlank(spec['strategy']) ? {} : undefined);
  if (strategy === undefined || !(isBlank(strategy['type']) || strategy['type'] === 'RollingUpdate')) return;
  const rolling = openObject(strategy, 'rollingUpdate') ?? (isBlank(strategy['rollingUpdate']) ? {} : undefined);
  if (rolling === undefined) return;
  const isOpen = isBlank(rolling['maxUnavailable']) || isBlank(rolling['maxSurge']);
  if (isBlank(rolling['maxUnavailable'])) rolling['maxUnavailable'] = 1;
  if (isBlank(rolling['maxSurge'])) rolling['maxSurge'] = 1;
  spec['strategy'] = { ...strategy, rollingUpdate: rolling };
  if (isOpen) remarks.push('maxUnavailable and maxSurge are 1 where they are absent, the default of that version.');
};

const all =
  (...converters: readonly Converter[]): Converter =>
  (draft: Draft) => {
    for (const convert of converters) convert(draft);
  };

/** Deployment of extensions/v1beta1: no deadline, and every old ReplicaSet is kept. */
export const deploymentOfExtensions: Converter = all(
  takeLabels,
  refuseRollback,
  rollOneByOne,
  defaults({ progressDeadlineSeconds: UNLIMITED, revisionHistoryLimit: UNLIMITED }),
);
/** Deployment of apps/v1beta1: two old ReplicaSets are kept. */
export const deploymentOfBeta1: Converter = all(takeLabels, refuseRollback, defaults({ revisionHistoryLimit: 2 }));
/** ReplicaSet of extensions/v1beta1. */
export const replicaSetOfExtensions: Converter = takeLabels;
/** StatefulSet of apps/v1beta1. */
export const statefulSetOfBeta1: Converter = all(takeLabels, updateOnDelete);
/** DaemonSet of extensions/v1beta1. */
export const daemonSetOfExtensions: Converter = all(takeLabels, dropTemplateGeneration, updateOnDelete);
