// HorizontalPodAutoscalers of autoscaling/v1 and v2beta1 → autoscaling/v2. (v2beta2 has the shape of v2.)
import type { Path } from '../place.ts';
import { type Converter, type Draft, given, openItems, openObject, type Plain, take } from './draft.ts';

const ANNOTATION = 'autoscaling.alpha.kubernetes.io/';
const told = ['metrics', 'behavior'];
const observed = ['conditions', 'current-metrics'];

/** v1 knows the processors alone; everything else was kept in annotations. */
export const autoscalerOfV1: Converter = (draft) => {
  const { value, moves } = draft;
  dropAnnotations(draft);
  const spec = openObject(value, 'spec');
  if (spec === undefined) return;
  const utilization = take(spec, 'targetCPUUtilizationPercentage');
  if (utilization === undefined) return;
  spec['metrics'] = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: utilization } } },
  ];
  const old = ['spec', 'targetCPUUtilizationPercentage'];
  moves.push([['spec', 'metrics'], old], [['spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'], old]);
};

function dropAnnotations({ value, refusals }: Draft): void {
  const annotations = openObject(openObject(value, 'metadata'), 'annotations');
  if (annotations === undefined) return;
  for (const name of told.filter((part) => Object.hasOwn(annotations, ANNOTATION + part)))
    refusals.push({
      path: ['metadata', 'annotations', ANNOTATION + name],
      message: `${name} in an annotation is not supported; write autoscaling/v2 with spec.${name}`,
    });
  for (const name of [...told, ...observed]) delete annotations[ANNOTATION + name];
}

/** v2beta1 has targets without a type, and names of metrics without a selector of their own. */
export const autoscalerOfV2beta1: Converter = ({ value, moves }) => {
  const spec = openObject(value, 'spec');
  for (const [metric, index] of openItems(spec, 'metrics')) {
    const path = ['spec', 'metrics', index];
    const move = (to: Path, from: Path): void => {
      moves.push([
        [...path, ...to],
        [...path, ...from],
      ]);
    };
    for (const source of ['resource', 'containerResource'] as const) {
      const resource = openObject(metric, source);
      if (resource !== undefined) convertResource(resource, source, move);
    }
    const pods = openObject(metric, 'pods');
    if (pods !== undefined) convertPods(pods, move);
    const object = openObject(metric, 'object');
    if (object !== undefined) convertObject(object, move);
    const external = openObject(metric, 'external');
    if (external !== undefined) convertExternal(external, move);
  }
};

type Move = (to: Path, from: Path) => void;

function convertResource(resource: Plain, source: string, move: Move): void {
  const averageUtilization = take(resource, 'targetAverageUtilization');
  const averageValue = take(resource, 'targetAverageValue');
  const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization';
  resource['target'] = given({ type, averageUtilization, averageValue });
  move([source, 'target'], [source]);
  move([source, 'target', 'averageUtilization'], [source, 'targetAverageUtilization']);
  move([source, 'target', 'averageValue'], [source, 'targetAverageValue']);
}

function convertPods(pods: Plain, move: Move): void {
  pods['metric'] = identifierOf(pods, 'pods', 'selector', move);
  pods['target'] = given({ type: 'AverageValue', averageValue: take(pods, 'targetAverageValue') });
  move(['pods', 'target'], ['pods']);
  move(['pods', 'target', 'averageValue'], ['pods', 'targetAverageValue']);
}

function convertObject(object: Plain, move: Move): void {
  object['metric'] = identifierOf(object, 'object', 'selector', move);
  const describedObject = take(object, 'target');
  const value = take(object, 'targetValue');
  const averageValue = take(object, 'averageValue');
  if (describedObject !== undefined) object['describedObject'] = describedObject;
  object['target'] = given({ type: averageValue === undefined ? 'Value' : 'AverageValue', value, averageValue });
  move(['object', 'describedObject'], ['object', 'target']);
  move(['object', 'target'], ['object']);
  move(['object', 'target', 'value'], ['object', 'targetValue']);
  move(['object', 'target', 'averageValue'], ['object', 'averageValue']);
}

function convertExternal(external: Plain, move: Move): void {
  external['metric'] = identifierOf(external, 'external', 'metricSelector', move);
  const value = take(external, 'targetValue');
  const averageValue = take(external, 'targetAverageValue');
  external['target'] = given({ type: value === undefined ? 'AverageValue' : 'Value', value, averageValue });
  move(['external', 'target'], ['external']);
  move(['external', 'target', 'value'], ['external', 'targetValue']);
  move(['external', 'target', 'averageValue'], ['external', 'targetAverageValue']);
}

function identifierOf(owner: Plain, source: string, selectorKey: string, move: Move): Plain {
  move([source, 'metric'], [source]);
  move([source, 'metric', 'name'], [source, 'metricName']);
  move([source, 'metric', 'selector'], [source, selectorKey]);
  return given({ name: take(owner, 'metricName'), selector: take(owner, selectorKey) });
}
