// The chart's Grafana dashboard, as far as tests read it.
import { readFileSync } from 'node:fs';

export interface DashboardTarget {
  refId: string;
  expr: string;
  datasource: { type: string; uid: string };
}

export interface DashboardPanel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: DashboardTarget[];
}

export interface Dashboard {
  title: string;
  uid: string;
  schemaVersion: number;
  templating: { list: { name: string; type: string; query: unknown }[] };
  panels: DashboardPanel[];
}

export const readDashboard = (): Dashboard =>
  JSON.parse(
    readFileSync(new URL('../../charts/playground/files/dashboard.json', import.meta.url), 'utf8'),
  ) as Dashboard;

/** The queries of all panels, with Grafana's variables filled in. */
export const dashboardQueries = (): { panel: string; query: string }[] =>
  readDashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      query: expr.replaceAll('$namespace', '.*').replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h'),
    })),
  );
