// Whatever can be written in a manifest can be written wrong: every field of the corpus is, in every way that fits it, and each time it must
// be told. What is accepted all the same is listed with the reason.
import { expect, test } from 'vitest';
import { formatPath } from '../../src/manifests/place.ts';
import { isAbout, newProblems, newProblemsOfText, type Occurrence, occurrences, shown, withKey, withValue } from './mutations.ts';

const all = occurrences();

/** Runs one kind of fault on all fields; what comes out is what went wrong. */
function failures(judge: (occurrence: Occurrence) => string[]): string[] {
  return all.flatMap(judge);
}

/** A letter too much, in the middle. */
const misspelt = (name: string): string =>
  `${name.slice(0, Math.ceil(name.length / 2))}x${name.slice(Math.ceil(name.length / 2))}`;

test('the corpus has many fields', () => {
  expect(all.length).toBeGreaterThan(1000);
});

test('a misspelt key is an unknown field, at its line, with the right one', () => {
  const wrong = failures((occurrence) => {
    const name = String(occurrence.path.at(-1));
    if (occurrence.key === 'item' || (occurrence.path.length === 1 && ['apiVersion', 'kind'].includes(name))) return [];
    const bad = misspelt(name);
    const { text, problems } = newProblemsOfText(occurrence.subject, withKey(occurrence, bad));
    const at = `${occurrence.pattern}: ${shown(problems)}`;
    if (occurrence.key === 'free') return problems.some(({ reason }) => reason === 'UnknownField') ? [at] : [];
    const [problem, ...others] = problems;
    const line = text.split('\n').findIndex((entry) => entry.includes(`${bad}:`)) + 1;
    const isTold =
      problem?.reason === 'UnknownField' &&
      problem.line === line &&
      problem.field === formatPath([...occurrence.path.slice(0, -1), bad]) &&
      problem.message === `unknown field "${bad}". Did you mean "${name}"?`;
    return isTold && others.length === 0 ? [] : [at];
  });
  expect(wrong).toEqual([]);
});

/** The type of apiVersion and kind is what finds the schema. */
const typeOf = ({ type: { const: only, type } }: Occurrence): string => (only === undefined ? String([type].flat()) : 'string');

const wrongTypes: Readonly<Record<string, readonly unknown[]>> = {
  string: [7, true, ['x'], [], { x: 'y' }, {}],
  integer: ['seven', 1.5, true, [1], [], { x: 1 }, {}],
  boolean: ['maybe', 1, 0, [true], [], {}],
  object: ['text', '', 7, 0, false, ['x'], []],
  array: ['text', '', 7, 0, false, { x: 'y' }, {}],
  'integer,string': [1.5, true, [1], [], {}],
  'string,number': [true, [1], [], {}],
};

test('a value of a wrong type is told', () => {
  const wrong = failures((occurrence) => {
    const values = wrongTypes[typeOf(occurrence)];
    if (values === undefined) return [`${occurrence.pattern} has the type ${typeOf(occurrence)}`];
    return values.flatMap((value) => {
      const problems = newProblems(occurrence.subject, withValue(occurrence, value));
      const isTold = problems.some((problem) => isAbout(problem, occurrence.path));
      return isTold ? [] : [`${occurrence.pattern} = ${JSON.stringify(value)}: ${shown(problems)}`];
    });
  });
  expect(wrong).toEqual([]);
});

test('a required field that is missing is told', () => {
  const wrong = failures((occurrence) => {
    if (!occurrence.isRequired) return [];
    // A header or a kernel setting may be empty; an empty word of a list is told as a wrong one.
    const hasToSay =
      occurrence.type.type === 'string' && occurrence.type.enum === undefined && !occurrence.pattern.endsWith('.value');
    return [undefined, null, ...(hasToSay ? [''] : [])].flatMap((value) => {
      const problems = newProblems(occurrence.subject, withValue(occurrence, value));
      const isTold = problems.some(
        (problem) => isAbout(problem, occurrence.path) && problem.message.startsWith('Required value'),
      );
      return isTold ? [] : [`${occurrence.pattern} = ${value}: ${shown(problems)}`];
    });
  });
  expect(wrong).toEqual([]);
});

test('a word that is not in the list is told, with the list', () => {
  const wrong = failures((occurrence) => {
    const allowed = occurrence.type.enum ?? (occurrence.type.const === undefined ? undefined : [occurrence.type.const]);
    // The kind is what finds the schema; see the messages of unknown kinds.
    if (allowed === undefined || occurrence.path.join() === 'kind') return [];
    const problems = newProblems(occurrence.subject, withValue(occurrence, 'Wrongword'));
    const isTold = problems.some(
      (problem) =>
        isAbout(problem, occurrence.path) &&
        (problem.reason === 'UnsupportedField' || allowed.every((word) => problem.message.includes(word))),
    );
    return isTold ? [] : [`${occurrence.pattern}: ${shown(problems)}`];
  });
  expect(wrong).toEqual([]);
});

/** What 'Not valid! ' is good enough for, and what is not good enough for it either; nothing where every text is. */
const texts: readonly { readonly fields: RegExp; readonly malformed?: string; readonly because: string }[] = [
  { fields: /\.(?:annotations|stringData|parameters|substitute)\.\*$|^ConfigMap\.data\.\*$/, because: 'free text' },
  { fields: /\.(?:description|holderIdentity|zone)$|^Secret\.type$/, because: 'free text' },
  { fields: /\.(?:command|args)\[\]$/, because: 'the program reads it' },
  { fields: /\.env\[\]\.value$|\.httpHeaders\[\]\.value$|\.audience$|\.workingDir$/, because: 'the program reads it' },
  { fields: /\.(?:httpGet\.(?:path|host)|tcpSocket\.host|grpc\.service)$/, because: 'asked for as it is' },
  { fields: /\.rules\[\]\.(?:verbs|resources|resourceNames|apiGroups|nonResourceURLs)\[\]$/, because: 'compared as text' },
  { fields: /\.capabilities\.(?:add|drop)\[\]$|\.seLinuxOptions\.\w+$|\.sysctls\[\]\.value$/, because: 'the kernel knows them' },
  { fields: /\.mountOptions\[\]$|\.nfs\.server$/, because: 'the mount command reads it' },
  { fields: /\.dnsConfig\.options\[\]\.(?:name|value)$/, because: 'the resolver reads it' },
  { fields: /\.(?:terminationMessagePath|devicePath)$/, because: 'any path will do' },
  { fields: /\.template\.metadata\.name$/, because: 'pods get names of their own' },
  { fields: /\.preferredDuring\w+\[\]\.preference\.matchExpressions\[\]\.values\[\]$/, because: 'a wish that no label meets' },
  { fields: /\.scopeSelector\.matchExpressions\[\]\.values\[\]$/, because: 'compared as text' },
  {
    fields: /\.spec\.imagePullSecrets\[\]\.name$|\.secrets\[\]\.name$|\.subjects\[\]\.namespace$/,
    because: 'a name that nothing has',
  },
  { fields: /\.claimRef\.(?:name|namespace)$|\.volumeName$|\.substituteFrom\[\]\.name$/, because: 'a name that nothing has' },
  { fields: /\.(?:containerResource\.(?:name|container)|metrics\[\]\.resource\.name)$/, because: 'a name that nothing has' },
  { fields: /\.loadBalancerIP$/, because: 'the load balancer of a cloud reads it' },
  { fields: /\.env\[\]\.name$|\.envFrom\[\]\.prefix$/, malformed: 'a=b', because: 'all printable text but "="' },
  { fields: /^(?:Cluster)?Role(?:Binding)?\.(?:metadata|roleRef)\.name$/, malformed: 'a/b', because: 'part of a URL' },
  {
    fields: /^HorizontalPodAutoscaler\..*(?:metric|scaleTargetRef|describedObject)\.(?:name|kind)$/,
    malformed: 'a/b',
    because: 'part of a URL',
  },
  { fields: /^IngressClass\.spec\.parameters\.(?:name|kind)$/, malformed: 'a/b', because: 'part of a URL' },
  { fields: /^HorizontalPodAutoscaler\..*(?:Ref|Object)\.apiVersion$/, malformed: 'a/b/c', because: 'a group and a version' },
  { fields: /\.(?:subPath|subPathExpr|localhostProfile)$/, malformed: '../up', because: 'a path below' },
  { fields: /\.(?:items\[\]|serviceAccountToken)\.path$/, malformed: '../up', because: 'a path below' },
  { fields: /^PersistentVolume\.spec\.(?:hostPath|local)\.path$/, malformed: '/a/../b', because: 'a path without ..' },
];

test('a malformed text is told', () => {
  const used = new Set<RegExp>();
  const wrong = failures((occurrence) => {
    if (!typeOf(occurrence).includes('string') || occurrence.type.enum !== undefined) return [];
    const exception = texts.find(({ fields }) => fields.test(occurrence.pattern));
    const malformed = exception?.malformed ?? 'Not valid! ';
    const problems = newProblems(occurrence.subject, withValue(occurrence, malformed));
    const isTold = problems.some((problem) => isAbout(problem, occurrence.path));
    const isFree = exception !== undefined && exception.malformed === undefined;
    if (exception !== undefined && isTold !== isFree) used.add(exception.fields);
    return isTold || isFree ? [] : [`${occurrence.pattern} = ${malformed}: ${shown(problems)}`];
  });
  expect(wrong).toEqual([]);
  // No exception without a field that needs it.
  expect(texts.filter(({ fields }) => !used.has(fields)).map(({ fields }) => fields.source)).toEqual([]);
});

/** Numbers that may be below zero: a priority, the exit codes of a program, and seconds that have passed already. */
const belowZero = /^PriorityClass\.value$|\.onExitCodes\.values\[\]$|\.tolerationSeconds$/;

test('a number out of range is told', () => {
  const wrong = failures((occurrence) => {
    if (!/integer|number/.test(typeOf(occurrence)) || belowZero.test(occurrence.pattern)) return [];
    const isPort = /port$/i.test(occurrence.pattern) || occurrence.pattern.endsWith('.port.number');
    return [-1, ...(isPort ? [65536] : [])].flatMap((value) => {
      const problems = newProblems(occurrence.subject, withValue(occurrence, value));
      return problems.some((problem) => isAbout(problem, occurrence.path))
        ? []
        : [`${occurrence.pattern} = ${value}: ${shown(problems)}`];
    });
  });
  expect(wrong).toEqual([]);
});
