// The main job on real input, step by step: a small shop is deployed from Git, changed, broken, taken back, reverted, healed, cleaned up.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './setup.mjs';

ensurePackages();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { withEngine } = await import('./engine.mjs');
const { ensureTestImages } = await import('./images.mjs');
const { ensureNetworkImage } = await import('./network-image.mjs');
const { DemoHost } = await import('./demo-host.mjs');

process.exitCode = await withEngine(async (dockerHost, signal) => {
  await ensureTestImages(dockerHost);
  await ensureNetworkImage(dockerHost);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-'));
  const host = new DemoHost(folder, dockerHost, signal);
  try {
    await play(host);
    return 0;
  } catch (error) {
    console.log(`\nThe demo failed: ${error.message}`);
    return 1;
  } finally {
    await host.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function play(host) {
  const { title, say } = host;
  const startedAt = Date.now();

  title('A team writes down its shop in Kubernetes YAML, in Git');
  host.createRepository();
  host.show('git', 'log', '--oneline', '--stat', '--format=%h %s');
  host.holdfast('validate', 'shop');

  title('What would that change on this Docker host?');
  host.holdfast('diff', ...host.source);

  title('Holdfast makes it so, and keeps watching the repository');
  await host.startController();
  await host.untilLive();
  host.holdfast('get', 'pods,statefulsets,jobs,cronjobs', '-n', 'shop');
  say('What the Job that counts the stock has found, and the page:');
  host.holdfast('logs', 'job/stock-1', '-n', 'shop');
  host.showPage();

  title('Services: one address and one name for all pods of an application, and one door from outside');
  host.holdfast('get', 'services,ingresses', '-n', 'shop');
  say('The web pods ask the other application for its prices, by name:');
  await host.showFromOutside('/cgi-bin/price');
  host.holdfast('net', 'check');

  title('A change is a commit: a new greeting, and three web pods instead of two');
  host.edit('shop/web.yaml', (text) =>
    text.replace('Welcome to the shop', 'Everything must go').replace('replicas: 2', 'replicas: 3'),
  );
  host.commit(['Sale']);
  await host.untilLive();
  host.holdfast('get', 'pods', '-n', 'shop');
  await host.untilPageSays('Everything must go');
  host.showPage();

  title('A new edition of the order book, which is a StatefulSet: it finds the data of the old one');
  host.edit('shop/orders.yaml', (text) => text.replace('value: first', 'value: second'));
  host.commit(['Second edition']);
  await host.untilLive();
  host.holdfast('exec', 'orders-0', '-n', 'shop', '--', 'cat', '/data/book');

  title('A bad commit: the new worker cannot start, and the page is changed with it');
  host.edit('shop/worker.yaml', (text) => text.replace('date > /scratch/alive', 'echo "no such flag: --fast" >&2; exit 1'));
  host.edit('shop/web.yaml', (text) => text.replace('Everything must go', 'Faster orders'));
  host.commit(['Faster worker']);
  say('It does not become healthy, so the whole commit is taken back. Nothing that ran stops meanwhile.');
  await host.untilRolledBack();
  host.holdfast('history');
  await host.untilPageSays('Everything must go');
  say('The page is the one of the last good commit again, and the bad commit is not tried again:');
  host.holdfast('why', 'application/shop');

  title('The team reverts the bad commit');
  host.show('git', 'revert', '--no-edit', 'HEAD');
  await host.untilLive();

  title("Somebody kills a container behind Git's back");
  const killed = await host.killOneWebContainer();
  await host.untilHealed(killed);
  host.holdfast('why', `pod/${killed.pod}`, '-n', 'shop');

  title('Once more over the same commit, as a CI job would do it: there is nothing to do');
  await host.stopController();
  host.holdfast('reconcile', '--once', ...host.source, ...host.node);

  title('Cleaning up: a commit that removes nearly everything is refused, unless it says that it means it');
  host.removeManifests();
  host.commit(['Close the shop'], { details: false });
  host.holdfast('reconcile', '--once', ...host.source, ...host.node);
  host.show('git', 'commit', '-q', '--amend', '-m', 'Close the shop', '-m', 'Holdfast-Allow-Prune: true');
  host.holdfast('reconcile', '--once', ...host.source, ...host.node);
  await host.showWhatIsLeft();

  say(`\nThat was the demo: ${Math.round((Date.now() - startedAt) / 1000)} seconds.`);
}
