// Label selectors as texts (Kubernetes, "Labels and Selectors", set-based and equality-based requirements), over labels and annotations.

/** Whether a set of labels has what a selector asks for. */
export type LabelTest = (labels: Readonly<Record<string, unknown>>) => boolean;

const operators = ['==', '=', '!=', '>', '<', 'in', 'notin'] as const;
type Operator = (typeof operators)[number];

/** The test of a selector, such as `app=web,tier!=cache,env in (a,b),!old`; or what is wrong with it. */
export function parseLabelSelector(text: string): LabelTest | { readonly fault: string } {
  const tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  const tests: LabelTest[] = [];
  let at = 0;
  while (at < tokens.length) {
    const found = parseRequirement(tokens, at);
    if (found === undefined) return { fault: `"${text}" is no label selector; write for example app=web,tier in (a,b),!old` };
    tests.push(found.test);
    at = found.next;
    if (at < tokens.length && tokens[at] !== ',') return { fault: `unexpected "${tokens[at]}" in the label selector "${text}"` };
    at += 1;
    if (at === tokens.length) return { fault: `the label selector "${text}" ends in a comma` };
  }
  return (labels) => tests.every((test) => test(labels));
}

interface Found {
  readonly test: LabelTest;
  readonly next: number;
}

const isWord = (token: string | undefined): token is string => token !== undefined && !/^[=!<>(),]/.test(token);

function parseRequirement(tokens: readonly string[], start: number): Found | undefined {
  const isNegated = tokens[start] === '!';
  const key = tokens[isNegated ? start + 1 : start];
  if (!isWord(key)) return undefined;
  if (isNegated) return { test: (labels) => !Object.hasOwn(labels, key), next: start + 2 };
  const word = tokens[start + 1];
  if (word === undefined || word === ',') return { test: (labels) => Object.hasOwn(labels, key), next: start + 1 };
  const operator = operators.find((name) => name === word);
  if (operator === undefined) return undefined;
  if (operator === 'in' || operator === 'notin') return parseSet(tokens, start + 2, key, operator);
  const value = tokens[start + 2];
  const given = isWord(value) ? value : '';
  return { test: compare(key, operator, given), next: isWord(value) ? start + 3 : start + 2 };
}

function compare(key: string, operator: Operator, value: string): LabelTest {
  if (operator === '>' || operator === '<')
    return (labels) => {
      const [mine, theirs] = [Number(labels[key] ?? NaN), Number(value)];
      return Object.hasOwn(labels, key) && (operator === '>' ? mine > theirs : mine < theirs);
    };
  if (operator === '!=') return (labels) => !Object.hasOwn(labels, key) || labels[key] !== value;
  return (labels) => Object.hasOwn(labels, key) && labels[key] === value;
}

function parseSet(tokens: readonly string[], start: number, key: string, operator: 'in' | 'notin'): Found | undefined {
  const end = tokens.indexOf(')', start);
  if (tokens[start] !== '(' || end === -1) return undefined;
  const inside = tokens.slice(start + 1, end);
  if (inside.some((token) => token !== ',' && !isWord(token))) return undefined;
  const values = new Set(inside.filter((token) => token !== ','));
  const isIn: LabelTest = (labels) => Object.hasOwn(labels, key) && values.has(String(labels[key]));
  return { test: operator === 'in' ? isIn : (labels) => !isIn(labels), next: end + 1 };
}
