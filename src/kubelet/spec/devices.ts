// Devices that a container asks for as resources (Kubernetes, "Schedule GPUs"). Other extended resources are only counted. Pure.
import { parseQuantity } from '../../model/quantity.ts';
import type { Container } from '../../model/resource.ts';
import type { DeviceRequest } from '../engine/container-engine.ts';

/** Resources that a driver of Docker hands out. */
const DRIVERS: Readonly<Record<string, string>> = { 'nvidia.com/gpu': 'nvidia' };

/** The devices of a container. */
export function devicesOf({ resources }: Pick<Container, 'resources'>): readonly DeviceRequest[] {
  return Object.entries(resources?.limits ?? {}).flatMap(([name, amount]): readonly DeviceRequest[] => {
    const driver = DRIVERS[name];
    const count = driver === undefined ? 0 : (parseQuantity(String(amount)) ?? 0);
    return driver === undefined || count <= 0 ? [] : [{ type: 'driver', driver, count, capabilities: ['gpu'] }];
  });
}
