// What the playground tells is what a real Prometheus takes: its metrics, the chart's alerts, and every query of the dashboard.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { listMetrics } from '../../scripts/observability-tables.ts';
import { startEmbeddedPlayground, type EmbeddedPlayground } from '../support/embedded-playground.ts';
import { openEvents } from '../support/event-reader.ts';
import { eventually } from '../support/eventually.ts';
import { dashboardQueries } from '../support/dashboard.ts';
import { Browser } from '../support/gateway-harness.ts';
import { promtool, startPrometheus, whyNoPrometheus, type Prometheus } from '../support/prometheus.ts';
import { attachShell } from '../support/shell.ts';

const ruleFile = fileURLToPath(new URL('../../charts/playground/files/rules.yaml', import.meta.url));
const startMs = 60_000;
const scrapeMs = 20_000;

// Panels about what does not happen in this visit.
const emptyPanels = new Set(['What kept sessions from starting', 'Watches opened again, by reason']);

describe('observability with a real Prometheus', function () {
  this.timeout(startMs * 2);
  const skipReason = whyNoPrometheus();
  if (skipReason) return void it.skip(`needs Prometheus: ${skipReason}`);

  let embedded: EmbeddedPlayground;
  let prometheus: Prometheus;
  let browser: Browser;

  /** A visit of which every part is counted twice, so that there are rates. */
  async function visit(): Promise<void> {
    await browser.signIn('vera-visitor');
    await browser.post('/api/session', { environment: 'lite' });
    const events = await openEvents(browser.url, { cookie: browser.cookieHeader });
    const isReady = () => events.events.some(({ data }) => (data as { state?: string }).state === 'ready');
    await eventually('a session', isReady, startMs);
    const shell = await attachShell(browser.socket('main'));
    shell.type('echo $((6 * 7))\r');
    await shell.waitFor('42');
    assert.equal((await browser.post('/api/session/round-trips', { milliseconds: [3, 40] })).status, 204);
    assert.equal((await new Browser(browser.url).ask('/api/session')).status, 401);
    shell.close();
    events.close();
    await browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url } });
    await eventually('its end', async () => (await browser.ask('/api/session')).status === 404, startMs);
    await browser.post('/logout', {});
  }

  before(async () => {
    embedded = await startEmbeddedPlayground();
    browser = new Browser(embedded.playground.ownUrl);
    await embedded.playground.ready;
    prometheus = await startPrometheus({ targets: [embedded.playground.metricsUrl], ruleFile });
    const valueOf = async (query: string) => (await prometheus.query(query))[0]?.value;
    await eventually('a leader is scraped', async () => (await valueOf('playground_leader')) === 1, scrapeMs);
    await visit();
    await eventually(
      'the visit is scraped',
      async () => (await valueOf('playground_sessions_ended_total')) === 1,
      scrapeMs,
    );
    await visit();
    // A session counts as ended when its pod is told to, and is one until that is gone.
    const isOver = async () =>
      (await valueOf('playground_sessions_ended_total')) === 2 && (await valueOf('sum(playground_sessions)')) === 0;
    await eventually('both are scraped', isOver, scrapeMs);
  });
  after(async () => {
    await prometheus?.dispose();
    await embedded?.dispose();
  });

  it('is scraped without a fault', async () => {
    const { activeTargets } = await prometheus.read<{ activeTargets: { health: string; lastError: string }[] }>(
      'targets',
    );
    assert.deepEqual(
      activeTargets.map(({ health, lastError }) => [health, lastError]),
      [['up', '']],
    );
  });

  it('has all its metrics in Prometheus, with type and help', async () => {
    const known = await prometheus.read<Record<string, { type: string; help: string }[]>>('metadata');
    for (const { name, type, help } of listMetrics()) assert.deepEqual(known[name], [{ type, help, unit: '' }], name);
  });

  it('says what happened in the visits', async () => {
    const valueOf = async (query: string) => (await prometheus.query(query)).map(({ value }) => value);
    assert.deepEqual(await valueOf('playground_sign_ins_total{result="ok"}'), [2]);
    assert.deepEqual(await valueOf('playground_session_start_duration_seconds_count{environment="lite"}'), [2]);
    assert.deepEqual(await valueOf('playground_sessions_ended_total{environment="lite",reason="visitor"}'), [2]);
    assert.deepEqual(await valueOf('playground_terminal_round_trip_seconds_count'), [4]);
    assert.deepEqual(
      await valueOf('playground_kubernetes_requests_total{verb="create",resource="pods",code="201"}'),
      [2],
    );
    assert.deepEqual(await valueOf('sum(playground_sessions)'), [0]);
    const phases = await prometheus.query('playground_session_start_phase_duration_seconds_count');
    assert.deepEqual(
      phases.map(({ labels, value }) => [labels['phase'], value]),
      [
        ['containers', 2],
        ['garden', 2],
        ['scheduling', 2],
      ],
    );
    const [bytes] = await valueOf('playground_terminal_bytes_total{direction="out"}');
    assert.ok((bytes ?? 0) > 100);
  });

  for (const { panel, query } of dashboardQueries())
    it(`answers the dashboard: ${panel}`, async () => {
      const samples = await prometheus.query(query);
      assert.equal(samples.length > 0, !emptyPanels.has(panel), query);
    });

  it('has loaded the alerts, and none of them is wrong about a playground that works', async () => {
    const isEvaluated = async () => {
      const { groups } = await prometheus.read<{ groups: { rules: { health: string }[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules).every(({ health }) => health === 'ok');
    };
    await eventually('every rule is evaluated', isEvaluated, scrapeMs);
    assert.deepEqual(await prometheus.query('ALERTS'), []);
  });

  it('writes its metrics as promtool wants them', async () => {
    const { text } = await browser.ask(embedded.playground.metricsUrl);
    const own = text
      .split('\n')
      .filter((line) => /^(# (HELP|TYPE) )?playground_/.test(line))
      .join('\n');
    const { status, stdout, stderr } = promtool(['check', 'metrics'], `${own}\n`);
    assert.deepEqual([status, stdout + stderr], [0, '']);
  });
});

describe("the chart's alerts", function () {
  const skipReason = whyNoPrometheus();
  if (skipReason) return void it.skip(`need promtool: ${skipReason}`);

  it('are rules', () => {
    const { status, stdout, stderr } = promtool(['check', 'rules', '--lint=all', '--lint-fatal', ruleFile]);
    assert.equal(status, 0, stdout + stderr);
  });

  it('fire when they should, and not before', () => {
    const { status, stdout, stderr } = promtool(['test', 'rules', 'test/integration/prometheus/rules-test.yaml']);
    assert.equal(status, 0, stdout + stderr);
  });
});
