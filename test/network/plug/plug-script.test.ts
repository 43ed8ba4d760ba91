// The script that plugs a sandbox in, word by word. What it does is shown by test/contract/sandbox-plug.test.ts on an engine.
import { expect, test } from 'vitest';
import { linkName, linkPrefix, podMac } from '../../../src/network/plug/plug-names.ts';
import { attachScript, plugScript } from '../../../src/network/plug/plug-script.ts';

const NETWORK = { bridge: 'hf0123456789', gateway: '10.244.3.1', podRange: '10.244.3.0/24' };

test('a pod has the hardware address that Docker would give it, and a cable that no other address has', () => {
  expect(podMac('10.244.3.7')).toBe('02:42:0a:f4:03:07');
  expect(podMac('192.168.255.1')).toBe('02:42:c0:a8:ff:01');
  expect(linkName(NETWORK.bridge, '10.244.3.7')).toBe(`${linkPrefix(NETWORK.bridge)}0af40307`);
  expect(linkName(NETWORK.bridge, '10.244.3.7')).toHaveLength(15);
  expect(linkPrefix('hf9876543210')).not.toBe(linkPrefix(NETWORK.bridge));
});

test('the script names what it is for, and carries files as they are', () => {
  const script = plugScript(NETWORK, {
    containerId: 'c0ffee',
    pid: 4711,
    address: '10.244.3.7',
    directory: '/termination',
    files: { hosts: "127.0.0.1\tlocalhost\n10.244.3.7\tit's\n" },
  });
  expect(script.split('\n').slice(0, 2)).toEqual([
    `id=c0ffee pid=4711 bridge=hf0123456789 gateway=10.244.3.1 link=${linkPrefix(NETWORK.bridge)}0af40307`,
    'address=10.244.3.7 prefix=24 mac=02:42:0a:f4:03:07',
  ]);
  expect(script).toContain(
    "printf %s '127.0.0.1\tlocalhost\n10.244.3.7\tit'\\''s\n' >\"/proc/$pid/root/termination/hosts\" || fault",
  );
  const order = ['exec 8<', '/proc/$pid/cgroup', 'printf %s', 'ip link del', 'link add name', 'inside -batch'];
  const places = order.map((each) => script.indexOf(each));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThan(0);
});

test('pods of other bridges are not put on this one', () => {
  expect(attachScript(NETWORK)).toContain(`for each in /sys/class/net/${linkPrefix(NETWORK.bridge)}*; do`);
});
