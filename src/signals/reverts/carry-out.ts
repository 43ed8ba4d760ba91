// One try to have a repository go back: looks at the server, does what is missing, and says what became of it. Whoever is killed in between loses
// nothing: the next try looks again.

import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import { ANSWER_TIMEOUT_MS, type ForgeAnswer, type ForgeClient, type ForgeRequest } from '../statuses/forge-client.ts';
import type { StatusPlace } from '../statuses/place.ts';
import { type ForgeWords, verdictOf } from '../statuses/requests.ts';
import { isThere, listed, listRequest, opened, openRequest, type PullRequest } from './pull-requests.ts';
import type { RevertRepository } from './repository.ts';
import { nextStep, type RevertEnd, type RevertWish, reasonText, revertOf, type ServerView, titleOf } from './wish.ts';

/** The repository of an application, and who may write to it. */
export interface RevertTarget {
  readonly repository: RevertRepository;
  /** The folder, '' for the whole repository. */
  readonly path: string;
  /** Where pull requests are opened; or why they cannot be. */
  readonly forge: { readonly place: StatusPlace; readonly token: string } | { readonly fault: string };
  /** Why what a commit that was made here declares is not what runs; undefined when it is. */
  readonly difference: (branch: string, commitId: string, signal: AbortSignal) => Promise<string | undefined>;
}

/** What a try needs beside. */
export interface Attempt {
  readonly application: string;
  readonly cluster: string;
  readonly target: RevertTarget;
  readonly client: ForgeClient;
  readonly clock: Clock;
  /** Remembers the commit that is pushed next. */
  readonly intend: (branch: string, revert: string) => Promise<void>;
}

/** It cannot be done, and why. `retry`: `later`, when a person has to do something first; `soon`; or after so many milliseconds. */
export class NotReverted extends Error {
  readonly code = 'NOT_REVERTED';
  readonly retry: 'soon' | 'later' | number;
  constructor(message: string, retry: 'soon' | 'later' | number) {
    super(message);
    this.name = 'NotReverted';
    this.retry = retry;
  }
}

const WORDS: ForgeWords = {
  forbidden: 'the token may not read and open pull requests',
  missing: 'there is no such repository, or the token may not see it',
};

/** Does what is missing. Throws NotReverted, and what the repository throws. */
export async function carryOut(wish: RevertWish, attempt: Attempt, signal: AbortSignal): Promise<RevertEnd> {
  const { application, cluster } = attempt;
  const view = await look(wish, attempt, signal);
  const step = nextStep(wish, view, `${cluster}/${application}`);
  if ('end' in step) return step.end;
  const made = 'propose' in step ? step.propose : await put(wish, { ...step.commit, into: view.heads.branch }, attempt, signal);
  if ('state' in made) return made;
  const { branch, revert } = made;
  if (wish.branch === undefined) return { state: 'pushed', branch, revert };
  const pullRequest = view.pullRequest ?? (await propose(wish, view.heads.branch, attempt, signal));
  return { state: 'proposed', branch, revert, pullRequest: pullRequest.url };
}

/** A commit to be put on a branch. */
interface Place {
  readonly branch: string;
  readonly from: string | undefined;
  readonly onto: string;
  /** The branch that is followed. */
  readonly into: string;
}

async function put(
  wish: RevertWish,
  { branch, from, onto, into }: Place,
  { target, application, cluster, intend }: Attempt,
  signal: AbortSignal,
): Promise<{ readonly branch: string; readonly revert: string } | RevertEnd> {
  const { repository, path } = target;
  const revert = await repository.make(into, revertOf(wish, { application, cluster, path }, onto), signal);
  if (revert === undefined && onto !== wish.bad.commit.id)
    return { state: 'overtaken', branch, message: 'another application has brought its files back already' };
  if (revert === undefined) throw new NotReverted(nothingToRevert(wish, path), 'later');
  const difference = await target.difference(into, revert, signal);
  if (difference !== undefined)
    throw new NotReverted(`to bring ${path === '' ? 'everything' : path} back would not do: ${difference}`, 'later');
  await intend(branch, revert);
  const refusal = await repository.push(branch, from, revert, signal);
  if (refusal !== undefined) throw new NotReverted(`the server does not take it on ${branch}: ${refusal}`, 'soon');
  return { branch, revert };
}

function nothingToRevert({ good }: RevertWish, path: string): string {
  return `nothing below ${path === '' ? 'the repository' : path} differs from commit ${good.id.slice(0, 7)}: what broke it lies elsewhere`;
}

async function look(wish: RevertWish, { target, client, clock }: Attempt, signal: AbortSignal): Promise<ServerView> {
  const { repository, forge } = target;
  const { bad, branch } = wish;
  // Before anything is pushed that nobody could be told of.
  if (branch !== undefined && 'fault' in forge) throw new NotReverted(forge.fault, 'later');
  const heads = await repository.heads(branch, signal);
  const followed = await repository.since(heads.branch, heads.head, bad.commit.id, signal);
  if (branch === undefined || 'fault' in forge) return { heads, followed };
  const proposed = heads.other === undefined ? [] : await repository.since(branch, heads.other, bad.commit.id, signal);
  const { place, token } = forge;
  const request = listRequest(place, token, { branch, into: heads.branch });
  const answer = await ask(request, place, { client, clock }, signal);
  const pullRequest = listed(place, answer, branch, heads.branch);
  if (pullRequest === 'unreadable') throw new NotReverted('the forge does not answer with a list of pull requests', 'soon');
  return { heads, followed, proposed, pullRequest };
}

async function propose(wish: RevertWish, into: string, attempt: Attempt, signal: AbortSignal): Promise<PullRequest> {
  const { target, application, cluster, client, clock } = attempt;
  const { forge, path } = target;
  const { branch } = wish;
  if ('fault' in forge || branch === undefined) throw new NotReverted('fault' in forge ? forge.fault : 'no branch', 'later');
  const { place, token } = forge;
  const proposal = { branch, into, title: titleOf(wish, application, path), text: reasonText(wish, application, cluster, path) };
  const answer = await ask(openRequest(place, token, proposal), place, { client, clock }, signal);
  const made = opened(place, answer);
  // Somebody was quicker, or it says nothing: the next look finds it.
  if (made === undefined) throw new NotReverted('the forge does not say where the pull request is', 'soon');
  return made;
}

/** Throws NotReverted for every answer but a good one. */
async function ask(
  request: ForgeRequest,
  { forge }: StatusPlace,
  { client, clock }: Pick<Attempt, 'client' | 'clock'>,
  signal: AbortSignal,
): Promise<ForgeAnswer> {
  const send = (inner: AbortSignal): Promise<ForgeAnswer> => client.send(request, inner);
  const answer = await withDeadline(clock, 'asking the forge', ANSWER_TIMEOUT_MS, send, signal);
  const verdict = verdictOf(forge, answer, clock.now(), WORDS);
  if (verdict.result === 'taken') return answer;
  if (verdict.result === 'busy') throw new NotReverted('the forge wants to be left alone for a while', verdict.pauseMs);
  if (request.method !== 'GET' && isThere(answer)) throw new NotReverted('there is such a pull request already', 'soon');
  throw new NotReverted(verdict.message, verdict.result === 'failed' ? 'soon' : 'later');
}
