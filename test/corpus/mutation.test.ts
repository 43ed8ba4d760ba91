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
const misspelt = (name: string): string => `${name.slice(0, Math.ceil(name.length / 2))}x${name.slice(Math.ceil(name.length / 2))}`;

test('the corpus has many fields', () => {
  console.log(all.length, all.reduce((n, o) => n + o.subject.text.length, 0));
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
    return [undefined, null].flatMap((value) => {
      const problems = newProblems(occurrence.subject, withValue(occurrence, value));
      const isTold = problems.some(
        (problem) => isAbout(problem, occurrence.path) && problem.reason === 'Required' && problem.message === 'Required value',
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

test('a malformed text is told', () => {
  const wrong = failures((occurrence) => {
    if (!typeOf(occurrence).includes('string') || occurrence.type.enum !== undefined) return [];
    const problems = newProblems(occurrence.subject, withValue(occurrence, 'Not valid! '));
    return problems.length > 0 ? [] : [occurrence.pattern];
  });
  expect(wrong).toEqual([]);
});

test('a number out of range is told', () => {
  const wrong = failures((occurrence) => {
    if (!/integer|number/.test(typeOf(occurrence))) return [];
    const isPort = /port$/i.test(occurrence.pattern) ;
    return [-1, ...(isPort ? [65536] : [])].flatMap((value) => {
      const problems = newProblems(occurrence.subject, withValue(occurrence, value));
      return problems.length > 0 ? [] : [`${occurrence.pattern} = ${value}`];
    });
  });
  expect(wrong).toEqual([]);
});
