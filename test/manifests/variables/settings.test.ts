// The Application of a set, and the variables that it and the command line define.
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { fromDocument, type SourceObject } from '../../../src/manifests/source.ts';
import { collectVariables } from '../../../src/manifests/variables/collect.ts';
import { noSettings, readSettings } from '../../../src/manifests/variables/settings.ts';

const read = (text: string): SourceObject[] => parseYaml(text).map((document) => fromDocument(document, 'app.yaml'));

const application = (spec: string, name = 'shop'): string =>
  `apiVersion: holdfast.dev/v1\nkind: Application\nmetadata:\n  name: ${name}\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`;

const settingsOf = (text: string, name?: string) => {
  const { settings, rest, problems } = readSettings(read(text), { applicationName: name });
  const { locate: _locate, ...fields } = settings;
  return { fields, rest: rest.map(({ value }) => value), lines: problems.map(formatProblem) };
};
const { locate: _none, ...noFields } = noSettings;

describe('settings', () => {
  test('without an Application', () => {
    expect(settingsOf('kind: Pod\n---\nkind: List\nitems: [{kind: Pod}]\n')).toEqual({
      fields: noFields,
      rest: [{ kind: 'Pod' }, { kind: 'List', items: [{ kind: 'Pod' }] }],
      lines: [],
    });
  });

  test('all of them; the Application is taken out', () => {
    const text = `kind: Pod\n---\n${application(
      `substitute:
  REGION: eu
  ZONE: "1"
substituteFrom:
  - kind: ConfigMap
    name: settings
  - kind: Secret
    name: keys
    namespace: vault
    optional: true
strictSubstitution: false
skipUnknownKinds: true
timeoutSeconds: 90`,
    )}`;
    expect(settingsOf(text, 'shop')).toEqual({
      fields: {
        substitute: { REGION: 'eu', ZONE: '1' },
        substituteFrom: [
          { kind: 'ConfigMap', name: 'settings' },
          { kind: 'Secret', name: 'keys', namespace: 'vault', optional: true },
        ],
        isStrict: false,
        skipUnknownKinds: true,
        timeoutSeconds: 90,
        notifications: [],
        policy: {},
      },
      rest: [{ kind: 'Pod' }],
      lines: [],
    });
  });

  test('in a List', () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: holdfast.dev/v1, kind: Application, metadata: {name: shop}, spec: {timeoutSeconds: 5}}\n  - kind: Pod\n`;
    expect(settingsOf(text)).toEqual({ fields: { ...noFields, timeoutSeconds: 5 }, rest: [{ kind: 'Pod' }], lines: [] });
  });

  test("another tool's Application is left to others", () => {
    const foreign = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' };
    expect(settingsOf(JSON.stringify(foreign))).toEqual({ fields: noFields, rest: [foreign], lines: [] });
  });

  test.each<[string, string, string[]]>([
    [
      'another name',
      application('timeoutSeconds: 5', 'store'),
      [
        'app.yaml:4:3 metadata.name: Invalid value: "store": the application that is reconciled from this path is called "shop"; write that name, or reconcile with --application store',
      ],
    ],
    [
      'no name',
      'apiVersion: holdfast.dev/v1\nkind: Application\nmetadata: {}\nspec: {}\n',
      ['app.yaml:3:1 metadata.name: Required value'],
    ],
    [
      'no spec',
      'apiVersion: holdfast.dev/v1\nkind: Application\nmetadata: {name: shop}\n',
      ['app.yaml:1:1 spec: Required value'],
    ],
    [
      'a misspelt field',
      application('substitutes: {}'),
      ['app.yaml:6:3 spec.substitutes: unknown field "substitutes". Did you mean "substitute"?'],
    ],
    [
      'a number for a text',
      application('substitute:\n  PORT: 3'),
      ['app.yaml:7:5 spec.substitute.PORT: must be a string, not the number 3; put it in quotes'],
    ],
    [
      'a name that is none',
      application('substitute:\n  1st: x\n  a-b: x'),
      [
        'app.yaml:7:5 spec.substitute[1st]: Invalid value: "1st": the name of a variable has letters, digits and "_", and does not begin with a digit',
        'app.yaml:8:5 spec.substitute.a-b: Invalid value: "a-b": the name of a variable has letters, digits and "_", and does not begin with a digit',
      ],
    ],
    [
      'another kind of source',
      application('substituteFrom:\n  - {kind: Configmap, name: a}\n  - {name: b}\n  - {kind: Secret, name: ""}'),
      [
        'app.yaml:7:8 spec.substituteFrom[0].kind: "Configmap" is not one of ConfigMap, Secret. Did you mean "ConfigMap"?',
        'app.yaml:8:7 spec.substituteFrom[1].kind: Required value',
        'app.yaml:9:22 spec.substituteFrom[2].name: Required value',
      ],
    ],
    [
      'what only the one says that declares it',
      application('dependsOn: [{name: db}]\ntargetNamespace: prod'),
      [
        'app.yaml:6:3 spec.dependsOn: Forbidden: may only be specified where another application declares this one, with its path or source',
        'app.yaml:7:3 spec.targetNamespace: Forbidden: may only be specified where another application declares this one, with its path or source',
      ],
    ],
    ['a declaration of another application', application('path: apps/web\ndependsOn: [{name: db}]'), []],
    ['the same as nothing', application('prune: true\nsuspend: false'), []],
    [
      'what Holdfast writes itself',
      `${application('repo: https://x.example\nrevision: main')}status: {health: Healthy}\n`,
      [
        'app.yaml:8:1 status: the status is reported by Holdfast; what the manifest says is not used',
        'app.yaml:6:3 spec.repo: set by Holdfast; what the manifest says is not used',
        'app.yaml:7:3 spec.revision: set by Holdfast; what the manifest says is not used',
      ],
    ],
    [
      'two of them',
      `${application('timeoutSeconds: 5')}---\n${application('timeoutSeconds: 6')}`,
      [
        'app.yaml:9:1 kind: there is an Application already at app.yaml:1; one path is one application. One that declares another says where it is, with path or source',
      ],
    ],
  ])('%s', (_what, text, lines) => {
    expect(settingsOf(text, 'shop').lines).toEqual(lines);
  });

  test('how it is synced', () => {
    const text = application(
      `suspend: true
windows:
  - {kind: deny, schedule: "0 22 * * *", duration: 8h, timeZone: Europe/Vienna, manual: true}
retry: {limit: 3, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}
timeouts: {fetch: 60, verify: 120}
rollback: {enabled: false}
ignoreDifferences:
  - {kind: Deployment, name: web, jsonPointers: [/spec/replicas, /metadata/annotations/example.org~1scaled], reason: scaled by hand}
drift: report
pruneGuard: {maxPercent: 80}
softDelete: 30m`,
    );
    const { fields, lines } = settingsOf(text, 'shop');
    expect(lines).toEqual([]);
    expect(fields.policy).toEqual({
      suspend: true,
      windows: [{ kind: 'deny', schedule: '0 22 * * *', duration: '8h', timeZone: 'Europe/Vienna', manual: true }],
      retry: { limit: 3, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
      timeouts: { fetch: 60, verify: 120 },
      rollback: { enabled: false },
      ignoreDifferences: [
        {
          kind: 'Deployment',
          name: 'web',
          jsonPointers: ['/spec/replicas', '/metadata/annotations/example.org~1scaled'],
          reason: 'scaled by hand',
        },
      ],
      drift: 'report',
      pruneGuard: { maxPercent: 80 },
      softDelete: '30m',
    });
  });

  test('what is wrong with how it is synced', () => {
    const text = application(
      `windows:
  - {kind: allow, schedule: "0 25 * * *", duration: 8h, timeZone: Europe/Wien}
  - {kind: deny, schedule: "@every 1h", duration: 8 hours}
retry: {limit: 3, backoff: {duration: soon}}
ignoreDifferences:
  - {kind: Deploiment, jsonPointers: [/spec/replicas], reason: x}
  - {kind: Deployment, jsonPointers: [/spec/replica, spec.replicas, /status, /metadata/name, /kind, /spec/template/spec/containers/web/image, /spec/replicas/x], reason: " "}
  - {kind: Namespace, namespace: a, jsonPointers: [/metadata/labels/a], reason: x}
  - {kind: Deployment, jsonPointers: [/spec/template/spec/containers/0/image], reason: x}
  - {kind: ConfigMap, jsonPointers: [/data/a~1b, /data/a~2], reason: x}
softDelete: for ever`,
    );
    expect(settingsOf(text, 'shop').lines).toEqual([
      'app.yaml:7:21 spec.windows[0].schedule: Invalid value: "0 25 * * *": end of range (25) above maximum (23): 25',
      'app.yaml:7:59 spec.windows[0].timeZone: Invalid value: "Europe/Wien": unknown time zone Europe/Wien',
      'app.yaml:8:20 spec.windows[1].schedule: Invalid value: "@every 1h": @every counts from no time of the day: write five fields, such as "0 22 * * *"',
      'app.yaml:8:43 spec.windows[1].duration: Invalid value: "8 hours": must be a duration in hours, minutes and seconds, such as "2h", "1h30m" or "45s", at most 10000h',
      'app.yaml:9:31 spec.retry.backoff.duration: Invalid value: "soon": must be a duration in hours, minutes and seconds, such as "2h", "1h30m" or "45s", at most 10000h',
      'app.yaml:16:3 spec.softDelete: Invalid value: "for ever": must be a duration in hours, minutes and seconds, such as "2h", "1h30m" or "45s", at most 10000h',
      'app.yaml:11:8 spec.ignoreDifferences[0].kind: there is no kind "Deploiment" here. Did you mean "Deployment"?',
      'app.yaml:12:164 spec.ignoreDifferences[1].reason: Required value: say who owns these fields',
      'app.yaml:12:41 spec.ignoreDifferences[1].jsonPointers[0]: Invalid value: "/spec/replica": /spec has no field "replica". Did you mean "replicas"?',
      'app.yaml:12:56 spec.ignoreDifferences[1].jsonPointers[1]: Invalid value: "spec.replicas": must be a JSON pointer (RFC 6901), such as "/spec/replicas"; "/" within a name is "~1", "~" is "~0"',
      'app.yaml:12:71 spec.ignoreDifferences[1].jsonPointers[2]: Invalid value: "/status": the status is never compared: there is nothing to ignore',
      'app.yaml:12:80 spec.ignoreDifferences[1].jsonPointers[3]: Invalid value: "/metadata/name": of metadata only single labels and annotations are compared: write "/metadata/annotations/NAME"',
      'app.yaml:12:96 spec.ignoreDifferences[1].jsonPointers[4]: Invalid value: "/kind": the kind of an object cannot be left to somebody else',
      'app.yaml:12:103 spec.ignoreDifferences[1].jsonPointers[5]: Invalid value: "/spec/template/spec/containers/web/image": /spec/template/spec/containers is a list: the next step is a position, not "web"',
      'app.yaml:12:145 spec.ignoreDifferences[1].jsonPointers[6]: Invalid value: "/spec/replicas/x": /spec/replicas has no fields',
      'app.yaml:13:25 spec.ignoreDifferences[2].namespace: Invalid value: "a": a Namespace is in no namespace',
      'app.yaml:15:52 spec.ignoreDifferences[4].jsonPointers[1]: Invalid value: "/data/a~2": must be a JSON pointer (RFC 6901), such as "/spec/replicas"; "/" within a name is "~1", "~" is "~0"',
    ]);
  });

  test('what is wrong with how a repository goes back', () => {
    const lines = (rollback: string): readonly string[] => settingsOf(application(`rollback: ${rollback}`), 'shop').lines;
    const HERE = 'app.yaml:6:14 spec.rollback.revert:';
    const ONE = 'exactly one of push and pullRequest says how the commit gets into the repository';
    expect(lines('{revert: {push: {}, author: {name: Ops, email: ops@example.com}, secretRef: {name: git}}}')).toEqual([]);
    expect(lines('{revert: {pullRequest: {provider: gitea, title: "Undo ${commit}", branch: ops/undo-}}}')).toEqual([]);
    expect(lines('{revert: {}}')).toEqual([`${HERE} ${ONE}`]);
    expect(lines('{revert: {push: {}, pullRequest: {}}}')).toEqual([`${HERE} ${ONE}`]);
    expect(lines('{enabled: false, revert: {push: {}}}')).toEqual([
      'app.yaml:6:30 spec.rollback.revert: Forbidden: nothing is rolled back with `enabled: false`, and so nothing is reverted',
    ]);
    expect(lines('{revert: {pullRequest: {title: "${comit}", branch: "-x"}, author: {name: "A <b>", email: "x"}}}')).toEqual([
      'app.yaml:6:37 spec.rollback.revert.pullRequest.title: Invalid value: "${comit}": a title has ${application}, ${commit}, ${author}, ${message}. Did you mean "commit"?',
      'app.yaml:6:56 spec.rollback.revert.pullRequest.branch: Invalid value: "-x": must be what the name of a branch can begin with, such as "holdfast/revert-"',
      'app.yaml:6:95 spec.rollback.revert.author.email: Invalid value: "x": must be a bare mail address, such as ops@example.com',
      'app.yaml:6:80 spec.rollback.revert.author.name: Invalid value: "A <b>": must be a name on one line, without < and >',
    ]);
    expect(lines('{revert: {pullRequest: {provider: sourceforge}}}')).toEqual([
      'app.yaml:6:37 spec.rollback.revert.pullRequest.provider: "sourceforge" is not one of github, gitlab, gitea, forgejo, bitbucket.',
    ]);
  });

  test('who may sign its commits is not for a path to say', () => {
    expect(settingsOf(application('verify: {secretRef: {name: signers}}'), 'shop').lines).toEqual([
      'app.yaml:6:3 spec.verify: Forbidden: a commit cannot say who may sign it: whoever pushes it could write that. Give the keys to "holdfast reconcile" with --verify-keys',
    ]);
  });

  test('a repository that cannot go back as it is wanted', () => {
    const objects = read(application('rollback: {revert: {push: {}}}'));
    const revertFault = () => 'tag v1 is followed';
    const told = (isDeclared: boolean) =>
      readSettings(objects, { applicationName: 'shop', isDeclared, revertFault }).problems.map(formatProblem);
    expect(told(false)).toEqual(['app.yaml:6:14 spec.rollback.revert: Forbidden: tag v1 is followed']);
  });

  test('receivers of notifications', () => {
    const text = application(
      `notifications:
  - {type: slack, url: "https://hooks.example.com/x", events: [live, failed]}
  - {type: ntfy, urlFrom: {secretKeyRef: {name: chat, key: url}}, template: "\${application} \${commit} $x"}`,
    );
    expect(settingsOf(text)).toEqual({
      fields: {
        ...noFields,
        notifications: [
          { type: 'slack', url: 'https://hooks.example.com/x', events: ['live', 'failed'] },
          {
            type: 'ntfy',
            urlFrom: { secretKeyRef: { name: 'chat', key: 'url' } },
            template: '${application} ${commit} $x',
          },
        ],
      },
      rest: [],
      lines: [],
    });
  });

  test.each<readonly [string, string, readonly string[]]>([
    [
      'another form',
      '{type: teams, url: "https://a.example"}',
      ['app.yaml:7:8 spec.notifications[0].type: "teams" is not one of webhook, slack, discord, ntfy, email.'],
    ],
    [
      'another event',
      '{type: slack, url: "https://a.example", events: [rolled_back]}',
      [
        'app.yaml:7:56 spec.notifications[0].events[0]: "rolled_back" is not one of live, rolled-back, held, failed, drift, source-unready, suspended, resumed, recovered. Did you mean "rolled-back"?',
      ],
    ],
    [
      'nowhere',
      '{type: slack}',
      ['app.yaml:7:7 spec.notifications[0]: exactly one of url and urlFrom says where the receiver is'],
    ],
    [
      'two places',
      '{type: slack, url: "https://a.example", urlFrom: {secretKeyRef: {name: a, key: b}}}',
      ['app.yaml:7:7 spec.notifications[0]: exactly one of url and urlFrom says where the receiver is'],
    ],
    [
      'no address, which is not repeated',
      '{type: slack, url: "hooks.example.com/T0K3N"}',
      ['app.yaml:7:21 spec.notifications[0].url: must be an address that begins with http:// or https://'],
    ],
    [
      'nobody who receives the mails',
      '{type: email}',
      ['app.yaml:7:7 spec.notifications[0]: Required value: to: who receives the mails'],
    ],
    [
      'a name where a bare address is wanted',
      '{type: email, to: ["Ann <ann@example.com>"], from: "a@b\\nBcc: c@d"}',
      [
        'app.yaml:7:26 spec.notifications[0].to[0]: Invalid value: "Ann <ann@example.com>": must be a bare mail address, such as ops@example.com',
        'app.yaml:7:52 spec.notifications[0].from: Invalid value: "a@b\\nBcc: c@d": must be a bare mail address, such as ops@example.com',
      ],
    ],
    [
      'a mail server that is none, which is not repeated',
      '{type: email, to: [ops@example.com], url: "https://T0K3N"}',
      ['app.yaml:7:44 spec.notifications[0].url: must be a mail server that begins with smtps:// or smtp://'],
    ],
    [
      'people, and no mails',
      '{type: slack, url: "https://a.example", to: [ops@example.com]}',
      ['app.yaml:7:47 spec.notifications[0].to: only mails have it: type: email'],
    ],
    [
      'a name that no template has',
      '{type: slack, url: "https://a.example", template: "${comit}"}',
      [
        'app.yaml:7:47 spec.notifications[0].template: Invalid value: "${comit}": a template has ${application}, ${event}, ${commit}, ${author}, ${message}, ${outcome}, ${reason}. Did you mean "commit"?',
      ],
    ],
  ])('a receiver with %s', (_name, receiver, lines) => {
    expect(settingsOf(application(`notifications:\n  - ${receiver}`)).lines).toEqual(lines);
  });

  test('a faulty Application configures nothing', () => {
    expect(settingsOf(application('timeoutSeconds: 5\nsubstitute: 3')).fields).toEqual(noFields);
  });
});

const objects = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  REGION: eu
  TIER: "gold\\n"
  SHARED: settings
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: vault}
data:
  TOKEN: ${Buffer.from('t0ken').toString('base64')}
  SHARED: ${Buffer.from('secret').toString('base64')}
  BINARY: ${Buffer.from([0xff, 0xfe]).toString('base64')}
stringData:
  PLAIN: written
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}, data: {LISTED: "1"}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: twice, namespace: a}, data: {WHERE: a}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: twice, namespace: b}, data: {WHERE: b}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: files}, data: {app.conf: x, OK: y}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: made-2g5k9hcm4t}, data: {MADE: x}}
`;

const collect = (spec: string, overrides: Readonly<Record<string, string>> = {}) => {
  const { settings, rest } = readSettings(read(`${application(spec)}---${objects}`));
  const { variables, problems } = collectVariables({ settings, objects: rest, overrides });
  return {
    variables,
    values: Object.fromEntries([...variables.variables].map(([name, { value }]) => [name, value])),
    lines: problems.map(formatProblem),
  };
};
const from = (...references: string[]): string =>
  `substituteFrom:\n${references.map((reference) => `  - ${reference}`).join('\n')}`;

describe('variables', () => {
  test('of nowhere: nothing is configured', () => {
    const { variables, values, lines } = collect('timeoutSeconds: 5');
    expect([variables.isConfigured, variables.isStrict, values, lines]).toEqual([false, true, {}, []]);
  });

  test('of a ConfigMap, without line breaks', () => {
    const { variables, values } = collect(from('{kind: ConfigMap, name: settings}'));
    expect(values).toEqual({ REGION: 'eu', TIER: 'gold', SHARED: 'settings' });
    expect(variables.isConfigured).toBe(true);
    expect(variables.variables.get('REGION')).toEqual({
      name: 'REGION',
      value: 'eu',
      origin: 'ConfigMap "settings"',
      isSecret: false,
    });
  });

  test('of a Secret, decoded; what is no text is no variable', () => {
    const { variables, values } = collect(from('{kind: Secret, name: keys}'));
    expect(values).toEqual({ TOKEN: 't0ken', SHARED: 'secret', PLAIN: 'written' });
    expect(variables.conceal('the token t0ken')).toBe('the token ***');
  });

  test('later sources win, then the Application, then the command line', () => {
    const both = from('{kind: ConfigMap, name: settings}', '{kind: Secret, name: keys, namespace: vault}');
    expect(collect(both).values['SHARED']).toBe('secret');
    expect(collect(from('{kind: Secret, name: keys}', '{kind: ConfigMap, name: settings}')).values['SHARED']).toBe('settings');
    expect(collect(`${both}\nsubstitute: {SHARED: inline}`).values['SHARED']).toBe('inline');
    const { values, variables } = collect(`${both}\nsubstitute: {SHARED: inline}`, { SHARED: 'line', MORE: 'x' });
    expect([values['SHARED'], values['MORE']]).toEqual(['line', 'x']);
    expect(variables.variables.get('SHARED')).toMatchObject({ origin: '--substitute', isSecret: false });
  });

  test('of an item of a List, and of the one namespace that is meant', () => {
    expect(collect(from('{kind: ConfigMap, name: listed}')).values).toEqual({ LISTED: '1' });
    expect(collect(from('{kind: ConfigMap, name: twice, namespace: b}')).values).toEqual({ WHERE: 'b' });
  });

  test('a source that may be missing still switches substitution on', () => {
    const { variables, values, lines } = collect(
      `${from('{kind: Secret, name: nothing, optional: true}')}\nstrictSubstitution: false`,
    );
    expect([variables.isConfigured, variables.isStrict, values, lines]).toEqual([true, false, {}, []]);
  });

  test.each([
    [
      '{kind: ConfigMap, name: setings}',
      'name: Not found: "setings": no ConfigMap of that name is declared in this path. Did you mean "settings"?',
    ],
    ['{kind: Secret, name: settings}', 'name: Not found: "settings": no Secret of that name is declared in this path.'],
    [
      '{kind: Secret, name: keys, namespace: default}',
      'name: Not found: "keys": the Secret is in the namespace "vault", not "default"',
    ],
    [
      '{kind: ConfigMap, name: made}',
      'name: Not found: "made": no ConfigMap of that name is declared in this path. It is generated as "made-2g5k9hcm4t"; set disableNameSuffixHash in its generatorOptions',
    ],
    ['{kind: ConfigMap, name: twice}', ': ConfigMap "twice" is in the namespaces a and b; say which with "namespace"'],
    [
      '{kind: ConfigMap, name: files}',
      ': ConfigMap "files" has the key "app.conf": the name of a variable has letters, digits and "_", and does not begin with a digit',
    ],
  ])('%s', (reference, message) => {
    const { lines } = collect(from(reference));
    const [field = ''] = message.split(':');
    const place = field === '' ? 'app.yaml:7:5 spec.substituteFrom[0]' : 'app.yaml:7:22 spec.substituteFrom[0].';
    expect(lines.map((line) => line.replace(/^app\.yaml:7:\d+ /, 'app.yaml:7:C '))).toEqual([
      `${place.replace(/:7:\d+/, ':7:C')}${message}`,
    ]);
  });
});
