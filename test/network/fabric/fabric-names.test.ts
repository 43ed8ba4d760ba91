import { expect, test } from 'vitest';
import { tunnelDevice, tunnelMac, tunnelNumber } from '../../../src/network/fabric/fabric-names.ts';

test('names in the kernel fit, and are the same on every node', () => {
  const device = tunnelDevice('a-cluster-with-a-long-name');
  expect(device.length).toBeLessThanOrEqual(15);
  expect(device).toBe(tunnelDevice('a-cluster-with-a-long-name'));
  expect(tunnelNumber('shop')).toBeGreaterThanOrEqual(0x80_0000);
  expect(tunnelNumber('shop')).toBeLessThan(2 ** 24);
  expect(tunnelMac('shop', '10.244.1.0/24')).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(tunnelMac('shop', '10.244.1.0/24')).not.toBe(tunnelMac('shop', '10.244.2.0/24'));
});
