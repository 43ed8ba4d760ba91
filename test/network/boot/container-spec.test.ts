// What the container of a node is made of.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { networkContainerSpec } from '../../../src/network/boot/container-spec.ts';
import { TAKE_AWAY_SCRIPT } from '../../../src/network/boot/take-away.ts';

const node = { cluster: 'shop' };
/** What the scripts are run by. */
const shell = 'busybox';

describe('networkContainerSpec', () => {
  test('init, and the scripts of rules and fabric', () => {
    const spec = networkContainerSpec(node, 'image:1');
    expect({ ...spec, files: spec.files.map(({ path, mode }) => `${mode.toString(8)} ${path}`) }).toEqual({
      image: 'image:1',
      command: ['/holdfast/init'],
      files: [
        '644 /holdfast/prelude',
        '755 /holdfast/init',
        '755 /holdfast/apply',
        '644 /holdfast/questions',
        '755 /holdfast/boot.d/10-fabric.sh',
        '755 /holdfast/check.d/10-fabric.sh',
        '755 /holdfast/uninstall.d/10-fabric.sh',
        '755 /holdfast/boot.d/20-rules.sh',
        '755 /holdfast/check.d/20-rules.sh',
        '755 /holdfast/uninstall.d/20-rules.sh',
      ],
    });
  });

  test('parts come to it', () => {
    const { files } = networkContainerSpec(node, 'image:1', [
      {
        name: 'dns',
        order: 30,
        service: 'exec named',
        questions: ['address show dev lo'],
        files: [{ path: '/etc/bind/named.conf', mode: 0o644, content: 'x' }],
      },
    ]);
    const contents = Object.fromEntries(files.map(({ path, content }) => [path, content]));
    expect(contents).toMatchObject({ '/holdfast/services/dns': 'exec named', '/etc/bind/named.conf': 'x' });
    expect(contents['/holdfast/boot.d/10-fabric.sh']).toContain('/state/fabric.sh');
    // One program answers for all of them.
    expect(contents['/holdfast/questions']).toBe('route show proto 151\naddress show dev lo\n');
  });

  test('names the tables of its cluster and no others', () => {
    const text = networkContainerSpec(node, 'image:1')
      .files.map(({ content }) => content)
      .join('');
    const named = [...text.matchAll(/table (?:ip|bridge|inet) ([\w-]+)/g)].map(([, table]) => table);
    expect(new Set(named)).toEqual(new Set(['hf-shop']));
    expect(text).not.toMatch(/flush/);
  });

  test('every script is one that the shell can read', () => {
    const scripts = networkContainerSpec(node, 'image:1').files.map(({ content }) => content);
    for (const input of [...scripts, TAKE_AWAY_SCRIPT]) {
      const { status, stderr } = spawnSync(shell, ['sh', '-n'], { input, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });
});
