// Ingresses of extensions/v1beta1 and networking.k8s.io/v1beta1, and EndpointSlices of discovery.k8s.io/v1beta1 → their current versions.
import { ZONE_LABEL } from '../../model/node.ts';
import type { Path } from '../place.ts';
import { isPlainObject } from '../schema/admit.ts';
import { type Converter, type Draft, given, isBlank, openItems, openObject, type Plain, take } from './draft.ts';

/** Backends name their Service and its port apart, and paths without a type match as the controller likes. */
export const ingressOfBeta1: Converter = ({ value, moves }) => {
  const spec = openObject(value, 'spec');
  if (spec === undefined) return;
  if (Object.hasOwn(spec, 'backend') && !Object.hasOwn(spec, 'defaultBackend')) {
    const backend = take(spec, 'backend');
    if (backend !== undefined) spec['defaultBackend'] = backend;
    moves.push([
      ['spec', 'defaultBackend'],
      ['spec', 'backend'],
    ]);
    convertBackend(openObject(spec, 'defaultBackend'), ['spec', 'defaultBackend'], ['spec', 'backend'], moves);
  }
  for (const [rule, ruleIndex] of openItems(spec, 'rules'))
    for (const [entry, index] of openItems(openObject(rule, 'http'), 'paths')) {
      const path = ['spec', 'rules', ruleIndex, 'http', 'paths', index, 'backend'];
      if (isBlank(entry['pathType'])) entry['pathType'] = 'ImplementationSpecific';
      convertBackend(openObject(entry, 'backend'), path, path, moves);
    }
};

function convertBackend(backend: Plain | undefined, path: Path, old: Path, moves: Draft['moves']): void {
  // A field of the current version is unknown to the old one: the fields of the old one then stay and are told.
  if (backend === undefined || Object.hasOwn(backend, 'service')) return;
  const name = take(backend, 'serviceName');
  const servicePort = take(backend, 'servicePort');
  const port = servicePort === undefined ? undefined : { [typeof servicePort === 'string' ? 'name' : 'number']: servicePort };
  if (name === undefined && port === undefined) return;
  backend['service'] = given({ name, port });
  const service = [...path, 'service'];
  const portPlace = [...old, 'servicePort'];
  moves.push(
    [service, old],
    [
      [...service, 'name'],
      [...old, 'serviceName'],
    ],
    [[...service, 'port'], portPlace],
    [[...service, 'port', 'name'], portPlace],
    [[...service, 'port', 'number'], portPlace],
  );
}

const HOSTNAME = 'kubernetes.io/hostname';

/** Where an endpoint is was told in labels of its node. */
export const endpointSliceOfBeta1: Converter = ({ value, moves }) => {
  for (const [endpoint, index] of openItems(value, 'endpoints')) {
    const topology = endpoint['topology'];
    if (!isPlainObject(topology)) continue;
    delete endpoint['topology'];
    const { [HOSTNAME]: hostname, [ZONE_LABEL]: zone, ...others } = topology;
    const path = ['endpoints', index];
    if (hostname !== undefined && isBlank(endpoint['nodeName'])) endpoint['nodeName'] = hostname;
    if (zone !== undefined && isBlank(endpoint['zone'])) endpoint['zone'] = zone;
    if (Object.keys(others).length > 0) endpoint['deprecatedTopology'] = others;
    moves.push(
      [
        [...path, 'nodeName'],
        [...path, 'topology', HOSTNAME],
      ],
      [
        [...path, 'zone'],
        [...path, 'topology', ZONE_LABEL],
      ],
      [
        [...path, 'deprecatedTopology'],
        [...path, 'topology'],
      ],
    );
  }
};
