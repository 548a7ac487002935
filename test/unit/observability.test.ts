// Tests of what is counted, and that dashboard, alerts and docs speak of nothing else.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { insertTables, listMetrics } from '../../scripts/observability-tables.ts';
import type { Audit } from '../../server/common/audit.ts';
import { createSilentLogger } from '../../server/common/log.ts';
import { createMetrics, type Metrics } from '../../server/common/metrics.ts';
import { countSessions, createKubernetesObserver, createSessionObserver } from '../../server/observability.ts';
import { readDashboard } from '../support/dashboard.ts';

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const readFileOf = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
const readRules = async () =>
  (parse(await readFileOf('charts/playground/files/rules.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );
const valuesOf = async (metric: {
  get(): Promise<{ values: { labels: object; value: number; metricName?: string }[] }>;
}) =>
  (await metric.get()).values
    .filter(({ metricName }) => !metricName || metricName.endsWith('_count'))
    .map(({ labels, value }) => [...Object.values(labels), value].join(' '));

describe('observability', () => {
  let metrics: Metrics;
  beforeEach(() => (metrics = createMetrics()));

  it('counts requests to the Kubernetes API by verb, resource and code, and times all but watches', async () => {
    const { onRequest, onWatchRestart } = createKubernetesObserver(metrics);
    onRequest({ verb: 'create', resource: 'pods', code: 201, durationMs: 12 });
    onRequest({ verb: 'watch', resource: 'pods', code: 200, durationMs: 5 });
    onRequest({ verb: 'get', resource: 'pods', code: 0, durationMs: 30_000 });
    onWatchRestart('pods', 'expired');
    assert.deepEqual(await valuesOf(metrics.kubernetesRequests), [
      'create pods 201 1',
      'watch pods 200 1',
      'get pods unreachable 1',
    ]);
    assert.deepEqual(await valuesOf(metrics.kubernetesRequestSeconds), ['create pods 1', 'get pods 1']);
    assert.deepEqual(await valuesOf(metrics.kubernetesWatchRestarts), ['pods expired 1']);
  });

  it('counts and records what becomes of a session', async () => {
    const records: object[] = [];
    const audit: Audit = { record: (event, values) => void records.push({ event, ...values }) };
    const observer = createSessionObserver({ metrics, audit, logger: createSilentLogger() });
    const facts = { session: 'uid-1', environment: 'lite', user: '7', login: 'ada' };
    const origin = { requestId: 'r-1', address: '192.0.2.1' };
    observer.onCreated(facts, origin);
    observer.onStartFailure(facts, { reason: 'ErrImagePull', message: 'no' });
    observer.onReady(facts, 3456, [{ phase: 'scheduling', durationMs: 1000 }]);
    observer.onEnded(facts, 'idle');
    assert.deepEqual(records, [
      { event: 'session-start', ...facts, ...origin },
      { event: 'session-ready', ...facts, seconds: 3.5 },
      { event: 'session-end', ...facts, reason: 'idle' },
    ]);
    assert.deepEqual(await valuesOf(metrics.sessionStartFailures), ['lite ErrImagePull 1']);
    assert.deepEqual(await valuesOf(metrics.sessionStartSeconds), ['lite 1']);
    assert.deepEqual(await valuesOf(metrics.sessionPhaseSeconds), ['lite scheduling 1']);
    assert.deepEqual(await valuesOf(metrics.sessionsEnded), ['lite idle 1']);
  });

  it('counts sessions by state, those of environments that are gone too, and says zero where there are none', () => {
    const sessions = [
      { environment: 'lite', state: 'ready' as const },
      { environment: 'lite', state: 'ready' as const },
      { environment: 'gone', state: 'failed' as const },
    ];
    const counts = countSessions(sessions, [{ name: 'lite' }, { name: 'garden' }]);
    assert.deepEqual(
      counts.filter(({ count }) => count > 0),
      [
        { environment: 'lite', state: 'ready', count: 2 },
        { environment: 'gone', state: 'failed', count: 1 },
      ],
    );
    assert.equal(counts.length, 12);
  });
});

describe('names of metrics', () => {
  const own = listMetrics();

  it('follow the conventions: unit in the name, counters end in _total, labels say what they are', () => {
    for (const { name, type, labels, help } of own) {
      assert.match(name, /^playground_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      if (type === 'histogram') assert.match(name, /_seconds$/, name);
      assert.ok(help.length > 20 && help.endsWith('.'), name);
      assert.ok(labels.length <= 3 && labels.every((label) => /^[a-z_]+$/.test(label)), name);
    }
  });

  /** Every series that a scrape can show: histograms have three, and there are those of Node and the process. */
  async function known(): Promise<Set<string>> {
    const usual = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
    const parts = own
      .filter(({ type }) => type === 'histogram')
      .flatMap(({ name }) => ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`));
    return new Set([...usual, ...own.filter(({ type }) => type !== 'histogram').map(({ name }) => name), ...parts]);
  }
  const namesIn = (query: string) => query.match(/\b(?:playground|nodejs|process)_[a-z_0-9]+/g) ?? [];

  it('are all that the dashboard asks for', async () => {
    const names = await known();
    for (const { title, targets = [] } of readDashboard().panels)
      for (const { expr } of targets) {
        assert.ok(namesIn(expr).length > 0, title);
        for (const name of namesIn(expr)) assert.ok(names.has(name), `${title}: ${name}`);
      }
  });

  it('are all that the alerts ask for', async () => {
    const names = await known();
    for (const { alert, expr } of await readRules()) {
      assert.ok(namesIn(expr).length > 0, alert);
      for (const name of namesIn(expr)) assert.ok(names.has(name), `${alert}: ${name}`);
    }
  });

  it('are all shown: each of our own metrics is in the dashboard', () => {
    const shown = readDashboard()
      .panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)))
      .map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    assert.deepEqual(
      own.map(({ name }) => name).filter((name) => !shown.includes(name)),
      [],
    );
  });

  it('are those of docs/observability.md (npx tsx scripts/observability-tables.ts --write mends it)', async () => {
    const page = await readFileOf('docs/observability.md');
    assert.equal(page, insertTables(page));
  });
});

describe('dashboard', () => {
  const { panels, templating, schemaVersion, uid } = readDashboard();
  const shown = panels.filter(({ type }) => type !== 'row');

  it('asks the data source that one chooses, and one namespace or all', () => {
    assert.deepEqual(
      templating.list.map(({ name, type }) => `${name} ${type}`),
      ['datasource datasource', 'namespace query'],
    );
    for (const { title, datasource, targets = [] } of shown) {
      assert.equal(datasource?.uid, '${datasource}', title);
      assert.ok(targets.length > 0, title);
      for (const target of targets) {
        assert.equal(target.datasource.uid, '${datasource}', title);
        const selectors = target.expr.match(/(?:playground|nodejs|process)_[a-z_0-9]+(\{[^}]*\})?/g) ?? [];
        for (const selector of selectors) assert.match(selector, /namespace=~"\$namespace"/, `${title}: ${selector}`);
      }
    }
    assert.ok(schemaVersion >= 36 && /^[a-z-]{1,40}$/.test(uid));
  });

  it('says of each panel what it shows, and in which unit', () => {
    for (const { title, description, fieldConfig } of shown) {
      assert.ok((description ?? '').length > 20, title);
      assert.ok(fieldConfig?.defaults.unit, title);
    }
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  });

  it('has panels side by side, none over another', () => {
    const cells = new Set<string>();
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of panels) {
      assert.ok(x >= 0 && x + w <= 24, title);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          assert.ok(!cells.has(`${column} ${line}`), title);
          cells.add(`${column} ${line}`);
        }
    }
  });
});

describe('alerts', () => {
  it('say how bad it is, what it means and where to look', async () => {
    const rules = await readRules();
    assert.ok(rules.length >= 7);
    for (const { alert, for: wait, labels, annotations } of rules) {
      assert.match(alert, /^Playground[A-Z]/);
      assert.match(wait, /^\d+m$/, alert);
      assert.match(labels['severity'] ?? '', /^(warning|critical)$/, alert);
      for (const name of ['summary', 'description', 'runbook'])
        assert.ok((annotations[name] ?? '').length > 15, `${alert}: ${name}`);
    }
  });

  it('name values of the chart and log lines that there are', async () => {
    const runbooks = (await readRules()).map(({ annotations }) => annotations['runbook']).join('\n');
    const sources = ['server/observability.ts', 'server/kube/leader.ts', 'charts/playground/values.yaml'];
    const texts = (await Promise.all(sources.map(readFileOf))).join('\n');
    const lines = [...runbooks.matchAll(/"([^"]+)"/g)].map(([, line]) => line ?? '');
    assert.ok(lines.length >= 3);
    for (const line of lines) assert.ok(texts.includes(line), line);
    const values = parse(await readFileOf('charts/playground/values.yaml')) as { networkPolicy: { gateway: object } };
    assert.ok(runbooks.includes('networkPolicy.gateway.metricsFrom') && 'metricsFrom' in values.networkPolicy.gateway);
  });
});
