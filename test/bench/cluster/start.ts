// Cold start on a cluster by phase: from the request to the prompt, seen from here to the millisecond.
import { resources } from '../../../server/kube/index.ts';
import type { Pod } from '../../../server/session/index.ts';
import { podNameOf } from '../../../server/session/pod-names.ts';
import { stateOf } from '../../../server/session/state.ts';
import { ms, percentile, printFigures } from '../figures.ts';
import { clock, type Release, type Visitor } from './release.ts';
import { askForSession, attach, endSession, waitUntilReady, waitFor } from './session.ts';

const phases = ['created', 'scheduled', 'containers run', 'garden ready', 'told ready', 'prompt'] as const;
type Phase = (typeof phases)[number];

const reached: Partial<Record<Phase, (pod: Pod) => boolean>> = {
  scheduled: ({ status }) =>
    status?.conditions?.some((one) => one.type === 'PodScheduled' && one.status === 'True') ?? false,
  'containers run': ({ status }) =>
    !!status?.containerStatuses?.length && status.containerStatuses.every(({ state }) => state?.running),
  'garden ready': (pod) => stateOf(pod) === 'ready',
};

/** When a session of `visitor` reached each phase, in ms since it was asked for. The pod must not be there yet. */
async function startOnce({ stage, options }: Release, visitor: Visitor): Promise<Record<Phase, number>> {
  const { client } = stage;
  const namespace = options.sessionNamespace;
  const fieldSelector = `metadata.name=${podNameOf(visitor.userId)}`;
  const { resourceVersion } = await client.list<Pod>(resources.pods, { namespace, fieldSelector });
  const startMs = clock.monotonicMs();
  const times: Partial<Record<Phase, number>> = {};
  const mark = (phase: Phase) => (times[phase] ??= clock.monotonicMs() - startMs);
  const watch = client.watch<Pod>(
    resources.pods,
    { namespace, fieldSelector, resourceVersion },
    ({ object }) => phases.forEach((phase) => reached[phase]?.(object) && mark(phase)),
    () => undefined,
  );
  try {
    await askForSession(visitor, options.defaultEnvironment);
    mark('created');
    await waitUntilReady(visitor);
    mark('told ready');
    const line = await attach(visitor, 'main');
    mark('prompt');
    line.dispose();
    await waitFor('all phases', async () => phases.every((phase) => times[phase] !== undefined));
    return times as Record<Phase, number>;
  } finally {
    watch.dispose();
  }
}

const words: Record<Phase, string> = {
  created: 'request → session created',
  scheduled: '→ pod has a node',
  'containers run': '→ containers run',
  'garden ready': '→ garden and terminal ready',
  'told ready': '→ the gateway says so',
  prompt: '→ prompt',
};

export async function measureStarts(release: Release, count: number): Promise<void> {
  const visitor = await release.visitor(1);
  const starts: Record<Phase, number>[] = [];
  for (let i = 0; i < count; i++) {
    starts.push(await startOnce(release, visitor));
    await endSession(visitor);
  }
  const figure = (what: string, values: number[]) => ({
    what,
    ours: `${ms(percentile(values, 50))} / ${ms(percentile(values, 95))}`,
  });
  // A phase may be seen late, beside one that follows it: the answer to the request crosses the watch.
  const stepOf = (start: Record<Phase, number>, index: number) => {
    const before = Math.max(0, ...phases.slice(0, index).map((phase) => start[phase]));
    return Math.max(0, start[phases[index]!] - before);
  };
  printFigures(`Cold start, ${count} sessions one after the other, images on the node, p50 / p95`, [
    ...phases.map((phase, index) =>
      figure(
        words[phase],
        starts.map((start) => stepOf(start, index)),
      ),
    ),
    figure(
      'all',
      starts.map(({ prompt }) => prompt),
    ),
  ]);
}
