// The playground as it is installed for the end-to-end tests: chart, stand-in for GitHub, ways in, a browser; and its end.
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { stringify } from 'yaml';
import { createAuthority, issueCertificate } from '../../../server/apiserver/index.ts';
import { AsyncDisposableStore, type AsyncDisposable } from '../../../server/common/lifecycle.ts';
import { orDiagnose } from './diagnostics.ts';
import { deployGitHub, type GitHubInCluster } from './github.ts';
import { githubNamespace, namespace, ownNamespaces, release, sessionNamespace } from './installed.ts';
import { listAll } from './inventory.ts';
import { watchRequests, type RequestRecord } from './requests.ts';
import { loadImages, openStage, root, type Stage } from './stage.ts';
import { createValues } from './values.ts';
import { launchFor, openVisitor, type Place, type Visitor } from './visitor.ts';
import { openFront, type Certificate } from './way-in.ts';

const host = 'playground.e2e.test';

export interface Scene extends AsyncDisposable {
  stage: Stage;
  place: Place;
  browser: Browser;
  github: GitHubInCluster;
  /** What was in the cluster before the chart was installed. */
  inventory: Set<string>;
  /** What the gateways have asked the API server for so far. */
  requests: RequestRecord;
  /** `helm upgrade` with these values on top; waits until all is as it should be. */
  upgrade(extra?: Record<string, unknown>): Promise<void>;
}

/** A visitor at the prompt, for what comes before tests. Shows the state of the cluster when that fails. */
export const enter = ({ stage, browser, place }: Scene, login: string): Promise<Visitor> =>
  orDiagnose(stage, ownNamespaces, () => openVisitor(browser, place, login));

async function createCertificate(): Promise<Certificate> {
  const nowMs = Date.now();
  const authority = await createAuthority({ commonName: 'e2e', nowMs });
  return issueCertificate(authority, { subject: { commonName: host }, usages: ['serverAuth'], hosts: [host], nowMs });
}

/** Removes what an earlier run left behind. */
async function clear(stage: Stage): Promise<void> {
  await stage.helm(`uninstall ${release} -n ${namespace} --ignore-not-found --wait`, { timeoutMs: 180_000 });
  await stage.kubectl(`delete namespace ${ownNamespaces.join(' ')} --ignore-not-found`, { timeoutMs: 180_000 });
}

/** Loads the images, installs the chart and opens the ways in. Throws with what failed; nothing stays then but for diagnosis. */
export async function openScene(ends: AsyncDisposableStore): Promise<Scene> {
  const stage = await openStage();
  ends.add({ dispose: () => stage.client.dispose() });
  await loadImages(stage);
  await clear(stage);
  const inventory = await listAll(stage);
  ends.add({ dispose: () => clear(stage) });
  const publicUrl = `https://${host}`;
  const github = await deployGitHub(stage, githubNamespace, publicUrl);
  const folder = await mkdtemp(path.join(tmpdir(), 'playground-e2e-'));
  ends.add({ dispose: () => rm(folder, { recursive: true, force: true }) });
  const helmArguments = `${release} ${path.join(root, 'charts/playground')} -n ${namespace} --wait --timeout 150s`;
  const values = await createValues({ stage, github, publicUrl, sessionNamespace });
  const upgrade = async (extra: Record<string, unknown> = {}) => {
    const file = path.join(folder, 'values.yaml');
    await writeFile(file, stringify({ ...values, ...extra }));
    await stage.helm(`upgrade --install --create-namespace ${helmArguments} -f ${file}`, { timeoutMs: 180_000 });
  };
  await upgrade();
  const requests = ends.add(watchRequests(stage));
  const service = { namespace, service: release, port: 80 };
  const front = ends.add(await openFront(stage, service, await createCertificate()));
  const githubFront = ends.add(await openFront(stage, { ...github }));
  const place: Place = { url: publicUrl, hosts: { [`${host}:443`]: front.port, [github.host]: githubFront.port } };
  const browser = await launchFor(place);
  ends.add({ dispose: () => browser.close() });
  return { stage, place, browser, github, inventory, requests, upgrade, dispose: () => ends.dispose() };
}
