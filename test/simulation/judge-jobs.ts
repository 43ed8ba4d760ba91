// What must hold of Jobs and CronJobs, whatever goes wrong around them: nothing is done twice that was done, nor at once what may not be.
import { isFinished, isTerminating } from '../../src/controllers/pods.ts';
import { POD_LABEL, POD_UID_LABEL } from '../../src/kubelet/labels.ts';
import { JOB_INDEX_ANNOTATION, jobEnd, SCHEDULED_TIMESTAMP_ANNOTATION } from '../../src/model/job.ts';
import { controllerOf, RECOVERED_ANNOTATION, type Stored, type StoredOf } from '../../src/model/resource.ts';
import { HOOK_RUN_ANNOTATION } from '../../src/model/sync-order.ts';
import type { Store } from '../../src/store/store.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import { type Change, type Court, changesOf, isAskedToGo, isMade, type Judge, managerOf } from './judge.ts';
import { slotOf } from './simulated-engine.ts';

type Pod = StoredOf<'Pod'>;
type Job = StoredOf<'Job'>;

const isRecovered = ({ metadata }: Stored): boolean => metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
const imageOf = (job: Job): string => job.spec.template.spec.containers[0].image;
const indexOf = ({ metadata }: Pod): string => metadata.annotations?.[JOB_INDEX_ANNOTATION] ?? '';

/** The indexes of a text such as `1,3-5`. */
function parseIndexes(text: string): readonly string[] {
  return text.split(',').flatMap((part) => {
    const [from, to] = part.split('-').map(Number);
    if (part === '' || from === undefined) return [];
    return Array.from({ length: (to ?? from) - from + 1 }, (_, index) => String(from + index));
  });
}

/** What is remembered of a pod of a Job. */
interface Run {
  readonly jobUid: string;
  readonly jobName: string;
  readonly index: string;
  /** Its program has ended well by itself. */
  hasSucceeded: boolean;
  /** Somebody asked it to go before it ended: what it did then may be done again. */
  wasTakenAway: boolean;
}

export class JobsJudge implements Judge {
  readonly #court: Court;
  readonly #runs = new Map<string, Run>();
  /** The times that each CronJob was started for, with the uid of the Job, by namespace/name. */
  readonly #started = new Map<string, Map<string, string>>();
  readonly #cronOfJob = new Map<string, string>();
  /** Jobs of which something was made on the engine, by uid: what was not is forgotten when the store is lost. */
  readonly #begun = new Set<string>();
  /** Jobs that were seen complete and that nobody has taken back, by namespace/name: what they did. */
  readonly #completed = new Map<string, string>();

  constructor(court: Court) {
    this.#court = court;
  }

  storeLost(): void {
    this.#completed.clear();
    for (const times of this.#started.values()) for (const [time, uid] of times) if (!this.#begun.has(uid)) times.delete(time);
  }

  wrote(changes: readonly Change[], store: Store): void {
    if (changesOf(changes, 'Application').length > 0) this.#forget(store);
    for (const change of changesOf(changes, 'Job')) this.#judgeJob(change.old, change.now, store);
    for (const change of changesOf(changes, 'Pod')) {
      const { old, now } = change;
      if (isMade(change) && now !== undefined && controllerOf(now)?.kind === 'Job') this.#judgeNewPod(now, store);
      const run = old === undefined ? undefined : this.#runs.get(old.metadata.uid);
      if (run !== undefined && isAskedToGo(change) && !run.hasSucceeded) run.wasTakenAway = true;
    }
  }

  // Jobs.

  #judgeJob(old: Job | undefined, now: Job | undefined, store: Store): void {
    const { report } = this.#court;
    if (now === undefined) return;
    const key = `${now.metadata.namespace}/${now.metadata.name}`;
    if (old?.metadata.uid !== now.metadata.uid) {
      if (!isRecovered(now)) this.#judgeNewJob(now, store);
    } else if (jobEnd(old) !== undefined && jobEnd(now)?.type !== jobEnd(old)?.type)
      report(`job ${now.metadata.name} had ended and goes on`);
    if (jobEnd(now)?.type !== 'Complete' || controllerOf(now) !== undefined) return;
    const isHook = now.metadata.annotations?.[HOOK_RUN_ANNOTATION] !== undefined;
    if (now.metadata.deletionTimestamp === undefined && !isHook) this.#completed.set(key, imageOf(now));
  }

  /** What the commit that is to run does not ask for may be done anew when a later one does. */
  #forget(store: Store): void {
    const target = this.#court.target(store);
    for (const [key, image] of this.#completed)
      if (target !== undefined && target.wishes.jobs[key.split('/')[1] ?? '']?.image !== image) this.#completed.delete(key);
  }

  #judgeNewJob(job: Job, store: Store): void {
    // How often hooks run is for another to judge.
    if (job.metadata.annotations?.[HOOK_RUN_ANNOTATION] !== undefined) return;
    const { report } = this.#court;
    const { name, namespace } = job.metadata;
    const cronJob = managerOf(job, 'CronJob', store);
    if (cronJob !== undefined) return this.#judgeStart(job, cronJob, store);
    if (this.#completed.get(`${namespace}/${name}`) === imageOf(job)) report(`job ${name} was complete and is made again`);
  }

  // CronJobs.

  #judgeStart(job: Job, cronJob: StoredOf<'CronJob'>, store: Store): void {
    const { report, clock } = this.#court;
    const { name, namespace, uid } = job.metadata;
    const time = job.metadata.annotations?.[SCHEDULED_TIMESTAMP_ANNOTATION] ?? '';
    const key = `${namespace}/${cronJob.metadata.name}`;
    const times = this.#started.get(key) ?? new Map<string, string>();
    if (times.has(time)) report(`cronjob ${cronJob.metadata.name} starts twice for ${time}`);
    this.#started.set(key, times.set(time, uid));
    this.#cronOfJob.set(uid, cronJob.metadata.uid);
    if (Date.parse(time) > clock.now()) report(`job ${name} is started before its time ${time}`);
    if (Date.parse(time) % 60_000 !== 0) report(`job ${name} is started for ${time}, which is no time of its schedule`);
    if (cronJob.spec.suspend === true) report(`job ${name} is started by a CronJob that is suspended`);
    const running = store
      .listOwned('Job', cronJob.metadata.uid)
      .find((each) => each.metadata.uid !== uid && jobEnd(each) === undefined);
    if (cronJob.spec.concurrencyPolicy === 'Forbid' && running !== undefined)
      report(`job ${name} is started while ${running.metadata.name} runs (Forbid)`);
  }

  // Pods.

  #judgeNewPod(pod: Pod, store: Store): void {
    const { report } = this.#court;
    const { name, uid } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner === undefined) return;
    const known = this.#runs.get(uid);
    const index = indexOf(pod);
    if (known === undefined)
      this.#runs.set(uid, { jobUid: owner.uid, jobName: owner.name, index, hasSucceeded: false, wasTakenAway: false });
    const job = managerOf(pod, 'Job', store);
    if (isRecovered(pod)) return;
    if (job === undefined) return report(`pod ${name} is made for a job that is not there`);
    if (jobEnd(job) !== undefined) report(`pod ${name} is made for a job that has ended`);
    if (job.spec.suspend === true) report(`pod ${name} is made for a job that is suspended`);
    const { parallelism = 1, completions = 1 } = job.spec;
    const others = store.listOwned('Pod', job.metadata.uid).filter((each) => each.metadata.uid !== uid);
    const active = others.filter((each) => !isFinished(each) && !isTerminating(each));
    if (active.length + 1 > parallelism)
      report(`job ${job.metadata.name} has ${active.length + 1} pods, ${parallelism} are allowed`);
    if (active.length + 1 + (job.status?.succeeded ?? 0) > completions)
      report(`job ${job.metadata.name} has more pods than are left to complete`);
    if (job.spec.completionMode !== 'Indexed') return this.#judgeSuccesses(job, completions);
    if (parseIndexes(job.status?.completedIndexes ?? '').includes(index))
      report(`index ${index} of ${job.metadata.name} was complete`);
    const twin = active.find((each) => indexOf(each) === index);
    if (twin !== undefined) report(`index ${index} of ${job.metadata.name} gets ${name} beside ${twin.metadata.name}`);
    const done = [...this.#runs].find(([, run]) => run.jobUid === owner.uid && run.index === index && run.hasSucceeded);
    if (done !== undefined) report(`index ${index} of ${job.metadata.name} has succeeded and is run again`);
  }

  /** A pod is made only when there are too few that have succeeded, whoever knows of it. */
  #judgeSuccesses(job: Job, completions: number): void {
    const done = [...this.#runs.values()].filter((run) => run.jobUid === job.metadata.uid && run.hasSucceeded).length;
    if (done >= completions) this.#court.report(`job ${job.metadata.name} has succeeded ${done} times and is run again`);
  }

  engineChanged(container: FakeContainer, action: string): void {
    const { engine, report, isTouched } = this.#court;
    const { uid, container: name } = slotOf(container);
    const run = this.#runs.get(uid);
    if (run !== undefined) this.#begun.add(run.jobUid);
    if (run === undefined || name !== 'main') return;
    if (action === 'die' && container.exitCode === 0 && !isTouched(container) && !run.wasTakenAway) run.hasSucceeded = true;
    if (action !== 'start') return;
    if (run.hasSucceeded) report(`pod ${container.spec.labels[POD_LABEL]} has succeeded and is started again`);
    const others = engine
      .ourContainers()
      .filter((each) => isAlive(each) && each !== container && slotOf(each).container === 'main');
    for (const other of others) {
      const its = this.#runs.get(other.spec.labels[POD_UID_LABEL] ?? '');
      if (its === undefined || its.jobUid === run.jobUid) continue;
      if (its.jobName === run.jobName) report(`job ${run.jobName} runs while the one before it still does`);
      this.#judgeOverlap(run, its);
    }
  }

  #judgeOverlap(run: Run, other: Run): void {
    const { report, store } = this.#court;
    const uid = this.#cronOfJob.get(run.jobUid);
    if (uid === undefined || uid !== this.#cronOfJob.get(other.jobUid)) return;
    const cronJob = store()
      .list('CronJob')
      .find(({ metadata }) => metadata.uid === uid);
    if (cronJob?.spec.concurrencyPolicy === 'Forbid') report(`${run.jobName} runs while ${other.jobName} does (Forbid)`);
  }
}
