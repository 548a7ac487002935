// The flows: active tasks, order, progress and description in every scenario, and the timeline of a create.
import assert from 'node:assert/strict';
import path from 'node:path';
import { loadFlowData, parseFlowData, type ScenarioName } from '../../../../server/gardenlet/flow/document.ts';
import {
  createFlow,
  deletion,
  describeFlow,
  progressOf,
  reconciliation,
  startable,
  timelineOf,
  type Flow,
  type Scenario,
} from '../../../../server/gardenlet/flow/graph.ts';

const data = loadFlowData(path.resolve('manifests/garden'));
const scenarios: Scenario[] = [
  'create',
  'createWorkerless',
  'reconcile',
  'reconcileWorkerless',
  'hibernate',
  'hibernateWorkerless',
  'wakeUp',
  'delete',
  'deleteWorkerless',
];
const timeline = (scenario: Scenario) =>
  timelineOf(createFlow(data.document, scenario), (id) => data.durationMs(id, scenario));

describe('gardenlet/flow/graph', () => {
  it('has as many active tasks as the data says', () => {
    for (const [name, { activeCount }] of Object.entries(data.document.flows))
      for (const [scenario, count] of Object.entries(activeCount)) {
        const flow = createFlow(data.document, scenario as ScenarioName);
        assert.equal(flow.tasks.length, count, scenario);
        assert.equal(flow.name, name);
      }
  });

  for (const scenario of scenarios) {
    it(`${scenario}: starts no task before what it waits for, and ends with all of them`, () => {
      const flow = createFlow(data.document, scenario);
      const ids = new Set(flow.tasks.map(({ id }) => id));
      const done = new Set<string>();
      for (let rounds = 0; done.size < flow.tasks.length; rounds++) {
        assert.ok(rounds <= flow.tasks.length, 'the flow stands still');
        const next = startable(flow, { done, running: new Set() });
        for (const { deps } of next)
          for (const dep of deps) assert.ok(ids.has(dep) && done.has(dep), `${dep} is not done`);
        for (const { id } of next) done.add(id);
      }
      assert.equal(progressOf(flow, { done, running: new Set() }), 100);
    });

    it(`${scenario}: progress only grows, from 0 to 100`, () => {
      const entries = timeline(scenario);
      assert.equal(entries[0]?.progress, 0);
      assert.equal(entries.at(-1)?.progress, 100);
      entries.forEach((entry, index) => {
        const before = entries[index - 1];
        assert.ok(!before || (entry.progress >= before.progress && entry.atMs > before.atMs), `at ${entry.atMs} ms`);
        assert.notEqual(entry.description, '');
      });
    });
  }

  it('keeps the order of the graph through tasks that are skipped', () => {
    const tasks = [
      { name: 'a', deps: [], activeIn: ['create' as const] },
      { name: 'b', deps: ['a'], activeIn: ['wakeUp' as const] },
      { name: 'c', deps: ['b'], activeIn: ['create' as const] },
    ];
    const { document } = parseFlowData(
      { flows: { [reconciliation]: { activeCount: {}, tasks } } },
      { defaultMs: 1, rules: [] },
    );
    assert.deepEqual(
      createFlow(document, 'create').tasks.map(({ id, deps }) => [id, deps]),
      [
        ['a', []],
        ['c', ['a']],
      ],
    );
  });

  it('refuses data with a circle, with an unknown task or a scenario without tasks', () => {
    const parse = (deps: Record<string, string[]>) =>
      parseFlowData(
        {
          flows: {
            [reconciliation]: {
              activeCount: {},
              tasks: Object.entries(deps).map(([name, of]) => ({ name, deps: of, activeIn: ['create'] })),
            },
          },
        },
        { defaultMs: 1, rules: [] },
      ).document;
    assert.throws(() => createFlow(parse({ a: ['b'], b: ['a'] }), 'create'), /circle: a → b → a/);
    assert.throws(() => parse({ a: ['nobody'] }), /waits for one that is not in its flow/);
    assert.throws(() => createFlow(parse({ a: [] }), 'wakeUp'), /no task for scenario wakeUp/);
  });

  it('describes itself as lastOperation does', () => {
    const flow: Flow = {
      name: 'Some flow',
      tasks: ['b', 'a', 'c'].map((id) => ({ id, name: id.toUpperCase(), deps: [] })),
    };
    const state = (done: string[], running: string[]) => ({ done: new Set(done), running: new Set(running) });
    assert.equal(describeFlow(flow, state([], ['a'])), 'Starting Some flow');
    assert.equal(describeFlow(flow, state(['c'], ['b', 'a'])), 'A, B');
    assert.equal(progressOf(flow, state(['c', 'a'], [])), 66);
    assert.equal(describeFlow(flow, state(['a', 'b', 'c'], [])), 'Some flow finished');
  });

  it('names tasks as hibernation does, and gives no machines to a workerless shoot', () => {
    const names = createFlow(data.document, 'hibernate').tasks.map(({ name }) => name);
    assert.ok(names.includes('Hibernating extension resources before kube-apiserver hibernation'));
    assert.ok(!names.includes('Deploying extension resources after kube-apiserver'));
    const workerless = createFlow(data.document, 'hibernateWorkerless').tasks.map(({ name }) => name);
    assert.ok(workerless.includes('Hibernating control plane'));
    assert.ok(!workerless.some((name) => /machine-controller-manager|worker pools|autoscaler/.test(name)));
    assert.equal(createFlow(data.document, 'deleteWorkerless').name, deletion);
  });

  it('gives a create the timeline of a real landscape', () => {
    const atSeconds = (progress: number) => timeline('create').find((entry) => entry.progress >= progress)!.atMs / 1000;
    const expected: [number, number, number][] = [
      [10, 2, 12],
      [25, 70, 100],
      [45, 95, 125],
      [75, 110, 140],
      [81, 120, 150],
      [86, 170, 220],
      [95, 215, 255],
      [100, 235, 290],
    ];
    for (const [progress, from, to] of expected) {
      const at = atSeconds(progress);
      assert.ok(at >= from && at <= to, `${progress} % at ${at} s`);
    }
  });
});
