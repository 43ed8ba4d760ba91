import { test } from 'vitest';
import { DnsMachine } from '/work/main/test/network/dns-machine.ts';
test('x', async () => {
  const m = await DnsMachine.make();
  try {
    m.answers = async () => {};
    await m.boot(); await new Promise(r=>setTimeout(r,1500));
    console.log(await m.script('unlock; timeout 5 sh -x /holdfast/services/dns; ls -la /dev/shm/* /dev/stderr /proc/self/fd'));
  } finally { await m.remove(); }
}, 60000);
