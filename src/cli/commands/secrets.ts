// `holdfast secrets`: keys, and files that are encrypted with SOPS and age, so that no other program is needed. What is decrypted goes to
// standard output or into the user's editor, and nowhere else.
import { type Command, Option } from 'commander';
import type { Finish } from '../endings.ts';
import type { Parts } from '../parts.ts';
import type { EncryptOptions } from '../secrets-encrypt.ts';
import type { RotateOptions } from '../secrets-rotate.ts';

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** The commands are loaded when one is asked for: they bring all of the cryptography along. */
export function registerSecrets(program: Command, parts: Parts, finish: Finish): void {
  const secrets = program
    .command('secrets')
    .description('make keys, and encrypt, edit and decrypt files for Git (SOPS with age)')
    .addHelpText('after', '\nExample:\n  holdfast secrets edit apps/shop/database.yaml');
  registerKeygen(secrets, parts, finish);
  registerEncrypt(secrets, parts, finish);
  registerEdit(secrets, parts, finish);
  registerDecrypt(secrets, parts, finish);
  registerRotate(secrets, parts, finish);
}

function registerKeygen(secrets: Command, parts: Parts, finish: Finish): void {
  secrets
    .command('keygen')
    .description('make an age key: keep it out of Git, and encrypt for its recipient')
    .option('--output <file>', 'write the key into a new file that only you can read')
    .addHelpText('after', '\nExample:\n  holdfast secrets keygen --output keys.txt')
    .action(async (raw: { output?: string }) => {
      const { keygen } = await import('../secrets-keygen.ts');
      finish(await keygen(raw.output, parts));
    });
}

function registerEncrypt(secrets: Command, parts: Parts, finish: Finish): void {
  const rule = (flags: string, description: string, name: string): Option => {
    const others = ['encryptedRegex', 'unencryptedRegex', 'encryptedSuffix', 'unencryptedSuffix'].filter(
      (other) => other !== name,
    );
    return new Option(flags, description).conflicts(others);
  };
  secrets
    .command('encrypt')
    .description('encrypt files for the recipients of the nearest .sops.yaml, or for those that are named')
    .argument('<file...>', 'YAML, JSON, .env, or anything else as a whole')
    .option('--age <recipient>', 'who can decrypt it, age1…; may be given more than once (env SOPS_AGE_RECIPIENTS)', collect)
    .addOption(rule('--encrypted-regex <pattern>', 'encrypt what is under keys that match', 'encryptedRegex'))
    .addOption(rule('--unencrypted-regex <pattern>', 'encrypt all but what is under keys that match', 'unencryptedRegex'))
    .addOption(rule('--encrypted-suffix <text>', 'encrypt what is under keys that end so', 'encryptedSuffix'))
    .addOption(rule('--unencrypted-suffix <text>', 'encrypt all but what is under keys that end so', 'unencryptedSuffix'))
    .option('--mac-only-encrypted', 'let what is not encrypted be changed without the key')
    .addOption(new Option('-i, --in-place', 'put the encrypted file in the place of the plain one').conflicts('output'))
    .option('--output <file>', 'write the encrypted file there (default: standard output)')
    .addHelpText('after', '\nExample:\n  holdfast secrets encrypt --in-place apps/shop/database.yaml')
    .action(async (files: string[], raw: EncryptOptions) => {
      const { encrypt } = await import('../secrets-encrypt.ts');
      finish(await encrypt(files, raw, parts));
    });
}

function registerEdit(secrets: Command, parts: Parts, finish: Finish): void {
  secrets
    .command('edit')
    .description('open a decrypted copy in your editor (VISUAL, EDITOR) and encrypt what you changed')
    .argument('<file>', 'an encrypted file')
    .option('--age-key-file <file>', 'keys to decrypt with (env SOPS_AGE_KEY_FILE, SOPS_AGE_KEY)')
    .addHelpText('after', '\nExample:\n  EDITOR="code --wait" holdfast secrets edit apps/shop/database.yaml')
    .action(async (file: string, raw: { ageKeyFile?: string }) => {
      const { edit } = await import('../secrets-edit.ts');
      finish(await edit(file, raw, parts));
    });
}

function registerDecrypt(secrets: Command, parts: Parts, finish: Finish): void {
  secrets
    .command('decrypt')
    .description('print a decrypted file')
    .argument('<file>', 'an encrypted file')
    .option('--age-key-file <file>', 'keys to decrypt with (env SOPS_AGE_KEY_FILE, SOPS_AGE_KEY)')
    .addHelpText('after', '\nExample:\n  holdfast secrets decrypt apps/shop/database.yaml | less')
    .action(async (file: string, raw: { ageKeyFile?: string }) => {
      const { decrypt } = await import('../secrets-edit.ts');
      finish(await decrypt(file, raw, parts));
    });
}

function registerRotate(secrets: Command, parts: Parts, finish: Finish): void {
  secrets
    .command('rotate')
    .description('encrypt files again with a new data key, for other recipients when you say so')
    .argument('<file...>', 'encrypted files')
    .option('--add-age <recipient>', 'who can decrypt them from now on as well', collect)
    .option('--remove-age <recipient>', 'who cannot any more', collect)
    .option('--age-key-file <file>', 'keys to decrypt with (env SOPS_AGE_KEY_FILE, SOPS_AGE_KEY)')
    .addHelpText('after', '\nExample:\n  holdfast secrets rotate --add-age age1… apps/shop/*.yaml')
    .action(async (files: string[], raw: RotateOptions) => {
      const { rotate } = await import('../secrets-rotate.ts');
      finish(await rotate(files, raw, parts));
    });
}
