// What --listen and the secret of webhooks may be.
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { type RawSignalOptions, signalOptionList, signalOptions } from '../../src/cli/signal-options.ts';

function read(argv: readonly string[], env: Readonly<Record<string, string>> = {}): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of signalOptionList()) command.addOption(option);
  command.option('--once');
  command.parse(argv, { from: 'user' });
  return signalOptions(command.opts<RawSignalOptions & { once?: true }>(), env);
}

describe('--listen', () => {
  test.each([
    ['8080', { host: '127.0.0.1', port: 8080 }],
    ['0', { host: '127.0.0.1', port: 0 }],
    ['localhost:8080', { host: '127.0.0.1', port: 8080 }],
    ['0.0.0.0:8080', { host: '0.0.0.0', port: 8080 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
    ['[::]:8080', { host: '::', port: 8080 }],
  ])('%s', (text, listen) => {
    expect(read(['--listen', text])).toEqual({ listen });
    expect(read([], { HOLDFAST_LISTEN: text })).toEqual({ listen });
  });

  test.each(['x', '65536', ':8080', 'example.com:80', '::1:80', '[127.0.0.1]:80', '1.2.3:80', '127.0.0.1', '-1'])(
    '"%s" is refused',
    (text) => {
      expect(() => read([`--listen=${text}`])).toThrow('or an address with it, for example 0.0.0.0:8080 or [::1]:8080');
      expect(() => read([], { HOLDFAST_LISTEN: text })).toThrow(`HOLDFAST_LISTEN is "${text}": give a port`);
    },
  );

  test('is for a controller that stays', () => {
    expect(() => read(['--listen', '8080', '--once'])).toThrow('--listen is for a controller that stays');
    expect(read(['--once'], { HOLDFAST_LISTEN: '8080' })).toEqual({});
  });
});

test('the secret is in a file, or else in the environment', () => {
  const env = { HOLDFAST_WEBHOOK_SECRET: 's3cret', HOLDFAST_LISTEN: '' };
  const listen = { host: '127.0.0.1', port: 80 };
  expect(read(['--listen', '80', '--webhook-secret-file', '/f'], env)).toEqual({ listen, webhookSecretFile: '/f' });
  expect(read(['--listen', '80'], env)).toEqual({ listen, webhookSecret: 's3cret' });
  expect(read([], env)).toEqual({});
  expect(() => read(['--webhook-secret-file', '/f'])).toThrow('--webhook-secret-file needs --listen');
});
